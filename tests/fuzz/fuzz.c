// Every reader of files from strangers, under libFuzzer (make fuzz SECONDS=60), or over the inputs in tests/fuzz/corpus, which
// tests/test.c and tests/faults.c include this file for (make test).
//
// What is asked: no crash, no memory error, no undefined behaviour; whoever refuses says why; what is accepted can be written and read
// again. An input of several parts has a zero byte between them. Where a length or a checksum would keep a changed input from getting
// anywhere, the harness puts it right: a safetensors header comes without its length, a pickle without its zip. mutate.c changes
// inputs so that what is around a change stays whole.
//
//     FUZZ_READER=json tests/fuzz/fuzz ...          libFuzzer on one reader
#ifndef FUZZ_REPLAY
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// A mapping is memory of exactly the file's size, so that the address sanitizer sees each read past its end.
static void *fuzz_mmap(size_t n, int fd) {
    char *p = malloc(n);
    for (size_t done = 0; p && done < n;) {
        ssize_t got = pread(fd, p + done, n - done, (off_t)done);
        if (got <= 0) return free(p), MAP_FAILED;
        done += (size_t)got;
    }
    return p ? p : MAP_FAILED;
}

#define mmap(at, n, protection, flags, fd, offset) fuzz_mmap(n, fd)
#define munmap(p, n) free(p)
#define madvise(p, n, advice) 0
#define fsync(fd) 0
#undef _GNU_SOURCE  // which what is included defines again
#undef _DEFAULT_SOURCE
#undef _POSIX_C_SOURCE
#define T5PEFT_NO_MAIN
#ifdef CONVERT
#define main program_main
#include "../../convert/convert.c"
#undef main
#else
#include "../../t5peft.c"
#endif
#undef mmap
#undef munmap
#undef madvise
#undef fsync
#endif

static char fuzz_folder[64], fuzz_fixtures[1024];

static const char *fuzz_at(Arena *a, const char *name) {
    return path_join(a, fuzz_folder, name);
}

static void fuzz_put(Arena *a, const char *name, const void *data, size_t n) {
    FILE *f = fopen(fuzz_at(a, name), "wb");
    if (!f || fwrite(data, 1, n, f) != n) abort();
    fclose(f);
}

// The next part of an input, up to a zero byte or its end.
static Slice fuzz_part(Slice *in) {
    const char *zero = in->n ? memchr(in->data, 0, in->n) : NULL;
    Slice part = {in->data, zero ? (size_t)(zero - in->data) : in->n};
    size_t taken = part.n + (zero != NULL);
    *in = (Slice){in->data + taken, in->n - taken};
    return part;
}

// A safetensors file of a header and data.
static void fuzz_put_tensors(Arena *a, const char *name, Slice in) {
    Slice header = fuzz_part(&in);
    Text t = {.arena = a};
    char length[8];
    for (int i = 0; i < 8; i++) length[i] = (char)((uint64_t)header.n >> 8 * i);
    text_add(&t, length, 8);
    text_add(&t, header.data, header.n);
    text_add(&t, in.data, in.n);
    fuzz_put(a, name, t.data, t.n);
}

static void fuzz_empty(Arena *a, const char *path) {
    size_t n;
    char **names = folder_list(a, path, &n);
    for (size_t i = 0; i < n; i++) {
        const char *one = path_join(a, path, names[i]);
        struct stat s;
        if (!lstat(one, &s) && S_ISDIR(s.st_mode)) fuzz_empty(a, one);
        remove(one);
    }
}

#ifndef CONVERT
static void fuzz_tensors(Arena *a, Slice in) {
    if (in.n && in.data[0] == '{') fuzz_put_tensors(a, "model.safetensors", in);
    else fuzz_put(a, "model.safetensors", in.data, in.n);
    Tensors t = tensors_open(a, fuzz_folder, "model"), again = {.path = "again"};
    for (size_t i = 0; i < t.n; i++) {
        const Tensor *x = &t.items[i];
        float out[64];
        for (int64_t k = 0; k < x->count && x->dtype <= BF16; k += 64) tensor_read(x, k, x->count - k < 64 ? x->count - k : 64, out);
    }
    tensors_save(a, fuzz_at(a, "again"), t.items, t.n, NULL);
    tensors_add_file(a, &again, fuzz_at(a, "again"));
    if (again.n != t.n) abort();
}

