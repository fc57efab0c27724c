// Section 12 against what Python's rouge_score and NLTK computed (make_rouge_fixtures.py), bit for bit.

static void test_rouge_cases(void *p) {
    Arena *a = p;
    Table *t = table_open(a, FIXTURES "/rouge/rouge_cases.jsonl");
    CHECK(t->nrows > 100, "only %zu cases", t->nrows);
    static const char *names[] = {"rouge1", "rouge2", "rougeL", "rougeLsum"};
    for (size_t row = 0; row < t->nrows; row++) {
        const Slice *cells = t->cells + row * (size_t)t->ncolumns;
        Slice prediction = cells[table_column(a, t, "prediction")], stemmer = cells[table_column(a, t, "stemmer")];
        Slice list = cells[table_column(a, t, "references")], references[8];
        int n = 0;
        for (const Json *r = json_read(a, list.data, list.n, t->path, (int)t->lines[row])->child; r && n < 8; r = r->next)
            references[n++] = (Slice){r->string, r->n};
        Rouge got = rouge_best(a, prediction.data, prediction.n, references, n, stemmer.data[0] == 't');
        const RougeScore *scores[] = {&got.r1, &got.r2, &got.rl, &got.rlsum};
        for (int k = 0; k < 4; k++) {
            Slice wanted = cells[table_column(a, t, names[k])];
            const Json *want = json_read(a, wanted.data, wanted.n, t->path, (int)t->lines[row])->child;
            double precision = want->number, recall = want->next->number, f = want->next->next->number;
            CHECK(scores[k]->precision == precision && scores[k]->recall == recall && scores[k]->f == f,
                  "%s line %zu, %s: %.17g %.17g %.17g, rouge_score has %.17g %.17g %.17g", t->path, t->lines[row], names[k],
                  scores[k]->precision, scores[k]->recall, scores[k]->f, precision, recall, f);
        }
    }
    Rouge none = rouge_best(a, "x", 1, NULL, 0, true);
    CHECK(none.r1.f == 0 && none.rlsum.recall == 0, "without a reference the score is 0");
    Slice missing = {NULL, 0};
    none = rouge_best(a, NULL, 0, &missing, 1, true);
    CHECK(none.r1.f == 0 && none.rl.precision == 0, "missing cells score 0");
}

static void test_stems(void *p) {
    Arena *a = p;
    File f = file_open(a, FIXTURES "/rouge/stem_cases.txt");
    size_t cases = 0;
    for (const char *s = f.data, *end = f.data + f.size; s < end; cases++) {
        const char *space = memchr(s, ' ', (size_t)(end - s)), *stop = memchr(s, '\n', (size_t)(end - s));
        if (!space || !stop || space > stop) fail(a, "%s: a line is not \"word stem\"", f.path);
        char word[64] = "", *want = arena_copy(a, space + 1, (size_t)(stop - space - 1));
        snprintf(word, sizeof word, "%.*s", (int)(space - s), s);
        word[stem(word, strlen(word))] = 0;
        CHECK(!strcmp(word, want), "%.*s becomes %s, in NLTK %s", (int)(space - s), s, word, want);
        s = stop + 1;
    }
    CHECK(cases > 400, "only %zu stems", cases);
}

static void test_rouge(void) {
    Trap trap = {.text = ""};
    Arena a = {.trap = &trap};
    CHECK(attempt(&a, test_rouge_cases, &a), "%s", trap.text);
    CHECK(attempt(&a, test_stems, &a), "%s", trap.text);
    arena_free(&a);
}
