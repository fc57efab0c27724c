// The tests of t5peft.c. It is included whole, so that its static functions can be reached. `make test` runs them.

#define T5PEFT_NO_MAIN
#include "../t5peft.c"

static int passed, failed;

#define CHECK(condition, ...)                       \
    do {                                            \
        if (condition) passed++;                    \
        else {                                      \
            failed++;                               \
            printf("FAIL %s:%d ", __FILE__, __LINE__); \
            printf(__VA_ARGS__);                    \
            putchar('\n');                          \
        }                                           \
    } while (0)

#ifndef FIXTURES
#define FIXTURES "tests/fixtures"
#endif

// A name that nothing else has, for a file or a folder.
static char *temporary(char name[64]) {
    static int n;
    snprintf(name, 64, "%st5peft-test-%ld-%d", !access("/tmp", F_OK) ? "/tmp/" : "", (long)getpid(), n++);
    return name;
}

#include "oracle.h"
#include "test_base.c"
#include "test_tokenizer.c"
#include "test_data.c"
#include "test_rouge.c"
#include "test_kernels.c"
#include "test_model.c"
#include "test_wild.c"
#include "test_training.c"
#include "test_inspect.c"
#include "test_report.c"
#define FUZZ_REPLAY "tests/fuzz/corpus"
#define FUZZ_CHECK CHECK
#include "fuzz/fuzz.c"

static void test_fuzz(void) {
    char message[1024];
    fuzz_begin(FIXTURES);
    message_of(fuzz_replay, message);
    CHECK(!*message, "%s", message);
    fuzz_end();
}

// Without words all run; `core` leaves out what takes minutes where a processor is emulated, a suite's name runs that one.
int main(int argc, char **argv) {
    static const struct { const char *name; bool core; void (*run)(void); } suites[] = {
        {"base", true, test_base}, {"tokenizer", true, test_tokenizer}, {"data", true, test_data}, {"rouge", true, test_rouge},
        {"kernels", false, test_kernels}, {"model", false, test_model},
        {"wild", true, test_wild}, {"training", false, test_training}, {"inspect", true, test_inspect},
        {"report", true, test_report}, {"fuzz", false, test_fuzz}};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        bool wanted = argc < 2;
        for (int k = 1; k < argc; k++) wanted = wanted || !strcmp(argv[k], suites[i].name) || (suites[i].core && !strcmp(argv[k], "core"));
        if (wanted) suites[i].run();
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
