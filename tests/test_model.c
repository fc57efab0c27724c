// Sections 7, 8 and 10 against transformers and peft: fixtures made by make_fixtures.py, in float32.
// Bounds: two float32 programs that add in different orders differ by some 1e-6 here; a wrong term, mask or
// bucket shows as 1e-2 and more. So 1e-5 for what goes forward, 1e-4 for gradients.

static double grad_squares(Model *m, const Trained *t) {
    int64_t n = trained_count(t);
    return m->ops->squares(m->ops, &(const float *){t->grad}, &n, 1);
}

static const float *reference_floats(Arena *a, const Tensors *t, const char *name, int64_t count) {
    const Tensor *x = tensors_find(t, name);
    if (!x || x->dtype != F32 || x->count != count) fail(a, "%s: has no F32 tensor %s of %lld values", t->path, name, (long long)count);
    return x->data;
}

static bool has(const char *path) {
    return !access(path, F_OK);
}

typedef struct {
    Arena *arena;
    const char *model, *adapter;  // adapter: a folder of the model's, NULL for full tuning
    const char *prefix;           // of the names in reference.safetensors
    const char *kernels;
} ModelCase;

static Model *case_open(const ModelCase *c, Tensors *reference) {
    Arena *a = c->arena;
    const char *folder = path_join(a, FIXTURES "/model", c->model);
    Ops *o = ops_cpu(a, 2);
    if (c->kernels) o->kernels = kernels_find(c->kernels);
    Model *m = model_open(a, o, folder);
    *reference = tensors_open(a, folder, "reference");
    if (c->adapter) adapter_open(m, path_join(a, folder, c->adapter));
    return m;
}

static Tuning *case_tuning(Model *m, const ModelCase *c) {
    return !c->adapter ? tuning_full(m, NULL) : m->prompt[0].P ? tuning_prompt(m) : tuning_found(m);
}

static void case_forward(const ModelCase *c, Model *m, const Tensors *r, Pass *p, const Batch *b) {
    Arena *a = c->arena;
    float *encoder, *logits;
    int64_t rows, N = b->target_offsets[b->S];
    Place place = work_mark(p->work);
    reference_logits(p, b, &encoder, &rows, &logits);
    double far = distance(logits, reference_floats(a, r, arena_print(a, "%slogits", c->prefix), N * m->config.V), N * m->config.V);
    CHECK(far < 1e-5, "%s %s: logits are off by %.2g", c->model, c->prefix, far);
    if (!c->adapter) {
        far = distance(encoder, reference_floats(a, r, "encoder", rows * m->config.D), rows * m->config.D);
        CHECK(far < 1e-5, "%s: the encoder's output is off by %.2g", c->model, far);
    }
    work_release(p->work, place);
}

static void case_body(Arena *a, const ModelCase *c) {
    Tensors r;
    Model *m = case_open(c, &r);
    Batch b = reference_batch(m, &r);
    Pass p = pass_open(m->arena, m, false);
    int64_t N = b.target_offsets[b.S];
    case_forward(c, m, &r, &p, &b);
    Tuning *t = case_tuning(m, c);
    p.keep = true;
    float *losses = arena_get(a, (size_t)N, sizeof *losses);
    model_loss(&p, &b, 0, 1 / (float)N, losses);
    double sum = 0;
    for (int64_t i = 0; i < N; i++) sum += losses[i];
    float loss = (float)(sum / (double)N);
    double want = *reference_floats(a, &r, arena_print(a, "%sloss", c->prefix), 1);
    CHECK(fabs(loss - want) < 1e-5 * want, "%s %s: loss %.7f, want %.7f", c->model, c->prefix, loss, want);
    for (size_t i = 0; i < t->n; i++) {
        const Trained *one = &t->items[i];
        const char *name = !c->adapter ? arena_print(a, "grad.full.%s", one->name) : m->prompt[0].P ? arena_print(a, "grad.%.*s", (int)strlen(c->prefix) - 1, c->prefix) : arena_print(a, "grad.%s%s", c->prefix, one->name);
        double far = distance(one->grad, reference_floats(a, &r, name, trained_count(one)), trained_count(one));
        CHECK(far < 1e-4, "%s: %s is off by %.2g", c->model, name, far);
    }
    // Cut into single rows, the batch gives the same loss and gradients.
    double norm = 0, again = 0;
    for (size_t i = 0; i < t->n; i++) {
        norm += grad_squares(m, &t->items[i]);
        m->ops->zero(m->ops, t->items[i].grad, trained_count(&t->items[i]));
    }
    for (int64_t s = 0; s < b.S; s++) {
        Batch row = batch_rows(&b, s, 1);
        model_loss(&p, &row, 0, 1 / (float)N, losses + b.target_offsets[s]);
    }
    for (size_t i = 0; i < t->n; i++) again += grad_squares(m, &t->items[i]);
    CHECK(fabs(again - norm) < 1e-5 * norm, "%s %s: row by row the squared gradient is %g, together %g", c->model, c->prefix, again, norm);
    const Tensor *row_loss = tensors_find(&r, "row_loss");
    for (int64_t s = 0; s < b.S && row_loss && !c->adapter; s++) {
        double mean = 0;
        for (int64_t i = b.target_offsets[s]; i < b.target_offsets[s + 1]; i++) mean += losses[i] / (double)(b.target_offsets[s + 1] - b.target_offsets[s]);
        CHECK(fabs(mean - ((const float *)row_loss->data)[s]) < 1e-5 * mean, "%s: loss of row %lld is %.7f, want %.7f", c->model, (long long)s, mean, ((const float *)row_loss->data)[s]);
    }
}

