// Each operation of t5peft.cu beside the plain CPU kernels, on odd shapes. Built by `make cuda-test`: with tests/cuda_on_cpu the same
// t5peft.cu runs on the CPU, with CUDA=1 on a card. The last line has a digest of all results, which must not depend on the order
// in which blocks and threads run.
#define T5PEFT_NO_MAIN
#include "../t5peft.c"

#ifdef __SANITIZE_ADDRESS__
enum { SLOW = 1 };
#else
enum { SLOW = 0 };
#endif

static Arena *arena;
static Ops *cpu, *card;
static long passed, failed;
static uint64_t results, drawn;

static float *room(int64_t n) {
    return arena_get(arena, (size_t)n, sizeof(float));
}

static float *numbers(int64_t n) {
    float *x = room(n);
    for (int64_t i = 0; i < n; i++) x[i] = (float)random_normal(random_key(1, drawn, 0), (uint64_t)i);
    drawn++;
    return x;
}

static void *up(const void *x, size_t bytes) {
    float *to = memory_get(arena, card, (int64_t)((bytes + 3) / 4))->data;
    card->copy_in(card, to, x, bytes);
    return to;
}

static float *up_floats(const float *x, int64_t n) {
    return x ? up(x, (size_t)n * sizeof *x) : NULL;
}

// What the card has made, beside what the CPU has.
static void same(const char *what, const float *device, const float *host, int64_t n, double bound) {
    float *got = room(n);
    card->copy_out(card, got, device, (size_t)n * sizeof *got);
    results = digest(results, got, (size_t)n * sizeof *got);
    double most = 1, apart = 0;
    for (int64_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)host[i]));
        double d = fabs((double)got[i] - (double)host[i]);
        apart = d <= apart ? apart : d;  // a nan is more than anything
    }
    bool good = apart <= bound * most;
    if (!good) printf("%s: apart by %g where numbers reach %g\n", what, apart, most);
    *(good ? &passed : &failed) += 1;
}

static void tensor_types(const float *x, int64_t rows, int64_t n, DType type, Tensor *host, Tensor *device) {
    int64_t count = rows * n;
    char *data = arena_get(arena, (size_t)count, (size_t)dtypes[type].bytes);
    float *scale = room(rows);
    for (int64_t i = 0; i < count; i++) {
        if (type == F32) ((float *)(void *)data)[i] = x[i];
        if (type == BF16) ((uint16_t *)(void *)data)[i] = float_to_bfloat(x[i]);
        if (type == F16) ((uint16_t *)(void *)data)[i] = (uint16_t)(random_u64(5, (uint64_t)i) & 0xbbff);  // below 2^-1, some subnormal
    }
    for (int64_t r = 0; type == I8 && r < rows; r++) scale[r] = kernels_plain.to_int8(x + r * n, n, (int8_t *)data + r * n);
    *host = (Tensor){.dtype = type, .rank = 2, .shape = {rows, n}, .count = count, .data = data, .scale = type == I8 ? scale : NULL};
    *device = *host;
    device->data = up(data, (size_t)(count * dtypes[type].bytes));
    device->scale = type == I8 ? up_floats(scale, rows) : NULL;
}

