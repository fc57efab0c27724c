// Section 9: tables, templates, row selection. Every complaint of a reader is provoked once.

typedef struct {
    const char *name, *text;
    size_t n;
    const char *want;  // what a reader makes of it (see data_shown), or a part of its complaint
} DataCase;

#define DATA(name, text, want) {name, text, sizeof text - 1, want}

static const DataCase data_good[] = {
    DATA("plain.csv", "id,dialogue\n1,hello\n2,bye\n", "id|dialogue;2:1|hello;3:2|bye;"),
    DATA("crlf.csv", "a,b\r\n1,2\r\n3,4\r\n", "a|b;2:1|2;3:3|4;"),
    DATA("no_last_newline.csv", "a,b\n1,2", "a|b;2:1|2;"),
    DATA("cut_in_crlf.csv", "a,b\r\n1,2\r", "a|b;2:1|2;"),
    DATA("bom.csv", "\xef\xbb\xbf\"a\",b\n1,2\n", "a|b;2:1|2;"),
    DATA("quotes.csv", "a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\nplain,\"\"\n", "a|b;2:x, \"y\"|two\nlines;4:plain|~;"),
    DATA("crlf_inside.csv", "a,b\r\n\"1\r\n2\",3\r\n4,5\r\n", "a|b;2:1\r\n2|3;4:4|5;"),
    DATA("bare_quote.csv", "a,b\n5\" disk,it's\n", "a|b;2:5\" disk|it's;"),
    DATA("cr.csv", "a,b\r\"x\ry\",2\r\r3,4\r", "a|b;2:x\ry|2;5:3|4;"),
    DATA("empty_cells.csv", "a,b,c\n,\"\",\n\" \",NA,null\n", "a|b|c;2:~|~|~;3: |NA|null;"),
    DATA("unnamed.csv", ",a,b,,\n0,x,y,,\n", "|a|b||;2:0|x|y|~|~;"),
    DATA("utf16le.csv", "\xff\xfe" "a\0,\0b\0\n\0\xe9\0,\0\x3d\xd8\x00\xde\n\0", "a|b;2:\xc3\xa9|\xf0\x9f\x98\x80;"),
    DATA("utf16be.jsonl", "\xfe\xff\0{\0\"\0a\0\"\0:\0\"\x20\xac\0\"\0}", "a;1:\xe2\x82\xac;"),
    DATA("blank_lines.csv", "\na\n\n1\n\r\n2\n\n", "a;4:1;6:2;"),
    DATA("header_quotes.csv", "\"a\"\"b\",\"c,d\"\n1,2\n", "a\"b|c,d;2:1|2;"),
    DATA("bytes.csv", "a,b\n\xff\xfe,x\0y\n", "a|b;2:\xff\xfe|x\0y;"),
    DATA("commas.tsv", "a\tb,c\n1,5\t\"x\ty\"\n", "a|b,c;2:1,5|x\ty;"),
    DATA("plain.jsonl", "{\"a\":\"x\",\"b\":\"y\"}\n{\"a\":\"z\",\"b\":\"\"}\n", "a|b;1:x|y;2:z|;"),
    DATA("union.jsonl", "{\"b\":\"1\"}\n\n{\"a\":\"2\",\"b\":null}\r\n{}\n", "b|a;1:1|~;3:~|2;4:~|~;"),
    DATA("types.ndjson", "{\"a\":1.50,\"b\":true,\"c\":[1, {\"x\":\"]\"}],\"d\":{\"k\": null}}", "a|b|c|d;1:1.50|true|[1, {\"x\":\"]\"}]|{\"k\": null};"),
    DATA("escapes.jsonl", "{\"a\":\"l1\\nl2 \\\"q\\\" \\u00e9\\ud83d\\ude00\",\"b\\u0031\":\"\xc3\xa9\"}", "a|b1;1:l1\nl2 \"q\" \xc3\xa9\xf0\x9f\x98\x80|\xc3\xa9;"),
    DATA("array.json", "[\n {\"a\": \"x\"},\n {\"a\": \"y\",\n  \"b\": 2}\n]\n", "a|b;2:x|~;3:y|2;"),
    DATA("lines.json", "{\"a\":1}\n{\"a\":2}\n", "a;1:1;2:2;"),
    DATA("nan.jsonl", "{\"a\":NaN,\"b\":[-Infinity, {\"x\":NaN}],\"c\":\"\"}\n{\"a\":Infinity}", "a|b|c;1:~|[-Infinity, {\"x\":NaN}]|;2:~|~|~;"),
    DATA("cr.jsonl", "{\"a\":1}\r{\"a\":2}\r", "a;1:1;2:2;"),
    DATA("one.json", "{\"a\":[\"x\"],\n\"b\":1}", "a|b;1:[\"x\"]|1;"),
    // what pandas 3.1 writes for the rows (x "y", 1.5), (null, null), with each orient
    DATA("records.json", "[{\"a\":\"x \\\"y\\\"\",\"b\":1.5},{\"a\":null,\"b\":null}]", "a|b;1:x \"y\"|1.5;1:~|~;"),
    DATA("columns.json", "{\"a\":{\"0\":\"x \\\"y\\\"\",\"1\":null},\n\"b\":{\"0\":1.5,\"1\":null}}", "a|b;1:x \"y\"|1.5;1:~|~;"),
    DATA("numbers.json", "{\"0\":{\"0\":\"x\",\"1\":null},\"1\":{\"0\":1.5,\"1\":null}}", "0|1;1:x|1.5;1:~|~;"),
    DATA("index.json", "{\"0\":{\"a\":\"x \\\"y\\\"\",\"b\":1.5},\n\"1\":{\"a\":null,\"b\":null}}", "a|b;1:x \"y\"|1.5;2:~|~;"),
    DATA("table.json", "{\"schema\":{\"fields\":[{\"name\":\"index\",\"type\":\"integer\"}],\"pandas_version\":\"1.4.0\"},\"data\":[{\"index\":0,\"a\":\"x\"},{\"index\":1,\"a\":null}]}",
         "index|a;1:0|x;1:1|~;"),
    DATA("lists.json", "{\"a\": [\"x\", \"y\"],\n \"b\": [1, [2]]}", "a|b;1:x|1;1:y|[2];"),
    DATA("lists", "{\"a\": [\"x\", \"y\"]}", "a;1:x;1:y;"),
    DATA("lines.txt", "  {\"a\":1}\n", "a;1:1;"),
    DATA("array", "[{\"a\":1}]", "a;1:1;"),
    DATA("commas.data", "a,b\n1,2\n", "a|b;2:1|2;")};

