#!/bin/sh
# t5peft.cu beside the CPU: each operation, training, generation, errors. Called by `make cuda-test`, from the project's root. Without
# CUDA=1 the same t5peft.cu runs on the CPU by the headers of tests/cuda_on_cpu, under the sanitizers and in several orders of blocks
# and threads too; with it, on the card.
export ASAN_OPTIONS=handle_sigbus=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
CC=${CC:-cc}
CXX=${CXX:-c++}
on_cpu="-std=c++17 -Wall -Wextra -Werror -x c++ -Itests/cuda_on_cpu -c t5peft.cu"
sanitize="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all"

ok() {
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL cuda: $2 ($(head -c 300 "$work/err"))"; fi
}
# build NAME FLAGS: NAME is t5peft with --device cuda, NAME-operations the test of the operations. Their other side is the plain kernels;
# without the others the compiler is done in a tenth of the time.
build() {
    name=$work/$1
    shift
    if [ -n "$CUDA" ]; then
        make CUDA=1 NVCC="$NVCC" CUDA_HOME="$CUDA_HOME" t5peft_cu.o > "$work/out" && cp t5peft_cu.o "$name.o"
        libs="-L$CUDA_HOME/lib64 -lcudart -lcublasLt -Wl,-rpath,$CUDA_HOME/lib64"
    else
        $CXX $on_cpu "$@" -o "$name.o"
        libs=-lstdc++
    fi && $CC -std=c11 "$@" -DT5PEFT_PLAIN -pthread -DT5PEFT_CUDA t5peft.c "$name.o" $libs -lm -o "$name" &&
        $CC -std=c11 "$@" -DT5PEFT_PLAIN -pthread -DT5PEFT_CUDA tests/cuda.c "$name.o" $libs -lm -o "$name-operations"
}
operations() {
    "$@" > "$work/out" 2> "$work/err"
    status=$?
    tail -2 "$work/out"
    [ $status = 0 ] || head -20 "$work/out" "$work/err"
    passed=$((passed + $(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$work/out")))
    ok $status "operations: $*"
}
# near A B COLUMN: the numbers behind "COLUMN": are the same to 1e-5
near() {
    awk -v key="\"$3\": " 'function number() { at = index($0, key); if (!at) return 0; x = substr($0, at + length(key)) + 0; return 1 }
        FNR == NR { if (number()) a[++n] = x; next }
        number() { m++; d = a[m] - x; d = d < 0 ? -d : d; if (!(d <= 1e-5 * (x < 1 ? 1 : x))) bad = 1 }
        END { exit !(n > 0 && n == m && !bad) }' "$1" "$2"
}
# refused TEXT COMMAND...: exit 1 and one line with this text
refused() {
    text=$1
    shift
    "$@" > out 2> err < /dev/null
    [ $? = 1 ] && [ "$(wc -l < err)" -eq 1 ] && grep -qF -e "$text" err
    ok $? "refused with \"$text\": $*"
}

build fast -O2 || exit 1
if [ -z "$CUDA" ]; then  # what takes long goes on beside the rest
    { build sanitized $sanitize && "$work/sanitized-operations" > "$work/sanitized.log" 2>&1; } &
    sanitizing=$!
    for order in 1 2 5; do CUDA_ON_CPU_ORDER=$order "$work/fast-operations" > "$work/order-$order" & done
fi
operations "$work/fast-operations"
sum=$(sed -n 's/.*results //p' "$work/out")
if [ -n "$CUDA" ]; then
    "$work/fast-operations" > "$work/out"
    grep -q "results $sum" "$work/out"
    ok $? "the same results twice"
fi

sh tests/tiny_model.sh "$work/model"
cd "$work" || exit 1
t5peft=$work/fast
awk 'BEGIN { print "dialogue,summary"; for (i = 0; i < 24; i++) { printf "\"#Person1#: I have %d pears", i; for (k = 0; k < i * 7 % 3; k++) printf " and %d plums or nuts", k; printf ".\n#Person2#: Good.\",There are %d pears and %d nuts.\n", i, i * 7 % 3 } }' > rows.csv
export T5PEFT_ISA=plain  # of the CPU's side
tune() { "$t5peft" train --model model --data rows.csv --logging-steps 1 --per-device-train-batch-size 2 --lora-r 4 --num-virtual-tokens 5 --threads 1 --quiet "$@" 2> err; }
for way in "lora" "prompt" "full" "lora --target-modules all-linear --use-rslora --gradient-checkpointing --label-smoothing-factor 0.1" \
    "full --weight-decay 0.1 --gradient-accumulation-steps 2" "prompt --prompt-decoder"; do
    tune --method $way --max-steps 20 --out cpu || cat err
    tune --method $way --max-steps 20 --out card --device cuda || cat err
    near cpu/train_log.jsonl card/train_log.jsonl loss
    ok $? "20 losses of $way"
    near cpu/train_log.jsonl card/train_log.jsonl grad_norm
    ok $? "20 norms of the gradients of $way"
    kept=$(echo $way | cut -d' ' -f1)
    rm -rf "cpu.$kept" "card.$kept"
    mv cpu "cpu.$kept"
    mv card "card.$kept"
done
tune --method lora --max-steps 20 --out again --device cuda && tune --method lora --max-steps 20 --out twice --device cuda
cmp -s again/adapter_model.safetensors twice/adapter_model.safetensors
ok $? "the same bytes twice"
for dtype in bf16 int8 tf32; do
    rm -rf narrow
    tune --method lora --max-steps 3 --out narrow --device cuda --dtype $dtype
    awk -F'"loss": ' 'FNR > 3 { nextfile } FNR == NR { a[FNR] = $2 + 0; next } { d = a[FNR] - $2; if (d < -0.02 || d > 0.02) bad = 1 } END { exit bad }' \
        again/train_log.jsonl narrow/train_log.jsonl
    ok $? "--dtype $dtype is near f32"
done

for adapter in "" "--adapter cpu.lora" "--adapter cpu.lora --merge-adapter" "--adapter cpu.prompt"; do
    for how in "" "--num-beams 3 --num-return-sequences 2 --length-penalty 0.5" "--do-sample --top-p 0.9 --temperature 1.5 --seed 5" "--repetition-penalty 1.3 --no-repeat-ngram-size 2"; do
        generate="generate --model model $adapter --data rows.csv --limit 6 --max-new-tokens 16 --batch-size 4 --json --threads 1 --quiet $how"
        "$t5peft" $generate > cpu.json 2> err
        "$t5peft" $generate --device cuda > card.json 2> err
        [ -s cpu.json ] && cmp -s cpu.json card.json
        ok $? "the same tokens: $generate"
    done
done
for command in "score --model cpu.full" "score --model model --adapter cpu.lora --batch-size 3"; do
    "$t5peft" $command --data rows.csv --json --quiet > cpu.json 2> err && "$t5peft" $command --data rows.csv --json --quiet --device cuda > card.json 2> err
    near cpu.json card.json loss
    ok $? "$command"
done
eval="eval --model model --adapter cpu.lora --data rows.csv --limit 5 --max-new-tokens 8 --json --quiet"
"$t5peft" $eval > cpu.json 2> err && "$t5peft" $eval --device cuda > card.json 2> err
cmp -s cpu.json card.json
ok $? "eval"
compare="compare --model model --instruct cpu.full --adapter cpu.lora --adapter cpu.prompt --data rows.csv --limit 4 --max-new-tokens 8 --quiet --out"
"$t5peft" $compare c1 > out 2> err && "$t5peft" $compare c2 --device cuda > out 2> err && cmp -s c1/results.csv c2/results.csv
ok $? "compare"
"$t5peft" bench --model model --device cuda --max-source-length 8 --max-target-length 4 --max-new-tokens 4 --per-device-train-batch-size 2 --json --quiet > out 2> err &&
    grep -q '"peak_f32_gflops"' out
ok $? "bench"

head -5 rows.csv > few.csv
trial="--model model --data rows.csv --eval-data few.csv --max-steps 3 --per-device-train-batch-size 2 --lora-r 4 --quiet"
"$t5peft" sweep $trial --learning-rate 1e-3,3e-2 --json --out s1 > cpu.json 2> err
"$t5peft" sweep $trial --learning-rate 1e-3,3e-2 --json --out s2 --device cuda > card.json 2> err && near cpu.json card.json eval_loss &&
    "$t5peft" train $trial --learning-rate 3e-2 --out alone --device cuda 2> err && cmp -s alone/adapter_model.safetensors s2/best/adapter_model.safetensors
ok $? "sweep, whose best is what train makes"
for what in cpu.lora cpu.prompt "--instruct cpu.full"; do
    "$t5peft" inspect $what --model model --data few.csv --json --quiet > cpu.json 2> err &&
        "$t5peft" inspect $what --model model --data few.csv --json --quiet --device cuda > card.json 2> err && near cpu.json card.json loss &&
        { [ "$what" = cpu.prompt ] || near cpu.json card.json own; }
    ok $? "inspect $what"
done
refused "works on the processor only" "$t5peft" estimate --data rows.csv --model model --device cuda
refused "must be cpu, cuda or cuda:N" "$t5peft" score --model model --data rows.csv --device cuda:x
if [ -z "$CUDA" ]; then
    refused "--device cuda: no CUDA-capable device is detected" env CUDA_ON_CPU_CARDS=0 "$t5peft" score --model model --data rows.csv --device cuda
    refused "--device cuda:3: there are 2, counted from 0" env CUDA_ON_CPU_CARDS=2 "$t5peft" score --model model --data rows.csv --device cuda:3
    refused "MiB more were needed" env CUDA_ON_CPU_MEMORY=50000000 "$t5peft" train --model model --data rows.csv --out m --quiet --device cuda
    # The card goes away under way: what was saved stands, and goes on to the same bytes.
    long="--method lora --max-steps 6 --save-steps 2 --device cuda --out"
    tune $long whole
    refused "unspecified launch failure; what was saved before stands" env CUDA_ON_CPU_FAILS=700 "$t5peft" train --model model --data rows.csv --logging-steps 1 \
        --per-device-train-batch-size 2 --lora-r 4 --num-virtual-tokens 5 --threads 1 --quiet $long broken
    [ -d broken/checkpoint-2 ] && [ ! -e broken/adapter_model.safetensors ] && tune $long broken --resume && cmp -s whole/adapter_model.safetensors broken/adapter_model.safetensors
    ok $? "a card that went away, and --resume"
    for order in 1 3; do
        rm -rf order natural
        CUDA_ON_CPU_ORDER=$order tune --method full --max-steps 2 --out order --device cuda
        CUDA_ON_CPU_ORDER=0 tune --method full --max-steps 2 --out natural --device cuda
        cmp -s order/model.safetensors natural/model.safetensors
        ok $? "the same bytes in order $order"
    done
    wait $sanitizing
    ok $? "operations under the sanitizers: $(tail -3 "$work/sanitized.log")"
    passed=$((passed + $(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$work/sanitized.log")))
    wait
    for order in 1 2 5; do
        grep -q "results $sum" "$work/order-$order"
        ok $? "the same operations in order $order"
    done
    t5peft=$work/sanitized
    for way in lora prompt full; do
        rm -rf clean
        tune --method $way --max-steps 1 --max-source-length 40 --max-target-length 8 --out clean --device cuda
        ok $? "sanitizers: train --method $way"
    done
    for how in "" "--num-beams 2"; do
        "$t5peft" generate --model model --adapter cpu.lora --data rows.csv --limit 2 --max-new-tokens 4 --threads 1 --quiet --device cuda $how > out 2> err
        ok $? "sanitizers: generate $how"
    done
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