static void test_gemm(void) {
    static const int64_t shapes[][3] = {{1, 1, 1}, {7, 33, 65}, {40, 24, 16}, {3, 130, 64}, {65, 9, 31}, {17, 40, 8}};
    static const DType types[] = {F32, BF16, F16, I8};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int kind = 0; kind < 64; kind++) {
            int64_t M = shapes[s][0], N = shapes[s][1], K = shapes[s][2];
            bool turned = kind & 1, transposed = kind >> 1 & 1, add = kind >> 2 & 1, stream = kind >> 5 & 1;
            DType type = types[kind >> 3 & 3];
            if (stream && (turned || !transposed)) continue;
            for (int half = 0; half < 2; half++) {
                Mark mark = arena_mark(arena);
                int64_t rows = transposed ? N : K, columns = transposed ? K : N;
                Tensor b, db;
                tensor_types(numbers(rows * columns), rows, columns, type, &b, &db);
                float *x = numbers(M * K), *c = numbers(M * (N + 3));
                Gemm g = {.M = M, .N = N, .K = K, .a = x, .a_row = turned ? 1 : K, .a_column = turned ? M : 1, .b = b.data,
                          .b_scale = b.scale, .b_type = type, .b_transposed = transposed, .add = add, .ldb = columns, .c = c,
                          .ldc = N + 3, .alpha = 0.75f, .stream = stream};
                Gemm d = g;
                d.a = up_floats(x, M * K);
                d.b = db.data;
                d.b_scale = db.scale;
                d.c = up_floats(c, M * (N + 3));
                d.half = half;
                card->gemm(card, d);
                cpu->gemm(cpu, g);
                same(arena_print(arena, "gemm %lld x %lld x %lld, kind %d, half %d", (long long)M, (long long)N, (long long)K, kind,
                                 half), d.c, c, M * (N + 3), half ? 1e-2 : 1e-5);
                arena_release(arena, mark);
            }
        }
}

// Products of few rows that wait for each other: of the same rows, of other ones, of what the one before made, into the same place;
// and for sums with what they make: ADD onto an array, PART of it, DROP into one, their own rows too.
static void test_few(void) {
    enum { K = 40, N = 24, STEPS = 14, NONE = 0, ADD, DROP, PART };
    static const DType types[] = {F32, BF16, F16, I8};
    static const struct { int a, b, c; bool add; int sum; } steps[STEPS] = {
        {0, 0, 1, false, NONE}, {0, 1, 2, false, NONE}, {0, 2, 3, false, NONE}, {0, 3, 4, false, ADD}, {0, 1, 4, false, DROP},
        {1, 2, 5, false, ADD}, {1, 0, 2, true, NONE}, {1, 3, 2, true, DROP}, {2, 1, 1, false, NONE},
        {1, 0, 2, false, NONE}, {1, 1, 3, true, NONE}, {1, 2, 4, false, NONE}, {1, 3, 4, false, NONE}, {2, 1, 5, false, PART}};
    Drop none = {.scale = 1};
    for (int kind = 0; kind < 4; kind++)
        for (int64_t M = 1; M <= 16; M += 5) {
            Mark mark = arena_mark(arena);
            Tensor b[4], db[4];
            float *x[6], *dx[6];
            for (int i = 0; i < 4; i++) tensor_types(numbers(K * K), K, K, types[kind], &b[i], &db[i]);
            for (int i = 0; i < 6; i++) x[i] = numbers(M * K), dx[i] = up_floats(x[i], M * K);
            for (int i = 0; i < STEPS; i++) {
                Gemm g = {.M = M, .N = i == 6 || i == 8 ? N : K, .K = K, .a = x[steps[i].a], .a_row = K, .a_column = 1, .b = b[steps[i].b].data,
                          .b_scale = b[steps[i].b].scale, .b_type = types[kind], .b_transposed = true, .add = steps[i].add, .ldb = K,
                          .c = x[steps[i].c], .ldc = K, .alpha = 0.5f, .stream = true};
                Gemm d = g;
                d.a = dx[steps[i].a];
                d.b = db[steps[i].b].data;
                d.b_scale = db[steps[i].b].scale;
                d.c = dx[steps[i].c];
                card->gemm(card, d);
                cpu->gemm(cpu, g);
                int to = i == 3 ? 3 : i == 5 ? 1 : 0, from = i == 4 ? 3 : 5;
                int64_t n = M * K - (steps[i].sum == PART ? 3 : 0);
                if (steps[i].sum == ADD || steps[i].sum == PART) card->add(card, dx[to], d.c, 1, n), cpu->add(cpu, x[to], g.c, 1, n);
                if (steps[i].sum != DROP) continue;
                card->drop(card, dx[to], d.c, dx[from], M, K, none);
                cpu->drop(cpu, x[to], g.c, x[from], M, K, none);
            }
            for (int i = 0; i < 6; i++)
                same(arena_print(arena, "few rows, %lld, type %d, array %d", (long long)M, kind, i), dx[i], x[i], M * K, 1e-5);
            arena_release(arena, mark);
        }
}