static const DataCase data_bad[] = {
    DATA("empty.csv", "", "empty.csv: is empty"),
    DATA("blank.jsonl", " \r\n\n", "blank.jsonl: is empty"),
    DATA("only_bom.csv", "\xef\xbb\xbf", "only_bom.csv: is empty"),
    DATA("header.csv", "a,b\n\n", "header.csv: has a header line but no rows"),
    DATA("twice.csv", "a,b,a\n1,2,3\n", "twice.csv: the column \"a\" is there twice"),
    DATA("twice_lines.csv", "\"a\nb\",\"a\nb\"\n1,2\n", "the column \"a?b\" is there twice"),
    DATA("many.csv", "a,b\n\"x\ny\",1\n1,2,3\n", "many.csv: line 4: 3 fields, but the header has 2 ("),
    DATA("few.csv", "a,b\n1\n", "few.csv: line 2: 1 field, but the header has 2 ("),
    DATA("open.csv", "a,b\n1,2\n3,\"4\n5,6\n", "open.csv: line 3: a quote opens here that is never closed"),
    DATA("after.csv", "a,b\n\"1\n\" 2,3\n", "after.csv: line 3: text follows a closing quote"),
    DATA("bad.jsonl", "{\"a\":1}\n{\"a\":}\n", "bad.jsonl: line 2: not JSON: "),
    DATA("cut.jsonl", "{\"a\":1}\n{\"a\":\"x", "cut.jsonl: line 2: not JSON: a string is not closed"),
    DATA("comma.jsonl", "{\"a\":1 \"b\":2}\n", "comma.jsonl: line 1: not JSON: a comma or } is expected"),
    DATA("colon.jsonl", "{\"a\" 1}\n", "colon.jsonl: line 1: not JSON: a colon is expected"),
    DATA("name.jsonl", "{\"a\":1,}\n", "name.jsonl: line 1: not JSON: a name in quotes"),
    DATA("nan.jsonl", "{\"a\":Nan}\n", "nan.jsonl: line 1: not JSON: a value is expected"),
    DATA("lone_cr.csv", "a,b\nx\ry,2\n", "lone_cr.csv: line 2: 1 field, but the header has 2"),
    DATA("odd.csv", "\xff\xfe" "a\0\n\0x", "odd.csv: is damaged: UTF-16, but with half a character at byte 6"),
    DATA("half.csv", "\xff\xfe" "a\0\n\0\x3d\xd8x\0", "half.csv: is damaged: UTF-16, but with half a character at byte 6"),
    DATA("split.json", "{\"columns\":[\"a\"],\"index\":[0],\"data\":[[1]]}", "split.json: is pandas' orient=\"split\"; write it with orient=\"records\""),
    DATA("values.json", "[[\"x\",1.5]]", "values.json: line 1: a row is expected here, an object in { } that names its columns (pandas' orient=\"values\" has no names"),
    DATA("longer.json", "{\"a\":[1],\"b\":[1,2]}", "longer.json: column \"b\" has other rows than \"a\""),
    DATA("shorter.json", "{\"a\":[1,2],\"b\":[1]}", "shorter.json: column \"b\" has other rows than \"a\""),
    DATA("other.json", "{\"a\":{\"x\":1,\"y\":2},\"b\":{\"y\":1,\"x\":2}}", "other.json: column \"b\" has other rows than \"a\""),
    DATA("twice.json", "{\"a\":[1],\"a\":[1]}", "twice.json: the column \"a\" is there twice"),
    // what is no table, whatever its name
    DATA("rows.csv.gz", "\x1f\x8b\x08\0", "rows.csv.gz: is compressed (gzip); this makes a table of it: gzip -dc "),
    DATA("xz.csv", "\xfd" "7zXZ\0", "xz.csv: is compressed (xz); this makes a table of it: xz -dc "),
    DATA("bz2.csv", "BZh91AY", "bz2.csv: is compressed (bzip2); this makes a table of it: bzip2 -dc "),
    DATA("zst.csv", "\x28\xb5\x2f\xfd", "zst.csv: is compressed (zstd); this makes a table of it: zstd -dc "),
    DATA("some.zip", "PK\3\4\24\0", "some.zip: is a zip archive; this makes a table of it: unzip -p "),
    DATA("zip", "PK\3\4\24\0", "zip.out"),
    DATA("some.xlsx", "PK\3\4\24\0docProps/app.xml xl/workbook.xml", "pandas.read_excel('"),
    DATA("old.csv", "\xd0\xcf\x11\xe0", "old.csv: is an Excel file"),
    DATA("some.parquet", "PAR1\25\4 xl/workbook", "some.parquet: is a Parquet file; this makes a table of it: python3 -c \"import pandas; pandas.read_parquet('"),
    DATA("some.feather", "ARROW1\0\0", "pandas.read_feather('"),
    DATA("data.arrow", "\xff\xff\xff\xff\xc8", "datasets.Dataset.from_file('"),
    DATA("train.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "train.csv: is a Git LFS pointer"),
    DATA("more.jsonl", "{\"a\":1} {\"a\":2}\n", "more.jsonl: line 1: not JSON: something follows its end"),
    DATA("no_object.jsonl", "{\"a\":1}\n\n[1]\n", "no_object.jsonl: line 3: a row is expected here, an object"),
    DATA("twice.jsonl", "{\"a\":1}\n{\"a\":1,\"a\":2}\n", "twice.jsonl: line 2: \"a\" is there twice"),
    DATA("no_columns.jsonl", "{}\n{}\n", "no_columns.jsonl: its rows have no columns"),
    DATA("no_rows.json", "[ ]", "no_rows.json: has no rows"),
    DATA("number.json", "17", "number.json: line 1: not JSON: an array of objects is expected"),
    DATA("open.json", "[{\"a\":1},\n{\"a\":2}", "open.json: line 2: not JSON: a comma or ] is expected"),
    DATA("inner.json", "[{\"a\":1},\n 5]", "inner.json: line 2: a row is expected here"),
    DATA("end.json", "[{\"a\":1}]\n]", "end.json: line 2: not JSON: something follows its end")};

#undef DATA

typedef struct {
    Arena *arena;
    const char *path;
    Table *table;
} DataOpen;

static void data_open(void *p) {
    DataOpen *o = p;
    o->table = table_open(o->arena, o->path);
}

// A table as text: columns, then LINE:cells for each row; ~ is a missing cell.
static Text data_shown(Arena *a, const Table *t) {
    Text s = {.arena = a};
    for (int i = 0; i < t->ncolumns; i++) text_print(&s, i ? "|%s" : "%s", t->columns[i]);
    text_print(&s, ";");
    for (size_t row = 0; row < t->nrows; row++) {
        text_print(&s, "%zu:", t->lines[row]);
        for (int i = 0; i < t->ncolumns; i++) {
            Slice cell = t->cells[row * (size_t)t->ncolumns + (size_t)i];
            if (i) text_add(&s, "|", 1);
            text_add(&s, cell.data ? cell.data : "~", cell.data ? cell.n : 1);
        }
        text_add(&s, ";", 1);
    }
    return s;
}

static void test_tables(void *p) {
    Arena *a = p;
    char folder[64];
    folder_make(a, temporary(folder));
    size_t good = sizeof data_good / sizeof *data_good, bad = sizeof data_bad / sizeof *data_bad;
    for (size_t i = 0; i < good + bad; i++) {
        const DataCase *c = i < good ? &data_good[i] : &data_bad[i - good];
        DataOpen o = {a, path_join(a, folder, c->name), NULL};
        file_write(a, o.path, c->text, c->n);
        bool opened = attempt(a, data_open, &o);
        remove(o.path);
        CHECK(opened == (i < good), "%s: opened %d: %s", c->name, opened, a->trap->text);
        if (!opened) {
            CHECK(strstr(a->trap->text, c->want) && !strchr(a->trap->text, '\n'), "%s: complains \"%s\", not \"%s\"", c->name, a->trap->text, c->want);
        } else if (i < good) {
            Text s = data_shown(a, o.table);
            bool same = !strncmp(s.data, c->want, strlen(c->want)) && (s.n == strlen(c->want) || memchr(c->text, 0, c->n));
            CHECK(same, "%s: read as \"%s\", not \"%s\"", c->name, s.data, c->want);
        }
    }
    remove(folder);
    DataOpen missing = {a, "/nonexistent/x.csv", NULL};
    CHECK(!attempt(a, data_open, &missing) && strstr(a->trap->text, "/nonexistent/x.csv: cannot be opened"), "%s", a->trap->text);
}

// One call on a table with the columns id, text, source: the filled template or the complaint.
typedef struct {
    Arena *arena;
    const char *argument, *result;
} DataCall;

static Table *data_table(Arena *a) {
    Table *t = table_from_text(a, "id", "7", 1);
    static const char *columns[] = {"id", "text", "a b"};
    t->columns = columns;
    t->cells = arena_get(a, 6, sizeof *t->cells);
    t->lines = arena_get(a, 2, sizeof *t->lines);
    static const char *cells[] = {"7", "hi {id}", NULL, "8", NULL, "z"};
    for (int i = 0; i < 6; i++) t->cells[i] = (Slice){cells[i], cells[i] ? strlen(cells[i]) : 0};
    t->ncolumns = 3;
    t->nrows = 2;
    t->path = "x.csv";
    return t;
}

static void data_fill(void *p) {
    DataCall *c = p;
    size_t n;
    c->result = prompt_fill(c->arena, c->argument, data_table(c->arena), 0, "text", &n);
    CHECK(strlen(c->result) == n, "%s: %zu bytes", c->argument, n);
}

// Whether rows 0 and 1 of the table lack their source.
static void data_lacks(void *p) {
    DataCall *c = p;
    const Table *t = data_table(c->arena);
    bool zero = source_lacks(c->arena, c->argument, t, 0, "text"), one = source_lacks(c->arena, c->argument, t, 1, "text");
    c->result = arena_print(c->arena, "%d %d", zero, one);
}

// The cells of a table of one row: "a" as text and as references; b is what is wanted of them.
typedef struct {
    Arena *arena;
    const char *json, *result;
    bool references;
} CellCall;

static void data_cells(void *p) {
    CellCall *c = p;
    Arena *a = c->arena;
    Table *t = arena_get(a, 1, sizeof *t);
    t->path = "x.jsonl";
    t->columns = arena_get(a, MAX_COLUMNS, sizeof *t->columns);
    json_table(t, &(JsonReader){a, c->json, c->json + strlen(c->json), c->json, "x.jsonl", 1, 0, true}, true);
    Text s = {.arena = a};
    int n = 1, columns[] = {0, 1};
    const Slice *all = c->references ? references_of(a, t, 0, columns, t->ncolumns, &n) : (Slice[]){cell_text(a, t, 0, 0)};
    for (int i = 0; i < n; i++) text_print(&s, "%.*s;", (int)all[i].n, all[i].data ? all[i].data : "");
    c->result = s.data ? s.data : "";
}

static void data_select(void *p) {
    DataCall *c = p;
    size_t n;
    Table t = {.nrows = 1001, .path = "x.csv"};
    uint32_t *rows = rows_select(c->arena, &t, c->argument, 3, &n);
    c->result = n == 3 ? arena_print(c->arena, "%u %u %u", rows[0], rows[1], rows[2]) : arena_print(c->arena, "%zu rows", n);
}

static void data_column(void *p) {
    DataCall *c = p;
    c->result = arena_print(c->arena, "%d", table_column(c->arena, data_table(c->arena), c->argument));
}

static void data_unescape(void *p) {
    DataCall *c = p;
    c->result = unescape(c->arena, c->argument);
}

static void data_csv(void *p) {
    DataCall *c = p;
    Text t = {.arena = c->arena};
    text_csv(&t, c->argument, strlen(c->argument));
    c->result = t.data ? t.data : "";
}

static void test_calls(void *p) {
    Arena *a = p;
    static const struct { void (*call)(void *); bool good; const char *argument, *want; } calls[] = {
        {data_fill, true, "{text}", "hi {id}"},
        {data_fill, true, "S: {dialogue}\n{source} {id}", "S: hi {id}\nhi {id} 7"},
        {data_fill, true, "[{a b}]", "[]"},
        {data_fill, true, "{{id}} {id} {{}} }{", "{id} 7 {} }{"},
        {data_fill, true, "{{{id}}}", "{7}"},
        {data_fill, true, "{\"k\": {id}, {1}, {}, { id}", "{\"k\": 7, {1}, {}, { id}"},
        {data_fill, true, "{ {id}", "{ 7"},
        {data_fill, true, "Summarize the following conversation.\n\n{dialogue}\n\nSummary: ", "Summarize the following conversation.\n\nhi {id}\n\nSummary: "},
        {data_fill, true, "{} {id}", "{} 7"},
        {data_lacks, true, "{text}", "0 1"},
        {data_lacks, true, "{{text} {id} {dialogue}", "0 1"},
        {data_lacks, true, "{{text}} {a b} }{", "1 0"},
        {data_lacks, true, "{a b}{id}", "0 0"},
        {data_fill, false, "{id} {nope}", "--prompt: {nope} is no column of x.csv; it has id, text, a b"},
        {data_fill, false, "{a-b}", "{a-b} is no column"},
        {data_fill, false, "summarize", "--prompt: the template has no placeholder"},
        {data_fill, false, "", "--prompt: the template has no placeholder"},
        {data_select, true, NULL, "0 1 2"},
        {data_select, true, "1/1", "0 1 2"},
        {data_select, true, "1/100", "0 100 200"},
        {data_select, true, "1/1000", "2 rows"},
        {data_select, true, "1/1001", "1 rows"},
        {data_select, true, "1/99999999999999999999999999", "1 rows"},
        {data_select, false, "1/0", "--subset 1/0: not understood"},
        {data_select, false, "2/100", "--subset 2/100: not understood"},
        {data_select, false, "1/", "--subset 1/: not understood"},
        {data_select, false, "1/-3", "--subset 1/-3: not understood"},
        {data_select, false, "1/10x", "--subset 1/10x: not understood"},
        {data_select, false, "", "--subset : not understood"},
        {data_column, true, "a b", "2"},
        {data_column, false, "dialog", "x.csv: no column \"dialog\"; it has id, text, a b (choose with --source-column / --target-column)"},
        {data_unescape, true, "a\\nb\\tc\\\\n\\x\\", "a\nb\tc\\n\\x\\"},
        {data_csv, true, "plain 'text' {x}", "plain 'text' {x}"},
        {data_csv, true, "", ""},
        {data_csv, true, "a,b", "\"a,b\""},
        {data_csv, true, "say \"x\"", "\"say \"\"x\"\"\""},
        {data_csv, true, "two\nlines", "\"two\nlines\""},
        {data_csv, true, "cr\r", "\"cr\r\""}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        DataCall c = {a, calls[i].argument, NULL};
        bool good = attempt(a, calls[i].call, &c);
        const char *got = good ? c.result : a->trap->text;
        CHECK(good == calls[i].good && (good ? !strcmp(got, calls[i].want) : strstr(got, calls[i].want) && !strchr(got, '\n')),
              "\"%s\" gives \"%s\", not \"%s\"", calls[i].argument ? calls[i].argument : "(none)", got, calls[i].want);
    }

    static const struct { bool references, good; const char *json, *want; } cells[] = {
        {false, true, "{\"a\":\"x\"}", "x;"},
        {false, true, "{\"a\":1.50}", "1.50;"},
        {false, true, "{\"a\":\"[1]\"}", "[1];"},
        {false, false, "{\"a\":[\"x\"]}", "x.jsonl: line 1 (row 0): \"a\" holds a list where one text is wanted; to join its parts: jq -c '.a |= join(\"\\n\")' x.jsonl > x.text.jsonl"},
        {false, false, "{\"a\":{\"x\":1}}", "x.jsonl: line 1 (row 0): \"a\" holds an object"},
        {false, false, "{\"a\":\"caf\xe9\"}", "\"a\" holds the byte 0xe9, which is no UTF-8; if Windows wrote it: iconv -f WINDOWS-1252 -t UTF-8 x.jsonl > x.utf8.jsonl"},
        {true, true, "{\"a\":\"x\",\"b\":\"y\"}", "x;y;"},
        {true, true, "{\"a\":[\"x\",null,\"y\\n\",7],\"b\":\"z\"}", "x;y\n;7;z;"},
        {true, true, "{\"a\":[],\"b\":null}", ""},
        {true, false, "{\"a\":[[\"x\"]]}", "\"a\" holds a list"},
        {true, false, "{\"a\":[{\"x\":1}]}", "\"a\" holds an object"},
        {true, false, "{\"a\":[\"\xff\"]}", "\"a\" holds the byte 0xff"}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        CellCall c = {a, cells[i].json, NULL, cells[i].references};
        bool good = attempt(a, data_cells, &c);
        const char *got = good ? c.result : a->trap->text;
        CHECK(good == cells[i].good && (good ? !strcmp(got, cells[i].want) : !!strstr(got, cells[i].want)), "%s gives \"%s\", not \"%s\"",
              cells[i].json, got, cells[i].want);
    }

    size_t n;
    Table *t = table_from_text(a, "dialogue", "x\0y", 3);
    const char *template = "A conversation of two people, as it was:\n{dialogue}";
    char *s = prompt_fill(a, template, t, 0, "dialogue", &n);
    CHECK(n == 44 && s[41] == 'x' && s[43] == 'y', "a zero byte passes through a template");
    Table rows = {.nrows = 5, .path = "x.csv"};
    rows_select(a, &rows, NULL, 0, &n);
    CHECK(n == 5, "without a subset and a limit every row is used, not %zu", n);
}

static void test_data(void) {
    Trap trap = {.text = ""};
    Arena a = {.trap = &trap};
    CHECK(attempt(&a, test_tables, &a), "%s", trap.text);
    CHECK(attempt(&a, test_calls, &a), "%s", trap.text);
    arena_free(&a);
}