static double mean_loss(Pass *p, const Batch *b, float *losses) {
    model_loss(p, b, 0, 0, losses);
    double sum = 0;
    for (int64_t i = 0; i < b->target_offsets[b->S]; i++) sum += losses[i] / (double)b->target_offsets[b->S];
    return sum;
}

// ---- generation

typedef struct {
    Arena *arena;
    const int32_t *want;
    const int64_t *offsets;
    const char *what;
    int rows;
} Wanted;

static bool wanted_row(void *user, size_t row, const Generated *s, int n) {
    Wanted *w = user;
    size_t length = (size_t)(w->offsets[row + 1] - w->offsets[row]);
    bool same = n > 0 && s[0].n == length && !memcmp(s[0].ids, w->want + w->offsets[row], length * sizeof(int32_t));
    Text t = {.arena = w->arena};
    for (size_t i = 0; n && !same && i < s[0].n; i++) text_print(&t, " %d", s[0].ids[i]);
    text_print(&t, " but want");
    for (size_t i = 0; !same && i < length; i++) text_print(&t, " %d", w->want[w->offsets[row] + (int64_t)i]);
    CHECK(same, "%s: row %zu gives%s", w->what, row, t.data);
    w->rows++;
    return false;
}

static GenerationOptions greedy_options(int most) {
    return (GenerationOptions){.max_new_tokens = most, .num_beams = 1, .num_return_sequences = 1, .length_penalty = 1, .repetition_penalty = 1, .temperature = 1, .top_p = 1, .batch = 8};
}

static void check_generation(const ModelCase *c, Model *m, const Tensors *r, const char *name, GenerationOptions o) {
    Arena *a = c->arena;
    if (!tensors_find(r, name)) return;
    Batch b = reference_batch(m, r);
    Pass p = pass_open(m->arena, m, false);
    const int32_t *sources[64];
    size_t lengths[64];
    for (int64_t i = 0; i < b.S; i++) sources[i] = b.source + b.source_offsets[i], lengths[i] = (size_t)(b.source_offsets[i + 1] - b.source_offsets[i]);
    int64_t S;
    static const int batches[] = {1, 3, 64};
    for (int i = 0; i < 3; i++) {  // the same tokens whatever the batch
        o.batch = batches[i];
        Wanted w = {a, reference_ints(a, r, name, NULL), reference_offsets(a, r, arena_print(a, "%s_offsets", name), &S), arena_print(a, "%s %s, batch %d", c->model, name, o.batch), 0};
        GenerationEvents events = {.user = &w, .row = wanted_row};
        CHECK(generate(&p, &o, sources, lengths, (size_t)b.S, &events) && w.rows == b.S, "%s: %d of %lld rows came", w.what, w.rows, (long long)b.S);
    }
}

