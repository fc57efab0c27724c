#!/bin/sh
# The command line as a user meets it, on a tiny random model and data of its own. Run from the project's root.
t5peft=$PWD/t5peft
fixtures=$PWD/tests/fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# check NAME COMMAND...: the command succeeds
check() {
    name=$1
    shift
    if "$@" > out 2> err; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAIL cli: $name: $* (exit $?)"
        sed 's/^/     /' err | head -5
    fi
}

# says STATUS TEXT COMMAND...: the command exits with the status and prints the text on either stream
says() {
    status=$1
    text=$2
    shift 2
    "$@" > out 2> err < /dev/null
    got=$?
    if [ $got = "$status" ] && cat out err | grep -qF -e "$text"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAIL cli: $*: exit $got, wanted $status and \"$text\""
        cat out err | sed 's/^/     /' | head -5
    fi
}

# holds NAME CONDITION: the shell finds it true; out and err are those of the last command
holds() {
    if sh -c "$2" "$t5peft"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAIL cli: $1: $2"
        head -3 out | cut -c1-200 | sed 's/^/     /'
    fi
}

sh "$fixtures/../tiny_model.sh" model
awk 'BEGIN {
    print "id,dialogue,summary,other"
    for (i = 0; i < 12; i++) printf "%d,\"#Person1#: I have %d pears, \"\"ripe\"\" ones.\n#Person2#: Good.\",There are %d pears.,pears %d\n", i, i, i, i
}' > data.csv

says 0 "t5peft train" "$t5peft" --help
says 2 "t5peft train" "$t5peft"
says 0 "0." "$t5peft" --version
for command in train estimate sweep inspect generate eval compare score rouge tokenize detokenize bench; do
    says 0 "example: " "$t5peft" $command --help
done
says 2 "did you mean train?" "$t5peft" trian
says 2 "did you mean --lora-r?" "$t5peft" train --lora-rr 4
says 2 "whole number" "$t5peft" train --lora-r four
says 2 "no value after --lora-r" "$t5peft" train --lora-r
says 2 "not understood: stray" "$t5peft" train stray
check "completion" "$t5peft" --completion zsh
holds "completion of options" 'bash -c "eval \"\$(tail -n +2 out)\"; COMP_WORDS=(t5peft train --lora-); COMP_CWORD=2; _t5peft; [ \"\${COMPREPLY[*]}\" = \"--lora-r --lora-alpha --lora-dropout\" ]"'
holds "completion of commands" 'bash -c "eval \"\$(tail -n +2 out)\"; COMP_WORDS=(t5peft ge); COMP_CWORD=1; _t5peft; [ \"\${COMPREPLY[*]}\" = generate ]"'
says 2 "--completion wants bash or zsh" "$t5peft" --completion fish
cp "$t5peft" alone  # a copy has no demo model beside it
says 1 "--model is missing" ./alone train --data data.csv --out x
mkdir -p bin share/t5peft/dialogues
cp "$t5peft" bin
cp -R model share/t5peft/model
cp data.csv share/t5peft/dialogues/train.csv
cp data.csv share/t5peft/dialogues/test.csv
says 0 "t5peft-out: 1 steps" bin/t5peft train --max-steps 1
holds "train alone writes an adapter" "[ -s t5peft-out/adapter_config.json ]"
says 0 "ROUGE-1" bin/t5peft eval --limit 2 --max-new-tokens 3
says 1 "--data is missing" bin/t5peft train --model model --out alone-out
says 1 "--out is missing" bin/t5peft train --data data.csv
check "a model by the environment" env T5PEFT_MODEL=model ./alone score --data data.csv --limit 1
says 1 "--data is missing" "$t5peft" train --model model --out x
says 1 "--out is missing" "$t5peft" train --model model --data data.csv
says 1 "nowhere: no such folder" "$t5peft" train --model nowhere --data data.csv --out x
says 1 "it has id, dialogue, summary, other" "$t5peft" train --model model --data data.csv --out x --source-column text
says 1 "--method sideways" "$t5peft" train --model model --data data.csv --out x --method sideways
says 1 "no linear layer" "$t5peft" train --model model --data data.csv --out x --target-modules query
# As peft takes them: a list, a list in brackets, a regular expression of whole names, which stays one in adapter_config.json. modules
# counts the adapters; peft 0.21 opens each of these folders with as many (tied to the same layers).
modules() {
    want=$1
    written=$2
    check "--target-modules $3" "$t5peft" train --model model --data data.csv --out targets --max-steps 1 --lora-r 2 --quiet --target-modules "$3"
    holds "$3 finds $want" "test \$(tr -d '\\0' < targets/adapter_model.safetensors | grep -ao 'lora_A.weight' | wc -l) = $want"
    check "$3 is written as $written" grep -qF "\"target_modules\": $written," targets/adapter_config.json
}
modules 12 '["q", "v"]' '[q,v]'
modules 12 '["q", "v"]' '["q", "v"]'
modules 8 '["SelfAttention.q", "wo"]' "['SelfAttention.q','wo']"
modules 8 '".*SelfAttention\\.(q|v)"' '/.*SelfAttention\.(q|v)/'
modules 12 '".*\\.(q|v)$"' '.*\.(q|v)$'
modules 8 '"decoder\\.block\\.1\\..*\\.[qkvo]"' 'decoder\.block\.1\..*\.[qkvo]'
modules 8 '".*EncDecAttention\\..+"' '.*EncDecAttention\..+'
modules 1 '"lm_head"' '/lm_head/'
for wrong in '.*SelfAttention.*:encoder.block.0.layer.0.SelfAttention' '.*SelfAttention\..*:encoder.block.0.layer.0.SelfAttention.relative_attention_bias' \
    '.*DenseReluDense\..*:encoder.block.0.layer.1.DenseReluDense.act' '.*norm|.*q:encoder.block.0.layer.0.layer_norm'; do
    says 1 "matches ${wrong#*:} too, which is no linear layer" "$t5peft" train --model model --data data.csv --out x --target-modules "${wrong%%:*}"
