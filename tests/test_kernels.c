// Section 6: every set of kernels that this machine runs against plain loops in double, and against each other.

// One more set, so that the code for wide vectors and for bf16 products is tested where the processor has neither: 16 lanes of
// whatever the compiler makes of them, a bf16 product as two of floats.
#ifdef GNU_VECTORS
#define ISA
#define ISA_NAME "wide"
#define F(name) name##_wide
#define FN static
#define INLINE_FN static inline ALWAYS_INLINE
#define VW 16
#define NV 3
#define MR 8
#define HAS_DOT16
typedef float v_wide __attribute__((vector_size(64)));
typedef uint32_t u_wide __attribute__((vector_size(64)));
typedef int32_t i_wide __attribute__((vector_size(64)));
static v_wide dot16_wide(v_wide a, v_wide b, v_wide sum) {
    return (v_wide)((u_wide)a & 0xffff0000u) * (v_wide)((u_wide)b & 0xffff0000u) + ((v_wide)((u_wide)a << 16) * (v_wide)((u_wide)b << 16) + sum);
}
static void narrow_wide(uint16_t *out, v_wide v) {
    for (int i = 0; i < 16; i++) out[i] = float_to_bfloat(v[i]);
}
#define HAS_MADD16
static i_wide wholes_wide(const int8_t *p) {
    int16_t v __attribute__((vector_size(64)));
    for (int i = 0; i < 32; i++) v[i] = p[i];
    return (i_wide)v;
}
static i_wide madd16_wide(i_wide a, i_wide b, i_wide sum) { return sum + (a >> 16) * (b >> 16) + (a << 16 >> 16) * (b << 16 >> 16); }
#include "../t5peft.c"
#define KERNELS_WIDE &kernels_wide
#else
#define KERNELS_WIDE NULL
#endif

enum { ODD = 77, PAD = 8 };  // lengths that are no multiple of a vector

static void fill(float *x, int64_t n, uint64_t key, float scale) {
    for (int64_t i = 0; i < n; i++) x[i] = scale * (float)random_normal(key, (uint64_t)i);
}

// |x - y| where y is near; relative to the scale of what was summed.
static bool near(double x, double y, double bound) {
    return fabs(x - y) <= bound * (1 + fabs(y));
}

