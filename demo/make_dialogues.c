// make_dialogues: writes the dialogues of the demo and their summaries.
//
//     cc -O2 demo/make_dialogues.c -o make_dialogues
//     ./make_dialogues 1 1200 150 demo/dialogues        seed, rows of train.csv and of test.csv, where to put them
//
// The language is in demo/scenes.txt, which says at its head how it is written; this file reads it and knows no English. All
// that comes out depends on the scenes and the seed only. No dialogue of the test set occurs in training.

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------------------------
// Texts, chance, and the script
// ---------------------------------------------------------------------------------------------------------------

enum { LONGEST = 420, TEXT = 6000, LINES = 4000, VARS = 64, FLAGS = 24, TURNS = 20, ALTERNATIVES = 200, SAID = 40 };

typedef struct {
    char s[TEXT];
    size_t n;
} Text;

typedef struct {
    const char *p;
    size_t n;
} Span;

static const char *script[LINES + 1];  // continued lines joined, comments gone; ends with a null
static size_t lines, scene_starts[200], scenes;

static _Noreturn void die(const char *what, Span where) {
    fprintf(stderr, "make_dialogues: %s: %.*s\n", what, (int)where.n, where.p);
    exit(1);
}

static Span span(const char *s) { return (Span){s, strlen(s)}; }

static Span part(Span t, size_t from, size_t to) { return (Span){t.p + from, to - from}; }

static bool same(Span a, const char *b) { return a.n == strlen(b) && !memcmp(a.p, b, a.n); }

static void put(Text *t, Span s) {
    if (t->n + s.n + 1 > TEXT) die("a text is too long", s);
    memcpy(t->s + t->n, s.p, s.n);
    t->s[t->n += s.n] = 0;
}

static void puts_to(Text *t, const char *s) { put(t, span(s)); }

static void print_to(Text *t, const char *format, ...) {
    char s[TEXT];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(s, sizeof s, format, args);
    va_end(args);
    if (n < 0 || n >= TEXT) die("a text is too long", span(format));
    puts_to(t, s);
}

static void clear(Text *t) { t->s[t->n = 0] = 0; }

// A line that starts with a blank goes on with the line before; what starts with ; is a comment.
static void script_read(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) die("cannot read (this runs in the folder that has demo/)", span(path));
    static char row[4096];
    while (fgets(row, sizeof row, f)) {
        size_t n = strcspn(row, "\r\n"), from = strspn(row, " ");
        if (n + 1 == sizeof row) die("a line is too long", span(row));
        row[n] = 0;
        if (row[0] == ';' || from == n) continue;
        if (from && !lines) die("nothing goes before this line", span(row));
        size_t had = from ? strlen(script[lines - 1]) : 0;
        char *line = malloc(had + n + 2);
        if (!line || lines == LINES) die("too many lines", span(row));
        snprintf(line, had + n + 2, "%s%s", from ? script[lines - 1] : "", row + (from ? from - 1 : 0));
        if (from) free((void *)script[lines - 1]);
        script[from ? lines - 1 : lines++] = line;
    }
    fclose(f);
    for (size_t i = 0; i < lines; i++)
        if (script[i][0] == '#') scene_starts[scenes++ % 200] = i;
    if (!scenes || scenes > 200) die("a script has 1 to 200 scenes", span(path));
}

// splitmix64: small, and any seed will do.
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

typedef struct {
    char name[20], value[160];
    size_t line;  // the script line that bound it; its names are spoken together
    bool said;
} Var;

typedef struct {
    char name[24];
    bool woman, named, known;  // named: this dialogue may use the name; known: it has been said
} Person;

typedef struct {
    int role, turn;       // role 0 is A, 1 is B
    Span text;            // into the turn: what was said in this beat
    const char *report;   // the script's version in the third person, or null
} Said;

typedef struct {
    uint64_t random;
    bool test;            // may use the words that are kept for the test set
    bool new_words;       // may use words that no list has
    char coined[8];       // how the last of them begins
    size_t scene;         // line of the script that starts the scene
    Var var[VARS];
    int vars;
    Span flag[FLAGS];
    int flags;
    Person person[2];
    int x;                // which role X stands for inside a block
    int first;            // role of #Person1#, -1 before anybody has spoken
    Text turn[TURNS];
    int role[TURNS], turns;
    Said said[SAID];
    int saids;
    bool speaking;        // in a beat: variables become spoken
    bool drawing;         // references to persons stay for later, because who is #Person1# may not be known yet
    bool ungrounded;      // a text after the dialogue used what nobody has said
} Talk;