static void test_tables(void) {
    static const DType types[] = {F32, BF16, F16, I8};
    enum { V = 19, N = 70 };
    int32_t ids[N], bucket[37];
    for (int i = 0; i < N; i++) ids[i] = (int32_t)(random_u64(3, (uint64_t)i) % V);
    for (int i = 0; i < 37; i++) bucket[i] = (int32_t)(random_u64(4, (uint64_t)i) % 11);
    for (int i = 0; i < 4; i++)
        for (int64_t n = 1; n < 300; n += 133) {
            Tensor w, dw;
            tensor_types(numbers(V * n), V, n, types[i], &w, &dw);
            float *y = room(N * n), *dy = up_floats(y, N * n);
            card->embed(card, dy, &dw, ids, N);
            cpu->embed(cpu, y, &w, ids, N);
            same("embed", dy, y, N * n, 1e-6);
            if (n > 64) continue;
            float *table = room(n * 37), *dtable = up_floats(table, n * 37);
            card->bias(card, dtable, &dw, bucket, 37);
            cpu->bias(cpu, table, &w, bucket, 37);
            same("bias", dtable, table, n * 37, 1e-6);
            float *grad = numbers(11 * n), *dgrad = up_floats(grad, 11 * n);
            card->bias_back(card, dgrad, dtable, bucket, 37, n);
            cpu->bias_back(cpu, grad, table, bucket, 37, n);
            same("bias_back", dgrad, grad, 11 * n, 1e-6);
        }
    float *dy = numbers(N * 150), *table = numbers(V * 150), *there = up_floats(table, V * 150);
    card->embed_back(card, there, up_floats(dy, N * 150), ids, N, 150);
    cpu->embed_back(cpu, table, dy, ids, N, 150);
    same("embed_back", there, table, V * 150, 1e-6);
}

static void test_norm(void) {
    static const int64_t shapes[][2] = {{1, 1}, {5, 33}, {130, 64}, {67, 770}};
    for (int s = 0; s < 4; s++) {
        int64_t N = shapes[s][0], n = shapes[s][1];
        float *x = numbers(N * n), *w = numbers(n), *dy = numbers(N * n), *y = room(N * n), *r = room(N), *dx = numbers(N * n),
              *dw = numbers(n);
        float *cx = up_floats(x, N * n), *cw = up_floats(w, n), *cdy = up_floats(dy, N * n), *cy = up_floats(y, N * n),
              *cr = up_floats(r, N), *cdx = up_floats(dx, N * n), *cdw = up_floats(dw, n);
        card->norm(card, cy, cr, cx, cw, N, n, 1e-6f);
        cpu->norm(cpu, y, r, x, w, N, n, 1e-6f);
        same("norm", cy, y, N * n, 1e-5);
        same("norm's r", cr, r, N, 1e-5);
        card->norm(card, cy, NULL, cx, cw, N, n, 1e-3f);
        cpu->norm(cpu, y, NULL, x, w, N, n, 1e-3f);
        same("norm without r", cy, y, N * n, 1e-5);
        card->norm_back(card, cdx, cdw, cdy, cx, cr, cw, N, n);
        cpu->norm_back(cpu, dx, dw, dy, x, r, w, N, n);
        card->norm_back(card, NULL, cdw, cdy, cx, cr, cw, N, n);
        cpu->norm_back(cpu, NULL, dw, dy, x, r, w, N, n);
        same("norm_back's dx", cdx, dx, N * n, 1e-5);
        same("norm_back's dw", cdw, dw, n, 1e-5);
    }
}