static void generation_body(Arena *a, const ModelCase *c) {
    Tensors r;
    Model *m = case_open(c, &r);
    check_generation(c, m, &r, arena_print(a, "%sgreedy", c->prefix), greedy_options(12));
    if (c->adapter) return;
    GenerationOptions o = greedy_options(12);
    o.repetition_penalty = 1.3;
    check_generation(c, m, &r, "repetition", o);
    o = greedy_options(12);
    o.num_beams = 4;
    o.length_penalty = 0.8;
    o.no_repeat_ngram_size = 2;
    o.min_new_tokens = 3;
    check_generation(c, m, &r, "beam", o);
    o.length_penalty = 2;
    check_generation(c, m, &r, "beam_long", o);
    o.early_stopping = EARLY_TRUE;
    check_generation(c, m, &r, "beam_long_true", o);
    o.early_stopping = EARLY_NEVER;
    check_generation(c, m, &r, "beam_long_never", o);
}

// ---- drafts: what is alive alone gets one from its source, and the tokens are those that come without

typedef struct {
    int32_t ids[4][40];
    size_t rows;
} Kept;

static bool kept_row(void *user, size_t row, const Generated *s, int n) {
    Kept *k = user;
    if (n == 1 && s[0].n == 40) memcpy(k->ids[row], s[0].ids, sizeof k->ids[row]);
    k->rows += n == 1 && s[0].n == 40;
    return false;
}

static int decoder_steps;
static void (*embed_uncounted)(Ops *, float *, const Tensor *, const int32_t *, int64_t);

static void embed_counted(Ops *o, float *y, const Tensor *table, const int32_t *ids, int64_t N) {
    decoder_steps += N <= 4;
    embed_uncounted(o, y, table, ids, N);
}

// Four dialogues for the demo's model.
static void demo_sources(Arena *a, const ModelCase *c, int32_t *sources[4], size_t lengths[4]) {
    static const char *const texts[4] = {
        "#Person1#: Where shall we meet? #Person2#: At the station, at six. #Person1#: Fine. I'll bring the tickets and a sandwich for you.",
        "#Person1#: My old class is meeting in Salzburg. #Person2#: How nice! Are you taking the train or will somebody drive you there?",
        "#Person1#: Where is the butter? #Person2#: My brother always uses oil. #Person1#: Hmm, if you say so.",
        "#Person1#: I envy you. How are the children? #Person2#: Oh, the same as always. Would you take care of the hens?"};
    Tokenizer *t = tokenizer_open(a, c->model);
    for (int i = 0; i < 4; i++) lengths[i] = tokenize(a, t, texts[i], strlen(texts[i]), &sources[i]);
}

static void draft_body(Arena *a, const ModelCase *c) {
    Ops *o = ops_cpu(a, 2);
    Model *m = model_open(a, o, c->model);
    Pass p = pass_open(m->arena, m, false);
    int32_t *sources[4];
    size_t lengths[4];
    demo_sources(a, c, sources, lengths);
    embed_uncounted = o->embed;
    o->embed = embed_counted;
    for (int kind = 0; kind < 4; kind++) {
        GenerationOptions options = greedy_options(40);
        options.min_new_tokens = 40;  // so that all end together, and none is ever alone
        if (kind == 1) options.repetition_penalty = 1.2, options.no_repeat_ngram_size = 3;
        if (kind == 2) options.do_sample = true, options.temperature = 0.7, options.top_k = 10;
        p.half = kind == 3;  // caches in bf16
        Kept together = {.rows = 0}, alone = {.rows = 0};
        decoder_steps = 0;
        generate(&p, &options, (const int32_t *const *)sources, lengths, 4, &(GenerationEvents){.user = &together, .row = kept_row});
        CHECK(decoder_steps == 40 && together.rows == 4, "kind %d: four rows of 40 tokens took %d steps together", kind, decoder_steps);
        options.batch = 1;
        decoder_steps = 0;
        generate(&p, &options, (const int32_t *const *)sources, lengths, 4, &(GenerationEvents){.user = &alone, .row = kept_row});
        CHECK(decoder_steps < 156 && alone.rows == 4, "kind %d: no draft came true, 160 tokens took %d steps", kind, decoder_steps);
        CHECK(!memcmp(&together, &alone, sizeof alone), "kind %d: tokens differ with drafts", kind);
    }
}

// ---- caches in bf16: the score of a beam, which has moved from cache to cache, is what its tokens get without any cache

typedef struct {
    Pass *pass;
    const int32_t *const *sources;
    const size_t *lengths;
    int rows;
} Scored;

