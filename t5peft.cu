/* t5peft.cu: the operations of t5peft.c on an NVIDIA card.

   `make CUDA=1` compiles this file with nvcc and puts it beside t5peft.c. It includes t5peft.c for the declarations of tensors
   and operations only, and exports what makes, opens and closes a table Ops; sections 7 to 16 of t5peft.c are the same for
   either table. What each operation computes is said there, beside the CPU's; here stand its shapes, the bytes that it moves
   and its sums, and why it is split among blocks and threads as it is.

      1 state        the card, its one stream, errors, what the host sends along
      2 rows         what goes element by element or row by row
      3 products     GEMM by cublasLt, and rows of few tokens by kernels of our own
      4 attention    forward, backward, one new token
      5 the table

   One stream carries everything, so that an operation sees what the ones before it left, and memory that is used again needs
   no waiting for. The host waits only where it reads: losses, logits, the norm of the gradients, what is saved.

   The same run gives the same bytes twice on one card: every sum has an order that depends on shapes alone. There are no
   atomics; where many blocks add to one number (a norm's weight, a bias, an embedding), each leaves its part, and a second
   kernel adds the parts in their order.

   Numbers are f32 and sums f32, as on the CPU. --dtype bf16 and int8 let cublasLt and attention multiply bf16 (sums stay f32),
   --dtype tf32 lets cublasLt round f32 inputs to TF32. With all three it does so with what LoRA adds.

   Copyright (c) 2026 the t5peft authors. MIT licence: see LICENSE. */

#include <cublasLt.h>
#include <cuda_runtime.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Arena;
struct Pool;
extern "C" {
#define T5PEFT_DEVICE
#define T5PEFT_CUDA
#include "t5peft.c"
}

/* ================================================================================================================
   1  state: the card, its stream, errors, what the host sends along
   ================================================================================================================ */

// A product that cublasLt has been asked for: how it is done best is asked once for each shape.
struct Plan {
    int64_t M, N, K, lda, ldb, ldc;
    int aligned[3];   // bytes that the addresses of A, B and C are multiples of, at most 256
    int type, flags;  // cudaDataType of A and B; bit 0: A is turned, 1: B, 2: TF32
    bool known;
    cublasLtMatmulAlgo_t algo;
};

enum {
    PLANS = 1 << 12,
    RING = 8 << 20,        // bytes for ids, offsets and pointers on their way to the card
    WORKSPACE = 32 << 20,  // that cublasLt may use
    THREADS = 128,         // of a block, where nothing else is said
    WARP = 32,
    PART = 32 * sizeof(float),  // bytes for a number from each warp of a block
    FEW = 8,               // rows of A that a warp multiplies a row of B with
    JOINED = 3,            // products of few rows that one kernel does
    SENT = 128,            // arrays of the host that the card keeps: two for each layer of a decoder, and some
    COPIES = 6,            // arrays of f32 whose copies in bf16 are kept,
    COPY_MOST = 64 << 20   // of so many bytes at most
};

struct Buffer {
    void *data;
    size_t room;
};

// An array that was sent, here and on the card, where it stays for who asks for the same one: offsets of a batch's sequences are
// the same for all layers, where the caches lie for all steps of a generation.
struct Sent {
    Buffer host, there;
    size_t bytes;
    uint64_t used;  // the turn in which it was last asked for: the oldest makes room
};

// What rows of f32 are in bf16, for the products that read them: whoever makes the rows writes both, so that no product has to
// read and convert them. It is good until an operation writes to the rows.
struct Copy {
    const float *of;  // (rows, n), or NULL
    int64_t rows, n;
    Buffer there;
    uint64_t used;    // as above
};

// An Ops * is a Cuda *.
struct Cuda {
    Ops ops;
    void (*fail)(Arena *, const char *, ...);
    int card;
    bool tf32, tensor;      // products of f32 may be rounded to it; the card multiplies bf16 (mma)
    char name[300];
    cudaStream_t stream;
    cublasLtHandle_t lt;
    void *workspace;
    char *ring, *there;     // RING bytes here, in memory that the card copies from, and on the card
    size_t at;
    Buffer a, b, parts;     // operands of a product in another type; parts of sums
    Buffer host;            // what the host puts together
    Sent sent[SENT];
    bool bfloat;            // products of bf16 were asked for
    Copy copies[COPIES];
    uint64_t turns;
    Plan plans[PLANS];
    Gemm few[JOINED];       // that were asked for and wait for more of the same rows, as q, k and v are
    int nfew;
    float *sum;             // or for the one that adds what it makes to `added`; NULL: not asked for
    const float *added;
    void (*few_start)(Cuda *);
};

// The state, with its card chosen for the thread that calls, and with nothing that waits. Who writes to rows that an operation
// may read says so by written().
static Cuda *cuda_keep(Ops *o) {
    Cuda *c = (Cuda *)o;
    cudaSetDevice(c->card);
    if (c->nfew) c->few_start(c);
    return c;
}

// The same for all other operations: what they write is not looked at, no copy outlives them.
static Cuda *cuda(Ops *o) {
    Cuda *c = cuda_keep(o);
    for (Copy &k : c->copies) k.of = NULL;
    return c;
}

// Forgets copies of what lies in x[0 .. n - 1], which is about to change.
static void written(Cuda *c, const float *x, int64_t n) {
    uintptr_t begin = (uintptr_t)x, end = begin + (uintptr_t)n * sizeof *x;
    for (Copy &k : c->copies)
        if (k.of && begin < (uintptr_t)k.of + (uintptr_t)(k.rows * k.n) * sizeof *x && end > (uintptr_t)k.of) k.of = NULL;
}

// sum(n) = x + added may be left to the product that makes x and still waits: true where it is.
static bool few_sum(Ops *o, float *sum, const float *x, const float *added, int64_t n) {
    Cuda *c = (Cuda *)o;
    const Gemm &g = c->few[0];
    if (c->nfew != 1 || c->sum || x != g.c || sum == x || g.ldc != g.N || n != g.M * g.N) return false;
    if (sum < g.a + (g.M - 1) * g.a_row + g.K && g.a < sum + n) return false;  // other warps still read these
    c->sum = sum;
    c->added = added;
    written(c, sum, n);
    return true;
}

// Ends the public call in progress with a message; does not return.
[[noreturn]] static void stop(Cuda *c, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    c->fail(c->ops.arena, "%s", text);
    abort();
}

static void check(Cuda *c, cudaError_t e, const char *what) {
    if (e != cudaSuccess)
        stop(c, "--device cuda: %s: %s; what was saved before stands, and --resume goes on from it", what, cudaGetErrorString(e));
}

static void check_lt(Cuda *c, cublasStatus_t s, const char *what) {
    if (s != CUBLAS_STATUS_SUCCESS) stop(c, "--device cuda: %s: cublasLt's status %d", what, (int)s);
}

static void *cuda_allocate(Ops *o, size_t bytes) {
    Cuda *c = cuda_keep(o);
    void *p = NULL;
    cudaError_t e = cudaMallocAsync(&p, bytes ? bytes : 1, c->stream);
    if (e == cudaErrorMemoryAllocation) {
        size_t left = 0, all = 0;
        cudaGetLastError();
        cudaMemGetInfo(&left, &all);
        stop(c, "out of memory on %s: %.1f MiB more were needed, %.1f of its %.1f MiB are free; "
                "--gradient-checkpointing, a smaller --per-device-train-batch-size or --batch-size, --dtype bf16 or int8 "
                "take less", o->name, (double)bytes / 1048576, (double)left / 1048576, (double)all / 1048576);
    }
    check(c, e, "memory");
    return p;
}

// Also when an error has come before: an arena that goes away gives back what it owned, and nobody asks for what waits.
static void cuda_release(Ops *o, void *p) {
    if (cudaPeekAtLastError() != cudaSuccess) ((Cuda *)o)->nfew = 0;
    Cuda *c = cuda_keep(o);
    if (p) cudaFreeAsync(p, c->stream);
}

// Room of a buffer that grows; what it held is lost.
static void *buffer_get(Cuda *c, Buffer *b, size_t bytes) {
    if (bytes > b->room) {
        cuda_release(&c->ops, b->data);
        b->data = NULL;
        b->room = 0;
        b->data = cuda_allocate(&c->ops, bytes);
        b->room = bytes;
    }
    return b->data;
}

// Room for the copy of x(rows, n), which the operation that makes x fills; NULL where it is not worth one.
static uint16_t *copy_make(Cuda *c, const float *x, int64_t rows, int64_t n) {
    if (!c->bfloat || rows <= 2 * FEW || n % 8 || rows * n > COPY_MOST / 2) return NULL;
    Copy *k = c->copies;
    for (Copy &other : c->copies)
        if (!other.of ? k->of != NULL : k->of && other.used < k->used) k = &other;
    k->of = NULL;
    uint16_t *to = (uint16_t *)buffer_get(c, &k->there, (size_t)(rows * n) * sizeof *to);
    k->of = x;
    k->rows = rows;
    k->n = n;
    k->used = ++c->turns;
    return to;
}

// The copy of x(rows, n), or NULL.
static uint16_t *copy_find(Cuda *c, const void *x, int64_t rows, int64_t n) {
    for (Copy &k : c->copies)
        if (k.of == x && k.n == n && k.rows >= rows) {
            k.used = ++c->turns;
            return (uint16_t *)k.there.data;
        }
    return NULL;
}

// The same as buffer_get on the host.
static void *host_get(Cuda *c, Buffer *b, size_t bytes) {
    if (bytes > b->room) {
        free(b->data);
        b->room = 0;
        b->data = malloc(bytes);
        if (!b->data) stop(c, "out of memory: %zu bytes more were needed", bytes);
        b->room = bytes;
    }
    return b->data;
}

// Sends an array of the host along with the kernels, to `to`, or where it stays until the ring comes round again. It may change
// when this returns: it goes by a ring of pinned memory. Where the ring's end is reached, what it holds must have left. It is
// large enough for what one operation sends.
static void *send(Cuda *c, void *to, const void *host, size_t bytes) {
    size_t room = (bytes + 15) / 16 * 16;
    if (room > RING) stop(c, "--device cuda: %zu bytes of a batch's offsets are more than it is made for", bytes);
    if (c->at + room > RING) {
        check(c, cudaStreamSynchronize(c->stream), "waiting");
        c->at = 0;
    }
    if (!to) to = c->there + c->at;
    memcpy(c->ring + c->at, host, bytes);
    check(c, cudaMemcpyAsync(to, c->ring + c->at, bytes, cudaMemcpyHostToDevice, c->stream), "copying");
    c->at += room;
    return to;
}

// The same for what was perhaps sent before.
static const void *send_once(Cuda *c, const void *host, size_t bytes) {
    Sent *s = c->sent;
    for (Sent &k : c->sent) {
        if (k.bytes == bytes && !memcmp(k.host.data, host, bytes)) {
            k.used = ++c->turns;
            return k.there.data;
        }
        if (k.used < s->used) s = &k;
    }
    s->bytes = 0;
    memcpy(host_get(c, &s->host, bytes), host, bytes);
    send(c, buffer_get(c, &s->there, bytes), host, bytes);
    s->bytes = bytes;
    s->used = ++c->turns;
    return s->there.data;
}

// `count` arrays of n pointers or 64-bit numbers end to end, so that they go in one copy.
static void *joined(Cuda *c, const void *const *arrays, int count, int64_t n) {
    size_t bytes = (size_t)n * sizeof(int64_t);
    char *all = (char *)host_get(c, &c->host, (size_t)count * bytes);
    for (int i = 0; i < count; i++) memcpy(all + (size_t)i * bytes, arrays[i], bytes);
    return all;
}

static void cuda_copy_in(Ops *o, void *device, const void *host, size_t bytes) {
    Cuda *c = cuda(o);
    if (!bytes) return;
    check(c, cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, c->stream), "copying to the card");
    check(c, cudaStreamSynchronize(c->stream), "copying to the card");
}

static void cuda_copy_out(Ops *o, void *host, const void *device, size_t bytes) {
    Cuda *c = cuda(o);
    if (!bytes) return;
    check(c, cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, c->stream), "copying from the card");
    check(c, cudaStreamSynchronize(c->stream), "working");
}

static void cuda_zero(Ops *o, float *x, int64_t n) {
    Cuda *c = cuda_keep(o);
    written(c, x, n);
    if (n > 0) check(c, cudaMemsetAsync(x, 0, (size_t)n * sizeof *x, c->stream), "clearing");
}

