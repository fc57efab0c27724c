// make_tasks: writes the instructions on which the base model of the demo is trained: columns task, source, target.
//
//     cc -O2 demo/make_tasks.c -o make_tasks
//     ./make_tasks --seed 2 --tasks 100000 tasks.csv    --kinds question:45,topic:8 takes only these, in these shares
//     ./make_tasks --show 10                            dialogues to read, with what can be asked about them
//
// Each task writes one (source, target) pair from a dialogue. No task asks for a summary, the instruction of the demo is never
// shown, and no dialogue of the test set occurs.

#define MAKE_DIALOGUES_NO_MAIN
#include "make_dialogues.c"

typedef struct {
    Text source, target;
} Pair;

static void say_like(Talk *t, const char *ways, Text *out) { expand(t, span(ways), out); }

// The instruction before the text, as in the demo; now and then after it. Some address somebody whose name begins as one in the
// text does: whoever copies that one has to look further back than at the letters before.
static void frame(Talk *t, const char *instruction, const char *body, Text *out) {
    if (t->new_words && chance(t, 15)) say_like(t, "Dear {new}! |For {new}: |{new}, please: ", out);
    if (chance(t, 90)) print_to(out, "%s\n\n%s", instruction, body);
    else print_to(out, "%s\n\n%s", body, instruction);
    say_like(t, "\n\nAnswer: |\n\nAnswer: |\n\nAnswer: |\n\n", out);
}

// The usual frame around all turns of t. Now and then they stand in one line.
static void ask(Talk *t, const char *instruction, Pair *p) {
    Text body = {.n = 0};
    put_turns(t, 0, t->turns, &body);
    if (chance(t, 5))
        for (size_t i = 0; i < body.n; i++)
            if (body.s[i] == '\n') body.s[i] = ' ';
    frame(t, instruction, body.s, &p->source);
}

// A question, and its short answer or (R) a sentence.
static bool ask_line(Talk *t, char op, Pair *p) {
    Text q = {.n = 0};
    if (!one_line(t, op, &q, &p->target)) return false;
    if (op == 'R') puts_to(&p->target, "."), tidy(&p->target, true);
    ask(t, q.s, p);
    return true;
}

static bool task_question(Talk *t, Pair *p) { return ask_line(t, 'Q', p); }

static bool task_sentence(Talk *t, Pair *p) { return ask_line(t, 'R', p); }

// Several questions at once, and the answers in their order.
static bool task_questions(Talk *t, Pair *p) {
    Text list = {.n = 0}, q, answer;
    int wanted = 2 + (int)below(t, 3), got = 0;
    say_like(t, "Answer these questions.|Answer each question.|Give the answers in their order.", &list);
    for (int tries = 0; got < wanted && tries < 20; tries++) {
        if (!one_line(t, 'Q', &q, &answer)) return false;
        if (strstr(list.s, q.s)) continue;
        print_to(&list, got ? " %s" : "\n%s", q.s);
        print_to(&p->target, got++ ? " / %s" : "%s", answer.s);
    }
    ask(t, list.s, p);
    return got > 1;
}

static bool task_topic(Talk *t, Pair *p) {
    Text q = {.n = 0};
    say_like(t, "(What is the topic|What is the topic of the following (conversation|dialogue)|"
                "What is this (dialogue|conversation) about|What do they talk about)?|"
                "Give the topic of the (following |)conversation.|"
                "Find a heading for (this|the following) conversation.|Name the subject.", &q);
    expand(t, span(script[t->scene] + 2), &p->target);
    ask(t, q.s, p);
    return true;
}

// The names of the two, or whom a name belongs to.
static bool task_name(Talk *t, Pair *p) {
    int role = (int)below(t, 2);
    Text q = {.n = 0};
    bool known = t->person[role].known, back = known && chance(t, 50);
    if (!known && !chance(t, 25)) return false;
    say_like(t, back ? "Who is |Which person is " : "What is the name of |Who is ", &q);
    print_to(&q, "%s?", back ? t->person[role].name : tag(t, role));
    ask(t, q.s, p);
    puts_to(&p->target, back ? tag(t, role) : known ? t->person[role].name : "It is not said.");
    return true;
}

// Finding a line: by its number, by what goes before it, or the speaker of it.
static bool task_line(Talk *t, Pair *p) {
    static const char *const ordinals[] = {"first", "second", "third", "fourth", "fifth", "last"};
    int kind = (int)below(t, 3), k = (int)below(t, 6), i = kind ? (int)below(t, (uint32_t)t->turns) : k == 5 ? t->turns - 1 : k;
    Text q = {.n = 0};
    if (i + (kind == 2) >= t->turns) return false;
    say_like(t, kind == 0 ? "Repeat the |Write down the |Copy the " : kind == 1 ? "Who says |Who said |Which speaker says "
                : "What is the answer to |Which line follows |What is the reply to ", &q);
    if (kind == 0) print_to(&q, "%s line.", ordinals[k]);
    else print_to(&q, "\"%s\"?", t->turn[i].s);
    ask(t, q.s, p);
    if (kind == 0) put_turns(t, i, i + 1, &p->target);
    else puts_to(&p->target, kind == 1 ? tag(t, t->role[i]) : t->turn[i + 1].s);
    return true;
}

