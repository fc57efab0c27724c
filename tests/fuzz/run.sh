#!/bin/sh
# Fuzzes each reader for so many seconds, one after the other: sh tests/fuzz/run.sh SECONDS [READER...]. Called by `make fuzz`.
# A finding stays as tests/fuzz/found-READER-...; it becomes an input of the corpus and a test when it is mended.
span=$1
shift
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for reader in ${*:-$(ls tests/fuzz/corpus)}; do
    program=tests/fuzz/fuzz
    case $reader in zip | pickle | legacy | gguf | adapterbin) program=tests/fuzz/fuzz-convert ;; esac
    mkdir "$work/$reader"
    if FUZZ_READER=$reader $program -max_total_time="$span" -timeout=60 -rss_limit_mb=4096 -max_len=100000 -print_final_stats=1 -artifact_prefix="tests/fuzz/found-$reader-" \
        "$work/$reader" "tests/fuzz/corpus/$reader" > "$work/log" 2>&1; then
        echo "$reader: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") inputs, $(sed -n 's/.*cov: \([0-9]*\) .*/\1/p' "$work/log" | tail -1) edges"
    else
        status=1
        echo "$reader: FOUND"
        tail -40 "$work/log"
    fi
done
exit $status