static void fuzz_index(Arena *a, Slice in) {
    static const char shard[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}\0\0\0\0";
    fuzz_put_tensors(a, "one.safetensors", (Slice){shard, sizeof shard - 1 + 1});
    fuzz_put(a, "model.safetensors.index.json", in.data, in.n);
    tensors_open(a, fuzz_folder, "model");
}

static void fuzz_json(Arena *a, Slice in) {
    fuzz_put(a, "any.json", in.data, in.n);
    const Json *stack[256] = {json_file(a, fuzz_at(a, "any.json"))};
    for (int n = 1; n;) {
        const Json *v = stack[--n];
        Text t = {.arena = a};
        if (v->type == JSON_STRING) {
            text_json(&t, v->string, v->n);
            if (json_read(a, t.data, t.n, "again", 1)->type != JSON_STRING) abort();
        }
        if (v->type == JSON_NUMBER) text_number(&t, v->number);
        if (v->next && n < 255) stack[n++] = v->next;
        if (v->child && n < 255) stack[n++] = v->child;
    }
}

static void fuzz_vocabulary(Arena *a, Slice in) {
    fuzz_put(a, "vocabulary", in.data, in.n);
    Tokenizer *t = tokenizer_open(a, fuzz_at(a, "vocabulary"));
    size_t tail = in.n < 200 ? in.n : 200;
    const Slice texts[] = {{"", 0}, {" a  b\n\t#Person1#: it's", 21}, {"na\xc3\xafve \xe2\x96\x81 \xef\xbc\xa1 \xe3\x82\xab\xe3\x82\x99 <extra_id_0> </s> <unk>", 43},
                           {"\xff\xfe\x80\xc3 \xf0\x9f\x98\x80 \xed\xa0\x80\xf5", 14}, {in.data + in.n - tail, tail}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int32_t *ids;
        size_t n = tokenize(a, t, arena_copy(a, texts[i].data, texts[i].n), texts[i].n, &ids), length;
        for (size_t k = 0; k < n; k++)
            if (ids[k] < 0 || ids[k] >= t->size) abort();
        detokenize(a, t, ids, n, &length);
    }
    int32_t all[64];
    for (int i = 0; i < 64; i++) all[i] = i - 2;
    detokenize(a, t, all, 64, NULL);
}

// One of four formats, by the first byte.
static void fuzz_table(Arena *a, Slice in) {
    static const char *const names[] = {"t.csv", "t.tsv", "t.jsonl", "t.json"};
    if (!in.n) fail(a, "no format");
    const char *name = names[in.data[0] & 3];
    fuzz_put(a, name, in.data + 1, in.n - 1);
    Table *t = table_open(a, fuzz_at(a, name));
    for (uint32_t r = 0; r < t->nrows; r++)
        for (int c = 0; c < t->ncolumns; c++) {
            Slice s = cell_of(t, r, c);
            Text out = {.arena = a};
            text_csv(&out, s.data, s.n);
        }
    size_t n;
    rows_select(a, t, "1/2", 10, &n);
}

static void fuzz_template(Arena *a, Slice in) {
    static const char csv[] = "dialogue,summary,a b,x{,}y\n1,2,3,4,5\n\"q\"\"\",,,,\n";
    Slice words = fuzz_part(&in);
    fuzz_put(a, "t.csv", in.n ? in.data : csv, in.n ? in.n : sizeof csv - 1);
    Table *t = table_open(a, fuzz_at(a, "t.csv"));
    const char *template = unescape(a, arena_copy(a, words.data, words.n));
    for (uint32_t r = 0; r < t->nrows && r < 20; r++) {
        size_t n;
        prompt_fill(a, template, t, r, t->columns[0], &n);
    }
}

static bool fuzz_row(void *user, size_t row, const Generated *sequences, int n) {
    (void)user, (void)row;
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < sequences[i].n; k++)
            if (sequences[i].ids[k] < 0) abort();
    return false;
}

static void fuzz_generate(Model *m, DType to) {
    Arena *a = m->arena;
    t5peft_options o = t5peft_defaults();
    o.max_new_tokens = 3;
    o.num_beams = 2;
    Pass p = {.model = m, .ops = m->ops, .work = work_open(a, m->ops), .kept = work_open(a, m->ops), .half = to != F32};
    int32_t V = (int32_t)m->config.V, ids[4] = {3 % V, 7 % V, 9 % V, 1};
    const int32_t *sources[] = {ids, ids + 2};
    size_t lengths[] = {4, 2};
    GenerationOptions g = generation_options(a, &o);
    generate(&p, &g, sources, lengths, 2, &(GenerationEvents){.row = fuzz_row});
}

