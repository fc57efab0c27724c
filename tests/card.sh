#!/bin/sh
# What a card can tell in ten minutes, in order of worth: sh tests/card.sh FOLDER, from the project's root, where nvcc, a card and Python
# with torch, transformers and peft are. Each part has a limit and a log in FOLDER; the tables at the end have both sides of one sitting
# and which kernels a step's time goes to. SECONDS_CUDA_TEST, SECONDS_PEER and SECONDS_SANITIZER change the limits of the three long parts.
out=${1:?a folder for the logs}
mkdir -p "$out"
card=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
cuda=$(dirname "$(dirname "$(command -v nvcc)")")
export CUDA_HOME="$cuda"

# part NAME SECONDS COMMAND...
part() {
    name=$1 limit=$2
    shift 2
    began=$(date +%s)
    timeout -k 5 "$limit" "$@" > "$out/$name.log" 2>&1
    echo "$name: exit $?, $(($(date +%s) - began)) s: $(tail -1 "$out/$name.log" | cut -c1-200)"
}

part card 20 nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.mem,memory.total --format=csv,noheader
part build 120 make CUDA=1 CUDA_CARDS="$card" t5peft
part works 60 ./t5peft generate --model demo/model --data demo/dialogues/test.csv --limit 4 --device cuda --quiet
part cuda-test "${SECONDS_CUDA_TEST:-150}" make cuda-test CUDA=1 CUDA_CARDS="$card"
for rows in "8 16" "32 128"; do  # of a training step, and that generate at a time
    for type in bf16 f32 tf32 int8; do
        part bench-$type-${rows% *} 60 ./t5peft bench --shape base --device cuda --dtype $type --json --quiet \
            --per-device-train-batch-size ${rows% *} --batch-size ${rows#* }
    done
done
part peer "${SECONDS_PEER:-150}" python3 tests/card_peer.py
# profile NAME BATCH ARGUMENTS...: kernels one by one, of a step of training (its first 1,750 launches) and of some tokens of one row
profile() {
    name=$1 batch=$2
    shift 2
    part "$name" 60 ncu --metrics gpu__time_duration.sum --clock-control none --csv --page raw --print-units base "$@" ./t5peft bench \
        --shape base --device cuda --dtype bf16 --quiet --json --max-steps 1 --per-device-train-batch-size "$batch" --max-new-tokens 4
}
profile profile-train 32 --launch-count 1750
profile profile-tokens 1 --kernel-name "regex:step|few|cache" --launch-count 300
cc -std=c11 -O1 -pthread -DT5PEFT_CUDA -Wno-psabi tests/cuda.c t5peft_cu.o -L"$cuda/lib64" -lcudart -lcublasLt -Wl,-rpath,"$cuda/lib64" -lm \
    -o "$out/operations"
part memcheck "${SECONDS_SANITIZER:-60}" compute-sanitizer --tool memcheck "$out/operations"
part racecheck "${SECONDS_SANITIZER:-60}" compute-sanitizer --tool racecheck "$out/operations"
rm -f "$out/operations"

# Of the JSON on the last line of a log: examples and tokens a second, shares of what the card was measured to do.
echo "LoRA r 32 on q and v of flan-t5-base's shape, 221 + 35 tokens an example; examples and new tokens a second"
echo "t5peft         examples/s    share  1 row tok/s  rows tok/s  TFLOP/s peak   GB/s"
for log in "$out"/bench-*.log; do
    tail -1 "$log" | awk -v name="$(basename "$log" .log | cut -c7-)" '
        function value(key) { return match($0, "\"" key "\": [0-9.e+-]+") ? substr($0, RSTART + index(substr($0, RSTART), ": ") + 1) + 0 : 0 }
        { step = value("train_seconds_per_example"); bf16 = value("peak_bf16_gflops")
          printf "%-14s %10.1f %8.2f %12.0f %11.0f %13.1f %6.0f\n", name, step ? 1 / step : 0, value("train_gflops_share"),
              value("generate_1_row_tokens_per_second"), value("generate_[0-9]*_rows_tokens_per_second"),
              (bf16 ? bf16 : value("peak_f32_gflops")) / 1000, value("bandwidth_gbytes") }'
done
cat "$out/peer.log"
for log in "$out"/profile-*.log; do
    echo "$(basename "$log" .log): ms, launches, kernel"
    awk -F'","' '/"Kernel Name"/ { for (i = 1; i <= NF; i++) if ($i == "Kernel Name") name = i; else if ($i ~ /^gpu__time_duration/) time = i; next }
        name && NF >= time { k = $name; sub(/\(.*/, "", k); t = $time; gsub(/[",]/, "", t); ms[k] += t / 1e6; n[k]++; all += t / 1e6 }
        END { for (k in ms) printf "%9.3f %6d  %s\n", ms[k], n[k], k; printf "%9.3f         together\n", all }' "$log" | sort -rn | head -25
done
