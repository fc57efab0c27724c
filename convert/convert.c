/* t5peft-convert: any T5 checkpoint in, any other out

       cc -O2 convert/convert.c -lm -o t5peft-convert
       t5peft-convert pytorch_folder safetensors_folder --dtype bf16

   It reads PyTorch files (zip and legacy), safetensors and GGUF, and writes Hugging Face folders, adapter folders and
   GGUF. Nothing that it reads is ever run: a pickle is a program, and the unpickler below knows only the few calls
   that build tensors. The program sees t5peft.c as a library and uses its memory, error, JSON and file helpers.

   How to read this file; each section calls only what stands above it:
       1 stored     a tensor where it lies in some mapped file; its values, one row at a time; rounding
       2 zip        the container of torch.save
       3 pickle     the restricted unpickler
       4 torch      pytorch_model.bin: tensors out of either container
       5 gguf       llama.cpp's container, reading
       6 checkpoint which files a SRC consists of; one set of names for all formats
       7 merge      LoRA adapters, added row by row
       8 vocabulary spiece.model, tokenizer.json and tokenizer.ggml.* into each other
       9 write      the plan of the output; safetensors, sharded; what travels along
      10 gguf out   the same plan as a GGUF
      11 command    options, help, main

   Everything is streamed: a tensor goes through in rows, and the pages of the input are given back behind it, so
   memory does not grow with the model. */

#define T5PEFT_NO_MAIN
#include "../t5peft.c"

// Set by Ctrl-C and its like; looked at between rows, so that an interrupted run can still clean up behind itself.
static volatile sig_atomic_t interrupted;

/* ================================================================================================================
   1  stored: a tensor where it lies in some mapped file

   All formats are read into the same description: a type, a shape, strides in elements (torch.save keeps transposed
   views as they are), and a pointer to the first element. Pointers may be odd: legacy torch files align nothing, so
   every load goes through memcpy. Values are widened to double: that is exact for every type here, and whatever is
   added on the way (a LoRA, a scale), the result is rounded once, at the end.
   ================================================================================================================ */

// One more type than safetensors has: GGUF's blocks of 32, an f16 scale and 32 int8. Never written to safetensors.
enum { Q8_0 = DTYPES, Q8_BLOCK = 32, Q8_BYTES = 34 };

typedef struct {
    const char *name;
    int type;                  // a DType, or Q8_0
    int rank;
    int64_t shape[MAX_RANK], stride[MAX_RANK];
    int64_t count;             // elements
    const char *data;
    const char *scale;         // I8 of a model: shape[0] floats
    bool contiguous;
    bool mapped;               // data lies in a file's mapping: its pages can be dropped and come back by themselves
    const char *path;          // the file, for messages
} Stored;

static uint64_t number_at(const void *p, int bytes) {
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++) n |= (uint64_t)((const unsigned char *)p)[i] << 8 * i;
    return n;
}

static float float_at(const void *p) {
    uint32_t bits = (uint32_t)number_at(p, 4);
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

static double double_at(const void *p) {
    uint64_t bits = number_at(p, 8);
    double d;
    memcpy(&d, &bits, 8);
    return d;
}

static void number_put(char *p, uint32_t number, int bytes) {
    for (int i = 0; i < bytes; i++) p[i] = (char)(unsigned char)(number >> 8 * i);
}

static uint64_t type_bytes(int type, uint64_t count) {
    return type == Q8_0 ? count / Q8_BLOCK * Q8_BYTES : count * (uint64_t)dtypes[type].bytes;
}

static const char *type_name(int type) {
    return type == Q8_0 ? "Q8_0" : dtypes[type].name;
}

static bool type_is_float(int type) {
    return type == F32 || type == F16 || type == BF16 || type == F64 || type == I8 || type == Q8_0;
}

static int64_t row_length(const Stored *s) {
    return s->rank ? s->shape[s->rank - 1] : 1;
}

// Fills strides for row-major data, for the formats that know no others.
static void stored_make_contiguous(Stored *s) {
    int64_t step = 1;
    for (int d = s->rank - 1; d >= 0; d--) {
        s->stride[d] = step;
        step *= s->shape[d];
    }
    s->contiguous = true;
}

// Gives the pages of the bytes from..to of a tensor back to the system.
static void stored_drop(const Stored *s, uint64_t from, uint64_t to) {
    if (s->mapped) pages_drop(s->data + from, (size_t)(to - from));
}

// Widens n elements, `step` apart, from element `at` on.
static void load_values(int type, const char *data, int64_t at, int64_t step, int64_t n, double *out) {
    switch (type) {
    case F32: for (int64_t i = 0; i < n; i++) out[i] = float_at(data + (at + i * step) * 4); break;
    case F16: for (int64_t i = 0; i < n; i++) out[i] = half_to_float((uint16_t)number_at(data + (at + i * step) * 2, 2)); break;
    case BF16: for (int64_t i = 0; i < n; i++) out[i] = bfloat_to_float((uint16_t)number_at(data + (at + i * step) * 2, 2)); break;
    case F64: for (int64_t i = 0; i < n; i++) out[i] = double_at(data + (at + i * step) * 8); break;
    case I8: for (int64_t i = 0; i < n; i++) out[i] = (signed char)data[at + i * step]; break;
    case Q8_0:
        for (int64_t i = 0; i < n; i++) {
            const char *block = data + (at + i * step) / Q8_BLOCK * Q8_BYTES;
            out[i] = (double)half_to_float((uint16_t)number_at(block, 2)) * (signed char)block[2 + (at + i * step) % Q8_BLOCK];
        }
    }
}

// One row (the last dimension) of a tensor as doubles; `row` counts over all other dimensions.
static void stored_row(const Stored *s, int64_t row, double *out) {
    int64_t n = row_length(s), at = 0, left = row;
    for (int d = s->rank - 2; d >= 0; d--) {
        at += left % s->shape[d] * s->stride[d];
        left /= s->shape[d];
    }
    load_values(s->type, s->data, at, s->rank ? s->stride[s->rank - 1] : 1, n, out);
    if (s->scale)
        for (int64_t i = 0; i < n; i++) out[i] *= float_at(s->scale + 4 * row);
}

// The float next to d whose last bit is odd when d lies between two floats. Rounding that once more, to a type at
// least two bits narrower, gives what rounding d itself would have given (Boldo and Melquiond, 2008).
static float float_to_odd(double d) {
    float f = (float)d;
    if ((double)f == d || !isfinite(f)) return f;
    uint32_t bits;
    memcpy(&bits, &f, 4);
    if (fabs((double)f) > fabs(d)) bits--;
    bits |= 1;
    memcpy(&f, &bits, 4);
    return f;
}

// Rounds to nearest, ties to even.
static uint16_t round_to_half(float f) {
    uint32_t bits;
    memcpy(&bits, &f, 4);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return sign | 0x7e00;
    if (fabsf(f) >= 65520.0f) return sign | 0x7c00;
    if (fabsf(f) < 0x1p-14f) return (uint16_t)(sign | (uint16_t)lrintf(fabsf(f) * 0x1p24f));
    bits += 0xfff + (bits >> 13 & 1);
    return (uint16_t)(sign | (bits - (112u << 23)) >> 13);
}

// Rounds n values to F32, F16 or BF16. Returns how many finite ones became infinite.
static int64_t store_values(int type, const double *in, int64_t n, char *out) {
    int64_t lost = 0;
    for (int64_t i = 0; i < n; i++) {
        float f = type == F32 ? (float)in[i] : float_to_odd(in[i]);
        uint16_t h = type == F16 ? round_to_half(f) : type == BF16 ? float_to_bfloat(f) : 0;
        uint32_t bits;
        memcpy(&bits, &f, 4);
        if (type == F32) number_put(out + 4 * i, bits, 4);
        else number_put(out + 2 * i, h, 2);
        float back = type == F32 ? f : type == F16 ? half_to_float(h) : bfloat_to_float(h);
        lost += isinf(back) && !isinf(in[i]);
    }
    return lost;
}

// Quantizes one row to int8 with one scale: max|w| / 127, nearest, ties to even. Returns the scale.
static float quantize_row(const double *in, int64_t n, char *out) {
    double most = 0;
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(in[i]));
    float scale = (float)(most / 127);
    for (int64_t i = 0; i < n; i++) out[i] = (char)(signed char)(scale > 0 ? nearbyint(fmax(-127, fmin(127, in[i] / scale))) : 0);
    return scale;
}

// Quantizes n values, a multiple of 32, to Q8_0 as llama.cpp does, bit for bit: in floats, halves away from zero, and
// the scale is rounded to f16 only after it was used.
static void quantize_blocks(const double *in, int64_t n, char *out) {
    for (; n > 0; n -= Q8_BLOCK, in += Q8_BLOCK, out += Q8_BYTES) {
        float most = 0;
        for (int i = 0; i < Q8_BLOCK; i++) most = fmaxf(most, fabsf((float)in[i]));
        float scale = most / 127, inverse = scale != 0 ? 1 / scale : 0;
        uint16_t h = round_to_half(scale);
        number_put(out, h, 2);
        for (int i = 0; i < Q8_BLOCK; i++) out[2 + i] = (char)(signed char)fmaxf(-127, fminf(127, roundf((float)in[i] * inverse)));
    }
}

// A place in a file's bytes. Whoever takes more than there is fails.
typedef struct {
    Arena *arena;
    const char *path;
    const char *p, *end;
} Cursor;

static const char *take(Cursor *c, uint64_t n) {
    if ((uint64_t)(c->end - c->p) < n) fail(c->arena, "%s: it ends too early or its lengths are wrong; download or save it again", c->path);
    const char *p = c->p;
    c->p += n;
    return p;
}

static uint64_t take_number(Cursor *c, int bytes) {
    return number_at(take(c, (uint64_t)bytes), bytes);
}

// A name that came from a file. It ends up in headers, messages and look-ups: printable UTF-8 that names no path.
static const char *checked_name(Arena *a, const char *path, const char *s, size_t n) {
    bool good = n > 0 && n < 1000 && s[0] != '/';
    char *name = arena_copy(a, s, good ? n : 0);
    text_clean(name, good ? n : 0, false);
    if (!good || memcmp(name, s, n) || strstr(name, ".."))
        fail(a, "%s: a name in it is empty, far too long, no text, or holds \"..\"; this file was not made by a known tool", path);
    return name;
}

// A set of tensors and where they came from.
typedef struct {
    Stored *items;
    size_t n, room;
    const char *path, *folder;   // the file or index, for messages; the folder whose other files travel along
    bool adapter;
    struct GgufKey *keys;        // a GGUF's metadata
    size_t keys_n, keys_room;
} Checkpoint;

static void checkpoint_add(Arena *a, Checkpoint *c, Stored s) {
    s.mapped = NULL != mapped_file(a, s.data);
    c->items = arena_grow(a, c->items, c->n, &c->room, sizeof *c->items);
    c->items[c->n++] = s;
}

/* ================================================================================================================
   2  zip: the container of torch.save

   Read from its end: the end record (22 bytes and a comment, signature 0x06054b50) says where the central directory is;
   where a locator (20 bytes, 0x07064b50) stands before it, the zip64 end record (0x06064b50) says it with 64 bits. The
   directory holds one entry a file (46 bytes, 0x02014b50, then name, extra field, comment); sizes and offsets of
   0xffffffff are found in the extra field with the tag 1 instead. An entry points to a local header (30 bytes,
   0x04034b50, then name and extra field), behind which the bytes lie. torch.save stores them uncompressed.
   ================================================================================================================ */

typedef struct {
    const char *name;     // not closed by a zero byte
    size_t length;
    const char *data;
    uint64_t size;
} Blob;

typedef struct {
    Blob *items;
    size_t n, room;
} Blobs;

