#!/bin/sh
# sh tests/tiny_model.sh FOLDER: makes the model that the command line's tests use there: the gated fixture, whose weights are random,
# and a vocabulary of single characters that fits its 300 ids.
fixture=$(dirname "$0")/fixtures/model/gated
mkdir "$1" && cp "$fixture/config.json" "$fixture/model.safetensors" "$1" && awk 'BEGIN {
    printf "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 2, \"vocab\": [[\"<pad>\", 0], [\"</s>\", 0], [\"<unk>\", 0], [\"\\u2581\", -2]"
    for (i = 33; i < 127; i++) printf ", [\"\\u%04x\", -3]", i
    printf "]}, \"added_tokens\": [{\"id\": 0, \"content\": \"<pad>\", \"special\": true}, {\"id\": 1, \"content\": \"</s>\", \"special\": true}]}"
}' > "$1/tokenizer.json"