static uint32_t below(Talk *t, uint32_t n) {
    t->random += 0x9e3779b97f4a7c15u;
    return (uint32_t)((mix(t->random) >> 32) * n >> 32);
}

static bool chance(Talk *t, uint32_t percent) { return below(t, 100) < percent; }

// ---------------------------------------------------------------------------------------------------------------
// Words out of the script
// ---------------------------------------------------------------------------------------------------------------

// The index after the bracket that closes the one at i.
static size_t close_of(Span t, size_t i) {
    int deep = 0;
    for (; i < t.n; i++) {
        if (t.p[i] == '(' || t.p[i] == '{') deep++;
        if ((t.p[i] == ')' || t.p[i] == '}') && !--deep) return i + 1;
    }
    die("a bracket is not closed", t);
}

static bool has_flag(const Talk *t, Span name) {
    for (int i = 0; i < t->flags; i++)
        if (t->flag[i].n == name.n && !memcmp(t->flag[i].p, name.p, name.n)) return true;
    return false;
}

// a&!b,c: (a and not b) or c
static bool holds(const Talk *t, Span c) {
    bool all = true;
    for (size_t i = 0, from = 0; i <= c.n; i++) {
        if (i < c.n && c.p[i] != '&' && c.p[i] != ',') continue;
        bool not = c.p[from] == '!';
        all = all && has_flag(t, part(c, from + not, i)) != not;
        if (all && (i == c.n || c.p[i] == ',')) return true;
        if (i < c.n && c.p[i] == ',') all = true;
        from = i + 1;
    }
    return false;
}

// Takes a leading [condition] off; false if it does not hold.
static bool allowed(const Talk *t, Span *s) {
    size_t i = 0;
    while (i < s->n && s->p[i] == ' ') i++;
    if (i == s->n || s->p[i] != '[') return true;
    const char *end = memchr(s->p + i, ']', s->n - i);
    if (!end) die("a condition is not closed", *s);
    size_t to = (size_t)(end - s->p);
    bool yes = holds(t, part(*s, i + 1, to));
    *s = part(*s, to + 1, s->n);
    return yes;
}

// One of the alternatives of s at its top level. What stands behind || is for the test set only, where it comes half the time.
static Span pick(Talk *t, Span s) {
    Span all[ALTERNATIVES];
    int n = 0, kept = -1, low = 0;
    for (size_t i = 0, from = 0; i <= s.n; i++) {
        if (i < s.n && (s.p[i] == '(' || s.p[i] == '{')) i = close_of(s, i) - 1;
        else if (i == s.n || s.p[i] == '|') {
            Span a = part(s, from, i);
            if (allowed(t, &a)) {
                if (n == ALTERNATIVES) die("too many alternatives", s);
                all[n++] = a;
            }
            if (i + 1 < s.n && s.p[i + 1] == '|') kept = n, i++;
            from = i + 1;
        }
    }
    if (kept >= 0 && !t->test) n = kept;
    if (kept > 0 && t->test && kept < n) {
        if (chance(t, 50)) low = kept;
        else n = kept;
    }
    return n > low ? all[low + (int)below(t, (uint32_t)(n - low))] : (Span){"", 0};
}

// Blanks and stops that the alternatives left doubled; a capital at the start of each sentence.
static void tidy(Text *t, bool capitals) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        char c = t->s[i], before = n ? t->s[n - 1] : ' ';
        if (c == ' ' && before == ' ') continue;
        if (strchr(",.?!;", c)) {
            while (n && t->s[n - 1] == ' ') n--;
            if (n && t->s[n - 1] == ',' && c != ',') n--;
            before = n ? t->s[n - 1] : ' ';
            if (strchr(".?!", before) || (c == ',' && before == ',')) continue;
        }
        t->s[n++] = c;
    }
    while (n && t->s[n - 1] == ' ') n--;
    t->s[t->n = n] = 0;
    bool start = capitals;
    for (size_t i = 0; i < n; i++) {
        if (start && t->s[i] != ' ' && t->s[i] != '\'') {
            t->s[i] = (char)toupper((unsigned char)t->s[i]);
            start = false;
        }
        if (capitals && strchr(".?!", t->s[i]) && i + 1 < n && t->s[i + 1] == ' ') start = true;
    }
}

