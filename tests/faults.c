// Faults, each made to happen: this program includes the command line and stands between it and the system, so that the k-th
// allocation, open, write, fsync, rename, mapping ... of a command fails, or all from the k-th on, for every k. What must hold:
//   - exit 1 with one line on standard error, or exit 0 with the same result (what failed was not needed);
//   - nothing stays open, mapped or allocated;
//   - nothing half-written lies under a name that a reader takes for whole, and after a failed training --resume gives the bytes of
//     an undisturbed run. Killed at the k-th of these calls, likewise.
//     tests/faults [EVERY]    only every so many k, 1 by default; `make test` takes a few, `make torture` all
// Compiled with -DCONVERT it does the same to t5peft-convert.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- what stands between the program and the system

typedef enum { NONE, MEMORY, OPEN, STAT, LIST, MAP, READING, WRITE, SYNC, RENAME, MAKE, REMOVE, CALLS, ANY_CALL = CALLS } System;

static const char *const call_names[] = {"", "allocation", "open", "stat", "listing of a folder", "mapping", "read", "write", "sync", "rename", "mkdir", "remove", "call"};

static struct {
    System what;
    long at;         // the call of this kind that fails
    bool onwards;    // and all after it
    bool die;        // the process is killed instead
    bool cut;        // the file is cut short behind the mapping instead
    bool terminal;   // standard output is one
    bool chunks;     // reads give a byte at a time
    long count[CALLS + 1];
    long open;       // what was opened, mapped, allocated and not given back
} fault;

static bool hit(System what, int error) {
    bool now = false;
    for (int i = 0; i < 2; i++) {
        System kind = i ? ANY_CALL : what;
        long n = ++fault.count[kind];
        if (kind == fault.what && (fault.onwards ? n >= fault.at : n == fault.at)) now = true;
    }
    if (now && fault.die) raise(SIGKILL);
    if (now) errno = error;
    return now && !fault.cut;
}

static void *held(void *p) {
    if (p) fault.open++;
    return p;
}

static int held_fd(int fd) {
    if (fd >= 0) fault.open++;
    return fd;
}

static void *fault_calloc(size_t n, size_t size) {
    return hit(MEMORY, ENOMEM) ? NULL : held(calloc(n, size));
}

static void *fault_malloc(size_t n) {
    return hit(MEMORY, ENOMEM) ? NULL : held(malloc(n));
}

static void fault_free(void *p) {
    if (p) fault.open--;
    free(p);
}

static int fault_open(const char *path, int flags) {
    return hit(OPEN, EIO) ? -1 : held_fd(open(path, flags));
}

static int fault_close(int fd) {
    fault.open--;
    return close(fd);
}

static FILE *fault_fopen(const char *path, const char *mode) {
    return hit(OPEN, ENOSPC) ? NULL : held(fopen(path, mode));
}

static int fault_fclose(FILE *f) {
    fault.open--;
    bool lost = hit(WRITE, ENOSPC);
    int result = fclose(f);
    return lost ? errno = ENOSPC, EOF : result;
}

static size_t fault_fwrite(const void *data, size_t size, size_t n, FILE *f) {
    if (f == stdout || f == stderr || !hit(WRITE, ENOSPC)) return fwrite(data, size, n, f);
    return fwrite(data, size, n / 2, f);  // the first half arrives
}

static int fault_fflush(FILE *f) {
    return f != stdout && f != stderr && hit(WRITE, ENOSPC) ? EOF : fflush(f);
}

static int fault_fsync(int fd) {
    (void)fd;
    return hit(SYNC, EIO) ? -1 : 0;
}

static int fault_rename(const char *from, const char *to) {
    return hit(RENAME, ENOSPC) ? -1 : rename(from, to);
}

static int fault_remove(const char *path) {
    return hit(REMOVE, EIO) ? -1 : remove(path);
}

static int fault_rmdir(const char *path) {
    return hit(REMOVE, EIO) ? -1 : rmdir(path);
}

