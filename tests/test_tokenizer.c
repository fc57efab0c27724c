// Tokenizer: fixtures made by sentencepiece and transformers (make_tokenizer_fixtures.py), and files that lie.
// Wants CHECK(condition, format, ...) and, where they lie elsewhere, FIXTURES, the folder of the fixtures.

typedef struct {
    const char *path, *text;
    size_t n;
    Tokenizer *tokenizer;
} TokenizerJob;

static void tokenizer_job(Arena *a, TokenizerJob *j) {
    j->tokenizer = tokenizer_open(a, j->path);
    int32_t *ids;
    size_t count = tokenize(a, j->tokenizer, j->text, j->n, &ids);
    detokenize(a, j->tokenizer, ids, count, NULL);
}

typedef struct {
    Arena *arena;
    TokenizerJob *job;
} TokenizerCall;

static void tokenizer_call(void *arg) {
    TokenizerCall *c = arg;
    tokenizer_job(c->arena, c->job);
}

// Opens the file and tokenizes with it: "" when that works, else the message.
static const char *tokenizer_try(const char *path, char message[1024]) {
    Arena arena = {0};
    Trap trap = {.text = ""};
    arena.trap = &trap;
    static const char text[] = " The  caf\xc3\xa9\xff sold <extra_id_1> #Person1#\xe2\x96\x81 \xef\xbc\xa1.</s>\xf0\x9f\x98\x80";
    TokenizerJob job = {path, text, sizeof text, NULL};
    TokenizerCall call = {&arena, &job};
    attempt(&arena, tokenizer_call, &call);
    memcpy(message, trap.text, sizeof trap.text);
    arena_free(&arena);
    return message;
}

// The bytes of a case: its text, or its hex digits.
static char *case_bytes(Arena *a, const Json *row, size_t *n) {
    const Json *text = json_get(row, "text");
    if (text) return *n = text->n, arena_copy(a, text->string, text->n);
    const char *hex = json_text(row, "hex", "");
    *n = strlen(hex) / 2;
    char *out = arena_get(a, *n + 1, 1);
    for (size_t i = 0; i < *n; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        out[i] = (char)strtol(digits, NULL, 16);
    }
    return out;
}

static void tokenizer_cases(void *arg) {
    Arena *a = arg;
    File f = file_open(a, FIXTURES "/tokenizer/cases.jsonl");
    const char *open = "";
    Tokenizer *t = NULL;
    int line = 0;
    for (const char *p = f.data, *end = f.data + f.size; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        const Json *row = json_read(a, p, (size_t)((stop ? stop : end) - p), "cases.jsonl", ++line);
        p = stop ? stop + 1 : end;
        const char *model = json_text(row, "model", "");
        if (strcmp(open, model)) t = tokenizer_open(a, path_join(a, FIXTURES "/tokenizer", model)), open = model;
        size_t n, i = 0;
        char *text = case_bytes(a, row, &n);
        int32_t *ids;
        size_t count = tokenize(a, t, text, n, &ids);
        const Json *want = json_get(row, "ids"), *id = want->child;
        while (i < count && id && ids[i] == (int32_t)id->number) i++, id = id->next;
        CHECK(i == count && !id, "%s, case %d: id %zu of %zu differs", model, line, i, want->n);
        const char *decoded = detokenize(a, t, ids, count, NULL), *expected = json_text(row, "decoded", "");
        CHECK(!strcmp(decoded, expected), "%s, case %d: decoded to \"%s\", not \"%s\"", model, line, decoded, expected);
    }
    CHECK(line > 150, "%d cases", line);
}

// Writes JSON as it was read; "shared" stands for the vocabulary that all of folders.jsonl share.
static void json_write(Text *t, const Json *v, const File *vocabulary) {
    static const char *const words[] = {"null", "false", "true"};
    bool shared = v->type == JSON_STRING && !strcmp(v->string, "shared");
    if (v->key) text_json(t, v->key, strlen(v->key)), text_add(t, ":", 1);
    if (v->type == JSON_STRING && !shared) text_json(t, v->string, v->n);
    else if (v->type == JSON_STRING) text_add(t, vocabulary->data, vocabulary->size);
    else if (v->type == JSON_NUMBER) text_add(t, v->string, v->n);
    else if (v->type < JSON_NUMBER) text_print(t, "%s", words[v->type]);
    else {
        text_add(t, v->type == JSON_ARRAY ? "[" : "{", 1);
        for (const Json *c = v->child; c; c = c->next) {
            json_write(t, c, vocabulary);
            if (c->next) text_add(t, ",", 1);
        }
        text_add(t, v->type == JSON_ARRAY ? "]" : "}", 1);
    }
}

