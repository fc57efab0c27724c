#!/bin/sh
# make matrix: builds t5peft for every target whose compiler is here, runs it there or under an emulator, and prints one table:
# seconds to build, size, the C tests, the loss after three steps. Losses agree to 1e-5 everywhere; the adapter and the tokens are the same
# bytes wherever there are 64 bits, little-endian (and turn out so elsewhere too). Words choose targets by a part of their name:
#   sh tests/matrix.sh gcc s390x
# MATRIX_SECONDS: no target is begun after as many.
# "full" runs every C test; "core" those that an emulator gets through in a minute, without kernels, model and training, which the
# three steps and a generation then stand for; "link" only compiles and links.
cd "$(dirname "$0")/.." || exit 1
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
missing=""
export NODE_PATH="${NODE_PATH:-/usr/share/nodejs}" WINEDEBUG=-all WINEPREFIX="${WINEPREFIX:-$work/wine}" T5PEFT_ISA=plain
zig=$(command -v zig || command -v python-zig)

# A tiny model and rows to train it on.
sh tests/tiny_model.sh "$work/model"
awk 'BEGIN { print "dialogue,summary"; for (i = 0; i < 12; i++) printf "\"I have %d pears, \"\"ripe\"\" ones.\nGood.\",There are %d pears.\n", i, i }' > "$work/data.csv"

now() { date +%s.%N; }
row() { printf '| %-34s | %-22s | %7s | %9s | %-22s | %-12s | %s |\n' "$@"; }

# version COMMAND...: its name and the first number with a point that it says of itself
version() { echo "${1##*/} $("$@" --version 2> /dev/null | grep -oE '[0-9]+(\.[0-9]+)+|[0-9]+-(win32|posix)' | head -1)"; }

# three PROGRAM...: trains and generates with it; leaves loss, bytes and tokens in $loss, $bytes, $tokens
three() {
    rm -rf "$work/out"
    (cd "$work" && "$@" train --model model --data data.csv --method lora --lora-r 4 --max-steps 3 --out out --json --quiet) > "$work/train" 2> "$work/err"
    loss=$(sed -n 's/.*"train_loss": \([0-9.]*\).*/\1/p' "$work/train")
    bytes=$(cksum < "$work/out/adapter_model.safetensors" 2> /dev/null)
    tokens=$("$@" generate --model demo/model --max-new-tokens 6 --json --quiet "Where shall we meet? At the station, at six." 2>> "$work/err" | sed 's/.*"tokens"/"tokens"/' | tr -d '\r')
}

# target NAME TOOL PACKAGE TESTS RUNNER BYTES COMMAND...: COMMAND compiles what is named after it; BYTES: "same" or "near"
target() {
    name=$1 tool=$2 package=$3 tests=$4 runner=$5 same=$6
    shift 6
    case "$chosen$name" in "$name"|*"this machine"*) ;; *) for word in $chosen; do case "$name" in *"$word"*) word=; break;; esac; done; [ -z "$word" ] || return 0;;
    esac
    if [ $(($(date +%s) - started)) -gt "${MATRIX_SECONDS:-1000000}" ]; then missing="$missing  $name: no time was left
"; return 0; fi
    if ! command -v "$tool" > /dev/null 2>&1; then missing="$missing  $name: $package
"; return 0; fi
    case "$runner" in ""|link) ;; *) command -v "${runner%% *}" > /dev/null 2>&1 || { missing="$missing  $name, to run it: $package
"; return 0; };; esac
    case "$name" in Windows*) end=.exe;; WebAssembly*) end=.js;; *) end=;; esac
    program=$work/program$end
    rm -f "$work"/program* "$work"/test*
    began=$(now)
    if ! "$@" t5peft.c -lm -o "$program" > "$work/err" 2>&1; then
        row "$name" "$(version "$1")" "" "" "does not build" "" ""
        head -5 "$work/err"
        failed=$((failed + 1))
        return 0
    fi
    took=$(echo "$began $(now)" | awk '{ printf "%.1f", $2 - $1 }')
    size=$(cat "$work"/program* | wc -c | awk '{ printf "%.2f MB", $1 / 1e6 }')
    if [ "$runner" = link ]; then
        row "$name" "$(version "$@")" "$took" "$size" "linked, not run" "" ""
        return 0
    fi
    count="-"
    words=core options="-O1 -DT5PEFT_PLAIN"  # core tests know no kernels, so they compile the sooner
    [ "$tests" = full ] && words= options=
    if [ "$tests" != none ]; then
        if "$@" $options -Wno-psabi tests/test.c -lm -o "$work/test$end" > "$work/err" 2>&1; then count="$tests: $($runner "$work/test$end" $words 2>&1 | tail -1 | tr -d '\r')"; else count="$tests: do not build"; fi
        case "$count" in *" passed, 0 failed") ;; *) failed=$((failed + 1)); head -3 "$work/err";; esac
    fi
    three $runner "$program"
    [ -n "$reference" ] || { reference=$loss reference_bytes=$bytes reference_tokens=$tokens; }
    verdict=$(echo "${loss:-0} $reference" | awk '{ d = $1 - $2; print d * d <= 1e-10 ? "near" : "FAILED" }')
    [ "$bytes" = "$reference_bytes" ] && [ "$tokens" = "$reference_tokens" ] && verdict=same
    [ "$tokens" = "$reference_tokens" ] && [ -n "$tokens" ] || verdict="FAILED"
    [ $verdict = near ] && [ "$same" = same ] && verdict="FAILED: other bytes"
    case $verdict in FAILED*) failed=$((failed + 1)); head -3 "$work/err";; esac
    row "$name" "$(version "$@")" "$took" "$size" "$count" "$loss" "$verdict"
}