static bool scored_row(void *user, size_t row, const Generated *s, int n) {
    Scored *w = user;
    Pass p = *w->pass;
    int32_t target[40] = {p.model->config.start};
    float losses[40];
    int64_t source_offsets[] = {0, (int64_t)w->lengths[row]}, target_offsets[] = {0, (int64_t)s[0].n};
    for (size_t i = 0; i + 1 < s[0].n; i++) target[i + 1] = s[0].ids[i];
    Batch b = {.S = 1, .source = w->sources[row], .target = target, .label = s[0].ids, .source_offsets = source_offsets, .target_offsets = target_offsets};
    double loss = mean_loss(&p, &b, losses);
    // The products are those of generation; where they multiply bf16 that alone moves a loss of 0.02 by 0.002. In the cache bf16 keeps
    // 8 bits, which moves the scores of attention by some 0.01, and these beams by 1 % or, where the model is nearly sure and its loss
    // is 0.001, by 0.0002. A cache that is mixed up is off by 1 and more.
    CHECK(n == 1 && fabs(-s[0].score - loss) < 0.02 * fmax(loss, 0.05), "row %zu: a beam's score is %.5f, without a cache %.5f", row, s[0].score, -loss);
    w->rows++;
    return false;
}

static void bfloat_cache_body(Arena *a, const ModelCase *c) {
    Model *m = model_open(a, ops_cpu(a, 2), c->model);
    Pass p = pass_open(m->arena, m, false);
    p.half = true;
    int32_t *sources[4];
    size_t lengths[4];
    demo_sources(a, c, sources, lengths);
    GenerationOptions options = greedy_options(40);
    options.num_beams = 5;
    Scored w = {&p, (const int32_t *const *)sources, lengths, 0};
    generate(&p, &options, w.sources, lengths, 4, &(GenerationEvents){.user = &w, .row = scored_row});
    CHECK(w.rows == 4, "%d of 4 rows came", w.rows);
}

// ---- the long row, past the largest distance of the buckets

static void long_body(Arena *a, const ModelCase *c) {
    Tensors unused;
    Model *m = case_open(c, &unused);
    Tensors r = tensors_open(a, path_join(a, FIXTURES "/model", c->model), "reference_long");
    Batch b = reference_batch(m, &r);
    Pass p = pass_open(m->arena, m, false);
    int64_t N = b.target_offsets[b.S], rows;
    float *encoder, *logits, *losses = arena_get(a, (size_t)N, sizeof *losses);
    reference_logits(&p, &b, &encoder, &rows, &logits);
    double far = distance(logits + (N - 1) * m->config.V, reference_floats(a, &r, "logits", m->config.V), m->config.V), sum = 0;
    CHECK(far < 1e-5, "300 source and 150 target tokens: the last logits are off by %.2g", far);
    model_loss(&p, &b, 0, 0, losses);
    for (int64_t i = 0; i < N; i++) sum += losses[i] / (double)N;
    double want = *reference_floats(a, &r, "loss", 1);
    CHECK(fabs(sum - want) < 1e-5 * want, "300 source and 150 target tokens: loss %.7f, want %.7f", sum, want);
}

// ---- adapters and folders through a write and a read

static void folder_body(Arena *a, const ModelCase *c) {
    Tensors r;
    Model *m = case_open(c, &r);
    Tuning *t = case_tuning(m, c);
    if (c->adapter && !m->prompt[0].P) {
        File config = file_open(a, arena_print(a, FIXTURES "/model/%s/%s/adapter_config.json", c->model, c->adapter));
        t->config = arena_copy(a, config.data, config.size);
    }
    char folder[64];
    folder_make(a, temporary(folder));
    tuning_save(t, folder);
    Model *again = model_open(a, m->ops, c->adapter ? m->path : folder);
    if (c->adapter) adapter_open(again, folder);
    Batch b = reference_batch(m, &r);
    Pass p = pass_open(m->arena, m, false), q = pass_open(again->arena, again, false);
    int64_t N = b.target_offsets[b.S];
    float *x = arena_get(a, (size_t)N, sizeof *x), *y = arena_get(a, (size_t)N, sizeof *y);
    model_loss(&p, &b, 0, 0, x);
    model_loss(&q, &b, 0, 0, y);
    CHECK(!memcmp(x, y, (size_t)N * sizeof *x), "%s %s: written and read, the losses differ", c->model, c->prefix);
    if (c->adapter && !m->prompt[0].P) {
        model_linears(again, lora_merge_one, again);
        model_loss(&q, &b, 0, 0, y);
        CHECK(distance(y, x, N) < 1e-5, "%s %s: merged, the losses are off by %.2g", c->model, c->prefix, distance(y, x, N));
    }
    folder_remove(a, folder);
}