static int blob_compare(const void *x, const void *y) {
    const Blob *a = x, *b = y;
    int order = memcmp(a->name, b->name, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static void blobs_sort(Arena *a, Blobs *b, const char *path) {
    if (b->n) qsort(b->items, b->n, sizeof *b->items, blob_compare);
    for (size_t i = 1; i < b->n; i++)
        if (!blob_compare(&b->items[i - 1], &b->items[i]))
            fail(a, "%s: its part %.*s is there twice; save it again", path, (int)b->items[i].length, b->items[i].name);
}

static const Blob *blob_find(const Blobs *b, const char *name, size_t length) {
    Blob key = {.name = name, .length = length};
    return b->n ? bsearch(&key, b->items, b->n, sizeof key, blob_compare) : NULL;
}

static const char *zip_at(Arena *a, const File *f, uint64_t offset, uint64_t n, uint32_t signature) {
    if (offset > f->size || f->size - offset < n || number_at(f->data + offset, 4) != signature)
        fail(a, "%s: this zip file is broken or cut short; download it again", f->path);
    return f->data + offset;
}

// Where the central directory begins and how many entries it has.
static uint64_t zip_directory(Arena *a, const File *f, uint64_t *entries) {
    for (uint64_t back = 22; back <= f->size && back <= 22 + 65535; back++) {
        uint64_t at = f->size - back;
        const char *end = f->data + at;
        if (number_at(end, 4) != 0x06054b50 || number_at(end + 20, 2) != back - 22) continue;
        *entries = number_at(end + 10, 2);
        if (at < 20 || number_at(end - 20, 4) != 0x07064b50) return number_at(end + 16, 4);
        const char *wide = zip_at(a, f, number_at(end - 12, 8), 56, 0x06064b50);
        *entries = number_at(wide + 32, 8);
        return number_at(wide + 48, 8);
    }
    fail(a, "%s: this zip file has no end; it is cut short, download it again", f->path);
}

// The 64-bit forms of the size and the offset of an entry, where the 32-bit ones say that they are in the extra field.
static void zip_wide(Cursor c, uint64_t packed, uint64_t *size, uint64_t *offset) {
    while (c.end - c.p >= 4) {
        uint64_t tag = take_number(&c, 2), n = take_number(&c, 2);
        Cursor field = {c.arena, c.path, take(&c, n), c.p};
        if (tag != 1) continue;
        field.end = c.p;
        if (*size == UINT32_MAX) *size = take_number(&field, 8);
        if (packed == UINT32_MAX) take(&field, 8);
        if (*offset == UINT32_MAX) *offset = take_number(&field, 8);
    }
}

static Blobs zip_open(Arena *a, const File *f) {
    Blobs b = {0};
    uint64_t entries, at = zip_directory(a, f, &entries);
    for (uint64_t i = 0; i < entries; i++) {
        const char *e = zip_at(a, f, at, 46, 0x02014b50);
        uint64_t packed = number_at(e + 20, 4), size = number_at(e + 24, 4), offset = number_at(e + 42, 4);
        Cursor rest = {a, f->path, e + 46, f->data + f->size};
        size_t length = (size_t)number_at(e + 28, 2);
        const char *name = checked_name(a, f->path, take(&rest, length), length);
        const char *extra = take(&rest, number_at(e + 30, 2));
        zip_wide((Cursor){a, f->path, extra, rest.p}, packed, &size, &offset);
        take(&rest, number_at(e + 32, 2));
        at = (uint64_t)(rest.p - f->data);
        if (number_at(e + 8, 2) & 1) fail(a, "%s: its part %s is encrypted; save it again with torch.save", f->path, name);
        if (number_at(e + 10, 2))
            fail(a, "%s: its part %s is compressed, which torch.save never does; save it again with torch.save", f->path, name);
        const char *local = zip_at(a, f, offset, 30, 0x04034b50);
        Cursor body = {a, f->path, local + 30, f->data + f->size};
        take(&body, number_at(local + 26, 2) + number_at(local + 28, 2));
        b.items = arena_grow(a, b.items, b.n, &b.room, sizeof *b.items);
        b.items[b.n++] = (Blob){name, length, take(&body, size), size};
    }
    blobs_sort(a, &b, f->path);
    return b;
}

/* ================================================================================================================
   3  pickle: the restricted unpickler

   A pickle is a program for a stack machine, and Python's own will import and call whatever it names. This one knows
   the opcodes that a dictionary of tensors needs, and the names in one short table: OrderedDict, the functions that
   rebuild a tensor from its storage, and the storages' types. Any other name or opcode is refused at once.
   A storage is a "persistent id": ("storage", type, key, device, elements); its bytes are elsewhere in the container.
   Nothing is copied and nothing is followed recursively, so a memo that contains itself or a million nested lists
   cost what they take in the file; a limit on the number of opcodes bounds that too.
   ================================================================================================================ */

typedef enum { P_NONE, P_BOOL, P_INTEGER, P_FLOAT, P_TEXT, P_TUPLE, P_LIST, P_DICT, P_MARK, P_CALLABLE, P_STORAGE, P_TENSOR } PickleType;

typedef struct {
    PickleType type;
    int64_t integer;     // P_TEXT: its length; P_CALLABLE: its index in `callables`
    const void *p;       // P_TEXT: bytes; P_TUPLE, P_LIST, P_DICT: a PickleNode; P_STORAGE, P_TENSOR: what their names say
} PickleValue;

// The elements of a tuple or a list; of a dictionary: key, value, key, value ...
typedef struct {
    PickleValue *items;
    size_t n, room;
} PickleNode;

typedef struct {
    const char *key;
    size_t length;
    int type;
    int64_t count;
} PickledStorage;

typedef struct {
    const PickledStorage *storage;
    int rank;
    int64_t offset, shape[MAX_RANK], stride[MAX_RANK];
} PickledTensor;

typedef struct {
    Cursor in;
    PickleValue *stack, *memo;
    size_t n, room, memo_n;
    const PickledStorage **storages;   // every one that was named, in order
    size_t storages_n, storages_room;
} Unpickler;

enum { PICKLE_LIMIT = 1 << 20 };  // opcodes and memo entries; an 11 B model needs some 50,000

typedef enum { CALL_DICT, CALL_TENSOR, CALL_PARAMETER, CALL_STORAGE } PickleCall;

static const struct { const char *module, *name; PickleCall call; DType type; } callables[] = {
    {"collections", "OrderedDict", CALL_DICT, F32},
    {"torch._utils", "_rebuild_tensor", CALL_TENSOR, F32},
    {"torch._utils", "_rebuild_tensor_v2", CALL_TENSOR, F32},
    {"torch._utils", "_rebuild_parameter", CALL_PARAMETER, F32},
    {"torch", "FloatStorage", CALL_STORAGE, F32},
    {"torch", "HalfStorage", CALL_STORAGE, F16},
    {"torch", "BFloat16Storage", CALL_STORAGE, BF16},
    {"torch", "DoubleStorage", CALL_STORAGE, F64},
    {"torch", "CharStorage", CALL_STORAGE, I8},
    {"torch", "ShortStorage", CALL_STORAGE, I16},
    {"torch", "IntStorage", CALL_STORAGE, I32},
    {"torch", "LongStorage", CALL_STORAGE, I64},
    {"torch", "ByteStorage", CALL_STORAGE, U8},
    {"torch", "BoolStorage", CALL_STORAGE, BOOL},
};

static _Noreturn void pickle_fail(Unpickler *u, const char *what) {
    fail(u->in.arena, "%s: not a dictionary of tensors: %s; save model.state_dict() with torch.save", u->in.path, what);
}

static void pickle_push(Unpickler *u, PickleValue v) {
    u->stack = arena_grow(u->in.arena, u->stack, u->n, &u->room, sizeof *u->stack);
    u->stack[u->n++] = v;
}

static PickleValue pickle_pop(Unpickler *u) {
    if (!u->n || u->stack[u->n - 1].type == P_MARK) pickle_fail(u, "its pickle takes more from the stack than there is");
    return u->stack[--u->n];
}

static PickleValue pickle_pop_type(Unpickler *u, PickleType type) {
    PickleValue v = pickle_pop(u);
    if (v.type != type) pickle_fail(u, "its pickle uses one kind of value where another is needed");
    return v;
}

// Takes everything above the topmost mark, and the mark. Returns the first of *n values, valid until the next push.
static PickleValue *pickle_pop_mark(Unpickler *u, size_t *n) {
    size_t at = u->n;
    while (at && u->stack[at - 1].type != P_MARK) at--;
    if (!at) pickle_fail(u, "its pickle closes a list that it never opened");
    *n = u->n - at;
    u->n = at - 1;
    return u->stack + at;
}

static void node_add(Unpickler *u, PickleNode *node, PickleValue v) {
    node->items = arena_grow(u->in.arena, node->items, node->n, &node->room, sizeof *node->items);
    node->items[node->n++] = v;
}

static void pickle_push_node(Unpickler *u, PickleType type, const PickleValue *items, size_t n) {
    PickleNode *node = arena_get(u->in.arena, 1, sizeof *node);
    if (n) {
        node->items = arena_get(u->in.arena, n, sizeof *items);
        memcpy(node->items, items, n * sizeof *items);
    }
    node->n = node->room = n;
    pickle_push(u, (PickleValue){type, 0, node});
}

// The container on top of the stack, to which a list's element or a dictionary's pair is added.
static PickleNode *pickle_top(Unpickler *u, PickleType type) {
    if (!u->n || u->stack[u->n - 1].type != type) pickle_fail(u, "its pickle fills a value that is no list or dictionary");
    return (PickleNode *)(uintptr_t)u->stack[u->n - 1].p;
}

static void pickle_memo(Unpickler *u, uint64_t at) {
    if (at >= PICKLE_LIMIT || !u->n) pickle_fail(u, "its pickle remembers more than any model has");
    if (at >= u->memo_n) {
        size_t n = (size_t)at * 2 + 64;
        PickleValue *memo = arena_get(u->in.arena, n, sizeof *memo);
        for (size_t i = 0; i < n; i++) memo[i] = i < u->memo_n ? u->memo[i] : (PickleValue){.type = P_MARK};
        u->memo = memo;
        u->memo_n = n;
    }
    u->memo[at] = u->stack[u->n - 1];
}

static void pickle_recall(Unpickler *u, uint64_t at) {
    if (at >= u->memo_n || u->memo[at].type == P_MARK) pickle_fail(u, "its pickle recalls a value that it never made");
    pickle_push(u, u->memo[at]);
}

static bool text_is(PickleValue v, const char *s) {
    return v.type == P_TEXT && (size_t)v.integer == strlen(s) && !memcmp(v.p, s, strlen(s));
}

// Accepts one of the names in `callables`. Storages of a GPU's tensors are called torch.cuda.*Storage in old files.
static void pickle_global(Unpickler *u, PickleValue module, PickleValue name) {
    for (size_t i = 0; i < sizeof callables / sizeof *callables; i++) {
        bool cuda = callables[i].call == CALL_STORAGE && text_is(module, "torch.cuda");
        if (!text_is(name, callables[i].name) || (!cuda && !text_is(module, callables[i].module))) continue;
        pickle_push(u, (PickleValue){P_CALLABLE, (int64_t)i, NULL});
        return;
    }
    int m = module.integer < 200 ? (int)module.integer : 200, n = name.integer < 200 ? (int)name.integer : 200;
    fail(u->in.arena, "%s: it wants %.*s.%.*s, and only plain tensors are read here, nothing is called; save model.state_dict() "
         "alone, and open this file nowhere if you do not trust its source", u->in.path, m, (const char *)module.p, n, (const char *)name.p);
}

static void pickle_storage(Unpickler *u) {
    const PickleNode *id = pickle_pop_type(u, P_TUPLE).p;
    if (id->n < 5 || !text_is(id->items[0], "storage") || id->items[1].type != P_CALLABLE || id->items[2].type != P_TEXT ||
        callables[id->items[1].integer].call != CALL_STORAGE || id->items[4].type != P_INTEGER || id->items[4].integer < 0)
        pickle_fail(u, "it refers to something that is no tensor's storage");
    if (id->n > 5 && id->items[5].type != P_NONE)
        pickle_fail(u, "it holds a view of a storage, as only very old versions of torch wrote it");
    PickledStorage *s = arena_get(u->in.arena, 1, sizeof *s);
    *s = (PickledStorage){id->items[2].p, (size_t)id->items[2].integer, (int)callables[id->items[1].integer].type, id->items[4].integer};
    u->storages = arena_grow(u->in.arena, u->storages, u->storages_n, &u->storages_room, sizeof *u->storages);
    u->storages[u->storages_n++] = s;
    pickle_push(u, (PickleValue){P_STORAGE, 0, s});
}

// _rebuild_tensor_v2(storage, offset, shape, stride, requires_grad, hooks[, metadata])
static void pickle_tensor(Unpickler *u, const PickleNode *args) {
    const PickleValue *v = args->items;
    if (args->n < 4 || v[0].type != P_STORAGE || v[1].type != P_INTEGER || v[1].integer < 0 || v[2].type != P_TUPLE || v[3].type != P_TUPLE)
        pickle_fail(u, "a tensor in it is described in an unknown way");
    const PickleNode *shape = v[2].p, *stride = v[3].p;
    if (shape->n != stride->n || shape->n > MAX_RANK) pickle_fail(u, "a tensor in it has a shape and strides that do not fit");
    if (args->n > 6 && !(v[6].type == P_NONE || (v[6].type == P_DICT && !((const PickleNode *)v[6].p)->n)))
        pickle_fail(u, "a tensor in it is conjugated or negated");
    PickledTensor *t = arena_get(u->in.arena, 1, sizeof *t);
    t->storage = v[0].p;
    t->offset = v[1].integer;
    t->rank = (int)shape->n;
    for (int d = 0; d < t->rank; d++) {
        PickleValue extent = shape->items[d], step = stride->items[d];
        if (extent.type != P_INTEGER || step.type != P_INTEGER || extent.integer < 0 || step.integer < 0)
            pickle_fail(u, "a tensor in it has a negative size or stride");
        t->shape[d] = extent.integer;
        t->stride[d] = step.integer;
    }
    pickle_push(u, (PickleValue){P_TENSOR, 0, t});
}

static void pickle_call(Unpickler *u) {
    const PickleNode *args = pickle_pop_type(u, P_TUPLE).p;
    PickleValue callable = pickle_pop_type(u, P_CALLABLE);
    switch (callables[callable.integer].call) {
    case CALL_DICT:
        if (args->n) pickle_fail(u, "it fills an OrderedDict in an unknown way");
        pickle_push_node(u, P_DICT, NULL, 0);
        return;
    case CALL_TENSOR: pickle_tensor(u, args); return;
    case CALL_PARAMETER:
        if (!args->n || args->items[0].type != P_TENSOR) pickle_fail(u, "a parameter in it is no tensor");
        pickle_push(u, args->items[0]);
        return;
    case CALL_STORAGE: pickle_fail(u, "it makes a storage of its own");
    }
}

static PickleValue pickle_text(Unpickler *u, uint64_t n) {
    return (PickleValue){P_TEXT, (int64_t)n, take(&u->in, n)};
}

static PickleValue pickle_line(Unpickler *u) {
    const char *end = memchr(u->in.p, '\n', (size_t)(u->in.end - u->in.p));
    PickleValue v = pickle_text(u, end ? (uint64_t)(end - u->in.p) : UINT64_MAX);
    take(&u->in, 1);
    return v;
}

// LONG1: little-endian two's complement. Longer than 8 bytes it is text here; only the legacy file's magic number is.
static PickleValue pickle_long(Unpickler *u) {
    size_t n = (size_t)take_number(&u->in, 1);
    if (n > 8) return pickle_text(u, n);
    const char *p = take(&u->in, n);
    uint64_t bits = number_at(p, (int)n);
    if (n && n < 8 && p[n - 1] & 0x80) bits |= ~(uint64_t)0 << 8 * n;
    return (PickleValue){P_INTEGER, (int64_t)bits, NULL};
}

// Runs one pickle to its STOP and returns what it made. The cursor is left behind it.
static PickleValue pickle_run(Unpickler *u) {
    Cursor *in = &u->in;
    u->n = u->memo_n = 0;
    size_t n, memoized = 0;
    PickleValue v, key, *items;
    for (int steps = 0; steps < PICKLE_LIMIT; steps++) {
        unsigned char op = (unsigned char)*take(in, 1);
        switch (op) {
        case 0x80: take(in, 1); break;                                                        // PROTO
        case 0x95: take(in, 8); break;                                                        // FRAME: only its length
        case '.': return pickle_pop(u);                                                       // STOP
        case '(': pickle_push(u, (PickleValue){.type = P_MARK}); break;
        case 'N': pickle_push(u, (PickleValue){.type = P_NONE}); break;
        case 0x88: case 0x89: pickle_push(u, (PickleValue){P_BOOL, op == 0x88, NULL}); break;
        case 'K': pickle_push(u, (PickleValue){P_INTEGER, (int64_t)take_number(in, 1), NULL}); break;
        case 'M': pickle_push(u, (PickleValue){P_INTEGER, (int64_t)take_number(in, 2), NULL}); break;
        case 'J': pickle_push(u, (PickleValue){P_INTEGER, (int32_t)take_number(in, 4), NULL}); break;
        case 0x8a: pickle_push(u, pickle_long(u)); break;
        case 'G': take(in, 8), pickle_push(u, (PickleValue){.type = P_FLOAT}); break;         // no tensor needs its value
        case 'U': case 0x8c: pickle_push(u, pickle_text(u, take_number(in, 1))); break;       // SHORT_BIN(STRING, UNICODE)
        case 'T': case 'X': pickle_push(u, pickle_text(u, take_number(in, 4))); break;
        case 0x8d: pickle_push(u, pickle_text(u, take_number(in, 8))); break;
        case '}': pickle_push_node(u, P_DICT, NULL, 0); break;
        case ']': pickle_push_node(u, P_LIST, NULL, 0); break;
        case ')': pickle_push_node(u, P_TUPLE, NULL, 0); break;
        case 0x85: case 0x86: case 0x87:                                                      // TUPLE1, 2, 3
            n = op - 0x84u;
            for (size_t i = 0; i < n; i++) pickle_pop(u);
            pickle_push_node(u, P_TUPLE, u->stack + u->n, n);
            break;
        case 't': items = pickle_pop_mark(u, &n), pickle_push_node(u, P_TUPLE, items, n); break;
        case 'a': v = pickle_pop(u), node_add(u, pickle_top(u, P_LIST), v); break;
        case 'e':
            items = pickle_pop_mark(u, &n);
            for (size_t i = 0; i < n; i++) node_add(u, pickle_top(u, P_LIST), items[i]);
            break;
        case 's':
            v = pickle_pop(u), key = pickle_pop(u);
            node_add(u, pickle_top(u, P_DICT), key), node_add(u, pickle_top(u, P_DICT), v);
            break;
        case 'u':
            items = pickle_pop_mark(u, &n);
            if (n % 2) pickle_fail(u, "its pickle gives a dictionary a key without a value");
            for (size_t i = 0; i < n; i++) node_add(u, pickle_top(u, P_DICT), items[i]);
            break;
        case 'q': pickle_memo(u, take_number(in, 1)); break;
        case 'r': pickle_memo(u, take_number(in, 4)); break;
        case 0x94: pickle_memo(u, memoized++); break;
        case 'h': pickle_recall(u, take_number(in, 1)); break;
        case 'j': pickle_recall(u, take_number(in, 4)); break;
        case 'c': v = pickle_line(u), pickle_global(u, v, pickle_line(u)); break;
        case 0x93: v = pickle_pop_type(u, P_TEXT), pickle_global(u, pickle_pop_type(u, P_TEXT), v); break;
        case 'Q': pickle_storage(u); break;
        case 'R': pickle_call(u); break;
        case 'b': pickle_pop(u), pickle_top(u, P_DICT); break;    // BUILD: a state dict's _metadata, of no use here
        default:
            fail(in->arena, "%s: its pickle has the opcode 0x%02x, which a dictionary of tensors does not need; refused: "
                 "save model.state_dict() alone with torch.save", in->path, op);
        }
    }
    pickle_fail(u, "its pickle is longer than any model needs");
}

/* ================================================================================================================
   4  torch: pytorch_model.bin

   Since torch 1.6 a zip: NAME/data.pkl is the pickle, NAME/data/KEY the bytes of each storage, NAME/byteorder (if it is
   there) says "little". Before that, one stream: the pickled magic number, the version (1001), the machine's sizes, the
   object, the list of storage keys in the order in which they follow; then for each key 8 bytes with the number of
   elements, and the elements.
   ================================================================================================================ */

static int storage_compare(const void *x, const void *y) {
    const PickledStorage *a = *(const PickledStorage *const *)x, *b = *(const PickledStorage *const *)y;
    return blob_compare(&(Blob){.name = a->key, .length = a->length}, &(Blob){.name = b->key, .length = b->length});
}

static Blobs torch_zip_storages(Arena *a, const File *f, Unpickler *u, PickleValue *root) {
    Blobs all = zip_open(a, f), b = {0};
    const Blob *pickle = NULL;
    size_t prefix = 0;
    for (size_t i = 0; i < all.n && !pickle; i++) {
        const char *slash = memchr(all.items[i].name, '/', all.items[i].length);
        if (slash && !strcmp(slash, "/data.pkl")) pickle = &all.items[i], prefix = (size_t)(slash - pickle->name) + 1;
    }
    if (!pickle) fail(a, "%s: a zip file, but not one that torch.save wrote (it has no data.pkl)", f->path);
    char *order = arena_print(a, "%.*sbyteorder", (int)prefix, pickle->name);
    const Blob *endian = blob_find(&all, order, strlen(order));
    if (endian && (endian->size < 6 || memcmp(endian->data, "little", 6)))
        fail(a, "%s: was saved on a big-endian machine; load and save it again on another", f->path);
    u->in.p = pickle->data;
    u->in.end = pickle->data + pickle->size;
    *root = pickle_run(u);
    for (size_t i = 0; i < all.n; i++) {
        Blob one = all.items[i];
        if (one.length < prefix + 5 || memcmp(one.name, pickle->name, prefix) || memcmp(one.name + prefix, "data/", 5)) continue;
        one.name += prefix + 5;
        one.length -= prefix + 5;
        b.items = arena_grow(a, b.items, b.n, &b.room, sizeof *b.items);
        b.items[b.n++] = one;
    }
    blobs_sort(a, &b, f->path);
    return b;
}

static Blobs torch_legacy_storages(Arena *a, Unpickler *u, PickleValue *root) {
    static const char magic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    if (!text_is(pickle_run(u), magic)) pickle_fail(u, "it does not begin with torch's magic number");
    PickleValue version = pickle_run(u);
    if (version.type != P_INTEGER || version.integer != 1001) pickle_fail(u, "its version is not 1001");
    PickleValue machine = pickle_run(u);
    for (size_t i = 0; machine.type == P_DICT && i < ((const PickleNode *)machine.p)->n; i += 2) {
        const PickleValue *pair = ((const PickleNode *)machine.p)->items + i;
        if (text_is(pair[0], "little_endian") && !pair[1].integer)
            fail(a, "%s: was saved on a big-endian machine; load and save it again on another", u->in.path);
    }
    *root = pickle_run(u);
    size_t n = u->storages_n;
    if (n) qsort(u->storages, n, sizeof *u->storages, storage_compare);
    PickleValue keys = pickle_run(u);
    if (keys.type != P_LIST) pickle_fail(u, "the list of its storages is missing");
    Blobs b = {0};
    for (size_t i = 0; i < ((const PickleNode *)keys.p)->n; i++) {
        PickleValue key = ((const PickleNode *)keys.p)->items[i];
        if (key.type != P_TEXT) pickle_fail(u, "the list of its storages is broken");
        PickledStorage wanted = {.key = key.p, .length = (size_t)key.integer};
        const PickledStorage *want = &wanted, **found = n ? bsearch(&want, u->storages, n, sizeof *u->storages, storage_compare) : NULL;
        if (!found) pickle_fail(u, "it lists a storage that no tensor uses");
        uint64_t count = take_number(&u->in, 8), bytes = (uint64_t)dtypes[(*found)->type].bytes;
        if (count > SIZE_MAX / 16) pickle_fail(u, "a storage in it has an impossible size");
        b.items = arena_grow(a, b.items, b.n, &b.room, sizeof *b.items);
        b.items[b.n++] = (Blob){key.p, (size_t)key.integer, take(&u->in, count * bytes), count * bytes};
    }
    blobs_sort(a, &b, u->in.path);
    return b;
}

// Places one tensor in its storage. Every element that its shape and strides can reach must be there.
static void torch_add(Arena *a, Checkpoint *c, const char *path, const char *name, const PickledTensor *t, const Blobs *storages) {
    Stored s = {.name = name, .type = t->storage->type, .rank = t->rank, .count = 1, .path = path, .contiguous = true};
    const Blob *blob = blob_find(storages, t->storage->key, t->storage->length);
    if (!blob) fail(a, "%s: the bytes of %s are missing; it is cut short, download it again", path, name);
    int64_t bytes = dtypes[s.type].bytes, held = (int64_t)(blob->size / (uint64_t)bytes), last = t->offset, step = 1;
    if (t->storage->count > held)
        fail(a, "%s: the storage of %s should have %lld elements and has %lld; download it again",
             path, name, (long long)t->storage->count, (long long)held);
    for (int d = t->rank - 1; d >= 0; d--) {
        int64_t extent = s.shape[d] = t->shape[d];
        s.stride[d] = t->stride[d];
        s.contiguous = s.contiguous && (extent == 1 || s.stride[d] == step);
        if (extent && s.count > held / extent) fail(a, "%s: %s has more elements than its storage; save a contiguous copy", path, name);
        s.count *= extent;
        step = s.count;
        if (extent > 1 && s.stride[d] > (held - last) / (extent - 1)) last = held;
        else if (extent > 1) last += s.stride[d] * (extent - 1);
        if (last > held) last = held;
    }
    if (s.count && last >= held) fail(a, "%s: %s reaches past the end of its storage; download or save it again", path, name);
    s.data = s.count ? blob->data + t->offset * bytes : blob->data;
    checkpoint_add(a, c, s);
}

// The tensors of a dictionary; of the one under "state_dict" or "model_state_dict" in a training checkpoint.
static void torch_add_file(Arena *a, Checkpoint *c, const File *f) {
    Unpickler u = {.in = {a, f->path, f->data, f->data + f->size}};
    PickleValue root;
    Blobs storages = f->size > 4 && !memcmp(f->data, "PK\3\4", 4) ? torch_zip_storages(a, f, &u, &root) : torch_legacy_storages(a, &u, &root);
    for (int depth = 0; depth < 3; depth++) {
        if (root.type != P_DICT) pickle_fail(&u, depth ? "no tensor is in it" : "what it holds is no dictionary");
        const PickleNode *node = root.p;
        size_t before = c->n;
        PickleValue inner = {.type = P_NONE};
        for (size_t i = 0; i < node->n; i += 2) {
            PickleValue key = node->items[i], value = node->items[i + 1];
            if (value.type == P_TENSOR && key.type == P_TEXT)
                torch_add(a, c, f->path, checked_name(a, f->path, key.p, (size_t)key.integer), value.p, &storages);
            else if (text_is(key, "state_dict") || text_is(key, "model_state_dict")) inner = value;
        }
        if (c->n > before) return;
        root = inner;
    }
    pickle_fail(&u, "no tensor is in it");
}

/* ================================================================================================================
   5  gguf: llama.cpp's container, reading

   "GGUF", version (3; 2 is the same), number of tensors, number of keys; then the keys: name, type, value; then for each
   tensor: name, number of dimensions, the dimensions with the innermost first, type, offset; then, aligned to
   general.alignment (32), the data that offsets count into. Numbers are little-endian, 32 bits for versions, types and
   ranks, 64 for counts and lengths. A string is a length and bytes; an array is a type, a length and elements.
   ================================================================================================================ */

enum { GGUF_U8, GGUF_I8, GGUF_U16, GGUF_I16, GGUF_U32, GGUF_I32, GGUF_F32, GGUF_BOOL, GGUF_STRING, GGUF_ARRAY, GGUF_U64, GGUF_I64, GGUF_F64, GGUF_TYPES };
static const int gguf_bytes[GGUF_TYPES] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

// ggml's numbers for the tensor types that are known here.
static const struct { uint32_t ggml; int type; } ggml_types[] = {{0, F32}, {1, F16}, {8, Q8_0}, {30, BF16}};

typedef struct GgufKey {
    const char *name;
    uint32_t type, element;  // element: of an array
    uint64_t n;              // bytes of a string, elements of an array
    const char *data;        // of a string or an array: what follows the length
    const char *raw;         // the value as it lies in the file, raw_bytes long
    size_t raw_bytes;
} GgufKey;

static void gguf_value(Cursor *c, GgufKey *k) {
    k->raw = c->p;
    if (k->type == GGUF_ARRAY) {
        k->element = (uint32_t)take_number(c, 4);
        k->n = take_number(c, 8);
        if (k->element >= GGUF_TYPES || k->element == GGUF_ARRAY)
            fail(c->arena, "%s: the key %s is a list of an unknown type; convert the model again", c->path, k->name);
        if (k->n > (uint64_t)(c->end - c->p)) take(c, UINT64_MAX);
        k->data = c->p;
        if (k->element != GGUF_STRING) take(c, k->n * (uint64_t)gguf_bytes[k->element]);
        else for (uint64_t i = 0; i < k->n; i++) take(c, take_number(c, 8));
    } else if (k->type == GGUF_STRING) {
        k->n = take_number(c, 8);
        k->data = take(c, k->n);
    } else if (k->type < GGUF_TYPES) k->data = take(c, (uint64_t)gguf_bytes[k->type]);
    else fail(c->arena, "%s: the key %s has an unknown type; convert the model again", c->path, k->name);
    k->raw_bytes = (size_t)(c->p - k->raw);
}

static const GgufKey *gguf_find(const Checkpoint *c, const char *name) {
    for (size_t i = 0; i < c->keys_n; i++)
        if (!strcmp(c->keys[i].name, name)) return &c->keys[i];
    return NULL;
}

static double gguf_number(const Checkpoint *c, const char *name, double missing) {
    const GgufKey *k = gguf_find(c, name);
    if (!k || k->type >= GGUF_TYPES || !gguf_bytes[k->type]) return missing;
    uint64_t bits = number_at(k->data, gguf_bytes[k->type]);
    switch (k->type) {
    case GGUF_F32: return float_at(k->data);
    case GGUF_F64: return double_at(k->data);
    case GGUF_I8: return (int8_t)bits;
    case GGUF_I16: return (int16_t)bits;
    case GGUF_I32: return (int32_t)bits;
    case GGUF_I64: return (double)(int64_t)bits;
    default: return (double)bits;
    }
}

static bool gguf_text_is(const Checkpoint *c, const char *name, const char *text) {
    const GgufKey *k = gguf_find(c, name);
    return k && k->type == GGUF_STRING && k->n == strlen(text) && !memcmp(k->data, text, strlen(text));
}

// Reads one tensor's entry. Where its data is can be said only when all entries were read, so the offset is handed out.
static Stored gguf_tensor(Cursor *c, uint64_t *offset) {
    uint64_t length = take_number(c, 8);
    const char *text = take(c, length);
    Stored s = {.name = checked_name(c->arena, c->path, text, (size_t)length), .type = -1, .count = 1, .path = c->path};
    uint64_t rank = take_number(c, 4);
    if (rank > MAX_RANK) fail(c->arena, "%s: %s has %llu dimensions; convert the model again", c->path, s.name, (unsigned long long)rank);
    s.rank = (int)rank;
    for (int d = s.rank - 1; d >= 0; d--) {
        uint64_t extent = take_number(c, 8);
        if (extent > INT64_MAX / 16 || (extent && s.count > INT64_MAX / 16 / (int64_t)extent))
            fail(c->arena, "%s: the shape of %s is larger than any file", c->path, s.name);
        s.shape[d] = (int64_t)extent;
        s.count *= (int64_t)extent;
    }
    uint32_t ggml = (uint32_t)take_number(c, 4);
    for (size_t i = 0; i < sizeof ggml_types / sizeof *ggml_types; i++)
        if (ggml_types[i].ggml == ggml) s.type = ggml_types[i].type;
    if (s.type < 0)
        fail(c->arena, "%s: %s has ggml's type %u; F32, F16, BF16 and Q8_0 can be read: convert from the original model, or llama-quantize to Q8_0", c->path, s.name, ggml);
    stored_make_contiguous(&s);
    if (s.type == Q8_0 && row_length(&s) % Q8_BLOCK)
        fail(c->arena, "%s: %s is Q8_0 with rows that are no multiple of 32; convert the model again", c->path, s.name);
    *offset = take_number(c, 8);
    return s;
}

static void gguf_add_file(Arena *a, Checkpoint *c, const File *f) {
    Cursor in = {a, f->path, f->data + 4, f->data + f->size};
    uint64_t version = take_number(&in, 4), tensors = take_number(&in, 8), keys = take_number(&in, 8);
    if (version < 2 || version > 3)
        fail(a, "%s: GGUF version %llu is not known here (2 and 3 are); convert the model again", f->path, (unsigned long long)version);
    for (uint64_t i = 0; i < keys; i++) {
        uint64_t length = take_number(&in, 8);
        const char *name = take(&in, length);
        GgufKey k = {.name = checked_name(a, f->path, name, (size_t)length)};
        k.type = (uint32_t)take_number(&in, 4);
        gguf_value(&in, &k);
        c->keys = arena_grow(a, c->keys, c->keys_n, &c->keys_room, sizeof *c->keys);
        c->keys[c->keys_n++] = k;
    }
    if (!gguf_text_is(c, "general.architecture", "t5"))
        fail(a, "%s: is no T5 (general.architecture is another); only T5 can be converted", f->path);
    if (gguf_number(c, "split.count", 1) > 1)
        fail(a, "%s: is one of several parts; join them first with llama-gguf-split --merge", f->path);
    uint64_t *offsets = NULL;
    size_t room = 0, first = c->n;
    for (uint64_t i = 0; i < tensors; i++) {
        offsets = arena_grow(a, offsets, (size_t)i, &room, sizeof *offsets);
        checkpoint_add(a, c, gguf_tensor(&in, &offsets[i]));
    }
    double alignment = gguf_number(c, "general.alignment", 32);
    if (!(alignment >= 1 && alignment <= 1 << 20) || alignment != floor(alignment))
        fail(a, "%s: its alignment is impossible; convert the model again", f->path);
    uint64_t unit = (uint64_t)alignment, begin = ((uint64_t)(in.p - f->data) + unit - 1) / unit * unit;
    for (size_t i = first; i < c->n; i++) {
        uint64_t offset = offsets[i - first], bytes = type_bytes(c->items[i].type, (uint64_t)c->items[i].count);
        if (begin > f->size || offset > f->size - begin || bytes > f->size - begin - offset)
            fail(a, "%s: %s reaches past the end of the file; it is cut short, download it again", f->path, c->items[i].name);
        c->items[i].data = f->data + begin + offset;
        c->items[i].mapped = NULL != mapped_file(a, c->items[i].data);
    }
}

/* ================================================================================================================
   6  checkpoint: which files a SRC consists of; one set of names for all formats

   Whatever the container, the names inside become those of transformers today. What differs in the wild: llama.cpp's
   names; a prefix ("module.", "model.") from training frameworks; encoder.embed_tokens and decoder.embed_tokens, which
   are copies of shared; the relative_attention_bias of the first cross attention, which original T5 carried and never
   used; a lm_head that is the same bytes as shared where the configuration ties them.
   ================================================================================================================ */

static int stored_compare(const void *x, const void *y) {
    return strcmp(((const Stored *)x)->name, ((const Stored *)y)->name);
}

static void checkpoint_sort(Arena *a, Checkpoint *c) {
    if (c->n) qsort(c->items, c->n, sizeof *c->items, stored_compare);
    for (size_t i = 1; i < c->n; i++)
        if (!strcmp(c->items[i - 1].name, c->items[i].name))
            fail(a, "%s: the tensor %s is there twice; save the model again", c->items[i].path, c->items[i].name);
}

static Stored *checkpoint_find(const Checkpoint *c, const char *name) {
    Stored key = {.name = name};
    return c->n ? bsearch(&key, c->items, c->n, sizeof key, stored_compare) : NULL;
}

static bool begins(const char *s, const char *with) {
    return !strncmp(s, with, strlen(with));
}

static bool ends(const char *s, const char *with) {
    size_t n = strlen(s), m = strlen(with);
    return n >= m && !strcmp(s + n - m, with);
}

static void safetensors_add_file(Arena *a, Checkpoint *c, const char *path) {
    Tensors t = {.path = path};
    tensors_add_file(a, &t, path);
    for (size_t i = 0; i < t.n; i++) {
        const Tensor *one = &t.items[i];
        Stored s = {.type = (int)one->dtype, .rank = one->rank, .count = one->count, .data = one->data, .path = path};
        s.name = checked_name(a, path, one->name, strlen(one->name));
        memcpy(s.shape, one->shape, sizeof s.shape);
        if (big_endian()) bytes_swap((void *)(uintptr_t)one->data, (size_t)one->count, (size_t)dtypes[one->dtype].bytes);  // a copy: back to its order
        stored_make_contiguous(&s);
        checkpoint_add(a, c, s);
    }
}

// What a file is, its first bytes say; its name does not matter.
static void checkpoint_add_file(Arena *a, Checkpoint *c, const char *path) {
    File f = file_open(a, path);
    if (f.size >= 4 && !memcmp(f.data, "GGUF", 4)) gguf_add_file(a, c, &f);
    else if (f.size >= 4 && (!memcmp(f.data, "PK\3\4", 4) || (unsigned char)f.data[0] == 0x80) && !(f.size > 8 && f.data[8] == '{')) torch_add_file(a, c, &f);
    else safetensors_add_file(a, c, path);
}

// A sharded checkpoint: {"weight_map": {tensor: file}}, the same for safetensors and torch.
static void checkpoint_add_index(Arena *a, Checkpoint *c, const char *index) {
    const Json *map = json_get(json_file(a, index), "weight_map");
    if (!map || map->type != JSON_OBJECT) fail(a, "%s: has no \"weight_map\"; download it again", index);
    Blobs files = {0};
    for (const Json *e = map->child; e; e = e->next) {
        if (e->type != JSON_STRING || strchr(e->string, '/') || !strcmp(checked_name(a, index, e->string, e->n), "."))
            fail(a, "%s: the file of %s is no file name in this folder", index, e->key);
        files.items = arena_grow(a, files.items, files.n, &files.room, sizeof *files.items);
        files.items[files.n++] = (Blob){.name = e->string, .length = e->n};
    }
    if (files.n) qsort(files.items, files.n, sizeof *files.items, blob_compare);
    for (size_t i = 0; i < files.n; i++)
        if (!i || blob_compare(&files.items[i - 1], &files.items[i])) checkpoint_add_file(a, c, path_join(a, c->folder, files.items[i].name));
    checkpoint_sort(a, c);
    for (const Json *e = map->child; e; e = e->next)
        if (!checkpoint_find(c, e->key) && !name_tied(e->key))
            fail(a, "%s: the tensor %s is in none of its files; download them again", index, e->key);
}

// Opens a folder or a file, sorted by name; the names are still those of the file.
static Checkpoint checkpoint_open(Arena *a, const char *path) {
    static const char *const known[] = {"adapter_model.safetensors", "adapter_model.bin", "model.safetensors", "model.safetensors.index.json",
                                        "pytorch_model.bin", "pytorch_model.bin.index.json"};
    Checkpoint c = {.folder = path};
    for (size_t i = 0; i < sizeof known / sizeof *known && is_folder(a, path) && !c.path; i++)
        if (is_file(a, path_join(a, path, known[i]))) c.path = path_join(a, path, known[i]);
    if (!c.path && is_folder(a, path))
        fail(a, "%s: holds no model.safetensors, pytorch_model.bin (or their shards) or adapter_model; name a GGUF file itself, and save TensorFlow or Flax weights with transformers first", path);
    const char *slash = strrchr(path, '/');
    if (!c.path) {
        c.path = path;
        c.folder = slash ? arena_copy(a, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
    }
    slash = strrchr(c.path, '/');
    c.adapter = begins(slash ? slash + 1 : c.path, "adapter_model");
    if (ends(c.path, ".index.json")) checkpoint_add_index(a, &c, c.path);
    else checkpoint_add_file(a, &c, c.path);
    checkpoint_sort(a, &c);
    if (!c.n) fail(a, "%s: holds no tensors", c.path);
    return c;
}

// llama.cpp's names and transformers'; # is the number of a block. wi belongs to models without a gate, wi_0 and wi_1
// to the others; the first match counts.
static const struct { const char *gguf, *hf; } gguf_names[] = {
    {"token_embd.weight", "shared.weight"},
    {"output.weight", "lm_head.weight"},
    {"enc.output_norm.weight", "encoder.final_layer_norm.weight"},
    {"enc.blk.#.attn_norm.weight", "encoder.block.#.layer.0.layer_norm.weight"},
    {"enc.blk.#.attn_q.weight", "encoder.block.#.layer.0.SelfAttention.q.weight"},
    {"enc.blk.#.attn_k.weight", "encoder.block.#.layer.0.SelfAttention.k.weight"},
    {"enc.blk.#.attn_v.weight", "encoder.block.#.layer.0.SelfAttention.v.weight"},
    {"enc.blk.#.attn_o.weight", "encoder.block.#.layer.0.SelfAttention.o.weight"},
    {"enc.blk.#.attn_rel_b.weight", "encoder.block.#.layer.0.SelfAttention.relative_attention_bias.weight"},
    {"enc.blk.#.ffn_norm.weight", "encoder.block.#.layer.1.layer_norm.weight"},
    {"enc.blk.#.ffn_gate.weight", "encoder.block.#.layer.1.DenseReluDense.wi_0.weight"},
    {"enc.blk.#.ffn_up.weight", "encoder.block.#.layer.1.DenseReluDense.wi_1.weight"},
    {"enc.blk.#.ffn_up.weight", "encoder.block.#.layer.1.DenseReluDense.wi.weight"},
    {"enc.blk.#.ffn_down.weight", "encoder.block.#.layer.1.DenseReluDense.wo.weight"},
    {"dec.output_norm.weight", "decoder.final_layer_norm.weight"},
    {"dec.blk.#.attn_norm.weight", "decoder.block.#.layer.0.layer_norm.weight"},
    {"dec.blk.#.attn_q.weight", "decoder.block.#.layer.0.SelfAttention.q.weight"},
    {"dec.blk.#.attn_k.weight", "decoder.block.#.layer.0.SelfAttention.k.weight"},
    {"dec.blk.#.attn_v.weight", "decoder.block.#.layer.0.SelfAttention.v.weight"},
    {"dec.blk.#.attn_o.weight", "decoder.block.#.layer.0.SelfAttention.o.weight"},
    {"dec.blk.#.attn_rel_b.weight", "decoder.block.#.layer.0.SelfAttention.relative_attention_bias.weight"},
    {"dec.blk.#.cross_attn_norm.weight", "decoder.block.#.layer.1.layer_norm.weight"},
    {"dec.blk.#.cross_attn_q.weight", "decoder.block.#.layer.1.EncDecAttention.q.weight"},
    {"dec.blk.#.cross_attn_k.weight", "decoder.block.#.layer.1.EncDecAttention.k.weight"},
    {"dec.blk.#.cross_attn_v.weight", "decoder.block.#.layer.1.EncDecAttention.v.weight"},
    {"dec.blk.#.cross_attn_o.weight", "decoder.block.#.layer.1.EncDecAttention.o.weight"},
    {"dec.blk.#.cross_attn_rel_b.weight", "decoder.block.#.layer.1.EncDecAttention.relative_attention_bias.weight"},
    {"dec.blk.#.ffn_norm.weight", "decoder.block.#.layer.2.layer_norm.weight"},
    {"dec.blk.#.ffn_gate.weight", "decoder.block.#.layer.2.DenseReluDense.wi_0.weight"},
    {"dec.blk.#.ffn_up.weight", "decoder.block.#.layer.2.DenseReluDense.wi_1.weight"},
    {"dec.blk.#.ffn_up.weight", "decoder.block.#.layer.2.DenseReluDense.wi.weight"},
    {"dec.blk.#.ffn_down.weight", "decoder.block.#.layer.2.DenseReluDense.wo.weight"},
};

// If name matches `from`, returns `to` with the same block number, else NULL.
static const char *name_renamed(Arena *a, const char *name, const char *from, const char *to) {
    int block = -1;
    for (; *from; from++) {
        if (*from != '#') {
            if (*name++ != *from) return NULL;
            continue;
        }
        size_t digits = strspn(name, "0123456789");
        if (!digits || digits > 4) return NULL;
        block = atoi(name);
        name += digits;
    }
    if (*name) return NULL;
    const char *mark = strchr(to, '#');
    return mark ? arena_print(a, "%.*s%d%s", (int)(mark - to), to, block, mark + 1) : to;
}

static const char *name_from_gguf(Arena *a, const char *name, bool gated) {
    const char *hf = NULL;
    for (size_t i = 0; i < sizeof gguf_names / sizeof *gguf_names && !hf; i++)
        if (gated || !ends(gguf_names[i].hf, ".wi_1.weight")) hf = name_renamed(a, name, gguf_names[i].gguf, gguf_names[i].hf);
    return hf;
}

static const char *name_to_gguf(Arena *a, const char *name) {
    const char *gguf = NULL;
    for (size_t i = 0; i < sizeof gguf_names / sizeof *gguf_names && !gguf; i++) gguf = name_renamed(a, name, gguf_names[i].hf, gguf_names[i].gguf);
    return gguf;
}

// Takes out the tensors of which nothing is kept: those without a name.
static void checkpoint_prune(Arena *a, Checkpoint *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].name) c->items[n++] = c->items[i];
    c->n = n;
    checkpoint_sort(a, c);
}

static void checkpoint_rename(Arena *a, Checkpoint *c) {
    static const char q[] = "encoder.block.0.layer.0.SelfAttention.q.weight";
    bool gated = checkpoint_find(c, "enc.blk.0.ffn_gate.weight");
    const char *prefix = "";
    for (size_t i = 0; i < c->n; i++)
        if (ends(c->items[i].name, q)) prefix = arena_copy(a, c->items[i].name, strlen(c->items[i].name) - strlen(q));
    for (size_t i = 0; i < c->n; i++) {
        Stored *s = &c->items[i];
        if (c->keys) {
            const char *hf = name_from_gguf(a, s->name, gated);
            if (!hf) fail(a, "%s: its tensor %s has no place in a T5", s->path, s->name);
            s->name = hf;
        } else if (begins(s->name, prefix)) s->name += strlen(prefix);
        if (!strcmp(s->name, "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight")) s->name = NULL;
    }
    checkpoint_prune(a, c);
}

// One embedding instead of up to four copies.
static void checkpoint_untie(Arena *a, Checkpoint *c, bool tied) {
    Stored *shared = NULL, *head = checkpoint_find(c, "lm_head.weight");
    Stored *same[] = {checkpoint_find(c, "shared.weight"), checkpoint_find(c, "encoder.embed_tokens.weight"),
                      checkpoint_find(c, "decoder.embed_tokens.weight")};
    for (int i = 0; i < 3; i++) {
        if (same[i] && shared) same[i]->name = NULL;
        else if (same[i]) shared = same[i];
    }
    if (!shared) fail(a, "%s: is no T5: it has no shared.weight (t5peft-convert --list shows what it has)", c->path);
    shared->name = "shared.weight";
    bool alike = head && tied && head->type == shared->type && head->count == shared->count && head->contiguous == shared->contiguous;
    if (alike && (head->data == shared->data || !memcmp(head->data, shared->data, type_bytes(head->type, (uint64_t)head->count)))) head->name = NULL;
    checkpoint_prune(a, c);
}

// Gives each I8 tensor its NAME.scale, and takes those out of the list.
static void checkpoint_scales(Arena *a, Checkpoint *c) {
    for (size_t i = 0; i < c->n; i++) {
        Stored *s = &c->items[i];
        if (s->type != I8) continue;
        Stored *scale = checkpoint_find(c, arena_print(a, "%s.scale", s->name));
        if (!scale || scale->type != F32 || !scale->contiguous || s->rank != 2 || scale->count != s->shape[0])
            fail(a, "%s: the int8 tensor %s has no fitting %s.scale; convert again from the original model", s->path, s->name, s->name);
        s->scale = scale->data;
    }
    for (size_t i = 0; i < c->n; i++) {
        size_t n = strlen(c->items[i].name);
        if (!ends(c->items[i].name, ".scale")) continue;
        Stored *weight = checkpoint_find(c, arena_copy(a, c->items[i].name, n - 6));
        if (weight && weight->scale) c->items[i].path = NULL;
    }
    for (size_t i = 0; i < c->n; i++)
        if (!c->items[i].path) c->items[i].name = NULL;
    checkpoint_prune(a, c);
}

/* ================================================================================================================
   7  merge: adapters, row by row

   What an adapter makes of each weight is known in section 8 of t5peft.c: LoRA and its variants, IA3, trained tokens, whole
   weights. Here it happens while the weight passes through, in double, rounded once. ADAPTER=WEIGHT goes only so far of the
   way from the weight to what the adapter makes of it, which for LoRA is a factor.
   ================================================================================================================ */

typedef struct {
    const char *name;        // of the weight that it changes
    const Adapter *adapter;
    const Change *change;
    double weight;
    Merge merge;             // while its weight passes through
    double *before;          // room for a row; NULL while it does not
} Delta;

typedef struct {
    Delta *items;
    size_t n, room;
    const char *resized;     // folder of an adapter that brought more tokens, or NULL
} Deltas;

// An adapter's tensors as section 8 of t5peft.c takes them: what is F64, strided or of another byte order becomes F32.
static Tensors *tensors_of(Arena *a, const Checkpoint *c) {
    Tensors *out = arena_get(a, 1, sizeof *out);
    out->path = c->path;
    for (size_t i = 0; i < c->n; i++) {
        const Stored *s = &c->items[i];
        Tensor t = {.name = s->name, .dtype = F32, .rank = s->rank, .count = s->count, .data = s->data};
        memcpy(t.shape, s->shape, sizeof t.shape);
        if (!type_is_float(s->type) || s->type == I8) fail(a, "%s: its tensor %s is of the type %s", c->path, s->name, type_name(s->type));
        if (s->contiguous && s->type <= BF16 && !big_endian()) t.dtype = (DType)s->type;
        else if (s->count) {
            int64_t n = row_length(s);
            double *row = arena_get(a, (size_t)n, sizeof *row);
            float *all = arena_get(a, (size_t)s->count, sizeof *all);
            for (int64_t r = 0; r < s->count / n; r++) {
                stored_row(s, r, row);
                for (int64_t k = 0; k < n; k++) all[r * n + k] = (float)row[k];
            }
            t.data = all;
        }
        tensors_add(a, out, t);
    }
    tensors_sort(a, out);
    return out;
}

// A weight that an adapter brings in place of the model's, perhaps with more rows.
static void stored_replace(Arena *a, Stored *w, const Change *c, const Adapter *d) {
    const Tensor *t = c->part[STORED];
    bool table = !strcmp(w->name, "shared.weight") || !strcmp(w->name, "lm_head.weight"), fits = t->rank == w->rank;
    for (int i = 0; fits && i < w->rank; i++) fits = t->shape[i] == w->shape[i] || (table && !i);
    if (!fits) fail(a, "%s: %s is not of the shape of that weight in the model; it belongs to another one", d->tensors->path, t->name);
    *w = (Stored){.name = w->name, .path = d->tensors->path, .type = (int)t->dtype, .rank = t->rank, .count = t->count, .data = t->data};
    memcpy(w->shape, t->shape, sizeof w->shape);
    if (big_endian()) bytes_swap((void *)(uintptr_t)t->data, (size_t)t->count, sizeof(float));  // tensors_of's copy: to the file's order
    stored_make_contiguous(w);
}

// Notes what one change does to the model's weight `name`.
static void delta_add(Arena *a, Deltas *deltas, Checkpoint *model, const Adapter *d, const Change *c, const char *name, double weight) {
    Stored *w = checkpoint_find(model, name);
    if (!w && !strcmp(name, "lm_head.weight")) {  // the head gets a weight of its own
        Stored head = *checkpoint_find(model, "shared.weight");
        head.name = "lm_head.weight";
        checkpoint_add(a, model, head);
        checkpoint_sort(a, model);
        w = checkpoint_find(model, name);
    }
    if (!w) fail(a, "%s: it changes %s, which %s does not have; it belongs to another model", d->tensors->path, c->module, model->path);
    if (!type_is_float(w->type)) fail(a, "%s: %s is no weight that could be changed", model->path, name);
    if (c->part[STORED] && weight != 1) fail(a, "%s: brings %s whole, so it can't be merged by a share", d->tensors->path, c->module);
    if (c->part[STORED]) stored_replace(a, w, c, d);
    if (!change_merges(c)) return;
    deltas->items = arena_grow(a, deltas->items, deltas->n, &deltas->room, sizeof *deltas->items);
    deltas->items[deltas->n++] = (Delta){.name = arena_copy(a, name, strlen(name)), .adapter = d, .change = c, .weight = weight};
}

// Adds ADAPTER or ADAPTER=WEIGHT to what will be merged into the model.
static void deltas_add(Arena *a, Deltas *deltas, Checkpoint *model, const char *spec) {
    const char *equal = strrchr(spec, '='), *path = spec;
    double weight = 1;
    if (equal && !is_folder(a, spec) && !is_file(a, spec)) {
        char *stop;
        weight = strtod(equal + 1, &stop);
        if (stop == equal + 1 || *stop || !isfinite(weight)) fail(a, "--merge %s: what follows = is no number", spec);
        path = arena_copy(a, spec, (size_t)(equal - spec));
    }
    Checkpoint c = checkpoint_open(a, path);
    const char *config_path = path_join(a, c.folder, "adapter_config.json");
    const Json *config = json_file(a, config_path);
    adapter_kind(a, config_path, json_text(config, "peft_type", ""));
    Adapter *d = arena_get(a, 1, sizeof *d);
    *d = adapter_read(a, config_path, config, tensors_of(a, &c));
    if (d->idle) fail(a, "%s: is %s", config_path, d->what);
    const Stored *embeddings = checkpoint_find(model, "shared.weight");
    int64_t rows = embeddings ? embeddings->shape[0] : 0;
    for (size_t i = 0; i < d->n; i++) {
        const Change *one = &d->items[i];
        if (!change_acts(d, one)) continue;
        if (ends(one->module, ".embed_tokens"))
            fail(a, "%s: gives encoder and decoder embeddings of their own (%s), which no T5 folder can hold; use it with t5peft --adapter", c.path, one->module);
        delta_add(a, deltas, model, d, one, arena_print(a, "%s.weight", one->module), weight);
        bool both = one->part[TOKENS] && !strcmp(one->module, "shared") && checkpoint_find(model, "lm_head.weight");
        if (both) delta_add(a, deltas, model, d, one, "lm_head.weight", weight);
    }
    const Stored *shared = checkpoint_find(model, "shared.weight"), *head = checkpoint_find(model, "lm_head.weight");
    if (shared && shared->shape[0] != rows) deltas->resized = arena_copy(a, c.folder, strlen(c.folder));
    if (shared && head && shared->shape[0] != head->shape[0])
        fail(a, "%s: %lld embeddings and a head of %lld rows; an adapter for more tokens must store both", c.path, (long long)shared->shape[0], (long long)head->shape[0]);
}

static void stored_source(const void *arg, int64_t row, double *out) {
    stored_row(arg, row, out);
}

// Makes all that changes this weight ready. Returns whether there is anything.
static bool deltas_load(Arena *a, Deltas *deltas, const Stored *s) {
    bool any = false;
    for (size_t i = 0; i < deltas->n; i++) {
        Delta *d = &deltas->items[i];
        d->before = NULL;
        if (strcmp(d->name, s->name)) continue;
        if (s->rank != 2) fail(a, "%s: %s is no matrix, as what the adapter has for it wants", s->path, s->name);
        RowSource source = {stored_source, s, s->shape[0], s->shape[1]};
        d->merge = merge_ready(a, d->adapter, d->change, &source);
        d->before = arena_get(a, (size_t)s->shape[1], sizeof *d->before);
        any = true;
    }
    return any;
}

// What every adapter that was made ready makes of a row of n numbers.
static void deltas_apply(const Deltas *deltas, int64_t row, int64_t n, double *w) {
    for (size_t k = 0; k < deltas->n; k++) {
        const Delta *d = &deltas->items[k];
        if (!d->before) continue;
        memcpy(d->before, w, (size_t)n * sizeof *w);
        merge_row(&d->merge, row, w);
        for (int64_t i = 0; i < n && d->weight != 1; i++) w[i] = d->before[i] + d->weight * (w[i] - d->before[i]);
    }
}

/* ================================================================================================================
   8  vocabulary: spiece.model, tokenizer.json and tokenizer.ggml.* into each other

   The tokenizer's section of t5peft.c describes and reads the first two. A GGUF has the same pieces, scores and types
   (with the same numbers) as arrays. Rows of the embedding that have no piece are called [PAD32000] and so on there,
   T5's sentinels <extra_id_0> among them, because spiece.model does not hold those.
   ================================================================================================================ */

// Of a Tokenizer only pieces, size and the flags are used here; `map` is its charsmap.
typedef struct {
    Tokenizer t;
    Proto map;
} Pieces;

static bool piece_is(const Piece *p, const char *text) {
    return p->n == strlen(text) && !memcmp(p->text, text, p->n);
}

// Numbers as files have them, little-endian.
static void put_number(Text *t, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++) text_add(t, &(char){(char)(v >> 8 * i)}, 1);
}

