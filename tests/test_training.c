// Section 13 against transformers: loss curves, schedules; and what a run promises: the same bytes whatever the
// threads, however it was cut, stopped and gone on.

static t5peft_options curve_options(double rate, double decay) {
    t5peft_options o = t5peft_defaults();
    o.data = "fixture";
    o.learning_rate = rate;
    o.weight_decay = decay;
    o.warmup_steps = 4;
    o.max_steps = 20;
    o.dropout = 0;
    return o;
}

static void curve_body(Arena *a, const ModelCase *c) {
    Tensors r;
    Model *m = case_open(c, &r);
    bool prompt = m->prompt[0].P > 0;
    const char *kind = !c->adapter ? "full" : prompt ? "prompt" : "lora";
    t5peft_options o = curve_options(!c->adapter ? 1e-3 : prompt ? 0.3 : 5e-3, c->adapter ? 0 : 0.01);
    Trainer t = {.arena = a, .options = &o, .model = m, .tuning = case_tuning(m, c), .pass = pass_open(m->arena, m, false), .total = 20, .warmup = 4, .rate = o.learning_rate};
    t.m = moments_new(&t);
    t.v = moments_new(&t);
    Batch b = reference_batch(m, &r);
    Example rows[4];
    for (int i = 0; i < 4; i++)
        rows[i] = (Example){b.source + b.source_offsets[i], b.label + b.target_offsets[i], (size_t)(b.source_offsets[i + 1] - b.source_offsets[i]), (size_t)(b.target_offsets[i + 1] - b.target_offsets[i]), (uint32_t)i};
    const float *loss = reference_floats(a, &r, arena_print(a, "curve.%s.loss", kind), 20), *norm = reference_floats(a, &r, arena_print(a, "curve.%s.norm", kind), 20);
    double loss_worst = 0, norm_worst = 0;
    for (int i = 0; i < 20; i++) {
        const Example *two[] = {&rows[2 * (i % 2)], &rows[2 * (i % 2) + 1]};
        t5peft_progress p;
        double before = t.loss_sum;
        train_step(&t, two, 2, &p);
        loss_worst = fmax(loss_worst, fabs(t.loss_sum - before - loss[i]) / loss[i]);
        norm_worst = fmax(norm_worst, fabs(p.grad_norm - norm[i]) / norm[i]);
    }
    bool smooth = m->config.activation != RELU;  // over 20 steps a unit may come so near to its kink that rounding decides
    CHECK(loss_worst < (smooth ? 1e-6 : 1e-4) && norm_worst < (smooth ? 2e-5 : 1e-4), "%s: 20 steps of %s: losses off by %.2g, gradient norms by %.2g", c->model, kind, loss_worst, norm_worst);
}

// A step of several pieces has the sum of their gradients, in their order and each made from zero, to the bit; where every weight is
// tuned they are added in place.
static void pieces_body(Arena *a, const ModelCase *c) {
    enum { ROWS_HERE = 5, SOURCE = 400, TARGET = 50, LENGTH = SOURCE + TARGET };
    Tensors r;
    Model *m = case_open(c, &r);
    t5peft_options o = curve_options(1e-3, 0);
    o.method = c->prefix;
    o.prompt_tuning_init = "random";
    o.num_virtual_tokens = 3;
    o.dropout = 0.1;
    Trainer t = {.arena = a, .options = &o, .model = m, .total = 20, .rate = 1e-3};
    trainer_attach(&t);
    int32_t *ids = arena_get(a, (size_t)ROWS_HERE * LENGTH, sizeof *ids);
    for (int i = 0; i < ROWS_HERE * LENGTH; i++) ids[i] = (int32_t)(random_u64(7, (uint64_t)i) % 300);
    Example rows[ROWS_HERE];
    const Example *all[ROWS_HERE];
    for (int i = 0; i < ROWS_HERE; i++) {
        rows[i] = (Example){ids + (ptrdiff_t)i * LENGTH, ids + (ptrdiff_t)i * LENGTH + SOURCE, SOURCE, TARGET, (uint32_t)i};
        all[i] = &rows[i];
    }
    bool apart = t.tuning->config != NULL;
    float *want = arena_get(a, (size_t)t.tuning->count, sizeof *want), *losses = arena_get(a, ROWS_HERE * TARGET, sizeof *losses);
    Batch b = batch_make(a, &m->config, all, ROWS_HERE);
    t.pass.train = t.pass.keep = true;
    t.pass.key = random_key((uint64_t)o.seed, 0xd309, 0);
    int pieces = 0;
    for (int64_t first = 0; first < b.S; pieces++) {
        Batch piece = batch_piece(&b, first, piece_tokens(m));
        for (size_t i = 0; apart && i < t.tuning->n; i++) m->ops->zero(m->ops, t.tuning->items[i].grad, trained_count(&t.tuning->items[i]));
        model_loss(&t.pass, &piece, 0, 1.0f / (ROWS_HERE * TARGET), losses);
        float *to = want;
        for (size_t i = 0; i < t.tuning->n; i++)
            for (int64_t k = 0, n = trained_count(&t.tuning->items[i]); k < n; k++, to++) {
                float x = t.tuning->items[i].grad[k];
                *to = pieces && apart ? *to + x : x;
            }
        first += piece.S;
    }
    t5peft_progress p;
    train_step(&t, all, ROWS_HERE, &p);
    int64_t at = 0, off = 0;
    for (size_t i = 0; i < t.tuning->n; at += trained_count(&t.tuning->items[i]), i++)
        off += memcmp(want + at, t.tuning->items[i].grad, (size_t)trained_count(&t.tuning->items[i]) * sizeof *want) != 0;
    CHECK(pieces == (apart ? 5 : 2) && off == 0, "%s: the gradient of %d pieces is not their sum in %lld of %zu tensors", c->prefix,
          pieces, (long long)off, t.tuning->n);
}