done
says 1 "--target-modules q: no linear layer" "$t5peft" train --model model --data data.csv --out x --target-modules /q/
says 1 "a ( is not closed, at byte 2 of the regular expression" "$t5peft" train --model model --data data.csv --out x --target-modules '(q'
says 1 "must name the blocks itself" "$t5peft" train --model model --data data.csv --out x --target-modules '.*q' --layers-to-transform 0
says 1 "nothing.csv" "$t5peft" score --model model --data nothing.csv
printf 'dialogue,summary\n"open,x\n' > broken.csv
says 1 "broken.csv: line 2" "$t5peft" score --model model --data broken.csv
printf '{"dialogue": "a", "summary": "b"}\n{"dialogue": \n' > broken.jsonl
says 1 "broken.jsonl: line 2" "$t5peft" score --model model --data broken.jsonl
: > empty.csv
says 1 "empty.csv" "$t5peft" score --model model --data empty.csv
head -c 100000 model/model.safetensors > cut.safetensors
mkdir cut && cp model/config.json model/tokenizer.json cut && mv cut.safetensors cut/model.safetensors
says 1 "cut short" "$t5peft" score --model cut --data data.csv

# Training: what is printed first, what is written.
says 0 "trainable parameters: 2,688 of" "$t5peft" train --model model --data data.csv --method lora --lora-r 4 --num-train-epochs 2 --out peft
check "adapter files" test -s peft/adapter_config.json -a -s peft/adapter_model.safetensors -a -s peft/train_log.jsonl -a -s peft/run.json
check "log line" grep -q '"step": 4, "epoch": 2, "loss": .*"learning_rate": .*"grad_norm": .*"tokens_per_second": ' peft/train_log.jsonl
check "target modules" grep -q '"target_modules": \["q", "v"\]' peft/adapter_config.json
check "full tuning" "$t5peft" train --model model --data data.csv --method full --learning-rate 1e-3 --max-steps 3 --out instruct --quiet
check "full folder" test -s instruct/config.json -a -s instruct/model.safetensors -a -s instruct/tokenizer.json
says 0 "trainable parameters: 160 of" "$t5peft" train --model model --data data.csv --method prompt --num-virtual-tokens 5 --max-steps 3 --out prompt
check "run again" "$t5peft" train --config peft/run.json --out again --quiet
check "the same bytes again" cmp peft/adapter_model.safetensors again/adapter_model.safetensors
says 0 "evaluation loss" "$t5peft" train --model model --data data.csv --eval-data data.csv --eval-rouge 2 --max-new-tokens 5 --max-steps 2 --lora-r 2 --out evaluated --load-best-at-end
holds "ROUGE in the log" 'grep -q "\"eval_loss\": .*\"eval_rouge1\": .*\"eval_rouge2\": .*\"eval_rougeL\": .*\"eval_rougeLsum\": " evaluated/train_log.jsonl'
says 0 '{"steps": 2, "train_loss": ' "$t5peft" train --model model --data data.csv --max-steps 2 --lora-r 2 --out evaluated --json --quiet
check "no progress when quiet" test ! -s err

# A run that is killed goes on to the same bytes.
"$t5peft" train --model model --data data.csv --method lora --lora-r 4 --num-train-epochs 40 --out whole --quiet > out
"$t5peft" train --model model --data data.csv --method lora --lora-r 4 --num-train-epochs 40 --out killed --save-steps 3 --save-total-limit 2 --quiet > out &
tries=0
while [ $tries -lt 200 ] && ! ls -d killed/checkpoint-*[0-9] > /dev/null 2>&1; do sleep 0.1; tries=$((tries + 1)); done
kill -9 $! 2> /dev/null
wait $! 2> /dev/null
mkdir -p killed/checkpoint-1 && echo > killed/checkpoint-1/optimizer.safetensors  # what a crash within a removal leaves
check "gone on after kill -9" "$t5peft" train --model model --data data.csv --method lora --lora-r 4 --num-train-epochs 40 --out killed --save-steps 3 --save-total-limit 2 --quiet --resume
check "the same bytes after kill -9" cmp whole/adapter_model.safetensors killed/adapter_model.safetensors
holds "the same log but for speed" 'for d in whole killed; do sed "s/, \"tokens_per_second\".*peak_bytes\": [^,}]*//" $d/train_log.jsonl > $d.log; done; cmp whole.log killed.log'
holds "two checkpoints are kept" 'test $(ls -d killed/checkpoint-* | wc -l) = 2'