static void put_float(Text *t, float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    put_number(t, bits, 4);
}

// Fields of a protocol buffer, as the tokenizer's section reads them.
static void wire_put_varint(Text *t, uint64_t v) {
    for (; v >= 128; v >>= 7) text_add(t, &(char){(char)(v | 128)}, 1);
    text_add(t, &(char){(char)v}, 1);
}

static void wire_put_number(Text *t, uint64_t field, uint64_t value) {
    wire_put_varint(t, field << 3);
    wire_put_varint(t, value);
}

static void wire_put_bytes(Text *t, uint64_t field, const char *s, size_t n) {
    wire_put_varint(t, field << 3 | 2);
    wire_put_varint(t, n);
    text_add(t, s, n);
}

// How many entries are pieces, and not padding or sentinels behind them.
static int32_t pieces_count(const Tokenizer *t) {
    int32_t n = t->size;
    for (; n; n--) {
        const Piece *p = &t->pieces[n - 1];
        bool padding = p->type == UNUSED && p->n >= 4 && !memcmp(p->text, "[PAD", 4);
        bool sentinel = p->type != NORMAL && p->n >= 10 && !memcmp(p->text, "<extra_id_", 10);
        if (!padding && !sentinel) break;
    }
    return n;
}

// The bytes of a spiece.model. Sentinels and padding are left out: tokenizers append them.
static Text pieces_to_spiece(Arena *a, const Pieces *v) {
    Text out = {.arena = a}, one = {.arena = a};
    const Tokenizer *t = &v->t;
    int32_t n = pieces_count(t);
    for (int32_t i = 0; i < n; i++) {
        const Piece *p = &t->pieces[i];
        one.n = 0;
        wire_put_bytes(&one, 1, p->text, p->n);
        wire_put_varint(&one, 2 << 3 | 5);
        put_float(&one, (float)p->score);
        if (p->type != NORMAL) wire_put_number(&one, 3, (uint64_t)p->type);
        wire_put_bytes(&out, 1, one.data, one.n);
    }
    static const struct { const char *text; int field; int32_t missing; } ids[] = {{"<unk>", 40, 2}, {"</s>", 42, 1}, {"<pad>", 43, 0}};
    one.n = 0;
    wire_put_number(&one, 3, 1);                // a unigram model
    wire_put_number(&one, 4, (uint64_t)n);
    wire_put_number(&one, 41, UINT64_MAX);      // no <s>
    for (int k = 0; k < 3; k++) {
        int32_t id = ids[k].missing;
        for (int32_t i = 0; i < n; i++)
            if (piece_is(&t->pieces[i], ids[k].text)) id = i;
        wire_put_number(&one, (uint64_t)ids[k].field, (uint64_t)id);
    }
    wire_put_bytes(&out, 2, one.data, one.n);
    one.n = 0;
    wire_put_bytes(&one, 2, (const char *)v->map.p, (size_t)(v->map.end - v->map.p));
    wire_put_number(&one, 3, t->prefix);
    wire_put_number(&one, 4, t->remove_spaces);
    wire_put_number(&one, 5, 1);                // spaces are U+2581
    wire_put_bytes(&out, 3, one.data, one.n);
    return out;
}

