/* web.c: what the page's worker calls of t5peft. `make web` compiles it with emscripten; t5peft.c goes in as it is.

   A page is heard only between two calls. So a training run is made of short ones: web_train ends after a few steps with a
   checkpoint, and the next call resumes it, which gives the same bytes as a run in one piece. Texts and steps are told while they
   are made, by two functions of worker.js. Where something fails, web_failure says what. */
#define T5PEFT_NO_MAIN
#include "../../t5peft.c"
#include <emscripten.h>

enum { NEW_TOKENS = 60, STEPS = 60, STEPS_A_CALL = 5 };

EM_JS(void, tell_text, (const char *text), { tellText(UTF8ToString(text)); })
EM_JS(void, tell_step, (int step, int steps, double loss), { tellStep(step, steps, loss); })

static t5peft *sessions[2];  // the model as it is, and as it was tuned
static char failure[T5PEFT_ERROR];

// The settings are those of demo.sh: 60 batches of a tenth of the dialogues.
static t5peft_options web_options(bool lora) {
    t5peft_options o = t5peft_defaults();
    o.model = "demo/model";
    o.max_new_tokens = NEW_TOKENS;
    o.threads = 1;
    o.data = "demo/dialogues/train.csv";
    o.subset = "1/10";
    o.out = "out";
    o.method = lora ? "lora" : "prompt";
    o.target_modules = lora ? "all-linear" : o.target_modules;
    o.lora_r = 4;
    o.lora_alpha = 16;
    o.num_virtual_tokens = 20;
    o.learning_rate = lora ? 3e-3 : 0.3;
    o.per_device_train_batch_size = lora ? 4 : 2;
    o.max_steps = STEPS;
    o.dropout = 0;
    o.logging_steps = 1;
    o.save_total_limit = 1;
    return o;
}

static bool session_open(bool tuned, const char *adapter) {
    t5peft_options o = web_options(true);
    o.adapter[0] = adapter;
    t5peft_close(sessions[tuned]);
    sessions[tuned] = t5peft_open(&o, failure);
    return sessions[tuned];
}

static bool session_failed(bool tuned) {
    snprintf(failure, sizeof failure, "%s", t5peft_error(sessions[tuned]));
    return true;
}

EMSCRIPTEN_KEEPALIVE const char *web_failure(void) {
    return failure;
}

// What worker.js hears of the model: its weights, how many numbers each method trains, and the dialogues of the test set.
static void about(void *arg) {
    Text *text = arg;
    Arena *a = &sessions[0]->arena;
    Model *m = sessions[0]->x.model;
    int64_t weights = 0;
    for (size_t i = 0; i < m->tensors.n; i++) weights += m->tensors.items[i].count;
    text_print(text, "{\"weights\": %lld", (long long)weights);
    for (int lora = 0; lora < 2; lora++) {
        t5peft_options o = web_options(lora);
        text_print(text, ", \"%s\": %lld", o.method, (long long)tuning_open(a, m, sessions[0]->x.tokenizer, &o)->count);
        model_detach(m);
    }
    Table *t = table_open(a, "demo/dialogues/test.csv");
    for (size_t row = 0; row < t->nrows; row++)
        for (int i = 0; i < 3; i++) {
            static const char *const names[] = {"topic", "dialogue", "summary"};
            Slice cell = cell_of(t, (uint32_t)row, table_column(a, t, names[i]));
            text_print(text, "%s\"%s\": ", i ? ", " : row ? "}, {" : ", \"rows\": [{", names[i]);
            text_json(text, cell.data, cell.n);
        }
    text_print(text, "}]}");
}

// Opens the model. NULL on failure.
EMSCRIPTEN_KEEPALIVE const char *web_open(void) {
    if (!session_open(false, NULL)) return NULL;
    Text text = {.arena = &sessions[0]->arena};
    if (!session_run(sessions[0], about, &text)) return session_failed(false), NULL;
    return text.data;
}

typedef struct {
    t5peft *session;
    const char *dialogue;
    int32_t ids[NEW_TOKENS];
    size_t n;
} Summary;

static bool summary_token(void *user, size_t row, int32_t id) {
    Summary *s = user;
    (void)row;
    s->ids[s->n++] = id;
    tell_text(detokenize(&s->session->reply, s->session->x.tokenizer, s->ids, s->n, NULL));
    return false;
}

static bool summary_row(void *user, size_t row, const Generated *sequences, int n) {
    (void)user, (void)row, (void)sequences, (void)n;
    return false;
}

static void summary_make(void *arg) {
    Summary *s = arg;
    t5peft *t = s->session;
    Arena *a = &t->arena;
    const t5peft_options *o = &t->options;
    Cut cut = {0};
    size_t n;
    const Table *row = table_from_text(a, o->source_column, s->dialogue, strlen(s->dialogue));
    const char *source = prompt_fill(a, o->prompt, row, 0, o->source_column, &n);
    const int32_t *ids = ids_closed(a, t->x.tokenizer, source, n, o->max_source_length, &n, &cut);
    GenerationOptions g = generation_options(a, o);
    GenerationEvents events = {s, summary_token, summary_row};
    t->reply.trap = a->trap;
    t->x.pass.train = t->x.pass.keep = false;
    generate(&t->x.pass, &g, &ids, &n, 1, &events);
}

// Tells the summary as it grows. Returns how many tokens were made, </s> included; -1 on failure.
EMSCRIPTEN_KEEPALIVE int web_summarize(const char *dialogue, bool tuned) {
    Summary s = {.session = sessions[tuned], .dialogue = dialogue};
    Mark mark = arena_mark(&s.session->arena);
    arena_free(&s.session->reply);
    bool done = session_run(s.session, summary_make, &s) || !session_failed(tuned);
    arena_release(&s.session->arena, mark);
    return done ? (int)s.n : -1;
}

static bool step_done(void *user, const t5peft_progress *p) {
    tell_step((int)p->step, (int)p->total_steps, p->loss);
    return p->step % STEPS_A_CALL == 0 || seconds() - *(double *)user > 1;
}

// Trains for about a second and leaves the adapter in adapter/. 130: there is more to do, call it again with `resume`; 0: the run
// is over; 1: it failed. The session is opened anew after each call, for one keeps the memory of all its runs.
EMSCRIPTEN_KEEPALIVE int web_train(bool lora, bool resume) {
    t5peft_options o = web_options(lora);
    double began = seconds();
    o.resume = resume;
    if (!resume && !session_open(true, NULL)) return 1;
    int status = t5peft_train(sessions[1], &o, step_done, &began);
    if ((status == 1 || t5peft_save(sessions[1], "adapter")) && session_failed(true)) return 1;
    return session_open(true, "adapter") ? status : 1;
}
