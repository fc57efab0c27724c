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
for program in make_tasks make_drills make_model; do
    ${CC:-cc} -std=c11 -O2 -pthread demo/$program.c -lm -o "$w/$program"
done
tune="./t5peft train --prompt {source} --source-column source --target-column target --method full --dtype bf16 --dropout 0
      --per-device-train-batch-size 32 --learning-rate 2e-3 --warmup-steps 50 --logging-steps 50 --seed 42"

# Random weights, with the heads that copying takes in their places.
"$w/make_model" "$w/base"

# 1. Copying lines of random pieces.
"$w/make_drills" "$w/base/spiece.model" 20000 "$w/drills.csv"
$tune --model "$w/base" --data "$w/drills.csv" --lr-scheduler-type cosine --max-steps 400 --out "$w/drilled"

# 2. All kinds of tasks over dialogues, at a high rate.
"$w/make_tasks" --seed 2 --tasks 110000 "$w/two.csv"
$tune --model "$w/drilled" --data "$w/two.csv" --lr-scheduler-type constant_with_warmup --max-steps 2800 --out "$w/reader"

# 3. The same with other dialogues, while the rate falls.
"$w/make_tasks" --seed 3 --tasks 480000 "$w/three.csv"
$tune --model "$w/reader" --data "$w/three.csv" --lr-scheduler-type cosine --max-steps 15000 --out "$w/trained"

./t5peft-convert "$w/trained" "$w/model" --dtype bf16