says 1 "holds checkpoints of an earlier run; --resume goes on" "$t5peft" train --model model --data data.csv --method lora --lora-r 4 --out killed
says 1 "had another --lora-alpha" "$t5peft" train --model model --data data.csv --method lora --lora-r 4 --lora-alpha 64 --num-train-epochs 40 --out killed --save-steps 3 --save-total-limit 2 --resume
mkdir killed/checkpoint-9999  # what a crash between two removals leaves
again="train --model model --data data.csv --method lora --lora-r 4 --num-train-epochs 40 --out killed --save-steps 3 --save-total-limit 2 --resume"
check "an empty checkpoint is passed over" "$t5peft" $again --quiet
newest=$(ls -d killed/checkpoint-* | grep -v 9999 | sed 's/.*-//' | sort -n | tail -1)
printf 'x' > killed/checkpoint-$newest/trainer_state.json
rmdir killed/checkpoint-9999
says 0 "passed over, since it is damaged: killed/checkpoint-$newest/trainer_state.json: line 1: not JSON" "$t5peft" $again
check "a damaged checkpoint is passed over" cmp whole/adapter_model.safetensors killed/adapter_model.safetensors
rm -r killed/checkpoint-*.damaged
for d in killed/checkpoint-*; do printf 'x' > $d/trainer_state.json; done
says 1 "no checkpoint in killed can be read: remove them and begin anew, or copy them again" "$t5peft" $again
mkdir other && cp model/* other && sed 's/"model_type": "t5"/"model_type": "bart"/' model/config.json > other/config.json
says 1 'model_type "bart" is not supported' "$t5peft" score --model other --data data.csv

# Generation, scores, reports.
for adapter in peft prompt; do
    check "score $adapter" "$t5peft" score --model model --adapter $adapter --data data.csv --json --limit 3
    holds "score lines" 'test $(wc -l < out) = 4 && tail -1 out | grep -q "{\"mean_loss\": [0-9.]*, \"tokens\": [0-9]*}"'
    check "generate $adapter" "$t5peft" generate --model model --adapter $adapter --data data.csv --json --max-new-tokens 6
    holds "generate lines" 'test $(grep -c "^{\"index\": [0-9]*, \"text\": \".*\", \"tokens\": \[.*\]}$" out) = 12'
done
for merged in "" "--merge-adapter" "--merge-adapter --dtype int8"; do
    check "score merged $merged" "$t5peft" score --model model --adapter peft $merged --data data.csv --json
    tail -1 out
done > losses
# Merging rounds once more: f32 agrees to 1e-5 of the loss, int8 to 1 %.
holds "a merged adapter" 'sed "s/.*loss\": //; s/,.*//" losses | awk "{ x[NR] = \$1 } END { f = x[2] / x[1] - 1; i = x[3] / x[1] - 1; exit !(NR == 3 && f * f < 1e-10 && i * i < 1e-4 && i != 0) }"'
says 1 "a soft prompt cannot be merged" "$t5peft" score --model model --adapter prompt --merge-adapter --data data.csv
"$t5peft" generate --model model --data data.csv --json --max-new-tokens 8 --batch-size 1 > one 2> /dev/null
"$t5peft" generate --model model --data data.csv --json --max-new-tokens 8 --batch-size 5 --threads 3 > many 2> /dev/null
check "the same tokens in any batch" cmp one many
check "generate a text" "$t5peft" generate --model model --max-new-tokens 3 "Hello there"
holds "one line" 'test $(wc -l < out) = 1'
# On a terminal, which script (1) makes where there is a Linux one, it says what to type.
if script -qec true /dev/null > /dev/null 2>&1 < /dev/null; then
    T5PEFT_MODEL=model script -qec "'$t5peft' generate --max-new-tokens 3" /dev/null < /dev/null > out 2>&1
    holds "what to type" 'grep -qF "No --model: this is model, for another one name its folder." out && grep -qF "  #Person1#: Where shall we meet?" out && grep -q "Ctrl-D" out'
    script -qec "'$t5peft' generate --model model --max-new-tokens 3" /dev/null < /dev/null > out 2>&1
    holds "a model that was named is not" '! grep -qF "No --model" out && grep -q "Ctrl-D" out'
fi
check "generate from standard input" sh -c "echo Hello there | '$t5peft' generate --model model --max-new-tokens 3 --prompt '{dialogue}'"
# estimate: the contract, the counts of the run that it foretells, and nothing written; of a model without weights or tokenizer too.
check "estimate" "$t5peft" estimate --model model --data data.csv --lora-r 2 --num-train-epochs 2 --max-source-length 40 --price-per-hour 2 --json --quiet
holds "estimate's object" 'grep -qx "{\"steps\": 4, \"seconds\": [0-9.]*, \"seconds_low\": [0-9.]*, \"seconds_high\": [0-9.]*, \"peak_bytes\": [0-9]*, \"saved_bytes\": [0-9]*, \"rows\": 12, \"rows_cut\": 12, \"money\": [0-9.e-]*, \"others\": \[{\"method\": \"lora\", \"dtype\": \"int8\", \"seconds\": [0-9.]*, \"peak_bytes\": [0-9]*}, .*{\"method\": \"full\", \"dtype\": \"f32\", [^}]*}\]}" out'
check "the run that was foretold" "$t5peft" train --model model --data data.csv --lora-r 2 --num-train-epochs 2 --max-source-length 40 --out foretold --json
holds "its steps" 'grep -q "\"steps\": 4," out && [ $(find foretold -name "adapter_model.safetensors" -size -20k | wc -l) = 1 ]'
check "estimate with evaluations" "$t5peft" estimate --model model --data data.csv --eval-data data.csv --max-steps 3 --lora-r 2
says 2 "unknown option --price-per-hour" "$t5peft" train --price-per-hour 2
mkdir config-only && cp model/config.json config-only
says 0 "steps     6 of 4 rows" "$t5peft" estimate --model config-only --data data.csv --method full --per-device-train-batch-size 4 --num-train-epochs 2
says 1 "--learning-rate -1: must not be negative" "$t5peft" estimate --model model --data data.csv --learning-rate -1
holds "estimate writes nothing" '[ "$(ls config-only)" = config.json ] && [ ! -e t5peft-out/estimate ]'
# sweep: the contract; a rate that loses all numbers ends nothing; the winner's folder is what train makes of its run.json.
check "sweep" "$t5peft" sweep --model model --data data.csv --eval-data data.csv --max-steps 9 --learning-rate 1e-3,1e-2,1e30 --lora-r 2,4 --target-modules q \
    --target-modules all-linear --out swept --json --seeds 2 --eval-rouge 2 --max-new-tokens 4 --quiet
