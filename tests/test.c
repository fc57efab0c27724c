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

#include "oracle.h"
#include "test_base.c"
#include "test_tokenizer.c"
#include "test_data.c"
#include "test_rouge.c"
#include "test_kernels.c"
#include "test_model.c"
#include "test_wild.c"
#include "test_training.c"
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

int main(void) {
    test_base();
    test_tokenizer();
    test_data();
    test_rouge();
    test_kernels();
    test_model();
    test_wild();
    test_training();
    test_report();
    test_fuzz();
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
