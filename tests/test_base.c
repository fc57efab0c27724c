// Sections 2 to 4: errors and memory, JSON, safetensors, and files that lie.

// Runs body(arena) and keeps the message that it failed with, "" when it did not.
static const char *message_of(void (*body)(Arena *), char message[1024]) {
    Arena arena = {0};
    Trap trap = {.text = ""};
    arena.trap = &trap;
    message[0] = 0;
    if (setjmp(trap.jump)) snprintf(message, 1024, "%s", trap.text);
    else body(&arena);
    arena_free(&arena);
    return message;
}

static const char *lying_file;  // what write_lie wrote
static char lying_bytes[512];
static size_t lying_size;

static void write_lie(const char *header, size_t header_size, uint64_t length, size_t data) {
    for (int i = 0; i < 8; i++) lying_bytes[i] = (char)(length >> 8 * i);
    memcpy(lying_bytes + 8, header, header_size);
    memset(lying_bytes + 8 + header_size, 1, data);
    lying_size = 8 + header_size + data;
    FILE *f = fopen(lying_file, "wb");
    if (f) fwrite(lying_bytes, 1, lying_size, f), fclose(f);
}

static void open_lie(Arena *a) {
    Tensors t = {.path = lying_file};
    tensors_add_file(a, &t, lying_file);
    tensors_sort(a, &t);
}

static void test_lies(void) {
    static const struct { const char *header; long long length; int data; const char *says; } lies[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8, ""},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 4, "past the end"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", -1, 8, "its shape asks for"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}", -1, 8, "larger than any file"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", -1, 8, "past the end"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}", -1, 8, "no whole number"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", -1, 8, "no whole number"},
        {"{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8, "type F4"},
        {"{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", -1, 8, "type"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", -1, 8, "twice"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", -1, 8, "b overlap another tensor's"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}", -1, 12, "b follow a hole"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", -1, 8, "4 bytes behind its last tensor"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", -1, 4, ""},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}", -1, 8, "not JSON"},
        {"[]", -1, 8, "no JSON object"},
        {"{}", 1000, 0, "cut short"},
        {"{}", 0x7fffffffffffffffLL, 0, "cut short"},
    };
    char message[1024];
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        size_t n = strlen(lies[i].header);
        write_lie(lies[i].header, n, lies[i].length < 0 ? n : (uint64_t)lies[i].length, (size_t)lies[i].data);
        message_of(open_lie, message);
        CHECK(*lies[i].says ? strstr(message, lies[i].says) != NULL : !*message, "lie %zu: \"%s\" does not say \"%s\"", i, message, lies[i].says);
        CHECK(!*message || strstr(message, lying_file), "lie %zu: \"%s\" does not name the file", i, message);
    }
    // Every cut of a good file is refused or read, never a crash.
    write_lie(lies[0].header, strlen(lies[0].header), strlen(lies[0].header), 8);
    size_t whole = lying_size;
    for (size_t n = 0; n < whole; n++) {
        FILE *f = fopen(lying_file, "wb");
        if (f) fwrite(lying_bytes, 1, n, f), fclose(f);
        CHECK(*message_of(open_lie, message), "a file cut to %zu of %zu bytes was read", n, whole);
    }
}

static void json_bad(Arena *a) {
    json_read(a, lying_bytes, lying_size, "text", 7);
}

static void test_json(void) {
    static const struct { const char *text, *says; } bad[] = {
        {"", "ends too early"}, {"{", "name in quotes"}, {"[1,]", "value is expected"}, {"{\"a\" 1}", "colon"}, {"[1 2]", "comma"}, {"\"a", "not closed"},
        {"\"\\q\"", "escape"}, {"\"\\u12\"", "hexadecimal"}, {"1 2", "follows"}, {"nul", "value"}, {"-", "value"}, {"+1", "value"}, {"1e", "value"}, {"\"\x01\"", "control"}, {"[[[", "early"}};
    char message[1024];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        lying_size = strlen(bad[i].text);
        memcpy(lying_bytes, bad[i].text, lying_size);
        message_of(json_bad, message);
        CHECK(strstr(message, bad[i].says) && strstr(message, "text: line 7"), "JSON %s: \"%s\"", bad[i].text, message);
    }
    memset(lying_bytes, '[', lying_size = sizeof lying_bytes);
    CHECK(strstr(message_of(json_bad, message), "nested too deeply"), "deep JSON: \"%s\"", message);
}