// Starts kernel(...) on `grid` blocks of `block` threads, with `bytes` of memory that a block's threads share. LAUNCH is for
// kernels whose threads know nothing of each other, LAUNCH_TOGETHER for those with barriers or shuffles: to nvcc it is all one,
// but where tests run these kernels on a CPU, the former are a plain loop. The macros need a Cuda *c.
#ifndef LAUNCH
#define LAUNCH(kernel, grid, block, ...) \
    do { \
        kernel<<<grid, block, 0, c->stream>>>(__VA_ARGS__); \
        check(c, cudaGetLastError(), #kernel); \
    } while (0)
#define LAUNCH_TOGETHER(kernel, grid, block, bytes, ...) \
    do { \
        kernel<<<grid, block, bytes, c->stream>>>(__VA_ARGS__); \
        check(c, cudaGetLastError(), #kernel); \
    } while (0)
#define SHARED(name) extern __shared__ float name[]
#define UNROLLED _Pragma("unroll")  // what is indexed in the loop may then be in registers

// Two numbers as bf16, the first in the lower half.
static __device__ __forceinline__ uint32_t pack(float low, float high) {
    uint32_t x = 0;
#if __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(x) : "f"(high), "f"(low));
#endif
    return x;
}

// c(16, 8) += a(16, 16) b(16, 8) by a warp, in bf16 with sums in f32. Thread 4 g + t has pairs of neighbours, the first at 2 t:
// of a those in rows g and g + 8, and both again at 2 t + 8; of b, in column g, those at rows 2 t and 2 t + 8; of c those in rows
// g and g + 8. Cards before the 8th generation have no such instruction.
static __device__ __forceinline__ void mma(float *c, const uint32_t *a, uint32_t b0, uint32_t b1) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}
#endif

// Blocks of THREADS for n threads.
static unsigned blocks_for(int64_t n) {
    return (unsigned)((n + THREADS - 1) / THREADS);
}

/* ================================================================================================================
   2  rows: what goes element by element or row by row

   All of these are bound by memory: each number is read and written once, in f32, by neighbouring threads. A norm of
   (N, n) reads x and w and writes y: 8 N n bytes and 3 N n multiply-adds, which 3.3 TB/s (H100) move in 2.4 ns for each
   thousand numbers. A block takes a row, whose dropout mask has a key of its own, and a thread four numbers of it at a time:
   what a card reads is waited for some 600 ns, so that much must be on its way at once.
   ================================================================================================================ */

static __device__ __forceinline__ uint64_t mix64(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static __device__ __forceinline__ uint64_t random_key(uint64_t seed, uint64_t a, uint64_t b) {
    const uint64_t golden = 0x9e3779b97f4a7c15u;
    return mix64(mix64(mix64(seed + golden) + a * golden + 1) + b * golden + 2);
}

// Element i of a row with this key, dropped or scaled: the same mask as on the CPU.
static __device__ __forceinline__ float dropped(float v, const Drop &d, uint64_t key, int64_t i) {
    uint32_t x = (uint32_t)i * 0x9e3779b9u + (uint32_t)key;
    x = (x ^ (x >> 16)) * 0x21f0aaadu;
    x = ((x ^ (x >> 15)) + (uint32_t)(key >> 32)) * 0xd35a2d97u;
    x = x ^ (x >> 15);
    return x < d.threshold ? 0.0f : v * d.scale;
}

static __device__ __forceinline__ float warp_sum(float x) {
    for (int m = WARP / 2; m; m /= 2) x += __shfl_xor_sync(0xffffffffu, x, m);
    return x;
}

static __device__ __forceinline__ float warp_max(float x) {
    for (int m = WARP / 2; m; m /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, m));
    return x;
}

// Of a block; `part` has room for a number from each warp (PART bytes are enough).
static __device__ float block_sum(float x, float *part) {
    x = warp_sum(x);
    if (threadIdx.x % WARP == 0) part[threadIdx.x / WARP] = x;
    __syncthreads();
    float sum = 0;
    for (unsigned i = 0; i < blockDim.x / WARP; i++) sum += part[i];
    __syncthreads();
    return sum;
}

static __device__ float block_max(float x, float *part) {
    x = warp_max(x);
    if (threadIdx.x % WARP == 0) part[threadIdx.x / WARP] = x;
    __syncthreads();
    float most = part[0];
    for (unsigned i = 1; i < blockDim.x / WARP; i++) most = fmaxf(most, part[i]);
    __syncthreads();
    return most;
}

// ---- numbers as they are stored

static __device__ __forceinline__ float wide_bfloat(uint16_t x) {
    return __uint_as_float((uint32_t)x << 16);
}

static __device__ __forceinline__ float wide_half(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, mantissa = h & 1023;
    if (exponent == 31) return __uint_as_float(sign | 0x7f800000 | mantissa << 13);
    if (exponent) return __uint_as_float(sign | (exponent + 112) << 23 | mantissa << 13);
    float f = (float)mantissa * 0x1p-24f;
    return sign ? -f : f;
}

static __device__ __forceinline__ uint16_t narrow(float x) {
    uint32_t u = __float_as_uint(x);
    if ((u & 0x7fffffff) > 0x7f800000) return (uint16_t)((u | 0x400000) >> 16);
    return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

// Four numbers from where 16 bytes may be read at once.
static __device__ __forceinline__ void four(const float *data, int64_t i, float *x) {
    float4 v = *(const float4 *)(data + i);
    x[0] = v.x, x[1] = v.y, x[2] = v.z, x[3] = v.w;
}

// Eight numbers as they are stored, I8 without their scale, from where 16 bytes may be read at once, 8 of I8.
static __device__ __forceinline__ void eight(const void *data, DType type, int64_t i, float *x) {
    if (type == F32) {
        four((const float *)data, i, x);
        four((const float *)data, i + 4, x + 4);
    } else if (type == I8) {
        uint2 v = *(const uint2 *)((const int8_t *)data + i);
        UNROLLED for (int k = 0; k < 8; k++) x[k] = (float)(int8_t)((k < 4 ? v.x : v.y) >> k % 4 * 8);
    } else {
        uint4 v = *(const uint4 *)((const uint16_t *)data + i);
        uint32_t words[] = {v.x, v.y, v.z, v.w};
        UNROLLED for (int k = 0; k < 8; k++) {
            uint16_t u = (uint16_t)(words[k / 2] >> k % 2 * 16);
            x[k] = type == BF16 ? wide_bfloat(u) : wide_half(u);
        }
    }
}

// x = four numbers of a row of n from number i on, a multiple of four; zeros behind its end. fours: as `fours()` says.
static __device__ __forceinline__ void get4(float *x, const float *row, int64_t i, int64_t n, bool fours) {
    if (fours) four(row, i, x);
    else
        for (int k = 0; k < 4; k++) x[k] = i + k < n ? row[i + k] : 0.0f;
}

// The way back, and to a copy of the row where there is one.
static __device__ __forceinline__ void put4(float *row, uint16_t *copy, int64_t i, int64_t n, bool fours, const float *x) {
    if (fours) *(float4 *)(row + i) = float4{x[0], x[1], x[2], x[3]};
    else
        for (int k = 0; k < 4 && i + k < n; k++) row[i + k] = x[k];
    if (copy) *(ushort4 *)(copy + i) = ushort4{narrow(x[0]), narrow(x[1]), narrow(x[2]), narrow(x[3])};  // n is a multiple of 8
}

// May rows of n numbers, one after another from these addresses on, be read and written by four?
template <typename... T> static bool fours(int64_t n, const T *...rows) {
    uintptr_t all = (uintptr_t)n * sizeof(float);
    ((all |= (uintptr_t)rows), ...);
    return all % 16 == 0;
}

// Threads of a block that goes through a row of n by four.
static unsigned row_threads(int64_t n) {
    int64_t warps = (n + 4 * WARP - 1) / (4 * WARP);
    return WARP * (unsigned)(warps < 1 ? 1 : warps < 8 ? warps : 8);
}

// Numbers i .. i + 3 of this block's row, for each i that is this thread's.
#define FOURS(i, n) (int64_t i = 4 * (int64_t)threadIdx.x; i < (n); i += 4 * (int64_t)blockDim.x)

// y[i] = x, and its copy where there is one
static __device__ __forceinline__ void store(float *y, uint16_t *copy, int64_t i, float x) {
    y[i] = x;
    if (copy) copy[i] = narrow(x);
}

// Element i of weights; I8 without its scale.
static __device__ __forceinline__ float element(const void *data, DType type, int64_t i) {
    switch (type) {
    case F32: return ((const float *)data)[i];
    case BF16: return wide_bfloat(((const uint16_t *)data)[i]);
    case F16: return wide_half(((const uint16_t *)data)[i]);
    default: return (float)((const int8_t *)data)[i];
    }
}

// ---- embeddings and the relative bias

// y(N, n): row ids[i] of the table. A block a row; 8 N n bytes.
static __global__ void embed_kernel(float *y, const void *table, DType type, const float *scale, const int32_t *ids, int64_t n) {
    int64_t row = ids[blockIdx.x];
    float s = scale ? scale[row] : 1.0f;
    for (int64_t i = threadIdx.x; i < n; i += THREADS) y[blockIdx.x * n + i] = s * element(table, type, row * n + i);
}

static void cuda_embed(Ops *o, float *y, const Tensor *table, const int32_t *ids, int64_t N) {
    Cuda *c = cuda(o);
    if (N <= 0) return;
    const int32_t *there = (const int32_t *)send(c, NULL, ids, (size_t)N * sizeof *ids);
    LAUNCH(embed_kernel, (unsigned)N, THREADS, y, table->data, table->dtype, table->scale, there, table->shape[1]);
}

// dtable[id] += the rows of dy whose token it is, in their order: where[first[u]] .. where[first[u + 1]] are those of the u-th
// token that occurs. A block a token.
static __global__ void embed_back_kernel(float *dtable, const float *dy, const int32_t *token, const int32_t *first,
                                         const int32_t *where, int64_t n) {
    float *to = dtable + token[blockIdx.x] * n;
    for (int64_t i = threadIdx.x; i < n; i += THREADS) {
        float sum = to[i];
        for (int32_t k = first[blockIdx.x]; k < first[blockIdx.x + 1]; k++) sum += dy[where[k] * n + i];
        to[i] = sum;
    }
}

struct Place { int32_t id, at; };

static int place_compare(const void *x, const void *y) {
    const struct Place *a = (const struct Place *)x, *b = (const struct Place *)y;
    return a->id != b->id ? (a->id < b->id ? -1 : 1) : a->at < b->at ? -1 : a->at > b->at;
}

static void cuda_embed_back(Ops *o, float *dtable, const float *dy, const int32_t *ids, int64_t N, int64_t n) {
    Cuda *c = cuda(o);
    if (N <= 0) return;
    Place *all = (Place *)host_get(c, &c->host, (size_t)N * sizeof *all + (size_t)(3 * N + 1) * sizeof(int32_t));
    int32_t *lists = (int32_t *)(all + N);
    int32_t *token = lists, *first = lists + N, *where = lists + 2 * N + 1, tokens = 0;
    for (int64_t i = 0; i < N; i++) all[i] = Place{ids[i], (int32_t)i};
    qsort(all, (size_t)N, sizeof *all, place_compare);
    for (int64_t i = 0; i < N; i++) {
        if (!i || all[i].id != all[i - 1].id) {
            token[tokens] = all[i].id;
            first[tokens++] = (int32_t)i;
        }
        where[i] = all[i].at;
    }
    first[tokens] = (int32_t)N;
    const int32_t *there = (const int32_t *)send(c, NULL, lists, (size_t)(3 * N + 1) * sizeof *lists);
    LAUNCH(embed_back_kernel, (unsigned)tokens, THREADS, dtable, dy, there, there + N, there + 2 * N + 1, n);
}

// table(heads, n): w(buckets, heads)[bucket[i]][h]
static __global__ void bias_kernel(float *table, const void *w, DType type, const float *scale, const int32_t *bucket, int64_t n,
                                   int64_t heads) {
    int64_t t = (int64_t)blockIdx.x * THREADS + threadIdx.x, h = t / n, i = t % n;
    if (h < heads) table[t] = (scale ? scale[bucket[i]] : 1.0f) * element(w, type, bucket[i] * heads + h);
}

static void cuda_bias(Ops *o, float *table, const Tensor *w, const int32_t *bucket, int64_t n) {
    Cuda *c = cuda(o);
    const int32_t *there = (const int32_t *)send(c, NULL, bucket, (size_t)n * sizeof *bucket);
    LAUNCH(bias_kernel, blocks_for(n * w->shape[1]), THREADS, table, w->data, w->dtype, w->scale, there, n, w->shape[1]);
}

// A thread for each number of dw(buckets, heads), which goes through all distances: some thousand additions, once a step.
static __global__ void bias_back_kernel(float *dw, const float *dtable, const int32_t *bucket, int64_t n, int64_t heads,
                                        int64_t buckets) {
    int64_t t = (int64_t)blockIdx.x * THREADS + threadIdx.x, b = t / heads, h = t % heads;
    if (b >= buckets) return;
    float sum = dw[t];
    for (int64_t i = 0; i < n; i++)
        if (bucket[i] == b) sum += dtable[h * n + i];
    dw[t] = sum;
}

static void cuda_bias_back(Ops *o, float *dw, const float *dtable, const int32_t *bucket, int64_t n, int64_t heads) {
    Cuda *c = cuda(o);
    int64_t buckets = 0;
    for (int64_t i = 0; i < n; i++) buckets = bucket[i] >= buckets ? bucket[i] + 1 : buckets;
    const int32_t *there = (const int32_t *)send(c, NULL, bucket, (size_t)n * sizeof *bucket);
    LAUNCH(bias_back_kernel, blocks_for(buckets * heads), THREADS, dw, dtable, there, n, heads, buckets);
}

// ---- RMS norm: a block a row

static __global__ void norm_kernel(float *y, uint16_t *copy, float *r, const float *x, const float *w, int64_t n, float epsilon,
                                   bool fours) {
    SHARED(part);
    int64_t at = blockIdx.x * n;
    float sum = 0, v[4], scale[4];
    for FOURS(i, n) {
        get4(v, x + at, i, n, fours);
        for (int k = 0; k < 4; k++) sum += v[k] * v[k];
    }
    float rms = 1 / sqrtf(block_sum(sum, part) / (float)n + epsilon);
    for FOURS(i, n) {
        get4(v, x + at, i, n, fours);
        get4(scale, w, i, n, fours);
        for (int k = 0; k < 4; k++) v[k] *= rms * scale[k];
        put4(y + at, copy ? copy + at : NULL, i, n, fours, v);
    }
    if (r && !threadIdx.x) r[blockIdx.x] = rms;
}

static void cuda_norm(Ops *o, float *y, float *r, const float *x, const float *w, int64_t N, int64_t n, float epsilon) {
    Cuda *c = cuda_keep(o);
    if (N <= 0) return;
    written(c, y, N * n);
    if (r) written(c, r, N);
    uint16_t *copy = copy_make(c, y, N, n);
    LAUNCH_TOGETHER(norm_kernel, (unsigned)N, row_threads(n), PART, y, copy, r, x, w, n, epsilon, fours(n, y, x, w));
}

// dx += r (w dy - x r^2 mean(w dy x))
static __global__ void norm_back_kernel(float *dx, const float *dy, const float *x, const float *r, const float *w, int64_t n,
                                        bool fours) {
    SHARED(part);
    int64_t at = blockIdx.x * n;
    float sum = 0, rms = r[blockIdx.x], e[4], v[4], scale[4], d[4];
    for FOURS(i, n) {
        get4(e, dy + at, i, n, fours);
        get4(v, x + at, i, n, fours);
        get4(scale, w, i, n, fours);
        for (int k = 0; k < 4; k++) sum += e[k] * scale[k] * v[k];
    }
    float mean = block_sum(sum, part) / (float)n * rms * rms * rms;
    for FOURS(i, n) {
        get4(d, dx + at, i, n, fours);
        get4(e, dy + at, i, n, fours);
        get4(v, x + at, i, n, fours);
        get4(scale, w, i, n, fours);
        for (int k = 0; k < 4; k++) d[k] += e[k] * scale[k] * rms - v[k] * mean;
        put4(dx + at, NULL, i, n, fours, d);
    }
}

enum { PART_ROWS = 64 };  // rows that one block of norm_weight_kernel adds up

// parts(blockIdx.y, n): the sums over PART_ROWS rows of dy x r
static __global__ void norm_weight_kernel(float *parts, const float *dy, const float *x, const float *r, int64_t N, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x, first = (int64_t)blockIdx.y * PART_ROWS;
    if (i >= n) return;
    float sum = 0;
    for (int64_t row = first; row < N && row < first + PART_ROWS; row++) sum += dy[row * n + i] * r[row] * x[row * n + i];
    parts[blockIdx.y * n + i] = sum;
}

// y[i] += sum over k of parts[k][i], in the order of k
static __global__ void parts_kernel(float *y, const float *parts, int64_t count, int64_t n) {
    int64_t i = (int64_t)blockIdx.x * THREADS + threadIdx.x;
    if (i >= n) return;
    float sum = y[i];
    for (int64_t k = 0; k < count; k++) sum += parts[k * n + i];
    y[i] = sum;
}

static void cuda_norm_back(Ops *o, float *dx, float *dw, const float *dy, const float *x, const float *r, const float *w,
                           int64_t N, int64_t n) {
    Cuda *c = cuda_keep(o);
    if (N <= 0) return;
    if (dx) written(c, dx, N * n);
    if (dw) {
        written(c, dw, n);
        int64_t count = (N + PART_ROWS - 1) / PART_ROWS;
        float *parts = (float *)buffer_get(c, &c->parts, (size_t)(count * n) * sizeof *parts);
        LAUNCH(norm_weight_kernel, dim3(blocks_for(n), (unsigned)count), THREADS, parts, dy, x, r, N, n);
        LAUNCH(parts_kernel, blocks_for(n), THREADS, dw, parts, count, n);
    }
    if (dx) LAUNCH_TOGETHER(norm_back_kernel, (unsigned)N, row_threads(n), PART, dx, dy, x, r, w, n, fours(n, dx, dy, x, w));
}

// ---- activations, dropout, sums: a block a row

static __device__ float activate(float x, Activation kind, float *slope) {
    if (kind == RELU) {
        *slope = x > 0 ? 1.0f : 0.0f;
        return x > 0 ? x : 0.0f;
    }
    if (kind == GELU) {
        float cdf = 0.5f * erfcf(-x * 0.70710678f);
        *slope = cdf + x * 0.39894228f * expf(-0.5f * x * x);
        return x * cdf;
    }
    float inner = x, dinner = 1;
    if (kind == GELU_NEW) {
        const float k = 0.044715f, f = 1.5957691216f;
        inner = x * f * (x * x * k + 1);
        dinner = f * (x * x * (3 * k) + 1);
    }
    float s = 1 / (1 + expf(-inner));
    *slope = x * dinner * (s * (1 - s)) + s;
    return x * s;
}

// h = dropout(act(g) u): reads 8, writes 4 bytes a number.
static __global__ void act_kernel(float *h, uint16_t *copy, const float *g, const float *u, int64_t n, Activation kind, Drop d,
                                  bool fours) {
    int64_t row = blockIdx.x, at = row * n;
    uint64_t key = random_key(d.key, d.row + (uint64_t)row, 0);
    for FOURS(i, n) {
        float x[4], gate[4], slope;
        get4(x, g + at, i, n, fours);
        if (u) get4(gate, u + at, i, n, fours);
        for (int k = 0; k < 4; k++) {
            x[k] = activate(x[k], kind, &slope);
            if (u) x[k] *= gate[k];
            if (d.threshold) x[k] = dropped(x[k], d, key, i + k);
        }
        put4(h + at, copy ? copy + at : NULL, i, n, fours, x);
    }
}

static void cuda_act(Ops *o, float *h, const float *g, const float *u, int64_t N, int64_t n, Activation kind, Drop d) {
    Cuda *c = cuda_keep(o);
    if (N <= 0) return;
    written(c, h, N * n);
    uint16_t *copy = copy_make(c, h, N, n);
    LAUNCH(act_kernel, (unsigned)N, row_threads(n), h, copy, g, u, n, kind, d, fours(n, h, g, u));
}

static __global__ void act_back_kernel(float *dg, uint16_t *dg_copy, float *du, uint16_t *du_copy, const float *dh,
                                       const float *g, const float *u, int64_t n, Activation kind, Drop d, bool fours) {
    int64_t row = blockIdx.x, at = row * n;
    uint64_t key = random_key(d.key, d.row + (uint64_t)row, 0);
    for FOURS(i, n) {
        float e[4], x[4], gate[4], y[4], slope;
        get4(e, dh + at, i, n, fours);
        get4(x, g + at, i, n, fours);
        if (u) get4(gate, u + at, i, n, fours);
        for (int k = 0; k < 4; k++) {
            y[k] = activate(x[k], kind, &slope);
            if (d.threshold) e[k] = dropped(e[k], d, key, i + k);
            y[k] *= e[k];
            x[k] = e[k] * (u ? gate[k] : 1.0f) * slope;
        }
        if (u) put4(du + at, du_copy ? du_copy + at : NULL, i, n, fours, y);
        put4(dg + at, dg_copy ? dg_copy + at : NULL, i, n, fours, x);
    }
}

static void cuda_act_back(Ops *o, float *dg, float *du, const float *dh, const float *g, const float *u, int64_t N, int64_t n,
                          Activation kind, Drop d) {
    Cuda *c = cuda_keep(o);
    if (N <= 0) return;
    written(c, dg, N * n);
    if (u) written(c, du, N * n);
    uint16_t *dg_copy = copy_make(c, dg, N, n), *du_copy = u ? copy_make(c, du, N, n) : NULL;
    LAUNCH(act_back_kernel, (unsigned)N, row_threads(n), dg, dg_copy, du, du_copy, dh, g, u, n, kind, d,
           fours(n, dg, du, dh, g, u));
}

// y = dropout(x) [+ add]
static __global__ void drop_kernel(float *y, uint16_t *copy, const float *x, const float *add, int64_t n, Drop d, bool fours) {
    int64_t row = blockIdx.x, at = row * n;
    uint64_t key = random_key(d.key, d.row + (uint64_t)row, 0);
    for FOURS(i, n) {
        float v[4], more[4];
        get4(v, x + at, i, n, fours);
        if (add) get4(more, add + at, i, n, fours);
        for (int k = 0; k < 4; k++) {
            if (d.threshold) v[k] = dropped(v[k], d, key, i + k);
            if (add) v[k] += more[k];
        }
        put4(y + at, copy ? copy + at : NULL, i, n, fours, v);
    }
}

static void cuda_drop(Ops *o, float *y, const float *x, const float *add, int64_t N, int64_t n, Drop d) {
    if (add && !d.threshold && few_sum(o, y, x, add, N * n)) return;
    Cuda *c = cuda_keep(o);
    written(c, y, N * n);
    if (N <= 0 || n <= 0) return;
    uint16_t *copy = add ? NULL : copy_make(c, y, N, n);  // a sum is what a norm reads, or a gradient that goes on growing
    LAUNCH(drop_kernel, (unsigned)N, row_threads(n), y, copy, x, add, n, d, fours(n, y, x, add));
}

static __global__ void add_kernel(float *y, const float *x, float scale, int64_t n, bool fours) {
    int64_t i = 4 * ((int64_t)blockIdx.x * THREADS + threadIdx.x);
    float sum[4], v[4];
    if (i >= n) return;
    get4(sum, y, i, n, fours);
    get4(v, x, i, n, fours);
    for (int k = 0; k < 4; k++) sum[k] += v[k] * scale;
    put4(y, NULL, i, n, fours, sum);
}

static void cuda_add(Ops *o, float *y, const float *x, float scale, int64_t n) {
    if (scale == 1 && few_sum(o, y, x, y, n)) return;
    Cuda *c = cuda_keep(o);
    written(c, y, n);
    if (n > 0) LAUNCH(add_kernel, blocks_for((n + 3) / 4), THREADS, y, x, scale, n, fours(n, y, x));
}

// ---- loss

// A block a row of n logits: 128 KB for flan-t5's vocabulary, which stay in the second-level cache between the three times that
// they are read. loss[row] = (1-s) (lse - x[target]) + s (lse - mean(x)); the logits become their gradient.
static __global__ void cross_entropy_kernel(float *loss, float *logits, const int32_t *target, int64_t n, float smoothing,
                                            float weight, bool gradient, bool fours) {
    SHARED(part);
    float *x = logits + blockIdx.x * n, most = -INFINITY, sum = 0, plain = 0, v[4];
    int64_t wanted = target[blockIdx.x];
    for FOURS(i, n) {
        get4(v, x, i, n, fours);
        for (int k = 0; k < 4; k++)
            if (i + k < n) most = fmaxf(most, v[k]);
    }
    most = block_max(most, part);
    for FOURS(i, n) {
        get4(v, x, i, n, fours);
        for (int k = 0; k < 4; k++) {
            sum += i + k < n ? expf(v[k] - most) : 0.0f;
            plain += v[k];
        }
    }
    float lse = most + (float)log((double)block_sum(sum, part)), mean = block_sum(plain, part) / (float)n;
    if (!threadIdx.x) {
        float l = (1 - smoothing) * (lse - x[wanted]);
        loss[blockIdx.x] = smoothing > 0 ? l + smoothing * (lse - mean) : l;
    }
    __syncthreads();
    if (!gradient) return;
    for FOURS(i, n) {
        get4(v, x, i, n, fours);
        for (int k = 0; k < 4; k++) {
            v[k] = (expf(v[k] - lse) - smoothing / (float)n) * weight;
            if (i + k == wanted) v[k] -= (1 - smoothing) * weight;
        }
        put4(x, NULL, i, n, fours, v);
    }
}

static void cuda_cross_entropy(Ops *o, float *loss, float *logits, const int32_t *target, int64_t N, int64_t n, float smoothing,
                               float weight, bool gradient) {
    Cuda *c = cuda(o);
    if (N <= 0) return;
    const int32_t *there = (const int32_t *)send(c, NULL, target, (size_t)N * sizeof *target);
    LAUNCH_TOGETHER(cross_entropy_kernel, (unsigned)N, 2 * row_threads(n), PART, loss, logits, there, n, smoothing, weight,
                    gradient, fours(n, logits));
}

// ---- the optimizer: one kernel for all arrays, of which LoRA has some hundred small ones

enum { SQUARES = 1 << 12 };  // numbers that a block goes through

// Of all arrays' blocks, end to end, array i has those from `first` on.
struct Squared { const float *x; int64_t n, first; };
struct Stepped { AdamPart part; int64_t first; };

// The array that this block is one of.
template <typename T> static __device__ const T &array_of(const T *all, int64_t count) {
    int64_t low = 0;
    for (int64_t step = 1 << 20; step; step /= 2)
        if (low + step < count && all[low + step].first <= blockIdx.x) low += step;
    return all[low];
}

static int64_t blocks_of(int64_t n) {
    return (n + SQUARES - 1) / SQUARES;
}

static __global__ void squares_kernel(float *parts, const Squared *all, int64_t count) {
    SHARED(part);
    const Squared a = array_of(all, count);
    int64_t first = (blockIdx.x - a.first) * SQUARES, end = first + SQUARES < a.n ? first + SQUARES : a.n;
    float sum = 0;
    for (int64_t i = first + threadIdx.x; i < end; i += THREADS) sum += a.x[i] * a.x[i];
    sum = block_sum(sum, part);
    if (!threadIdx.x) parts[blockIdx.x] = sum;
}

// Sums of squares in f32 by the threads of a block, and in double what these come to.
static double cuda_squares(Ops *o, const float *const *x, const int64_t *n, size_t count) {
    Cuda *c = cuda(o);
    int64_t parts = 0;
    double total = 0;
    Squared *all = (Squared *)host_get(c, &c->host, count * sizeof *all);
    for (size_t i = 0; i < count; parts += blocks_of(n[i]), i++) all[i] = Squared{x[i], n[i], parts};
    if (!parts) return 0;
    const Squared *arrays = (const Squared *)send(c, NULL, all, count * sizeof *all);
    float *there = (float *)buffer_get(c, &c->parts, (size_t)parts * sizeof *there);
    float *sums = (float *)host_get(c, &c->host, (size_t)parts * sizeof *sums);
    LAUNCH_TOGETHER(squares_kernel, (unsigned)parts, THREADS, PART, there, arrays, (int64_t)count);
    cuda_copy_out(o, sums, there, (size_t)parts * sizeof *sums);
    for (int64_t i = 0; i < parts; i++) total += (double)sums[i];
    return total;
}

// Reads 16, writes 12 bytes a number.
static __global__ void adam_kernel(const Stepped *all, int64_t count, Adam a) {
    const Stepped s = array_of(all, count);
    const AdamPart &p = s.part;
    int64_t first = (blockIdx.x - s.first) * SQUARES, end = first + SQUARES < p.n ? first + SQUARES : p.n;
    for (int64_t i = first + threadIdx.x; i < end; i += THREADS) {
        float gi = p.g[i] * a.clip, mi = p.m[i] * a.beta1 + gi * a.fresh1, vi = p.v[i] * a.beta2 + gi * gi * a.fresh2;
        p.w[i] = p.w[i] * p.shrink - a.rate * mi / (sqrtf(vi) * a.root + a.epsilon);
        p.m[i] = mi;
        p.v[i] = vi;
    }
}

static void cuda_adam(Ops *o, const AdamPart *parts, size_t count, Adam a) {
    Cuda *c = cuda(o);
    int64_t blocks = 0;
    Stepped *all = (Stepped *)host_get(c, &c->host, count * sizeof *all);
    for (size_t i = 0; i < count; blocks += blocks_of(parts[i].n), i++) all[i] = Stepped{parts[i], blocks};
    if (!blocks) return;
    const Stepped *arrays = (const Stepped *)send(c, NULL, all, count * sizeof *all);
    LAUNCH(adam_kernel, (unsigned)blocks, THREADS, arrays, (int64_t)count, a);
}

/* ================================================================================================================
   3  products

   C(M,N) = alpha A B [+ C] goes to cublasLt, which counts in columns: to it our row-major C is C^T, so that it multiplies
   B^T by A^T. Both operands are of one type there. What is not (a bf16 or int8 weight beside f32 rows) is first written in
   the type of the product: a weight of base's feed-forward layer, 768 x 2,048, is 6 MB in f32, which an H100 moves in 4 us,
   where its product with 2,000 rows takes 6.3 GFLOP or 10 us in bf16.

   A new token's rows are few. Then the weights are read once, as they are stored, and that is all the time there is:
   4, 2 or 1 bytes a weight, a multiply-add for each row.
   ================================================================================================================ */

// to(rows, n), rows ldt apart, is from(rows, n), `ld` apart; an I8 row times its scale. A block a row.
static __global__ void convert_kernel(void *to, bool bfloat, int64_t ldt, const void *from, DType type, const float *scale,
                                      int64_t ld, int64_t n) {
    int64_t row = blockIdx.x;
    float s = scale ? scale[row] : 1.0f;
    for (int64_t i = threadIdx.x; i < n; i += THREADS) {
        float x = s * element(from, type, row * ld + i);
        if (bfloat) ((uint16_t *)to)[row * ldt + i] = narrow(x);
        else ((float *)to)[row * ldt + i] = x;
    }
}

struct Operand {
    const void *data;
    int64_t ld;
};

// An operand of `rows` stored rows of n numbers in the type of the product. kept: rows of f32, of which there may be a copy, or
// for which one is kept, for a product with them seldom comes alone.
static Operand operand(Cuda *c, Buffer *b, const void *data, DType type, const float *scale, int64_t ld, int64_t rows, int64_t n,
                       bool bfloat, bool kept) {
    if (type == (bfloat ? BF16 : F32)) return Operand{data, ld};
    kept = kept && ld == n;
    void *to = kept ? copy_find(c, data, rows, n) : NULL;
    if (to) return Operand{to, n};
    int64_t ldt = (n + 7) / 8 * 8;
    if (kept) to = copy_make(c, (const float *)data, rows, n);
    if (!to) to = buffer_get(c, b, (size_t)(rows * ldt) * (bfloat ? 2 : 4));
    LAUNCH(convert_kernel, (unsigned)rows, THREADS, to, bfloat, ldt, data, type, scale, ld, n);
    return Operand{to, ldt};
}

static int alignment(const void *p) {
    int n = 256;
    while ((uintptr_t)p % (unsigned)n) n /= 2;
    return n;
}

// The best way that cublasLt knows for a shape, asked for once.
static void plan_find(Cuda *c, Plan *p, cublasLtMatmulDesc_t product, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                      cublasLtMatrixLayout_t to) {
    cublasLtMatmulPreference_t wish;
    cublasLtMatmulHeuristicResult_t best;
    size_t room = WORKSPACE;
    int found = 0;
    check_lt(c, cublasLtMatmulPreferenceCreate(&wish), "a product's settings");
    cublasLtMatmulPreferenceSetAttribute(wish, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &room, sizeof room);
    const cublasLtMatmulPreferenceAttributes_t which[] = {
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES};
    for (int i = 0; i < 4; i++) {
        uint32_t bytes = (uint32_t)p->aligned[i < 2 ? 1 - i : 2];
        cublasLtMatmulPreferenceSetAttribute(wish, which[i], &bytes, sizeof bytes);
    }
    cublasStatus_t s = cublasLtMatmulAlgoGetHeuristic(c->lt, product, a, b, to, to, wish, 1, &best, &found);
    cublasLtMatmulPreferenceDestroy(wish);
    if (s != CUBLAS_STATUS_SUCCESS || !found)
        stop(c, "--device cuda: cublasLt has no way to multiply (%lld, %lld) by (%lld, %lld)", (long long)p->M,
                (long long)p->K, (long long)p->K, (long long)p->N);
    p->algo = best.algo;
    p->known = true;
}

// Where plans of a shape are kept. One that another shape had taken is found again.
static Plan *plan_of(Cuda *c, const Plan *wanted) {
    uint64_t h = 0;
    const int64_t keys[] = {wanted->M, wanted->N, wanted->K, wanted->lda, wanted->ldb, wanted->ldc, wanted->type, wanted->flags,
                            wanted->aligned[0], wanted->aligned[1], wanted->aligned[2]};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) h = (h ^ (uint64_t)keys[i]) * 0x9e3779b97f4a7c15u + (h >> 29);
    Plan *p = &c->plans[h >> 52];
    bool same = p->known && p->M == wanted->M && p->N == wanted->N && p->K == wanted->K && p->lda == wanted->lda &&
        p->ldb == wanted->ldb && p->ldc == wanted->ldc && p->type == wanted->type && p->flags == wanted->flags &&
        !memcmp(p->aligned, wanted->aligned, sizeof p->aligned);
    if (!same) *p = *wanted;
    return p;
}

static cublasLtMatrixLayout_t layout(Cuda *c, cudaDataType_t type, int64_t rows, int64_t columns, int64_t ld) {
    cublasLtMatrixLayout_t l;
    check_lt(c, cublasLtMatrixLayoutCreate(&l, type, (uint64_t)rows, (uint64_t)columns, ld), "a matrix");
    return l;
}

// a(M,K), or turned (K,M); b(N,K) where g->b_transposed, else (K,N): by cublasLt, which takes them in the other order.
static void multiply(Cuda *c, const Gemm *g, Operand a, bool turned, Operand b, bool bfloat) {
    cudaDataType_t type = bfloat ? CUDA_R_16BF : CUDA_R_32F;
    bool tf32 = !bfloat && (g->tf32 || (g->half && c->tf32));
    cublasOperation_t opb = g->b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N, opa = turned ? CUBLAS_OP_T : CUBLAS_OP_N;
    float beta = g->add ? 1.0f : 0.0f;
    Plan wanted = {g->M, g->N, g->K, a.ld, b.ld, g->ldc, {alignment(a.data), alignment(b.data), alignment(g->c)}, (int)type,
                   turned | g->b_transposed << 1 | tf32 << 2, false, {}};
    Plan *plan = plan_of(c, &wanted);
    cublasLtMatmulDesc_t product;
    check_lt(c, cublasLtMatmulDescCreate(&product, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F),
             "a product");
    cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_TRANSA, &opb, sizeof opb);
    cublasLtMatmulDescSetAttribute(product, CUBLASLT_MATMUL_DESC_TRANSB, &opa, sizeof opa);
    cublasLtMatrixLayout_t lb = g->b_transposed ? layout(c, type, g->K, g->N, b.ld) : layout(c, type, g->N, g->K, b.ld);
    cublasLtMatrixLayout_t la = turned ? layout(c, type, g->M, g->K, a.ld) : layout(c, type, g->K, g->M, a.ld);
    cublasLtMatrixLayout_t to = layout(c, CUDA_R_32F, g->N, g->M, g->ldc);
    if (!plan->known) plan_find(c, plan, product, lb, la, to);
    cublasStatus_t s = cublasLtMatmul(c->lt, product, &g->alpha, b.data, lb, a.data, la, &beta, g->c, to, g->c, to, &plan->algo,
                                      c->workspace, WORKSPACE, c->stream);
    cublasLtMatrixLayoutDestroy(la);
    cublasLtMatrixLayoutDestroy(lb);
    cublasLtMatrixLayoutDestroy(to);
    cublasLtMatmulDescDestroy(product);
    check_lt(c, s, "a product");
}

