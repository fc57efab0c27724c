// Shared by test.c and dump.c: a batch out of a reference file, and a pass over it.

static const int32_t *reference_ints(Arena *a, const Tensors *t, const char *name, size_t *n) {
    const Tensor *x = tensors_find(t, name);
    if (!x || x->dtype != I32) fail(a, "%s: has no int32 tensor %s", t->path, name);
    if (n) *n = (size_t)x->count;
    return x->data;
}

static const int64_t *reference_offsets(Arena *a, const Tensors *t, const char *name, int64_t *sequences) {
    size_t n;
    const int32_t *x = reference_ints(a, t, name, &n);
    int64_t *offsets = arena_get(a, n, sizeof *offsets);
    for (size_t i = 0; i < n; i++) offsets[i] = x[i];
    *sequences = (int64_t)n - 1;
    return offsets;
}

// source, source_offsets, target, target_offsets of a reference file; the decoder reads the labels shifted by one.
static Batch reference_batch(Model *m, const Tensors *t) {
    Arena *a = m->arena;
    Batch b = {0};
    b.source = reference_ints(a, t, "source", NULL);
    b.label = reference_ints(a, t, "target", NULL);
    b.source_offsets = reference_offsets(a, t, "source_offsets", &b.S);
    b.target_offsets = reference_offsets(a, t, "target_offsets", &b.S);
    int32_t *input = arena_get(a, (size_t)b.target_offsets[b.S], sizeof *input);
    for (int64_t s = 0; s < b.S; s++)
        for (int64_t i = b.target_offsets[s]; i < b.target_offsets[s + 1]; i++) input[i] = i == b.target_offsets[s] ? m->config.start : b.label[i - 1];
    b.target = input;
    return b;
}

// Rows first..first+count of a batch.
static Batch batch_rows(const Batch *b, int64_t first, int64_t count) {
    Batch part = *b;
    part.S = count;
    part.source_offsets += first;
    part.target_offsets += first;
    part.first = first;
    part.first_source = b->source_offsets[first];
    part.first_target = b->target_offsets[first];
    return part;
}

// The encoder's output (source rows, prompt rows included, D) and the logits (target tokens, V).
static void reference_logits(Pass *p, const Batch *b, float **encoder, int64_t *rows, float **logits) {
    Model *m = p->model;
    int64_t *space = arena_get(m->arena, (size_t)(2 * b->S + 2), sizeof *space), N = b->target_offsets[b->S] - b->target_offsets[0];
    Rows from = rows_make(p, &m->encoder, b, &space), to = rows_make(p, &m->decoder, b, &space);
    *encoder = encode(p, b, &from);
    *rows = from.N;
    float *x = embed_forward(p, &m->decoder, b->target, b->target_offsets, &to);
    float *h = stack_forward(p, &m->decoder, x, &to, *encoder, &from);
    float *said = work_get(p->work, N * m->config.D);
    m->ops->zero(m->ops, said, N * m->config.D);
    for (int64_t i = 0; i < b->S; i++)
        m->ops->add(m->ops, said + (b->target_offsets[i] - b->target_offsets[0]) * m->config.D, h + (to.offsets[i] + m->prompt[1].P) * m->config.D, head_scale(m),
                    (b->target_offsets[i + 1] - b->target_offsets[i]) * m->config.D);
    *logits = work_get(p->work, N * m->config.V);
    linear_forward(p, &m->head, *logits, said, N, 0);
}

// |x - y| / |y| in the Euclidean norm; nan counts as infinitely far.
static double distance(const float *x, const float *y, int64_t n) {
    double d = 0, norm = 0;
    for (int64_t i = 0; i < n; i++) {
        d += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
        norm += (double)y[i] * y[i];
    }
    double r = norm > 0 ? sqrt(d / norm) : sqrt(d);
    return r == r ? r : INFINITY;
}
