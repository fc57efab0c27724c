/* What parity.py looks at inside: dump MODEL [--adapter DIR] [--train lora|prompt|full] IN.safetensors OUT.safetensors

   IN holds source, source_offsets, target, target_offsets (I32, rows end to end); OUT gets encoder, logits, loss (the mean
   over all target tokens) and, with --train, grad.NAME of that mean for each trained tensor, NAME as its file has it. */

#define T5PEFT_NO_MAIN
#include "../t5peft.c"
#include "oracle.h"

static Tensor named(const char *name, const float *data, int64_t rows, int64_t columns) {
    int64_t count = rows * (columns ? columns : 1);
    return (Tensor){.name = name, .dtype = F32, .rank = columns ? 2 : 1, .shape = {rows, columns}, .count = count, .data = data};
}

int main(int n, char **args) {
    const char *volatile adapter = NULL, *volatile train = NULL, *given[3] = {0};
    volatile int count = 0;
    for (int i = 1; i < n; i++) {
        if (!strcmp(args[i], "--adapter") && i + 1 < n) adapter = args[++i];
        else if (!strcmp(args[i], "--train") && i + 1 < n) train = args[++i];
        else if (count < 3) given[count++] = args[i];
    }
    Trap trap;
    Arena arena = {0}, *a = &arena;
    a->trap = &trap;
    if (count < 3 || setjmp(trap.jump)) {
        fprintf(stderr, "dump: %s\n", count < 3 ? "MODEL IN OUT are needed" : trap.text);
        return 1;
    }
    Model *m = model_open(a, ops_cpu(a, 2), given[0]);
    if (adapter) adapter_open(m, adapter);
    Tuning *t = NULL;
    if (train) t = !strcmp(train, "full") ? tuning_full(m, NULL) : !strcmp(train, "lora") ? tuning_found(m) : tuning_prompt(m);
    Tensors in = {.path = given[1]};
    tensors_add_file(a, &in, given[1]);
    tensors_sort(a, &in);
    Batch b = reference_batch(m, &in);
    Pass p = pass_open(m->arena, m, false);
    int64_t rows, N = b.target_offsets[b.S];
    float *encoder, *logits, *losses = arena_get(a, (size_t)N, sizeof *losses), loss;
    reference_logits(&p, &b, &encoder, &rows, &logits);
    p.keep = train != NULL;
    model_loss(&p, &b, 0, 1.0f / (float)N, losses);
    double sum = 0;
    for (int64_t i = 0; i < N; i++) sum += losses[i];
    loss = (float)(sum / (double)N);
    Tensors out = {.path = given[2]};
    tensors_add(a, &out, named("encoder", encoder, rows, m->config.D));
    tensors_add(a, &out, named("logits", logits, N, m->config.V));
    tensors_add(a, &out, named("loss", &loss, 1, 0));
    for (size_t i = 0; t && i < t->n; i++) {
        const Trained *one = &t->items[i];
        tensors_add(a, &out, named(arena_print(a, "grad.%s", one->name), one->grad, one->rows, one->columns));
    }
    tensors_sort(a, &out);
    tensors_save(a, given[2], out.items, out.n, NULL);
    arena_free(a);
    return 0;
}