// config.json, then the header and the data of model.safetensors.
static void fuzz_model(Arena *a, Slice in) {
    Slice config = fuzz_part(&in);
    Config c = config_read(a, "config", json_read(a, config.data, config.n, "config", 1));
    if (c.V * c.D + (c.encoder_layers + 2 * c.decoder_layers) * (4 * c.D * c.H * c.K + 3 * c.D * c.F) > 1 << 20) return;  // it would only be slow
    fuzz_put(a, "config.json", config.data, config.n);
    fuzz_put_tensors(a, "model.safetensors", in);
    Model *m = model_open(a, ops_cpu(a, 1), fuzz_folder);
    DType to = in.n % 3 == 0 ? F32 : in.n % 3 == 1 ? BF16 : I8;
    model_store(m, to);
    fuzz_generate(m, to);
    if (to != F32) return;
    tuning_full(m, NULL);
    Pass p = {.model = m, .ops = m->ops, .work = work_open(a, m->ops), .kept = work_open(a, m->ops), .train = true, .keep = true, .dropout = 0.1f};
    int32_t V = (int32_t)c.V, source[3] = {1 % V, 5 % V, 1 % V}, label[2] = {2 % V, 1 % V}, target[2] = {c.start, 2 % V};
    int64_t so[2] = {0, 3}, to_[2] = {0, 2};
    float losses[2];
    model_loss(&p, &(Batch){.S = 1, .source = source, .target = target, .label = label, .source_offsets = so, .target_offsets = to_}, 0.1f, 0.5f, losses);
    model_save(m, fuzz_at(a, "saved"));
}

// adapter_config.json, then the header and the data of adapter_model.safetensors.
static void fuzz_adapter(Arena *a, Slice in) {
    Slice config = fuzz_part(&in);
    mkdir(fuzz_at(a, "ad"), 0777);
    fuzz_put(a, "ad/adapter_config.json", config.data, config.n);
    fuzz_put_tensors(a, "ad/adapter_model.safetensors", in);
    Model *m = model_open(a, ops_cpu(a, 1), path_join(a, fuzz_fixtures, "convert/safetensors"));
    adapter_open(m, fuzz_at(a, "ad"));
    fuzz_generate(m, F32);
    if (!m->prompt[0].P) adapter_merge(m);
    model_store(m, I8);
    fuzz_generate(m, I8);
}

static t5peft_options fuzz_run(Arena *a) {
    fuzz_put(a, "rows.csv", "dialogue,summary\na b,c\nd,e\n", 27);
    t5peft_options o = t5peft_defaults();
    o.model = path_join(a, fuzz_fixtures, "convert/safetensors");
    o.data = fuzz_at(a, "rows.csv");
    o.out = fuzz_at(a, "run");
    o.lora_r = 1;
    o.threads = 1;
    o.max_steps = 2;
    o.save_steps = 1;
    o.target_modules = "q";
    return o;
}

static void fuzz_train(Arena *a, const t5peft_options *o) {
    Opened x = model_ready(a, o, o->model, NULL);
    Trainer *t = trainer_open(a, x.model, x.tokenizer, o);
    run_json(t);
    trainer_run(t);
}

// A run that stopped after a step, one of whose files is the input; the first byte says which.
static void fuzz_checkpoint(Arena *a, Slice in) {
    static const char *const names[] = {"checkpoint-1/trainer_state.json", "train_log.jsonl", "run.json", "checkpoint-1/optimizer.safetensors", "checkpoint-1/adapter_model.safetensors"};
    if (!in.n) fail(a, "no file");
    t5peft_options o = fuzz_run(a);
    o.max_steps = 1;
    fuzz_train(a, &o);
    int which = (unsigned char)in.data[0] % 5;
    Slice rest = {in.data + 1, in.n - 1};
    if (which > 2) fuzz_put_tensors(a, arena_print(a, "run/%s", names[which]), rest);
    else fuzz_put(a, arena_print(a, "run/%s", names[which]), rest.data, rest.n);
    Arena *inner = arena_inner(a);
    o.max_steps = 2;
    o.resume = true;
    folder_unlock(a);
    fuzz_train(inner, &o);
}

