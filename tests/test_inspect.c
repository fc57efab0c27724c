// What inspect measures, against numpy's dense decompositions in double (fixtures/inspect, by make_inspect_fixtures.py).

static void measured(double x, double want, double bound, const char *what, const char *name) {
    CHECK(fabs(x - want) <= bound * fmax(1e-9, fabs(want)), "%s of %s: %.12g, want %.12g", what, name, x, want);
}

static void inspect_modules(const Measures *all, const Json *modules, double bound) {
    size_t n = 0;
    for (const Json *v = modules->child; v; v = v->next, n++) {
        const Measure *m = NULL;
        for (size_t i = 0; i < all->n; i++)
            if (!strcmp(all->items[i].name, v->key)) m = &all->items[i];
        CHECK(m != NULL, "%s is not measured", v->key);
        if (!m) continue;
        measured(m->norm, json_number(v, "norm", -1), 1e-7, "norm", m->name);
        measured(m->weight_norm, json_number(v, "weight_norm", -1), 1e-7, "weight's norm", m->name);
        measured(m->stable_rank, json_number(v, "stable_rank", -1), bound, "stable rank", m->name);
        measured(m->effective_rank, json_number(v, "effective_rank", -1), bound, "effective rank", m->name);
        measured(m->norm / m->along, json_number(v, "amplification", -1), 1e-5, "amplification", m->name);
        measured(m->top, json_number(v, "top", -1), 1e-5, "top", m->name);
        measured(m->bottom, json_number(v, "bottom", -1), 1e-5, "bottom", m->name);
        CHECK((double)m->k90 == json_number(v, "k90", -1) && (double)m->intruders == json_number(v, "intruders", -1),
              "%s: k90 %lld, intruders %lld", m->name, (long long)m->k90, (long long)m->intruders);
        const Json *s = json_get(v, "singular_values")->child;
        for (int64_t k = 0; k < m->svd.n && s; k++, s = s->next) measured(m->svd.s[k], s->number, bound, "singular value", m->name);
        CHECK(!s, "%s: too few singular values", m->name);
        for (int64_t k = 0; k < m->svd.known && k < 3; k++)  // directions of length 1
            measured(dot(m->svd.U + k * m->svd.out, m->svd.U + k * m->svd.out, m->svd.out), 1, 1e-9, "length of a direction", m->name);
    }
    CHECK(n == all->n && n > 3, "%zu modules measured, %zu wanted", all->n, n);
}

static void inspect_all(Arena *a) {
    Ops *ops = ops_cpu(a, 2);
    const Json *expected = json_file(a, FIXTURES "/inspect/expected.json");
    Measures *adapters[4];
    int n = 0;
    for (const Json *v = json_get(expected, "adapters")->child; v; v = v->next) {
        Model *m = model_open(a, ops, FIXTURES "/wild/gated");
        adapter_open(m, path_join(a, FIXTURES "/wild", json_text(v, "adapter", "")));
        adapters[n] = model_measure(m, NULL, true);
        inspect_modules(adapters[n++], json_get(v, "modules"), 1e-7);
    }
    size_t i = 0;
    for (const Json *v = json_get(expected, "similarity")->child; v; v = v->next, i++) {
        const Measure *x = NULL, *y = NULL;
        for (size_t k = 0; k < adapters[0]->n; k++)
            if (!strcmp(adapters[0]->items[k].name, json_text(v, "name", ""))) x = &adapters[0]->items[k], y = &adapters[2]->items[k];
        double phi[PHI * PHI];
        change_phi(x, y, phi);
        measured(change_product(a, x, y) / (x->norm * y->norm), json_number(v, "cosine", 9), 1e-8, "cosine", x->name);
        int row = 0;
        for (const Json *r = json_get(v, "phi")->child; r; r = r->next, row++) {
            int column = 0;
            for (const Json *c = r->child; c; c = c->next, column++) measured(phi[row * PHI + column], c->number, 1e-9, "phi", x->name);
        }
    }
    Model *base = model_open(a, ops, FIXTURES "/wild/gated"), *full = model_open(a, ops, FIXTURES "/inspect/full");
    Measures *whole = model_measure(base, full, true);
    inspect_modules(whole, json_get(expected, "full"), 1e-5);
    measured(change_product(a, &whole->items[0], &whole->items[0]), pow(whole->items[0].norm, 2), 1e-7, "square", "a whole change");
    Model *m = model_open(a, ops, FIXTURES "/wild/gated");
    adapter_open(m, FIXTURES "/inspect/prompt");
    const PromptMeasure *p = prompt_measure(m, tokenizer_open(a, FIXTURES "/wild/gated"), NULL);
    const Json *prompt = json_get(expected, "prompt");
    measured(p->embedding_norm, json_number(prompt, "embedding_norm", -1), 1e-7, "mean norm", "embeddings");
    int64_t r = 0;
    for (const Json *v = json_get(prompt, "rows")->child; v; v = v->next, r++) {
        measured(p->rows[r].norm, json_number(v, "norm", -1), 1e-7, "norm", "a row");
        const Json *id = json_get(v, "ids")->child, *cosine = json_get(v, "cosines")->child;
        for (int k = 0; k < NEAREST; k++, id = id->next, cosine = cosine->next) {
            CHECK(p->rows[r].ids[k] == (int32_t)id->number, "row %lld: neighbour %d is %d", (long long)r, k, p->rows[r].ids[k]);
            measured(p->rows[r].cosines[k], cosine->number, 1e-7, "cosine", "a row");
        }
    }
    CHECK(r == p->n && p->clusters > 1 && p->silhouette > -1 && p->silhouette < 1, "%lld rows", (long long)p->n);
    // Two heaps of rows are two clusters.
    double heaps[10], apart[100];
    int cluster[10];
    for (int k = 0; k < 10; k++) heaps[k] = (k % 2 ? 5 : -5) + 0.1 * k;
    for (int k = 0; k < 100; k++) apart[k] = fabs(heaps[k / 10] - heaps[k % 10]);
    prompt_means(a, heaps, 10, 1, 2, cluster);
    for (int k = 2; k < 10; k++) CHECK(cluster[k] == cluster[k % 2] && cluster[0] != cluster[1], "row %d is in cluster %d", k, cluster[k]);
    measured(prompt_silhouette(apart, 10, 2, cluster), 0.960359494, 1e-8, "silhouette", "two heaps");
}

static void test_inspect(void) {
    char message[1024];
    message_of(inspect_all, message);
    CHECK(!*message, "%s", message);
}