holds "sweep's lines" 'test ! -s err && [ $(grep -cE "^\{\"trial\": [0-9]+, \"rung\": [123], \"step\": [0139], \"eval_loss\": ([0-9.]+|null), \"options\": \{\"learning-rate\": [0-9.e+]+, \"lora-r\": [24], \"target-modules\": \"(q|all-linear)\"\}, \"state\": \"(kept|cut|not told apart|diverged|rising|best|done)\"\}$" out) = $(($(wc -l < out) - 1)) ] &&
    [ $(grep -c "\"rung\": 1, \"step\": [01]," out) = 12 ] && [ $(grep -c "\"eval_loss\": null, .*1e+30.*diverged" out) = 4 ] && [ $(grep -c "\"rung\": 3, \"step\": 9, .*\"state\": \"best\"" out) = 1 ]'
holds "the best is the lowest of the last rung" 'best=$(sed -n "s/^{\"best\": \([0-9]*\), \"eval_loss\": [0-9.]*, \"seconds\": [0-9.]*}$/\1/p" out) && grep "\"rung\": 3" out | sed "s/.*\"trial\": \([0-9]*\), .*\"eval_loss\": \([0-9.]*\),.*/\2 \1/" | sort -n | head -1 | grep -q " $best$" &&
    grep -q "\"rung\": 2, \"step\": 3" out && [ -d swept/trial-$best-seed-43 ]'
mkdir repeated
check "train what won" "$t5peft" train --config swept/best/run.json --out repeated --threads 1 --quiet
holds "the winner's bytes" 'cmp swept/best/adapter_model.safetensors repeated/adapter_model.safetensors && cmp swept/best/adapter_config.json repeated/adapter_config.json && [ "$(ls swept/best)" = "$(ls repeated)" ] &&
    [ "$(sed "s/, \"tokens_per_second.*peak_bytes\": [0-9]*//" swept/best/train_log.jsonl)" = "$(sed "s/, \"tokens_per_second.*peak_bytes\": [0-9]*//" repeated/train_log.jsonl)" ]'
holds "sweep's page" 'grep -q "<h2>Scores</h2>" swept/report.html && grep -q "<h2>Other seeds</h2>" swept/report.html && [ $(grep -c "<tr><th scope=\"row\">trial-[0-9]*</th><td><code>" swept/report.html) = 12 ] && ! grep -q "nan\|<script" swept/report.html'
says 0 "9/9" "$t5peft" sweep --model model --data data.csv --eval-data data.csv --max-steps 9 --learning-rate 1e-3,1e-2,1e30 --lora-r 2,4 --target-modules q \
    --target-modules all-linear --out swept --quiet
says 1 "swept/sweep.json: is of another sweep: it has \"--lora-alpha 32\", this one \"--lora-alpha 8\"; name another --out" "$t5peft" sweep --model model --data data.csv \
    --eval-data data.csv --max-steps 9 --learning-rate 1e-3,1e-2,1e30 --lora-r 2,4 --target-modules q --target-modules all-linear --out swept --quiet --lora-alpha 8
# Every way in one grid; a plain grid; draws from ranges, twice the same.
check "sweep over methods" "$t5peft" sweep --model model --data data.csv --eval-data data.csv --max-steps 2 --eta 1 --method lora --method prompt --method full --num-virtual-tokens 2 --out ways --quiet
holds "a plain grid" '[ $(grep -c "^trial-[123] *2/2 " out) = 3 ] && [ -f ways/trial-3/model.safetensors ] && [ -f ways/trial-2/adapter_model.safetensors ]'
for draw in one two; do
    check "sweep of ranges" "$t5peft" sweep --model model --data data.csv --eval-data data.csv --max-steps 1 --learning-rate 1e-5..1e-2 --lora-r 2..16 --lora-dropout 0,0.1 --trials 5 --out drawn-$draw --json --quiet
    sed 's/"seconds": .*//' out > $draw
