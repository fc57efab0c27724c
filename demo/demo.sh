#!/bin/sh
# make demo: the recipe on a small scale, in about a minute and without a download. The model of demo/model answers questions
# about a dialogue, then summarizes held-out ones as it is, after full tuning, LoRA and a soft prompt, each on the first 720
# training dialogues and with three seeds.
#
#     sh demo/demo.sh [SEEDS]        SEEDS "1 2 3" unless given; leaves demo/out/report.html
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-1 2 3}
out=demo/out
rows=50      # test dialogues that are summarized; more take longer
limit=720    # of the 1,200 training dialogues
shown=5      # this test dialogue is shown, with
questions="What is Oliver looking for?
Where did Oliver have it last?
Where should Oliver ask?"
mkdir -p $out

# Everything with one seed. The seeds run beside each other, with a thread each: that takes less time than all threads on one.
run_seed() {
    folder=$out/seed$1
    tune "$1" "every weight" instruct --method full --per-device-train-batch-size 2 --learning-rate 3e-4 --num-train-epochs 1
    tune "$1" "LoRA        " lora --method lora --target-modules all-linear --lora-r 4 --lora-alpha 16 --per-device-train-batch-size 4 \
        --learning-rate 3e-3 --num-train-epochs 1
    tune "$1" "soft prompt " prompt --method prompt --num-virtual-tokens 20 --per-device-train-batch-size 2 --learning-rate 0.3 \
        --num-train-epochs 1
    ./t5peft compare --quiet --threads 1 --model demo/model --instruct $folder/instruct --adapter $folder/lora --adapter $folder/prompt \
        --data demo/dialogues/test.csv --limit $rows --num-beams 4 --max-new-tokens 60 \
        --seed "$1" --out $folder > $folder/compare.txt
    echo "  seed $1  $rows test dialogues summarized four times"
}

# Prints the end of the line that train prints; a run that fails ends all.
tune() {
    seed=$1 method=$2 to=$folder/$3
    shift 3
    said=$(./t5peft train --quiet --threads 1 --model demo/model --data demo/dialogues/train.csv --limit $limit --dropout 0 --seed $seed --out $to "$@")
    echo "  seed $seed  $method  ${said##*: }"
}

# The dialogue of row $1 of the test set.
dialogue() {
    awk -v row="$1" '/^test_[0-9]+,/ { now = $0 ~ "^test_" row ","; if (now) sub(/^[^"]*"/, "") }
    now {
        end = index($0, "\",\"")
        if (end) $0 = substr($0, 1, end - 1)
        gsub(/""/, "\"")
        print
        if (end) exit
    }' demo/dialogues/test.csv
}

# What the model answers, without any tuning.
answer() { ./t5peft generate --quiet --model demo/model --max-new-tokens 60 --prompt "$1"'\n\n{dialogue}\n\n'"$2: " < $out/dialogue.txt; }

dialogue $shown > $out/dialogue.txt
echo "A dialogue of the test set:"
sed 's/^/  /' $out/dialogue.txt
echo "What the model knows of it before it is tuned (such questions it was trained on, summaries never):"
printf '%s\n' "$questions" | while read -r question; do echo "  $question  $(answer "$question" Answer)"; done
echo "  Summarize the following conversation.  $(answer "Summarize the following conversation." Summary)"
echo

echo "tuning on $limit dialogues, three ways, with the seeds $seeds"
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