chosen=$*
started=$(date +%s)
reference=
row target compiler seconds size "C tests" loss bytes
echo "|---|---|---|---|---|---|---|"
target "this machine, as in the README" cc "apt-get install gcc" full "" same cc -O2 -Wno-psabi
for flags in "-std=c11 -O2 -Wno-psabi" "-std=c2x -O3 -march=native" "-Os" "-O2 -flto"; do target "gcc $flags" gcc "apt-get install gcc" full "" same gcc $flags; done
target "gcc -O0" gcc "apt-get install gcc" core "" same gcc -O0
target "gcc -DT5PEFT_PLAIN" gcc "apt-get install gcc" full "" same gcc -O2 -DT5PEFT_PLAIN
target "gcc -fopenmp" gcc "apt-get install gcc" full "" same gcc -O2 -fopenmp
target "gcc-11" gcc-11 "apt-get install gcc-11" core "" same gcc-11 -O2
for clang in clang clang-19; do
    target "$clang -std=c11" $clang "apt-get install $clang" full "" same $clang -std=c11 -O2
    target "$clang -O3 -march=native" $clang "apt-get install $clang" full "" same $clang -O3 -march=native
done
target "clang -fopenmp" clang "apt-get install clang libomp-dev" core "" same clang -O2 -fopenmp
target "tcc" tcc "apt-get install tcc" core "" same tcc -w
target "musl, static" musl-gcc "apt-get install musl-tools" full "" same musl-gcc -static -O2
target "i386" i686-linux-gnu-gcc "apt-get install gcc-i686-linux-gnu libc6-dev-i386-cross" full "" near i686-linux-gnu-gcc -static -O2
target "i386, SSE2" i686-linux-gnu-gcc "apt-get install gcc-i686-linux-gnu libc6-dev-i386-cross" core "" near i686-linux-gnu-gcc -static -O2 -msse2 -mfpmath=sse
emulated() { target "$1" $2-gcc "apt-get install gcc-$3 libc6-dev-$4-cross qemu-user" core "qemu-$1" $5 $2-gcc -static -O2; }
emulated aarch64 aarch64-linux-gnu aarch64-linux-gnu arm64 same
emulated riscv64 riscv64-linux-gnu riscv64-linux-gnu riscv64 same
emulated ppc64le powerpc64le-linux-gnu powerpc64le-linux-gnu ppc64el same
emulated s390x s390x-linux-gnu s390x-linux-gnu s390x near
emulated arm arm-linux-gnueabihf arm-linux-gnueabihf armhf near
target "Windows x86_64" x86_64-w64-mingw32-gcc "apt-get install gcc-mingw-w64-x86-64 wine64" full wine same x86_64-w64-mingw32-gcc -O2
target "WebAssembly" emcc "apt-get install emscripten nodejs node-acorn" core "node --no-experimental-fetch" near emcc -O2 -DT5PEFT_PLAIN -sALLOW_MEMORY_GROWTH -sNODERAWFS -sEXIT_RUNTIME
for t in aarch64-macos x86_64-macos x86_64-freebsd x86_64-netbsd aarch64-windows-gnu; do
    target "$t" "${zig:-zig}" "pip install ziglang" none link "" "${zig:-zig}" cc -target $t -O2
done

# C++ reads the header: the README's program, compiled as C++, tunes the model above.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md > "$work/example.cpp"
for cxx in g++ clang++; do
    case " $chosen " in "  "|*" $cxx "*) ;; *) continue;; esac
    command -v $cxx > /dev/null || { missing="$missing  $cxx: apt-get install $cxx
"; continue; }
    cc -O1 -DT5PEFT_NO_MAIN -DT5PEFT_PLAIN -c t5peft.c -o "$work/t5peft.o" && $cxx -Wall -Wextra -I. "$work/example.cpp" "$work/t5peft.o" -lm -o "$work/example" &&
        said=$("$work/example" "$work/model" "$work/data.csv" "$work/example-out" | tail -1) || { failed=$((failed + 1)); said=FAILED; }
    row "$cxx, the header" "$(version $cxx)" "" "" "the README's program" "${said##*: }" ""
done
[ -z "$missing" ] || printf 'left out (a compiler or emulator that is not here, and how to get it):\n%s' "$missing"
[ $failed = 0 ] || echo "$failed failed"
test $failed = 0
