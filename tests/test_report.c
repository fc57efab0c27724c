// Section 14: what enters the page, intervals, and the page as a whole.

static void report_texts(Arena *a) {
    static const struct { const char *text; size_t n; const char *html; } texts[] = {
        {"", 0, ""}, {"plain \xc3\xa9\n\t", 10, "plain \xc3\xa9\n\t"}, {"<script>", 8, "&#60;script&#62;"}, {"\"'&", 3, "&#34;&#39;&#38;"}, {"]]>-->", 6, "]]&#62;--&#62;"},
        {"a\0b", 3, "a\xef\xbf\xbd" "b"}, {"a\r\nb", 4, "a\nb"}, {"\x1b\x7f", 2, "\xef\xbf\xbd\xef\xbf\xbd"}, {"\xc2\x85", 2, "\xef\xbf\xbd"}, {"\xff\xc3", 2, "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, {"\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *got = html(a, texts[i].text, texts[i].n);
        CHECK(!strcmp(got, texts[i].html), "html of text %zu: %s", i, got);
    }
    static const struct { const char *text, *human; bool stemmer; const char *html; } marks[] = {
        {"", "a", true, ""}, {"a b", "", true, "a b"}, {"The Running cats.", "cat runs, the", true, "<mark>The Running cats</mark>."},
        {"Running", "run", true, "<mark>Running</mark>"}, {"Running run", "run", false, "Running <mark>run</mark>"}, {"a a a", "a a", true, "<mark>a a</mark> a"},
        {"x <b> y", "b y", true, "x &#60;<mark>b</mark>&#62; <mark>y</mark>"}, {"\xc4\xb0x", "i", true, "<mark>\xc4\xb0</mark>x"}, {"\xc3\xa9" "a", "a", true, "\xc3\xa9<mark>a</mark>"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *got = html_marked(a, marks[i].text, (Slice){marks[i].human, strlen(marks[i].human)}, marks[i].stemmer);
        CHECK(!strcmp(got, marks[i].html), "marks of text %zu: %s", i, got);
    }
}

static void report_intervals(Arena *a) {
    double x[2000], same[100], width[2];
    for (size_t i = 0; i < 2000; i++) x[i] = random_uniform(9, i);
    for (size_t i = 0; i < 100; i++) same[i] = 0.3;
    for (int i = 0; i < 2; i++) {
        size_t n = i ? 2000 : 20;
        Interval v = bootstrap(a, x, n, 42), again = bootstrap(a, x, n, 42), other = bootstrap(a, x, n, 43);
        CHECK(v.low < v.mean && v.mean < v.high, "%zu rows: %g is not from %g to %g", n, v.mean, v.low, v.high);
        CHECK(!memcmp(&v, &again, sizeof v) && memcmp(&v, &other, sizeof v), "an interval is a function of its seed");
        width[i] = v.high - v.low;
        // A normal approximation: uniform numbers have the standard deviation 12^-1/2.
        double expected = 2 * 1.96 / sqrt(12 * (double)n);
        CHECK(fabs(width[i] / expected - 1) < 0.25, "%zu rows: the interval is %g wide, about %g was expected", n, width[i], expected);
    }
    CHECK(width[1] < width[0], "more rows do not narrow an interval");
    Interval one = bootstrap(a, x, 1, 42), flat = bootstrap(a, same, 100, 42);
    CHECK(one.low == x[0] && one.mean == x[0] && one.high == x[0], "the interval of one row");
    CHECK(flat.low == flat.mean && flat.mean == flat.high, "the interval of equal rows");
}

static void report_commands(Arena *a) {
    t5peft_options o = t5peft_defaults();
    const char *line = command_line(a, &o, TRAIN, "train");
    CHECK(!strcmp(line, "t5peft train"), "the defaults as a command: %s", line);
    o.data = "it's here.csv";
    o.out = "";
    o.seed = -7;
    o.use_rslora = true;
    o.learning_rate = 0.1;
    o.num_beams = 1;
    o.target_column[1] = "b";
    o.price_per_hour = 3;  // no option of train
    line = command_line(a, &o, TRAIN, "train");
    CHECK(!strcmp(line, "t5peft train --data 'it'\\''s here.csv' --out '' \\\n    --target-column summary --target-column b --learning-rate 0.1 --use-rslora \\\n    --seed -7"), "options as a command: %s", line);
    for (double range = 1e-6; range < 1e12; range *= 1.7) {
        double step = axis_step(range, 5);
        CHECK(range <= 5 * step * (1 + 1e-9) && range >= step, "an axis of %g in steps of %g", range, step);
    }
}

// The name of the first element that is not closed where it should be, NULL when all are; quotes in tags must be in pairs.
static const char *html_unbalanced(Arena *a, const char *s) {
    char *open[64];
    int n = 0;
    while ((s = strchr(s, '<'))) {
        bool close = s[1] == '/', quoted = false;
        const char *name = s + 1 + close, *end = name;
        for (; *end && (quoted || *end != '>'); end++) quoted ^= *end == '"';
        if (!*end) return "a tag does not end";
        s = end;
        if (*name == '!' || end[-1] == '/') continue;
        char *word = arena_copy(a, name, strcspn(name, " >"));
        if (!strcmp(word, "meta") || !strcmp(word, "link") || !strcmp(word, "br")) continue;
        if (close && (!n || strcmp(open[--n], word))) return word;
        if (!close && n == 64) return "too deep";
        if (!close) open[n++] = word;
    }
    return n ? open[n - 1] : NULL;
}

static const char *report_folder;

static const char *report_page(Arena *a, size_t rows, int candidates, t5peft_options *o) {
    static const char *const hostile[] = {"</p><script>alert(1)</script>", "\" onload='x' ", "]]> & \xff\xc3", "", "\xe2\x80\xae reversed", "#Person1#: <b>hello</b> world\n\nworld"};
    static const char *columns[] = {"dialogue", "summary"};
    Table t = {.columns = columns, .ncolumns = 2, .nrows = rows, .path = "</title>\".csv"};
    Candidates all[4] = {{0}};
    Report r = {.options = o, .table = &t, .n = rows, .all = all, .nall = candidates};
    t.cells = arena_get(a, rows * 2, sizeof *t.cells);
    uint32_t *numbers = arena_get(a, rows, sizeof *numbers);
    for (size_t i = 0; i < rows; i++) {
        const char *said = hostile[i % 6], *human = hostile[i % 6 == 3 ? 4 : (i + 5) % 6];  // a reference that is no UTF-8 is refused
        numbers[i] = (uint32_t)i;
        t.cells[2 * i] = (Slice){said, strlen(said)};
        t.cells[2 * i + 1] = (Slice){*human ? human : NULL, strlen(human)};
    }
    r.rows = numbers;
    for (int k = 0; k < candidates; k++) {
        all[k] = (Candidates){.name = hostile[k], .folder = k ? report_folder : "<model>", .parameters = 7 * k, .all = 100, .seconds = k, .tokens = 10};
        all[k].texts = arena_get(a, rows, sizeof *all[k].texts);
        for (size_t i = 0; i < rows; i++) all[k].texts[i] = arena_copy(a, hostile[(i + (size_t)k) % 6], strlen(hostile[(i + (size_t)k) % 6]));
        candidates_score(a, &r, &all[k]);
    }
    const char *path = path_join(a, report_folder, "report.html");
    report_html(a, path, &r);
    File f = file_open(a, path);
    return arena_copy(a, f.data, f.size);
}

static void report_whole(Arena *a) {
    t5peft_options o = t5peft_defaults();
    o.model = "<model>";
    o.data = "$(x)\"'.csv";
    o.source_column = "dialogue";
    const char *log = path_join(a, report_folder, "train_log.jsonl"), *run = path_join(a, report_folder, "run.json");
    for (int i = 0; i < 24; i++) {
        // Without a run's files, with them, and with broken ones, which the page does without.
        static const char *const logs[] = {"", "{\"step\": 1, \"loss\": 2, \"seconds\": 3, \"peak_bytes\": 2e6}\n{\"step\": 2, \"loss\": 1e308, \"eval_loss\": 1.5}\n{\"step\": 3, \"loss\": 1.25, \"seconds\": 75}\n",
                                           "{\"step\": 1, \"loss\": \"x\"}\n\n[]\n{\"step\""};
        static const char *const runs[] = {"", "{\"command\": \"train\", \"out\": \"<o>\", \"lora-r\": 5}", "{\"unheard-of\": 1}"};
        size_t rows = i / 3 % 4 == 0 ? 1 : i / 3 % 4 == 1 ? 2 : i / 3 % 4 == 2 ? 7 : 500;
        o.price_per_hour = i < 12 ? 0 : 2.5;
        o.no_stemmer = i >= 12;
        file_write(a, log, logs[i % 3], strlen(logs[i % 3]));
        file_write(a, run, runs[i % 3], strlen(runs[i % 3]));
        const char *page = report_page(a, rows, 1 + i % 4, &o), *again = report_page(a, rows, 1 + i % 4, &o), *open = html_unbalanced(a, page);
        CHECK(!strcmp(page, again), "page %d: the same results give other bytes", i);
        CHECK(!open, "page %d: <%s> is not balanced", i, open);
        CHECK(!strstr(page, "<script") && !strstr(page, "onload='") && !strstr(page, "<b>hello") && !strstr(page, "http://") && !strstr(page, "https://") && !strstr(page, "nan"), "page %d lets something through", i);
        size_t at = 0, n = strlen(page), length;
        while (at < n && (length = utf8_length(page + at, n - at))) at += length;
        CHECK(at == n, "page %d: no UTF-8 at byte %zu", i, at);
        bool tuned = i % 4 > 0, good = i % 3 == 1;
        CHECK((strstr(page, "<h2>Training") != NULL) == (tuned && good), "page %d: curves", i);
        CHECK((strstr(page, "--lora-r 5") != NULL) == (tuned && good), "page %d: the training command", i);
        CHECK((strstr(page, "1 min 15 s") != NULL) == (tuned && good) && (strstr(page, "2.0 MB") != NULL) == (tuned && good), "page %d: time and memory", i);
        CHECK((strstr(page, "Money") != NULL) == (o.price_per_hour > 0), "page %d: money", i);
    }
    o.sample_rows = "1,1,0";
    CHECK(strstr(report_page(a, 2, 2, &o), "<h3>Row 0</h3>"), "rows that were asked for");
    remove(log);
    remove(run);
    remove(path_join(a, report_folder, "report.html"));
}

static void test_report(void) {
    char name[64], message[1024];
    report_folder = temporary(name);
    mkdir(name, 0777);
    void (*const bodies[])(Arena *) = {report_texts, report_intervals, report_commands, report_whole};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) CHECK(!*message_of(bodies[i], message), "report, part %zu: %s", i, message);
    rmdir(name);
}
