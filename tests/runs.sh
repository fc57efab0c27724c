#!/bin/sh
# What happens to runs: stopped, killed, two at a time, gone on from with something changed, with a full disk. From the project's root.
t5peft=$PWD/t5peft
convert=$PWD/t5peft-convert
fixtures=$PWD/tests/fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0
exec=

ok() {
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL runs: $2 ($(head -c 300 err))"; fi
}
# good NAME COMMAND...: exit 0
good() { name=$1; shift; "$@" > out 2> err < /dev/null; ok $? "$name"; }
# refused TEXT COMMAND...: exit 1 and one line with this text
refused() {
    text=$1
    shift
    "$@" > out 2> err < /dev/null
    [ $? = 1 ] && [ "$(wc -l < err)" -eq 1 ] && grep -qF -e "$text" err
    ok $? "refused with \"$text\": $*"
}
tune() { $exec "$t5peft" train --model model --data rows.csv --out o --max-steps 4 --save-steps 2 --lora-r 2 --per-device-train-batch-size 4 --threads 1 --quiet "$@"; }

sh "$fixtures/../tiny_model.sh" model
awk 'BEGIN { print "dialogue,summary"; for (i = 0; i < 12; i++) printf "\"#Person1#: I have %d pears.\n#Person2#: Good.\",There are %d pears.\n", i, i }' > rows.csv

# --resume goes on only with what shapes the result as it was.
good "a run" tune
cp o/adapter_model.safetensors whole
cp -R o start
rm -r o/checkpoint-4 o/adapter_model.safetensors
cp -R o part
again() { rm -rf o && cp -R part o; }
for change in "--learning-rate 0.5" "--lr-scheduler-type cosine" "--warmup-steps 3" "--warmup-ratio 0.5" "--weight-decay 0.5" "--adam-beta1 0.5" "--adam-beta2 0.5" \
    "--adam-epsilon 1e-3" "--max-grad-norm 0.01" "--label-smoothing-factor 0.3" "--dropout 0.5" "--max-source-length 9" "--max-target-length 9" "--source-column summary" \
    "--target-column dialogue" "--prompt x{dialogue}" "--dtype bf16" "--seed 7" "--no-shuffle" "--group-by-length" "--lora-r 4" "--lora-alpha 4" "--lora-dropout 0" "--use-rslora" \
    "--target-modules q" "--layers-to-transform 0" "--subset 1/2" "--limit 5" "--per-device-train-batch-size 2" "--gradient-accumulation-steps 2" "--method prompt" \
    "--init-adapter start" "--load-best-at-end --eval-data rows.csv"; do
    again
    option=${change%% *}
    refused "o/run.json: the run that was stopped had another $option; " tune --resume $change
done
again
for change in "--max-steps 5 --logging-steps 1 --save-steps 1 --save-total-limit 9" "--threads 2 --gradient-checkpointing --batch-size 3 --max-new-tokens 3" "--num-train-epochs 2 --max-steps 0"; do
    again
    good "a change that --resume takes: $change" tune --resume $change
done
again
cp rows.csv moved.csv
cp -R model moved
good "data and model under other names" tune --resume --data moved.csv --model moved
cmp -s whole o/adapter_model.safetensors
ok $? "the same bytes after --resume with moved files"
again
sed 's/pears/plums/' rows.csv > moved.csv
refused "read something else" tune --resume --data moved.csv
"$t5peft" train --model model --data rows.csv --method full --max-steps 1 --out moved2 --quiet > out
refused "read something else" tune --resume --model moved2