// A warp for each row of B(N,K), which it reads once for up to M rows of A; `eights`: K, rows and addresses are multiples of
// eight. The grid's third dimension chooses among up to JOINED products that differ in B and C. sum(M,N), where not NULL, becomes
// C + added.
template <DType type, int M>
static __global__ void few_kernel(Gemm g, Gemm second, Gemm third, bool eights, float *sum, const float *added) {
    if (blockIdx.z == 1) g.b = second.b, g.b_scale = second.b_scale, g.c = second.c;
    if (blockIdx.z == 2) g.b = third.b, g.b_scale = third.b_scale, g.c = third.c;
    int64_t j = (int64_t)blockIdx.x * (THREADS / WARP) + threadIdx.x / WARP, first = (int64_t)blockIdx.y * M;
    int lane = threadIdx.x % WARP, rows = g.M - first < M ? (int)(g.M - first) : M;
    if (j >= g.N) return;
    const float *a = g.a + first * g.a_row;
    float part[M] = {0};
    if (eights) {
        for (int64_t k = lane * 8; k < g.K; k += WARP * 8) {
            float b[8], x[8];
            eight(g.b, type, j * g.ldb + k, b);
            UNROLLED for (int m = 0; m < M; m++) {
                if (m >= rows) break;
                eight(a + m * g.a_row, F32, k, x);
                UNROLLED for (int i = 0; i < 8; i++) part[m] += x[i] * b[i];
            }
        }
    } else {
        for (int64_t k = lane; k < g.K; k += WARP) {
            float b = element(g.b, type, j * g.ldb + k);
            UNROLLED for (int m = 0; m < M; m++)
                if (m < rows) part[m] += a[m * g.a_row + k] * b;
        }
    }
    float scale = g.alpha * (type == I8 ? g.b_scale[j] : 1.0f);
    UNROLLED for (int m = 0; m < M; m++) {
        if (m >= rows) break;
        float s = scale * warp_sum(part[m]), *to = g.c + (first + m) * g.ldc + j;
        if (!lane) *to = s = g.add ? *to + s : s;
        if (!lane && sum) sum[(first + m) * g.N + j] = s + added[(first + m) * g.N + j];
    }
}