// Packed (pass 0), streamed where B may be (pass 1), rounded to bf16 where these kernels do that (pass 2); A as whole numbers where they
// do that and B is int8, packed (pass 3) and streamed (pass 4).
static void check_gemm(Arena *a, Ops *o, int pass) {
    const Kernels *k = o->kernels;
    static const int64_t shapes[][3] = {{1, 1, 1}, {1, 77, 33}, {7, 19, 300}, {13, 200, 5}, {250, 65, 270}, {6, 16, 256}, {31, 33, 0}, {300, 7, 64}, {5, 21, 1601}};
    static const DType types[] = {F32, BF16, F16, I8};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int mode = 0; mode < 16; mode++) {
            int64_t M = shapes[s][0], N = shapes[s][1], K = shapes[s][2];
            bool turned_a = mode & 1, turned_b = mode & 2;
            DType type = types[mode >> 2];
            Mark mark = arena_mark(a);
            float *x = arena_get(a, (size_t)(M * K + 1), 4), *w = arena_get(a, (size_t)(N * K + 1), 4), *c = arena_get(a, (size_t)(M * (N + PAD)), 4), *before = arena_get(a, (size_t)(M * (N + PAD)), 4);
            float *scale = arena_get(a, (size_t)(N + K), 4), *scratch = arena_get(a, GEMM_SCRATCH, 4);
            void *stored = arena_get(a, (size_t)(N * K + 1), 4);
            fill(x, M * K, 1, 1);
            fill(w, N * K, 2, 1);
            fill(c, M * (N + PAD), 3, 1);
            for (int64_t i = 0; i < N + K; i++) scale[i] = 0.01f + 0.001f * (float)(i % 7);
            int64_t width = turned_b ? K : N;
            for (int64_t i = 0; i < N * K; i++) {
                if (type == F32) ((float *)stored)[i] = w[i];
                else if (type == BF16 || type == F16) {
                    uint32_t u;
                    memcpy(&u, &w[i], 4);
                    ((uint16_t *)stored)[i] = type == BF16 ? (uint16_t)(u >> 16) : (uint16_t)(0x3000 + (i * 37) % 0x1800);
                    w[i] = type == BF16 ? bfloat_to_float(((uint16_t *)stored)[i]) : half_to_float(((uint16_t *)stored)[i]);
                } else {
                    ((int8_t *)stored)[i] = (int8_t)(i * 91 % 255 - 127);
                    w[i] = (float)((int8_t *)stored)[i] * scale[i / width];
                }
            }
            memcpy(before, c, (size_t)(M * (N + PAD)) * 4);
            Gemm g = {.M = M, .N = N, .K = K, .a = x, .a_row = turned_a ? 1 : K, .a_column = turned_a ? M : 1, .b = stored, .b_scale = scale, .b_type = type,
                      .b_transposed = turned_b, .ldb = width, .c = c, .ldc = N + PAD, .alpha = 0.5f, .add = mode & 1};
            bool stream = turned_b && !turned_a && (pass == 1 || pass == 4);
            g.half = pass == 2;
            if (pass >= 3) {
                if (type != I8 || turned_a || !K || (pass == 4 && !turned_b)) continue;
                gemm_whole(o, &g);
            }
            for (int64_t i = 0; g.half && i < M * K; i++) x[i] = bfloat_to_float(float_to_bfloat(x[i]));
            for (int64_t i = 0; g.half && i < N * K; i++) w[i] = bfloat_to_float(float_to_bfloat(w[i]));
            if (stream) k->stream(&g, 0, N, scratch);
            else k->gemm(&g, 0, M, 0, N, scratch);
            int64_t wrong = 0, touched = 0;
            for (int64_t i = 0; i < M; i++) {
                double largest = 0;
                for (int64_t l = 0; l < K; l++) largest = fmax(largest, fabs(x[turned_a ? l * M + i : i * K + l]));
                for (int64_t j = 0; j < N; j++) {
                    double sum = 0, size = 0;
                    for (int64_t l = 0; l < K; l++) {
                        double t = (double)x[turned_a ? l * M + i : i * K + l] * w[turned_b ? j * K + l : l * N + j];
                        sum += t;
                        size += fabs(t);
                    }
                    double want = 0.5 * sum + (g.add ? before[i * (N + PAD) + j] : 0);
                    // Each of K additions rounds by at most 2^-24 of the sum so far. Each whole number is off by at most half of its scale, 1/32,766
                    // of the largest; K such errors, independent, add up to about their root: five times that is allowed.
                    double bound = 2e-6 * (size + 1);
                    if (pass >= 3) bound += 5 * sqrt((double)K) * largest * 127 * 0.016 / 32766;
                    wrong += !(fabs(c[i * (N + PAD) + j] - want) <= bound);
                }
                for (int64_t j = N; j < N + PAD; j++) touched += c[i * (N + PAD) + j] != before[i * (N + PAD) + j];
            }
            CHECK(!wrong && !touched, "%s: %s %lldx%lldx%lld mode %d: %lld numbers wrong, %lld written outside", k->name, stream ? "stream" : g.half ? "bf16 gemm" : g.whole ? "int16 gemm" : "gemm", (long long)M, (long long)N, (long long)K, mode, (long long)wrong, (long long)touched);
            arena_release(a, mark);
        }
}

// A row's numbers may not depend on how many rows there are, nor on where C is cut: generation relies on it. kind: packed, streamed;
// the same with whole numbers, the same of f16.
static void check_rows_alone(Arena *a, Ops *o) {
    const Kernels *k = o->kernels;
    enum { M = 23, N = 130, K = 900 };
    float *x = arena_get(a, M * K, 4), *w = arena_get(a, N * K, 4), *all = arena_get(a, M * N, 4), *one = arena_get(a, M * N, 4), *scratch = arena_get(a, GEMM_SCRATCH, 4);
    int8_t *q = arena_get(a, N * K, 1);
    uint16_t *h = arena_get(a, N * K, 2);
    float *scale = arena_get(a, N, 4);
    fill(x, M * K, 4, 1);
    fill(w, N * K, 5, 1);
    for (int i = 0; i < N; i++) scale[i] = k->to_int8(w + i * K, K, q + i * K);
    for (int i = 0; i < N * K; i++) h[i] = (uint16_t)(0x3000 + i * 37 % 0x1800);
    for (int kind = 0; kind < 6; kind++) {
        bool whole = kind == 2 || kind == 3;
        if (whole && !k->products[WHOLES]) continue;
        Gemm g = {.M = M, .N = N, .K = K, .a = x, .a_row = K, .a_column = 1, .b = w, .b_scale = scale, .b_transposed = true, .ldb = K, .c = all, .ldc = N, .alpha = 1};
        if (whole) {
            g.b = q;
            g.b_type = I8;
            gemm_whole(o, &g);
        } else if (kind > 3) {
            g.b = h;
            g.b_type = F16;
        }
        if (kind % 2) k->stream(&g, 0, N, scratch);
        else k->gemm(&g, 0, M, 0, N, scratch);
        for (int64_t i = 0; i < M; i++) {
            Gemm alone = g;
            alone.M = 1;
            alone.a = x + i * K;
            alone.c = one + i * N;
            if (whole) {
                alone.whole += i * g.ldw;
                alone.whole_scale += i * ((K + PAIR_K - 1) / PAIR_K);
            }
            if (kind % 2) {
                k->stream(&alone, 0, 8, scratch);
                k->stream(&alone, 8, N, scratch);
            } else {
                k->gemm(&alone, 0, 1, 0, k->columns, scratch);
                k->gemm(&alone, 0, 1, k->columns, N, scratch);
            }
        }
        CHECK(!memcmp(all, one, M * N * sizeof *all), "%s: a row alone differs from the same row among others, kind %d", k->name, kind);
    }
}