// Folders as they are in the wild, with the ids that transformers gives for them.
static void tokenizer_folders(void *arg) {
    Arena *a = arg;
    File f = file_open(a, FIXTURES "/tokenizer/folders.jsonl"), vocabulary = file_open(a, FIXTURES "/tokenizer/vocab.json");
    File spiece = file_open(a, FIXTURES "/tokenizer/rules.model");
    char *folder = arena_print(a, "test-tokenizer-%ld.folder", (long)getpid());
    int line = 0, texts = 0;
    for (const char *p = f.data, *end = f.data + f.size; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        const Json *row = json_read(a, p, (size_t)((stop ? stop : end) - p), "folders.jsonl", ++line);
        const Json *files = json_get(row, "files");
        p = stop ? stop + 1 : end;
        folder_make(a, folder);
        if (json_bool(row, "spiece", false)) file_write(a, path_join(a, folder, "spiece.model"), spiece.data, spiece.size);
        for (const Json *v = files->child; v; v = v->next) {
            Text t = {.arena = a};
            const char *name = v->key;
            ((Json *)v)->key = NULL;
            json_write(&t, v, &vocabulary);
            ((Json *)v)->key = name;
            file_write(a, path_join(a, folder, name), t.data, t.n);
        }
        Tokenizer *t = tokenizer_open(a, folder);
        for (const Json *c = json_get(row, "cases")->child; c; c = c->next, texts++) {
            size_t n, i = 0;
            Cut cut = {0};
            const Json *text = json_get(c, "text"), *want = json_get(c, "ids"), *id = want->child;
            const int32_t *ids = ids_closed(a, t, text->string, text->n, 1 << 20, &n, &cut);
            while (i < n && id && ids[i] == (int32_t)id->number) i++, id = id->next;
            // With nothing to close a text, one that is empty is </s>: no sequence has no ids.
            CHECK((i == n && !id) || (!want->n && n == 1), "folder %d, text %d: id %zu of %zu differs", line, texts, i, want->n);
            const char *decoded = detokenize(a, t, ids, n, NULL), *expected = json_text(c, "decoded", decoded);
            CHECK(!strcmp(decoded, expected), "folder %d: decoded to \"%s\", not \"%s\"", line, decoded, expected);
        }
        for (const Json *v = files->child; v; v = v->next) remove(path_join(a, folder, v->key));
        remove(path_join(a, folder, "spiece.model"));
        remove(folder);
    }
    CHECK(line > 40 && texts > 400, "%d folders, %d texts", line, texts);
}

static void tokenizer_parts(void *arg) {
    Arena *a = arg;
    Tokenizer *t = tokenizer_open(a, FIXTURES "/tokenizer/bytes.model");
    CHECK(t->pad == 0 && t->eos == 1 && t->unk == 2, "special ids are %d %d %d", (int)t->pad, (int)t->eos, (int)t->unk);
    const int32_t far[] = {-1, INT32_MAX, INT32_MIN, t->size, 1, 0, t->size - 100};
    CHECK(!strcmp(detokenize(a, t, far, 7, NULL), ""), "ids beyond the vocabulary were decoded");
    CHECK(!strcmp(detokenize(a, t, far, 0, NULL), ""), "no ids were decoded to something");
    const int32_t broken[] = {3 + 0xe2, 3 + 0x96, 3 + 'a'};
    CHECK(!strcmp(detokenize(a, t, broken, 3, NULL), "\xef\xbf\xbd\xef\xbf\xbd" "a"), "a broken run of bytes is %s", detokenize(a, t, broken, 3, NULL));
    // A score of about -8 a word passes -100000, where sums start again, many times; the words are the same ids throughout.
    Text text = {.arena = a};
    for (int i = 0; i < 100000; i++) text_add(&text, "umbrella ", 9);
    int32_t *one, *all;
    size_t n = tokenize(a, t, "umbrella", 8, &one), count = tokenize(a, t, text.data, text.n, &all), i = 0;
    while (i < count && all[i] == one[i % n]) i++;
    CHECK(n && count == 100000 * n && i == count, "a long text: %zu ids, the first %zu as in a short one", count, i);
    // What tokenizing needs for itself is given back.
    Mark before = arena_mark(a);
    for (int k = 0; k < 1000; k++) {
        Mark m = arena_mark(a);
        tokenize(a, t, text.data, 2000, &all);
        arena_release(a, m);
    }
    CHECK(arena_mark(a).block == before.block && arena_mark(a).used == before.used, "tokenizing keeps memory");
    tokenize(a, t, text.data, 9000, &all);
    int32_t *next = arena_get(a, 4000, sizeof *next);
    bool zero = true;
    for (int k = 0; k < 4000; k++) zero = zero && !next[k];
    CHECK(zero, "memory behind the ids is not clean");
}

