// Stands in for CUDA's runtime, so that t5peft.cu, unchanged, runs on a CPU: c++ -x c++ -Itests/cuda_on_cpu -c t5peft.cu.
//
// A launch goes through its blocks one after another. Where the threads of a block know nothing of each other, they are a loop. Where
// they wait for each other (barriers, shuffles), each is a fiber with a stack of its own, and the next that may go on is resumed:
// a barrier lets its threads go when all that still live have come to it. CUDA_ON_CPU_ORDER=N takes blocks, and threads between
// barriers, in another order: what depends on it is a race. Memory of the card and shared memory are filled with bytes that are
// no numbers, each piece is a malloc of its own, so that the address sanitizer sees what reads past its end, and what kernels,
// products and copies are given must lie on their side: an address of the host that goes to a kernel ends the program.
//
// CUDA_ON_CPU_CARDS=N (1) cards, CUDA_ON_CPU_MEMORY=N bytes, CUDA_ON_CPU_FAILS=N: the N-th launch finds that the card is gone;
// CUDA_ON_CPU_COUNTS=1 says in the end what was asked of the card.
#pragma once
#include <math.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <map>
#if defined __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define __global__
#define __device__
#define __forceinline__ inline
#define UNROLLED
#define SHARED(name) float *name = (float *)(void *)cuda_on_cpu::shared

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct alignas(8) uint2 { uint32_t x, y; };
struct alignas(16) uint4 { uint32_t x, y, z, w; };
struct alignas(8) ushort4 { unsigned short x, y, z, w; };

static dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace cuda_on_cpu {

enum { MOST = 1024, LANES = 32, STACK = 256 << 10 };
enum Waits { READY, BLOCK, LANE };

struct Fiber {
    ucontext_t context;
    jmp_buf jump;
    char *stack;
    bool begun, live;
    Waits waits;
    unsigned shuffles;
};

static Fiber fibers[MOST], scheduler;
static int current;
static char *shared;
static float exchanged[2][MOST];  // what lanes pass in a shuffle, and in the one after it
static void (*body)(const void *);
static const void *argument;

static long setting(const char *name, long missing) {
    const char *s = getenv(name);
    return s && *s ? atol(s) : missing;
}

// From the fiber that runs to another: with setjmp where it can be had, for swapcontext asks the system for its signal mask.
static void go(Fiber *from, Fiber *to) {
#if defined __SANITIZE_ADDRESS__
    void *fake = NULL;
    static const void *bottom;
    static size_t size;
    if (to == &scheduler) __sanitizer_start_switch_fiber(&fake, bottom, size);
    else __sanitizer_start_switch_fiber(&fake, to->stack, STACK);
    swapcontext(&from->context, &to->context);
    if (from == &scheduler) __sanitizer_finish_switch_fiber(fake, NULL, NULL);
    else __sanitizer_finish_switch_fiber(fake, &bottom, &size);
#else
    if (_setjmp(from->jump)) return;
    if (to->begun || to == &scheduler) _longjmp(to->jump, 1);
    to->begun = true;
    setcontext(&to->context);
#endif
}

static void wait(Waits what) {
    fibers[current].waits = what;
    go(&fibers[current], &scheduler);
}

// A fiber runs a thread of every block that comes.
static void fiber_run(void) {
#if defined __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
    for (;;) {
        body(argument);
        fibers[current].live = false;
        go(&fibers[current], &scheduler);
    }
}

static void fiber_make(Fiber *f) {
    f->stack = (char *)malloc(STACK);
    if (!f->stack) abort();
    getcontext(&f->context);
    f->context.uc_stack.ss_sp = f->stack;
    f->context.uc_stack.ss_size = STACK;
    f->context.uc_link = NULL;
    makecontext(&f->context, fiber_run, 0);
}

// The i-th of n things in the order that CUDA_ON_CPU_ORDER asks for.
static int64_t ordered(int64_t i, int64_t n, long order) {
    if (!order) return i;
    if (order == 1) return n - 1 - i;
    int64_t step = (2 * order + 1) * 7919 % n;
    for (;; step++) {
        int64_t a = step, b = n;
        while (b) { int64_t r = a % b; a = b, b = r; }
        if (a == 1) break;
    }
    return (i * step + order) % n;
}

static bool may_go(int i, int threads) {
    const Fiber *f = &fibers[i];
    if (!f->live) return false;
    if (f->waits == READY) return true;
    int first = f->waits == LANE ? i / LANES * LANES : 0, end = f->waits == LANE ? first + LANES : threads;
    for (int k = first; k < end && k < threads; k++)
        if (fibers[k].live && fibers[k].waits != f->waits) return false;
    for (int k = first; k < end && k < threads; k++) fibers[k].waits = READY;
    return true;
}

static void block_together(int threads, long order) {
    int live = threads;
    for (int i = 0; i < threads; i++) {
        if (!fibers[i].stack) fiber_make(&fibers[i]);
        fibers[i].live = true;
        fibers[i].waits = READY;
        fibers[i].shuffles = 0;
    }
    while (live) {
        bool any = false;
        for (int k = 0; k < threads; k++) {
            int i = (int)ordered(k, threads, order);
            if (!may_go(i, threads)) continue;
            any = true;
            current = i;
            threadIdx = dim3((unsigned)i);
            go(&scheduler, &fibers[i]);
            live -= !fibers[i].live;
        }
        if (!any) fprintf(stderr, "cuda_on_cpu: threads of a block wait for different things\n"), abort();
    }
}

static std::map<uintptr_t, size_t> pieces;  // of the card's memory

static bool is_there(const void *p) {
    auto piece = pieces.upper_bound((uintptr_t)p);
    return piece != pieces.begin() && (uintptr_t)p < (--piece)->first + piece->second;
}

// An argument of a kernel.
template <typename T> static void on_card(const T &) {}
template <typename T> static void on_card(T *p) {
    if (p && !is_there(p)) fprintf(stderr, "cuda_on_cpu: the card was given an address of the host\n"), abort();
}
template <typename... All> static void all_on_card(const All &...arguments) { (on_card(arguments), ...); }

static long launches, products, copies, waits;
static bool gone;

template <typename Kernel> static void launch(dim3 grid, unsigned threads, size_t bytes, bool together, Kernel kernel) {
    long order = setting("CUDA_ON_CPU_ORDER", 0);
    int64_t blocks = (int64_t)grid.x * grid.y * grid.z;
    if (++launches == setting("CUDA_ON_CPU_FAILS", 0)) gone = true;
    if (gone) return;
    if (threads > MOST || threads % LANES || grid.y > 65535 || grid.z > 65535) abort();
    body = [](const void *k) { (*(const Kernel *)k)(); };
    argument = &kernel;
    gridDim = grid;
    blockDim = dim3(threads);
    for (int64_t k = 0; k < blocks; k++) {
        int64_t b = ordered(k, blocks, order);
        blockIdx = dim3((unsigned)(b % grid.x), (unsigned)(b / grid.x % grid.y), (unsigned)(b / grid.x / grid.y));
        shared = (char *)malloc(bytes ? bytes : 1);
        memset(shared, 0xff, bytes);
        if (together) block_together((int)threads, order);
        else
            for (unsigned i = 0; i < threads; i++) {
                threadIdx = dim3((unsigned)ordered(i, threads, order));
                kernel();
            }
        free(shared);
    }
    argument = NULL;
}

}  // namespace cuda_on_cpu

