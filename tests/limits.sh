#!/bin/sh
# Every input of tests/limits.txt gets exit 1 and exactly the line that the table gives it. Run from the project's root.
# `sh tests/limits.sh record` prints the table with the lines as they are now; read each before it is kept.
t5peft=$PWD/t5peft
convert=$PWD/t5peft-convert
fixtures=$PWD/tests/fixtures
table=$PWD/tests/limits.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0
failed=0

# What the table's commands are made of. Each finds a fresh model in m/ and data in data.csv.
ask() { "$t5peft" generate --model m --max-new-tokens 2 --quiet "$@" hello; }
score() { "$t5peft" score --model m --quiet --data "$@"; }
tune() { "$t5peft" train --model m --data data.csv --out out --max-steps 1 --lora-r 2 --quiet "$@"; }
# weights HEADER BYTES: a safetensors file of this header and so many zeros
weights() {
    printf "$(printf '\\%03o\\%03o\\%03o' $((${#1} % 256)) $((${#1} / 256 % 256)) $((${#1} / 65536)))\\0\\0\\0\\0\\0" > m/model.safetensors
    printf %s "$1" >> m/model.safetensors
    head -c "$2" /dev/zero >> m/model.safetensors
}
# setting NAME VALUE: config.json says so
setting() { sed "s/\"$1\": [^,}]*/\"$1\": $2/" model/config.json > m/config.json; }
# adapter NAME VALUE: adapter a/ as train wrote it, but for this
adapter() { cp -R trained a && sed "s/\"$1\": [^,}]*/\"$1\": $2/" trained/adapter_config.json > a/adapter_config.json; }
# repeat N TEXT
repeat() { awk -v n="$1" -v s="$2" 'BEGIN { while (n--) printf "%s", s }'; }

sh "$fixtures/../tiny_model.sh" model
printf 'dialogue,summary\n' > rows.csv
for i in 1 2 3 4 5 6; do printf '"#Person1#: I have %d pears.\n#Person2#: Good.",Pears %d.\n' $i $i >> rows.csv; done
"$t5peft" train --model model --data rows.csv --out trained --max-steps 2 --save-steps 1 --lora-r 2 --quiet > trained.log

# fresh: the folder that an entry starts from
fresh() {
    rm -rf m a out other other.jsonl && cp -R model m && cp rows.csv data.csv
}

tab=$(printf '\t')
shell=
name=
while IFS= read -r line; do
    case $line in
    '    $ '*) shell="$shell${line#    \$ }
" ;;
    '    '*)
        fresh
        (eval "$shell") > out.txt 2> err.txt < /dev/null
        got=$?
        [ "$1" = record ] && printf '%s' "$shell" | sed 's/^/    $ /' && sed 's/^/    /' err.txt
        if [ $got = 1 ] && [ "$(cat err.txt)" = "${line#    }" ]; then passed=$((passed + 1)); else
            failed=$((failed + 1))
            [ "$1" = record ] || { echo "FAIL limits: $name: exit $got"; sed 's/^/     /' err.txt | head -3; }
        fi
        shell= ;;
    *) [ "$1" = record ] && printf '%s\n' "$line"; name=$line ;;
    esac
done < "$table"

echo "$passed passed, $failed failed"
test $failed = 0