static void check_rows(Arena *a, const Kernels *k) {
    float *x = arena_get(a, ODD, 4), *y = arena_get(a, ODD, 4), *w = arena_get(a, ODD, 4), *z = arena_get(a, ODD, 4), *p = arena_get(a, ODD, 4);
    fill(x, ODD, 11, 3);
    fill(w, ODD, 12, 1);
    double sum = 0, squares = 0, top = -INFINITY, total = 0;
    for (int i = 0; i < ODD; i++) sum += (double)x[i] * w[i], squares += (double)x[i] * x[i], top = x[i] + w[i] > top ? x[i] + w[i] : top;
    CHECK(near(k->dot(x, w, ODD), sum, 1e-5) && near(k->squares(x, ODD), squares, 1e-6), "%s: dot, squares", k->name);
    float r = k->norm(y, x, w, ODD, 1e-6f);
    double want = 1 / sqrt(squares / ODD + 1e-6), worst = 0;
    for (int i = 0; i < ODD; i++) worst = fmax(worst, fabs(y[i] - x[i] * want * w[i]));
    CHECK(near(r, want, 1e-6) && worst < 1e-5, "%s: norm is off by %g", k->name, worst);
    memcpy(p, x, ODD * 4);
    for (int i = 0; i < ODD; i++) total += exp((double)x[i] + w[i] - top);
    float lse = k->softmax(p, w, ODD);
    worst = 0;
    for (int i = 0; i < ODD; i++) worst = fmax(worst, fabs(p[i] - exp((double)x[i] + w[i] - top) / total));
    CHECK(near(lse, top + log(total), 1e-6) && worst < 1e-6, "%s: softmax is off by %g", k->name, worst);
    memcpy(z, x, ODD * 4);
    k->softmax_again(z, w, lse, ODD);
    worst = 0;
    for (int i = 0; i < ODD; i++) worst = fmax(worst, fabs(p[i] - z[i]));
    CHECK(worst < 2e-6, "%s: softmax_again is off by %g", k->name, worst);
    static const Activation kinds[] = {RELU, GELU, GELU_NEW, SILU};
    for (int kind = 0; kind < 4; kind++) {
        float *dg = arena_get(a, ODD, 4), *du = arena_get(a, ODD, 4);
        Drop off = {.scale = 1};
        k->act(y, x, w, ODD, kinds[kind], off, 0);
        k->act_back(dg, du, p, x, w, ODD, kinds[kind], off, 0);
        worst = 0;
        double slope_worst = 0;
        for (int i = 0; i < ODD; i++) {
            double f[3];  // act at x, and a step to both sides for its slope
            for (int j = 0; j < 3; j++) {
                double v = x[i] + (j - 1) * 1e-5, t = 0.7978845608028654 * (v + 0.044715 * v * v * v);
                f[j] = kind == 0 ? fmax(v, 0) : kind == 1 ? 0.5 * v * erfc(-v * 0.7071067811865476) : kind == 2 ? 0.5 * v * (1 + tanh(t)) : v / (1 + exp(-v));
            }
            worst = fmax(worst, fabs(y[i] - f[1] * w[i]));
            if (fabs(x[i]) > 1e-4) slope_worst = fmax(slope_worst, fabs(dg[i] - p[i] * w[i] * (f[2] - f[0]) / 2e-5));
            worst = fmax(worst, fabs(du[i] - p[i] * f[1]));
        }
        CHECK(worst < 5e-6 && slope_worst < 1e-5, "%s: activation %d is off by %g, its slope by %g", k->name, kind, worst, slope_worst);
    }
}