// Damages a model in many ways: every outcome but a crash is right, and a message is one line.
static void tokenizer_damage(void *arg) {
    Arena *a = arg;
    char message[1024], *path = arena_print(a, "test-tokenizer-%ld.tmp", (long)getpid());
    static const char *const names[] = {"/raw.model", "/bytes.model", "/tokenizer.json"};
    for (int m = 0; m < 3; m++) {
        File f = file_open(a, arena_print(a, FIXTURES "/tokenizer%s", names[m]));
        int failed = 0, tries = 150;
        for (int k = 0; k < tries; k++) {
            char *copy = arena_copy(a, f.data, f.size);
            size_t size = k < 50 ? (size_t)k * f.size / 50 : f.size;
            for (int j = 0; k >= 50 && j < 1 + k % 3; j++) copy[random_u64(5, (uint64_t)(k * 3 + j)) % size] ^= (char)(1 << k % 8);
            file_write(a, path, copy, size);
            tokenizer_try(path, message);
            failed += message[0] != 0;
            CHECK(!strchr(message, '\n') && (!message[0] || !strncmp(message, path, strlen(path))), "%s damaged: %s", names[m], message);
        }
        CHECK(failed >= 40, "%s: only %d of %d damaged files were refused", names[m], failed, tries);
    }
    remove(path);
}

static void field(Text *t, int number, const char *data, size_t n) {
    char head[12];
    size_t k = 0;
    head[k++] = (char)(number << 3 | 2);
    for (size_t rest = n;; rest >>= 7) {
        head[k++] = (char)((rest & 127) | (rest > 127 ? 128 : 0));
        if (rest <= 127) break;
    }
    text_add(t, head, k);
    text_add(t, data, n);
}

static void piece(Text *model, Arena *a, const char *name, size_t n, float score, int type) {
    Text t = {.arena = a};
    char rest[7] = {2 << 3 | 5, 0, 0, 0, 0, 3 << 3, (char)type};
    memcpy(rest + 1, &score, 4);
    if (big_endian()) bytes_swap(rest + 1, 1, 4);
    field(&t, 1, name, n);
    text_add(&t, rest, 7);
    field(model, 1, t.data, t.n);
}