static Var *find_var(Talk *t, Span name) {
    for (int i = t->vars - 1; i >= 0; i--)
        if (same(name, t->var[i].name)) return &t->var[i];
    return NULL;
}

static void set_var(Talk *t, Span name, const char *value, size_t line) {
    Var *v = find_var(t, name);
    if (!v) {
        if (t->vars == VARS || name.n >= sizeof v->name) die("too many or too long names", name);
        v = &t->var[t->vars++];
        snprintf(v->name, sizeof v->name, "%.*s", (int)name.n, name.p);
    }
    if (strlen(value) >= sizeof v->value) die("a value is too long", span(value));
    strcpy(v->value, value);
    v->line = line;
    v->said = false;
}

// Notes that a variable is spoken, or, after the dialogue, whether it was: a summary tells only what was said.
static void use_var(Talk *t, const Var *v) {
    if (t->drawing || !v->line) return;
    if (!t->speaking) t->ungrounded |= !v->said;
    else
        for (int i = 0; i < t->vars; i++)
            if (t->var[i].line == v->line) t->var[i].said = true;
}

static int role_of(const Talk *t, char c) {
    return c == 'A' ? 0 : c == 'B' ? 1 : c == 'X' ? t->x : c == 'Y' ? 1 - t->x : -1;
}

// {A} {A's} {Ahe} {Ahis} {Ahim} {A!} {,A}; false if the slot is none of these.
static bool expand_person(Talk *t, Span slot, Text *out) {
    static const char *const ends[] = {"he", "his", "him", "'s", ""};
    static const char *const pronouns[2][3] = {{"he", "his", "him"}, {"she", "her", "her"}};
    int role = role_of(t, slot.p[slot.p[0] == ',']), i = 0;
    if (role < 0) return false;
    Person *p = &t->person[role];
    Span rest = part(slot, 1, slot.n);
    if (slot.p[0] == ',' || same(rest, "!")) {
        if (!p->named || (p->known && slot.p[0] == ',' && !chance(t, 25))) return true;
        print_to(out, slot.p[0] == ',' ? ", %s" : "%s", p->name);
        p->known = true;
        return true;
    }
    while (i < 5 && !same(rest, ends[i])) i++;
    if (i == 5) return false;
    if (t->drawing) print_to(out, "{%.*s}", (int)slot.n, slot.p);
    else if (i < 3 && p->known && strstr(out->s, p->name)) puts_to(out, pronouns[p->woman][i]);  // a pronoun follows its name
    else print_to(out, i == 1 || i == 3 ? "%s's" : "%s", p->known ? p->name : role == t->first ? "#Person1#" : "#Person2#");
    return true;
}

static void expand(Talk *t, Span s, Text *out);

// #40-90*5: a number in that range in steps of 5; ranges up to 12 as words, unless there are two #.
static void expand_number(Talk *t, Span slot, Text *out) {
    static const char *const words[] = {"no", "one", "two", "three", "four", "five", "six",
                                        "seven", "eight", "nine", "ten", "eleven", "twelve"};
    unsigned low = 0, high = 0, step = 1;
    bool digits = slot.n > 1 && slot.p[1] == '#';
    if (sscanf(slot.p + digits, "#%u-%u*%u", &low, &high, &step) < 2 || high < low || !step) die("a bad number slot", slot);
    unsigned n = low + step * below(t, (high - low) / step + 1);
    if (high <= 12 && !digits) puts_to(out, words[n]);
    else print_to(out, "%u", n);
}

