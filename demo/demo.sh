#!/bin/sh
# make demo: the recipe on a small scale, in less than a minute and without a download. The model of demo/model summarizes held-out
# dialogues as it is, then after full tuning, LoRA and a soft prompt, each on a tenth of the training set and with three seeds.
#
#     sh demo/demo.sh [SEEDS]        SEEDS "1 2 3" unless given; leaves demo/out/report.html
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-1 2 3}
out=demo/out
rows=60      # test dialogues that are summarized; more take longer
subset=1/10  # of the 1,200 training dialogues
mkdir -p $out

# Everything with one seed. The seeds run beside each other, with a thread each: that takes less time than all threads on one.
run_seed() {
    folder=$out/seed$1
    tune "$1" "every weight" instruct --method full --per-device-train-batch-size 4 --learning-rate 7e-4 --num-train-epochs 4
    tune "$1" "LoRA        " lora --method lora --target-modules all-linear --lora-r 4 --lora-alpha 16 --per-device-train-batch-size 4 \
        --learning-rate 3e-3 --num-train-epochs 2
    tune "$1" "soft prompt " prompt --method prompt --num-virtual-tokens 20 --per-device-train-batch-size 2 --learning-rate 0.06 --num-train-epochs 1
    ./t5peft compare --quiet --threads 1 --model demo/model --instruct $folder/instruct --adapter $folder/lora --adapter $folder/prompt \
        --data demo/dialogues/test.csv --limit $rows --max-new-tokens 60 --seed "$1" --out $folder > $folder/compare.txt
    echo "  seed $1  $rows test dialogues summarized four times"
}

# Prints the end of the line that train prints; a run that fails ends all.
tune() {
    seed=$1 method=$2 to=$folder/$3
    shift 3
    said=$(./t5peft train --quiet --threads 1 --model demo/model --data demo/dialogues/train.csv --subset $subset --dropout 0 --seed $seed --out $to "$@")
    echo "  seed $seed  $method  ${said##*: }"
}

echo "A dialogue of the test set:"
awk 'NR > 1 {
    if (NR == 2) sub(/^[^"]*"/, "")
    end = index($0, "\",\"")
    if (end) $0 = substr($0, 1, end - 1)
    gsub(/""/, "\"")
    print
    if (end) exit
}' demo/dialogues/test.csv > $out/dialogue.txt
sed 's/^/  /' $out/dialogue.txt
echo "What the model makes of it before it is tuned:"
./t5peft generate --quiet --model demo/model --max-new-tokens 60 < $out/dialogue.txt | sed 's/^/  /'
echo

echo "tuning on 120 dialogues, three ways, with the seeds $seeds"
runs= failed=
for seed in $seeds; do
    (run_seed $seed) &
    runs="$runs $!"
done
for run in $runs; do wait $run || failed=1; done
[ -z "$failed" ]
for seed in $seeds; do sed '/^$/q' $out/seed$seed/compare.txt | grep '%\|[0-9]\.[0-9]'; done > $out/scores.txt
echo

first=$out/seed${seeds%% *}
cp $first/report.html $first/results.csv $out
sed -n '/^---- /,$p' $first/compare.txt | grep -v '^written'
echo "ROUGE over $(echo $seeds | wc -w | tr -d ' ') seeds, $rows test dialogues: mean (lowest to highest)"
awk '{
    gsub(/,/, "", $6)
    if (!($1 in n)) order[++methods] = $1
    n[$1]++
    trained[$1] = $6
    for (i = 2; i <= 4; i++) {
        sum[$1, i] += $i
        if (n[$1] == 1 || $i < low[$1, i]) low[$1, i] = $i
        if (n[$1] == 1 || $i > high[$1, i]) high[$1, i] = $i
    }
}
END {
    printf "%-10s %-23s %-23s %-23s %s\n", "", "ROUGE-1", "ROUGE-2", "ROUGE-L", "trained"
    for (k = 1; k <= methods; k++) {
        m = order[k]
        printf "%-10s", m
        for (i = 2; i <= 4; i++) printf " %.3f (%.3f to %.3f) ", sum[m, i] / n[m], low[m, i], high[m, i]
        printf " %d\n", trained[m]
    }
}' $out/scores.txt
echo
echo "$out/report.html has the scores with their intervals, the training curves and the samples of seed ${seeds%% *}."
