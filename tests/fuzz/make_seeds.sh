#!/bin/sh
# Makes the first inputs of each reader in tests/fuzz/corpus from the fixtures: sh tests/fuzz/make_seeds.sh, from the project's root,
# after make. Inputs that a fuzzer finds are added beside them under a name that says what they are.
set -e
fixtures=tests/fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
reader() { name=$1; mkdir -p "tests/fuzz/corpus/$name"; }
seed() { cat > "tests/fuzz/corpus/$name/$1"; }
# A safetensors file without its length, and with a zero byte between header and data.
parts() {
    n=$(od -An -tu4 -N4 "$1")
    tail -c +9 "$1" | head -c "$n" | sed 's/ *$//'
    printf '\0'
    tail -c +$((9 + n)) "$1"
}

reader safetensors
parts $fixtures/convert/adapter-rs/adapter_model.safetensors | head -c 6000 | seed lora
printf '{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"__metadata__":{"format":"pt"},"b":{"dtype":"I8","shape":[4],"data_offsets":[12,16]}}\0abcdefghijklmnop' | seed two
printf '\2\0\0\0\0\0\0\0{}' | seed raw
reader index
printf '{"weight_map": {"a": "one.safetensors"}}' | seed one
printf '{"weight_map": {"a": "../one.safetensors"}}' | seed dots
reader json
printf '{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00\\n"], "b": {}, "c": [[[]]]}' | seed all
reader table
printf '\0dialogue,summary\n"a ""b""\n",c\n' | seed csv
printf '\1a\tb\nc\td\n' | seed tsv
printf '\2{"a": "b", "c": 1}\n{"c": null}\n' | seed jsonl
printf '\3[{"a": "b\\n", "c": [1]}, {"a": 2}]' | seed json
reader template
printf 'x\\n{dialogue} {a b} {{x}} {summary}' | seed plain
printf '{a}\0a,b\n1,2\n' | seed own
reader rouge
printf 'the cats were sitting\non the mat\0the cat sat on a mat.\nIt was late.' | seed two
reader options
printf '{"version": "0.1.0", "command": "train", "method": "lora", "lora-r": 2, "learning-rate": 0.01, "no-shuffle": true, "target-column": ["summary"], "reads": "x"}' | seed lora
printf '{"method": "prompt", "num-virtual-tokens": 2, "lr-scheduler-type": "cosine", "warmup-ratio": 0.5, "subset": "1/2", "prompt": "{dialogue}"}' | seed prompt
printf '{"method": "full", "freeze": "shared.*", "label-smoothing-factor": 0.1, "weight-decay": 0.1, "eval-data": "x", "early-stopping-patience": 1}' | seed full

reader spiece
seed t5 < $fixtures/convert/safetensors/spiece.model
reader tokenizer
printf '{"model": {"type": "Unigram", "unk_id": 2, "vocab": [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["\\u2581", -2], ["a", -3], ["\\u2581a", -4], ["<0x41>", -9]], "byte_fallback": true}, "added_tokens": [{"id": 1, "content": "</s>", "special": true}, {"id": 7, "content": "<extra_id_0>", "special": true}], "normalizer": {"type": "Sequence", "normalizers": []}, "pre_tokenizer": {"type": "Metaspace", "replacement": "\\u2581", "add_prefix_space": true}}' | seed small

reader model
(cat $fixtures/convert/safetensors/config.json; printf '\0'; parts $fixtures/convert/safetensors/model.safetensors) | seed t5
reader adapter
printf 'dialogue,summary\na b,c\nd,e\n' > "$work/rows.csv"
for method in lora prompt; do
    ./t5peft train --model $fixtures/convert/safetensors --data "$work/rows.csv" --out "$work/$method" --method $method --lora-r 1 --target-modules q --num-virtual-tokens 2 \
        --max-steps 1 --save-steps 1 --quiet > "$work/log"
    (cat "$work/$method/adapter_config.json"; printf '\0'; parts "$work/$method/adapter_model.safetensors") | seed $method
done
reader checkpoint
(printf '\0'; cat "$work/lora/checkpoint-1/trainer_state.json") | seed state
(printf '\1'; cat "$work/lora/train_log.jsonl") | seed log
(printf '\2'; cat "$work/lora/run.json") | seed run
(printf '\3'; parts "$work/lora/checkpoint-1/optimizer.safetensors") | seed moments
(printf '\4'; parts "$work/lora/checkpoint-1/adapter_model.safetensors") | seed weights

reader zip
seed t5 < $fixtures/convert/zip/pytorch_model.bin
reader legacy
seed t5 < $fixtures/convert/legacy/pytorch_model.bin
reader adapterbin
seed lora < $fixtures/convert/adapter/adapter_model.bin
reader gguf
head -c 25216 $fixtures/convert/q8_0.gguf | seed t5
reader pickle
for file in calls-system deep memo-cycle stride-negative tuple-cycle; do
    unzip -p $fixtures/convert/hostile/$file "*data.pkl" > "$work/pkl" && seed $file < "$work/pkl"
done
printf '\200\2}(X\15\0\0\0shared.weightctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuM\0\4tQK\0(K\2K\2t(K\2K\1t\211ccollections\nOrderedDict\n)RtRu.' | seed matrix