static void json_good(Arena *a) {
    static const char text[] = " {\"a\": [1, -2.5e3, true, null], \"b\\n\": \"\\u00e9\\ud83d\\ude00\\ud800 \\\"\", \"c\": {}} ";
    Json *j = json_read(a, text, strlen(text), "text", 1);
    const Json *list = json_get(j, "a");
    CHECK(list && list->n == 4 && list->child->next->number == -2500 && list->child->next->next->type == JSON_TRUE, "a list");
    const char *s = json_text(j, "b\n", "");
    CHECK(!strcmp(s, "\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd \""), "a string with escapes: %s", s);
    Text t = {.arena = a};
    text_json(&t, s, strlen(s));
    CHECK(!strcmp(json_read(a, t.data, t.n, "text", 1)->string, s), "a string written and read: %s", t.data);
    t.n = 0;
    text_json(&t, "\xff\x01x\xc3", 4);
    CHECK(!strcmp(t.data, "\"\xef\xbf\xbd\\u0001x\xef\xbf\xbd\""), "bytes that are no UTF-8: %s", t.data);
    static const double numbers[] = {0, 1, -1, 0.1, 1e-3, 1.0 / 3, 123456789.123, 5e-324, 1.7976931348623157e308, 16777217};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        t.n = 0;
        text_number(&t, numbers[i]);
        CHECK(strtod(t.data, NULL) == numbers[i], "%.17g written as %s", numbers[i], t.data);
    }
    t.n = 0;
    text_number(&t, NAN);
    CHECK(!strcmp(t.data, "null"), "nan written as %s", t.data);
}

static void arena_body(Arena *a) {
    Mark m = arena_mark(a);
    char *p = arena_get(a, 100, 1);
    memset(p, 1, 100);
    arena_release(a, m);
    char *q = arena_get(a, 1 << 20, 1);
    bool zero = true;
    for (int i = 0; i < 1 << 20; i++) zero &= !q[i];
    q = arena_get(a, 100, 1);
    for (int i = 0; i < 100; i++) zero &= !q[i];
    CHECK(zero, "memory used for the second time is not zeroed");
    CHECK((uintptr_t)q % ALIGN == 0, "memory is not aligned");
    arena_get(a, SIZE_MAX / 2, 16);
}

static void save_body(Arena *a) {
    float x[6] = {1, 2, 3, 4, 5, 6};
    uint16_t h[2] = {0x3c00, 0xfc01};
    Tensor items[] = {{.name = "b", .dtype = F32, .rank = 2, .shape = {2, 3}, .count = 6, .data = x}, {.name = "a\"", .dtype = F16, .rank = 1, .shape = {2}, .count = 2, .data = h}};
    tensors_save(a, lying_file, items, 2, NULL);
    Tensors t = {.path = lying_file};
    tensors_add_file(a, &t, lying_file);
    tensors_sort(a, &t);
    const Tensor *b = tensors_find(&t, "b"), *c = tensors_find(&t, "a\"");
    CHECK(t.n == 2 && b && c && b->shape[1] == 3 && !memcmp(b->data, x, sizeof x) && !memcmp(c->data, h, sizeof h), "tensors written and read");
    CHECK((uintptr_t)b->data % 8 == 0, "data does not start aligned");
}

