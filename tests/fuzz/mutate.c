// Changes of inputs that keep what is around them whole, for what plain bytes seldom get past: JSON (values are exchanged, left out,
// repeated, taken for others), protobuf and GGUF (a part changes, the lengths before it follow). fuzz.c includes this file.

#include <ctype.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

typedef struct {
    uint64_t seed;
    uint8_t *data;  // of `most` bytes, n of which are the input
    size_t n, most;
} Mutation;

static size_t mutation_below(Mutation *m, size_t n) {
    m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
    return n ? (size_t)(m->seed >> 33) % n : 0;
}

// Puts the n bytes of with in place of size bytes at `at`. False where there is no room.
static bool mutation_put(Mutation *m, size_t at, size_t size, const void *with, size_t n) {
    if (m->n - size + n > m->most) return false;
    memmove(m->data + at + n, m->data + at + size, m->n - at - size);
    if (n) memcpy(m->data + at, with, n);
    m->n = m->n - size + n;
    return true;
}

// The end of the JSON value that begins at `at`; `at` where there is none.
static size_t mutation_value(const Mutation *m, size_t at) {
    const uint8_t *s = m->data;
    int depth = 0;
    size_t i = at;
    do {
        if (s[i] == '"') {
            for (i++; i < m->n && s[i] != '"'; i++) i += s[i] == '\\';
            i++;
        } else if (s[i] == '{' || s[i] == '[') depth++, i++;
        else if (s[i] == '}' || s[i] == ']') depth--, i++;
        else if (depth) i++;
        else while (i < m->n && s[i] && (isalnum(s[i]) || strchr("+-.", s[i]))) i++;
    } while (depth > 0 && i < m->n);
    return i <= m->n && depth == 0 ? i : at;
}

typedef struct { size_t at, end; } FuzzSpan;

static size_t mutation_values(const Mutation *m, FuzzSpan *out, size_t most) {
    size_t n = 0;
    bool inside = false;  // a string, a number or a word
    for (size_t i = 0; i < m->n && n < most; i++) {
        uint8_t c = m->data[i];
        bool word = isalnum(c) || c == '-' || c == '+' || c == '.';
        if (c == '"' || c == '{' || c == '[' || (word && !inside)) {
            size_t end = mutation_value(m, i);
            if (end > i) out[n++] = (FuzzSpan){i, end};
            if (end > i && c == '"') i = end - 1;
        }
        inside = word;
    }
    return n;
}

// From a value, or a member's name, to behind its comma, or from the comma before it where it is the last.
static FuzzSpan mutation_element(const Mutation *m, FuzzSpan v) {
    size_t end = v.end;
    if (end < m->n && m->data[end] == ':') {
        for (end++; end < m->n && isspace(m->data[end]);) end++;
        if (end < m->n) end = mutation_value(m, end);
    }
    while (end < m->n && isspace(m->data[end])) end++;
    if (end < m->n && m->data[end] == ',') return (FuzzSpan){v.at, end + 1};
    while (v.at > 0 && isspace(m->data[v.at - 1])) v.at--;
    return (FuzzSpan){v.at - (v.at > 0 && m->data[v.at - 1] == ','), end};
}

static void mutate_json(Mutation *m) {
    static const char *const others[] = {
        "0", "-1", "1", "2", "8", "64", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "0.5", "-0.0", "1e308", "1e999", "1e-9", "null", "true", "false", "\"\"", "\"F32\"", "\"BF16\"",
        "\"I8\"", "\"x\"", "\"..\"", "\"q\"", "\"all-linear\"", "\"\\ud800\"", "[]", "[0]", "[1,2]", "{}", "{\"\":0}"};
    FuzzSpan all[2000];
    size_t n = mutation_values(m, all, sizeof all / sizeof *all);
    if (!n) return;
    FuzzSpan v = all[mutation_below(m, n)], w = all[mutation_below(m, n)], e = mutation_element(m, v);
    const char *other = others[mutation_below(m, sizeof others / sizeof *others)];
    uint8_t *copy = malloc(m->most);
    if (!copy) abort();
    switch (mutation_below(m, 6)) {
    case 0: mutation_put(m, v.at, v.end - v.at, other, strlen(other)); break;
    case 1: memcpy(copy, m->data + w.at, w.end - w.at), mutation_put(m, v.at, v.end - v.at, copy, w.end - w.at); break;
    case 2: mutation_put(m, e.at, e.end - e.at, NULL, 0); break;
    case 3: memcpy(copy, m->data + e.at, e.end - e.at), mutation_put(m, e.at, 0, copy, e.end - e.at); break;
    default: {  // of a string only what is between the quotes
        size_t quotes = m->data[v.at] == '"' && v.end - v.at > 2, at = v.at + quotes, n = v.end - quotes - at;
        memcpy(copy, m->data + at, n);
        mutation_put(m, at, n, copy, LLVMFuzzerMutate(copy, n, n + 64 < m->most ? n + 64 : m->most));
    }
    }
    free(copy);
}