static void test_rows(void) {
    static const int64_t shapes[][2] = {{1, 1}, {9, 131}, {33, 40}};
    for (int s = 0; s < 3; s++)
        for (int kind = 0; kind < 16; kind++) {
            int64_t N = shapes[s][0], n = shapes[s][1];
            Drop d = {.key = 77, .threshold = kind & 1 ? 1u << 30 : 0, .scale = kind & 1 ? 4 / 3.0f : 1, .row = 1000};
            bool gated = kind >> 1 & 1;
            Activation act = (Activation)(kind >> 2);
            float *g = numbers(N * n), *u = numbers(N * n), *dh = numbers(N * n), *h = room(N * n), *dg = room(N * n), *du = room(N * n);
            float *cg = up_floats(g, N * n), *cu = up_floats(u, N * n), *cdh = up_floats(dh, N * n), *ch = up_floats(h, N * n),
                  *cdg = up_floats(dg, N * n), *cdu = up_floats(du, N * n);
            card->act(card, ch, cg, gated ? cu : NULL, N, n, act, d);
            cpu->act(cpu, h, g, gated ? u : NULL, N, n, act, d);
            same("act", ch, h, N * n, 1e-5);
            card->act_back(card, cdg, gated ? cdu : NULL, cdh, cg, gated ? cu : NULL, N, n, act, d);
            cpu->act_back(cpu, dg, gated ? du : NULL, dh, g, gated ? u : NULL, N, n, act, d);
            same("act_back's dg", cdg, dg, N * n, 1e-5);
            if (gated) same("act_back's du", cdu, du, N * n, 1e-5);
            card->drop(card, ch, cg, gated ? cu : NULL, N, n, d);
            cpu->drop(cpu, h, g, gated ? u : NULL, N, n, d);
            same("drop", ch, h, N * n, 1e-6);
            card->add(card, ch, cg, 0.3f, N * n);
            cpu->add(cpu, h, g, 0.3f, N * n);
            same("add", ch, h, N * n, 1e-6);
            const float *device[] = {cg, cu}, *host[] = {g, u};
            int64_t counts[] = {N * n, N * n};
            double sum = card->squares(card, device, counts, 2), want = cpu->squares(cpu, host, counts, 2);
            same("squares", up_floats(&(float){(float)sum}, 1), &(float){(float)want}, 1, 1e-5);
            float *m = numbers(N * n), *v = room(N * n);
            for (int64_t i = 0; i < N * n; i++) v[i] = u[i] * u[i];
            float *cm = up_floats(m, N * n), *cv = up_floats(v, N * n);
            Adam a = {0.5f, 0.9f, 0.1f, 0.999f, 0.001f, 0.99f, 0.01f, 1.1f, 1e-8f};
            int64_t half = N * n / 2, rest = N * n - half;
            AdamPart on_card[] = {{ch, cg, cm, cv, half, 0.98f}, {ch, cg, cm, cv, 0, 0}, {ch + half, cg + half, cm + half, cv + half, rest, 1}},
                     here[] = {{h, g, m, v, half, 0.98f}, {h, g, m, v, 0, 0}, {h + half, g + half, m + half, v + half, rest, 1}};
            card->adam(card, on_card, 3, a);
            cpu->adam(cpu, here, 3, a);
            same("adam's w", ch, h, N * n, 1e-5);
            same("adam's m", cm, m, N * n, 1e-6);
            same("adam's v", cv, v, N * n, 1e-6);
            card->zero(card, ch, N * n);
            same("zero", ch, memset(h, 0, (size_t)(N * n) * sizeof *h), N * n, 0);
            int32_t *target = arena_get(arena, (size_t)N, sizeof *target);
            for (int64_t i = 0; i < N; i++) target[i] = (int32_t)(random_u64(9, (uint64_t)i) % (uint64_t)n);
            float *loss = room(N), *closs = up_floats(loss, N), smoothing = kind & 1 ? 0.1f : 0;
            card->cross_entropy(card, closs, cg, target, N, n, smoothing, 0.7f, gated);
            cpu->cross_entropy(cpu, loss, g, target, N, n, smoothing, 0.7f, gated);
            same("cross_entropy", closs, loss, N, 1e-5);
            same("its gradient", cg, g, N * n, 1e-5);
        }
}