// A word that nobody knows, "Velto" or "maskira". Whoever reads these has to copy. Some begin as the one before, so that it takes
// more than a word's last letters to know how it goes on.
static void put_new_word(Talk *t, bool name, Text *out) {
    size_t from = out->n;
    bool again = t->new_words && t->coined[0] && chance(t, 35);
    if (again) puts_to(out, t->coined);
    for (int n = 1 + (int)below(t, 3 - again); n; n--) {
        expand(t, span("b|c|d|f|g|h|j|k|l|m|n|p|qu|r|s|t|v|w|y|z|bl|br|ch|cl|dr|fl|gr|kn|pl|pr|sc|sh|sn|sp|st|th|tr|tw"), out);
        expand(t, span("a|e|i|o|u|a|e|i|o|u|ai|ea|ee|ie|io|oo|ou"), out);
        if (chance(t, 50)) expand(t, span("b|ck|d|g|l|ll|lk|m|mp|n|nd|ng|nt|p|r|rd|rn|s|ss|st|t|w|x"), out);
    }
    if (chance(t, 40)) expand(t, span("e|er|ion|ing|y|le|et|o|a|us|s"), out);
    if (t->new_words) snprintf(t->coined, 3 + below(t, 3), "%s", out->s + from);
    if (name) out->s[from] = (char)toupper((unsigned char)out->s[from]);
}

// What "L name word|word" or the scene's "= name text" says: the first of these whose condition holds. *open: a list whose name
// ends with *, which may give names that it does not have.
static bool find_list(const Talk *t, Span name, Span *text, bool *open) {
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = pass ? 0 : t->scene + 1; script[i] && (pass || script[i][0] != '#'); i++) {
            Span s = span(script[i]);
            if (!allowed(t, &s) || s.p[0] != (pass ? 'L' : '=')) continue;
            if (strcspn(s.p + 2, " *") != name.n || memcmp(s.p + 2, name.p, name.n)) continue;
            *open = s.p[2 + name.n] == '*';
            *text = part(s, 2 + name.n + *open, s.n);
            return true;
        }
    return false;
}

static void expand_slot(Talk *t, Span slot, Text *out) {
    if (slot.p[0] == '#') {
        expand_number(t, slot, out);
        return;
    }
    if (slot.n <= 5 && expand_person(t, slot, out)) return;
    if (slot.n > 2 && slot.p[0] == 'a' && slot.p[1] == ' ') {
        Text word = {.n = 0};
        expand_slot(t, part(slot, 2, slot.n), &word);
        tidy(&word, false);
        bool like_you = !strncmp(word.s, "uni", 3) || !strncmp(word.s, "one", 3) || !strncmp(word.s, "Eu", 2);
        print_to(out, strchr("aeiouAEIOU", word.s[0]) && !like_you ? "an %s" : "a %s", word.s);
        return;
    }
    Span text;
    size_t sign = strcspn(slot.p, "+-}");
    bool open, sum = sign < slot.n;
    Var *v = t->drawing && find_list(t, slot, &text, &open) ? NULL : find_var(t, part(slot, 0, sum ? sign : slot.n));
    if (v) use_var(t, v);
    if (v && sum) print_to(out, "%d", atoi(v->value) + atoi(slot.p + sign));
    else if (v) expand(t, span(v->value), out);
    else if (same(slot, "new")) put_new_word(t, true, out);
    else if (!find_list(t, slot, &text, &open)) die("an unknown slot", slot);
    else if (open && t->new_words && chance(t, 45)) put_new_word(t, isupper((unsigned char)text.p[1]), out);
    else expand(t, text, out);
}

// Writes one reading of s: alternatives chosen, (groups) and {slots} filled.
static void expand(Talk *t, Span s, Text *out) {
    s = pick(t, s);
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '(' || s.p[i] == '{') {
            size_t to = close_of(s, i);
            Span inner = part(s, i + 1, to - 1);
            if (s.p[i] == '(') expand(t, inner, out);
            else expand_slot(t, inner, out);
            i = to;
        } else put(out, part(s, i, i + 1)), i++;
    }
}

static bool in_use(const Talk *t, const char *value) {
    if (!strcmp(value, t->person[0].name) || !strcmp(value, t->person[1].name)) return true;
    for (int i = 0; i < t->vars; i++)
        if (!strcmp(value, t->var[i].value)) return true;
    return false;
}