done
holds "drawn alike" 'cmp one two && [ $(grep -c "\"learning-rate\": [0-9.e-]*, \"lora-r\": [0-9]*, \"lora-dropout\": 0" one) -ge 5 ] && [ $(sed -n "s/.*learning-rate\": \([^,]*\),.*/\1/p" one | sort -u | wc -l) = 5 ]'
says 1 "--learning-rate 1e-5..1e-2 is a range: --trials N says how many are drawn" "$t5peft" sweep --model model --data data.csv --eval-data data.csv --learning-rate 1e-5..1e-2 --out x --quiet
says 1 "--eval-data is missing: rows that are not trained on" "$t5peft" sweep --model model --data data.csv --out x --quiet
says 1 "trial-2 (--lora-r 20000): --lora-r must be from 1 to 16384" "$t5peft" sweep --model model --data data.csv --eval-data data.csv --lora-r 2,20000 --max-steps 1 --out x --quiet
says 2 "a number is wanted after --learning-rate" "$t5peft" sweep --learning-rate 1e-3,x
says 2 "a number is wanted after --learning-rate" "$t5peft" sweep --learning-rate 1e-2..1e-3
# inspect: the contract; what is off and on again leaves the model as it was; a cut adapter has the loss that the curve said.
check "an adapter to inspect" "$t5peft" train --model model --data data.csv --lora-r 4 --target-modules q,v,wi_0 --learning-rate 0.05 --max-steps 6 --out seen --quiet
check "another" "$t5peft" train --model model --data data.csv --lora-r 2 --target-modules q,v --learning-rate 0.05 --max-steps 6 --seed 3 --out seen-two --quiet
check "every weight to inspect" "$t5peft" train --model model --data data.csv --method full --learning-rate 0.01 --max-steps 4 --out seen-full --quiet
check "a prompt to inspect" "$t5peft" train --model model --data data.csv --method prompt --num-virtual-tokens 6 --max-steps 4 --out seen-prompt --quiet
check "inspect" "$t5peft" inspect seen seen-two --model model --data data.csv --eval-data data.csv --json --quiet --html seen.html
holds "inspect's object" 'test ! -s err && tr -d "\n" < out > flat && grep -qE "^\{\"kind\": \"lora\", \"folder\": \"seen\", \"modules\": \[  \{\"name\": \"encoder.block.0.layer.0.SelfAttention.q\", \"rank\": 4, \"norm\": [0-9.e-]+, \"weight_norm\": [0-9.e-]+, \"stable_rank\": [0-9.]+, \"effective_rank\": [0-9.]+, \"k90\": [1-4], \"amplification\": [0-9.e+]+, .*\"singular_values\": \[[0-9.e-]+, [0-9.e-]+, [0-9.e-]+, [0-9.e-]+\]\}," flat &&
    grep -qE "\"loss\": [0-9.]+, \"ablation\": \[\{\"name\": \"all\", \"loss\": [0-9.]+\}, \{\"name\": \"encoder.block.0\", \"loss\": [0-9.]+\}.*\"name\": \"encoder.block.\*.SelfAttention.q\".*\"rank_curve\": \[\{\"rank\": 1, \"loss\": [0-9.]+\}, \{\"rank\": 2, \"loss\": [0-9.]+\}, \{\"rank\": 4, \"loss\": [0-9.]+\}\], \"forgetting\": \{\"before\": [0-9.]+, \"after\": [0-9.]+\}, \"similarity\": \[  \{\"name\": \"encoder.block.0.layer.0.SelfAttention.q\", \"cosine\": -?[0-9.e-]+, \"phi\": \[\[[0-9.e-]+, [0-9.e-]+\], .*\], \"others\": \[\{\"kind\": \"lora\"" flat'
sed 's/, "similarity.*//' flat > first
holds "the loss is score's, and after all that was off it is the same" 'loss=$(sed "s/.*\"loss\": \([0-9.]*\), \"ablation.*/\1/" first) && "$0" score --model model --adapter seen --data data.csv --json --quiet | grep -q "mean_loss\": ${loss%??????????}" &&
    grep -q "\"after\": $loss}" first'
holds "inspect's page" 'grep -q "Map of the changes" seen.html && grep -q "Loss without" seen.html && grep -q "seen beside seen-two" seen.html && ! grep -q "nan\|<script" seen.html'
if [ -x "$t5peft-convert" ]; then
    check "an adapter cut to rank 2" "$t5peft-convert" seen seen-cut --truncate 2
    holds "its loss is on the curve" '"$0" score --model model --adapter seen-cut --data data.csv --json --quiet | grep -q "mean_loss\": $(sed "s/.*{\"rank\": 2, \"loss\": \([0-9.]*\).*/\1/" first | cut -c1-6)"'
    says 1 "seen: has rank 4 already; --truncate wants a lower one" "$t5peft-convert" seen cut-two --truncate 4
    says 1 "--truncate is for a LoRA adapter" "$t5peft-convert" model cut-two --truncate 2
    says 2 "--truncate is a rank" "$t5peft-convert" seen cut-two --truncate x
fi
says 0 "every weight on 37 linear layers" "$t5peft" inspect --instruct seen-full --model model --intruders
check "what full tuning's parts are worth" "$t5peft" inspect --instruct seen-full --model model --data data.csv --json --quiet
holds "a part that is off is missed" 'tr -d "\n" < out > flat && loss=$(sed "s/.*\"loss\": \([0-9.]*\), \"ablation.*/\1/" flat) && [ -n "$loss" ] && ! grep -q "encoder.block.0\", \"loss\": $loss}" flat && ! grep -q "lm_head\", \"loss\": $loss}" flat'
check "inspect a prompt" "$t5peft" inspect seen-prompt --model model --data data.csv --json --quiet --html prompt.html
holds "its rows" 'grep -q "^{\"kind\": \"prompt\", \"folder\": \"seen-prompt\", \"rows\": \[$" out && [ $(grep -cE "^  \{\"norm\": [0-9.]+, \"from_start\": [0-9.]+, \"cluster\": [0-5], \"x\": -?[0-9.e-]+, \"y\": -?[0-9.e-]+, \"nearest\": \[(\{\"piece\": \"[^}]*\", \"id\": [0-9]+, \"cosine\": [0-9.e-]+\}(, )?){5}\]\}" out) = 6 ] &&
    grep -q "\"embedding_norm\": [0-9.]*, .*\"ablation\": \[{\"name\": \"all\", .*{\"name\": \"nearest pieces\"" out && grep -q "no reading of what it does" prompt.html'