// kind: bit 0 causal attention to itself (else to other rows), bit 1 a bias, bit 2 dropout, bit 3 a gradient of the bias
static void test_attention(int64_t width, int kind, bool half) {
    static const int64_t queries[] = {1, 65, 7, 0, 100}, keys[] = {40, 3, 129, 5, 64};
    enum { S = 5, H = 3 };
    Mark mark = arena_mark(arena);
    bool causal = kind & 1, biased = kind >> 1 & 1, graded = biased && kind >> 3;
    int64_t q_offsets[S + 1] = {0}, k_offsets[S + 1] = {0}, reach = 131, span = 2 * reach - 1, longest = 0;
    for (int s = 0; s < S; s++) {
        q_offsets[s + 1] = q_offsets[s] + queries[s];
        k_offsets[s + 1] = k_offsets[s] + (causal ? queries[s] : keys[s]);
        if (k_offsets[s + 1] - k_offsets[s] > longest) longest = k_offsets[s + 1] - k_offsets[s];
    }
    int64_t n = q_offsets[S] * H * width, m = k_offsets[S] * H * width, rows = q_offsets[S] * H;
    float *q = numbers(n), *k = numbers(m), *v = numbers(m), *bias = numbers(H * span), *dout = numbers(n), *dbias = numbers(H * span);
    for (int64_t i = 0; i < n; i++) q[i] /= sqrtf((float)width);
    Attention t = {.sequences = S, .heads = H, .width = width, .longest_k = longest, .q_offsets = q_offsets, .k_offsets = k_offsets,
                   .q = q, .k = k, .v = v, .bias = biased ? bias : NULL, .reach = reach, .causal = causal,
                   .drop = {.key = 5, .threshold = kind >> 2 & 1 ? 1u << 29 : 0, .scale = kind >> 2 & 1 ? 8 / 7.0f : 1, .row = 31},
                   .out = room(n), .lse = room(rows)}, c = t;
    AttentionBack d = {.dout = dout, .dq = room(n), .dk = room(m), .dv = room(m), .dbias = graded ? dbias : NULL}, e = d;
    c.q = up_floats(q, n), c.k = up_floats(k, m), c.v = up_floats(v, m), c.bias = biased ? up_floats(bias, H * span) : NULL;
    c.out = up_floats(t.out, n), c.lse = up_floats(t.lse, rows);
    e.dout = up_floats(dout, n), e.dq = up_floats(d.dq, n), e.dk = up_floats(d.dk, m), e.dv = up_floats(d.dv, m);
    e.dbias = graded ? up_floats(dbias, H * span) : NULL;
    const char *name = arena_print(arena, "attention, width %lld, kind %d, half %d", (long long)width, kind, half);
    double bound = half ? 1e-2 : 1e-5;
    c.half = half;
    card->attention(card, &c);
    cpu->attention(cpu, &t);
    same(name, c.out, t.out, n, bound);
    same(arena_print(arena, "%s: lse", name), c.lse, t.lse, rows, bound);
    card->attention_back(card, &c, &e);
    cpu->attention_back(cpu, &t, &d);
    same(arena_print(arena, "%s: dq", name), e.dq, d.dq, n, bound);
    same(arena_print(arena, "%s: dk", name), e.dk, d.dk, m, bound);
    same(arena_print(arena, "%s: dv", name), e.dv, d.dv, m, bound);
    if (graded) same(arena_print(arena, "%s: dbias", name), e.dbias, dbias, H * span, bound);
    arena_release(arena, mark);
}