// exp over its whole range: at most 2 units in the last place, as its comment claims. Reached through softmax_again: exp(x - lse).
static void check_exp(const Kernels *k) {
    double worst = 0;
    for (int i = 0; i <= 200000; i++) {
        float x = -87.3f + (float)i * (176.0f / 200000), y = x;
        k->softmax_again(&y, NULL, 0, 1);
        double want = exp((double)x), ulp = ldexp(1, ilogb(want) - 23);
        worst = fmax(worst, fabs(y - want) / ulp);
    }
    CHECK(worst <= 2, "%s: exp is off by %.2f units in the last place", k->name, worst);
    float tiny[4] = {-88, -1000, -INFINITY, 0};
    k->softmax_again(tiny, NULL, 0, 4);
    CHECK(tiny[0] >= 0 && tiny[0] < 1e-37f && tiny[1] == 0 && tiny[2] == 0 && tiny[3] == 1, "%s: exp of -88, -1000, -inf, 0 is %g %g %g %g", k->name, tiny[0], tiny[1], tiny[2], tiny[3]);
}

static void check_dropout(Arena *a, const Kernels *k) {
    enum { ROWS = 400, WIDE = 333 };
    const Kernels *plain = kernels_find("plain");
    float *one = arena_get(a, WIDE, 4), *x = arena_get(a, WIDE, 4), *y = arena_get(a, WIDE, 4);
    for (int i = 0; i < WIDE; i++) one[i] = 1;
    Drop d = {.key = 99, .threshold = (uint32_t)(0.1 * 4294967296.0), .scale = 1 / 0.9f};
    double dropped = 0, pairs = 0;
    bool same = true;
    for (uint64_t row = 0; row < ROWS; row++) {
        k->drop(x, one, NULL, WIDE, d, row);
        plain->drop(y, one, NULL, WIDE, d, row);
        same &= !memcmp(x, y, sizeof(float) * WIDE);
        for (int i = 0; i < WIDE; i++) dropped += x[i] == 0;
        for (int i = 1; i < WIDE; i++) pairs += x[i] == 0 && x[i - 1] == 0;
    }
    // 133,200 draws: the standard error of the rate is 0.0008, of neighbours dropped together 0.0003.
    CHECK(fabs(dropped / (ROWS * WIDE) - 0.1) < 0.0033 && fabs(pairs / (ROWS * (WIDE - 1)) - 0.01) < 0.0012, "%s: dropout 0.1 drops %.4f, neighbours %.4f", k->name, dropped / (ROWS * WIDE), pairs / (ROWS * (WIDE - 1)));
    CHECK(same, "%s: dropout masks differ from the plain ones", k->name);
}

static void check_loss(Arena *a, const Kernels *k) {
    float *x = arena_get(a, ODD, 4), *y = arena_get(a, ODD, 4);
    fill(x, ODD, 21, 4);
    for (int smooth = 0; smooth < 2; smooth++) {
        double s = smooth ? 0.1 : 0, total = 0, mean = 0;
        for (int i = 0; i < ODD; i++) total += exp((double)x[i]), mean += x[i] / (double)ODD;
        double want = (1 - s) * (log(total) - x[5]) + s * (log(total) - mean), worst = 0;
        memcpy(y, x, ODD * 4);
        float loss = k->cross_entropy(y, ODD, 5, (float)s, 0.25f, true);
        for (int i = 0; i < ODD; i++) worst = fmax(worst, fabs(y[i] - 0.25 * (exp((double)x[i]) / total - (i == 5 ? 1 - s : 0) - s / ODD)));
        CHECK(near(loss, want, 1e-6) && worst < 1e-6, "%s: cross entropy %g, want %g; gradient off by %g", k->name, loss, want, worst);
    }
}

static void check_adam(const Kernels *k) {
    float w = 1, m = 0.1f, v = 0.2f, g = 3;
    Adam o = {.clip = 0.5f, .beta1 = 0.9f, .fresh1 = 0.1f, .beta2 = 0.999f, .fresh2 = 0.001f, .shrink = 0.999f, .rate = 0.0369f, .root = 18.26f, .epsilon = 0.25f};
    double M = 0.9 * 0.1 + 0.1 * 1.5, S = 0.999 * 0.2 + 0.001 * 2.25, W = 0.999 - 0.0369 * M / (18.26 * sqrt(S) + 0.25);
    k->adam(&w, &g, &m, &v, 1, o);
    CHECK(near(w, W, 1e-6) && near(m, M, 1e-6) && near(v, S, 1e-6), "%s: adam gives %g %g %g, want %g %g %g", k->name, w, m, v, W, M, S);
}