says 0 "A prompt may lie near any text" "$t5peft" inspect seen-prompt --model model
check "a prompt that has not moved" "$t5peft" train --model model --data data.csv --method prompt --num-virtual-tokens 6 --max-steps 1 --learning-rate 1e-12 --out still --quiet
check "inspect it" "$t5peft" inspect still --model model --json --quiet
holds "it lies where it began" '[ $(grep -cE "\"from_start\": [0-9.]*(e-[0-9]*)?, .*\"cosine\": (1|1.00000[0-9]*|0.99999[0-9]*)\}," out) = 6 ] && ! grep -q "\"from_start\": [1-9][0-9.]*," out'
check "inspect a model" "$t5peft" inspect model --json
holds "its parts" 'grep -qE "^\{\"kind\": \"model\", \"folder\": \"model\", \"config\": \{\"vocab_size\": [0-9]+, .*\"parameters\": \{\"total\": $(sed -n "s/trainable parameters: .* of \([0-9,]*\) .*/\1/p" err | head -1 | tr -d ,)" out && grep -q "\"memory\": \[{\"what\": \"run\", \"dtype\": \"f32\", \"bytes\": " out'
cp -R seen-full fewer
sed 's/"num_decoder_layers": [0-9]*/"num_decoder_layers": 1/' seen-full/config.json > fewer/config.json
says 1 "fewer: has not as many layers as its base model" "$t5peft" inspect --instruct fewer --model model
says 1 "nowhere/adapter_config.json: no such file" "$t5peft" inspect nowhere --model model
printf 'Hello there\n{"dialogue": "Hello\\nthere"}\r\n{"x"\n{"other": "y"}\n\nHello there' > lines
check "generate --lines" sh -c "'$t5peft' generate --model model --max-new-tokens 3 --prompt '{dialogue}' --lines < lines"
holds "a line in is a line out" '[ $(grep -c "^{\"index\": [0145], \"text\": \".*\", \"tokens\": \[.*\]}$" out) = 4 ] &&
    [ $(grep -c "^{\"index\": [23], \"error\": \"standard input, line [34]: .*\"}$" out) = 2 ]'
holds "whatever came before" '[ "$(sed -n "1s/.*text//p" out)" = "$(sed -n "6s/.*text//p" out)" ]'
if command -v mkfifo > /dev/null && command -v timeout > /dev/null; then  # the answer comes while the pipe is still open
    mkfifo pipe
    { echo Hello; timeout 20 sh -c 'while [ ! -s answer ]; do sleep 0.1; done; [ -s answer ] && echo yes > before'; } > pipe &
    "$t5peft" generate --model model --max-new-tokens 2 --lines < pipe > answer 2> /dev/null
    holds "an answer comes at once" '[ -s before ]'
fi
says 1 "--lines reads standard input" "$t5peft" generate --model model --lines Hello
check "beams" "$t5peft" generate --model model --data data.csv --limit 2 --num-beams 3 --num-return-sequences 2 --max-new-tokens 4 --json
holds "two sequences a row" 'test $(wc -l < out) = 4'
check "sampling" "$t5peft" generate --model model --data data.csv --limit 2 --do-sample --top-p 0.9 --temperature 0.7 --max-new-tokens 4
says 1 "--early-stopping perhaps" "$t5peft" generate --model model --data data.csv --early-stopping perhaps
says 0 '"rows": 12}' "$t5peft" eval --model model --adapter peft --data data.csv --target-column summary --target-column other --max-new-tokens 4 --out results.csv --json
holds "results" 'head -1 results.csv | grep -q "^index,dialogue,summary,other,prediction,rouge1,rouge2,rougeL,rougeLsum$"'
"$t5peft" generate --model model --adapter peft --data data.csv --max-new-tokens 4 > texts 2> /dev/null
holds "results hold what was generated" 'i=0; while read -r line; do case $line in ?*) grep -qF -e "$line" results.csv || exit 1; i=$((i + 1));; esac; done < texts; test $i -gt 6'
says 0 "gain over original" "$t5peft" compare --model model --instruct instruct --adapter peft --adapter prompt --data data.csv --max-new-tokens 4 --out compare --sample-rows 1,5
holds "compare's rows" 'grep -q "^---- row 5" out && grep -q "^human:" out && grep -q "^instruct  .*$" out && test -s compare/results.csv'
says 0 '"name": "prompt", "trained_parameters": 160' "$t5peft" compare --model model --adapter peft --adapter prompt --data data.csv --max-new-tokens 4 --out compare --json
says 1 "row 99 is not among" "$t5peft" compare --model model --data data.csv --max-new-tokens 4 --out compare --sample-rows 99
says 1 "adapter_config.json" "$t5peft" generate --model model --adapter instruct --data data.csv
printf 'prediction,summary\nthe cat sat,the cat sat down\n' > texts.csv
says 0 '"rouge1": 0.857142857142857' "$t5peft" rouge --predictions texts.csv --json
says 0 '[75, 72, 79, 79, 82, 1]' "$t5peft" tokenize --model model --json hello
says 0 'hello' "$t5peft" detokenize --model model 75 72 79 79 82 1
says 1 "ends at id" "$t5peft" detokenize --model model 100000
"$t5peft" generate --model model --data data.csv --max-new-tokens 3 2> err | head -1 > out
holds "a closed pipe" 'test $(wc -l < out) = 1 && ! grep -q fault err'

# What the rows lack is counted and said; training, score and evaluation leave such rows out, the others keep them.
printf '%s\n' '{"dialogue": "a b c d e f g", "summary": "x"}' '{"dialogue": "a", "summary": null}' '{"dialogue": NaN, "summary": "y", "other": NaN}' \
    '{"dialogue": "b", "summary": "a long one"}' > lacks.jsonl