// "a,b text~text|text~text": names a and b, and the two halves of one alternative as their values. Draws again while the first
// value is one that something else in this dialogue has.
static void bind(Talk *t, Span s, size_t line) {
    static Text value[4];
    size_t names = strcspn(s.p, " ");
    int n = 0;
    for (int tries = 0; tries < 12; tries++) {
        Span a = pick(t, part(s, names + 1, s.n)), list;
        bool open;
        bool slot = a.p[0] == '{' && close_of(a, 0) == a.n;  // a list of pairs
        if (slot && find_list(t, part(a, 1, a.n - 1), &list, &open) && memchr(list.p, '~', list.n)) a = pick(t, list);
        uint64_t random = t->random;  // the same again for each value, so that they say the same
        n = 0;
        t->drawing = true;
        for (size_t i = 0, from = 0; i <= a.n; i++) {
            if (i < a.n && (a.p[i] == '(' || a.p[i] == '{')) i = close_of(a, i) - 1;
            else if (i == a.n || a.p[i] == '~') {
                if (n == 4) die("more than four values", s);
                clear(&value[n]);
                t->random = random;
                expand(t, part(a, from, i), &value[n]);
                tidy(&value[n++], false);
                from = i + 1;
            }
        }
        t->drawing = false;
        if (!in_use(t, value[0].s)) break;
    }
    int k = 0;
    for (size_t i = 0, from = 0; i <= names; i++)
        if (i == names || s.p[i] == ',') {
            if (k == n) die("fewer values than names", s);
            set_var(t, part(s, from, i), value[k++].s, line);
            from = i + 1;
        }
    if (k != n) die("more values than names", s);
}

// "* friend": a third person: {friend} {friendhe} {friendhis} {friendhim}
static void bind_other(Talk *t, Span name, size_t line) {
    static const char *const ends[] = {"he", "his", "him"}, *const own[2][3] = {{"he", "his", "him"}, {"she", "her", "her"}};
    bool woman = chance(t, 50);
    char text[40];
    snprintf(text, sizeof text, "%.*s %s", (int)name.n, name.p, woman ? "{girl}" : "{boy}");
    bind(t, span(text), line);
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "%.*s%s", (int)name.n, name.p, ends[i]);
        set_var(t, span(text), own[woman][i], 0);
    }
}

// ---------------------------------------------------------------------------------------------------------------
// A dialogue out of a scene
// ---------------------------------------------------------------------------------------------------------------

// "@ 70": the two have names, which are used in 70 % of all dialogues. In the others, and in scenes without @, they are unnamed.
static void make_persons(Talk *t, unsigned percent) {
    bool named = chance(t, percent);
    for (int i = 0; i < 2; i++) {
        Person *p = &t->person[i];
        *p = (Person){.woman = chance(t, 50), .named = named};
        Text name = {.n = 0};
        do {
            clear(&name);
            expand(t, span(p->woman ? "{girl}" : "{boy}"), &name);
        } while (name.n >= sizeof p->name || (i && !strcmp(name.s, t->person[0].name)));
        strcpy(p->name, name.s);
    }
    if (named) t->flag[t->flags++] = span("named");
}

// One beat: text for role's turn, joined to the turn in progress if it is the same person's.
static void say(Talk *t, int role, Span line) {
    const char *report = strstr(line.p, ">>");
    if (report) line.n = (size_t)(report - line.p), report += 2;
    Text text = {.n = 0};
    if (t->first < 0) t->first = role;
    t->speaking = true;
    expand(t, line, &text);
    t->speaking = false;
    tidy(&text, true);
    bool joins = t->turns && t->role[t->turns - 1] == role;
    if (!text.n || (joins && strstr(text.s, "hank") && strstr(t->turn[t->turns - 1].s, "hank"))) return;  // one thanks is enough
    if (joins) puts_to(&t->turn[t->turns - 1], " ");
    else {
        if (t->turns == TURNS) die("too many turns", line);
        t->role[t->turns] = role;
        clear(&t->turn[t->turns++]);
    }
    if (t->saids == SAID) die("too many beats", line);
    Text *turn = &t->turn[t->turns - 1];
    t->said[t->saids++] = (Said){role, t->turns - 1, {turn->s + turn->n, text.n}, report};
    put(turn, span(text.s));
}