#define LAUNCH(kernel, grid, block, ...) \
    do { \
        cuda_on_cpu::all_on_card(__VA_ARGS__); \
        cuda_on_cpu::launch(grid, block, 0, false, [&] { kernel(__VA_ARGS__); }); \
        check(c, cudaGetLastError(), #kernel); \
    } while (0)
#define LAUNCH_TOGETHER(kernel, grid, block, bytes, ...) \
    do { \
        cuda_on_cpu::all_on_card(__VA_ARGS__); \
        cuda_on_cpu::launch(grid, block, bytes, true, [&] { kernel(__VA_ARGS__); }); \
        check(c, cudaGetLastError(), #kernel); \
    } while (0)

static inline void __syncthreads() { cuda_on_cpu::wait(cuda_on_cpu::BLOCK); }

static inline float __shfl_xor_sync(unsigned, float x, int mask) {
    using namespace cuda_on_cpu;
    int own = current, turn = fibers[own].shuffles++ % 2;
    exchanged[turn][own] = x;
    wait(LANE);
    return exchanged[turn][own ^ mask];
}

// Two numbers as bf16, rounded to the nearest, the first in the lower half.
static inline uint32_t pack(float low, float high) {
    uint32_t u[2];
    memcpy(&u[0], &low, 4);
    memcpy(&u[1], &high, 4);
    for (uint32_t &x : u) x = (x & 0x7fffffff) > 0x7f800000 ? (x | 0x400000) >> 16 : (x + 0x7fff + (x >> 16 & 1)) >> 16;
    return u[0] | u[1] << 16;
}

// What t5peft.cu says of it: each lane leaves its numbers, and takes those that its four sums are made of.
static inline void mma(float *c, const uint32_t *a, uint32_t b0, uint32_t b1) {
    using namespace cuda_on_cpu;
    static uint32_t left[2][MOST][6];
    int own = current, turn = fibers[own].shuffles++ % 2, warp = own / LANES * LANES, lane = own % LANES;
    memcpy(left[turn][own], a, 16);
    left[turn][own][4] = b0, left[turn][own][5] = b1;
    wait(LANE);
    for (int e = 0; e < 4; e++)
        for (int k = 0; k < 16; k++) {
            int row = lane / 4 + e / 2 * 8, column = lane % 4 * 2 + e % 2;
            uint32_t x = left[turn][warp + row % 8 * 4 + k % 8 / 2][row / 8 + k / 8 * 2],
                     y = left[turn][warp + column * 4 + k % 8 / 2][4 + k / 8];
            x = (x >> k % 2 * 16) << 16, y = (y >> k % 2 * 16) << 16;
            float p, q;
            memcpy(&p, &x, 4);
            memcpy(&q, &y, 4);
            c[e] += p * q;
        }
}

static inline float __uint_as_float(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }
static inline uint32_t __float_as_uint(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }

// ---- what the host calls

enum cudaError_t { cudaSuccess, cudaErrorMemoryAllocation, cudaErrorNoDevice, cudaErrorUnknown };
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
enum { cudaMemPoolAttrReleaseThreshold, cudaFuncAttributeMaxDynamicSharedMemorySize };
typedef struct stream_on_cpu *cudaStream_t;
typedef struct pool_on_cpu *cudaMemPool_t;
typedef struct { char name[256]; size_t totalGlobalMem; int major; } cudaDeviceProp;

namespace cuda_on_cpu {
static size_t used;
struct alignas(256) Piece { size_t bytes; };  // before what is given out; as aligned as the runtime's
}

static inline const char *cudaGetErrorString(cudaError_t e) {
    return e == cudaErrorMemoryAllocation ? "out of memory" : e == cudaErrorNoDevice ? "no CUDA-capable device is detected"
        : "unspecified launch failure";
}
static inline cudaError_t cudaGetLastError() { return cuda_on_cpu::gone ? cudaErrorUnknown : cudaSuccess; }
static inline cudaError_t cudaPeekAtLastError() { return cudaGetLastError(); }
static inline cudaError_t cudaGetDeviceCount(int *n) {
    *n = (int)cuda_on_cpu::setting("CUDA_ON_CPU_CARDS", 1);
    return *n ? cudaSuccess : cudaErrorNoDevice;
}
static inline cudaError_t cudaSetDevice(int) { return cudaSuccess; }
static inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *p, int) {
    strcpy(p->name, "the CPU");
    p->major = 8;
    p->totalGlobalMem = (size_t)cuda_on_cpu::setting("CUDA_ON_CPU_MEMORY", 1L << 40);
    return cudaSuccess;
}
static inline cudaError_t cudaStreamCreate(cudaStream_t *s) { return *s = (cudaStream_t)malloc(1), cudaSuccess; }
static inline cudaError_t cudaStreamDestroy(cudaStream_t s) {
    using namespace cuda_on_cpu;
    if (setting("CUDA_ON_CPU_COUNTS", 0))
        fprintf(stderr, "%ld kernels, %ld products, %ld copies, %ld waits\n", launches, products, copies, waits);
    return free(s), cudaSuccess;
}
static inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return cuda_on_cpu::waits++, cudaGetLastError(); }
static inline cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t *, int) { return cudaSuccess; }
static inline cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, int, void *) { return cudaSuccess; }
static inline cudaError_t cudaMemGetInfo(size_t *left, size_t *all) {
    *all = (size_t)cuda_on_cpu::setting("CUDA_ON_CPU_MEMORY", 1L << 40);
    *left = *all - cuda_on_cpu::used;
    return cudaSuccess;
}
static inline cudaError_t cudaMallocAsync(void **p, size_t bytes, cudaStream_t) {
    size_t left, all;
    cudaMemGetInfo(&left, &all);
    if (bytes > left) return cudaErrorMemoryAllocation;
    void *there;
    if (posix_memalign(&there, alignof(cuda_on_cpu::Piece), sizeof(cuda_on_cpu::Piece) + bytes)) return cudaErrorMemoryAllocation;
    cuda_on_cpu::Piece *piece = (cuda_on_cpu::Piece *)there;
    piece->bytes = bytes;
    cuda_on_cpu::used += bytes;
    *p = piece + 1;
    cuda_on_cpu::pieces[(uintptr_t)*p] = bytes;
    memset(*p, 0xff, bytes);
    return cudaSuccess;
}
static inline cudaError_t cudaFreeAsync(void *p, cudaStream_t) {
    cuda_on_cpu::Piece *piece = (cuda_on_cpu::Piece *)p - 1;
    cuda_on_cpu::used -= piece->bytes;
    cuda_on_cpu::pieces.erase((uintptr_t)p);
    return free(piece), cudaSuccess;
}
static inline cudaError_t cudaMallocHost(void **p, size_t bytes) {
    return (*p = malloc(bytes)) ? cudaSuccess : cudaErrorMemoryAllocation;
}
static inline cudaError_t cudaFreeHost(void *p) { return free(p), cudaSuccess; }
static inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t) {
    cuda_on_cpu::copies++;
    if (cuda_on_cpu::is_there(to) != (kind == cudaMemcpyHostToDevice) || cuda_on_cpu::is_there(from) == (kind == cudaMemcpyHostToDevice))
        fprintf(stderr, "cuda_on_cpu: a copy goes the other way\n"), abort();
    return memcpy(to, from, bytes), cudaGetLastError();
}
static inline cudaError_t cudaMemsetAsync(void *p, int value, size_t bytes, cudaStream_t) {
    return cuda_on_cpu::on_card(p), memset(p, value, bytes), cudaGetLastError();
}
static inline cudaError_t cudaFuncSetAttribute(const void *, int, int) { return cudaSuccess; }