// A number of seven bits a byte. How many bytes it has, 0 where there is none.
static size_t mutation_varint(const uint8_t *s, size_t n, uint64_t *value) {
    *value = 0;
    for (size_t i = 0; i < n && i < 9; i++) {
        *value |= (uint64_t)(s[i] & 127) << 7 * i;
        if (s[i] < 128) return i + 1;
    }
    return 0;
}

// Changes the message of n bytes in s, which has room for `most`: a field is left out, repeated or put in another's place, or what is
// in it changes, down to `depth` messages in messages. The new number of bytes.
static size_t mutate_message(Mutation *m, uint8_t *s, size_t n, size_t most, int depth) {
    FuzzSpan fields[4000];
    size_t count = 0, heads[4000];
    for (size_t i = 0; i < n && count < 4000;) {
        uint64_t tag, size = 0;
        size_t head = mutation_varint(s + i, n - i, &tag), more = 0, left;
        bool number = (tag & 7) == 0, text = (tag & 7) == 2, fixed = (tag & 7) == 1 || (tag & 7) == 5;
        if (!head || !(number || text || fixed)) break;
        if (!fixed && !(more = mutation_varint(s + i + head, n - i - head, &size))) break;
        if (number) size = 0;
        if (fixed) size = (tag & 7) == 1 ? 8 : 4;
        left = n - i - head - more;
        if (size > left) break;
        heads[count] = text ? head : 0;  // only what has a length is changed inside
        fields[count++] = (FuzzSpan){i, i + head + more + (size_t)size};
        i = fields[count - 1].end;
    }
    if (!count || !mutation_below(m, 8)) return LLVMFuzzerMutate(s, n, most);
    size_t k = mutation_below(m, count), from = mutation_below(m, count), kind = mutation_below(m, 4);
    FuzzSpan f = fields[k], g = kind == 1 ? f : fields[from];
    Mutation whole = {.data = s, .n = n, .most = most};
    uint8_t *copy = malloc(most);
    if (!copy) abort();
    if (kind == 0) mutation_put(&whole, f.at, f.end - f.at, NULL, 0);
    else if (kind < 3 || !heads[k]) {
        memcpy(copy, s + g.at, g.end - g.at);
        mutation_put(&whole, f.at, kind == 1 ? 0 : f.end - f.at, copy, g.end - g.at);
    } else {
        uint64_t length;
        size_t start = f.at + heads[k] + mutation_varint(s + f.at + heads[k], n - f.at - heads[k], &length), size = f.end - start;
        if (size + 20 < most) {
            memcpy(copy + 10, s + start, size);
            size_t room = most - 10 < size + 64 ? most - 10 : size + 64;
            size = depth ? mutate_message(m, copy + 10, size, room, depth - 1) : LLVMFuzzerMutate(copy + 10, size, room);
            size_t at = 9;  // the length ends there, before the message
            for (size_t rest = size >> 7; rest; rest >>= 7) at--;
            for (size_t i = at, rest = size; i < 10; i++, rest >>= 7) copy[i] = (uint8_t)((rest & 127) | (i < 9 ? 128 : 0));
            mutation_put(&whole, f.at + heads[k], f.end - f.at - heads[k], copy + at, 10 - at + size);
        }
    }
    free(copy);
    return whole.n;
}

// A text of GGUF changes, or another one stands in its place; its length of eight bytes before it follows.
static void mutate_gguf(Mutation *m) {
    FuzzSpan all[1000];
    size_t n = 0;
    for (size_t i = 8; i + 9 < m->n && n < 1000; i++) {
        uint64_t length = 0;
        for (int k = 7; k >= 0; k--) length = length << 8 | m->data[i + (size_t)k];
        if (!length || length >= 4096 || length > m->n - i - 8 || !isgraph(m->data[i + 8])) continue;
        all[n++] = (FuzzSpan){i, i + 8 + (size_t)length};
        i += 7 + (size_t)length;
    }
    if (!n) return;
    FuzzSpan v = all[mutation_below(m, n)], w = all[mutation_below(m, n)];
    uint8_t copy[8 + 4096 + 64];
    size_t size = w.end - w.at - 8;
    memcpy(copy, m->data + w.at, size + 8);
    if (v.at == w.at) size = LLVMFuzzerMutate(copy + 8, size, size + 64);
    for (int k = 0; k < 8; k++) copy[k] = (uint8_t)((uint64_t)size >> 8 * k);
    mutation_put(m, v.at, v.end - v.at, copy, 8 + size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    Mutation m = {seed, data, size, most};
    size_t brackets = 0;
    for (size_t i = 0; i < size && i < 64; i++) brackets += data[i] == '{' || data[i] == '[';
    if (!size || !mutation_below(&m, 2)) return LLVMFuzzerMutate(data, size, most);
    if (size > 4 && !memcmp(data, "GGUF", 4)) mutate_gguf(&m);
    else if (brackets) mutate_json(&m);
    else if (*data == '\n' && size > 64) m.n = mutate_message(&m, data, size, most, 1);
    else m.n = LLVMFuzzerMutate(data, size, most);
    return m.n;
}