// run.json as train --config takes it; what would take long is made short.
static void fuzz_options(Arena *a, Slice in) {
    t5peft_options o = fuzz_run(a), fixed = o;
    fuzz_put(a, "any.json", in.data, in.n);
    options_read(a, fuzz_at(a, "any.json"), &o);
    Text t = {.arena = a};
    text_options(&t, &o, TRAIN, "train");
    json_read(a, t.data, t.n, "again", 1);
    o.model = fixed.model, o.data = fixed.data, o.out = fixed.out, o.init_adapter = NULL, o.resume = false;
    if (o.eval_data) o.eval_data = o.data;
    if (o.lora_r > 8) o.lora_r = 8;
    if (o.num_virtual_tokens > 8) o.num_virtual_tokens = 8;
    if (o.threads > 1) o.threads = 1;
    if (o.max_new_tokens > 4) o.max_new_tokens = 4;
    if (o.num_beams > 4) o.num_beams = 4;
    o.max_steps = 1;
    fuzz_train(a, &o);
}

static void fuzz_rouge(Arena *a, Slice in) {
    Slice first = fuzz_part(&in);
    for (int stemmer = 0; stemmer < 2; stemmer++) {
        Rouge r = rouge_score(a, arena_copy(a, first.data, first.n), first.n, arena_copy(a, in.data, in.n), in.n, stemmer);
        for (int k = 0; k < 4; k++)
            if (!(rouge_f(&r, k) >= 0 && rouge_f(&r, k) <= 1)) abort();
    }
}

static const struct { const char *name; void (*read)(Arena *, Slice); } fuzz_readers[] = {
    {"safetensors", fuzz_tensors}, {"index", fuzz_index}, {"json", fuzz_json}, {"spiece", fuzz_vocabulary}, {"tokenizer", fuzz_vocabulary}, {"table", fuzz_table},
    {"template", fuzz_template}, {"model", fuzz_model}, {"adapter", fuzz_adapter}, {"checkpoint", fuzz_checkpoint}, {"options", fuzz_options}, {"rouge", fuzz_rouge}};
#else
static void fuzz_convert(Arena *a, const char *source, const char *target, size_t seed) {
    static const int types[] = {-1, F32, BF16, F16, I8};
    const char *none[1] = {NULL};
    Options o = {.dtype = types[seed % 5], .shard_size = seed & 1 ? 4000 : 2000000000, .merges = none, .source = source, .target = target};
    Job job = {.arena = a, .options = &o};
    convert(&job);
}

static void fuzz_companions(Arena *a) {
    file_copy(a, path_join(a, fuzz_fixtures, "convert/safetensors"), fuzz_folder, "config.json");
    file_copy(a, path_join(a, fuzz_fixtures, "convert/safetensors"), fuzz_folder, "spiece.model");
}

// A zip, or a legacy file: whatever pytorch_model.bin may be.
static void fuzz_torch(Arena *a, Slice in) {
    fuzz_companions(a);
    fuzz_put(a, "pytorch_model.bin", in.data, in.n);
    fuzz_convert(a, fuzz_folder, fuzz_at(a, in.n & 2 ? "dst.gguf" : "dst"), in.n);
}

// The pickle of such a zip, which is built around it; its storages are zeros.
static void fuzz_pickle(Arena *a, Slice in) {
    static const char zeros[4096];
    const Slice names[] = {{"m/data.pkl", 10}, {"m/data/0", 8}, {"m/data/1", 8}, {"m/version", 9}}, contents[] = {in, {zeros, 4096}, {zeros, 64}, {"3\n", 2}};
    Text zip = {.arena = a}, directory = {.arena = a};
    for (int i = 0; i < 4; i++) {
        size_t at = zip.n;
        for (int central = 0; central < 2; central++) {
            Text *t = central ? &directory : &zip;
            put_number(t, central ? 0x02014b50 : 0x04034b50, 4);
            if (central) put_number(t, 20, 2);
            put_number(t, 20, 2), put_number(t, 0, 2), put_number(t, 0, 2), put_number(t, 0, 4), put_number(t, 0, 4);
            put_number(t, contents[i].n, 4), put_number(t, contents[i].n, 4), put_number(t, names[i].n, 2), put_number(t, 0, 2);
            if (central) put_number(t, 0, 2), put_number(t, 0, 2), put_number(t, 0, 2), put_number(t, 0, 4), put_number(t, at, 4);
            text_add(t, names[i].data, names[i].n);
        }
        text_add(&zip, contents[i].data, contents[i].n);
    }
    size_t at = zip.n;
    text_add(&zip, directory.data, directory.n);
    put_number(&zip, 0x06054b50, 4), put_number(&zip, 0, 4), put_number(&zip, 4, 2), put_number(&zip, 4, 2);
    put_number(&zip, directory.n, 4), put_number(&zip, at, 4), put_number(&zip, 0, 2);
    fuzz_torch(a, (Slice){zip.data, zip.n});
}