static void test_clean(void) {
    static const struct { const char *text, *line, *lines; } cases[] = {
        {"plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80"},
        {"a\nb\tc\rd", "a?b?c?d", "a\nb\tc?d"},
        {"\x1b[31m\x07\x7f", "?[31m??", "?[31m??"},
        {"\xc2\x9b" "31m\xc2\xa0", "??31m\xc2\xa0", "??31m\xc2\xa0"},  // C1's introducer, a hard space
        {"\xff\x9bx\xc3", "??x?", "??x?"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int lines = 0; lines < 2; lines++) {
            char text[64];
            snprintf(text, sizeof text, "%s", cases[i].text);
            text_clean(text, strlen(text), lines);
            CHECK(!strcmp(text, lines ? cases[i].lines : cases[i].line), "text %zu cleaned: %s", i, text);
        }
}

// A writer's file stays while it lives, whoever else writes the same name; a dead one's goes.
#ifdef LOCK_EX  // where there are such locks
static void parts_body(Arena *a) {
    const char *live = arena_print(a, "%s.part-1", lying_file), *dead = arena_print(a, "%s.part-2", lying_file);
    FILE *held = fopen(live, "wb");
    CHECK(held && lock_take(fileno(held)), "no lock");
    file_write(a, dead, "x", 1);
    file_write(a, lying_file, "x", 1);
    CHECK(!access(live, F_OK) && access(dead, F_OK), "a live writer's file is removed, or a dead one's is not");
    fclose(held);
    file_write(a, lying_file, "y", 1);
    CHECK(access(live, F_OK), "a dead writer's file is not removed");
}
#endif

// What re.fullmatch and re.search of Python 3.11 find, with re.ASCII; from -1: nothing.
static void regex_good(Arena *a) {
    static const struct { const char *pattern, *text; bool whole; int from, to; } cases[] = {
        {".*\\.(q|v)", "encoder.block.0.layer.0.SelfAttention.q", true, 0, 39},
        {".*\\.(q|v)", "encoder.block.0.layer.0.SelfAttention.qv", false, 0, 39},
        {"decoder\\.block\\.[0-1]\\..*Attention\\.[qkvo]", "decoder.block.1.layer.1.EncDecAttention.o", true, 0, 41},
        {"decoder\\.block\\.[0-1]\\..*", "decoder.block.12.layer", false, -1, -1},
        {"(encoder|decoder)\\.block\\.\\d+\\.layer\\.\\d\\.(\\w+\\.)?wi(_\\d)?", "decoder.block.11.layer.2.DenseReluDense.wi_0", true, 0, 44},
        {" {2,}", "a b  c   d", false, 3, 5},
        {" {2,}?", "a   b", false, 1, 3},
        {"a{,2}b", "aaab", false, 1, 4},
        {"a{2}", "aaa", false, 0, 2},
        {"x{a}", "x{a}", true, 0, 4},
        {"{}{,", "{}{,", true, 0, 4},
        {"a|ab", "ab", true, 0, 1},
        {"(a|ab)(c|bcd)", "abcd", true, 0, 4},
        {"(?:a|)+?b", "aab", true, 0, 3},
        {"a*?", "aa", true, 0, 0},
        {"(a+|b)*c", "abbac", true, 0, 5},
        {"<.+?>", "<a><b>", true, 0, 3},
        {"<.+>", "<a><b>", true, 0, 6},
        {"^a$", "a\n", false, 0, 1},
        {"^a$", "ba", false, -1, -1},
        {"a$|b", "ab", false, 1, 2},
        {"[^a-c]+", "abdec", false, 2, 4},
        {"[]a]+", "x]a]", false, 1, 4},
        {"[a\\]-]+", "-a]b", false, 0, 3},
        {"[\\d_]+\\D", "a_12_", false, 1, 5},
        {"[^\\W\\d]+", "12ab_3", false, 2, 5},
        {"\\s+\\S", "a \t\r\n\fb", false, 1, 7},
        {"\\.\\*\\\\", "a.*\\", false, 1, 4},
        {"a\\tb", "a\tb", true, 0, 3},
        {".", "\xc3\xa9", true, 0, 2},
        {"[^a]{2}", "a\xc3\xa9\xc3\xa9", false, 1, 5},
        {"\xc3\xa9+", "\xc3\xa9\xc3\xa9", true, 0, 4},
        {"a.c", "a\nc", false, -1, -1},
        {"()", "x", false, 0, 0},
        {"a||b", "b", true, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        Regex *r = regex_open(a, "x", cases[i].pattern);
        size_t n = strlen(text), end = 0, at = 0;
        bool whole = regex_match(r, text, n, 0, true, &end);
        while (at <= n && !regex_match(r, text, n, at, false, &end)) at++;
        int from = at > n ? -1 : (int)at, to = at > n ? -1 : (int)end;
        CHECK(whole == cases[i].whole && from == cases[i].from && to == cases[i].to, "%s in \"%s\": %d, %d to %d", cases[i].pattern, text, whole, from, to);
    }
    // Exponential for a matcher that goes back.
    static char many[20001];
    memset(many, 'a', 20000);
    size_t end;
    CHECK(!regex_match(regex_open(a, "x", "(a*)*b"), many, 20000, 0, true, &end) && regex_match(regex_open(a, "x", "(a|a|aa)*"), many, 20000, 0, true, &end),
          "a long text");
}

static const char *regex_wrong;

static void regex_body(Arena *a) {
    regex_open(a, "x", regex_wrong);
}

static void test_regex(void) {
    static const struct { const char *pattern, *want; } bad[] = {
        {"(a", "x: a ( is not closed, at byte 2"}, {"a)", "a ) closes nothing, at byte 1"}, {"[a", "it ends too early"}, {"[b-a]", "must ascend"},
        {"[\\d-x]", "must ascend"}, {"[a-\xc3\xa9]", "within ASCII"}, {"a**", "nothing to repeat, at byte 3"}, {"*a", "nothing to repeat"}, {"a|{2}", "nothing to repeat"},
        {"\\w{2}{3}", "nothing to repeat"}, {"^*", "nothing to repeat"}, {"a*+", "nothing to repeat"}, {"a{2,1}", "must ascend"}, {"a{1001}", "a count of more than 1000"},
        {"(?=a)", "(? is not supported"}, {"(?i)a", "(? is not supported"}, {"(a)\\1", "an escape that is not supported, at byte 3"}, {"\\bq", "an escape"},
        {"a\\", "it ends too early"}, {"((a{1000}){1000}){1000}", "it is too long"}};
    char message[1024];
    message_of(regex_good, message);
    CHECK(!*message, "%s", message);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        regex_wrong = bad[i].pattern;
        CHECK(strstr(message_of(regex_body, message), bad[i].want), "%s: \"%s\"", regex_wrong, message);
    }
    char deep[2002];
    memset(deep, '(', 2001);
    deep[2001] = 0;
    regex_wrong = deep;
    CHECK(strstr(message_of(regex_body, message), "nested too deeply"), "2,001 groups: %s", message);
}

static void test_numbers(void) {
    CHECK(half_to_float(0x3c00) == 1 && half_to_float(0xc000) == -2 && half_to_float(1) == 0x1p-24f && half_to_float(0x7bff) == 65504 && half_to_float(0x8000) == 0 && isinf(half_to_float(0x7c00)) && isnan(half_to_float(0x7e01)), "f16");
    CHECK(bfloat_to_float(0x3f80) == 1 && bfloat_to_float(0xc000) == -2, "bf16");
    uint32_t order[100], seen = 0;
    random_permutation(5, 100, order);
    for (int i = 0; i < 100; i++) seen += order[i];
    CHECK(seen == 4950, "a permutation of 100 adds up to %u", seen);
    double mean = 0, square = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        double x = random_normal(7, i);
        mean += x / 10000;
        square += x * x / 10000;
    }
    CHECK(fabs(mean) < 0.04 && fabs(square - 1) < 0.06, "10,000 normal numbers: mean %g, variance %g (4 standard errors are allowed)", mean, square);
}

static void test_base(void) {
    char name[64], message[1024];
    lying_file = temporary(name);
    test_numbers();
    test_json();
    test_regex();
    message_of(json_good, message);
    CHECK(!*message, "%s", message);
    CHECK(strstr(message_of(arena_body, message), "out of memory"), "an absurd size: \"%s\"", message);
    test_lies();
    message_of(save_body, message);
    CHECK(!*message, "%s", message);
    test_clean();
#ifdef LOCK_EX
    message_of(parts_body, message);
    CHECK(!*message, "%s", message);
#endif
    remove(name);
}