// Takes a leading percentage off, and tosses for it.
static bool tossed(Talk *t, Span *s) {
    unsigned percent = 100;
    size_t i = strspn(s->p, "0123456789");
    if (!i) return true;
    sscanf(s->p, "%u", &percent);
    *s = part(*s, i + 1, s->n);
    return chance(t, percent);
}

static void run(Talk *t, size_t line);

// "40 name A": with that chance, runs one of the blocks of that name with X = A.
static void call_block(Talk *t, Span s) {
    size_t found[60], n = 0, length = strcspn(s.p, " ");
    if (!tossed(t, &s)) return;
    length = strcspn(s.p, " ");
    for (size_t i = 0; script[i]; i++)
        if (script[i][0] == '%' && same(part(s, 0, length), script[i] + 2) && n < 60) found[n++] = i;
    if (!n || length + 2 != s.n) die("no such block", s);
    int x = t->x;
    t->x = role_of(t, s.p[length + 1]);
    run(t, found[below(t, (uint32_t)n)] + 1);
    t->x = x;
}

// Plays the lines of a scene or a block.
static void run(Talk *t, size_t line) {
    for (; script[line] && !strchr("#%L", script[line][0]); line++) {
        Span s = span(script[line]);
        if (!allowed(t, &s)) continue;
        char op = s.p[0];
        Span rest = s.n > 2 ? part(s, 2, s.n) : span("");
        if (op == '@') make_persons(t, (unsigned)atoi(rest.p));
        else if (op == '!') {
            if (!tossed(t, &rest)) continue;
            if (t->flags == FLAGS) die("too many flags", s);
            t->flag[t->flags++] = pick(t, rest);
        } else if (op == '$') bind(t, rest, line);
        else if (op == '*') bind_other(t, rest, line);
        else if (op == '&') call_block(t, rest);
        else if (role_of(t, op) >= 0 && s.p[1] == ':') say(t, role_of(t, op), rest);
        else if (!strchr("=SQR", op)) die("a line that means nothing", s);
    }
}

// What may be said after the dialogue: one of the scene's lines that start with op and whose condition holds. A line
// "Q text => more" gives its two halves; for others more is not touched.
static bool one_line(Talk *t, char op, Text *out, Text *more) {
    Span found[64];
    int n = 0;
    for (size_t i = t->scene + 1; script[i] && script[i][0] != '#'; i++) {
        Span s = span(script[i]);
        if (!allowed(t, &s) || s.p[0] != op || s.p[1] != ' ') continue;
        if (n == 64) die("too many lines", s);
        found[n++] = part(s, 2, s.n);
    }
    for (int tries = 0; n && tries < 20; tries++) {
        clear(out);
        t->ungrounded = false;
        Span s = found[below(t, (uint32_t)n)];
        const char *arrow = strstr(s.p, " => ");
        expand(t, arrow ? part(s, 0, (size_t)(arrow - s.p)) : s, out);
        tidy(out, true);
        if (arrow) {
            clear(more);
            expand(t, span(arrow + 4), more);
            tidy(more, false);
        }
        if (out->n && !t->ungrounded) return true;
    }
    return false;
}

// The dialogue of this seed. Draws again while it is too short or has more than LONGEST bytes.
static void make_talk(Talk *t, uint64_t seed, bool test, bool new_words) {
    for (uint64_t k = 0;; k++) {
        size_t bytes = 0;
        t->random = mix(seed + (k << 40));
        t->test = test;
        t->new_words = new_words;
        t->scene = scene_starts[below(t, (uint32_t)scenes)];
        t->vars = t->flags = t->turns = t->saids = t->x = 0;
        t->first = -1;
        t->drawing = t->speaking = t->ungrounded = false;
        t->coined[0] = 0;
        t->person[0] = t->person[1] = (Person){.named = false};
        run(t, t->scene + 1);
        for (int i = 0; i < t->turns; i++) bytes += t->turn[i].n + 13;
        if (t->turns >= 3 && bytes <= LONGEST) return;
        if (k == 10000) die("all dialogues of this scene are too short or too long", span(script[t->scene]));
    }
}