// The vocabulary of a folder for an embedding of `rows` rows. added_tokens.json is {text: id}.
static Pieces pieces_from_folder(Arena *a, const char *folder, int64_t rows) {
    static const char *const names[] = {"spiece.model", "tokenizer.model", "tokenizer.json"};
    const char *path = NULL, *added = path_join(a, folder, "added_tokens.json");
    for (int i = 0; i < 3 && !path; i++)
        if (is_file(a, path_join(a, folder, names[i]))) path = path_join(a, folder, names[i]);
    if (!path) fail(a, "%s: has no spiece.model or tokenizer.json beside the weights, and a GGUF needs the vocabulary", folder);
    Pieces v = {.t = {.unk = -1, .prefix = true, .remove_spaces = true, .escape = true}};
    File file = file_open(a, path);
    if (file.size && file.data[0] == '{') {
        const Json *root = json_read(a, file.data, file.size, path, 1), *table = NULL;
        json_load(a, &v.t, path, root);
        pipeline_load(a, &v.t, root, &table, path);
        if (table) v.map = base64_read(a, table, path);
        v.t.prefix = false;
        for (int k = 0; k < 2; k++)
            for (size_t i = 0; i < v.t.n_stages[k]; i++) {
                const Stage *g = v.t.stages[k] + i;
                bool runs = g->kind == REPLACE && g->pattern && !strcmp(g->from, " {2,}");
                if (g->kind != PRECOMPILED && g->kind != STRIP && g->kind != METASPACE && g->kind != WHITESPACE_SPLIT && !runs)
                    fail(a, "%s: has a stage that no spiece.model or GGUF can hold (Lowercase, NFKC, Digits ...)", path);
                if (g->kind == METASPACE && g->left) v.t.prefix = true;
                if (g->kind == WHITESPACE_SPLIT || g->kind == STRIP) v.t.remove_spaces = true;
            }
    } else proto_load(a, a, &v.t, file, &v.map);
    if (v.t.size > rows || rows > 1 << 24)
        fail(a, "%s: has %d entries, the embedding %lld rows; they belong to different models", path, (int)v.t.size, (long long)rows);
    Piece *all = arena_get(a, (size_t)rows, sizeof *all);
    for (int32_t i = 0; i < (int32_t)rows; i++) {
        if (i < v.t.size) all[i] = v.t.pieces[i];
        if (all[i].n) continue;
        char *name = arena_print(a, "[PAD%d]", (int)i);
        all[i] = (Piece){name, (uint32_t)strlen(name), 0, -10000, UNUSED};
    }
    for (const Json *e = is_file(a, added) ? json_file(a, added)->child : NULL; e; e = e->next) {
        if (e->type != JSON_NUMBER || !e->key || !(e->number >= 0 && e->number < (double)rows))
            fail(a, "%s: is no list of added tokens of this model", added);
        all[(size_t)e->number] = (Piece){e->key, (uint32_t)strlen(e->key), 0, -1000, USER_DEFINED};
    }
    v.t.pieces = all;
    v.t.size = (int32_t)rows;
    return v;
}