# A damaged line of the log and what a killed run left do not stand in the way.
again
good "a run with a line a step" tune --logging-steps 1 --out log
rm -r log/checkpoint-4
sed -i.bak '1s/.*/{"step": 1, "loss": /' log/train_log.jsonl
mkdir o/checkpoint-3.part log/checkpoint-3.part
echo > log/checkpoint-3.part/optimizer.safetensors.part-99999
echo > log/adapter_model.safetensors.part-99999
good "gone on beside wreckage" tune --logging-steps 1 --out log --resume
[ "$(wc -l < log/train_log.jsonl)" -eq 3 ] && ! ls -R log | grep -q part
ok $? "the damaged line and the wreckage are gone: $(ls log | tr '\n' ' ')"
echo > results.csv.part-99999
mkdir converted.part-99999 && echo > converted.part-99999/model.safetensors
good "eval beside wreckage" "$t5peft" eval --model model --data rows.csv --max-new-tokens 2 --limit 2 --quiet --out results.csv
good "convert beside wreckage" "$convert" model converted
[ ! -e results.csv.part-99999 ] && [ ! -e converted.part-99999 ]
ok $? "what killed runs of eval and convert left is gone"

# Numbers that are lost are not saved.
refused "the weights after step 1 hold nan" tune --learning-rate 1e308 --out lost
[ ! -e lost/adapter_model.safetensors ] && ! ls lost | grep -q checkpoint
ok $? "nothing of lost numbers is saved: $(ls lost | tr '\n' ' ')"

# Two runs in one --out: the second is refused, also --resume; what kill -9 leaves is no lock.
rm -rf o
{ exec=exec; tune --max-steps 100000 --save-steps 1 --save-total-limit 1 > out2 2> err2; } &  # so that the job is the program itself
first=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    ls o 2> /dev/null | grep -q checkpoint && break
    sleep 0.2
done
refused "o: another run is writing to it" tune --resume
refused "o: another run is writing to it" "$t5peft" compare --model model --data rows.csv --limit 2 --max-new-tokens 2 --quiet --out o
kill -9 $first
wait $first 2> err2
good "no lock is left by a killed run" tune --max-steps 100000 --num-train-epochs 1 --resume --max-steps "$(($(ls -d o/checkpoint-*[0-9] | sed 's/.*-//' | sort -n | tail -1) + 1))"

# Ctrl-C finishes the step, saves and says so; --resume gives the undisturbed bytes.
rm -rf o
tune --max-steps 400 --save-steps 0 --out undisturbed > out 2> err
{ exec=exec; tune --max-steps 400 --save-steps 0 > out 2> err; } &
first=$!
sleep 0.3
kill -INT $first
wait $first
[ $? = 130 ] && grep -q "^stopped after step [0-9]*; --resume goes on from o/checkpoint-" out
ok $? "Ctrl-C: $(cat out)"
good "gone on after Ctrl-C" tune --max-steps 400 --save-steps 0 --resume
cmp -s undisturbed/adapter_model.safetensors o/adapter_model.safetensors
ok $? "the same bytes after Ctrl-C"

# A sweep that is killed again and again goes on, to the same bytes; while it runs, another one in its folder is refused.
sweep() { $exec "$t5peft" sweep --model model --data rows.csv --eval-data rows.csv --max-steps 81 --learning-rate 1e-3,1e-2 --lora-r 2,4,8 --seeds 2 --quiet --json "$@"; }
good "a sweep" sweep --out undisturbed-sweep
sed 's/"seconds": .*//' out > said
kills=0
for i in 1 2 3 4 5 6 7 8; do
    { exec=exec; sweep --out swept > out2 2> err2; } &
    first=$!
    sleep 0.1
    [ $i = 3 ] && refused "swept: another run is writing to it" sweep --out swept
    kill -9 $first 2> err2 && kills=$((kills + 1))
    wait $first 2> err2
done
good "the sweep goes on after $kills kills" sweep --out swept
sed 's/"seconds": .*//' out | cmp -s said -
ok $? "it says the same"
same=0
for f in undisturbed-sweep/*/adapter_model.safetensors; do cmp -s $f swept/${f#*/} || same=1; done
ok $same "the same bytes after kills"
[ -z "$(find swept -name "*.part*")" ]
ok $? "nothing is left of what was killed"
{ exec=exec; sweep --out stopped > out 2> err; } &
first=$!
sleep 0.1
kill -INT $first
wait $first
status=$?
good "gone on after Ctrl-C ($status)" sweep --out stopped
sed 's/"seconds": .*//' out | cmp -s said - && { [ $status = 130 ] || [ $status = 0 ]; }
ok $? "a sweep that was stopped says the same"