static int fault_mkdir(const char *path, mode_t mode) {
    return hit(MAKE, ENOSPC) ? -1 : mkdir(path, mode);
}

static int fault_stat(const char *path, struct stat *s) {
    return hit(STAT, EIO) ? -1 : stat(path, s);
}

static int fault_fstat(int fd, struct stat *s) {
    return hit(STAT, EIO) ? -1 : fstat(fd, s);
}

static DIR *fault_opendir(const char *path) {
    return hit(LIST, EACCES) ? NULL : held(opendir(path));
}

static struct dirent *fault_readdir(DIR *d) {
    return hit(LIST, EIO) ? NULL : readdir(d);
}

static int fault_closedir(DIR *d) {
    fault.open--;
    return closedir(d);
}

static ssize_t fault_read(int fd, void *to, size_t n) {
    return hit(READING, EIO) ? -1 : read(fd, to, fault.chunks && n ? 1 : n);
}

static void *fault_mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    bool now = fault.cut && fault.what == MAP && fault.count[MAP] + 1 == fault.at;
    if (hit(MAP, ENOMEM)) return MAP_FAILED;
    void *p = mmap(at, n, protection, flags, fd, offset);
    if (p != MAP_FAILED) fault.open++;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (now && truncate(name, 0)) perror(name);
    return p;
}

static int fault_munmap(void *p, size_t n) {
    fault.open--;
    return munmap(p, n);
}

static int fault_isatty(int fd) {
    return fault.terminal && fd < 3;
}

#define calloc(n, size) fault_calloc(n, size)
#define malloc(n) fault_malloc(n)
#define free(p) fault_free(p)
#define open(path, flags) fault_open(path, flags)
#define close(fd) fault_close(fd)
#define fopen(path, mode) fault_fopen(path, mode)
#define fclose(f) fault_fclose(f)
#define fwrite(data, size, n, f) fault_fwrite(data, size, n, f)
#define fflush(f) fault_fflush(f)
#define fsync(fd) fault_fsync(fd)
#define rename(from, to) fault_rename(from, to)
#define remove(path) fault_remove(path)
#define rmdir(path) fault_rmdir(path)
#define mkdir(path, mode) fault_mkdir(path, mode)
#define stat(path, s) fault_stat(path, s)
#define fstat(fd, s) fault_fstat(fd, s)
#define opendir(path) fault_opendir(path)
#define readdir(d) fault_readdir(d)
#define closedir(d) fault_closedir(d)
#define read(fd, to, n) fault_read(fd, to, n)
#define mmap(at, n, protection, flags, fd, offset) fault_mmap(at, n, protection, flags, fd, offset)
#define munmap(p, n) fault_munmap(p, n)
#define isatty(fd) fault_isatty(fd)
#define main program_main
#undef _GNU_SOURCE  // which what is included defines again
#undef _DEFAULT_SOURCE
#undef _POSIX_C_SOURCE
#ifdef CONVERT
#include "../convert/convert.c"
#define PROGRAM "t5peft-convert: "
#else
#include "../t5peft.c"
#define PROGRAM "t5peft: "
#endif
#undef main
#undef calloc
#undef malloc
#undef free
#undef open
#undef close
#undef fopen
#undef fclose
#undef fwrite
#undef fflush
#undef fsync
#undef rename
#undef remove
#undef rmdir
#undef mkdir
#undef stat
#undef fstat
#undef opendir
#undef readdir
#undef closedir
#undef read
#undef mmap
#undef munmap
#undef isatty

// ---- commands and what they leave

static int passed, failed;
static char folder[64];  // the work goes on in it
static int terminal_out;

// Counts a check; only those that fail are told, with what standard error had.
static bool check(bool good, const char *what, const char *detail) {
    if (good) passed++;
    else failed++, dprintf(terminal_out, "FAIL faults: %s, %s %ld%s%s: %s\n", what, call_names[fault.what], fault.at, fault.onwards ? " and all after" : "", fault.die ? " (killed)" : "", detail);
    return good;
}