template <DType type> static void few_type(Cuda *c, unsigned products, bool eights, float *sum, const float *added) {
    const Gemm &g = c->few[0], &second = c->few[1], &third = c->few[2];
    dim3 grid(blocks_for(g.N * WARP), (unsigned)((g.M + FEW - 1) / FEW), products);
    if (g.M == 1) LAUNCH_TOGETHER((few_kernel<type, 1>), grid, THREADS, 0, g, second, third, eights, sum, added);
    else LAUNCH_TOGETHER((few_kernel<type, FEW>), grid, THREADS, 0, g, second, third, eights, sum, added);
}

// Starts the products that wait.
static void few_start(Cuda *c) {
    const Gemm &g = c->few[0];
    unsigned products = (unsigned)c->nfew;
    bool eights = g.K % 8 == 0 && g.ldb % 8 == 0 && g.a_row % 8 == 0 && alignment(g.a) >= 16;
    for (; c->nfew; c->nfew--) eights = eights && alignment(c->few[c->nfew - 1].b) >= 16;
    float *sum = c->sum;
    const float *added = c->added;
    c->sum = NULL;
    c->added = NULL;
    if (g.b_type == F32) few_type<F32>(c, products, eights, sum, added);
    else if (g.b_type == BF16) few_type<BF16>(c, products, eights, sum, added);
    else if (g.b_type == F16) few_type<F16>(c, products, eights, sum, added);
    else few_type<I8>(c, products, eights, sum, added);
}