static void schedules_body(Arena *a) {
    int n = 0;
    for (const Json *v = json_file(a, FIXTURES "/model/schedules.json")->child; v; v = v->next, n++) {
        int64_t s = 0, T = (int64_t)json_number(v, "steps", 0), W = (int64_t)json_number(v, "warmup_steps", 0);
        for (const Json *x = json_get(v, "rates")->child; x; x = x->next, s++) {
            double got = schedule_factor(json_text(v, "name", ""), s, T, W);
            CHECK(fabs(got - x->number) < 1e-12, "%s, warm-up %lld: step %lld has %.15g, want %.15g", json_text(v, "name", ""), (long long)W, (long long)s, got, x->number);
        }
    }
    CHECK(n >= 5, "only %d schedules", n);
}

// ---- whole runs on the tiny model of the fixtures, with data and a tokenizer of its own vocabulary

typedef struct {
    char folder[64];
    const char *data;
    t5peft_options options;
    int64_t stop_after;  // steps; 0: never
    double sum;          // of the losses and norms of every step
    char message[T5PEFT_ERROR];
} TestRun;

static bool run_callback(void *user, const t5peft_progress *p) {
    TestRun *r = user;
    r->sum += p->loss + p->grad_norm;
    return r->stop_after && p->step == r->stop_after;
}

// Trains in r->folder/NAME; the exit status.
static int run_train(TestRun *r, const char *name) {
    static char out[128];
    snprintf(out, sizeof out, "%s/%s", r->folder, name);
    r->options.out = out;
    r->sum = 0;
    t5peft *t = t5peft_open(&r->options, r->message);
    if (!t) return 1;
    int status = t5peft_train(t, &r->options, run_callback, r);
    snprintf(r->message, sizeof r->message, "%s", t5peft_error(t));
    t5peft_close(t);
    return status;
}

static bool same_file(const char *folder, const char *one, const char *two, const char *file) {
    Arena arena = {0};
    Trap trap;
    arena.trap = &trap;
    volatile bool same = false;
    if (!setjmp(trap.jump)) {
        File x = file_open(&arena, arena_print(&arena, "%s/%s/%s", folder, one, file)), y = file_open(&arena, arena_print(&arena, "%s/%s/%s", folder, two, file));
        same = x.size == y.size && !memcmp(x.data, y.data, x.size);
    }
    arena_free(&arena);
    return same;
}

// A vocabulary of single characters, which with 100 sentinels fits the 300 ids of the fixture.
static void tokenizer_make(Arena *a, const char *folder) {
    Text t = {.arena = a};
    text_print(&t, "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 2, \"vocab\": [[\"<pad>\", 0], [\"</s>\", 0], [\"<unk>\", 0], [\"\\u2581\", -2]");
    for (char c = '!'; c <= '~'; c++) {
        text_print(&t, ", [");
        text_json(&t, &c, 1);
        text_print(&t, ", -3]");
    }
    text_print(&t, "]}, \"added_tokens\": [{\"id\": 0, \"content\": \"<pad>\", \"special\": true}, {\"id\": 1, \"content\": \"</s>\", \"special\": true}]}");
    file_write(a, path_join(a, folder, "tokenizer.json"), t.data, t.n);
}

