#!/bin/sh
# What `make MPI=1` promises, with each MPI that is installed (Debian: openmpi-bin libopenmpi-dev, mpich libmpich-dev): 1 to 4 ranks make the
# bytes of one process, also resumed by another number of ranks; what dies or is stopped ends whole. From the project's root, after make.
t5peft=$PWD/t5peft
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0
export T5PEFT_ISA=plain

ok() {
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL mpi, $mpi: $2 ($(head -c 300 err))"; fi
}
# ranks N COMMAND...: t5peft in N processes; each leaves its process number in pid.RANK, and takes --data other.csv where RANK is $other.
ranks() {
    n=$1
    shift
    "$mpirun" $flags -n "$n" sh ./rank.sh "$@"
}
same() { cmp -s "$1" "$2"; ok $? "$3"; }
tune() { echo train --model model --eval-data rows.csv --max-steps 3 --save-steps 1 --logging-steps 1 --lora-r 2 --num-virtual-tokens 4 --learning-rate 0.01 --threads 1 "$@"; }
lora=$(tune --method lora --data rows.csv --per-device-train-batch-size 20 --eval-rouge 3 --max-new-tokens 4)
prompt=$(tune --method prompt --data rows.csv --per-device-train-batch-size 10 --gradient-accumulation-steps 2)
full=$(tune --method full --data rows.csv --per-device-train-batch-size 20 --load-best-at-end)
longer="$(tune --method lora --data rows.csv --per-device-train-batch-size 20) --lr-scheduler-type constant --max-steps 500"
generate="generate --model model --adapter plain.lora --data rows.csv --max-new-tokens 12 --threads 1"
sweep="sweep --model model --data rows.csv --eval-data rows.csv --learning-rate 1e-3,3e-3,1e-2 --lora-r 2,4 --max-steps 27 --seeds 2 --eval-rouge 2 --max-new-tokens 4 --json --quiet --threads 1"
score="score --model model --adapter plain.lora --batch-size 3 --json --threads 1"

sh "$root/tests/tiny_model.sh" model
awk 'BEGIN { print "dialogue,summary"; for (i = 0; i < 20; i++) { printf "\"#Person1#: I have %d pears", i; for (k = 0; k < i * 7 % 11; k++) printf " and %d plums or nuts", k; printf ".\n#Person2#: Good.\",There are %d pears and %d nuts.\n", i, i * 7 % 11 } }' > rows.csv
sed 's/pears/plums/' rows.csv > other.csv
cat > rank.sh <<'END'
rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}
echo $$ > pid.$rank
[ "$rank" = "$other" ] && set -- "$@" --data other.csv
exec ./t5peft-mpi "$@"
END
for method in lora prompt full; do eval "\"$t5peft\" \$$method --out plain.$method --quiet > out 2> err" || { cat err; exit 1; }; done
"$t5peft" $generate --json > plain.greedy 2> err
"$t5peft" $generate --num-beams 3 --num-return-sequences 2 --batch-size 6 > plain.beams 2> err
"$t5peft" $score --data rows.csv > plain.score 2> err
"$t5peft" eval --model model --adapter plain.lora --data rows.csv --max-new-tokens 8 --threads 1 --json --out plain.csv > plain.eval 2> err
"$t5peft" compare --model model --adapter plain.lora --instruct plain.full --data rows.csv --max-new-tokens 6 --threads 1 --out plain.compare > out 2> err

"$t5peft" $sweep --out plain.sweep > plain.trials 2> err

# A run that is under way: waits until it has a checkpoint.
begin() {
    rm -rf o
    ranks 3 $longer --out o --quiet > out 2> err &
    job=$!
    for i in $(seq 600); do [ -e o/checkpoint-2 ] && break; sleep 0.1; done
}

train_test() {
    for n in 1 2 3 4; do
        for method in lora prompt; do
            rm -rf o
            eval "ranks $n \$$method --out o --quiet > out 2> err"
            ok $? "$method by $n ranks"
            for file in adapter_model.safetensors checkpoint-2/optimizer.safetensors adapter_config.json; do same plain.$method/$file o/$file "$method by $n ranks: $file"; done
        done
        # Gone on from step 1 by another number of ranks.
        rm -rf o/checkpoint-[23] o/adapter_model.safetensors
        ranks $((5 - n)) $prompt --out o --quiet --resume > out 2> err
        same plain.prompt/adapter_model.safetensors o/adapter_model.safetensors "begun by $n ranks, gone on by $((5 - n))"
    done
    for n in 2 4; do
        rm -rf o
        ranks $n $full --out o > out 2> err
        ok $? "every weight by $n ranks"
        grep -q "^seconds that ranks waited for others, from rank 0 on: [0-9.]*, [0-9.]*" err && grep -q '"waited": \[[0-9.]*, ' o/train_log.jsonl
        ok $? "says how long each of $n ranks waited"
        rm -rf o/checkpoint-[23]
        ranks $((n - 1)) $full --out o --resume > out 2> err
        paste plain.full/train_log.jsonl o/train_log.jsonl | awk '{ n = split($0, at, /"(loss|eval_loss)": /); for (i = 2; i <= 3; i++) { d = (at[i] + 0) / (at[i + 2] + 0) - 1; if (n != 5 || d > 1e-5 || d < -1e-5) bad = 1 } } END { exit bad || NR != 3 }'
        ok $? "every weight by $n ranks: losses within 1e-5"
    done
    # What only the last rank takes of a checkpoint is damaged too: all go on from the one before.
    rm -rf o/checkpoint-3
    file=o/checkpoint-2/optimizer.safetensors
    printf '\377\377\377\377' | dd of=$file bs=1 seek=$(($(wc -c < $file) - 4)) conv=notrunc 2> err
    ranks 2 $full --out o --resume > out 2> err && grep -q "passed over, since it is damaged: $file: .* holds nan or inf" err && grep -q "going on after step 1" err
    ok $? "a checkpoint whose last numbers are nan is passed over"
}