// A product of few rows waits for the next operation, which may be another of the same rows: q, k and v, wi and its gate are one
// kernel then. Or it is the sum with what the block was given (few_sum). Weights are nothing that a product writes.
static void few(Ops *o, const Gemm &g) {
    Cuda *c = (Cuda *)o;
    const Gemm &first = c->few[0];
    bool join = c->nfew > 0 && c->nfew < JOINED && g.a == first.a && g.M == first.M && g.N == first.N && g.K == first.K &&
                g.a_row == first.a_row && g.b_type == first.b_type && g.ldb == first.ldb && g.ldc == first.ldc &&
                g.alpha == first.alpha && !g.add && !first.add && !c->sum;
    for (int i = 0; join && i < c->nfew; i++) join = g.c != c->few[i].c;
    if (!join) cuda_keep(o);
    c->few[c->nfew++] = g;
    written(c, g.c, (g.M - 1) * g.ldc + g.N);
}

static void cuda_gemm(Ops *o, Gemm g) {
    if (g.M <= 0 || g.N <= 0) return;
    o->multiply_adds += (double)g.M * (double)g.N * (double)g.K;
    if (g.stream && g.b_transposed && g.a_column == 1 && g.M <= 2 * FEW) {
        few(o, g);
        return;
    }
    Cuda *c = cuda_keep(o);
    bool bfloat = g.half && !c->tf32, turned = g.a_column != 1;
    c->bfloat = c->bfloat || bfloat;
    Operand a = operand(c, &c->a, g.a, F32, NULL, turned ? g.a_column : g.a_row, turned ? g.K : g.M, turned ? g.M : g.K, bfloat,
                        bfloat);
    // the gradient of a weight multiplies rows by rows
    Operand b = operand(c, &c->b, g.b, g.b_type, g.b_scale, g.ldb, g.b_transposed ? g.N : g.K, g.b_transposed ? g.K : g.N,
                        bfloat, bfloat && turned && g.b_type == F32);
    written(c, g.c, (g.M - 1) * g.ldc + g.N);
    multiply(c, &g, a, turned, b, bfloat);
}

/* ================================================================================================================
   4  attention

   A block takes ROWS queries of one head of one sequence and goes through its keys COLUMNS at a time, with a running maximum
   (Milakov and Gimelshein 2018; Dao et al. 2022): the scores exist in shared memory only. Backward makes them again
   from the kept log sum exp: once with a block for ROWS queries, for dQ and the bias, once with a block for ROWS keys,
   for dK and dV, so that no two blocks add to one number.

   The three products that each takes are tiles of (ROWS, COLUMNS) and (ROWS, W) in registers: a thread has 4 rows and every
   16th column of them, so that 4 + COLUMNS / 16 reads of shared memory feed COLUMNS / 4 multiply-adds. Q, K, V and the output
   are read or written once a tile: bytes are 4 W (2 + 2 keys / ROWS) a query, multiply-adds 2 W keys.
   ================================================================================================================ */

enum {
    ROWS = 32, GROUP = 16,             // GROUP: threads that share 4 rows of a tile
    TILE = 64, TURNED = TILE / 2 + 4   // of those in bf16; words from row to row of what is turned
};

// Rows of one head, as an operation's arguments have them.
struct Slice {
    const float *data;
    int64_t stride, rows, width;
};

// What all attention kernels are told.
struct AttentionArgs {
    Attention t;                        // q_offsets and k_offsets are the card's
    const float *dout, *delta;          // backward only: the output's gradient, and for each query and head sum dO O
    float *dq, *dk, *dv, *parts;        // parts(sequences x tiles, heads, 2 reach - 1) of the bias's gradient, or NULL
    uint16_t *out_copy, *dq_copy, *dk_copy, *dv_copy;  // or NULL
    int64_t tiles;                      // of ROWS or TILE queries in the longest sequence
};

static __device__ Slice slice(const AttentionArgs &a, const float *x, const int64_t *offsets) {
    int64_t s = blockIdx.z, stride = a.t.heads * a.t.width;
    return Slice{x + offsets[s] * stride + blockIdx.y * a.t.width, stride, offsets[s + 1] - offsets[s], a.t.width};
}

// to(count, W + 1) = rows first .. first + count of a slice, zeros behind its end. One number more a row, so that a column's
// numbers lie in different banks.
template <int W> static __device__ void tile_load(float *to, Slice from, int64_t first, int count) {
    for (int i = threadIdx.x; i < count * W; i += THREADS) {
        int64_t row = first + i / W, column = i % W;
        to[i / W * (W + 1) + column] = row < from.rows && column < from.width ? from.data[row * from.stride + column] : 0.0f;
    }
}

// s[i][j] = x(row + i) y(column + GROUP j): this thread's part of x(ROWS, W) y(C, W)^T
template <int W, int C> static __device__ void tile_dots(float s[4][C / GROUP], const float *x, const float *y) {
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < C / GROUP; j++) s[i][j] = 0;
    for (int k = 0; k < W; k++) {
        float a[4];
        for (int i = 0; i < 4; i++) a[i] = x[(row + i) * (W + 1) + k];
        for (int j = 0; j < C / GROUP; j++) {
            float b = y[(column + GROUP * j) * (W + 1) + k];
            for (int i = 0; i < 4; i++) s[i][j] += a[i] * b;
        }
    }
}

// acc[i][j] += this thread's part of p(ROWS, C) y(C, W)
template <int W, int C> static __device__ void tile_mix(float acc[4][W / GROUP], const float *p, const float *y) {
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP;
    for (int k = 0; k < C; k++) {
        float a[4];
        for (int i = 0; i < 4; i++) a[i] = p[(row + i) * (C + 1) + k];
        for (int j = 0; j < W / GROUP; j++) {
            float b = y[k * (W + 1) + column + GROUP * j];
            for (int i = 0; i < 4; i++) acc[i][j] += a[i] * b;
        }
    }
}

// This thread's part of a tile (ROWS, C), written where all of the block see it.
template <int C> static __device__ void tile_share(float *to, const float s[4][C / GROUP]) {
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < C / GROUP; j++) to[(row + i) * (C + 1) + column + GROUP * j] = s[i][j];
}

// Rows first .. of a slice, `start` numbers from the beginning of out, are acc(.., W).
template <int W> static __device__ void tile_store(float *out, uint16_t *copy, int64_t start, Slice like, int64_t first,
                                                   const float acc[4][W / GROUP]) {
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < W / GROUP; j++)
            if (first + row + i < like.rows && column + GROUP * j < like.width)
                store(out, copy, start + (first + row + i) * like.stride + column + GROUP * j, acc[i][j]);
}

// The score of query i and key j, with its bias; -INFINITY where the query does not see the key.
static __device__ float score(const Attention &t, float s, int64_t i, int64_t j, int64_t queries, int64_t keys) {
    if (i >= queries || j >= keys || (t.causal && j > i)) return -INFINITY;
    return t.bias ? s + t.bias[blockIdx.y * (2 * t.reach - 1) + t.reach - 1 + j - i] : s;
}

static __device__ uint64_t mask_key(const Attention &t, int64_t query) {
    return random_key(t.drop.key, (t.drop.row + (uint64_t)(t.q_offsets[blockIdx.z] + query)) * (uint64_t)t.heads + blockIdx.y, 0);
}

// Blocks: (tiles, heads, sequences). Shared: q, k or v, p, and for each row its maximum, its sum, and what the sums so far
// shrink by.
template <int W, int C> static __global__ void attention_kernel(AttentionArgs a) {
    SHARED(shared);
    float *x = shared, *y = x + ROWS * (W + 1), *p = y + C * (W + 1), *most = p + ROWS * (C + 1), *sum = most + ROWS,
          *shrink = sum + ROWS;
    const Attention &t = a.t;
    Slice q = slice(a, t.q, t.q_offsets), k = slice(a, t.k, t.k_offsets), v = slice(a, t.v, t.k_offsets);
    int64_t first = (int64_t)blockIdx.x * ROWS, end = t.causal && first + ROWS < k.rows ? first + ROWS : k.rows;
    if (first >= q.rows) return;
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP, lane = threadIdx.x % WARP;
    float s[4][C / GROUP], acc[4][W / GROUP];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < W / GROUP; j++) acc[i][j] = 0;
    tile_load<W>(x, q, first, ROWS);
    if (threadIdx.x < ROWS) most[threadIdx.x] = -INFINITY, sum[threadIdx.x] = 0;
    for (int64_t at = 0; at < end; at += C) {
        tile_load<W>(y, k, at, C);
        __syncthreads();
        tile_dots<W, C>(s, x, y);
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < C / GROUP; j++)
                s[i][j] = score(t, s[i][j], first + row + i, at + column + GROUP * j, q.rows, k.rows);
        tile_share<C>(p, s);
        __syncthreads();
        tile_load<W>(y, v, at, C);
        for (int r = threadIdx.x / WARP; r < ROWS; r += THREADS / WARP) {  // a warp a row
            float top = most[r], total = 0;
            for (int j = lane; j < C; j += WARP) top = fmaxf(top, p[r * (C + 1) + j]);
            top = warp_max(top);
            uint64_t key = t.drop.threshold ? mask_key(t, first + r) : 0;
            for (int j = lane; j < C; j += WARP) {
                float e = top == -INFINITY ? 0.0f : expf(p[r * (C + 1) + j] - top);
                total += e;
                p[r * (C + 1) + j] = t.drop.threshold ? dropped(e, t.drop, key, at + j) : e;
            }
            total = warp_sum(total);
            if (!lane) {
                shrink[r] = top == -INFINITY ? 1.0f : expf(most[r] - top);
                sum[r] = sum[r] * shrink[r] + total;
                most[r] = top;
            }
        }
        __syncthreads();
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < W / GROUP; j++) acc[i][j] *= shrink[row + i];
        tile_mix<W, C>(acc, p, y);
        __syncthreads();
    }
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < W / GROUP; j++) acc[i][j] /= sum[row + i];
    tile_store<W>(t.out, a.out_copy, q.data - t.q, q, first, acc);
    if (t.lse && threadIdx.x < ROWS && first + threadIdx.x < q.rows)
        t.lse[(t.q_offsets[blockIdx.z] + first + threadIdx.x) * t.heads + blockIdx.y] =
            most[threadIdx.x] + (float)log((double)sum[threadIdx.x]);
}

// delta(rows, heads) = sum dO O; a warp each
static __global__ void delta_kernel(float *delta, const float *dout, const float *out, int64_t count, int64_t width) {
    int64_t at = (int64_t)blockIdx.x * (THREADS / WARP) + threadIdx.x / WARP;
    int lane = threadIdx.x % WARP;
    if (at >= count) return;
    float sum = 0;
    for (int64_t i = lane; i < width; i += WARP) sum += dout[at * width + i] * out[at * width + i];
    sum = warp_sum(sum);
    if (!lane) delta[at] = sum;
}

