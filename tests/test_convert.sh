#!/bin/sh
# Tests of t5peft-convert: sh test_convert.sh T5PEFT_CONVERT FIXTURES
# The fixtures hold one tiny T5 in every container (make_convert_fixtures.py); so most tests convert two of them and
# compare bytes. What torch, transformers and gguf think of the results is roundtrip.py's part.
tool=$1 fixtures=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() {
    if [ "$1" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $2"; fi
}

convert() {
    "$tool" "$@" >"$work/out" 2>"$work/err"
    ok $? "$* $(cat "$work/err")"
}

same() {
    cmp -s "$1" "$2"
    ok $? "$1 and $2 differ"
}

# One line on standard error, exit 1, nothing written.
refused() {
    "$tool" "$@" >"$work/out" 2>"$work/err"
    status=$?
    [ $status -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && [ "$(wc -c <"$work/err")" -lt 1100 ] && grep -q '^t5peft-convert: ..*: ' "$work/err"
    ok $? "not refused as it should be ($status): $* $(cat "$work/err")"
    [ -z "$(find "$work" -name 'bad*')" ]
    ok $? "left something behind: $* $(find "$work" -name 'bad*')"
    rm -rf "$work"/bad*
}

usage() {
    "$tool" "$@" >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ]
    ok $? "not refused as wrong usage: $*"
}

# ---- the same model in every container
w=$work
for dtype in f32 f16 bf16 int8; do
    for source in safetensors zip sharded; do
        convert "$fixtures/$source" "$w/$source-$dtype" --dtype $dtype
        same "$w/$source-$dtype/model.safetensors" "$w/safetensors-$dtype/model.safetensors"
        same "$w/$source-$dtype/spiece.model" "$fixtures/safetensors/spiece.model"
    done
done
convert "$fixtures/legacy" "$w/legacy" --dtype bf16
same "$w/legacy/model.safetensors" "$w/safetensors-bf16/model.safetensors"
convert "$fixtures/zip/pytorch_model.bin" "$w/file" --dtype=f32
same "$w/file/model.safetensors" "$w/zip-f32/model.safetensors"
same "$w/file/config.json" "$w/zip-f32/config.json"
convert "$w/safetensors-int8" "$w/int8-again"
same "$w/int8-again/model.safetensors" "$w/safetensors-int8/model.safetensors"

# ---- shards
convert "$w/safetensors-f32" "$w/shards" --shard-size 20KB
[ -f "$w/shards/model.safetensors.index.json" ] && [ -f "$w/shards/model-00003-of-00004.safetensors" ] && [ ! -f "$w/shards/model.safetensors" ]
ok $? "no shards in $(ls "$w/shards")"
convert "$w/shards" "$w/joined"
same "$w/joined/model.safetensors" "$w/safetensors-f32/model.safetensors"

# ---- GGUF: Q8_0 against the one that llama.cpp's package wrote; f32 and f16 there and back
convert "$fixtures/safetensors" "$w/q8.gguf" --dtype int8
grep -q '^  shared .* %  1 tensors' "$w/out"
ok $? "the error of int8 is not printed"
convert "$w/q8.gguf" "$w/q8-ours"
convert "$fixtures/q8_0.gguf" "$w/q8-theirs"
for file in model.safetensors config.json spiece.model tokenizer_config.json; do same "$w/q8-ours/$file" "$w/q8-theirs/$file"; done
for dtype in f32 f16; do
    convert "$fixtures/zip" "$w/$dtype.gguf" --dtype $dtype
    convert "$w/$dtype.gguf" "$w/gguf-$dtype" --dtype $dtype
    same "$w/gguf-$dtype/model.safetensors" "$w/safetensors-$dtype/model.safetensors"
    convert "$w/$dtype.gguf" "$w/again-$dtype.gguf"
    cp "$w/gguf-$dtype/model.safetensors" "$w/first"
    convert "$w/again-$dtype.gguf" "$w/third-$dtype" --dtype $dtype
    same "$w/third-$dtype/model.safetensors" "$w/first"
done

# ---- indexes that name copies of the embeddings which no shard holds, as flan-t5-xl's does
cp -r "$fixtures/sharded" "$w/copies"
for name in encoder decoder; do
    sed "s/\"weight_map\": {/&\n  \"$name.embed_tokens.weight\": \"pytorch_model-00001-of-00002.bin\",/" "$w/copies/pytorch_model.bin.index.json" >"$w/index"
    mv "$w/index" "$w/copies/pytorch_model.bin.index.json"
done
convert "$w/copies" "$w/copied" --dtype f32
same "$w/copied/model.safetensors" "$w/sharded-f32/model.safetensors"
sed 's/decoder.embed_tokens/decoder.embed/' "$w/copies/pytorch_model.bin.index.json" >"$w/index"
mv "$w/index" "$w/copies/pytorch_model.bin.index.json"
refused "$w/copies" "$w/bad"
cp -r "$w/shards" "$w/xl"
sed 's/"weight_map": {/&"encoder.embed_tokens.weight": "model-00001-of-00004.safetensors", /' "$w/shards/model.safetensors.index.json" >"$w/xl/model.safetensors.index.json"
convert "$w/xl" "$w/xl-whole"
same "$w/xl-whole/model.safetensors" "$w/safetensors-f32/model.safetensors"

# ---- adapters
convert "$fixtures/safetensors" "$w/merged" --dtype bf16 --merge "$fixtures/adapter" --merge "$fixtures/adapter-rs=0.5"
convert "$fixtures/merged" "$w/expected"
same "$w/merged/model.safetensors" "$w/expected/model.safetensors"
convert "$fixtures/adapter" "$w/adapter"
same "$w/adapter/adapter_config.json" "$fixtures/adapter/adapter_config.json"
convert "$fixtures/safetensors" "$w/merged-again" --dtype bf16 --merge="$w/adapter" --merge "$fixtures/adapter-rs=0.5"
same "$w/merged-again/model.safetensors" "$w/expected/model.safetensors"
convert "$fixtures/safetensors" "$w/undone" --merge "$w/adapter=1" --merge "$w/adapter=-1"
convert "$fixtures/safetensors" "$w/plain"
same "$w/undone/model.safetensors" "$w/plain/model.safetensors"
refused "$fixtures/adapter" "$w/bad" --dtype int8
refused "$fixtures/adapter" "$w/bad.gguf"
refused "$fixtures/safetensors" "$w/bad" --merge "$w/nowhere"
refused "$fixtures/safetensors" "$w/bad" --merge "$w/adapter=x"
refused "$fixtures/safetensors" "$w/bad" --merge "$fixtures/legacy"
cp -r "$w/adapter" "$w/dora"
sed 's/"use_dora": false/"use_dora": true/' "$w/adapter/adapter_config.json" >"$w/dora/adapter_config.json"
refused "$fixtures/safetensors" "$w/bad" --merge "$w/dora"

# ---- every kind of adapter: merged, a model says what the base says with the adapter
wild=$fixtures/../wild t5peft=$(dirname "$tool")/t5peft
printf 'dialogue,summary\nanna (went) home. 12%%,ben sleeps\n' >"$w/row.csv"
loss() { "$t5peft" score --quiet --data "$w/row.csv" --prompt '{dialogue}' "$@" 2>&1 | tail -1; }
for adapter in "$wild"/gated-* "$wild"/tied-*; do
    name=$(basename "$adapter")
    case $name in
    *-alora | *embed*) refused "$wild/${name%%-*}" "$w/bad" --merge "$adapter" ;;  # none, or one that no T5 folder can hold
    *)
        convert "$wild/${name%%-*}" "$w/$name" --merge "$adapter"
        echo "$(loss --model "$wild/${name%%-*}" --adapter "$adapter") $(loss --model "$w/$name")" |
            awk '{ d = $3 - $9; exit !(NF == 12 && d < 1e-5 && d > -1e-5) }'
        ok $? "$name: another loss when merged"
        ;;
    esac