grep -v -e null -e NaN lacks.jsonl > whole.jsonl
lora="--method lora --lora-r 2 --max-steps 3 --max-source-length 60 --max-target-length 6"
says 0 "lacks.jsonl: 2 of 4 rows lack a text (null or an empty field): they are left out" "$t5peft" train --model model --data lacks.jsonl $lora --out lacks
holds "cut rows are counted" 'grep -qxF "lacks.jsonl: 1 of 4 rows are cut to --max-source-length 60: they lose 2 tokens" err && grep -qxF "lacks.jsonl: 1 of 4 rows are cut to --max-target-length 6: they lose 5 tokens" err'
says 0 "whole.jsonl: 1 of 2 rows are cut" "$t5peft" train --model model --data whole.jsonl $lora --out whole --eval-data lacks.jsonl
holds "the evaluation data too" 'grep -qF "lacks.jsonl: 2 of 4 rows lack" err'
check "rows that lack a text are as if they were not there" cmp lacks/adapter_model.safetensors whole/adapter_model.safetensors
says 0 "lacks.jsonl: 2 of 4 rows lack" "$t5peft" score --model model --data lacks.jsonl --json
holds "scored rows keep their numbers" 'grep -q "^{\"index\": 0," out && grep -q "^{\"index\": 3," out && test $(wc -l < out) = 3'
says 0 "lacks.jsonl: 1 of 4 rows lack a text (null or an empty field): the model reads an empty one" "$t5peft" generate --model model --data lacks.jsonl --json --max-new-tokens 2
holds "four rows" 'test $(wc -l < out) = 4'
says 0 "lacks.jsonl: 1 of 4 rows lack a text (null or an empty field): they have no reference and score 0" "$t5peft" eval --model model --data lacks.jsonl --json --max-new-tokens 2
holds "four rows are scored" 'grep -q "\"rows\": 4}" out'
says 0 "original" "$t5peft" compare --model model --adapter peft --data lacks.jsonl --max-new-tokens 2 --out compare
holds "compare says it once" 'test $(grep -c "the model reads an empty one" err) = 1 && test $(grep -c "score 0" err) = 1'
check "--quiet" "$t5peft" score --model model --data lacks.jsonl --max-source-length 5 --quiet
holds "nothing is said" '! test -s err'
printf '{"dialogue": "a", "summary": null}\n' > none.jsonl
says 1 'none.jsonl: none of 1 rows has both a source and "summary"' "$t5peft" score --model model --data none.jsonl

# A list in a cell: references, each of which counts; no source and no target. rouge_score 0.1.2 gives 1 and 2/3 for these two rows.
printf '%s\n' '{"prediction": "They greet.", "summary": ["A greeting.", "They greet."], "dialogue": ["Anna: hello", "Ben: hello"]}' \
    '{"prediction": "the cat", "summary": ["a cat", null, "the cat sat down"], "dialogue": "x"}' > lists.jsonl
says 0 '"rouge1": 0.83333333333333326, "rouge2": 0.75' "$t5peft" rouge --predictions lists.jsonl --json
says 1 "jq -c '.dialogue |= join(\"\\n\")' lists.jsonl > lists.text.jsonl" "$t5peft" generate --model model --data lists.jsonl
says 1 '"summary" holds a list where one text is wanted' "$t5peft" train --model model --data lists.jsonl --source-column prediction --out x
says 0 '"rows": 2}' "$t5peft" eval --model model --data lists.jsonl --source-column prediction --json --max-new-tokens 2
says 0 "They greet." "$t5peft" compare --model model --data lists.jsonl --source-column prediction --max-new-tokens 2 --out compare
holds "the first reference is shown" 'grep -qxF "  A greeting." out'

# Letters that ROUGE has no words of; bytes of another encoding, where they are used.
printf 'prediction,summary\n\340\244\205\340\244\250,\340\244\205\340\244\250\nthe cat,the caf\303\251\n' > hindi.csv
says 0 "hindi.csv: 1 of 2 references are mostly of letters that ROUGE does not know" "$t5peft" rouge --predictions hindi.csv
says 0 "1 of 2 references are mostly" "$t5peft" eval --model model --data hindi.csv --source-column prediction --max-new-tokens 2
says 0 "1 of 2 references are mostly" "$t5peft" train --model model --data hindi.csv --source-column prediction --eval-data hindi.csv --eval-rouge 2 $lora --out hindi
says 0 '"rows": 2}' "$t5peft" rouge --predictions hindi.csv --json --quiet
holds "nothing is said of them" '! test -s err'
printf 'dialogue,summary,other\nb,c,\222\nAnna\222s caf\351,They greet,x\n' > cp1252.csv
says 1 'cp1252.csv: line 3 (row 1): "dialogue" holds the byte 0x92, which is no UTF-8; if Windows wrote it: iconv -f WINDOWS-1252 -t UTF-8 cp1252.csv > cp1252.utf8.csv' \
    "$t5peft" score --model model --data cp1252.csv
check "the row before it" "$t5peft" score --model model --data cp1252.csv --limit 1
says 1 'the text given: line 1 (row 0): "dialogue" holds the byte 0x92' "$t5peft" generate --model model "$(printf 'Anna\222s')"
holds "FILE stands for no file" 'grep -q "UTF-8 FILE > FILE.utf8$" err'

# Odd surroundings: another locale, no HOME, standard streams that are closed, little stack, many threads, one processor, no leave to write.
tiny="--model $PWD/model --data $PWD/data.csv --lora-r 2 --max-steps 2 --quiet"
check "plainly" "$t5peft" train $tiny --out odd0
check "in a German locale" env LC_ALL=de_DE.UTF-8 "$t5peft" train $tiny --out odd1
check "in a Turkish locale" env LC_ALL=tr_TR.UTF-8 "$t5peft" train $tiny --out odd2
check "without HOME" env -u HOME "$t5peft" train $tiny --out odd3
check "with closed streams" sh -c "'$t5peft' train $tiny --out odd4 <&- >&- 2>&-"
[ "$SANITIZED" ] || check "with 64 KiB of stack" sh -c "ulimit -s 64; '$t5peft' train $tiny --out odd5"
check "with 64 threads" "$t5peft" train $tiny --out odd6 --threads 64
command -v taskset > /dev/null && check "on one processor" taskset -c 0 "$t5peft" train $tiny --out odd7
for i in 1 2 3 4 5 6 7; do [ ! -d odd$i ] || check "the same bytes, odd$i" cmp odd0/adapter_model.safetensors odd$i/adapter_model.safetensors; done
says 0 "hello" sh -c "cd / && '$t5peft' detokenize --model '$PWD/model' 75 72 79 79 82 1"
check "closed standard input is empty" sh -c "'$t5peft' tokenize --model model <&-"
if [ "$(id -u)" != 0 ]; then
    mkdir readonly && chmod 555 readonly
    says 1 "readonly/out: this folder cannot be made: " "$t5peft" train $tiny --out readonly/out