// ---- other types, and activations in the thousands

// A weight that is no view of a file (a misaligned one is copied) must not be given back to the system with the file's pages.
static void own_memory_body(Arena *a, const ModelCase *c) {
    enum { ROWS_HERE = 64, WIDE = 1024 };
    Tensors unused;
    Model *m = case_open(c, &unused);
    float *x = arena_get(a, ROWS_HERE * WIDE, sizeof *x);
    for (int i = 0; i < ROWS_HERE * WIDE; i++) x[i] = 1;
    Param p = {.name = "p", .file = matrix(x, ROWS_HERE, WIDE)};
    param_store(m, &p, BF16);
    int64_t lost = 0;
    for (int i = 0; i < ROWS_HERE * WIDE; i++) lost += x[i] != 1;
    CHECK(!lost && ((const uint16_t *)p.file.data)[WIDE] == 0x3f80, "%lld numbers of memory that is no file's were lost", (long long)lost);
}

// bf16 and int8 stay within 1 % of the f32 loss. Then wo of a block is made so large that activations reach thousands, as they do in
// trained models: losses and gradients are numbers in every type.
static void stored_body(Arena *a, const ModelCase *c) {
    static const DType types[] = {F32, BF16, I8};
    for (int i = 0; i < 3; i++) {
        Tensors r;
        Model *m = case_open(c, &r);
        Linear *wo = &m->encoder.blocks[0].ff.wo;
        Batch b = reference_batch(m, &r);
        Pass p = pass_open(m->arena, m, false);
        float *losses = arena_get(a, (size_t)b.target_offsets[b.S], sizeof *losses);
        double want = *reference_floats(a, &r, arena_print(a, "%sloss", c->prefix), 1);
        model_store(m, types[i]);
        CHECK(m->encoder.blocks[0].ff.wo.w.file.dtype == types[i] || types[i] == F32, "%s: wo is not stored as type %d", c->model, types[i]);
        double loss = mean_loss(&p, &b, losses);
        CHECK(fabs(loss - want) < 0.01 * want, "%s %s, type %d: loss %.5f, in f32 %.5f", c->model, c->prefix, types[i], loss, want);
        param_own(m, &wo->w);
        for (int64_t k = 0; k < wo->in * wo->out; k++) wo->w.value[k] *= 20000;
        Tuning *t = tuning_found(m);
        p.keep = true;
        model_loss(&p, &b, 0, 1, losses);
        double most = 0, norm = 0;
        for (int64_t k = 0; k < m->config.D; k++) most = fmax(most, fabs(m->encoder.blocks[1].self.x[k]));
        for (size_t k = 0; k < t->n; k++) norm += grad_squares(m, &t->items[k]);
        CHECK(most > 1000 && isfinite(mean_loss(&p, &b, losses)) && isfinite(norm) && norm > 0, "%s, type %d: activations to %g, squared gradient %g", c->model, types[i], most, norm);
    }
}

// ---- gradients by finite differences

static double total_loss(Pass *p, const Batch *b, float *losses) {
    model_loss(p, b, 0.1f, 0, losses);
    double sum = 0;
    for (int64_t i = 0; i < b->target_offsets[b->S]; i++) sum += losses[i];
    return sum / (double)b->target_offsets[b->S];
}

// Along a random direction in all trained tensors, with dropout on (its masks are a function of the key) and label smoothing.
static void differences_body(Arena *a, const ModelCase *c) {
    Tensors r;
    Model *m = case_open(c, &r);
    Tuning *t = case_tuning(m, c);
    Batch b = reference_batch(m, &r);
    Pass p = pass_open(m->arena, m, false);
    p.train = true;
    p.dropout = 0.1f;
    p.key = 17;
    int64_t N = b.target_offsets[b.S];
    float *losses = arena_get(a, (size_t)N, sizeof *losses);
    p.keep = true;
    model_loss(&p, &b, 0.1f, 1 / (float)N, losses);
    p.keep = false;
    double slope = 0, values[2];
    const double step = 1e-3;
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < t->n; i++)
            for (int64_t j = 0; j < trained_count(&t->items[i]); j++) {
                double direction = random_normal(random_key(3, i, 0), (uint64_t)j) * 0.05;
                if (!side) slope += direction * t->items[i].grad[j];
                t->items[i].value[j] += (float)((side ? -2 : 1) * step * direction);
            }
        values[side] = total_loss(&p, &b, losses);
    }
    double measured = (values[0] - values[1]) / (2 * step);
    // Losses near 6 carry 1e-6 of rounding, so the difference is known to about 1e-3 / (2 step) = 5e-4 at worst, plus curvature.
    CHECK(fabs(measured - slope) < 2e-3 + 0.01 * fabs(slope), "%s %s: slope %.5f by backward, %.5f by differences", c->model, c->prefix, slope, measured);
}

