#!/bin/sh
# make torture: what make test does a part of. Every fault and every kill of tests/faults.c under the sanitizers; 210 kills at random
# moments of whole runs, each gone on from to the undisturbed bytes; a line of 1 GB. KILLS=N makes it N for each of three methods.
kills=${KILLS:-70}
t5peft=$PWD/t5peft
demo=$PWD/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

sanitized() { gcc -std=c11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Wno-psabi -pthread "$@" -lm; }
sanitized tests/faults.c -o "$work/faults" && sanitized -DCONVERT tests/faults.c -o "$work/faults-convert" || exit 1
export ASAN_OPTIONS=handle_sigbus=0:detect_leaks=0  # the program's own handler is tested; tests/faults.c counts what is given back
for program in faults faults-convert; do
    "$work/$program" "${EVERY:-1}" || { echo "FAIL torture: $program, exit $? (what it said is in the folder that it left)"; status=1; }
done

cd "$work" || exit 1
for method in lora prompt full; do
    set -- --model "$demo/model" --data "$demo/dialogues/train.csv" --method $method --limit 24 --max-steps 12 --save-steps 2 --save-total-limit 2 --quiet --threads 1 \
        --per-device-train-batch-size 2 --max-source-length 48 --max-target-length 16 --lora-r 4 --num-virtual-tokens 8 --logging-steps 1
    result=adapter_model.safetensors
    [ $method = full ] && result=model.safetensors
    "$t5peft" train "$@" --out whole > log 2>&1 || exit 1
    n=0 same=0 runs=0
    while [ $n -lt "$kills" ]; do
        rm -rf out
        runs=$((runs + 1))
        for resume in "" --resume --resume; do
            # at a random moment of up to two seconds; --foreground waits for the end of what it kills
            moment=$(awk -v seed=$n$runs$resume 'BEGIN { srand(seed + length(seed) * 7919); printf "%.3f", 0.01 + 2 * rand() * rand() }')
            timeout --foreground -s KILL "$moment" "$t5peft" train "$@" --out out $resume > log 2>&1
            [ $? = 137 ] && n=$((n + 1))
        done
        "$t5peft" train "$@" --out out --resume > log 2>&1 || cat log
        if cmp -s whole/$result out/$result && ! ls -R out | grep -q part; then same=$((same + 1)); else
            status=1
            echo "FAIL torture: $method, run $runs: $(ls out | tr '\n' ' ')"
        fi
    done
    echo "$method: $n kills in $runs runs, $same of which ended with the undisturbed bytes and no wreckage"
    rm -rf whole out
done

awk 'BEGIN { printf "dialogue,summary\n"; for (i = 0; i < 83333333; i++) printf "hello there "; print ",x" }' > line.csv
if "$t5peft" score --model "$demo/model" --data line.csv --quiet > log 2> err && [ "$(wc -l < log)" -eq 2 ]; then echo "a line of 1 GB is read"; else
    status=1
    echo "FAIL torture: a line of 1 GB: $(cat err)"
fi
exit $status
