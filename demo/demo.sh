#!/bin/sh
# make demo: the recipe on a small scale, in about a minute and without a download. The model of demo/model summarizes held-out
# dialogues as it is, then after full tuning, LoRA and a soft prompt, each on a tenth of the training set and with three seeds.
#
#     sh demo/demo.sh [SEEDS]        SEEDS "1 2 3" unless given; leaves demo/out/report.html
set -eu
cd "$(dirname "$0")/.."
seeds=${1:-1 2 3}
out=demo/out
rows=60      # test dialogues that are summarized; more take longer
subset=1/10  # of the 1,200 training dialogues
tune="./t5peft train --quiet --model demo/model --data demo/dialogues/train.csv --subset $subset --dropout 0"
mkdir -p $out

# Tunes, and prints the end of the line that train prints; a run that fails ends all.
tuned() {
    said=$($tune "$@")
    echo "${said##*: }"
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

: > $out/scores.txt
for seed in $seeds; do
    folder=$out/seed$seed
    echo "seed $seed: tuning on 120 dialogues"
    printf '  every weight  '
    tuned --method full --learning-rate 7e-4 --num-train-epochs 4 --seed $seed --out $folder/instruct
    printf '  LoRA          '
    tuned --method lora --target-modules all-linear --lora-r 8 --lora-alpha 32 --learning-rate 2e-3 --num-train-epochs 4 --seed $seed --out $folder/lora
    printf '  soft prompt   '
    tuned --method prompt --num-virtual-tokens 20 --learning-rate 0.1 --num-train-epochs 3 --seed $seed --out $folder/prompt
    printf '  summarizing %d test dialogues four times\n' $rows
    ./t5peft compare --quiet --model demo/model --instruct $folder/instruct --adapter $folder/lora --adapter $folder/prompt \
        --data demo/dialogues/test.csv --limit $rows --max-new-tokens 60 --seed $seed --out $folder > $folder/compare.txt
    sed '/^$/q' $folder/compare.txt | grep '%\|[0-9]\.[0-9]' >> $out/scores.txt
done

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
