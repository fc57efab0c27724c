#!/bin/sh
# Makes demo/model again, from nothing but demo/model/spiece.model: sh demo/train.sh FOLDER, which is left with the model in
# FOLDER/model. README.md tells how spiece.model was made, and why the committed model is not this one to the byte.
set -eu
[ $# = 1 ] || { echo "usage: sh demo/train.sh FOLDER" >&2; exit 2; }
cd "$(dirname "$0")/.."
make -s t5peft t5peft-convert
w=$1
mkdir -p "$w/base"
cp demo/model/spiece.model "$w/base"
for program in make_tasks make_drills make_model; do
    ${CC:-cc} -std=c11 -O2 -pthread demo/$program.c -lm -o "$w/$program"
done
tune="./t5peft train --prompt {source} --source-column source --target-column target --method full --dtype bf16 --dropout 0
      --per-device-train-batch-size 32 --warmup-steps 50 --logging-steps 50 --seed 42"

# Random weights, with the heads that copying takes in their places.
"$w/make_model" "$w/base"

# 1. Copying lines of random pieces.
"$w/make_drills" "$w/base/spiece.model" 0 20000 "$w/one.csv"
$tune --model "$w/base" --data "$w/one.csv" --learning-rate 2e-3 --lr-scheduler-type cosine --max-steps 400 --out "$w/drilled"

# 2. Reading: all kinds of tasks over dialogues, and copying still.
"$w/make_drills" "$w/base/spiece.model" 20000 20000 "$w/drills.csv"
"$w/make_tasks" --seed 2 --tasks 90000 "$w/two.csv" \
    --kinds question:22,questions:20,sentence:12,report_line:12,report_role:8,topic:4,name:8,line:12,odd:2
tail -n +2 "$w/drills.csv" >> "$w/two.csv"
$tune --model "$w/drilled" --data "$w/two.csv" --learning-rate 1e-3 --lr-scheduler-type constant_with_warmup --max-steps 1600 \
    --out "$w/reader"

# 3. Mostly questions.
"$w/make_drills" "$w/base/spiece.model" 20000 15000 "$w/drills.csv"
"$w/make_tasks" --seed 3 --tasks 300000 "$w/three.csv" \
    --kinds question:30,questions:25,sentence:20,report_role:10,report_line:2,topic:4,name:4,line:1,restore:1,odd:3
tail -n +2 "$w/drills.csv" >> "$w/three.csv"
$tune --model "$w/reader" --data "$w/three.csv" --learning-rate 1e-3 --lr-scheduler-type constant_with_warmup --max-steps 2263 \
    --out "$w/third"

# 4 to 6. Single questions and sentences, while the rate falls.
"$w/make_tasks" --seed 5 --kinds question:44,questions:20,sentence:20,report_role:2,topic:4,name:5,line:2,odd:3 --tasks 90000 "$w/four.csv"
$tune --model "$w/third" --data "$w/four.csv" --learning-rate 1e-3 --lr-scheduler-type linear --max-steps 2250 --out "$w/fourth"
"$w/make_tasks" --seed 6 --kinds question:54,questions:8,sentence:22,report_role:2,topic:4,name:5,line:2,odd:3 --tasks 50000 "$w/five.csv"
$tune --model "$w/fourth" --data "$w/five.csv" --learning-rate 6e-4 --lr-scheduler-type linear --max-steps 1250 --out "$w/fifth"
"$w/make_tasks" --seed 7 --tasks 50000 "$w/six.csv"
$tune --model "$w/fifth" --data "$w/six.csv" --learning-rate 4e-4 --lr-scheduler-type linear --max-steps 1150 --out "$w/trained"

# 7 and 8. Unknown words that begin alike, then more of several sentences.
"$w/make_tasks" --seed 21 --kinds question:38,sentence:42,questions:4,report_role:6,topic:3,name:4,line:1,odd:3 --tasks 120000 "$w/seven.csv"
$tune --model "$w/trained" --data "$w/seven.csv" --learning-rate 4e-4 --lr-scheduler-type linear --max-steps 3500 --out "$w/seventh"
"$w/make_tasks" --seed 22 --kinds question:32,sentence:38,questions:3,report_role:16,topic:3,name:4,line:1,odd:3 --tasks 70000 "$w/eight.csv"
$tune --model "$w/seventh" --data "$w/eight.csv" --learning-rate 2e-4 --lr-scheduler-type linear --max-steps 1500 --out "$w/eighth"

# 9 to 11. More of both.
"$w/make_tasks" --seed 23 --kinds question:34,sentence:38,questions:3,report_role:14,topic:3,name:4,line:1,odd:3 --tasks 85000 "$w/nine.csv"
$tune --model "$w/eighth" --data "$w/nine.csv" --learning-rate 4e-4 --lr-scheduler-type linear --max-steps 2400 --out "$w/ninth"
"$w/make_tasks" --seed 24 --kinds question:26,sentence:40,questions:3,report_role:20,topic:3,name:4,line:1,odd:3 --tasks 195000 "$w/ten.csv"
$tune --model "$w/ninth" --data "$w/ten.csv" --learning-rate 4e-4 --lr-scheduler-type linear --max-steps 6000 --out "$w/tenth"
"$w/make_tasks" --seed 25 --kinds question:26,sentence:40,questions:3,report_role:20,topic:3,name:4,line:1,odd:3 --tasks 140000 "$w/eleven.csv"
$tune --model "$w/tenth" --data "$w/eleven.csv" --learning-rate 4e-4 --lr-scheduler-type linear --max-steps 4000 --out "$w/eleventh"

./t5peft-convert "$w/eleventh" "$w/model" --dtype bf16
