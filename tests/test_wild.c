// Folders and adapters as they are in the wild (fixtures/wild, by make_wild_fixtures.py): sections 4, 7, 8 and 10 give what
// transformers and peft give.

typedef struct {
    Arena *arena;
    Ops *ops;
    const Json *expected;
} Wild;

static Batch wild_batch(Arena *a, const Model *m, const Json *expected) {
    Batch b = {.S = 1};
    int32_t *ids[2];
    int64_t *offsets[2];
    for (int side = 0; side < 2; side++) {
        const Json *list = json_get(expected, side ? "target" : "source");
        ids[side] = arena_get(a, list->n + 1, sizeof **ids);
        offsets[side] = arena_get(a, 2, sizeof **offsets);
        for (const Json *v = list->child; v; v = v->next) ids[side][offsets[side][1]++] = (int32_t)v->number;
    }
    int32_t *input = arena_get(a, (size_t)offsets[1][1], sizeof *input);
    input[0] = m->config.start;
    for (int64_t i = 1; i < offsets[1][1]; i++) input[i] = ids[1][i - 1];
    b.source = ids[0], b.label = ids[1], b.target = input, b.source_offsets = offsets[0], b.target_offsets = offsets[1];
    return b;
}

static void wild_loss(Wild *w, const Json *v, bool merged) {
    Arena *a = w->arena;
    const char *model = json_text(v, "model", ""), *adapter = json_text(v, "adapter", NULL), *name = adapter ? adapter : model;
    Model *m = model_open(a, w->ops, path_join(a, FIXTURES "/wild", model));
    if (adapter) adapter_open(m, path_join(a, FIXTURES "/wild", adapter));
    if (merged) adapter_merge(m);
    Pass p = pass_open(m->arena, m, false);
    Batch b = wild_batch(a, m, w->expected);
    float losses[64];
    double loss = mean_loss(&p, &b, losses), want = json_number(v, "loss", -1);
    CHECK(fabs(loss - want) < 1e-5 * want, "%s%s: loss %.7f, want %.7f", name, merged ? ", merged" : "", loss, want);
    if (!merged) return;
    bool apart = m->encoder.embed != &m->shared;  // what no T5 folder can hold is refused
    char folder[64];
    if (!apart) {
        folder_make(a, temporary(folder));
        model_save(m, folder);
        Model *again = model_open(a, w->ops, folder);
        Pass q = pass_open(again->arena, again, false);
        double saved = mean_loss(&q, &b, losses);
        CHECK(saved == loss, "%s: merged and saved, the loss is %.7f, not %.7f", name, saved, loss);
        folder_remove(a, folder);
    }
}

static bool wild_row(void *user, size_t row, const Generated *s, int n) {
    Generated *kept = user;
    (void)row;
    kept->n = n ? s[0].n : 0;
    memcpy(kept->ids, s[0].ids, kept->n * sizeof *kept->ids);
    return false;
}

static void wild_generation(Wild *w, const Json *v) {
    Arena *a = w->arena;
    const char *model = json_text(v, "model", "");
    Model *m = model_open(a, w->ops, path_join(a, FIXTURES "/wild", model));
    Pass p = pass_open(m->arena, m, false);
    Batch b = wild_batch(a, m, w->expected);
    GenerationOptions o = greedy_options(10);
    const Json *options = json_get(v, "options"), *want = json_get(v, "tokens");
    o.num_beams = (int)json_number(options, "num_beams", 1);
    o.length_penalty = json_number(options, "length_penalty", 1);
    o.min_new_tokens = (int)json_number(options, "min_new_tokens", 0);
    int32_t ids[16];
    Generated kept = {ids, 0, 0};
    size_t length = (size_t)b.source_offsets[1], i = 0;
    generate(&p, &o, &b.source, &length, 1, &(GenerationEvents){.user = &kept, .row = wild_row});
    const Json *t = want->child;
    while (t && i < kept.n && kept.ids[i] == (int32_t)t->number) t = t->next, i++;
    CHECK(!t && i == kept.n, "%s, %d beams: differs from transformers at token %zu of %zu", model, o.num_beams, i, kept.n);
}

static void wild_all(Arena *a) {
    Wild w = {a, ops_cpu(a, 1), json_file(a, FIXTURES "/wild/expected.json")};
    int n = 0;
    for (const Json *v = json_get(w.expected, "losses")->child; v; v = v->next, n++) {
        wild_loss(&w, v, false);
        if (json_get(v, "adapter")) wild_loss(&w, v, true);
    }
    for (const Json *v = json_get(w.expected, "generations")->child; v; v = v->next, n++) wild_generation(&w, v);
    CHECK(n > 90, "only %d cases", n);
}

static void test_wild(void) {
    char message[1024];
    message_of(wild_all, message);
    CHECK(!*message, "%s", message);
}