// The probability of a score, and in *ds the gradient of that score, from the gradient dp of the dropped probability.
static __device__ float probability(const Attention &t, float score, float dp, float lse, float delta, uint64_t key, int64_t j,
                                    float *ds) {
    float p = score == -INFINITY ? 0.0f : expf(score - lse);
    *ds = p * ((t.drop.threshold ? dropped(dp, t.drop, key, j) : dp) - delta);
    return t.drop.threshold ? dropped(p, t.drop, key, j) : p;
}

// Adds a tile's gradients of scores up along its diagonals, where the distance key - query is one: a thread a diagonal.
template <int R, int C> static __device__ void diagonals_add(float *part, const float *ds, int64_t from, int64_t span) {
    int e = threadIdx.x;  // key - query, from -(R - 1)
    if (e >= R + C - 1 || from + e < 0 || from + e >= span) return;
    float sum = 0;
    for (int i = 0; i < R; i++) {
        int j = i + e - (R - 1);
        if (j >= 0 && j < C) sum += ds[i * (C + 1) + j];
    }
    part[from + e] += sum;
}

// dq, and parts of the bias's gradient. Blocks: (tiles, heads, sequences).
template <int W, int C> static __global__ void attention_back_q_kernel(AttentionArgs a) {
    SHARED(shared);
    float *x = shared, *dx = x + ROWS * (W + 1), *y = dx + ROWS * (W + 1), *p = y + C * (W + 1);
    const Attention &t = a.t;
    Slice q = slice(a, t.q, t.q_offsets), k = slice(a, t.k, t.k_offsets), v = slice(a, t.v, t.k_offsets),
          dout = slice(a, a.dout, t.q_offsets);
    int64_t first = (int64_t)blockIdx.x * ROWS, end = t.causal && first + ROWS < k.rows ? first + ROWS : k.rows,
        span = 2 * t.reach - 1;
    if (first >= q.rows) return;
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP;
    float s[4][C / GROUP], dp[4][C / GROUP], acc[4][W / GROUP], lse[4], delta[4];
    uint64_t key[4];
    for (int i = 0; i < 4; i++) {
        int64_t at = (t.q_offsets[blockIdx.z] + first + row + i) * t.heads + blockIdx.y;
        bool in = first + row + i < q.rows;
        lse[i] = in ? t.lse[at] : 0;
        delta[i] = in ? a.delta[at] : 0;
        key[i] = mask_key(t, first + row + i);
        for (int j = 0; j < W / GROUP; j++) acc[i][j] = 0;
    }
    tile_load<W>(x, q, first, ROWS);
    tile_load<W>(dx, dout, first, ROWS);
    for (int64_t at = 0; at < end; at += C) {
        tile_load<W>(y, k, at, C);
        __syncthreads();
        tile_dots<W, C>(s, x, y);
        __syncthreads();
        tile_load<W>(y, v, at, C);
        __syncthreads();
        tile_dots<W, C>(dp, dx, y);
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < C / GROUP; j++) {
                int64_t n = at + column + GROUP * j;
                float e = score(t, s[i][j], first + row + i, n, q.rows, k.rows);
                probability(t, e, dp[i][j], lse[i], delta[i], key[i], n, &s[i][j]);
            }
        tile_share<C>(p, s);
        __syncthreads();
        tile_load<W>(y, k, at, C);
        // the tile's first diagonal is the distance at - (first + ROWS - 1); what lies outside the table is zero
        if (a.parts)
            diagonals_add<ROWS, C>(a.parts + ((blockIdx.z * a.tiles + blockIdx.x) * t.heads + blockIdx.y) * span, p,
                                   t.reach - 1 + at - (first + ROWS - 1), span);
        __syncthreads();
        tile_mix<W, C>(acc, p, y);
        __syncthreads();
    }
    tile_store<W>(a.dq, a.dq_copy, q.data - t.q, q, first, acc);
}

// dk and dv. Blocks: (tiles of keys, heads, sequences). x and y change places: a tile's rows are keys, its columns queries.
template <int W, int C> static __global__ void attention_back_k_kernel(AttentionArgs a) {
    SHARED(shared);
    float *x = shared, *vx = x + ROWS * (W + 1), *y = vx + ROWS * (W + 1), *p = y + C * (W + 1);
    const Attention &t = a.t;
    Slice q = slice(a, t.q, t.q_offsets), k = slice(a, t.k, t.k_offsets), v = slice(a, t.v, t.k_offsets),
          dout = slice(a, a.dout, t.q_offsets);
    int64_t first = (int64_t)blockIdx.x * ROWS, begin = t.causal ? first / C * C : 0;
    if (first >= k.rows) return;
    int row = threadIdx.x / GROUP * 4, column = threadIdx.x % GROUP;
    float s[4][C / GROUP], dp[4][C / GROUP], dk[4][W / GROUP], dv[4][W / GROUP];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < W / GROUP; j++) dk[i][j] = dv[i][j] = 0;
    tile_load<W>(x, k, first, ROWS);
    tile_load<W>(vx, v, first, ROWS);
    for (int64_t at = begin; at < q.rows; at += C) {
        tile_load<W>(y, q, at, C);
        __syncthreads();
        tile_dots<W, C>(s, x, y);
        __syncthreads();
        tile_load<W>(y, dout, at, C);
        __syncthreads();
        tile_dots<W, C>(dp, vx, y);
        for (int j = 0; j < C / GROUP; j++) {
            int64_t query = at + column + GROUP * j, n = (t.q_offsets[blockIdx.z] + query) * t.heads + blockIdx.y;
            bool in = query < q.rows;
            float lse = in ? t.lse[n] : 0, delta = in ? a.delta[n] : 0;
            uint64_t key = mask_key(t, query);
            for (int i = 0; i < 4; i++) {
                float e = score(t, s[i][j], query, first + row + i, q.rows, k.rows);
                s[i][j] = probability(t, e, dp[i][j], lse, delta, key, first + row + i, &dp[i][j]);
            }
        }
        tile_share<C>(p, s);
        __syncthreads();
        tile_mix<W, C>(dv, p, y);
        __syncthreads();
        tile_share<C>(p, dp);
        tile_load<W>(y, q, at, C);
        __syncthreads();
        tile_mix<W, C>(dk, p, y);
        __syncthreads();
    }
    tile_store<W>(a.dk, a.dk_copy, k.data - t.k, k, first, dk);
    tile_store<W>(a.dv, a.dv_copy, k.data - t.k, k, first, dv);
}

// ---- the same in bf16, for --dtype bf16 and int8
//
// Rows, keys and the probabilities between are multiplied as bf16 (mma), sums, scores and what is read and written stay f32. A
// warp takes 16 of a block's TILE rows; their scores against TILE others are in registers, where they are what the second product
// wants. Other operands lie in shared memory in pairs: as rows, or turned, where pairs are of neighbouring rows. Four words more
// a row, so that the 32 that a warp reads lie in different banks. Heads are a multiple of 4 and at most W wide.

// Rows of a tile: the block's first, this thread's warp's first of 16, its own, of which the other is 8 behind; and the first of
// the two columns that it has of every eight.
struct PairsPlace { int first, row, own, column; };

static __device__ __forceinline__ PairsPlace pairs_place() {
    int first = blockIdx.x * TILE, row = first + threadIdx.x / WARP * 16;
    return PairsPlace{first, row, (int)(row + threadIdx.x % WARP / 4), (int)(threadIdx.x % 4 * 2)};
}

// rows(TILE, W) and turned(W, TILE), either may be NULL: rows first .. of a slice, zeros behind its end.
template <int W> static __device__ void pairs_load(uint32_t *rows, uint32_t *turned, const Slice &from, int64_t first) {
    for (int i = threadIdx.x; i < TILE / 2 * W / 4; i += THREADS) {
        int pair = i / (2 * W) * 8 + i % 8, column = i / 8 % (W / 4) * 4;
        float x[2][4] = {{0}};
        UNROLLED for (int k = 0; k < 2; k++)
            if (first + 2 * pair + k < from.rows && column < from.width)
                four(from.data + (first + 2 * pair + k) * from.stride, column, x[k]);
        UNROLLED for (int k = 0; k < 2 && rows; k++)
            *(uint2 *)(rows + (2 * pair + k) * (W / 2 + 4) + column / 2) = uint2{pack(x[k][0], x[k][1]), pack(x[k][2], x[k][3])};
        UNROLLED for (int k = 0; k < 4 && turned; k++) turned[(column + k) * TURNED + pair] = pack(x[0][k], x[1][k]);
    }
}

// This thread's part of rows row .. row + 15 of a slice, as mma wants it.
template <int W> static __device__ void pairs_own(uint32_t a[W / 16][4], const Slice &from, int64_t row) {
    int lane = threadIdx.x % WARP;
    UNROLLED for (int k = 0; k < W / 16; k++)
        UNROLLED for (int i = 0; i < 4; i++) {
            int64_t r = row + lane / 4 + i % 2 * 8, column = 16 * k + i / 2 * 8 + lane % 4 * 2;
            float2 x = {0, 0};
            if (r < from.rows && column < from.width) x = *(const float2 *)(from.data + r * from.stride + column);
            a[k][i] = pack(x.x, x.y);
        }
}

// s(16, TILE) = a(16, W) rows(TILE, W)^T
template <int W> static __device__ void pairs_dots(float s[TILE / 8][4], const uint32_t a[W / 16][4], const uint32_t *rows) {
    int lane = threadIdx.x % WARP;
    UNROLLED for (int j = 0; j < TILE / 8; j++) {
        const uint32_t *b = rows + (8 * j + lane / 4) * (W / 2 + 4) + lane % 4;
        s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
        UNROLLED for (int k = 0; k < W / 16; k++) mma(s[j], a[k], b[8 * k], b[8 * k + 4]);
    }
}

// acc(16, W) += p(16, TILE) y(TILE, W), y turned
template <int W> static __device__ void pairs_mix(float acc[W / 8][4], const float p[TILE / 8][4], const uint32_t *turned) {
    int lane = threadIdx.x % WARP;
    UNROLLED for (int k = 0; k < TILE / 16; k++) {
        const float *x = p[2 * k], *y = p[2 * k + 1];
        uint32_t a[] = {pack(x[0], x[1]), pack(x[2], x[3]), pack(y[0], y[1]), pack(y[2], y[3])};
        UNROLLED for (int j = 0; j < W / 8; j++) {
            const uint32_t *b = turned + (8 * j + lane / 4) * TURNED + 8 * k + lane % 4;
            mma(acc[j], a, b[0], b[4]);
        }
    }
}

// Rows row .. row + 15 of a slice, `start` numbers from the beginning of out, are acc(16, W).
template <int W> static __device__ void pairs_store(float *out, uint16_t *copy, int64_t start, const Slice &like, int64_t row,
                                                    const float acc[W / 8][4]) {
    int lane = threadIdx.x % WARP;
    UNROLLED for (int i = 0; i < 2; i++)
        UNROLLED for (int j = 0; j < W / 8; j++) {
            int64_t r = row + lane / 4 + 8 * i, column = 8 * j + lane % 4 * 2, at = start + r * like.stride + column;
            if (r >= like.rows || column >= like.width) continue;
            *(float2 *)(out + at) = float2{acc[j][2 * i], acc[j][2 * i + 1]};
            if (copy) *(uint32_t *)(copy + at) = pack(acc[j][2 * i], acc[j][2 * i + 1]);
        }
}

// What is added to the scores of this block's head for a distance key - query; NULL: nothing.
static __device__ const float *bias_own(const Attention &t) {
    return t.bias ? t.bias + blockIdx.y * (2 * t.reach - 1) + t.reach - 1 : NULL;
}