static void test_step(int64_t width, DType type) {
    static const int64_t rooms[] = {9, 1300, 70}, lengths[] = {1, 1299, 33};
    enum { B = 3, H = 2 };
    Mark mark = arena_mark(arena);
    void *k[B], *v[B], *ck[B], *cv[B];
    int64_t reach = 1400, span = 2 * reach - 1;
    for (int b = 0; b < B; b++) {
        int64_t n = rooms[b] * H * width;
        size_t bytes = (size_t)(n * dtypes[type].bytes);
        void **host[] = {&k[b], &v[b]}, **device[] = {&ck[b], &cv[b]};
        for (int i = 0; i < 2; i++) {
            *host[i] = room(n);
            *device[i] = up(*host[i], bytes);
            float *from = numbers(lengths[b] * H * width);
            int64_t offsets[] = {0, lengths[b]};
            card->cache(card, device[i], &rooms[b], 1, type, up_floats(from, lengths[b] * H * width), offsets, H, width);
            cpu->cache(cpu, host[i], &rooms[b], 1, type, from, offsets, H, width);
            if (bytes % 4 == 0) same("cache", *device[i], *host[i], (int64_t)bytes / 4, type == F32 ? 0 : 1e-30);
        }
    }
    float *one = numbers(B * H * width), *q = numbers(B * H * width), *bias = numbers(H * span), *out = room(B * H * width);
    card->cache(card, ck, rooms, B, type, up_floats(one, B * H * width), NULL, H, width);  // a new token for each
    cpu->cache(cpu, k, rooms, B, type, one, NULL, H, width);
    const int64_t some[] = {0, 2, 2, 3};  // two for the second, one for the third, without what the first has
    card->cache(card, ck + 1, rooms + 1, 2, type, up_floats(one, B * H * width), some + 1, H, width);
    cpu->cache(cpu, k + 1, rooms + 1, 2, type, one, some + 1, H, width);
    AttentionStep t = {.B = B, .heads = H, .width = width, .q = q, .k = (const void *const *)k, .v = (const void *const *)v, .type = type,
                       .room = rooms, .length = lengths, .bias = bias, .reach = reach, .out = out}, c = t;
    c.q = up_floats(q, B * H * width), c.bias = up_floats(bias, H * span), c.out = up_floats(out, B * H * width);
    c.k = (const void *const *)ck, c.v = (const void *const *)cv;
    for (int i = 0; i < 2; i++) {
        card->attention_step(card, &c);
        cpu->attention_step(cpu, &t);
        same("attention_step", c.out, out, B * H * width, 1e-5);
        c.bias = t.bias = NULL;
    }
    arena_release(arena, mark);
}

