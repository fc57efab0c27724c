#!/bin/sh
# Makes demo/model again, from nothing but demo/model/spiece.model: sh demo/train.sh FOLDER, which is left with the model in
# FOLDER/model. The same bytes come out whatever the number of threads. README.md tells how spiece.model was made.
set -eu
[ $# = 1 ] || { echo "usage: sh demo/train.sh FOLDER" >&2; exit 2; }
cd "$(dirname "$0")/.."
make -s t5peft t5peft-convert
w=$1
mkdir -p "$w/base"
cp demo/model/spiece.model "$w/base"
for program in make_dialogues make_drills make_model; do
    ${CC:-cc} -std=c11 -O2 -pthread demo/$program.c -lm -o "$w/$program"
done
tune="./t5peft train --prompt {source} --source-column source --target-column target --method full --dropout 0
      --per-device-train-batch-size 32 --learning-rate 2e-3 --warmup-steps 50 --logging-steps 50 --seed 42"

# Random weights, with the heads that copying takes in their places.
"$w/make_model" "$w/base"

# 1. Copying lines of random pieces.
"$w/make_drills" "$w/base/spiece.model" 20000 "$w/drills.csv"
$tune --model "$w/base" --data "$w/drills.csv" --lr-scheduler-type cosine --max-steps 400 --out "$w/drilled"

# 2. Reading short dialogues: mostly questions, several at once.
"$w/make_dialogues" --seed 2 --longest 500 --kinds questions:40,question:10,report_role:12,report_turn:6,report_line:10,gap:5,reply:5,repeat:3,who_says:2,true_or_false:2,restore:5 --tasks 60000 "$w/short.csv"
"$w/make_drills" "$w/base/spiece.model" 5000 "$w/few.csv"
tail -n +2 "$w/few.csv" >> "$w/short.csv"
$tune --model "$w/drilled" --data "$w/short.csv" --lr-scheduler-type constant_with_warmup --max-steps 2000 --out "$w/reader"

# 3. All kinds of tasks, dialogues of all lengths, with a falling learning rate.
"$w/make_dialogues" --seed 3 --longest 800 --kinds questions:30,question:8,report_role:12,report_turn:5,report_line:8,gap:4,reply:4,repeat:3,topic:3,true_or_false:3,who_says:2,speakers:1,list:1,count:1,order:1,sort:1,next_line:1,restore:7,person:4,story_restore:2,story_continue:2,words:1 --tasks 52000 "$w/all.csv"
$tune --model "$w/reader" --data "$w/all.csv" --lr-scheduler-type cosine --max-steps 1600 --out "$w/third"

# 4. The same again, with more reports.
"$w/make_dialogues" --seed 4 --longest 800 --kinds questions:22,question:12,report_role:20,report_turn:8,report_line:7,gap:4,reply:4,repeat:3,topic:3,true_or_false:3,who_says:1,speakers:1,list:1,count:1,order:1,sort:1,next_line:1,restore:7,person:4,story_restore:2,story_continue:2,words:1 --tasks 52000 "$w/more.csv"
$tune --model "$w/third" --data "$w/more.csv" --lr-scheduler-type cosine --max-steps 1600 --out "$w/trained"

./t5peft-convert "$w/trained" "$w/model" --dtype bf16