fi
if [ -e /dev/full ]; then says 1 "standard output cannot be written" sh -c "'$t5peft' tokenize --model model --json hello > /dev/full"; fi

# bench: the table, the same figures as one JSON object, each method.
quick="--max-steps 1 --max-new-tokens 4 --per-device-train-batch-size 2 --max-source-length 12 --max-target-length 5"
says 0 "of the bandwidth" "$t5peft" bench --model model $quick
holds "bench's table" 'grep -q "^multiply-add peak, f32 .* GFLOP/s" out && grep -q "^lm_head, 10 x 32 x 300, dW .* % of the " out && grep -q "^training, peak memory .* MiB" out'
check "bench --json" "$t5peft" bench --model model $quick --method full --dtype bf16 --num-beams 2 --json --quiet
holds "bench's keys" 'test $(wc -l < out) = 1 && ! test -s err && for key in kernels threads peak_f32_gflops bandwidth_gbytes gemm_q_forward_gflops gemm_lm_head_dW_gflops_share train_seconds_per_example \
    train_tokens_per_second train_gflops_share train_peak_mib generate_1_row_tokens_per_second_share generate_16_rows_encoder_seconds generate_beams_tokens_per_second; do
    grep -qE "\"$key\": [0-9\"]" out || exit 1; done'
cp out bench.json
says 1 'bench.json: "kernels" is no option' "$t5peft" train --config bench.json
check "bench with a soft prompt" "$t5peft" bench --model model $quick --method prompt --dtype int8
says 2 "--shape tiny: must be small, base or large" "$t5peft" bench --shape tiny
says 1 "--max-new-tokens at least 2" "$t5peft" bench --model model --max-new-tokens 1
says 0 "--max-source-length N              tokens of each random source; DialogSum's mean (221)" "$t5peft" bench --help

# The README's program, which tests/run.sh has compiled.
if [ -n "$T5PEFT_EXAMPLE" ]; then
    says 0 "step 20 of 20: loss" "$T5PEFT_EXAMPLE" model data.csv example
    holds "the example's adapter" 'test -s example/adapter_model.safetensors && grep -q "loss of a target: [0-9]" out'
    says 1 "nowhere: no such folder" "$T5PEFT_EXAMPLE" nowhere data.csv example
fi

# An int8 model is tuned in every weight: what is saved is f32 and holds no scales.
convert=${t5peft}-convert
if [ -x "$convert" ]; then
    check "to int8" "$convert" model int8 --dtype int8
    check "tune an int8 model" "$t5peft" train --model int8 --data data.csv --method full --max-steps 2 --out float --quiet
    holds "no scales are left" 'test -s float/model.safetensors && head -c 20000 float/model.safetensors | tr -d "\0" | grep -qv "weight.scale"'
    check "LoRA over int8" "$t5peft" train --model int8 --data data.csv --max-steps 2 --out over --quiet
    says 1 "has rounded the weights that --method full would train" "$t5peft" train --model model --dtype int8 --data data.csv --method full --max-steps 1 --out refused
    check "full tuning is in f32" "$t5peft" train --model model --dtype bf16 --data data.csv --method full --max-steps 2 --out float2 --quiet
    check "scored in int8" "$t5peft" score --model model --dtype int8 --data data.csv --limit 2
fi

# A loss that is lost stops the run, names the step and rows, and leaves the last good state.
says 1 "is not a finite number (rows" "$t5peft" train --model model --data data.csv --method full --learning-rate 1e15 --max-grad-norm 0 --max-steps 9 --out lost
holds "the state before it" 'grep -q "the state before it is in lost/checkpoint-" err && test -s lost/checkpoint-*/model.safetensors'

# The demo: its dialogues are what the generator makes of its scenes, and no task of the base model asks for a summary.
root=${t5peft%/t5peft}
mkdir written
check "the demo's generator" ${CC:-cc} -std=c11 -O1 "$root/demo/make_dialogues.c" -o make_dialogues
check "it writes" sh -c 'work=$PWD && cd "$1" && "$work/make_dialogues" 1 1200 150 "$work/written"' sh "$root"
holds "demo/dialogues" "cmp written/train.csv '$root/demo/dialogues/train.csv' && cmp written/test.csv '$root/demo/dialogues/test.csv'"
check "the demo's tasks" ${CC:-cc} -std=c11 -O1 "$root/demo/make_tasks.c" -o make_tasks
check "they are written" sh -c 'work=$PWD && cd "$1" && "$work/make_tasks" --seed 9 --tasks 3000 "$work/written/tasks.csv"' sh "$root"
holds "no summaries" '[ $(grep -c "^question," written/tasks.csv) -gt 1000 ] && ! grep -qi summar written/tasks.csv'
mkdir -p broken/demo && printf '# a scene\nA: ({x|y.\n' > broken/demo/scenes.txt
says 1 "a bracket is not closed" sh -c 'cd broken && ../make_dialogues 1 1 1 .'

echo "$passed passed, $failed failed"
test $failed = 0