rows_test() {
    for n in 2 3 4; do
        ranks $n $generate --json > out 2> err
        same plain.greedy out "generate by $n ranks"
        ranks $n $generate --num-beams 3 --num-return-sequences 2 --batch-size 6 > out 2> err
        same plain.beams out "beams by $n ranks"
        ranks $n $score --data - < rows.csv > out 2> err
        same plain.score out "score of standard input by $n ranks"
    done
    ranks 3 eval --model model --adapter plain.lora --data rows.csv --max-new-tokens 8 --threads 1 --json --out o.csv > out 2> err
    same plain.eval out "eval" && same plain.csv o.csv "eval's rows"
    ranks 3 compare --model model --adapter plain.lora --instruct plain.full --data rows.csv --max-new-tokens 6 --threads 1 --out o.compare > out 2> err
    same plain.compare/results.csv o.compare/results.csv "compare" && [ -e o.compare/report.html ]
    ok $? "compare's report"
}

# Ranks take trials; what a rank that died has left is gone on from by another number of them.
sweep_same() {
    grep -v seconds plain.trials > want && grep -v seconds out | cmp -s - want
    ok $? "$1: what is said of its trials"
    bad=0
    for file in plain.sweep/*/adapter_model.safetensors plain.sweep/best/train_log.jsonl; do
        case $file in *.jsonl) [ -e "o/${file#*/}" ] ;; *) cmp -s "$file" "o/${file#*/}" ;; esac || bad=1
    done
    ok $bad "$1: the same bytes in every folder"
}
sweep_test() {
    for n in 2 3; do
        rm -rf o
        ranks $n $sweep --out o > out 2> err
        ok $? "a sweep by $n ranks"
        sweep_same "a sweep by $n ranks"
        [ -s o/report.html ]
        ok $? "its report"
    done
    rm -rf o
    ranks 3 $sweep --out o > out 2> err &
    job=$!
    for i in $(seq 600); do [ -e o/trial-2/rung-1.json ] && break; sleep 0.02; done
    kill -9 "$(cat pid.2)" 2> err
    wait $job
    [ $? != 0 ]
    ok $? "a rank of a sweep is killed"
    ranks 2 $sweep --out o > out 2> err
    sweep_same "a sweep whose rank was killed, gone on by others"
}

# mpirun has words of its own for the end of a job; t5peft has one line.
end_test() {
    ranks 3 train --model nowhere --data rows.csv --out o > out 2> err
    [ $? != 0 ] && [ "$(grep -c '^t5peft: ' err)" = 1 ] && grep -q '^t5peft: nowhere: no such folder' err
    ok $? "what ails all ranks is said once"
    ranks 2 tokenize --model model word > out 2> err
    [ $? != 0 ] && grep -q '^t5peft: tokenize: is for one process; start it without mpirun$' err
    ok $? "tokenize by two ranks"
    rm -rf o
    other=1 ranks 2 $lora --out o > out 2> err
    [ $? != 0 ] && [ "$(grep -c '^t5peft: ' err)" = 1 ] && grep -q '^t5peft: rank 1: rank 0 has read something else, or has other kernels (here: model .*, kernels plain)$' err
    ok $? "a rank with other rows"
    begin
    kill -9 "$(cat pid.1)"
    wait $job
    [ $? != 0 ]
    ok $? "a rank is killed"
    steps=$(ls -d o/checkpoint-*[0-9] | sed 's/.*-//' | sort -n | tail -1)
    ranks 2 $longer --max-steps $((steps + 1)) --out o --quiet --resume > out 2> err
    rm -rf whole
    "$t5peft" $longer --max-steps $((steps + 1)) --out whole --quiet > out 2>> err
    same whole/adapter_model.safetensors o/adapter_model.safetensors "gone on after a rank was killed"
    begin
    kill -TERM "$(cat pid.2)"
    wait $job
    status=$?
    [ $status = 130 ] && grep -q '^stopped after step [0-9]*; --resume goes on from o/checkpoint-' out && [ -e o/checkpoint-"$(sed -n 's/stopped after step \([0-9]*\);.*/\1/p' out)"/trainer_state.json ]
    ok $? "one rank is asked to stop: exit $status"
}

for mpi in openmpi mpich default; do
    mpirun=mpirun.$mpi mpicc=mpicc.$mpi
    [ $mpi = default ] && mpirun=mpirun mpicc=mpicc
    [ $mpi = default ] && [ -n "$tested" ] && continue
    command -v $mpirun > /dev/null && command -v $mpicc > /dev/null || { [ $mpi = default ] || echo "mpi: left out, as $mpirun or $mpicc is missing"; continue; }
    tested=1
    flags=
    "$mpirun" --version 2> /dev/null | grep -q "Open MPI\|OpenRTE" && flags="--oversubscribe"
    [ -n "$flags" ] && [ "$(id -u)" = 0 ] && flags="$flags --allow-run-as-root"
    "$mpicc" -std=c11 -O1 -Wall -Wextra -pedantic -DT5PEFT_PLAIN -DT5PEFT_MPI -pthread "$root/t5peft.c" -lm -o t5peft-mpi > err 2>&1 && [ ! -s err ]
    ok $? "builds without a warning"
    train_test
    rows_test
    sweep_test
    end_test
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
