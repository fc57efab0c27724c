#!/bin/sh
# What estimate foretells beside what the finished run took, for each method and dtype: sh tests/estimate.sh MODEL DATA ROWS [train's options].
# Wants GNU time (/usr/bin/time -f). Time is only comparable on a machine that does nothing else.
model=$1 data=$2 rows=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '%-8s%-6s%12s%10s%9s%14s%12s%9s\n' method dtype "foretold s" "took s" "" "foretold MiB" "took MiB" ""
for way in "lora f32" "lora int8" "prompt f32" "prompt int8" "full f32"; do
    method=${way% *} dtype=${way#* }
    ./t5peft estimate --model "$model" --data "$data" --limit "$rows" --method "$method" --dtype "$dtype" --json --quiet "$@" > "$work/foretold" || exit
    rm -rf "$work/out"
    /usr/bin/time -f '%e %M' ./t5peft train --model "$model" --data "$data" --limit "$rows" --method "$method" --dtype "$dtype" --quiet \
        --out "$work/out" "$@" 2> "$work/took" > "$work/said" || exit
    { cat "$work/foretold"; tail -1 "$work/took"; } | awk -v method="$method" -v dtype="$dtype" '
        /^{/ { match($0, /"seconds": [0-9.]*/); s = substr($0, RSTART + 11, RLENGTH - 11); match($0, /"peak_bytes": [0-9]*/); m = substr($0, RSTART + 14, RLENGTH - 14) / 1048576 }
        /^[0-9]/ { printf "%-8s%-6s%12.1f%10.1f%+8.1f%%%14.1f%12.1f%+8.1f%%\n", method, dtype, s, $1, 100 * (s / $1 - 1), m, $2 / 1024, 100 * (m * 1024 / $2 - 1) }'
done
