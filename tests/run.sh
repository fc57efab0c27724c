#!/bin/sh
# Runs the C tests and the tests of the two programs; the last line counts all. Called by `make test` from the project's root.
log=$(mktemp)
./tests/test > "$log" 2>&1 || echo "tests/test: exit $?" >> "$log"
work=$(mktemp -d)
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md > "$work/example.c"
${CC:-cc} -O1 -I. -DT5PEFT_NO_MAIN t5peft.c "$work/example.c" -lm -o "$work/example" >> "$log" 2>&1
T5PEFT_EXAMPLE="$work/example" sh tests/cli.sh >> "$log" 2>&1 || echo "tests/cli.sh: exit $?" >> "$log"
sh tests/test_convert.sh "$PWD/t5peft-convert" "$PWD/tests/fixtures/convert" >> "$log" 2>&1 || echo "tests/test_convert.sh: exit $?" >> "$log"
sh tests/limits.sh >> "$log" 2>&1 || echo "tests/limits.sh: exit $?" >> "$log"
sh tests/runs.sh >> "$log" 2>&1 || echo "tests/runs.sh: exit $?" >> "$log"
./tests/faults 61 >> "$log" 2>&1 || echo "tests/faults: exit $?" >> "$log"
./tests/faults-convert 31 >> "$log" 2>&1 || echo "tests/faults-convert: exit $?" >> "$log"
# What the compiler may not do is refused; a copy may have another name, and lie in a folder with a space.
mkdir "$work/a b"
cp t5peft.c "$work/a b/copy.c"
cp t5peft.h "$work/a b"
built=0
if ${CC:-cc} -ffast-math -E t5peft.c 2>&1 > /dev/null | grep -q "without -ffast-math"; then built=$((built + 1)); else echo "FAIL -ffast-math is not refused" >> "$log"; fi
if ${CC:-cc} -E "$work/a b/copy.c" > /dev/null 2>> "$log"; then built=$((built + 1)); else echo "FAIL a copy of another name does not compile" >> "$log"; fi
# Installed from a folder of its own, where the library may be built quickly, into one with a space; then linked as others would.
mkdir "$work/source"
cp -R Makefile t5peft.c t5peft.h t5peft.1 convert demo "$work/source"
cp t5peft t5peft-convert "$work/source"
to=$work/a\ b/to/usr/local
if (cd "$work/source" && ${MAKE:-make} install CFLAGS="-O0 -DT5PEFT_PLAIN -pthread" DESTDIR="$work/a b/to") > "$work/said" 2>&1 &&
    [ -x "$to/bin/t5peft" ] && [ -s "$to/share/t5peft/model/config.json" ] && [ ! -e "$work/a" ]; then built=$((built + 1))
else echo "FAIL make install into a folder with a space" >> "$log"; tail -3 "$work/said" >> "$log"; fi
${CC:-cc} "$work/example.c" -I"$to/include" -L"$to/lib" -lt5peft -lm -pthread -o "$work/linked" 2>> "$log"
if LD_LIBRARY_PATH=$to/lib DYLD_LIBRARY_PATH=$to/lib "$work/linked" 2>&1 | grep -q "^example MODEL" &&
    grep -q "^Version: $("$to/bin/t5peft" --version | sed 's/.* //')$" "$to/lib/pkgconfig/t5peft.pc"; then built=$((built + 1))
else echo "FAIL a program linked with the installed library" >> "$log"; fi
# Each stop of the README's tour is there, and its change fits.
if sh tests/tour.sh --check >> "$log" 2>&1; then built=$((built + 1)); else echo "FAIL the tour" >> "$log"; fi
echo "$built passed, $((5 - built)) failed" >> "$log"
grep -v -E '^[0-9]+ passed, [0-9]+ failed$' "$log"
# A suite that died before its closing line counts as a failure.
awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; suites++ }
     END { failed += 8 - suites; printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$log"
status=$?
rm -rf "$log" "$work"
exit $status