// The whole of a file, "" where there is none. Two texts are kept at a time.
static const char *text_of(const char *path, size_t *size) {
    static char *kept[4];
    static int next;
    char **text = &kept[next++ % 4];
    free(*text);
    *text = calloc(1, 1);
    size_t n = 0;
    FILE *f = fopen(path, "rb");
    for (int c; f && (c = getc(f)) != EOF; n++) {
        if ((n & (n - 1)) == 0) *text = realloc(*text, 2 * n + 2);
        (*text)[n] = (char)c;
    }
    if (f) fclose(f);
    (*text)[n] = 0;
    if (size) *size = n;
    return *text;
}

static bool same(const char *one, const char *two) {
    size_t n, m;
    const char *x = text_of(one, &n), *y = text_of(two, &m);
    return n == m && !memcmp(x, y, n);
}

static void shell(const char *command) {
    if (system(command)) dprintf(terminal_out, "FAIL faults: %s\n", command), failed++;
}

// Runs a command line, words apart by spaces; standard output and error go to files of these names. The exit status.
static int run(const char *line) {
    static char words[1024];
    char *argv[64] = {"program"};
    int argc = 1;
    snprintf(words, sizeof words, "%s", line);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) argv[argc++] = w;
    memset(fault.count, 0, sizeof fault.count);
    fault.open = 0;
#ifndef CONVERT
    interrupted = 0;
#endif
    if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr)) abort();
    int status = program_main(argc, argv);
    fflush(stdout);
    fflush(stderr);
    return status;
}

