#!/bin/sh
# make coverage: the share of t5peft.c's and convert.c's lines that make test runs, over all kernel sets that this machine runs, and
# the lines that it does not. Works in a copy; wants gcc and gcov. Fails under LEAST percent (95).
least=${LEAST:-95}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar c --exclude .git --exclude .parity-venv --exclude demo/out . | tar x -C "$work"
cd "$work" || exit 1
rm -f t5peft t5peft-convert tests/test tests/faults tests/faults-convert
make -s CC=gcc CFLAGS="-O1 -g --coverage -fprofile-update=atomic -pthread" test 2> make.err | tail -1
# Each program has counts of its own for the same source; a line is run when any of them ran it.
find . -name '*.gcda' | while read -r counts; do gcov --stdout "$counts" 2> /dev/null; done > all.gcov
awk -F: -v least="$least" '
    $3 == "Source" { n = split($4, part, "/"); file = part[n]; next }
    file != "t5peft.c" && file != "convert.c" { next }
    { count = $1; gsub(/[ *]/, "", count); line = $2 + 0 }
    line == 0 || count == "-" { next }
    { known[file, line] = 1; if (count !~ /^[#=]/) run[file, line] = 1; else text[file, line] = $0 }
    END {
        for (key in known) {
            split(key, at, SUBSEP)
            all[at[1]]++
            if (key in run) good[at[1]]++
            else { sub(/^[^:]*:[^:]*:/, "", text[key]); print at[1] ":" at[2] ":" text[key] > "missed" }
        }
        for (file in all) { printf "%s: %.2f %% of %d lines\n", file, 100 * good[file] / all[file], all[file]; if (100 * good[file] < least * all[file]) low = 1 }
        exit low
    }' all.gcov
status=$?
[ -n "$MISSED" ] && sort -t: -k1,1 -k2,2n missed > "$MISSED"
exit $status
