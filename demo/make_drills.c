// Writes what the demo model learns first: make_drills SPIECE FIRST ROWS FILE, from row number FIRST on. Columns task, source,
// target.
//
// Copying, and nothing but copying: the texts are pieces drawn at random, all alike, so nothing can be guessed from what is
// usual. The target is the whole text, one of its lines, or what stands behind two given words.

#define T5PEFT_NO_MAIN
#include "../t5peft.c"

typedef struct {
    const Tokenizer *tokenizer;
    uint64_t key, drawn;
} Draw;

static int below(Draw *d, int n) { return (int)(random_uniform(d->key, d->drawn++) * n); }

// A piece that is text: no sentinel, nothing that would break a .csv or the line.
static void put_piece(Draw *d, Text *out) {
    const Piece *p;
    do p = d->tokenizer->pieces + below(d, d->tokenizer->size);
    while (p->type != NORMAL || strchr(p->text, '"') || strchr(p->text, '#') || strchr(p->text, '<'));
    for (const char *c = p->text; *c; c++) {
        bool space = !strncmp(c, "\xe2\x96\x81", 3);  // U+2581
        text_print(out, "%c", space ? ' ' : *c);
        if (space) c += 2;
    }
}

static const char *line_make(Arena *a, Draw *d, int pieces) {
    Text t = {.arena = a};
    for (int i = 0; i < pieces; i++) put_piece(d, &t);
    const char *s = t.data;
    while (*s == ' ') s++;
    return *s ? s : "so";
}

static void row_write(Arena *a, Draw *d, FILE *f) {
    static const char *const ordinals[] = {"first", "second", "third", "fourth", "fifth", "sixth"};
    int kind = below(d, 10);
    if (kind < 3) {
        const char *s = line_make(a, d, 4 + below(d, 14));
        fprintf(f, "drill,\"%s%s\",\"%s\"\n", kind ? "Repeat: " : "Copy this text.\n\n", s, s);
        return;
    }
    int lines = 2 + below(d, 5), wanted = below(d, lines);
    const char *line[6];
    for (int i = 0; i < lines; i++) line[i] = line_make(a, d, 3 + below(d, 9));
    if (kind < 6) fprintf(f, "drill,\"Repeat the %s line.\n\n", ordinals[wanted]);
    else if (kind < 8) fprintf(f, "drill,\"Which line follows \"\"%s\"\"?\n\n", line[wanted = below(d, lines - 1)]), wanted++;
    else fprintf(f, "drill,\"Complete the line.\n%.*s____\n\n", (int)strcspn(line[wanted] + 1, " ") + 1, line[wanted]);
    for (int i = 0; i < lines; i++) fprintf(f, "#Person%d#: %s\n", i % 2 + 1, line[i]);
    if (kind < 6) fprintf(f, "\",\"#Person%d#: %s\"\n", wanted % 2 + 1, line[wanted]);
    else fprintf(f, "\",\"%s\"\n", line[wanted] + (kind < 8 ? 0 : strcspn(line[wanted] + 1, " ") + 1));
}

static void make(void *arg) {
    void **args = arg;
    Arena *a = args[0];
    const char *const *argv = args[1];
    Tokenizer *t = tokenizer_open(a, argv[1]);
    FILE *f = fopen(argv[4], "wb");
    if (!f) fail(a, "%s cannot be written", argv[4]);
    fputs("task,source,target\n", f);
    uint64_t first = strtoull(argv[2], NULL, 10), rows = strtoull(argv[3], NULL, 10);
    for (uint64_t row = first; row < first + rows; row++) row_write(a, &(Draw){t, random_key(1, row, 7), 0}, f);
    if (ferror(f) | fclose(f)) fail(a, "%s could not be written whole", argv[4]);
}

int main(int argc, char **argv) {
    Trap trap = {.text = "make_drills SPIECE FIRST ROWS FILE is wanted"};
    Arena arena = {.trap = &trap};
    void *arg[] = {&arena, argv};
    bool done = argc == 5 && attempt(&arena, make, arg);
    if (!done) fprintf(stderr, "make_drills: %s\n", trap.text);
    arena_free(&arena);
    return !done;
}