// Models with one thing wrong each: the message must name it.
static void tokenizer_lies(void *arg) {
    Arena *a = arg;
    char message[1024], *path = arena_print(a, "test-tokenizer-%ld.tmp", (long)getpid());
    static const char *const wanted[] = {
        "", "no pieces", "(<unk>)", "no </s>", "are the same", "no usable number", "zero byte", "is empty", "longer than", "sizes do not fit",
        "an offset leaves it", "an offset leaves it", "another kind", "cut off", "are the same", "no usable number"};
    for (int k = 0; k < 16; k++) {
        Text m = {.arena = a}, normalizer = {.arena = a};
        static char large[2000], table[1024 + 4 + 2];
        memset(large, 'x', sizeof large);
        memset(table, 0, sizeof table);
        table[1] = 4;        // 1024 bytes of trie
        table[4 + 2] = 1;    // the root's offset is 64
        if (k != 1) {
            piece(&m, a, "<pad>", 5, 0, 3);
            if (k != 3) piece(&m, a, "</s>", 4, 0, 3);
            if (k != 2) piece(&m, a, "<unk>", 5, 0, 2);
            piece(&m, a, "a", 1, k == 5 ? NAN : k == 15 ? -INFINITY : -1, 1);
            if (k == 4) piece(&m, a, "a", 1, -2, 1);
            if (k == 6) piece(&m, a, "b\0c", 3, -2, 1);
            if (k == 7) piece(&m, a, "", 0, -2, 1);
            if (k == 8) piece(&m, a, large, sizeof large, -2, 1);
            if (k == 14) piece(&m, a, "</s>", 4, 0, 3);
        }
        if (k == 9) table[1] = 8;
        if (k == 10) table[4 + 3] = 1;
        if (k == 11) table[4 + 4 * 65 + 3] = (char)0x80, table[4 + 4 * 65] = 9;  // a value past the strings
        field(&normalizer, 2, table, sizeof table);
        if (k == 12) field(&m, 2, "\x18\x02", 2);  // BPE
        field(&m, 3, normalizer.data, normalizer.n);
        if (k == 13) text_add(&m, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
        if (k == 1) m.n = 0;
        file_write(a, path, m.data ? m.data : "", m.n);
        tokenizer_try(path, message);
        CHECK(wanted[k][0] ? strstr(message, wanted[k]) != NULL : !message[0], "lie %d: \"%s\", expected \"%s\"", k, message, wanted[k]);
    }
    static const struct { const char *json, *wanted; } texts[] = {
        {"{}", "of type Unigram"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{}}}", "of type Unigram"},
        {"{\"model\":{\"vocab\":[[\"a\"]]}}", "is no [piece, score]"},
        {"{\"model\":{\"vocab\":[]}}", "no pieces"}, {"{\"model\":{\"vocab\":[[\"a\",-1]],\"unk_id\":7}}", "(<unk>)"},
        {"{\"model\":{\"vocab\":[[\"a\",-1]],\"unk_id\":0},\"added_tokens\":[{\"id\":9}]}", "no content"},
        {"{\"model\":{\"vocab\":[[\"a\",1e999]],\"unk_id\":0}}", "no usable number"},
        {"{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"A!\"},"
         "\"model\":{\"vocab\":[[\"a\",-1],[\"</s>\",0]],\"unk_id\":0}}", "no base64"},
#define OF(rest) "{\"model\":{\"vocab\":[[\"a\",-1],[\"</s>\",0]],\"unk_id\":0}," rest "}"
#define REPLACE_STAGE(what, to) "{\"type\":\"Replace\",\"pattern\":{" what "},\"content\":\"" to "\"}"
        {OF("\"normalizer\":{\"type\":\"BertNormalizer\"}"), "normalizer \"BertNormalizer\""},
        {OF("\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},"
            "{\"type\":\"ByteLevel\"}]}"), "\"ByteLevel\""},
        {OF("\"normalizer\":{\"type\":\"Metaspace\"}"), "normalizer \"Metaspace\""}, {OF("\"normalizer\":{}"), "normalizer \"\""},
        {OF("\"pre_tokenizer\":{\"type\":\"Whitespace\"}"), "pre_tokenizer \"Whitespace\""},
        {OF("\"pre_tokenizer\":{\"type\":\"Punctuation\",\"behavior\":\"Odd\"}"), "behavior"},
        {OF("\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"\"}"), "Metaspace"},
        {OF("\"decoder\":{\"type\":\"WordPiece\"}"), "decoder \"WordPiece\""},
        {OF("\"post_processor\":{\"type\":\"BertProcessing\"}"), "post_processor \"BertProcessing\""},
        {OF("\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":["
            "{\"Sequence\":{}},{\"SpecialToken\":{\"id\":\"b\"}}],"
            "\"special_tokens\":{\"b\":{\"ids\":[1000000000]}}}"), "does not exist"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"String\":\"\"", "a")), "pattern"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"a*\"", "b")), "empty"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"(a)\"", "b")), "(a)"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"a|b\"", "b")), "a|b"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"[a\"", "b")), "[a"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"a{2\"", "b")), "a{2"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"\\\\d\"", "b")), "\\d"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"a+?\"", "b")), "a+?"},
        {OF("\"normalizer\":" REPLACE_STAGE("\"Regex\":\"a*a*a*a*b\"", "b")), "not known"},
        {OF("\"added_tokens\":[{\"id\":2,\"content\":\" \",\"normalized\":true}],"
            "\"normalizer\":{\"type\":\"Strip\"}"), "is empty when"},
        {"{\"model\":", "not JSON"}};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        file_write(a, path, texts[k].json, strlen(texts[k].json));
        CHECK(strstr(tokenizer_try(path, message), texts[k].wanted), "tokenizer.json %zu: \"%s\", expected \"%s\"", k, message, texts[k].wanted);
    }
    // Replacements of replacements: refused before a text could grow without end. Ids far away are not believed.
    Text grows = {.arena = a};
    text_print(&grows, "{\"model\":{\"vocab\":[[\"a\",-1],[\"</s>\",0]],\"unk_id\":0},"
               "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[");
    for (int k = 0; k < 40; k++) text_print(&grows, "%s" REPLACE_STAGE("\"String\":\"a\"", "aa"), k ? "," : "");
    text_print(&grows, "]}}");
    file_write(a, path, grows.data, grows.n);
    CHECK(strstr(tokenizer_try(path, message), "a million times longer"), "growth: %s", message);
    static const char far[] = OF("\"added_tokens\":[{\"id\":1000000000,\"content\":\"a\"},"
                                "{\"id\":1e300,\"content\":\"b\"},{\"id\":-5,\"content\":\"b\"}]");
    file_write(a, path, far, sizeof far - 1);
    CHECK(!tokenizer_try(path, message)[0] && tokenizer_open(a, path)->size == 3, "far ids: %s", message);
    remove(path);
    CHECK(strstr(tokenizer_try("no such file", message), "cannot be opened"), "a missing file: %s", message);
    CHECK(strstr(tokenizer_try("/", message), "holds neither"), "a folder without a tokenizer: %s", message);
}

static void test_tokenizer(void) {
    static void (*const bodies[])(void *) = {tokenizer_cases, tokenizer_folders, tokenizer_parts,
                                            tokenizer_damage, tokenizer_lies};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        Arena arena = {0};
        Trap trap = {.text = ""};
        arena.trap = &trap;
        CHECK(attempt(&arena, bodies[i], &arena), "part %zu of the tokenizer tests: %s", i, trap.text);
        arena_free(&arena);
    }
}