// A model folder that trains in a blink: the gated fixture with a tokenizer whose vocabulary fits.
static void run_folder(Arena *a, TestRun *r) {
    folder_make(a, temporary(r->folder));
    const char *model = arena_print(a, "%s/model", r->folder), *data = arena_print(a, "%s/data.csv", r->folder);
    folder_make(a, model);
    file_copy(a, FIXTURES "/model/gated", model, "config.json");
    file_copy(a, FIXTURES "/model/gated", model, "model.safetensors");
    tokenizer_make(a, model);
    Text t = {.arena = a};
    text_print(&t, "dialogue,summary\n");
    for (int i = 0; i < 13; i++) {
        text_print(&t, "\"#Person1#: I have %d apples and", i);
        for (int k = 0; k < i % 5; k++) text_print(&t, " some more and");
        text_print(&t, " a pear.\n#Person2#: Fine.\",There are %d apples%s\n", i, i % 3 ? " and a pear." : ".");
    }
    file_write(a, data, t.data, t.n);
    r->data = data;
    r->options = t5peft_defaults();
    r->options.model = model;
    r->options.data = data;
    r->options.per_device_train_batch_size = 4;
    r->options.lora_r = 4;
    r->options.num_virtual_tokens = 5;
    r->options.threads = 1;
}

// What the encoder keeps for backward, in floats.
static int64_t kept_floats(Model *m, const Batch *b, bool checkpoint) {
    Pass p = pass_open(m->arena, m, false);
    p.keep = true;
    p.checkpoint = checkpoint;
    int64_t *space = arena_get(m->arena, (size_t)(b->S + 1), sizeof *space);
    Rows rows = rows_make(&p, &m->encoder, b, &space);
    encode(&p, b, &rows);
    return p.kept->used;  // all in the first chunk
}

static void checkpoint_body(Arena *a, const ModelCase *c) {
    Tensors r;
    Model *m = case_open(c, &r);
    tuning_full(m, NULL);
    Batch b = reference_batch(m, &r);
    int64_t all = kept_floats(m, &b, false), some = kept_floats(m, &b, true), inputs = m->encoder.layers * b.source_offsets[b.S] * m->config.D;
    CHECK(some == inputs && some * 5 < all, "with checkpoint %lld floats are kept and not %lld of %lld", (long long)some, (long long)inputs, (long long)all);
    (void)a;
}

// Cuts a file to half, or writes something else over it.
static void file_damage(Arena *a, const char *path, const char *text) {
    File f = file_open(a, path);
    const char *half = arena_copy(a, f.data, f.size / 2);
    file_write(a, path, text ? text : half, text ? strlen(text) : f.size / 2);
}

// Goes on in "cut", whose newest checkpoints are damaged in different ways, and ends with the bytes of "one".
static void damaged_body(Arena *a, TestRun *r, const char *file) {
    const char *folder = arena_print(a, "%s/cut", r->folder);
    static const char *const files[] = {"optimizer.safetensors", NULL, STATE, STATE};
    for (int k = 0; k < 4; k++) {
        size_t n, left;
        int64_t *steps = checkpoints_list(a, folder, true, &n), newest = n ? steps[n - 1] : 0;
        const char *path = arena_print(a, "%s/checkpoint-%lld", folder, (long long)newest);
        CHECK(n > 2 && !is_folder(a, arena_print(a, "%s.damaged", path)), "%zu checkpoints", n);
        if (k == 3) remove(path_join(a, path, STATE));
        else file_damage(a, path_join(a, path, files[k] ? files[k] : file), k == 2 ? "{\"step\": " : NULL);
        remove(path_join(a, folder, file));
        CHECK(run_train(r, "cut") == 0 && same_file(r->folder, "one", "cut", file), "damage %d: gone on from another checkpoint gives other bytes %s", k, r->message);
        steps = checkpoints_list(a, folder, true, &left);
        CHECK(left > 2 && steps[left - 1] == newest, "damage %d: the run did not come to step %lld again", k, (long long)newest);
        CHECK(is_folder(a, arena_print(a, "%s.damaged", path)) == (k < 3), "damage %d: what is damaged has no other name", k);
        folder_remove(a, arena_print(a, "%s.damaged", path));
        r->options.save_total_limit = k == 0 ? 3 : 0;  // what is damaged does not count
    }
    size_t n;
    int64_t *steps = checkpoints_list(a, folder, true, &n);
    for (size_t k = 0; k < n; k++) file_damage(a, arena_print(a, "%s/checkpoint-%lld/optimizer.safetensors", folder, (long long)steps[k]), NULL);
    CHECK(run_train(r, "cut") == 1 && strstr(r->message, "can be read: remove them and begin anew"), "all are damaged: %s", r->message);
    checkpoints_list(a, folder, true, &n);
    CHECK(n > 0, "a run that cannot go on leaves %zu checkpoints", n);
}