// T5's span corruption: some 15 % of the words, in spans of 1 to 5, replaced by <extra_id_0>, <extra_id_1> ...
static bool task_restore(Talk *t, Pair *p) {
    int id = 0, left = 0, gap = 2;
    char mark[24] = "";
    Text body = {.n = 0};
    put_turns(t, 0, t->turns, &body);
    for (const char *at = body.s; *at; at += strspn(at, " \n")) {
        Span w = {at, strcspn(at, " \n")};
        bool tag = w.p[0] == '#';
        at += w.n;
        if (!left && gap > 0 && id < 20 && !tag && chance(t, gap > 12 ? 15 : 7)) {
            left = 1 + (int)below(t, 5), gap = 0;
            snprintf(mark, sizeof mark, " <extra_id_%d>", id++);
            puts_to(&p->source, mark), puts_to(&p->target, mark + (p->target.n == 0));
        } else if (!left || tag) {
            left = 0, gap++;
            puts_to(&p->source, !p->source.n ? "" : tag ? "\n" : " "), put(&p->source, w);
        }
        if (left) puts_to(&p->target, " "), put(&p->target, w), left--;
    }
    print_to(&p->target, " <extra_id_%d>", id);
    return id > 0;
}

// A beat of this role (2: of either) that has a version in the third person, at or after `from`; -1 if there is none.
static int next_report(const Talk *t, int role, int from) {
    for (; from < t->saids; from++)
        if (t->said[from].report && (role == 2 || t->said[from].role == role)) return from;
    return -1;
}

static bool put_report(Talk *t, int i, Text *out) {
    Text one = {.n = 0};
    t->ungrounded = false;
    expand(t, span(t->said[i].report), &one);
    tidy(&one, true);
    if (one.n) print_to(out, "%s%s%s", out->n ? " " : "", one.s, one.s[one.n - 1] == '.' ? "" : ".");
    return !t->ungrounded && one.n;
}

// One line, told by somebody else: with the dialogue or, where names play no part, without it.
static bool task_report_line(Talk *t, Pair *p) {
    int i = next_report(t, 2, (int)below(t, (uint32_t)t->saids));
    if (i < 0 || !put_report(t, i, &p->target)) return false;
    bool alone = !t->person[0].known && !t->person[1].known && chance(t, 50);
    Text q = {.n = 0}, body = {.n = 0};
    say_like(t, alone ? "Tell somebody else about it.|Report this line.|Say what happens here."
                      : "Report this line: |Tell somebody else about this line: |What happens here? ", &q);
    puts_to(&body, tag(t, t->said[i].role)), puts_to(&body, ": ");
    if (!alone) puts_to(&q, body.s), put(&q, t->said[i].text), ask(t, q.s, p);
    else put(&body, t->said[i].text), frame(t, q.s, body.s, &p->source);
    return true;
}

// What one of the two says, in the third person.
static bool task_report_role(Talk *t, Pair *p) {
    int role = (int)below(t, 2), n = 0;
    Text q = {.n = 0};
    for (int i = next_report(t, role, 0); i >= 0; i = next_report(t, role, i + 1), n++)
        if (!put_report(t, i, &p->target)) return false;
    say_like(t, role ? "(Report|Tell|Say in other words) what {B} says." : "(Report|Tell|Say in other words) what {A} says.", &q);
    ask(t, q.s, p);
    return n > 0;
}

// What the dialogue doesn't say, and texts that are no dialogues.
static bool task_odd(Talk *t, Pair *p) {
    Text q = {.n = 0}, body = {.n = 0}, unused;
    bool none = chance(t, 60);
    puts_to(&p->target, none ? "This is not a dialogue." : "It is not said.");
    say_like(t, "{prose}", &body);
    tidy(&body, true);
    if (!none || chance(t, 40) || !one_line(t, 'Q', &q, &unused)) clear(&q), say_like(t, "{unsaid}", &q);
    if (!none) ask(t, q.s, p);
    else if (chance(t, 25)) p->source = body;
    else frame(t, q.s, body.s, &p->source);
    return true;
}

typedef struct {
    const char *name;
    bool (*make)(Talk *, Pair *);
    uint32_t weight;  // its share of the rows, unless --kinds says something else
} Task;

static const Task TASKS[] = {
    {"question", task_question, 42}, {"questions", task_questions, 4}, {"sentence", task_sentence, 40},
    {"report_role", task_report_role, 2}, {"report_line", task_report_line, 0}, {"topic", task_topic, 4},
    {"name", task_name, 5}, {"line", task_line, 2}, {"restore", task_restore, 0}, {"odd", task_odd, 3},
};