static const char *tag(const Talk *t, int role) { return role == t->first ? "#Person1#" : "#Person2#"; }

// Turns from up to to, one a line.
static void put_turns(const Talk *t, int from, int to, Text *out) {
    for (int i = from; i < to; i++)
        print_to(out, i > from ? "\n%s: %s" : "%s: %s", tag(t, t->role[i]), t->turn[i].s);
}

// ---------------------------------------------------------------------------------------------------------------
// Files
// ---------------------------------------------------------------------------------------------------------------

enum { TRAIN = 1, TEST = 2, TASKS_STREAM = 3 };  // the streams of seeds

// Row number `row` of a stream has this seed, whatever the other rows are.
static uint64_t seed_of(uint64_t seed, int stream, uint64_t row) { return mix(mix(seed * 4 + (uint64_t)stream) + row); }

// The dialogues written so far, as hashes.
typedef struct {
    uint64_t *hash;
    size_t n, size;
} Seen;

// True if the text is new; remembers it.
static bool is_new(Seen *seen, const char *text) {
    uint64_t h = 0xcbf29ce484222325u;
    while (*text) h = (h ^ (unsigned char)*text++) * 0x100000001b3u;
    for (size_t i = 0; i < seen->n; i++)
        if (seen->hash[i] == h) return false;
    if (seen->n == seen->size) {
        seen->size = seen->size ? seen->size * 2 : 256;
        seen->hash = realloc(seen->hash, seen->size * sizeof *seen->hash);
        if (!seen->hash) die("out of memory", span(""));
    }
    seen->hash[seen->n++] = h;
    return true;
}

static void write_field(FILE *f, const char *s, char end) {
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"') fputc('"', f);
        fputc(*s, f);
    }
    fputc('"', f), fputc(end, f);
}

static FILE *open_file(const char *path) {
    FILE *f = fopen(path, "wb");
    if (!f) die("cannot write", span(path));
    return f;
}

static void close_file(FILE *f, const char *path) {
    if (ferror(f) | fclose(f)) die("could not write all of", span(path));
}

static Talk talk;  // too big for some stacks

// Row `row` of a stream: a dialogue that is not in `seen`, its summary and its topic.
static void make_row(uint64_t seed, int stream, uint64_t row, Seen *seen, Text *dialogue, Text *summary, Text *topic) {
    for (uint64_t k = 0;; k++) {
        make_talk(&talk, seed_of(seed, stream, row + (k << 32)), stream == TEST, false);
        clear(dialogue), clear(topic);
        put_turns(&talk, 0, talk.turns, dialogue);
        expand(&talk, span(script[talk.scene] + 2), topic);
        if (one_line(&talk, 'S', summary, NULL) && is_new(seen, dialogue->s)) return;
        if (k == 10000) die("no summary fits, or all dialogues are there already", span(script[talk.scene]));
    }
}

#ifndef MAKE_DIALOGUES_NO_MAIN

static void write_split(uint64_t seed, int stream, uint64_t rows, Seen *seen, const char *folder) {
    Text dialogue, summary, topic;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.csv", folder, stream == TEST ? "test" : "train");
    FILE *f = open_file(path);
    fputs("id,dialogue,summary,topic\n", f);
    for (uint64_t row = 0; row < rows; row++) {
        make_row(seed, stream, row, seen, &dialogue, &summary, &topic);
        fprintf(f, "%s_%llu,", stream == TEST ? "test" : "train", (unsigned long long)row);
        write_field(f, dialogue.s, ','), write_field(f, summary.s, ','), write_field(f, topic.s, '\n');
    }
    close_file(f, path);
}

int main(int argc, char **argv) {
    Seen seen = {0};
    if (argc != 5) return fputs("usage: make_dialogues SEED TRAIN-ROWS TEST-ROWS FOLDER\n", stderr), 2;
    uint64_t seed = strtoull(argv[1], NULL, 10);
    script_read("demo/scenes.txt");
    write_split(seed, TEST, strtoull(argv[3], NULL, 10), &seen, argv[4]);
    write_split(seed, TRAIN, strtoull(argv[2], NULL, 10), &seen, argv[4]);
    free(seen.hash);
    return 0;
}

#endif