// The vocabulary of a GGUF; empty where it has none.
static Pieces pieces_from_gguf(Arena *a, const Checkpoint *c) {
    Pieces v = {0};
    const GgufKey *tokens = gguf_find(c, "tokenizer.ggml.tokens"), *scores = gguf_find(c, "tokenizer.ggml.scores");
    const GgufKey *types = gguf_find(c, "tokenizer.ggml.token_type"), *map = gguf_find(c, "tokenizer.ggml.precompiled_charsmap");
    if (!tokens || !gguf_text_is(c, "tokenizer.ggml.model", "t5")) return v;
    if (tokens->type != GGUF_ARRAY || tokens->element != GGUF_STRING || tokens->n > 1 << 24 || !scores || scores->type != GGUF_ARRAY || scores->element != GGUF_F32 ||
        scores->n != tokens->n || !types || types->type != GGUF_ARRAY || types->element != GGUF_I32 || types->n != tokens->n)
        fail(a, "%s: its vocabulary is broken (tokenizer.ggml.tokens, scores and token_type do not fit); convert the model again", c->path);
    Cursor in = {a, c->path, tokens->data, tokens->raw + tokens->raw_bytes};
    v.t.pieces = arena_get(a, (size_t)tokens->n, sizeof *v.t.pieces);
    v.t.size = (int32_t)tokens->n;
    for (size_t i = 0; i < tokens->n; i++) {
        uint64_t n = take_number(&in, 8), type = number_at(types->data + 4 * i, 4);
        if (n > 8000) fail(a, "%s: its token %zu is longer than 8000 bytes; convert the model again", c->path, i);
        v.t.pieces[i] = (Piece){take(&in, n), (uint32_t)n, 0, float_at(scores->data + 4 * i), NORMAL};
        if (type >= NORMAL && type <= BYTE) v.t.pieces[i].type = (PieceType)type;
    }
    const unsigned char *bytes = map && map->type == GGUF_ARRAY && map->element <= GGUF_I8 ? (const unsigned char *)map->data : NULL;
    if (bytes) v.map = (Proto){a, c->path, bytes, bytes + map->n};
    v.t.prefix = gguf_number(c, "tokenizer.ggml.add_space_prefix", 1) != 0;
    v.t.remove_spaces = gguf_number(c, "tokenizer.ggml.remove_extra_whitespaces", 1) != 0;
    return v;
}