// Products of bf16 with rows that another operation has written to since they were made see what was written.
static void test_copies(void) {
    enum { N = 40, W = 64, LAST = 21 };
    int64_t offsets[] = {0, 20, N}, one = 1, count = N * W, all = N;
    int32_t ids[N] = {3, 1, 1, 2};
    for (int what = 0; what <= LAST; what++) {
        Mark mark = arena_mark(arena);
        float *host = room(count), *x = up_floats(host, count), *other = up_floats(numbers(count), count),
              *third = up_floats(numbers(count), count), *fourth = up_floats(numbers(count), count), *bias = up_floats(numbers(W), W),
              *w = up_floats(numbers(W * W), W * W), *out = up_floats(host, count), *fresh = up_floats(host, count);
        Tensor table = {.dtype = F32, .rank = 2, .shape = {N, W}, .count = count, .data = other};
        Drop none = {.scale = 1};
        Gemm product = {.M = N, .N = W, .K = W, .a = x, .a_row = W, .a_column = 1, .b = w, .b_transposed = true, .ldb = W, .c = out,
                        .ldc = W, .alpha = 1, .half = true}, writer = product;
        Attention t = {.sequences = 2, .heads = 2, .width = W / 2, .longest_k = 20, .q_offsets = offsets, .k_offsets = offsets,
                       .q = other, .k = third, .v = fourth, .reach = 20, .out = fresh, .lse = up_floats(host, N * 2)};
        AttentionBack d = {.dout = other, .dq = up_floats(host, count), .dk = up_floats(host, count), .dv = up_floats(host, count)};
        void *to = x;
        const void *k[] = {other}, *v[] = {third};
        AttentionStep step = {.B = 1, .heads = 2, .width = W / 2, .q = other, .k = k, .v = v, .type = F32, .room = &all, .length = &one,
                              .out = x};
        card->norm(card, x, NULL, other, bias, N, W, 1e-6f);
        card->gemm(card, product);
        writer.a = third;
        writer.c = x;
        if (what == 12) t.out = x;
        if (what == 20) t.lse = x + 3;
        if (what == 21) d.dbias = x + W, t.bias = other;
        if ((what >= 12 && what <= 15) || what >= 20) card->attention(card, &t);
        if (what == 13) d.dq = x;
        if (what == 14) d.dk = x;
        if (what == 15) d.dv = x;
        switch (what) {
        case 0: card->zero(card, x + 70, 9); break;
        case 1: card->gemm(card, writer); break;
        case 2: card->norm(card, x, NULL, third, bias, N, W, 1e-6f); break;
        case 3: card->norm(card, out, x + 5, third, bias, N, W, 1e-6f); break;
        case 4: card->norm_back(card, x, NULL, third, other, bias, w, 1, W); break;
        case 5: card->norm_back(card, NULL, x + W, third, other, bias, w, 1, W); break;
        case 6: card->act(card, x, third, other, N, W, GELU_NEW, none); break;
        case 7: card->act_back(card, x, out, third, other, fourth, N, W, RELU, none); break;
        case 8: card->act_back(card, out, x, third, other, fourth, N, W, RELU, none); break;
        case 9: card->drop(card, x + 2 * W, third, NULL, 3, W, none); break;
        case 10: card->add(card, x + count - 1, third, 1, 1); break;
        case 11: card->embed(card, x, &table, ids, N); break;
        case 13: case 14: case 15: case 21: card->attention_back(card, &t, &d); break;
        case 16: card->cache(card, &to, &all, 1, F32, third, (int64_t[]){0, 2}, 2, W / 2); break;
        case 17: card->attention_step(card, &step); break;
        case 18: card->copy_in(card, x + 9, host, 3 * sizeof *host); break;
        case 19: writer.M = 1, writer.stream = true, card->gemm(card, writer); break;
        default: break;
        }
        card->gemm(card, product);
        float *now = room(count), *want = room(count);
        card->copy_out(card, now, x, (size_t)count * sizeof *now);
        product.a = up_floats(now, count);
        product.c = fresh;
        card->gemm(card, product);
        card->copy_out(card, want, fresh, (size_t)count * sizeof *want);
        same(arena_print(arena, "rows written to, %d", what), out, want, count, 0);
        arena_release(arena, mark);
    }
}

static void run(void *arg) {
    (void)arg;
    cpu = ops_open(arena, "cpu", "f32", 1);
    card = ops_open(arena, "cuda", "f32", 1);
    test_gemm();
    test_few();
    test_tables();
    test_norm();
    test_rows();
    test_copies();
    static const int64_t widths[] = {5, 32, 64, 80, 128};
    for (int w = 0; w < 5; w++)
        for (int kind = 0; kind < 16; kind++)
            if ((w < 3 && !SLOW) || kind == 15 || kind == 6) test_attention(widths[w], kind, false);
    for (int64_t width = 20; width <= 68; width += 12)
        for (int kind = 0; kind < 16; kind++)
            if (SLOW ? kind == 15 && width % 24 == 20 : width == 56 || kind == 15 || kind == 6) test_attention(width, kind, true);
    for (int w = 0; w < 5; w += 2) test_step(widths[w], F32), test_step(widths[w], BF16);
    printf("operations on %s, results %016llx\n", card->name, (unsigned long long)results);
}

int main(void) {
    Trap trap = {.text = ""};
    Arena a = {.trap = &trap};
    arena = &a;
    setenv("T5PEFT_ISA", "plain", 1);
    if (!attempt(&a, run, NULL)) printf("%s\n", trap.text), failed++;
    arena_free(&a);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