static void run_body(Arena *a) {
    TestRun r = {0};
    run_folder(a, &r);
    // Where the system has such a locale, all this holds in a program whose numbers have a comma, and the comma stays.
    const char *comma = setlocale(LC_NUMERIC, "de_DE.UTF-8") ? localeconv()->decimal_point : NULL;
    char mark = comma ? *comma : '.';
    static const char *const methods[] = {"lora", "prompt", "full"};
    for (int i = 0; i < 3; i++) {
        const char *file = i == 2 ? "model.safetensors" : "adapter_model.safetensors";
        r.options.method = methods[i];
        r.options.resume = false;
        r.options.save_steps = 0;
        r.options.threads = 1;
        r.stop_after = 0;
        CHECK(run_train(&r, "one") == 0, "%s: %s", methods[i], r.message);
        static const int threads[] = {2, 3, 8};
        for (int k = 0; k < 3; k++) {
            r.options.threads = threads[k];
            CHECK(run_train(&r, "many") == 0 && same_file(r.folder, "one", "many", file), "%s: 1 and %d threads give other bytes %s", methods[i], threads[k], r.message);
        }
        // Stopped after 5 steps and gone on, once by its own checkpoint, once from an older one.
        r.options.save_steps = 2;
        r.stop_after = 5;
        CHECK(run_train(&r, "cut") == 130, "%s: a run that is stopped: %s", methods[i], r.message);
        r.stop_after = 0;
        r.options.resume = true;
        CHECK(run_train(&r, "cut") == 0 && same_file(r.folder, "one", "cut", file), "%s: stopped and gone on gives other bytes %s", methods[i], r.message);
        CHECK(!is_folder(a, arena_print(a, "%s/cut/checkpoint-5.part", r.folder)), "a part of a checkpoint is left");
        for (int step = 12; step > 4; step--) folder_remove(a, arena_print(a, "%s/cut/checkpoint-%d", r.folder, step));
        CHECK(run_train(&r, "cut") == 0 && same_file(r.folder, "one", "cut", file), "%s: gone on from step 4 gives other bytes %s", methods[i], r.message);
        damaged_body(a, &r, file);
        r.options.resume = false;
        r.options.save_steps = 0;
        // Accumulation 2 x 2 is batch 4.
        r.options.per_device_train_batch_size = 2;
        r.options.gradient_accumulation_steps = 2;
        CHECK(run_train(&r, "many") == 0 && same_file(r.folder, "one", "many", file), "%s: batch 2 accumulated twice is not batch 4 %s", methods[i], r.message);
        r.options.per_device_train_batch_size = 4;
        r.options.gradient_accumulation_steps = 1;
        // Activations that are made again are the same, with dropout on; also what adapters of every layer keep.
        for (int k = 0; k < (i ? 1 : 2); k++) {
            r.options.target_modules = k ? "all-linear" : "q,v";
            CHECK(run_train(&r, "one") == 0, "%s: %s", methods[i], r.message);
            double sum = r.sum;
            r.options.gradient_checkpointing = true;
            CHECK(run_train(&r, "again") == 0 && same_file(r.folder, "one", "again", file), "%s: --gradient-checkpointing gives other bytes %s", methods[i], r.message);
            CHECK(r.sum == sum, "%s: --gradient-checkpointing gives other losses or norms", methods[i]);
            r.options.gradient_checkpointing = false;
        }
        static const char *const folders[] = {"one", "many", "cut", "again"};
        for (int k = 0; k < 4; k++) {
            size_t n;
            const char *folder = arena_print(a, "%s/%s", r.folder, folders[k]);
            int64_t *steps = checkpoints_list(a, folder, true, &n);
            for (size_t s = 0; s < n; s++) folder_remove(a, arena_print(a, "%s/checkpoint-%lld", folder, (long long)steps[s]));
            folder_remove(a, folder);
        }
    }
    folder_remove(a, arena_print(a, "%s/model", r.folder));
    folder_remove(a, r.folder);
    CHECK(*localeconv()->decimal_point == mark, "the program's locale was changed");
    setlocale(LC_NUMERIC, "C");
}

