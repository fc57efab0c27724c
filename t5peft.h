/* t5peft: tune FLAN-T5 with LoRA, soft prompts or every weight, generate with it and score it, in one C file.

   As a library: compile t5peft.c with -DT5PEFT_NO_MAIN, include this file, link with -lm. For example

       char error[T5PEFT_ERROR];
       t5peft_options o = t5peft_defaults();
       o.model = "flan-t5-small";
       t5peft *t = t5peft_open(&o, error);
       if (!t) return fprintf(stderr, "%s\n", error), 1;
       puts(t5peft_generate(t, "Translate to German: How old are you?"));
       t5peft_close(t);

   Nothing here prints or exits, and there are no globals: any number of sessions may be open, each used by one thread at
   a time. A function that fails says so by what it returns; t5peft_error(t) then is one line that says what is wrong and
   what to do. Strings are UTF-8. */
#ifndef T5PEFT_H
#define T5PEFT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define T5PEFT_VERSION "0.2.0"

enum { T5PEFT_ERROR = 1024, T5PEFT_LIST = 16 };

/* Every option of every command under the name it has on the command line, with _ for -. t5peft_defaults() fills in what
   `t5peft COMMAND --help` shows. Strings are not copied: they must outlive the session. NULL means
   "not given"; a string that t5peft_defaults() sets must stay set. */
typedef struct t5peft_options {
    /* what is read and written */
    const char *model;                    /* folder: config.json, model.safetensors, spiece.model */
    const char *adapter[T5PEFT_LIST];     /* adapter folders; all but `compare` use the first */
    bool merge_adapter;                   /* a LoRA adapter is added to the weights when it is opened, before dtype rounds them */
    const char *instruct;                 /* compare: a fully tuned model */
    const char *shape;                    /* bench: random weights of this shape instead of a model */
    const char *data, *eval_data, *out;
    const char *source_column, *target_column[T5PEFT_LIST];
    const char *prompt;                   /* template: {COLUMN} gives way to the cell */
    const char *subset;                   /* "1/100": the rows whose index is divisible by 100 */
    int64_t limit;                        /* 0: all rows */
    int64_t max_source_length, max_target_length;  /* tokens, </s> included */
    /* how it runs */
    int64_t threads;                      /* 0: one for each processor */
    const char *dtype, *device;
    int64_t seed;
    bool json, quiet;
    /* training */
    const char *method;                   /* lora, prompt, full */
    double learning_rate;                 /* 0: lora 1e-3, prompt 0.3, full 5e-5 */
    double num_train_epochs;
    int64_t max_steps;                    /* above 0: instead of num_train_epochs */
    int64_t per_device_train_batch_size, gradient_accumulation_steps;
    const char *lr_scheduler_type;        /* linear, cosine, constant, constant_with_warmup, inverse_sqrt */
    int64_t warmup_steps;
    double warmup_ratio;
    double weight_decay, adam_beta1, adam_beta2, adam_epsilon, max_grad_norm, label_smoothing_factor;
    double dropout;                       /* of the model; -1: as config.json says; 0 turns LoRA's off too */
    bool no_shuffle, group_by_length;
    bool gradient_checkpointing;          /* less memory for long texts: activations are made again; the results are the same */
    int64_t logging_steps, eval_steps, save_steps, save_total_limit;
    int64_t eval_rouge;                   /* rows that are summarized and scored at each evaluation */
    bool load_best_at_end;
    int64_t early_stopping_patience;      /* evaluations without a better loss; 0: never stop early */
    bool resume;
    const char *init_adapter;
    int64_t lora_r;
    double lora_alpha, lora_dropout;
    bool use_rslora;
    const char *target_modules, *layers_to_transform;
    int64_t num_virtual_tokens;
    const char *prompt_tuning_init, *prompt_tuning_init_text;
    bool prompt_decoder;
    const char *freeze;
    /* generation */
    int64_t max_new_tokens, min_new_tokens, num_beams, num_return_sequences, no_repeat_ngram_size;
    double length_penalty, repetition_penalty;
    const char *early_stopping;           /* false, true, never */
    bool do_sample;
    double temperature, top_p;
    int64_t top_k;
    int64_t batch_size;                   /* rows that are generated or scored at a time */
    bool lines;                           /* generate: a line in, a line out */
    /* scoring and reports */
    const char *predictions, *prediction_column, *references, *reference_column[T5PEFT_LIST];
    bool no_stemmer, no_eos;
    const char *sample_rows;              /* compare: "40,200" */
    double price_per_hour;                /* compare: of this machine, for the report; 0: no money in it */
    int64_t trials, eta, seeds, parallel; /* sweep */
    const char *html;                     /* inspect: a page */
    bool intruders;
} t5peft_options;

typedef struct t5peft t5peft;

/* What a training run has come to; see t5peft_train. */
typedef struct t5peft_progress {
    int64_t step, total_steps;
    double epoch;
    double loss;               /* mean over the target tokens of the steps since the last logged one */
    double learning_rate;      /* that this step used */
    double grad_norm;          /* before clipping */
    double tokens_per_second;  /* source and target tokens */
    double seconds_left;
    double eval_loss;          /* NAN where this step did not evaluate */
    double eval_rouge1, eval_rouge2, eval_rougeL, eval_rougeLsum;  /* with options->eval_rouge; eval_rouge1 is NAN likewise */
    bool logged;               /* this step has a line in train_log.jsonl */
} t5peft_progress;

/* Called after every step. Returning true ends the run after a checkpoint has been written. */
typedef bool (*t5peft_callback)(void *user, const t5peft_progress *progress);

t5peft_options t5peft_defaults(void);

/* Opens options->model and, where it is given, options->adapter[0]. NULL on failure, with the reason in `error`
   (T5PEFT_ERROR bytes, may be NULL). */
t5peft *t5peft_open(const t5peft_options *options, char *error);
void t5peft_close(t5peft *t);
const char *t5peft_error(const t5peft *t);

/* Attaches what options->method says and trains it on options->data; files go to options->out as the README describes.
   An adapter that is attached already is taken off first (see init_adapter, and t5peft_merge); one that changed the weights
   (DoRA, IA3, whole weights ...) cannot be, and it fails. The callback may call t5peft_generate and t5peft_loss. 0: done.
   1: failed. 130: the callback stopped it. After it the session generates with what was tuned. */
int t5peft_train(t5peft *t, const t5peft_options *options, t5peft_callback callback, void *user);

/* Generates for one source text, as it is (no template). The string is the session's until its next call; NULL on failure. */
const char *t5peft_generate(t5peft *t, const char *source);

/* Mean loss of a target's tokens given a source, teacher-forced; NAN on failure. */
double t5peft_loss(t5peft *t, const char *source, const char *target);

/* Writes what was trained, or the adapter that was opened, or the model, as a folder that peft or transformers opens. 0 or 1. */
int t5peft_save(t5peft *t, const char *folder);

/* Adds a LoRA adapter to the base weights. 0 or 1. */
int t5peft_merge(t5peft *t);

#ifdef __cplusplus
}
#endif
#endif