/* ================================================================================================================
   9  write: the plan of the output; safetensors, sharded; what travels along

   The plan is made before anything is written: each output tensor with its type and size, so that headers, which come
   first in both formats, are known. The output is built under a temporary name beside DST and renamed when it is whole,
   so a failure, or Ctrl-C, leaves nothing behind.
   ================================================================================================================ */

typedef struct {
    const char *source, *target;
    const char **merges;
    int merges_n;
    int dtype;               // a DType, or -1: as it is in SRC
    uint64_t shard_size;
    int rank;                // of an adapter that is cut; 0: none is
    bool list;
} Options;

static const char *const kinds[] = {"q", "k", "v", "o", "wi", "wo", "shared", "lm_head", "other"};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
    Arena *arena;
    const Options *options;
    Checkpoint in;
    Deltas deltas;
    int64_t lost;                                   // finite values that became infinite
    double error[KINDS], weight[KINDS];             // of quantized tensors: sums of squares
    int quantized[KINDS];
} Job;

typedef struct {
    const char *name;
    const Stored *stored;    // NULL: the scales of an I8 tensor, F32
    int type, rank;
    int64_t shape[MAX_RANK];
    float *scales;           // I8, and its scales: one a row, filled while the rows are written
    uint64_t bytes, at;      // at: where its data begins in its file's data
    int shard;
} Planned;

typedef struct {
    Planned *items;
    size_t n, room;
    uint64_t bytes;
} Plan;

// The kind of a weight for the table of errors: the last part of its name.
static int kind_of(const char *name) {
    const char *end = name + strlen(name) - (ends(name, ".weight") ? 7 : 0), *start = end;
    while (start > name && start[-1] != '.') start--;
    size_t n = (size_t)(end - start);
    if (n == 4 && !memcmp(start, "wi_", 3)) n = 2;
    int k = 0;
    while (k < KINDS - 1 && (strlen(kinds[k]) != n || memcmp(kinds[k], start, n))) k++;
    return k;
}

// int8 is for matrices; norms and the relative attention bias are small and matter, they stay f32.
static bool is_quantizable(const Stored *s) {
    return s->rank == 2 && row_length(s) > 0 && ends(s->name, ".weight") && !strstr(s->name, "relative_attention_bias");
}

static int folder_type(const Job *j, const Stored *s) {
    int wanted = j->options->dtype;
    if (!type_is_float(s->type)) return s->type;
    if (wanted == I8) return is_quantizable(s) ? I8 : F32;
    if (wanted >= 0) return wanted;
    return s->type == Q8_0 || s->type == F64 ? F32 : s->type;
}

// llama.cpp wants norms in F32; rows that do not divide into blocks of 32 fall back to F16, as in its converter.
static int gguf_type(const Job *j, const Stored *s) {
    int wanted = j->options->dtype >= 0 ? j->options->dtype : s->type;
    if (!type_is_float(s->type)) fail(j->arena, "%s: %s is %s; a GGUF of T5 has no such tensor", s->path, s->name, type_name(s->type));
    if (s->rank < 2 || ends(s->name, "norm.weight")) return F32;
    if (wanted == I8 || wanted == Q8_0) return row_length(s) % Q8_BLOCK ? F16 : Q8_0;
    return wanted == F64 ? F32 : wanted;
}

static void plan_add(const Job *j, Plan *plan, const Stored *s, const char *name, int type) {
    if (!type_is_float(s->type) && !s->contiguous)
        fail(j->arena, "%s: %s is a transposed view of whole numbers; save a contiguous copy", s->path, s->name);
    Planned p = {.name = name, .stored = s, .type = type, .rank = s->rank, .bytes = type_bytes(type, (uint64_t)s->count)};
    memcpy(p.shape, s->shape, sizeof p.shape);
    if (type == I8 && !j->in.adapter) p.scales = arena_get(j->arena, (size_t)s->shape[0], sizeof *p.scales);
    plan->items = arena_grow(j->arena, plan->items, plan->n, &plan->room, sizeof *plan->items);
    plan->items[plan->n++] = p;
    plan->bytes += p.bytes;
    if (!p.scales) return;
    Planned scales = {.type = F32, .rank = 1, .shape = {s->shape[0]}, .scales = p.scales, .bytes = 4 * (uint64_t)s->shape[0]};
    scales.name = arena_print(j->arena, "%s.scale", name);
    plan->items = arena_grow(j->arena, plan->items, plan->n, &plan->room, sizeof *plan->items);
    plan->items[plan->n++] = scales;
    plan->bytes += scales.bytes;
}

static void stop_if_interrupted(const Job *j) {
    if (interrupted) fail(j->arena, "%s: interrupted, nothing was written", j->options->target);
}

// Writes a tensor's bytes as they are, a few MiB at a time.
static void write_raw(Job *j, Output *o, const Planned *p) {
    enum { PIECE = 8 << 20 };
    for (uint64_t at = 0; at < p->bytes; at += PIECE) {
        uint64_t n = p->bytes - at < PIECE ? p->bytes - at : PIECE;
        stop_if_interrupted(j);
        output_write(j->arena, o, p->stored->data + at, (size_t)n);
        stored_drop(p->stored, at, at + n);
    }
    if (p->scales && p->bytes) for (int64_t i = 0; i < p->shape[0]; i++) p->scales[i] = float_at(p->stored->scale + 4 * i);
}

// Converts one row into `out`; for the quantized types also adds up what rounding did, with `back` to hold the result.
static void encode_row(Job *j, Planned *p, int64_t row, const double *in, int64_t n, char *out, double *back) {
    double scale = 1;
    if (p->type == I8) scale = p->scales[row] = quantize_row(in, n, out);
    else if (p->type == Q8_0) quantize_blocks(in, n, out);
    else j->lost += store_values(p->type, in, n, out);
    if (p->type != I8 && p->type != Q8_0) return;
    int kind = kind_of(p->stored->name);
    load_values(p->type, out, 0, 1, n, back);
    for (int64_t i = 0; i < n; i++) {
        double e = in[i] - back[i] * scale;
        j->error[kind] += e * e;
        j->weight[kind] += in[i] * in[i];
    }
    if (!isfinite(j->weight[kind]))
        fail(j->arena, "%s: %s holds infinities or values that are no numbers; int8 cannot hold them", p->stored->path, p->stored->name);
}

// Writes one tensor's data: row by row in double, or as it is where nothing changes.
static void write_tensor(Job *j, Output *o, Planned *p) {
    const Stored *s = p->stored;
    Arena *a = j->arena;
    Mark mark = arena_mark(a);
    bool merged = s->count && deltas_load(a, &j->deltas, s);
    if (!merged && s->contiguous && s->type == p->type) {
        write_raw(j, o, p);
        return;
    }
    if (!s->count) return;
    int64_t n = row_length(s), rows = s->count / n;
    double *in = arena_get(a, (size_t)n, sizeof *in), *back = arena_get(a, (size_t)n, sizeof *back);
    char *out = arena_get(a, (size_t)n, 8);
    uint64_t row_bytes = type_bytes(s->type, (uint64_t)n), dropped = 0;
    for (int64_t row = 0; row < rows; row++) {
        stop_if_interrupted(j);
        stored_row(s, row, in);
        if (merged) deltas_apply(&j->deltas, row, n, in);
        encode_row(j, p, row, in, n, out, back);
        output_write(a, o, out, (size_t)type_bytes(p->type, (uint64_t)n));
        uint64_t done = (uint64_t)(row + 1) * row_bytes;
        if (!s->contiguous || (done - dropped < 8 << 20 && row + 1 < rows)) continue;
        stored_drop(s, dropped, done);
        dropped = done;
    }
    stored_drop(s, dropped, row_bytes * (uint64_t)rows);
    if (p->type == I8 || p->type == Q8_0) j->quantized[kind_of(s->name)]++;
    arena_release(a, mark);
}

// Large elements first, so that all are aligned, as the format's own library has it.
static int planned_compare(const void *x, const void *y) {
    const Planned *a = x, *b = y;
    int order = a->shard != b->shard ? a->shard - b->shard : dtypes[b->type].bytes - dtypes[a->type].bytes;
    return order ? order : strcmp(a->name, b->name);
}

// Writes the n tensors of one safetensors file. The scales of I8 tensors stand before the rows from which they are
// computed: their place is filled at the end.
static void write_safetensors(Job *j, const char *path, Planned *items, size_t n) {
    Arena *a = j->arena;
    Text head = {.arena = a};
    uint64_t at = 0;
    text_print(&head, "{\"__metadata__\":{\"format\":\"pt\"}");
    for (size_t i = 0; i < n; i++) {
        Planned *p = &items[i];
        text_add(&head, ",", 1);
        text_json(&head, p->name, strlen(p->name));
        text_print(&head, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[p->type].name);
        for (int d = 0; d < p->rank; d++) text_print(&head, d ? ",%lld" : "%lld", (long long)p->shape[d]);
        p->at = at;
        at += p->bytes;
        text_print(&head, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)p->at, (unsigned long long)at);
    }
    text_add(&head, "}", 1);
    while (head.n % 8) text_add(&head, " ", 1);
    Output *o = output_open(a, path);
    char length[8];
    for (int i = 0; i < 8; i++) length[i] = (char)((uint64_t)head.n >> 8 * i);
    output_write(a, o, length, 8);
    output_write(a, o, head.data, head.n);
    for (size_t i = 0; i < n; i++) {
        if (items[i].stored) write_tensor(j, o, &items[i]);
        else output_numbers(a, o, items[i].scales, (size_t)items[i].bytes / 4, 4);
    }
    for (size_t i = 0; i < n; i++) {
        if (items[i].stored) continue;
        if (fseeko(o->stream, (off_t)(8 + head.n + items[i].at), SEEK_SET)) fail(a, "%s: cannot be written: %s", path, strerror(errno));
        output_numbers(a, o, items[i].scales, (size_t)items[i].bytes / 4, 4);
    }
    output_commit(a, o);
}

// Splits the plan into files of at most shard_size bytes; a tensor and its scales stay together. Returns their number.
static int plan_shards(const Job *j, Plan *plan) {
    uint64_t used = 0;
    int shard = 0;
    for (size_t i = 0; i < plan->n; i++) {
        Planned *p = &plan->items[i];
        if (p->stored && used && used + p->bytes > j->options->shard_size && !j->in.adapter) shard++, used = 0;
        used += p->bytes;
        p->shard = shard;
    }
    if (plan->n) qsort(plan->items, plan->n, sizeof *plan->items, planned_compare);
    return shard + 1;
}

static void write_weights(Job *j, const char *folder, Plan *plan) {
    Arena *a = j->arena;
    int shards = plan_shards(j, plan);
    const char *stem = j->in.adapter ? "adapter_model" : "model";
    Text index = {.arena = a};
    text_print(&index, "{\n  \"metadata\": {\"total_size\": %llu},\n  \"weight_map\": {", (unsigned long long)plan->bytes);
    for (size_t i = 0; i < plan->n;) {
        size_t n = 0;
        const char *name = arena_print(a, "%s.safetensors", stem);
        if (shards > 1) name = arena_print(a, "%s-%05d-of-%05d.safetensors", stem, plan->items[i].shard + 1, shards);
        for (; i + n < plan->n && plan->items[i + n].shard == plan->items[i].shard; n++) {
            text_print(&index, i + n ? ",\n    " : "\n    ");
            text_json(&index, plan->items[i + n].name, strlen(plan->items[i + n].name));
            text_print(&index, ": \"%s\"", name);
        }
        write_safetensors(j, path_join(a, folder, name), plan->items + i, n);
        i += n;
    }
    text_print(&index, "\n  }\n}\n");
    if (shards > 1) file_write(a, path_join(a, folder, arena_print(a, "%s.safetensors.index.json", stem)), index.data, index.n);
}

// ---- config.json and the files of the tokenizer