// What a program does that uses t5peft.h: trains, trains again where it trained before, saves, opens what it saved, merges.
static void session_body(Arena *a) {
    TestRun r = {0};
    run_folder(a, &r);
    char error[T5PEFT_ERROR];
    const char *folders[4];
    for (int i = 0; i < 4; i++) folders[i] = arena_print(a, "%s/%d", r.folder, i);
    r.options.max_steps = 3;
    r.options.learning_rate = 0.05;
    r.options.out = folders[0];
    t5peft *t = t5peft_open(&r.options, error);
    CHECK(t && t5peft_train(t, &r.options, NULL, NULL) == 0 && t5peft_train(t, &r.options, NULL, NULL) == 0, "trained twice to one folder in one session: %s", t ? t5peft_error(t) : error);
    double tuned = t5peft_loss(t, "I have a pear.", "There is a pear.");
    CHECK(t5peft_save(t, folders[1]) == 0 && same_file(r.folder, "0", "1", "adapter_model.safetensors"), "t5peft_save of an adapter: %s", t5peft_error(t));
    CHECK(t5peft_merge(t) == 0 && t5peft_save(t, folders[2]) == 0, "t5peft_merge and t5peft_save: %s", t5peft_error(t));
    double merged = t5peft_loss(t, "I have a pear.", "There is a pear.");
    CHECK(fabs(merged / tuned - 1) < 1e-5, "a merged adapter: loss %g, was %g", merged, tuned);
    t5peft_close(t);
    const char *base = r.options.model;
    r.options.model = folders[2];
    t = t5peft_open(&r.options, error);
    CHECK(t && t5peft_loss(t, "I have a pear.", "There is a pear.") == merged, "a merged model that is opened again has another loss");
    t5peft_close(t);
    r.options.model = base;
    r.options.adapter[0] = folders[1];
    t = t5peft_open(&r.options, error);
    double opened = t ? t5peft_loss(t, "I have a pear.", "There is a pear.") : NAN;
    CHECK(opened == tuned && t5peft_save(t, folders[3]) == 0 && same_file(r.folder, "0", "3", "adapter_model.safetensors"), "an adapter that is opened and saved: loss %g, was %g", opened, tuned);
    CHECK(t5peft_save(t, "/dev/null/x") == 1 && strstr(t5peft_error(t), "/dev/null: this folder cannot be made"), "saved to nowhere: %s", t5peft_error(t));
    t5peft_close(t);
    r.options.adapter[0] = NULL;
    r.options.dtype = "int8";
    t = t5peft_open(&r.options, error);
    CHECK(t && t5peft_merge(t) == 1 && strstr(t5peft_error(t), "has rounded the weights"), "merged into rounded weights");
    t5peft_close(t);
    for (int i = 0; i < 4; i++) folder_remove(a, folders[i]);
    folder_remove(a, base);
    folder_remove(a, r.folder);
}

static void test_training(void) {
    static const char *const models[] = {"gated", "tied", "deep"};
    for (int i = 0; i < 3; i++) {
        run_case(curve_body, (ModelCase){.model = models[i], .prefix = ""});
        run_case(curve_body, (ModelCase){.model = models[i], .adapter = "lora", .prefix = "lora."});
        run_case(curve_body, (ModelCase){.model = models[i], .adapter = "prompt", .prefix = "prompt."});
    }
    char message[1024];
    run_case(checkpoint_body, (ModelCase){.model = "gated", .prefix = ""});
    for (int i = 0; i < 3; i++) run_case(pieces_body, (ModelCase){.model = "gated", .prefix = i == 0 ? "lora" : i == 1 ? "prompt" : "full"});
    message_of(schedules_body, message);
    CHECK(!*message, "%s", message);
    message_of(run_body, message);
    CHECK(!*message, "%s", message);
    message_of(session_body, message);
    CHECK(!*message, "%s", message);
}