static void check_rounding(const Kernels *k) {
    enum { STRIDE = 83 };
    float x[ODD], v[3 * STRIDE], out[ODD + 1], p[3] = {0.5f, -2, 1.25f};
    uint16_t h[ODD];
    int8_t q[ODD];
    fill(x, ODD, 21, 3);
    fill(v, 3 * STRIDE, 22, 1);
    float scale = k->to_int8(x, ODD, q), most = 0;
    for (int i = 0; i < ODD; i++) most = fmaxf(most, fabsf(x[i]));
    int wrong = scale != most / 127;
    for (int i = 0; i < ODD; i++) wrong += q[i] != lrintf(x[i] / scale);
    CHECK(!wrong, "%s: to_int8: %d numbers wrong", k->name, wrong);
    if (k->products[WHOLES]) {
        int16_t whole[ODD];
        float times[ODD];
        for (int i = 0; i < ODD; i++) times[i] = 0.5f + (float)i;
        for (int with = 0; with < 2; with++) {
            scale = k->to_whole(x, with ? times : NULL, ODD, whole);
            most = 0, wrong = 0;
            for (int i = 0; i < ODD; i++) most = fmaxf(most, fabsf(with ? x[i] * times[i] : x[i]));
            wrong += scale != most / 16383;
            for (int i = 0; i < ODD; i++) wrong += fabs(whole[i] - (double)(with ? x[i] * times[i] : x[i]) / scale) > 0.502;
            CHECK(!wrong, "%s: to_whole: %d numbers wrong", k->name, wrong);
        }
        float bad[] = {1, NAN, 2, INFINITY, 0};
        CHECK(isnan(k->to_whole(bad, NULL, 2, whole)) && isnan(k->to_whole(bad + 2, NULL, 2, whole)) && k->to_whole(bad + 4, NULL, 1, whole) == 0 && !whole[0], "%s: to_whole of nan, inf and 0", k->name);
    }
    memset(out, 0, sizeof out);
    CHECK(k->to_int8(out, ODD, q) == 0 && !q[0] && !q[ODD - 1], "%s: to_int8 of zeros", k->name);
    x[3] = INFINITY, x[4] = -INFINITY, x[5] = NAN, x[6] = -0.0f, x[7] = 1e-41f, x[8] = 3.4e38f;
    k->to_bfloat(x, ODD, h);
    wrong = 0;
    for (int i = 0; i < ODD; i++) wrong += h[i] != float_to_bfloat(x[i]);
    CHECK(!wrong, "%s: to_bfloat: %d numbers wrong", k->name, wrong);
    uint16_t rounded[3 * STRIDE];
    for (int i = 0; i < 3 * STRIDE; i++) v[i] = bfloat_to_float(rounded[i] = float_to_bfloat(v[i]));
    for (int as = 0; as < 2; as++) {
        out[ODD] = 7;
        k->mix(out, p, as ? BF16 : F32, as ? (const void *)rounded : v, STRIDE, 3, ODD);
        wrong = out[ODD] != 7;
        for (int i = 0; i < ODD; i++) wrong += !near(out[i], 0.5 * v[i] - 2.0 * v[STRIDE + i] + 1.25 * v[2 * STRIDE + i], 1e-6);
        CHECK(!wrong, "%s: mix of %s: %d numbers wrong", k->name, as ? "bf16" : "floats", wrong);
    }
}

static void kernels_body(Arena *a) {
    static const char *const names[] = {"plain", "vec128", "avx2", "avx512", "avx512bf16", "neonbf16"};
    Ops *ops = ops_cpu(a, 1);
    CHECK(kernels_find("plain") != NULL && kernels_find("nonsense") == NULL, "finding kernels");
    for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
        const Kernels *k = i < sizeof names / sizeof *names ? kernels_find(names[i]) : KERNELS_WIDE;
        if (!k) continue;
        ops->kernels = k;
        for (int pass = 0; pass < 5; pass++)
            if (pass < 2 || k->products[pass == 2 ? BFLOATS : WHOLES]) check_gemm(a, ops, pass);
        check_rows_alone(a, ops);
        check_rows(a, k);
        check_exp(k);
        check_dropout(a, k);
        check_loss(a, k);
        check_adam(k);
        check_rounding(k);
    }
}

static void test_kernels(void) {
    char message[1024];
    message_of(kernels_body, message);
    CHECK(!*message, "%s", message);
}