// The same in a process of its own.
static int run_apart(const char *line) {
    fflush(stdout);
    pid_t child = fork();
    if (!child) _exit(run(line));
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool one_line(const char *text) {
    const char *end = strchr(text, '\n');
    return !strncmp(text, PROGRAM, strlen(PROGRAM)) && end && !end[1];
}

static void fault_none(void) {
    fault.what = NONE;
    fault.at = 0;
    fault.onwards = fault.die = fault.cut = false;
}

typedef struct {
    const char *name, *line, *prepare;  // prepare: a shell command that makes what the run starts from
    const char *result[3];              // files that must be those of an undisturbed run, or absent
    const char *resume;                 // leads to them after any failure; NULL: there is no such thing
    bool printed;                       // standard output is a result too
} Case;

// What must hold after one fault.
static void case_check(const Case *c, int status) {
    const char *said = text_of("err", NULL);
    if (!fault.die) {
        check(status == 0 || (status == 1 && one_line(said)), c->name, said);
        check(!fault.open, c->name, "something is still open, mapped or allocated");
    }
    for (int i = 0; i < 3 && c->result[i]; i++) {
        char want[128];
        snprintf(want, sizeof want, "want-%d", i);
        bool there = !access(c->result[i], F_OK);
        check(there ? same(c->result[i], want) : status != 0, c->name, c->result[i]);
    }
    if (status == 0 && c->printed) check(same("out", "want-out"), c->name, "standard output differs");
    if (status == 1 && fault.what != REMOVE && !fault.onwards) check(system("! find . -name '*.part-*' | grep -q .") == 0, c->name, "a part is left");
    if (!c->resume || status == 0) return;
    long at = fault.at;
    System what = fault.what;
    bool onwards = fault.onwards, die = fault.die;
    fault_none();
    int again = run(c->resume);
    said = text_of("err", NULL);
    fault.what = what, fault.at = at, fault.onwards = onwards, fault.die = die;
    check(again == 0, c->name, said);
    for (int i = 0; i < 3 && c->result[i]; i++) {
        char want[128];
        snprintf(want, sizeof want, "want-%d", i);
        check(same(c->result[i], want), c->name, "--resume gives other bytes");
    }
    if (die) check(system("! find . -name '*.part*' | grep -q .") == 0, c->name, "--resume leaves a part");
}

// All faults of one kind, or every so many. The first allocations are always among them: they come before what else is set up.
static void case_faults(const Case *c, System what, long n, long every, bool onwards, bool die) {
    long first = what == MEMORY && every > 3 ? 3 : 0;
    for (long k = first ? 1 : 1 + what * 7 % every; k <= n; k = k < first ? k + 1 : k == first ? 1 + what * 7 % every : k + every) {
        fault_none();
        shell(c->prepare);
        fault.what = what;
        fault.at = k;
        fault.onwards = onwards;
        fault.die = die;
        case_check(c, die ? run_apart(c->line) : run(c->line));
        fault_none();
    }
}

static void case_run(const Case *c, long every) {
    fault_none();
    shell(c->prepare);
    int status = run(c->line);
    long counts[CALLS + 1];
    memcpy(counts, fault.count, sizeof counts);
    if (!check(status == 0 && !fault.open, c->name, text_of("err", NULL))) return;
    shell("cp out want-out");
    for (int i = 0; i < 3 && c->result[i]; i++) {
        char copy[256];
        snprintf(copy, sizeof copy, "cp %s want-%d", c->result[i], i);
        shell(copy);
    }
    for (System what = MEMORY; what < CALLS; what++)
        for (int onwards = 0; onwards < 2; onwards++) case_faults(c, what, counts[what], every, onwards, false);
    if (c->resume) case_faults(c, ANY_CALL, counts[ANY_CALL], 3 * every, false, true);
}

static void prepare(void) {
    char fixtures[2200], here[1024];
    if (!getcwd(here, sizeof here)) abort();
    snprintf(folder, sizeof folder, "/tmp/t5peft-faults-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder)) abort();
    snprintf(fixtures, sizeof fixtures, "ln -s %s/tests/fixtures fixtures && sh %s/tests/tiny_model.sh model", here, here);
    shell(fixtures);
    FILE *f = fopen("rows.csv", "w");
    fprintf(f, "dialogue,summary\n");
    for (int i = 0; i < 4; i++) fprintf(f, "I have %d pears \033[31m and red ones.,Pears \033]0;x\007 %d.\n", i, i);
    fclose(f);
}

#ifdef CONVERT
#define FUZZ_REPLAY "tests/fuzz/corpus"
#define FUZZ_CHECK(good, ...) do { char text[1024]; snprintf(text, sizeof text, __VA_ARGS__); check(good, "fuzz", text); } while (0)
#include "fuzz/fuzz.c"

static void fuzz_all(void *arg) {
    fuzz_replay(arg);
}

static void fuzz(void) {
    Trap trap = {.text = ""};
    Arena arena = {.trap = &trap};
    if (!freopen("/dev/null", "w", stdout)) abort();
    fuzz_begin("tests/fixtures");
    check(attempt(&arena, fuzz_all, &arena), "fuzz", trap.text);
    arena_free(&arena);
    fuzz_end();
}

static void cases(long every) {
    static const Case all[] = {
        {"zip", "fixtures/convert/zip dst", "rm -rf dst*", {"dst/model.safetensors", "dst/config.json", "dst/spiece.model"}, NULL, true},
        {"gguf", "fixtures/convert/safetensors dst.gguf --dtype int8", "rm -rf dst*", {"dst.gguf"}, NULL, true},
        {"merge", "fixtures/convert/legacy dst --merge fixtures/convert/adapter", "rm -rf dst*", {"dst/model.safetensors"}, NULL, true},
        {"shards", "fixtures/convert/safetensors dst --dtype f32 --shard-size 20KB", "rm -rf dst*",
         {"dst/model-00001-of-00004.safetensors", "dst/model-00004-of-00004.safetensors", "dst/model.safetensors.index.json"}, NULL, true},
        {"from gguf", "fixtures/convert/q8_0.gguf dst", "rm -rf dst*", {"dst/model.safetensors"}, NULL, true},
        {"list", "--list fixtures/convert/sharded", ":", {NULL}, NULL, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) case_run(&all[i], every);
}
#else
#define RUN "--model model --data rows.csv --per-device-train-batch-size 2 --num-virtual-tokens 2 --lora-r 2 --threads 1 --quiet "

// What a program does that uses the library; whatever fails, closing gives everything back.
static void session(void) {
    char error[T5PEFT_ERROR] = "";
    t5peft_options o = t5peft_defaults();
    o.model = "model";
    o.data = "rows.csv";
    o.out = "o";
    o.lora_r = 2;
    o.max_steps = o.save_steps = 1;
    o.max_new_tokens = 2;
    o.threads = 1;
    memset(fault.count, 0, sizeof fault.count);
    fault.open = 0;
    t5peft *t = t5peft_open(&o, error);
    bool told = true;
    if (t) {
        told &= !t5peft_train(t, &o, NULL, NULL) || *t5peft_error(t);
        told &= t5peft_generate(t, "hello") || *t5peft_error(t);
        told &= !isnan(t5peft_loss(t, "hello", "you")) || *t5peft_error(t);
        told &= !t5peft_save(t, "saved") || *t5peft_error(t);
        told &= !t5peft_merge(t) || *t5peft_error(t);
        t5peft_close(t);
    } else told = *error;
    check(told, "session", "it fails without a message");
    check(!fault.open, "session", "something is still open, mapped or allocated");
}

// A file that gets shorter while it is mapped: one line and exit 1, and what was saved is whole.
static void cuts(void) {
    static const char line[] = "train --max-steps 2 --save-steps 1 --out o --model m --data rows.csv --lora-r 2 --threads 1 --quiet";
    int cut = 0;
    fault_none();
    shell("rm -rf o m && cp -R model m && cp rows.csv kept.csv");
    run(line);
    long n = fault.count[MAP];
    for (long k = 1; k <= n; k++) {
        shell("rm -rf o m && cp -R model m && cp kept.csv rows.csv");
        fault.what = MAP, fault.at = k, fault.cut = true;
        int status = run_apart(line);
        const char *said = text_of("err", NULL);
        check(status == 0 || (status == 1 && one_line(said)), "a file cut short", said);
        cut += strstr(said, "was cut short while it was read") != NULL;
        fault_none();
    }
    shell("cp kept.csv rows.csv");
    check(cut > 2, "a file cut short", "it was never noticed");
}

// A terminal gets no control characters of files; anything else gets them as they are. A pipe may give a byte at a time.
static void streams(void) {
    static const char compare[] = "compare --model model --data rows.csv --max-new-tokens 2 --threads 1 --quiet --out c --sample-rows 1";
    fault_none();
    check(run(compare) == 0 && strchr(text_of("out", NULL), '\033'), "compare into a file", "the text is not as it is");
    fault.terminal = true;
    check(run(compare) == 0 && !strpbrk(text_of("out", NULL), "\033\007"), "compare on a terminal", "an escape sequence gets through");
    check(run("train --max-steps 2 --logging-steps 1 --out bar --model model --data rows.csv --lora-r 2 --eval-data rows.csv --threads 1") == 0 && strstr(text_of("err", NULL), "\r[##########          ] 1/2"), "train on a terminal", text_of("err", NULL));
    check(run("generate --model model --max-new-tokens 3 --threads 1 hello") == 0, "generate on a terminal", text_of("err", NULL));
    fault.terminal = false;
    size_t n;
    check(run("score --model model --data rows.csv --threads 1 --quiet") == 0, "score", text_of("err", NULL));
    shell("cp out want-out");
    fault.chunks = true;
    int kept = dup(0), fd = open("rows.csv", O_RDONLY);
    dup2(fd, 0);
    check(run("score --model model --data - --threads 1 --quiet") == 0 && same("out", "want-out") && *text_of("out", &n), "score from a slow pipe", text_of("err", NULL));
    dup2(kept, 0);
    close(fd);
    close(kept);
    fault.chunks = false;
}

static void cases(long every) {
    fault_none();
    if (run("train " RUN "--max-steps 1 --out ad") || run("train " RUN "--max-steps 1 --method full --out full") || run("train " RUN "--max-steps 2 --save-steps 1 --out part")) abort();
    shell("rm -r part/checkpoint-2 part/adapter_model.safetensors");
    static const Case all[] = {
        {"train", "train " RUN "--max-steps 2 --save-steps 1 --out o", "rm -rf o", {"o/adapter_model.safetensors"}, "train " RUN "--max-steps 2 --save-steps 1 --out o --resume", false},
        {"train full", "train " RUN "--max-steps 2 --save-steps 1 --save-total-limit 1 --out o --method full --eval-data rows.csv --eval-rouge 1 --max-new-tokens 2 --load-best-at-end", "rm -rf o",
         {"o/model.safetensors"}, "train " RUN "--max-steps 2 --save-steps 1 --save-total-limit 1 --out o --method full --eval-data rows.csv --eval-rouge 1 --max-new-tokens 2 --load-best-at-end --resume", false},
        {"train a prompt", "train " RUN "--max-steps 2 --save-steps 1 --out o --method prompt", "rm -rf o", {"o/adapter_model.safetensors"}, "train " RUN "--max-steps 2 --save-steps 1 --out o --method prompt --resume", false},
        {"resume", "train " RUN "--max-steps 2 --save-steps 1 --out o --resume", "rm -rf o && cp -R part o", {"o/adapter_model.safetensors"}, "train " RUN "--max-steps 2 --save-steps 1 --out o --resume", false},
        {"generate", "generate --model model --adapter ad --data rows.csv --max-new-tokens 2 --num-beams 2 --dtype int8 --threads 1 --quiet", ":", {NULL}, NULL, true},
        {"eval", "eval --model model --data rows.csv --max-new-tokens 2 --threads 1 --quiet --out r.csv", "rm -f r.csv", {"r.csv"}, NULL, true},
        {"compare", "compare --model model --instruct full --adapter ad --data rows.csv --max-new-tokens 2 --threads 1 --quiet --out c", "rm -rf c", {"c/results.csv"}, NULL, true},
        {"sweep", "sweep " RUN "--eval-data rows.csv --max-steps 2 --learning-rate 1e-3,1e-2 --eta 2 --out s", "rm -rf s", {"s/best/adapter_model.safetensors"},
         "sweep " RUN "--eval-data rows.csv --max-steps 2 --learning-rate 1e-3,1e-2 --eta 2 --out s", false},
        {"inspect", "inspect ad --model model --data rows.csv --threads 1 --quiet --html p.html", "rm -f p.html", {"p.html"}, NULL, true},
        {"score", "score --model model --adapter ad --merge-adapter --data rows.csv --threads 1 --quiet", ":", {NULL}, NULL, true},
        {"tokenize", "tokenize --model model hello you", ":", {NULL}, NULL, true},
        {"rouge", "rouge --predictions rows.csv --prediction-column dialogue", ":", {NULL}, NULL, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) case_run(&all[i], every);
    cuts();
    streams();
    shell("rm -rf o saved");
    session();
    for (long k = 1, n = fault.count[MEMORY]; k <= n; k += every) {
        fault_none();
        shell("rm -rf o saved");
        fault.what = MEMORY;
        fault.at = k;
        session();
    }
}
#endif

int main(int argc, char **argv) {
    long every = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    terminal_out = dup(1);
#ifdef CONVERT
    fuzz();
#endif
    prepare();
    cases(every > 0 ? every : 1);
    if (chdir("/")) abort();
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    fault_none();
    shell(command);
    dprintf(terminal_out, "%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