static void text_value(Text *t, const Json *v, int indent) {
    static const char *const words[] = {"null", "false", "true"};
    bool object = v->type == JSON_OBJECT;
    if (v->type <= JSON_TRUE) text_print(t, "%s", words[v->type]);
    else if (v->type == JSON_NUMBER) text_add(t, v->string, v->n);
    else if (v->type == JSON_STRING) text_json(t, v->string, v->n);
    else if (!v->n) text_print(t, object ? "{}" : "[]");
    else {
        text_print(t, object ? "{" : "[");
        for (const Json *e = v->child; e; e = e->next) {
            text_print(t, "\n%*s", indent + 2, "");
            if (object) text_json(t, e->key, strlen(e->key)), text_print(t, ": ");
            text_value(t, e, indent + 2);
            if (e->next) text_add(t, ",", 1);
        }
        text_print(t, "\n%*s%s", indent, "", object ? "}" : "]");
    }
}

// Copies config.json; with --dtype it says the new type, because transformers loads in the type that it names.
static void write_config(Job *j, const char *from, const char *to) {
    static const char *const words[] = {[F32] = "float32", [F16] = "float16", [BF16] = "bfloat16"};
    Json *config = json_file(j->arena, from);
    Text out = {.arena = j->arena};
    int dtype = j->options->dtype;
    for (Json *e = config->type == JSON_OBJECT ? config->child : NULL; e; e = e->next) {
        if (dtype < 0 || dtype == I8 || e->type != JSON_STRING || (strcmp(e->key, "torch_dtype") && strcmp(e->key, "dtype"))) continue;
        e->string = words[dtype];
        e->n = strlen(words[dtype]);
    }
    const Stored *shared = checkpoint_find(&j->in, "shared.weight");
    for (Json *e = config->type == JSON_OBJECT ? config->child : NULL; e; e = e->next)
        if (shared && j->deltas.resized && !strcmp(e->key, "vocab_size")) {
            e->string = arena_print(j->arena, "%lld", (long long)shared->shape[0]);
            e->n = strlen(e->string);
        }
    text_value(&out, config, 0);
    text_add(&out, "\n", 1);
    file_write(j->arena, to, out.data, out.n);
}

static void write_gguf_config(Job *j, const char *path) {
    Checkpoint *c = &j->in;
    Text t = {.arena = j->arena};
    static const struct { const char *key, *gguf; double missing; } numbers[] = {
        {"d_model", "t5.embedding_length", 0}, {"d_kv", "t5.attention.key_length", 64}, {"d_ff", "t5.feed_forward_length", 0},
        {"num_heads", "t5.attention.head_count", 0}, {"num_layers", "t5.block_count", 0}, {"num_decoder_layers", "t5.decoder_block_count", -1},
        {"n_positions", "t5.context_length", 512}, {"relative_attention_num_buckets", "t5.attention.relative_buckets_count", 32},
        {"decoder_start_token_id", "t5.decoder_start_token_id", 0}, {"eos_token_id", "tokenizer.ggml.eos_token_id", 1},
        {"pad_token_id", "tokenizer.ggml.padding_token_id", 0}, {"layer_norm_epsilon", "t5.attention.layer_norm_rms_epsilon", 1e-6}};
    text_print(&t, "{\n  \"architectures\": [\"T5ForConditionalGeneration\"],\n  \"model_type\": \"t5\",\n  \"is_encoder_decoder\": true");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double missing = numbers[i].missing < 0 ? gguf_number(c, "t5.block_count", 0) : numbers[i].missing, value = gguf_number(c, numbers[i].gguf, missing);
        if (!isfinite(value) || (value <= 0 && !missing && i < 5))
            fail(j->arena, "%s: the key %s is missing or impossible; convert the model again", c->path, numbers[i].gguf);
        text_print(&t, ",\n  \"%s\": %.7g", numbers[i].key, value);
    }
    bool gated = checkpoint_find(c, "encoder.block.0.layer.1.DenseReluDense.wi_0.weight"), tied = !checkpoint_find(c, "lm_head.weight");
    // llama.cpp has no key for these: its T5 always counts distances up to 128.
    text_print(&t, ",\n  \"relative_attention_max_distance\": 128,\n  \"dropout_rate\": 0.1,\n  \"feed_forward_proj\": \"%s\"", gated ? "gated-gelu" : "relu");
    text_print(&t, ",\n  \"tie_word_embeddings\": %s,\n  \"vocab_size\": %lld\n}\n", tied ? "true" : "false", (long long)checkpoint_find(c, "shared.weight")->shape[0]);
    file_write(j->arena, path, t.data, t.n);
}

static void write_gguf_tokenizer(Job *j, const char *folder) {
    Pieces v = pieces_from_gguf(j->arena, &j->in);
    int32_t sentinels = v.t.size - pieces_count(&v.t);
    if (!v.t.size) {
        fprintf(stderr, "t5peft-convert: %s: has no T5 vocabulary; put spiece.model beside the weights yourself\n", j->in.path);
        return;
    }
    Text spiece = pieces_to_spiece(j->arena, &v);
    file_write(j->arena, path_join(j->arena, folder, "spiece.model"), spiece.data, spiece.n);
    const char *config = arena_print(j->arena, "{\n  \"tokenizer_class\": \"T5Tokenizer\",\n  \"eos_token\": \"</s>\",\n  \"unk_token\": \"<unk>\",\n"
                                     "  \"pad_token\": \"<pad>\",\n  \"extra_ids\": %d\n}\n", sentinels < 100 ? (int)sentinels : 100);
    file_write(j->arena, path_join(j->arena, folder, "tokenizer_config.json"), config, strlen(config));
}

static void write_companions(Job *j, const char *folder) {
    static const char *const names[] = {"adapter_config.json", "generation_config.json", "spiece.model", "tokenizer.model", "tokenizer.json",
                                        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"};
    Arena *a = j->arena;
    if (j->in.keys) {
        write_gguf_config(j, path_join(a, folder, "config.json"));
        write_gguf_tokenizer(j, folder);
        return;
    }
    const char *config = path_join(a, j->in.folder, "config.json");
    if (is_file(a, config)) write_config(j, config, path_join(a, folder, "config.json"));
    else if (!j->in.adapter) fprintf(stderr, "t5peft-convert: %s: no config.json lies there; DST has none either, add the model's\n", j->in.folder);
    for (size_t i = j->in.adapter ? 0 : 1; i < sizeof names / sizeof *names; i++) file_copy(a, j->in.folder, folder, names[i]);
    for (size_t i = 2; j->deltas.resized && i < sizeof names / sizeof *names; i++) file_copy(a, j->deltas.resized, folder, names[i]);
}

typedef struct {
    Arena arena;  // of its own, for a release must not fail
    const char *path;
} PartFolder;

static void part_remove(void *arg) {
    PartFolder *f = arg;
    folder_remove(&f->arena, f->path);
}

// Removes a temporary folder, unless it was renamed.
static void folder_discard(Owned *o) {
    PartFolder *f = o->data;
    if (f->path) attempt(&f->arena, part_remove, f);
    arena_free(&f->arena);
}

// ---- an adapter cut to a lower rank

// Cuts the change B A of one layer to its R first directions, which are the nearest of that rank (Eckart and Young 1936): rows
// sqrt(s) V and columns sqrt(s) U, zeros where there are fewer. kept: its squared norm, before and after.
static void change_cut(Arena *a, const Change *c, int64_t R, Tensors *out, double kept[2]) {
    const Tensor *A = c->part[LORA_A], *B = c->part[LORA_B];
    int64_t most = A->shape[0], in = A->shape[1], rows = B->shape[0];
    float *wide[] = {arena_get(a, (size_t)A->count, sizeof(float)), arena_get(a, (size_t)B->count, sizeof(float))};
    tensor_read(A, 0, A->count, wide[0]);
    tensor_read(B, 0, B->count, wide[1]);
    Svd v = svd_new(a, rows, in, most, most);
    svd_factors(a, &v, wide[1], wide[0], c->scale);
    float *a_cut = arena_get(a, (size_t)(R * in), sizeof *a_cut), *b_cut = arena_get(a, (size_t)(rows * R), sizeof *b_cut);
    for (int64_t k = 0; k < most; k++) {
        kept[0] += v.s[k] * v.s[k];
        if (k < R) kept[1] += v.s[k] * v.s[k];
        for (int64_t i = 0; k < R && i < in; i++) a_cut[k * in + i] = (float)(sqrt(v.s[k]) * v.V[k * in + i]);
        for (int64_t i = 0; k < R && i < rows; i++) b_cut[i * R + k] = (float)(sqrt(v.s[k]) * v.U[k * rows + i]);
    }
    tensors_add(a, out, (Tensor){.name = A->name, .dtype = F32, .rank = 2, .shape = {R, in}, .count = R * in, .data = a_cut});
    tensors_add(a, out, (Tensor){.name = B->name, .dtype = F32, .rank = 2, .shape = {rows, R}, .count = rows * R, .data = b_cut});
}

// adapter_config.json with the rank R and a scale of 1.
static void rank_config(Arena *a, Json *config, int R, const char *to) {
    static const Json none = {.type = JSON_OBJECT};
    Json number = json_of(arena_print(a, "%d", R)), no = {.type = JSON_FALSE};
    number.type = JSON_NUMBER;
    for (Json *e = config->child; e; e = e->next) {
        bool rank = !strcmp(e->key, "r") || !strcmp(e->key, "lora_alpha"), pattern = !strcmp(e->key, "rank_pattern") || !strcmp(e->key, "alpha_pattern");
        Json with = rank ? number : pattern ? none : !strcmp(e->key, "use_rslora") ? no : *e;
        with.key = e->key;
        with.next = e->next;
        *e = with;
    }
    Text out = {.arena = a};
    text_value(&out, config, 0);
    text_add(&out, "\n", 1);
    file_write(a, to, out.data, out.n);
}

static void write_cut(Job *j, const char *folder) {
    Arena *a = j->arena;
    const char *source = j->in.folder, *path = path_join(a, source, "adapter_config.json");
    int R = j->options->rank;
    Json *config = json_file(a, path);
    Tensors in = tensors_open(a, source, "adapter_model"), out = {0};
    Adapter d = adapter_read(a, path, config, &in);
    double kept[2] = {0};
    int64_t most = 0;
    for (size_t i = 0; i < d.n; i++) {
        const Change *c = &d.items[i];
        if (!change_plain(&d, c)) fail(a, "%s: is more than plain LoRA (%s); only that can be cut to a rank", source, d.what ? d.what : c->module);
        if (c->part[LORA_A]->rank != 2 || c->part[LORA_B]->rank != 2 || c->part[LORA_B]->shape[1] != c->part[LORA_A]->shape[0])
            fail(a, "%s: lora_A and lora_B of %s do not fit each other", in.path, c->module);
        most = c->part[LORA_A]->shape[0] > most ? c->part[LORA_A]->shape[0] : most;
    }
    if (R >= most) fail(a, "%s: has rank %lld already; --truncate wants a lower one", source, (long long)most);
    for (size_t i = 0; i < d.n; i++) {
        stop_if_interrupted(j);
        change_cut(a, &d.items[i], R, &out, kept);
    }
    tensors_sort(a, &out);
    tensors_save(a, path_join(a, folder, "adapter_model.safetensors"), out.items, out.n, NULL);
    rank_config(a, config, R, path_join(a, folder, "adapter_config.json"));
    printf("rank %lld to %d: keeps %.2f %% of the changes' squared norm\n", (long long)most, R, kept[0] > 0 ? 100 * kept[1] / kept[0] : 100);
}

static void write_folder(Job *j, Plan *plan) {
    const char *target = j->options->target;
    char *temporary = arena_print(j->arena, "%s.part-%ld", target, (long)getpid());
    parts_remove(j->arena, target);
    if (mkdir(temporary, 0777)) fail(j->arena, "%s: cannot be made: %s", temporary, strerror(errno));
    PartFolder *guard = arena_get(j->arena, 1, sizeof *guard);
    guard->path = temporary;
    arena_own(j->arena, guard, 0, folder_discard);
    folder_lock(j->arena, temporary);
    if (j->options->rank) write_cut(j, temporary);
    else {
        for (size_t i = 0; i < j->in.n; i++) plan_add(j, plan, &j->in.items[i], j->in.items[i].name, folder_type(j, &j->in.items[i]));
        write_weights(j, temporary, plan);
        write_companions(j, temporary);
    }
    stop_if_interrupted(j);
    if (rename(temporary, target)) fail(j->arena, "%s: cannot be written: %s", target, strerror(errno));
    guard->path = NULL;
}

/* ================================================================================================================
   10  gguf out: the same plan as a GGUF

   Keys and names are those of llama.cpp's converter for T5. From a GGUF all keys are taken over but the two that
   describe the file itself, its type and its alignment.
   ================================================================================================================ */

typedef struct {
    Text text;
    uint64_t n;
} GgufKeys;

static void put_string(Text *t, const char *s, size_t n) {
    put_number(t, n, 8);
    text_add(t, s, n);
}

static void put_key(GgufKeys *k, const char *name, uint32_t type) {
    put_string(&k->text, name, strlen(name));
    put_number(&k->text, type, 4);
    k->n++;
}

static void put_key_number(GgufKeys *k, const char *name, uint32_t value) {
    put_key(k, name, GGUF_U32);
    put_number(&k->text, value, 4);
}

static void put_key_bool(GgufKeys *k, const char *name, bool value) {
    put_key(k, name, GGUF_BOOL);
    put_number(&k->text, value, 1);
}

static void put_key_float(GgufKeys *k, const char *name, float value) {
    put_key(k, name, GGUF_F32);
    put_float(&k->text, value);
}

static void put_key_string(GgufKeys *k, const char *name, const char *value) {
    put_key(k, name, GGUF_STRING);
    put_string(&k->text, value, strlen(value));
}

static void put_key_array(GgufKeys *k, const char *name, uint32_t element, uint64_t n) {
    put_key(k, name, GGUF_ARRAY);
    put_number(&k->text, element, 4);
    put_number(&k->text, n, 8);
}

static void put_vocabulary(Job *j, GgufKeys *k) {
    Pieces v = pieces_from_folder(j->arena, j->in.folder, checkpoint_find(&j->in, "shared.weight")->shape[0]);
    size_t n = (size_t)v.t.size, map_n = (size_t)(v.map.end - v.map.p);
    put_key_string(k, "tokenizer.ggml.model", "t5");
    put_key_string(k, "tokenizer.ggml.pre", "default");
    put_key_array(k, "tokenizer.ggml.tokens", GGUF_STRING, n);
    for (size_t i = 0; i < n; i++) put_string(&k->text, v.t.pieces[i].text, v.t.pieces[i].n);
    put_key_array(k, "tokenizer.ggml.scores", GGUF_F32, n);
    for (size_t i = 0; i < n; i++) put_float(&k->text, (float)v.t.pieces[i].score);
    put_key_array(k, "tokenizer.ggml.token_type", GGUF_I32, n);
    for (size_t i = 0; i < n; i++) put_number(&k->text, (uint64_t)v.t.pieces[i].type, 4);
    put_key_bool(k, "tokenizer.ggml.add_space_prefix", v.t.prefix);
    put_key_bool(k, "tokenizer.ggml.remove_extra_whitespaces", v.t.remove_spaces);
    if (map_n) put_key_array(k, "tokenizer.ggml.precompiled_charsmap", GGUF_U8, map_n);
    text_add(&k->text, (const char *)v.map.p, map_n);
    static const struct { const char *text, *key; } special[] = {
        {"</s>", "tokenizer.ggml.eos_token_id"}, {"<unk>", "tokenizer.ggml.unknown_token_id"}, {"<pad>", "tokenizer.ggml.padding_token_id"}};
    for (int s = 0; s < 3; s++)
        for (size_t i = n; i-- > 0;)
            if (piece_is(&v.t.pieces[i], special[s].text)) {
                put_key_number(k, special[s].key, (uint32_t)i);
                break;
            }
    put_key_bool(k, "tokenizer.ggml.add_eos_token", true);
}

static void put_config(Job *j, GgufKeys *k) {
    Arena *a = j->arena;
    const char *path = path_join(a, j->in.folder, "config.json"), *slash = strrchr(j->in.folder, '/');
    if (!is_file(a, path)) fail(a, "%s: lies without its config.json, which a GGUF needs; put it beside the weights", j->in.path);
    const Json *config = json_file(a, path);
    Config c = config_read(a, path, config);
    if (c.activation != (c.gated ? GELU_NEW : RELU))
        fail(a, "%s: llama.cpp's T5 is gated-gelu or relu; feed_forward_proj is \"%s\"", path, json_text(config, "feed_forward_proj", ""));
    const struct { const char *key; int64_t value; } numbers[] = {
        {"t5.context_length", config_whole(a, path, config, "n_positions", 512, 1, 1 << 30)}, {"t5.embedding_length", c.D}, {"t5.feed_forward_length", c.F},
        {"t5.block_count", c.encoder_layers}, {"t5.decoder_block_count", c.decoder_layers}, {"t5.attention.head_count", c.H}, {"t5.attention.key_length", c.K},
        {"t5.attention.value_length", c.K}, {"t5.attention.relative_buckets_count", c.buckets}, {"t5.decoder_start_token_id", c.start}};
    put_key_string(k, "general.architecture", "t5");
    put_key_string(k, "general.type", "model");
    put_key_string(k, "general.name", slash && slash[1] ? slash + 1 : j->in.folder);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) put_key_number(k, numbers[i].key, (uint32_t)numbers[i].value);
    put_key_float(k, "t5.attention.layer_norm_epsilon", c.epsilon);
    put_key_float(k, "t5.attention.layer_norm_rms_epsilon", c.epsilon);
    put_key_number(k, "general.quantization_version", 2);
    put_vocabulary(j, k);
}

