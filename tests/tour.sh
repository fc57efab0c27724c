#!/bin/sh
# Makes the table of the README's tour: each stop's change in a copy of t5peft.c, and the loss that 20 steps of LoRA on the demo have
# then. sh tests/tour.sh [STOP...] prints a line for each; a change that no longer fits the source is an error. make test only checks
# (sh tests/tour.sh --check) that all fit and that every function that the tour names is there.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted=$*
status=0

# stop FUNCTION FROM TO [OPTIONS of train]: FROM, which has to stand in FUNCTION, becomes TO
stop() {
    function=$1 from=$2 to=$3
    shift 3
    case " $wanted " in "  " | *" --check "* | *" $function "*) ;; *) return 0 ;; esac
    if ! awk -v name="$function" -v from="$from" -v to="$to" '
        /^static/ && index($0, " " name "(") + index($0, "*" name "(") { inside = 1 }
        inside && from != "" && !done && (at = index($0, from)) { $0 = substr($0, 1, at - 1) to substr($0, at + length(from)); done = 1 }
        inside && /^}/ { inside = 2; name = "\n" }
        inside == 2 { inside = 0; found = 1 }
        { print }
        END { exit !found || (from != "" && !done) }' t5peft.c > "$work/t5peft.c"; then
        echo "$function: the tour's change does not fit: $from"
        status=1
    fi
    if [ "$wanted" = --check ]; then
        for text in "$(cat README.md)" "$(head -45 t5peft.c)"; do
            printf '%s' "$text" | grep -q "$function[,.\`]" || { echo "$function: is no stop of the README's tour, or of the map's"; status=1; }
        done
        return 0
    fi
    if [ -z "$from" ] && [ -x t5peft ]; then cp t5peft "$work/t5peft"; else
        cp t5peft.h "$work"
        ${CC:-cc} -O2 "$work/t5peft.c" -lm -pthread -o "$work/t5peft"
    fi
    rm -rf "$work/out"
    "$work/t5peft" train --quiet --model demo/model --data demo/dialogues/train.csv --dropout 0 --max-steps 20 --logging-steps 5 \
        --out "$work/out" "$@" > "$work/said"
    printf '%-16s' "$function"
    sed 's/.*"loss": *\([0-9.]*\).*/\1/' "$work/out/train_log.jsonl" | tr '\n' ' '
    sed 's/.*: 20 steps in/ /; s/, mean.*//' "$work/said"
    [ "$function" != tuning_save ] || (cd "$work" && ls -l out | awk 'NR > 1 { print "    " $5, $NF }')
}

stop prompt_fill "" ""
stop prompt_fill "" "" --prompt "{dialogue}"
stop viterbi "float score = here + node.score;" "float score = here - 1;"
stop batch_make "target[to[i]] = c->start;" "memcpy(target + to[i], rows[i]->label, rows[i]->nt * sizeof *target); continue;"
stop embed_forward "return x;" "if (!s->decoder) o->zero(o, x, rows->N * D); return x;"
stop linear_forward "a->scale, true" "0, true"
stop bucket_of "int bucket = 0;" "if (buckets) return 0; int bucket = 0;"
stop attention_of "s->decoder && !other" "false"
stop loss_forward "" "" --label-smoothing-factor 0.1
stop linear_back "weight_grad(p, a->grad_B" "if (false) weight_grad(p, a->grad_B"
stop stack_lowest "" "" --layers-to-transform 2
stop stack_lowest "while (i < s->layers" "while (false && i < s->layers" --layers-to-transform 2
stop step_update "ops->adam(ops, parts, t->tuning->n, adam);" \
    "for (AdamPart *x = parts; x < parts + t->tuning->n; x++) ops->add(ops, x->w, x->g, -(float)rate, x->n);"
stop tuning_save "" ""
exit $status