# A full disk where standard output goes.
if [ -c /dev/full ]; then
    for command in "train --model model --data rows.csv --max-steps 1 --lora-r 2 --quiet --out full" "--help" "--version" "train --help" "tokenize --model model hello" "score --model model --data rows.csv --quiet"; do
        "$t5peft" $command > /dev/full 2> err
        [ $? = 1 ] && [ "$(cat err)" = "t5peft: standard output cannot be written: No space left on device" ]
        ok $? "standard output full: $command"
    done
    for command in "--list model" "--help" "--version" "model full2"; do
        "$convert" $command > /dev/full 2> err
        [ $? = 1 ] && [ "$(cat err)" = "t5peft-convert: standard output cannot be written: No space left on device" ]
        ok $? "standard output full: convert $command"
    done
fi

# Large and empty things. A JSON of 20 MB wants a tenth of what it once took.
awk 'BEGIN { print "dialogue,summary"; for (i = 0; i < 600000; i++) printf "hello there a b c "; print ",x"; print ",y"; print "z," }' > large.csv
good "a dialogue of 10 MB, an empty one, an empty summary" "$t5peft" score --model model --data large.csv --quiet
[ "$(wc -l < out)" -eq 2 ]
ok $? "a loss for the one row that has both texts"
cp -R model wide
awk 'BEGIN { printf "["; for (i = 0; i < 9999999; i++) printf "1,"; print "1]" }' > wide/config.json
if [ -z "$SANITIZED" ] && [ "$(uname)" = Linux ]; then  # sanitizers take more than that for themselves
    (ulimit -v 300000; exec "$t5peft" score --model wide --data rows.csv --quiet --threads 1) 2> err > out
    [ $? = 1 ] && grep -q "it holds more values than any file of this kind" err
    ok $? "20 MB of JSON in less than 300 MB of address space"
fi
cat rows.csv | "$t5peft" score --model model --data - --quiet > piped 2> err
"$t5peft" score --model model --data rows.csv --quiet | cmp -s - piped
ok $? "rows from a pipe"
mkfifo pipe
cat rows.csv > pipe &
"$t5peft" score --model model --data pipe --quiet | cmp -s - piped
ok $? "rows from a named pipe"

# Options that no other test uses.
good "--layers-to-transform" "$t5peft" train --model model --data rows.csv --max-steps 2 --lora-r 2 --layers-to-transform 1 --out layers
grep -q "trainable parameters: 672 of" err && grep -q '"layers_to_transform": \[1\]' layers/adapter_config.json
ok $? "--layers-to-transform trains half: $(head -1 err)"
good "--freeze" "$t5peft" train --model model --data rows.csv --max-steps 2 --method full --freeze "shared.*,encoder*" --out frozen --quiet
for tensor in shared.weight encoder.block.0.layer.0.SelfAttention.q.weight lm_head.weight; do
    "$convert" --list frozen | grep -q "^$tensor "
    ok $? "a frozen model holds $tensor"
done
good "--group-by-length" "$t5peft" train --model model --data rows.csv --max-steps 4 --lora-r 2 --group-by-length --out grouped --quiet
cmp -s grouped/adapter_model.safetensors whole
[ $? = 1 ]
ok $? "--group-by-length makes other batches"
good "bench --shape" "$t5peft" bench --shape small --max-steps 1 --max-new-tokens 2 --per-device-train-batch-size 1 --max-source-length 4 --max-target-length 4 --json --quiet
grep -q '"train_seconds_per_example": [0-9]' out
ok $? "bench --shape measures"

echo "$passed passed, $failed failed"
test $failed = 0