static void write_gguf(Job *j, Plan *plan) {
    Arena *a = j->arena;
    enum { ALIGNMENT = 32 };
    static const struct { int type; uint32_t file; } files[] = {{F32, 0}, {F16, 1}, {Q8_0, 7}, {BF16, 32}};
    GgufKeys k = {.text = {.arena = a}};
    Text tensors = {.arena = a}, head = {.arena = a};
    if (j->in.adapter) fail(a, "%s: an adapter has no GGUF here; merge it: t5peft-convert MODEL DST.gguf --merge ADAPTER", j->in.path);
    if (!j->in.keys) put_config(j, &k);
    for (size_t i = 0; i < j->in.keys_n; i++) {
        if (!strcmp(j->in.keys[i].name, "general.file_type") || !strcmp(j->in.keys[i].name, "general.alignment")) continue;
        put_key(&k, j->in.keys[i].name, j->in.keys[i].type);
        text_add(&k.text, j->in.keys[i].raw, j->in.keys[i].raw_bytes);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].type == gguf_type(j, checkpoint_find(&j->in, "shared.weight"))) put_key_number(&k, "general.file_type", files[i].file);
    uint64_t at = 0;
    for (size_t i = 0; i < j->in.n; i++) {
        const Stored *s = &j->in.items[i];
        const char *name = name_to_gguf(a, s->name);
        if (!name) fail(a, "%s: llama.cpp's T5 has no place for %s", s->path, s->name);
        plan_add(j, plan, s, name, gguf_type(j, s));
        const Planned *p = &plan->items[i];
        put_string(&tensors, name, strlen(name));
        put_number(&tensors, (uint64_t)p->rank, 4);
        for (int d = p->rank - 1; d >= 0; d--) put_number(&tensors, (uint64_t)p->shape[d], 8);
        for (size_t t = 0; t < sizeof ggml_types / sizeof *ggml_types; t++)
            if (ggml_types[t].type == p->type) put_number(&tensors, ggml_types[t].ggml, 4);
        put_number(&tensors, at, 8);
        at += (p->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    text_add(&head, "GGUF\3\0\0\0", 8);
    put_number(&head, j->in.n, 8);
    put_number(&head, k.n, 8);
    text_add(&head, k.text.data, k.text.n);
    text_add(&head, tensors.data, tensors.n);
    static const char zeros[ALIGNMENT];
    text_add(&head, zeros, (ALIGNMENT - head.n % ALIGNMENT) % ALIGNMENT);
    Output *o = output_open(a, j->options->target);
    output_write(a, o, head.data, head.n);
    for (size_t i = 0; i < plan->n; i++) {
        write_tensor(j, o, &plan->items[i]);
        output_write(a, o, zeros, (size_t)((ALIGNMENT - plan->items[i].bytes % ALIGNMENT) % ALIGNMENT));
    }
    stop_if_interrupted(j);
    output_commit(a, o);
}

/* ================================================================================================================
   11  command
   ================================================================================================================ */

static const char help[] =
    "t5peft-convert: T5 checkpoints from one format to another\n"
    "\n"
    "  t5peft-convert SRC DST [--dtype f32|bf16|f16|int8] [--merge ADAPTER[=WEIGHT]]... [--shard-size 2GB]\n"
    "  t5peft-convert ADAPTER DST --truncate RANK\n"
    "  t5peft-convert --list SRC\n"
    "\n"
    "SRC   a folder with model.safetensors, pytorch_model.bin (sharded or not) or an adapter (adapter_model.safetensors\n"
    "      or .bin), or one such file, or a GGUF file (F32, F16, BF16, Q8_0). Pickles are read, never run.\n"
    "DST   a new folder (safetensors, configuration and tokenizer), or a new file that ends in .gguf.\n"
    "\n"
    "  --dtype TYPE       f32, bf16 or f16, rounded to nearest even; int8: one scale a row in a folder, Q8_0 in a GGUF.\n"
    "                     Without it types stay as they are (Q8_0 and F64 become F32 in a folder).\n"
    "  --merge ADAPTER    add a LoRA adapter to the weights; =WEIGHT scales it, and it can be given several times\n"
    "  --truncate RANK    the best LoRA adapter of this rank (by singular values); t5peft inspect --data shows what each costs\n"
    "  --shard-size SIZE  begin a new file of weights after this many bytes: 500MB, 2GB (the default)\n"
    "  --list             print names, shapes, types and totals of SRC\n"
    "  --help, --version\n"
    "\n"
    "Examples\n"
    "  t5peft-convert flan-t5-old flan-t5-new                     pytorch_model.bin to safetensors\n"
    "  t5peft-convert flan-t5-base small --dtype int8             a fourth of the size for t5peft\n"
    "  t5peft-convert flan-t5-base merged --merge adapter         one model out of model and adapter\n"
    "  t5peft-convert flan-t5-base m.gguf --merge a=0.7 --merge b=0.3 --dtype f16\n"
    "  t5peft-convert model.gguf folder --dtype bf16              llama.cpp's file for transformers and t5peft\n";

static void list_print(const Checkpoint *c) {
    int64_t elements = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < c->n; i++) {
        const Stored *s = &c->items[i];
        uint64_t size = type_bytes(s->type, (uint64_t)s->count);
        printf("%-70s %-5s [", s->name, type_name(s->type));
        for (int d = 0; d < s->rank; d++) printf(d ? ", %lld" : "%lld", (long long)s->shape[d]);
        printf("]%s\n", s->contiguous ? "" : " transposed");
        elements += s->count;
        bytes += size;
    }
    printf("%zu tensors, %lld elements, %.1f MB\n", c->n, (long long)elements, (double)bytes / 1e6);
}

static void report_print(const Job *j, const Plan *plan) {
    int quantized = 0;
    for (int k = 0; k < KINDS; k++) quantized += j->quantized[k];
    if (quantized) printf("int8: the error of rounding, relative to the weights (root mean square)\n");
    for (int k = 0; k < KINDS; k++)
        if (j->quantized[k]) printf("  %-8s %8.4f %%  %d tensors\n", kinds[k], j->weight[k] > 0 ? 100 * sqrt(j->error[k] / j->weight[k]) : 0, j->quantized[k]);
    if (j->lost)
        fprintf(stderr, "t5peft-convert: %s: %lld values were too large for this type and became infinite; use bf16 or f32\n", j->options->target, (long long)j->lost);
    printf("%s: %zu tensors, %.1f MB\n", j->options->target, plan->n, (double)plan->bytes / 1e6);
}

// DST must be new, or an empty folder where a folder will be written.
static void target_check(Arena *a, const char *target, bool gguf) {
    if (!gguf && (ends(target, ".safetensors") || ends(target, ".bin")))
        fail(a, "%s: DST is a folder, or a file that ends in .gguf", target);
    struct stat s;
    if (lstat(target, &s)) return;
    size_t entries = 1;
    if (!gguf && is_folder(a, target)) folder_list(a, target, &entries);
    if (entries) fail(a, "%s: exists already; name another DST or remove it", target);
}

static void convert(void *job) {
    Job *j = job;
    const Options *o = j->options;
    Arena *a = j->arena;
    bool gguf = !o->list && ends(o->target, ".gguf");
    if (!o->list) target_check(a, o->target, gguf);
    j->in = checkpoint_open(a, o->source);
    if (o->list) {
        list_print(&j->in);
        return;
    }
    if (!j->in.adapter) {
        checkpoint_rename(a, &j->in);
        const char *config = path_join(a, j->in.folder, "config.json");
        checkpoint_untie(a, &j->in, j->in.keys || (is_file(a, config) && json_bool(json_file(a, config), "tie_word_embeddings", true)));
        checkpoint_scales(a, &j->in);
    }
    if (o->rank && (!j->in.adapter || gguf || o->dtype >= 0)) fail(a, "%s: --truncate is for a LoRA adapter in safetensors and a folder as DST, without --dtype", j->in.path);
    if (j->in.adapter && (o->dtype == I8 || o->merges_n)) fail(a, "%s: is an adapter; int8 and --merge are for models", j->in.path);
    for (int i = 0; i < o->merges_n; i++) deltas_add(a, &j->deltas, &j->in, o->merges[i]);
    Plan plan = {0};
    if (gguf) write_gguf(j, &plan);
    else write_folder(j, &plan);
    if (!o->rank) report_print(j, &plan);
}

static void on_signal(int signal) {
    (void)signal;
    interrupted = 1;
}

static int usage(const char *problem, const char *what) {
    fprintf(stderr, "t5peft-convert: %s%s; see t5peft-convert --help\n", problem, what);
    return 2;
}

static int parse_dtype(const char *s) {
    static const struct { const char *name; int type; } known[] = {
        {"f32", F32}, {"float32", F32}, {"bf16", BF16}, {"bfloat16", BF16}, {"f16", F16}, {"float16", F16}, {"int8", I8}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(s, known[i].name)) return known[i].type;
    return -1;
}

// 500MB, 2GB, 1GiB or a number of bytes; 0 where it is none.
static uint64_t parse_size(const char *s) {
    static const struct { const char *unit; double bytes; } units[] = {
        {"", 1}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
    char *unit;
    double n = strtod(s, &unit);
    for (size_t i = 0; unit > s && i < sizeof units / sizeof *units; i++)
        if (!strcmp(unit, units[i].unit) && n * units[i].bytes >= 1 && n * units[i].bytes < 1e18) return (uint64_t)(n * units[i].bytes);
    return 0;
}

// 0 where it is none.
static int parse_rank(const char *s) {
    char *end;
    long rank = strtol(s, &end, 10);
    return *end || rank < 1 || rank > 1 << 14 ? 0 : (int)rank;
}

// Fills the options; 0 when they are good, else the exit status.
static int parse(int argc, char **argv, Options *o) {
    const char **merges = o->merges;
    for (int i = 1; i < argc; i++) {
        char *arg = argv[i], *equal = strchr(arg, '=');
        bool merge = !strcmp(arg, "--merge") || begins(arg, "--merge="), dtype = !strcmp(arg, "--dtype") || begins(arg, "--dtype=");
        bool size = !strcmp(arg, "--shard-size") || begins(arg, "--shard-size="), cut = !strcmp(arg, "--truncate") || begins(arg, "--truncate=");
        if (!strcmp(arg, "--list")) o->list = true;
        else if (merge || dtype || size || cut) {
            const char *value = equal ? equal + 1 : ++i < argc ? argv[i] : NULL;
            if (!value) return usage(arg, " needs a value");
            if (merge) merges[o->merges_n++] = value;
            if (dtype && (o->dtype = parse_dtype(value)) < 0) return usage("--dtype is f32, bf16, f16 or int8, not ", value);
            if (cut && !(o->rank = parse_rank(value))) return usage("--truncate is a rank, a whole number of at least 1, not ", value);
            if (size && !(o->shard_size = parse_size(value))) return usage("--shard-size is a size such as 500MB or 2GB, not ", value);
        } else if (arg[0] == '-' && arg[1]) return usage("unknown option ", arg);
        else if (!o->source) o->source = arg;
        else if (!o->target) o->target = arg;
        else return usage("one SRC and one DST are wanted, not also ", arg);
        char *last = arg + strlen(arg);  // "folder/" is "folder"
        while (last > arg + 1 && last[-1] == '/') *--last = 0;
    }
    if (!o->source || (!o->target && !o->list)) return usage("SRC and DST are wanted", "");
    if (o->list && (o->target || o->merges_n)) return usage("--list wants SRC alone", "");
    return 0;
}

int main(int argc, char **argv) {
    platform_start(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return fputs(help, stdout), finish("t5peft-convert", 0);
        if (!strcmp(argv[i], "--version")) return printf("t5peft-convert %s\n", T5PEFT_VERSION), finish("t5peft-convert", 0);
    }
    Trap trap = {.text = ""};
    Arena arena = {.trap = &trap};
    Options options = {.dtype = -1, .shard_size = 2000000000, .merges = calloc((size_t)argc, sizeof *options.merges)};
    if (!options.merges) return fprintf(stderr, "t5peft-convert: out of memory\n"), 1;
    int status = parse(argc, argv, &options);
    Job job = {.arena = &arena, .options = &options};
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
#ifdef SIGHUP
    signal(SIGHUP, on_signal);
#endif
    reading_watch("t5peft-convert", &arena);
    if (!status && !attempt(&arena, convert, &job)) {
        fprintf(stderr, "t5peft-convert: %s\n", trap.text);
        status = 1;
    }
    reading_watch("t5peft-convert", NULL);
    arena_free(&arena);
    free(options.merges);
    return finish("t5peft-convert", status);
}