// ---- configurations

// Every spelling of the tied and scaled head that transformers 4 and 5 write, for T5 and mT5: the loss tells.
static void config_variants(Arena *a) {
    int n = 0;
    for (const Json *v = json_file(a, FIXTURES "/model/config_variants.json")->child; v; v = v->next, n++) {
        ModelCase c = {a, json_text(v, "weights", ""), NULL, "", NULL};
        Tensors r;
        Model *m = case_open(&c, &r);
        m->config = config_read(a, json_text(v, "name", ""), json_get(v, "config"));
        CHECK(m->config.scale_logits == json_bool(v, "scaled", !m->config.scale_logits), "%s: scaled is %d", json_text(v, "name", ""), m->config.scale_logits);
        Batch b = reference_batch(m, &r);
        Pass p = pass_open(m->arena, m, false);
        int64_t N = b.target_offsets[b.S];
        float *losses = arena_get(a, (size_t)N, sizeof *losses);
        model_loss(&p, &b, 0, 0, losses);
        double sum = 0, want = json_number(v, "loss", -1);
        for (int64_t i = 0; i < N; i++) sum += losses[i] / (double)N;
        CHECK(fabs(sum - want) < 1e-5 * want, "%s: loss %.7f, want %.7f", json_text(v, "name", ""), sum, want);
    }
    CHECK(n > 10, "only %d spellings", n);
}

typedef struct {
    void (*body)(Arena *, const ModelCase *);
    ModelCase *c;
} ModelCall;

static void model_call(void *arg) {
    ModelCall *call = arg;
    call->body(call->c->arena, call->c);
}

static void run_case(void (*body)(Arena *, const ModelCase *), ModelCase c) {
    Arena arena = {0};
    Trap trap = {.text = ""};
    arena.trap = &trap;
    c.arena = &arena;
    ModelCall call = {body, &c};
    bool done = attempt(&arena, model_call, &call);
    CHECK(done, "%s %s: %s", c.model, c.prefix, trap.text);
    arena_free(&arena);
}

static void test_model(void) {
    static const char *const models[] = {"gated", "tied", "deep", "umt5"}, *const adapters[] = {NULL, "lora", "prompt", "lora_all", "prompt2"};
    static const char *const kernels[] = {"plain", "vec128", NULL};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 5; j++) {
            ModelCase c = {.model = models[i], .adapter = adapters[j], .prefix = ""};
            char prefix[32], folder[128];
            if (adapters[j]) {
                snprintf(prefix, sizeof prefix, "%s.", adapters[j]);
                snprintf(folder, sizeof folder, FIXTURES "/model/%s/%s", models[i], adapters[j]);
                if (!has(folder)) continue;
                c.prefix = prefix;
            }
            for (int k = 0; k < 3; k++) {
                c.kernels = kernels[k];
                if (kernels[k] && !kernels_find(kernels[k])) continue;
                // prompt2 has rows that peft never uses, and no gradient is compared for them.
                if (j < 4) run_case(case_body, c);
            }
            run_case(generation_body, c);
            run_case(folder_body, c);
            if (j < 4) run_case(differences_body, c);
        }
    run_case(own_memory_body, (ModelCase){.model = "gated", .prefix = ""});
    run_case(stored_body, (ModelCase){.model = "gated", .adapter = "lora", .prefix = "lora."});
    run_case(draft_body, (ModelCase){.model = "demo/model", .prefix = ""});
    run_case(bfloat_cache_body, (ModelCase){.model = "demo/model", .prefix = ""});
    run_case(long_body, (ModelCase){.model = "gated", .prefix = ""});
    char message[1024];
    message_of(config_variants, message);
    CHECK(!*message, "%s", message);
}