done

# ---- hostile files, and good ones cut short at many places
for file in "$fixtures"/hostile/*; do
    refused "$file" "$w/bad"
    case $file in *legacy-size*|*gguf-p*) refused "$file" "$w/bad.gguf" ;; esac
done
for file in zip/pytorch_model.bin legacy/pytorch_model.bin q8_0.gguf safetensors/model.safetensors; do
    size=$(wc -c <"$fixtures/$file")
    for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
        n=$((i < 10 ? i * i * 4 : size * i / 20))
        head -c $n "$fixtures/$file" >"$w/cut"
        refused "$w/cut" "$w/bad"
    done
done
mkdir "$w/empty" "$w/no-vocabulary" "$w/no-config"
refused "$w/empty" "$w/bad"
refused "$w/nowhere" "$w/bad"
cp "$fixtures/safetensors/model.safetensors" "$w/no-config"
cp "$fixtures/safetensors/model.safetensors" "$fixtures/safetensors/config.json" "$w/no-vocabulary"
refused "$w/no-config" "$w/bad.gguf"
refused "$w/no-vocabulary" "$w/bad.gguf"
refused "$fixtures/safetensors" "$w/bad/there"
refused "$fixtures/safetensors" "$w/bad.safetensors"

# ---- DST: new, or an empty folder
convert "$fixtures/safetensors" "$w/empty/"
same "$w/empty/model.safetensors" "$w/plain/model.safetensors"
refused "$fixtures/zip" "$w/empty"
same "$w/empty/model.safetensors" "$w/plain/model.safetensors"
refused "$fixtures/zip" "$w/q8.gguf"

# ---- the command line
"$tool" --list "$fixtures/q8_0.gguf" | grep -q '^29 tensors, 14688 elements'
ok $? "--list"
"$tool" --help | grep -q -- --shard-size && "$tool" --version | grep -q '^t5peft-convert [0-9]'
ok $? "--help and --version"
usage
usage one
usage "$fixtures/zip" "$w/bad" more
usage "$fixtures/zip" "$w/bad" --dtype int4
usage "$fixtures/zip" "$w/bad" --shard-size big
usage "$fixtures/zip" "$w/bad" --merge
usage "$fixtures/zip" "$w/bad" --unknown
usage --list "$fixtures/zip" "$w/bad"

# ---- a gigabyte (of holes) within 64 MB of memory, and Ctrl-C in the middle of it
header='{"shared.weight":{"dtype":"F32","shape":[262144,1024],"data_offsets":[0,1073741824]}}   '
mkdir "$w/big"
{ printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0"; printf %s "$header"; } >"$w/big/model.safetensors"
dd if=/dev/null of="$w/big/model.safetensors" bs=1 seek=$((8 + ${#header} + 1073741824)) 2>/dev/null
"$tool" "$w/big" "$w/bad" --dtype bf16 >"$w/out" 2>"$w/err" &
pid=$!
while kill -0 $pid 2>/dev/null && [ -z "$(find "$w"/bad* -name '*.part*' 2>/dev/null)" ]; do :; done
kill -INT $pid
wait $pid
[ $? -eq 1 ] && grep -q interrupted "$w/err" && [ -z "$(find "$w" -name 'bad*')" ]
ok $? "Ctrl-C: $(cat "$w/err") $(find "$w" -name 'bad*')"
if [ -z "$SANITIZED" ]; then  # sanitizers take more memory than that for themselves
    (ulimit -d 65536 && "$tool" "$w/big" "$w/bigger" --dtype int8) >"$w/out" 2>"$w/err"
    ok $? "a large file does not convert within 64 MB: $(cat "$w/err")"
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