// Over the four threads that share a row.
static __device__ float row_sum(float x) {
    x += __shfl_xor_sync(0xffffffffu, x, 1);
    return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

static __device__ float row_max(float x) {
    x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

// Blocks: (tiles, heads, sequences). Shared: k, v turned.
template <int W> static __global__ void attention_pairs_kernel(AttentionArgs a) {
    SHARED(shared);
    uint32_t *ks = (uint32_t *)shared, *vs = ks + TILE * (W / 2 + 4);
    const Attention &t = a.t;
    Slice q = slice(a, t.q, t.q_offsets), k = slice(a, t.k, t.k_offsets), v = slice(a, t.v, t.k_offsets);
    const auto [first, row, own, column] = pairs_place();
    int queries = (int)q.rows, keys = (int)k.rows, end = t.causal && first + TILE < keys ? first + TILE : keys;
    if (first >= queries) return;
    const float *bias = bias_own(t);
    uint32_t x[W / 16][4];
    uint64_t key[2] = {0, 0};
    float s[TILE / 8][4], acc[W / 8][4] = {{0}}, most[] = {-INFINITY, -INFINITY}, sum[] = {0, 0};
    pairs_own<W>(x, q, row);
    UNROLLED for (int h = 0; h < 2 && t.drop.threshold; h++) key[h] = mask_key(t, own + 8 * h);
    for (int at = 0; at < end; at += TILE) {
        __syncthreads();
        pairs_load<W>(ks, NULL, k, at);
        pairs_load<W>(NULL, vs, v, at);
        __syncthreads();
        pairs_dots<W>(s, x, ks);
        float top[] = {most[0], most[1]};
        UNROLLED for (int j = 0; j < TILE / 8; j++)
            UNROLLED for (int e = 0; e < 4; e++) {
                int query = own + e / 2 * 8, other = at + 8 * j + column + e % 2;
                if (query >= queries || other >= keys || (t.causal && other > query)) s[j][e] = -INFINITY;
                else if (bias) s[j][e] += bias[other - query];
                top[e / 2] = fmaxf(top[e / 2], s[j][e]);
            }
        float shrink[2];
        UNROLLED for (int h = 0; h < 2; h++) {
            top[h] = row_max(top[h]);
            shrink[h] = top[h] == -INFINITY ? 1.0f : expf(most[h] - top[h]);
            sum[h] *= shrink[h];
            most[h] = top[h];
        }
        UNROLLED for (int j = 0; j < TILE / 8; j++)
            UNROLLED for (int e = 0; e < 4; e++) {
                float p = s[j][e] == -INFINITY ? 0.0f : expf(s[j][e] - top[e / 2]);
                sum[e / 2] += p;
                s[j][e] = t.drop.threshold ? dropped(p, t.drop, key[e / 2], at + 8 * j + column + e % 2) : p;
            }
        UNROLLED for (int j = 0; j < W / 8; j++)
            UNROLLED for (int e = 0; e < 4; e++) acc[j][e] *= shrink[e / 2];
        pairs_mix<W>(acc, s, vs);
    }
    UNROLLED for (int h = 0; h < 2; h++) {
        sum[h] = row_sum(sum[h]);
        UNROLLED for (int j = 0; j < W / 8; j++) acc[j][2 * h] /= sum[h], acc[j][2 * h + 1] /= sum[h];
        if (t.lse && !column && own + 8 * h < queries)
            t.lse[(t.q_offsets[blockIdx.z] + own + 8 * h) * t.heads + blockIdx.y] = most[h] + (float)log((double)sum[h]);
    }
    pairs_store<W>(t.out, a.out_copy, q.data - t.q, q, row, acc);
}

// dq, and parts of the bias's gradient. Blocks as above. Shared: k, k turned, v; with parts, the scores' gradients.
template <int W> static __global__ void attention_pairs_back_q_kernel(AttentionArgs a) {
    SHARED(shared);
    uint32_t *ks = (uint32_t *)shared, *kt = ks + TILE * (W / 2 + 4), *vs = kt + W * TURNED;
    float *all = (float *)(vs + TILE * (W / 2 + 4));
    const Attention &t = a.t;
    Slice q = slice(a, t.q, t.q_offsets), k = slice(a, t.k, t.k_offsets), v = slice(a, t.v, t.k_offsets),
          dout = slice(a, a.dout, t.q_offsets);
    const auto [first, row, own, column] = pairs_place();
    int queries = (int)q.rows, keys = (int)k.rows, end = t.causal && first + TILE < keys ? first + TILE : keys;
    int64_t span = 2 * t.reach - 1;
    if (first >= queries) return;
    const float *bias = bias_own(t);
    uint32_t x[W / 16][4], dx[W / 16][4];
    uint64_t key[2] = {0, 0};
    float s[TILE / 8][4], dp[TILE / 8][4], acc[W / 8][4] = {{0}}, lse[] = {0, 0}, delta[] = {0, 0};
    pairs_own<W>(x, q, row);
    pairs_own<W>(dx, dout, row);
    UNROLLED for (int h = 0; h < 2 && own + 8 * h < queries; h++) {
        int64_t at = (t.q_offsets[blockIdx.z] + own + 8 * h) * t.heads + blockIdx.y;
        lse[h] = t.lse[at];
        delta[h] = a.delta[at];
        key[h] = mask_key(t, own + 8 * h);
    }
    for (int at = 0; at < end; at += TILE) {
        __syncthreads();
        pairs_load<W>(ks, kt, k, at);
        pairs_load<W>(vs, NULL, v, at);
        __syncthreads();
        pairs_dots<W>(s, x, ks);
        pairs_dots<W>(dp, dx, vs);
        UNROLLED for (int j = 0; j < TILE / 8; j++)
            UNROLLED for (int e = 0; e < 4; e++) {
                int query = own + e / 2 * 8, other = at + 8 * j + column + e % 2;
                bool seen = query < queries && other < keys && !(t.causal && other > query);
                float p = seen ? expf(s[j][e] + (bias ? bias[other - query] : 0.0f) - lse[e / 2]) : 0.0f;
                float d = t.drop.threshold ? dropped(dp[j][e], t.drop, key[e / 2], other) : dp[j][e];
                s[j][e] = p * (d - delta[e / 2]);
            }
        if (a.parts) {
            UNROLLED for (int j = 0; j < TILE / 8; j++)
                UNROLLED for (int e = 0; e < 4; e++)
                    all[(own - first + e / 2 * 8) * (TILE + 1) + 8 * j + column + e % 2] = s[j][e];
            __syncthreads();
            diagonals_add<TILE, TILE>(a.parts + ((blockIdx.z * a.tiles + blockIdx.x) * t.heads + blockIdx.y) * span, all,
                                      t.reach - 1 + at - (first + TILE - 1), span);
        }
        pairs_mix<W>(acc, s, kt);
    }
    pairs_store<W>(a.dq, a.dq_copy, q.data - t.q, q, row, acc);
}

// dk and dv. Blocks: (tiles of keys, heads, sequences): rows are keys, what passes by are queries. Shared: q and dout, as they
// are and turned, and of each query the log sum exp, delta and the key of its mask.
template <int W> static __global__ void attention_pairs_back_k_kernel(AttentionArgs a) {
    SHARED(shared);
    uint32_t *qs = (uint32_t *)shared, *qt = qs + TILE * (W / 2 + 4), *ds = qt + W * TURNED, *dt = ds + TILE * (W / 2 + 4);
    uint64_t *mask = (uint64_t *)(dt + W * TURNED);
    float *lse = (float *)(mask + TILE), *delta = lse + TILE;
    const Attention &t = a.t;
    Slice q = slice(a, t.q, t.q_offsets), k = slice(a, t.k, t.k_offsets), v = slice(a, t.v, t.k_offsets),
          dout = slice(a, a.dout, t.q_offsets);
    const auto [first, row, own, column] = pairs_place();
    int queries = (int)q.rows, keys = (int)k.rows;
    if (first >= keys) return;
    const float *bias = bias_own(t);
    uint32_t x[W / 16][4], y[W / 16][4];
    float s[TILE / 8][4], dp[TILE / 8][4], dk[W / 8][4] = {{0}}, dv[W / 8][4] = {{0}};
    pairs_own<W>(x, k, row);
    pairs_own<W>(y, v, row);
    for (int at = t.causal ? first : 0; at < queries; at += TILE) {
        __syncthreads();
        pairs_load<W>(qs, qt, q, at);
        pairs_load<W>(ds, dt, dout, at);
        if (threadIdx.x < TILE && at + (int)threadIdx.x < queries) {
            int64_t n = (t.q_offsets[blockIdx.z] + at + threadIdx.x) * t.heads + blockIdx.y;
            lse[threadIdx.x] = t.lse[n];
            delta[threadIdx.x] = a.delta[n];
            mask[threadIdx.x] = mask_key(t, at + threadIdx.x);
        }
        __syncthreads();
        pairs_dots<W>(s, x, qs);
        pairs_dots<W>(dp, y, ds);
        UNROLLED for (int j = 0; j < TILE / 8; j++)
            UNROLLED for (int e = 0; e < 4; e++) {
                int n = 8 * j + column + e % 2, query = at + n, other = own + e / 2 * 8;
                bool seen = query < queries && other < keys && !(t.causal && other > query);
                float p = seen ? expf(s[j][e] + (bias ? bias[other - query] : 0.0f) - lse[n]) : 0.0f, d = dp[j][e];
                s[j][e] = p;
                if (t.drop.threshold) {
                    d = dropped(d, t.drop, mask[n], other);
                    s[j][e] = dropped(p, t.drop, mask[n], other);
                }
                dp[j][e] = seen ? p * (d - delta[n]) : 0.0f;
            }
        pairs_mix<W>(dv, s, dt);
        pairs_mix<W>(dk, dp, qt);
    }
    pairs_store<W>(a.dk, a.dk_copy, k.data - t.k, k, row, dk);
    pairs_store<W>(a.dv, a.dv_copy, k.data - t.k, k, row, dv);
}

// What the kernels are told whose blocks take `rows` rows; *key_tiles are those of the longest sequence's keys.
static AttentionArgs attention_args(Cuda *c, const Attention *t, int64_t rows, int64_t *key_tiles) {
    AttentionArgs a = {};
    int64_t queries = 0, keys = 0;
    for (int64_t s = 0; s < t->sequences; s++) {
        int64_t q = t->q_offsets[s + 1] - t->q_offsets[s], k = t->k_offsets[s + 1] - t->k_offsets[s];
        queries = q > queries ? q : queries;
        keys = k > keys ? k : keys;
    }
    if (t->width > 128)
        stop(c, "--device cuda: attention heads of %lld numbers; up to 128 are supported", (long long)t->width);
    a.t = *t;
    size_t bytes = (size_t)(t->sequences + 1) * sizeof(int64_t);
    a.t.k_offsets = (const int64_t *)send_once(c, t->k_offsets, bytes);
    a.t.q_offsets = (const int64_t *)send_once(c, t->q_offsets, bytes);
    a.tiles = (queries + rows - 1) / rows;
    *key_tiles = (keys + rows - 1) / rows;
    return a;
}

// Bytes of shared memory for `rows` tiles of rows, one of columns, one of scores, and three numbers a row.
static size_t attention_bytes(int W, int C, int rows) {
    return sizeof(float) * (size_t)(rows * ROWS * (W + 1) + C * (W + 1) + ROWS * (C + 1) + 3 * ROWS);
}

// The same of bf16: `rows` tiles of rows, `turned` ones.
static size_t pairs_bytes(int W, int rows, int turned) {
    return sizeof(uint32_t) * (size_t)(rows * TILE * (W / 2 + 4) + turned * W * TURNED);
}

// Are these multiplied in bf16?
static bool in_pairs(const Cuda *c, const Attention *t) {
    return t->half && c->tensor && !c->tf32 && t->width <= 64 && fours(t->width, t->q, t->k, t->v, t->out);
}

// More than 48 KB have to be asked for.
template <typename Kernel>
static void attention_run(Cuda *c, Kernel *kernel, int64_t tiles, size_t bytes, const AttentionArgs &a) {
    if (bytes > 48 << 10)
        check(c, cudaFuncSetAttribute((const void *)kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes),
              "shared memory for attention");
    if (tiles > 0 && a.t.sequences > 0)
        LAUNCH_TOGETHER(kernel, dim3((unsigned)tiles, (unsigned)a.t.heads, (unsigned)a.t.sequences), THREADS, bytes, a);
}

static void cuda_attention(Ops *o, const Attention *t) {
    Cuda *c = cuda_keep(o);
    int64_t key_tiles, rows = t->q_offsets[t->sequences], n = t->heads * t->width;
    bool pairs = in_pairs(c, t);
    AttentionArgs a = attention_args(c, t, pairs ? TILE : ROWS, &key_tiles);
    written(c, t->out, rows * n);
    if (t->lse) written(c, t->lse, rows * t->heads);
    a.out_copy = copy_make(c, t->out, rows, n);
    o->multiply_adds += attention_multiply_adds(t);
    if (pairs && t->width <= 32) attention_run(c, attention_pairs_kernel<32>, a.tiles, pairs_bytes(32, 1, 1), a);
    else if (pairs) attention_run(c, attention_pairs_kernel<64>, a.tiles, pairs_bytes(64, 1, 1), a);
    else if (t->width <= 32) attention_run(c, attention_kernel<32, 64>, a.tiles, attention_bytes(32, 64, 1), a);
    else if (t->width <= 64) attention_run(c, attention_kernel<64, 64>, a.tiles, attention_bytes(64, 64, 1), a);
    else attention_run(c, attention_kernel<128, 32>, a.tiles, attention_bytes(128, 32, 1), a);
}

template <int W, int C> static void attention_back_run(Cuda *c, int64_t key_tiles, const AttentionArgs &a) {
    attention_run(c, attention_back_q_kernel<W, C>, a.tiles, attention_bytes(W, C, 2), a);
    attention_run(c, attention_back_k_kernel<W, C>, key_tiles, attention_bytes(W, C, 2), a);
}

template <int W> static void attention_pairs_back_run(Cuda *c, int64_t key_tiles, const AttentionArgs &a) {
    size_t scores = a.parts ? sizeof(float) * TILE * (TILE + 1) : 0;
    attention_run(c, attention_pairs_back_q_kernel<W>, a.tiles, pairs_bytes(W, 2, 1) + scores, a);
    attention_run(c, attention_pairs_back_k_kernel<W>, key_tiles,
                  pairs_bytes(W, 2, 2) + TILE * (sizeof(uint64_t) + 2 * sizeof(float)), a);
}

static void cuda_attention_back(Ops *o, const Attention *t, const AttentionBack *d) {
    Cuda *c = cuda_keep(o);
    int64_t key_tiles, rows = t->q_offsets[t->sequences], key_rows = t->k_offsets[t->sequences], n = t->heads * t->width,
        count = rows * t->heads, span = t->heads * (2 * t->reach - 1);
    bool pairs = in_pairs(c, t) && fours(t->width, d->dout, d->dq, d->dk, d->dv);
    AttentionArgs a = attention_args(c, t, pairs ? TILE : ROWS, &key_tiles);
    int64_t parts = d->dbias ? t->sequences * a.tiles * span : 0;
    float *room = (float *)buffer_get(c, &c->parts, (size_t)(count + parts) * sizeof *room);
    o->multiply_adds += 2 * attention_multiply_adds(t);
    if (count <= 0) return;
    LAUNCH_TOGETHER(delta_kernel, blocks_for(count * WARP), THREADS, 0, room, d->dout, t->out, count, t->width);
    a.dout = d->dout;
    a.delta = room;
    a.dq = d->dq;
    a.dk = d->dk;
    a.dv = d->dv;
    a.parts = parts ? room + count : NULL;
    written(c, d->dq, rows * n);
    written(c, d->dk, key_rows * n);
    written(c, d->dv, key_rows * n);
    if (d->dbias) written(c, d->dbias, span);
    a.dq_copy = copy_make(c, d->dq, rows, n);
    a.dk_copy = copy_make(c, d->dk, key_rows, n);
    a.dv_copy = copy_make(c, d->dv, key_rows, n);
    cuda_zero(o, room + count, parts);
    if (pairs && t->width <= 32) attention_pairs_back_run<32>(c, key_tiles, a);
    else if (pairs) attention_pairs_back_run<64>(c, key_tiles, a);
    else if (t->width <= 32) attention_back_run<32, 64>(c, key_tiles, a);
    else if (t->width <= 64) attention_back_run<64, 64>(c, key_tiles, a);
    else attention_back_run<128, 32>(c, key_tiles, a);
    if (parts) LAUNCH(parts_kernel, blocks_for(span), THREADS, d->dbias, a.parts, t->sequences * a.tiles, span);
}

// ---- one new token

// Where a few caches lie: no array need be sent then.
struct CacheFew {
    enum { MOST = 16 };
    void *to[MOST];
    int64_t room[MOST];
};

// Rows offsets[b] .. of from(.., heads x width), or row b, to (heads, room, width). Blocks: (rows of the longest, caches).
static __global__ void cache_kernel(void *const *to, const int64_t *room, const int64_t *offsets, CacheFew few, DType type,
                                    const float *from, int64_t heads, int64_t width) {
    int64_t b = blockIdx.y, i = blockIdx.x, row = (offsets ? offsets[b] : b) + i, n = heads * width;
    if (offsets && row >= offsets[b + 1]) return;
    void *own = to ? to[b] : few.to[b];
    int64_t rows = to ? room[b] : few.room[b];
    for (int64_t j = threadIdx.x; j < n; j += blockDim.x) {
        int64_t at = (j / width * rows + i) * width + j % width;
        float x = from[row * n + j];
        if (type == F32) ((float *)own)[at] = x;
        else ((uint16_t *)own)[at] = narrow(x);
    }
}

static void cuda_cache(Ops *o, void *const *to, const int64_t *room, int64_t B, DType type, const float *from,
                       const int64_t *offsets, int64_t heads, int64_t width) {
    Cuda *c = cuda_keep(o);
    int64_t most = offsets ? 0 : 1;
    CacheFew few = {};
    void *const *there = NULL;
    for (int64_t b = 0; b < B; b++) {
        written(c, (const float *)to[b], room[b] * heads * width);
        if (offsets && offsets[b + 1] - offsets[b] > most) most = offsets[b + 1] - offsets[b];
        if (b < CacheFew::MOST) few.to[b] = to[b], few.room[b] = room[b];
    }
    if (B <= 0 || !most) return;
    const void *arrays[] = {to, room};
    if (B > CacheFew::MOST) there = (void *const *)send(c, NULL, joined(c, arrays, 2, B), (size_t)(2 * B) * sizeof(int64_t));
    if (offsets) offsets = (const int64_t *)send_once(c, offsets, (size_t)(B + 1) * sizeof *offsets);
    LAUNCH(cache_kernel, dim3((unsigned)most, (unsigned)B), 2 * THREADS, there, there ? (const int64_t *)(there + B) : NULL,
           offsets, few, type, from, heads, width);
}

enum { CHUNK = 1024, STEP = 256 };  // keys whose scores exist at a time; threads of a block

// Eight numbers of a row of n from number i on; what lies behind the row's end is zero. eights: as `eight` wants them.
static __device__ __forceinline__ void get8(float *x, const void *data, DType type, int64_t row, int64_t i, int64_t n,
                                            bool eights) {
    if (eights) eight(data, type, row * n + i, x);
    else
        for (int k = 0; k < 8; k++) x[k] = i + k < n ? element(data, type, row * n + i + k) : 0.0f;
}

// A block for each row and head. It reads the keys and values of length[b] tokens once: 2 x width numbers a token, as many
// multiply-adds. A thread has a key's score; then as many as a value has eights share one, and other tokens are other threads',
// whose sums are added in the end. t's arrays are the card's. Shared: CHUNK scores, sums (STEP x 8), a number of each warp, q.
static __global__ void attention_step_kernel(AttentionStep t, bool eights) {
    SHARED(shared);
    int64_t b = blockIdx.y, h = blockIdx.x, n = t.length[b], row = h * t.room[b], at = (b * t.heads + h) * t.width,
            share = (t.width + 7) / 8, sharers = STEP / share, own = threadIdx.x / share, column = threadIdx.x % share * 8;
    float *p = shared, *sums = p + CHUNK, *part = sums + STEP * 8, *q = part + STEP / WARP;
    const float *bias = t.bias ? t.bias + h * (2 * t.reach - 1) + t.reach - n : NULL;
    float most = -INFINITY, sum = 0, out[8] = {0}, x[8];
    for (int64_t i = threadIdx.x; i < share * 8; i += STEP) q[i] = i < t.width ? t.q[at + i] : 0.0f;
    __syncthreads();
    for (int64_t first = 0; first < n; first += CHUNK) {
        int64_t keys = n - first < CHUNK ? n - first : (int64_t)CHUNK;
        float top = most, total = 0;
        for (int64_t j = threadIdx.x; j < keys; j += STEP) {
            float s = bias ? bias[first + j] : 0.0f;
            for (int64_t i = 0; i < t.width; i += 8) {
                get8(x, t.k[b], t.type, row + first + j, i, t.width, eights);
                UNROLLED for (int k = 0; k < 8; k++) s += q[i + k] * x[k];
            }
            p[j] = s;
            top = fmaxf(top, s);
        }
        top = block_max(top, part);
        for (int64_t j = threadIdx.x; j < keys; j += STEP) {
            p[j] = expf(p[j] - top);
            total += p[j];
        }
        float shrink = expf(most - top);
        sum = sum * shrink + block_sum(total, part);
        most = top;
        UNROLLED for (int k = 0; k < 8; k++) out[k] *= shrink;
        for (int64_t j = own; j < keys && own < sharers; j += sharers) {
            get8(x, t.v[b], t.type, row + first + j, column, t.width, eights);
            UNROLLED for (int k = 0; k < 8; k++) out[k] += p[j] * x[k];
        }
        __syncthreads();
    }
    for (int k = 0; k < 8 && own < sharers; k++) sums[own * share * 8 + column + k] = out[k];
    __syncthreads();
    for (int64_t i = threadIdx.x; i < t.width; i += STEP) {
        float s = 0;
        for (int64_t k = 0; k < sharers; k++) s += sums[k * share * 8 + i];
        t.out[at + i] = s / sum;
    }
}

static void cuda_attention_step(Ops *o, const AttentionStep *t) {
    Cuda *c = cuda_keep(o);
    if (t->B <= 0) return;
    written(c, t->out, t->B * t->heads * t->width);
    const void *arrays[] = {t->k, t->v, t->room};
    size_t bytes = (size_t)t->B * sizeof(int64_t);
    bool eights = t->width % 8 == 0;
    for (int64_t b = 0; b < t->B; b++) eights = eights && alignment(t->k[b]) >= 16 && alignment(t->v[b]) >= 16;
    AttentionStep there = *t;
    there.k = (const void *const *)send_once(c, joined(c, arrays, 3, t->B), 3 * bytes);
    there.v = there.k + t->B;
    there.room = (const int64_t *)(there.v + t->B);
    there.length = (const int64_t *)send_once(c, t->length, bytes);  // all layers have the same
    LAUNCH_TOGETHER(attention_step_kernel, dim3((unsigned)t->heads, (unsigned)t->B), STEP,
                    sizeof(float) * (size_t)(CHUNK + STEP * 8 + STEP / WARP + t->width + 8), there, eights);
}

/* ================================================================================================================
   5  the table
   ================================================================================================================ */

void t5peft_cuda_begin(Ops *o) {
    Cuda *c = (Cuda *)o;
    cudaDeviceProp card;
    cudaMemPool_t pool;
    uint64_t keep = UINT64_MAX;  // memory that was given back stays with the process: asking the driver again takes long
    int cards = 0;
    cudaError_t e = cudaGetDeviceCount(&cards);
    if (e != cudaSuccess || !cards)
        stop(c, "--device cuda: %s; without a card, leave --device out",
                e == cudaSuccess ? "there is no card" : cudaGetErrorString(e));
    if (c->card >= cards)
        stop(c, "--device cuda:%d: there %s %d, counted from 0", c->card, cards == 1 ? "is" : "are", cards);
    check(c, cudaSetDevice(c->card), "choosing the card");
    check(c, cudaGetDeviceProperties(&card, c->card), "asking for the card's properties");
    snprintf(c->name, sizeof c->name, "cuda on %s", card.name);
    c->tensor = card.major >= 8;
    o->memory = (double)card.totalGlobalMem;
    check(c, cudaStreamCreate(&c->stream), "a stream");
    check(c, cudaDeviceGetDefaultMemPool(&pool, c->card), "memory");
    check(c, cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep), "memory");
    check(c, cudaMallocHost((void **)&c->ring, RING), "memory that the card copies from");
    c->there = (char *)cuda_allocate(o, RING);
    c->workspace = cuda_allocate(o, WORKSPACE);
    check_lt(c, cublasLtCreate(&c->lt), "cublasLt");
}

void t5peft_cuda_close(Ops *o) {
    ((Cuda *)o)->nfew = 0;
    Cuda *c = cuda(o);
    void *all[] = {c->there, c->workspace, c->a.data, c->b.data, c->parts.data};
    for (size_t i = 0; c->stream && i < sizeof all / sizeof *all; i++) cuda_release(o, all[i]);
    for (int i = 0; c->stream && i < COPIES; i++) cuda_release(o, c->copies[i].there.data);
    for (int i = 0; c->stream && i < SENT; i++) cuda_release(o, c->sent[i].there.data);
    if (c->lt) cublasLtDestroy(c->lt);
    if (c->stream) cudaStreamSynchronize(c->stream);
    if (c->ring) cudaFreeHost(c->ring);
    if (c->stream) cudaStreamDestroy(c->stream);
    free(c->host.data);
    for (Sent &s : c->sent) free(s.host.data);
    free(c);
}

Ops *t5peft_cuda_new(const Ops *host, int card, bool tf32, void (*fail)(Arena *, const char *, ...)) {
    Cuda *c = (Cuda *)calloc(1, sizeof *c);
    if (!c) fail(host->arena, "out of memory");
    Ops *o = &c->ops;
    o->arena = host->arena;
    o->kernels = host->kernels;
    o->pool = host->pool;
    o->name = c->name;
    o->apart = true;
    c->fail = fail;
    c->card = card;
    c->tf32 = tf32;
    c->few_start = few_start;
    o->allocate = cuda_allocate;
    o->release = cuda_release;
    o->copy_in = cuda_copy_in;
    o->copy_out = cuda_copy_out;
    o->zero = cuda_zero;
    o->gemm = cuda_gemm;
    o->embed = cuda_embed;
    o->embed_back = cuda_embed_back;
    o->bias = cuda_bias;
    o->bias_back = cuda_bias_back;
    o->norm = cuda_norm;
    o->norm_back = cuda_norm_back;
    o->act = cuda_act;
    o->act_back = cuda_act_back;
    o->drop = cuda_drop;
    o->add = cuda_add;
    o->attention = cuda_attention;
    o->attention_back = cuda_attention_back;
    o->cache = cuda_cache;
    o->attention_step = cuda_attention_step;
    o->cross_entropy = cuda_cross_entropy;
    o->squares = cuda_squares;
    o->adam = cuda_adam;
    return o;
}