enum { KINDS = sizeof TASKS / sizeof *TASKS };

// What --kinds asks for.
typedef struct {
    uint32_t weight[KINDS], sum;
} Wanted;

// "question:45,gap:8": the kinds of tasks and their weights; NULL is all of them with those of TASKS.
static bool wanted_read(Wanted *w, const char *list) {
    w->sum = 0;
    for (int i = 0; i < KINDS; i++) w->sum += w->weight[i] = list ? 0 : TASKS[i].weight;
    while (list && *list) {
        size_t n = strcspn(list, ":");
        int i = 0;
        while (i < KINDS && (strlen(TASKS[i].name) != n || strncmp(TASKS[i].name, list, n))) i++;
        if (i == KINDS || !list[n]) return false;
        char *end;
        w->sum += w->weight[i] = (uint32_t)strtoul(list + n + 1, &end, 10);
        list = *end == ',' ? end + 1 : end;
    }
    return w->sum > 0;
}

// No dialogue of the test set of this seed is used for a task. With `test`, they are made of what is kept for the test.
static void write_tasks(uint64_t seed, uint64_t rows, bool test, const Wanted *wanted, const char *name) {
    static Pair pair;
    Seen seen = {0};
    Text dialogue, summary, topic;
    for (uint64_t row = 0; row < 150; row++) make_row(seed, TEST, row, &seen, &dialogue, &summary, &topic);
    size_t kept = seen.n;
    FILE *f = open_file(name);
    fputs("task,source,target\n", f);
    for (uint64_t row = 0; row < rows; row++) {
        uint32_t left = (uint32_t)(mix(seed_of(seed, TASKS_STREAM, row)) % wanted->sum);
        const Task *task = TASKS;
        for (const uint32_t *w = wanted->weight; left >= *w; task++) left -= *w++;
        bool done = false;
        for (uint64_t k = 0; !done; k++) {
            if (k > 100000) die("no dialogue is fit for this task", span(task->name));
            seen.n = kept;
            make_talk(&talk, seed_of(seed, TASKS_STREAM, row + (k << 32)), test, !test);
            clear(&dialogue), clear(&pair.source), clear(&pair.target);
            put_turns(&talk, 0, talk.turns, &dialogue);
            done = is_new(&seen, dialogue.s) && task->make(&talk, &pair);
        }
        fprintf(f, "%s,", task->name);
        write_field(f, pair.source.s, ','), write_field(f, pair.target.s, '\n');
    }
    free(seen.hash);
    close_file(f, name);
}

// For reading: dialogues with their summary, the answers to all that can be asked and all reports.
static void show(uint64_t seed, uint64_t rows) {
    Seen seen = {0};
    Text dialogue, summary, topic;
    for (uint64_t row = 0; row < rows; row++) {
        make_row(seed, TRAIN, row, &seen, &dialogue, &summary, &topic);
        printf("== %s\n%s\n-- %s\n", topic.s, dialogue.s, summary.s);
        for (int i = 0; i < 6; i++)
            if (one_line(&talk, i < 4 ? 'Q' : 'R', &summary, &topic)) printf("   ? %s %s\n", summary.s, topic.s);
        for (int i = next_report(&talk, 2, 0); i >= 0; i = next_report(&talk, 2, i + 1)) {
            clear(&summary);
            if (put_report(&talk, i, &summary)) printf("   > %s\n", summary.s);
        }
        printf("\n");
    }
    free(seen.hash);
}

int main(int argc, char **argv) {
    uint64_t seed = 1, tasks = 0, shown = 0, held_out = 0;
    const char *file = NULL, *kinds = NULL;
    Wanted wanted;
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *option = argv[i], *value = argv[i + 1];
        if (!strcmp(option, "--seed")) seed = strtoull(value, NULL, 10);
        else if (!strcmp(option, "--held-out")) held_out = strtoull(value, NULL, 10);
        else if (!strcmp(option, "--kinds")) kinds = value;
        else if (!strcmp(option, "--show")) shown = strtoull(value, NULL, 10);
        else if (!strcmp(option, "--tasks") && i + 2 < argc) tasks = strtoull(value, NULL, 10), file = argv[++i + 1];
        else file = NULL, shown = 0, i = argc;
    }
    if ((!file && !shown) || !wanted_read(&wanted, kinds)) {
        fputs("usage: make_tasks [--seed N] [--kinds question:45,topic:8] [--held-out 1] --tasks ROWS FILE\n"
              "       make_tasks [--seed N] --show ROWS\n"
              "--held-out 1 makes them with the words that are kept for the test\n", stderr);
        return 2;
    }
    script_read("demo/scenes.txt");
    if (shown) show(seed, shown);
    else write_tasks(seed, tasks, held_out, &wanted, file);
    return 0;
}