static void fuzz_gguf(Arena *a, Slice in) {
    fuzz_put(a, "x.gguf", in.data, in.n);
    fuzz_convert(a, fuzz_at(a, "x.gguf"), fuzz_at(a, in.n & 2 ? "dst.gguf" : "dst"), in.n);
}

static void fuzz_adapter(Arena *a, Slice in) {
    file_copy(a, path_join(a, fuzz_fixtures, "convert/adapter"), fuzz_folder, "adapter_config.json");
    fuzz_put(a, "adapter_model.bin", in.data, in.n);
    fuzz_convert(a, fuzz_folder, fuzz_at(a, "dst"), 0);
}

static const struct { const char *name; void (*read)(Arena *, Slice); } fuzz_readers[] = {
    {"zip", fuzz_torch}, {"pickle", fuzz_pickle}, {"legacy", fuzz_torch}, {"gguf", fuzz_gguf}, {"adapterbin", fuzz_adapter}};
#endif
enum { FUZZ_READERS = sizeof fuzz_readers / sizeof *fuzz_readers };

typedef struct {
    Arena *arena;
    int reader;
    Slice in;
} FuzzInput;

static void fuzz_body(void *arg) {
    FuzzInput *f = arg;
    fuzz_empty(f->arena, fuzz_folder);
    fuzz_readers[f->reader].read(f->arena, f->in);
}

// Runs a reader over an input that has not a byte behind it; the message it refused it with, "" where it took it.
static const char *fuzz_one(int reader, const void *data, size_t n, Trap *trap) {
    Arena arena = {.trap = trap};
    char *copy = malloc(n ? n : 1);
    if (!copy) abort();
    if (n) memcpy(copy, data, n);
    trap->text[0] = 0;
    bool done = attempt(&arena, fuzz_body, &(FuzzInput){&arena, reader, {copy, n}});
    if (!done && !trap->text[0]) abort();
    arena_free(&arena);
    free(copy);
    return trap->text;
}

static void fuzz_begin(const char *fixtures) {
    snprintf(fuzz_folder, sizeof fuzz_folder, "%st5peft-fuzz-%ld", !access("/tmp", F_OK) ? "/tmp/" : "", (long)getpid());
    snprintf(fuzz_fixtures, sizeof fuzz_fixtures, "%s", fixtures);
    if (mkdir(fuzz_folder, 0700) && errno != EEXIST) abort();
}

static void fuzz_end(void) {
    Arena arena = {0};
    Trap trap;
    arena.trap = &trap;
    if (!setjmp(trap.jump)) fuzz_empty(&arena, fuzz_folder);
    arena_free(&arena);
    rmdir(fuzz_folder);
}

#ifdef FUZZ_REPLAY
// Runs every reader over its inputs in tests/fuzz/corpus, of which some are good.
static void fuzz_replay(Arena *a) {
    for (int r = 0; r < FUZZ_READERS; r++) {
        size_t n, taken = 0;
        const char *folder = path_join(a, FUZZ_REPLAY, fuzz_readers[r].name);
        char **names = folder_list(a, folder, &n);
        for (size_t i = 0; i < n; i++) {
            Trap trap;
            File f = file_open(a, path_join(a, folder, names[i]));
            taken += !*fuzz_one(r, f.data, f.size, &trap);
        }
        FUZZ_CHECK(n && taken, "%s: of %zu inputs in %s %zu are good", fuzz_readers[r].name, n, folder, taken);
    }
}
#else
#include "mutate.c"

static int fuzz_reader;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *name = getenv("FUZZ_READER");
    (void)argc, (void)argv;
    while (fuzz_reader < FUZZ_READERS && (!name || strcmp(name, fuzz_readers[fuzz_reader].name))) fuzz_reader++;
    if (fuzz_reader == FUZZ_READERS) fprintf(stderr, "FUZZ_READER names none of the readers in tests/fuzz/fuzz.c\n"), exit(2);
    fuzz_begin("tests/fixtures");
    atexit(fuzz_end);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Trap trap;
    const char *message = fuzz_one(fuzz_reader, data, size, &trap);
    if (getenv("FUZZ_VERBOSE")) fprintf(stderr, "%s\n", *message ? message : "taken");
    return 0;
}
#endif
