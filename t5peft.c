/* t5peft.c: tune FLAN-T5 with LoRA, soft prompts or every weight, generate with it and score it.

   1  map: how to read this file

   From top to bottom. Sections stand in the order in which data flows; each begins with a banner that says what it does
   and why it is done this way, and calls only what stands above it. No static function is declared before its
   definition, so the compiler keeps the layers straight.

      2 base         errors, memory arena, files, threads, random numbers
      3 json         read and write; regular expressions
      4 tensors      safetensors
      5 tokenizer    SentencePiece unigram: text to ids to text
      6 kernels      the operations, for each instruction set; Ops, the table of what a device does
      7 model        T5: forward and backward beside each other
      8 peft         LoRA, soft prompt, full tuning: what is trained, and the folders that hold it
      9 data         csv, tsv, jsonl; prompt template
     10 generation   key/value cache, greedy, beam search, sampling
     11 rouge        ROUGE-1/2/L/Lsum
     12 options      the table of options
     13 training     AdamW, schedules, the loop, logs, checkpoints, resume
     14 report       tables, samples, results.csv, one HTML page
     15 library      the functions of t5peft.h
     16 commands     the command line (left out with -DT5PEFT_NO_MAIN)

   Three ideas carry it. A Linear is where tuning lives: it alone knows whether it is frozen, has a LoRA adapter or is
   trained. Only what is trained costs anything: frozen weights stay mapped from their file and get no gradient, and
   backward stops below the lowest trained thing. There is no padding: a batch is sequences laid end to end.

   A tour, in the order in which one dialogue becomes a loss, a gradient and an adapter (the README says what to notice at each
   stop, what to change there, and what then happens): prompt_fill, viterbi, batch_make, embed_forward, linear_forward,
   attention_of, bucket_of, loss_forward, linear_back, stack_lowest, step_update, tuning_save.

   Comments use the letters that section 7 lists for shapes. Sizes are in elements unless a name says bytes.

   Copyright (c) 2026 the t5peft authors. MIT licence: see LICENSE. */

#ifndef ISA  // the kernel passes, which include this file again, skip everything but the body in section 6
#ifndef T5PEFT_DEVICE  // t5peft.cu, which includes it too, sees what describes tensors and operations, and nothing else
#if defined T5PEFT_NO_MAIN && defined __GNUC__
#pragma GCC diagnostic ignored "-Wunused-function"  // what only the command line uses
#endif

// Whatever the compiler, the -std and the -O: each operation is rounded by itself, as it is written. A product and a sum
// become one operation (a fused multiply-add) where F(fma) says so, and x87 keeps no digits that a float does not have.
#if defined __FAST_MATH__ || defined __ASSOCIATIVE_MATH__ || defined __RECIPROCAL_MATH__ || \
    (defined __FINITE_MATH_ONLY__ && __FINITE_MATH_ONLY__)
#error "t5peft.c needs arithmetic as C defines it, with infinities: compile it without -ffast-math and -Ofast"
#endif
#if defined __clang__
#pragma STDC FP_CONTRACT OFF
#elif defined __GNUC__
#pragma GCC optimize("fp-contract=off", "excess-precision=fast")
#if defined __i386__ && !defined __SSE2_MATH__
#pragma GCC target("sse2,fpmath=sse")
#undef T5PEFT_PLAIN
#define T5PEFT_PLAIN  // with -msse2 -mfpmath=sse there are all
#endif
#endif
#if defined __i386__ && !defined __SSE2_MATH__
#error "x87 rounds in its own way: compile with -msse2 -mfpmath=sse"
#endif
#if defined __TINYC__ || defined __PCC__
#undef T5PEFT_PLAIN
#define T5PEFT_PLAIN  // the plain kernels only; -DT5PEFT_PLAIN makes any compiler quick
#endif

#define _GNU_SOURCE  // sched_getaffinity, where there is one
#define _DEFAULT_SOURCE
#ifndef __FreeBSD__  // where nothing shows what this hides
#define _POSIX_C_SOURCE 200809L
#endif
#define _DARWIN_C_SOURCE  // these two: what POSIX alone would hide there
#define _NETBSD_SOURCE
#define _FILE_OFFSET_BITS 64
#include "t5peft.h"
#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#ifdef T5PEFT_MPI
#include <mpi.h>
#endif
#if defined T5PEFT_PLAIN
#elif defined __x86_64__ || defined __i386__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

// Only the kernels gain by more than -O1, which compiles the rest in half the time (gcc).
#if defined __GNUC__ && !defined __clang__ && !defined __TINYC__ && defined __OPTIMIZE__ && !defined __OPTIMIZE_SIZE__
#define KERNELS_BEGIN _Pragma("GCC pop_options")
#define KERNELS_END _Pragma("GCC push_options") _Pragma("GCC optimize(\"O1\")")
#else
#define KERNELS_BEGIN
#define KERNELS_END
#endif
KERNELS_END

/* ================================================================================================================
   2  base: errors, memory, files, threads, random numbers

   Everything that can go wrong (a missing file, a lying header, no memory) is reported through one path. A public
   function of t5peft.h opens a Trap and runs; code below it that cannot go on calls fail(), which writes one line
   into the trap and jumps back there, as libpng and Lua do. So the code between needs no error plumbing, and what it
   had allocated is not lost, because an Arena owns it: memory, file mappings and half-written files are all released
   with the arena. Two rules keep this sound: whoever may fail takes an Arena, and nobody fails inside a parallel loop.
   ================================================================================================================ */

// ---- the platform: all that differs between systems. What is below is written for POSIX.

#ifdef _WIN32
// Windows has some of POSIX under other names. Paths are UTF-8 here and UTF-16 there.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <direct.h>
#include <io.h>
#include <process.h>
#include <psapi.h>
#include <shellapi.h>
#undef near
#undef far
#undef stat
#undef fstat
#define BOOL BOOL_  // types there, numbers here
#define BYTE BYTE_
#define WORD WORD_

enum { PATH_ROOM = 4096, READ_BELOW = 16 << 20 };
#define WIDE(text) wide((wchar_t[PATH_ROOM]){0}, text)

static wchar_t *wide(wchar_t *out, const char *text) {
    MultiByteToWideChar(CP_UTF8, 0, text, -1, out, PATH_ROOM - 1);
    return out;
}

static char *narrow(char *out, int room, const wchar_t *text) {
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, out, room, NULL, NULL)) *out = 0;
    return out;
}

// A file that is mapped cannot be replaced, but it may get another name, which goes when it can.
static int windows_rename(const char *from, const char *to) {
    char old[PATH_ROOM];
    if (MoveFileExW(WIDE(from), WIDE(to), MOVEFILE_REPLACE_EXISTING)) return 0;
    snprintf(old, sizeof old, "%s.old", to);
    _wremove(WIDE(old));
    bool done = MoveFileExW(WIDE(to), WIDE(old), 0) && MoveFileExW(WIDE(from), WIDE(to), 0);
    _wremove(WIDE(old));
    return done ? 0 : (errno = EACCES, -1);
}

// Large files are mapped. Small ones are read, so that they can be replaced at any time.
static void *windows_map(int fd, size_t size) {
    char *p = NULL;
    if (size < READ_BELOW) {
        p = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
        for (int n = 1; p && n > 0; size -= (size_t)n) n = _read(fd, p + _lseek(fd, 0, SEEK_CUR), (unsigned)size);
    } else {
        HANDLE map = CreateFileMappingW((HANDLE)_get_osfhandle(fd), NULL, PAGE_READONLY, 0, 0, NULL);
        if (map) p = MapViewOfFile(map, FILE_MAP_READ, 0, 0, size), CloseHandle(map);
    }
    if (!p) errno = ENOMEM;
    return p;
}

struct windows_entry { char d_name[3 * MAX_PATH]; };

typedef struct {
    HANDLE search;
    WIN32_FIND_DATAW found;
    bool more;
    struct windows_entry entry;
} WindowsFolder;

static WindowsFolder *windows_opendir(const char *path) {
    char all[PATH_ROOM];
    WindowsFolder *f = calloc(1, sizeof *f);
    snprintf(all, sizeof all, "%s/*", path);
    if (f) f->more = (f->search = FindFirstFileW(WIDE(all), &f->found)) != INVALID_HANDLE_VALUE;
    if (f && f->more) return f;
    errno = !f ? ENOMEM : GetLastError() == ERROR_ACCESS_DENIED ? EACCES : ENOENT;
    free(f);
    return NULL;
}

static struct windows_entry *windows_readdir(WindowsFolder *f) {
    if (!f->more) return NULL;
    narrow(f->entry.d_name, sizeof f->entry.d_name, f->found.cFileName);
    f->more = FindNextFileW(f->search, &f->found) != 0;
    return &f->entry;
}

static void windows_closedir(WindowsFolder *f) {
    FindClose(f->search);
    free(f);
}

static bool windows_identity(const char *path, BY_HANDLE_FILE_INFORMATION *i) {
    HANDLE h = CreateFileW(WIDE(path), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                           FILE_FLAG_BACKUP_SEMANTICS, NULL);  // which opens folders too
    bool known = h != INVALID_HANDLE_VALUE && GetFileInformationByHandle(h, i);
    if (h != INVALID_HANDLE_VALUE) CloseHandle(h);
    return known;
}

// A mutex of the folder's number, which goes with its owner, also a dead one: 0 where another run has it, -1 where there can be
// none.
static intptr_t folder_claim(const char *path) {
    BY_HANDLE_FILE_INFORMATION i;
    wchar_t name[64];
    if (!windows_identity(path, &i)) return -1;
    swprintf(name, 64, L"t5peft-%lx-%lx-%lx", i.dwVolumeSerialNumber, i.nFileIndexHigh, i.nFileIndexLow);
    HANDLE claim = CreateMutexW(NULL, FALSE, name);
    if (!claim || GetLastError() != ERROR_ALREADY_EXISTS) return claim ? (intptr_t)claim : -1;
    CloseHandle(claim);
    return 0;
}

static void folder_leave(intptr_t claim) {
    CloseHandle((HANDLE)claim);
}

// What is open cannot be removed here; so to try it is to ask.
#define LOCK_EX 1
#define LOCK_NB 0
#define flock(fd, how) ((void)(fd), 0)
#define O_NONBLOCK 0
#define open(path, flags) _wopen(WIDE(path), (flags) | _O_BINARY)
#define fopen(path, mode) _wfopen(WIDE(path), WIDE(mode))
#define mkdir(path, mode) _wmkdir(WIDE(path))
#define rmdir(path) _wrmdir(WIDE(path))
#define remove(path) _wremove(WIDE(path))
#define rename(from, to) windows_rename(from, to)
#define access(path, mode) _waccess(WIDE(path), mode)
#define stat _stat64
#define _stat64(path, s) _wstat64(WIDE(path), s)
#define lstat(path, s) stat(path, s)
#define fstat(fd, s) _fstat64(fd, s)
#define fsync(fd) _commit(fd)
#define mmap(at, size, access, share, fd, offset) windows_map(fd, size)
#define MAP_FAILED NULL
#define munmap(p, size) (void)(UnmapViewOfFile(p) || VirtualFree(p, 0, MEM_RELEASE))
#define DIR WindowsFolder
#define dirent windows_entry
#define opendir(path) windows_opendir(path)
#define readdir(folder) windows_readdir(folder)
#define closedir(folder) windows_closedir(folder)

#define HAS_THREADS "Windows threads"
#define THREAD_BODY static DWORD WINAPI
#define pthread_t HANDLE
#define pthread_create(thread, attributes, body, arg) !(*(thread) = CreateThread(NULL, 0, body, arg, 0, NULL))
#define pthread_join(thread, result) (void)(WaitForSingleObject(thread, INFINITE), CloseHandle(thread))
#define pthread_mutex_t SRWLOCK
#define pthread_mutex_init(lock, attributes) (InitializeSRWLock(lock), 0)
#define pthread_mutex_lock(lock) AcquireSRWLockExclusive(lock)
#define pthread_mutex_unlock(lock) ReleaseSRWLockExclusive(lock)
#define pthread_mutex_destroy(lock) (void)(lock)
#define pthread_cond_t CONDITION_VARIABLE
#define pthread_cond_init(wake, attributes) (InitializeConditionVariable(wake), 0)
#define pthread_cond_wait(wake, lock) SleepConditionVariableSRW(wake, lock, INFINITE, 0)
#define pthread_cond_broadcast(wake) WakeAllConditionVariable(wake)
#define pthread_cond_destroy(wake) (void)(wake)
#define sched_yield() SwitchToThread()

static bool is_slash(char c) {
    return c == '/' || c == '\\';
}

// Whether both names are there and lead to one file.
static bool is_same_file(const char *x, const char *y) {
    BY_HANDLE_FILE_INFORMATION p, q;
    return windows_identity(x, &p) && windows_identity(y, &q) && p.dwVolumeSerialNumber == q.dwVolumeSerialNumber &&
           p.nFileIndexLow == q.nFileIndexLow && p.nFileIndexHigh == q.nFileIndexHigh;
}

static double seconds(void) {
    LARGE_INTEGER now, rate;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&rate);
    return (double)now.QuadPart / (double)rate.QuadPart;
}

// The most memory that this process has had resident, mapped files included.
static double peak_bytes(void) {
    PROCESS_MEMORY_COUNTERS m;
    return K32GetProcessMemoryInfo(GetCurrentProcess(), &m, sizeof m) ? (double)m.PeakWorkingSetSize : 0;
}

// How many processors this process may use.
static int processors(void) {
    DWORD_PTR allowed = 0, all;
    int n = 0;
    GetProcessAffinityMask(GetCurrentProcess(), &allowed, &all);
    for (; allowed; allowed &= allowed - 1) n++;
    return n ? n : 1;
}

// Where the program lies, with slashes.
static void program_path(char *out, size_t room, const char *called) {
    wchar_t path[PATH_ROOM];
    DWORD n = GetModuleFileNameW(NULL, path, PATH_ROOM);
    if (n && n < PATH_ROOM) narrow(out, (int)room, path);
    else snprintf(out, room, "%s", called);
    for (char *s = out; *s; s++) *s = *s == '\\' ? '/' : *s;
}

// For the library: between the two, numbers are read and printed with a point, whatever the program's locale.
typedef struct {
    int each;
    char name[64];
} Locale;

static Locale numbers_begin(void) {
    Locale was = {_configthreadlocale(_ENABLE_PER_THREAD_LOCALE), ""};
    snprintf(was.name, sizeof was.name, "%s", setlocale(LC_NUMERIC, NULL));
    setlocale(LC_NUMERIC, "C");
    return was;
}

static void numbers_end(Locale was) {
    setlocale(LC_NUMERIC, was.name);
    _configthreadlocale(was.each);
}

// For main: bytes go through the standard streams as they are, arguments and the environment are UTF-8.
static void platform_start(int *argc, char ***argv) {
    wchar_t **words = CommandLineToArgvW(GetCommandLineW(), argc), model[PATH_ROOM];
    for (int i = 0; i < 3; i++) _setmode(i, _O_BINARY);
    SetConsoleOutputCP(CP_UTF8);
    *argv = calloc((size_t)*argc + 1, sizeof **argv);
    for (int i = 0; *argv && i < *argc; i++) {
        int n = WideCharToMultiByte(CP_UTF8, 0, words[i], -1, NULL, 0, NULL, NULL);
        if (((*argv)[i] = calloc((size_t)n + 1, 1))) narrow((*argv)[i], n + 1, words[i]);
    }
    DWORD n = GetEnvironmentVariableW(L"T5PEFT_MODEL", model, PATH_ROOM);
    if (n && n < PATH_ROOM) _putenv_s("T5PEFT_MODEL", narrow((char[3 * PATH_ROOM]){0}, 3 * PATH_ROOM, model));
}

#else
#include <dirent.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif
#ifdef __EMSCRIPTEN__
#undef LOCK_EX  // flock there says yes to all
#endif
#if defined __aarch64__ && defined __linux__
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
// Threads are part of libc on today's systems. Where they need a flag of their own, -pthread, it defines _REENTRANT.
#if !defined __TINYC__ && !defined __PCC__ && !defined __STDC_NO_ATOMICS__ && (defined _REENTRANT || defined __APPLE__ || \
    defined __FreeBSD__ || (defined __linux__ && (!defined __GLIBC__ || __GLIBC__ > 2 || __GLIBC_MINOR__ >= 34)))
#include <pthread.h>
#define HAS_THREADS "POSIX threads"
#define THREAD_BODY static void *
#endif

static bool is_slash(char c) {
    return c == '/';
}

// Whether both names are there and lead to one file.
static bool is_same_file(const char *x, const char *y) {
    struct stat p, q;
    return !stat(x, &p) && !stat(y, &q) && p.st_dev == q.st_dev && p.st_ino == q.st_ino;
}

// A folder's lock, which goes with its owner, also a dead one: 0 where another run has it, -1 where there are no such locks.
static intptr_t folder_claim(const char *path) {
    int fd = open(path, O_RDONLY);
#ifdef LOCK_EX
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) return close(fd), 0;
#endif
    return fd < 0 ? -1 : (intptr_t)fd + 1;
}

static void folder_leave(intptr_t claim) {
    close((int)claim - 1);
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// The most memory that this process has had resident, mapped files included.
static double peak_bytes(void) {
    struct rusage r;
    if (getrusage(RUSAGE_SELF, &r)) return 0;
#ifdef __APPLE__
    return (double)r.ru_maxrss;
#else
    return (double)r.ru_maxrss * 1024;
#endif
}

// How many processors this process may use.
static int processors(void) {
    long n = 1;
#ifdef _OPENMP
    n = omp_get_max_threads();
#elif defined __linux__
    cpu_set_t allowed;
    n = sched_getaffinity(0, sizeof allowed, &allowed) ? sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&allowed);
#elif defined _SC_NPROCESSORS_ONLN
    n = sysconf(_SC_NPROCESSORS_ONLN);
#endif
    return n > 0 ? (int)n : 1;
}

// Where the program lies: what the system says, else what it was called.
static void program_path(char *out, size_t room, const char *called) {
    ssize_t n = readlink("/proc/self/exe", out, room - 1);
    if (n < 0) snprintf(out, room, "%s", called);
    else out[n] = 0;
}

// For the library: between the two, numbers are read and printed with a point, whatever the program's locale (not on NetBSD).
#ifndef __NetBSD__
typedef locale_t Locale;

static Locale numbers_begin(void) {
    return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

static void numbers_end(Locale was) {
    Locale used = uselocale(was);
    if (used != was) freelocale(used);
}
#else
typedef int Locale;

static Locale numbers_begin(void) {
    return 0;
}

static void numbers_end(Locale was) {
    (void)was;
}
#endif

// For main: a standard stream that was closed must not give its number to a file, which would then be printed into. OpenMP's
// threads sleep while they wait, else one busy process beside them costs many times their work; gcc's reads that before main.
static void platform_start(int *argc, char ***argv) {
    (void)argc;
    int fd;
#ifdef _OPENMP
    if (!getenv("OMP_WAIT_POLICY") && !setenv("OMP_WAIT_POLICY", "passive", 1)) execv("/proc/self/exe", *argv);
#else
    (void)argv;
#endif
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < 3) continue;
    if (fd > 2) close(fd);
}
#endif

// ---- errors and memory

typedef struct {
    jmp_buf jump;
    char text[1024];  // "FILE: what is wrong, and what to do", one line, no closing period or newline
} Trap;

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
} Chunk;

// Something that needs more than free() when its arena goes: a mapping, a temporary file.
typedef struct Owned {
    struct Owned *next;
    void (*release)(struct Owned *);
    void *data;
    size_t size;
    const char *path;  // of a mapping: the file's
} Owned;

// Memory that is given back all at once. Not for use by two threads at a time.
typedef struct {
    Chunk *block;
    Owned *owned;
    Trap *trap;
} Arena;

// A point in an arena's life; arena_release gives back everything that came after it.
typedef struct {
    Chunk *block;
    size_t used;
    Owned *owned;
} Mark;

#define LESS_MEMORY "--dtype int8, --method lora, --gradient-checkpointing or shorter texts need less (see t5peft estimate)"

enum { ALIGN = 64 };  // a cache line, and the widest vector

// The length of the UTF-8 sequence at s, 0 where there is none (too short, overlong, a surrogate, past U+10FFFF).
static size_t utf8_length(const char *s, size_t n) {
    const unsigned char *u = (const unsigned char *)s;
    if (!n) return 0;
    if (u[0] < 0x80) return 1;
    size_t length = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (u[0] < 0xc2 || u[0] > 0xf4 || length > n) return 0;
    for (size_t i = 1; i < length; i++)
        if ((u[i] & 0xc0) != 0x80) return 0;
    if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f)) return 0;
    if ((u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f)) return 0;
    return length;
}

// Makes a text from a file fit for a terminal: what is no UTF-8 and what a terminal would act on (controls, escape sequences)
// becomes '?'. Line breaks and tabs may stay.
static void text_clean(char *s, size_t n, bool lines) {
    for (size_t i = 0; i < n;) {
        size_t length = utf8_length(s + i, n - i);
        unsigned char c = (unsigned char)s[i];
        bool control = c < 0x20 || c == 0x7f || (length == 2 && c == 0xc2 && (unsigned char)s[i + 1] < 0xa0);  // C0, delete, C1
        if (!length || (control && !(lines && (c == '\n' || c == '\t')))) memset(s + i, '?', length ? length : 1);
        i += length ? length : 1;
    }
}

// Ends the public call in progress with a message; does not return.
static _Noreturn void fail(Arena *a, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(a->trap->text, sizeof a->trap->text, format, list);
    va_end(list);
    text_clean(a->trap->text, strlen(a->trap->text), false);
    longjmp(a->trap->jump, 1);
}

// Zeroed memory at a multiple of `align`, a power of 2 up to ALIGN. Fails when there is none.
static void *arena_take(Arena *a, size_t bytes, size_t align) {
    Chunk *b = a->block;
    size_t at = b ? (b->used + align - 1) / align * align : 0;
    if (!b || at > b->size || b->size - at < bytes) {
        // Large things get a block of their own size, so that a release gives them back to the system.
        size_t room = bytes > 1 << 16 ? bytes : 1 << 16;
        b = calloc(1, sizeof *b + ALIGN + room);
        if (!b) fail(a, "out of memory: %.1f MiB more were needed; " LESS_MEMORY, (double)bytes / 1048576);
        b->size = room;
        b->next = a->block;
        a->block = b;
        at = 0;
    }
    b->used = at + bytes;
    return (char *)(((uintptr_t)(b + 1) + ALIGN - 1) / ALIGN * ALIGN) + at;
}

// count x size bytes, zeroed and 64-byte aligned. Fails when there is no memory.
static void *arena_get(Arena *a, size_t count, size_t size) {
    if (size && count > (SIZE_MAX / 4) / size)
        fail(a, "out of memory: %zu x %zu bytes is more than any machine has", count, size);
    size_t bytes = count * size;
    return arena_take(a, bytes ? (bytes + ALIGN - 1) / ALIGN * ALIGN : ALIGN, ALIGN);
}

static Mark arena_mark(const Arena *a) {
    return (Mark){a->block, a->block ? a->block->used : 0, a->owned};
}

static void arena_release(Arena *a, Mark m) {
    while (a->owned != m.owned) {
        Owned *o = a->owned;
        a->owned = o->next;
        o->release(o);
    }
    while (a->block != m.block) {
        Chunk *b = a->block;
        a->block = b->next;
        free(b);
    }
    if (a->block) {
        // arena_get promises zeros, also where memory is used for the second time.
        char *start = (char *)(((uintptr_t)(a->block + 1) + ALIGN - 1) / ALIGN * ALIGN);
        memset(start + m.used, 0, a->block->used - m.used);
        a->block->used = m.used;
    }
}

static void arena_free(Arena *a) {
    arena_release(a, (Mark){0});
}

static Owned *arena_own(Arena *a, void *data, size_t size, void (*release)(Owned *)) {
    Owned *o = arena_get(a, 1, sizeof *o);
    *o = (Owned){a->owned, release, data, size, NULL};
    a->owned = o;
    return o;
}

static char *arena_copy(Arena *a, const char *s, size_t n) {
    char *p = arena_get(a, n + 1, 1);
    if (n) memcpy(p, s, n);
    return p;
}

static char *arena_print(Arena *a, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *p = arena_get(a, (size_t)(n < 0 ? 0 : n) + 1, 1);
    va_start(list, format);
    vsnprintf(p, (size_t)(n < 0 ? 0 : n) + 1, format, list);
    va_end(list);
    return p;
}

// Runs body(arg) under the arena's trap: true when it came to its end, false when it failed (a->trap->text says why).
static bool attempt(Arena *a, void (*body)(void *), void *arg) {
    Trap *outer = a->trap;
    Trap trap;
    trap.text[0] = 0;
    a->trap = &trap;
    bool done = false;
    if (!setjmp(trap.jump)) {
        body(arg);
        done = true;
    }
    a->trap = outer;
    if (!done && outer) memcpy(outer->text, trap.text, sizeof trap.text);
    return done;
}

// A string that grows. Always closed by a zero byte once something was added.
typedef struct {
    Arena *arena;
    char *data;
    size_t n, room;
} Text;

static void text_add(Text *t, const char *s, size_t n) {
    if (t->room - t->n <= n) {
        size_t room = t->room * 2 > t->n + n + 1 ? t->room * 2 : t->n + n + 64;
        char *data = arena_get(t->arena, room, 1);
        if (t->n) memcpy(data, t->data, t->n);
        t->data = data;
        t->room = room;
    }
    if (n) memcpy(t->data + t->n, s, n);
    t->n += n;
    t->data[t->n] = 0;
}

static void text_print(Text *t, const char *format, ...) {
    char small[256];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(small, sizeof small, format, list);
    va_end(list);
    if (n >= 0 && (size_t)n < sizeof small) {
        text_add(t, small, (size_t)n);
        return;
    }
    char *large = arena_get(t->arena, (size_t)(n < 0 ? 0 : n) + 1, 1);
    va_start(list, format);
    vsnprintf(large, (size_t)(n < 0 ? 0 : n) + 1, format, list);
    va_end(list);
    text_add(t, large, strlen(large));
}

// An array that grows: arena memory for one element more behind `n` elements of `size` bytes. *room is updated.
static void *arena_grow(Arena *a, void *data, size_t n, size_t *room, size_t size) {
    if (n < *room) return data;
    size_t more = *room ? *room * 2 : 16;
    void *grown = arena_get(a, more, size);
    if (n) memcpy(grown, data, n * size);
    *room = more;
    return grown;
}

// ---- ranks
//
// With `make MPI=1`: processes that share the work of a command, as mpirun starts them, on one machine or several. Each reads
// model and data for itself; rank 0 alone prints and writes. What they make is put together in an order that is not a matter of
// who made it, so the bytes are those of one process. Any other build has one rank, and the compiler drops what is for more.

typedef enum { SUM_FLOATS, SUM_DOUBLES, LARGEST } Combine;

// Hands out the numbers below `end`, to one process or to all of them.
typedef struct {
    int64_t next, end;
    int64_t dealt, share;  // each of several ranks is dealt `share` in turn, lest one begins with all, and asks rank 0 for more
    int asking;            // ranks that have not been told yet that there are no more
} Hand;

#ifdef T5PEFT_MPI

// A piece's gradient on its way. In a round each rank has a piece, or fewer have one; every rank gets its slice of each and adds
// it to the slices before, in the order of the pieces.
typedef struct {
    float *piece, *slices, *sum;
    int64_t count;      // numbers in a gradient
    int slice;          // and in this rank's part of it
    const int *owner;   // of the round's pieces
    int pieces;
    bool begun;
    MPI_Request request;
} Exchange;

static bool each_alone;

// While on, each process takes itself for the only one: sweep's trials are of one process each.
static void ranks_alone(bool on) {
    each_alone = on;
}

static int rank_count(void) {
    int on, n = 1;
    if (each_alone) return 1;
    MPI_Initialized(&on);
    if (on) MPI_Comm_size(MPI_COMM_WORLD, &n);
    return n;
}

static int rank_own(void) {
    int on, own = 0;
    if (each_alone) return 0;
    MPI_Initialized(&on);
    if (on) MPI_Comm_rank(MPI_COMM_WORLD, &own);
    return own;
}

enum { ROWS_TAG, ASK_TAG, ANSWER_TAG };

// Rank 0's answer to one that asks.
static void hand_answer(Hand *h, int to) {
    int64_t got = h->next < h->end ? h->next++ : h->end;
    MPI_Recv(NULL, 0, MPI_BYTE, to, ASK_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(&got, 1, MPI_INT64_T, to, ANSWER_TAG, MPI_COMM_WORLD);
    h->asking -= got == h->end;
}

// To be called often: messages move only while MPI is called, and rank 0 answers who asks. h may be NULL.
static void ranks_poll(Hand *h) {
    MPI_Status status;
    int any = rank_count() > 1;
    while (any) {
        MPI_Iprobe(MPI_ANY_SOURCE, ASK_TAG, MPI_COMM_WORLD, &any, &status);
        if (any && !h) return;
        if (any) hand_answer(h, status.MPI_SOURCE);
    }
}

// Sums, or the largest, of all ranks' n numbers, to all. A sum is exact where all but one of its numbers are 0.
static void ranks_combine(void *x, size_t n, Combine how, double *waited) {
    double began = seconds();
    MPI_Datatype type = how == SUM_FLOATS ? MPI_FLOAT : MPI_DOUBLE;
    if (rank_count() > 1) MPI_Allreduce(MPI_IN_PLACE, x, (int)n, type, how == LARGEST ? MPI_MAX : MPI_SUM, MPI_COMM_WORLD);
    *waited += seconds() - began;
}

// Rank 0's bytes, to all.
static void ranks_share(void *x, size_t bytes) {
    enum { AT_ONCE = 1 << 30 };
    for (size_t at = 0; rank_count() > 1 && at < bytes; at += AT_ONCE)
        MPI_Bcast((char *)x + at, bytes - at < AT_ONCE ? (int)(bytes - at) : AT_ONCE, MPI_BYTE, 0, MPI_COMM_WORLD);
}

// The part of n numbers that rank r looks after begins here and ends where the next one's begins.
static int64_t part_from(int64_t n, int r) {
    return n / rank_count() * r + n % rank_count() * r / rank_count();
}

// Lengths of all ranks' parts, and then where they begin, as MPI wants them.
static int *parts_shape(Arena *a, int64_t n) {
    int ranks = rank_count(), *shape = arena_get(a, (size_t)ranks, 2 * sizeof *shape);
    if (n > INT_MAX) fail(a, "%lld numbers are more than MPI sends at a time; tune less, or in one process", (long long)n);
    for (int r = 0; r < ranks; r++) {
        shape[r] = (int)(part_from(n, r + 1) - part_from(n, r));
        shape[ranks + r] = (int)part_from(n, r);
    }
    return shape;
}

// Adds up all ranks' x; each has the sum of its part then.
static void ranks_reduce(Arena *a, float *x, int64_t n, double *waited) {
    Mark mark = arena_mark(a);
    int own = rank_own(), *shape = parts_shape(a, n);
    float *part = arena_get(a, (size_t)shape[own], sizeof *part);
    double began = seconds();
    MPI_Reduce_scatter(x, part, shape, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    *waited += seconds() - began;
    memcpy(x + part_from(n, own), part, (size_t)shape[own] * sizeof *part);
    arena_release(a, mark);
}

// Every rank has its part of x; each gets all of it.
static void ranks_gather(Arena *a, float *x, int64_t n, double *waited) {
    Mark mark = arena_mark(a);
    int *shape = parts_shape(a, n);
    double began = seconds();
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, x, shape, shape + rank_count(), MPI_FLOAT, MPI_COMM_WORLD);
    *waited += seconds() - began;
    arena_release(a, mark);
}

static Exchange *exchange_open(Arena *a, int64_t count) {
    Exchange *e = arena_get(a, 1, sizeof *e);
    e->count = count;
    e->slice = parts_shape(a, count)[rank_own()];
    e->piece = arena_get(a, (size_t)count, sizeof *e->piece);
    e->slices = arena_get(a, (size_t)e->slice * (size_t)rank_count(), sizeof *e->slices);
    e->sum = arena_get(a, (size_t)e->slice, sizeof *e->sum);
    return e;
}

// Sends e->piece, where this rank has one of the round's pieces, while the next is made. The arena keeps what that needs.
static void exchange_start(Arena *a, Exchange *e, const int *owner, int pieces) {
    int ranks = rank_count(), *shape = parts_shape(a, e->count), *sent = arena_get(a, (size_t)ranks, 3 * sizeof *sent);
    int *got = sent + ranks, *to = got + ranks;
    for (int r = 0; r < ranks; r++) to[r] = r * e->slice;
    for (int k = 0; k < pieces; k++) {
        got[owner[k]] = e->slice;
        if (owner[k] == rank_own()) memcpy(sent, shape, (size_t)ranks * sizeof *sent);
    }
    e->owner = owner;
    e->pieces = pieces;
    MPI_Ialltoallv(e->piece, sent, shape + ranks, MPI_FLOAT, e->slices, got, to, MPI_FLOAT, MPI_COMM_WORLD, &e->request);
}

// Waits for the round that was started and adds it up.
static void exchange_end(Exchange *e, double *waited) {
    double began = seconds();
    if (e->pieces) MPI_Wait(&e->request, MPI_STATUS_IGNORE);
    *waited += seconds() - began;
    for (int k = 0; k < e->pieces; k++, e->begun = true) {
        const float *slice = e->slices + (size_t)e->owner[k] * (size_t)e->slice;
        for (int i = 0; i < e->slice; i++) e->sum[i] = e->begun ? e->sum[i] + slice[i] : slice[i];
    }
    e->pieces = 0;
}

// Leaves the sum of all rounds in every rank's e->piece.
static void exchange_finish(Arena *a, Exchange *e, double *waited) {
    exchange_end(e, waited);
    memcpy(e->piece + part_from(e->count, rank_own()), e->sum, (size_t)e->slice * sizeof *e->sum);
    ranks_gather(a, e->piece, e->count, waited);
    e->begun = false;
}

static Hand hand_open(int64_t end, int64_t share) {
    int others = rank_count() - 1;
    if (!others) share = 0;
    return (Hand){.end = end, .next = share * rank_count(), .share = share, .asking = rank_own() ? 1 : others};
}

// The next number, or `end`.
static int64_t hand_next(Hand *h) {
    int64_t got = h->dealt++ * rank_count() + rank_own();
    if (h->dealt > h->share) {
        if (!rank_own()) return h->next < h->end ? h->next++ : h->end;
        MPI_Sendrecv(NULL, 0, MPI_BYTE, 0, ASK_TAG, &got, 1, MPI_INT64_T, 0, ANSWER_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        h->asking = got < h->end;
    }
    return got < h->end ? got : h->end;
}

// Waits until all ranks have been told that there are no more.
static void hand_close(Hand *h, double *waited) {
    double began = seconds();
    MPI_Status status;
    while (h->asking && rank_own()) hand_next(h);
    while (h->asking) {
        MPI_Probe(MPI_ANY_SOURCE, ASK_TAG, MPI_COMM_WORLD, &status);
        hand_answer(h, status.MPI_SOURCE);
    }
    *waited += seconds() - began;
}

// Numbers for rank 0.
static void rank_send(const int32_t *x, size_t n) {
    MPI_Send(x, (int)n, MPI_INT32_T, 0, ROWS_TAG, MPI_COMM_WORLD);
}

// What another rank has sent; NULL where there is nothing and `wait` is not set. Who asks in the meantime is answered.
static int32_t *rank_receive(Arena *a, Hand *h, bool wait, size_t *n) {
    MPI_Status status;
    int any = 1, count;
    for (;;) {
        if (wait) MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
        else MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &any, &status);
        if (!any) return NULL;
        if (status.MPI_TAG == ROWS_TAG) break;
        hand_answer(h, status.MPI_SOURCE);
    }
    MPI_Get_count(&status, MPI_INT32_T, &count);
    int32_t *x = arena_get(a, (size_t)count, sizeof *x);
    MPI_Recv(x, count, MPI_INT32_T, status.MPI_SOURCE, ROWS_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    *n = (size_t)count;
    return x;
}

static void ranks_begin(int *argc, char ***argv) {
    int level;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level);
    if (rank_own() && !freopen("/dev/null", "w", stdout)) fclose(stdout);
}

// A rank that fails ends all. What ails all of them is said by rank 0, which is given the time for it: its end ends the wait.
static void ranks_failed(const char *program, const char *text) {
    if (rank_own() && sleep(3)) return;
    if (rank_own()) fprintf(stderr, "%s: rank %d: %s\n", program, rank_own(), text);
    else fprintf(stderr, "%s: %s\n", program, text);
    if (rank_count() == 1) return;
    sleep(1);  // MPICH's mpirun may lose what was said just before the end
    MPI_Abort(MPI_COMM_WORLD, 1);
}

static int ranks_end(int status) {
    MPI_Finalize();
    return status;
}

#else

typedef struct {
    float *piece;
} Exchange;

static void ranks_alone(bool on) { (void)on; }
static int rank_count(void) { return 1; }
static int rank_own(void) { return 0; }
static void ranks_poll(Hand *h) { (void)h; }
static void ranks_combine(void *x, size_t n, Combine how, double *waited) { (void)x, (void)n, (void)how, (void)waited; }
static void ranks_share(void *x, size_t bytes) { (void)x, (void)bytes; }
static int64_t part_from(int64_t n, int r) { return r ? n : 0; }
static void ranks_reduce(Arena *a, float *x, int64_t n, double *waited) { (void)a, (void)x, (void)n, (void)waited; }
static void ranks_gather(Arena *a, float *x, int64_t n, double *waited) { (void)a, (void)x, (void)n, (void)waited; }
static Exchange *exchange_open(Arena *a, int64_t count) { return (void)a, (void)count, NULL; }
static void exchange_start(Arena *a, Exchange *e, const int *owner, int pieces) { (void)a, (void)e, (void)owner, (void)pieces; }
static void exchange_end(Exchange *e, double *waited) { (void)e, (void)waited; }
static void exchange_finish(Arena *a, Exchange *e, double *waited) { (void)a, (void)e, (void)waited; }
static Hand hand_open(int64_t end, int64_t share) { return (void)share, (Hand){.end = end}; }
static int64_t hand_next(Hand *h) { return h->next < h->end ? h->next++ : h->end; }
static void hand_close(Hand *h, double *waited) { (void)h, (void)waited; }
static void rank_send(const int32_t *x, size_t n) { (void)x, (void)n; }
static int32_t *rank_receive(Arena *a, Hand *h, bool wait, size_t *n) { return (void)a, (void)h, (void)wait, (void)n, NULL; }
static void ranks_begin(int *argc, char ***argv) { (void)argc, (void)argv; }
static void ranks_failed(const char *program, const char *text) { fprintf(stderr, "%s: %s\n", program, text); }
static int ranks_end(int status) { return status; }
#endif

// ---- files

typedef struct {
    const char *path;
    const char *data;  // size bytes, read-only; never NULL, also for an empty file
    size_t size;
} File;

static void unmap(Owned *o) {
    if (o->data) munmap(o->data, o->size);
}

static void close_descriptor(Owned *o) {
    if (o->size) close((int)o->size - 1);
    o->size = 0;
}

// Opens for reading, to be closed with the arena or by close_descriptor. A FIFO is not waited for.
static Owned *descriptor_open(Arena *a, const char *path, struct stat *s) {
    Owned *guard = arena_own(a, NULL, 0, close_descriptor);
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) fail(a, "%s: cannot be opened: %s", path, strerror(errno));
    guard->size = (size_t)fd + 1;
    if (fstat(fd, s)) fail(a, "%s: cannot be read: %s", path, strerror(errno));
    return guard;
}

// Maps a whole file read-only. Pages are shared with every other process that maps it and cost nothing until touched. Where files
// are meant, a device or a pipe has no end, or none that comes.
static File file_open(Arena *a, const char *path) {
    struct stat s;
    Owned *guard = descriptor_open(a, path, &s), *map = arena_own(a, NULL, 0, unmap);
    if (S_ISDIR(s.st_mode)) fail(a, "%s: is a folder, a file is wanted", path);
    if (!S_ISREG(s.st_mode)) fail(a, "%s: is a device or a pipe, a file is wanted", path);
    if ((uintmax_t)s.st_size > SIZE_MAX / 2) fail(a, "%s: too large for this machine's address space", path);
    File f = {arena_copy(a, path, strlen(path)), "", (size_t)s.st_size};
    if (f.size) {
        void *p = mmap(NULL, f.size, PROT_READ, MAP_SHARED, (int)guard->size - 1, 0);
        if (p == MAP_FAILED) fail(a, "%s: cannot be mapped: %s", path, strerror(errno));
        *map = (Owned){map->next, unmap, p, f.size, f.path};
        f.data = p;
    }
    close_descriptor(guard);
    return f;
}

// What a person names as data may also be a pipe, or "-" for standard input; it is read to its end.
static File input_open(Arena *a, const char *path) {
    bool standard = !strcmp(path, "-");
    struct stat s;
    if (!standard && (stat(path, &s) || !S_ISFIFO(s.st_mode))) return file_open(a, path);
    Owned *guard = arena_own(a, NULL, 0, close_descriptor);
    int fd = standard ? 0 : open(path, O_RDONLY);
    if (fd < 0) fail(a, "%s: cannot be opened: %s", path, strerror(errno));
    if (!standard) guard->size = (size_t)fd + 1;
    Text t = {.arena = a};
    char part[1 << 12];
    ssize_t n = 0;
    text_add(&t, "", 0);
    while (!rank_own() && (n = read(fd, part, sizeof part)) > 0) text_add(&t, part, (size_t)n);
    if (n < 0) fail(a, "%s: cannot be read: %s", standard ? "standard input" : path, strerror(errno));
    close_descriptor(guard);
    size_t all = t.n;  // mpirun feeds rank 0
    ranks_share(&all, sizeof all);
    if (all > t.n) t = (Text){a, arena_get(a, all + 1, 1), all, all + 1};
    ranks_share(t.data, all);
    return (File){standard ? "standard input" : arena_copy(a, path, strlen(path)), t.data, t.n};
}

static void arena_release_owned(Owned *o) {
    arena_free(o->data);
}

// An arena inside an arena, to be given back early with arena_free; otherwise it goes with the outer one.
static Arena *arena_inner(Arena *a) {
    Arena *inner = arena_get(a, 1, sizeof *inner);
    inner->trap = a->trap;
    arena_own(a, inner, 0, arena_release_owned);
    return inner;
}

// The file into whose mapping p points, NULL where p points into memory that nothing could fill again.
static const char *mapped_file(const Arena *a, const void *p) {
    const char *path = NULL;
    for (const Owned *o = a->owned; o && !path; o = o->next) {
        const char *data = o->data, *at = p;
        if (o->release == arena_release_owned) path = mapped_file(o->data, p);
        else if (o->release == unmap && at >= data && at < data + o->size) path = o->path;
    }
    return path;
}

// For the two programs; the library handles no signals and prints nothing. From reading_watch on, until it gets NULL, a mapped
// file that is made shorter, or whose disk fails, ends the program with one line. What was saved before is whole.
#ifdef SIGBUS
static struct { const char *program; const Arena *arena; } reading;

static void on_page_lost(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    signal(signal_number, SIG_DFL);  // it comes again at once where no file is to blame
    const char *path = reading.arena ? mapped_file(reading.arena, info->si_addr) : NULL;
    const char *parts[] = {reading.program, ": ", path,
                           ": was cut short while it was read, or its disk failed; run again with a whole file\n"};
    for (int i = 0; path && i < 4; i++)
        if (write(2, parts[i], strlen(parts[i])) < 0) break;
    if (path) _exit(1);
}

static void reading_watch(const char *program, const Arena *a) {
    reading.program = program;
    reading.arena = a;
    if (a) sigaction(SIGBUS, &(struct sigaction){.sa_sigaction = on_page_lost, .sa_flags = SA_SIGINFO}, NULL);
}
#else
static void reading_watch(const char *program, const Arena *a) {
    (void)program, (void)a;
}
#endif

// The exit status of a command that comes to its end: what it printed must have arrived.
static int finish(const char *program, int status) {
    if (status == 1 || status == 2 || (!fflush(stdout) && !ferror(stdout))) return status;
    fprintf(stderr, "%s: standard output cannot be written: %s\n", program, strerror(errno));
    return 1;
}

// Gives pages of a mapped file back to the system; they count as this process's memory otherwise. They come back by themselves
// when they are read again, so the page that both a tensor and its forerunner lie in may go too.
static void pages_drop(const void *data, size_t size) {
#ifdef MADV_DONTNEED
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)data / page * page,
        to = ((uintptr_t)data + size) / page * page;
    if (to > from) madvise((void *)from, to - from, MADV_DONTNEED);
#else
    (void)data, (void)size;
#endif
}

// What lies under a name, for S_ISREG, S_ISDIR ...; 0 for nothing. That it cannot be found out is not "nothing": it fails.
static unsigned path_type(Arena *a, const char *path) {
    struct stat s;
    if (!stat(path, &s)) return (unsigned)s.st_mode;
    if (errno != ENOENT && errno != ENOTDIR) fail(a, "%s: cannot be looked at: %s", path, strerror(errno));
    return 0;
}

static bool is_file(Arena *a, const char *path) {
    unsigned type = path_type(a, path);
    return type && !S_ISDIR(type);
}

static bool is_folder(Arena *a, const char *path) {
    return S_ISDIR(path_type(a, path));
}

static char *path_join(Arena *a, const char *folder, const char *name) {
    size_t n = strlen(folder);
    return arena_print(a, "%s%s%s", folder, n && is_slash(folder[n - 1]) ? "" : "/", name);
}

static void folder_make(Arena *a, const char *path) {
    char *p = arena_copy(a, path, strlen(path));
    for (char *s = p + 1; *p; s++) {
        if (*s && !is_slash(*s)) continue;
        char c = *s;
        *s = 0;
        int error = mkdir(p, 0777) ? errno : 0;
        if (error && !is_folder(a, p)) fail(a, "%s: this folder cannot be made: %s", p, strerror(error));
        *s = c;
        if (!c) break;
    }
    if (!is_folder(a, path)) fail(a, "%s: is not a folder", path);
}

static void close_folder(Owned *o) {
    if (o->data) closedir(o->data);
    o->data = NULL;
}

// The names in a folder; none where there is no folder.
static char **folder_list(Arena *a, const char *path, size_t *n) {
    char **names = NULL;
    size_t room = 0;
    *n = 0;
    Owned *guard = arena_own(a, NULL, 0, close_folder);
    DIR *d = guard->data = opendir(path);
    if (!d && errno != ENOENT && errno != ENOTDIR) fail(a, "%s: this folder cannot be listed: %s", path, strerror(errno));
    struct dirent *e;
    for (errno = 0; d && (e = readdir(d)); errno = 0) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        names = arena_grow(a, names, *n, &room, sizeof *names);
        names[(*n)++] = arena_copy(a, e->d_name, strlen(e->d_name));
    }
    if (d && errno) fail(a, "%s: this folder cannot be listed: %s", path, strerror(errno));
    close_folder(guard);
    return names;
}

// Removes a folder of files.
static void folder_remove(Arena *a, const char *path) {
    size_t n;
    char **names = folder_list(a, path, &n);
    for (size_t i = 0; i < n; i++) remove(path_join(a, path, names[i]));
    rmdir(path);
}

// Takes the lock of a file, which goes with its owner, also a dead one. False where another run has it, or there are no such
// locks.
static bool lock_take(int fd) {
#ifdef LOCK_EX
    return !flock(fd, LOCK_EX | LOCK_NB);
#else
    return (void)fd, false;
#endif
}

static void leave_folder(Owned *o) {
    if (o->size) folder_leave((intptr_t)o->size);
    o->size = 0;
}

// One run at a time writes to a folder.
static void folder_lock(Arena *a, const char *path) {
    Owned *guard = arena_own(a, NULL, 0, leave_folder);
    intptr_t claim = folder_claim(path);
    if (!claim) fail(a, "%s: another run is writing to it; wait for its end, or name another --out", path);
    if (claim > 0) guard->size = (size_t)claim;
}

// For one that lives on: what it has written to is open to others again.
static void folder_unlock(Arena *a) {
    for (Owned *o = a->owned; o; o = o->next)
        if (o->release == leave_folder) leave_folder(o);
}

// A file that appears under its name whole or not at all: written beside it, flushed to the disk, then renamed.
typedef struct {
    FILE *stream;
    char *path, *temporary;
} Output;

static void output_discard(Owned *o) {
    Output *out = o->data;
    if (!out->stream) return;
    fclose(out->stream);
    remove(out->temporary);
    out->stream = NULL;
}

// Removes the files and folders NAME.part-PID of writers that are dead: nobody holds their locks.
static void parts_remove(Arena *a, const char *path) {
    Mark mark = arena_mark(a);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *folder = slash ? arena_copy(a, path, (size_t)(slash - path) + 1) : ".";
    size_t n, length = strlen(name);
    char **names = folder_list(a, folder, &n);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(names[i], name, length) || strncmp(names[i] + length, ".part-", 6)) continue;
        const char *part = path_join(a, folder, names[i]);
        int fd = open(part, O_RDONLY | O_NONBLOCK);
        if (fd < 0) continue;
        bool left = lock_take(fd);
        close(fd);
        if (left && remove(part)) folder_remove(a, part);
    }
    arena_release(a, mark);
}

static void output_type_check(Arena *a, const char *path) {
    unsigned type = path_type(a, path);
    if (type && !S_ISREG(type)) fail(a, "%s: is a folder, a device or a pipe; name a file that may be replaced", path);
}

static Output *output_open(Arena *a, const char *path) {
    output_type_check(a, path);
    parts_remove(a, path);
    Output *o = arena_get(a, 1, sizeof *o);
    o->path = arena_copy(a, path, strlen(path));
    o->temporary = arena_print(a, "%s.part-%ld", path, (long)getpid());
    arena_own(a, o, 0, output_discard);
    o->stream = fopen(o->temporary, "wb");
    if (!o->stream) fail(a, "%s: cannot be written: %s", path, strerror(errno));
    lock_take(fileno(o->stream));
    return o;
}

// Fails early where `path` cannot be written, or writing it would replace a file that this run reads.
static void output_check(Arena *a, const char *path) {
    output_type_check(a, path);
    for (const Owned *o = a->owned; o; o = o->next)
        if (o->release == unmap && o->path && is_same_file(o->path, path))
            fail(a, "%s: is read by this run and would be replaced; name another --out", path);
}

static void output_write(Arena *a, Output *o, const void *data, size_t n) {
    if (n && fwrite(data, 1, n, o->stream) != n) fail(a, "%s: cannot be written: %s", o->path, strerror(errno));
}

static void output_commit(Arena *a, Output *o) {
    if (fflush(o->stream) || fsync(fileno(o->stream))) fail(a, "%s: cannot be written: %s", o->path, strerror(errno));
    int failed = fclose(o->stream);
    o->stream = NULL;
    if (failed || rename(o->temporary, o->path)) {
        remove(o->temporary);
        fail(a, "%s: cannot be written: %s", o->path, strerror(errno));
    }
}

static void file_write(Arena *a, const char *path, const void *data, size_t n) {
    Output *o = output_open(a, path);
    output_write(a, o, data, n);
    output_commit(a, o);
}

// ---- threads
//
// Work is units 0..n-1, each done by whichever thread is free. The caller works too, and it waits for units, not for
// threads: a worker that the system has not woken yet, on a busy machine, holds nobody up.

typedef void (*Work)(const void *arg, int64_t unit, int thread);

#ifdef HAS_THREADS
#include <stdatomic.h>
#if ATOMIC_LLONG_LOCK_FREE < 2  // they would need a library
#undef HAS_THREADS
#endif
#endif

#ifdef _OPENMP
#define THREADING "OpenMP"

typedef struct {
    int threads;
} Pool;

static void pool_start(Pool *p, uint32_t n, Work work, const void *arg) {
#pragma omp parallel for schedule(dynamic) num_threads(p->threads)
    for (int64_t i = 0; i < (int64_t)n; i++) work(arg, i, omp_get_thread_num());
}

static void pool_fill(Arena *a, Pool *p, int wanted) {
    (void)a;
    p->threads = wanted;
}

static void pool_alone(Pool *p, void (*body)(void *), void *arg) {
    (void)p;
#pragma omp critical(pool)
    body(arg);
}

#elif defined HAS_THREADS
#define THREADING HAS_THREADS

typedef struct {
    int threads;                 // the caller and the workers
    pthread_t *workers;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    // The job: its number in the upper half, its next unit in the lower one. A unit is taken by a compare-and-swap of
    // both, so a worker that is late can never take a unit of another job than the one it looked at.
    atomic_uint_least64_t ticket;
    atomic_uint_least32_t units, finished;
    _Atomic(Work) work;
    _Atomic(const void *) arg;
    atomic_int asleep;
    atomic_bool stop;
} Pool;

typedef struct {
    Pool *pool;
    int index;
} Worker;

enum { SPINS = 2000 };  // looks before a worker goes to sleep: some 20 microseconds, about what waking it takes

static void pause_thread(void) {
#if (defined __x86_64__ || defined __i386__) && defined __GNUC__
    __builtin_ia32_pause();
#endif
}

// Does units of the job with this number until there are none left to take.
static void pool_run(Pool *p, uint64_t job, int thread) {
    uint_least64_t ticket = atomic_load(&p->ticket);
    while (ticket >> 32 == job && (uint32_t)ticket < atomic_load(&p->units)) {
        if (!atomic_compare_exchange_weak(&p->ticket, &ticket, ticket + 1)) continue;
        atomic_load(&p->work)(atomic_load(&p->arg), (uint32_t)ticket, thread);
        atomic_fetch_add(&p->finished, 1);
        ticket = atomic_load(&p->ticket);
    }
}

THREAD_BODY pool_worker(void *arg) {
    Worker w = *(Worker *)arg;
    Pool *p = w.pool;
    free(arg);
    for (uint64_t seen = 0;;) {
        for (int i = 0; i < SPINS && atomic_load(&p->ticket) >> 32 == seen; i++) pause_thread();
        pthread_mutex_lock(&p->lock);
        atomic_fetch_add(&p->asleep, 1);
        while (atomic_load(&p->ticket) >> 32 == seen && !atomic_load(&p->stop)) pthread_cond_wait(&p->wake, &p->lock);
        atomic_fetch_sub(&p->asleep, 1);
        pthread_mutex_unlock(&p->lock);
        if (atomic_load(&p->stop)) return 0;
        seen = atomic_load(&p->ticket) >> 32;
        pool_run(p, seen, w.index);
    }
}

static void pool_start(Pool *p, uint32_t n, Work work, const void *arg) {
    uint64_t job = atomic_load(&p->ticket) >> 32, next = (uint32_t)(job + 2);
    // No unit can be taken while the job is described: the first store retires the old number.
    atomic_store(&p->ticket, (job + 1) << 32 | UINT32_MAX);
    atomic_store(&p->units, n);
    atomic_store(&p->work, work);
    atomic_store(&p->arg, arg);
    atomic_store(&p->finished, 0);
    atomic_store(&p->ticket, next << 32);
    if (atomic_load(&p->asleep)) {
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->wake);
        pthread_mutex_unlock(&p->lock);
    }
    pool_run(p, next, 0);
    for (int i = 0; atomic_load(&p->finished) < n; i++) {
        if (i < SPINS) pause_thread();
        else sched_yield();
    }
}

static void pool_close(Owned *o) {
    Pool *p = o->data;
    pthread_mutex_lock(&p->lock);
    atomic_store(&p->stop, true);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 1; i < p->threads; i++) pthread_join(p->workers[i], NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
}

static void pool_fill(Arena *a, Pool *p, int wanted) {
    p->workers = arena_get(a, (size_t)wanted, sizeof *p->workers);
    if (pthread_mutex_init(&p->lock, NULL) || pthread_cond_init(&p->wake, NULL))
        fail(a, "threads cannot be started: %s", strerror(errno));
    arena_own(a, p, 0, pool_close);
    for (; p->threads < wanted; p->threads++) {
        Worker *w = malloc(sizeof *w);
        if (w) *w = (Worker){p, p->threads};
        if (!w || pthread_create(&p->workers[p->threads], NULL, pool_worker, w)) {
            free(w);
            break;  // fewer threads give the same numbers
        }
    }
}

// Calls body(arg), in which no other unit of the pool is at the same time.
static void pool_alone(Pool *p, void (*body)(void *), void *arg) {
    pthread_mutex_lock(&p->lock);
    body(arg);
    pthread_mutex_unlock(&p->lock);
}

#else
#define THREADING "built without threads: -pthread may be missing"

typedef struct {
    int threads;
} Pool;

static void pool_start(Pool *p, uint32_t n, Work work, const void *arg) {
    (void)p;
    for (uint32_t i = 0; i < n; i++) work(arg, i, 0);
}

static void pool_fill(Arena *a, Pool *p, int wanted) {
    (void)a, (void)p, (void)wanted;
}

static void pool_alone(Pool *p, void (*body)(void *), void *arg) {
    (void)p;
    body(arg);
}
#endif

// threads = 0: one for each processor that this process may use.
static Pool *pool_open(Arena *a, int threads) {
    Pool *p = arena_get(a, 1, sizeof *p);
    p->threads = 1;
    pool_fill(a, p, threads > 0 ? threads : processors());
    return p;
}

// Calls work(arg, unit, thread) for every unit 0..n-1.
static void parallel(Pool *p, int64_t n, Work work, const void *arg) {
    if (n > 1 && n < UINT32_MAX && p->threads > 1) pool_start(p, (uint32_t)n, work, arg);
    else for (int64_t i = 0; i < n; i++) work(arg, i, 0);
}

// ---- random numbers
//
// Nothing is drawn from a stream with a state. A number is a function of what it is for: a key made from (seed, step,
// site) and the element's index. So a dropout mask is not stored, backward computes it again, and neither the
// number of threads nor the way that a batch is cut into pieces changes a bit.

// A bijection of 64-bit numbers that spreads every bit (splitmix64's finalizer, Steele et al. 2014).
static uint64_t mix64(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// Goes on from h over n bytes; not for keeping anybody from making two texts of one digest.
static uint64_t digest(uint64_t h, const void *data, size_t n) {
    uint64_t word;
    for (size_t i = 0; i < n; i += sizeof word) {
        word = 0;
        memcpy(&word, (const char *)data + i, n - i < sizeof word ? n - i : sizeof word);
        h = mix64(h ^ word) + word;
    }
    return mix64(h + n);
}

static uint64_t random_key(uint64_t seed, uint64_t a, uint64_t b) {
    const uint64_t golden = 0x9e3779b97f4a7c15u;
    return mix64(mix64(mix64(seed + golden) + a * golden + 1) + b * golden + 2);
}

static uint64_t random_u64(uint64_t key, uint64_t i) {
    return mix64(key + (i + 1) * 0x9e3779b97f4a7c15u);
}

// Uniform in [0, 1).
static double random_uniform(uint64_t key, uint64_t i) {
    return (double)(random_u64(key, i) >> 11) * 0x1p-53;
}

// Standard normal (Box and Muller 1958).
static double random_normal(uint64_t key, uint64_t i) {
    double u = 1.0 - random_uniform(key, 2 * i), v = random_uniform(key, 2 * i + 1);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

// A permutation of 0..n-1 (Fisher and Yates).
static void random_permutation(uint64_t key, size_t n, uint32_t *order) {
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(random_uniform(key, i) * (double)i);
        uint32_t t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
}

/* ================================================================================================================
   3  json: read and write (RFC 8259); regular expressions

   Configurations, tensor headers, tokenizer.json, data rows and logs are all JSON. A document becomes a tree of values
   that live in the arena; members and elements are linked lists in the order of the text. A value may take 28 times the
   room of its text, so there is a bound on their number.
   ================================================================================================================ */

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonType;

enum { JSON_VALUES = 1600000 };  // twice what mT5's tokenizer.json has, of 250,100 pieces

typedef struct Json {
    JsonType type;
    const char *key;     // the member's name, NULL in an array
    const char *string;  // JSON_STRING: UTF-8, zero-terminated; JSON_NUMBER: as it was written
    size_t n;            // bytes of string, or number of children
    double number;
    struct Json *child, *next;
} Json;

typedef struct {
    Arena *arena;
    const char *p, *end, *start, *what;
    int line;    // of the first byte, for messages
    int values;  // so far
    bool loose;  // NaN, Infinity and -Infinity are null: Python writes them, and pandas for what is missing
} JsonReader;

static _Noreturn void json_fail(JsonReader *r, const char *problem) {
    int line = r->line;
    for (const char *s = r->start; s < r->p && s < r->end; s++) line += *s == '\n';
    fail(r->arena, "%s: line %d: not JSON: %s", r->what, line, problem);
}

static void json_space(JsonReader *r) {
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t')) r->p++;
}

static unsigned json_hex4(JsonReader *r) {
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        char c = r->p < r->end ? *r->p++ : 0;
        if (c >= '0' && c <= '9') code = code * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f') code = code * 16 + (unsigned)((c | 32) - 'a' + 10);
        else json_fail(r, "\\u wants four hexadecimal digits");
    }
    return code;
}

// Appends the UTF-8 form of a code point; returns its length.
static int utf8_write(char *out, uint32_t c) {
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)), out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63));
    return 4;
}

// Reads a string whose opening quote was taken. An unescaped string takes no more room than its escaped form.
static const char *json_string(JsonReader *r, size_t *n) {
    const char *close = r->p;
    while (close < r->end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close >= r->end) r->p = r->end, json_fail(r, "a string is not closed");
    char *s = arena_take(r->arena, (size_t)(close - r->p) + 1, 1), *out = s;
    while (*r->p != '"') {
        if ((unsigned char)*r->p < 0x20) json_fail(r, "a string holds a raw control character (write \\n, \\t or \\u00..)");
        if (*r->p != '\\') {
            *out++ = *r->p++;
            continue;
        }
        r->p++;
        char c = *r->p++;
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *at = c ? strchr(from, c) : NULL;
        if (at) *out++ = to[at - from];
        else if (c == 'u') {
            uint32_t code = json_hex4(r);
            if (code >= 0xd800 && code < 0xdc00 && r->end - r->p > 6 && r->p[0] == '\\' && r->p[1] == 'u') {
                const char *back = r->p;
                r->p += 2;
                uint32_t low = json_hex4(r);
                if (low >= 0xdc00 && low < 0xe000) code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                else r->p = back;
            }
            if (code >= 0xd800 && code < 0xe000) code = 0xfffd;  // half a surrogate pair has no UTF-8 form
            out += utf8_write(out, code);
        } else json_fail(r, "a string holds an unknown escape");
    }
    r->p++;
    *n = (size_t)(out - s);
    return s;
}

// Steps to the next element of an array or object whose opening bracket was taken; false behind its end.
static bool json_more(JsonReader *r, char close, bool first) {
    json_space(r);
    bool end = r->p < r->end && *r->p == close;
    if (!end && !first && (r->p >= r->end || *r->p != ','))
        json_fail(r, close == '}' ? "a comma or } is expected" : "a comma or ] is expected");
    r->p += end || !first;
    return !end;
}

static const char *json_name(JsonReader *r) {
    size_t n;
    json_space(r);
    if (r->p >= r->end || *r->p++ != '"') json_fail(r, "a name in quotes is expected");
    const char *name = json_string(r, &n);
    json_space(r);
    if (r->p >= r->end || *r->p++ != ':') json_fail(r, "a colon is expected after a name");
    return name;
}

static Json *json_value(JsonReader *r, int depth) {
    json_space(r);
    if (r->p >= r->end) json_fail(r, "it ends too early");
    if (depth > 200) json_fail(r, "it is nested too deeply");
    if (r->values++ == JSON_VALUES) json_fail(r, "it holds more values than any file of this kind");
    Json *v = arena_take(r->arena, sizeof *v, sizeof(double));
    char c = *r->p;
    if (c == '{' || c == '[') {
        v->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
        r->p++;
        for (Json **tail = &v->child; json_more(r, c == '{' ? '}' : ']', !v->n); tail = &(*tail)->next, v->n++) {
            const char *key = c == '{' ? json_name(r) : NULL;
            *tail = json_value(r, depth + 1);
            (*tail)->key = key;
        }
        return v;
    }
    if (c == '"') {
        r->p++;
        v->type = JSON_STRING;
        v->string = json_string(r, &v->n);
        return v;
    }
    static const struct { const char *word; JsonType type; } words[] = {
        {"null", JSON_NULL}, {"true", JSON_TRUE}, {"false", JSON_FALSE},
        {"NaN", JSON_NULL}, {"Infinity", JSON_NULL}, {"-Infinity", JSON_NULL}};
    for (int i = 0; i < (r->loose ? 6 : 3); i++) {
        size_t n = strlen(words[i].word);
        if ((size_t)(r->end - r->p) < n || memcmp(r->p, words[i].word, n)) continue;
        r->p += n;
        v->type = words[i].type;
        return v;
    }
    size_t n = 0;
    while (r->p + n < r->end && r->p[n] && strchr("+-.0123456789eE", r->p[n])) n++;
    char *number = arena_take(r->arena, n + 1, 1), *stop;
    memcpy(number, r->p, n);
    v->number = strtod(number, &stop);
    if (!n || *stop || (c != '-' && (c < '0' || c > '9'))) json_fail(r, "a value is expected");
    v->type = JSON_NUMBER;
    v->string = number;
    v->n = n;
    r->p += n;
    return v;
}

// Reads one document; `what` and `line` name it in messages.
static Json *json_read(Arena *a, const char *data, size_t n, const char *what, int line) {
    JsonReader r = {a, data, data + n, data, what, line, 0, false};
    Json *v = json_value(&r, 0);
    json_space(&r);
    if (r.p < r.end) json_fail(&r, "something follows its end");
    return v;
}

static Json *json_file(Arena *a, const char *path) {
    File f = file_open(a, path);
    return json_read(a, f.data, f.size, path, 1);
}

// The member of an object, NULL when it is missing, null, or v is no object.
static const Json *json_get(const Json *v, const char *key) {
    if (!v || v->type != JSON_OBJECT) return NULL;
    for (v = v->child; v; v = v->next)
        if (!strcmp(v->key, key)) return v->type == JSON_NULL ? NULL : v;
    return NULL;
}

static double json_number(const Json *v, const char *key, double missing) {
    v = json_get(v, key);
    return v && v->type == JSON_NUMBER ? v->number : missing;
}

static bool json_bool(const Json *v, const char *key, bool missing) {
    v = json_get(v, key);
    return v && (v->type == JSON_TRUE || v->type == JSON_FALSE) ? v->type == JSON_TRUE : missing;
}

// A text that stands in no file, as a value.
static Json json_of(const char *s) {
    return (Json){.type = JSON_STRING, .string = s, .n = strlen(s)};
}

static const char *json_text(const Json *v, const char *key, const char *missing) {
    v = json_get(v, key);
    return v && v->type == JSON_STRING ? v->string : missing;
}

// Appends a string in quotes. Bytes that are no UTF-8 become U+FFFD, so that what is written can always be read.
static void text_json(Text *t, const char *s, size_t n) {
    text_add(t, "\"", 1);
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\') text_print(t, "\\%c", c), i++;
        else if (c == '\n') text_add(t, "\\n", 2), i++;
        else if (c == '\t') text_add(t, "\\t", 2), i++;
        else if (c == '\r') text_add(t, "\\r", 2), i++;
        else if (c < 0x20 || c == 0x7f) text_print(t, "\\u%04x", c), i++;
        else {
            size_t length = utf8_length(s + i, n - i);
            if (length) text_add(t, s + i, length), i += length;
            else text_add(t, "\xef\xbf\xbd", 3), i++;
        }
    }
    text_add(t, "\"", 1);
}

// Appends a number in the shortest form that reads back as the same double; JSON has no inf or nan, so they are null.
static void text_number(Text *t, double x) {
    char s[40];
    if (!isfinite(x)) {
        text_add(t, "null", 4);
        return;
    }
    if (x == floor(x) && fabs(x) < 1e15) snprintf(s, sizeof s, "%.0f", x);
    else for (int digits = 6; digits <= 17; digits += digits == 6 ? 3 : digits == 9 ? 6 : 1) {
        snprintf(s, sizeof s, "%.*g", digits, x);
        if (strtod(s, NULL) == x) break;
    }
    text_add(t, s, strlen(s));
}

// The same as texts of their own; and as an array.
static const char *json_quoted(Arena *a, const char *s) {
    Text t = {.arena = a};
    text_json(&t, s, strlen(s));
    return t.data;
}

static const char *json_real(Arena *a, double x) {
    Text t = {.arena = a};
    text_number(&t, x);
    return t.data;
}

static void json_numbers(Text *t, const double *x, int64_t n) {
    text_print(t, "[");
    for (int64_t k = 0; k < n; k++) {
        if (k) text_print(t, ", ");
        text_number(t, x[k]);
    }
    text_print(t, "]");
}

// ---- regular expressions
//
// Of Python's re with its flag A: literals, ., [classes], \d \w \s and their opposites, groups, |, * + ? {m,n}, lazy too, ^ and
// $. What else there is (look-around, back-references, flags) is refused. An expression becomes a program of steps, and all its
// alternatives are followed at once through the text, in the order in which backtracking would try them (Thompson, "Regular
// Expression Search Algorithm", 1968): so a match takes at most steps x bytes, whatever the expression. (Where what is repeated
// may be empty, Python may end a match earlier; whole matches are the same.)

typedef enum { REGEX_BYTE, REGEX_SPLIT, REGEX_START, REGEX_END, REGEX_MATCH } RegexOp;

typedef struct {
    RegexOp op;
    int first, second;  // SPLIT: how far it is to the step that is tried first, and to the other
    uint32_t bytes[8];  // BYTE: which ones
} RegexStep;

typedef struct {
    Arena *arena;
    const char *what, *start, *p;
    RegexStep *steps;
    int n;
    size_t room;
    int *lists[2], *stack;  // of steps
    size_t *seen, round;    // the round in which a step was last come to
} Regex;

static _Noreturn void regex_fail(Regex *r, const char *problem) {
    fail(r->arena, "%s: %s, at byte %d of the regular expression", r->what, problem, (int)(r->p - r->start));
}

static RegexStep *regex_step(Regex *r, RegexOp op, int first, int second) {
    if (r->n == 1 << 14) regex_fail(r, "it is too long");
    r->steps = arena_grow(r->arena, r->steps, (size_t)r->n, &r->room, sizeof *r->steps);
    r->steps[r->n] = (RegexStep){.op = op, .first = first, .second = second};
    return &r->steps[r->n++];
}

static RegexStep *regex_range(RegexStep *s, int from, int to) {
    for (int c = from; c <= to; c++) s->bytes[c / 32] |= 1u << c % 32;
    return s;
}

// All other characters; those beyond ASCII by their first bytes.
static void regex_negate(RegexStep *s) {
    for (int i = 0; i < 8; i++)
        if (i < 4 || i > 5) s->bytes[i] = ~s->bytes[i];
}

// Takes \d, \w, \s or an opposite; false for anything else.
static bool regex_kind(Regex *r, RegexStep *s) {
    char c = *r->p == '\\' ? r->p[1] : 0, kind = c | 32;
    if (!c || !strchr("dws", kind)) return false;
    RegexStep set = {0};
    if (kind == 's') regex_range(regex_range(&set, '\t', '\r'), ' ', ' ');
    else regex_range(&set, '0', '9');
    if (kind == 'w') regex_range(regex_range(regex_range(&set, 'A', 'Z'), '_', '_'), 'a', 'z');
    if (kind != c) regex_negate(&set);
    for (int i = 0; i < 8; i++) s->bytes[i] |= set.bytes[i];
    r->p += 2;
    return true;
}

static bool is_letter_or_digit(uint32_t c) {  // of ASCII
    return (c | 32) - 'a' < 26 || c - '0' < 10;
}

// Takes one byte, perhaps behind a backslash.
static int regex_literal(Regex *r) {
    static const char from[] = "ntrfv", to[] = "\n\t\r\f\v";
    bool escaped = *r->p == '\\';
    unsigned char c = (unsigned char)r->p[escaped];
    const char *at = escaped && c ? strchr(from, c) : NULL;
    if (!c || (escaped && !at && is_letter_or_digit(c)))
        regex_fail(r, c ? "an escape that is not supported" : "it ends too early");
    r->p += 1 + escaped;
    return at ? to[at - from] : c;
}

static void regex_class(Regex *r, RegexStep *s) {
    bool negated = *++r->p == '^', first = true;
    for (r->p += negated; first || *r->p != ']'; first = false) {
        bool kind = regex_kind(r, s);
        int from = kind ? 0 : regex_literal(r), to = from;
        if (*r->p == '-' && r->p[1] != ']') r->p++, to = kind ? -1 : regex_literal(r);
        if (to < from || to >= 0x80) regex_fail(r, "a range in [ ] must ascend, within ASCII");
        if (!kind) regex_range(s, from, to);
    }
    r->p++;
    if (negated) regex_negate(s);
}

// Takes digits; `missing` where there are none.
static int regex_number(Regex *r, const char **s, int missing) {
    const char *start = *s;
    long n = **s >= '0' && **s <= '9' ? strtol(start, (char **)s, 10) : missing;
    if (n > 1000) regex_fail(r, "a count of more than 1000");
    return (int)n;
}

// Takes *, +, ? or {m,n} (most = -1: no bound); false where there is none.
static bool regex_counts(Regex *r, int *least, int *most) {
    const char *s = r->p + 1;
    *least = *r->p == '+';
    *most = *r->p == '?' ? 1 : -1;
    if (*r->p == '{' && *s != '}') {
        *least = *most = regex_number(r, &s, 0);
        if (*s == ',') s++, *most = regex_number(r, &s, -1);
        if (*s++ != '}') return false;
        if (*most >= 0 && *most < *least) regex_fail(r, "counts must ascend");
    } else if (!*r->p || !strchr("*+?", *r->p)) return false;
    r->p = s;
    return true;
}

// Repeats the steps from `start` on as what follows them says.
static void regex_repeat(Regex *r, int start) {
    int least, most, size = r->n - start;
    if (!regex_counts(r, &least, &most)) return;
    bool lazy = *r->p == '?';
    r->p += lazy;
    RegexStep *one = arena_get(r->arena, (size_t)size, sizeof *one);
    if (size) memcpy(one, r->steps + start, (size_t)size * sizeof *one);
    r->n = start;
    for (int i = 0, n = most >= 0 ? most : least ? least : 1; i < n; i++) {
        int past = most < 0 ? size + 2 : (most - i) * (size + 1);
        if (i >= least) regex_step(r, REGEX_SPLIT, lazy ? past : 1, lazy ? 1 : past);
        for (int k = 0; k < size; k++) *regex_step(r, REGEX_BYTE, 0, 0) = one[k];
    }
    if (most < 0) regex_step(r, REGEX_SPLIT, lazy ? 1 : -size, lazy ? -size : 1);
}

// Takes what stands for one character, or an anchor, which cannot be repeated.
static void regex_atom(Regex *r) {
    int least, most, start = r->n, byte = 0;
    if (regex_counts(r, &least, &most)) regex_fail(r, "there is nothing to repeat");
    if (*r->p == '^' || *r->p == '$') {
        regex_step(r, *r->p++ == '^' ? REGEX_START : REGEX_END, 0, 0);
        return;
    }
    RegexStep *s = regex_step(r, REGEX_BYTE, 0, 0);
    if (*r->p == '[') regex_class(r, s);
    else if (*r->p == '.') r->p++, regex_negate(regex_range(s, '\n', '\n'));
    else if (!regex_kind(r, s)) byte = regex_literal(r), regex_range(s, byte, byte);
    if (s->bytes[7] == ~0u) {  // any character: with its other bytes
        regex_step(r, REGEX_SPLIT, 1, 3);
        regex_range(regex_step(r, REGEX_BYTE, 0, 0), 0x80, 0xbf);
        regex_step(r, REGEX_SPLIT, -2, -2);
    }
    for (; byte >= 0x80 && (*r->p & 0xc0) == 0x80; r->p++)
        regex_range(regex_step(r, REGEX_BYTE, 0, 0), (unsigned char)*r->p, (unsigned char)*r->p);
    regex_repeat(r, start);
}

static void regex_parse(Regex *r, int depth) {
    int start = r->n;
    if (depth > 1000) regex_fail(r, "it is nested too deeply");
    while (*r->p && *r->p != '|' && *r->p != ')') {
        int at = r->n;
        if (*r->p != '(') regex_atom(r);
        else {
            if (r->p[1] == '?' && r->p[2] != ':') regex_fail(r, "(? is not supported but for (?:");
            r->p += r->p[1] == '?' ? 3 : 1;
            regex_parse(r, depth + 1);
            if (*r->p != ')') regex_fail(r, "a ( is not closed");
            r->p++;
            regex_repeat(r, at);
        }
    }
    if (*r->p != '|') return;
    r->p++;
    regex_step(r, REGEX_SPLIT, 0, 0);
    memmove(r->steps + start + 1, r->steps + start, (size_t)(r->n - start - 1) * sizeof *r->steps);
    r->steps[start] = (RegexStep){.op = REGEX_SPLIT, .first = 1, .second = r->n - start + 1};
    int jump = r->n;
    regex_step(r, REGEX_SPLIT, 0, 0);
    regex_parse(r, depth + 1);
    r->steps[jump].first = r->steps[jump].second = r->n - jump;
}

// Reads an expression; `what` names it in complaints.
static Regex *regex_open(Arena *a, const char *what, const char *pattern) {
    Regex *r = arena_get(a, 1, sizeof *r);
    *r = (Regex){.arena = a, .what = what, .start = pattern, .p = pattern};
    regex_parse(r, 0);
    if (*r->p) regex_fail(r, "a ) closes nothing");
    regex_step(r, REGEX_MATCH, 0, 0);
    size_t n = (size_t)r->n + 1;
    r->lists[0] = arena_get(a, 3 * n, sizeof(int));
    r->lists[1] = r->lists[0] + n;
    r->stack = r->lists[1] + n;
    r->seen = arena_get(a, n, sizeof *r->seen);
    return r;
}

// Appends to a list the steps that wait for a byte at text[at], from one step on.
static int regex_follow(Regex *r, int *list, int n, int from, const char *text, size_t size, size_t at) {
    int depth = 0;
    for (r->stack[depth++] = from; depth;) {
        int i = r->stack[--depth];
        const RegexStep *s = &r->steps[i];
        if (r->seen[i] == r->round) continue;
        r->seen[i] = r->round;
        bool end = at == size || (at + 1 == size && text[at] == '\n');
        if (s->op == REGEX_SPLIT) r->stack[depth++] = i + s->second, r->stack[depth++] = i + s->first;
        else if (s->op == REGEX_BYTE || s->op == REGEX_MATCH) list[n++] = i;
        else if (s->op == REGEX_START ? !at : end) r->stack[depth++] = i + 1;
    }
    return n;
}

// Does a match begin at text[at]? *end is where it ends; with `whole` it has to be the end of the text.
static bool regex_match(Regex *r, const char *text, size_t size, size_t at, bool whole, size_t *end) {
    bool found = false;
    r->round++;
    for (int n = regex_follow(r, r->lists[0], 0, 0, text, size, at), next; n; n = next, at++) {
        r->round++;
        next = 0;
        for (int k = 0; k < n; k++) {
            const RegexStep *s = &r->steps[r->lists[0][k]];
            unsigned char c = at < size ? (unsigned char)text[at] : 0;
            if (s->op == REGEX_MATCH && (!whole || at == size)) {
                found = true;
                *end = at;
                break;  // what comes later would have been tried later
            }
            if (s->op == REGEX_BYTE && at < size && s->bytes[c / 32] >> c % 32 & 1)
                next = regex_follow(r, r->lists[1], next, r->lists[0][k] + 1, text, size, at + 1);
        }
        int *list = r->lists[0];
        r->lists[0] = r->lists[1];
        r->lists[1] = list;
    }
    return found;
}

/* ================================================================================================================
   4  tensors: safetensors, one file or sharded

   A safetensors file is: 8 bytes, little-endian, the length n of the header; n bytes of JSON, an object that maps each
   name to {"dtype", "shape", "data_offsets": [begin, end]} (and "__metadata__" to strings); then the bytes that the
   offsets count into, row-major, little-endian. A sharded model has model.safetensors.index.json, whose "weight_map"
   says which file holds which name. Files stay mapped: a Tensor is a view into one of them. A big-endian machine reads
   copies, whose bytes are swapped.
   ================================================================================================================ */

#endif  // !T5PEFT_DEVICE
typedef enum { F32, F16, BF16, I8, F64, I16, I32, I64, U8, BOOL, DTYPES } DType;

static const struct { const char *name; int bytes; } dtypes[DTYPES] = {
    {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I8", 1}, {"F64", 8}, {"I16", 2}, {"I32", 4}, {"I64", 8}, {"U8", 1}, {"BOOL", 1}};

enum { MAX_RANK = 8 };

typedef struct {
    const char *name;
    DType dtype;
    int rank;
    int64_t shape[MAX_RANK];
    int64_t count;        // elements
    const void *data;     // count elements, in the file's mapping
    const float *scale;   // I8 weights only: one factor a row, else NULL
} Tensor;
#ifndef T5PEFT_DEVICE

// A set of named tensors, sorted by name.
typedef struct {
    Tensor *items;
    size_t n, room;
    const char *path;     // the file or index that it came from
} Tensors;

static bool big_endian(void) {
    return !*(const char *)&(uint16_t){1};
}

// Turns numbers of `size` bytes round, between a file's order, little-endian, and a big-endian machine's.
static void bytes_swap(void *data, size_t count, size_t size) {
    char *p = data;
    for (size_t i = 0; i < count; i++, p += size)
        for (size_t j = 0; j < size / 2; j++) {
            char c = p[j];
            p[j] = p[size - 1 - j];
            p[size - 1 - j] = c;
        }
}

static float half_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, mantissa = h & 1023, bits;
    if (exponent == 31) bits = sign | 0x7f800000 | mantissa << 13;
    else if (exponent) bits = sign | (exponent + 112) << 23 | mantissa << 13;
    else {  // zero or subnormal: mantissa x 2^-24 is exact in a float
        float f = (float)mantissa * 0x1p-24f;
        return sign ? -f : f;
    }
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

static float bfloat_to_float(uint16_t b) {
    uint32_t bits = (uint32_t)b << 16;
    float f;
    memcpy(&f, &bits, 4);
    return f;
}

// Rounds to nearest, ties to even; a nan stays a nan.
static uint16_t float_to_bfloat(float f) {
    uint32_t bits;
    memcpy(&bits, &f, 4);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 64);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// One number of a type that weights have, but F32. scale: of the row, for I8.
static float number_widen(DType type, const void *data, int64_t at, float scale) {
    if (type == BF16) return bfloat_to_float(((const uint16_t *)data)[at]);
    if (type == F16) return half_to_float(((const uint16_t *)data)[at]);
    return (float)((const int8_t *)data)[at] * scale;
}

// Widens n elements from `at` on to f32. Rows of an I8 tensor have shape[1] elements and one scale each.
static void tensor_read(const Tensor *t, int64_t at, int64_t n, float *out) {
    if (t->dtype == F32) memcpy(out, (const float *)t->data + at, (size_t)n * 4);
    else for (int64_t i = 0; i < n; i++)
        out[i] = number_widen(t->dtype, t->data, at + i, t->dtype == I8 ? t->scale[(at + i) / t->shape[1]] : 1);
}

static int tensor_compare(const void *x, const void *y) {
    return strcmp(((const Tensor *)x)->name, ((const Tensor *)y)->name);
}

static const Tensor *tensors_find(const Tensors *t, const char *name) {
    Tensor key = {.name = name};
    return t->n ? bsearch(&key, t->items, t->n, sizeof key, tensor_compare) : NULL;
}

static void tensors_add(Arena *a, Tensors *t, Tensor one) {
    t->items = arena_grow(a, t->items, t->n, &t->room, sizeof *t->items);
    t->items[t->n++] = one;
}

static void tensors_sort(Arena *a, Tensors *t) {
    if (t->n) qsort(t->items, t->n, sizeof *t->items, tensor_compare);
    for (size_t i = 1; i < t->n; i++)
        if (!strcmp(t->items[i - 1].name, t->items[i].name))
            fail(a, "%s: the tensor %s is there twice", t->path, t->items[i].name);
}

static int64_t json_count(Arena *a, const char *path, const char *name, const Json *v) {
    if (!v || v->type != JSON_NUMBER || v->number < 0 || v->number > 0x1p53 || v->number != floor(v->number))
        fail(a, "%s: the header entry of %s is broken (a shape or an offset is no whole number); download the file again", path,
             name);
    return (int64_t)v->number;
}

typedef struct {
    int64_t begin, end;
    const char *name;
} Span;

static int span_compare(const void *x, const void *y) {
    const Span *a = x, *b = y;
    return a->begin != b->begin ? (a->begin > b->begin) - (a->begin < b->begin) : (a->end > b->end) - (a->end < b->end);
}

// The format wants neither holes nor overlaps: nothing hides between tensors, and they are never larger than their file.
static void spans_check(Arena *a, const char *path, Span *spans, size_t n, size_t size) {
    int64_t at = 0;
    if (n) qsort(spans, n, sizeof *spans, span_compare);
    for (size_t i = 0; i < n; at = spans[i++].end) {
        const char *what = spans[i].begin < at ? "overlap another tensor's" : "follow a hole";
        if (spans[i].begin != at) fail(a, "%s: the bytes of %s %s; download the file again", path, spans[i].name, what);
    }
    if ((size_t)at != size) fail(a, "%s: holds %zu bytes behind its last tensor; download it again", path, size - (size_t)at);
}

// A tensor of the header, in `size` bytes of data from `base` on.
static Tensor tensor_entry(Arena *a, const char *path, const Json *e, const char *base, size_t size, Span *span) {
    Tensor one = {.name = e->key, .count = 1};
    const char *type = json_text(e, "dtype", "");
    while (one.dtype < DTYPES && strcmp(dtypes[one.dtype].name, type)) one.dtype++;
    if (one.dtype == DTYPES)
        fail(a, "%s: the tensor %s has the type %s, which is not known here (F32, F16, BF16 and I8 are)", path, e->key, type);
    const Json *shape = json_get(e, "shape"), *offsets = json_get(e, "data_offsets");
    if (!shape || shape->type != JSON_ARRAY || shape->n > MAX_RANK || !offsets || offsets->type != JSON_ARRAY ||
        offsets->n != 2)
        fail(a, "%s: the header entry of %s is broken (shape or data_offsets); download the file again", path, e->key);
    for (const Json *s = shape->child; s; s = s->next) {
        int64_t extent = json_count(a, path, e->key, s);
        if (extent && one.count > INT64_MAX / 8 / extent)
            fail(a, "%s: the shape of %s is larger than any file", path, e->key);
        one.shape[one.rank++] = extent;
        one.count *= extent;
    }
    int64_t begin = json_count(a, path, e->key, offsets->child), end = json_count(a, path, e->key, offsets->child->next);
    if (begin > end || (uint64_t)end > size)
        fail(a, "%s: the tensor %s reaches past the end of the file; it is cut short, download it again", path, e->key);
    if (end - begin != one.count * dtypes[one.dtype].bytes)
        fail(a, "%s: the tensor %s has %lld bytes, its shape asks for %lld", path, e->key, (long long)(end - begin),
             (long long)one.count * dtypes[one.dtype].bytes);
    *span = (Span){begin, end, e->key};
    one.data = base + begin;
    return one;
}

// Adds the tensors of one file. Every size and offset is checked against the file before anything is read through it.
static void tensors_add_file(Arena *a, Tensors *t, const char *path) {
    File f = file_open(a, path);
    uint64_t header = 0;
    if (f.size < 8) fail(a, "%s: not a safetensors file: it is only %zu bytes long; download it again", path, f.size);
    for (int i = 0; i < 8; i++) header |= (uint64_t)(unsigned char)f.data[i] << 8 * i;
    if (header > f.size - 8) {
        bool pointer = f.size < 1024 && !memcmp(f.data, "version ", 8);
        fail(a, pointer ? "%s: this is a Git LFS pointer, not the file itself; run git lfs pull, or download it"
                        : "%s: not a safetensors file, or cut short; download it again", path);
    }
    const char *base = f.data + 8 + header;
    size_t size = f.size - 8 - (size_t)header;
    Json *j = json_read(a, f.data + 8, (size_t)header, path, 1);
    if (j->type != JSON_OBJECT) fail(a, "%s: not a safetensors file: its header is no JSON object", path);
    Span *spans = arena_get(a, j->n, sizeof *spans);
    size_t n = 0, first = t->n;
    for (const Json *e = j->child; e; e = e->next) {
        if (!strcmp(e->key, "__metadata__")) continue;
        tensors_add(a, t, tensor_entry(a, path, e, base, size, &spans[n++]));
    }
    spans_check(a, path, spans, n, size);
    for (size_t i = first; i < t->n; i++) {
        Tensor *one = &t->items[i];
        size_t width = (size_t)dtypes[one->dtype].bytes, bytes = (size_t)one->count * width;
        bool swap = width > 1 && big_endian();
        if (!swap && (uintptr_t)one->data % width == 0) continue;
        void *copy = arena_get(a, bytes, 1);  // misaligned: allowed by the format, never written by its library
        memcpy(copy, one->data, bytes);
        if (swap) bytes_swap(copy, (size_t)one->count, width);
        one->data = copy;
    }
}

// Is a name one of those that stand for the embeddings? Indexes list them all, files hold as few as one.
static bool name_tied(const char *name) {
    size_t n = strlen(name);
    return !strcmp(name, "shared.weight") || !strcmp(name, "lm_head.weight") ||
        (n >= 19 && !strcmp(name + n - 19, "embed_tokens.weight"));
}

// Opens FOLDER/STEM.safetensors, or the shards that FOLDER/STEM.safetensors.index.json names.
static Tensors tensors_open(Arena *a, const char *folder, const char *stem) {
    char *whole = path_join(a, folder, arena_print(a, "%s.safetensors", stem)), *index = arena_print(a, "%s.index.json", whole);
    Tensors t = {.path = whole};
    if (is_file(a, whole) || !is_file(a, index)) {
        if (!is_file(a, whole)) {
            if (!is_folder(a, folder)) fail(a, "%s: no such folder", folder);
            fail(a, "%s: no such file; the folder must hold %s.safetensors (t5peft-convert makes it from other formats)", whole,
                 stem);
        }
        tensors_add_file(a, &t, whole);
        tensors_sort(a, &t);
        return t;
    }
    t.path = index;
    const Json *map = json_get(json_file(a, index), "weight_map");
    if (!map || map->type != JSON_OBJECT) fail(a, "%s: has no \"weight_map\"", index);
    Tensors shards = {.path = index};  // only its names are used
    for (const Json *e = map->child; e; e = e->next) {
        if (e->type != JSON_STRING || !*e->string || strchr(e->string, '/'))
            fail(a, "%s: the shard of %s is no file name in this folder", index, e->key);
        bool seen = false;
        for (size_t i = 0; i < shards.n && !seen; i++) seen = !strcmp(shards.items[i].name, e->string);
        if (seen) continue;
        tensors_add(a, &shards, (Tensor){.name = e->string});
        tensors_add_file(a, &t, path_join(a, folder, e->string));
    }
    tensors_sort(a, &t);
    for (const Json *e = map->child; e; e = e->next)
        if (!tensors_find(&t, e->key) && !name_tied(e->key))
            fail(a, "%s: the tensor %s is not in the shard %s", index, e->key, e->string);
    return t;
}

// Writes `count` numbers of `size` bytes in a file's order.
static void output_numbers(Arena *a, Output *o, const void *data, size_t count, size_t size) {
    if (size < 2 || !big_endian()) {
        output_write(a, o, data, count * size);
        return;
    }
    char part[1 << 12];
    for (size_t i = 0, n; i < count; i += n) {
        n = count - i < sizeof part / size ? count - i : sizeof part / size;
        memcpy(part, (const char *)data + i * size, n * size);
        bytes_swap(part, n, size);
        output_write(a, o, part, n * size);
    }
}

// Writes one file, whole or not at all, in the order given. metadata is a JSON object or NULL.
static Output *tensors_begin(Arena *a, const char *path, const Tensor *items, size_t n, const char *metadata) {
    Text head = {.arena = a};
    text_print(&head, "{\"__metadata__\":%s", metadata ? metadata : "{\"format\":\"pt\"}");
    int64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const Tensor *t = &items[i];
        text_add(&head, ",", 1);
        text_json(&head, t->name, strlen(t->name));
        text_print(&head, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[t->dtype].name);
        for (int d = 0; d < t->rank; d++) text_print(&head, d ? ",%lld" : "%lld", (long long)t->shape[d]);
        int64_t bytes = t->count * dtypes[t->dtype].bytes;
        text_print(&head, "],\"data_offsets\":[%lld,%lld]}", (long long)at, (long long)at + (long long)bytes);
        at += bytes;
    }
    text_add(&head, "}", 1);
    while (head.n % 8) text_add(&head, " ", 1);  // so that the data starts aligned, as the format's library writes it
    Output *o = output_open(a, path);
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)head.n >> 8 * i);
    output_write(a, o, length, 8);
    output_write(a, o, head.data, head.n);
    return o;
}

static void tensors_save(Arena *a, const char *path, const Tensor *items, size_t n, const char *metadata) {
    Output *o = tensors_begin(a, path, items, n, metadata);
    for (size_t i = 0; i < n; i++)
        output_numbers(a, o, items[i].data, (size_t)items[i].count, (size_t)dtypes[items[i].dtype].bytes);
    output_commit(a, o);
}

/* ================================================================================================================
   5  tokenizer: SentencePiece unigram

   T5 reads text as pieces of a fixed vocabulary. A unigram model gives each piece a score, the logarithm of its
   probability, and cuts a text into those pieces whose scores add up to most (Kudo 2018). Three stages:

     normalize   The model brings its own table ("precompiled charsmap"): NFKC, control characters, case folding for
                 some, compiled to byte strings and their replacements; the longest match counts. Bytes that are no
                 UTF-8 become U+FFFD. Runs of spaces become one, a space goes before the first word, and each space is
                 written as U+2581 in the pieces of the file. Here it stays one byte, ' ', in text and trie alike:
                 after this stage the two mean the same, and a third of the work is saved.
     segment     Viterbi: best[e] is the best score of the first e bytes. From every character on, a trie finds the
                 pieces that begin there; each is a candidate for the place where it ends. A character that begins
                 no piece of its own is unknown, at the lowest score minus 10; unknown neighbours become one <unk>,
                 or <0xNN> pieces, one a byte, where the vocabulary has those.
     cut         Before all that, added tokens become their ids where a text spells them: control pieces (</s>, <pad>),
                 <unk>, the sentinels <extra_id_N>, and what the folder's JSON files list. What stands between two of
                 them is a text of its own, as in transformers. (sentencepiece alone would spell them out.) Most are
                 looked for in the text as it was written, those that are "normalized" in the normalized text.
                 User-defined pieces of spiece.model are taken as they stand and always win, but do not cut.

   All else about spiece.model is meant to be the same as sentencepiece 0.2.3, bit for bit: scores are added as floats in
   its order, the first of two equal candidates (the longer piece) wins, and sums are brought back to zero at the same
   places. tokenizer.json has a pipeline of its own, which runs as in the tokenizers library 0.23: normalizers change the
   text, pre-tokenizers cut it into words, each word is segmented alone with sums in double, a post-processor says what
   follows the text, decoders make text of pieces again. (transformers 5 puts a pipeline of its own in the place of the
   file's where the class is T5Tokenizer; what a model was trained with is the file's.)

   spiece.model is a protobuf message. A field is a varint (number x 8 + wire type), then its value: a varint (type 0),
   8 bytes (1), a length and as many bytes (2), or 4 bytes (5). Of ModelProto we read
     1 piece, repeated: {1 text, 2 score, 3 type}     3 normalizer: {2 charsmap, 3 prefix, 4 remove spaces, 5 escape}
     2 trainer: {3 model type, 24 space as suffix, 44 what <unk> looks like in text}
   T5 files hold 32,000 pieces; 100 sentinels follow, counted from the top: <extra_id_0> is 32099. A folder's
   tokenizer_config.json may say another number (extra_ids); none is made up beyond vocab_size. ByT5 has no vocabulary:
   the ids of bytes are 3 to 258, 125 sentinels follow, counted from below.
   ================================================================================================================ */

typedef enum { NORMAL = 1, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE } PieceType;  // as in the file

// What an added token does. LSTRIP and RSTRIP: spaces beside it go; SPECIAL: it is no part of decoded text.
enum { ADDED = 1, SINGLE_WORD = 2, LSTRIP = 4, RSTRIP = 8, NORMALIZED = 16, SPECIAL = 32, LEGACY = 64 };

typedef struct {
    const char *text;  // n bytes, closed by a zero
    uint32_t n;
    unsigned added;    // 0: no added token
    double score;
    PieceType type;
} Piece;

// One place of a double-array trie (Aoe 1989): the child of a node for byte c lies at base ^ c, if the label there is c.
// No two nodes share a base, so the label is all that has to be compared.
typedef struct {
    float score;    // of the key that ends here, -INFINITY where none does
    uint32_t word;  // bits 0-7 label, 8 the place is vacant, 9 a key ends here that is one whole character, 10-31 base
} Node;

typedef struct {
    Node *nodes;    // NULL: no keys
    int32_t *ids;   // of the keys that end at each place
} Trie;

typedef struct {
    const char *text;
    uint32_t n;
    int32_t id;
    float score;
} Key;

// One stage of a pipeline.
typedef struct {
    enum Kind {
        NFC, NFD, NFKC, NFKD, LOWERCASE, NMT, PRECOMPILED, REPLACE, STRIP, PREPEND,  // change the text
        METASPACE, WHITESPACE_SPLIT, DIGITS, PUNCTUATION                             // cut it
    } kind;
    enum How { ISOLATED, REMOVED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS } how;  // what becomes of a match
    int left, right;        // STRIP: are these sides stripped; METASPACE: left 0 never, 1 first, 2 always, right: does it cut
    bool pattern;           // `from` is a regular expression
    const char *from, *to;  // what is looked for, and what takes its place
    size_t from_n, to_n;
} Stage;

typedef struct {
    int32_t size;            // ids are 0..size-1, added tokens included
    int32_t vocabulary;      // pieces of the model; added tokens and sentinels follow
    int32_t limit;           // the model knows ids below this, 0: not known
    int32_t eos, pad, unk;   // </s>, <pad>, <unk>; -1 where the vocabulary lacks <pad>
    int32_t closing[8];      // what follows a text: </s>
    int n_closing;
    Piece *pieces;
    int32_t *names;          // while loading: a hash table of ids + 1
    size_t room, n_names;
    Trie trie, user;         // what segmentation finds; user-defined pieces as they are written
    struct {
        Trie trie;
        bool first[256];     // the bytes that a name begins with
    } added[2];              // tokens that cut the text as it is written, and the normalized text
    enum { SENTENCEPIECE, LIBRARY, BYTES } way;  // spiece.model's, tokenizer.json's, ByT5's
    Stage *stages[2];        // of tokenizer.json's normalizer and pre-tokenizer
    size_t n_stages[2], room_stages[2];
    bool spaced;             // there is no decoder: spaces go between pieces
    const struct Unicode *unicode;
    int32_t bytes[256];         // the <0xNN> pieces
    bool has_bytes;
    bool prefix, suffix;        // a space goes before the text, or behind it
    bool remove_spaces;         // leading, trailing, repeated ones
    bool escape;                // spaces are U+2581 in pieces
    double unknown_score;
    size_t longest;             // bytes of the longest piece in normalized text
    const char *unknown_text;   // what <unk> looks like in text
    const uint32_t *map;        // the charsmap's trie, map_size places
    size_t map_size;
    const char *strings;        // its replacements, each closed by a zero
    size_t strings_size;
    unsigned char ascii[256];   // what a byte becomes if an ASCII byte follows; 0: the table has to be asked
} Tokenizer;

// ---- characters
//
// What the stages of tokenizer.json ask of characters, as the libraries behind the tokenizers library answer. It is made,
// and the model of its numbers described, by tests/make_unicode.py: an adaptive binary arithmetic code in 85 characters.

static const char UNICODE[][124] = {
    "#V<iH%=GS><M3lv(RvjLCqs0%m^<opY;yx1j]%Hv4;mQPo@iC_ZTP&j16rDwVMGxk+:)FnG+peASI;;gLvq9.N2.6-4mxIH=;9-jF])9]lER&7N>@_Gg*Pk82QP",
    "aEnQ7vP#&.@:FdlJ1cJO7>6vwQX_:nZDv>QWOolWOYf8=Z%`x_g/ASMKlh(DfLd;%6@D'L-[//.m@^AJM-a(;1@B7nLC+Zt')IDjI]G,g^)n*DW@aWQ6bmipnf2",
    "Bk2wE:Z(1Ysur>Xe5N*CRVg8o2YSsju7I^ZP/YkQ@O(IcabxN>I_`OZQJ(G'T)=re2WV;X2x.<RU;Fl(Do0J80UMarUP9,,;[uFKRr_k$oN3as9WqXI45adaLu*",
    "RaV*F<AwvdpUNTvHNNa]=6XY81GI<bCoLH=Z,6R#A[DW%q/qffZ0$Eg8/JbygU;iW`Vb^5e0g/$sHwc6)J(#.aR4^>KEZ6SZnUPf/kZ&p6(s'&1d3-#<0MZ,CC)",
    "3a#lc:1;1;Gq]WnSIVd8uXoj4Vq$V2OrSfp=RjB1N4f>8L92sn'G<XIy/gCl%fi3u9OU2kW]XBuY(D8.p>3k8t;Ugo.[Aq3e:1J0f.BI$+o3GG7W.nj1e^mJHGH",
    "C6*Vy1y@P]hdnA43EYhqLa+[/:<R#-p2._Mq8r7SWpkB9@PP8qkO*'aI)sZ/6yvP;2DVm$^pmWCd=h`.Q4ohJ;+X[Wp@>>*uo5atp%5lq'Ff%4onD9FAtk],,Rj",
    "mm_ekK1XD%m%o[^;D&6t82XR%<9<%['dPcagVLVSV()Eg2RBYD5c%$3i.1t&P#4VArr/O:S($`k-/rF@R;+d]Q,7p#cwtH=XY:)^uR4RWJ+I`mbnYI(Vdgc:`Xd",
    "5<CaALPD/UMW]*Sp6S+@b]@qHxEi$/UJpnKU_y+p6C='R)(HDhDf9uaDW/bRZFF%cAaEn_0Y4v>hrFi<oLO`,AmF[*0i.@2Ibx,iG9*Oelq5$@Q@=@(('*MX8on",
    "0>0_Ri5ByCIn_.0-1Ir:y#cyT#oWv'5hb9=IW%aXNme3h$QIBH&oAs_M/6m_0id6w_(T>%%`E)dR6A7xvdaIk^fayg%ToE6`PvT)sS^Up7KG:LOtTX56oq$Ymg*",
    "'uN5G7lUZ1EdvqkQuu2R/#%l(<-]];kqU2=Bs5H,#I5n,a5Sq.-)M8u'/$VQ]j02hs=o@Cf:'4Mv'-,f&L&tw4$)4qbw)Jg+LXOeu*MLO5^(=2W<7XLi=%T%BMy",
    ":sQu[=spVp1,gMT1O;vpW3PDH.i84$m_*>w#-0N4%=OB1]x1Y(1_(ue@bPlhvDudBISlEWol+siCn+cNNTNo/3iqVvBT@y%&<XK44D+y0/^laSiL*rTNIO=UrN#",
    ">lKCRsqBY/*]hy4gZ-g.,4(;yqu9i-DtD,a#g25_+lI*C:cVU=K@]eROk_A$F''&QSD^@ZXI;d[XQ,<,(*&/CcZ_X-j#&^7W<CEKOAYKO:=RahhW'[$6o/$-D5e",
    "(s]Y_30-xmO+Rd/@&Sxa+MZKddS][Q=/Gluf^8O=MBM7mg>,eMK-vOo^pi'CV:VO'XQ,bH)bj56RtxV-,^<6>'##ro>CgovPEO#MPD@NN]h`vjI`(S(v#WL$T*S",
    "`agIE<Gt5sL[&,O%leL9BB1aI)bba'BK3c_JaH&C;q%q$KWabhc[4'1d4(DbV=bp+xgAsk-iBr>FLlpR`CJn'vt3okMQQIi<STR>Koc[(JV,vn3t-E:^W'1n5Ma",
    "q<fR%_qM#E6[qe^:L/0)]Z[bu_F&Ju*5dA2Pe9&[OA7E@c1)Y@S*q@7p3p'iKtL-9AKxN(c[Oo^4px0_239Bu4)@dAVaK-bp>l4NeiGw,Sn7+w<iu:xfEf8o[+*",
    "54h3Xvf<>:C^(]%CMmLcQ3`>IJ4=A5DH:mm7735y9kj.$c>aV)%xdY'mOw+nKC;R)e+28:o=eZbnw#-uiU325_C:nIWD&a-MDGScjgp5nAUWWrTCr7PD*X@W>*w",
    "qH%k9WY+r*rPI&sRY(AxF/6um=D;kLBhtx4qsLJnA^B@)Uyo#`i>NFv->/=`$NEfslLi4Pl]KyDyI]p-wFDw@).0oom5>q^HF.Z:G414Is0cibZ`HgIjAdNBX9P",
    "E]B&=Q<%OeIk)DqhpHNNpw`19kl'i5o5QnXr//sEsvm'ijD'BY/B_T&%*st(hk^^L]1bK^Bq8fol+Qi5gLI2UpCc_,bwpxi5l:grL1(<'(q[i+EW>UaLteCd,4R",
    ")/u51WVRem%`_/uT2ZlKH7hdg(ey$PD=p)&-p%+;NM4BGNEK(pW&E722>=dD2BX@/7Z$uTt/qp=f>d;<kVy.igu4x1EmCs>%/`-Ed'l$eDF;K;:cLE(C3>iMhYD",
    "iI&62)>NNpLKr-.wY4P:@qxcJMx#PtuZ$C]5o/_(OTFn]1196$c8->r6$)sE)8R<[%QB0%Ye:KGJkXojD-N$pm[Ya@96`0w%*.A223E7BS,V-.Y9He3)qyXGEJ5",
    "jh<NZsL&]m97j(FC0A87OA@-jaj[d`4DxJ^:5_`>Gt$bqI<5Q[SK3J7CwC#c]8DXm.y=WU#4BC#3EDQu9CQy>5R>Oh+fcOw4m$=L]Q4)#4_BTF1F0RHClf.,QNG",
    "%7B2MwO-d;(Fh1R,F*AoW8S%rhubR1OkK5j'ImN::vqRGHcM.UcxLm.fp96&qedyB31CW;9mZr&xy>@/PkcMD0Tsk6m@OxAT>7MDV+T[jwcrj8A&5mR1_P'/Q</",
    ";.[M,A<HhrdsJeI'2`$RvhcL)$sx]%f%)r>>B23D5l)Hgm,Vd8LTj94C)cgJFEsv/J-@%[+s$@*>,uX='$f-qg9*;[>F+mYK+aM=;NFZ'g'BuNdaOEibC>N%Nhw",
    "G^Y5w_@jgy^'woXygORA/i.6.Ia1=MS7l6UHbG7'+1uabchXUYw)H+O/gNiD>7h7#`_G(fmC(p<3g%L,L<IR%3S+1TlCGEBkYxSGdSF.-k2[DBSq0LgL@8>P9[6",
    "csMiL@xiA&3K`U/SwX^]#6[N-FR>3=5%+hvoGshZm3'=__;<4O4RsH9B#43X2iBafR<K0Y%=KM&FqmI+Ene&:y_,CO+y:E^kn_'bmi6-<soSGgM,[PJi-).Dp0t",
    ")x8ZEIpLBk6V+oEOS$y5g-D8$8#XXVVy--=3SL(`h+)WQ87w`HQw@)_IUA2c@mrf/QG1AmntsxbG69fSHk;4][N[[Q.o,5.sO^E)]DpnvX/Srp=kc=-8feW_hvU",
    "FRsajDLbCI97qD26xB*DDHghKJwVQMW[6&scxa)xYiaCkW7EQ_<;F=5t11t37`6#4,Sm]us02u:m^PyTTJGJhaL5<->xKX#5Qra+JQ]2Y/1UMjGw-6/J9iYObfK",
    "un=8Ds`aO=e$Jy$L#;]43;'Tlt1t'I1LW)@,)a81ch`FQ,`epNAnj]6LwkfS@)FoPNj#v3H;(CDP.RyjA@uOLMM9Cg)0Onc,L:CLbO9P@kHYaQv5Ec=/ll.4HQN",
    "ss][8*[&;XE&Lp%Irfv*Oj>;e6*#$3%52re)-x]l)V+O,Fq1t63;ykS&Y,1fo++&nZcb#`cv,^N[gV+^Er9i[G)nCrj/xgrL_ifWxK9pcTWQx)>/^S$Z@;j;agy",
    "Y.I#F;CiD8w[nc:)q&TQD)ksw@Sgqy/^<as=B$6=bZq_YnHFlB6d9sY^c+:(IDT^;c-w(rb<Z2#wM&H[+wp8K-'9vHKmkZ@i[e/D;qRI[L=GOb;TIuffeWHU7:L",
    "Wy_.[I)gII^rdxrc5;0]:6V,h(c3oFefg,^qrEsd[Envo4X%_l6S_cB*kUehrfn43Z0r**alHr1gtwB%,V..PUetsLoGKypDBT$CV;+&m7[bGU's`69K[U6P<-P",
    "YqErpOjl3f6OLEowGV=g.R.PAny@VpF[W>Y4Z:dF.0BPmvt4tr-bWg.YVE%Ic)DUJ`6K[cRe$QDcT*XH*.u)]^nM)ApBsy($^S<:,xuu@[>6(q'c-9kE9tBL+sp",
    "Xi3KmDGjmF`5JyaXtj6iXIEw2r2ZXWI&i/SyE;88bLC2X[pVE7&HQ_6*+u$WfD/Qm.X.8a>U%s(B@@wkU55>Mo,ptY^f2n^oqJ4w%w6JpVr;,Gn-]#`f9K4:aP>",
    "+i:jHk@+0@fTU(n2Y'mVXi2b0e0XyZFa9_@D5s@3b(*yH0f$[fk.=F1lA/3O3j,%w)mx$HjcwsZUtK@m;Bk=^sn%w^rYW@91t>/BrVNmxf[-e@*m5(a<oLMhd.N",
    "nI`4Id(13ok'Dgl:cMojpD^#g^A<l<YhZIX><;#)kJeQ2TkI,'05'3(^g(8TsN+^eS5jXo]<0LHoIg'e6q7iW]fFIbOK[*dCjV1<]Wd8`.gthGuhV@Z8Hspy8Gw",
    "mHc55fN[cJ6CEy%Rl`w<(n@'Q:@p^e*hx.=Qg)D)qVD/pB[Qu9XBKTM(<.u*Qj%8TjKu%t/_m`MVl8+lU8(:EsoZv&&Ip$XXENFl[d'@L(_):4m5JN-aNWGq.ix",
    "@;+_TSdk`@KC4NB@6HCHkfC7uRQms)CdHtPJc9cIV(Ymy]iss<NK'6sqtiaSvdby.*-mNqFR<Ykp&G*wVR/hc&)3c>becTYfQA4g<JIX'5#HEdQ[*`xQjUcfpyJ",
    ">v^7@I7,x0WTQIXsPg2Gf>Tp$s+nZG0)w5@Y<uDY=@.DSD'jolVIf_ew'x(XeIXRil^8IGjxj;Gi<LL3Uf;J;VkyLXifnbU,j3LrGEqiGOxS&s6fV1@V8WEaAQN",
    ",w$O7_3A3Y*<*:Jmd8_8l$w1ST`5$q-@;n)kf6<^[FS`2x@-gR+ZT3X(tqP_N6x+Ec[#R>`kPSc9S@.=pF`S3_qAhMoa'B:1l897A_m:tRsSO5UavocMa>m)`>-",
    "b<%*vI8>0@wsQ*S]x3U=9N4VLDC6bc*]BuxJfNq.G;^A.sBr9kb)A%5Us=I`/WYE>CG,Xi=L%e_*:PoTFjN$o5MPk2qC7<_[NMSec<=M@y)6tFBuD(Gc@sDim2P",
    "8%0SM6lG:CafLnE_DbF.[nP-$<hC=X=86=da#8vXm>VQw8Znvrj(-`v2oD=VZh9$/IH/fY2ajn7'89[MFMT3:agESL7O^cMt0:J5bO]<rOV%=;iAqlnpEaVBv`+",
    "Wt8YbNaovmMqSK@#:YL71Vmap(&W%TF=Yi]&6Y#RYVc+GuqJUohvSs3e8CgKNXD/<V>0uN0a0aR#[n*yU#oWClTUirSrHa-oF[7OJ'SqxI`P]2vPn0P>]A1k2Et",
    "SNv8,kQkp4JiVlc:-1HdV&LLNb%/nVA`K_k$O+C;X:ux<6O208c=*+=.r/ha=JR7'>fe,:@w@hYQ.689Am8NA0'OB^QlS7gF'$+:,lQYptJfx`w4)B5Z#]/XIR(",
    "wvaA)vZT.B`9_eV1IUf@.u(]#ov_3tdpPUWUPf)c%S%)WcE[_SQ]9T']q;*g.jcpt#Cr<jskK,(n*Gn(o`/d3qk.fM9q+yxc_5cRo;>f+ZK3.=[/f+tBHmA'*LX",
    "sQGr^we5Y4LNG3X4,OlowChiY^Pst^8E:8HQ-MvPR5.j<:2fn$oUjg:Kc]cMMtUPf_V1n*PNF&Dk=eOBm^R+tKU-+D@pF_2*$BUv<B%j1m;>%QVFIfRfhT=2G5$",
    "Y[Y5csLPQ)JT`7#D`L2;GX_Qq-G*N[dG)+g/Wft^;yO6<&K9fRho@`YKAl.QeCb5deMm=lFwjrmS1R<ljbeRID98mdr]*FeAp4QlTrY2a,::^KKSQbN,xjip5^x",
    "s86:`6LI1#V`SSNGL5>IAd'X32p$^fHy4J09T/=TZ13(&py:@UC*&<n555w3rNg^HfL.RZ:OkGqDd^K)/oo77:PaT,jggL`81i,HuL</D/4jwjVTfK'(NOFt^j;",
    "k%6xUHE2yPp,46nUvNJG@(fV&P;;lh+,<8KFi>&V-8__c2cWtlRhwfd:[vEbBS5c#Kc1T0;aLl6U+0Rp1nZJfCJZIi%#06d>UfkqP9B>W6Ws]T=@v=N+ftXew+a",
    "RN6#+TGC9#_Y4//NI^hf_v,Gs&GIP/(aX<^XdYHUR'MI(9K(Kw_+c%C-@S6VQ'ao^1m7H]A-$]W)A)61'a_Wav7Jw102F`TRuwI49tUIhfWTM;[_DxkXtWAM]+S",
    "d;iFoP3)Y9'7QR^O`Gd=B'u4+&OWF1.lsi<S,ZXS-W.a18=L][@HFOm0Hbh[D9GMUEhQ7$2Soo@WXb@gInGhbxMNCMN9Ev(Nr(pDHgHdiplFv]7W[-=o:o_9f77",
    ")#rIg^y.;OGyluTpCs5uog9N5ht:;>9;3h^OJ-o82QiK+<u5Obg(4cY='QoQ]cc+pbCsG#(TYGEst=a'UYumWZR0rwb8xk7gw:6]B8.$TP0R'L&DNP0HeQmPX-y",
    "CA/6MdE=fcd25@Ux-uioC@mnPdHuTmijOngjAkP4^:]i@JPlqq8HtN6c[[pWRyV$,fY4`ri+i*HJn)J:pP>RhZo(SZ&HusrZ`CHkH&f,9AV;QlxOOrE%gmUIS5p",
    "j[+XW_]McGbFq2FByypYR]U%:HUK+1UNHHO9o/w0S'TXP_UM9Cm/s>Gro,cibV]pJDRjdfG&ht-duEyLOfuGN'f(22,yiEni[HeI]%,1mE0AZ3pAxLSU8xJlFA2",
    "#:IUR:68gs8p+xCIbAhB%@_14;J%,Q(R9q[x93nVo4[gqB4o<3nQ0DReN,t&6Pnmd3g_)=Cn1J*o=/%M1:YH>CX^DeA7(U^Vj`^(od%vnO6seb+NRUdp_JW%:XY",
    "),5O9]#YPwXVLUl;qflolkxb+y^_`2h;,^BdxEXGl&[U(q<v&q_`LAwgT9%9]Ya.u6HDjQ6Vq77@^sPW0T&+Kj2bGKF)V,IW>utTmn4ABlV$CgMU'J9kdtTIM6%",
    "Q,:+Av`Gmj`TumJO4X[+RZb$]Xi7iSBV=9)nKSCfI'>SF;N*b4(1EKbZF%`Fg&XiuVQR*4Os.sC8J._6LCoC>SxAu#TQfm[k`v.Kw/P#,%RGuYZlSyr3x<)Ok>3",
    "I&s&FRyXIr(Al'6l=Ucu(QtsqD((bd52dQsvbIexPZ5V9*/-mU6YfW/ur_Q36nc2RTR]:#W:Jw&@ffkstIXE&fx6-aGbSUS(F9&R-IPdb[#U::>Sw7;ra_*d)f#",
    "Xq6t@xNuh(/StPRfhjj8$LqsrGgdec(#P7,R@w2v1AChXC0@>X/&k7dNGM%:fGV4b8w;XWQ;w$sr6@dBcU^Z1/vB(KE/-CGSu$7nXYfpv@UB4/25VTRDu#egB9_",
    ";-7MZI3Jp5ZOUQ:,%;`csWg^6us7D0_8wE<S*Gj]V4.CuA4lOFOuUw<d+g%oIFiE+Z/:(Z*C2gDS%g8Dlk;_U[_eJkDRT:L[LjPdnI$>DyZcCHq'wmmt5cQGjve",
    "<]jD@Kp#-92HwRNqy160&Lp/<5PHJS)PH6)Rn,tl7#8$[O#W^5gkYsChp+WV2hl:Vpi_Bb<SID.3m1nMF1qV6a%eSX*#d/OQl=NH#D/X*X`.I@dH<C#gH[YFA[^",
    "K7Nx<r75Kc8^jM&;I^2_Fh@O(J;JXZk8IyjbonEP-Scg>'*&Dv+C)6`orKPa`uThKB@>.'O$kWPABnUpSYddu(]vhqco*u't&ygvT]d]pDggAEA/[BRm]^i5UMN",
    "7`*b/bC*xSs^M@o8$i]#H)>qR$6]shGNUx'hy6#cWnq_sHU$w%,HF('WTt$klD)0oL_a(nbl0l48NJqwKF=B9y&smvNDkAovB/6UfMObp$9^i^Og)WM;`r^;b9;",
    "kPwu%50cTw3,V#`.<+EEUVRt((uVM./dq'bIkgVgE>uXJB@R<;;AKt/CjF*[>3R#Ds2Zx6MKf^s6W(h(o`UJqFt<uG14TwV-VLQmy>xk_#riWbLx#k1k3NE;5;K",
    "nFf7.6m,JCb0T-2=I[4*wCla-;e(Q)5roY+7BA6+L'0,I`)+dA=a^1PG^5&u^rwaow9(JbV;9TwEE&-ssf_vI36)I=)]qMft4BO=l25A@6Dr2UE=Nn7-O#'H>t3",
    "y]2f*XEc)neg<-+5VsHc86fqQ[m:S1VJo'I;7i9s]MLR1`^0:h;bcuCF[=_[1TDHwgN.>5t]o,8R0E31/f=uwNGN<u&J%rVlGNmqY^.)q]U:k5'5-1=xeLY^MTj",
    "Ow#^^^Sgax`/>k1]xaHvSHo$up[TXC=KlIq8D,Sj$`#)0j+#KwM),[3)+8USsyX]@H#%Mb&&dD32A8G1J`C+CYmPcmu&<J>0YvpUI[^e;1'/-Z$PKrW;CVA^pQm",
    "+cX`DdM@]3e48,.0eSE^<M1OU*[sGnr1++^6fbG'=+k)lGteW`%#D`A@Tv)F+%Woifbm#KV=EJ[Yn2l&2a&MYjCoM^$n1.<q@qpy9O=fnHf1A0tFnV&fZ4v>]Cb",
    "j*i^9i>oBm6[ced&WbP'>)AHVibgCjMfw^=T%d/@h+Y,og&YZw3L_n.C@`(D&*<<0UUY:R)cjk4>EjU<:IEmcSj5-bu.RF6d0VO/@54o$=ti0NJ]5JAX0$0][6k",
    "ncsoRccN.X9sUn%L[s,9xaxaArQ#^pK+GCbX;^>2=:wb^`E:dv)aNuO_Vk+^@2700VgZ,`iG1H1vk%L*H`Jldp=;%)ORx$O$_#u:M^pcPGMZ(*v/,usqd5p,hfY",
    "/FE;uFyiS/Wxo[.hbtQR<K:cMH#dh)Jnxeg&hR3RN-G7ky.4+Eb#;_eGYfPY*@1sJ=7Wv1<*j2nisQV=:r&89m1H6lfy'HD%t;IO)Ycs5b)@RMwO$w9+iP5gmN0",
    "0Ip[DTmbga#J/HEc8^J$Vc#Ow^uFQ#m*FbcHVw$7K<9mH%4m*^B9@g,>ggd_l*m`NY&8yy)x*477V*%%&#'^0u1T0phrsHjd675;E-<6-RVG.s&=lA-7Jm49QT+",
    "A3:jf50)m0SpMhqlM3`bAqpha`a-4N3T6<IT5H+1R[HoBt5^`NVi@bey3bBLjdH&w&lOCs[hZje#QbZ;_ri5Q1wP+CCs4I.,PmAt=`h=fa.M]$Qq3DkYqSm6*+O",
    "@y(vXYT;Zv)>h4_d*ZjhNo1Gdi>[1*ysZ&Zrk,,e_IEa`rtdDOntVHG[xZ(VJp/d><RDvpx9)3GZ)BXl#Wi;I:UJXoH1iYEEtKAm&*J2[P%7'=p]$&i[^]-**a<",
    "'a_-C*+74JmP/,*L*UPX5_A+pLZ_pOAkCjLORMe4h1jEoWb<O>/_k7if7MVStZmcA-d,m*vgZKUl/E3KSu&16&E#sQ953My>WJ2t-'EfpE3%4ha@lc33Y.RQbLl",
    "xgSY$0>N`-7;FG<T4/*i#:t_wF>AjV-,TX`jQ#jXqnkP+I3yZS0x1qbYrGOeKDQIaMKy7nCu5_s^AZK<Q&h<I/m=&31FX]dk%wH4$jxu(`8WI@N=wR'9Pc<wI4u",
    "_53>3Dp[/B@YaVpkH*Twa`Jy-.pG.uCA/otkC<y,kBoSt#lI&JCut3`oY3YrrnyC%=T/qNPMqvkuw_d@'hyKeZy##8`3)xEBYRUjOT^eR&;S;`G$brg/[+^Q8v6",
    "FNn)lrEK9q*may'T).F$t39Vb@qhcWsrhDIwJhD6$t<P2y4q_I4L[L^d[-xXe^Inm.bGqsZ@]J9V-)X:P_)&W.OFe3w3`Ts+K;`T110Bnmy$LSOvA29L0Z,RWbO",
    "TDn*j(S^h#w4n[mn%jWR/4SDA(7eonHw'o`8[_@8pekFI^<Jc^HI5gHvT963WAx;nE/^Ai:)g]]SrI^),5uHDD;*5M`Omn`91b-fSbRicmaOA;+kow/Q[7Qh/fo",
    "Zh.7T^#3hb_n&P@@>XKbh7G`Ad0$2cT):6<Vn[XtBU)29Dgfug4R3DOVHoa`+B3Z4Q[:XV0%'6KZUsd,_/$<990=H+-Pi^#Or%='$AoK=gTjABuJBvjB;x66cO(",
    "C$0Z5AncU1S;0WEx_o5E`f&3a+WyjREFLNRk/4F%LJyJ3R%8v98(DOHZM*bBF5*YR_DsIFPQBuCg0clu#:S-:1HwiJ*+kL&.*9A(`8x%j[um_BRG,MKpO0la1)m",
    "W0#Zc6YM'FD[YxH6/=c=@n4Z/KLI;[m>ify2gU`pQckjvvlUdl%4Z5*SvEDBJSb*cXg1-c84loO/'oNHjay;`*Z,CB,7c-TE;JYjQM,6vXC+<ZHFFxB)n6IVw0I",
    "b+@>L+rTohgH0XNN0/9fSHF5C#dUbSaFQoyMh8M&UFCBt%:KZ:aqY/EoB`b]iWZ)Vq&iJeYRewJsJX2=00T1'hZF]#dS%F@*:67vEmgLT:#cj=DKoQ[:aO]o7_+",
    "sGRs]^v0)4Z'%PS9N6HTZ%p&eqHjg%vZT,V/i(LYWDW(eDTU+Eq<VB7)3dl8U%394pmHWL5+(QW5X0^bpw7divG%doiY-Ro'9$PSCWOV7FZN]>Z&/CUhFYZBjD'",
    "atbNJNesf=8=Z12_kiTwyJ<0vETsstTaUkAak3[oj-I6RBt&YS.g4XbBYb3VnT)gOmlOM,L[4UDb>E`.%:/FvbFavbnA.,`UW5_9o+v,Che2s*$df'j+@+g_E<`",
    "$gAH$RDRc<3M5$sVYLML*ULb9W0'MRQ/s'c:QTv)e#ed9cXZC$r*s36LSfE4NK-YyP1:b'g:'vP]CWaoRtOi_/i-FF2d3lGYb`ROmk6]/&AMI:]RA[k_[gK;pS7",
    "@[W@4fji0dQEr+E]Ai<e4sA@X+<<u5Fx*;bay/>[.7pFl6tZTGf:&O+Z+*N@#L]j>/vjtc%:6#51(4gajT0vuL]GitP#9lZ6U'qRoRhm'3W;$8Nxovlu3I6X]>'",
    "T:hdIM^ntRmQH$2nkrQpX*X:`r3OZU))GL./:A#xp`v'#86;n.x46K1CTmJfbCA-Q<<,ySOGgZv[;)7]6r$&2G[%VO[A`/bQlMhh<uh_NW.Rcco&UU6i38:$dUS",
    "XIHA>c9Ll'>f*.cp:ZYJe9hv:hr&H#9*^Y(4IQHXgTtYC2DVP58G4hZ&wnvu>edmkuh/6+%i,dC7$_'1AA]fBfuvkboV#WBSu9epd]<1e4w#s3aN#AAOW&oj4bd",
    "ihCQ):uq>cwSx6ucsO/Xm3##gmYxb,VtQE;Z2bVT13pR8IsKE5[QRUMRcn1r<#BnCrsZ$ECs8uEW;0jf_0Sqm[BcKg[c9$HS-Qgf*VY]%9:P8UxZ5HQbJ/@4%rF",
    "2+JZ1bhhKjS2ekUqC9FeHad6MJ]hd5jtw(rkvp:_]XxA^ucN,UnEC,uTTegl+ka.Ke>O8iZr;Jo0c4_iWc&bAGgm>&Z=@Z2LK]tT6BMR5v#3`S81v#9Nq)@8YKD",
    "7nXHq+qWTQR6(pp,:[]);<R1nhvojg8K6BRPbuByP$1[E>PH2D<6<f:p%*+ZO'=M[ALYff,6=U_Vb3c3nu#c_6H%.S*K=kur$WL>]>UyXp`lc^EJ:<gUj<LH:yl",
    "&j,#gtJd3NIZU@D3[c5-NGajQ'+lZ&IF@Vl[KgKx/,a[eTdH:,#aPHy/)nlYx0(HNE;(L`#xh[y4`'>weYVPSXao+TD<&s%`6kU(Vs`#1D`(G;fC9k3fRn8ItSK",
    "d^M47Bwu-F46PQaU)KpX%$Ul%;hU*ckPyLV7fPs%irc`UnAN3P^wAp0,Ky,S9dhMVrP@=2q@'giT.1#i[xOFmfu7s]St7(@W>;S2Oo#WC0Q38%;gJyFe%5P`TV.",
    "sYyy`kiNL7O4-mj:QDZxPMlM9p+85GKQ'*.xBT+#Y<yYS4HO:>oN13uY4flq(Us;.^:08_9c^8`:@L>l&*muXR;/VJ]>d&Rc^fNgxdHG:<m6ZtV`NkfZRpB8JQ+",
    "oU=;.qm/fws8E_5K:eJOrSbhs,)xQ.sOEG-cx/H4O)JF.F/jw4s,Vv@]@#X^&9^8<RG.0f>@n4uySemnNu/-'/pKTts_*3+ju9l8[QEw,P[lF]roh'jYjh$hsSr",
    "3<<mvX<Wx@-<[bAa]K+T_H$M]X4F]U7e^tV;Fk4JCHQ+*rkR[0L.'HPUc4)0K7C`WFD4e1^O;]V7FIN2FLGDTh8][3mblv;DlUh(VyvYvnyKU8s^Jrn,AJ6A)9'",
    "vgi@%a6qyKIe4:npik#t'm9O_-:VxigA9FJFXO;((pppgsy]gnPRKv0r$I/v+lRWFiS;OB6+ulq8QhvlT4.<Wh:/EUCWjbn_;t>)uPe08,foWNqcKM7g78X)oQ-",
    "7R-][7b:@WM:2)qeu[kswyZ1,uCmpA+xlkjbxkBa(q@o[RvY3]bM&+O-F.XOQU'Xo()H'-/yQ5=<a]7,_J;[T@<V%j:d@4q*Y1n]^17M%YM53u*TKu69Yy'>3(l",
    "Rb'R&um%H$&2QeeB+U91UuGU,vbQRc95+xvC/s#Wg%8jxRqW@DJe>ZU2o>v,6T5mkP%ZmYE=k$%&9]GlVjR,c6Tkd^)@pm#d=wwv`=H0CZZLL4l-v&#t'.TjNOk",
    ">Wy+Cg&/[7D><AwS$w,g<n;GOYn2.3$9]Gq4`5N:/[>8v&G1kD5+R]+JF>BqjEq^]E,LSxd8<vpAkDHWF:anX`V;dBfK%R0_Y66TJ)a$u03$vdHue(w'6^d:%@6",
    "oa[A8e,]JsEFCI-rXTov66/tkZY=NyNMgIUX^ch'naPs5(D*Rv11RyovW4)hJx;S@dFBeWTygj:ufOF,='1[Xmb*<x%tJS#C+ddt9jgmnn6o'Zhw:I`+%sBB6m]",
    "JJ:%'>w3NWtU/w#G<M&5OhU5cfn8WSdI-<J/i/H9pv@#m9H]AAJ,-R$H;fI&g&7r+4M))SQ3YoMv[0#XMPT^3E6d$_U$=nE:.h$R0qbHU*BE5*lMPWM[3FJI&*F",
    "0MB<Jm2TGM'`65Blw<'cm,5.6qk.1=1O$)EixFhC&^6q@E5Q$uCpPF&<9PP>e0G=V##B&eVh9oBY19wbpAb6diri#&,p*@,&Ko<6R#l6Z>29-JC,=3-k/,R(`@g",
    ";EA`6*@^u26"};

// The length of a character by its first byte.
static size_t lead_length(unsigned char c) {
    return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

// The character at s, valid UTF-8, and its length.
static uint32_t utf8_read(const char *s, size_t *n) {
    const unsigned char *u = (const unsigned char *)s;
    *n = lead_length(*u);
    uint32_t c = *n == 1 ? *u : *u & (0x7fu >> *n);
    for (size_t i = 1; i < *n; i++) c = c << 6 | (u[i] & 63);
    return c;
}

static bool is_space(uint32_t c) {
    if (c < 128) return c == ' ' || (c >= 9 && c <= 13);
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

enum Table { NUMERIC, PUNCTUATION_MARK, WORD, EXTENDS, BREAKS, COMBINING, DECOMPOSITION, LOWER, TABLES };
enum { CANONICAL, COMPATIBLE, NEVER_COMPOSED };  // values of DECOMPOSITION; the value of COMBINING is the class

// Characters first, first + step, ..., last become the n characters of `to`, the first of which grows with them.
typedef struct {
    uint32_t first, last, value, step, grow, n;
    const uint32_t *to;
} CharacterRun;

typedef struct {
    uint64_t pair;
    uint32_t c;
} Composition;

typedef struct Unicode {
    CharacterRun *runs[TABLES];
    Composition *compositions;
    size_t n[TABLES], n_compositions;
} Unicode;

typedef struct {
    size_t at;             // in UNICODE
    uint32_t low, high, code, word;
    int left;              // bytes of `word`
    uint16_t (*slots)[2];  // how probable a 1 is, and how often the slot was used
} Coder;

static uint32_t coder_byte(Coder *d) {
    if (!d->left) d->word = 0;
    for (int i = 0; !d->left && d->at / 123 < sizeof UNICODE / sizeof *UNICODE && i < 5; i++, d->at++) {
        char c = UNICODE[d->at / 123][d->at % 123];
        d->word = d->word * 85 + (uint32_t)(c - '#' - (c > '?') - (c > '\\'));
    }
    d->left = d->left ? d->left - 1 : 3;
    return d->word >> 8 * d->left & 255;
}

static uint32_t coder_bit(Coder *d, int slot) {
    uint16_t *p = d->slots[slot], *used = p + 1;
    if (!*used) *p = 32768, *used = 1;
    uint32_t middle = d->low + ((d->high - d->low) >> 16) * *p, rate = *used * 2 + 1;
    bool bit = d->code <= middle;
    if (bit) d->high = middle;
    else d->low = middle + 1;
    uint32_t now = bit ? *p + (65535u - *p) * 2 / rate : *p - *p * 2u / rate;
    *p = (uint16_t)(now < 32 ? 32 : now > 65503 ? 65503 : now);
    *used += *used < 21;
    for (; !((d->low ^ d->high) >> 24); d->code = d->code << 8 | coder_byte(d)) d->low <<= 8, d->high = d->high << 8 | 255;
    return bit;
}

// A number: how many bits follow its highest one, then these.
static uint32_t coder_number(Coder *d, int context) {
    int bits = 0;
    uint32_t v = 1;
    while (bits < 21 && coder_bit(d, context * 1024 + bits)) bits++;
    for (int i = bits; i-- > 0;) v = v * 2 + coder_bit(d, context * 1024 + 32 + bits * 40 + (v < 16 ? (int)v : 16 + i));
    return v - 1;
}

static int composition_compare(const void *x, const void *y) {
    const Composition *a = x, *b = y;
    return (a->pair > b->pair) - (a->pair < b->pair);
}

static const Unicode *unicode_open(Arena *a) {
    Unicode *u = arena_get(a, 1, sizeof *u);
    Arena *inner = arena_inner(a);
    Coder d = {.high = UINT32_MAX, .slots = arena_get(inner, (size_t)80 << 10, sizeof *d.slots)};
    for (int i = 0; i < 4; i++) d.code = d.code << 8 | coder_byte(&d);
    u->compositions = arena_get(a, 2048, sizeof *u->compositions);
    for (int k = 0; k < TABLES; k++) {
        CharacterRun *r = u->runs[k] = arena_get(a, u->n[k] = coder_number(&d, 79), sizeof *r), *end = r + u->n[k];
        uint32_t at = 0, before[20] = {0}, key = 0, count = 0, more;
        for (; r < end; at = r++->last) {
            r->step = 1;
            r->first = at + coder_number(&d, k < DECOMPOSITION ? 60 + 2 * k : count < 3 ? (int)count : 3);
            if (k < DECOMPOSITION) {
                r->last = r->first + coder_number(&d, 61 + 2 * k);
                r->value = k == COMBINING ? coder_number(&d, 78) : 1;
                continue;
            }
            key = coder_number(&d, 4 + (key < 15 ? (int)key : 15));
            r->value = key % 3;
            uint32_t *to = arena_get(a, r->n = key / 3, sizeof *to);
            int kind = key < 11 ? (int)key - 3 : 8;
            for (uint32_t i = 0; i < r->n; i++) {
                uint32_t x = coder_number(&d, 20 + 9 * (i < 2 ? (int)i : 2) + kind);
                to[i] = before[i] += x & 1 ? 0 - (x + 1) / 2 : x / 2;
            }
            r->to = to;
            if ((count = coder_number(&d, 47 + kind)) > 1) more = coder_number(&d, 56), r->step = more & 3, r->grow = more >> 2;
            r->last = r->first + (count - 1) * r->step;
            for (uint32_t i = 0; i < count && k == DECOMPOSITION && r->value == CANONICAL; i++)
                u->compositions[u->n_compositions++] =
                    (Composition){(uint64_t)(to[0] + i * r->grow) << 32 | to[1], r->first + i * r->step};
        }
    }
    qsort(u->compositions, u->n_compositions, sizeof *u->compositions, composition_compare);
    arena_free(inner);
    return u;
}

static int run_compare(const void *x, const void *y) {
    const CharacterRun *key = x, *r = y;
    return key->first < r->first ? -1 : key->first > r->last;
}

static const CharacterRun *unicode_find(const Unicode *u, enum Table table, uint32_t c) {
    CharacterRun key = {.first = c}, *r = bsearch(&key, u->runs[table], u->n[table], sizeof key, run_compare);
    return r && (c - r->first) % r->step == 0 ? r : NULL;
}

// A character of a text that is being normalized.
typedef struct {
    uint32_t c, class;
} Character;

enum { HANGUL = 0xac00, SYLLABLES = 11172, HANGUL_L = 0x1100, HANGUL_V = 0x1161, HANGUL_T = 0x11a7 };

// Appends the Characters that c decomposes into.
static void decompose(const Unicode *u, Text *to, uint32_t c, bool compatible) {
    uint32_t k = c - HANGUL, hangul[] = {HANGUL_L + k / 588, HANGUL_V + k / 28 % 21, HANGUL_T + k % 28};
    const CharacterRun *r = c < 0xa0 ? NULL : unicode_find(u, DECOMPOSITION, c);
    uint32_t n = k < SYLLABLES ? 2 + (k % 28 > 0) : r && (compatible || r->value != COMPATIBLE) ? r->n : 0;
    for (uint32_t i = 0; i < n; i++)
        decompose(u, to, k < SYLLABLES ? hangul[i] : r->to[i] + (i ? 0 : (c - r->first) / r->step * r->grow), compatible);
    r = c < 0x300 ? NULL : unicode_find(u, COMBINING, c);
    Character one = {c, r ? r->value : 0};
    if (!n) text_add(to, (char *)&one, sizeof one);
}

// The character that two compose, 0 for none.
static uint32_t compose(const Unicode *u, uint32_t a, uint32_t b) {
    if (a - HANGUL_L < 19 && b - HANGUL_V < 21) return HANGUL + ((a - HANGUL_L) * 21 + b - HANGUL_V) * 28;
    if (a - HANGUL < SYLLABLES && (a - HANGUL) % 28 == 0 && b - HANGUL_T - 1 < 27) return a + b - HANGUL_T;
    Composition key = {(uint64_t)a << 32 | b, 0};
    const Composition *found = bsearch(&key, u->compositions, u->n_compositions, sizeof key, composition_compare);
    return found ? found->c : 0;
}

// Puts marks into the order of their classes; composes where that is asked for (Unicode Standard Annex 15). Returns how many.
static size_t characters_order(const Unicode *u, Character *p, size_t count, bool composes) {
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j && p[j].class && p[j].class < p[j - 1].class; j--) {
            Character one = p[j];
            p[j] = p[j - 1], p[j - 1] = one;
        }
    size_t n = 0, starter = SIZE_MAX;
    for (size_t i = 0; i < count && composes; i++) {
        bool free = starter != SIZE_MAX && (n == starter + 1 || (p[n - 1].class && p[n - 1].class < p[i].class));
        uint32_t c = free ? compose(u, p[starter].c, p[i].c) : 0;
        if (c) p[starter].c = c;
        if (!c && !p[i].class) starter = n;
        if (!c) p[n++] = p[i];
    }
    return composes ? n : count;
}

// The length of the first grapheme of a text, as far as it matters for those of less than 6 bytes.
static size_t grapheme_length(const Unicode *u, const char *s, size_t n) {
    size_t length, more;
    uint32_t c = utf8_read(s, &length);
    if (c < 0x600 && (length == n || !(s[length] & 128))) return length + (c == '\r' && n > 1 && s[1] == '\n');
    bool alone = unicode_find(u, BREAKS, c), joins = c <= 0x605 ? c >= 0x600 : c == 0x6dd || c == 0x70f;
    for (; !alone && length < n; length += more, joins = false) {
        c = utf8_read(s + length, &more);
        if (!unicode_find(u, EXTENDS, c) && (!joins || unicode_find(u, BREAKS, c))) break;
    }
    return length;
}

// ---- trie

enum { VACANT = 1 << 8, WHOLE = 1 << 9, BASE_SHIFT = 10, MAX_PLACES = (1 << 22) - 256 };
enum {
    ROOT = 256,           // the base of the root; 0 is that of all places without children
    WINDOW = 512,         // places searched for a base: 512 fill 95 % of T5's trie, 2048 98 % in three times the time
    LONGEST_PIECE = 1000  // bytes
};

typedef struct {
    Arena *arena;
    Node *nodes;
    int32_t *ids;
    bool *used;            // bases
    size_t n, room, first; // places, memory for blocks of 256 of them, the first that may be vacant
} TrieBuilder;

static int key_compare(const void *x, const void *y) {
    const Key *a = x, *b = y;
    int order = memcmp(a->text, b->text, a->n < b->n ? a->n : b->n);
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

static void trie_block(TrieBuilder *b, const char *path) {
    if (b->n + 256 > MAX_PLACES) fail(b->arena, "%s: the vocabulary is too large for this program", path);
    size_t blocks = b->n / 256, room[3] = {b->room, b->room, b->room};
    b->nodes = arena_grow(b->arena, b->nodes, blocks, room, 256 * sizeof *b->nodes);
    b->ids = arena_grow(b->arena, b->ids, blocks, room + 1, 256 * sizeof *b->ids);
    b->used = arena_grow(b->arena, b->used, blocks, room + 2, 256 * sizeof *b->used);
    b->room = room[0];
    for (size_t i = b->n; i < b->n + 256; i++) b->nodes[i] = (Node){-INFINITY, VACANT};
    b->n += 256;
}

// A base under which all labels fall on vacant places. Only the last places are looked at: going through all, most of
// them taken, would be quadratic.
static uint32_t trie_base(TrieBuilder *b, const unsigned char *labels, int n, const char *path) {
    if (b->n > WINDOW && b->first < b->n - WINDOW) b->first = b->n - WINDOW;
    while (b->first < b->n && !(b->nodes[b->first].word & VACANT)) b->first++;
    for (size_t at = b->first; at < b->n; at++) {
        size_t base = at ^ labels[0];
        int i = 0;
        while (i < n && b->nodes[base ^ labels[i]].word & VACANT) i++;
        if (i == n && !b->used[base]) return b->used[base] = true, (uint32_t)base;
    }
    trie_block(b, path);
    b->used[b->n - 256] = true;
    return (uint32_t)(b->n - 256);
}

// Builds level by level, so that the places near the root, which every walk visits, are neighbours. Sorts the keys.
static Trie trie_build(Arena *a, Key *keys, size_t n, const char *path) {
    typedef struct { uint32_t place, first, last, depth; } Range;  // keys first..last-1 begin with the same depth bytes
    if (!n) return (Trie){0};
    Arena *inner = arena_inner(a);
    qsort(keys, n, sizeof *keys, key_compare);
    for (size_t i = 1; i < n; i++)
        if (!key_compare(keys + i - 1, keys + i))
            fail(a, "%s: pieces %d and %d are the same", path, (int)keys[i - 1].id, (int)keys[i].id);
    TrieBuilder b = {.arena = inner};
    trie_block(&b, path);
    trie_block(&b, path);
    b.used[0] = b.used[ROOT] = true;
    size_t room = 0, queued = 1;
    Range *queue = arena_grow(inner, NULL, 0, &room, sizeof *queue);
    queue[0] = (Range){0, 0, (uint32_t)n, 0};
    for (size_t q = 0; q < queued; q++) {
        Range r = queue[q];
        if (keys[r.first].n == r.depth) {
            const Key *k = keys + r.first++;
            b.nodes[r.place].score = k->score;
            b.ids[r.place] = k->id;
            if (k->n == lead_length((unsigned char)k->text[0])) b.nodes[r.place].word |= WHOLE;
        }
        if (r.first == r.last) continue;
        unsigned char labels[256];
        int count = 0;
        for (uint32_t k = r.first; k < r.last; k++) {
            unsigned char c = (unsigned char)keys[k].text[r.depth];
            if (!count || labels[count - 1] != c) labels[count++] = c;
        }
        uint32_t base = q ? trie_base(&b, labels, count, path) : ROOT;
        if (q) b.nodes[r.place].word |= base << BASE_SHIFT;
        uint32_t k = r.first;
        for (int i = 0; i < count; i++) {
            Range child = {base ^ labels[i], k, k, r.depth + 1};
            while (child.last < r.last && (unsigned char)keys[child.last].text[r.depth] == labels[i]) child.last++;
            b.nodes[child.place].word = labels[i];
            queue = arena_grow(inner, queue, queued, &room, sizeof *queue);
            queue[queued++] = child;
            k = child.last;
        }
    }
    Trie t = {arena_get(a, b.n, sizeof *t.nodes), arena_get(a, b.n, sizeof *t.ids)};
    memcpy(t.nodes, b.nodes, b.n * sizeof *t.nodes);
    memcpy(t.ids, b.ids, b.n * sizeof *t.ids);
    arena_free(inner);
    return t;
}

// The length of the longest key that the text begins with, 0 for none; *id is the key's.
static size_t trie_longest(const Trie *t, const char *s, size_t n, int32_t *id) {
    size_t longest = 0;
    uint32_t base = ROOT;
    for (size_t i = 0; t->nodes && i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        const Node *node = t->nodes + (base ^ c);
        if ((node->word & (VACANT | 255)) != c) break;
        if (node->score > -INFINITY) longest = i + 1, *id = t->ids[node - t->nodes];
        base = node->word >> BASE_SHIFT;
    }
    return longest;
}

// ---- the charsmap: 4 bytes little-endian, the size of a trie in bytes; the trie; the replacements
//
// The trie is a double array of darts-clone: 32-bit places. A value has bit 31 set and 31 bits of offset into the
// replacements. Any other: bits 0-7 label, 8 a key ends here (its value lies at the place's offset), 9 and 10-30 offset.

static uint32_t map_offset(uint32_t place) {
    return place >> 10 << ((place & 512) >> 6);
}

// Checks every offset once, so that walking needs no checks.
static void charsmap_open(Arena *a, Tokenizer *t, const char *data, size_t n, const char *path) {
    if (!n) return;
    uint32_t bytes = 0;
    for (int i = 0; i < 4 && n > 4; i++) bytes |= (uint32_t)(unsigned char)data[i] << 8 * i;
    if (n < 6 || bytes > n - 5 || bytes < 1024 || bytes % 1024 || data[n - 1])
        fail(a, "%s: the table that normalizes text is damaged (its sizes do not fit); get the file again", path);
    uint32_t *map = arena_get(a, bytes, 1);
    memcpy(map, data + 4, bytes);
    if (big_endian()) bytes_swap(map, bytes / 4, 4);
    t->map = map;
    t->map_size = bytes / 4;
    t->strings_size = n - 4 - bytes;
    t->strings = arena_copy(a, data + 4 + bytes, t->strings_size);
    bool sound = !(map[0] >> 31);
    for (size_t i = 0; i < t->map_size && sound; i++) {
        size_t value = map[i] & 0x7fffffff;
        if (map[i] >> 31) sound = value < t->strings_size && strnlen(t->strings + value, LONGEST_PIECE) < LONGEST_PIECE;
        else {
            size_t child = i ^ map_offset(map[i]);
            sound = (child | 255) < t->map_size && (!(map[i] & 256) || map[child] >> 31);
        }
    }
    if (!sound) fail(a, "%s: the table that normalizes text is damaged (an offset leaves it); get the file again", path);
}

// The length of the longest key of the table that the text begins with, 0 for none; *value is its replacement. The tokenizers
// library takes the shortest one.
static size_t charsmap_find(const Tokenizer *t, const char *s, size_t n, bool shortest, const char **value) {
    size_t longest = 0;
    if (!t->map_size) return 0;
    size_t at = map_offset(t->map[0]);
    for (size_t i = 0; i < n && i < LONGEST_PIECE && !(shortest && longest); i++) {  // a hostile trie may lead round in circles
        unsigned char c = (unsigned char)s[i];
        at ^= c;
        uint32_t place = t->map[at];
        if ((place & 0x800000ff) != c) break;
        at ^= map_offset(place);
        if (place & 256) longest = i + 1, *value = t->strings + (t->map[at] & 0x7fffffff);
    }
    return longest;
}

// ---- normalizing

static const char SPACE[] = "\xe2\x96\x81";  // U+2581, which stands for a space in pieces

// Normalizes the shortest possible beginning of s[0..n-1], n > 0: returns its length, *out is what it becomes.
static size_t normalize_step(const Tokenizer *t, const char *s, size_t n, const char **out, size_t *out_n) {
    int32_t id;
    size_t length = trie_longest(&t->user, s, n, &id);
    if (!length) {
        length = charsmap_find(t, s, n, false, out);
        if (length) return *out_n = strlen(*out), length;
        length = utf8_length(s, n);
        if (!length) return *out = "\xef\xbf\xbd", *out_n = 3, 1;
    }
    *out = s;
    *out_n = length;
    return length;
}

// Returns the size of *out, which a zero follows. U+2581 and space are both one ' ' in it (with `escape`: every T5 model).
static size_t normalize(Arena *a, const Tokenizer *t, const char *s, size_t n, char **out) {
    const char *end = s + n, *piece;
    size_t size, used = 0, step;
    // Memory for one byte out for each byte in that is left, so that the fast path need not look.
    size_t room = n + 64;
    char *o = arena_get(a, room, 1);
    while (t->remove_spaces && s < end) {  // a text of spaces only is empty, also where a space would be added
        step = normalize_step(t, s, (size_t)(end - s), &piece, &size);
        if (size != 1 || *piece != ' ') break;
        s += step;
    }
    if (s < end && t->prefix && !t->suffix) o[used++] = ' ';
    bool remove = t->remove_spaces, after_space = remove, empty = s == end;
    const unsigned char *ascii = t->ascii;
    while (s < end) {
        unsigned char c = (unsigned char)*s;
        if (ascii[c] && end - s > 1 && !(s[1] & 128)) {
            bool space = ascii[c] == ' ';
            o[used] = (char)ascii[c];
            used += !(space && after_space);
            after_space = space && remove;
            s++;
            continue;
        }
        s += normalize_step(t, s, (size_t)(end - s), &piece, &size);
        while (after_space && size && *piece == ' ') piece++, size--;
        if (!size) continue;
        after_space = remove && piece[size - 1] == ' ';
        if (room - used < size + (size_t)(end - s) + 8) {
            room = 2 * room + size;
            char *more = arena_get(a, room, 1);
            memcpy(more, o, used);
            o = more;
        }
        for (size_t i = 0; i < size; i++) {
            bool space = t->escape && size - i >= 3 && !memcmp(piece + i, SPACE, 3);
            o[used++] = space ? ' ' : piece[i];
            i += space ? 2 : 0;
        }
    }
    while (remove && used && o[used - 1] == ' ') used--;
    if (!empty && t->prefix && t->suffix) o[used++] = ' ';
    o[used] = 0;
    *out = o;
    return used;
}

// Finds the bytes whose replacement is one byte and depends on nothing that could follow, but for what is not ASCII.
static void ascii_prepare(Tokenizer *t) {
    for (int c = 1; c < 128; c++) {
        char s[2] = {(char)c, 0};
        const char *out = s;
        bool alone = !t->user.nodes || (t->user.nodes[ROOT ^ c].word & (VACANT | 255)) != (uint32_t)c;
        size_t size = 1;
        if (alone) normalize_step(t, s, 1, &out, &size);
        if (t->map_size) {
            size_t at = map_offset(t->map[0]) ^ (size_t)c;
            uint32_t place = t->map[at];
            at ^= map_offset(place);
            if ((place & 0x800000ff) == (uint32_t)c)
                for (size_t d = 0; d < 128; d++) alone = alone && (t->map[at ^ d] & 0x800000ff) != d;
        }
        t->ascii[c] = alone && size == 1 ? (unsigned char)*out : 0;
    }
}

// ---- pipelines of tokenizer.json
//
// A regular expression is a row of characters, classes and anchors with * + ? {m,n}. Groups, alternatives, lazy repeats and
// what else Oniguruma knows are refused when the file is read.

// Where the character before s[at] begins.
static size_t before(const char *s, size_t at) {
    do at--; while (at && (s[at] & 0xc0) == 0x80);
    return at;
}

// Does the item at p fit a character? Returns where it ends, NULL if it is of a kind that is not known here.
static const char *pattern_item(const char *p, const char *end, uint32_t c, bool *fits) {
    static const char letters[] = "nrtsS", controls[] = "\n\r\t";
    bool set = *p == '[', negated = set && p[1] == '^', found = false, range = false, space;
    const char *first = p += set + negated, *letter;
    if (!set && strchr("()*+?{}|^$.", *p)) return *fits = c != '\n', *p == '.' ? p + 1 : NULL;
    for (uint32_t x = 0, low; p < end && (!set || *p != ']' || p == first);) {
        size_t n;
        bool escaped = *p == '\\' && p + 1 < end;
        if (set && !escaped && strchr("[]&", *p)) return NULL;
        low = x;
        x = utf8_read(p += escaped, &n);
        letter = escaped ? strchr(letters, *p) : NULL;
        if (escaped && !letter && (*p & 128 || is_letter_or_digit((unsigned char)*p))) return NULL;
        if ((space = letter && letter >= letters + 3) && range) return NULL;
        if (letter && !space) x = (unsigned char)controls[letter - letters];
        found = found || (space ? is_space(c) == (*p == 's') : (range ? low : x) <= c && c <= x);
        p += n;
        if (!set) return *fits = found, p;
        if ((range = !range && !space && end - p > 1 && *p == '-' && p[1] != ']')) p++;
    }
    *fits = found != negated;
    return p < end ? p + 1 : NULL;
}

// How often the item before p may come; returns what follows, NULL for what is not known.
static const char *pattern_repeat(const char *p, const char *end, unsigned *least, unsigned *most) {
    *least = *most = 1;
    if (!p || p == end || !strchr("*+?{", *p)) return p;
    int taken = 0;
    bool known = *p != '{' || (sscanf(p, "{%4u}%n", least, &taken) == 1 && taken && (*most = *least)) ||
                 (sscanf(p, "{%4u,}%n", least, &taken) == 1 && taken && (*most = UINT_MAX)) ||
                 (sscanf(p, "{%4u,%4u}%n", least, most, &taken) == 2 && taken && *least <= *most && *most);
    if (*p != '{') *least = *p == '+', *most = *p == '?' ? 1 : UINT_MAX, taken = 1;
    p += taken;
    return !known || p > end || (p < end && strchr("*+?{", *p)) ? NULL : p;
}

// Where a match ends that begins at s[at], SIZE_MAX for none. Takes as much as it can, gives back what it must.
static size_t pattern_match(const char *p, const char *end, const char *s, size_t n, size_t at) {
    for (unsigned least, most, count; p < end;) {
        bool fits = true, begins = *p == '^';
        size_t length;
        if (begins || *p == '$') {
            if (begins ? at && s[at - 1] != '\n' : at < n && s[at] != '\n') return SIZE_MAX;
            p++;
            continue;
        }
        const char *next = pattern_repeat(pattern_item(p, end, 0, &fits), end, &least, &most);
        for (count = 0; count < most && at < n; count++, at += length) {
            pattern_item(p, end, utf8_read(s + at, &length), &fits);
            if (!fits) break;
        }
        for (; count > least; count--, at = before(s, at)) {
            size_t found = pattern_match(next, end, s, n, at);
            if (found != SIZE_MAX) return found;
        }
        if (count < least) return SIZE_MAX;
        p = next;
    }
    return at;
}

// Is a pattern one that is known, that fits no empty text and has at most two repeats without end (time grows with their power)?
static bool pattern_is_sound(const char *p, const char *end) {
    const char *begin = p;
    for (unsigned least, most, endless = 0; p && p < end; endless += most == UINT_MAX) {
        bool fits, edge = *p == '^' || *p == '$';
        p = pattern_repeat(edge ? p + 1 : pattern_item(p, end, 0, &fits), end, &least, &most);
        if (endless > 2 || (edge && least != most)) return false;
    }
    return p && pattern_match(begin, end, "", 0, 0) == SIZE_MAX;
}

// Finds what a stage looks for from s[at] on: where it begins, n for nowhere; *end is where it ends.
static size_t stage_find(const Tokenizer *t, const Stage *g, const char *s, size_t n, size_t at, size_t *end) {
    for (size_t length; at < n; at += length) {
        uint32_t c = utf8_read(s + at, &length);
        *end = at + length;
        bool found = g->kind == WHITESPACE_SPLIT ? is_space(c) : g->kind == DIGITS ? unicode_find(t->unicode, NUMERIC, c) != NULL
                     : g->kind == PUNCTUATION && unicode_find(t->unicode, PUNCTUATION_MARK, c);
        if (g->pattern) found = (*end = pattern_match(g->from, g->from + g->from_n, s, n, at)) != SIZE_MAX;
        else if (g->from) *end = at + g->from_n, found = g->from_n <= n - at && !memcmp(s + at, g->from, g->from_n);
        if (found) return at;
    }
    return n;
}

// A part of a text; `first`: it begins where what was given to tokenize begins.
typedef struct {
    const char *text;
    size_t n;
    bool first;
} Part;

static void parts_add(Text *to, Part p) {
    if (p.n) text_add(to, (char *)&p, sizeof p);
}

// Cuts a part at the matches of a stage.
static void stage_cut(const Tokenizer *t, const Stage *g, Part p, Text *to) {
    bool previous = false;
    size_t first = to->n;
    for (size_t at = 0, end = 0; at < p.n;) {
        size_t found = stage_find(t, g, p.text, p.n, at, &end), stops[] = {found, found < p.n ? end : found};
        for (int match = 0; match < 2; match++) {
            if (stops[match] == at) continue;
            bool join = g->how == CONTIGUOUS ? match == previous : g->how == MERGED_WITH_PREVIOUS ? match && !previous
                        : g->how == MERGED_WITH_NEXT && !match && previous;
            if (join && to->n > first) ((Part *)(void *)(to->data + to->n))[-1].n += stops[match] - at;
            else if (!match || g->how != REMOVED) parts_add(to, (Part){p.text + at, stops[match] - at, p.first && !at});
            previous = match;
            at = stops[match];
        }
    }
}

// Metaspace: spaces become its mark, and one goes before the part.
static Part stage_mark(Arena *a, const Stage *g, Part p) {
    Text out = {.arena = a};
    bool marked = *p.text == ' ' || (p.n >= g->from_n && !memcmp(p.text, g->from, g->from_n));
    if (!marked && (g->left == 2 || (g->left == 1 && p.first))) text_add(&out, g->from, g->from_n);
    for (size_t i = 0; i < p.n; i++) text_add(&out, p.text[i] == ' ' ? g->from : p.text + i, p.text[i] == ' ' ? g->from_n : 1);
    return (Part){out.data, out.n, p.first};
}

// Writes what p.text[at..] becomes. A text that loses its beginning does not begin where it began.
static void stage_put(Text *out, Part *p, size_t at, const char *s, size_t n) {
    if (n && at && !out->n) p->first = false;
    text_add(out, s, n);
}

// Precompiled: a grapheme of less than 6 bytes is looked up as a whole, by the shortest key that it begins with; else each of
// its characters.
static void stage_map(const Tokenizer *t, const Part *p, Text *out) {
    for (size_t at = 0, end, length; at < p->n; at = end) {
        const char *value;
        end = at + grapheme_length(t->unicode, p->text + at, p->n - at);
        if (end - at < 6 && charsmap_find(t, p->text + at, end - at, true, &value)) text_add(out, value, strlen(value));
        else for (; at < end; at += length) {
            utf8_read(p->text + at, &length);
            bool found = charsmap_find(t, p->text + at, length, true, &value);
            text_add(out, found ? value : p->text + at, found ? strlen(value) : length);
        }
    }
}

// NFC, NFD, NFKC, NFKD.
static void stage_normal_form(Arena *a, const Unicode *u, enum Kind kind, Part *p, Text *out) {
    Text x = {.arena = a};
    char s[4];
    for (size_t at = 0, length; at < p->n; at += length)
        decompose(u, &x, utf8_read(p->text + at, &length), kind == NFKC || kind == NFKD);
    Character *c = (Character *)(void *)x.data, *end = c + characters_order(u, c, x.n / sizeof *c, kind == NFC || kind == NFKC);
    for (; c < end; c++) text_add(out, s, (size_t)utf8_write(s, c->c));
}

// Nmt: controls go, more becomes a space. Lowercase.
static void stage_characters(const Unicode *u, enum Kind kind, Part *p, Text *out) {
    for (size_t at = 0, length; at < p->n; at += length) {
        uint32_t c = utf8_read(p->text + at, &length);
        const CharacterRun *r = kind == LOWERCASE ? unicode_find(u, LOWER, c) : NULL;
        char s[4];
        for (uint32_t i = 0; r && i < r->n; i++)
            stage_put(out, p, at, s, (size_t)utf8_write(s, r->to[i] + (i ? 0 : (c - r->first) / r->step * r->grow)));
        bool nmt = kind == NMT, space = c == 9 || c == 10 || c == 12 || c == 13 || c == 0x1680 || (c >= 0x200b && c <= 0x200f) ||
                                        c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xfeff || c == 0xfffd;
        if (nmt && c && !space && (c < 32 || c == 0x7f || c == 0x8f || c == 0x9f)) continue;
        if (!r) stage_put(out, p, at, nmt && space ? " " : p->text + at, nmt && space ? 1 : length);
    }
}

// Normalizes a part of a text: with the charsmap alone for spiece.model, as the pipeline says for tokenizer.json.
static Part normalize_part(Arena *a, const Tokenizer *t, Part p) {
    static const Stage charsmap = {.kind = PRECOMPILED};
    for (size_t i = 0, n = t->way == SENTENCEPIECE ? 1 : t->n_stages[0]; i < n && p.n; i++) {
        const Stage *g = t->way == SENTENCEPIECE ? &charsmap : t->stages[0] + i;
        Text out = {.arena = a};
        size_t at = 0, end = 0, length, last = p.n;
        text_add(&out, "", 0);
        if (t->way == SENTENCEPIECE) {
            const char *piece;
            for (; at < p.n; text_add(&out, piece, length)) at += normalize_step(t, p.text + at, p.n - at, &piece, &length);
        }
        else if (g->kind <= NFKD) stage_normal_form(a, t->unicode, g->kind, &p, &out);
        else if (g->kind == LOWERCASE || g->kind == NMT) stage_characters(t->unicode, g->kind, &p, &out);
        else if (g->kind == PRECOMPILED) stage_map(t, &p, &out);
        else if (g->kind == PREPEND) text_add(&out, g->from, g->from_n), text_add(&out, p.text, p.n);
        else if (g->kind == STRIP) {
            while (g->left && at < p.n && is_space(utf8_read(p.text + at, &length))) at += length;
            while (g->right && last > at && is_space(utf8_read(p.text + (end = before(p.text, last)), &length))) last = end;
            stage_put(&out, &p, at, p.text + at, last - at);
        }
        else for (; at < p.n; at = end) {
            size_t found = stage_find(t, g, p.text, p.n, at, &end);
            stage_put(&out, &p, at, p.text + at, found - at);
            if (found < p.n) stage_put(&out, &p, before(p.text, end), g->to, g->to_n);
            else end = p.n;
        }
        p = (Part){out.data, out.n, p.first};
    }
    return p;
}

// Cuts a normalized text into the Parts that are segmented alone.
static Text pre_tokenize(Arena *a, const Tokenizer *t, Part p) {
    Text parts = {.arena = a};
    parts_add(&parts, p);
    for (size_t i = 0; i < t->n_stages[1]; i++) {
        const Stage *g = t->stages[1] + i;
        Text next = {.arena = a};
        for (size_t k = 0; k < parts.n; k += sizeof p) {
            p = *(Part *)(void *)(parts.data + k);
            if (g->kind == METASPACE) p = stage_mark(a, g, p);
            if (g->kind == METASPACE && !g->right) parts_add(&next, p);
            else stage_cut(t, g, p, &next);
        }
        parts = next;
    }
    return parts;
}

// ---- loading

// A protobuf message, or what is left of it.
typedef struct {
    Arena *arena;
    const char *path;
    const unsigned char *p, *end;
} Proto;

typedef struct {
    uint64_t tag;    // number x 8 + wire type
    uint64_t value;  // types 0, 1 and 5
    Proto bytes;     // type 2
} Field;

static _Noreturn void proto_fail(const Proto *m) {
    fail(m->arena, "%s: is no SentencePiece model, or is cut off; get the file again", m->path);
}

static uint64_t proto_varint(Proto *m) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        if (m->p == m->end || shift > 63) proto_fail(m);
        unsigned char c = *m->p++;
        value |= (uint64_t)(c & 127) << shift;
        if (c < 128) return value;
    }
}

static bool proto_next(Proto *m, Field *f) {
    if (m->p == m->end) return false;
    *f = (Field){.tag = proto_varint(m)};
    unsigned wire = f->tag & 7;
    if (wire == 0) return f->value = proto_varint(m), true;
    uint64_t n = wire == 1 ? 8 : wire == 5 ? 4 : 0;
    if (wire == 2) n = proto_varint(m);
    else if (!n) proto_fail(m);
    if (n > (uint64_t)(m->end - m->p)) proto_fail(m);
    f->bytes = (Proto){m->arena, m->path, m->p, m->p + n};
    for (uint64_t i = 0; i < n && wire != 2; i++) f->value |= (uint64_t)m->p[i] << 8 * i;
    m->p += n;
    return true;
}

static Piece proto_piece(Proto m) {
    Piece piece = {.text = "", .type = NORMAL};
    for (Field f; proto_next(&m, &f);) {
        uint32_t bits = (uint32_t)f.value;
        float score;
        if (f.tag == (1 << 3 | 2)) piece.text = (const char *)f.bytes.p, piece.n = (uint32_t)(f.bytes.end - f.bytes.p);
        if (f.tag == (2 << 3 | 5)) memcpy(&score, &bits, 4), piece.score = score;
        if (f.tag == 3 << 3) piece.type = f.value >= NORMAL && f.value <= BYTE ? (PieceType)f.value : NORMAL;
    }
    return piece;
}

static void proto_trainer(Tokenizer *t, Proto m) {
    for (Field f; proto_next(&m, &f);) {
        if (f.tag == 3 << 3 && f.value != 1)
            fail(m.arena, "%s: is a SentencePiece model of another kind than T5's (BPE, words or characters)", m.path);
        if (f.tag == 24 << 3) t->suffix = f.value != 0;
        if (f.tag != (44 << 3 | 2)) continue;
        t->unknown_text = arena_copy(m.arena, (const char *)f.bytes.p, (size_t)(f.bytes.end - f.bytes.p));
    }
}

// The place of a text in the table of names: 0 there if it is no piece.
static int32_t *piece_slot(const Tokenizer *t, const char *s, size_t n) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)s[i]) * 16777619u;
    for (size_t i = hash ^ hash >> 15;; i++) {
        int32_t *slot = t->names + (i & (t->n_names - 1));
        if (!*slot || (t->pieces[*slot - 1].n == n && !memcmp(t->pieces[*slot - 1].text, s, n))) return slot;
    }
}

static int32_t piece_find(const Tokenizer *t, const char *s, size_t n) {
    return t->names ? *piece_slot(t, s, n) - 1 : -1;
}

// Appends a piece. Of two with the same text the later one is found.
static void piece_put(Arena *inner, Tokenizer *t, Piece piece, const char *path) {
    if (t->size >= MAX_PLACES) fail(inner, "%s: the vocabulary is too large for this program", path);
    t->pieces = arena_grow(inner, t->pieces, (size_t)t->size, &t->room, sizeof *t->pieces);
    t->pieces[t->size++] = piece;
    bool full = (size_t)t->size * 2 > t->n_names;
    if (full) t->n_names = 4 * t->room, t->names = arena_get(inner, t->n_names, sizeof *t->names);
    for (int32_t i = full ? 0 : t->size - 1; i < t->size; i++)
        if (t->pieces[i].n) *piece_slot(t, t->pieces[i].text, t->pieces[i].n) = i + 1;
}

// Fills the tokenizer's pieces and flags; their text still lies in the file. *map is the charsmap. The outer arena holds
// what stays.
static void proto_load(Arena *a, Arena *inner, Tokenizer *t, File file, Proto *map) {
    Proto m = {a, file.path, (const unsigned char *)file.data, (const unsigned char *)file.data + file.size};
    for (Field f; proto_next(&m, &f);) {
        if (f.tag == (1 << 3 | 2)) piece_put(inner, t, proto_piece(f.bytes), file.path);
        if (f.tag == (2 << 3 | 2)) proto_trainer(t, f.bytes);
        if (f.tag != (3 << 3 | 2)) continue;
        for (Field g; proto_next(&f.bytes, &g);) {
            if (g.tag == (2 << 3 | 2)) *map = g.bytes;
            if (g.tag == 3 << 3) t->prefix = g.value != 0;
            if (g.tag == 4 << 3) t->remove_spaces = g.value != 0;
            if (g.tag == 5 << 3) t->escape = g.value != 0;
        }
    }
    t->vocabulary = t->size;
    for (int32_t i = 0; i < t->size; i++) {
        Piece *p = t->pieces + i;
        if (p->type == UNKNOWN) t->unk = i;
        if (p->n >= 12 && !memcmp(p->text, "<extra_id_", 10)) p->type = CONTROL;
        if (p->type == UNKNOWN || p->type == CONTROL) p->added = ADDED | SPECIAL;
    }
}

static Proto base64_read(Arena *a, const Json *v, const char *path) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (v->type != JSON_STRING) fail(a, "%s: precompiled_charsmap is no string", path);
    unsigned char *out = arena_get(a, v->n, 1);
    size_t n = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < v->n && v->string[i] != '='; i++) {
        const char *digit = v->string[i] ? strchr(digits, v->string[i]) : NULL;
        if (!digit) fail(a, "%s: precompiled_charsmap is no base64 text", path);
        bits = bits << 6 | (uint32_t)(digit - digits);
        if (i % 4) out[n++] = (unsigned char)(bits >> (6 - i % 4 * 2));
    }
    return (Proto){a, path, out, out + n};
}

// The value of "<0x00>" to "<0xFF>", -1 for any other name.
static int byte_value(const char *s, size_t n) {
    static const char hex[] = "0123456789ABCDEF";
    if (n != 6 || memcmp(s, "<0x", 3) || s[5] != '>' || !s[3] || !s[4]) return -1;
    const char *high = strchr(hex, s[3]), *low = strchr(hex, s[4]);
    return high && low ? (int)(high - hex) * 16 + (int)(low - hex) : -1;
}

// Adds a token as the tokenizers library does: a text that is a piece keeps its id, another gets the next one, whatever id
// is written beside it. v is its text, or an object with content and flags.
static void token_add(Arena *inner, Tokenizer *t, const Json *v, unsigned flags, const char *path) {
    static const char *const names[] = {"single_word", "lstrip", "rstrip"};
    const Json *text = v->type == JSON_OBJECT ? json_get(v, "content") : v;
    if (!text || text->type != JSON_STRING) fail(inner, "%s: an added token has no content", path);
    if (v != text) {
        bool special = json_bool(v, "special", flags & SPECIAL);
        flags = ADDED | (special ? SPECIAL : 0) | (json_bool(v, "normalized", !special) ? NORMALIZED : 0);
        for (int i = 0; i < 3; i++) flags |= json_bool(v, names[i], false) ? SINGLE_WORD << i : 0;
    }
    int32_t id = text->n ? piece_find(t, text->string, text->n) : 0;
    if (id < 0) id = t->size, piece_put(inner, t, (Piece){.text = text->string, .n = (uint32_t)text->n, .type = UNUSED}, path);
    Piece *p = t->pieces + id;
    if (!text->n) return;
    p->added = flags | (p->added & SPECIAL);  // NOLINT: piece_put made room
    // The types of tokenizer.json's pieces stand nowhere else.
    if (p->type != UNKNOWN && (id >= t->vocabulary || t->way == LIBRARY)) p->type = p->added & SPECIAL ? CONTROL : USER_DEFINED;
}

// Pieces and added tokens of a tokenizer.json.
static void json_load(Arena *inner, Tokenizer *t, const char *path, const Json *root) {
    const Json *model = json_get(root, "model"), *vocab = json_get(model, "vocab"), *added = json_get(root, "added_tokens");
    if (strcmp(json_text(model, "type", "Unigram"), "Unigram") || !vocab || vocab->type != JSON_ARRAY)
        fail(inner, "%s: is no tokenizer of the kind that T5 has: a \"model\" of type Unigram with a \"vocab\"", path);
    double unk = json_number(model, "unk_id", -1);
    if (unk >= 0 && unk < (double)vocab->n) t->unk = (int32_t)unk;
    bool bytes = json_bool(model, "byte_fallback", false);
    t->way = LIBRARY;
    t->remove_spaces = t->escape = false;
    for (const Json *v = vocab->child; v; v = v->next) {
        const Json *text = v->type == JSON_ARRAY ? v->child : NULL, *score = text ? text->next : NULL;
        if (!score || text->type != JSON_STRING || score->type != JSON_NUMBER)
            fail(inner, "%s: entry %d of \"vocab\" is no [piece, score]", path, t->size);
        PieceType type = t->size == t->unk ? UNKNOWN : bytes && byte_value(text->string, text->n) >= 0 ? BYTE : NORMAL;
        piece_put(inner, t, (Piece){text->string, (uint32_t)text->n, 0, score->number, type}, path);
    }
    t->vocabulary = t->size;
    for (const Json *v = added ? added->child : NULL; v; v = v->next) token_add(inner, t, v, 0, path);
}

// Reads a stage, or a sequence of them, into pipeline 0, the normalizer's, or 1, the pre-tokenizer's. *map is the charsmap,
// *growth how many times longer a text may become.
static void stages_read(Arena *a, Tokenizer *t, const Json *v, int pipeline, const Json **map, double *growth, const char *path) {
    static const char *const hows[] = {"Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    static const char *const names[] = {"NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "Precompiled", "Replace", "Strip",
                                        "Prepend", "Metaspace", "WhitespaceSplit", "Digits", "Punctuation"};
    static const int usual[] = {[METASPACE] = MERGED_WITH_NEXT, REMOVED, CONTIGUOUS, ISOLATED};
    const char *type = json_text(v, "type", "");
    const Json *list = json_get(v, pipeline ? "pretokenizers" : "normalizers"), *pattern = json_get(v, "pattern");
    if (v && !strcmp(type, "Sequence") && list) {
        for (v = list->child; v; v = v->next) stages_read(a, t, v, pipeline, map, growth, path);
        return;
    }
    if (!v) return;
    int kind = pipeline ? METASPACE : NFC, end = pipeline ? PUNCTUATION + 1 : METASPACE;
    while (kind < end && strcmp(names[kind], type)) kind++;
    Stage g = {.kind = (enum Kind)kind, .how = kind < end ? (enum How)usual[kind] : 0};
    if (kind == DIGITS && json_bool(v, "individual_digits", false)) g.how = ISOLATED;
    const char *how = json_text(v, "behavior", hows[g.how]);
    for (g.how = ISOLATED; g.how < CONTIGUOUS && strcmp(hows[g.how], how);) g.how++;
    if (kind == end || strcmp(hows[g.how], how))
        fail(a, "%s: the %s \"%.40s\", or its behavior, is not known to this program", path,
             pipeline ? "pre_tokenizer" : "normalizer", type);
    if (kind == STRIP) g.left = json_bool(v, "strip_left", true), g.right = json_bool(v, "strip_right", true);
    if (kind == METASPACE) {
        const char *scheme = json_text(v, "prepend_scheme", json_bool(v, "add_prefix_space", true) ? "always" : "never");
        g.left = !strcmp(scheme, "never") ? 0 : !strcmp(scheme, "first") ? 1 : 2;
        g.right = json_bool(v, "split", true);
    }
    const Json *to = json_get(v, "content"), *from = json_get(v, kind == METASPACE ? "replacement" : "prepend");
    if (kind == REPLACE) g.pattern = !(from = json_get(pattern, "String")) && (from = json_get(pattern, "Regex"));
    if (kind == REPLACE || kind == PREPEND || kind == METASPACE) {
        bool sound = from && from->type == JSON_STRING && from->n && (kind != REPLACE || (to && to->type == JSON_STRING));
        for (size_t i = 0, n; sound && i < from->n; i += n)
            sound = (n = utf8_length(from->string + i, from->n - i)) && from->string[i];
        if (!sound || (g.pattern && !pattern_is_sound(from->string, from->string + from->n)))
            fail(a, "%s: %s has no pattern, or one that fits an empty text or is not known to this program: \"%.60s\"", path,
                 type, from && from->type == JSON_STRING ? from->string : "");
        g.from = arena_copy(a, from->string, g.from_n = from->n);
        if (kind == REPLACE) g.to = arena_copy(a, to->string, g.to_n = to->n);
    }
    if (kind <= NFKD) *growth *= 11;
    if (kind == REPLACE) *growth *= g.pattern ? 1 + (double)g.to_n : fmax(1, (double)g.to_n / (double)g.from_n);
    if (*growth > 1e6 || t->n_stages[pipeline] == 64 || (kind == PRECOMPILED && *map))
        fail(a, "%s: has more than 64 stages or two tables, or its stages may make a text a million times longer", path);
    if (kind == PRECOMPILED && !(*map = json_get(v, "precompiled_charsmap"))) return;
    Stage *stages = t->stages[pipeline];
    t->stages[pipeline] = stages = arena_grow(a, stages, t->n_stages[pipeline], &t->room_stages[pipeline], sizeof *stages);
    stages[t->n_stages[pipeline]++] = g;
}

// What a tokenizer.json has besides pieces: its pipeline, how pieces become text, and what follows a text.
static void pipeline_load(Arena *a, Tokenizer *t, const Json *root, const Json **map, const char *path) {
    double growth = 1;
    t->unicode = unicode_open(a);
    stages_read(a, t, json_get(root, "normalizer"), 0, map, &growth, path);
    stages_read(a, t, json_get(root, "pre_tokenizer"), 1, map, &growth, path);
    const Json *decoder = json_get(root, "decoder"), *post = json_get(root, "post_processor");
    const Json *list = json_get(post, "processors");
    if (list && list->n == 1) post = list->child;
    t->prefix = decoder && strcmp(json_text(decoder, "prepend_scheme", "always"), "never");
    t->spaced = !decoder;
    const char *type = decoder ? json_text(decoder, "type", "") : "Metaspace";
    if (strcmp(type, "Metaspace")) fail(a, "%s: the decoder \"%.40s\" is not known to this program", path, type);
    type = post ? json_text(post, "type", "") : "TemplateProcessing";
    if (strcmp(type, "TemplateProcessing")) fail(a, "%s: the post_processor \"%.40s\" is not known to this program", path, type);
    list = json_get(post, "single");
    bool behind = false;
    for (const Json *v = list ? list->child : NULL; v; v = v->next) {
        const char *name = json_text(json_get(v, "SpecialToken"), "id", NULL);
        behind = behind || !name;
        if (!name) continue;
        const Json *ids = json_get(json_get(json_get(post, "special_tokens"), name), "ids");
        double id = ids && ids->child ? ids->child->number : -1;
        if (!behind || t->n_closing == 8 || !(id >= 0 && id < t->size))
            fail(a, "%s: the post_processor puts a token before the text, or one that does not exist: \"%.40s\"", path, name);
        t->closing[t->n_closing++] = (int32_t)id;
    }
}

// A JSON file of a folder; NULL where it is missing.
static const Json *json_beside(Arena *inner, const char *folder, const char *name) {
    const char *path = folder ? path_join(inner, folder, name) : NULL;
    return path && is_file(inner, path) ? json_file(inner, path) : NULL;
}

// A token that has a name (eos_token), or is one of the extra ones: special, unless a list has said what it is.
static void token_name(Arena *inner, Tokenizer *t, const Json *v, bool named, const char *path) {
    const Json *text = v->type == JSON_OBJECT ? json_get(v, "content") : v;
    int32_t id = text && text->type == JSON_STRING ? piece_find(t, text->string, text->n) : -1;
    if (id < 0 || !t->pieces[id].added || t->pieces[id].added & LEGACY)
        token_add(inner, t, v, named || v == text ? ADDED | SPECIAL : ADDED, path);
    id = text && text->type == JSON_STRING ? piece_find(t, text->string, text->n) : -1;
    if (id >= 0 && (named || t->way == BYTES)) t->pieces[id].added |= SPECIAL;
}

// Sentinels, counted from the top or from below. Where the model has no room (vocab_size) there is none, but its id is used up.
static void sentinels_add(Arena *inner, Tokenizer *t, double count, bool down, double room, const char *path) {
    if (!(count >= 0 && count <= 10000)) fail(inner, "%s: extra_ids is no usable number", path);
    for (int i = 0, n = (int)count; i < n; i++) {
        Json text = json_of(arena_print(inner, "<extra_id_%d>", down ? n - 1 - i : i));
        if (t->size < room || piece_find(t, text.string, text.n) >= 0) token_name(inner, t, &text, false, path);
        else piece_put(inner, t, (Piece){.text = "", .type = UNUSED}, path);
    }
}

// Adds the tokens that a folder lists beside the vocabulary, in the order in which transformers gives out their ids.
static void tokens_beside(Arena *inner, Tokenizer *t, const char *folder, const Json *settings, bool t5, double room) {
    bool sentinels = t5;
    static const char *const usual[] = {"</s>", "<unk>", "<pad>"};
    const Json *lists[3] = {json_get(settings, "added_tokens_decoder")}, *says[2] = {settings}, *extra = NULL, *v;
    if (!lists[0]) lists[1] = json_beside(inner, folder, "added_tokens.json");
    if (!lists[0]) says[1] = json_beside(inner, folder, "special_tokens_map.json");
    if (t->way == SENTENCEPIECE) lists[2] = json_get(json_beside(inner, folder, "tokenizer.json"), "added_tokens");
    for (int k = 0; k < 3; k++) {  // from the lowest id to the highest
        const Json *first = lists[k] ? lists[k]->child : NULL, *least;
        if (first && (lists[k]->n > 20000 || (k < 2 && !first->key)))
            fail(inner, "%s: its list of added tokens is damaged or too long", folder);
        double *ids = arena_get(inner, first ? lists[k]->n : 0, sizeof *ids), *id = ids;
        for (v = first; v; v = v->next)
            *id++ = k == 0 ? strtod(v->key, NULL) : k == 1 ? v->number : json_number(v, "id", INFINITY);
        for (double last = -1, next = 0; next < INFINITY; last = next) {
            next = INFINITY, least = NULL;
            for (v = first, id = ids; v; v = v->next, id++)
                if (*id > last && *id < next) next = *id, least = v;
            Json text = json_of(k == 1 && least ? least->key : "");
            if (least) token_add(inner, t, k == 1 ? &text : least, ADDED | NORMALIZED | LEGACY, folder);
        }
    }
    for (int k = 0; k < 2; k++) {
        for (v = says[k] ? says[k]->child : NULL; v; v = v->next) {
            const char *name = v->key ? strrchr(v->key, '_') : NULL;
            bool token = v->type == JSON_STRING || (v->type == JSON_OBJECT && json_get(v, "content"));
            if (token && name && !strcmp(name, "_token")) token_name(inner, t, v, true, folder);
        }
        v = json_get(says[k], "extra_special_tokens");
        if ((!v || !v->n) && (!k || t->way != SENTENCEPIECE)) v = json_get(says[k], "additional_special_tokens");
        if (v && v->n && !extra) extra = v, sentinels = sentinels && k;
    }
    for (v = extra ? extra->child : NULL; v; v = v->next) token_name(inner, t, v, false, folder);
    double count = json_number(settings, "extra_ids", t->way == BYTES ? 125 : 100);
    if (sentinels) sentinels_add(inner, t, count, false, room, folder);
    for (int k = 0; k < 3 && t->way == LIBRARY && t5; k++) {
        Json text = json_of(usual[k]);
        if (piece_find(t, text.string, text.n) >= 0) token_name(inner, t, &text, true, folder);
    }
}

// ByT5's vocabulary: <pad>, </s>, <unk>, then the bytes.
static void bytes_load(Arena *inner, Tokenizer *t, const char *path) {
    static const char *const names[] = {"<pad>", "</s>", "<unk>"};
    for (int i = 0; i < 259; i++) {
        const char *name = i < 3 ? names[i] : arena_print(inner, "<0x%02X>", (unsigned)i - 3);
        unsigned added = i < 3 ? ADDED | LSTRIP | RSTRIP | SPECIAL : 0;
        piece_put(inner, t, (Piece){name, (uint32_t)strlen(name), added, 0, i < 3 ? CONTROL : BYTE}, path);
    }
    t->way = BYTES;
    t->vocabulary = t->size;
    t->unk = 2;
    t->prefix = t->remove_spaces = t->escape = false;
}

// Checks the pieces and moves them to where they stay.
static void pieces_check(Arena *a, Tokenizer *t, const char *path) {
    size_t total = 0;
    double lowest = 1e30;
    int bytes = 0;
    while (t->size && !t->pieces[t->size - 1].n && t->pieces[t->size - 1].type == UNUSED) t->size--;
    for (int32_t i = 0; i < t->size; i++) {
        Piece *p = t->pieces + i;
        if ((!p->n && p->type != UNUSED) || p->n > LONGEST_PIECE)
            fail(a, "%s: piece %d is %s", path, (int)i, p->n ? "longer than 1000 bytes" : "empty");
        if (p->type != UNUSED && memchr(p->text, 0, p->n)) fail(a, "%s: piece %d holds a zero byte", path, (int)i);
        if (!(fabs(p->score) < 1e30)) fail(a, "%s: the score of piece %d is no usable number", path, (int)i);
        if ((t->way == LIBRARY ? i < t->vocabulary : p->type == NORMAL) && p->score < lowest) lowest = p->score;
        bytes += p->type == BYTE && byte_value(p->text, p->n) >= 0;
        total += p->n + 1;
    }
    t->unknown_score = t->way == LIBRARY ? lowest - 10 : (float)lowest - 10;
    t->has_bytes = bytes == 256;
    char *text = arena_get(a, total, 1);
    t->pieces = memcpy(arena_get(a, (size_t)t->size, sizeof *t->pieces), t->pieces, (size_t)t->size * sizeof *t->pieces);
    for (int32_t i = 0; i < t->size; i++) {
        Piece *p = t->pieces + i;
        memcpy(text, p->text, p->n);
        p->text = text;
        text += p->n + 1;
        int byte = p->type == BYTE && t->has_bytes ? byte_value(p->text, p->n) : -1;
        if (byte >= 0) t->bytes[byte] = i;
        else if (p->type == BYTE) p->type = NORMAL;  // only looks like one
        if (t->way == BYTES) p->added &= ~(unsigned)NORMALIZED;
        if (p->added & SINGLE_WORD && !t->unicode) t->unicode = unicode_open(a);
    }
    if (t->unk < 0) fail(a, "%s: the vocabulary has no piece for what is unknown (<unk>)", path);
    if (t->eos < 0) fail(a, "%s: the vocabulary has no </s>, so it is none of a T5 model", path);
}

// The trie of the added tokens that are looked for in the text as it is written, or in the normalized text.
static void added_index(Arena *a, Arena *inner, Tokenizer *t, bool normalized, const char *path) {
    Key *keys = arena_get(inner, (size_t)t->size, sizeof *keys);
    size_t n = 0;
    for (int32_t i = 0; i < t->size; i++) {
        Piece *p = t->pieces + i;
        if (!p->added || !(p->added & NORMALIZED) == normalized) continue;
        Part form = normalized ? normalize_part(inner, t, (Part){p->text, p->n, false}) : (Part){p->text, p->n, false};
        if (!form.n || form.n > LONGEST_PIECE)
            fail(a, "%s: the added token \"%s\" is %s when it is normalized", path, p->text, form.n ? "too long" : "empty");
        if (form.n != p->n || memcmp(form.text, p->text, p->n)) {
            // Decoded text has this form, even where the token was to be left out: the library looks for its name.
            p->added &= ~(unsigned)SPECIAL;
            p->text = arena_copy(a, form.text, form.n);
            p->n = (uint32_t)form.n;
        }
        t->added[normalized].first[(unsigned char)p->text[0]] = true;
        keys[n++] = (Key){p->text, p->n, i, 0};
    }
    size_t unlike = 0;
    if (n) qsort(keys, n, sizeof *keys, key_compare);
    for (size_t i = 0; i < n; i++)
        if (!normalized || !i || key_compare(keys + i, keys + unlike - 1)) keys[unlike++] = keys[i];
    t->added[normalized].trie = trie_build(a, keys, unlike, path);
}

// Builds the tries.
static void pieces_index(Arena *a, Tokenizer *t, const char *path) {
    Arena *inner = arena_inner(a);
    size_t n = (size_t)t->vocabulary, used = 0, users = 0, total = 0;
    for (size_t i = 0; i < n; i++) total += t->pieces[i].n;
    Key *keys = arena_get(inner, n, sizeof *keys), *user = arena_get(inner, n, sizeof *keys);
    char *text = arena_get(inner, total + 1, 1);
    for (size_t i = 0; i < n && t->way != BYTES; i++) {
        Piece *p = t->pieces + i;
        Key key = {p->text, p->n, (int32_t)i, (float)p->score};
        if (t->way == LIBRARY) {
            if (piece_find(t, p->text, p->n) == (int32_t)i) keys[used++] = key;
            continue;
        }
        if (p->type == USER_DEFINED) user[users++] = key;
        if (p->type != NORMAL && p->type != USER_DEFINED) continue;
        // A piece with a true space cannot occur: spaces in text are U+2581 by then.
        if (t->escape && memchr(p->text, ' ', p->n)) continue;
        if (p->type == USER_DEFINED) key.score = (float)(0.1 * (p->n - 1));  // more than any score of other pieces
        key.text = text;
        key.n = 0;
        for (size_t j = 0; j < p->n; j++) {
            bool space = t->escape && p->n - j >= 3 && !memcmp(p->text + j, SPACE, 3);
            *text++ = space ? ' ' : p->text[j];
            j += space ? 2 : 0;
            key.n++;
        }
        if (key.n > t->longest) t->longest = key.n;
        keys[used++] = key;
    }
    if (!used && t->way != BYTES) fail(a, "%s: the vocabulary holds no pieces", path);
    t->trie = trie_build(a, keys, used, path);
    t->user = trie_build(a, user, users, path);
    ascii_prepare(t);
    added_index(a, inner, t, false, path);
    added_index(a, inner, t, true, path);
    arena_free(inner);
}

static int32_t token_named(const Tokenizer *t, const Json *settings, const char *name, const char *usual) {
    const char *text = json_text(settings, name, json_text(json_get(settings, name), "content", usual));
    return piece_find(t, text, strlen(text));
}

// Opens a folder's spiece.model, else its tokenizer.json, or a file of either kind; ByT5's is made of nothing.
static Tokenizer *tokenizer_open(Arena *a, const char *path) {
    Arena *inner = arena_inner(a);
    const char *folder = is_folder(a, path) ? path : NULL;
    const Json *settings = json_beside(inner, folder, "tokenizer_config.json"), *table = NULL;
    const Json *config = json_beside(inner, folder, "config.json"), *root = NULL;
    const char *class = json_text(settings, "tokenizer_class", json_text(config, "tokenizer_class", folder ? "T5Tokenizer" : ""));
    bool bytes = !strncmp(class, "ByT5", 4), t5 = !strncmp(class, "T5Tokenizer", 11);
    t5 = t5 && strcmp(json_text(config, "model_type", ""), "umt5");
    if (folder && !bytes) {
        const char *model = path_join(a, path, "spiece.model"), *json = path_join(a, path, "tokenizer.json");
        if (!is_file(a, model) && !is_file(a, json))
            fail(a, "%s: holds neither spiece.model nor tokenizer.json; a T5 model's folder has one of them", path);
        path = is_file(a, model) ? model : json;
    }
    Tokenizer *t = arena_get(a, 1, sizeof *t);
    *t = (Tokenizer){.eos = -1, .pad = -1, .unk = -1, .prefix = true, .remove_spaces = true, .escape = true};
    t->unknown_text = " \xe2\x81\x87 ";
    File file = {.path = path};
    if (!bytes) file = file_open(inner, path);
    Proto map = {0};
    if (file.size && file.data[0] == '{') root = json_read(inner, file.data, file.size, path, 1);
    if (bytes) bytes_load(inner, t, path);
    else if (root) json_load(inner, t, path, root);
    else proto_load(a, inner, t, file, &map);
    if (!t->size) fail(a, "%s: the vocabulary holds no pieces", path);
    double room = json_number(config, "vocab_size", 1e9);
    if (t->way == SENTENCEPIECE) {
        bool has = piece_find(t, "<extra_id_0>", 12) >= 0 || piece_find(t, "\xe2\x96\x81<extra_id_0>", 15) >= 0;
        sentinels_add(inner, t, json_number(settings, "extra_ids", has ? 0 : 100), true, room, path);
    }
    if (folder) tokens_beside(inner, t, folder, settings, bytes || (t5 && root), room);
    t->eos = token_named(t, settings, "eos_token", "</s>");
    t->pad = token_named(t, settings, "pad_token", "<pad>");
    if (root) pipeline_load(a, t, root, &table, path);
    if (!root || (t5 && !json_get(root, "post_processor"))) t->closing[t->n_closing++] = t->eos;
    if (t5 && t->spaced) t->spaced = false, t->prefix = true;  // T5Tokenizer has a decoder of its own
    pieces_check(a, t, path);
    if (table) map = base64_read(inner, table, path);
    charsmap_open(a, t, (const char *)map.p, (size_t)(map.end - map.p), path);
    pieces_index(a, t, path);
    t->names = NULL;
    arena_free(inner);
    return t;
}

// ---- text to ids

// The best way to reach a place in the text: its score, and its last piece.
typedef struct {
    float score;
    uint32_t last;  // bits 0-21 the piece's place in the trie, NO_PLACE for a character that is no piece; 22-31 its length
} Best;

enum { ONE_BYTE = 1 << 22, NO_PLACE = ONE_BYTE - 1 };

typedef struct {
    Arena *arena;
    int32_t *data;
    size_t n, room;
} Ids;

static void ids_add(Ids *ids, int32_t id) {
    ids->data = arena_grow(ids->arena, ids->data, ids->n, &ids->room, sizeof *ids->data);
    ids->data[ids->n++] = id;
}

// Keeps the better of two ways, as a choice between words: a branch here could not be foreseen.
static void best_keep(Best *best, float score, uint32_t last) {
    Best made = {score, last};
    uint64_t old, new;
    memcpy(&old, best, sizeof old);
    memcpy(&new, &made, sizeof new);
    new = score > best->score ? new : old;
    memcpy(best, &new, sizeof new);
}

// Fills best[0..n] for a normalized text. The zero behind its end stops every walk: no piece holds one.
static void viterbi(const Tokenizer *t, const unsigned char *text, size_t n, Best *best) {
    const Node *nodes = t->trie.nodes;
    float unknown = (float)t->unknown_score;
    for (size_t i = 1; i <= n; i++) best[i].score = -INFINITY;
    best[0].score = 0;
    for (size_t start = 0, length; start < n; start += length) {
        float here = best[start].score;
        if (fabsf(here) > 100000) {  // a float of that size has few digits left for a score: count from here on
            for (size_t i = start; i <= n && i <= start + t->longest + 4; i++) best[i].score -= here;
            here = 0;
        }
        uint32_t place = ROOT ^ text[start], seen = 0;
        Node node = nodes[place];
        for (size_t i = start; (node.word & (VACANT | 255)) == text[i];) {
            seen |= node.word;
            float score = here + node.score;
            i++;
            best_keep(best + i, score, place + (uint32_t)(i - start) * ONE_BYTE);
            place = node.word >> BASE_SHIFT ^ text[i];
            node = nodes[place];
        }
        length = lead_length(text[start]);
        if (length > n - start) length = n - start;
        if (!(seen & WHOLE)) best_keep(best + start + length, here + unknown, NO_PLACE + (uint32_t)length * ONE_BYTE);
    }
}

// The same in double for tokenizer.json, where all pieces are found and none is user-defined.
static void viterbi_library(Arena *a, const Tokenizer *t, const unsigned char *text, size_t n, Best *best) {
    double *score = arena_get(a, n + 1, sizeof *score);
    for (size_t i = 1; i <= n; i++) score[i] = -INFINITY;
    for (size_t start = 0, length; start < n; start += length) {
        uint32_t base = ROOT;
        bool whole = false;
        length = lead_length(text[start]);
        for (size_t i = start; i < n;) {
            uint32_t place = base ^ text[i];
            Node node = t->trie.nodes[place];
            if ((node.word & (VACANT | 255)) != text[i]) break;
            base = node.word >> BASE_SHIFT;
            if (++i && node.score == -INFINITY) continue;
            int32_t id = t->trie.ids[place];
            double made = score[start] + t->pieces[id].score;
            whole = whole || i - start == length;
            if (made <= score[i]) continue;
            score[i] = made;
            best[i].last = (id == t->unk ? NO_PLACE : place) + (uint32_t)(i - start) * ONE_BYTE;
        }
        double made = score[start] + t->unknown_score;
        size_t end = start + length;
        if (!whole && made > score[end]) score[end] = made, best[end].last = NO_PLACE + (uint32_t)length * ONE_BYTE;
    }
}

// Adds the ids of a normalized text, or a part of one.
static void segment(Arena *a, const Tokenizer *t, const char *text, size_t n, Ids *ids) {
    Best *best = arena_get(a, n + 1, sizeof *best);
    if (t->way == LIBRARY) viterbi_library(a, t, (const unsigned char *)text, n, best);
    else viterbi(t, (const unsigned char *)text, n, best);
    size_t first = ids->n;
    bool after_unknown = false;
    for (size_t end = n, length; end; end -= length) {  // from the last piece to the first
        uint32_t last = best[end].last;
        length = last / ONE_BYTE;
        bool unknown = last % ONE_BYTE == NO_PLACE;
        if (!unknown) {
            ids_add(ids, t->trie.ids[last % ONE_BYTE]);
        } else if (t->has_bytes) {
            bool space = t->escape && text[end - 1] == ' ';
            const char *c = space ? SPACE : text + end - length;
            for (size_t i = space ? 3 : length; i; i--) ids_add(ids, t->bytes[(unsigned char)c[i - 1]]);
        } else if (!after_unknown) {
            ids_add(ids, t->unk);
        }
        after_unknown = unknown;
    }
    for (size_t i = first, j = ids->n; i + 1 < j; i++) {
        int32_t id = ids->data[i];
        ids->data[i] = ids->data[--j];
        ids->data[j] = id;
    }
}

// Adds the ids of a text without added tokens.
static void tokenize_plain(Arena *a, const Tokenizer *t, Part p, Ids *ids) {
    if (t->way == BYTES) {
        for (size_t i = 0; i < p.n; i++) ids_add(ids, t->bytes[(unsigned char)p.text[i]]);
    } else if (t->way == LIBRARY) {
        Text parts = pre_tokenize(a, t, p);
        const Part *q = (Part *)(void *)parts.data;
        for (size_t i = 0; i < parts.n / sizeof *q; i++) segment(a, t, q[i].text, q[i].n, ids);
    } else {
        char *text;
        size_t n = normalize(a, t, p.text, p.n, &text);
        segment(a, t, text, n, ids);
    }
}

static bool word_at(const Tokenizer *t, const char *s, size_t n, size_t at) {
    size_t length = at < n ? utf8_length(s + at, n - at) : 0;
    return length && unicode_find(t->unicode, WORD, utf8_read(s + at, &length));
}

// Cuts a text at added tokens and adds the ids of all: first at those that are looked for in the text as it is written,
// then what lies between them, normalized, at the others.
static void tokenize_part(Arena *a, const Tokenizer *t, bool normalized, Part p, Ids *ids) {
    const char *s = p.text;
    for (size_t i = 0, begin = 0, length = 0; i <= p.n;) {
        int32_t id = -1;
        for (length = 0; i < p.n; i++)
            if (t->added[normalized].first[(unsigned char)s[i]] &&
                (length = trie_longest(&t->added[normalized].trie, s + i, p.n - i, &id))) break;
        size_t start = i, stop = i + length, space;
        unsigned flags = length ? t->pieces[id].added : 0;
        i = length ? stop : p.n + 1;
        if (flags & SINGLE_WORD && ((start && word_at(t, s, p.n, before(s, start))) || word_at(t, s, p.n, stop))) continue;
        if (flags & LSTRIP) while (start > begin && is_space(utf8_read(s + before(s, start), &space))) start = before(s, start);
        if (flags & LSTRIP && start < begin) start = begin;  // the token before took the spaces
        if (flags & RSTRIP) while (stop < p.n && is_space(utf8_read(s + stop, &space))) stop += space;
        if (start > begin) {
            Part q = {s + begin, start - begin, p.first && !begin};
            if (normalized || (t->way != LIBRARY && !t->added[1].trie.nodes)) tokenize_plain(a, t, q, ids);
            else tokenize_part(a, t, true, normalize_part(a, t, q), ids);
        }
        if (stop > start) ids_add(ids, id);
        if (length) begin = stop;
    }
}

// Text of n bytes, any bytes, to ids, without a closing </s>. Returns how many, *out is where.
static size_t tokenize(Arena *a, const Tokenizer *t, const char *text, size_t n, int32_t **out) {
    // There is rarely more than one id a byte. The ids come first, so that all behind them can be given back.
    Ids ids = {a, arena_get(a, n + 1, sizeof *ids.data), 0, n + 1};
    const int32_t *placed = ids.data;
    Mark mark = arena_mark(a);
    Text sound = {.arena = a};
    for (size_t i = 0, length; i < n && t->way == LIBRARY; i += length) {
        length = utf8_length(text + i, n - i);
        text_add(&sound, length ? text + i : "\xef\xbf\xbd", length ? length : 3);
        length += !length;
    }
    tokenize_part(a, t, false, t->way == LIBRARY ? (Part){sound.data, sound.n, true} : (Part){text, n, true}, &ids);
    *out = ids.data;
    if (ids.data == placed) {
        size_t taken = ((n + 1) * sizeof *ids.data + ALIGN - 1) / ALIGN * ALIGN;
        size_t kept = (ids.n * sizeof *ids.data + ALIGN) / ALIGN * ALIGN;
        if (kept < taken) mark.used -= taken - kept;
        arena_release(a, mark);
    }
    return ids.n;
}

// ---- ids to text

// Adds the characters that a run of byte pieces spells, with U+FFFD, or nothing, where it spells none; empties it.
static void bytes_flush(Text *out, Text *bytes, bool shows) {
    for (size_t i = 0, length; i < bytes->n; i += length) {
        length = utf8_length(bytes->data + i, bytes->n - i);
        text_add(out, length ? bytes->data + i : "\xef\xbf\xbd", length ? length : shows ? 3 : 0);
        length += !length;
    }
    bytes->n = 0;
}

// Ids to text as sentencepiece decodes. Special ids (</s>, <pad>, sentinels) and ids beyond the vocabulary are left out,
// other added tokens stand as they are.
// <unk> shows as " U+2047 ", which transformers would leave out too: what was lost should be seen. A zero byte, which only
// byte pieces can spell, does not end the text for who asks for its length.
static char *detokenize(Arena *a, const Tokenizer *t, const int32_t *ids, size_t n, size_t *length) {
    Text out = {.arena = a}, bytes = {.arena = a};
    bool at_start = true, shown = false;  // the space before the first word is none of the text
    text_add(&out, "", 0);
    for (size_t i = 0; i < n; i++) {
        const Piece *p = ids[i] < 0 || ids[i] >= t->size ? NULL : t->pieces + ids[i];
        bool skipped = !p || (p->type != UNKNOWN && p->added & SPECIAL);
        if (p && p->type == BYTE) {
            char c = (char)byte_value(p->text, p->n);
            text_add(&bytes, &c, 1);
        }
        if (!p || p->type == BYTE || (skipped && t->way == BYTES)) continue;
        bytes_flush(&out, &bytes, t->way != BYTES);
        if (out.n || (shown && t->way == LIBRARY)) at_start = false;
        if (skipped) continue;
        if (t->spaced && shown) text_add(&out, " ", 1);
        shown = true;
        if (p->type == UNKNOWN) {
            text_add(&out, t->unknown_text, strlen(t->unknown_text));
            continue;
        }
        size_t j = 0;
        if (at_start && t->way != LIBRARY && (t->prefix || t->remove_spaces) && p->n >= 3 && !memcmp(p->text, SPACE, 3)) {
            j = 3;
            at_start = t->remove_spaces;  // then more than one may go
        }
        for (; j < p->n; j++) {
            bool space = !t->spaced && p->n - j >= 3 && !memcmp(p->text + j, SPACE, 3);
            if (!space || !at_start || !t->prefix || t->way != LIBRARY) text_add(&out, space ? " " : p->text + j, 1);
            j += space ? 2 : 0;
        }
    }
    bytes_flush(&out, &bytes, t->way != BYTES);
    if (length) *length = out.n;
    return out.data;
}

/* ================================================================================================================
   6  kernels: the operations

   A few row-sized functions do all the arithmetic. They are written once, in terms of a vector V of VW floats, and that
   one body is compiled several times: this file includes itself with ISA set, and the part between the lines "body"
   is all that such a pass sees. "plain" has V = float and asks nothing of the compiler; the others use GNU C's vector
   types and exist where the compiler has them. The best that the processor can run is taken when a program starts
   (T5PEFT_ISA=name forces one), so that a plain `cc -O2` build is as fast as one made for the machine.

   The body's first part defines every operation but products of matrices, which the comment at Gemm does: with V = float, and
   get and put as a load and a store, it reads as plain C. Its second part and the passes below it may be skipped at first.

   Above the kernels stands Ops, the table through which the model does everything: it splits the work among threads
   and could as well be filled by another device. Its rule for threads: how work is split never changes the order in
   which any one number is summed, so one thread and eight give the same bits.
   ================================================================================================================ */

#endif  // !T5PEFT_DEVICE
// How a dropout mask is made: element i of a row is kept when a hash of (key, row, i) is not below the threshold.
typedef struct {
    uint64_t key;        // from (seed, step, site)
    uint32_t threshold;  // p x 2^32; 0 turns dropout off
    float scale;         // 1 / (1 - p)
    uint64_t row;        // number of the first row, so that a batch cut into pieces sees the masks of the whole
} Drop;

// C(M,N) = alpha op(A)(M,K) op(B)(K,N) [+ C]. op(A)[i][k] = a[i * a_row + k * a_column]. B is a weight of any type, stored
// (N,K) with b_transposed (a forward pass: y = x W^T) or (K,N) without (backward: dx = dy W), ldb elements from row to row.
typedef struct {
    int64_t M, N, K;
    const float *a;
    int64_t a_row, a_column;
    const void *b;
    const float *b_scale;  // I8: a factor for each row as stored
    DType b_type;
    bool b_transposed, add;
    int64_t ldb;
    float *c;
    int64_t ldc;
    float alpha;
    bool stream;  // few rows: B, which is transposed, is read once as it lies, not packed
    bool half;    // 16-bit products will do, where the processor makes them faster: see Products
    bool tf32;    // A and B, which are f32, may be rounded to TF32's 11 bits, where a device multiplies those faster
    const int16_t *whole;      // A(M,K) as whole numbers, rows `ldw` apart and zero from K on, where they multiply an I8 B
    const float *whole_scale;  // (M, (K + PAIR_K - 1) / PAIR_K): what they stand for
    int64_t ldw;
} Gemm;

// What a lane of a GEMM's vectors holds: a float; two bf16, to which A and B are rounded; or two 16-bit whole numbers, for a B in
// int8: each PAIR_K numbers of a row of A are divided by a scale of their own, and their products with B's are summed exactly.
typedef enum { FLOATS, BFLOATS, WHOLES } Products;

// What a register tile of C is computed from: `depth` steps along K of packed B and of A, whose element (i, k) is a[i * row + k *
// column].
typedef struct {
    int64_t depth, row, column;
    const float *a, *b;
    const float *a_scale, *b_scale;  // WHOLES: A's, `scales` from row to row; B's, one for a column, or NULL
    int64_t scales;
    float *c;
    int64_t ldc, left;               // left: columns of C that there are
    float alpha;
    bool add;
} Tile;

typedef enum { RELU, GELU, GELU_NEW, SILU } Activation;

// One step of AdamW (Loshchilov and Hutter 2019) on gradients g, times clip: m = beta1 m + fresh1 g, v = beta2 v + fresh2 g^2,
// w = shrink w - rate m / (root sqrt(v) + epsilon). As in torch, each factor is made in double and rounded once: 1 - beta2 of a
// beta2 that is a float already would be 4.7e-5 too large.
typedef struct {
    float clip, beta1, fresh1, beta2, fresh2, shrink, rate, root, epsilon;
} Adam;

enum {
    BLOCK_K = 384,   // depth of a packed panel: 16 floats x 384 stay in the first-level cache
    PAIR_K = 2 * BLOCK_K,  // the same of 16-bit numbers: 768 x 127 x 16,383 is below 2^31
    BLOCK_N = 192,   // widest strip of B that is packed at once (stays in the second-level cache)
    BLOCK_M = 120,   // rows of A that are walked over a packed strip before the next ones
    MAX_MR = 8, MAX_NR = 64, MAX_VW = 16,
    AHEAD = 8,       // rows that are fetched before packing comes to them
    STREAM_ROWS = 3, STREAM_COLUMNS = 4,  // of C in registers where B is streamed
    // Packed B, a transposed or rounded block of A, widened rows.
    GEMM_SCRATCH = BLOCK_K * (BLOCK_N + MAX_NR) + (BLOCK_K + MAX_VW) * (BLOCK_M + MAX_VW) + BLOCK_K * (MAX_VW + 2)
};

typedef struct {
    const char *name;
    int columns;  // of C that one register tile holds; work is cut at multiples of it
    bool products[3];  // the kinds of products that it has
    int64_t (*peak)(float *x, int64_t rounds, Products as);
    void (*gemm)(const Gemm *, int64_t i0, int64_t i1, int64_t j0, int64_t j1, float *scratch);
    void (*stream)(const Gemm *, int64_t j0, int64_t j1, float *wide);
    float (*norm)(float *y, const float *x, const float *w, int64_t n, float epsilon);
    void (*norm_back)(float *dx, const float *dy, const float *x, const float *w, float r, int64_t n);
    void (*norm_weight)(float *dw, const float *dy, const float *x, const float *r, int64_t rows, int64_t n, int64_t i0,
                        int64_t i1);
    void (*act)(float *h, const float *g, const float *u, int64_t n, Activation kind, Drop, uint64_t row);
    void (*act_back)(float *dg, float *du, const float *dh, const float *g, const float *u, int64_t n, Activation kind, Drop,
                     uint64_t row);
    float (*softmax)(float *p, const float *bias, int64_t n);
    void (*softmax_again)(float *p, const float *bias, float lse, int64_t n);
    void (*softmax_back)(float *ds, float *p, float d, int64_t n, Drop, uint64_t row);
    float (*cross_entropy)(float *logits, int64_t n, int64_t target, float smoothing, float weight, bool gradient);
    void (*drop)(float *y, const float *x, const float *add, int64_t n, Drop, uint64_t row);
    float (*dot)(const float *x, const float *y, int64_t n);
    void (*add)(float *y, const float *x, float scale, int64_t n);
    double (*squares)(const float *x, int64_t n);
    void (*adam)(float *w, const float *g, float *m, float *v, int64_t n, Adam);
    void (*to_bfloat)(const float *x, int64_t n, uint16_t *out);
    float (*to_int8)(const float *x, int64_t n, int8_t *out);
    float (*to_whole)(const float *x, const float *times, int64_t n, int16_t *out);  // NULL without WHOLES
    void (*mix)(float *out, const float *p, DType type, const void *v, int64_t stride, int64_t n, int64_t width);
} Kernels;

#endif  // !ISA
#ifdef ISA
// ---- body: compiled once for each instruction set; F(name) is the name's variant, FN its attributes

#define V F(v)
#define U F(u)
#if VW == 1
typedef float V;
typedef uint32_t U;
#else
typedef float V __attribute__((vector_size(VW * 4), aligned(VW * 4)));  // macOS would align it to 16 bytes
typedef uint32_t U __attribute__((vector_size(VW * 4), aligned(VW * 4)));
typedef int32_t F(i) __attribute__((vector_size(VW * 4), aligned(VW * 4)));
#endif
enum { F(NR) = VW * NV };

// The operations whose best form has no operator; the pass may have defined them already.
#ifndef HAS_FMA
FN V F(fma)(V a, V b, V c) { return a * b + c; }
FN V F(root)(V v) {
#if VW == 1
    return sqrtf(v);
#else
    for (int i = 0; i < VW; i++) v[i] = sqrtf(v[i]);
    return v;
#endif
}
#endif
#undef HAS_FMA

FN V F(load)(const float *p) { V v; memcpy(&v, p, sizeof v); return v; }
FN void F(store)(float *p, V v) { memcpy(p, &v, sizeof v); }
FN U F(bits)(V v) { U u; memcpy(&u, &v, sizeof u); return u; }
FN V F(float)(U u) { V v; memcpy(&v, &u, sizeof v); return v; }
FN V F(set)(float x) {
#if VW == 1
    return x;
#else
    return x - (V){0};  // "0 + x" would have to be computed, for x = -0
#endif
}
#if VW == 1
FN U F(below)(V a, V b) { return a < b ? 0xffffffffu : 0; }       // all bits set where a < b
FN U F(under)(U a, U b) { return a < b ? 0xffffffffu : 0; }
FN U F(round)(V v) { return (U)(int32_t)(v < 0 ? v - 0.5f : v + 0.5f); }
FN V F(number)(U u) { return (float)(int32_t)u; }
FN U F(lanes)(void) { return 0; }
#else
FN U F(below)(V a, V b) { return (U)(a < b); }
FN U F(under)(U a, U b) { return (U)(a < b); }
FN U F(round)(V v) {
    U half = F(bits)(F(set)(0.5f)) | (F(bits)(v) & 0x80000000u);
    return (U)__builtin_convertvector(v + F(float)(half), F(i));
}
FN V F(number)(U u) { return __builtin_convertvector((F(i))u, V); }
FN U F(lanes)(void) {
    U u = {0};
    for (uint32_t i = 0; i < VW; i++) u[i] = i;
    return u;
}
#endif
FN V F(choose)(U mask, V yes, V no) { return F(float)((F(bits)(yes) & mask) | (F(bits)(no) & ~mask)); }
FN V F(max)(V a, V b) { return F(choose)(F(below)(a, b), b, a); }

// The first `left` lanes from p, `fill` in the others.
FN V F(get)(const float *p, int64_t left, float fill) {
    if (left >= VW) return F(load)(p);
    float part[VW];
    for (int i = 0; i < VW; i++) part[i] = i < left ? p[i] : fill;
    return F(load)(part);
}

FN void F(put)(float *p, V v, int64_t left) {
    if (left >= VW) F(store)(p, v);
    else {
        float part[VW];
        F(store)(part, v);
        for (int i = 0; i < left; i++) p[i] = part[i];
    }
}

// The largest lane.
FN float F(top)(V v) {
    float top = -INFINITY, part[VW];
    F(store)(part, v);
    for (int i = 0; i < VW; i++) top = part[i] > top ? part[i] : top;
    return top;
}

// Lanes are added pairwise, in the same order everywhere.
FN float F(sum)(V v) {
    float part[VW];
    F(store)(part, v);
    UNROLL for (int w = VW / 2; w; w /= 2)
        UNROLL for (int i = 0; i < w; i++) part[i] += part[i + w];
    return part[0];
}

// The sums of n vectors' lanes, each as above; of whole numbers, exactly. `sum` has room for whole vectors.
FN void F(sums)(bool whole, int n, const V *v, float *sum) {
    int i = 0;
#ifdef HAS_TRANSPOSE
    for (; n - i >= VW / 2; i += VW) {
        V square[VW];
        UNROLL for (int j = 0; j < VW; j++) square[j] = i + j < n ? v[i + j] : F(set)(0);
        F(transpose)(square);
        UNROLL for (int w = VW / 2; w; w /= 2)
            UNROLL for (int j = 0; j < w; j++)
                square[j] = whole ? F(float)(F(bits)(square[j]) + F(bits)(square[j + w])) : square[j] + square[j + w];
        F(store)(sum + i, whole ? F(number)(F(bits)(square[0])) : square[0]);
    }
#endif
    for (; i < n; i++) {
        uint32_t part[VW], total = 0;
        memcpy(part, &v[i], sizeof part);
        for (int j = 0; whole && j < VW; j++) total += part[j];
        sum[i] = whole ? (float)(int32_t)total : F(sum)(v[i]);
    }
}

// e^x by Cody and Waite's reduction and a polynomial of degree 6; at most 2 ulp off where the result is normal, 0 below.
FN V F(exp)(V x) {
    U low = F(below)(x, F(set)(-87.33654f));
    x = F(choose)(F(below)(F(set)(88.72283f), x), F(set)(88.72283f), x);
    x = F(choose)(low, F(set)(0), x);
    U n = F(round)(x * F(set)(1.44269504f));
    V k = F(number)(n);
    V r = F(fma)(k, F(set)(-0.693359375f), x);
    r = F(fma)(k, F(set)(2.12194440e-4f), r);
    V p = F(set)(1.9875691500e-4f);
    p = F(fma)(p, r, F(set)(1.3981999507e-3f));
    p = F(fma)(p, r, F(set)(8.3334519073e-3f));
    p = F(fma)(p, r, F(set)(4.1665795894e-2f));
    p = F(fma)(p, r, F(set)(1.6666665459e-1f));
    p = F(fma)(p, r, F(set)(5.0000001201e-1f));
    p = F(fma)(p * r, r, r) + F(set)(1);
    // 2^128 has no exponent field of its own: scale in two halves.
    V top = F(choose)(F(below)(F(set)(127.5f), k), F(set)(2), F(set)(1));
    n = n - ((F(below)(F(set)(127.5f), k)) & 1u);
    p = p * F(float)((n + 127u) << 23) * top;
    return F(choose)(low, F(set)(0), p);
}

FN V F(sigmoid)(V x) { return F(set)(1) / (F(set)(1) + F(exp)(F(set)(0) - x)); }

// All bits set in the lanes that dropout keeps. The hash is two rounds of multiply and xor-shift on the element's number,
// with half of the row's key before each.
FN U F(keep)(uint64_t key, uint32_t i, uint32_t threshold) {
    U x = (F(lanes)() + i) * 0x9e3779b9u + (uint32_t)key;
    x = (x ^ (x >> 16)) * 0x21f0aaadu;
    x = ((x ^ (x >> 15)) + (uint32_t)(key >> 32)) * 0xd35a2d97u;
    x = x ^ (x >> 15);
    U limit = x * 0u + threshold;
    return ~F(under)(x, limit);
}

FN V F(dropped)(V v, Drop d, uint64_t key, int64_t i) {
    return F(float)(F(bits)(v * F(set)(d.scale)) & F(keep)(key, (uint32_t)i, d.threshold));
}

// VW signed bytes, and VW unsigned 16-bit numbers.
#if VW > 1 && !defined HAS_WIDEN
FN U F(bytes)(const int8_t *p) {
    int8_t part __attribute__((vector_size(VW)));
    memcpy(&part, p, sizeof part);
    return (U)__builtin_convertvector(part, F(i));
}
FN U F(halves)(const uint16_t *p) {
    uint16_t part __attribute__((vector_size(VW * 2)));
    memcpy(&part, p, sizeof part);
    return __builtin_convertvector(part, U);
}
#endif
#undef HAS_WIDEN

// VW elements of a stored row as floats. An f16 is moved into a float's fields and scaled by 2^112, which is exact for
// normal and subnormal numbers alike; only inf and nan need their exponent back.
FN V F(widened)(DType type, const void *data, int64_t at, float scale) {
#if VW == 1
    return number_widen(type, data, at, scale);
#else
    if (type == I8) return F(number)(F(bytes)((const int8_t *)data + at)) * F(set)(scale);
    U bits = F(halves)((const uint16_t *)data + at);
    if (type == BF16) return F(float)(bits << 16);
    U magnitude = (bits & 0x7fffu) << 13, limit = bits * 0u + 0x0f7fffffu;
    V v = F(float)(magnitude) * F(set)(0x1p112f);
    v = F(choose)(F(under)(limit, magnitude), F(float)(magnitude | 0x7f800000u), v);
    return F(float)(F(bits)(v) | (bits & 0x8000u) << 16);
#endif
}

// As get, of floats or of another type without a scale.
INLINE_FN V F(element)(const DType type, const void *data, int64_t at, int64_t left) {
    if (type == F32) return F(get)((const float *)data + at, left, 0);
    if (left >= VW) return F(widened)(type, data, at, 1);
    float part[VW];
    for (int i = 0; i < VW; i++) part[i] = i < left ? number_widen(type, data, at + i, 1) : 0;
    return F(load)(part);
}

// What goes row by row. A pass may take these functions from another one, whose V is the same: SAME(name) is where they are.
#ifndef SAME
#define SAME F

FN float F(dot)(const float *x, const float *y, int64_t n) {
    V s = F(set)(0);
    for (int64_t i = 0; i < n; i += VW) s = F(fma)(F(get)(x + i, n - i, 0), F(get)(y + i, n - i, 0), s);
    return F(sum)(s);
}

// y = x w / rms(x); returns 1 / rms(x) (Zhang and Sennrich 2019; T5 has neither mean nor bias).
FN float F(norm)(float *y, const float *x, const float *w, int64_t n, float epsilon) {
    float r = 1 / sqrtf(F(dot)(x, x, n) / (float)n + epsilon);
    for (int64_t i = 0; i < n; i += VW)
        F(put)(y + i, F(get)(x + i, n - i, 0) * F(set)(r) * F(get)(w + i, n - i, 0), n - i);
    return r;
}

// dx += r (w dy - x r^2 mean(w dy x))
FN void F(norm_back)(float *dx, const float *dy, const float *x, const float *w, float r, int64_t n) {
    V s = F(set)(0);
    for (int64_t i = 0; i < n; i += VW)
        s = F(fma)(F(get)(dy + i, n - i, 0) * F(get)(w + i, n - i, 0), F(get)(x + i, n - i, 0), s);
    V m = F(set)(F(sum)(s) / (float)n * r * r * r), rv = F(set)(r);
    for (int64_t i = 0; i < n; i += VW) {
        V t = F(get)(dy + i, n - i, 0) * F(get)(w + i, n - i, 0) * rv - F(get)(x + i, n - i, 0) * m;
        F(put)(dx + i, F(get)(dx + i, n - i, 0) + t, n - i);
    }
}

// dw[i] += sum over rows of dy x r, for the columns i0..i1
FN void F(norm_weight)(float *dw, const float *dy, const float *x, const float *r, int64_t rows, int64_t n, int64_t i0,
                       int64_t i1) {
    for (int64_t i = i0; i < i1; i += VW) {
        V s = F(get)(dw + i, i1 - i, 0);
        for (int64_t t = 0; t < rows; t++)
            s = F(fma)(F(get)(dy + t * n + i, i1 - i, 0) * F(set)(r[t]), F(get)(x + t * n + i, i1 - i, 0), s);
        F(put)(dw + i, s, i1 - i);
    }
}

// act(g) and its derivative. gelu_new(x) = x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), the tanh form without cancellation.
FN V F(activate)(V g, Activation kind, V *slope) {
    V one = F(set)(1);
    if (kind == RELU) {
        U on = F(below)(F(set)(0), g);
        *slope = F(choose)(on, one, F(set)(0));
        return F(choose)(on, g, F(set)(0));
    }
    if (kind == GELU) {
        V y, d;
        float x[VW], a[VW], b[VW];
        F(store)(x, g);
        for (int i = 0; i < VW; i++) {
            float cdf = 0.5f * erfcf(-x[i] * 0.70710678f);
            a[i] = x[i] * cdf;
            b[i] = cdf + x[i] * 0.39894228f * expf(-0.5f * x[i] * x[i]);
        }
        y = F(load)(a), d = F(load)(b);
        *slope = d;
        return y;
    }
    V inner = g, dinner = one;
    if (kind == GELU_NEW) {
        const float c = 1.5957691216f, k = 0.044715f;
        inner = g * F(set)(c) * F(fma)(g * g, F(set)(k), one);
        dinner = F(set)(c) * F(fma)(g * g, F(set)(3 * k), one);
    }
    V s = F(sigmoid)(inner);
    *slope = F(fma)(g * dinner, s * (one - s), s);
    return g * s;
}

// h = dropout(act(g) u); without a gate u is NULL
FN void F(act)(float *h, const float *g, const float *u, int64_t n, Activation kind, Drop d, uint64_t row) {
    uint64_t key = random_key(d.key, row, 0);
    for (int64_t i = 0; i < n; i += VW) {
        V slope, y = F(activate)(F(get)(g + i, n - i, 0), kind, &slope);
        if (u) y = y * F(get)(u + i, n - i, 0);
        if (d.threshold) y = F(dropped)(y, d, key, i);
        F(put)(h + i, y, n - i);
    }
}

FN void F(act_back)(float *dg, float *du, const float *dh, const float *g, const float *u, int64_t n, Activation kind, Drop d,
                    uint64_t row) {
    uint64_t key = random_key(d.key, row, 0);
    for (int64_t i = 0; i < n; i += VW) {
        V slope, y = F(activate)(F(get)(g + i, n - i, 0), kind, &slope), e = F(get)(dh + i, n - i, 0);
        if (d.threshold) e = F(dropped)(e, d, key, i);
        if (u) {
            V gate = F(get)(u + i, n - i, 0);
            F(put)(du + i, e * y, n - i);
            e = e * gate;
        }
        F(put)(dg + i, e * slope, n - i);
    }
}

// p = softmax(p + bias); returns log sum exp. A row without any finite score cannot occur: each token sees itself.
FN float F(softmax)(float *p, const float *bias, int64_t n) {
    V m = F(set)(-INFINITY);
    for (int64_t i = 0; i < n; i += VW) {
        V s = F(get)(p + i, n - i, -INFINITY);
        if (bias) s = s + F(get)(bias + i, n - i, 0);
        F(put)(p + i, s, n - i);
        m = F(max)(m, s);
    }
    float top = F(top)(m);
    V total = F(set)(0);
    for (int64_t i = 0; i < n; i += VW) {
        V e = F(exp)(F(get)(p + i, n - i, -INFINITY) - F(set)(top));
        F(put)(p + i, e, n - i);
        total = total + e;
    }
    float sum = F(sum)(total);
    for (int64_t i = 0; i < n; i += VW) F(put)(p + i, F(get)(p + i, n - i, 0) * F(set)(1 / sum), n - i);
    return top + (float)log(sum);
}

// The same probabilities from the scores and the kept log sum exp.
FN void F(softmax_again)(float *p, const float *bias, float lse, int64_t n) {
    for (int64_t i = 0; i < n; i += VW) {
        V s = F(get)(p + i, n - i, -INFINITY);
        if (bias) s = s + F(get)(bias + i, n - i, 0);
        F(put)(p + i, F(exp)(s - F(set)(lse)), n - i);
    }
}

// ds holds dP (the gradient of the dropped probabilities), p the probabilities, d = sum of the row's dO O (Dao et al. 2022).
// Leaves dS = p (drop(dP) - d) in ds and drop(p) in p.
FN void F(softmax_back)(float *ds, float *p, float d, int64_t n, Drop drop, uint64_t row) {
    uint64_t key = random_key(drop.key, row, 0);
    for (int64_t i = 0; i < n; i += VW) {
        V e = F(get)(ds + i, n - i, 0), q = F(get)(p + i, n - i, 0), dq = q;
        if (drop.threshold) {
            e = F(dropped)(e, drop, key, i);
            dq = F(dropped)(q, drop, key, i);
        }
        F(put)(ds + i, q * (e - F(set)(d)), n - i);
        F(put)(p + i, dq, n - i);
    }
}

// Loss of one row with label smoothing s: (1-s) (lse - x[target]) + s (lse - mean(x)). With `gradient` the logits become
// weight (softmax - (1-s) onehot - s / n).
FN float F(cross_entropy)(float *x, int64_t n, int64_t target, float smoothing, float weight, bool gradient) {
    V m = F(set)(-INFINITY), total = F(set)(0), plain = F(set)(0);
    for (int64_t i = 0; i < n; i += VW) m = F(max)(m, F(get)(x + i, n - i, -INFINITY));
    float top = F(top)(m);
    for (int64_t i = 0; i < n; i += VW) {
        V v = F(get)(x + i, n - i, -INFINITY);
        total = total + F(exp)(v - F(set)(top));
        if (smoothing > 0) plain = plain + F(get)(x + i, n - i, 0);
    }
    float lse = top + (float)log(F(sum)(total));
    float loss = (1 - smoothing) * (lse - x[target]);
    if (smoothing > 0) loss += smoothing * (lse - F(sum)(plain) / (float)n);
    if (!gradient) return loss;
    for (int64_t i = 0; i < n; i += VW) {
        V p = F(exp)(F(get)(x + i, n - i, 0) - F(set)(lse)) - F(set)(smoothing / (float)n);
        F(put)(x + i, p * F(set)(weight), n - i);
    }
    x[target] -= (1 - smoothing) * weight;
    return loss;
}

// y = dropout(x) [+ add]
FN void F(drop)(float *y, const float *x, const float *add, int64_t n, Drop d, uint64_t row) {
    uint64_t key = random_key(d.key, row, 0);
    for (int64_t i = 0; i < n; i += VW) {
        V v = F(get)(x + i, n - i, 0);
        if (d.threshold) v = F(dropped)(v, d, key, i);
        if (add) v = v + F(get)(add + i, n - i, 0);
        F(put)(y + i, v, n - i);
    }
}

FN void F(add)(float *y, const float *x, float scale, int64_t n) {
    for (int64_t i = 0; i < n; i += VW)
        F(put)(y + i, F(fma)(F(get)(x + i, n - i, 0), F(set)(scale), F(get)(y + i, n - i, 0)), n - i);
}

// Sums of a few thousand squares in float, those sums in double.
FN double F(squares)(const float *x, int64_t n) {
    double total = 0;
    for (int64_t i = 0; i < n; i += 1024) total += F(dot)(x + i, x + i, n - i < 1024 ? n - i : 1024);
    return total;
}

FN void F(adam)(float *w, const float *g, float *m, float *v, int64_t n, Adam o) {
    for (int64_t i = 0; i < n; i += VW) {
        V gi = F(get)(g + i, n - i, 0) * F(set)(o.clip);
        V mi = F(fma)(F(get)(m + i, n - i, 0), F(set)(o.beta1), gi * F(set)(o.fresh1));
        V vi = F(fma)(F(get)(v + i, n - i, 0), F(set)(o.beta2), gi * gi * F(set)(o.fresh2));
        V wi = F(get)(w + i, n - i, 0) * F(set)(o.shrink);
        F(put)(w + i, wi - F(set)(o.rate) * mi / F(fma)(F(root)(vi), F(set)(o.root), F(set)(o.epsilon)), n - i);
        F(put)(m + i, mi, n - i);
        F(put)(v + i, vi, n - i);
    }
}

// n numbers rounded to bf16.
FN void F(to_bfloat)(const float *x, int64_t n, uint16_t *out) {
    int64_t i = 0;
#if VW > 1
    for (; i + VW <= n; i += VW) {
        U u = F(bits)(F(load)(x + i)), odd = (u >> 16) & 1u, limit = u * 0u + 0x7f800000u;
        U nan = F(under)(limit, u & 0x7fffffffu), h = (((u + 0x7fffu + odd) & ~nan) | ((u | 0x400000u) & nan)) >> 16;
        uint16_t part __attribute__((vector_size(VW * 2))) = __builtin_convertvector(h, __typeof__(part));
        memcpy(out + i, &part, sizeof part);
    }
#endif
    for (; i < n; i++) out[i] = float_to_bfloat(x[i]);
}

// n numbers rounded to int8; returns their scale, max |x| / 127.
FN float F(to_int8)(const float *x, int64_t n, int8_t *out) {
    V most = F(set)(0);
    for (int64_t i = 0; i < n; i += VW) most = F(max)(most, F(float)(F(bits)(F(get)(x + i, n - i, 0)) & 0x7fffffffu));
    float scale = F(top)(most) / 127;
    if (!(scale > 0)) {
        for (int64_t i = 0; i < n; i++)
            if (x[i] != 0) return NAN;
        return memset(out, 0, (size_t)n), scale;
    }
    uint32_t bits[VW] = {0};
    U all = F(bits)(F(set)(0));
    for (int64_t i = 0; i < n; i += VW) {
        // Adding 1.5 x 2^23 leaves the nearest whole number in the lowest bits, and 0x4b in the highest but for a nan.
        U u = F(bits)(F(get)(x + i, n - i, 0) / F(set)(scale) + F(set)(12582912));
        all |= u;
#if VW == 1
        out[i] = (int8_t)(uint8_t)u;
#else
        uint16_t half __attribute__((vector_size(VW * 2))) = __builtin_convertvector(u, __typeof__(half));
        uint8_t low __attribute__((vector_size(VW))) = __builtin_convertvector(half, __typeof__(low));
        if (n - i >= VW) memcpy(out + i, &low, sizeof low);
        else memcpy(out + i, &low, (size_t)(n - i));
#endif
    }
    memcpy(bits, &all, sizeof bits);
    for (int i = 1; i < VW; i++) bits[0] |= bits[i];
    return bits[0] & 0x34000000 ? NAN : scale;
}

#ifdef HAS_MADD16
// n numbers, each times its `times` where that is not NULL, rounded to multiples of the scale returned, max |x| / 16383. nan and
// inf become a scale that makes nan of all.
FN float F(to_whole)(const float *x, const float *times, int64_t n, int16_t *out) {
    F(i) most = {0};
    for (int64_t i = 0; i < n; i += VW) {
        V v = F(get)(x + i, n - i, 0);
        if (times) v = v * F(get)(times + i, n - i, 0);
        F(i) size = (F(i))(F(bits)(v) & 0x7fffffffu), more = size > most;
        most = (size & more) | (most & ~more);
    }
    float top = 0;
    int32_t sizes[VW], largest = 0;
    memcpy(sizes, &most, sizeof sizes);
    for (int i = 0; i < VW; i++) largest = sizes[i] > largest ? sizes[i] : largest;
    memcpy(&top, &largest, sizeof top);
    if (!(top >= 1e-30f && top <= 3e38f)) {
        memset(out, 0, (size_t)n * sizeof *out);
        return top < 1 ? 0 : NAN;
    }
    for (int64_t i = 0; i < n; i += VW) {
        V v = F(get)(x + i, n - i, 0);
        if (times) v = v * F(get)(times + i, n - i, 0);
        U u = F(bits)(F(fma)(v, F(set)(16383 / top), F(set)(12582912)));
        uint16_t low __attribute__((vector_size(VW * 2))) = __builtin_convertvector(u, __typeof__(low));
        if (n - i >= VW) memcpy(out + i, &low, sizeof low);
        else memcpy(out + i, &low, (size_t)(n - i) * sizeof *out);
    }
    return top / 16383;
}
#endif

INLINE_FN void F(mix_as)(const DType type, float *out, const float *p, const void *v, int64_t stride, int64_t n, int64_t width) {
    enum { PART = VW == 16 ? 4 : 8 };  // vectors of the sum in registers at a time
    for (int64_t c = 0; c < width; c += PART * VW) {
        V sum[PART];
        for (int i = 0; i < PART; i++) sum[i] = F(set)(0);
        if (width - c >= PART * VW) {
            for (int64_t j = 0, at = c; j < n; j++, at += stride)
                UNROLL for (int i = 0; i < PART; i++) sum[i] = F(fma)(F(element)(type, v, at + i * VW, VW), F(set)(p[j]), sum[i]);
        } else {
            for (int64_t j = 0, at = c; j < n; j++, at += stride)
                for (int i = 0; i < PART && c + i * VW < width; i++)
                    sum[i] = F(fma)(F(element)(type, v, at + i * VW, width - c - i * VW), F(set)(p[j]), sum[i]);
        }
        for (int i = 0; i < PART && c + i * VW < width; i++) F(put)(out + c + i * VW, sum[i], width - c - i * VW);
    }
}

// out(width) = sum of p[j] times row j of v, which is F32 or BF16, rows `stride` apart.
FN void F(mix)(float *out, const float *p, DType type, const void *v, int64_t stride, int64_t n, int64_t width) {
    if (type == F32) F(mix_as)(F32, out, p, v, stride, n, width);
    else F(mix_as)(BF16, out, p, v, stride, n, width);
}

#endif  // SAME

// ---- body, second part: products of matrices, fast: tiles, packing, the loop nest, streaming. What they compute stands at Gemm.

// sum + a b, or, with `half`, the sum of two such products in each lane.
INLINE_FN V F(multiply)(const bool half, V a, V b, V sum) {
#ifdef HAS_DOT16
    if (half) return F(dot16)(a, b, sum);
#endif
    (void)half;
    return F(fma)(a, b, sum);
}

// The four bytes at p in every lane, whatever they mean.
FN V F(spread)(const float *p) {
#if VW == 1
    return *p;
#else
    uint32_t u;
    memcpy(&u, p, sizeof u);
    return F(float)(u - (U){0});
#endif
}

// Vector j of row i of a tile is complete.
FN void F(tile_put)(const Tile *t, int i, int j, V v) {
    float *c = t->c + i * t->ldc + j * VW;
    int64_t lanes = t->left - j * VW;
    v = v * F(set)(t->alpha);
    F(put)(c, t->add ? F(get)(c, lanes, 0) + v : v, lanes);
}

// A tile of `rows` x NR of C kept in registers: acc[i][:] += a[i][k] * b[k][:].
INLINE_FN void F(tile)(const bool half, const int rows, Tile t) {
    V acc[MR][NV];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < NV; j++) acc[i][j] = F(set)(0);
    UNROLL for (int i = 0; i < rows; i++) PREFETCH(t.c + i * t.ldc);  // wanted at the end; each row is in another page
    for (int64_t k = 0; k < t.depth; k++, t.b += F(NR), t.a += t.column) {
        V bk[NV];
        UNROLL for (int j = 0; j < NV; j++) bk[j] = F(load)(t.b + j * VW);
        UNROLL for (int i = 0; i < rows; i++) {
            V aik = F(spread)(t.a + i * t.row);
            UNROLL for (int j = 0; j < NV; j++) acc[i][j] = F(multiply)(half, aik, bk[j], acc[i][j]);
        }
    }
    V out[MR][NV];  // sums that a loop goes through would not be kept in registers
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < NV; j++) out[i][j] = acc[i][j];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < NV && j * VW < t.left; j++) F(tile_put)(&t, i, j, out[i][j]);
}

#ifdef HAS_MADD16
// The same for whole numbers, of which there are always MR rows to read; the first `rows` are stored. The sums are typed as what
// they are: as floats, gcc moves each from register to register at every step.
INLINE_FN void F(tile_whole)(const int rows, Tile t) {
    F(i) acc[MR][NV];
    UNROLL for (int i = 0; i < MR; i++)
        UNROLL for (int j = 0; j < NV; j++) acc[i][j] = (F(i)){0};
    UNROLL for (int i = 0; i < MR; i++) PREFETCH(t.c + (i < rows ? i : 0) * t.ldc);
    for (int64_t k = 0; k < t.depth; k++, t.b += F(NR), t.a += t.column) {
        F(i) bk[NV];
        UNROLL for (int j = 0; j < NV; j++) memcpy(&bk[j], t.b + j * VW, sizeof bk[j]);
        UNROLL for (int i = 0; i < MR; i++) {
            F(i) aik = (F(i))F(spread)(t.a + i * t.row);
            UNROLL for (int j = 0; j < NV; j++) acc[i][j] = F(madd16)(aik, bk[j], acc[i][j]);
        }
    }
    V out[MR][NV];
    UNROLL for (int i = 0; i < MR; i++)
        UNROLL for (int j = 0; j < NV; j++) out[i][j] = F(number)((U)acc[i][j]);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < NV && j * VW < t.left; j++) {
            V v = out[i][j] * F(set)(t.a_scale[i * t.scales]);
            if (t.b_scale) v = v * F(get)(t.b_scale + j * VW, t.left - j * VW, 0);
            F(tile_put)(&t, i, j, v);
        }
}
#endif

// Up to MR rows. A rest is cut into tiles of 4, 2 and 1, since each height is code of its own.
INLINE_FN void F(tiles)(const Products as, int rows, Tile t) {
#ifdef HAS_MADD16
    if (as == WHOLES) {
        F(tile_whole)(rows, t);
        return;
    }
#endif
    const bool half = as == BFLOATS;
    for (int n; rows > 0; rows -= n, t.a += n * t.row, t.c += n * t.ldc) {
        n = rows >= MR ? MR : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
        if (n == MR) F(tile)(half, MR, t);
#if MR > 4
        else if (n == 4) F(tile)(half, 4, t);
#endif
        else if (n == 2) F(tile)(half, 2, t);
        else F(tile)(half, 1, t);
    }
}

#ifdef HAS_MADD16
// 2 VW 16-bit numbers.
FN F(i) F(pairs)(const int16_t *p) { F(i) v; memcpy(&v, p, sizeof v); return v; }
#endif

FN void F(widen)(DType type, const void *data, int64_t at, float scale, int64_t n, float *wide) {
    int64_t i = 0;
    for (; i + VW <= n; i += VW) F(store)(wide + i, F(widened)(type, data, at + i, scale));
    for (; i < n; i++) wide[i] = number_widen(type, data, at + i, scale);
}

// n elements of a stored row as floats: a pointer to them where they are floats already, else widened into `wide`.
FN const float *F(floats)(const Gemm *g, int64_t at, int64_t row, int64_t n, float *wide) {
    if (g->b_type == F32) return (const float *)g->b + at;
    F(widen)(g->b_type, g->b, at, g->b_type == I8 ? g->b_scale[row] : 1, n, wide);
    return wide;
}

// out[k * NR + i] = rows[i][k], zero where a row is NULL.
FN void F(turn)(const float *const *rows, int64_t depth, float *out) {
    int64_t k = 0;
#ifdef HAS_TRANSPOSE
    for (; k + VW <= depth && rows[VW - 1]; k += VW) {
        V square[VW];
        UNROLL for (int i = 0; i < VW; i++) square[i] = F(load)(rows[i] + k);
        F(transpose)(square);
        UNROLL for (int i = 0; i < VW; i++) F(store)(out + (k + i) * F(NR), square[i]);
    }
#endif
    for (int i = 0; i < VW; i++)
        for (int64_t l = k; l < depth; l++) out[l * F(NR) + i] = rows[i] ? rows[i][l] : 0;
}
#undef HAS_TRANSPOSE

// Packs B[k0:k0+depth][j0:j1] into panels of NR columns, each laid out k by k, so that a tile reads it straight on. A frozen
// weight is packed again in each pass: it costs one read among hundreds of uses, and no second copy of the weights.
FN void F(pack)(const Gemm *g, int64_t j0, int64_t j1, int64_t k0, int64_t depth, float *out, float *wide) {
    if (g->b_transposed) {
        for (int64_t j = j0; j < j1; j += VW) {
            const float *rows[VW];
            for (int64_t i = 0; i < VW; i++)
                rows[i] = j + i < j1 ? F(floats)(g, (j + i) * g->ldb + k0, j + i, depth, wide + i * BLOCK_K) : NULL;
            F(turn)(rows, depth, out + (j - j0) / F(NR) * F(NR) * depth + (j - j0) % F(NR));
        }
        return;
    }
    for (int64_t k = 0; k < depth; k++) {
        rows_ahead(g, k0 + k, j0, j1);
        const float *s = F(floats)(g, (k0 + k) * g->ldb + j0, k0 + k, j1 - j0, wide);
        for (int64_t j = 0; j < j1 - j0; j += VW)
            F(store)(out + j / F(NR) * F(NR) * depth + k * F(NR) + j % F(NR), F(get)(s + j, j1 - j0 - j, 0));
    }
}

#if defined HAS_DOT16 || defined HAS_MADD16
#ifdef HAS_DOT16
// n numbers as bf16, rounded to nearest even, with zeros up to a whole vector.
FN void F(halve)(const float *x, int64_t n, uint16_t *out) {
    for (int64_t i = 0; i < n; i += VW) F(narrow)(out + i, F(get)(x + i, n - i, 0));
}
#endif

// A part of a stored row of B as 16-bit numbers, with zeros up to a whole vector of U.
INLINE_FN void F(halve_row)(const Products as, const Gemm *g, int64_t at, int64_t row, int64_t n, uint16_t *out, float *wide) {
    (void)as, (void)row, (void)wide;
#ifdef HAS_MADD16
    if (as == WHOLES) {
        const int8_t *b = (const int8_t *)g->b + at;
        int64_t i = 0;
        for (; i + 2 * VW <= n; i += 2 * VW) {
            F(i) v = F(wholes)(b + i);
            memcpy(out + i, &v, sizeof v);
        }
        for (; i < n; i++) out[i] = (uint16_t)(int16_t)b[i];
        memset(out + n, 0, (size_t)(-n & (VW - 1)) * sizeof *out);
        return;
    }
#endif
#ifdef HAS_DOT16
    if (g->b_type != BF16) F(halve)(F(floats)(g, at, row, n, wide), n, out);
    else {
        memcpy(out, (const uint16_t *)g->b + at, (size_t)n * sizeof *out);
        memset(out + n, 0, (size_t)(-n & (VW - 1)) * sizeof *out);
    }
#endif
}

// Puts 16-bit rows k and k + 1 (NULL: zeros) side by side in each lane, for n columns.
FN void F(pair)(const uint16_t *low, const uint16_t *high, int64_t n, float *out) {
    for (int64_t j = 0; j < n; j += VW) {
        U u = F(halves)(low + j);
        if (high) u |= F(halves)(high + j) << 16;
        F(store)(out + j, F(float)(u));
    }
}

// As pack, with two k in each lane.
INLINE_FN void F(pack_pairs)(const Products as, const Gemm *g, int64_t j0, int64_t j1, int64_t k0, int64_t depth, float *out,
                             float *wide) {
    int64_t pairs = (depth + 1) / 2;
    float *widened = wide + BLOCK_K * VW;
    if (g->b_transposed) {
        for (int64_t j = j0; j < j1; j += VW) {
            const float *rows[VW];
            for (int64_t i = 0; i < VW; i++) {
                float *row = wide + i * BLOCK_K;
                rows[i] = j + i < j1 ? row : NULL;
                if (j + i < j1) F(halve_row)(as, g, (j + i) * g->ldb + k0, j + i, depth, (uint16_t *)(void *)row, widened);
            }
            F(turn)(rows, pairs, out + (j - j0) / F(NR) * F(NR) * pairs + (j - j0) % F(NR));
        }
        return;
    }
    for (int64_t k = 0; k < depth; k += 2) {
        uint16_t low[BLOCK_N + VW], high[BLOCK_N + VW];
        int64_t n = j1 - j0;
        rows_ahead(g, k0 + k, j0, j1);
        rows_ahead(g, k0 + k + 1, j0, j1);
        F(halve_row)(as, g, (k0 + k) * g->ldb + j0, k0 + k, n, low, widened);
        if (k + 1 < depth) F(halve_row)(as, g, (k0 + k + 1) * g->ldb + j0, k0 + k + 1, n, high, widened);
        for (int64_t j = 0; j < n; j += F(NR))
            F(pair)(low + j, k + 1 < depth ? high + j : NULL, n - j < F(NR) ? n - j : F(NR), out + j * pairs + k / 2 * F(NR));
    }
}

#ifdef HAS_DOT16
// Rows i0..i1 of A as pairs of bf16: row by row where A's rows are contiguous, else pair by pair, BLOCK_M from one to the next.
FN void F(halve_a)(const Gemm *g, int64_t i0, int64_t i1, int64_t k0, int64_t depth, float *out) {
    uint16_t low[BLOCK_M + VW], high[BLOCK_M + VW];
    int64_t pairs = (depth + 1) / 2;
    if (g->a_column == 1)
        for (int64_t i = i0; i < i1; i++)
            F(halve)(g->a + i * g->a_row + k0, depth, (uint16_t *)(void *)(out + (i - i0) * (BLOCK_K + VW)));
    else
        for (int64_t k = 0; k < pairs; k++) {
            bool two = 2 * k + 1 < depth;
            F(halve)(g->a + i0 + (k0 + 2 * k) * g->a_column, i1 - i0, low);
            if (two) F(halve)(g->a + i0 + (k0 + 2 * k + 1) * g->a_column, i1 - i0, high);
            F(pair)(low, two ? high : NULL, i1 - i0, out + k * (BLOCK_M + VW));
        }
}
#endif
#endif

// Turns `rows` rows of A, `depth` deep, that are read transposed: MR rows, k by k, then the next MR.
FN void F(turn_a)(const float *a, int64_t row, int64_t column, int64_t rows, int64_t depth, float *out) {
    for (int64_t k = 0; k < depth; k++) {
        for (int64_t i = 0; i < rows; i += 16) PREFETCH(a + i * row + (k + AHEAD) * column);
        for (int64_t i = 0; i < rows; i += MR) {
            const float *from = a + i * row + k * column;
            float *to = out + i * depth + k * MR;
            if (row == 1 && rows - i >= MR) memcpy(to, from, MR * sizeof *to);
            else for (int64_t l = 0; l < MR && l < rows - i; l++) to[l] = from[l * row];
        }
    }
}

// Rows i0..i1 of A, `depth` deep from k0, for a tile, whose steps through them it sets: as they lie, or in `out`, made ready once
// for all panels. *each: from a row to the next.
INLINE_FN const float *F(rows_a)(const Products as, const Gemm *g, int64_t i0, int64_t i1, int64_t k0, int64_t depth,
                                 bool panels, float *out, Tile *t, int64_t *each) {
#ifdef HAS_MADD16
    if (as == WHOLES) {
        t->row = *each = g->ldw / 2;
        t->column = 1;
        return (const float *)(const void *)(g->whole + i0 * g->ldw + k0);
    }
#endif
#ifdef HAS_DOT16
    if (as == BFLOATS) {
        t->row = *each = g->a_column == 1 ? BLOCK_K + VW : 1;
        t->column = g->a_column == 1 ? 1 : BLOCK_M + VW;
        F(halve_a)(g, i0, i1, k0, depth, out);
        return out;
    }
#endif
    const float *a = g->a + i0 * g->a_row + k0 * g->a_column;
    (void)as;
    t->row = *each = g->a_row;
    t->column = g->a_column;
    if (t->column == 1 || !panels) return a;
    F(turn_a)(a, t->row, t->column, i1 - i0, depth, out);
    t->row = 1;
    t->column = MR;
    *each = depth;
    return out;
}

// Rows i0..i1 and columns j0..j1 of C, on one thread (the loop nest of Goto and van de Geijn 2008, without packing A where its
// rows are contiguous). Each element sums over k in the same order, however C is cut.
INLINE_FN void F(gemm_as)(const Products as, const Gemm *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1, float *scratch) {
    const int64_t most = as == FLOATS ? BLOCK_K : PAIR_K;
    float *panel = scratch, *rows = panel + BLOCK_K * (BLOCK_N + MAX_NR), *wide = rows + (BLOCK_K + MAX_VW) * (BLOCK_M + MAX_VW);
    Tile t = {.scales = (g->K + PAIR_K - 1) / PAIR_K, .ldc = g->ldc, .alpha = g->alpha};
    for (int64_t jb = j0; jb < j1; jb += BLOCK_N) {
        int64_t je = jb + BLOCK_N < j1 ? jb + BLOCK_N : j1;
        for (int64_t k0 = 0; k0 < g->K; k0 += most) {
            int64_t depth = g->K - k0 < most ? g->K - k0 : most;
            t.depth = as == FLOATS ? depth : (depth + 1) / 2;
            t.add = g->add || k0;
            if (as == FLOATS) F(pack)(g, jb, je, k0, depth, panel, wide);
#if defined HAS_DOT16 || defined HAS_MADD16
            else F(pack_pairs)(as, g, jb, je, k0, depth, panel, wide);
#endif
            for (int64_t ib = i0; ib < i1; ib += BLOCK_M) {
                int64_t ie = ib + BLOCK_M < i1 ? ib + BLOCK_M : i1, each;
                const float *a = F(rows_a)(as, g, ib, ie, k0, depth, je - jb > F(NR), rows, &t, &each);
                for (int64_t j = jb; j < je; j += F(NR))
                    for (int64_t i = ib; i < ie; i += MR) {
                        t.a = a + (i - ib) * each;
                        t.b = panel + (j - jb) * t.depth;
                        t.a_scale = as == WHOLES ? g->whole_scale + i * t.scales + k0 / PAIR_K : NULL;
                        t.b_scale = as == WHOLES && g->b_transposed ? g->b_scale + j : NULL;
                        t.c = g->c + i * g->ldc + j;
                        t.left = je - j;
                        F(tiles)(as, ie - i < MR ? (int)(ie - i) : MR, t);
                    }
            }
        }
    }
}

FN void F(gemm)(const Gemm *g, int64_t i0, int64_t i1, int64_t j0, int64_t j1, float *scratch) {
#ifdef HAS_MADD16
    if (g->whole) {
        F(gemm_as)(WHOLES, g, i0, i1, j0, j1, scratch);
        return;
    }
#endif
#ifdef HAS_DOT16
    if (g->half && g->K > 0 && (g->a_row == 1 || g->a_column == 1)) {
        F(gemm_as)(BFLOATS, g, i0, i1, j0, j1, scratch);
        return;
    }
#endif
    F(gemm_as)(FLOATS, g, i0, i1, j0, j1, scratch);
    if (g->K <= 0 && !g->add)
        for (int64_t i = i0; i < i1; i++) memset(g->c + i * g->ldc + j0, 0, (size_t)(j1 - j0) * 4);
}

// Rows i.. and columns j..j+4 of C, each number a dot product along k: b is 4 rows of B, `ldb` apart, as `type`.
INLINE_FN void F(dots)(const int rows, const DType type, const Gemm *g, int64_t i, int64_t j, int64_t left, const void *b,
                       int64_t ldb) {
    const int64_t size = type == F32 ? 4 : 2;
    const float *a = g->a + i * g->a_row;
    const char *next = (const char *)b + STREAM_COLUMNS * ldb * size;
    int64_t a_row = g->a_row, at[STREAM_COLUMNS];
    float a_rest[STREAM_ROWS * VW], b_rest[STREAM_COLUMNS * VW], sum[STREAM_ROWS * STREAM_COLUMNS + VW];
    V acc[STREAM_ROWS][STREAM_COLUMNS], lanes[STREAM_ROWS * STREAM_COLUMNS];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) acc[r][c] = F(set)(0);
    UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) at[c] = (c < left ? c : 0) * ldb;
    for (int64_t n = g->K; n > 0; n -= VW, a += VW, b = (const char *)b + VW * size) {
        if (n < VW) {
            rows_rest(a_rest, VW * 4, a, a_row * 4, rows, n * 4);
            rows_rest(b_rest, VW * size, b, ldb * size, left < STREAM_COLUMNS ? left : STREAM_COLUMNS, n * size);
            a = a_rest;
            a_row = VW;
            b = b_rest;
            UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) at[c] = (c < left ? c : 0) * VW;
        }
        // Rows lie end to end: fetch the same share of the next tile's, which the processor's own prefetching breaks off at each
        // page.
        for (const char *end = next + STREAM_COLUMNS * VW * size; next < end; next += 64) PREFETCH(next);
        V x[STREAM_ROWS];
        UNROLL for (int r = 0; r < rows; r++) x[r] = F(load)(a + r * a_row);
        UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) {
            V w = type == F32 ? F(load)((const float *)b + at[c]) : F(widened)(type, b, at[c], 1);
            UNROLL for (int r = 0; r < rows; r++) acc[r][c] = F(fma)(x[r], w, acc[r][c]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) lanes[r * STREAM_COLUMNS + c] = acc[r][c];
    F(sums)(false, rows * STREAM_COLUMNS, lanes, sum);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < STREAM_COLUMNS && c < left; c++) {
            float *y = g->c + (i + r) * g->ldc + j + c, v = sum[r * STREAM_COLUMNS + c] * g->alpha;
            if (g->b_type == I8) v *= g->b_scale[j + c];
            *y = g->add ? *y + v : v;
        }
}

#ifdef HAS_MADD16
// The same for whole numbers: as in a tile, a block of K is summed exactly, then scaled and added to C.
INLINE_FN void F(whole_dots)(const int rows, const Gemm *g, int64_t i, int64_t j, int64_t left, const int8_t *b) {
    const int64_t ldb = g->ldb, blocks = (g->K + PAIR_K - 1) / PAIR_K;
    const int16_t *a = g->whole + i * g->ldw;
    const int8_t *next = b + STREAM_COLUMNS * ldb;
    int64_t at[STREAM_COLUMNS];
    int8_t b_rest[STREAM_COLUMNS * 2 * VW];
    UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) at[c] = (c < left ? c : 0) * ldb;
    for (int64_t block = 0; block < blocks; block++) {
        F(i) acc[STREAM_ROWS][STREAM_COLUMNS];
        V lanes[STREAM_ROWS * STREAM_COLUMNS];
        float sum[STREAM_ROWS * STREAM_COLUMNS + VW];
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) acc[r][c] = (F(i)){0};
        for (int64_t n = g->K - block * PAIR_K < PAIR_K ? g->K - block * PAIR_K : PAIR_K; n > 0; n -= 2 * VW, a += 2 * VW,
             b += 2 * VW) {
            if (n < 2 * VW) {  // A has zeros there
                rows_rest(b_rest, 2 * VW, b, ldb, left < STREAM_COLUMNS ? left : STREAM_COLUMNS, n);
                b = b_rest;
                UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) at[c] = (c < left ? c : 0) * 2 * VW;
            }
            for (const int8_t *end = next + STREAM_COLUMNS * 2 * VW; next < end; next += 64) PREFETCH(next);
            UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) {
                F(i) w = F(wholes)(b + at[c]);
                UNROLL for (int r = 0; r < rows; r++) acc[r][c] = F(madd16)(F(pairs)(a + r * g->ldw), w, acc[r][c]);
            }
        }
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int c = 0; c < STREAM_COLUMNS; c++) lanes[r * STREAM_COLUMNS + c] = F(float)((U)acc[r][c]);
        F(sums)(true, rows * STREAM_COLUMNS, lanes, sum);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < STREAM_COLUMNS && c < left; c++) {
                float *y = g->c + (i + r) * g->ldc + j + c,
                    v = sum[r * STREAM_COLUMNS + c] * g->whole_scale[(i + r) * blocks + block] * g->b_scale[j + c] * g->alpha;
                *y = g->add || block ? *y + v : v;
            }
    }
}
#endif

INLINE_FN void F(stream_rows)(const int rows, const DType type, const Gemm *g, int64_t i, int64_t j, int64_t left, const void *b,
                              int64_t ldb) {
#ifdef HAS_MADD16
    if (type == I8) {
        F(whole_dots)(rows, g, i, j, left, b);
        return;
    }
#endif
    F(dots)(rows, type, g, i, j, left, b, ldb);
}

// All rows of C for these columns. B comes from memory once, for the first rows; no number's bits depend on M. I8: whole numbers.
INLINE_FN void F(stream_tile)(const DType type, const Gemm *g, int64_t j, int64_t left, const void *b, int64_t ldb) {
    for (int64_t i = 0; i < g->M; i += STREAM_ROWS)
        if (g->M - i >= 3) F(stream_rows)(3, type, g, i, j, left, b, ldb);
        else if (g->M - i == 2) F(stream_rows)(2, type, g, i, j, left, b, ldb);
        else F(stream_rows)(1, type, g, i, j, left, b, ldb);
}

// Columns j0..j1 of C. `wide` has room for STREAM_COLUMNS rows of B, for the types that become floats first.
FN void F(stream)(const Gemm *g, int64_t j0, int64_t j1, float *wide) {
    const int64_t size = dtypes[g->b_type].bytes;
    for (int64_t j = j0; j < j1; j += STREAM_COLUMNS) {
        const void *b = (const char *)g->b + j * g->ldb * size;
        int64_t left = j1 - j;
        if (g->b_type == F32) F(stream_tile)(F32, g, j, left, b, g->ldb);
        else if (g->b_type == BF16) F(stream_tile)(BF16, g, j, left, b, g->ldb);
        else if (g->b_type == F16 && g->M == 1) F(dots)(1, F16, g, 0, j, left, b, g->ldb);
#ifdef HAS_MADD16
        else if (g->whole) F(stream_tile)(I8, g, j, left, b, g->ldb);
#endif
        else {
            for (int64_t c = 0; c < STREAM_COLUMNS && c < left; c++) F(widen)(g->b_type, b, c * g->ldb, 1, g->K, wide + c * g->K);
            F(stream_tile)(F32, g, j, left, wide, g->K);
        }
    }
}

// The most that multiply-adds can come to: `rounds` for each of as many sums as registers hold, without a load or a store. x: a
// factor and an addend that the compiler cannot know; x[0] becomes a sum that it must make. Returns how many were done. The sum
// is the factor that changes: a constant product would be hoisted where there is no fma. No two sums start alike: one would be
// kept of equals.
#if defined __aarch64__ || VW == 16
enum { F(SUMS) = 6 };  // of 32 registers
#else
enum { F(SUMS) = 3 };  // of 16
#endif
FN int64_t F(peak)(float *x, int64_t rounds, Products as) {
    V acc[4][F(SUMS)], a = F(set)(x[0]), b = F(set)(x[1]), sum = a;
    UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < F(SUMS); j++) acc[i][j] = F(set)((float)(i * 8 + j));
    if (as == FLOATS) {
        for (int64_t r = 0; r < rounds; r++)
            UNROLL for (int i = 0; i < 4; i++)
                UNROLL for (int j = 0; j < F(SUMS); j++) acc[i][j] = F(fma)(acc[i][j], a, b);
    }
#ifdef HAS_DOT16
    if (as == BFLOATS) {
        for (int64_t r = 0; r < rounds; r++)
            UNROLL for (int i = 0; i < 4; i++)
                UNROLL for (int j = 0; j < F(SUMS); j++) acc[i][j] = F(dot16)(a, b, acc[i][j]);
    }
#endif
#ifdef HAS_MADD16
    if (as == WHOLES) {
        F(i) sums[4][F(SUMS)], c = (F(i))b;
        UNROLL for (int i = 0; i < 4; i++)
            UNROLL for (int j = 0; j < F(SUMS); j++) sums[i][j] = (F(i))acc[i][j];
        for (int64_t r = 0; r < rounds; r++)
            UNROLL for (int i = 0; i < 4; i++)
                UNROLL for (int j = 0; j < F(SUMS); j++) sums[i][j] = F(madd16)(sums[i][j], c, sums[i][j]);
        UNROLL for (int i = 0; i < 4; i++)
            UNROLL for (int j = 0; j < F(SUMS); j++) acc[i][j] = F(number)((U)sums[i][j]);
    }
#endif
    UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < F(SUMS); j++) sum = sum + acc[i][j];
    x[0] = F(sum)(sum);
    return rounds * 4 * F(SUMS) * VW * (as == FLOATS ? 1 : 2);
}

static const Kernels F(kernels) = {
    ISA_NAME, F(NR),
    {
        [FLOATS] = true,
#ifdef HAS_DOT16
        [BFLOATS] = true,
#endif
#ifdef HAS_MADD16
        [WHOLES] = true,
#endif
    },
    F(peak), F(gemm), F(stream), SAME(norm), SAME(norm_back), SAME(norm_weight), SAME(act), SAME(act_back), SAME(softmax),
    SAME(softmax_again),
    SAME(softmax_back), SAME(cross_entropy), SAME(drop), SAME(dot), SAME(add), SAME(squares), SAME(adam), SAME(to_bfloat),
    SAME(to_int8),
#ifdef HAS_MADD16
    SAME(to_whole),
#else
    NULL,
#endif
    SAME(mix)};

#undef HAS_DOT16
#undef HAS_MADD16
#undef SAME
#undef V
#undef U
#undef VW
#undef NV
#undef MR
#undef FN
#undef INLINE_FN
#undef F
#undef ISA
#undef ISA_NAME
// ---- end of body
#else  // !ISA
#ifndef T5PEFT_DEVICE

// ---- the passes: plain C; 16-byte vectors, which every 64-bit processor has; x86's wider ones

KERNELS_BEGIN  // before all that they call, for one function of -O1 that is inlined makes its caller one

#if !defined T5PEFT_FILE && defined __FILE_NAME__
#define T5PEFT_FILE __FILE_NAME__  // so that a copy may have another name
#elif !defined T5PEFT_FILE
#define T5PEFT_FILE "t5peft.c"
#endif

#if defined __clang__
#define UNROLL _Pragma("unroll")
#elif defined __GNUC__ && __GNUC__ >= 8
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

#ifdef __GNUC__
#define PREFETCH(p) __builtin_prefetch(p)
#define ALWAYS_INLINE __attribute__((always_inline))
#define NEVER_INLINE __attribute__((noinline))
#else
#define PREFETCH(p) (void)(p)
#define ALWAYS_INLINE
#define NEVER_INLINE
#endif

// What is left of rows that are read a vector at a time: `bytes` of each, then zeros, rows `to_row` and `from_row` bytes apart.
static NEVER_INLINE void rows_rest(void *to, int64_t to_row, const void *from, int64_t from_row, int64_t rows, int64_t bytes) {
    for (int64_t i = 0; i < rows; i++) {
        char *row = (char *)to + i * to_row;
        memcpy(row, (const char *)from + i * from_row, (size_t)bytes);
        memset(row + bytes, 0, (size_t)(to_row - bytes));
    }
}

// Rows of B that are packed side by side lie in pages of their own, where the processor does not look ahead by itself. (Inline: a
// call of what only prefetches is dropped.)
static inline ALWAYS_INLINE void rows_ahead(const Gemm *g, int64_t k, int64_t j0, int64_t j1) {
    int64_t size = dtypes[g->b_type].bytes;
    const char *p = (const char *)g->b + ((k + AHEAD) * g->ldb + j0) * size, *end = p + (j1 - j0) * size;
    for (; p < end; p += 64) PREFETCH(p);
}

#define ISA
#define ISA_NAME "plain"
#define F(name) name##_plain
#define FN static inline
#define INLINE_FN static inline ALWAYS_INLINE
#define VW 1
#define NV 4
#define MR 4
#include T5PEFT_FILE

#if !defined T5PEFT_PLAIN && ((defined __GNUC__ && __GNUC__ >= 9) || (defined __clang__ && __clang_major__ >= 9))
#define GNU_VECTORS
#define ISA
#define ISA_NAME "vec128"
#define F(name) name##_vec128
#define FN static inline
#define INLINE_FN static inline ALWAYS_INLINE
#define VW 4
#define NV 2
#define MR 6
#ifdef __aarch64__
#define HAS_FMA
static inline float32x4_t fma_vec128(float32x4_t a, float32x4_t b, float32x4_t c) { return vfmaq_f32(c, a, b); }
static inline float32x4_t root_vec128(float32x4_t v) { return vsqrtq_f32(v); }
#elif defined __SSE2__
#define HAS_MADD16
typedef int32_t i_vec128 __attribute__((vector_size(16)));
static inline i_vec128 wholes_vec128(const int8_t *p) {  // 8 signed bytes as 16-bit numbers
    __m128i v = _mm_loadl_epi64((const void *)p);
    return (i_vec128)_mm_srai_epi16(_mm_unpacklo_epi8(v, v), 8);
}
static inline i_vec128 madd16_vec128(i_vec128 a, i_vec128 b, i_vec128 sum) {
    return (i_vec128)_mm_add_epi32((__m128i)sum, _mm_madd_epi16((__m128i)a, (__m128i)b));
}
#endif
#include T5PEFT_FILE
#if defined __aarch64__ && defined __linux__ && ((!defined __clang__ && __GNUC__ >= 10) || __clang_major__ >= 16)
#define ISA
#define ISA_NAME "neonbf16"
#define F(name) name##_neonbf16
#ifdef __clang__
#define FN static inline __attribute__((target("bf16")))
#define INLINE_FN static inline __attribute__((always_inline, target("bf16")))
#else
#define FN static inline __attribute__((target("arch=armv8.2-a+bf16")))
#define INLINE_FN static inline __attribute__((always_inline, target("arch=armv8.2-a+bf16")))
#endif
#define VW 4
#define NV 2
#define MR 6
#define HAS_FMA
#define fma_neonbf16 fma_vec128
#define root_neonbf16 root_vec128
#define HAS_DOT16
FN float32x4_t dot16_neonbf16(float32x4_t a, float32x4_t b, float32x4_t sum) {
    return vbfdotq_f32(sum, vreinterpretq_bf16_f32(a), vreinterpretq_bf16_f32(b));
}
FN void narrow_neonbf16(uint16_t *out, float32x4_t v) { vst1_u16(out, vreinterpret_u16_bf16(vcvt_bf16_f32(v))); }
#include T5PEFT_FILE
#define ARM_BF16_KERNELS
#endif
#if defined __x86_64__ || defined __i386__
#define ISA
#define ISA_NAME "avx2"
#define F(name) name##_avx2
#define FN static inline __attribute__((target("avx2,fma")))
#define INLINE_FN static inline __attribute__((always_inline, target("avx2,fma")))
#define VW 8
#define NV 2
#define MR 6
typedef uint32_t u_avx2 __attribute__((vector_size(32)));
#define HAS_FMA
FN __m256 fma_avx2(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
FN __m256 root_avx2(__m256 v) { return _mm256_sqrt_ps(v); }
#define HAS_MADD16
typedef int32_t i_avx2 __attribute__((vector_size(32)));
FN i_avx2 wholes_avx2(const int8_t *p) { return (i_avx2)_mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)p)); }
FN i_avx2 madd16_avx2(i_avx2 a, i_avx2 b, i_avx2 sum) {  // wraps, where a + would not be defined: bench's sums do
    return (i_avx2)_mm256_add_epi32((__m256i)sum, _mm256_madd_epi16((__m256i)a, (__m256i)b));
}
#define HAS_WIDEN
FN u_avx2 bytes_avx2(const int8_t *p) { return (u_avx2)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const void *)p)); }
FN u_avx2 halves_avx2(const uint16_t *p) { return (u_avx2)_mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)p)); }
#define HAS_TRANSPOSE
INLINE_FN void transpose_avx2(__m256 r[8]) {
    __m256 t[8], u[8];
    UNROLL for (int i = 0; i < 8; i += 2) t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]),
        t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    UNROLL for (int i = 0; i < 8; i += 4) {
        u[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44), u[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
        u[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44), u[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++) r[i] = _mm256_permute2f128_ps(u[i], u[i + 4], 0x20),
        r[i + 4] = _mm256_permute2f128_ps(u[i], u[i + 4], 0x31);
}
#include T5PEFT_FILE

#define ISA
#define ISA_NAME "avx512"
#define F(name) name##_avx512
#define FN static inline __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")))
#define INLINE_FN static inline __attribute__((always_inline, target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")))
#define VW 16
#define NV 3
#define MR 8
typedef uint32_t u_avx512 __attribute__((vector_size(64)));
#define HAS_FMA
FN __m512 fma_avx512(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
FN __m512 root_avx512(__m512 v) { return _mm512_sqrt_ps(v); }
#define HAS_MADD16
typedef int32_t i_avx512 __attribute__((vector_size(64)));
FN i_avx512 wholes_avx512(const int8_t *p) { return (i_avx512)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const void *)p)); }
FN i_avx512 madd16_avx512(i_avx512 a, i_avx512 b, i_avx512 sum) {
    return (i_avx512)_mm512_add_epi32((__m512i)sum, _mm512_madd_epi16((__m512i)a, (__m512i)b));
}
#define HAS_WIDEN
FN u_avx512 bytes_avx512(const int8_t *p) { return (u_avx512)_mm512_cvtepi8_epi32(_mm_loadu_si128((const void *)p)); }
FN u_avx512 halves_avx512(const uint16_t *p) { return (u_avx512)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p)); }
#define HAS_TRANSPOSE
INLINE_FN void transpose_avx512(__m512 r[16]) {
    __m512 t[16];
    UNROLL for (int i = 0; i < 16; i += 2) t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]),
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    UNROLL for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_shuffle_ps(t[i], t[i + 2], 0x44), r[i + 1] = _mm512_shuffle_ps(t[i], t[i + 2], 0xee);
        r[i + 2] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0x44), r[i + 3] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    // Quarter l of r[4 b + c] now holds column 4 l + c of the rows 4 b .. 4 b + 3.
    UNROLL for (int c = 0; c < 4; c++) {
        __m512 low = _mm512_shuffle_f32x4(r[c], r[4 + c], 0x44), high = _mm512_shuffle_f32x4(r[c], r[4 + c], 0xee);
        __m512 low2 = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0x44), high2 = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0xee);
        t[c] = _mm512_shuffle_f32x4(low, low2, 0x88), t[4 + c] = _mm512_shuffle_f32x4(low, low2, 0xdd);
        t[8 + c] = _mm512_shuffle_f32x4(high, high2, 0x88), t[12 + c] = _mm512_shuffle_f32x4(high, high2, 0xdd);
    }
    UNROLL for (int i = 0; i < 16; i++) r[i] = t[i];
}
#include T5PEFT_FILE
#define X86_KERNELS

#if __GNUC__ >= 11 || __clang_major__ >= 10
#define ISA
#define ISA_NAME "avx512bf16"
#define F(name) name##_avx512bf16
#define FN static inline __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16")))
#define INLINE_FN static inline \
    __attribute__((always_inline, target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16")))
#define VW 16
#define NV 3
#define MR 8
#define HAS_FMA
#define fma_avx512bf16 fma_avx512
#define root_avx512bf16 root_avx512
#define HAS_WIDEN
#define bytes_avx512bf16 bytes_avx512
#define halves_avx512bf16 halves_avx512
#define HAS_TRANSPOSE
#define transpose_avx512bf16 transpose_avx512
#define HAS_DOT16
FN __m512 dot16_avx512bf16(__m512 a, __m512 b, __m512 sum) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }
#define SAME(name) name##_avx512
#define HAS_MADD16
#define wholes_avx512bf16 wholes_avx512
FN i_avx512 madd16_avx512bf16(i_avx512 a, i_avx512 b, i_avx512 sum) {
    return (i_avx512)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
}
FN void narrow_avx512bf16(uint16_t *out, __m512 v) {
    __m256bh h = _mm512_cvtneps_pbh(v);
    memcpy(out, &h, sizeof h);
}
#include T5PEFT_FILE
#define X86_BF16_KERNELS
#endif
#endif
#endif
KERNELS_END

// The kernels named, or the best that this processor runs; NULL when it has none of that name.
static const Kernels *kernels_find(const char *name) {
    const Kernels *all[5];
    int n = 0;
    all[n++] = &kernels_plain;
#ifdef GNU_VECTORS
    all[n++] = &kernels_vec128;
#endif
#ifdef X86_KERNELS
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx2) all[n++] = &kernels_avx2;
    if (avx512) all[n++] = &kernels_avx512;
#endif
#ifdef X86_BF16_KERNELS
    if (avx512 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16")) all[n++] = &kernels_avx512bf16;
#endif
#ifdef ARM_BF16_KERNELS
    if (getauxval(AT_HWCAP2) & HWCAP2_BF16) all[n++] = &kernels_neonbf16;
#endif
    if (!name || !*name) return all[n - 1];
    for (int i = 0; i < n; i++)
        if (!strcmp(all[i]->name, name)) return all[i];
    return NULL;
}

// Intel's processors multiply pairs of bf16 at half of f32's rate: there they are only used to keep numbers.
static bool bfloats_slow(void) {
#ifdef X86_BF16_KERNELS
    return __builtin_cpu_is("intel");
#else
    return false;
#endif
}

#endif  // !T5PEFT_DEVICE
// ---- Ops: what a device offers. N rows of n floats, row after row, unless a comment says otherwise.

// Attention of every sequence of a packed batch, every head: rows q_offsets[s]..q_offsets[s+1] of q look at the rows
// k_offsets[s]..k_offsets[s+1] of k and v. Rows are heads x width wide. T5 does not scale the scores.
typedef struct {
    int64_t sequences, heads, width, longest_k;
    const int64_t *q_offsets, *k_offsets;
    const float *q, *k, *v;
    const float *bias;  // (heads, 2 reach - 1): what is added for the distance key - query, at [distance + reach - 1]; or NULL
    int64_t reach;
    bool causal;        // a query sees no key behind itself
    bool half;          // a device may multiply bf16, as in Gemm
    Drop drop;          // of the probabilities
    float *out;         // like q
    float *lse;         // (rows of q, heads): log sum exp of the scores, all that backward needs of them; or NULL
} Attention;

typedef struct {
    const float *dout;
    float *dq, *dk, *dv;
    float *dbias;       // like bias, added to; or NULL
} AttentionBack;

// Of the two products, S = Q K^T and P V, without what causal rows do not see.
static double attention_multiply_adds(const Attention *t) {
    double pairs = 0;
    for (int64_t s = 0; s < t->sequences; s++) {
        double q = (double)(t->q_offsets[s + 1] - t->q_offsets[s]), k = (double)(t->k_offsets[s + 1] - t->k_offsets[s]);
        pairs += t->causal ? q * (q + 1) / 2 : q * k;
    }
    return 2 * pairs * (double)(t->heads * t->width);
}

// One new token for each of B rows of a generation. A cache has room for a number of tokens, head after head.
typedef struct {
    int64_t B, heads, width;
    const float *q;                 // (B, heads x width)
    const void *const *k, *const *v;   // B caches of (heads, room, width)
    DType type;                        // of the caches: F32 or BF16
    const int64_t *room, *length;   // of row b's caches; tokens that row b looks at
    const float *bias;
    int64_t reach;                  // as above, for the query at length - 1; bias may be NULL
    float *out;
} AttentionStep;

// An array that AdamW changes: n values, their gradients and moments.
typedef struct {
    float *w;
    const float *g;
    float *m, *v;
    int64_t n;
    float shrink;       // as in Adam
} AdamPart;

typedef struct Ops Ops;
struct Ops {
    Arena *arena;
    const char *name;        // of the kernels, or of the card
    const Kernels *kernels;  // this and the pool are the host's, whatever the device: for numbers that lie on the host
    Pool *pool;
    bool apart;            // the device has memory of its own,
    double memory;         // of so many bytes
    float *scratch;        // `room` floats for each thread
    int64_t room;
    int16_t *whole;        // of a GEMM's A, `whole_room` of them, and their scales
    float *whole_scale;
    int64_t whole_room;
    double multiply_adds;  // that gemm, attention and attention_back were asked for so far
    void *(*allocate)(Ops *, size_t bytes);
    void (*release)(Ops *, void *);
    void (*copy_in)(Ops *, void *device, const void *host, size_t bytes);
    void (*copy_out)(Ops *, void *host, const void *device, size_t bytes);
    // n numbers where the host can read them; a copy in the arena if need be
    const float *(*host)(Ops *, Arena *, const float *device, int64_t n);
    void (*zero)(Ops *, float *x, int64_t n);
    void (*gemm)(Ops *, Gemm);
    void (*embed)(Ops *, float *y, const Tensor *table, const int32_t *ids, int64_t N);
    void (*embed_back)(Ops *, float *dtable, const float *dy, const int32_t *ids, int64_t N, int64_t n);
    void (*bias)(Ops *, float *table, const Tensor *w, const int32_t *bucket, int64_t n);
    void (*bias_back)(Ops *, float *dw, const float *dtable, const int32_t *bucket, int64_t n, int64_t heads);
    void (*norm)(Ops *, float *y, float *r, const float *x, const float *w, int64_t N, int64_t n, float epsilon);
    void (*norm_back)(Ops *, float *dx, float *dw, const float *dy, const float *x, const float *r, const float *w, int64_t N,
                      int64_t n);
    void (*act)(Ops *, float *h, const float *g, const float *u, int64_t N, int64_t n, Activation, Drop);
    void (*act_back)(Ops *, float *dg, float *du, const float *dh, const float *g, const float *u, int64_t N, int64_t n,
                     Activation, Drop);
    void (*drop)(Ops *, float *y, const float *x, const float *add, int64_t N, int64_t n, Drop);
    void (*add)(Ops *, float *y, const float *x, float scale, int64_t n);
    void (*attention)(Ops *, const Attention *);
    void (*attention_back)(Ops *, const Attention *, const AttentionBack *);
    void (*cache)(Ops *, void *const *to, const int64_t *room, int64_t B, DType, const float *from, const int64_t *offsets,
                  int64_t heads, int64_t width);
    void (*attention_step)(Ops *, const AttentionStep *);
    void (*cross_entropy)(Ops *, float *loss, float *logits, const int32_t *target, int64_t N, int64_t n, float smoothing,
                          float weight, bool gradient);
    double (*squares)(Ops *, const float *const *x, const int64_t *n, size_t count);  // of all numbers of `count` arrays
    void (*adam)(Ops *, const AdamPart *parts, size_t count, Adam);  // each part with its own shrink
};
#ifdef T5PEFT_CUDA
// In t5peft.cu: the operations of a card, with the arena, threads and kernels of `host` for what is done there. tf32: products of
// f32 may round to it. What goes wrong goes to `fail`. Nothing may be asked of the card before t5peft_cuda_begin.
Ops *t5peft_cuda_new(const Ops *host, int card, bool tf32, void (*fail)(Arena *, const char *, ...));
void t5peft_cuda_begin(Ops *);
void t5peft_cuda_close(Ops *);
#endif
#ifndef T5PEFT_DEVICE

// ---- Ops on the CPU

// Aligned, so that a row as long as some cache lines touches no line more: every second vector would lie across two. What
// malloc gave is kept before it: aligned_alloc is not everywhere.
static void *cpu_allocate(Ops *o, size_t bytes) {
    char *base = bytes < SIZE_MAX / 2 ? malloc(bytes + (size_t)2 * ALIGN) : NULL;
    if (!base) fail(o->arena, "out of memory: %.1f MiB more were needed; " LESS_MEMORY, (double)bytes / 1048576);
    void **p = (void **)(((uintptr_t)base + (size_t)2 * ALIGN - 1) / ALIGN * ALIGN);
    p[-1] = base;
    return p;
}

static void cpu_release(Ops *o, void *p) {
    (void)o;
    if (p) free(((void **)p)[-1]);
}

// What it held before is lost.
static float *scratch_get(Ops *o, int64_t room) {
    if (room > o->room) {
        room = (room + 15) / 16 * 16;
        cpu_release(o, o->scratch);
        o->scratch = NULL;
        o->room = 0;
        o->scratch = cpu_allocate(o, (size_t)o->pool->threads * (size_t)room * sizeof *o->scratch);
        o->room = room;
    }
    return o->scratch;
}

static void cpu_copy(Ops *o, void *to, const void *from, size_t bytes) {
    (void)o;
    if (bytes) memcpy(to, from, bytes);
}

static const float *cpu_host(Ops *o, Arena *a, const float *device, int64_t n) {
    (void)o, (void)a, (void)n;
    return device;
}

static void cpu_zero(Ops *o, float *x, int64_t n) {
    (void)o;
    if (n > 0) memset(x, 0, (size_t)n * sizeof *x);
}

typedef struct {
    const Kernels *k;
    Gemm g;
    int64_t strip, band, strips, room;
    float *scratch;
} GemmWork;

static void gemm_work(const void *arg, int64_t u, int thread) {
    const GemmWork *w = arg;
    int64_t i = u / w->strips * w->band, j = u % w->strips * w->strip;
    if (w->g.stream) w->k->stream(&w->g, j, j + w->strip < w->g.N ? j + w->strip : w->g.N, w->scratch + thread * w->room);
    else
        w->k->gemm(&w->g, i, i + w->band < w->g.M ? i + w->band : w->g.M, j, j + w->strip < w->g.N ? j + w->strip : w->g.N,
                   w->scratch + thread * w->room);
}

typedef struct {
    const Kernels *k;
    const Gemm *g;
    int16_t *whole;
    float *scale;
} WholeWork;

enum { ROWS = 16 };  // in a unit of what goes row by row: enough that taking one costs nothing

static void whole_work(const void *arg, int64_t u, int thread) {
    const WholeWork *w = arg;
    const Gemm *g = w->g;
    int64_t blocks = (g->K + PAIR_K - 1) / PAIR_K;
    (void)thread;
    for (int64_t i = u * ROWS; i < g->M && i < (u + 1) * ROWS; i++) {
        int16_t *to = w->whole + i * g->ldw;
        for (int64_t b = 0, k = 0; b < blocks; b++, k += PAIR_K)
            w->scale[i * blocks + b] = w->k->to_whole(g->a + i * g->a_row + k, g->b_transposed ? NULL : g->b_scale + k,
                                                      g->K - k < PAIR_K ? g->K - k : PAIR_K, to + k);
        memset(to + g->K, 0, (size_t)(g->ldw - g->K) * sizeof *to);
    }
}

// Makes whole numbers of A, once for all the threads.
static void gemm_whole(Ops *o, Gemm *g) {
    enum { EVEN = 2 * MAX_VW };
    int64_t rows = g->M + MAX_MR;  // a tile reads MR of them, the last one too
    g->ldw = (g->K + EVEN - 1) / EVEN * EVEN + EVEN;  // a cache line more, so that no power of 2 lies between two rows
    if (rows * g->ldw > o->whole_room) {
        free(o->whole);
        free(o->whole_scale);
        o->whole_room = rows * g->ldw;
        o->whole = calloc((size_t)o->whole_room, sizeof *o->whole);
        o->whole_scale = calloc((size_t)o->whole_room / EVEN, sizeof *o->whole_scale);
        if (!o->whole || !o->whole_scale) {
            o->whole_room = 0;
            fail(o->arena, "out of memory: %lld bytes for rounded rows", (long long)(rows * g->ldw) * 2);
        }
    }
    WholeWork w = {o->kernels, g, o->whole, o->whole_scale};
    parallel(o->pool, (g->M + ROWS - 1) / ROWS, whole_work, &w);
    g->whole = o->whole;
    g->whole_scale = o->whole_scale;
}

// Cuts C into strips of columns, and into bands of rows too where the strips are too few to share.
static void cpu_gemm(Ops *o, Gemm g) {
    if (g.M <= 0 || g.N <= 0) return;
    o->multiply_adds += (double)g.M * (double)g.N * (double)g.K;
    if (g.b_type != I8 && bfloats_slow()) g.half = false;
    if (g.half && g.b_type == I8 && g.a_column == 1 && g.K > 0 && o->kernels->products[WHOLES]) gemm_whole(o, &g);
    int64_t nr = o->kernels->columns, threads = o->pool->threads, each = 4 * threads * BLOCK_N, bands = 1;
    int64_t strips = (g.N + each - 1) / each * 4 * threads, strip = ((g.N + strips - 1) / strips + nr - 1) / nr * nr;
    strips = (g.N + strip - 1) / strip;
    if (!g.stream && threads > 1 && strips < 2 * threads) bands = (2 * threads + strips - 1) / strips;
    int64_t band = ((g.M + bands - 1) / bands + 47) / 48 * 48;
    bands = (g.M + band - 1) / band;
    GemmWork w = {o->kernels, g, strip, band, strips, 0, scratch_get(o, g.stream && STREAM_COLUMNS * g.K > GEMM_SCRATCH
                                                                     ? STREAM_COLUMNS * g.K : GEMM_SCRATCH)};
    w.room = o->room;
    parallel(o->pool, strips * bands, gemm_work, &w);
}

// What the operations below that go row by row work on: N rows of n numbers, `rows` of them in a unit. Each uses the fields it
// needs.
typedef struct {
    const Kernels *k;
    const Tensor *table;
    const int32_t *ids;
    float *out, *out2, *out3;
    const float *a, *b, *c, *d;
    int64_t N, n, rows;
    float scale, smoothing;
    Activation kind;
    Drop drop;
    Adam adam;
    bool gradient;
} RowWork;

static void rows_parallel(Ops *o, Work work, RowWork *w) {
    w->k = o->kernels;
    if (!w->rows) w->rows = ROWS;
    parallel(o->pool, (w->N + w->rows - 1) / w->rows, work, w);
}

// for each row i of unit u
#define EACH_ROW(w, u) for (int64_t i = (u) * (w)->rows; i < (w)->N && i < ((u) + 1) * (w)->rows; i++)

static void embed_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) tensor_read(w->table, w->ids[i] * w->n, w->n, w->out + i * w->n);
}

static void cpu_embed(Ops *o, float *y, const Tensor *table, const int32_t *ids, int64_t N) {
    rows_parallel(o, embed_work, &(RowWork){.out = y, .table = table, .ids = ids, .N = N, .n = table->shape[1]});
}

static void embed_back_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    int64_t c = u * 64;
    (void)thread;
    for (int64_t i = 0; i < w->N; i++)
        w->k->add(w->out + w->ids[i] * w->n + c, w->a + i * w->n + c, 1, w->n - c < 64 ? w->n - c : 64);
}

// Threads share the columns, not the tokens: a token may occur twice, and sums keep their order.
static void cpu_embed_back(Ops *o, float *dtable, const float *dy, const int32_t *ids, int64_t N, int64_t n) {
    parallel(o->pool, (n + 63) / 64, embed_back_work, &(RowWork){.k = o->kernels, .out = dtable, .a = dy, .ids = ids, .N = N,
                                                                 .n = n});
}

// table(heads, n): head h's bias of the i-th distance is w(buckets, heads)[bucket[i]][h]. Ids and buckets are on the host.
static void cpu_bias(Ops *o, float *table, const Tensor *w, const int32_t *bucket, int64_t n) {
    int64_t heads = w->shape[1];
    for (int64_t i = 0; i < n; i++)
        for (int64_t h = 0; h < heads; h++) tensor_read(w, bucket[i] * heads + h, 1, table + h * n + i);
    (void)o;
}

static void cpu_bias_back(Ops *o, float *dw, const float *dtable, const int32_t *bucket, int64_t n, int64_t heads) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t h = 0; h < heads; h++) dw[bucket[i] * heads + h] += dtable[h * n + i];
    (void)o;
}

static void norm_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) {
        float r = w->k->norm(w->out + i * w->n, w->a + i * w->n, w->b, w->n, w->scale);
        if (w->out2) w->out2[i] = r;
    }
}

static void cpu_norm(Ops *o, float *y, float *r, const float *x, const float *w, int64_t N, int64_t n, float epsilon) {
    rows_parallel(o, norm_work, &(RowWork){.out = y, .out2 = r, .a = x, .b = w, .N = N, .n = n, .scale = epsilon});
}

static void norm_weight_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    int64_t c = u * 64;
    (void)thread;
    w->k->norm_weight(w->out, w->a, w->b, w->c, w->N, w->n, c, c + 64 < w->n ? c + 64 : w->n);
}

static void norm_back_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) w->k->norm_back(w->out + i * w->n, w->a + i * w->n, w->b + i * w->n, w->d, w->c[i], w->n);
}

// Adds to dx and dw; either may be NULL.
static void cpu_norm_back(Ops *o, float *dx, float *dw, const float *dy, const float *x, const float *r, const float *w,
                          int64_t N, int64_t n) {
    RowWork work = {.k = o->kernels, .out = dw, .a = dy, .b = x, .c = r, .d = w, .N = N, .n = n};
    if (dw) parallel(o->pool, (n + 63) / 64, norm_weight_work, &work);
    work.out = dx;
    if (dx) rows_parallel(o, norm_back_work, &work);
}

static void act_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) w->k->act(w->out + i * w->n, w->a + i * w->n, w->b ? w->b + i * w->n : NULL, w->n, w->kind, w->drop,
                             w->drop.row + (uint64_t)i);
}

static void cpu_act(Ops *o, float *h, const float *g, const float *u, int64_t N, int64_t n, Activation kind, Drop d) {
    rows_parallel(o, act_work, &(RowWork){.out = h, .a = g, .b = u, .N = N, .n = n, .rows = 4, .kind = kind, .drop = d});
}

static void act_back_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) {
        int64_t at = i * w->n;
        w->k->act_back(w->out + at, w->b ? w->out2 + at : NULL, w->c + at, w->a + at, w->b ? w->b + at : NULL, w->n, w->kind,
                       w->drop, w->drop.row + (uint64_t)i);
    }
}

static void cpu_act_back(Ops *o, float *dg, float *du, const float *dh, const float *g, const float *u, int64_t N, int64_t n,
                         Activation kind, Drop d) {
    rows_parallel(o, act_back_work, &(RowWork){.out = dg, .out2 = du, .a = g, .b = u, .c = dh, .N = N, .n = n, .rows = 4,
                                               .kind = kind, .drop = d});
}

static void drop_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) w->k->drop(w->out + i * w->n, w->a + i * w->n, w->b ? w->b + i * w->n : NULL, w->n, w->drop,
                              w->drop.row + (uint64_t)i);
}

static void cpu_drop(Ops *o, float *y, const float *x, const float *add, int64_t N, int64_t n, Drop d) {
    rows_parallel(o, drop_work, &(RowWork){.out = y, .a = x, .b = add, .N = N, .n = n, .drop = d});
}

enum { PART = 1 << 14 };  // numbers in a unit of what has no rows

static void add_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    int64_t i = u * PART;
    (void)thread;
    w->k->add(w->out + i, w->a + i, w->scale, w->N - i < PART ? w->N - i : PART);
}

static void cpu_add(Ops *o, float *y, const float *x, float scale, int64_t n) {
    parallel(o->pool, (n + PART - 1) / PART, add_work, &(RowWork){.k = o->kernels, .out = y, .a = x, .scale = scale, .N = n});
}

// One head of one sequence is worked on in bands of QUERY_ROWS queries, so that the scores of a band stay in the cache
// and no (queries x keys) matrix is ever stored.
enum { QUERY_ROWS = 128 };

typedef struct {
    int64_t q0, rows, k0, keys, head, stride;  // this band's queries and keys, as rows of the packed arrays
    int64_t first;                             // number of the band's first query in its sequence
} Band;

// Scores of a band: s(rows, keys) = q k^T.
static void band_scores(const Kernels *k, const Attention *t, Band b, float *s, float *scratch) {
    Gemm g = {.M = b.rows, .N = b.keys, .K = t->width, .a = t->q + b.q0 * b.stride + b.head * t->width, .a_row = b.stride,
              .a_column = 1, .b = t->k + b.k0 * b.stride + b.head * t->width, .b_transposed = true, .ldb = b.stride, .c = s,
              .ldc = b.keys, .alpha = 1};
    k->gemm(&g, 0, b.rows, 0, b.keys, scratch);
}

static const float *band_bias(const Attention *t, Band b, int64_t i) {
    return t->bias ? t->bias + b.head * (2 * t->reach - 1) + t->reach - 1 - (b.first + i) : NULL;
}

static int64_t band_visible(const Attention *t, Band b, int64_t i) {
    return t->causal ? b.first + i + 1 : b.keys;
}

static uint64_t band_row(const Attention *t, Band b, int64_t i) {
    return (t->drop.row + (uint64_t)(b.q0 + i)) * (uint64_t)t->heads + (uint64_t)b.head;
}

// The band of `rows` queries from `first` on of head h in sequence s.
static Band band_make(const Attention *t, int64_t s, int64_t h, int64_t first) {
    int64_t queries = t->q_offsets[s + 1] - t->q_offsets[s], rows = queries - first < QUERY_ROWS ? queries - first : QUERY_ROWS;
    int64_t keys = t->causal ? first + rows : t->k_offsets[s + 1] - t->k_offsets[s];
    return (Band){t->q_offsets[s] + first, rows, t->k_offsets[s], keys, h, t->heads * t->width, first};
}

static void attention_head(const Kernels *k, const Attention *t, int64_t s, int64_t h, float *scratch) {
    float *p = scratch + GEMM_SCRATCH;
    int64_t queries = t->q_offsets[s + 1] - t->q_offsets[s];
    for (int64_t first = 0; first < queries; first += QUERY_ROWS) {
        Band b = band_make(t, s, h, first);
        band_scores(k, t, b, p, scratch);
        for (int64_t i = 0; i < b.rows; i++) {
            int64_t n = band_visible(t, b, i);
            float lse = k->softmax(p + i * b.keys, band_bias(t, b, i), n);
            if (t->lse) t->lse[(b.q0 + i) * t->heads + h] = lse;
            memset(p + i * b.keys + n, 0, (size_t)(b.keys - n) * sizeof *p);
            if (t->drop.threshold) k->drop(p + i * b.keys, p + i * b.keys, NULL, n, t->drop, band_row(t, b, i));
        }
        Gemm g = {.M = b.rows, .N = t->width, .K = b.keys, .a = p, .a_row = b.keys, .a_column = 1,
                  .b = t->v + b.k0 * b.stride + h * t->width, .ldb = b.stride, .c = t->out + b.q0 * b.stride + h * t->width,
                  .ldc = b.stride, .alpha = 1};
        k->gemm(&g, 0, b.rows, 0, t->width, scratch);
    }
}

typedef struct {
    const Kernels *k;
    const Attention *t;
    const AttentionBack *d;
    const AttentionStep *step;
    int64_t together, room;  // sequences that one unit goes through
    float *scratch;
} AttentionWork;

static void attention_work(const void *arg, int64_t u, int thread) {
    const AttentionWork *w = arg;
    attention_head(w->k, w->t, u / w->t->heads, u % w->t->heads, w->scratch + thread * w->room);
}

static void cpu_attention(Ops *o, const Attention *t) {
    o->multiply_adds += attention_multiply_adds(t);
    AttentionWork w = {.k = o->kernels, .t = t, .scratch = scratch_get(o, GEMM_SCRATCH + QUERY_ROWS * t->longest_k)};
    w.room = o->room;
    parallel(o->pool, t->sequences * t->heads, attention_work, &w);
}

// With P = softmax(S) and its dropped form Q: dV = Q^T dO, dP = dO V^T, dS = P (drop(dP) - sum dO O), dQ = dS K, dK = dS^T Q.
static void attention_head_back(const Kernels *k, const Attention *t, const AttentionBack *d, int64_t s, int64_t h,
                                float *scratch) {
    float *p = scratch + GEMM_SCRATCH, *ds = p + QUERY_ROWS * t->longest_k;
    int64_t queries = t->q_offsets[s + 1] - t->q_offsets[s], stride = t->heads * t->width, at = h * t->width;
    for (int64_t i = t->k_offsets[s]; i < t->k_offsets[s + 1]; i++) {
        memset(d->dk + i * stride + at, 0, (size_t)t->width * sizeof *p);
        memset(d->dv + i * stride + at, 0, (size_t)t->width * sizeof *p);
    }
    for (int64_t first = 0; first < queries; first += QUERY_ROWS) {
        Band b = band_make(t, s, h, first);
        const float *dout = d->dout + b.q0 * stride + at;
        band_scores(k, t, b, p, scratch);
        Gemm g = {.M = b.rows, .N = b.keys, .K = t->width, .a = dout, .a_row = stride, .a_column = 1,
                  .b = t->v + b.k0 * stride + at, .b_transposed = true, .ldb = stride, .c = ds, .ldc = b.keys, .alpha = 1};
        k->gemm(&g, 0, b.rows, 0, b.keys, scratch);
        for (int64_t i = 0; i < b.rows; i++) {
            int64_t n = band_visible(t, b, i);
            float *pi = p + i * b.keys, *dsi = ds + i * b.keys;
            k->softmax_again(pi, band_bias(t, b, i), t->lse[(b.q0 + i) * t->heads + h], n);
            k->softmax_back(dsi, pi, k->dot(dout + i * stride, t->out + (b.q0 + i) * stride + at, t->width), n, t->drop,
                            band_row(t, b, i));
            memset(pi + n, 0, (size_t)(b.keys - n) * sizeof *p);
            memset(dsi + n, 0, (size_t)(b.keys - n) * sizeof *p);
            if (d->dbias) k->add(d->dbias + (band_bias(t, b, i) - t->bias), dsi, 1, n);
        }
        g = (Gemm){.M = b.rows, .N = t->width, .K = b.keys, .a = ds, .a_row = b.keys, .a_column = 1,
                   .b = t->k + b.k0 * stride + at, .ldb = stride, .c = d->dq + b.q0 * stride + at, .ldc = stride, .alpha = 1};
        k->gemm(&g, 0, b.rows, 0, t->width, scratch);
        g = (Gemm){.M = b.keys, .N = t->width, .K = b.rows, .a = ds, .a_row = 1, .a_column = b.keys,
                   .b = t->q + b.q0 * stride + at, .ldb = stride, .c = d->dk + b.k0 * stride + at, .ldc = stride, .alpha = 1,
                   .add = true};
        k->gemm(&g, 0, b.keys, 0, t->width, scratch);
        g.a = p;
        g.b = dout;
        g.c = d->dv + b.k0 * stride + at;
        k->gemm(&g, 0, b.keys, 0, t->width, scratch);
    }
}

static void attention_back_work(const void *arg, int64_t u, int thread) {
    const AttentionWork *w = arg;
    for (int64_t s = 0; s < w->together; s++)
        attention_head_back(w->k, w->t, w->d, w->together > 1 ? s : u / w->t->heads, u % w->t->heads,
                            w->scratch + thread * w->room);
}

// The bias is shared by all sequences: where its gradient is wanted, threads share heads only.
static void cpu_attention_back(Ops *o, const Attention *t, const AttentionBack *d) {
    o->multiply_adds += 2 * attention_multiply_adds(t);
    AttentionWork w = {.k = o->kernels, .t = t, .d = d, .together = d->dbias ? t->sequences : 1,
                       .scratch = scratch_get(o, GEMM_SCRATCH + t->longest_k * 2 * QUERY_ROWS)};
    w.room = o->room;
    parallel(o->pool, t->sequences * t->heads / w.together, attention_back_work, &w);
}

typedef struct {
    const Kernels *k;
    void *const *to;
    const int64_t *room, *offsets;
    const float *from;
    DType type;
    int64_t heads, width;
} CacheWork;

static void cache_work(const void *arg, int64_t b, int thread) {
    const CacheWork *w = arg;
    int64_t first = w->offsets ? w->offsets[b] : b, end = w->offsets ? w->offsets[b + 1] : b + 1;
    (void)thread;
    for (int64_t i = first; i < end; i++)
        for (int64_t h = 0; h < w->heads; h++) {
            const float *from = w->from + (i * w->heads + h) * w->width;
            int64_t at = (h * w->room[b] + i - first) * w->width;
            if (w->type == F32) memcpy((float *)w->to[b] + at, from, (size_t)w->width * sizeof *from);
            else w->k->to_bfloat(from, w->width, (uint16_t *)w->to[b] + at);
        }
}

// Puts keys or values into B caches, F32 or BF16, whose heads are `room` rows of `width` numbers apart: rows offsets[b] ..
// offsets[b + 1] of `from` into cache b, or one row each where offsets is NULL. These arrays are on the host.
static void cpu_cache(Ops *o, void *const *to, const int64_t *room, int64_t B, DType type, const float *from,
                      const int64_t *offsets, int64_t heads, int64_t width) {
    parallel(o->pool, B, cache_work, &(CacheWork){o->kernels, to, room, offsets, from, type, heads, width});
}

// Row b looks at the same tokens as the one before it.
static bool attention_shared(const AttentionStep *t, int64_t b) {
    return b > 0 && t->k[b - 1] == t->k[b] && t->length[b - 1] == t->length[b];
}

// Rows that follow each other and look at the same tokens, as the beams of a source do, are one unit, so that those are read
// once.
static void attention_step_work(const void *arg, int64_t u, int thread) {
    const AttentionWork *w = arg;
    const AttentionStep *t = w->step;
    int64_t b = u / t->heads, h = u % t->heads, at = u * t->width, n = t->length[b],
        first = h * t->room[b] * t->width * dtypes[t->type].bytes, rows = 1;
    float *p = w->scratch + thread * w->room;
    if (attention_shared(t, b)) return;
    while (b + rows < t->B && attention_shared(t, b + rows)) rows++;
    Gemm scores = {.M = rows, .N = n, .K = t->width, .a = t->q + at, .a_row = t->heads * t->width, .a_column = 1,
                   .b = (const char *)t->k[b] + first, .b_type = t->type, .b_transposed = true, .ldb = t->width, .c = p, .ldc = n,
                   .alpha = 1};
    w->k->stream(&scores, 0, n, NULL);  // floats
    for (int64_t i = 0; i < rows; i++) {
        w->k->softmax(p + i * n, t->bias ? t->bias + h * (2 * t->reach - 1) + t->reach - n : NULL, n);
        w->k->mix(t->out + at + i * t->heads * t->width, p + i * n, t->type, (const char *)t->v[b] + first, t->width, n,
                  t->width);
    }
}

static void cpu_attention_step(Ops *o, const AttentionStep *t) {
    int64_t most = 0;
    for (int64_t b = 0, sum = 0; b < t->B; b++) {
        sum = attention_shared(t, b) ? sum + t->length[b] : t->length[b];
        most = sum > most ? sum : most;
    }
    AttentionWork w = {.k = o->kernels, .step = t, .scratch = scratch_get(o, GEMM_SCRATCH + most)};
    w.room = o->room;
    parallel(o->pool, t->B * t->heads, attention_step_work, &w);
}

static void cross_entropy_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    (void)thread;
    EACH_ROW(w, u) w->out[i] = w->k->cross_entropy(w->out2 + i * w->n, w->n, w->ids[i], w->smoothing, w->scale, w->gradient);
}

static void cpu_cross_entropy(Ops *o, float *loss, float *logits, const int32_t *target, int64_t N, int64_t n, float smoothing,
                              float weight, bool gradient) {
    rows_parallel(o, cross_entropy_work, &(RowWork){.out = loss, .out2 = logits, .ids = target, .N = N, .n = n, .rows = 4,
                                                    .smoothing = smoothing, .scale = weight, .gradient = gradient});
}

typedef struct {
    const Kernels *k;
    const float *x;
    int64_t n, part;
    double *sums;
} SquaresWork;

static void squares_work(const void *arg, int64_t u, int thread) {
    const SquaresWork *w = arg;
    int64_t i = u * w->part;
    (void)thread;
    w->sums[u] = w->k->squares(w->x + i, w->n - i < w->part ? w->n - i : w->part);
}

// An array's sum is made of at most 1,024 parts whose bounds do not depend on the number of threads.
static double cpu_squares(Ops *o, const float *const *x, const int64_t *n, size_t count) {
    double all = 0;
    for (size_t k = 0; k < count; k++) {
        double sums[1024], total = 0;
        SquaresWork w = {o->kernels, x[k], n[k], n[k] / 1024 < PART ? PART : (n[k] / 1024 + 1024) / 1024 * 1024, sums};
        int64_t parts = (n[k] + w.part - 1) / w.part;
        parallel(o->pool, parts, squares_work, &w);
        for (int64_t i = 0; i < parts; i++) total += sums[i];
        all += total;
    }
    return all;
}

static void adam_work(const void *arg, int64_t u, int thread) {
    const RowWork *w = arg;
    int64_t i = u * PART;
    (void)thread;
    w->k->adam(w->out + i, w->a + i, w->out2 + i, w->out3 + i, w->N - i < PART ? w->N - i : PART, w->adam);
}

static void cpu_adam(Ops *o, const AdamPart *parts, size_t count, Adam a) {
    for (const AdamPart *p = parts; p < parts + count; p++) {
        a.shrink = p->shrink;
        parallel(o->pool, (p->n + PART - 1) / PART, adam_work, &(RowWork){.k = o->kernels, .out = p->w, .a = p->g, .out2 = p->m,
                                                                          .out3 = p->v, .N = p->n, .adam = a});
    }
}

static void ops_close(Owned *own) {
    Ops *o = own->data;
    cpu_release(o, o->scratch);
    free(o->whole);
    free(o->whole_scale);
}

// threads = 0: one for each processor.
static Ops *ops_cpu(Arena *a, int threads) {
    Ops *o = arena_get(a, 1, sizeof *o);
    const char *isa = getenv("T5PEFT_ISA");
    *o = (Ops){.arena = a, .kernels = kernels_find(isa), .pool = pool_open(a, threads), .allocate = cpu_allocate,
               .release = cpu_release, .copy_in = cpu_copy, .copy_out = cpu_copy, .host = cpu_host, .zero = cpu_zero,
               .gemm = cpu_gemm, .embed = cpu_embed, .embed_back = cpu_embed_back, .bias = cpu_bias,
               .bias_back = cpu_bias_back, .norm = cpu_norm, .norm_back = cpu_norm_back, .act = cpu_act,
               .act_back = cpu_act_back, .drop = cpu_drop, .add = cpu_add, .attention = cpu_attention,
               .attention_back = cpu_attention_back, .cache = cpu_cache, .attention_step = cpu_attention_step,
               .cross_entropy = cpu_cross_entropy, .squares = cpu_squares, .adam = cpu_adam};
    if (!o->kernels)
        fail(a, "T5PEFT_ISA=%s: this processor or this build has no such kernels (plain, vec128, avx2, avx512, avx512bf16, "
             "neonbf16)", isa);
    o->name = o->kernels->name;
    arena_own(a, o, 0, ops_close);
    return o;
}

#ifdef T5PEFT_CUDA
static const float *device_host(Ops *o, Arena *a, const float *device, int64_t n) {
    float *host = arena_get(a, (size_t)n, sizeof *host);
    o->copy_out(o, host, device, (size_t)n * sizeof *host);
    return host;
}

static void device_close(Owned *own) {
    t5peft_cuda_close(own->data);
}
#endif

// The device "cpu", "cuda:1" (the second card) or "cuda": the first card, or of several ranks each the one of its number.
static Ops *ops_open(Arena *a, const char *device, const char *dtype, int threads) {
    Ops *o = ops_cpu(a, threads);
#ifdef T5PEFT_CUDA
    if (strcmp(device, "cpu")) {
        o = t5peft_cuda_new(o, device[4] ? atoi(device + 5) : rank_own(), !strcmp(dtype, "tf32"), fail);
        o->host = device_host;
        arena_own(a, o, 0, device_close);
        t5peft_cuda_begin(o);
    }
#endif
    (void)device, (void)dtype;
    return o;
}

/* ================================================================================================================
   7  model: T5

   The encoder reads the source, the decoder writes the target and looks at the encoder's output (Raffel et al. 2020;
   gated feed-forward layers, Shazeer 2020). A block is attention to itself, in the decoder attention to the source, and
   a feed-forward layer, each as x + dropout(f(norm(x))). A batch is packed: its sequences lie end to end, there is no
   padding, and only attention knows where one ends.

   Letters: N tokens of a packed batch, S sequences, D d_model, H heads, K d_kv, F d_ff, V vocabulary, R LoRA rank,
   P virtual tokens, I = H K. A weight is (out, in), as the files hold it.

   Tuning lives in Linear. It knows three cases, frozen, LoRA and trained; the code above it never asks which one runs.
   What backward needs is kept by forward and nothing else: the input and 1/rms of each norm (the normed rows are made
   again), q, k, v and the log sum exp of attention (probabilities are made again), the two halves of the gate. Where
   memory is short, `checkpoint` keeps the input of each block only, and backward runs the block forward once more before
   it goes through it. Dropout masks are a function of where they stand, so the numbers are the same to the last bit.
   ================================================================================================================ */

typedef struct {
    int64_t V, D, K, F, H;
    int encoder_layers, decoder_layers;
    int buckets, max_distance;
    float epsilon, dropout;
    Activation activation;
    bool gated, scale_logits;
    bool biases;     // each block has a relative_attention_bias of its own (umT5), not only the first
    int32_t start;   // decoder_start_token_id, which the shifted labels begin with
} Config;

// A list of token ids.
typedef struct {
    int32_t *ids;
    size_t n;
} TokenList;

// What generation_config.json, or config.json where there is none, says of single tokens.
typedef struct {
    int32_t start, forced_bos;  // forced_bos: -1 where there is none
    TokenList eos, forced_eos, suppress, begin_suppress;
} TokenRules;

// One tensor of the model: a view of the file while it is frozen, memory of its own once it is trained.
typedef struct {
    const char *name;
    Tensor file;    // as it was read, or what --dtype made of that; on the host, and not what holds once there is a `value`
    Tensor device;  // what operations read: `file`, until param_place or param_own moves it
    float *value;   // trained (or merged) weights on the device
    float *grad;    // like value; NULL while frozen
} Param;

// y += scale B (A dropout(x)) (Hu et al. 2021)
typedef struct {
    int64_t R;
    float *A, *B;             // (R, in), (out, R)
    float *grad_A, *grad_B;   // NULL where the adapter is only applied
    float scale, dropout;
    float *ax;                // (N, R) A dropout(x) of the forward pass, for backward
} Lora;

typedef struct {
    Param w;        // (out, in)
    int64_t in, out;
    Lora *lora;     // or NULL
    uint64_t site;  // names this layer's dropout masks
} Linear;

typedef struct {
    Param norm;
    Linear q, k, v, o;
    uint64_t site;
    int which;      // of the stack's biases, for attention to itself
    // kept by forward
    const float *x;
    float *r, *qx, *kx, *vx, *out, *lse;
} AttentionLayer;

typedef struct {
    Param norm;
    Linear wi, gate, wo;  // act(wi x), times gate x where the model is gated (wi_0 and wi_1 in the files)
    uint64_t site;
    // kept by forward
    const float *x;
    float *r, *g, *u;
} FeedForward;

typedef struct {
    AttentionLayer self, cross;  // cross: in the decoder
    FeedForward ff;
} Block;

// The encoder or the decoder.
typedef struct {
    bool decoder;
    int layers;
    Block *blocks;
    Param *embed;     // the model's `shared`, unless an adapter gives this stack another
    Param *bias;      // (buckets, H) each: relative_attention_bias, which the first block holds for all, or each for itself
    int biases;
    Param norm;
    uint64_t site;
    float *x, *r;     // kept by forward: the last block's output
    // The biases of the batch by distance, (biases, H, 2 reach - 1), made by stack_forward.
    float *table;
    int64_t reach;
} Stack;

// A prompt of P trained rows that the embedding stage puts before a stack's tokens (Lester et al. 2021).
typedef struct {
    int64_t P;
    float *rows, *grad;  // (P, D); grad NULL where it is only applied
} Prompt;

typedef struct {
    Arena *arena;
    Ops *ops;
    const char *path;
    Config config;
    TokenRules rules;
    Tensors tensors;
    DType stored;            // what --dtype made of the weights; F32: nothing
    bool random;             // weights of the type `stored` are drawn where they would be looked for
    Param shared;            // (V, D)
    Linear head;             // lm_head, (V, D); where `tied`, its weight is shared's
    bool tied;
    Stack encoder, decoder;
    Prompt prompt[2];        // before the encoder's and the decoder's tokens; P = 0: none
    const char *changed;     // what an adapter that is no plain LoRA is; NULL: there is none
    const char *note;        // what whoever opened it should be told, or NULL
    int64_t adapter_count;   // numbers that an adapter's file holds
} Model;

// S sequences end to end. `input` is what a stack reads, labels what the decoder shall say; offsets are in tokens.
typedef struct {
    int64_t S;
    const int32_t *source, *target, *label;
    const int64_t *source_offsets, *target_offsets;  // S + 1
    // numbers of the first sequence and tokens in the whole batch: they name dropout masks
    int64_t first, first_source, first_target;
} Batch;

// Activations. Chunks are kept for the next pass; nothing here is zeroed. After a pass that needed several there is one, as large
// as what was in use at a time, so that memory depends on the largest pass only, not on the order in which they came.
typedef struct {
    float *chunk[64];
    int64_t room[64], filled[64], used, most;  // filled: of a chunk that is left behind; most: that was in use at a time
    int n, at;
    Ops *ops;
} Workspace;

typedef struct {
    int at;
    int64_t used;
} Place;

// One pass through the model.
typedef struct {
    Model *model;
    Ops *ops;
    Workspace *work;  // what a layer needs while it runs
    Workspace *kept;  // what it keeps for backward
    bool train;     // dropout is on
    bool stream;    // a few rows at a time: weights are streamed
    bool half;      // --dtype is not f32: the model's own weights and what they meet may be multiplied in bf16
    bool keep;      // forward keeps what backward needs
    bool checkpoint;  // of each block it keeps the input; backward makes the rest again (Chen et al. 2016)
    float dropout;  // p
    uint64_t key;   // of (seed, step): names the masks
    Hand *hand;     // what ranks take their work from meanwhile, or NULL
} Pass;

static void work_join(Workspace *w) {
    while (w->n > 0) w->ops->release(w->ops, w->chunk[--w->n]);
    w->chunk[0] = w->ops->allocate(w->ops, (size_t)w->most * sizeof(float));
    w->room[w->n++] = w->most;
}

static float *work_get(Workspace *w, int64_t n) {
    n = (n + 15) / 16 * 16;
    if (!w->at && !w->used && w->n > 1) work_join(w);
    while (w->at >= w->n || w->room[w->at] - w->used < n) {
        if (w->at < w->n) w->filled[w->at++] = w->used;
        w->used = 0;
        if (w->at < w->n) continue;
        if (w->n == 64) fail(w->ops->arena, "out of memory: too many pieces of workspace");
        int64_t room = 1 << 20, all = 0;  // chunks grow with the whole, so that there are few
        for (int i = 0; i < w->n; i++) all += w->room[i];
        if (room < all / 2) room = all / 2;
        if (room < n) room = n;
        w->chunk[w->n] = w->ops->allocate(w->ops, (size_t)room * sizeof(float));
        w->room[w->n++] = room;
    }
    float *p = w->chunk[w->at] + w->used;
    int64_t all = w->used += n;
    for (int i = 0; i < w->at; i++) all += w->filled[i];
    if (all > w->most) w->most = all;
    return p;
}

static Place work_mark(const Workspace *w) { return (Place){w->at, w->used}; }
static void work_release(Workspace *w, Place p) { w->at = p.at, w->used = p.used; }

static void work_close(Owned *o) {
    Workspace *w = o->data;
    for (int i = 0; i < w->n; i++) w->ops->release(w->ops, w->chunk[i]);
}

static Workspace *work_open(Arena *a, Ops *ops) {
    Workspace *w = arena_get(a, 1, sizeof *w);
    w->ops = ops;
    arena_own(a, w, 0, work_close);
    return w;
}

static Pass pass_open(Arena *a, Model *m, bool half) {
    return (Pass){.model = m, .ops = m->ops, .work = work_open(a, m->ops), .kept = work_open(a, m->ops), .half = half};
}

// ---- reading a model

static int64_t config_whole(Arena *a, const char *path, const Json *j, const char *key, double missing, int64_t least,
                            int64_t most) {
    double x = json_number(j, key, missing);
    if (!(x >= (double)least && x <= (double)most) || x != floor(x))
        fail(a, "%s: %s must be a whole number from %lld to %lld", path, key, (long long)least, (long long)most);
    return (int64_t)x;
}

// A size that older and newer files name differently (attribute_map in transformers' T5Config). Every one is at least 1.
static int64_t config_size(Arena *a, const char *path, const Json *j, const char *key, const char *alias, int64_t most) {
    return config_whole(a, path, j, json_get(j, key) || !alias || !json_get(j, alias) ? key : alias, -1, 1, most);
}

// feed_forward_proj is "relu", "gated-gelu" and the like, and "gated-gelu" means the tanh form; but where the file says
// dense_act_fn and is_gated_act, they decide: as transformers reads it.
static void config_activation(Arena *a, const char *path, const Json *j, const char *proj, Config *c) {
    static const struct { const char *name; Activation kind; } names[] = {
        {"relu", RELU}, {"gelu", GELU}, {"gelu_python", GELU}, {"gelu_new", GELU_NEW}, {"gelu_fast", GELU_NEW},
        {"gelu_accurate", GELU_NEW},
        {"gelu_pytorch_tanh", GELU_NEW}, {"gelu_python_tanh", GELU_NEW}, {"silu", SILU}, {"swish", SILU}};
    const char *dash = strchr(proj, '-'), *name = !strcmp(proj, "gated-gelu") ? "gelu_new" : dash ? dash + 1 : proj;
    bool gated = dash == proj + 5 && !memcmp(proj, "gated", 5);
    c->gated = json_bool(j, "is_gated_act", gated);
    name = json_text(j, "dense_act_fn", name);
    size_t i = 0, n = sizeof names / sizeof *names;
    while (i < n && strcmp(name, names[i].name)) i++;
    if (i == n)
        fail(a, "%s: the activation \"%s\" (dense_act_fn, feed_forward_proj) is not known; relu, gelu, gelu_new and silu are",
             path, name);
    c->activation = names[i].kind;
}

// What config.json says; path names it in messages.
static Config config_read(Arena *a, const char *path, const Json *j) {
    Config c = {0};
    const char *type = json_text(j, "model_type", "t5");
    bool mt5 = !strcmp(type, "mt5"), umt5 = !strcmp(type, "umt5");
    if (!mt5 && !umt5 && strcmp(type, "t5")) fail(a, "%s: model_type \"%s\" is not supported (t5, mt5 and umt5 are)", path, type);
    c.D = config_size(a, path, j, "d_model", "hidden_size", 1 << 16);
    c.K = config_size(a, path, j, "d_kv", "head_dim", 1 << 12);
    c.F = config_size(a, path, j, "d_ff", NULL, 1 << 20);
    c.H = config_size(a, path, j, "num_heads", "num_attention_heads", 1 << 12);
    c.V = config_whole(a, path, j, "vocab_size", -1, 2, 1 << 24);
    c.encoder_layers = (int)config_size(a, path, j, "num_layers", "num_hidden_layers", 1024);
    c.decoder_layers = (int)config_whole(a, path, j, "num_decoder_layers", c.encoder_layers, 1, 1024);
    c.buckets = (int)config_whole(a, path, j, "relative_attention_num_buckets", 32, 4, 1 << 12);
    // Distances up to half of the buckets have one each; what lies beyond them is on a logarithmic scale that needs room.
    c.max_distance = (int)config_whole(a, path, j, "relative_attention_max_distance", 128, c.buckets / 2 + 1, 1 << 20);
    c.epsilon = (float)json_number(j, "layer_norm_epsilon", 1e-6);
    if (!(c.epsilon > 0 && isfinite(c.epsilon))) fail(a, "%s: layer_norm_epsilon must be above 0", path);
    c.dropout = (float)json_number(j, "dropout_rate", 0.1);
    if (!(c.dropout >= 0 && c.dropout < 1)) fail(a, "%s: dropout_rate must be at least 0 and below 1", path);
    config_activation(a, path, j, json_text(j, "feed_forward_proj", mt5 || umt5 ? "gated-gelu" : "relu"), &c);
    // mT5 never scales and umT5 always does, whatever the file says: as transformers 5 has it.
    c.scale_logits = umt5 || (!mt5 && json_bool(j, "scale_decoder_outputs", json_bool(j, "tie_word_embeddings", true)));
    c.biases = umt5;
    int64_t pad = config_whole(a, path, j, "pad_token_id", 0, 0, c.V - 1);
    c.start = (int32_t)config_whole(a, path, j, "decoder_start_token_id", (double)pad, 0, c.V - 1);
    return c;
}

// A token or a list of tokens; what is no token of the vocabulary can never come and is left out.
static TokenList tokens_read(Arena *a, const char *path, const Json *j, const char *key, int64_t V) {
    const Json *v = json_get(j, key), *one = v && v->type == JSON_ARRAY ? v->child : v;
    TokenList list = {arena_get(a, v && v->n ? v->n : 1, sizeof *list.ids), 0};
    for (; one; one = v->type == JSON_ARRAY ? one->next : NULL) {
        if (one->type != JSON_NUMBER) fail(a, "%s: %s must be the number of a token, or a list of such numbers", path, key);
        if (one->number >= 0 && one->number < (double)V) list.ids[list.n++] = (int32_t)one->number;
    }
    return list;
}

// generation_config.json, where there is one, is all that generation goes by; else config.json stands for it. Its other
// members (beams, penalties) are not read: here the command line's own defaults hold.
static TokenRules rules_read(Arena *a, const char *folder, const Json *config, const Config *c) {
    const char *from = path_join(a, folder, "generation_config.json");
    const Json *j = is_file(a, from) ? json_file(a, from) : config;
    if (j == config) from = path_join(a, folder, "config.json");
    TokenList start = tokens_read(a, from, j, "decoder_start_token_id", c->V),
        bos = tokens_read(a, from, j, "forced_bos_token_id", c->V);
    if (!start.n) start = tokens_read(a, from, j, "bos_token_id", c->V);
    TokenRules r = {.start = start.n ? *start.ids : c->start, .forced_bos = bos.n ? *bos.ids : -1};
    r.eos = tokens_read(a, from, j, "eos_token_id", c->V);
    r.forced_eos = tokens_read(a, from, j, "forced_eos_token_id", c->V);
    r.suppress = tokens_read(a, from, j, "suppress_tokens", c->V);
    r.begin_suppress = tokens_read(a, from, j, "begin_suppress_tokens", c->V);
    return r;
}

static bool token_listed(const TokenList *list, int32_t id) {
    for (size_t i = 0; i < list->n; i++)
        if (list->ids[i] == id) return true;
    return false;
}

typedef struct {
    Tensor *t;
    void *data;
    float *scale;
    uint64_t key;
} RandomWork;

// One row of uniform numbers with the variance 1 / columns.
static void random_work(const void *arg, int64_t row, int thread) {
    const RandomWork *w = arg;
    int64_t n = w->t->shape[1];
    float width = sqrtf(12 / (float)n);
    (void)thread;
    if (w->scale) w->scale[row] = width / 255;
    for (int64_t i = row * n; i < (row + 1) * n; i++) {
        float x = width * ((float)random_uniform(w->key, (uint64_t)i) - 0.5f);
        if (w->t->dtype == I8) ((int8_t *)w->data)[i] = (int8_t)(x * 255 / width);
        else if (w->t->dtype == BF16) ((uint16_t *)w->data)[i] = float_to_bfloat(x);
        else ((float *)w->data)[i] = x;
    }
}

static Param param_of(const char *name, Tensor file) {
    return (Param){.name = name, .file = file, .device = file};
}

// A random matrix, or a vector of ones. The same bytes each time: the key is the number of the tensor.
static Param param_random(Model *m, const char *name, int64_t rows, int64_t columns) {
    Arena *a = m->arena;
    Tensor t = {.name = name, .dtype = columns ? m->stored : F32, .rank = columns ? 2 : 1, .shape = {rows, columns},
                .count = rows * (columns ? columns : 1)};
    void *data = arena_get(a, (size_t)t.count, (size_t)dtypes[t.dtype].bytes);
    float *scale = t.dtype == I8 ? arena_get(a, (size_t)rows, sizeof *scale) : NULL;
    RandomWork w = {&t, data, scale, random_key(1, m->tensors.n, 0)};
    if (columns) parallel(m->ops->pool, rows, random_work, &w);
    else for (int64_t i = 0; i < rows; i++) ((float *)data)[i] = 1;
    t.data = data;
    t.scale = scale;
    tensors_add(a, &m->tensors, t);
    return param_of(name, t);
}

// Finds a weight of the shape wanted; columns = 0: a vector. An I8 weight has its rows' scales beside it.
static Param param_find(Model *m, const char *name, int64_t rows, int64_t columns) {
    if (m->random) return param_random(m, name, rows, columns);
    const Tensor *t = tensors_find(&m->tensors, name);
    if (!t) fail(m->arena, "%s: has no tensor %s, which config.json asks for", m->tensors.path, name);
    bool fits = columns ? t->rank == 2 && t->shape[0] == rows && t->shape[1] == columns : t->rank == 1 && t->shape[0] == rows;
    if (!fits)
        fail(m->arena, "%s: %s is not of the shape (%lld%s) that config.json asks for", m->tensors.path, name, (long long)rows,
             columns ? arena_print(m->arena, ", %lld", (long long)columns) : "");
    Param p = param_of(t->name, *t);
    if (t->dtype == I8 && columns) {
        const Tensor *s = tensors_find(&m->tensors, arena_print(m->arena, "%s.scale", name));
        if (!s || s->dtype != F32 || s->count != rows)
            fail(m->arena, "%s: %s is int8 but has no F32 tensor %s.scale of %lld values", m->tensors.path, name, name,
                 (long long)rows);
        p.file.scale = p.device.scale = s->data;
    } else if (t->dtype > BF16) {
        fail(m->arena, "%s: %s is of the type %s; F32, F16, BF16, and I8 for matrices, can be used", m->tensors.path, name,
             dtypes[t->dtype].name);
    }
    return p;
}

typedef struct {
    Ops *ops;
    float *data;
} DeviceMemory;

static void memory_drop(DeviceMemory *d) {
    if (d && d->data) d->ops->release(d->ops, d->data);
    if (d) d->data = NULL;
}

static void device_release(Owned *o) {
    memory_drop(o->data);
}

// n floats on the device that live as long as the arena, or until memory_drop.
static DeviceMemory *memory_get(Arena *a, Ops *o, int64_t n) {
    DeviceMemory *d = arena_get(a, 1, sizeof *d);
    d->ops = o;
    arena_own(a, d, 0, device_release);
    d->data = o->allocate(o, (size_t)n * sizeof *d->data);
    return d;
}

// The same, zeroed.
static float *device_get(Arena *a, Ops *o, int64_t n) {
    DeviceMemory *d = memory_get(a, o, n);
    o->zero(o, d->data, n);
    return d->data;
}

// Bytes of the host on the device, as long as the model lives.
static void *bytes_get(Model *m, const void *from, size_t bytes) {
    DeviceMemory *d = memory_get(m->arena, m->ops, (int64_t)((bytes + sizeof(float) - 1) / sizeof(float)));
    m->ops->copy_in(m->ops, d->data, from, bytes);
    return d->data;
}

// Gives memory of device_get back before its arena goes.
static void device_drop(Arena *a, const void *data) {
    Owned *o = a->owned;
    while (o && (o->release != device_release || ((DeviceMemory *)o->data)->data != data)) o = o->next;
    if (o) memory_drop(o->data);
}

// The pages of the file that held a tensor are not needed any more.
static void tensor_drop(const Model *m, const Tensor *t) {
    if (mapped_file(m->arena, t->data)) pages_drop(t->data, (size_t)t->count * (size_t)dtypes[t->dtype].bytes);
}

static _Noreturn void param_refuse(Model *m, const Param *p, int64_t at) {
    fail(m->arena, "%s: %s holds a value that is no finite number (near its element %lld); the weights are damaged, get them "
         "again", m->tensors.path ? m->tensors.path : m->path, p->name, (long long)at);
}

// Gives a parameter f32 memory of its own, so that it can be changed.
static void param_own(Model *m, Param *p) {
    if (p->value) return;
    enum { PART = 1 << 10 };
    float part[PART];
    p->value = device_get(m->arena, m->ops, p->file.count);
    for (int64_t i = 0; i < p->file.count; i += PART) {
        int64_t n = p->file.count - i < PART ? p->file.count - i : PART;
        tensor_read(&p->file, i, n, part);
        for (int64_t j = 0; j < n; j++)
            if (!isfinite(part[j])) param_refuse(m, p, i + j);
        m->ops->copy_in(m->ops, p->value + i, part, (size_t)n * sizeof *part);
    }
    tensor_drop(m, &p->file);
    device_drop(m->arena, p->device.data);
    device_drop(m->arena, p->device.scale);
    p->device = p->file;
    p->device.dtype = F32;
    p->device.data = p->value;
    p->device.scale = NULL;
}

// A parameter as it is now, where the host can read it; a copy in the arena if need be.
static Tensor param_host(Arena *a, Ops *o, const Param *p) {
    if (!p->value) return p->file;
    Tensor t = p->device;
    t.data = o->host(o, a, p->value, t.count);
    return t;
}

// A tensor of the host where operations read it: for a device with memory of its own a copy there, as long as the model lives.
static Tensor tensor_place(Model *m, const Tensor *from) {
    Tensor t = *from;
    if (!m->ops->apart) return t;
    t.data = bytes_get(m, t.data, (size_t)t.count * (size_t)dtypes[t.dtype].bytes);
    if (t.scale) t.scale = bytes_get(m, t.scale, (size_t)t.shape[0] * sizeof *t.scale);
    return t;
}

// Gives a frozen parameter to the device. The host's stays where it is, mapped from the file.
static void param_place(void *arg, Param *p) {
    if (!p->value && p->device.data == p->file.data) p->device = tensor_place(arg, &p->file);
}


static Linear linear_find(Model *m, const char *prefix, const char *name, int64_t out, int64_t in, uint64_t site) {
    return (Linear){.w = param_find(m, arena_print(m->arena, "%s%s.weight", prefix, name), out, in), .in = in, .out = out,
                    .site = site};
}

// A vector is used directly by the kernels, so it is widened when it is read (these are the norms: a few thousand numbers).
static Param vector_find(Model *m, const char *name, int64_t n) {
    Param p = param_find(m, name, n, 0);
    if (p.file.dtype != F32) param_own(m, &p);
    return p;
}

static void attention_find(Model *m, AttentionLayer *l, const char *prefix, const char *kind, uint64_t site) {
    const Config *c = &m->config;
    const char *p = arena_print(m->arena, "%s%s.", prefix, kind);
    l->site = site;
    l->q = linear_find(m, p, "q", c->H * c->K, c->D, site + 1);
    l->k = linear_find(m, p, "k", c->H * c->K, c->D, site + 2);
    l->v = linear_find(m, p, "v", c->H * c->K, c->D, site + 3);
    l->o = linear_find(m, p, "o", c->D, c->H * c->K, site + 4);
    l->norm = vector_find(m, arena_print(m->arena, "%slayer_norm.weight", prefix), c->D);
}

static void stack_find(Model *m, Stack *s, bool decoder) {
    const Config *c = &m->config;
    const char *side = decoder ? "decoder" : "encoder";
    s->decoder = decoder;
    s->embed = &m->shared;
    s->layers = decoder ? c->decoder_layers : c->encoder_layers;
    s->blocks = arena_get(m->arena, (size_t)s->layers, sizeof *s->blocks);
    s->site = decoder ? 1u << 20 : 1;
    for (int i = 0; i < s->layers; i++) {
        Block *b = &s->blocks[i];
        const char *block = arena_print(m->arena, "%s.block.%d.layer.", side, i);
        uint64_t site = s->site + 32 * ((uint64_t)i + 1);
        attention_find(m, &b->self, arena_print(m->arena, "%s0.", block), "SelfAttention", site);
        b->self.which = c->biases ? i : 0;
        if (decoder) attention_find(m, &b->cross, arena_print(m->arena, "%s1.", block), "EncDecAttention", site + 8);
        const char *ff = arena_print(m->arena, "%s%d.", block, decoder ? 2 : 1);
        const char *dense = arena_print(m->arena, "%sDenseReluDense.", ff);
        b->ff.site = site + 16;
        b->ff.norm = vector_find(m, arena_print(m->arena, "%slayer_norm.weight", ff), c->D);
        b->ff.wi = linear_find(m, dense, c->gated ? "wi_0" : "wi", c->F, c->D, site + 17);
        if (c->gated) b->ff.gate = linear_find(m, dense, "wi_1", c->F, c->D, site + 18);
        b->ff.wo = linear_find(m, dense, "wo", c->D, c->F, site + 19);
    }
    s->biases = c->biases ? s->layers : 1;
    s->bias = arena_get(m->arena, (size_t)s->biases, sizeof *s->bias);
    for (int i = 0; i < s->biases; i++) {
        const char *name = arena_print(m->arena, "%s.block.%d.layer.0.SelfAttention.relative_attention_bias.weight", side, i);
        s->bias[i] = param_find(m, name, c->buckets, c->H);
    }
    s->norm = vector_find(m, arena_print(m->arena, "%s.final_layer_norm.weight", side), c->D);
}

static Model *model_new(Arena *a, Ops *ops, const char *path) {
    Model *m = arena_get(a, 1, sizeof *m);
    m->arena = a;
    m->ops = ops;
    m->path = arena_copy(a, path, strlen(path));
    return m;
}

static void model_find(Model *m) {
    static const char *const spellings[] = {"shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"};
    int i = 0;
    while (i < 3 && !tensors_find(&m->tensors, spellings[i])) i++;
    m->shared = param_find(m, spellings[i % 3], m->config.V, m->config.D);
    m->tied = !m->random && !tensors_find(&m->tensors, "lm_head.weight");
    m->head = (Linear){.w = m->tied ? m->shared : param_find(m, "lm_head.weight", m->config.V, m->config.D), .in = m->config.D,
                       .out = m->config.V, .site = 3};
    stack_find(m, &m->encoder, false);
    stack_find(m, &m->decoder, true);
}

static Model *model_open(Arena *a, Ops *ops, const char *folder) {
    Model *m = model_new(a, ops, folder);
    if (!is_folder(a, folder))
        fail(a, "%s: no such folder; it must hold config.json, model.safetensors and spiece.model", folder);
    const char *config = path_join(a, folder, "config.json");
    const Json *json = json_file(a, config);
    m->config = config_read(a, config, json);
    m->rules = rules_read(a, folder, json, &m->config);
    m->tensors = tensors_open(a, folder, "model");
    model_find(m);
    return m;
}

// A model of this shape with random weights of the type `to`, to measure with.
static Model *model_random(Arena *a, Ops *ops, const char *path, Config c, DType to) {
    Model *m = model_new(a, ops, path);
    m->config = c;
    m->rules.forced_bos = -1;
    m->random = true;
    m->stored = to;
    model_find(m);
    return m;
}

// FLAN-T5's shape "small", "base" or "large"; false for another name.
static bool config_named(const char *shape, Config *c) {
    static const struct { const char *name; int64_t D, F, H; int layers; } shapes[] = {
        {"small", 512, 1024, 6, 8}, {"base", 768, 2048, 12, 12}, {"large", 1024, 2816, 16, 24}};
    size_t i = 0;
    while (i < sizeof shapes / sizeof *shapes && strcmp(shapes[i].name, shape)) i++;
    if (i == sizeof shapes / sizeof *shapes) return false;
    *c = (Config){.V = 32128, .D = shapes[i].D, .K = 64, .F = shapes[i].F, .H = shapes[i].H,
                  .encoder_layers = shapes[i].layers, .decoder_layers = shapes[i].layers, .buckets = 32, .max_distance = 128,
                  .epsilon = 1e-6f, .dropout = 0.1f, .activation = GELU_NEW, .gated = true};
    return true;
}

// ---- the type that weights are kept in

typedef struct {
    const Kernels *k;
    const Tensor *from;
    char *data;
    float *scale, *wide;  // scale: int8 is wanted; wide: a row for each thread
} StoreWork;

static void store_work(const void *arg, int64_t i, int thread) {
    const StoreWork *w = arg;
    int64_t n = w->from->shape[1];
    float *wide = w->wide + thread * n;
    const float *x = w->from->dtype == F32 ? (const float *)w->from->data + i * n : wide;
    if (x == wide) tensor_read(w->from, i * n, n, wide);
    if (w->scale) w->scale[i] = w->k->to_int8(x, n, (int8_t *)w->data + i * n);
    else w->k->to_bfloat(x, n, (uint16_t *)(void *)w->data + i * n);
}

// The first element of a tensor that is nan or infinite, -1 where there is none.
static int64_t tensor_strange(const Tensor *t) {
    enum { PART = 1 << 12 };
    float part[PART];
    for (int64_t at = 0; at < t->count; at += PART) {
        int64_t n = t->count - at < PART ? t->count - at : PART;
        tensor_read(t, at, n, part);
        for (int64_t i = 0; i < n; i++)
            if (!isfinite(part[i])) return at + i;
    }
    return -1;
}

static void param_look(void *arg, Param *p) {
    Model *m = arg;
    int64_t at = p->value ? -1 : tensor_strange(&p->file);
    if (at >= 0) param_refuse(m, p, at);
}

// Keeps a matrix in another type: bf16, or int8 with a scale for each row. Less memory to read is what makes generation faster;
// sums are still made in f32. What the file's pages or the parameter's own memory held is given back.
static void param_store(Model *m, Param *p, DType to) {
    if (p->file.rank != 2 || (!p->value && (p->file.dtype == to || p->file.dtype == I8))) return;
    int64_t rows = p->file.shape[0], n = p->file.shape[1], count = p->file.count;
    char *data = arena_get(m->arena, (size_t)count, (size_t)dtypes[to].bytes);
    float *scale = to == I8 ? arena_get(m->arena, (size_t)rows, sizeof *scale) : NULL;
    Mark mark = arena_mark(m->arena);
    Tensor from = param_host(m->arena, m->ops, p);
    StoreWork w = {m->ops->kernels, &from, data, scale, arena_get(m->arena, (size_t)(m->ops->pool->threads * n), sizeof(float))};
    parallel(m->ops->pool, rows, store_work, &w);
    for (int64_t i = 0; scale && i < rows; i++)
        if (!isfinite(scale[i])) param_refuse(m, p, i * n);
    arena_release(m->arena, mark);
    tensor_drop(m, &p->file);
    if (p->value) device_drop(m->arena, p->value);
    *p = param_of(p->name, (Tensor){.name = p->file.name, .dtype = to, .rank = 2, .shape = {rows, n}, .count = count,
                                    .data = data, .scale = scale});
}

static void store_one(void *arg, Param *p) {
    Model *m = arg;
    if (!strstr(p->name, "relative_attention_bias")) param_store(m, p, m->stored);
}

// Calls visit for every Linear of the model and the number of its block, -1 for lm_head.
static void model_linears(Model *m, void (*visit)(void *, Linear *, int block), void *arg) {
    for (int side = 0; side < 2; side++) {
        Stack *s = side ? &m->decoder : &m->encoder;
        for (int i = 0; i < s->layers; i++) {
            Block *b = &s->blocks[i];
            Linear *all[] = {&b->self.q, &b->self.k, &b->self.v, &b->self.o, &b->cross.q, &b->cross.k, &b->cross.v, &b->cross.o,
                             &b->ff.wi, &b->ff.gate, &b->ff.wo};
            for (size_t j = 0; j < sizeof all / sizeof *all; j++)
                if (all[j]->w.name) visit(arg, all[j], i);
        }
    }
    visit(arg, &m->head, -1);
}

// Calls visit for every parameter, in the order of the computation.
static void model_params(Model *m, void (*visit)(void *, Param *), void *arg) {
    visit(arg, &m->shared);
    for (int side = 0; side < 2; side++) {
        Stack *s = side ? &m->decoder : &m->encoder;
        for (int i = 0; i < s->biases; i++) visit(arg, &s->bias[i]);
        for (int i = 0; i < s->layers; i++) {
            Block *b = &s->blocks[i];
            Param *all[] = {&b->self.norm, &b->self.q.w, &b->self.k.w, &b->self.v.w, &b->self.o.w, &b->cross.norm, &b->cross.q.w,
                            &b->cross.k.w, &b->cross.v.w, &b->cross.o.w, &b->ff.norm, &b->ff.wi.w, &b->ff.gate.w, &b->ff.wo.w};
            for (size_t j = 0; j < sizeof all / sizeof *all; j++)
                if (all[j]->name) visit(arg, all[j]);
        }
        visit(arg, &s->norm);
    }
    if (!m->tied) visit(arg, &m->head.w);
}

// A tied head reads shared's weights and adds to its gradient.
static void head_follow(Model *m) {
    if (m->tied) m->head.w = m->shared;
}

// --dtype: f32 keeps weights as the file holds them. Then they go to the device, where that has memory of its own: nothing on the
// host changes them any more.
static void model_store(Model *m, DType to) {
    m->stored = to;
    if (to != F32) model_params(m, store_one, m);
    if (m->ops->apart) model_params(m, param_place, m);
    head_follow(m);
}

// Names the weight that a result which is no number comes from. To look at all of them costs seconds, so it is done only then. A
// weight in memory of its own was looked at when it came there.
static void model_look(Model *m) {
    model_params(m, param_look, m);
}

// ---- layers, forward and backward beside each other

static Drop drop_at(const Pass *p, uint64_t site, float probability, int64_t first) {
    Drop d = {.scale = 1, .row = (uint64_t)first};
    if (!p->train || probability <= 0) return d;
    d.key = random_key(p->key, site, 0);
    d.threshold = (uint32_t)fmin((double)probability * 4294967296.0, 4294967295.0);
    d.scale = 1 / (1 - probability);
    return d;
}

static void rows_copy(Ops *o, float *to, const float *from, int64_t N, int64_t n) {
    o->drop(o, to, from, NULL, N, n, (Drop){.scale = 1});
}

// C(N, out) = A(N, in) W^T for a weight as the file holds it.
static void weight_forward(Pass *p, const Tensor *w, float *y, const float *x, int64_t N, float alpha, bool add, bool half) {
    p->ops->gemm(p->ops, (Gemm){.M = N, .N = w->shape[0], .K = w->shape[1], .a = x, .a_row = w->shape[1], .a_column = 1,
                                .b = w->data, .b_scale = w->scale, .b_type = w->dtype, .b_transposed = true, .ldb = w->shape[1],
                                .c = y, .ldc = w->shape[0], .alpha = alpha, .add = add, .stream = p->stream, .half = half,
                                .tf32 = p->half});
}

// dx(N, in) = alpha dy(N, out) W [+ dx]
static void weight_back(Pass *p, const Tensor *w, float *dx, const float *dy, int64_t N, float alpha, bool add, bool half) {
    p->ops->gemm(p->ops, (Gemm){.M = N, .N = w->shape[1], .K = w->shape[0], .a = dy, .a_row = w->shape[0], .a_column = 1,
                                .b = w->data, .b_scale = w->scale, .b_type = w->dtype, .ldb = w->shape[1], .c = dx,
                                .ldc = w->shape[1], .alpha = alpha, .add = add, .half = half, .tf32 = p->half});
}

// dw(out, in) += alpha dy(N, out)^T x(N, in)
static void weight_grad(Pass *p, float *dw, const float *dy, const float *x, int64_t N, int64_t out, int64_t in, float alpha,
                        bool half) {
    p->ops->gemm(p->ops, (Gemm){.M = out, .N = in, .K = N, .a = dy, .a_row = 1, .a_column = out, .b = x, .ldb = in, .c = dw,
                                .ldc = in, .alpha = alpha, .add = true, .half = half, .tf32 = p->half});
}

static Tensor matrix(float *data, int64_t rows, int64_t columns) {
    return (Tensor){.dtype = F32, .rank = 2, .shape = {rows, columns}, .count = rows * columns, .data = data};
}

static bool linear_trained(const Linear *l) {
    return l->w.grad || (l->lora && l->lora->grad_A);
}

// What an adapter reads: dropout(x) (N, in), in the workspace where there is any.
static const float *lora_input(Pass *p, const float *x, int64_t N, int64_t in, Drop d) {
    if (!d.threshold) return x;
    float *dropped = work_get(p->work, N * in);
    p->ops->drop(p->ops, dropped, x, NULL, N, in, d);
    return dropped;
}

// y(N, out) = x(N, in) W^T [+ scale dropout(x) A^T B^T]
static void linear_forward(Pass *p, Linear *l, float *y, const float *x, int64_t N, int64_t first) {
    weight_forward(p, &l->w.device, y, x, N, 1, false, p->half);
    if (!l->lora) return;
    Lora *a = l->lora;
    Tensor A = matrix(a->A, a->R, l->in), B = matrix(a->B, l->out, a->R);
    Drop d = drop_at(p, l->site, a->dropout, first);
    Place place = work_mark(p->work);
    float *ax = work_get(p->keep ? p->kept : p->work, N * a->R);
    a->ax = p->keep ? ax : NULL;
    weight_forward(p, &A, ax, lora_input(p, x, N, l->in, d), N, 1, false, false);
    weight_forward(p, &B, y, ax, N, a->scale, true, false);
    work_release(p->work, place);
}

// dx(N, in) = [dx +] dy(N, out) W and what LoRA adds, where dx is wanted; gradients of what is trained. x is the input of
// forward, needed only where linear_trained(l).
static void linear_back(Pass *p, Linear *l, float *dx, bool add, const float *dy, const float *x, int64_t N, int64_t first) {
    Ops *o = p->ops;
    if (dx) weight_back(p, &l->w.device, dx, dy, N, 1, add, p->half);
    if (l->w.grad) weight_grad(p, l->w.grad, dy, x, N, l->out, l->in, 1, p->half);
    if (!l->lora) return;
    Lora *a = l->lora;
    Place place = work_mark(p->work);
    Tensor A = matrix(a->A, a->R, l->in), B = matrix(a->B, l->out, a->R);
    Drop d = drop_at(p, l->site, a->dropout, first);
    float *dax = work_get(p->work, N * a->R);
    weight_back(p, &B, dax, dy, N, a->scale, false, false);
    if (a->grad_A) {
        weight_grad(p, a->grad_B, dy, a->ax, N, l->out, a->R, a->scale, false);
        weight_grad(p, a->grad_A, dax, lora_input(p, x, N, l->in, d), N, a->R, l->in, 1, false);
    }
    if (dx && d.threshold) {
        float *part = work_get(p->work, N * l->in);
        weight_back(p, &A, part, dax, N, 1, false, false);
        o->drop(o, dx, part, dx, N, l->in, d);
    } else if (dx) {
        weight_back(p, &A, dx, dax, N, 1, true, false);
    }
    work_release(p->work, place);
}

// The T5 bucket of a distance key - query: half of the buckets for exact small distances, the others growing by a power up to
// max_distance; with `both` directions each gets half.
static int bucket_of(int64_t distance, bool both, int buckets, int max_distance) {
    int bucket = 0;
    int64_t n = -distance;
    if (both) {
        buckets /= 2;
        if (distance > 0) bucket = buckets;
        n = n < 0 ? -n : n;
    } else if (n < 0) n = 0;
    int exact = buckets / 2;
    if (n < exact) return bucket + (int)n;
    // In float, as transformers does, so that distances on a bucket's edge fall on the same side.
    float far = logf((float)n / (float)exact) / (float)log((double)max_distance / exact) * (float)(buckets - exact);
    int large = exact + (int)far;
    return bucket + (large < buckets - 1 ? large : buckets - 1);
}

// The buckets of the distances 1 - reach .. reach - 1.
static const int32_t *buckets_of(Pass *p, const Stack *s) {
    const Config *c = &p->model->config;
    int32_t *bucket = arena_get(p->model->arena, (size_t)(2 * s->reach - 1), sizeof *bucket);
    for (int64_t i = 0; i < 2 * s->reach - 1; i++)
        bucket[i] = bucket_of(i - s->reach + 1, !s->decoder, c->buckets, c->max_distance);
    return bucket;
}

// Floats of one bias in the table.
static int64_t table_size(const Pass *p, const Stack *s) {
    return p->model->config.H * (2 * s->reach - 1);
}

// The biases of every distance up to reach: table (biases, H, 2 reach - 1).
static void bias_forward(Pass *p, Stack *s, int64_t reach) {
    Mark mark = arena_mark(p->model->arena);
    s->reach = reach;
    s->table = work_get(p->work, s->biases * table_size(p, s));
    const int32_t *buckets = buckets_of(p, s);
    for (int i = 0; i < s->biases; i++)
        p->ops->bias(p->ops, s->table + i * table_size(p, s), &s->bias[i].device, buckets, 2 * reach - 1);
    arena_release(p->model->arena, mark);
}

static void bias_back(Pass *p, Stack *s, const float *dtable) {
    Mark mark = arena_mark(p->model->arena);
    const int32_t *buckets = buckets_of(p, s);
    for (int i = 0; i < s->biases; i++)
        if (s->bias[i].grad)
            p->ops->bias_back(p->ops, s->bias[i].grad, dtable + i * table_size(p, s), buckets, 2 * s->reach - 1,
                              p->model->config.H);
    arena_release(p->model->arena, mark);
}

// What an attention layer looks at: its own rows, or (cross) the encoder's output.
typedef struct {
    int64_t S, N, longest, first;
    const int64_t *offsets;
} Rows;

static Attention attention_of(Pass *p, const Stack *s, const AttentionLayer *l, const Rows *own, const Rows *other) {
    const Config *c = &p->model->config;
    const Rows *keys = other ? other : own;
    return (Attention){.sequences = own->S, .heads = c->H, .width = c->K, .longest_k = keys->longest,
                       .q_offsets = own->offsets, .k_offsets = keys->offsets, .q = l->qx, .k = l->kx, .v = l->vx,
                       .bias = other ? NULL : s->table + l->which * table_size(p, s), .reach = s->reach,
                       .causal = s->decoder && !other, .half = p->half,
                       .drop = drop_at(p, l->site + 5, p->dropout, own->first), .out = l->out, .lse = l->lse};
}

// y(N, D) = x + dropout(o(attention(q(n), k(m), v(m)))) with n = norm(x), and m = n or the encoder's output.
static void attention_forward(Pass *p, const Stack *s, AttentionLayer *l, float *y, const float *x, const Rows *own,
                              const float *memory, const Rows *other) {
    const Config *c = &p->model->config;
    Ops *o = p->ops;
    int64_t I = c->H * c->K, N = own->N, M = memory ? other->N : N;
    Place whole = work_mark(p->work);
    Workspace *w = p->keep ? p->kept : p->work;
    l->x = x;
    l->r = work_get(w, N);
    l->qx = work_get(w, N * I);
    l->kx = work_get(w, M * I);
    l->vx = work_get(w, M * I);
    l->out = work_get(w, N * I);
    l->lse = work_get(w, N * c->H);
    float *n = work_get(p->work, N * c->D);
    o->norm(o, n, l->r, x, l->norm.device.data, N, c->D, c->epsilon);
    linear_forward(p, &l->q, l->qx, n, N, own->first);
    linear_forward(p, &l->k, l->kx, memory ? memory : n, M, memory ? other->first : own->first);
    linear_forward(p, &l->v, l->vx, memory ? memory : n, M, memory ? other->first : own->first);
    Attention t = attention_of(p, s, l, own, memory ? other : NULL);
    o->attention(o, &t);
    linear_forward(p, &l->o, n, l->out, N, own->first);
    o->drop(o, y, n, x, N, c->D, drop_at(p, l->site + 6, p->dropout, own->first));
    work_release(p->work, whole);
}

// dx(N, D) holds the gradient of y and becomes that of x (it stays as it is where `below` is false: nothing under this layer is
// trained). dmemory, where not NULL, is added to.
static void attention_back(Pass *p, Stack *s, AttentionLayer *l, float *dx, bool below, const Rows *own, const float *memory,
                           float *dmemory, const Rows *other, float *dtable) {
    const Config *c = &p->model->config;
    Ops *o = p->ops;
    int64_t I = c->H * c->K, N = own->N, M = memory ? other->N : N, kfirst = memory ? other->first : own->first;
    Place whole = work_mark(p->work);
    float *dy = work_get(p->work, N * c->D), *dout = work_get(p->work, N * I);
    float *dq = work_get(p->work, N * I), *dk = work_get(p->work, M * I), *dv = work_get(p->work, M * I);
    o->drop(o, dy, dx, NULL, N, c->D, drop_at(p, l->site + 6, p->dropout, own->first));
    linear_back(p, &l->o, dout, false, dy, l->out, N, own->first);
    Attention t = attention_of(p, s, l, own, memory ? other : NULL);
    AttentionBack d = {.dout = dout, .dq = dq, .dk = dk, .dv = dv};
    if (dtable && !memory) d.dbias = dtable + l->which * table_size(p, s);
    o->attention_back(o, &t, &d);
    float *n = dy;  // free again: the normed rows, made once more where something that read them is trained
    bool reads = linear_trained(&l->q) || (!memory && (linear_trained(&l->k) || linear_trained(&l->v)));
    if (reads) o->norm(o, n, l->r, l->x, l->norm.device.data, N, c->D, c->epsilon);
    bool want = below || l->norm.grad;
    float *dn = want ? dout : NULL;
    if (want && I < c->D) dn = work_get(p->work, N * c->D);
    linear_back(p, &l->q, dn, false, dq, n, N, own->first);
    linear_back(p, &l->k, memory ? dmemory : dn, true, dk, memory ? memory : n, M, kfirst);
    linear_back(p, &l->v, memory ? dmemory : dn, true, dv, memory ? memory : n, M, kfirst);
    if (want) o->norm_back(o, below ? dx : NULL, l->norm.grad, dn, l->x, l->r, l->norm.device.data, N, c->D);
    work_release(p->work, whole);
}

// y(N, D) = x + dropout(wo(dropout(act(wi n) [* gate n]))), n = norm(x). y NULL: only what backward needs is wanted.
static void feed_forward(Pass *p, FeedForward *l, float *y, const float *x, int64_t N, int64_t first) {
    const Config *c = &p->model->config;
    Ops *o = p->ops;
    Place whole = work_mark(p->work);
    Workspace *w = p->keep ? p->kept : p->work;
    l->x = x;
    l->r = work_get(w, N);
    l->g = work_get(w, N * c->F);
    l->u = c->gated ? work_get(w, N * c->F) : NULL;
    float *n = work_get(p->work, N * c->D), *h = work_get(p->work, N * c->F);
    o->norm(o, n, l->r, x, l->norm.device.data, N, c->D, c->epsilon);
    linear_forward(p, &l->wi, l->g, n, N, first);
    if (c->gated) linear_forward(p, &l->gate, l->u, n, N, first);
    if (y || l->wo.lora) {  // an adapter keeps a part of what it makes
        o->act(o, h, l->g, l->u, N, c->F, c->activation, drop_at(p, l->site + 5, p->dropout, first));
        linear_forward(p, &l->wo, n, h, N, first);
    }
    if (y) o->drop(o, y, n, x, N, c->D, drop_at(p, l->site + 6, p->dropout, first));
    work_release(p->work, whole);
}

// dx as in attention_back.
static void feed_forward_back(Pass *p, FeedForward *l, float *dx, bool below, int64_t N, int64_t first) {
    const Config *c = &p->model->config;
    Ops *o = p->ops;
    Place whole = work_mark(p->work);
    float *dy = work_get(p->work, N * c->D), *dh = work_get(p->work, N * c->F), *dg = work_get(p->work, N * c->F);
    float *du = c->gated ? work_get(p->work, N * c->F) : NULL;
    Drop inner = drop_at(p, l->site + 5, p->dropout, first);
    o->drop(o, dy, dx, NULL, N, c->D, drop_at(p, l->site + 6, p->dropout, first));
    if (linear_trained(&l->wo)) o->act(o, dg, l->g, l->u, N, c->F, c->activation, inner);  // what wo read, made once more
    linear_back(p, &l->wo, dh, false, dy, dg, N, first);
    o->act_back(o, dg, du, dh, l->g, l->u, N, c->F, c->activation, inner);
    bool want = below || l->norm.grad;
    float *n = dy, *dn = want ? dh : NULL;
    if (want && c->F < c->D) dn = work_get(p->work, N * c->D);
    if (linear_trained(&l->wi) || linear_trained(&l->gate)) o->norm(o, n, l->r, l->x, l->norm.device.data, N, c->D, c->epsilon);
    linear_back(p, &l->wi, dn, false, dg, n, N, first);
    if (c->gated) linear_back(p, &l->gate, dn, true, du, n, N, first);
    if (want) o->norm_back(o, below ? dx : NULL, l->norm.grad, dn, l->x, l->r, l->norm.device.data, N, c->D);
    work_release(p->work, whole);
}

// ---- the two stacks

static bool block_trained(const Block *b) {
    const Linear *all[] = {&b->self.q, &b->self.k, &b->self.v, &b->self.o, &b->cross.q, &b->cross.k, &b->cross.v, &b->cross.o,
                           &b->ff.wi, &b->ff.gate, &b->ff.wo};
    for (size_t j = 0; j < sizeof all / sizeof *all; j++)
        if (linear_trained(all[j])) return true;
    return b->self.norm.grad || b->cross.norm.grad || b->ff.norm.grad;
}

static bool biases_trained(const Stack *s) {
    int i = 0;
    while (i < s->biases && !s->bias[i].grad) i++;
    return i < s->biases;
}

// Is anything under the first block trained: the embeddings, a prompt? (The bias is made in the first block.)
static bool stack_reaches_down(const Model *m, const Stack *s) {
    return m->shared.grad || m->prompt[s->decoder].grad || biases_trained(s);
}

// Number of the lowest block that backward must reach; s->layers when none is.
static int stack_lowest(const Model *m, const Stack *s) {
    if (stack_reaches_down(m, s)) return 0;
    int i = 0;
    while (i < s->layers && !block_trained(&s->blocks[i])) i++;
    return i;
}

static bool stack_trained(const Model *m, const Stack *s) {
    return stack_lowest(m, s) < s->layers || s->norm.grad;
}

// Every block of the decoder has a part in the gradient of the encoder's output.
static int stack_floor(const Model *m, const Stack *s) {
    return s->decoder && stack_trained(m, &m->encoder) ? 0 : stack_lowest(m, s);
}

// x(N, D) = dropout(prompt rows and embeddings). Sequence s of the stack has P rows more than its tokens.
static float *embed_forward(Pass *p, const Stack *s, const int32_t *ids, const int64_t *offsets, const Rows *rows) {
    Model *m = p->model;
    Ops *o = p->ops;
    int64_t D = m->config.D, P = m->prompt[s->decoder].P;
    float *x = work_get(p->work, rows->N * D);
    if (!P) o->embed(o, x, &s->embed->device, ids + offsets[0], rows->N);
    else
        for (int64_t i = 0; i < rows->S; i++) {
            float *to = x + rows->offsets[i] * D;
            rows_copy(o, to, m->prompt[s->decoder].rows, P, D);
            o->embed(o, to + P * D, &s->embed->device, ids + offsets[i], offsets[i + 1] - offsets[i]);
        }
    o->drop(o, x, x, NULL, rows->N, D, drop_at(p, s->site, p->dropout, rows->first));
    return x;
}

static void embed_back(Pass *p, const Stack *s, float *dx, const int32_t *ids, const int64_t *offsets, const Rows *rows) {
    Model *m = p->model;
    Ops *o = p->ops;
    int64_t D = m->config.D;
    const Prompt *prompt = &m->prompt[s->decoder];
    if (!m->shared.grad && !prompt->grad) return;
    o->drop(o, dx, dx, NULL, rows->N, D, drop_at(p, s->site, p->dropout, rows->first));
    for (int64_t i = 0; i < rows->S; i++) {
        float *from = dx + rows->offsets[i] * D;
        if (prompt->grad) o->add(o, prompt->grad, from, 1, prompt->P * D);
        if (m->shared.grad)
            o->embed_back(o, m->shared.grad, from + prompt->P * D, ids + offsets[i], offsets[i + 1] - offsets[i], D);
    }
}

// The rows of a stack for a batch: its tokens, and P prompt rows before each sequence.
static Rows rows_make(Pass *p, const Stack *s, const Batch *b, int64_t **space) {
    const int64_t *offsets = s->decoder ? b->target_offsets : b->source_offsets;
    int64_t P = p->model->prompt[s->decoder].P, first = s->decoder ? b->first_target : b->first_source;
    Rows r = {.S = b->S, .first = first + P * b->first, .offsets = *space};
    for (int64_t i = 0; i <= b->S; i++) {
        (*space)[i] = offsets[i] - offsets[0] + P * i;  // NOLINT: where there are no targets, this is the encoder's stack
        if (i && (*space)[i] - (*space)[i - 1] > r.longest) r.longest = (*space)[i] - (*space)[i - 1];
    }
    r.N = (*space)[b->S];
    *space += b->S + 1;
    return r;
}

// y(N, D), which may be NULL as in feed_forward, is what block b makes of x(N, D).
static void block_forward(Pass *p, const Stack *s, Block *b, float *y, const float *x, const Rows *own, const float *memory,
                          const Rows *other) {
    int64_t n = own->N * p->model->config.D;
    Place whole = work_mark(p->work);
    Workspace *w = p->keep ? p->kept : p->work;
    float *between = work_get(w, n);
    attention_forward(p, s, &b->self, between, x, own, NULL, NULL);
    if (s->decoder) {
        x = between;
        between = work_get(w, n);
        attention_forward(p, s, &b->cross, between, x, own, memory, other);
    }
    feed_forward(p, &b->ff, y, between, own->N, own->first);
    work_release(p->work, whole);
}

// dx, `below`, dmemory and dtable as in attention_back.
static void block_back(Pass *p, Stack *s, Block *b, float *dx, bool below, const Rows *own, const float *memory, float *dmemory,
                       const Rows *other, float *dtable) {
    Place kept = work_mark(p->kept);
    if (p->checkpoint) block_forward(p, s, b, NULL, b->self.x, own, memory, other);
    feed_forward_back(p, &b->ff, dx, true, own->N, own->first);
    if (s->decoder) attention_back(p, s, &b->cross, dx, true, own, memory, dmemory, other, NULL);
    attention_back(p, s, &b->self, dx, below, own, NULL, NULL, NULL, dtable);
    work_release(p->kept, kept);
}

// Runs the blocks and the final norm; returns h(N, D). Blocks under the lowest trained one keep nothing.
static float *stack_forward(Pass *p, Stack *s, float *x, const Rows *own, const float *memory, const Rows *other) {
    Model *m = p->model;
    Ops *o = p->ops;
    int64_t D = m->config.D;
    bool keep = p->keep;
    int lowest = keep ? stack_floor(m, s) : s->layers;
    bias_forward(p, s, own->longest);
    float *passing[2] = {x, work_get(p->work, own->N * D)};
    int side = 0;
    for (int i = 0; i < s->layers; i++, ranks_poll(p->hand)) {
        bool above = i >= lowest;
        p->keep = above && !p->checkpoint;
        // A block's output must outlive it where the next one keeps it; else two buffers take turns.
        float *y = above ? work_get(p->kept, own->N * D) : passing[side ^= 1];
        block_forward(p, s, &s->blocks[i], y, x, own, memory, other);
        x = y;
    }
    p->keep = keep;
    s->x = x;
    s->r = work_get(p->work, own->N);
    float *h = work_get(p->work, own->N * D);
    o->norm(o, h, s->r, x, s->norm.device.data, own->N, D, m->config.epsilon);
    o->drop(o, h, h, NULL, own->N, D, drop_at(p, s->site + 1, p->dropout, own->first));
    return h;
}

// From dh(N, D), overwritten, down to the lowest trained thing. Adds the gradient of the encoder's output to dmemory. Returns the
// gradient of the stack's input, which means something only where stack_reaches_down.
static float *stack_back(Pass *p, Stack *s, float *dh, const Rows *own, const float *memory, float *dmemory, const Rows *other) {
    Model *m = p->model;
    Ops *o = p->ops;
    int64_t D = m->config.D;
    bool deep = stack_reaches_down(m, s);
    int lowest = stack_floor(m, s);
    float *dx = work_get(p->work, own->N * D), *dtable = NULL;
    o->zero(o, dx, own->N * D);
    o->drop(o, dh, dh, NULL, own->N, D, drop_at(p, s->site + 1, p->dropout, own->first));
    o->norm_back(o, dx, s->norm.grad, dh, s->x, s->r, s->norm.device.data, own->N, D);
    if (biases_trained(s)) {
        int64_t n = s->biases * table_size(p, s);
        dtable = work_get(p->work, n);
        o->zero(o, dtable, n);
    }
    for (int i = s->layers - 1; i >= lowest; i--, ranks_poll(p->hand))
        block_back(p, s, &s->blocks[i], dx, deep || i > lowest, own, memory, dmemory, other, dtable);
    if (dtable) bias_back(p, s, dtable);
    return dx;
}

// ---- the whole model

enum { LOSS_ROWS = 256 };  // target tokens whose logits exist at a time; eight times as many on a device

static int64_t loss_rows(const Ops *o) {
    return o->apart ? 8 * LOSS_ROWS : LOSS_ROWS;
}

// Are rows scaled before they meet the head?
static float head_scale(const Model *m) {
    return m->config.scale_logits ? 1 / sqrtf((float)m->config.D) : 1;
}

// Losses of the N target tokens (on the host) and, where dh is not NULL, the gradient dh(N, D) of `weight` times their sum. The
// logits of loss_rows tokens exist at a time. h has P rows before each sequence's tokens; they say nothing and get no gradient.
static void loss_forward(Pass *p, float *loss, float *dh, const float *h, const Batch *b, const Rows *rows, float smoothing,
                         float weight) {
    Model *m = p->model;
    Ops *o = p->ops;
    int64_t D = m->config.D, V = m->config.V, P = m->prompt[1].P, first = b->target_offsets[0],
        N = b->target_offsets[b->S] - first;
    float scale = head_scale(m);
    Place place = work_mark(p->work), kept = work_mark(p->kept);
    float *said = work_get(p->work, N * D), *dsaid = dh ? work_get(p->work, N * D) : NULL;
    o->zero(o, said, N * D);
    for (int64_t i = 0; i < b->S; i++) {
        int64_t at = b->target_offsets[i] - first, n = b->target_offsets[i + 1] - b->target_offsets[i];
        o->add(o, said + at * D, h + (rows->offsets[i] + P) * D, scale, n * D);
    }
    int64_t most = loss_rows(o);
    float *logits = work_get(p->work, (N < most ? N : most) * V), *part = work_get(p->work, most);
    bool gradient = dh || (p->keep && linear_trained(&m->head));
    // the gradients of a row of logits span more than whole numbers do: -1 for one of them, next to nothing for most
    Pass back = *p;
    back.half = p->half && m->head.w.device.dtype != I8;
    for (int64_t i = 0; i < N; i += most) {
        int64_t n = N - i < most ? N - i : most;
        linear_forward(p, &m->head, logits, said + i * D, n, b->first_target + i);
        o->cross_entropy(o, part, logits, b->label + first + i, n, V, smoothing, weight, gradient);
        o->copy_out(o, loss + i, part, (size_t)n * sizeof *loss);
        if (gradient)
            linear_back(&back, &m->head, dh ? dsaid + i * D : NULL, false, logits, said + i * D, n, b->first_target + i);
    }
    if (dh) {
        o->zero(o, dh, rows->N * D);
        for (int64_t i = 0; i < b->S; i++) {
            int64_t at = b->target_offsets[i] - first, n = b->target_offsets[i + 1] - b->target_offsets[i];
            o->add(o, dh + (rows->offsets[i] + P) * D, dsaid + at * D, scale, n * D);
        }
    }
    work_release(p->work, place);
    work_release(p->kept, kept);
}

// The encoder's output for a batch: (rows, D) in the workspace.
static float *encode(Pass *p, const Batch *b, const Rows *rows) {
    Stack *s = &p->model->encoder;
    bool keep = p->keep;
    p->keep = keep && stack_trained(p->model, s);
    float *x = embed_forward(p, s, b->source, b->source_offsets, rows);
    float *h = stack_forward(p, s, x, rows, NULL, NULL);
    p->keep = keep;
    return h;
}

// Teacher-forced loss of every target token; loss has one entry for each. With p->keep, gradients of `weight` times the sum of
// the losses are added to whatever is trained.
static void model_loss(Pass *p, const Batch *b, float smoothing, float weight, float *loss) {
    Model *m = p->model;
    Place place = work_mark(p->work), kept = work_mark(p->kept);
    Arena *a = m->arena;
    Mark mark = arena_mark(a);
    int64_t *space = arena_get(a, (size_t)(2 * b->S + 2), sizeof *space), D = m->config.D;
    Rows from = rows_make(p, &m->encoder, b, &space), to = rows_make(p, &m->decoder, b, &space);
    float *memory = encode(p, b, &from);
    float *x = embed_forward(p, &m->decoder, b->target, b->target_offsets, &to);
    float *h = stack_forward(p, &m->decoder, x, &to, memory, &from);
    bool encoder = p->keep && stack_trained(m, &m->encoder), stacks = encoder || (p->keep && stack_trained(m, &m->decoder));
    float *dh = stacks ? work_get(p->work, to.N * D) : NULL, *dmemory = NULL;
    loss_forward(p, loss, dh, h, b, &to, smoothing, weight);
    if (stacks) {
        if (encoder) {
            dmemory = work_get(p->work, from.N * D);
            p->ops->zero(p->ops, dmemory, from.N * D);
        }
        float *dx = stack_back(p, &m->decoder, dh, &to, memory, dmemory, &from);
        embed_back(p, &m->decoder, dx, b->target, b->target_offsets, &to);
        if (encoder) {
            dx = stack_back(p, &m->encoder, dmemory, &from, NULL, NULL, NULL);
            embed_back(p, &m->encoder, dx, b->source, b->source_offsets, &from);
        }
    }
    arena_release(a, mark);
    work_release(p->work, place);
    work_release(p->kept, kept);
}

/* ================================================================================================================
   8  peft: what is trained, and the folders that hold it

   Three methods share one list of trained tensors (Trained), which the optimizer walks and the files are written from:
     lora    a low-rank pair A, B beside the linear layers that --target-modules names
     prompt  rows before the encoder's tokens (and the decoder's, with --prompt-decoder)
     full    the weights themselves, but for those that --freeze names

   An adapter is a folder as peft writes it: adapter_config.json, and adapter_model.safetensors with
     base_model.model.MODULE.lora_A.weight (R, in), ...lora_B.weight (out, R)     or     prompt_embeddings (P, D).
   A prompt of both sides is saved as 2 P rows with num_transformer_submodules 2. peft 0.21 reads the first P of them and
   never gives the decoder its rows, so a folder of that kind feeds our decoder only if it says t5peft_decoder_prompt.
   ================================================================================================================ */

typedef struct {
    const char *name;        // in the file
    float *value, *grad;     // on the device
    int64_t rows, columns;   // columns = 0: a vector
    bool decay;              // weight decay applies
} Trained;

typedef struct {
    Model *model;
    Trained *items;
    size_t n, room;
    int64_t count;           // numbers in all of them
    const char *method;      // "lora", "prompt", "full"
    const char *config;      // adapter_config.json; NULL for full
} Tuning;

typedef struct {
    int R;
    double alpha, dropout;
    bool rank_stabilized;    // scale alpha / sqrt(R) (Kalajdzievski 2023) and not alpha / R
    const char *targets;     // names, comma-separated, or "all-linear", or a regular expression (see targets_read)
    const char *layers;      // "0-5,8" or NULL for all
    uint64_t seed;
} LoraOptions;

typedef struct {
    Model *model;
    const LoraOptions *options;
    Regex *regex;            // NULL: options->targets is a list
    size_t named, found;     // layers of these names, and those of them in the blocks that are asked for
} LoraAttach;

static int64_t trained_count(const Trained *t) {
    return t->rows * (t->columns ? t->columns : 1);
}

// Puts one on the list. Returns its gradient, which it gets here.
static float *trained_add(Tuning *t, Trained one) {
    one.grad = device_get(t->model->arena, t->model->ops, trained_count(&one));
    t->items = arena_grow(t->model->arena, t->items, t->n, &t->room, sizeof *t->items);
    t->items[t->n++] = one;
    t->count += trained_count(&one);
    return one.grad;
}

// The module of a weight's name: without ".weight".
static char *module_name(Arena *a, const Linear *l, bool head) {
    return head ? arena_copy(a, "lm_head", 7) : arena_copy(a, l->w.name, strlen(l->w.name) - strlen(".weight"));
}

// Is the last part of a dotted name in a comma-separated list? A longer entry, "SelfAttention.q", must be its end.
static bool name_listed(const char *name, const char *list) {
    size_t length = strlen(name);
    while (*list) {
        size_t n = strcspn(list, ",");
        bool end = n && n <= length && !memcmp(name + length - n, list, n) && (n == length || name[length - n - 1] == '.');
        if (end) return true;
        list += n + (list[n] == ',');
    }
    return false;
}

// --target-modules as peft takes them: a list of names, perhaps in brackets and quotes, or one regular expression that must match
// the module's whole name. That is what stands in /.../ or has a character that no name has.
static const char *targets_read(Arena *a, const char *given, bool *regex) {
    size_t n = strlen(given);
    bool slashes = n > 1 && *given == '/' && given[n - 1] == '/', brackets = n > 1 && *given == '[' && given[n - 1] == ']';
    char *text = arena_copy(a, given + (slashes || brackets), n - (slashes || brackets ? 2 : 0)), *out = text;
    *regex = slashes || strpbrk(text, "\\^$*+?()|{}[]");
    if (*regex) return slashes ? text : given;
    for (const char *s = text; *s; s++)
        if (!strchr("\"' ", *s)) *out++ = *s;
    *out = 0;
    return text;
}

// Is a number in a list like "0-5,8"? Fails on anything else.
static bool number_listed(Arena *a, int x, const char *list) {
    bool found = false;
    for (const char *s = list; *s;) {
        char *end;
        long from = strtol(s, &end, 10), to = from;
        bool good = end > s && from >= 0;
        if (good && *end == '-') {
            s = end + 1;
            to = strtol(s, &end, 10);
            good = end > s && to >= from;
        }
        if (!good || (*end && *end != ','))
            fail(a, "--layers-to-transform %s: not understood; write block numbers and ranges, for instance 0-5,8", list);
        found |= x >= from && x <= to;
        s = *end ? end + 1 : end;
    }
    return found;
}

static void linear_detach(void *arg, Linear *l, int block) {
    (void)arg, (void)block;
    l->lora = NULL;
}

static void param_freeze(void *arg, Param *p) {
    (void)arg;
    p->grad = NULL;
}

// Takes off adapters and prompts and trains nothing; weights stay as they are.
static void model_detach(Model *m) {
    model_linears(m, linear_detach, NULL);
    model_params(m, param_freeze, NULL);
    head_follow(m);
    m->prompt[0] = m->prompt[1] = (Prompt){0};
}

// Gives a linear layer an adapter of its own: device memory, zeros.
static Lora *lora_new(Model *m, Linear *l, int64_t R, double scale, double dropout) {
    Lora *a = arena_get(m->arena, 1, sizeof *a);
    *a = (Lora){.R = R, .scale = (float)scale, .dropout = (float)dropout};
    a->A = device_get(m->arena, m->ops, R * l->in);
    a->B = device_get(m->arena, m->ops, l->out * R);
    l->lora = a;
    return a;
}

static double lora_scale(Arena *a, const char *what, double alpha, int64_t R, bool rank_stabilized) {
    double scale = rank_stabilized ? alpha / sqrt((double)R) : alpha / (double)R;
    if (!isfinite((float)scale))
        fail(a, "%s: an adapter scaled by %g is more than weights can be; a smaller alpha is wanted", what, scale);
    return scale;
}

static void lora_attach_one(void *arg, Linear *l, int block) {
    LoraAttach *t = arg;
    const LoraOptions *o = t->options;
    Model *m = t->model;
    const char *name = module_name(m->arena, l, block < 0);
    size_t end;
    bool all = !strcmp(o->targets, "all-linear"), wanted = all ? block >= 0 : name_listed(name, o->targets);
    if (t->regex ? !regex_match(t->regex, name, strlen(name), 0, true, &end) : !wanted) return;
    t->named++;
    if (o->layers && (block < 0 || !number_listed(m->arena, block, o->layers))) return;
    t->found++;
    Lora *a = lora_new(m, l, o->R, lora_scale(m->arena, "--lora-alpha", o->alpha, o->R, o->rank_stabilized), o->dropout);
    // A is uniform in +-1/sqrt(in), which is what peft's kaiming_uniform(a = sqrt 5) comes to; B is zero, so tuning starts at
    // the base.
    uint64_t key = random_key(o->seed, 0x10a, l->site);
    Mark mark = arena_mark(m->arena);
    float *host = arena_get(m->arena, (size_t)(a->R * l->in), sizeof *host);
    double bound = 1 / sqrt((double)l->in);
    for (int64_t i = 0; i < a->R * l->in; i++) host[i] = (float)((2 * random_uniform(key, (uint64_t)i) - 1) * bound);
    m->ops->copy_in(m->ops, a->A, host, (size_t)(a->R * l->in) * sizeof *host);
    arena_release(m->arena, mark);
}

// Puts the adapters that the model carries on the list of what is trained.
static void lora_train_one(void *arg, Linear *l, int block) {
    Tuning *t = arg;
    Lora *x = l->lora;
    if (!x) return;
    Arena *a = t->model->arena;
    const char *name = module_name(a, l, block < 0);
    x->grad_A = trained_add(t, (Trained){.name = arena_print(a, "base_model.model.%s.lora_A.weight", name), .value = x->A,
                                         .rows = x->R, .columns = l->in, .decay = true});
    x->grad_B = trained_add(t, (Trained){.name = arena_print(a, "base_model.model.%s.lora_B.weight", name), .value = x->B,
                                         .rows = l->out, .columns = x->R, .decay = true});
}

// What peft would find besides linear layers, and refuse or tune otherwise: embeddings, norms, and what holds other modules.
static void regex_check_one(void *arg, Param *p) {
    static const char *const inside[] = {"", ".act", ".dropout"};
    LoraAttach *t = arg;
    Arena *a = t->model->arena;
    bool linear = p->file.rank == 2 && !strstr(p->name, "bias") && strcmp(p->name, "shared.weight");
    for (const char *dot = strchr(p->name, '.'); dot; dot = strchr(dot + 1, '.')) {
        bool own = !strcmp(dot, ".weight"), attention = dot - p->name > 9 && !strncmp(dot - 9, "Attention", 9);
        for (int i = 0; i < (own ? !linear : attention ? 1 : 3); i++) {
            const char *name = arena_print(a, "%.*s%s", (int)(dot - p->name), p->name, inside[i]);
            size_t end;
            if (regex_match(t->regex, name, strlen(name), 0, true, &end))
                fail(a, "--target-modules %s: matches %s too, which is no linear layer", t->options->targets, name);
        }
    }
}

// Appends "a,b" as a JSON list.
static void text_list(Text *t, const char *list) {
    text_add(t, "[", 1);
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, ",");
        if (s != list) text_add(t, ", ", 2);
        text_json(t, s, n);
        s += n + (s[n] == ',');
    }
    text_add(t, "]", 1);
}

static const char *lora_config(Model *m, const LoraOptions *o, bool regex) {
    Text t = {.arena = m->arena};
    text_print(&t, "{\n  \"peft_type\": \"LORA\",\n  \"task_type\": \"SEQ_2_SEQ_LM\",\n"
               "  \"base_model_name_or_path\": %s,\n  \"r\": %d,\n  \"lora_alpha\": %s,\n  \"lora_dropout\": %s,\n"
               "  \"use_rslora\": %s,\n  \"target_modules\": ",
               json_quoted(m->arena, m->path), o->R, json_real(m->arena, o->alpha), json_real(m->arena, o->dropout),
               o->rank_stabilized ? "true" : "false");
    const char *all = m->config.gated ? "q,k,v,o,wi_0,wi_1,wo" : "q,k,v,o,wi,wo";
    if (regex) text_json(&t, o->targets, strlen(o->targets));
    else text_list(&t, strcmp(o->targets, "all-linear") ? o->targets : all);
    if (o->layers) {
        int most = m->config.encoder_layers > m->config.decoder_layers ? m->config.encoder_layers : m->config.decoder_layers;
        const char *comma = "";
        text_print(&t, ",\n  \"layers_pattern\": \"block\",\n  \"layers_to_transform\": [");
        for (int i = 0; i < most; i++)
            if (number_listed(m->arena, i, o->layers)) text_print(&t, "%s%d", comma, i), comma = ", ";
        text_print(&t, "]");
    }
    text_print(&t, ",\n  \"bias\": \"none\",\n  \"fan_in_fan_out\": false,\n  \"init_lora_weights\": true,\n"
               "  \"modules_to_save\": null,\n  \"use_dora\": false,\n  \"inference_mode\": true\n}\n");
    return t.data;
}

// Trains the adapters that the model carries.
static Tuning *tuning_found(Model *m) {
    Tuning *t = arena_get(m->arena, 1, sizeof *t);
    *t = (Tuning){.model = m, .method = "lora"};
    model_linears(m, lora_train_one, t);
    return t;
}

static Tuning *tuning_lora(Model *m, const LoraOptions *given) {
    LoraOptions copy = *given, *o = &copy;
    bool regex;
    o->targets = targets_read(m->arena, given->targets, &regex);
    LoraAttach attach = {.model = m, .options = o};
    if (regex) attach.regex = regex_open(m->arena, arena_print(m->arena, "--target-modules %s", o->targets), o->targets);
    if (regex && o->layers)
        fail(m->arena, "--layers-to-transform: as in peft, a regular expression in --target-modules must name the blocks itself");
    if (regex) model_params(m, regex_check_one, &attach);
    model_linears(m, lora_attach_one, &attach);
    if (!attach.found && attach.named)
        fail(m->arena, "--layers-to-transform %s: no block of %s with such a layer has one of these numbers", o->layers, m->path);
    if (!attach.found)
        fail(m->arena, "--target-modules %s: no linear layer of %s is called so; there are q, k, v, o, %s, wo, lm_head, and "
             "all-linear", o->targets, m->path, m->config.gated ? "wi_0, wi_1" : "wi");
    if (m->tied && m->head.lora)
        fail(m->arena, "--target-modules: lm_head of %s is tied to the embeddings; leave it out", m->path);
    Tuning *t = tuning_found(m);
    t->config = lora_config(m, o, regex);
    return t;
}

// rows: (P or 2 P, D) on the host, for the encoder and then the decoder. On the device, too, they lie end to end.
static void prompt_attach(Model *m, int64_t P, bool decoder, const float *rows) {
    int64_t n = P * m->config.D;
    float *all = device_get(m->arena, m->ops, decoder ? 2 * n : n);
    m->ops->copy_in(m->ops, all, rows, (size_t)(decoder ? 2 * n : n) * sizeof *rows);
    m->prompt[0] = (Prompt){.P = P, .rows = all};
    if (decoder) m->prompt[1] = (Prompt){.P = P, .rows = all + n};
}

static const char *prompt_config(Model *m) {
    Text t = {.arena = m->arena};
    bool decoder = m->prompt[1].P > 0;
    text_print(&t, "{\n  \"peft_type\": \"PROMPT_TUNING\",\n  \"task_type\": \"SEQ_2_SEQ_LM\",\n"
               "  \"base_model_name_or_path\": %s,\n  \"num_virtual_tokens\": %lld,\n"
               "  \"num_transformer_submodules\": %d,\n  \"token_dim\": %lld,\n",
               json_quoted(m->arena, m->path), (long long)m->prompt[0].P, decoder ? 2 : 1, (long long)m->config.D);
    text_print(&t, "  \"num_layers\": %d,\n  \"num_attention_heads\": %lld,\n  \"prompt_tuning_init\": \"RANDOM\",\n",
               m->config.encoder_layers, (long long)m->config.H);
    if (decoder) text_print(&t, "  \"t5peft_decoder_prompt\": true,\n");
    text_print(&t, "  \"inference_mode\": true\n}\n");
    return t.data;
}

// Trains the prompt that the model carries.
static Tuning *tuning_prompt(Model *m) {
    Tuning *t = arena_get(m->arena, 1, sizeof *t);
    *t = (Tuning){.model = m, .method = "prompt", .config = prompt_config(m)};
    Prompt *p = m->prompt;
    p[0].grad = trained_add(t, (Trained){.name = "prompt_embeddings", .value = p[0].rows, .rows = p[0].P + p[1].P,
                                         .columns = m->config.D, .decay = true});
    if (p[1].P) p[1].grad = p[0].grad + p[0].P * m->config.D;
    return t;
}

// Glob: * stands for any run of characters.
static bool name_matches(const char *name, const char *pattern, size_t n) {
    if (!n) return !*name;
    if (*pattern == '*') return name_matches(name, pattern + 1, n - 1) || (*name && name_matches(name + 1, pattern, n));
    return *name == *pattern && name_matches(name + 1, pattern + 1, n - 1);
}

typedef struct {
    Tuning *tuning;
    const char *frozen;  // patterns, comma-separated, or NULL
} FullAttach;

static void full_train_one(void *arg, Param *p) {
    FullAttach *f = arg;
    Tuning *t = f->tuning;
    for (const char *s = f->frozen ? f->frozen : ""; *s;) {
        size_t n = strcspn(s, ",");
        if (name_matches(p->name, s, n)) return;
        s += n + (s[n] == ',');
    }
    param_own(t->model, p);
    // As transformers' Trainer decides: no decay for norms, nor for names with "bias", which takes in relative_attention_bias.
    bool decay = !strstr(p->name, "layer_norm") && !strstr(p->name, "bias");
    p->grad = trained_add(t, (Trained){.name = p->name, .value = p->value, .rows = p->file.shape[0],
                                       .columns = p->file.rank == 2 ? p->file.shape[1] : 0, .decay = decay});
}

static Tuning *tuning_full(Model *m, const char *frozen) {
    Tuning *t = arena_get(m->arena, 1, sizeof *t);
    *t = (Tuning){.model = m, .method = "full"};
    FullAttach f = {t, frozen};
    model_params(m, full_train_one, &f);
    head_follow(m);
    if (!t->n) fail(m->arena, "--freeze %s: leaves nothing to train", frozen);
    return t;
}

// ---- folders

// Copies a small file of the base folder into another, where it exists.
static void file_copy(Arena *a, const char *from, const char *to, const char *name) {
    const char *source = path_join(a, from, name);
    if (!is_file(a, source)) return;
    Mark mark = arena_mark(a);
    File f = file_open(a, source);
    file_write(a, path_join(a, to, name), f.data, f.size);
    arena_release(a, mark);
}

typedef struct {
    const char *name;
    Param *found;
} ParamSearch;

static void param_search(void *arg, Param *p) {
    ParamSearch *s = arg;
    if (!strcmp(p->name, s->name)) s->found = p;
}

// The parameter of a name, NULL where there is none.
static Param *param_named(Model *m, const char *name) {
    ParamSearch search = {.name = name};
    model_params(m, param_search, &search);
    return search.found;
}

// Is a tensor a copy of the embeddings under another name, as some files have it?
static bool embedding_copy(const Model *m, const char *name) {
    bool copy = !strcmp(name, "encoder.embed_tokens.weight") || !strcmp(name, "decoder.embed_tokens.weight");
    return copy && strcmp(name, m->shared.name);
}

// Does a name stand for the scales of an int8 weight that became f32? Then there are none any more.
static bool stale_scale(Arena *a, const Tensors *t, const char *name) {
    size_t n = strlen(name);
    if (n < 7 || strcmp(name + n - 6, ".scale")) return false;
    const Tensor *weight = tensors_find(t, arena_copy(a, name, n - 6));
    return weight && weight->dtype != I8;
}

// config.json as it is for weights in f32: without this, transformers would round what was tuned to the base's type. An adapter
// may have brought more tokens.
static void config_save(Model *m, const char *folder) {
    Arena *a = m->arena;
    File f = file_open(a, path_join(a, m->path, "config.json"));
    char *text = arena_copy(a, f.data, f.size);
    static const char *const keys[] = {"\"torch_dtype\"", "\"dtype\""};
    for (int i = 0; i < 2; i++) {
        char *value = strstr(text, keys[i]);
        if (!value) continue;
        value += strlen(keys[i]);
        value += strspn(value, " \t:");
        char *close = *value == '"' ? strchr(value + 1, '"') : NULL;
        if (close) text = arena_print(a, "%.*s\"float32%s", (int)(value - text), text, close);
    }
    char *size = strstr(text, "\"vocab_size\""), *digits = size ? size + strcspn(size, "0123456789") : NULL;
    if (digits) text = arena_print(a, "%.*s%lld%s", (int)(digits - text), text, (long long)m->config.V,
                                   digits + strspn(digits, "0123456789"));
    file_write(a, path_join(a, folder, "config.json"), text, strlen(text));
}

// Writes the whole model: what is trained or merged in f32, everything else as the base holds it.
static void model_save(Model *m, const char *folder) {
    static const char *const companions[] = {"generation_config.json", "spiece.model", "tokenizer.json", "tokenizer_config.json",
                                             "special_tokens_map.json", "added_tokens.json"};
    Arena *a = m->arena;
    Mark mark = arena_mark(a);
    if (m->encoder.embed != &m->shared || m->decoder.embed != &m->shared)
        fail(a, "%s: an adapter has given encoder or decoder embeddings of its own, which no T5 folder can hold", m->path);
    folder_make(a, folder);
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) file_copy(a, m->path, folder, companions[i]);
    config_save(m, folder);
    Tensors out = {.path = folder};
    for (size_t i = 0; i < m->tensors.n; i++) {  // sorted by name: a weight stands before its scales
        const Tensor *was = &m->tensors.items[i];
        if (embedding_copy(m, was->name) || stale_scale(a, &out, was->name)) continue;
        const Param *p = param_named(m, was->name);
        Tensor now = p && p->value ? param_host(a, m->ops, p) : *was;
        now.name = was->name;
        tensors_add(a, &out, now);
    }
    tensors_save(a, path_join(a, folder, "model.safetensors"), out.items, out.n, NULL);
    arena_release(a, mark);
}

// Writes what was trained as a folder that peft (or, after full tuning, transformers) opens.
static void tuning_save(Tuning *t, const char *folder) {
    Model *m = t->model;
    Arena *a = m->arena;
    if (!t->config) {
        model_save(m, folder);
        return;
    }
    Mark mark = arena_mark(a);
    folder_make(a, folder);
    Tensors out = {.path = folder};
    for (size_t i = 0; i < t->n; i++) {
        const Trained *x = &t->items[i];
        Tensor one = {.name = x->name, .dtype = F32, .rank = x->columns ? 2 : 1, .shape = {x->rows, x->columns},
                      .count = trained_count(x), .data = m->ops->host(m->ops, a, x->value, trained_count(x))};
        tensors_add(a, &out, one);
    }
    tensors_sort(a, &out);
    file_write(a, path_join(a, folder, "adapter_config.json"), t->config, strlen(t->config));
    tensors_save(a, path_join(a, folder, "adapter_model.safetensors"), out.items, out.n, NULL);
    arena_release(a, mark);
}

// ---- adapters, as peft has many kinds of them
//
// Whatever an adapter does to a weight W (rows, columns), it comes to
//
//     W' = diag(row) (W + left right) diag(column), with some rows exchanged at the end
//
//     LoRA, AdaLoRA    left right = scale B [diag(E)] A; of an embedding, whose rows are looked up, scale A^T B^T
//     DoRA             row = magnitude / norm of that row of W + left right (Liu et al. 2024); of an embedding, column likewise
//     IA3              row or column (Liu et al. 2022)
//     PiSSA, OLoRA     besides, left right takes away what the adapter began as: W's part in its R greatest singular directions
//                      (Meng et al. 2024), or in the space of its first R columns (Buyukakyuz 2024)
//     modules_to_save, stored embeddings    another W;  trainable tokens    rows
//
// Plain LoRA stays beside the weights, where it can be trained. All else changes them, row by row and in double, as peft's
// merging does: when the model is opened, or on their way through the converter.

enum { LORA_A, LORA_B, LORA_E, MAGNITUDE, IA3, TOKENS, STORED, PARTS };

typedef struct {
    const char *module;         // the weight's name without ".weight"
    const Tensor *part[PARTS];
    const char *ending;         // of the name of A, or of what is stored
    double scale;               // of B A
} Change;

typedef struct {
    const char *path, *what;    // adapter_config.json; what the adapter is besides plain LoRA, NULL for nothing
    const Json *config;
    const Tensors *tensors;
    bool pissa, olora, idle;    // idle: peft never puts it to use in a T5
    Change *items;
    size_t n, room;
} Adapter;

// The value in {"pattern": value} of the first pattern that a module's name ends in, as peft finds it; NULL for none.
static const Json *pattern_find(Arena *a, const char *path, const Json *patterns, const char *module) {
    for (const Json *p = patterns && patterns->type == JSON_OBJECT ? patterns->child : NULL; p; p = p->next) {
        size_t end;
        Mark mark = arena_mark(a);
        Regex *regex = regex_open(a, path, arena_print(a, "(.*\\.)?(%s)", p->key));
        bool found = regex_match(regex, module, strlen(module), 0, true, &end);
        arena_release(a, mark);
        if (found) return p;
    }
    return NULL;
}

// What an adapter folder asks for and is not known here must not be passed over in silence.
static void adapter_check(Arena *a, Adapter *d) {
    static const char *const refused[] = {"lora_bias", "use_qalora", "use_bdlora", "layer_replication", "target_parameters",
                                          "kasa_config", "monteclora_config", "arrow_config"};
    static const char *const plain[] = {"gaussian", "eva", "orthogonal", "mica"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const Json *v = json_get(d->config, refused[i]);
        if (v && v->type != JSON_FALSE && !(v->type == JSON_ARRAY && !v->n))
            fail(a, "%s: asks for %s, which is not supported; merge it with peft (merge_and_unload) and open the result", d->path,
                 refused[i]);
    }
    const char *start = json_text(d->config, "init_lora_weights", "gaussian");
    d->pissa = !strncmp(start, "pissa", 5);
    d->olora = !strcmp(start, "olora") || !strcmp(start, "OLoRA");
    bool known = d->pissa || d->olora;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) known |= !strcmp(start, plain[i]);
    if (!known)
        fail(a, "%s: init_lora_weights \"%s\" changes the base weights in a way that is not known here; save the adapter again "
             "with peft's path_initial_model_for_weight_conversion, which makes plain LoRA of it", d->path, start);
    d->idle = json_get(d->config, "alora_invocation_tokens") != NULL;
    if (d->idle) d->what = "aLoRA (alora_invocation_tokens), which peft never puts to use in a T5: it changes nothing";
    if (d->pissa || d->olora) d->what = d->pissa ? "PiSSA" : "OLoRA";
}

// alpha / r and its like, from the ranks that the configuration and the tensors have.
static double change_scale(Arena *a, const Adapter *d, const Change *c) {
    const Json *alpha = pattern_find(a, d->path, json_get(d->config, "alpha_pattern"), c->module);
    const Json *rank = pattern_find(a, d->path, json_get(d->config, "rank_pattern"), c->module);
    double value = alpha && alpha->type == JSON_NUMBER ? alpha->number : json_number(d->config, "lora_alpha", 8);
    int64_t R = c->part[LORA_A]->shape[0];
    // AdaLoRA divides by the rank that it began with, though most of it may be gone.
    if (c->part[LORA_E]) return (value > 0 ? value : (double)R) / (json_number(d->config, "init_r", 12) + 1e-5);
    double wanted = rank && rank->type == JSON_NUMBER ? rank->number : json_number(d->config, "r", (double)R);
    if (wanted != (double)R)
        fail(a, "%s: lora_A of %s has rank %lld, but adapter_config.json says r %g", d->tensors->path, c->module, (long long)R,
             wanted);
    return lora_scale(a, d->tensors->path, value, R, json_bool(d->config, "use_rslora", false));
}

static Change *change_of(Arena *a, Adapter *d, const char *module) {
    for (size_t i = d->n; i > 0; i--)  // tensors are sorted by name: the last one, or nearly
        if (!strcmp(d->items[i - 1].module, module)) return &d->items[i - 1];
    d->items = arena_grow(a, d->items, d->n, &d->room, sizeof *d->items);
    d->items[d->n] = (Change){.module = module};
    return &d->items[d->n++];
}

// Refuses the kinds of adapters that are not known here, but for soft prompts, which are no change of weights.
static void adapter_kind(Arena *a, const char *path, const char *type) {
    static const char *const known[] = {"LORA", "ADALORA", "IA3", "LN_TUNING", "TRAINABLE_TOKENS"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(type, known[i])) return;
    fail(a, "%s: peft_type \"%s\" is not supported (LORA, ADALORA, IA3, LN_TUNING, TRAINABLE_TOKENS and PROMPT_TUNING are)", path,
         type);
}

// Sorts an adapter's tensors by what they change. Fails on every tensor that is not understood.
static Adapter adapter_read(Arena *a, const char *path, const Json *config, const Tensors *tensors) {
    static const struct { const char *ending; int part; const char *what; } endings[] = {
        {".lora_A.weight", LORA_A, NULL}, {".lora_B.weight", LORA_B, NULL},
        {".lora_A", LORA_A, "AdaLoRA"}, {".lora_B", LORA_B, "AdaLoRA"}, {".lora_E", LORA_E, "AdaLoRA"},
        {".lora_embedding_A", LORA_A, "LoRA on embeddings"}, {".lora_embedding_B", LORA_B, "LoRA on embeddings"},
        {".lora_magnitude_vector", MAGNITUDE, "DoRA"}, {".lora_magnitude_vector.weight", MAGNITUDE, "DoRA"},
        {".ia3_l", IA3, "IA3"},
        {".token_adapter.trainable_tokens_delta", TOKENS, "trained tokens"},
        {".trainable_tokens_delta", TOKENS, "trained tokens"},
        {".base_layer.weight", STORED, NULL}, {".ln_tuning_layers.weight", STORED, "trained norms"},
        {".weight", STORED, "whole weights"}};
    static const char prefix[] = "base_model.model.";
    Adapter d = {.path = path, .config = config, .tensors = tensors};
    const char *kind = json_text(config, "peft_type", "");
    bool lora = strstr(kind, "LORA") != NULL, scales = !strcmp(kind, "IA3");
    adapter_check(a, &d);
    for (size_t i = 0; i < tensors->n; i++) {
        const Tensor *t = &tensors->items[i];
        size_t n = strlen(t->name), k = 0, length = 0;
        for (; k < sizeof endings / sizeof *endings; k++) {
            length = strlen(endings[k].ending);
            if (n > length && !strcmp(t->name + n - length, endings[k].ending)) break;
        }
        int part = k < sizeof endings / sizeof *endings ? endings[k].part : PARTS;
        bool known = part == IA3 ? scales : part < IA3 ? lora : part < PARTS;
        if (!known || t->dtype > BF16 || t->rank > 2 || !t->rank)
            fail(a, "%s: its tensor %s is nothing that an adapter of the kind %s can bring here; merge it with peft",
                 tensors->path, t->name, kind);
        if (tensor_strange(t) >= 0)
            fail(a, "%s: %s holds a value that is no finite number; the adapter is damaged", tensors->path, t->name);
        const char *from = t->name + (strncmp(t->name, prefix, sizeof prefix - 1) ? 0 : sizeof prefix - 1);
        Change *c = change_of(a, &d, arena_copy(a, from, n - length - (size_t)(from - t->name)));
        c->part[part] = t;
        if (part == LORA_A || part == STORED) c->ending = endings[k].ending;
        if (endings[k].what) d.what = endings[k].what;
    }
    for (size_t i = 0; i < d.n; i++) {
        Change *c = &d.items[i];
        if (!c->part[LORA_A] != !c->part[LORA_B] || ((c->part[MAGNITUDE] || c->part[LORA_E]) && !c->part[LORA_A]))
            fail(a, "%s: %s has only one of lora_A and lora_B", tensors->path, c->module);
        if (c->part[LORA_A] && !c->part[MAGNITUDE] && json_bool(config, "use_dora", false))
            fail(a, "%s: use_dora is true, but there is no lora_magnitude_vector for %s", path, c->module);
        if (c->part[LORA_A]) c->scale = change_scale(a, &d, c);
    }
    return d;
}

static bool module_saved(const Adapter *d, const char *module) {
    const Json *list = json_get(d->config, "modules_to_save");
    for (const Json *s = list && list->type == JSON_ARRAY ? list->child : NULL; s; s = s->next)
        if (s->type == JSON_STRING && name_listed(module, s->string)) return true;
    return false;
}

// Does a change act? In a T5 of transformers the module "shared" only lends its weight: what peft puts on it is never run, but
// for tokens, which peft gives to all that share it, and for embeddings that are stored because there are more of them.
static bool change_acts(const Adapter *d, const Change *c) {
    if (d->idle) return false;
    if (!strcmp(c->module, "shared")) return c->part[TOKENS] || (c->part[STORED] && !module_saved(d, c->module));
    const char *dot = strrchr(c->module, '.');
    bool follows = !strcmp(c->module, "lm_head") || !strcmp(dot ? dot : "", ".embed_tokens");
    for (size_t i = 0; i < d->n && follows && c->part[TOKENS]; i++)
        if (!strcmp(d->items[i].module, "shared") && d->items[i].part[TOKENS]) return false;  // one of the copies
    return true;
}

// Is it LoRA that can stay beside a Linear?
static bool change_plain(const Adapter *d, const Change *c) {
    for (int i = 0; i < PARTS; i++)
        if ((i == LORA_A || i == LORA_B) != (c->part[i] != NULL)) return false;
    return !d->pissa && !d->olora && !strcmp(c->ending, ".lora_A.weight");
}

// Does it do more than bring a weight in place of another?
static bool change_merges(const Change *c) {
    for (int i = 0; i < PARTS; i++)
        if (i != STORED && c->part[i]) return true;
    return false;
}

// Rows of the base weight, in double.
typedef struct {
    void (*row)(const void *arg, int64_t row, double *out);
    const void *arg;
    int64_t rows, columns;
} RowSource;

// A change that is ready for a weight.
typedef struct {
    int64_t columns, R;
    double *left, *right;        // (rows, R), (R, columns): what is added
    double *row, *column;        // factors, or NULL
    double *magnitude;           // of rows
    const Tensor *tokens;        // rows, and which they are
    const int64_t *indices;
} Merge;

// ---- the greatest eigenvectors of a symmetric matrix

// Householder's reduction to a tridiagonal matrix: A (n, n) becomes d on and e beside the diagonal, and row k of A behind the
// diagonal keeps the vector v of the reflection 1 - v v^T / h[k] that cleared it (Golub and Van Loan, 8.3).
static void tridiagonalize(double *A, int64_t n, double *d, double *e, double *h, double *p) {
    for (int64_t k = 0; k < n; k++) {
        double *v = A + k * n, norm = 0, share = 0;
        d[k] = v[k];
        e[k] = k + 1 < n ? v[k + 1] : 0;
        h[k] = 0;
        for (int64_t i = k + 1; i < n; i++) norm += v[i] * v[i];
        norm = sqrt(norm);
        if (k + 2 >= n || norm == 0) continue;
        e[k] = v[k + 1] > 0 ? -norm : norm;
        v[k + 1] -= e[k];
        h[k] = norm * fabs(v[k + 1]);  // half of |v|^2
        for (int64_t i = k + 1; i < n; i++) {
            p[i] = 0;
            for (int64_t j = k + 1; j < n; j++) p[i] += A[i * n + j] * v[j];
            share += p[i] * v[i];
        }
        for (int64_t i = k + 1; i < n; i++) p[i] = p[i] / h[k] - share / (2 * h[k] * h[k]) * v[i];
        for (int64_t i = k + 1; i < n; i++)
            for (int64_t j = k + 1; j < n; j++) A[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    }
}

// How many eigenvalues of a tridiagonal matrix lie below x (Sturm).
static int64_t eigen_below(const double *d, const double *e, int64_t n, double x) {
    int64_t below = 0;
    double q = 1;
    for (int64_t i = 0; i < n; i++) {
        q = d[i] - x - (i ? e[i - 1] * e[i - 1] / q : 0);
        if (q == 0) q = -1e-300;
        below += q < 0;
    }
    return below;
}

// x becomes (T - shift)^-1 x for a tridiagonal T, by elimination with row exchanges. work: (3, n).
static void tridiagonal_solve(const double *d, const double *e, int64_t n, double shift, double tiny, double *x, double *work) {
    double *u = work, *v = work + n, *w = work + 2 * n, diagonal = d[0] - shift, beside = n > 1 ? e[0] : 0;
    for (int64_t i = 0; i < n; i++) {
        double below = i + 1 < n ? e[i] : 0, next = i + 1 < n ? d[i + 1] - shift : 0, after = i + 2 < n ? e[i + 1] : 0;
        u[i] = diagonal, v[i] = beside, w[i] = 0;
        if (i + 1 == n) break;
        if (fabs(below) > fabs(diagonal)) {
            u[i] = below, v[i] = next, w[i] = after;
            double factor = diagonal / below, swap = x[i];
            x[i] = x[i + 1];
            x[i + 1] = swap - factor * x[i];
            diagonal = beside - factor * next;
            beside = -factor * after;
        } else {
            if (u[i] == 0) u[i] = tiny;
            double factor = below / u[i];
            x[i + 1] -= factor * x[i];
            diagonal = next - factor * beside;
            beside = after;
        }
    }
    for (int64_t i = n - 1; i >= 0; i--) {
        double pivot = fabs(u[i]) < tiny ? tiny : u[i];
        x[i] = (x[i] - (i + 1 < n ? v[i] * x[i + 1] : 0) - (i + 2 < n ? w[i] * x[i + 2] : 0)) / pivot;
    }
}

// Takes the part in the first `count` orthonormal rows of V (.., n) from x and makes its length 1.
static void orthonormalize(const double *V, int64_t count, int64_t n, double *x) {
    double norm = 0;
    for (int64_t k = 0; k < 2 * count; k++) {  // twice is enough (Parlett)
        const double *v = V + k % count * n;
        double share = 0;
        for (int64_t i = 0; i < n; i++) share += v[i] * x[i];
        for (int64_t i = 0; i < n; i++) x[i] -= share * v[i];
    }
    for (int64_t i = 0; i < n; i++) norm += x[i] * x[i];
    for (int64_t i = 0; i < n && norm > 0; i++) x[i] /= sqrt(norm);
}

// The `count` greatest eigenvalues of the symmetric A (n, n), which is overwritten, and the vectors of the R greatest: rows of V
// (R, n). Eigenvalues by bisection, vectors by inverse iteration, so that what is not wanted costs nothing.
static void eigen_greatest(Arena *a, double *A, int64_t n, int64_t count, double *values, int64_t R, double *V) {
    double *d = arena_get(a, (size_t)n * 7, sizeof *d), *e = d + n, *h = e + n, *work = h + n, most = 0;
    tridiagonalize(A, n, d, e, h, work);
    for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(d[i]) + fabs(e[i]) + (i ? fabs(e[i - 1]) : 0));
    for (int64_t k = 0; k < R || k < count; k++) {
        double low = -most, high = most, *x = V + (k < R ? k : 0) * n;
        for (int i = 0; i < 90 && low < high; i++) {
            double middle = (low + high) / 2;
            if (eigen_below(d, e, n, middle) <= n - 1 - k) low = middle;
            else high = middle;
        }
        if (k < count) values[k] = low;
        for (int64_t i = 0; i < n && k < R; i++) x[i] = random_normal(random_key(7, (uint64_t)k, 0), (uint64_t)i);
        for (int i = 0; i < 4 && k < R; i++) {
            tridiagonal_solve(d, e, n, low, most * 1e-17 + 1e-300, x, work);
            orthonormalize(V, k, n, x);
        }
    }
    for (int64_t k = n - 3; k >= 0; k--)
        for (int64_t r = 0; r < R && h[k] > 0; r++) {
            double *x = V + r * n, share = 0;
            for (int64_t i = k + 1; i < n; i++) share += A[k * n + i] * x[i];
            for (int64_t i = k + 1; i < n; i++) x[i] -= share / h[k] * A[k * n + i];
        }
}

// ---- a change made ready for its weight

// Adds to the sum left right what the weight loses where an adapter began as a part of it: W's part in its R greatest left
// singular directions (PiSSA) or in the space of its first R columns (OLoRA, times the adapter's scale).
static void merge_take(Arena *a, const Adapter *d, const Change *c, Merge *m, const RowSource *w, int64_t at, int64_t R) {
    int64_t rows = w->rows, columns = w->columns, n = rows < columns ? rows : columns;
    double *W = arena_get(a, (size_t)(rows * columns), sizeof *W);
    double *V = arena_get(a, (size_t)(R * (rows > columns ? rows : columns)), sizeof *V);
    for (int64_t r = 0; r < rows; r++) w->row(w->arg, r, W + r * columns);
    bool tall = rows > columns;
    if (d->olora) {
        for (int64_t k = 0; k < R; k++) {
            for (int64_t r = 0; r < rows; r++) V[k * rows + r] = W[r * columns + k];
            orthonormalize(V, k, rows, V + k * rows);
        }
        tall = false;
    } else {
        double *G = arena_get(a, (size_t)(n * n), sizeof *G);
        for (int64_t r = 0; r < rows && tall; r++)
            for (int64_t i = 0; i < n; i++)
                for (int64_t j = 0; j <= i; j++) G[i * n + j] += W[r * n + i] * W[r * n + j];
        for (int64_t i = 0; i < n && !tall; i++)
            for (int64_t j = 0; j <= i; j++)
                for (int64_t k = 0; k < columns; k++) G[i * n + j] += W[i * columns + k] * W[j * columns + k];
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < i; j++) G[j * n + i] = G[i * n + j];
        eigen_greatest(a, G, n, 0, NULL, R, V);
    }
    // V holds the space's basis: of columns (right singular directions) where W is tall, else of rows.
    double scale = d->olora ? c->scale : 1;
    for (int64_t k = 0; k < R; k++) {
        const double *v = V + k * (tall ? columns : rows);
        double *right = m->right + (at + k) * columns;
        for (int64_t r = 0; r < rows; r++) {
            double share = 0;
            for (int64_t i = 0; i < columns && tall; i++) share += W[r * columns + i] * v[i];
            m->left[r * m->R + at + k] = tall ? share : v[r];
            for (int64_t i = 0; i < columns && !tall; i++) right[i] -= scale * v[r] * W[r * columns + i];
        }
        for (int64_t i = 0; i < columns && tall; i++) right[i] = -v[i];
    }
}

static double tensor_at(const Tensor *t, int64_t i) {
    float x;
    tensor_read(t, i, 1, &x);
    return (double)x;
}

// left[row] right, added to w.
static void merge_add(const Merge *m, int64_t row, double *w) {
    for (int64_t k = 0; k < m->R; k++) {
        double share = m->left[row * m->R + k];
        for (int64_t i = 0; i < m->columns; i++) w[i] += share * m->right[k * m->columns + i];
    }
}

// One row of the changed weight, from the row w of the base's.
static void merge_row(const Merge *m, int64_t row, double *w) {
    merge_add(m, row, w);
    double norm = 0, factor = m->row ? m->row[row] : 1;
    for (int64_t i = 0; i < m->columns && m->magnitude; i++) norm += w[i] * w[i];
    if (m->magnitude) factor = m->magnitude[row] / sqrt(norm);
    for (int64_t i = 0; i < m->columns; i++) w[i] *= m->column ? factor * m->column[i] : factor;
    for (int64_t k = 0; m->tokens && k < m->tokens->shape[0]; k++)
        for (int64_t i = 0; m->indices[k] == row && i < m->columns; i++) w[i] = tensor_at(m->tokens, k * m->columns + i);
}

static double *tensor_doubles(Arena *a, const Tensor *t) {
    double *x = arena_get(a, (size_t)t->count, sizeof *x);
    for (int64_t i = 0; i < t->count; i++) x[i] = tensor_at(t, i);
    return x;
}

// DoRA on a table of embeddings: its norms are those of whole columns.
static void merge_columns(Arena *a, Merge *m, const RowSource *w) {
    double *x = arena_get(a, (size_t)w->columns, sizeof *x), *norms = arena_get(a, (size_t)w->columns, sizeof *norms);
    for (int64_t r = 0; r < w->rows; r++) {
        w->row(w->arg, r, x);
        merge_add(m, r, x);
        for (int64_t i = 0; i < w->columns; i++) norms[i] += x[i] * x[i];
    }
    for (int64_t i = 0; i < w->columns; i++) m->column[i] /= sqrt(norms[i]);
}

// The rows that trained tokens take: numbers in trainable_token_indices or token_indices, or in the list of the last part of the
// module's name.
static const int64_t *merge_tokens(Arena *a, const Adapter *d, const Change *c, int64_t rows) {
    const Json *v = json_get(d->config, "trainable_token_indices"), *list = v ? v : json_get(d->config, "token_indices");
    for (const Json *e = v && v->type == JSON_OBJECT ? v->child : NULL; e; e = e->next)
        if (name_listed(c->module, e->key)) list = e;
    int64_t n = c->part[TOKENS]->shape[0], k = 0, *indices = arena_get(a, (size_t)n, sizeof *indices);
    for (const Json *e = list && list->type == JSON_ARRAY ? list->child : NULL; e && k < n; e = e->next)
        if (e->type == JSON_NUMBER && e->number >= 0 && e->number < (double)rows) indices[k++] = (int64_t)e->number;
    if (k < n || !list || (int64_t)list->n != n)
        fail(a, "%s: its token indices do not fit %s, which has %lld rows for %s", d->path, d->tensors->path, (long long)n,
             c->module);
    return indices;
}

static bool is_shape(const Tensor *t, int64_t rows, int64_t columns) {
    return t->rank == 2 && t->shape[0] == rows && t->shape[1] == columns;
}

// Checks a change against its weight and brings it into the form of merge_row. What it needs lives in the arena.
static Merge merge_ready(Arena *a, const Adapter *d, const Change *c, const RowSource *w) {
    const Tensor *const *t = c->part, *A = t[LORA_A], *B = t[LORA_B], *E = t[LORA_E];
    bool table = A && !strcmp(c->ending, ".lora_embedding_A"), fits = true;
    int64_t rows = w->rows, columns = w->columns, R = A ? A->shape[0] : 0;
    int64_t taken = A && !E && !table && (d->pissa || d->olora) ? R : 0;
    if (A) fits = R > 0 && is_shape(A, R, table ? rows : columns) && is_shape(B, table ? columns : rows, R);
    if (E) fits = fits && is_shape(E, R, 1);
    if (taken) fits = fits && R <= rows && R <= columns;
    if (t[MAGNITUDE]) fits = fits && t[MAGNITUDE]->count == (table ? columns : rows);
    if (t[IA3]) fits = fits && (is_shape(t[IA3], rows, 1) || is_shape(t[IA3], 1, columns));
    if (t[TOKENS]) fits = fits && t[TOKENS]->rank == 2 && t[TOKENS]->shape[1] == columns;
    if (!fits)
        fail(a, "%s: what it holds for %s does not fit a weight of %lld rows and %lld columns; it was made for another model",
             d->tensors->path, c->module, (long long)rows, (long long)columns);
    Merge m = {.columns = columns, .R = R + taken};
    m.left = arena_get(a, (size_t)(rows * m.R), sizeof *m.left);
    m.right = arena_get(a, (size_t)(m.R * columns), sizeof *m.right);
    for (int64_t k = 0; k < R; k++) {
        double scale = c->scale * (E ? tensor_at(E, k) : 1);
        const Tensor *left = table ? A : B, *right = table ? B : A;  // A^T B^T instead of B A
        for (int64_t r = 0; r < rows; r++) m.left[r * m.R + k] = scale * tensor_at(left, table ? k * rows + r : r * R + k);
        for (int64_t i = 0; i < columns; i++) m.right[k * columns + i] = tensor_at(right, table ? i * R + k : k * columns + i);
    }
    if (taken) merge_take(a, d, c, &m, w, R, R);
    if (t[IA3]) *(t[IA3]->shape[1] == 1 ? &m.row : &m.column) = tensor_doubles(a, t[IA3]);
    if (t[MAGNITUDE]) *(table ? &m.column : &m.magnitude) = tensor_doubles(a, t[MAGNITUDE]);
    if (t[MAGNITUDE] && table) merge_columns(a, &m, w);
    if (t[TOKENS]) m.tokens = t[TOKENS], m.indices = merge_tokens(a, d, c, rows);
    return m;
}

// ---- adapters on a model

// lm_head gets a weight of its own, so that it can differ from the embeddings.
static void head_untie(Model *m) {
    if (!m->tied) return;
    m->tied = false;
    Tensor t = m->shared.file;
    t.name = "lm_head.weight";
    m->head.w = param_of(t.name, t);
    tensors_add(m->arena, &m->tensors, t);
    tensors_sort(m->arena, &m->tensors);
}

// The weight of a module; where it is shared, and what is asked for is one of those that share it, a copy that is its own from
// then on.
static Param *module_param(Model *m, const char *module) {
    if (!strcmp(module, "shared")) return &m->shared;
    if (!strcmp(module, "lm_head")) return head_untie(m), &m->head.w;
    for (int side = 0; side < 2; side++) {
        Stack *s = side ? &m->decoder : &m->encoder;
        if (strcmp(module, side ? "decoder.embed_tokens" : "encoder.embed_tokens")) continue;
        s->embed = arena_get(m->arena, 1, sizeof *s->embed);
        *s->embed = param_of(side ? "decoder.embed_tokens.weight" : "encoder.embed_tokens.weight", m->shared.file);
        return s->embed;
    }
    return param_named(m, arena_print(m->arena, "%s.weight", module));
}

static void param_row(const void *arg, int64_t row, double *out) {
    const Tensor *t = arg;
    for (int64_t i = 0; i < t->shape[1]; i++) out[i] = tensor_at(t, row * t->shape[1] + i);
}

// Changes one weight. Tables of embeddings may be stored with more rows than the base has.
static void change_apply(Model *m, const Adapter *d, const Change *c, Param *p) {
    Arena *a = m->arena;
    const Tensor *stored = c->part[STORED];
    bool table = p == &m->shared || p == &m->head.w || p == m->encoder.embed || p == m->decoder.embed;
    if (stored) {
        bool fits = stored->rank == p->file.rank && stored->shape[stored->rank - 1] == p->file.shape[p->file.rank - 1];
        if (!fits || (!table && stored->count != p->file.count))
            fail(a, "%s: %s is not of the shape of that weight in %s; it was made for another model", d->tensors->path,
                 stored->name, m->path);
        if (p->value) device_drop(a, p->value);
        *p = param_of(p->name, *stored);
    }
    param_own(m, p);
    if (p->file.rank != 2 || !change_merges(c)) return;
    Mark mark = arena_mark(a);
    int64_t columns = p->file.shape[1];
    Tensor base = param_host(a, m->ops, p);
    RowSource source = {param_row, &base, base.shape[0], columns};
    Merge merge = merge_ready(a, d, c, &source);
    double *row = arena_get(a, (size_t)columns, sizeof *row);
    float *narrow = arena_get(a, (size_t)columns, sizeof *narrow);
    for (int64_t r = 0; r < base.shape[0]; r++) {
        param_row(&base, r, row);
        merge_row(&merge, r, row);
        for (int64_t i = 0; i < columns; i++) narrow[i] = (float)row[i];
        m->ops->copy_in(m->ops, p->value + r * columns, narrow, (size_t)columns * sizeof *narrow);
    }
    arena_release(a, mark);
}

// All tables of embeddings have the same number of rows, which is the vocabulary's.
static void vocabulary_follow(Model *m, const Adapter *d) {
    head_follow(m);
    const Param *tables[] = {&m->shared, &m->head.w, m->encoder.embed, m->decoder.embed};
    int64_t V = m->shared.file.shape[0];
    for (int i = 1; i < 4; i++)
        if (tables[i]->file.shape[0] != V)
            fail(m->arena, "%s: %s has %lld rows and %s %lld; an adapter for more tokens must store them all "
                 "(save_embedding_layers)", d->tensors->path, m->shared.name, (long long)V, tables[i]->name,
                     (long long)tables[i]->file.shape[0]);
    m->config.V = m->head.out = V;
}

typedef struct {
    const Adapter *adapter;
    const Change *change;
    Model *model;
    bool done;
} LoraRead;

// Puts a change that is plain LoRA beside its Linear.
static void lora_read_one(void *arg, Linear *l, int block) {
    LoraRead *r = arg;
    Model *m = r->model;
    Arena *a = m->arena;
    const Change *c = r->change;
    size_t length = strlen(c->module);
    bool named = !strncmp(l->w.name, c->module, length) && !strcmp(l->w.name + length, ".weight");
    if (block < 0 ? strcmp(c->module, "lm_head") != 0 : !named) return;
    const Tensor *from[] = {c->part[LORA_A], c->part[LORA_B]};
    int64_t R = from[0]->shape[0];
    if (R < 1 || !is_shape(from[0], R, l->in) || !is_shape(from[1], l->out, R))
        fail(a, "%s: lora_A, lora_B of %s do not fit a layer of %lld outputs and %lld inputs; it was made for another model",
             r->adapter->tensors->path, c->module, (long long)l->out, (long long)l->in);
    double dropout = json_number(r->adapter->config, "lora_dropout", 0);
    if (!(dropout >= 0 && dropout < 1))
        fail(a, "%s: adapter_config.json says lora_dropout %g; it must be at least 0 and below 1", r->adapter->tensors->path,
             dropout);
    Lora *lora = lora_new(m, l, R, c->scale, dropout);
    Mark mark = arena_mark(a);
    float *to[] = {lora->A, lora->B};
    for (int i = 0; i < 2; i++) {
        float *host = arena_get(a, (size_t)from[i]->count, sizeof *host);
        tensor_read(from[i], 0, from[i]->count, host);
        m->ops->copy_in(m->ops, to[i], host, (size_t)from[i]->count * sizeof *host);
    }
    arena_release(a, mark);
    r->done = true;
}

// peft stores the weight under an adapter of lm_head too. Is it the base's own?
static bool stored_own(const Model *m, const Change *c) {
    const Tensor *stored = c->part[STORED], *own = strcmp(c->module, "lm_head") ? NULL : &m->head.w.file;
    if (!own || stored->count != own->count) return false;
    int64_t i = 0;
    while (i < own->count && tensor_at(own, i) == tensor_at(stored, i)) i++;
    return i == own->count;
}

// Applies every change of an adapter: beside a Linear, or to the weights.
static void adapter_apply(Model *m, Adapter *d) {
    Arena *a = m->arena;
    if (d->idle) m->changed = m->note = d->what;
    for (size_t i = 0; i < d->n; i++) {
        Change *c = &d->items[i];
        if (c->part[LORA_A] && c->part[STORED] && stored_own(m, c)) c->part[STORED] = NULL;
        for (int k = 0; k < PARTS; k++) m->adapter_count += c->part[k] ? c->part[k]->count : 0;
        if (!change_acts(d, c)) continue;
        LoraRead r = {d, c, m, false};
        if (change_plain(d, c)) model_linears(m, lora_read_one, &r);
        if (r.done) continue;
        Param *p = module_param(m, c->module);
        if (!p)
            fail(a, "%s: changes %s, which %s does not have; it was made for another model", d->tensors->path, c->module,
                 m->path);
        change_apply(m, d, c, p);
        if (p == &m->shared && c->part[TOKENS] && !m->tied) change_apply(m, d, c, &m->head.w);
        m->changed = d->what ? d->what : "stored weights";
    }
    vocabulary_follow(m, d);
}

static void prompt_read(Model *m, const Tensors *t, const Json *c, const char *path) {
    Arena *a = m->arena;
    const Tensor *x = tensors_find(t, "prompt_embeddings");
    if (!x) fail(a, "%s: has no tensor prompt_embeddings", t->path);
    int64_t P = config_whole(a, path, c, "num_virtual_tokens", 0, 1, 1 << 20);
    int64_t sides = config_whole(a, path, c, "num_transformer_submodules", 1, 1, 2);
    if (x->rank != 2 || x->shape[0] != P * sides || x->shape[1] != m->config.D || x->dtype > BF16)
        fail(a, "%s: prompt_embeddings is not of the shape (%lld, %lld); it was made for another model", t->path,
             (long long)P * sides, (long long)m->config.D);
    float *host = arena_get(a, (size_t)x->count, sizeof *host);
    tensor_read(x, 0, x->count, host);
    prompt_attach(m, P, sides == 2 && json_bool(c, "t5peft_decoder_prompt", false), host);
}

// Attaches the adapter of a folder. `config` becomes its adapter_config.json, for training on.
static const char *adapter_open(Model *m, const char *folder) {
    Arena *a = m->arena;
    const char *path = path_join(a, folder, "adapter_config.json");
    if (!is_file(a, path))
        fail(a, "%s: no such file; --adapter wants a folder that peft or t5peft train wrote (after full tuning it is a model: "
             "use --model)", path);
    File text = file_open(a, path);
    Json *c = json_read(a, text.data, text.size, path, 1);
    const char *type = json_text(c, "peft_type", "");
    if (strcmp(type, "PROMPT_TUNING")) adapter_kind(a, path, type);
    Tensors *t = arena_get(a, 1, sizeof *t);
    *t = tensors_open(a, folder, "adapter_model");
    if (!strcmp(type, "PROMPT_TUNING")) prompt_read(m, t, c, path);
    else {
        Adapter d = adapter_read(a, path, c, t);
        if (!d.n) fail(a, "%s: holds nothing that an adapter is made of", t->path);
        adapter_apply(m, &d);
    }
    return arena_copy(a, text.data, text.size);
}

// Adds scale B A to the weights and takes the adapters off; a prompt cannot be merged.
static void lora_merge_one(void *arg, Linear *l, int block) {
    Model *m = arg;
    if (!l->lora) return;
    if (block < 0) head_untie(m);
    param_own(m, &l->w);
    m->ops->gemm(m->ops, (Gemm){.M = l->out, .N = l->in, .K = l->lora->R, .a = l->lora->B, .a_row = l->lora->R, .a_column = 1,
                                .b = l->lora->A, .ldb = l->in, .c = l->w.value, .ldc = l->in, .alpha = l->lora->scale,
                                .add = true});
    l->lora = NULL;
}

static void adapter_merge(Model *m) {
    if (m->prompt[0].P) fail(m->arena, "%s: a soft prompt cannot be merged into the weights", m->path);
    model_linears(m, lora_merge_one, m);
    m->changed = NULL;
}

// ---- what a change is like: its singular values and directions

// dW (out, in) = U^T diag(s) V: the `known` first of its n directions, the greatest first, are rows of U (known, out) and
// V (known, in).
typedef struct {
    int64_t n, known, out, in;
    double *s, *U, *V;
} Svd;

static double dot(const double *x, const double *y, int64_t n) {
    double sum[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++) sum[k] += x[i + k] * y[i + k];
    for (; i < n; i++) sum[0] += x[i] * y[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void axpy(double *y, double a, const double *x, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

// Rows X (R, n) become T^T Q, rows of Q (R, n) orthonormal or zero (Gram-Schmidt, twice). T[k R + j]: of row j along q_k.
static void rows_orthogonal(const double *X, int64_t R, int64_t n, double *Q, double *T) {
    for (int64_t j = 0; j < R; j++) {
        const double *x = X + j * n;
        double *q = Q + j * n;
        memcpy(q, x, (size_t)n * sizeof *q);
        for (int64_t k = 0; k < 2 * j; k++) axpy(q, -dot(q, Q + k % j * n, n), Q + k % j * n, n);
        double norm = sqrt(dot(q, q, n)), all = sqrt(dot(x, x, n));
        bool rest = norm > 1e-13 * all;  // else it depends on the rows before
        for (int64_t i = 0; i < n; i++) q[i] = rest ? q[i] / norm : 0;
        for (int64_t k = 0; k <= j; k++) T[k * R + j] = dot(x, Q + k * n, n);
    }
}

// Turns the rows of X (R, n) until they are orthogonal (one-sided Jacobi, Hestenes 1958); J (R, R), which was 1, takes the turns:
// X was J^T times what it becomes. Small singular values keep their digits.
static void rows_jacobi(double *X, int64_t R, int64_t n, double *J) {
    bool turned = true;
    for (int sweep = 0; sweep < 60 && turned; sweep++) {
        turned = false;
        for (int64_t i = 0; i < R; i++)
            for (int64_t j = i + 1; j < R; j++) {
                double *x = X + i * n, *y = X + j * n, a = dot(x, x, n), b = dot(y, y, n), c = dot(x, y, n);
                if (fabs(c) <= 1e-15 * sqrt(a * b)) continue;
                double z = (b - a) / (2 * c), t = (z < 0 ? -1 : 1) / (fabs(z) + sqrt(1 + z * z)), cosine = 1 / sqrt(1 + t * t);
                turned = true;
                for (int64_t k = 0; k < n + R; k++) {
                    double *p = k < n ? x + k : J + i * R + k - n, *q = k < n ? y + k : J + j * R + k - n, was = *p;
                    *p = cosine * (was - t * *q);
                    *q = cosine * (t * was + *q);
                }
            }
    }
}

// Brings a value into a list of n <= most that begins with the greatest, and what it belongs to into `whose`, behind its equals;
// the last one goes where there is no room. Returns how many there are now.
static int64_t greatest_add(double *list, int64_t *whose, int64_t n, int64_t most, double value, int64_t one) {
    if (n == most && !(value > list[n - 1])) return n;
    int64_t count = n < most ? n + 1 : n, i = count - 1;
    for (; i > 0 && list[i - 1] < value; i--) list[i] = list[i - 1], whose[i] = whose[i - 1];
    list[i] = value;
    whose[i] = one;
    return count;
}

static Svd svd_new(Arena *a, int64_t out, int64_t in, int64_t n, int64_t known) {
    Svd v = {.n = n, .known = known, .out = out, .in = in};
    v.s = arena_get(a, (size_t)n, sizeof *v.s);
    v.U = arena_get(a, (size_t)(known * out), sizeof *v.U);
    v.V = arena_get(a, (size_t)(known * in), sizeof *v.V);
    return v;
}

// Of scale B A, B (out, R), A (R, in), which is never formed: B = Qb^T Tb, A = Ta^T Qa, and the core is scale Tb Ta^T.
static void svd_factors(Arena *work, Svd *v, const float *B, const float *A, double scale) {
    int64_t R = v->n, out = v->out, in = v->in;
    size_t square = (size_t)(R * R);
    double *rows = arena_get(work, (size_t)(R * (out > in ? out : in)), sizeof *rows);
    double *Qb = arena_get(work, (size_t)(R * out), sizeof *Qb), *Qa = arena_get(work, (size_t)(R * in), sizeof *Qa);
    double *Tb = arena_get(work, square, sizeof *Tb), *Ta = arena_get(work, square, sizeof *Ta);
    double *X = arena_get(work, square, sizeof *X), *J = arena_get(work, square, sizeof *J);
    int64_t *place = arena_get(work, (size_t)R, sizeof *place);
    for (int64_t i = 0; i < out * R; i++) rows[i % R * out + i / R] = (double)B[i];
    rows_orthogonal(rows, R, out, Qb, Tb);
    for (int64_t i = 0; i < R * in; i++) rows[i] = (double)A[i];
    rows_orthogonal(rows, R, in, Qa, Ta);
    for (int64_t k = 0; k < R; k++) {
        J[k * R + k] = 1;
        for (int64_t l = 0; l < R; l++) X[k * R + l] = scale * dot(Tb + k * R, Ta + l * R, R);
    }
    rows_jacobi(X, R, R, J);
    for (int64_t k = 0; k < R; k++) greatest_add(v->s, place, k, R, sqrt(dot(X + k * R, X + k * R, R)), k);
    for (int64_t i = 0; i < R && v->s[i] > 0; i++)
        for (int64_t k = 0; k < R; k++) {
            axpy(v->U + i * out, J[place[i] * R + k], Qb + k * out, out);
            axpy(v->V + i * in, X[place[i] * R + k] / v->s[i], Qa + k * in, in);
        }
}

// Of a whole matrix D (out, in), by the eigenvalues of D^T D or D D^T: singular values below 1e-6 of the greatest are rough.
static void svd_whole(Arena *work, Svd *v, const float *D) {
    int64_t out = v->out, in = v->in, n = v->n;
    bool tall = out >= in;
    double *G = arena_get(work, (size_t)(n * n), sizeof *G), *row = arena_get(work, (size_t)(out > in ? out : in), sizeof *row);
    for (int64_t r = 0; r < (tall ? out : in); r++) {
        for (int64_t i = 0; i < n; i++) row[i] = (double)(tall ? D[r * in + i] : D[i * in + r]);
        for (int64_t i = 0; i < n; i++)
            if (row[i] != 0) axpy(G + i * n, row[i], row, n);
    }
    double *first = tall ? v->V : v->U, *second = tall ? v->U : v->V;
    eigen_greatest(work, G, n, n, v->s, v->known, first);
    for (int64_t k = 0; k < n; k++) v->s[k] = v->s[k] > 0 ? sqrt(v->s[k]) : 0;
    for (int64_t k = 0; k < v->known && v->s[k] > 0; k++)
        for (int64_t r = 0; r < out; r++)
            for (int64_t i = 0; i < in; i++) {
                double d = (double)D[r * in + i] / v->s[k];
                if (tall) second[k * out + r] += d * first[k * in + i];
                else second[k * in + i] += d * first[k * out + r];
            }
}

// A model's weight and what tuning added to it.
typedef struct {
    const char *name;       // the module's
    int block;              // -1: lm_head
    bool decoder;
    Linear *linear;         // of the tuned model
    const Tensor *weight;   // the base's (out, in),
    Tensor there;           // and where operations read it
    float *B, *A, *whole;   // scale B A (out, R), (R, in), on the host; or the whole of it (out, in)
    double scale;
    Svd svd;
    double norm, weight_norm;                 // Frobenius
    double stable_rank, effective_rank;       // norm^2 / s_1^2; exp of the entropy of s / sum s (Roy and Vetterli 2007)
    int64_t k90;                              // how many directions hold 90 % of norm^2
    double along, own, by_chance;             // ||U W V^T||, with W's own first directions, with random ones
    double gain_in, gain_out;                 // how W stretches V's and U's directions, as multiples of a random one's
    double top, bottom;                       // shares of norm^2 whose outputs lie along W's first and last directions
    int64_t intruders;                        // of the first 10 of W + dW, -1: not counted
} Measure;

typedef struct {
    Model *model, *other;   // other: where every weight was tuned, the tuned one
    Arena *arena;
    Measure *items;
    size_t n, room;
    bool intruders;
    Linear **linears;       // of `other`, in the same order
    size_t at;              // in them
} Measures;

// Whether two tensors differ; one that is mapped twice is compared byte by byte.
static bool measure_changed(const Tensor *x, const Tensor *y) {
    return x->data != y->data && (x->count != y->count || x->dtype != y->dtype ||
                                  memcmp(x->data, y->data, (size_t)x->count * (size_t)dtypes[x->dtype].bytes));
}

static void measure_linear(void *arg, Linear *l, int block) {
    Measures *all = arg;
    Arena *a = all->arena;
    Ops *ops = all->model->ops;
    const Tensor *base = tensors_find(&all->model->tensors, l->w.name);
    Linear *tuned = all->other ? all->linears[all->at++] : l;
    if (!base || all->model->stored != F32) base = &l->w.file;  // what --dtype made of it
    Tensor now = param_host(a, ops, &tuned->w);
    bool whole = !l->lora && measure_changed(base, &now);
    if (!l->lora && !whole) return;
    Measure m = {.name = module_name(a, l, block < 0), .block = block, .decoder = !strncmp(l->w.name, "decoder", 7),
                 .linear = tuned, .weight = base, .intruders = -1};
    int64_t R = l->out < l->in ? l->out : l->in, known = R < 16 ? R : 16;
    if (whole) {
        if (!is_shape(base, l->out, l->in) || !is_shape(&now, l->out, l->in))
            fail(a, "%s: its shape is not that of the base's", m.name);
        m.whole = arena_get(a, (size_t)(l->out * l->in), sizeof *m.whole);
        float *was = arena_get(a, (size_t)l->in, sizeof *was);
        for (int64_t r = 0; r < l->out; r++) {
            float *row = m.whole + r * l->in;
            tensor_read(&now, r * l->in, l->in, row);
            tensor_read(base, r * l->in, l->in, was);
            for (int64_t i = 0; i < l->in; i++) row[i] -= was[i];
        }
    } else {
        R = known = l->lora->R;
        m.scale = (double)l->lora->scale;
        float **to[] = {&m.B, &m.A}, *from[] = {l->lora->B, l->lora->A};
        int64_t counts[] = {l->out * R, R * l->in};
        for (int i = 0; i < 2; i++) {
            *to[i] = arena_get(a, (size_t)counts[i], sizeof **to[i]);
            ops->copy_out(ops, *to[i], from[i], (size_t)counts[i] * sizeof **to[i]);
        }
    }
    m.there = whole ? tensor_place(all->model, base) : l->w.device;
    m.svd = svd_new(a, l->out, l->in, R, known);
    all->items = arena_grow(a, all->items, all->n, &all->room, sizeof *all->items);
    all->items[all->n++] = m;
}

// Left singular directions of W (out, in), the first `known` of them: rows of a (known, out).
static double *directions_left(Arena *work, const double *W, int64_t out, int64_t in, int64_t known) {
    bool tall = out > in;
    int64_t n = tall ? in : out;
    double *G = arena_get(work, (size_t)(n * n), sizeof *G);
    double *first = arena_get(work, (size_t)(known * n), sizeof *first), *U = first;
    for (int64_t r = 0; tall && r < out; r++)
        for (int64_t i = 0; i < n; i++) axpy(G + i * n, W[r * in + i], W + r * in, n);
    for (int64_t i = 0; !tall && i < n; i++)
        for (int64_t j = 0; j <= i; j++) G[i * n + j] = G[j * n + i] = dot(W + i * in, W + j * in, in);
    eigen_greatest(work, G, n, 0, NULL, known, first);
    if (!tall) return U;
    U = arena_get(work, (size_t)(known * out), sizeof *U);
    for (int64_t k = 0; k < known; k++) {
        double *u = U + k * out, norm;
        for (int64_t r = 0; r < out; r++) u[r] = dot(W + r * in, first + k * in, in);
        norm = sqrt(dot(u, u, out));
        for (int64_t r = 0; r < out && norm > 0; r++) u[r] /= norm;
    }
    return U;
}

// Intruder dimensions (Shuttleworth et al. 2024): of the first 10 left singular directions of W + dW, those whose cosine with
// every one of W's is below 0.5. And how much of dW's outputs lies along W's first and last R directions.
static void measure_intruders(Measure *m, Arena *work) {
    enum { FIRST = 10 };
    Svd *v = &m->svd;
    int64_t out = v->out, in = v->in, n = out < in ? out : in, some = n < FIRST ? n : FIRST;
    int64_t R = v->known < n / 2 ? v->known : n / 2;
    double *W = arena_get(work, (size_t)(out * in), sizeof *W);
    float *row = arena_get(work, (size_t)in, sizeof *row);
    for (int64_t r = 0; r < out; r++) {
        tensor_read(m->weight, r * in, in, row);
        for (int64_t i = 0; i < in; i++) W[r * in + i] = (double)row[i];
    }
    const double *U = directions_left(work, W, out, in, n);
    for (int64_t j = 0; j < n; j++) {
        double share = 0;
        for (int64_t k = 0; k < v->known; k++) share += pow(v->s[k] * dot(U + j * out, v->U + k * out, out), 2);
        if (j < R) m->top += share;
        if (j >= n - R) m->bottom += share;
    }
    double squares = m->norm > 0 ? m->norm * m->norm : 1;
    m->top /= squares;
    m->bottom /= squares;
    for (int64_t r = 0; r < out; r++) {
        for (int64_t i = 0; m->whole && i < in; i++) W[r * in + i] += (double)m->whole[r * in + i];
        for (int64_t k = 0; !m->whole && k < v->known; k++) axpy(W + r * in, v->s[k] * v->U[k * out + r], v->V + k * in, in);
    }
    const double *changed = directions_left(work, W, out, in, some);
    m->intruders = 0;
    for (int64_t i = 0; i < some; i++) {
        double most = 0;
        for (int64_t j = 0; j < n; j++) most = fmax(most, fabs(dot(U + j * out, changed + i * out, out)));
        m->intruders += most < 0.5;
    }
}

// Norms, ranks and, where asked for, intruders: what needs nothing but the two matrices themselves.
static void measure_values(Measure *m, Arena *work, bool intruders) {
    Svd *v = &m->svd;
    double sum = 0, entropy = 0, squares = 0, so_far = 0;
    float *row = arena_get(work, (size_t)v->in, sizeof *row);
    if (m->whole) svd_whole(work, v, m->whole);
    else svd_factors(work, v, m->B, m->A, m->scale);
    for (int64_t r = 0; r < v->out; r++) {
        tensor_read(m->weight, r * v->in, v->in, row);
        for (int64_t i = 0; i < v->in; i++) m->weight_norm += (double)row[i] * (double)row[i];
        for (int64_t i = 0; m->whole && i < v->in; i++) squares += pow((double)m->whole[r * v->in + i], 2);
    }
    m->weight_norm = sqrt(m->weight_norm);
    for (int64_t k = 0; k < v->n; k++) sum += v->s[k], squares += m->whole ? 0 : v->s[k] * v->s[k];
    m->norm = sqrt(squares);
    for (int64_t k = 0; k < v->n && sum > 0 && v->s[k] > 0; k++) entropy -= v->s[k] / sum * log(v->s[k] / sum);
    m->stable_rank = v->s[0] > 0 ? squares / (v->s[0] * v->s[0]) : 0;
    m->effective_rank = sum > 0 ? exp(entropy) : 0;
    for (int64_t k = 0; k < v->n && squares > 0 && so_far < 0.9 * squares; k++) so_far += v->s[k] * v->s[k], m->k90++;
    if (intruders) measure_intruders(m, work);
}

typedef struct {
    Measure *one;
    bool intruders;
    Arena work;
} MeasureCall;

static void measure_body(void *arg) {
    MeasureCall *c = arg;
    measure_values(c->one, &c->work, c->intruders);
}

static void measure_work(const void *arg, int64_t unit, int thread) {
    const Measures *all = arg;
    MeasureCall call = {.one = &all->items[unit], .intruders = all->intruders};
    (void)thread;
    if (!attempt(&call.work, measure_body, &call)) call.one->name = NULL;
    arena_free(&call.work);
}

// N rows x times W^T or, `back`, W: on the device, and in f32.
static const float *measure_product(const Measures *all, Arena *work, const Tensor *w, const float *x, int64_t N, bool back) {
    Ops *ops = all->model->ops;
    int64_t from = w->shape[back ? 0 : 1], to = w->shape[back ? 1 : 0];
    Pass p = {.ops = ops};
    float *there = device_get(work, ops, N * from), *y = device_get(work, ops, N * to);
    ops->copy_in(ops, there, x, (size_t)(N * from) * sizeof *x);
    if (back) weight_back(&p, w, y, there, N, 1, false, false);
    else weight_forward(&p, w, y, there, N, 1, false, false);
    return ops->host(ops, work, y, N * to);
}

static double dot_mixed(const double *x, const float *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * (double)y[i];
    return sum;
}

static float *narrowed(Arena *work, const double *x, int64_t n) {
    float *y = arena_get(work, (size_t)n, sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = (float)x[i];
    return y;
}

// ||U W V^T|| with W's own R first directions: the root of the sum of its R greatest squared singular values, found by iterating
// on a few more random directions than R (Halko, Martinsson and Tropp 2011). From below, by some per cent where they fall slowly.
static double measure_own(const Measures *all, Arena *work, const Measure *m) {
    int64_t out = m->svd.out, in = m->svd.in, R = m->svd.known, most = out < in ? out : in, N = R + 8 < most ? R + 8 : most;
    float *x = arena_get(work, (size_t)(N * in), sizeof *x);
    for (int64_t i = 0; i < N * in; i++) x[i] = (float)random_normal(random_key(7, 0x0d0, 0), (uint64_t)i);
    for (int round = 0; round < 5; round++) {
        const float *y = measure_product(all, work, &m->there, x, N, false);
        const float *z = measure_product(all, work, &m->there, y, N, true);
        for (int64_t k = 0; k < N; k++) {
            double norm = 0;
            for (int64_t i = 0; i < in; i++) norm += (double)z[k * in + i] * (double)z[k * in + i];
            for (int64_t i = 0; i < in; i++) x[k * in + i] = norm > 0 ? (float)((double)z[k * in + i] / sqrt(norm)) : 0;
        }
    }
    const float *y = measure_product(all, work, &m->there, x, N, false);
    double *wide = arena_get(work, (size_t)(N * out), sizeof *wide), *Q = arena_get(work, (size_t)(N * out), sizeof *Q);
    double *T = arena_get(work, (size_t)(N * N), sizeof *T), *J = arena_get(work, (size_t)(N * N), sizeof *J), sum = 0;
    for (int64_t i = 0; i < N * out; i++) wide[i] = (double)y[i];
    rows_orthogonal(wide, N, out, Q, T);
    const float *z = measure_product(all, work, &m->there, narrowed(work, Q, N * out), N, true);
    double *P = arena_get(work, (size_t)(N * in), sizeof *P);
    for (int64_t i = 0; i < N * in; i++) P[i] = (double)z[i];
    for (int64_t k = 0; k < N; k++)
        for (int64_t l = 0; l < N; l++) T[k * N + l] = dot(P + k * in, P + l * in, in);
    rows_jacobi(T, N, N, J);
    double *squares = arena_get(work, (size_t)R, sizeof *squares);
    int64_t *place = arena_get(work, (size_t)R, sizeof *place);
    for (int64_t k = 0, n = 0; k < N; k++) n = greatest_add(squares, place, n, R, sqrt(dot(T + k * N, T + k * N, N)), k);
    for (int64_t k = 0; k < R; k++) sum += squares[k];
    return sqrt(sum);
}

// What the change has to do with the weight that it changes (Hu et al. 2021, table 7).
static void measure_along(const Measures *all, Measure *m) {
    Arena *work = all->arena;
    Mark mark = arena_mark(work);
    const Svd *v = &m->svd;
    int64_t R = v->known, out = v->out, in = v->in;
    const float *y = measure_product(all, work, &m->there, narrowed(work, v->V, R * in), R, false);
    const float *z = measure_product(all, work, &m->there, narrowed(work, v->U, R * out), R, true);
    double along = 0, stretched[2] = {0}, squares = 0;
    for (int64_t k = 0; k < R; k++) {
        double parts[2] = {0}, s = v->s[k] * v->s[k];
        for (int64_t l = 0; l < R; l++) along += pow(dot_mixed(v->U + l * out, y + k * out, out), 2);
        for (int64_t i = 0; i < out; i++) parts[0] += (double)y[k * out + i] * (double)y[k * out + i];
        for (int64_t i = 0; i < in; i++) parts[1] += (double)z[k * in + i] * (double)z[k * in + i];
        for (int i = 0; i < 2; i++) stretched[i] += s * parts[i];
        squares += s;
    }
    m->along = sqrt(along);
    m->by_chance = m->weight_norm * (double)R / sqrt((double)out * (double)in);
    m->own = measure_own(all, work, m);
    if (squares > 0 && m->weight_norm > 0) {
        m->gain_in = sqrt(stretched[0] / squares) / (m->weight_norm / sqrt((double)in));
        m->gain_out = sqrt(stretched[1] / squares) / (m->weight_norm / sqrt((double)out));
    }
    arena_release(work, mark);
}

static void linear_list(void *arg, Linear *l, int block) {
    Measures *all = arg;
    (void)block;
    all->linears = arena_grow(all->arena, all->linears, all->n, &all->room, sizeof *all->linears);
    all->linears[all->n++] = l;
}

// Measures every linear layer that an adapter changes, beside the weight or in it; or, with `other`, that was tuned whole.
static Measures *model_measure(Model *m, Model *other, bool intruders) {
    Measures *all = arena_get(m->arena, 1, sizeof *all);
    *all = (Measures){.model = m, .other = other, .arena = m->arena, .intruders = intruders};
    if (other) {  // which are walked through side by side
        model_linears(m, linear_list, all);
        size_t layers = all->n;
        all->n = 0;
        model_linears(other, linear_list, all);
        if (all->n != layers) fail(m->arena, "%s: has not as many layers as its base %s", other->path, m->path);
        all->n = all->room = 0;
    }
    model_linears(m, measure_linear, all);
    parallel(m->ops->pool, (int64_t)all->n, measure_work, all);
    for (size_t i = 0; i < all->n; i++) {
        if (!all->items[i].name) fail(m->arena, "out of memory while singular values were computed");
        measure_along(all, &all->items[i]);
    }
    return all;
}

// <dW, dW'> of two changes of one layer.
static double change_product(Arena *a, const Measure *x, const Measure *y) {
    int64_t out = x->svd.out, in = x->svd.in;
    double sum = 0;
    if (!x->whole && y->whole) return change_product(a, y, x);
    if (!x->whole)
        for (int64_t k = 0; k < x->svd.n; k++)
            for (int64_t l = 0; l < y->svd.n; l++)
                sum += x->svd.s[k] * y->svd.s[l] * dot(x->svd.U + k * out, y->svd.U + l * out, out) *
                       dot(x->svd.V + k * in, y->svd.V + l * in, in);
    Mark mark = arena_mark(a);
    double *row = arena_get(a, (size_t)in, sizeof *row);
    for (int64_t r = 0; x->whole && r < out; r++) {
        for (int64_t i = 0; i < in; i++) row[i] = y->whole ? (double)y->whole[r * in + i] : 0;
        for (int64_t k = 0; !y->whole && k < y->svd.n; k++)
            axpy(row, y->svd.s[k] * y->svd.U[k * out + r], y->svd.V + k * in, in);
        sum += dot_mixed(row, x->whole + r * in, in);
    }
    arena_release(a, mark);
    return sum;
}

enum { PHI = 8 };

// How much of the subspace of a change's i first output directions lies in that of another's j first: phi[(i - 1) PHI + j - 1]
// = ||U_i U'_j^T||^2 / min(i, j), from 0 to 1 (Hu et al. 2021, figures 3 and 4). -1 where there are not so many.
static void change_phi(const Measure *x, const Measure *y, double phi[PHI * PHI]) {
    for (int64_t i = 0; i < PHI; i++)
        for (int64_t j = 0; j < PHI; j++) {
            double sum = 0;
            bool there = i < x->svd.known && j < y->svd.known;
            for (int64_t k = 0; k <= i && there; k++)
                for (int64_t l = 0; l <= j; l++)
                    sum += pow(dot(x->svd.U + k * x->svd.out, y->svd.U + l * y->svd.out, x->svd.out), 2);
            phi[i * PHI + j] = there ? sum / (double)(i < j ? i + 1 : j + 1) : -1;
        }
}

// ---- what a soft prompt is like

enum { NEAREST = 5 };

typedef struct {
    double norm, start;              // start: the distance from where it began, NAN where that is not known
    int32_t ids[NEAREST];            // of the pieces whose embeddings have the greatest cosines with it
    double cosines[NEAREST];
    int cluster;
    double x, y;                     // among the common pieces, on the two principal axes of both
} PromptRow;

typedef struct {
    PromptRow *rows;
    int64_t n;
    double embedding_norm;           // mean length of the model's embeddings
    double same;                     // share of the rows whose nearest piece is the most frequent of these
    int clusters;                    // of k-means, the number of 2 to 8 with the best silhouette; 1: too few rows
    double silhouette;
    int npieces;                     // common pieces on the map, the vocabulary's first ordinary ones
    int32_t *pieces;
    double *px, *py;
} PromptMeasure;

static double row_distance(const double *x, const double *y, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(sum);
}

// The nearest pieces: by f32 products a few more than are wanted, these again in double.
static void prompt_nearest(const Measures *all, PromptMeasure *p, const double *rows, const double *norms) {
    enum { SOME = 24 };
    const Tensor *table = &all->model->shared.file;
    int64_t V = table->shape[0], D = table->shape[1], some = V < SOME ? V : SOME;
    float *one = arena_get(all->arena, (size_t)D, sizeof *one);
    for (int64_t r = 0; r < p->n; r++) {
        Mark mark = arena_mark(all->arena);
        const float *row = narrowed(all->arena, rows + r * D, D);
        const float *y = measure_product(all, all->arena, &all->model->shared.device, row, 1, false);
        double best[SOME];
        int64_t ids[SOME], nearest[NEAREST] = {0}, n = 0;
        for (int64_t v = 0; v < V; v++) n = greatest_add(best, ids, n, some, norms[v] > 0 ? (double)y[v] / norms[v] : 0, v);
        for (int64_t i = 0, kept = 0; i < n; i++) {
            tensor_read(table, ids[i] * D, D, one);
            double scale = norms[ids[i]] * p->rows[r].norm, cosine = scale > 0 ? dot_mixed(rows + r * D, one, D) / scale : 0;
            kept = greatest_add(p->rows[r].cosines, nearest, kept, NEAREST, cosine, ids[i]);
        }
        for (int i = 0; i < NEAREST; i++) p->rows[r].ids[i] = (int32_t)nearest[i];
        arena_release(all->arena, mark);
    }
}

// k-means (Lloyd) from rows that are far from each other; the assignment goes to `cluster`.
static void prompt_means(Arena *a, const double *rows, int64_t n, int64_t D, int k, int *cluster) {
    double *means = arena_get(a, (size_t)(k * D), sizeof *means);
    int64_t next = 0;
    for (int c = 0; c < k; c++) {
        memcpy(means + c * D, rows + next * D, (size_t)D * sizeof *means);
        double most = -1;
        for (int64_t i = 0; i < n; i++) {
            double least = INFINITY;
            for (int j = 0; j <= c; j++) least = fmin(least, row_distance(rows + i * D, means + j * D, D));
            if (least > most) most = least, next = i;
        }
    }
    bool moved = true;
    for (int round = 0; moved && round < 200; round++) {
        moved = false;
        for (int64_t i = 0; i < n; i++) {
            int best = 0;
            double least = INFINITY;
            for (int j = 0; j < k; j++) {
                double d = row_distance(rows + i * D, means + j * D, D);
                if (d < least) least = d, best = j;
            }
            moved |= !round || best != cluster[i];
            cluster[i] = best;
        }
        for (int j = 0; j < k; j++) {
            double count = 0;
            for (int64_t i = 0; i < n; i++) count += cluster[i] == j;
            for (int64_t d = 0; d < D && count > 0; d++) means[j * D + d] = 0;
            for (int64_t i = 0; i < n; i++)
                if (cluster[i] == j) axpy(means + j * D, 1 / count, rows + i * D, D);
        }
    }
}

// Mean silhouette of the rows (Rousseeuw 1987), 0 for one that is alone. apart: all distances.
static double prompt_silhouette(const double *apart, int64_t n, int k, const int *cluster) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double within = 0, nearest = INFINITY, own = 0;
        for (int j = 0; j < k; j++) {
            double all = 0, count = 0;
            for (int64_t r = 0; r < n; r++)
                if (cluster[r] == j && r != i) all += apart[i * n + r], count++;
            if (j == cluster[i]) within = count > 0 ? all / count : 0, own = count;
            else if (count > 0) nearest = fmin(nearest, all / count);
        }
        double greater = fmax(within, nearest);
        if (own > 0 && isfinite(nearest) && greater > 0) sum += (nearest - within) / greater;
    }
    return sum / (double)n;
}

static void prompt_cluster(Arena *a, PromptMeasure *p, const double *rows, int64_t D) {
    enum { MOST = 1024 };
    int64_t n = p->n;
    p->clusters = 1;
    if (n < 3 || n > MOST) return;
    Mark mark = arena_mark(a);
    double *apart = arena_get(a, (size_t)(n * n), sizeof *apart);
    int *cluster = arena_get(a, (size_t)n, sizeof *cluster);
    for (int64_t i = 0; i < n * n; i++) apart[i] = row_distance(rows + i / n * D, rows + i % n * D, D);
    for (int k = 2; k <= 8 && k < n; k++) {
        prompt_means(a, rows, n, D, k, cluster);
        double s = prompt_silhouette(apart, n, k, cluster);
        if (p->clusters > 1 && s <= p->silhouette) continue;
        p->clusters = k;
        p->silhouette = s;
        for (int64_t i = 0; i < n; i++) p->rows[i].cluster = cluster[i];
    }
    arena_release(a, mark);
}

// The prompt's rows and the common pieces on the two principal axes of all of them (PCA).
static void prompt_map(const Measures *all, PromptMeasure *p, const Tokenizer *t, const double *rows) {
    enum { PIECES = 200, MOST = 1024 };
    Arena *a = all->arena;
    int64_t D = all->model->config.D, shown = p->n < MOST ? p->n : MOST;
    p->pieces = arena_get(a, PIECES, sizeof *p->pieces);
    p->px = arena_get(a, PIECES, sizeof *p->px);
    p->py = arena_get(a, PIECES, sizeof *p->py);
    for (int32_t i = 0; i < t->size && i < all->model->config.V && p->npieces < PIECES; i++)
        if (t->pieces[i].type == NORMAL) p->pieces[p->npieces++] = i;
    Mark mark = arena_mark(a);
    int64_t N = shown + p->npieces;
    double *x = arena_get(a, (size_t)(N * D), sizeof *x), *mean = arena_get(a, (size_t)D, sizeof *mean);
    double *G = arena_get(a, (size_t)(N * N), sizeof *G), values[2] = {0};
    double *vectors = arena_get(a, (size_t)(2 * N), sizeof *vectors);
    float *one = arena_get(a, (size_t)D, sizeof *one);
    memcpy(x, rows, (size_t)(shown * D) * sizeof *x);
    for (int64_t i = shown; i < N; i++) {
        tensor_read(&all->model->shared.file, p->pieces[i - shown] * D, D, one);
        for (int64_t d = 0; d < D; d++) x[i * D + d] = (double)one[d];
    }
    for (int64_t i = 0; i < N; i++) axpy(mean, 1 / (double)N, x + i * D, D);
    for (int64_t i = 0; i < N; i++) axpy(x + i * D, -1, mean, D);
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j <= i; j++) G[i * N + j] = G[j * N + i] = dot(x + i * D, x + j * D, D);
    if (N > 2) eigen_greatest(a, G, N, 2, values, 2, vectors);
    for (int64_t i = 0; i < N; i++) {
        double at[2];
        for (int k = 0; k < 2; k++) at[k] = values[k] > 0 ? vectors[k * N + i] * sqrt(values[k]) : 0;
        *(i < shown ? &p->rows[i].x : &p->px[i - shown]) = at[0];
        *(i < shown ? &p->rows[i].y : &p->py[i - shown]) = at[1];
    }
    arena_release(a, mark);
}

// Measures the prompt that the model carries, the decoder's rows after the encoder's. start: its rows as they began, or NULL.
static PromptMeasure *prompt_measure(Model *m, const Tokenizer *t, const float *start) {
    Arena *a = m->arena;
    Measures all = {.model = m, .arena = a};
    PromptMeasure *p = arena_get(a, 1, sizeof *p);
    int64_t D = m->config.D, V = m->shared.file.shape[0];
    p->n = m->prompt[0].P + m->prompt[1].P;
    p->rows = arena_get(a, (size_t)p->n, sizeof *p->rows);
    const float *host = m->ops->host(m->ops, a, m->prompt[0].rows, p->n * D);
    double *rows = arena_get(a, (size_t)(p->n * D), sizeof *rows), *norms = arena_get(a, (size_t)V, sizeof *norms);
    float *one = arena_get(a, (size_t)D, sizeof *one);
    for (int64_t v = 0; v < V; v++) {
        tensor_read(&m->shared.file, v * D, D, one);
        for (int64_t i = 0; i < D; i++) norms[v] += (double)one[i] * (double)one[i];
        norms[v] = sqrt(norms[v]);
        p->embedding_norm += norms[v] / (double)V;
    }
    for (int64_t r = 0; r < p->n; r++) {
        double *row = rows + r * D, apart = 0;
        for (int64_t i = 0; i < D; i++) row[i] = (double)host[r * D + i];
        for (int64_t i = 0; i < D && start; i++) apart += pow(row[i] - (double)start[r * D + i], 2);
        p->rows[r].norm = sqrt(dot(row, row, D));
        p->rows[r].start = start ? sqrt(apart) : NAN;
    }
    prompt_nearest(&all, p, rows, norms);
    for (int64_t r = 0; r < p->n; r++) {
        double alike = 0;
        for (int64_t i = 0; i < p->n; i++) alike += p->rows[i].ids[0] == p->rows[r].ids[0];
        p->same = fmax(p->same, alike / (double)p->n);
    }
    prompt_cluster(a, p, rows, D);
    prompt_map(&all, p, t, rows);
    return p;
}

/* ================================================================================================================
   9  data: csv / tsv / jsonl, prompt template, subset

   Training and evaluation data is a table with named columns. Three kinds of file hold one:
     .csv, .tsv        RFC 4180: the first row names the columns; a field that holds the separator, a quote or a line
                       break stands in quotes, and a quote inside it is written twice; lines end in LF, CRLF or CR
     .jsonl, .ndjson   one JSON object a line; its members are the cells
     .json             an array of such objects, or what else pandas writes (see json_object)
   in UTF-8, or in UTF-16 with its mark. Any other name, and standard input, is judged by its first character. A cell is
   a view into the mapped file: a copy is made only where an escape has to be undone. A cell is judged when it is used
   (cell_text): one that is missing (null, NaN, an empty field, as pandas reads them) is the caller's to count, a list or
   bytes that are no UTF-8 are refused. Every complaint names the file and the line, since nobody finds a broken quote in
   12,000 rows by eye.

   A prompt template turns a row into the text that the encoder reads: each {column} gives way to that column's cell.
   ================================================================================================================ */

typedef struct {
    const char *data;  // NULL where a cell is missing
    size_t n;
} Slice;

typedef struct {
    const char **columns;
    int ncolumns;
    Slice *cells;  // (nrows, ncolumns)
    char *kinds;   // (nrows, ncolumns): [ or { for a JSON list or object; NULL: there are none
    size_t nrows;
    const char *path;
    size_t *lines;  // where each row starts, counted from 1
} Table;

enum { MAX_COLUMNS = 1024 };

static int column_find(const Table *t, const char *name, size_t n) {
    for (int i = 0; i < t->ncolumns; i++)
        if (strlen(t->columns[i]) == n && !memcmp(t->columns[i], name, n)) return i;
    return -1;
}

// A name for a message: cut where it is long.
static char *shown(Arena *a, const char *name) {
    return arena_print(a, strlen(name) > 60 ? "%.60s..." : "%s", name);
}

// Adds a column. Those without a name, such as pandas' index, can be many, since nobody can ask for one.
static int column_add(Arena *a, Table *t, const char *name) {
    if (*name && column_find(t, name, strlen(name)) >= 0)
        fail(a, "%s: the column \"%s\" is there twice; rename one", t->path, shown(a, name));
    if (t->ncolumns == MAX_COLUMNS) fail(a, "%s: has more than %d columns; is its first line a header?", t->path, MAX_COLUMNS);
    t->columns[t->ncolumns] = name;
    return t->ncolumns++;
}

static const char *column_list(Arena *a, const Table *t) {
    Text list = {.arena = a};
    for (int i = 0; i < t->ncolumns && i < 12; i++) text_print(&list, i ? ", %s" : "%s", shown(a, t->columns[i]));
    if (t->ncolumns > 12) text_print(&list, " and %d more", t->ncolumns - 12);
    return list.data ? list.data : "no columns";
}

// The index of a column; fails when there is none of that name.
static int table_column(Arena *a, const Table *t, const char *name) {
    int i = column_find(t, name, strlen(name));
    if (i < 0)
        fail(a, "%s: no column \"%s\"; it has %s (choose with --source-column / --target-column)", t->path, shown(a, name),
             column_list(a, t));
    return i;
}

// ---- csv and tsv

typedef struct {
    Arena *arena;
    const char *p, *end, *path;
    size_t line;
    char separator;
} CsvReader;

static bool csv_line_end(const CsvReader *r) {
    return r->p == r->end || *r->p == '\n' || *r->p == '\r';
}

// Steps over a line end.
static void csv_line(CsvReader *r) {
    r->p += r->p < r->end && *r->p == '\r';
    r->p += r->p < r->end && *r->p == '\n';
    r->line++;
}

static Slice csv_quoted(CsvReader *r) {
    size_t opened = r->line, doubled = 0;
    const char *start = ++r->p;
    for (;; r->p++) {
        if (r->p == r->end) fail(r->arena, "%s: line %zu: a quote opens here that is never closed", r->path, opened);
        r->line += *r->p == '\n' || (*r->p == '\r' && r->p + 1 < r->end && r->p[1] != '\n');
        if (*r->p != '"') continue;
        if (r->p + 1 == r->end || r->p[1] != '"') break;
        doubled++;
        r->p++;
    }
    Slice cell = {start, (size_t)(r->p++ - start)};
    if (!csv_line_end(r) && *r->p != r->separator)
        fail(r->arena, "%s: line %zu: text follows a closing quote; a quote inside quotes is written twice", r->path, r->line);
    if (!doubled) return cell;
    char *copy = arena_get(r->arena, cell.n - doubled, 1), *out = copy;
    for (size_t i = 0; i < cell.n; i++) {
        *out++ = start[i];
        i += start[i] == '"';
    }
    return (Slice){copy, cell.n - doubled};
}

static Slice csv_plain(CsvReader *r) {
    const char *start = r->p;
    while (!csv_line_end(r) && *r->p != r->separator) r->p++;
    return (Slice){start, (size_t)(r->p - start)};
}

// Appends the cells of the row at r->p to cells and steps behind its line end; returns their number. As in pandas, an empty
// field is a missing cell, also one in quotes.
static size_t csv_row(CsvReader *r, Slice **cells, size_t at, size_t *room) {
    for (size_t n = 0;;) {
        *cells = arena_grow(r->arena, *cells, at + n, room, sizeof **cells);
        Slice cell = r->p < r->end && *r->p == '"' ? csv_quoted(r) : csv_plain(r);
        (*cells)[at + n++] = cell.n ? cell : (Slice){0};
        if (r->p == r->end || *r->p != r->separator) return csv_line(r), n;
        r->p++;
    }
}

// Steps over lines that hold nothing; false at the end of the file.
static bool csv_more(CsvReader *r) {
    while (r->p < r->end && csv_line_end(r)) csv_line(r);
    return r->p < r->end;
}

static void csv_read(Arena *a, Table *t, const char *data, size_t size, char separator) {
    CsvReader r = {a, data, data + size, t->path, 1, separator};
    Slice *header = NULL;
    size_t room = 0, lines_room = 0, n = csv_more(&r) ? csv_row(&r, &header, 0, &room) : 0;
    for (size_t i = 0; i < n; i++) column_add(a, t, arena_copy(a, header[i].data, header[i].n));
    room = 0;
    while (csv_more(&r)) {
        size_t line = r.line, fields = csv_row(&r, &t->cells, t->nrows * n, &room);
        if (fields != n)
            fail(a, "%s: line %zu: %zu field%s, but the header has %zu (a field that holds the separator, a quote or a line "
                 "break must stand in quotes)", t->path, line, fields, fields == 1 ? "" : "s", n);
        t->lines = arena_grow(a, t->lines, t->nrows, &lines_room, sizeof *t->lines);
        t->lines[t->nrows++] = line;
    }
}

// ---- json

// Cells in the order of the file: the number of columns is known only at its end.
typedef struct {
    size_t row;
    int column;
    Slice value;
    char kind;
} JsonCell;

typedef struct {
    JsonCell *cells;
    size_t n, room, lines_room;
    const char *counted;  // up to here the file has `line` line ends
    size_t line;
} JsonCells;

// Reads a cell. What is no string is its own source text, and so is a string that no escape made shorter.
static void json_cell(JsonCells *c, JsonReader *r, size_t row, int column) {
    json_space(r);
    Mark mark = arena_mark(r->arena);
    const char *start = r->p;
    r->values = 0;
    const Json *v = json_value(r, 1);
    JsonCell cell = {row, column, {start, (size_t)(r->p - start)}, v->type == JSON_ARRAY || v->type == JSON_OBJECT ? *start : 0};
    bool copied = v->type == JSON_STRING && v->n + 2 != cell.value.n;
    if (v->type == JSON_NULL) cell.value = (Slice){0};
    if (v->type == JSON_STRING) cell.value = (Slice){copied ? v->string : start + 1, v->n};
    if (!copied) arena_release(r->arena, mark);
    c->cells = arena_grow(r->arena, c->cells, c->n, &c->room, sizeof *c->cells);
    c->cells[c->n++] = cell;
}

// Adds a row that starts at r->p.
static void json_row_add(Table *t, JsonCells *c, JsonReader *r) {
    for (const char *s; (s = c->counted) < r->p; c->counted++)
        c->line += *s == '\n' || (*s == '\r' && (s + 1 == r->p || s[1] != '\n'));
    t->lines = arena_grow(r->arena, t->lines, t->nrows, &c->lines_room, sizeof *t->lines);
    t->lines[t->nrows++] = c->line + 1;
}

static void json_row(Table *t, JsonCells *c, JsonReader *r) {
    Arena *a = r->arena;
    json_space(r);
    json_row_add(t, c, r);
    if (r->p == r->end || *r->p++ != '{')
        fail(a, "%s: line %zu: a row is expected here, an object in { } that names its columns (pandas' orient=\"values\" has no "
             "names; write it with orient=\"records\")", t->path, c->line + 1);
    for (bool first = true; json_more(r, '}', first); first = false) {
        Mark mark = arena_mark(a);
        const char *name = json_name(r);
        int column = column_find(t, name, strlen(name));
        if (column >= 0) arena_release(a, mark);
        else column = column_add(a, t, name);
        json_cell(c, r, t->nrows - 1, column);
    }
}

static void json_end(JsonReader *r) {
    json_space(r);
    if (r->p < r->end) json_fail(r, "something follows its end");
}

static void json_lines(Table *t, JsonCells *c, JsonReader *r) {
    for (const char *end = r->end; json_space(r), r->p < end; r->end = end) {
        r->end = r->p;
        while (r->end < end && *r->end != '\n' && *r->end != '\r') r->end++;
        json_row(t, c, r);
        json_end(r);
    }
}

static void json_array(Table *t, JsonCells *c, JsonReader *r) {
    json_space(r);
    if (r->p == r->end || *r->p++ != '[') json_fail(r, "an array of objects is expected, or one object a line");
    for (bool first = true; json_more(r, ']', first); first = false) json_row(t, c, r);
}

// {"dialogue": {"0": ..., "1": ...}, "summary": ...}, which pandas writes by default, or a list for each column.
static void json_columns(Table *t, JsonCells *c, JsonReader *r) {
    const char **labels = NULL;
    size_t room = 0;
    for (bool first = true; json_more(r, '}', first); first = false) {
        int column = column_add(r->arena, t, json_name(r));
        json_space(r);
        char close = *r->p++ == '{' ? '}' : ']';
        size_t row = 0;
        bool same = true;
        for (; same && json_more(r, close, !row); row++) {
            const char *label = close == '}' ? json_name(r) : "";
            json_space(r);
            if (first) {
                labels = arena_grow(r->arena, labels, row, &room, sizeof *labels);
                labels[row] = label;
                json_row_add(t, c, r);
            }
            same = row < t->nrows && !strcmp(labels[row], label);  // NOLINT: the first column named the rows
            json_cell(c, r, row, column);
        }
        if (!same || row != t->nrows)
            fail(r->arena, "%s: column \"%s\" has other rows than \"%s\"; write one object a row (pandas: orient=\"records\")",
                 t->path, shown(r->arena, t->columns[column]), shown(r->arena, t->columns[0]));
    }
}

static bool is_number(const char *s) {
    return *s && !s[strspn(s, "0123456789")];
}

// What starts with an object: one object a line, or one that is the whole file, in one of the layouts that pandas writes.
static void json_object(Table *t, JsonCells *c, JsonReader *r) {
    JsonReader look = *r;
    Mark mark = arena_mark(r->arena);
    size_t n = 0, objects = 0, lists = 0, rows = 0;
    bool schema = false, columns = false;
    const char *data = NULL;
    for (look.p++; json_more(&look, '}', !n); n++) {
        const char *name = json_name(&look), *start = look.p;
        const Json *v = json_value(&look, 1);
        bool object = v->type == JSON_OBJECT, list = v->type == JSON_ARRAY;
        objects += object;
        lists += list;
        rows += object && is_number(name) && v->n && !is_number(v->child->key);
        schema |= object && !strcmp(name, "schema");
        columns |= list && !strcmp(name, "columns");
        if (list && !strcmp(name, "data")) data = start;
    }
    json_space(&look);
    bool whole = n && look.p == look.end;
    arena_release(r->arena, mark);
    if (data && columns) fail(r->arena, "%s: is pandas' orient=\"split\"; write it with orient=\"records\"", t->path);
    if (!whole) json_lines(t, c, r);
    else if (data && schema) r->p = data, json_array(t, c, r), r->p = look.p;  // orient="table"
    else if (objects < n && lists < n) json_row(t, c, r);
    else if (r->p++, rows < n) json_columns(t, c, r);
    else for (bool first = true; json_more(r, '}', first); first = false) json_name(r), json_row(t, c, r);  // orient="index"
}

static void json_table(Table *t, JsonReader *r, bool lines) {
    JsonCells c = {.counted = r->p};
    json_space(r);
    if (lines) json_lines(t, &c, r);
    else if (*r->p == '{') json_object(t, &c, r);
    else json_array(t, &c, r);
    json_end(r);
    t->cells = arena_get(r->arena, t->nrows, (size_t)t->ncolumns * sizeof *t->cells);
    t->kinds = arena_get(r->arena, t->nrows, (size_t)t->ncolumns);
    for (size_t i = 0; i < c.n; i++) {
        size_t at = c.cells[i].row * (size_t)t->ncolumns + (size_t)c.cells[i].column;
        if (t->cells[at].data)
            fail(r->arena, "%s: line %zu: \"%s\" is there twice in this row", t->path, t->lines[c.cells[i].row],
                 shown(r->arena, t->columns[c.cells[i].column]));
        t->cells[at] = c.cells[i].value;
        t->kinds[at] = c.cells[i].kind;
    }
}

// ---- tables

// A file's name with another ending, for the command that makes a table of it.
static char *path_ending(Arena *a, const char *path, const char *ending) {
    const char *dot = strrchr(path, '.');
    size_t n = dot && !strchr(dot, '/') ? (size_t)(dot - path) : strlen(path);
    return arena_print(a, "%.*s%s", (int)n, path, ending);
}

// Refuses what is no text and says what makes a table of it. Names lie, so the first bytes decide.
static void file_foreign(Arena *a, const File *f) {
#define PANDAS(reader) "python3 -c \"import pandas; pandas." reader "('%s').to_csv('%s', index=False)\""
    static const struct { const char *magic, *what, *command, *ending; } kinds[] = {
        {"\x1f\x8b", "compressed (gzip)", "gzip -dc %s > %s", ""},
        {"BZh", "compressed (bzip2)", "bzip2 -dc %s > %s", ""},
        {"\xfd""7zXZ", "compressed (xz)", "xz -dc %s > %s", ""},
        {"\x28\xb5\x2f\xfd", "compressed (zstd)", "zstd -dc %s > %s", ""},
        {"PK\3\4", "a zip archive", "unzip -p %s > %s", ""}, {"PAR1", "a Parquet file", PANDAS("read_parquet"), ".csv"},
        {"ARROW1", "an Arrow file", PANDAS("read_feather"), ".csv"},
        {"\xd0\xcf\x11\xe0", "an Excel file", PANDAS("read_excel"), ".csv"},
        {"\xff\xff\xff\xff", "an Arrow stream",
         "python3 -c \"import datasets; datasets.Dataset.from_file('%s').to_csv('%s')\"", ".csv"},
        {"version https://git-lfs", "a Git LFS pointer and not the file it stands for", "git lfs pull", ""}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].magic);
        if (f->size < n || memcmp(f->data, kinds[i].magic, n)) continue;
        const char *what = kinds[i].what, *command = kinds[i].command, *ending = kinds[i].ending;
        for (size_t k = 0; *command == 'u' && k + 8 < f->size; k++)  // an .xlsx file is an archive too
            if (!memcmp(f->data + k, "xl/workb", 8)) what = "an Excel file", command = PANDAS("read_excel"), ending = ".csv";
        const char *path = strchr(f->path, ' ') ? "FILE" : f->path, *out = path_ending(a, path, ending);
        if (!strcmp(out, path)) out = path_ending(a, path, ".out");
        fail(a, "%s: is %s; this makes a table of it: %s", f->path, what, arena_print(a, command, path, out));
    }
#undef PANDAS
}

// UTF-16 with its mark, as UTF-8.
static File file_utf16(Arena *a, File f) {
    const unsigned char *u = (const unsigned char *)f.data;
    size_t low = u[0] == 0xfe, n = 0;
    char *out = arena_get(a, f.size / 2, 3);
    for (size_t i = 2; i < f.size; i += 2) {
        uint32_t c = i + 1 < f.size ? (uint32_t)(u[i + 1 - low] << 8 | u[i + low]) : 0xd800;
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < f.size) {
            uint32_t next = (uint32_t)(u[i + 3 - low] << 8 | u[i + 2 + low]);
            if (next >= 0xdc00 && next < 0xe000) c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00), i += 2;
        }
        if (c >= 0xd800 && c < 0xe000) fail(a, "%s: is damaged: UTF-16, but with half a character at byte %zu", f.path, i);
        n += (size_t)utf8_write(out + n, c);
    }
    f.data = out;
    f.size = n;
    return f;
}

// The table that a file's bytes are, by its name's ending. It has at least one column and one row.
static Table *table_read(Arena *a, File f) {
    file_foreign(a, &f);
    if (f.size >= 2 && (!memcmp(f.data, "\xff\xfe", 2) || !memcmp(f.data, "\xfe\xff", 2))) f = file_utf16(a, f);
    Table *t = arena_get(a, 1, sizeof *t);
    t->path = f.path;
    t->columns = arena_get(a, MAX_COLUMNS, sizeof *t->columns);
    size_t bom = f.size >= 3 && !memcmp(f.data, "\xef\xbb\xbf", 3) ? 3 : 0, at = bom;
    while (at < f.size && strchr(" \t\r\n", f.data[at]) && f.data[at]) at++;
    if (at == f.size) fail(a, "%s: is empty; a table with a header and rows is wanted (.csv, .tsv, .jsonl or .json)", t->path);
    const char *dot = strrchr(f.path, '.'), *ending = dot ? dot : "", *data = f.data + bom;
    bool tsv = !strcmp(ending, ".tsv"), json = !strcmp(ending, ".json");
    bool lines = !strcmp(ending, ".jsonl") || !strcmp(ending, ".ndjson");
    bool csv = tsv || !strcmp(ending, ".csv") || (!lines && !json && f.data[at] != '{' && f.data[at] != '[');
    if (csv) csv_read(a, t, data, f.size - bom, tsv ? '\t' : ',');
    else json_table(t, &(JsonReader){a, data, f.data + f.size, data, t->path, 1, 0, true}, lines);
    if (!t->nrows) fail(a, csv ? "%s: has a header line but no rows" : "%s: has no rows", t->path);
    if (!t->ncolumns) fail(a, "%s: its rows have no columns", t->path);
    return t;
}

// Reads a table; "-" is standard input.
static Table *table_open(Arena *a, const char *path) {
    return table_read(a, input_open(a, path));
}

// What a cell holds is used only behind this check.
static void cell_check(Arena *a, const Table *t, size_t row, int column, Slice s, char kind) {
    size_t n = 0;
    for (size_t k; n < s.n && (k = utf8_length(s.data + n, s.n - n)); n += k) {}
    if (!kind && n == s.n) return;
    const char *name = shown(a, t->columns[column]), *path = strchr(t->path, ' ') ? "FILE" : t->path, *dot = strrchr(path, '.');
    const char *at = arena_print(a, "%s: line %zu (row %zu): \"%s\" holds", t->path, t->lines[row], row, name);
    const char *ending = dot ? dot : "";
    if (kind)
        fail(a, "%s %s where one text is wanted; to join its parts: jq -c '%s.%s |= join(\"\\n\")' %s > %s (a list of references "
             "is for eval, compare and rouge; .%s |= .[0] keeps the first)", at, kind == '[' ? "a list" : "an object",
             strcmp(ending, ".json") ? "" : ".[] | ", name, path, path_ending(a, path, ".text.jsonl"), name);
    fail(a, "%s the byte 0x%02x, which is no UTF-8; if Windows wrote it: iconv -f WINDOWS-1252 -t UTF-8 %s > %s", at,
         (unsigned char)s.data[n], path, path_ending(a, path, arena_print(a, ".utf8%s", ending)));
}

// A cell that is used as a text; data is NULL where it is missing.
static Slice cell_text(Arena *a, const Table *t, size_t row, int column) {
    size_t at = row * (size_t)t->ncolumns + (size_t)column;
    cell_check(a, t, row, column, t->cells[at], t->kinds ? t->kinds[at] : 0);
    return t->cells[at];
}

// The references of a row: the texts of some columns, of a list each element. Where all are missing (*n is 0) the first is empty.
static Slice *references_of(Arena *a, const Table *t, size_t row, const int *columns, int ncolumns, int *n) {
    JsonCells c = {0};
    for (int k = 0; k < ncolumns; k++) {
        size_t at = row * (size_t)t->ncolumns + (size_t)columns[k];
        Slice s = t->cells[at];
        if (t->kinds && t->kinds[at] == '[') {
            JsonReader r = {a, s.data + 1, s.data + s.n, s.data, t->path, 1, 0, true};
            for (bool first = true; json_more(&r, ']', first); first = false) json_cell(&c, &r, row, columns[k]);
        } else {
            c.cells = arena_grow(a, c.cells, c.n, &c.room, sizeof *c.cells);
            c.cells[c.n++] = (JsonCell){row, columns[k], s, t->kinds ? t->kinds[at] : 0};
        }
    }
    Slice *all = arena_get(a, c.n + 1, sizeof *all);
    *n = 0;
    all[0] = (Slice){"", 0};
    for (size_t i = 0; i < c.n; i++) {
        cell_check(a, t, row, c.cells[i].column, c.cells[i].value, c.cells[i].kind);
        if (c.cells[i].value.data) all[(*n)++] = c.cells[i].value;
    }
    return all;
}

// A cell; empty where the row lacks the column.
static Slice cell_of(const Table *t, uint32_t row, int column) {
    Slice s = t->cells[row * (size_t)t->ncolumns + (size_t)column];
    return s.data ? s : (Slice){"", 0};
}

// A table of one row and one column.
static Table *table_from_text(Arena *a, const char *column, const char *text, size_t n) {
    Table *t = arena_get(a, 1, sizeof *t);
    *t = (Table){.columns = arena_get(a, 1, sizeof *t->columns), .cells = arena_get(a, 1, sizeof *t->cells),
                 .lines = arena_get(a, 1, sizeof *t->lines), .path = "the text given", .ncolumns = 1, .nrows = 1};
    t->columns[0] = column;
    t->cells[0] = (Slice){text, n};
    t->lines[0] = 1;
    return t;
}

// The rows that are used: for subset "1/100" those whose index 100 divides (NULL: all), of these the first `limit` (0: all).
static uint32_t *rows_select(Arena *a, const Table *t, const char *subset, size_t limit, size_t *n) {
    uintmax_t step = 1;
    if (subset) {
        bool number = !strncmp(subset, "1/", 2) && subset[2] != '0' && is_number(subset + 2);
        if (!number) fail(a, "--subset %s: not understood; write 1/N, e.g. 1/100 for every hundredth row", shown(a, subset));
        step = strtoull(subset + 2, NULL, 10);
    }
    if (t->nrows > UINT32_MAX) fail(a, "%s: has more than %lu rows; split it", t->path, (unsigned long)UINT32_MAX);
    size_t count = (size_t)((t->nrows - 1) / step + 1);
    if (limit && limit < count) count = limit;
    uint32_t *rows = arena_get(a, count, sizeof *rows);
    for (size_t i = 0; i < count; i++) rows[i] = (uint32_t)(i * step);
    *n = count;
    return rows;
}

// ---- prompt templates

// Undoes \n, \t and \\, so that a template can be typed in any shell.
static char *unescape(Arena *a, const char *s) {
    static const char from[] = "nt\\", to[] = "\n\t\\";  // two equal literals need not be one object
    char *copy = arena_get(a, strlen(s) + 1, 1), *out = copy;
    for (; *s; s++) {
        const char *at = *s == '\\' && s[1] ? strchr(from, s[1]) : NULL;
        *out++ = at ? to[at - from] : *s;
        s += at != NULL;
    }
    return copy;
}

static bool is_identifier(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool letter = (s[i] | 32) >= 'a' && (s[i] | 32) <= 'z';
        bool later = (s[i] >= '0' && s[i] <= '9') || s[i] == ' ' || s[i] == '-';
        if (!letter && s[i] != '_' && !(i && later)) return false;
    }
    return n > 0;
}

// The column that {name} stands for, -1 where the brace is just a brace. {dialogue} means source_column, so that the default
// template fits any table; so does {source} where no column has that name.
static int placeholder(Arena *a, const Table *t, const char *name, size_t n, const char *source_column) {
    if (n == 8 && !memcmp(name, "dialogue", 8)) return table_column(a, t, source_column);
    int column = n ? column_find(t, name, n) : -1;
    if (column >= 0 || !is_identifier(name, n)) return column;
    if (n != 6 || memcmp(name, "source", 6))
        fail(a, "--prompt: {%s} is no column of %s; it has %s (write {{ for a brace)", shown(a, arena_copy(a, name, n)), t->path,
             column_list(a, t));
    return table_column(a, t, source_column);
}

// Fills a template with a row: {column} becomes its cell, {{ and }} become braces, other braces stay. Fails on an unknown
// name, or when nothing was filled in; one call for row 0 thus checks a template before long work begins.
static char *prompt_fill(Arena *a, const char *template, const Table *t, size_t row, const char *source_column, size_t *n) {
    Text out = {.arena = a};
    bool filled = false;
    for (const char *s = template; *s;) {
        const char *close = *s == '{' && s[1] != '{' ? strchr(s, '}') : NULL;
        int column = close ? placeholder(a, t, s + 1, (size_t)(close - s - 1), source_column) : -1;
        if (column >= 0) {
            Slice cell = cell_text(a, t, row, column);
            text_add(&out, cell.data, cell.n);
            filled = true;
            s = close + 1;
        } else {
            text_add(&out, s, 1);
            s += (*s == '{' || *s == '}') && s[1] == *s ? 2 : 1;
        }
    }
    if (!filled)
        fail(a, "--prompt: the template has no placeholder, so every row would read the same; write e.g. --prompt \"summarize: "
             "{%s}\"", source_column);
    *n = out.n;
    return out.data;
}

// Has a row no source? The cell of the source column is missing, or every cell that the template takes; another is an empty text.
static bool source_lacks(Arena *a, const char *template, const Table *t, size_t row, const char *source_column) {
    bool found = false;
    for (const char *s = template, *close; (s = strchr(s, '{')) && (close = strchr(s, '}')); s++) {
        int column = s[1] == '{' ? s++, -1 : placeholder(a, t, s + 1, (size_t)(close - s - 1), source_column);
        bool missing = column >= 0 && !t->cells[row * (size_t)t->ncolumns + (size_t)column].data;
        if (missing && !strcmp(t->columns[column], source_column)) return true;
        found |= column >= 0 && !missing;
    }
    return !found;
}

// Appends one field of a CSV file, in quotes where RFC 4180 asks for them.
static void text_csv(Text *t, const char *s, size_t n) {
    bool quotes = false;
    for (size_t i = 0; i < n && !quotes; i++) quotes = s[i] == '"' || s[i] == ',' || s[i] == '\n' || s[i] == '\r';
    if (quotes) text_add(t, "\"", 1);
    for (size_t i = 0; i < n; i++) text_add(t, s[i] == '"' ? "\"\"" : s + i, s[i] == '"' ? 2 : 1);
    if (quotes) text_add(t, "\"", 1);
}

/* ================================================================================================================
  10  generation: greedy, beam search, sampling, with a key/value cache

   A source is encoded once, and the keys and values that the decoder's cross-attention needs of it are computed once.
   Then a step gives one more token to every hypothesis that is alive, of every row that is being worked on: a step is a
   read of the decoder's weights, so the more rows share it the better. A row leaves as soon as it is finished and the
   next one takes its place; nobody waits for the longest. Each row's numbers are computed alone, in an order that does
   not depend on its company, so the tokens are the same whatever the batch.

   Where only one hypothesis is alive, a few guesses of what follows share the read instead. Summaries copy, so the guesses
   are taken from the source; the step says which of them plain generation would have made (Leviathan et al. 2023).

   The rules are those of transformers' generate: its logits processors, its beam search, its names.
   ================================================================================================================ */

typedef enum { EARLY_FALSE, EARLY_TRUE, EARLY_NEVER } EarlyStopping;

typedef struct {
    int max_new_tokens, min_new_tokens, num_beams, num_return_sequences, no_repeat_ngram_size, top_k;
    double length_penalty, repetition_penalty, temperature, top_p;
    EarlyStopping early_stopping;
    bool do_sample;
    uint64_t seed;
    int batch;  // hypotheses that are worked on at a time
} GenerationOptions;

typedef struct {
    int32_t *ids;  // what was generated, </s> included where it came
    size_t n;
    double score;  // of beam search
} Generated;

// The keys and values of every decoder layer, K then V, (H, room, K) each: floats, or bf16 where --dtype is not f32. With many
// rows they are more to read in a step than the weights.
typedef struct {
    DeviceMemory *memory;
    int64_t room, length;
} Cache;

// with the token before them they fill a tile of the streaming kernel: its rows cost little more than one
enum { DRAFT = STREAM_ROWS - 1 };

typedef struct {
    Cache cache;
    int32_t *tokens;  // the start token, then what was generated
    int n;
    double score;     // sum of log probabilities
    bool finished;
    int32_t draft[DRAFT];      // a guess of the tokens that come next
    int drafted, tried, right; // how long it is; guesses so far, and tokens of theirs that came
} Hypothesis;

typedef struct {
    size_t index;             // of the source
    Cache cross;
    Hypothesis *live;         // num_beams or num_return_sequences of them
    int alive;
    Generated *done;          // the finished ones, of beam search the best of them, best first
    int ndone;
} GenerationRow;

typedef struct {
    Pass *pass;
    const GenerationOptions *options;
    Arena *arena;
    const int32_t *const *sources;
    const size_t *lengths;    // of the sources
    int64_t width;            // tokens that a cache has room for
    DType type;               // of the caches
    float *table;             // biases of the distances, (biases, H, 2 width - 1)
    GenerationRow *rows;      // the ones being worked on
    int nrows, most;          // how many, and how many it may be
    Hand hand;                // deals out what is to be worked on
    bool over;                // there is no more
    float *logits;            // of the last step on the host, (inputs, V)
} Generator;

// What the decoder reads in a step: the last token of a hypothesis, or the one of its draft after `ahead` others.
typedef struct {
    Hypothesis *h;
    const Cache *cross;
    int ahead;
} StepInput;

// Runs now and then while tokens are made: token (a new one of hypothesis 0 of a row that is generated alone) and row (a row is
// complete). Returning true stops.
typedef struct {
    void *user;
    bool (*token)(void *user, size_t row, int32_t id);
    bool (*row)(void *user, size_t row, const Generated *sequences, int n);
} GenerationEvents;

// The floats that one head's keys of a token fill.
static int64_t cache_row(const Generator *g) {
    return g->pass->model->config.K * dtypes[g->type].bytes / dtypes[F32].bytes;
}

static float *cache_at(const Generator *g, const Cache *c, int layer, bool value, int64_t token) {
    return c->memory->data + ((2 * layer + value) * c->room * g->pass->model->config.H + token) * cache_row(g);
}

static Cache cache_get(Generator *g, int64_t room) {
    const Config *c = &g->pass->model->config;
    return (Cache){memory_get(g->arena, g->pass->ops, room * 2 * c->decoder_layers * c->H * cache_row(g)), room, 0};
}

// Encodes the sources of rows and fills their cross caches.
static void rows_encode(Generator *g, GenerationRow *rows, int n) {
    Pass *p = g->pass;
    Model *m = p->model;
    Arena *a = g->arena;
    Place place = work_mark(p->work);
    int64_t *offsets = arena_get(a, (size_t)n + 1, sizeof *offsets), *space = arena_get(a, (size_t)n + 1, sizeof *space),
            *room = arena_get(a, (size_t)n, sizeof *room), I = m->config.H * m->config.K;
    void **to = arena_get(a, (size_t)n, sizeof *to);
    for (int i = 0; i < n; i++) offsets[i + 1] = offsets[i] + (int64_t)g->lengths[rows[i].index];
    int32_t *ids = arena_get(a, (size_t)offsets[n], sizeof *ids);
    for (int i = 0; i < n; i++) memcpy(ids + offsets[i], g->sources[rows[i].index], g->lengths[rows[i].index] * sizeof *ids);
    Batch b = {.S = n, .source = ids, .source_offsets = offsets};
    Rows from = rows_make(p, &m->encoder, &b, &space);
    float *memory = encode(p, &b, &from), *part = work_get(p->work, from.N * I);
    for (int i = 0; i < n; i++) {
        rows[i].cross = cache_get(g, from.offsets[i + 1] - from.offsets[i]);
        rows[i].cross.length = rows[i].cross.room;
    }
    for (int layer = 0; layer < m->decoder.layers; layer++)
        for (int value = 0; value < 2; value++) {
            AttentionLayer *l = &m->decoder.blocks[layer].cross;
            linear_forward(p, value ? &l->v : &l->k, part, memory, from.N, 0);
            for (int i = 0; i < n; i++) to[i] = cache_at(g, &rows[i].cross, layer, value, 0), room[i] = rows[i].cross.room;
            p->ops->cache(p->ops, to, room, n, g->type, part, from.offsets, m->config.H, m->config.K);
        }
    work_release(p->work, place);
}

// One attention layer, over the tokens so far or, with `cross`, the source, for B new tokens: x(B, D) += o(attention).
static void attention_decode(Generator *g, Pass *p, AttentionLayer *l, int layer, float *x, int64_t B, const StepInput *in,
                             bool cross, float *n) {
    Ops *o = p->ops;
    const Config *c = &p->model->config;
    int64_t I = c->H * c->K;
    Place place = work_mark(p->work);
    Mark mark = arena_mark(g->arena);
    float *q = work_get(p->work, B * I), *out = work_get(p->work, B * I);
    const void **keys = arena_get(g->arena, (size_t)(2 * B), sizeof *keys);
    int64_t *length = arena_get(g->arena, (size_t)(3 * B), sizeof *length), *room = length + B;
    o->norm(o, n, NULL, x, l->norm.device.data, B, c->D, c->epsilon);
    linear_forward(p, &l->q, q, n, B, 0);
    if (!cross) {
        float *k = work_get(p->work, 2 * B * I), *v = k + B * I;
        linear_forward(p, &l->k, k, n, B, 0);
        linear_forward(p, &l->v, v, n, B, 0);
        void **to = arena_get(g->arena, (size_t)(2 * B), sizeof *to);
        for (int64_t b = 0; b < B; b++) {
            const Cache *own = &in[b].h->cache;
            to[b] = cache_at(g, own, layer, false, own->length + in[b].ahead);
            to[B + b] = cache_at(g, own, layer, true, own->length + in[b].ahead);
            room[b] = room[B + b] = own->room;
        }
        o->cache(o, to, room, 2 * B, g->type, k, NULL, c->H, c->K);
    }
    for (int64_t b = 0; b < B; b++) {
        const Cache *from = cross ? in[b].cross : &in[b].h->cache;
        keys[b] = cache_at(g, from, layer, false, 0);
        keys[B + b] = cache_at(g, from, layer, true, 0);
        length[b] = from->length + (cross ? 0 : in[b].ahead + 1);
        room[b] = from->room;
    }
    AttentionStep t = {.B = B, .heads = c->H, .width = c->K, .q = q, .k = keys, .v = keys + B, .type = g->type, .room = room,
                       .length = length, .bias = cross ? NULL : g->table + l->which * c->H * (2 * g->width - 1),
                       .reach = g->width, .out = out};
    o->attention_step(o, &t);
    linear_forward(p, &l->o, n, out, B, 0);
    o->add(o, x, n, 1, B * c->D);
    arena_release(g->arena, mark);
    work_release(p->work, place);
}

// Feeds the decoder B inputs, rows of its prompt before the first token, and leaves the logits in g->logits.
static void generation_step(Generator *g, int64_t B, const StepInput *in) {
    Pass step = *g->pass, *p = &step;  // so that no other part of generation streams, whatever ends a step
    Model *m = p->model;
    Ops *o = p->ops;
    int64_t D = m->config.D, V = m->config.V;
    Place place = work_mark(p->work);
    int32_t *ids = arena_get(g->arena, (size_t)B, sizeof *ids);
    p->stream = true;
    for (int64_t b = 0; b < B; b++) ids[b] = in[b].ahead ? in[b].h->draft[in[b].ahead - 1] : in[b].h->tokens[in[b].h->n - 1];
    float *x = work_get(p->work, B * D), *n = work_get(p->work, B * D), *logits = work_get(p->work, B * V);
    o->embed(o, x, &m->decoder.embed->device, ids, B);
    for (int64_t b = 0; b < B; b++)
        if (in[b].h->cache.length < m->prompt[1].P) rows_copy(o, x + b * D, m->prompt[1].rows + in[b].h->cache.length * D, 1, D);
    for (int i = 0; i < m->decoder.layers; i++) {
        Block *k = &m->decoder.blocks[i];
        attention_decode(g, p, &k->self, i, x, B, in, false, n);
        attention_decode(g, p, &k->cross, i, x, B, in, true, n);
        feed_forward(p, &k->ff, x, x, B, 0);
    }
    o->norm(o, n, NULL, x, m->decoder.norm.device.data, B, D, m->config.epsilon);
    o->zero(o, x, B * D);
    o->add(o, x, n, head_scale(m), B * D);
    linear_forward(p, &m->head, logits, x, B, 0);
    o->copy_out(o, g->logits, logits, (size_t)(B * V) * sizeof *logits);
    uint32_t strange = 0;
    for (int64_t i = 0; i < B * V; i++) strange |= !isfinite(g->logits[i]);
    if (strange) model_look(m);
    if (strange)
        fail(m->arena, "%s: its logits are no finite numbers, though its weights are; --dtype f32, or another adapter, may help",
             m->path);
    for (int64_t b = 0; b < B; b++) in[b].h->cache.length += !in[b].ahead;
    work_release(p->work, place);
}

// Nothing but one of these tokens may come.
static void scores_force(float *scores, int64_t V, const TokenList *list) {
    for (int64_t i = 0; i < V; i++) scores[i] = -INFINITY;
    for (size_t i = 0; i < list->n; i++) scores[list->ids[i]] = 0;
}

// transformers' logits processors, in its order: repetition penalty (Keskar et al. 2019; the start token counts), no-repeat
// n-gram, no </s> before min_new_tokens, and the tokens that the model's folder forces or suppresses.
static void scores_process(const Generator *g, float *scores, const Hypothesis *h) {
    const GenerationOptions *o = g->options;
    const Config *c = &g->pass->model->config;
    const TokenRules *r = &g->pass->model->rules;
    float penalty = (float)o->repetition_penalty;
    for (int i = 0; i < h->n && penalty != 1; i++) {
        int32_t id = h->tokens[i];
        bool again = false;
        for (int j = 0; j < i && !again; j++) again = h->tokens[j] == id;
        if (!again) scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
    }
    int size = o->no_repeat_ngram_size;
    for (int i = 0; size > 0 && i + size <= h->n; i++)
        if (!memcmp(h->tokens + i, h->tokens + h->n - size + 1, (size_t)(size - 1) * sizeof *h->tokens))
            scores[h->tokens[i + size - 1]] = -INFINITY;
    for (size_t i = 0; i < r->eos.n && h->n - 1 < o->min_new_tokens; i++) scores[r->eos.ids[i]] = -INFINITY;
    const TokenList bos = {(int32_t[]){r->forced_bos}, 1};
    if (r->forced_bos >= 0 && h->n == 1) scores_force(scores, c->V, &bos);
    if (r->forced_eos.n && h->n == o->max_new_tokens) scores_force(scores, c->V, &r->forced_eos);
    for (size_t i = 0; i < r->suppress.n; i++) scores[r->suppress.ids[i]] = -INFINITY;
    bool begins = h->n == (r->forced_bos < 0 ? 1 : 2);
    for (size_t i = 0; i < r->begin_suppress.n && begins; i++) scores[r->begin_suppress.ids[i]] = -INFINITY;
}

// The first of the greatest. By 16, which compilers compare at once: one by one takes five times as long, 10 ms of a step with
// 128 rows on a device.
static int32_t greedy_pick(const float *scores, int64_t V) {
    int64_t best = 0, i = 0;
    for (; i <= V - 16; i += 16) {
        int above = 0;
        for (int j = 0; j < 16; j++) above |= scores[i + j] > scores[best];
        for (int j = 0; above && j < 16; j++)
            if (scores[i + j] > scores[best]) best = i + j;
    }
    for (; i < V; i++)
        if (scores[i] > scores[best]) best = i;
    return (int32_t)best;
}

typedef struct {
    float score;
    int32_t id;
    int parent;
} Candidate;

// Best first; of equals the lower hypothesis and id, as a stable sort of the flat scores gives.
static bool candidate_before(Candidate a, Candidate b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.parent != b.parent) return a.parent < b.parent;
    return a.id < b.id;
}

static int candidate_compare(const void *x, const void *y) {
    return candidate_before(*(const Candidate *)x, *(const Candidate *)y) ? -1 : 1;
}

// Keeps the `most` best candidates in a sorted array of n; returns the new n.
static int candidate_insert(Candidate *list, int n, int most, Candidate c) {
    if (n == most && !candidate_before(c, list[n - 1])) return n;
    int i = n < most ? n++ : n - 1;
    for (; i > 0 && candidate_before(c, list[i - 1]); i--) list[i] = list[i - 1];
    list[i] = c;
    return n;
}

// Draws from softmax(scores / temperature) among the top_k best and, of those, the smallest set with probability top_p (Holtzman
// et al. 2020). The draw depends on (seed, row, hypothesis, position) alone.
static int32_t sample_pick(const Generator *g, const float *scores, uint64_t row, int hypothesis, int position) {
    const GenerationOptions *o = g->options;
    int64_t V = g->pass->model->config.V;
    Mark mark = arena_mark(g->arena);
    Candidate *c = arena_get(g->arena, (size_t)V, sizeof *c);
    size_t n = 0;
    for (int64_t i = 0; i < V; i++)
        if (scores[i] > -INFINITY) c[n++] = (Candidate){(float)(scores[i] / o->temperature), (int32_t)i, 0};
    qsort(c, n, sizeof *c, candidate_compare);
    size_t k = o->top_k > 0 ? (size_t)o->top_k : n;
    while (k < n && c[k].score == c[k - 1].score) k++;
    if (k < n) n = k;
    double total = 0, kept = 0;
    for (size_t i = 0; i < n; i++) total += exp((double)c[i].score - c[0].score);
    size_t keep = 0;
    while (keep < n && (keep == 0 || kept < o->top_p * total)) kept += exp((double)c[keep++].score - c[0].score);
    double u = random_uniform(random_key(o->seed, row, (uint64_t)hypothesis), (uint64_t)position) * kept;
    size_t i = 0;
    while (i + 1 < keep && (u -= exp((double)c[i].score - c[0].score)) >= 0) i++;
    int32_t id = n ? c[i].id : 0;
    arena_release(g->arena, mark);
    return id;
}

// Guesses what follows: what follows in the source after the last two tokens, or after the last one (Saxena 2023, prompt lookup
// decoding). A row makes no more when, eight guesses apart, less than one token came of four.
static void draft_make(const Generator *g, const GenerationRow *r, Hypothesis *h) {
    const int32_t *source = g->sources[r->index];
    const TokenList *eos = &g->pass->model->rules.eos;
    int left = g->options->max_new_tokens - h->n;  // tokens that may come after the next one
    if (h->cache.length < g->pass->model->prompt[1].P || h->tried > 8 + 4 * h->right) return;
    for (int size = 2; size > 0 && !h->drafted; size--)
        for (size_t i = size, length = g->lengths[r->index]; h->n > size && i < length && !h->drafted; i++) {
            if (memcmp(source + i - size, h->tokens + h->n - size, (size_t)size * sizeof *source)) continue;
            while (h->drafted < DRAFT && h->drafted < left && i < length && !token_listed(eos, source[i]))
                h->draft[h->drafted++] = source[i++];
        }
    h->tried += h->drafted > 0;
}

// Every live hypothesis of a row goes its own way, as far as its draft holds: each token is picked from logits that nothing but
// the tokens before it has gone into, so it is the one that plain generation picks. logits: of the row's inputs, in order.
static void row_advance_alone(Generator *g, GenerationRow *r, float *logits) {
    const GenerationOptions *o = g->options;
    const Config *c = &g->pass->model->config;
    for (int i = 0; i < (o->do_sample ? o->num_return_sequences : 1); i++) {
        Hypothesis *h = &r->live[i];
        if (h->finished) continue;
        float *scores = logits;
        logits += c->V;  // who has a draft is alone
        if (h->cache.length <= g->pass->model->prompt[1].P) continue;  // its prompt is being read
        for (int j = 0; !h->finished; j++, scores += c->V) {
            scores_process(g, scores, h);
            int32_t id = o->do_sample ? sample_pick(g, scores, r->index, i, h->n) : greedy_pick(scores, c->V);
            h->tokens[h->n++] = id;
            h->finished = token_listed(&g->pass->model->rules.eos, id) || h->n - 1 >= o->max_new_tokens;
            if (j >= h->drafted || id != h->draft[j]) break;
            h->right++;
            h->cache.length++;
        }
        if (!h->finished) continue;
        r->done[i] = (Generated){h->tokens + 1, (size_t)h->n - 1, 0};
        r->ndone++;
        r->alive--;
        memory_drop(h->cache.memory);
    }
}

static double length_score(double score, int n, double penalty) {
    return score / pow((double)n, penalty);
}

static void hypothesis_finish(Generator *g, GenerationRow *r, const Hypothesis *h, int32_t id, double score) {
    int beams = g->options->num_beams, at = r->ndone;
    score = length_score(score, h->n, g->options->length_penalty);
    if (at == beams && score <= r->done[at - 1].score) return;
    if (at == beams) at--;
    else r->ndone++;
    int32_t *ids = r->done[at].ids;  // of the one that is pushed out, or not used yet
    for (; at > 0 && r->done[at - 1].score < score; at--) r->done[at] = r->done[at - 1];
    memcpy(ids, h->tokens + 1, (size_t)(h->n - 1) * sizeof *ids);
    ids[h->n - 1] = id;
    r->done[at] = (Generated){ids, (size_t)h->n, score};
}

// The next hypotheses: each continues its parent by one token. A parent's first child takes over its cache, the others get copies
// in the caches of parents without children.
static void beams_move(Generator *g, GenerationRow *r, const Candidate *next) {
    const Config *c = &g->pass->model->config;
    int beams = g->options->num_beams, spare = 0;
    int64_t head = g->width * cache_row(g);  // from head to head in a cache
    Hypothesis *old = arena_get(g->arena, (size_t)beams, sizeof *old);
    int *slot = arena_get(g->arena, (size_t)beams, sizeof *slot);
    bool *taken = arena_get(g->arena, (size_t)beams, sizeof *taken);
    memcpy(old, r->live, (size_t)beams * sizeof *old);
    for (int i = 0; i < beams; i++) {
        slot[i] = taken[next[i].parent] ? -1 : next[i].parent;
        taken[next[i].parent] = true;
    }
    for (int i = 0; i < beams; i++) {
        const Hypothesis *from = &old[next[i].parent];
        if (slot[i] < 0) {
            while (taken[spare]) spare++;
            taken[slot[i] = spare] = true;
            for (int64_t at = 0; at < c->H * 2 * c->decoder_layers * head; at += head)
                rows_copy(g->pass->ops, old[spare].cache.memory->data + at, from->cache.memory->data + at, from->cache.length,
                          cache_row(g));
            memcpy(old[spare].tokens, from->tokens, (size_t)from->n * sizeof *from->tokens);
        }
        r->live[i] = old[slot[i]];
        r->live[i].cache.length = from->cache.length;
        r->live[i].tokens[from->n] = next[i].id;
        r->live[i].n = from->n + 1;
        r->live[i].score = next[i].score;
    }
    r->alive = beams;
}

// One step of beam search. So many of the best continuations are looked at (2 x beams, with one </s>) that as many as beams go on
// even if all others end: those that end are finished if they are among the first `beams`, the others go on. At the length limit
// everything counts as finished.
static void row_advance_beams(Generator *g, GenerationRow *r, float *logits) {
    const GenerationOptions *o = g->options;
    const Config *c = &g->pass->model->config;
    const TokenList *eos = &g->pass->model->rules.eos;
    int beams = o->num_beams, n = 0, kept = 0, made = r->live[0].n;  // ids generated after this step
    int64_t enough = (eos->n > 1 ? (int64_t)eos->n + 1 : 2) * beams;
    int most = (int)(enough < 1 << 24 ? enough : 1 << 24);
    if (r->live[0].cache.length <= g->pass->model->prompt[1].P) return;
    Mark mark = arena_mark(g->arena);
    Candidate *list = arena_get(g->arena, (size_t)most, sizeof *list), *next = arena_get(g->arena, (size_t)beams, sizeof *next);
    for (int i = 0; i < r->alive; i++) {
        float *scores = logits + i * c->V, lse = scores[0] + g->pass->ops->kernels->cross_entropy(scores, c->V, 0, 0, 1, false);
        for (int64_t j = 0; j < c->V; j++) scores[j] -= lse;
        scores_process(g, scores, &r->live[i]);
        for (int64_t j = 0; j < c->V; j++) {
            float score = (float)r->live[i].score + scores[j];
            if (n < most || score >= list[n - 1].score) n = candidate_insert(list, n, most, (Candidate){score, (int32_t)j, i});
        }
    }
    bool last = made == o->max_new_tokens;
    for (int i = 0; i < n; i++) {
        bool ends = token_listed(eos, list[i].id) || last;
        if (!ends && kept < beams) next[kept++] = list[i];
        if (!ends || i >= beams || list[i].score == -INFINITY) continue;
        hypothesis_finish(g, r, &r->live[list[i].parent], list[i].id, list[i].score);
    }
    bool over = last || !kept;
    if (!over) {
        beams_move(g, r, next);
        bool far = o->early_stopping == EARLY_NEVER && o->length_penalty > 0;
        double best = length_score(next[0].score, far ? o->max_new_tokens : made, o->length_penalty);
        bool full = r->ndone == beams;
        over = full && (o->early_stopping == EARLY_TRUE || best <= r->done[beams - 1].score);
    }
    arena_release(g->arena, mark);
    if (!over) return;
    r->alive = 0;
    for (int i = 0; i < beams; i++) memory_drop(r->live[i].cache.memory);
}

// What a row may have alive at a time.
static int row_width(const GenerationOptions *o) {
    return o->num_beams > 1 ? o->num_beams : o->do_sample ? o->num_return_sequences : 1;
}

static void row_begin(Generator *g, GenerationRow *r, size_t index) {
    const GenerationOptions *o = g->options;
    int width = row_width(o);
    *r = (GenerationRow){.index = index, .alive = o->num_beams > 1 ? 1 : width};
    r->live = arena_get(g->arena, (size_t)width, sizeof *r->live);
    r->done = arena_get(g->arena, (size_t)width, sizeof *r->done);
    for (int i = 0; i < width; i++) {
        r->live[i] = (Hypothesis){.cache = cache_get(g, g->width), .n = 1,
                                  .tokens = arena_get(g->arena, (size_t)o->max_new_tokens + 2, sizeof(int32_t))};
        r->live[i].tokens[0] = g->pass->model->rules.start;
        if (o->num_beams > 1) r->done[i].ids = arena_get(g->arena, (size_t)o->max_new_tokens + 1, sizeof(int32_t));
    }
}

// Hands over a row that is complete, or sends it to rank 0, which does; true when the caller wants no more.
static bool row_end(Generator *g, GenerationRow *r, const GenerationEvents *events) {
    int n = r->ndone < g->options->num_return_sequences ? r->ndone : g->options->num_return_sequences;
    Text sent = {.arena = g->arena};
    memory_drop(r->cross.memory);
    if (!rank_own()) return events->row(events->user, r->index, r->done, n);
    text_add(&sent, (const char *)&(int32_t){(int32_t)r->index}, sizeof(int32_t));
    for (int i = 0; i < n; i++) {
        text_add(&sent, (const char *)&(int32_t){(int32_t)r->done[i].n}, sizeof(int32_t));
        text_add(&sent, (const char *)r->done[i].ids, r->done[i].n * sizeof(int32_t));
    }
    rank_send((const int32_t *)(const void *)sent.data, sent.n / sizeof(int32_t));
    return false;
}

// Hands over what other ranks have sent: a row's number, then of each sequence its length and tokens. A lone -1 says that the
// rank is done; *working counts those that are not.
static bool rows_receive(Generator *g, const GenerationEvents *events, bool wait, int *working, bool stop) {
    size_t n;
    for (int32_t *x; *working && (x = rank_receive(g->arena, &g->hand, wait, &n));) {
        if (*x < 0) {
            --*working;
            continue;
        }
        Generated *out = arena_get(g->arena, n, sizeof *out);
        int sequences = 0;
        for (size_t at = 1; at < n; at += out[sequences++].n) {
            out[sequences] = (Generated){x + at + 1, (size_t)x[at], 0};
            at++;
        }
        if (!stop) stop = events->row(events->user, (size_t)*x, out, sequences);
    }
    return stop;
}

// What is sorted by length; of equals the lower place comes first.
typedef struct {
    size_t length;
    uint32_t item, place;
} LengthItem;

static int longest_first(const void *x, const void *y) {
    const LengthItem *a = x, *b = y;
    if (a->length != b->length) return a->length > b->length ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

// Takes rows from `order` until the batch is full or their sources are long enough for one pass of the encoder.
static void rows_admit(Generator *g, const LengthItem *order, size_t n) {
    enum { ENCODE_TOKENS = 2048 };
    int began = g->nrows;
    size_t tokens = 0;
    while (!g->over && g->nrows < g->most) {
        int64_t next = hand_next(&g->hand);
        if ((g->over = next >= (int64_t)n)) break;
        size_t length = order[next].length;
        if (tokens && tokens + length > ENCODE_TOKENS) {
            rows_encode(g, g->rows + began, g->nrows - began);
            began = g->nrows;
            tokens = 0;
        }
        tokens += length;
        row_begin(g, &g->rows[g->nrows++], order[next].item);
    }
    if (g->nrows > began) rows_encode(g, g->rows + began, g->nrows - began);
}

// One step for everything that is alive; rows that are complete leave. True when the caller wants no more. What is alive alone is
// given a draft: the weights come from memory for one token anyway.
static bool rows_step(Generator *g, const GenerationEvents *events) {
    const GenerationOptions *o = g->options;
    int width = row_width(o), alive = 0;
    Mark mark = arena_mark(g->arena);
    StepInput *in = arena_get(g->arena, (size_t)g->nrows * (size_t)width + DRAFT, sizeof *in);
    for (int i = 0; i < g->nrows; i++)
        for (int j = 0; j < (o->num_beams > 1 ? g->rows[i].alive : width); j++) {
            Hypothesis *h = &g->rows[i].live[j];
            h->drafted = 0;
            if (!h->finished) in[alive++] = (StepInput){h, &g->rows[i].cross, 0};
        }
    if (alive == 1 && o->num_beams == 1) draft_make(g, &g->rows[0], in[0].h);
    for (int i = 1; i <= in[0].h->drafted; i++) in[alive++] = (StepInput){in[0].h, in[0].cross, i};
    generation_step(g, alive, in);
    arena_release(g->arena, mark);
    float *logits = g->logits;
    bool stop = false, alone = g->nrows == 1 && width == 1;
    int left = 0;
    for (int i = 0; i < g->nrows; i++) {
        GenerationRow *r = &g->rows[i];
        int64_t used = r->alive * g->pass->model->config.V;
        int made = r->live[0].n;
        if (o->num_beams > 1) row_advance_beams(g, r, logits);
        else row_advance_alone(g, r, logits);
        logits += used;
        for (; alone && events->token && made < r->live[0].n; made++)
            stop |= events->token(events->user, r->index, r->live[0].tokens[made]);
        if (r->alive) g->rows[left++] = *r;
        else stop |= row_end(g, r, events);
    }
    g->nrows = left;
    return stop;
}

static void generation_check(Arena *a, const GenerationOptions *o, const Config *c) {
    if (o->max_new_tokens < 1) fail(a, "--max-new-tokens must be at least 1");
    if (o->num_beams < 1 || o->num_beams > c->V / 2) fail(a, "--num-beams must be from 1 to %lld", (long long)c->V / 2);
    if (o->num_beams > 1 && o->do_sample) fail(a, "--num-beams and --do-sample exclude each other");
    if (o->num_return_sequences < 1 || (o->num_return_sequences > 1 && !o->do_sample && o->num_return_sequences > o->num_beams))
        fail(a, "--num-return-sequences must be from 1 to --num-beams (%d); or use --do-sample", o->num_beams);
    if (!(o->temperature > 0)) fail(a, "--temperature must be above 0");
    if (!(o->top_p > 0 && o->top_p <= 1)) fail(a, "--top-p must be above 0 and at most 1");
    if (!(o->repetition_penalty > 0)) fail(a, "--repetition-penalty must be above 0");
}

// Works on rows until there are none, or an event asks to stop (true). Rank 0 also hands over those of the other ranks, and sees
// to it that they stop too.
static bool rows_run(Generator *g, const LengthItem *order, size_t n, const GenerationEvents *events) {
    int working = rank_own() ? 0 : rank_count() - 1;
    double waited = 0, stopped;
    bool stop = false;
    g->hand = hand_open((int64_t)n, g->most);
    g->pass->hand = &g->hand;
    while (!stop) {
        rows_admit(g, order, n);
        if (!g->nrows) break;
        stop = rows_step(g, events);
        stop = rows_receive(g, events, false, &working, stop);
    }
    if (stop) g->hand.next = g->hand.end;
    if (rank_own()) {
        hand_close(&g->hand, &waited);
        rank_send(&(int32_t){-1}, 1);
    }
    stopped = rows_receive(g, events, true, &working, stop);
    g->pass->hand = NULL;
    ranks_combine(&stopped, 1, LARGEST, &waited);
    return stopped > 0;
}

// Generates for n sources (ids, </s> included). Rows are worked on longest first; events->row is called as each is complete, in
// any order, with memory that lives until it returns (by rank 0 only, where there are several). False when an event asked to
// stop.
static bool generate(Pass *p, const GenerationOptions *o, const int32_t *const *sources, const size_t *lengths, size_t n,
                     const GenerationEvents *events) {
    Model *m = p->model;
    generation_check(m->arena, o, &m->config);
    Mark outer = arena_mark(m->arena);
    Arena *a = arena_inner(m->arena);
    Place place = work_mark(p->work);
    int width = row_width(o), most = o->batch / width > 1 ? o->batch / width : 1;
    size_t each = n / (size_t)rank_count() + 1;  // so that every rank has some
    if ((size_t)most > each) most = (int)each;
    Generator g = {.most = most, .pass = p, .options = o, .arena = a, .sources = sources, .lengths = lengths,
                   .width = o->max_new_tokens + m->prompt[1].P + 1};
    g.type = p->half && m->config.K % 2 == 0 ? BF16 : F32;  // whole floats
    g.rows = arena_get(a, (size_t)most, sizeof *g.rows);
    g.logits = arena_get(a, (size_t)((most * width + DRAFT) * m->config.V), sizeof *g.logits);
    LengthItem *order = arena_get(a, n, sizeof *order);
    for (size_t i = 0; i < n; i++) order[i] = (LengthItem){lengths[i], (uint32_t)i, (uint32_t)i};
    if (n) qsort(order, n, sizeof *order, longest_first);
    bias_forward(p, &m->decoder, g.width);
    g.table = m->decoder.table;  // which an event may make anew
    bool stop = rows_run(&g, order, n, events);
    work_release(p->work, place);
    arena_release(m->arena, outer);
    return !stop;
}

/* ================================================================================================================
   11  rouge: ROUGE-1, ROUGE-2, ROUGE-L, ROUGE-Lsum (Lin, "ROUGE: a Package for Automatic Evaluation of Summaries", 2004)

   ROUGE counts what a prediction and a reference have in common: words (1), pairs of neighbouring words (2), the longest
   common subsequence of words (L), or, line by line, the union of such subsequences (Lsum). Over the prediction's own
   count that is the precision, over the reference's the recall, and f is their harmonic mean.

   Published numbers depend on details that no paper fixes, so these are the ones of Python's rouge_score 0.1.2, to the
   last bit: text is lowercased and everything but a-z and 0-9 separates words; words of more than three letters may be
   stemmed (Porter, "An algorithm for suffix stripping", 1980, with NLTK's changes); lines end at \n only; among several
   longest common subsequences Lsum takes the one that its backtracking finds; of several references the one with the
   best f counts, for each kind of score on its own.

   Words become small numbers first. After that counting is array work, and the table of the longest common subsequence
   needs one bit an entry, 64 entries an operation (Hyyro, "Bit-parallel LCS-length computation revisited", 2004).
   ================================================================================================================ */

typedef struct {
    double precision, recall, f;
} RougeScore;

typedef union {
    struct {
        RougeScore r1, r2, rl, rlsum;
    };
    RougeScore kinds[4];
    double numbers[12];
} Rouge;

// ---- the stemmer: a word w of n letters is shortened in place; no rule makes it longer

// What Porter's conditions ask about a word. A y after a consonant is a vowel.
typedef struct {
    size_t measure;   // the m of [C](VC)^m[V]: how often a vowel is followed by a consonant
    bool vowel;       // there is one
    unsigned recent;  // the last letters, the last one in bit 0; 1 is a vowel
} Shape;

static Shape word_shape(const char *w, size_t n) {
    Shape s = {0};
    for (size_t i = 0; i < n; i++) {
        char c = w[i];
        bool before = s.recent & 1, vowel = c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' ||
            (c == 'y' && i && !before);
        s.measure += before && !vowel;
        s.vowel |= vowel;
        s.recent = s.recent << 1 | vowel;
    }
    return s;
}

// Porter's *o: consonant, vowel, consonant other than w, x, y; NLTK adds words that are just a vowel and a consonant.
static bool word_short(const char *w, size_t n, Shape s) {
    if (n == 2) return (s.recent & 3) == 2;
    return n > 2 && (s.recent & 7) == 2 && w[n - 1] != 'w' && w[n - 1] != 'x' && w[n - 1] != 'y';
}

static bool word_ends(const char *w, size_t n, const char *ending) {
    size_t k = strlen(ending);
    return n >= k && !memcmp(w + n - k, ending, k);
}

typedef struct {
    const char *ending, *instead;
    size_t kept;  // letters of the ending that still belong to the stem whose measure is asked for
} StemRule;

// Those of steps 2, 3 and 4; an empty one ends each.
static const StemRule stem_rules[3][22] = {{
    {"ational", "ate", 0}, {"tional", "tion", 0}, {"enci", "ence", 0}, {"anci", "ance", 0}, {"izer", "ize", 0}, {"bli", "ble", 0},
    {"entli", "ent", 0}, {"eli", "e", 0}, {"ousli", "ous", 0}, {"ization", "ize", 0}, {"ation", "ate", 0}, {"ator", "ate", 0},
    {"alism", "al", 0}, {"iveness", "ive", 0}, {"fulness", "ful", 0}, {"ousness", "ous", 0}, {"aliti", "al", 0},
    {"iviti", "ive", 0}, {"biliti", "ble", 0}, {"fulli", "ful", 0}, {"logi", "log", 1}
}, {
    {"icate", "ic", 0}, {"ative", "", 0}, {"alize", "al", 0}, {"iciti", "ic", 0}, {"ical", "ic", 0}, {"ful", "", 0},
    {"ness", "", 0}
}, {
    {"al", "", 0}, {"ance", "", 0}, {"ence", "", 0}, {"er", "", 0}, {"ic", "", 0}, {"able", "", 0}, {"ible", "", 0},
    {"ant", "", 0}, {"ement", "", 0}, {"ment", "", 0}, {"ent", "", 0}, {"sion", "s", 1}, {"tion", "t", 1}, {"ou", "", 0},
    {"ism", "", 0}, {"ate", "", 0}, {"iti", "", 0}, {"ous", "", 0}, {"ive", "", 0}, {"ize", "", 0}
}};

// The first rule whose ending fits is the only one tried; it applies where the stem's measure is at least `least`.
static size_t stem_apply(const StemRule *rule, size_t least, char *w, size_t n) {
    while (rule->ending && !word_ends(w, n, rule->ending)) rule++;
    if (!rule->ending) return n;
    size_t cut = n - strlen(rule->ending), k = strlen(rule->instead);
    if (word_shape(w, cut + rule->kept).measure < least) return n;
    memcpy(w + cut, rule->instead, k);
    return cut + k;
}

// Steps 1a to 1c: plurals, -ed, -ing, and y to i.
static size_t stem_step1(char *w, size_t n) {
    if (word_ends(w, n, "sses")) n -= 2;
    else if (word_ends(w, n, "ies")) n -= n == 4 ? 1 : 2;
    else if (word_ends(w, n, "s") && !word_ends(w, n, "ss")) n--;

    size_t cut = word_ends(w, n, "ed") ? 2 : word_ends(w, n, "ing") ? 3 : 0;
    if (word_ends(w, n, "ied")) n -= n == 4 ? 1 : 2;
    else if (word_ends(w, n, "eed")) n -= word_shape(w, n - 3).measure > 0;
    else if (cut && word_shape(w, n - cut).vowel) {
        n -= cut;
        Shape s = word_shape(w, n);
        bool twice = n > 1 && w[n - 1] == w[n - 2] && !(s.recent & 1);
        if (word_ends(w, n, "at") || word_ends(w, n, "bl") || word_ends(w, n, "iz")) w[n++] = 'e';
        else if (twice) n -= w[n - 1] != 'l' && w[n - 1] != 's' && w[n - 1] != 'z';
        else if (s.measure == 1 && word_short(w, n, s)) w[n++] = 'e';
    }

    if (n > 2 && w[n - 1] == 'y' && !(word_shape(w, n - 1).recent & 1)) w[n - 1] = 'i';
    return n;
}

// Porter's stem of a word in lower case; returns its length.
static size_t stem(char *w, size_t n) {
    static const struct { const char *word, *stem; } irregular[] = {
        {"sky", "sky"}, {"skies", "sky"}, {"dying", "die"}, {"lying", "lie"}, {"tying", "tie"}, {"news", "news"},
        {"innings", "inning"}, {"inning", "inning"}, {"outings", "outing"}, {"outing", "outing"}, {"cannings", "canning"},
        {"canning", "canning"}, {"howe", "howe"}, {"proceed", "proceed"}, {"exceed", "exceed"}, {"succeed", "succeed"}};
    if (n <= 2) return n;
    for (size_t i = 0; n <= 8 && i < sizeof irregular / sizeof *irregular; i++) {
        if (w[0] != irregular[i].word[0] || strlen(irregular[i].word) != n || memcmp(w, irregular[i].word, n)) continue;
        size_t k = strlen(irregular[i].stem);
        memcpy(w, irregular[i].stem, k);
        return k;
    }
    n = stem_step1(w, n);
    if (word_ends(w, n, "alli") && word_shape(w, n - 4).measure > 0) n -= 2;
    for (int step = 2; step <= 4; step++) n = stem_apply(stem_rules[step - 2], step < 4 ? 1 : 2, w, n);
    if (w[n - 1] == 'e') {
        Shape s = word_shape(w, n - 1);
        n -= s.measure > 1 || (s.measure == 1 && !word_short(w, n - 1, s));
    }
    if (word_ends(w, n, "ll")) n -= word_shape(w, n - 1).measure > 1;
    return n;
}

// ---- words as numbers

// Numbers different byte strings 0, 1, 2 ... in the order in which they come.
typedef struct {
    Slice *words;
    uint32_t *slots;  // open addressing: number + 1, 0 is free
    size_t n, mask;
} Vocabulary;

static Vocabulary vocabulary(Arena *a, size_t most) {
    size_t size = 16;
    while (size < 2 * most) size *= 2;
    return (Vocabulary){arena_get(a, most, sizeof(Slice)), arena_get(a, size, sizeof(uint32_t)), 0, size - 1};
}

static uint32_t intern(Vocabulary *v, const char *s, size_t n) {
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)s[i]) * 0x100000001b3u;
    size_t at = mix64(hash) & v->mask;
    for (; v->slots[at]; at = (at + 1) & v->mask) {
        const Slice *w = &v->words[v->slots[at] - 1];
        if (w->n == n && !memcmp(w->data, s, n)) return v->slots[at] - 1;
    }
    v->words[v->n] = (Slice){s, n};
    v->slots[at] = (uint32_t)++v->n;
    return (uint32_t)(v->n - 1);
}

typedef struct {
    uint32_t *ids;
    size_t n;
    size_t *lines, nlines;  // line i is ids[lines[i]] to ids[lines[i + 1] - 1]; lines without words are left out
} Words;

// Steps over a character and returns its lower case if that is a-z or 0-9, else 0. Two characters outside ASCII get
// there: the Kelvin sign U+212A becomes k, and U+0130 becomes i and a combining dot, which separates words.
static char word_letter(const char **p, const char *end) {
    const unsigned char *u = (const unsigned char *)(*p)++;
    if ((*u >= 'a' && *u <= 'z') || (*u >= '0' && *u <= '9')) return (char)*u;
    if (*u >= 'A' && *u <= 'Z') return (char)(*u | 32);
    if (*u == 0xc4 && *p < end && u[1] == 0xb0) return 'i';
    if (*u == 0xe2 && end - *p >= 2 && u[1] == 0x84 && u[2] == 0xaa) return *p += 2, 'k';
    return 0;
}

static Words words_read(Arena *a, Vocabulary *v, const char *text, size_t n, bool stemmer) {
    Words w = {arena_get(a, n / 2 + 1, sizeof *w.ids), 0, arena_get(a, n / 2 + 2, sizeof *w.lines), 0};
    char *word = arena_get(a, n, 1);
    const char *end = n ? text + n : text;
    for (size_t length = 0; text < end;) {
        bool line_ends = *text == '\n';
        char c = word_letter(&text, end);
        if (c) word[length++] = c;
        if (length && (!c || text == end)) {
            if (stemmer && length > 3) length = stem(word, length);
            w.ids[w.n++] = intern(v, word, length);
            word += length;
            length = 0;
        }
        if ((line_ends || text == end) && w.n > w.lines[w.nlines]) w.lines[++w.nlines] = w.n;
    }
    return w;
}

// Numbers the pairs of neighbours: out of n words come n - 1 (none out of none).
static Words word_pairs(Arena *a, Vocabulary *v, const Words *w) {
    Words pairs = {.n = w->n ? w->n - 1 : 0};
    pairs.ids = arena_get(a, pairs.n, sizeof *pairs.ids);
    for (size_t i = 0; i < pairs.n; i++) pairs.ids[i] = intern(v, (const char *)(w->ids + i), 2 * sizeof *w->ids);
    return pairs;
}

// ---- scores

static RougeScore rouge_of(size_t common, size_t predicted, size_t wanted) {
    if (!common) return (RougeScore){0};
    double p = (double)common / (double)predicted, r = (double)common / (double)wanted;
    return (RougeScore){p, r, 2 * p * r / (p + r)};
}

// ROUGE-N of n-grams numbered below `kinds`: each counts as often as it is on both sides.
static RougeScore rouge_n(Arena *a, const Words *p, const Words *r, size_t kinds) {
    uint32_t *left = arena_get(a, kinds, sizeof *left);
    size_t common = 0;
    for (size_t i = 0; i < p->n; i++) left[p->ids[i]]++;
    for (size_t i = 0; i < r->n; i++) common += left[r->ids[i]] ? left[r->ids[i]]--, 1 : 0;
    return rouge_of(common, p->n, r->n);
}

// The places of each word in a reference (or in one line of it), as linked lists: places count from 1, 0 ends a list.
typedef struct {
    const uint32_t *ids;
    size_t n, blocks;  // blocks of 64 places
    uint32_t *first;   // by word number
    uint32_t *next;    // by place
    uint64_t *mask;    // scratch, blocks, zero between calls
} Places;

static void places_set(Places *s, const uint32_t *ids, size_t n) {
    for (size_t i = 0; i < s->n; i++) s->first[s->ids[i]] = 0;
    s->ids = ids;
    s->n = n;
    s->blocks = (n + 63) / 64;
    for (size_t i = 0; i < n; i++) {
        s->next[i + 1] = s->first[ids[i]];
        s->first[ids[i]] = (uint32_t)i + 1;
    }
}

// Let L(i, j) be the length of the longest common subsequence of the reference's first i words and the first j of ids.
// Column j is a bit for each i > 0, clear where L(i, j) = L(i - 1, j) + 1. Column j goes to columns + j x stride; with
// stride 0 only the last is kept.
static void lcs_columns(const Places *s, const uint32_t *ids, size_t n, uint64_t *columns, size_t stride) {
    memset(columns, 0xff, s->blocks * sizeof *columns);
    for (size_t j = 0; j < n; j++, columns += stride) {
        for (uint32_t i = s->first[ids[j]]; i; i = s->next[i]) s->mask[(i - 1) / 64] |= (uint64_t)1 << (i - 1) % 64;
        uint64_t carry = 0;
        for (size_t k = 0; k < s->blocks; k++) {
            uint64_t v = columns[k], u = v & s->mask[k], sum = v + u, all = sum + carry;
            carry = sum < v || all < sum;
            columns[stride + k] = all | (v & ~s->mask[k]);
        }
        for (uint32_t i = s->first[ids[j]]; i; i = s->next[i]) s->mask[(i - 1) / 64] = 0;
    }
}

static RougeScore rouge_l(Arena *a, Places *s, const Words *p, const Words *r) {
    places_set(s, r->ids, r->n);
    uint64_t *column = arena_get(a, s->blocks, sizeof *column);
    lcs_columns(s, p->ids, p->n, column, 0);
    size_t length = 0;
    for (size_t k = 0; k < s->blocks; k++)
        for (uint64_t clear = ~column[k]; clear; clear &= clear - 1) length++;
    return rouge_of(length, p->n, r->n);
}

// Marks which words of the reference line in s belong to its longest common subsequence with ids.
static void lcs_mark(Arena *a, const Places *s, const uint32_t *ids, size_t n, bool *marks) {
    Mark before = arena_mark(a);
    uint64_t *columns = arena_get(a, n + 1, s->blocks * sizeof *columns);
    lcs_columns(s, ids, n, columns, s->blocks);
    for (size_t i = s->n, j = n; i && j;) {
        if (s->ids[i - 1] == ids[j - 1]) marks[--i] = true, j--;
        else if (columns[j * s->blocks + (i - 1) / 64] >> (i - 1) % 64 & 1) i--;
        else j--;
    }
    arena_release(a, before);
}

// ROUGE-Lsum: for each line of the reference, the union of its common subsequences with every line of the prediction.
// A word counts at most as often as it is on either side.
static RougeScore rouge_lsum(Arena *a, Places *s, const Words *p, const Words *r, size_t kinds) {
    uint32_t *left_p = arena_get(a, kinds, sizeof *left_p), *left_r = arena_get(a, kinds, sizeof *left_r);
    bool *marks = arena_get(a, r->n, sizeof *marks);
    for (size_t i = 0; i < p->n; i++) left_p[p->ids[i]]++;
    for (size_t i = 0; i < r->n; i++) left_r[r->ids[i]]++;
    for (size_t i = 0; i < r->nlines; i++) {
        size_t from = r->lines[i];
        places_set(s, r->ids + from, r->lines[i + 1] - from);
        for (size_t j = 0; j < p->nlines; j++) lcs_mark(a, s, p->ids + p->lines[j], p->lines[j + 1] - p->lines[j], marks + from);
    }
    size_t common = 0;
    for (size_t i = 0; i < r->n; i++) {
        uint32_t id = r->ids[i];
        if (!marks[i] || !left_p[id] || !left_r[id]) continue;
        left_p[id]--;
        left_r[id]--;
        common++;
    }
    return rouge_of(common, p->n, r->n);
}

// Scores a prediction of np bytes against a reference of nr bytes. A text without words scores 0.
static Rouge rouge_score(Arena *a, const char *prediction, size_t np, const char *reference, size_t nr, bool stemmer) {
    if (np > UINT32_MAX / 4 || nr > UINT32_MAX / 4) fail(a, "a text of more than 1 GiB cannot be scored; cut it into rows");
    Mark before = arena_mark(a);
    Vocabulary words = vocabulary(a, (np + nr) / 2 + 2);
    Words p = words_read(a, &words, prediction, np, stemmer), r = words_read(a, &words, reference, nr, stemmer);
    Vocabulary pairs = vocabulary(a, p.n + r.n);
    Words p2 = word_pairs(a, &pairs, &p), r2 = word_pairs(a, &pairs, &r);
    Places places = {.first = arena_get(a, words.n, sizeof(uint32_t)), .next = arena_get(a, r.n + 1, sizeof(uint32_t)),
                     .mask = arena_get(a, r.n / 64 + 1, sizeof(uint64_t))};
    Rouge score = {.kinds = {rouge_n(a, &p, &r, words.n), rouge_n(a, &p2, &r2, pairs.n), rouge_l(a, &places, &p, &r),
                             rouge_lsum(a, &places, &p, &r, words.n)}};
    arena_release(a, before);
    return score;
}

// For each kind of score the reference with the best f, the first one of equals.
static Rouge rouge_best(Arena *a, const char *prediction, size_t np, const Slice *references, int nreferences, bool stemmer) {
    Rouge best = {0};
    for (int i = 0; i < nreferences; i++) {
        Rouge one = rouge_score(a, prediction, np, references[i].data, references[i].n, stemmer);
        for (int k = 0; k < 4; k++)
            if (one.kinds[k].f > best.kinds[k].f) best.kinds[k] = one.kinds[k];
    }
    return best;
}

// Is a text mostly of letters that ROUGE's words have none of? Two equal ones of only such letters score 0.
static bool rouge_blind(const char *s, size_t n) {
    size_t letters = 0, others = 0;
    for (const char *end = s + n; s < end;) {
        others += (unsigned char)*s >= 0xc0;
        letters += word_letter(&s, end) != 0;
    }
    return others > letters;
}

static const char *const rouge_kinds[] = {"ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum"};

static double rouge_f(const Rouge *x, int kind) {
    return x->kinds[kind].f;
}

static void rouge_add(Rouge *to, const Rouge *x, double weight) {
    for (int i = 0; i < 12; i++) to->numbers[i] += x->numbers[i] * weight;
}

/* ================================================================================================================
  12  options

   One table says what every option is called, where it is kept, what it defaults to, which commands know it and what it
   means. The command line's parser, --help, run.json and --config are all read off this table.
   ================================================================================================================ */

// What a quick build is for is done: nothing from here on is waited for, and leaving it as it is written saves a fifth (gcc) or a
// quarter (clang) of the compiler's time.
#if defined T5PEFT_PLAIN && defined __clang__
#pragma clang optimize off
#elif defined T5PEFT_PLAIN && defined __GNUC__ && !defined __TINYC__
#pragma GCC optimize("O0")
#endif

typedef enum { OPTION_STRING, OPTION_LIST, OPTION_WHOLE, OPTION_REAL, OPTION_FLAG } OptionType;

enum { TRAIN = 1, GENERATE = 2, EVAL = 4, COMPARE = 8, SCORE = 16, ROUGE = 32, TOKENIZE = 64, DETOKENIZE = 128, BENCH = 256,
      ESTIMATE = 512, SWEEP = 1024, INSPECT = 2048,
      MODELS = TRAIN | GENERATE | EVAL | COMPARE | SCORE, GENERATES = GENERATE | EVAL | COMPARE | TRAIN, ANY = 4095 };

typedef struct {
    const char *name;
    OptionType type;
    size_t offset;
    const char *missing;  // the default as it would be written; NULL: none
    int commands;
    const char *value, *help;
} Option;

#define AT(field) offsetof(t5peft_options, field)
static const Option options_table[] = {
    {"model", OPTION_STRING, AT(model), NULL, MODELS | INSPECT | TOKENIZE | DETOKENIZE | BENCH, "DIR", "a Hugging Face folder: config.json, model.safetensors, spiece.model (left out: the demo's)"},
    {"adapter", OPTION_LIST, AT(adapter), NULL, GENERATE | EVAL | COMPARE | SCORE, "DIR", "an adapter that t5peft train or peft wrote (compare: one or more)"},
    {"merge-adapter", OPTION_FLAG, AT(merge_adapter), NULL, GENERATE | EVAL | SCORE, "", "add a LoRA adapter to the weights first, before --dtype rounds them: it costs nothing then"},
    {"shape", OPTION_STRING, AT(shape), NULL, BENCH, "NAME", "small, base or large: random weights of FLAN-T5's shape instead of --model"},
    {"instruct", OPTION_STRING, AT(instruct), NULL, COMPARE | INSPECT, "DIR", "a model whose every weight was tuned"},
    {"data", OPTION_STRING, AT(data), NULL, MODELS | INSPECT, "FILE", ".csv, .tsv, .jsonl or .json; - is standard input"},
    {"eval-data", OPTION_STRING, AT(eval_data), NULL, TRAIN | INSPECT, "FILE", "rows to measure the loss on while training (inspect: other rows, before and after)"},
    {"out", OPTION_STRING, AT(out), NULL, TRAIN | EVAL | COMPARE, "PATH", "folder (eval: a .csv file) to write to"},
    {"source-column", OPTION_STRING, AT(source_column), "dialogue", MODELS | INSPECT, "NAME", "column that the model reads"},
    {"target-column", OPTION_LIST, AT(target_column), "summary", MODELS | INSPECT, "NAME", "column that it should write; repeat it for several references"},
    {"prompt", OPTION_STRING, AT(prompt), "Summarize the following conversation.\\n\\n{dialogue}\\n\\nSummary: ", MODELS | INSPECT, "TEXT", "template; {COLUMN} stands for a cell, {dialogue} for the source column"},
    {"subset", OPTION_STRING, AT(subset), NULL, MODELS | INSPECT, "1/N", "only the rows whose index is divisible by N"},
    {"limit", OPTION_WHOLE, AT(limit), "0", MODELS | INSPECT, "N", "only the first N rows (0: all)"},
    {"max-source-length", OPTION_WHOLE, AT(max_source_length), "512", MODELS | INSPECT, "N", "tokens, </s> included; what is longer is cut"},
    {"max-target-length", OPTION_WHOLE, AT(max_target_length), "512", TRAIN | SCORE | INSPECT, "N", "likewise for the target"},
    {"max-source-length", OPTION_WHOLE, AT(max_source_length), "221", BENCH, "N", "tokens of each random source; DialogSum's mean"},
    {"max-target-length", OPTION_WHOLE, AT(max_target_length), "35", BENCH, "N", "likewise for the target"},
    {"method", OPTION_STRING, AT(method), "lora", TRAIN | BENCH, "NAME", "lora, prompt (soft prompt) or full (every weight)"},
    {"learning-rate", OPTION_REAL, AT(learning_rate), "0", TRAIN, "X", "0 takes 1e-3 for lora, 0.3 for prompt, 5e-5 for full"},
    {"num-train-epochs", OPTION_REAL, AT(num_train_epochs), "3", TRAIN, "X", "passes over the data"},
    {"max-steps", OPTION_WHOLE, AT(max_steps), "0", TRAIN, "N", "optimizer steps, instead of epochs"},
    {"max-steps", OPTION_WHOLE, AT(max_steps), "0", BENCH, "N", "optimizer steps to time (0: some seconds)"},
    {"per-device-train-batch-size", OPTION_WHOLE, AT(per_device_train_batch_size), "8", TRAIN | BENCH, "N", "rows"},
    {"gradient-accumulation-steps", OPTION_WHOLE, AT(gradient_accumulation_steps), "1", TRAIN, "N", "batches whose gradients one step adds up (the same as one large batch)"},
    {"lr-scheduler-type", OPTION_STRING, AT(lr_scheduler_type), "linear", TRAIN, "NAME", "linear, cosine, constant, constant_with_warmup, inverse_sqrt"},
    {"warmup-steps", OPTION_WHOLE, AT(warmup_steps), "0", TRAIN, "N", "steps in which the rate grows from 0"},
    {"warmup-ratio", OPTION_REAL, AT(warmup_ratio), "0", TRAIN, "X", "the same as a share of all steps"},
    {"weight-decay", OPTION_REAL, AT(weight_decay), "0", TRAIN, "X", "decoupled; not for norms and biases"},
    {"adam-beta1", OPTION_REAL, AT(adam_beta1), "0.9", TRAIN, "X", ""},
    {"adam-beta2", OPTION_REAL, AT(adam_beta2), "0.999", TRAIN, "X", ""},
    {"adam-epsilon", OPTION_REAL, AT(adam_epsilon), "1e-08", TRAIN, "X", ""},
    {"max-grad-norm", OPTION_REAL, AT(max_grad_norm), "1", TRAIN, "X", "larger gradients are scaled down to it (0: never)"},
    {"label-smoothing-factor", OPTION_REAL, AT(label_smoothing_factor), "0", TRAIN, "X", ""},
    {"dropout", OPTION_REAL, AT(dropout), "-1", TRAIN, "P", "in the model; -1: as config.json says; 0 turns LoRA's off too"},
    {"no-shuffle", OPTION_FLAG, AT(no_shuffle), NULL, TRAIN, "", "take the rows in their order"},
    {"gradient-checkpointing", OPTION_FLAG, AT(gradient_checkpointing), NULL, TRAIN, "", "less memory for long texts: backward makes activations again; the results are the same"},
    {"group-by-length", OPTION_FLAG, AT(group_by_length), NULL, TRAIN, "", "batches of rows of like length"},
    {"logging-steps", OPTION_WHOLE, AT(logging_steps), "10", TRAIN, "N", "steps between two lines of the log"},
    {"eval-steps", OPTION_WHOLE, AT(eval_steps), "0", TRAIN, "N", "steps between two evaluations (0: once an epoch)"},
    {"eval-rouge", OPTION_WHOLE, AT(eval_rouge), "0", TRAIN, "N", "also generate for the first N rows of --eval-data and score them"},
    {"save-steps", OPTION_WHOLE, AT(save_steps), "0", TRAIN, "N", "steps between two checkpoints (0: none until the end)"},
    {"save-total-limit", OPTION_WHOLE, AT(save_total_limit), "0", TRAIN, "N", "keep only the newest N checkpoints (0: all)"},
    {"load-best-at-end", OPTION_FLAG, AT(load_best_at_end), NULL, TRAIN, "", "end with the weights of the lowest evaluation loss"},
    {"early-stopping-patience", OPTION_WHOLE, AT(early_stopping_patience), "0", TRAIN, "N", "stop after N evaluations without a lower loss (0: never)"},
    {"resume", OPTION_FLAG, AT(resume), NULL, TRAIN, "", "go on from the newest checkpoint in --out"},
    {"init-adapter", OPTION_STRING, AT(init_adapter), NULL, TRAIN, "DIR", "start from this adapter"},
    {"lora-r", OPTION_WHOLE, AT(lora_r), "32", TRAIN, "R", "rank"},
    {"lora-alpha", OPTION_REAL, AT(lora_alpha), "32", TRAIN, "X", "the adapter is scaled by alpha / r"},
    {"lora-dropout", OPTION_REAL, AT(lora_dropout), "0.05", TRAIN, "P", "of what the adapter reads"},
    {"use-rslora", OPTION_FLAG, AT(use_rslora), NULL, TRAIN, "", "scale by alpha / sqrt(r)"},
    {"target-modules", OPTION_STRING, AT(target_modules), "q,v", TRAIN, "LIST", "layers that get an adapter: q, k, v, o, wi_0, wi_1, wo, lm_head; all-linear; or /REGEX/ of whole names"},
    {"layers-to-transform", OPTION_STRING, AT(layers_to_transform), NULL, TRAIN, "LIST", "only in these blocks, for instance 6-11"},
    {"num-virtual-tokens", OPTION_WHOLE, AT(num_virtual_tokens), "100", TRAIN, "P", "rows of a soft prompt"},
    {"prompt-tuning-init", OPTION_STRING, AT(prompt_tuning_init), "vocab", TRAIN, "NAME", "random, vocab (the most common pieces) or text"},
    {"prompt-tuning-init-text", OPTION_STRING, AT(prompt_tuning_init_text), NULL, TRAIN, "TEXT", "whose embeddings the prompt starts from"},
    {"prompt-decoder", OPTION_FLAG, AT(prompt_decoder), NULL, TRAIN, "", "a soft prompt before the decoder's tokens too"},
    {"freeze", OPTION_STRING, AT(freeze), NULL, TRAIN, "LIST", "full: names that stay as they are, for instance shared.*,*layer_norm*"},
    {"max-new-tokens", OPTION_WHOLE, AT(max_new_tokens), "200", GENERATES, "N", ""},
    {"max-new-tokens", OPTION_WHOLE, AT(max_new_tokens), "64", BENCH, "N", "tokens that each row generates"},
    {"min-new-tokens", OPTION_WHOLE, AT(min_new_tokens), "0", GENERATES, "N", "no </s> before"},
    {"num-beams", OPTION_WHOLE, AT(num_beams), "1", GENERATES | BENCH, "N", "beam search; 1 is greedy"},
    {"length-penalty", OPTION_REAL, AT(length_penalty), "1", GENERATES, "X", "beams: the score is divided by length^X"},
    {"early-stopping", OPTION_STRING, AT(early_stopping), "false", GENERATES, "WHEN", "beams: false, true or never"},
    {"no-repeat-ngram-size", OPTION_WHOLE, AT(no_repeat_ngram_size), "0", GENERATES, "N", "no run of N tokens twice"},
    {"repetition-penalty", OPTION_REAL, AT(repetition_penalty), "1", GENERATES, "X", ""},
    {"num-return-sequences", OPTION_WHOLE, AT(num_return_sequences), "1", GENERATE, "N", "with beams or sampling"},
    {"do-sample", OPTION_FLAG, AT(do_sample), NULL, GENERATES, "", "draw tokens instead of taking the likeliest"},
    {"temperature", OPTION_REAL, AT(temperature), "1", GENERATES, "X", "sampling"},
    {"top-k", OPTION_WHOLE, AT(top_k), "50", GENERATES, "K", "sampling: among the K likeliest (0: all)"},
    {"top-p", OPTION_REAL, AT(top_p), "1", GENERATES, "P", "sampling: among the likeliest that make up P"},
    {"batch-size", OPTION_WHOLE, AT(batch_size), "16", GENERATES | SCORE | INSPECT | BENCH, "N", "rows that are generated or scored at a time"},
    {"predictions", OPTION_STRING, AT(predictions), NULL, ROUGE, "FILE", "existing texts"},
    {"prediction-column", OPTION_STRING, AT(prediction_column), "prediction", ROUGE, "NAME", ""},
    {"references", OPTION_STRING, AT(references), NULL, ROUGE, "FILE", "what they should be (left out: the same file)"},
    {"reference-column", OPTION_LIST, AT(reference_column), "summary", ROUGE, "NAME", "repeat it for several references"},
    {"no-stemmer", OPTION_FLAG, AT(no_stemmer), NULL, ROUGE | EVAL | COMPARE, "", "compare words as they are, without Porter's stemmer"},
    {"no-eos", OPTION_FLAG, AT(no_eos), NULL, TOKENIZE, "", "without the closing </s>"},
    {"price-per-hour", OPTION_REAL, AT(price_per_hour), "0", COMPARE | ESTIMATE | SWEEP, "X", "what an hour of this machine costs"},
    {"sample-rows", OPTION_STRING, AT(sample_rows), NULL, COMPARE, "LIST", "rows that are set side by side, for instance 40,200"},
    {"html", OPTION_STRING, AT(html), NULL, INSPECT, "FILE", "also write a page"},
    {"intruders", OPTION_FLAG, AT(intruders), NULL, INSPECT, "", "count intruder dimensions (Shuttleworth et al. 2024); takes seconds a layer"},
    {"trials", OPTION_WHOLE, AT(trials), "0", SWEEP, "N", "draw N of the grid, or of ranges as 1e-5..1e-2 (0: the whole grid)"},
    {"eta", OPTION_WHOLE, AT(eta), "3", SWEEP, "N", "of N trials the best goes on to N times as many steps (1: every trial runs whole)"},
    {"seeds", OPTION_WHOLE, AT(seeds), "1", SWEEP, "N", "train the best with N seeds in all, to see what chance does"},
    {"parallel", OPTION_WHOLE, AT(parallel), "0", SWEEP, "N", "trials at a time (0: one for each thread, one on a card)"},
    {"lines", OPTION_FLAG, AT(lines), NULL, GENERATE, "", "for a pipe that stays open: a text or a JSON object a line in, a JSON object a line out, at once"},
    {"seed", OPTION_WHOLE, AT(seed), "42", MODELS | INSPECT, "N", ""},
    {"threads", OPTION_WHOLE, AT(threads), "0", MODELS | INSPECT | BENCH, "N", "0: one for each processor"},
    {"dtype", OPTION_STRING, AT(dtype), "f32", MODELS | BENCH, "TYPE", "what frozen weights are kept in: f32 (as the file has them), bf16, int8; what is trained is f32"},
    {"device", OPTION_STRING, AT(device), "cpu", MODELS | BENCH | INSPECT, "NAME", "cpu; cuda or cuda:N in a build with CUDA=1"},
    {"json", OPTION_FLAG, AT(json), NULL, ANY, "", "JSON on standard output and nothing else"},
    {"quiet", OPTION_FLAG, AT(quiet), NULL, ANY, "", "no progress on standard error"},
};
enum { OPTIONS = sizeof options_table / sizeof *options_table };

// Reads a value in the form that the command line has; false when it is of the wrong form.
static bool option_set(const Option *o, t5peft_options *to, const char *text, int position) {
    void *field = (char *)to + o->offset;
    char *end;
    switch (o->type) {
    case OPTION_STRING: *(const char **)field = text; return true;
    case OPTION_LIST:
        if (position >= T5PEFT_LIST - 1) return false;
        ((const char **)field)[position] = text;
        ((const char **)field)[position + 1] = NULL;
        return true;
    case OPTION_WHOLE:
        errno = 0;
        *(int64_t *)field = strtoll(text, &end, 10);
        return *text && !*end && !errno;
    case OPTION_REAL: *(double *)field = strtod(text, &end); return *text && !*end && isfinite(*(double *)field);
    default:
        *(bool *)field = !strcmp(text, "true");
        return *(bool *)field || !strcmp(text, "false");
    }
}

// bench has rows of its own for options whose default differs there; they stand for the same field.
static const Option *option_find(const char *name, int commands) {
    for (int i = 0; i < OPTIONS; i++)
        if ((options_table[i].commands & commands) && !strcmp(options_table[i].name, name)) return &options_table[i];
    return NULL;
}

static void options_default(t5peft_options *o, int commands) {
    for (int i = 0; i < OPTIONS; i++)
        if ((options_table[i].commands & commands) && options_table[i].missing)
            option_set(&options_table[i], o, options_table[i].missing, 0);
}

t5peft_options t5peft_defaults(void) {
    t5peft_options o;
    memset(&o, 0, sizeof o);
    options_default(&o, ANY & ~BENCH);
    return o;
}

static DType options_dtype(const t5peft_options *o) {
    return !strcmp(o->dtype, "bf16") ? BF16 : !strcmp(o->dtype, "int8") ? I8 : F32;
}

static bool options_half(const t5peft_options *o) {
    return strcmp(o->dtype, "f32") != 0;
}

static void device_check(Arena *a, const char *name) {
    bool cuda = !strcmp(name, "cuda") || (!strncmp(name, "cuda:", 5) && is_number(name + 5) && strlen(name + 5) < 4);
    if (!cuda && strcmp(name, "cpu")) fail(a, "--device %s: must be cpu, cuda or cuda:N, the number of a card", name);
#ifndef T5PEFT_CUDA
    if (cuda) fail(a, "--device %s: this build has cpu only; make CUDA=1 makes one for NVIDIA's cards", name);
#endif
}

static void options_check(Arena *a, const t5peft_options *o) {
    device_check(a, o->device);
    if (strcmp(o->dtype, "f32") && strcmp(o->dtype, "bf16") && strcmp(o->dtype, "int8") &&
        (strcmp(o->dtype, "tf32") || !strcmp(o->device, "cpu")))
        fail(a, "--dtype %s: must be f32, bf16 or int8", o->dtype);
    if (o->threads < 0 || o->threads > 1024) fail(a, "--threads must be from 0 to 1024");
    if (!o->batch_size) fail(a, "--batch-size must be at least 1");
    for (int i = 0; i < OPTIONS; i++) {
        const Option *p = &options_table[i];
        const void *field = (const char *)o + p->offset;
        double x = p->type == OPTION_WHOLE ? (double)*(const int64_t *)field : p->type == OPTION_REAL ? *(const double *)field
            : 0;
        bool below = !strcmp(p->name, "seed") || !strcmp(p->name, "dropout") || !strcmp(p->name, "length-penalty");
        if (!isfinite(x) || (x < 0 && !below)) fail(a, "--%s %g: must not be negative", p->name, x);
    }
}

// A word as a shell reads it back.
static void text_shell(Text *t, const char *s) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+@%";
    if (*s && !s[strspn(s, plain)]) {
        text_add(t, s, strlen(s));
        return;
    }
    text_add(t, "'", 1);
    for (; *s; s++) text_add(t, *s == '\'' ? "'\\''" : s, *s == '\'' ? 4 : 1);
    text_add(t, "'", 1);
}

// An option with its value as the command line has it; nothing for one that is not given.
static const char *option_words(Arena *a, const Option *p, const t5peft_options *o) {
    const void *field = (const char *)o + p->offset;
    Text t = {.arena = a};
    text_add(&t, "", 0);
    if (p->type == OPTION_STRING || p->type == OPTION_LIST) {
        for (const char *const *s = (const char *const *)field; *s; s++) {
            text_print(&t, " --%s ", p->name);
            text_shell(&t, *s);
            if (p->type == OPTION_STRING) break;
        }
    } else if (p->type != OPTION_FLAG || *(const bool *)field) text_print(&t, " --%s", p->name);
    if (p->type == OPTION_WHOLE) text_print(&t, " %lld", (long long)*(const int64_t *)field);
    if (p->type == OPTION_REAL) text_add(&t, " ", 1), text_number(&t, *(const double *)field);
    return t.data;
}

// An option's value as JSON.
static void text_option(Text *t, const Option *p, const t5peft_options *o) {
    const void *field = (const char *)o + p->offset;
    const char *const *s = (const char *const *)field;
    switch (p->type) {
    case OPTION_STRING: text_json(t, *s, strlen(*s)); return;
    case OPTION_WHOLE: text_print(t, "%lld", (long long)*(const int64_t *)field); return;
    case OPTION_REAL: text_number(t, *(const double *)field); return;
    case OPTION_FLAG: text_print(t, *(const bool *)field ? "true" : "false"); return;
    case OPTION_LIST: break;
    }
    for (text_add(t, "[", 1); *s; s++) {
        text_json(t, *s, strlen(*s));
        if (s[1]) text_add(t, ", ", 2);
    }
    text_add(t, "]", 1);
}

// {"version": ..., "command": ..., every option of the command that has a value}
static void text_options(Text *t, const t5peft_options *o, int command, const char *name) {
    text_print(t, "{\n  \"version\": \"%s\",\n  \"command\": \"%s\"", T5PEFT_VERSION, name);
    for (int i = 0; i < OPTIONS; i++) {
        const Option *p = &options_table[i];
        const void *field = (const char *)o + p->offset;
        if (!(p->commands & command) || (p->type == OPTION_STRING && !*(const char *const *)field)) continue;
        text_print(t, ",\n  \"%s\": ", p->name);
        text_option(t, p, o);
    }
    text_add(t, "\n}\n", 3);
}

// Takes over the options of a run.json.
static void options_read(Arena *a, const char *path, t5peft_options *to) {
    Json *j = json_file(a, path);
    if (j->type != JSON_OBJECT) fail(a, "%s: is no JSON object of options", path);
    for (const Json *v = j->child; v; v = v->next) {
        const Option *o = option_find(v->key, ANY);
        if (!strcmp(v->key, "version") || !strcmp(v->key, "command") || !strcmp(v->key, "reads")) continue;
        if (!o) fail(a, "%s: \"%s\" is no option of this version", path, v->key);
        bool good = v->type != JSON_NULL && v->type != JSON_OBJECT && (v->type == JSON_ARRAY) == (o->type == OPTION_LIST);
        int position = 0;
        if (good && o->type == OPTION_LIST)
            for (const Json *e = v->child; e && good; e = e->next)
                good = e->type == JSON_STRING && option_set(o, to, e->string, position++);
        else if (good) good = option_set(o, to, v->type == JSON_TRUE ? "true" : v->type == JSON_FALSE ? "false" : v->string, 0);
        if (!good) fail(a, "%s: \"%s\" has a value of the wrong kind", path, v->key);
    }
}

/* ================================================================================================================
  13  training: AdamW, schedules, the loop, logs, checkpoints, resume

   One step takes the rows of an optimizer step (batch size x accumulation), cuts them into pieces of piece_tokens
   and adds up the gradients of each. The loss is the mean over the target tokens of all the rows, so it does not matter
   how they were cut: accumulating gives what one large batch gives, and memory stays the same for any batch size.
   The gradient of a step is the sum of its pieces' gradients, in their order, each made from zero: whoever makes a
   piece, the bytes are the same. (Where every weight is tuned, a second set of gradients would cost too much: pieces
   are added up where they are made.)

   A run is a function of its options: rows, masks and first values are drawn from (seed, what for). A checkpoint holds
   the trained tensors, the optimizer's two moments and a few numbers; a run that goes on from one writes the same bytes
   as a run that was never stopped. Counting, schedules and the log follow transformers' Trainer.
   ================================================================================================================ */

// on flan-t5-base's shape 1024 takes 0 to 2 % less time (bf16: 5 %), and 19 % more memory over an int8 base
enum { PIECE_TOKENS = 768 };

typedef struct {
    const int32_t *source, *label;
    size_t ns, nt;
    uint32_t row;  // in the file
} Example;

// What was longer than is taken: how many texts, and the tokens that they lose.
typedef struct {
    size_t rows, tokens;
} Cut;

typedef struct {
    Example *items;
    size_t n, lacking;  // lacking: rows that were left out, since they have no source or no target
    Cut cut[2];         // of sources and targets
} Examples;

typedef struct {
    Arena *arena;
    const t5peft_options *options;
    Model *model;
    const Tokenizer *tokenizer;
    Tuning *tuning;
    Pass pass;
    Examples examples, eval;
    const Table *eval_table;
    float *sum;                // gradients of the pieces before, tensors end to end; NULL where pieces are added up in place
    Exchange *exchange;        // in the place of `sum`, where there are several ranks
    float **m, **v;            // AdamW's moments of each trained tensor, or of this rank's part of it
    float **best;              // weights of the lowest evaluation loss, where they are kept; parts likewise
    double weights, waited;    // sum of squares of what is trained; seconds that this rank has waited for others
    int64_t step, total, per_epoch, warmup;
    double rate;
    // what the next line of the log is made of
    double loss_sum, seconds, tokens;
    int64_t loss_steps;
    double loss_all, time_all; // sums over every step, also those before a resume
    double best_loss;
    int64_t best_step, worse;  // evaluations since the best
    double started;
    const char *passed_over;   // why --resume did not go on from the newest checkpoint
    bool lost;                 // numbers were: the run failed for that
    t5peft_callback callback;
    void *user;
} Trainer;

// ---- data

// How many ids close a text; ByT5's tokenizer adds no second </s>.
static size_t ids_closing(const Tokenizer *t, const int32_t *ids, size_t n) {
    return t->way == BYTES && n && ids[n - 1] == t->eos ? 0 : (size_t)t->n_closing;
}

// Cuts to `most` tokens, </s> included, as transformers does; counts in *cut.
static const int32_t *ids_closed(Arena *a, const Tokenizer *t, const char *text, size_t n, int64_t most, size_t *length,
                                 Cut *cut) {
    int32_t *ids;
    if (!t) {  // estimate, of a model that has no tokenizer: a piece is some four letters
        *length = n / 4 < (size_t)most ? n / 4 + 1 : (size_t)most;
        ids = arena_get(a, *length, sizeof *ids);
        for (size_t i = 0; i < *length; i++) ids[i] = 1;
        return ids;
    }
    size_t count = tokenize(a, t, text, n, &ids), closing = ids_closing(t, ids, count);
    if (closing > (size_t)most) closing = (size_t)most;
    if (count > (size_t)most - closing) {
        cut->rows++;
        cut->tokens += count + closing - (size_t)most;
        count = (size_t)most - closing;
    }
    int32_t *closed = arena_get(a, count + closing + 1, sizeof *closed);
    if (count) memcpy(closed, ids, count * sizeof *ids);
    // NOLINTBEGIN: bench, which has no tokenizer, has no text either.
    memcpy(closed + count, t->closing, closing * sizeof *closed);
    *length = count + closing;
    if (!*length) closed[(*length)++] = t->eos;  // no sequence is empty
    for (size_t i = 0; i < *length; i++)
        if (t->limit && closed[i] >= t->limit)
            fail(a, "a text holds the token \"%.40s\", which the model does not know: its id is %d, vocab_size is %d",
                 t->pieces[closed[i]].text, (int)closed[i], (int)t->limit);
    // NOLINTEND
    return closed;
}

// Pieces that the model does not know make it another model; tokens that were added to them are refused where a text has them.
static void ids_check(Arena *a, Tokenizer *t, const Model *m) {
    if (t->vocabulary > m->config.V)
        fail(a, "%s: its tokenizer has %d pieces, but config.json says vocab_size %lld; they do not belong together", m->path,
             t->vocabulary, (long long)m->config.V);
    t->limit = (int32_t)m->config.V;
}

static Examples examples_read(Arena *a, const Tokenizer *t, const Table *table, const t5peft_options *o, const char *subset,
                              int64_t limit) {
    Examples e = {0};
    if (o->max_source_length < 1 || o->max_target_length < 1)
        fail(a, "--max-source-length and --max-target-length must be at least 1");
    size_t all;
    uint32_t *rows = rows_select(a, table, subset, (size_t)(limit > 0 ? limit : 0), &all);
    int target = table_column(a, table, o->target_column[0]);
    const char *template = unescape(a, o->prompt);
    e.items = arena_get(a, all, sizeof *e.items);
    for (size_t i = 0; i < all; i++) {
        size_t n;
        const char *source = prompt_fill(a, template, table, rows[i], o->source_column, &n);
        Slice said = cell_text(a, table, rows[i], target);
        if (!said.data || source_lacks(a, template, table, rows[i], o->source_column)) continue;
        Example *x = &e.items[e.n++];
        x->row = rows[i];
        x->source = ids_closed(a, t, source, n, o->max_source_length, &x->ns, &e.cut[0]);
        x->label = ids_closed(a, t, said.data, said.n, o->max_target_length, &x->nt, &e.cut[1]);
    }
    e.lacking = all - e.n;
    if (!e.n) fail(a, "%s: none of %zu rows has both a source and \"%s\"", table->path, all, shown(a, o->target_column[0]));
    return e;
}

// The rows of an optimizer step as one packed batch.
static Batch batch_make(Arena *a, const Config *c, const Example *const *rows, size_t n) {
    int64_t *so = arena_get(a, n + 1, sizeof *so), *to = arena_get(a, n + 1, sizeof *to);
    for (size_t i = 0; i < n; i++) {
        so[i + 1] = so[i] + (int64_t)rows[i]->ns;
        to[i + 1] = to[i] + (int64_t)rows[i]->nt;
    }
    int32_t *source = arena_get(a, (size_t)so[n], sizeof *source), *label = arena_get(a, (size_t)to[n], sizeof *label),
        *target = arena_get(a, (size_t)to[n], sizeof *target);
    for (size_t i = 0; i < n; i++) {
        memcpy(source + so[i], rows[i]->source, rows[i]->ns * sizeof *source);
        memcpy(label + to[i], rows[i]->label, rows[i]->nt * sizeof *label);
        target[to[i]] = c->start;  // the decoder reads the labels shifted by one
        memcpy(target + to[i] + 1, rows[i]->label, (rows[i]->nt - 1) * sizeof *target);
    }
    return (Batch){.S = (int64_t)n, .source = source, .target = target, .label = label, .source_offsets = so,
                   .target_offsets = to};
}

// The gradients of the weights themselves are gone through once a piece: pieces twice as large save 6 % of the time of full
// tuning, for a tenth more memory. A device wants work by the thousand tokens: as many as fill a quarter of its memory with what
// is kept for backward.
static int64_t piece_tokens(const Model *m) {
    enum { MOST = 1 << 14 };
    const Config *c = &m->config;
    if (m->ops->apart) {
        int layers = c->encoder_layers > c->decoder_layers ? c->encoder_layers : c->decoder_layers;
        double kept = sizeof(float) * (double)layers * (double)(2 * c->D + 4 * c->H * c->K + 2 * c->F);
        double tokens = m->ops->memory / 4 / kept;
        return tokens > MOST ? MOST : tokens < PIECE_TOKENS ? PIECE_TOKENS : (int64_t)tokens;
    }
    return m->decoder.blocks->ff.wi.w.grad ? 2 * PIECE_TOKENS : PIECE_TOKENS;
}

// Source and target tokens of all its sequences.
static int64_t batch_tokens(const Batch *b) {
    return b->source_offsets[b->S] - b->source_offsets[0] + b->target_offsets[b->S] - b->target_offsets[0];
}

// The next piece of a batch from sequence `first` on, of at most `most` tokens unless one sequence has more.
static Batch batch_piece(const Batch *b, int64_t first, int64_t most) {
    Batch piece = *b;
    piece.source_offsets += first;
    piece.target_offsets += first;
    piece.first = first;
    piece.first_source = piece.source_offsets[0] - b->source_offsets[0];
    piece.first_target = piece.target_offsets[0] - b->target_offsets[0];
    for (piece.S = 2; first + piece.S <= b->S && batch_tokens(&piece) <= most;) piece.S++;
    piece.S--;
    return piece;
}

static double losses_sum(Pass *p, const float *losses, int64_t tokens) {
    double sum = 0;
    for (int64_t i = 0; i < tokens; i++) sum += losses[i];
    if (!isfinite(sum)) model_look(p->model);
    return sum;
}

// The losses of the `batch` examples from `first` on: the sum of each one's tokens.
static void batch_losses(Pass *p, const Examples *e, size_t first, size_t batch, double smoothing, double *sums) {
    Arena *a = p->model->arena;
    Mark mark = arena_mark(a);
    size_t n = e->n - first < batch ? e->n - first : batch;
    const Example **rows = arena_get(a, n, sizeof *rows);
    for (size_t j = 0; j < n; j++) rows[j] = &e->items[first + j];
    Batch b = batch_make(a, &p->model->config, rows, n);
    float *each = arena_get(a, (size_t)b.target_offsets[n], sizeof *each);
    for (int64_t s = 0; s < b.S;) {
        Batch piece = batch_piece(&b, s, piece_tokens(p->model));
        model_loss(p, &piece, (float)smoothing, 0, each + piece.first_target);
        s += piece.S;
    }
    losses_sum(p, each, b.target_offsets[n]);
    for (size_t j = 0; j < n; j++)
        for (int64_t k = b.target_offsets[j]; k < b.target_offsets[j + 1]; k++) sums[first + j] += each[k];
    arena_release(a, mark);
}

// Mean loss over the target tokens of examples, without dropout. losses[i], if not NULL: the mean of example i. Batches go to
// ranks as they are free, longest first.
static double examples_loss(Pass *p, const Examples *e, size_t batch, double smoothing, double *losses, double *waited) {
    Arena *a = p->model->arena;
    Mark mark = arena_mark(a);
    p->train = p->keep = false;
    if (batch < 1) batch = 1;
    size_t n = (e->n + batch - 1) / batch;
    LengthItem *order = arena_get(a, n, sizeof *order);
    double *sums = arena_get(a, e->n, sizeof *sums), sum = 0;
    int64_t tokens = 0;
    for (size_t i = 0; i < n; i++) order[i].item = order[i].place = (uint32_t)i;
    for (size_t i = 0; i < e->n; i++) order[i / batch].length += e->items[i].ns + e->items[i].nt;
    if (n) qsort(order, n, sizeof *order, longest_first);
    Hand hand = hand_open((int64_t)n, 1);
    p->hand = &hand;
    for (int64_t k; (k = hand_next(&hand)) < (int64_t)n;) batch_losses(p, e, order[k].item * batch, batch, smoothing, sums);
    hand_close(&hand, waited);
    p->hand = NULL;
    ranks_combine(sums, e->n, SUM_DOUBLES, waited);
    for (size_t i = 0; i < e->n; i++) {
        if (losses) losses[i] = sums[i] / (double)e->items[i].nt;
        sum += sums[i];
        tokens += (int64_t)e->items[i].nt;
    }
    arena_release(a, mark);
    return tokens ? sum / (double)tokens : 0;
}

// ---- order of the rows

// The order of an epoch: a permutation of its own. Grouped by length, runs of up to 50 batches of it are sorted, longest first,
// as transformers does; the batch with the longest row comes first of all, so that memory that is too small shows at once.
static uint32_t *epoch_order(Trainer *t, int64_t epoch) {
    size_t n = t->examples.n, batch = (size_t)(t->options->per_device_train_batch_size * t->options->gradient_accumulation_steps);
    uint32_t *order = arena_get(t->arena, n, sizeof *order);
    if (t->options->no_shuffle) for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    else random_permutation(random_key((uint64_t)t->options->seed, 0x0de5, (uint64_t)epoch), n, order);
    if (!t->options->group_by_length) return order;
    Mark mark = arena_mark(t->arena);
    LengthItem *items = arena_get(t->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++) items[i] = (LengthItem){t->examples.items[order[i]].ns, order[i], (uint32_t)i};
    size_t many = n / (batch * 4) < 50 ? n / (batch * 4) : 50, run = (many ? many : 1) * batch, longest = 0;
    for (size_t i = 0; i < n; i += run) qsort(items + i, n - i < run ? n - i : run, sizeof *items, longest_first);
    for (size_t i = 0; i < n; i += run) longest = items[i].length > items[longest].length ? i : longest;
    LengthItem first = items[longest];
    items[longest] = items[0];
    items[0] = first;
    for (size_t i = 0; i < n; i++) order[i] = items[i].item;
    arena_release(t->arena, mark);
    return order;
}

// ---- schedules

// What the learning rate is multiplied by in step s (counted from 0) of T with W warm-up steps; -1 for an unknown name.
static double schedule_factor(const char *name, int64_t s, int64_t T, int64_t W) {
    if (!strcmp(name, "constant")) return 1;
    bool constant = !strcmp(name, "constant_with_warmup"), linear = !strcmp(name, "linear"), cosine = !strcmp(name, "cosine"),
        root = !strcmp(name, "inverse_sqrt");
    if (!constant && !linear && !cosine && !root) return -1;
    if (s < W) return (double)s / (double)(W > 1 ? W : 1);
    if (constant) return 1;
    double rest = (double)(T - W > 1 ? T - W : 1);
    if (linear) return T > s ? (double)(T - s) / rest : 0;
    if (cosine) return fmax(0, 0.5 * (1 + cos(3.141592653589793 * (double)(s - W) / rest)));
    double scale = (double)(W ? W : 10000);
    return 1 / sqrt(((double)(s - W) + scale) / scale);
}

// ---- checkpoints

// Do ranks share the moments? Where every weight is tuned, each keeps those of its part of every tensor, updates this part, and
// gets the others' (ZeRO stage 1, Rajbhandari et al. 2020). Adapters have so little that all ranks do the same update.
static bool parted(const Trainer *t) {
    return rank_count() > 1 && !t->tuning->config;
}

// What this rank updates of a tensor, as a vector; the whole tensor where ranks do not share it.
static Trained trained_part(const Trainer *t, size_t i) {
    Trained one = t->tuning->items[i];
    if (!parted(t)) return one;
    int64_t n = trained_count(&one), from = part_from(n, rank_own());
    one.value += from;
    one.grad += from;
    one.rows = part_from(n, rank_own() + 1) - from;
    one.columns = 0;
    return one;
}

// Where ranks share the moments: gives each the sum of all gradients of its part, or all ranks' parts of the trained values.
static void parts_exchange(Trainer *t, bool gradients) {
    Ops *ops = t->model->ops;
    for (size_t i = 0; parted(t) && i < t->tuning->n; i++) {
        Mark mark = arena_mark(t->arena);
        const Trained *one = &t->tuning->items[i];
        int64_t n = trained_count(one);
        float *whole = arena_get(t->arena, (size_t)n, sizeof *whole), *there = gradients ? one->grad : one->value;
        ops->copy_out(ops, whole, there, (size_t)n * sizeof *whole);
        if (gradients) ranks_reduce(t->arena, whole, n, &t->waited);
        else ranks_gather(t->arena, whole, n, &t->waited);
        ops->copy_in(ops, there, whole, (size_t)n * sizeof *whole);
        arena_release(t->arena, mark);
    }
}

// Keeps the trained values as the best, or takes those back.
static void best_copy(Trainer *t, bool back) {
    for (size_t i = 0; i < t->tuning->n; i++) {
        Trained one = trained_part(t, i);
        rows_copy(t->model->ops, back ? one.value : t->best[i], back ? t->best[i] : one.value, 1, trained_count(&one));
    }
}

static const char *checkpoint_path(Trainer *t, int64_t step) {
    return path_join(t->arena, t->options->out, arena_print(t->arena, "checkpoint-%lld", (long long)step));
}

// The last file of a checkpoint that is written and the first that is removed: where it is, the checkpoint is whole.
#define STATE "trainer_state.json"

// What it holds.
static const struct { const char *name; bool whole; size_t at; } state_numbers[] = {
    {"step", true, offsetof(Trainer, step)}, {"loss_steps", true, offsetof(Trainer, loss_steps)},
    {"best_step", true, offsetof(Trainer, best_step)}, {"worse", true, offsetof(Trainer, worse)},
    {"loss_sum", false, offsetof(Trainer, loss_sum)}, {"loss_all", false, offsetof(Trainer, loss_all)},
    {"seconds", false, offsetof(Trainer, time_all)}, {"best_loss", false, offsetof(Trainer, best_loss)}};
enum { STATE_NUMBERS = sizeof state_numbers / sizeof *state_numbers };

// The step that a checkpoint's name tells, and what stands behind it; -1 for any other name.
static int64_t checkpoint_step(const char *name, const char **rest) {
    if (strncmp(name, "checkpoint-", 11)) return -1;
    size_t digits = strspn(name + 11, "0123456789");
    *rest = name + 11 + digits;
    return digits && digits <= 12 ? strtoll(name + 11, NULL, 10) : -1;
}

// Steps of the checkpoints in a folder that are whole, or of those that are not, ascending.
static int64_t *checkpoints_list(Arena *a, const char *folder, bool whole, size_t *n) {
    int64_t *steps = NULL;
    size_t room = 0, entries;
    *n = 0;
    char **names = folder_list(a, folder, &entries);
    for (size_t k = 0; k < entries; k++) {
        const char *rest;
        int64_t step = checkpoint_step(names[k], &rest);
        if (step < 0 || *rest || is_file(a, path_join(a, folder, arena_print(a, "%s/%s", names[k], STATE))) != whole) continue;
        steps = arena_grow(a, steps, *n, &room, sizeof *steps);
        size_t i = (*n)++;
        for (; i > 0 && steps[i - 1] > step; i--) steps[i] = steps[i - 1];
        steps[i] = step;
    }
    return steps;
}

// A checkpoint without its STATE is a wreck.
static void checkpoint_remove(Arena *a, const char *path) {
    remove(path_join(a, path, STATE));
    folder_remove(a, path);
}

static void folder_sync(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

// Writes the moments, and the best weights where they are kept. Ranks that share them bring them together, tensor by tensor, and
// one writes: path is NULL for the others.
static void state_save(Trainer *t, const char *path) {
    static const char *const kinds[] = {"m", "v", "best"};
    Arena *a = t->arena;
    Ops *ops = t->model->ops;
    float **all[] = {t->m, t->v, t->best};
    Tensors state = {0};
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; all[k] && i < t->tuning->n; i++) {
            const Trained *one = &t->tuning->items[i];
            tensors_add(a, &state, (Tensor){.name = arena_print(a, "%s.%s", kinds[k], one->name), .dtype = F32,
                                            .rank = one->columns ? 2 : 1, .shape = {one->rows, one->columns},
                                            .count = trained_count(one)});
        }
    Output *o = path ? tensors_begin(a, path, state.items, state.n, NULL) : NULL;
    for (size_t j = 0; j < state.n; j++) {
        Mark mark = arena_mark(a);
        size_t i = j % t->tuning->n;
        Trained part = trained_part(t, i);
        int64_t n = state.items[j].count;
        // NOLINTNEXTLINE: kinds that are not there have no tensors
        const float *data = ops->host(ops, a, all[j / t->tuning->n][i], trained_count(&part));
        if (parted(t)) {
            float *whole = arena_get(a, (size_t)n, sizeof *whole);
            memcpy(whole + part_from(n, rank_own()), data, (size_t)trained_count(&part) * sizeof *whole);
            ranks_gather(a, whole, n, &t->waited);
            data = whole;
        }
        if (o) output_numbers(a, o, data, (size_t)n, sizeof *data);
        arena_release(a, mark);
    }
    if (o) output_commit(a, o);
}

// A checkpoint is whole or absent: it is written under another name, flushed, and renamed.
static void checkpoint_save(Trainer *t) {
    Arena *a = t->arena;
    const char *path = checkpoint_path(t, t->step), *part = arena_print(a, "%s.part", path);
    if (rank_own() && parted(t)) state_save(t, NULL);
    if (rank_own()) return;
    checkpoint_remove(a, part);
    tuning_save(t->tuning, part);
    state_save(t, path_join(a, part, "optimizer.safetensors"));
    Text s = {.arena = a};
    for (int i = 0; i < STATE_NUMBERS; i++) {
        const void *field = (const char *)t + state_numbers[i].at;
        text_print(&s, i ? ", \"%s\": " : "{\"%s\": ", state_numbers[i].name);
        text_number(&s, state_numbers[i].whole ? (double)*(const int64_t *)field : *(const double *)field);
    }
    text_print(&s, "}\n");
    file_write(a, path_join(a, part, STATE), s.data, s.n);
    folder_sync(part);
    checkpoint_remove(a, path);
    if (rename(part, path)) fail(a, "%s: cannot be written: %s", path, strerror(errno));
    folder_sync(t->options->out);
}

// Keeps the newest --save-total-limit checkpoints. An older one that is not whole is what a crash left of its removal; a .part is
// what one left of a save.
static void checkpoints_prune(Trainer *t) {
    Arena *a = t->arena;
    const char *out = t->options->out, *rest;
    size_t n, entries, most = t->options->save_total_limit > 0 ? (size_t)t->options->save_total_limit : SIZE_MAX;
    int64_t *steps = checkpoints_list(a, out, true, &n), oldest = n >= most ? steps[n - most] : 0;
    char **names = folder_list(a, out, &entries);
    for (size_t i = 0; i < entries; i++) {
        int64_t step = checkpoint_step(names[i], &rest);
        bool goes = step >= 0 && (!strcmp(rest, ".part") || (!*rest && step < oldest));
        if (goes) checkpoint_remove(a, path_join(a, out, names[i]));
    }
}

// Reads the tensors KIND.NAME into values, or NAME (kind is "") into what is trained. With `share` rank 0 reads for all ranks.
static void state_read(Trainer *t, const Tensors *from, const char *kind, float **values, bool share) {
    Arena *a = t->arena;
    Ops *ops = t->model->ops;
    for (size_t i = 0; i < t->tuning->n; i++) {
        Mark mark = arena_mark(a);
        const Trained *one = &t->tuning->items[i];
        const char *name = *kind ? arena_print(a, "%s.%s", kind, one->name) : one->name;
        const Tensor *x = tensors_find(from, name);
        Trained part = values ? trained_part(t, i) : *one;
        int64_t n = trained_count(&part), all = trained_count(one);
        if (!rank_own() && (!x || x->dtype != F32 || x->count != all))
            fail(a, "%s: does not hold %s as this run trains it; --resume wants the options of the run that was stopped",
                 from->path, name);
        const float *data = x ? x->data : NULL;
        if (!share && !isfinite(ops->kernels->squares(data, all)))  // all of it, of which other ranks may hold parts
            fail(a, "%s: %s holds nan or inf; this checkpoint is damaged, remove it", from->path, name);
        if (share) {
            float *whole = arena_get(a, (size_t)all, sizeof *whole);
            if (x) memcpy(whole, data, (size_t)all * sizeof *whole);
            ranks_share(whole, (size_t)all * sizeof *whole);
            data = whole;
        }
        ops->copy_in(ops, values ? values[i] : one->value, data + (part.value - one->value), (size_t)n * sizeof *data);
        arena_release(a, mark);
    }
}

// Reads the tensors of a checkpoint. With `share` rank 0 reads for all ranks, which need not see its files.
static void state_load(Trainer *t, bool share) {
    Tensors state = {0}, weights = {0};
    const char *path = checkpoint_path(t, t->step);
    if (!rank_own()) {
        state = tensors_open(t->arena, path, "optimizer");
        weights = tensors_open(t->arena, path, t->tuning->config ? "adapter_model" : "model");
    }
    state_read(t, &weights, "", NULL, share);
    state_read(t, &state, "m", t->m, share);
    state_read(t, &state, "v", t->v, share);
    if (t->best && t->best_step) state_read(t, &state, "best", t->best, share);
}

static float **moments_new(Trainer *t) {
    float **all = arena_get(t->arena, t->tuning->n, sizeof *all);
    for (size_t i = 0; i < t->tuning->n; i++) {
        Trained one = trained_part(t, i);
        all[i] = device_get(t->arena, t->model->ops, trained_count(&one));
    }
    return all;
}

static void checkpoint_load(void *arg) {
    Trainer *t = arg;
    const char *file = path_join(t->arena, checkpoint_path(t, t->step), STATE);
    Json *s = json_file(t->arena, file);
    for (int i = 0; i < STATE_NUMBERS; i++) {
        const char *name = state_numbers[i].name;
        void *field = (char *)t + state_numbers[i].at;
        if (state_numbers[i].whole) *(int64_t *)field = config_whole(t->arena, file, s, name, -1, i ? 0 : t->step, t->step);
        else *(double *)field = json_number(s, name, field == &t->best_loss ? INFINITY : 0);
    }
    state_load(t, false);
}

// Goes on from the newest checkpoint that can be read. Newer ones are damaged; under another name neither a later --resume nor
// --save-total-limit counts them.
static void checkpoint_resume(Trainer *t) {
    Arena *a = t->arena;
    size_t n, lost, k;
    int64_t *steps = checkpoints_list(a, t->options->out, true, &n), *wrecks = checkpoints_list(a, t->options->out, false, &lost);
    if (n && steps[n - 1] > t->total)
        fail(a, "%s: this run ends at step %lld; ask for more with --max-steps or --num-train-epochs",
             checkpoint_path(t, steps[n - 1]), (long long)t->total);
    if (lost && (!n || wrecks[lost - 1] > steps[n - 1]))
        t->passed_over = arena_print(a, "%s: holds no %s", checkpoint_path(t, wrecks[lost - 1]), STATE);
    for (k = n; k > 0; k--) {
        t->step = steps[k - 1];
        if (attempt(a, checkpoint_load, t)) break;
        const char *why = arena_copy(a, a->trap->text, strlen(a->trap->text));  // NOLINT: attempt leaves the trap as it found it
        if (strstr(why, "out of memory")) fail(a, "%s", why);  // that says nothing of the checkpoint
        if (!t->passed_over) t->passed_over = why;
    }
    if (!k && t->passed_over)
        fail(a, "%s; no checkpoint in %s can be read: remove them and begin anew, or copy them again", t->passed_over,
             t->options->out);
    for (a->trap->text[0] = 0; k < n; k++) {
        const char *path = checkpoint_path(t, steps[k]), *aside = arena_print(a, "%s.damaged", path);
        folder_remove(a, aside);
        rename(path, aside);
    }
}

// ---- the log

static const char *log_path(Trainer *t) {
    return path_join(t->arena, t->options->out, "train_log.jsonl");
}

// Keeps the lines up to a step of a log that an interrupted run left (none for step 0), but no damaged one.
static void log_cut(Trainer *t, int64_t step) {
    Arena *a = t->arena;
    Mark mark = arena_mark(a);
    Text kept = {.arena = a};
    if (step > 0 && is_file(a, log_path(t))) {
        File f = file_open(a, log_path(t));
        for (const char *s = f.data, *end = f.data + f.size, *close; s < end && (close = memchr(s, '\n', (size_t)(end - s)));
             s = close + 1) {
            static const char head[] = "{\"step\": ";
            size_t n = (size_t)(close - s), from = sizeof head - 1;
            bool whole = n > from && !memcmp(s, head, from) && close[-1] == '}';
            if (whole && strtoll(s + from, NULL, 10) <= step) text_add(&kept, s, n + 1);
        }
    }
    file_write(a, log_path(t), kept.data, kept.n);
    arena_release(a, mark);
}

// Seconds that each rank has waited for others so far: "0.125, 1.250".
static const char *waits_text(Trainer *t) {
    Text s = {.arena = t->arena};
    double *waits = arena_get(t->arena, (size_t)rank_count(), sizeof *waits), now = 0;
    waits[rank_own()] = t->waited;
    ranks_combine(waits, (size_t)rank_count(), SUM_DOUBLES, &now);
    for (int r = 0; r < rank_count(); r++) text_print(&s, r ? ", %.3f" : "%.3f", waits[r]);
    return s.data;
}

static void log_add(Trainer *t, const t5peft_progress *p) {
    Text s = {.arena = t->arena};
    text_print(&s, "{\"step\": %lld", (long long)p->step);
    bool rouge = !isnan(p->eval_rouge1);
    const struct { const char *name; double value; bool given; } fields[] = {
        {"epoch", p->epoch, true}, {"loss", p->loss, p->logged}, {"learning_rate", p->learning_rate, p->logged},
        {"grad_norm", p->grad_norm, p->logged}, {"tokens_per_second", p->tokens_per_second, p->logged},
        {"seconds", t->time_all, p->logged}, {"peak_bytes", peak_bytes(), p->logged},
        {"eval_loss", p->eval_loss, !isnan(p->eval_loss)}, {"eval_rouge1", p->eval_rouge1, rouge},
        {"eval_rouge2", p->eval_rouge2, rouge}, {"eval_rougeL", p->eval_rougeL, rouge},
        {"eval_rougeLsum", p->eval_rougeLsum, rouge}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!fields[i].given) continue;
        text_print(&s, ", \"%s\": ", fields[i].name);
        text_number(&s, fields[i].value);
    }
    if (p->logged && rank_count() > 1) text_print(&s, ", \"waited\": [%s]", waits_text(t));
    text_print(&s, "}\n");
    FILE *f = rank_own() ? NULL : fopen(log_path(t), "ab");
    bool good = f && fwrite(s.data, 1, s.n, f) == s.n;
    good = f && !fclose(f) && good;
    if (!good && !rank_own()) fail(t->arena, "%s: cannot be written: %s", log_path(t), strerror(errno));
}

// ---- the loop

// The sum of squares of all gradients, or of all trained values.
static double trained_squares(Trainer *t, bool gradients) {
    const float **all = arena_get(t->arena, t->tuning->n, sizeof *all);
    int64_t *counts = arena_get(t->arena, t->tuning->n, sizeof *counts);
    for (size_t i = 0; i < t->tuning->n; i++) {
        Trained one = trained_part(t, i);
        all[i] = gradients ? one.grad : one.value;
        counts[i] = trained_count(&one);
    }
    double squares = t->model->ops->squares(t->model->ops, all, counts, t->tuning->n);
    if (parted(t)) ranks_combine(&squares, 1, SUM_DOUBLES, &t->waited);
    return squares;
}

static void step_update(Trainer *t, double norm, double rate) {
    const t5peft_options *o = t->options;
    Ops *ops = t->model->ops;
    double clip = o->max_grad_norm > 0 ? o->max_grad_norm / (norm + 1e-6) : 1, n = (double)t->step + 1;
    Adam adam = {.clip = clip < 1 ? (float)clip : 1, .beta1 = (float)o->adam_beta1, .fresh1 = (float)(1 - o->adam_beta1),
                 .beta2 = (float)o->adam_beta2, .fresh2 = (float)(1 - o->adam_beta2),
                 .rate = (float)(rate / (1 - pow(o->adam_beta1, n))), .root = (float)(1 / sqrt(1 - pow(o->adam_beta2, n))),
                 .epsilon = (float)o->adam_epsilon};
    Mark mark = arena_mark(t->arena);
    AdamPart *parts = arena_get(t->arena, t->tuning->n, sizeof *parts);
    for (size_t i = 0; i < t->tuning->n; i++) {
        Trained one = trained_part(t, i);
        parts[i] = (AdamPart){one.value, one.grad, t->m[i], t->v[i], trained_count(&one),
                              one.decay ? (float)(1 - rate * o->weight_decay) : 1};
    }
    ops->adam(ops, parts, t->tuning->n, adam);
    arena_release(t->arena, mark);
    parts_exchange(t, false);
}

// Numbers are lost: say where, and leave the last good state on the disk. what: NULL after an update; memory has none then.
static _Noreturn void step_lost(Trainer *t, const Example *const *rows, size_t n, const char *what) {
    Text list = {.arena = t->arena};
    t->lost = true;
    for (size_t i = 0; i < n && i < 16; i++) text_print(&list, i ? ", %u" : "%u", rows[i]->row);
    if (n > 16) text_print(&list, ", ...");
    if (!what)
        fail(t->arena, "%s: the weights after step %lld hold nan, inf or numbers beyond 1e18 (rows %s); a lower --learning-rate "
             "than %g, or --warmup-steps, helps; what was saved before is whole", t->options->data, (long long)t->step + 1,
             list.data, t->rate);
    if (t->step) checkpoint_save(t);
    fail(t->arena, "%s: the %s of step %lld is not a finite number (rows %s); a lower --learning-rate than %g, --warmup-steps "
         "or a smaller --max-grad-norm helps; %s", t->options->data, what, (long long)t->step + 1, list.data, t->rate,
         t->step ? arena_print(t->arena, "the state before it is in %s", checkpoint_path(t, t->step))
                 : "nothing was trained yet");
}

static void gradients_zero(Trainer *t) {
    for (size_t i = 0; i < t->tuning->n; i++) {
        const Trained *one = &t->tuning->items[i];
        t->model->ops->zero(t->model->ops, one->grad, trained_count(one));
    }
}

typedef enum { ADD_FLAT, COPY_FLAT, TO_HOST, FROM_HOST } GradientsMove;

// Moves all gradients to `flat`, tensors end to end on the device or on the host, or back. x + y is y + x, to the bit.
static void gradients_move(Trainer *t, float *flat, GradientsMove how) {
    Ops *ops = t->model->ops;
    for (size_t i = 0; i < t->tuning->n; i++) {
        const Trained *one = &t->tuning->items[i];
        int64_t n = trained_count(one);
        switch (how) {
        case ADD_FLAT: ops->add(ops, one->grad, flat, 1, n); break;
        case COPY_FLAT: rows_copy(ops, flat, one->grad, 1, n); break;
        case TO_HOST: ops->copy_out(ops, flat, one->grad, (size_t)n * sizeof *flat); break;
        case FROM_HOST: ops->copy_in(ops, one->grad, flat, (size_t)n * sizeof *flat); break;
        }
        flat += n;
    }
}

// Which rank makes each piece. A round is one piece a rank: in turn, they go to the rank that has had the fewest tokens so far.
static int *pieces_share(Arena *a, const Batch *pieces, size_t n) {
    size_t ranks = (size_t)rank_count();
    int *owner = arena_get(a, n, sizeof *owner);
    int64_t *load = arena_get(a, ranks, sizeof *load);
    size_t *rounds = arena_get(a, ranks, sizeof *rounds);  // that the rank has a piece of
    for (size_t k = 0; k < n; k++) {
        const Batch *b = &pieces[k];
        size_t least = ranks;
        for (size_t r = 0; r < ranks; r++)
            if (rounds[r] <= k / ranks && (least == ranks || load[r] < load[least])) least = r;
        rounds[least]++;
        load[least] += batch_tokens(b);
        owner[k] = (int)least;
    }
    return owner;
}

// Puts one more piece, which this rank has made or another one, into the gradient of n pieces. A round's gradients travel while
// the next round is made.
static void piece_end(Trainer *t, const int *owner, size_t k, size_t n) {
    size_t ranks = (size_t)rank_count(), round = k / ranks * ranks;
    if (ranks == 1 && t->sum) {
        if (k) gradients_move(t, t->sum, ADD_FLAT);
        if (k + 1 < n) gradients_move(t, t->sum, COPY_FLAT);
    }
    if (!t->exchange) return;
    if (owner[k] == rank_own()) {
        exchange_end(t->exchange, &t->waited);
        gradients_move(t, t->exchange->piece, TO_HOST);
    }
    if (k + 1 < n && k + 1 < round + ranks) return;
    exchange_end(t->exchange, &t->waited);
    exchange_start(t->arena, t->exchange, owner + round, (int)(k + 1 - round));
}

// Losses of every target token of a step's rows, and the gradient of their mean.
static void step_gradient(Trainer *t, const Batch *b, float *losses) {
    Arena *a = t->arena;
    int64_t tokens = b->target_offsets[b->S];
    float weight = (float)(1 / (double)tokens), smoothing = (float)t->options->label_smoothing_factor;
    size_t n = 0;
    Batch *pieces = arena_get(a, (size_t)b->S, sizeof *pieces);
    for (int64_t first = 0; first < b->S; first += pieces[n++].S) pieces[n] = batch_piece(b, first, piece_tokens(t->model));
    int *owner = pieces_share(a, pieces, n);
    for (size_t k = 0; k < n; k++) {
        bool own = owner[k] == rank_own(), apart = t->sum || t->exchange;
        if (apart ? own : !k) gradients_zero(t);
        if (own) model_loss(&t->pass, &pieces[k], smoothing, weight, losses + pieces[k].first_target);
        piece_end(t, owner, k, n);
    }
    if (rank_count() == 1) return;
    if (t->exchange) {
        exchange_finish(a, t->exchange, &t->waited);
        gradients_move(t, t->exchange->piece, FROM_HOST);
    }
    parts_exchange(t, true);
    ranks_combine(losses, (size_t)tokens, SUM_FLOATS, &t->waited);
}

// One optimizer step over n rows; fills in what the step measured.
static void train_step(Trainer *t, const Example *const *rows, size_t n, t5peft_progress *p) {
    Arena *a = t->arena;
    Mark mark = arena_mark(a);
    double began = seconds();
    Batch b = batch_make(a, &t->model->config, rows, n);
    int64_t tokens = b.target_offsets[n];
    t->pass.train = t->pass.keep = true;
    t->pass.key = random_key((uint64_t)t->options->seed, 0xd309, (uint64_t)t->step);
    float *losses = arena_get(a, (size_t)tokens, sizeof *losses);
    step_gradient(t, &b, losses);
    double loss = losses_sum(&t->pass, losses, tokens) / (double)tokens, norm = sqrt(trained_squares(t, true));
    if (!isfinite(loss) || !isfinite(norm)) step_lost(t, rows, n, isfinite(loss) ? "gradient" : "loss");
    p->learning_rate = t->rate * schedule_factor(t->options->lr_scheduler_type, t->step, t->total, t->warmup);
    step_update(t, norm, p->learning_rate);
    // Only what is finite is kept or saved; so this is looked at after every step, which reads a fourth of what AdamW reads.
    if (!isfinite(t->weights = trained_squares(t, false))) step_lost(t, rows, n, NULL);
    t->step++;
    t->loss_sum += loss;
    t->loss_all += loss;
    t->loss_steps++;
    t->tokens += (double)(b.source_offsets[n] + tokens);
    began = seconds() - began;
    t->seconds += began;
    t->time_all += began;
    p->grad_norm = norm;
    arena_release(a, mark);
}

// Seconds that a first step over these rows takes.
static double step_seconds(Trainer *t, const Example *const *rows, size_t n) {
    t5peft_progress p;
    t->step = 0;
    t->seconds = 0;
    train_step(t, rows, n, &p);
    return t->seconds;
}

typedef struct {
    Trainer *trainer;
    double weight;  // of a row
    Rouge mean;
} RougeSum;

static bool eval_row(void *user, size_t row, const Generated *sequences, int n) {
    RougeSum *s = user;
    Trainer *t = s->trainer;
    Arena *a = t->arena;
    const char *text = n ? detokenize(a, t->tokenizer, sequences[0].ids, sequences[0].n, NULL) : "";
    int column = table_column(a, t->eval_table, t->options->target_column[0]);
    Slice wanted = cell_text(a, t->eval_table, t->eval.items[row].row, column);
    Rouge x = rouge_score(a, text, strlen(text), wanted.data, wanted.n, !t->options->no_stemmer);
    rouge_add(&s->mean, &x, s->weight);
    return false;
}

static GenerationOptions generation_options(Arena *a, const t5peft_options *o) {
    static const char *const when[] = {"false", "true", "never"};
    int early = EARLY_FALSE;
    while (early <= EARLY_NEVER && strcmp(o->early_stopping, when[early])) early++;
    if (early > EARLY_NEVER) fail(a, "--early-stopping %s: must be false, true or never", o->early_stopping);
    const struct { const char *name; int64_t value; } whole[] = {
        {"max-new-tokens", o->max_new_tokens}, {"min-new-tokens", o->min_new_tokens}, {"num-beams", o->num_beams},
        {"num-return-sequences", o->num_return_sequences}, {"no-repeat-ngram-size", o->no_repeat_ngram_size}, {"top-k", o->top_k},
        {"batch-size", o->batch_size}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (whole[i].value < 0 || whole[i].value > 1 << 20)
            fail(a, "--%s %lld: out of range", whole[i].name, (long long)whole[i].value);
    return (GenerationOptions){.max_new_tokens = (int)o->max_new_tokens, .min_new_tokens = (int)o->min_new_tokens,
                               .num_beams = (int)o->num_beams, .num_return_sequences = (int)o->num_return_sequences,
                               .no_repeat_ngram_size = (int)o->no_repeat_ngram_size, .top_k = (int)o->top_k,
                               .length_penalty = o->length_penalty, .repetition_penalty = o->repetition_penalty,
                               .temperature = o->temperature, .top_p = o->top_p, .early_stopping = (EarlyStopping)early,
                               .do_sample = o->do_sample, .seed = (uint64_t)o->seed, .batch = (int)o->batch_size};
}

static bool patience_lost(const Trainer *t) {
    return t->options->early_stopping_patience > 0 && t->worse >= t->options->early_stopping_patience;
}

// Measures the loss, and ROUGE of a few generated rows, on the evaluation data; keeps the best weights. True: stop early.
static bool evaluate(Trainer *t, t5peft_progress *p) {
    const t5peft_options *o = t->options;
    p->eval_loss = examples_loss(&t->pass, &t->eval, (size_t)o->per_device_train_batch_size, o->label_smoothing_factor, NULL,
                                 &t->waited);
    if (o->eval_rouge > 0) {
        size_t n = (size_t)o->eval_rouge < t->eval.n ? (size_t)o->eval_rouge : t->eval.n;
        const int32_t **sources = arena_get(t->arena, n, sizeof *sources);
        size_t *lengths = arena_get(t->arena, n, sizeof *lengths);
        for (size_t i = 0; i < n; i++) sources[i] = t->eval.items[i].source, lengths[i] = t->eval.items[i].ns;
        RougeSum sum = {.trainer = t, .weight = 1 / (double)n};
        GenerationOptions g = generation_options(t->arena, o);
        GenerationEvents events = {.user = &sum, .row = eval_row};
        generate(&t->pass, &g, sources, lengths, n, &events);
        double *to[] = {&p->eval_rouge1, &p->eval_rouge2, &p->eval_rougeL, &p->eval_rougeLsum};
        for (int i = 0; i < 4; i++) *to[i] = rouge_f(&sum.mean, i);
    }
    if (p->eval_loss < t->best_loss) {
        t->best_loss = p->eval_loss;
        t->best_step = t->step;
        t->worse = 0;
        if (t->best) best_copy(t, false);
    } else t->worse++;
    return patience_lost(t);
}

static void train_check(Arena *a, const t5peft_options *o) {
    options_check(a, o);
    if (!o->data)
        fail(a, "--data is missing: a .csv, .tsv or .jsonl file with the columns %s and %s", o->source_column,
             o->target_column[0]);
    if (!o->out) fail(a, "--out is missing: the folder that the result is written to");
    enum { MOST = 1 << 20 };
    if (o->per_device_train_batch_size < 1 || o->per_device_train_batch_size > MOST || o->gradient_accumulation_steps < 1 ||
        o->gradient_accumulation_steps > MOST)
        fail(a, "--per-device-train-batch-size and --gradient-accumulation-steps must be from 1 to %d", MOST);
    if (o->max_steps <= 0 && !(o->num_train_epochs > 0)) fail(a, "--num-train-epochs must be above 0");
    if (o->logging_steps < 1) fail(a, "--logging-steps must be at least 1");
    if (!(o->label_smoothing_factor >= 0 && o->label_smoothing_factor < 1))
        fail(a, "--label-smoothing-factor must be at least 0 and below 1");
    if (!(o->warmup_ratio <= 1)) fail(a, "--warmup-ratio must be from 0 to 1");
    if (!((float)o->adam_epsilon > 0)) fail(a, "--adam-epsilon must be above 0");
    if (!(o->dropout < 1) || !(o->lora_dropout < 1)) fail(a, "--dropout and --lora-dropout must be below 1");
    if (!(o->adam_beta1 >= 0 && o->adam_beta1 < 1) || !(o->adam_beta2 >= 0 && o->adam_beta2 < 1))
        fail(a, "--adam-beta1 and --adam-beta2 must be at least 0 and below 1");
    if (schedule_factor(o->lr_scheduler_type, 0, 1, 0) < 0)
        fail(a, "--lr-scheduler-type %s: must be linear, cosine, constant, constant_with_warmup or inverse_sqrt",
             o->lr_scheduler_type);
    bool evaluates = o->eval_steps > 0 || o->eval_rouge > 0 || o->load_best_at_end || o->early_stopping_patience > 0;
    if (evaluates && !o->eval_data)
        fail(a, "--eval-steps, --eval-rouge, --load-best-at-end and --early-stopping-patience want --eval-data");
}

// Rows of the vocabulary, or random ones, that a soft prompt starts from.
static void prompt_start(Arena *a, Model *m, const Tokenizer *t, const t5peft_options *o) {
    int64_t P = o->num_virtual_tokens, D = m->config.D, rows = o->prompt_decoder ? 2 * P : P;
    if (P < 1 || P > 1 << 16) fail(a, "--num-virtual-tokens must be from 1 to 65536");
    float *x = arena_get(a, (size_t)(rows * D), sizeof *x);
    const char *how = o->prompt_tuning_init;
    int32_t *ids = NULL;
    Cut cut = {0};
    size_t n = 0;
    if (o->prompt_tuning_init_text) how = "text";
    if (!strcmp(how, "random")) {
        for (int64_t i = 0; i < rows * D; i++) x[i] = (float)random_normal(random_key((uint64_t)o->seed, 0x9309, 0), (uint64_t)i);
    } else if (!strcmp(how, "text")) {
        if (!o->prompt_tuning_init_text) fail(a, "--prompt-tuning-init text wants --prompt-tuning-init-text");
        ids = (int32_t *)ids_closed(a, t, o->prompt_tuning_init_text, strlen(o->prompt_tuning_init_text), 1 << 20, &n, &cut);
    } else if (!strcmp(how, "vocab")) {
        // A vocabulary is sorted by frequency, so its first ordinary pieces are the most common ones.
        ids = arena_get(a, (size_t)P, sizeof *ids);
        for (int32_t i = 0; i < t->size && n < (size_t)P; i++)
            if (t->pieces[i].type == NORMAL) ids[n++] = i;
        if (!n) fail(a, "%s: its vocabulary has no ordinary pieces", m->path);
    } else fail(a, "--prompt-tuning-init %s: must be random, vocab or text", how);
    Tensor table = param_host(a, m->ops, &m->shared);
    for (int64_t i = 0; ids && i < rows; i++) tensor_read(&table, ids[(size_t)i % n] * D, D, x + i * D);
    prompt_attach(m, P, o->prompt_decoder, x);
}

static void lora_keep_all(void *arg, Linear *l, int block) {
    (void)arg, (void)block;
    if (l->lora) l->lora->dropout = 0;
}

// Attaches what is to be trained.
static Tuning *tuning_open(Arena *a, Model *m, const Tokenizer *t, const t5peft_options *o) {
    bool lora = !strcmp(o->method, "lora"), prompt = !strcmp(o->method, "prompt");
    if (!lora && !prompt && strcmp(o->method, "full")) fail(a, "--method %s: must be lora, prompt or full", o->method);
    if (o->init_adapter) {
        if (!lora && !prompt)
            fail(a, "--init-adapter is for --method lora and prompt; start full tuning from a model with --model");
        const char *config = adapter_open(m, o->init_adapter);
        if (prompt != (m->prompt[0].P > 0)) fail(a, "%s: is no %s adapter, which --method asks for", o->init_adapter, o->method);
        if (m->changed)
            fail(a, "%s: is more than plain LoRA (%s) and cannot be trained on; t5peft-convert --merge makes a model of it that "
                 "can", o->init_adapter, m->changed);
        if (prompt) return tuning_prompt(m);
        if (o->dropout == 0) model_linears(m, lora_keep_all, NULL);
        Tuning *tuning = tuning_found(m);
        tuning->config = config;
        return tuning;
    }
    if (prompt) {
        prompt_start(a, m, t, o);
        return tuning_prompt(m);
    }
    if (!lora && m->stored != F32)
        fail(a, "--dtype %s has rounded the weights that --method full would train; open %s with f32",
             m->stored == I8 ? "int8" : "bf16", m->path);
    if (!lora) return tuning_full(m, o->freeze);
    if (o->lora_r < 1 || o->lora_r > 1 << 14) fail(a, "--lora-r must be from 1 to 16384");
    LoraOptions l = {.R = (int)o->lora_r, .alpha = o->lora_alpha, .dropout = o->dropout == 0 ? 0 : o->lora_dropout,
                     .rank_stabilized = o->use_rslora, .targets = o->target_modules, .layers = o->layers_to_transform,
                     .seed = (uint64_t)o->seed};
    return tuning_lora(m, &l);
}

static void trainer_data(Trainer *t) {
    const t5peft_options *o = t->options;
    Table *table = table_open(t->arena, o->data);
    t->examples = examples_read(t->arena, t->tokenizer, table, o, o->subset, o->limit);
    if (o->eval_data) {
        t->eval_table = table_open(t->arena, o->eval_data);
        t->eval = examples_read(t->arena, t->tokenizer, t->eval_table, o, NULL, 0);
    }
}

static void trainer_count(Trainer *t) {
    const t5peft_options *o = t->options;
    int64_t batch = o->per_device_train_batch_size, n = (int64_t)t->examples.n, batches = (n + batch - 1) / batch;
    t->per_epoch = (batches + o->gradient_accumulation_steps - 1) / o->gradient_accumulation_steps;
    double steps = o->max_steps > 0 ? (double)o->max_steps : ceil(o->num_train_epochs * (double)t->per_epoch);
    if (steps > 1e12) fail(t->arena, "--num-train-epochs, --max-steps: %g steps are more than anybody can wait for", steps);
    t->total = (int64_t)steps;
    t->warmup = o->warmup_steps > 0 ? o->warmup_steps : (int64_t)ceil(o->warmup_ratio * (double)t->total);
    t->rate = o->learning_rate > 0 ? o->learning_rate : !strcmp(o->method, "lora") ? 1e-3 : !strcmp(o->method, "prompt") ? 0.3
        : 5e-5;
}

// What a run has read, so that --resume can tell whether it is still the same: the rows as they are trained on; config.json and
// each tensor's name, shape and first, middle and last 64 bytes.
static const char *reads_text(Trainer *t) {
    Arena *a = t->arena;
    Mark mark = arena_mark(a);
    File config = file_open(a, path_join(a, t->model->path, "config.json"));
    unsigned long long sums[3] = {digest(0, config.data, config.size)};
    for (size_t i = 0; i < t->model->tensors.n; i++) {
        const Tensor *x = &t->model->tensors.items[i];
        size_t bytes = (size_t)x->count * (size_t)dtypes[x->dtype].bytes, part = bytes < 64 ? bytes : 64;
        sums[0] = digest(digest(sums[0], x->name, strlen(x->name)), x->shape, sizeof x->shape);
        for (int k = 0; k < 3; k++) sums[0] = digest(sums[0], (const char *)x->data + (bytes - part) / 2 * (size_t)k, part);
        if (t->model->stored != F32) tensor_drop(t->model, x);  // it is not read again
    }
    for (int k = 1; k < 3; k++) {
        const Examples *e = k == 1 ? &t->examples : &t->eval;
        for (size_t i = 0; i < e->n; i++) {
            const Example *x = &e->items[i];
            sums[k] = digest(digest(sums[k], x->source, x->ns * sizeof *x->source), x->label, x->nt * sizeof *x->label);
        }
    }
    arena_release(a, mark);
    return arena_print(a, "model %016llx, rows %016llx, evaluation rows %016llx", sums[0], sums[1], sums[2]);
}

// Every option as it was in effect, so that the rate that the method chose is a number too.
static t5peft_options options_effective(const Trainer *t) {
    t5peft_options o = *t->options;
    o.learning_rate = t->rate;
    o.resume = false;
    return o;
}

static void run_write(Arena *a, const t5peft_options *o, const char *reads) {
    Text text = {.arena = a};
    text_options(&text, o, TRAIN, "train");
    text.n -= 3;  // "\n}\n"
    text_print(&text, ",\n  \"reads\": \"%s\"\n}\n", reads);
    file_write(a, path_join(a, o->out, "run.json"), text.data, text.n);
}

static void run_json(Trainer *t) {
    t5peft_options o = options_effective(t);
    if (!rank_own()) run_write(t->arena, &o, reads_text(t));
}

// Can an option change what a run comes to? Not paths, what is logged, saved and generated to be scored, threads and memory.
static bool option_matters(Arena *a, const Option *o) {
    static const char others[] = " model data eval-data out resume logging-steps save-steps save-total-limit eval-rouge "
                                 "gradient-checkpointing batch-size threads device json quiet ";
    bool generates = (o->commands & GENERATE) && !(o->commands & SCORE);
    return (o->commands & TRAIN) && !generates && !strstr(others, arena_print(a, " %s ", o->name));
}

// A run goes on only as what it was: by what it read, and by the options that matter, but for how long it runs.
static void resume_check(Trainer *t) {
    Arena *a = t->arena;
    const char *path = path_join(a, t->options->out, "run.json"), *reads = reads_text(t);
    if (!is_file(a, path))
        fail(a, "%s: is missing, so nothing says what the checkpoints beside it are of; name another --out", path);
    t5peft_options was = t5peft_defaults(), now = options_effective(t);
    options_read(a, path, &was);
    for (int i = 0; i < OPTIONS; i++) {
        const Option *o = &options_table[i];
        if (!option_matters(a, o) || !strcmp(o->name, "num-train-epochs") || !strcmp(o->name, "max-steps")) continue;
        if (strcmp(option_words(a, o, &was), option_words(a, o, &now)))
            fail(a, "%s: the run that was stopped had another --%s; --resume goes on with the same options (t5peft train "
                 "--config %s --resume)", path, o->name, path);
    }
    const char *read = json_text(json_file(a, path), "reads", "");
    if (strcmp(read, reads)) fail(a, "%s: the run that was stopped read something else (%s; now %s); --resume wants the same",
                                  path, read, reads);
}

// Attaches what is trained, and what training needs beside it.
static void trainer_attach(Trainer *t) {
    const t5peft_options *o = t->options;
    Model *m = t->model;
    t->tuning = tuning_open(t->arena, m, t->tokenizer, o);
    t->pass = pass_open(t->arena, m, options_half(o));
    t->pass.dropout = o->dropout < 0 ? m->config.dropout : (float)o->dropout;
    t->pass.checkpoint = o->gradient_checkpointing;
    t->m = moments_new(t);
    t->v = moments_new(t);
    if (t->tuning->config && rank_count() == 1) t->sum = device_get(t->arena, m->ops, t->tuning->count);
    if (t->tuning->config && rank_count() > 1) t->exchange = exchange_open(t->arena, t->tuning->count);
}

static void ranks_check(Trainer *t) {
    const char *reads = reads_text(t), *kernels = t->model->ops->name;
    uint64_t own = digest(digest(0, reads, strlen(reads)), kernels, strlen(kernels)), first = own;
    ranks_share(&first, sizeof first);
    if (own == first) return;
    fail(t->arena, "rank 0 has read something else, or has other kernels (here: %s, kernels %s)", reads, kernels);
}

// What one process does about the folder for all: makes it, takes its lock, finds the checkpoint to go on from.
static void trainer_folder(Trainer *t) {
    Arena *a = t->arena;
    const t5peft_options *o = t->options;
    folder_make(a, o->out);
    folder_lock(a, o->out);
    output_check(a, path_join(a, o->out, t->tuning->config ? "adapter_model.safetensors" : "model.safetensors"));
    size_t n;
    int64_t *steps = checkpoints_list(a, o->out, true, &n);
    // Neither lost nor mixed: a later --resume would take another run's checkpoints for this one's.
    if (!o->resume && n) fail(a, "%s: holds checkpoints of an earlier run; --resume goes on from step %lld; else remove them, "
                              "or name another --out", o->out, (long long)steps[n - 1]);
    if (n) resume_check(t);
    if (o->resume) checkpoint_resume(t);
    checkpoints_prune(t);  // nothing may be left to save
    log_cut(t, t->step);
}

// Prepares a run: reads the data, attaches what is trained, finds the checkpoint to go on from.
static Trainer *trainer_open(Arena *a, Model *m, const Tokenizer *tokenizer, const t5peft_options *o) {
    train_check(a, o);
    Trainer *t = arena_get(a, 1, sizeof *t);
    *t = (Trainer){.arena = a, .options = o, .model = m, .tokenizer = tokenizer, .best_loss = INFINITY};
    trainer_data(t);
    if (o->eval_rouge > 0) {
        GenerationOptions g = generation_options(a, o);
        generation_check(a, &g, &m->config);
    }
    trainer_attach(t);
    if (o->load_best_at_end) t->best = moments_new(t);
    trainer_count(t);
    if (!rank_own()) trainer_folder(t);
    if (rank_count() > 1) ranks_check(t);
    for (int i = 0; i < STATE_NUMBERS; i++) ranks_share((char *)t + state_numbers[i].at, sizeof(int64_t));
    if (t->step && rank_count() > 1) state_load(t, true);
    return t;
}

// What a finished step leads to: evaluation, the log, a checkpoint. True: the run ends here.
static bool step_end(Trainer *t, t5peft_progress *p, bool *stopped) {
    const t5peft_options *o = t->options;
    bool end = false, last = t->step == t->total;
    if (t->eval.n && (last || t->step % (o->eval_steps > 0 ? o->eval_steps : t->per_epoch) == 0)) end = evaluate(t, p);
    p->step = t->step;
    p->total_steps = t->total;
    p->epoch = (double)t->step / (double)t->per_epoch;
    p->loss = t->loss_sum / (double)t->loss_steps;
    p->tokens_per_second = t->seconds > 0 ? t->tokens / t->seconds : 0;
    p->logged = t->step % o->logging_steps == 0 || last || end;
    if (p->logged || !isnan(p->eval_loss)) log_add(t, p);
    if (p->logged) t->loss_sum = t->seconds = t->tokens = 0, t->loss_steps = 0;
    // All ranks stop where one is asked to; and what all have made in the same way must be the same.
    double all[] = {t->callback && t->callback(t->user, p), t->weights, -t->weights};
    ranks_combine(all, 3, LARGEST, &t->waited);
    if (all[1] != -all[2])
        fail(t->arena, "%s: after step %lld ranks have unlike weights; their processors or libraries differ", o->out,
             (long long)t->step);
    *stopped = all[0] && !last && !end;
    bool save = *stopped || (o->save_steps > 0 && t->step % o->save_steps == 0);
    if (save) checkpoint_save(t);
    if (save && !rank_own()) checkpoints_prune(t);
    return end || *stopped;
}

// Runs to the end, or until the callback stops it (true).
static bool trainer_run(Trainer *t) {
    const t5peft_options *o = t->options;
    Arena *a = t->arena;
    size_t n = t->examples.n, batch = (size_t)(o->per_device_train_batch_size * o->gradient_accumulation_steps);
    bool stopped = false, end = t->step >= t->total || patience_lost(t);  // what is gone on from may have been at its end
    int64_t began = t->step;
    t->started = seconds();
    while (!end) {
        Mark mark = arena_mark(a);
        uint32_t *order = epoch_order(t, t->step / t->per_epoch);
        do {
            Mark step = arena_mark(a);
            size_t from = (size_t)(t->step % t->per_epoch) * batch, count = n - from < batch ? n - from : batch;
            const Example **rows = arena_get(a, count, sizeof *rows);
            for (size_t i = 0; i < count; i++) rows[i] = &t->examples.items[order[from + i]];
            t5peft_progress p = {.eval_loss = NAN, .eval_rouge1 = NAN};
            train_step(t, rows, count, &p);
            p.seconds_left = (seconds() - t->started) / (double)(t->step - began) * (double)(t->total - t->step);
            end = step_end(t, &p, &stopped) || t->step >= t->total;
            arena_release(a, step);
        } while (!end && t->step % t->per_epoch);
        arena_release(a, mark);
    }
    if (stopped) return true;
    if (t->best && t->best_step) {
        best_copy(t, true);
        parts_exchange(t, false);
    }
    if (!rank_own()) tuning_save(t->tuning, o->out);
    return false;
}

/* ================================================================================================================
  14  report: tables, samples, results.csv, one HTML page

   What eval and compare found, for three readers: tables for the terminal, results.csv for other programs, report.html for
   people. The page is one file that anybody can open, mail or print: its style is inside, its charts are inline SVG, it
   has no script and loads nothing. What it shows comes from data and models and may hold anything, so a text enters the
   page through html() only, and the page's own policy forbids scripts and foreign resources besides. It has no date in
   it: the same results give the same bytes.

   The 95 % interval of a mean over n rows is a percentile bootstrap (Efron, "Bootstrap Methods", 1979): n rows are drawn
   with replacement, 1,000 times, and of the 1,000 sorted means the 25 lowest and the 25 highest are left out. Draw i of
   resample b depends on (seed, b, i) only, so every candidate is judged on the same rows, and the interval of a gain is
   that of paired differences. It says how far a score would move with other rows of the same kind, and nothing about
   other training seeds.
   ================================================================================================================ */

typedef struct {
    double mean, low, high;
} Interval;

typedef struct {
    double x, y;
} Point;

typedef struct {
    Point *items;
    size_t n, room;
} Curve;

// What a run folder tells about its training. What is not known is NAN.
typedef struct {
    Arena *arena;
    const char *folder;
    Curve curves[2];  // of the loss of training, and of evaluation
    double seconds, bytes;
    t5peft_options options;
} History;

typedef struct {
    const char *name, *folder;     // of the model or adapter
    int64_t parameters, all;       // how many were trained, of how many
    char **texts;                  // of each row
    Rouge *rouge, mean;
    double seconds;                // that generating took
    int64_t tokens;
    const char *note;              // of an adapter: what its changes are like, as HTML
    Interval scores[4], gains[4];  // for the page: of each kind of ROUGE; gains over the original
    History history;
} Candidates;

typedef struct {
    const t5peft_options *options;
    const Table *table;
    const uint32_t *rows;  // those that were compared, n of them
    size_t n;
    Candidates *all;       // the original model first
    int nall;
} Report;

// ---- numbers as text

static char *with_commas(Arena *a, int64_t n) {
    char *digits = arena_print(a, "%lld", (long long)n), *out = arena_get(a, strlen(digits) * 2, 1);
    size_t length = strlen(digits), at = 0;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0 && digits[i - 1] != '-') out[at++] = ',';
        out[at++] = digits[i];
    }
    return out;
}

// Seconds as a clock has them, for where no memory may be asked for.
static const char *clock_into(char out[32], double s) {
    if (!(s >= 0) || s > 1e9) s = 0;
    long t = (long)(s + 0.5);
    if (t >= 3600) snprintf(out, 32, "%ld:%02ld:%02ld", t / 3600, t / 60 % 60, t % 60);
    else snprintf(out, 32, "%ld:%02ld", t / 60, t % 60);
    return out;
}

static const char *clock_text(Arena *a, double s) {
    return clock_into(arena_get(a, 32, 1), s);
}

// The last part of a path, for a column's head.
static const char *path_name(Arena *a, const char *path) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    size_t from = n;
    while (from > 0 && path[from - 1] != '/') from--;
    return arena_copy(a, path + from, n - from);
}

// ---- scores of rows

static int target_columns(Arena *a, const t5peft_options *o, const Table *t, int *columns) {
    int n = 0;
    for (; o->target_column[n]; n++) columns[n] = table_column(a, t, o->target_column[n]);
    return n;
}

static void candidates_score(Arena *a, const Report *r, Candidates *c) {
    int columns[T5PEFT_LIST], references = target_columns(a, r->options, r->table, columns);
    c->rouge = arena_get(a, r->n, sizeof *c->rouge);
    for (size_t i = 0; i < r->n; i++) {
        int n;
        const Slice *wanted = references_of(a, r->table, r->rows[i], columns, references, &n);
        if (!c->texts[i]) c->texts[i] = "";
        c->rouge[i] = rouge_best(a, c->texts[i], strlen(c->texts[i]), wanted, n, !r->options->no_stemmer);
        rouge_add(&c->mean, &c->rouge[i], 1 / (double)r->n);
    }
}

// The rows that are set side by side, as places in `rows`: --sample-rows, or the first, the middle and the last.
static size_t *samples_pick(Arena *a, const t5peft_options *o, const uint32_t *rows, size_t n, size_t *count) {
    size_t *picked = arena_get(a, 3 + (o->sample_rows ? strlen(o->sample_rows) : 0), sizeof *picked), three[] = {0, n / 2, n - 1};
    *count = 0;
    for (int i = 0; i < 3 && !o->sample_rows; i++)
        if (!i || three[i] > three[i - 1]) picked[(*count)++] = three[i];
    for (const char *s = o->sample_rows ? o->sample_rows : ""; *s;) {
        char *end;
        unsigned long row = strtoul(s, &end, 10);
        if (end == s || (*end && *end != ','))
            fail(a, "--sample-rows %s: not understood; write row numbers, for instance 40,200", shown(a, o->sample_rows));
        size_t i = 0;
        while (i < n && rows[i] != row) i++;
        if (i == n) fail(a, "--sample-rows: row %lu is not among the %zu that are compared (they are numbered from 0)", row, n);
        picked[(*count)++] = i;
        s = *end ? end + 1 : end;
    }
    return picked;
}

// ---- for other programs

static void text_field(Text *t, const char *s, size_t n) {
    text_add(t, ",", 1);
    text_csv(t, s, n);
}

// One row a prediction: its number, the source, the references, and each candidate's text and scores.
static void results_write(Arena *a, const char *path, const Report *r) {
    const Table *t = r->table;
    int columns[T5PEFT_LIST + 1] = {table_column(a, t, r->options->source_column)},
        n = 1 + target_columns(a, r->options, t, columns + 1);
    static const char *const suffixes[] = {"rouge1", "rouge2", "rougeL", "rougeLsum"};
    Text s = {.arena = a};
    text_print(&s, "index");
    for (int k = 0; k < n; k++) text_field(&s, t->columns[columns[k]], strlen(t->columns[columns[k]]));
    for (int k = 0; k < r->nall; k++) {
        const char *name = r->nall == 1 ? "prediction" : r->all[k].name;
        text_field(&s, name, strlen(name));
        for (int i = 0; i < 4; i++) {
            const char *score = r->nall == 1 ? suffixes[i] : arena_print(a, "%s_%s", name, suffixes[i]);
            text_field(&s, score, strlen(score));
        }
    }
    text_add(&s, "\n", 1);
    for (size_t i = 0; i < r->n; i++) {
        text_print(&s, "%u", r->rows[i]);
        for (int k = 0; k < n; k++) {
            Slice cell = cell_of(t, r->rows[i], columns[k]);
            text_field(&s, cell.data, cell.n);
        }
        for (int k = 0; k < r->nall; k++) {
            text_field(&s, r->all[k].texts[i], strlen(r->all[k].texts[i]));
            for (int j = 0; j < 4; j++) text_print(&s, ",%.6f", rouge_f(&r->all[k].rouge[i], j));
        }
        text_add(&s, "\n", 1);
    }
    file_write(a, path, s.data, s.n);
}

static void compare_json(Arena *a, const Report *r) {
    for (int k = 0; k < r->nall; k++) {
        const Candidates *c = &r->all[k];
        printf("%s{\"name\": %s, \"trained_parameters\": %lld, \"rouge1\": %.17g, \"rouge2\": %.17g, \"rougeL\": %.17g, "
               "\"rougeLsum\": %.17g, \"rows\": %zu, \"seconds\": %.3f, \"tokens\": %lld}", k ? ",\n " : "[",
               json_quoted(a, c->name), (long long)c->parameters, c->mean.r1.f, c->mean.r2.f, c->mean.rl.f, c->mean.rlsum.f, r->n,
               c->seconds, (long long)c->tokens);
    }
    puts("]");
}

// ---- for the terminal

static void rouge_print(const Rouge *x, size_t rows, bool json) {
    if (json)
        printf("{\"rouge1\": %.17g, \"rouge2\": %.17g, \"rougeL\": %.17g, \"rougeLsum\": %.17g, \"rows\": %zu}\n", x->r1.f,
               x->r2.f, x->rl.f, x->rlsum.f, rows);
    else
        printf("ROUGE-1 %.4f  ROUGE-2 %.4f  ROUGE-L %.4f  ROUGE-Lsum %.4f  (%zu rows)\n", x->r1.f, x->r2.f, x->rl.f, x->rlsum.f,
               rows);
}

// A text from a file or a model as standard output may have it: as it is, but for a terminal.
static const char *text_printed(Arena *a, const char *s, size_t n) {
    if (!isatty(1)) return s;
    char *clean = arena_copy(a, s, n);
    text_clean(clean, n, true);
    return clean;
}

// Text broken at spaces to lines of at most `width`, each behind an indent.
static void print_wrapped(Arena *a, const char *s, size_t n, int width) {
    int column = 0;
    s = text_printed(a, s, n);
    fputs("  ", stdout);
    for (size_t i = 0; i < n;) {
        size_t word = i;
        while (word < n && s[word] != ' ' && s[word] != '\n') word++;
        if (column && column + 1 + (int)(word - i) > width) fputs("\n  ", stdout), column = 0;
        if (column) fputc(' ', stdout), column++;
        fwrite(s + i, 1, word - i, stdout);
        column += (int)(word - i);
        if (word < n && s[word] == '\n') fputs("\n  ", stdout), column = 0;
        i = word + (word < n);
    }
    fputc('\n', stdout);
}

static void compare_table(Arena *a, const Report *r) {
    size_t widest = 8;
    for (int k = 0; k < r->nall; k++) widest = strlen(r->all[k].name) > widest ? strlen(r->all[k].name) : widest;
    printf("%-*s  %8s  %8s  %8s  %8s  %14s\n", (int)widest, "", "ROUGE-1", "ROUGE-2", "ROUGE-L", "R-Lsum", "trained");
    for (int k = 0; k < r->nall; k++) {
        const Rouge *x = &r->all[k].mean;
        printf("%-*s  %8.4f  %8.4f  %8.4f  %8.4f  %14s\n", (int)widest, r->all[k].name, x->r1.f, x->r2.f, x->rl.f, x->rlsum.f,
               with_commas(a, r->all[k].parameters));
    }
    if (r->nall > 1) printf("\ngain over %s, in percentage points\n", r->all[0].name);
    for (int k = 1; k < r->nall; k++) {
        const Rouge *x = &r->all[k].mean, *y = &r->all[0].mean;
        printf("%-*s  %+8.2f  %+8.2f  %+8.2f  %+8.2f\n", (int)widest, r->all[k].name, 100 * (x->r1.f - y->r1.f),
               100 * (x->r2.f - y->r2.f), 100 * (x->rl.f - y->rl.f), 100 * (x->rlsum.f - y->rlsum.f));
    }
}

static void compare_samples(Arena *a, const Report *r) {
    int columns[T5PEFT_LIST], source = table_column(a, r->table, r->options->source_column), n;
    int references = target_columns(a, r->options, r->table, columns);
    size_t count, *picked = samples_pick(a, r->options, r->rows, r->n, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t row = r->rows[picked[i]];
        Slice said = cell_of(r->table, row, source), human = *references_of(a, r->table, row, columns, references, &n);
        printf("\n---- row %u\n", row);
        print_wrapped(a, said.data, said.n, 96);
        printf("human:\n");
        print_wrapped(a, human.data, human.n, 96);
        for (int k = 0; k < r->nall; k++) {
            printf("%s:\n", r->all[k].name);
            print_wrapped(a, r->all[k].texts[picked[i]], strlen(r->all[k].texts[picked[i]]), 96);
        }
    }
}

// ---- for people: what the page is made from

enum { RESAMPLES = 1000, LEFT_OUT = 25 };

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

// The mean of x[0..n-1], n > 0, and its 95 % interval.
static Interval bootstrap(Arena *a, const double *x, size_t n, uint64_t seed) {
    Mark mark = arena_mark(a);
    double *means = arena_get(a, RESAMPLES, sizeof *means), all = 0;
    for (size_t i = 0; i < n; i++) all += x[i];
    for (size_t b = 0; b < RESAMPLES; b++) {
        uint64_t key = random_key(seed, 0xb007, b);
        double sum = 0;
        for (size_t i = 0; i < n; i++) sum += x[(size_t)(random_uniform(key, i) * (double)n)];
        means[b] = sum / (double)n;
    }
    qsort(means, RESAMPLES, sizeof *means, ascending);
    Interval v = {all / (double)n, means[LEFT_OUT], means[RESAMPLES - 1 - LEFT_OUT]};
    arena_release(a, mark);
    return v;
}

// A text as HTML shows it, in content and in attributes. What HTML cannot hold (broken UTF-8, control characters) is U+FFFD.
static const char *html(Arena *a, const char *s, size_t n) {
    Text t = {.arena = a};
    text_add(&t, "", 0);
    for (size_t i = 0; i < n;) {
        const char *special = s[i] ? strchr("&<>\"'", s[i]) : NULL;
        size_t length = utf8_length(s + i, n - i);
        bool control = (length == 1 && ((unsigned char)s[i] < 0x20 || s[i] == 0x7f) && s[i] != '\n' && s[i] != '\t') ||
                       (length == 2 && (unsigned char)s[i] == 0xc2 && (unsigned char)s[i + 1] < 0xa0);
        if (special) text_print(&t, "&#%d;", *special);
        else if (length && !control) text_add(&t, s + i, length);
        else if (s[i] != '\r') text_add(&t, "\xef\xbf\xbd", 3);
        i += length ? length : 1;
    }
    return t.data;
}

static const char *html_of(Arena *a, const char *s) {
    return html(a, s, strlen(s));
}

// A prediction in which the words that ROUGE-1 counts as shared with the reference stand in <mark>: each as often as it is
// on both sides, neighbours in one mark.
static const char *html_marked(Arena *a, const char *s, Slice reference, bool stemmer) {
    size_t n = strlen(s), word = 0, end = 0;
    Vocabulary v = vocabulary(a, (n + reference.n) / 2 + 2);
    Words p = words_read(a, &v, s, n, stemmer), r = words_read(a, &v, reference.data, reference.n, stemmer);
    uint32_t *left = arena_get(a, v.n, sizeof *left);
    bool *on = arena_get(a, n + 1, sizeof *on);
    for (size_t i = 0; i < r.n; i++) left[r.ids[i]]++;
    for (const char *next = s; next < s + n;) {  // words begin and end where words_read has them
        size_t start = (size_t)(next - s);
        if (!word_letter(&next, s + n)) continue;
        do end = (size_t)(next - s);
        while (next < s + n && word_letter(&next, s + n));
        while (((unsigned char)s[end] & 0xc0) == 0x80) end++;  // U+0130 ends a word in its middle
        uint32_t id = p.ids[word++];
        if (!left[id]) continue;
        left[id]--;
        memset(on + start, true, end - start);
    }
    for (size_t i = 1; i < n; i++) on[i] |= s[i] == ' ' && on[i - 1] && on[i + 1];
    Text t = {.arena = a};
    text_add(&t, "", 0);
    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && on[end] == on[i];) end++;
        text_print(&t, on[i] ? "<mark>%s</mark>" : "%s", html(a, s + i, end - i));
    }
    return t.data;
}

static void curve_add(Arena *a, Curve *c, double x, double y) {
    if (!(x >= 0 && x < 1e15 && fabs(y) < 1e9)) return;
    c->items = arena_grow(a, c->items, c->n, &c->room, sizeof *c->items);
    c->items[c->n++] = (Point){x, y};
}

static void history_log(void *arg) {
    History *h = arg;
    File f = file_open(h->arena, path_join(h->arena, h->folder, "train_log.jsonl"));
    for (const char *s = f.data, *end = f.data + f.size, *close; s < end && (close = memchr(s, '\n', (size_t)(end - s)));
         s = close + 1) {
        Mark mark = arena_mark(h->arena);
        Json *j = json_read(h->arena, s, (size_t)(close - s), f.path, 1);
        double step = json_number(j, "step", NAN), loss = json_number(j, "loss", NAN), eval = json_number(j, "eval_loss", NAN);
        h->seconds = json_number(j, "seconds", h->seconds);
        h->bytes = json_number(j, "peak_bytes", h->bytes);
        arena_release(h->arena, mark);
        curve_add(h->arena, &h->curves[0], step, loss);
        curve_add(h->arena, &h->curves[1], step, eval);
    }
}

static void history_options(void *arg) {
    History *h = arg;
    options_read(h->arena, path_join(h->arena, h->folder, "run.json"), &h->options);
}

// Bytes of a folder's model*.safetensors or, where it has them, adapter_model*.safetensors.
static double saved_bytes(Arena *a, const char *folder) {
    double bytes[2] = {0};
    size_t n;
    char **names = folder_list(a, folder, &n);
    for (size_t i = 0; i < n; i++) {
        struct stat s;
        const char *name = names[i];
        bool adapter = !strncmp(name, "adapter_model", 13), weights = adapter || !strncmp(name, "model", 5);
        if (weights && word_ends(name, strlen(name), ".safetensors") && !stat(path_join(a, folder, name), &s))
            bytes[adapter] += (double)s.st_size;
    }
    return bytes[1] > 0 ? bytes[1] : bytes[0];
}

// ---- for people: the page

static const char page_style[] =
    ":root{--paper:#fff;--ink:#1b1d21;--soft:#5a6069;--line:#d9dce1;--wash:#f5f6f8;--mark:#ffeb99;--under:#a67c00;"
    "--c0:#767c86;--c1:#0072b2;--c2:#d55e00;--c3:#00875f;--c4:#b0528a;--c5:#a87900}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--paper:#14161a;--ink:#e9ebee;--soft:#a3a9b3;--line:#343942;"
    "--wash:#1d2026;--mark:#57480a;--under:#e0b93a;"
    "--c0:#8d949f;--c1:#4aa8e0;--c2:#ee8540;--c3:#2fb98d;--c4:#d98abb;--c5:#d8b03c}}\n"
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{margin:0 auto;max-width:62rem;padding:2.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:1rem/1.55 "
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem;letter-spacing:-.01em}h2{font-size:1.25rem;margin:3rem 0 "
    ".5rem;padding-top:.9rem;border-top:1px solid var(--line)}\n"
    "h3{font-size:1rem;margin:0 0 .6rem}h4{font-size:.82rem;margin:1rem 0 .15rem;color:var(--soft);font-weight:600}"
    "h4:first-child{margin-top:0}h1,h2,h3,h4,p,li,dd,td,th{overflow-wrap:anywhere}\n"
    "p{margin:.4rem 0;max-width:42rem}.lede{font-size:1.12rem}.note,figcaption,small,footer{color:var(--soft);font-size:.86rem}"
    "b{font-weight:650}\n"
    "dl{display:grid;grid-template-columns:6.5rem 1fr;gap:.2rem .8rem;margin:1.3rem 0 "
    "0;font-size:.94rem}dt{color:var(--soft)}dd{margin:0;max-width:42rem}\n"
    "code,pre{font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}dd "
    "code{white-space:pre-wrap}\n"
    "pre{background:var(--wash);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;margin:.3rem 0 "
    "1.2rem}.scroll,pre{overflow-x:auto}:focus-visible{outline:2px solid var(--c1);outline-offset:2px}\n"
    "table{border-collapse:collapse;min-width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}td,th{padding:.45rem "
    ".7rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap;font-weight:400}\n"
    "thead th{color:var(--soft);font-size:.82rem;vertical-align:bottom;border-bottom-color:var(--soft)}"
    "th:first-child{text-align:left;padding-left:0}tbody th{font-weight:600}td small{display:block}\n"
    "th[scope=row]{position:sticky;left:0;background:var(--paper);min-width:5.5rem;max-width:11rem;white-space:normal}"
    "th[scope=rowgroup]{color:var(--soft);font-weight:400;font-size:.86rem;padding-top:1.1rem}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr));gap:1.6rem 2.5rem;margin:1.4rem "
    "0}figure{margin:0;max-width:30rem}figcaption{margin-top:.4rem}svg{display:block;width:100%;height:auto;overflow:visible}\n"
    "svg text{font-size:12px;fill:var(--ink);font-variant-numeric:tabular-nums}svg .s{fill:var(--soft);font-size:11px}"
    ".e{text-anchor:end}.m{text-anchor:middle}.g{stroke:var(--line)}.w{stroke:var(--ink);stroke-width:1.5}.l{fill:none;"
    "stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.d{stroke-dasharray:4 4}\n"
    "article{border:1px solid var(--line);border-radius:8px;padding:1.1rem 1.25rem;margin:1.1rem "
    "0}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1.2rem 2.2rem}\n"
    ".pair p{margin:0 0 .25rem;white-space:pre-wrap}.said p{padding-left:1.1em;text-indent:-1.1em}h4 "
    "small{font-weight:400}mark{background:var(--mark);color:inherit;text-decoration:underline 1px "
    "var(--under);text-underline-offset:.2em}\n"
    "@media print{body{max-width:none;padding:0;font-size:10pt}th[scope=row]{position:static}figure,article,tr,"
    "pre{break-inside:avoid}h2,h3,h4{break-after:avoid}pre{white-space:pre-wrap}.scroll{overflow:visible}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

enum { COLOURS = 6 };

static const char *share_text(Arena *a, const Candidates *c) {
    double share = c->all > 0 ? 100 * (double)c->parameters / (double)c->all : 0;
    return arena_print(a, share > 0 && share < 0.1 ? "%.1g&nbsp;%%" : share == 100 ? "%.0f&nbsp;%%" : "%.2f&nbsp;%%", share);
}

static const char *bytes_text(Arena *a, double n) {
    if (!(n > 0)) return "&ndash;";
    return arena_print(a, n < 1e6 ? "%.0f kB" : n < 1e9 ? "%.1f MB" : "%.2f GB", n / (n < 1e6 ? 1e3 : n < 1e9 ? 1e6 : 1e9));
}

static const char *time_text(Arena *a, double s) {
    if (!(s >= 0 && s < 1e9)) return "&ndash;";
    long t = (long)(s + 0.5);
    return s < 59.95 ? arena_print(a, "%.1f s", s) : t < 3600 ? arena_print(a, "%ld min %02ld s", t / 60, t % 60)
        : arena_print(a, "%ld h %02ld min", t / 3600, t / 60 % 60);
}

// 1, 2 or 5 times a power of ten: the smallest that cuts `range` into at most `most` parts.
static double axis_step(double range, int most) {
    double step = pow(10, floor(log10(range / most)));
    return step * (range <= step * most ? 1 : range <= 2 * step * most ? 2 : range <= 5 * step * most ? 5 : 10);
}

static int best_of(const Report *r, int kind) {
    int best = 0;
    for (int k = 1; k < r->nall; k++)
        if (rouge_f(&r->all[k].mean, kind) > rouge_f(&r->all[best].mean, kind)) best = k;
    return best;
}

// The best result, and what the best of those that trained less than half of the model makes of it.
static void page_lede(Text *t, const Report *r) {
    Arena *a = t->arena;
    const Candidates *original = r->all, *best = &r->all[best_of(r, 0)], *small = NULL;
    if (r->nall < 2) return;
    for (const Candidates *c = original + 1; c < original + r->nall; c++)
        if (2 * c->parameters < c->all && (!small || c->gains[0].mean > small->gains[0].mean)) small = c;
    Interval gain = best->gains[0];
    text_print(t, "<p class=\"lede\">Highest ROUGE-1: <b>%s</b> with %.4f", html_of(a, best->name), best->scores[0].mean);
    if (best != original)
        text_print(t, ", %+.2f points over %s (%+.1f to %+.1f)", 100 * gain.mean, html_of(a, original->name), 100 * gain.low,
                   100 * gain.high);
    if (small == best) text_print(t, ", with %s of the parameters trained", share_text(a, small));
    text_print(t, ".");
    if (best != original && small && small != best && small->gains[0].mean > 0)
        text_print(t, " <b>%s</b> reaches %.0f&nbsp;%% of that gain with %s of the parameters trained.", html_of(a, small->name),
                   100 * small->gains[0].mean / gain.mean, share_text(a, small));
    text_print(t, "</p>\n");
}

static void page_generation(Text *t, const t5peft_options *o) {
    if (o->do_sample)
        text_print(t, "sampling (temperature %g, top-k %lld, top-p %g, seed %lld)", o->temperature, (long long)o->top_k, o->top_p,
                   (long long)o->seed);
    else if (o->num_beams > 1)
        text_print(t, "beam search with %lld beams, length penalty %g", (long long)o->num_beams, o->length_penalty);
    else text_print(t, "greedy");
    text_print(t, ", at most %lld new tokens", (long long)o->max_new_tokens);
    if (o->min_new_tokens > 0) text_print(t, ", at least %lld", (long long)o->min_new_tokens);
    if (o->no_repeat_ngram_size > 0)
        text_print(t, ", no %lld tokens twice in a row of their own", (long long)o->no_repeat_ngram_size);
    if (o->repetition_penalty != 1) text_print(t, ", repetition penalty %g", o->repetition_penalty);
}

// The beginning of a page up to its headline. Title and head are HTML.
static void page_open(Text *t, const char *title, const char *head) {
    text_print(t, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
               "img-src data:\">\n"
               "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n<style>\n%s\n</style>\n</head>\n<body>\n<header>\n"
               "<h1>%s</h1>\n", title, page_style, head);
}

// Opens a table. Heads: of its columns, as HTML, parted by "|".
static void page_table(Text *t, const char *name, const char *heads) {
    text_print(t, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n<thead><tr>", name);
    do {
        int n = (int)strcspn(heads, "|");
        text_print(t, "<th scope=\"col\">%.*s</th>", n, heads);
        heads += n;
    } while (*heads++);
    text_print(t, "</tr></thead>\n<tbody>\n");
}

static void page_row(Text *t, const char *name) {
    text_print(t, "<tr><th scope=\"row\">%s</th>", html_of(t->arena, name));
}

static void page_table_end(Text *t) {
    text_print(t, "</tbody>\n</table></div>\n");
}

static void page_head(Text *t, const Report *r) {
    const t5peft_options *o = r->options;
    Arena *a = t->arena;
    const char *model = html_of(a, path_name(a, r->all[0].folder)), *data = html_of(a, path_name(a, r->table->path));
    int references = 0;
    while (o->target_column[references]) references++;
    page_open(t, arena_print(a, "%s on %s", model, data), r->nall > 1 ? arena_print(a, "%s, original and tuned", model) : model);
    page_lede(t, r);
    text_print(t, "<dl>\n<dt>Model</dt><dd>%s, %s parameters</dd>\n<dt>Data</dt><dd>%s, %s of %s rows</dd>\n<dt>Prompt</dt><dd>"
               "<code>%s</code></dd>\n<dt>Generation</dt><dd>", model, with_commas(a, r->all[0].all), data,
               with_commas(a, (int64_t)r->n), with_commas(a, (int64_t)r->table->nrows), html_of(a, o->prompt));
    page_generation(t, o);
    text_print(t, "</dd>\n<dt>Scoring</dt><dd>ROUGE F-measure, %s Porter&#39;s stemmer", o->no_stemmer ? "without" : "with");
    if (references > 1) text_print(t, "; of %d references the best counts for each row", references);
    text_print(t, "</dd>\n</dl>\n</header>\n<main>\n");
}

static void page_scores(Text *t, const Report *r) {
    text_print(t, "<h2>Scores</h2>\n");
    page_table(t, "Table of scores", "Mean and<br>95&nbsp;% interval|ROUGE-1|ROUGE-2|ROUGE-L|ROUGE-Lsum|Trained<br>parameters|"
               "Share of<br>the model");
    for (int k = 0; k < r->nall; k++) {
        const Candidates *c = &r->all[k];
        page_row(t, c->name);
        for (int i = 0; i < 4; i++)
            text_print(t, k == best_of(r, i) ? "<td><b>%.4f</b><small>%.3f to %.3f</small></td>"
                       : "<td>%.4f<small>%.3f to %.3f</small></td>", c->scores[i].mean, c->scores[i].low, c->scores[i].high);
        text_print(t, "<td>%s</td><td>%s</td></tr>\n", with_commas(t->arena, c->parameters),
                   c->parameters ? share_text(t->arena, c) : "&ndash;");
    }
    if (r->nall > 1)
        text_print(t, "</tbody>\n<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"7\">Gain over %s, in percentage "
                   "points</th></tr>\n", html_of(t->arena, r->all[0].name));
    for (int k = 1; k < r->nall; k++) {
        page_row(t, r->all[k].name);
        for (int i = 0; i < 4; i++) {
            Interval x = r->all[k].gains[i];
            text_print(t, "<td>%+.2f<small>%+.1f to %+.1f</small></td>", 100 * x.mean, 100 * x.low, 100 * x.high);
        }
        text_print(t, "<td></td><td></td></tr>\n");
    }
    page_table_end(t);
}

// At most `most` characters of a name.
static const char *html_short(Arena *a, const char *s, int most) {
    const char *end = s;
    for (; *end && most; most--)
        do end++;
        while (((unsigned char)*end & 0xc0) == 0x80);
    return arena_print(a, *end ? "%s&hellip;" : "%s", html(a, s, (size_t)(end - s)));
}

// Four charts on one scale, so that they can be compared with each other, too.
static void page_bars(Text *t, const Report *r) {
    enum { WIDTH = 360, EACH = 38 };
    double most = 0.05;
    for (int k = 0; k < r->nall; k++)
        for (int i = 0; i < 4; i++) most = fmax(most, r->all[k].scores[i].high);
    double step = axis_step(most, 5), top = step * ceil(most / step - 1e-9), scale = WIDTH / top;
    int parts = (int)(top / step + 0.5), bottom = EACH * r->nall + 4;
    text_print(t, "<div class=\"charts\">\n");
    for (int i = 0; i < 4; i++) {
        text_print(t, "<figure><h3>%s</h3><svg viewBox=\"-2 0 %d %d\" role=\"img\" aria-label=\"%s of each candidate, as in the "
                   "table\">\n", rouge_kinds[i], WIDTH + 12, bottom + 18, rouge_kinds[i]);
        for (int j = 0; j <= parts; j++) {
            double x = WIDTH * j / (double)parts;
            text_print(t, "<path class=\"g\" d=\"M%.1f 0V%d\"/><text class=\"s m\" x=\"%.1f\" y=\"%d\">%.4g</text>\n", x, bottom,
                       x, bottom + 15, step * j);
        }
        for (int k = 0, y = 0; k < r->nall; k++, y += EACH) {
            Interval v = r->all[k].scores[i];
            text_print(t, "<text x=\"4\" y=\"%d\">%s</text><text class=\"e\" x=\"%d\" y=\"%d\">%.4f</text>", y + 16,
                       html_short(t->arena, r->all[k].name, 36), WIDTH, y + 16, v.mean);
            text_print(t, "<path style=\"fill:var(--c%d)\" d=\"M0 %dh%.1fv12h-%.1fz\"/>", k % COLOURS, y + 22, v.mean * scale,
                       v.mean * scale);
            text_print(t, "<path class=\"w\" d=\"M%.1f %dH%.1fM%.1f %dv8M%.1f %dv8\"/>\n", v.low * scale, y + 28, v.high * scale,
                       v.low * scale, y + 24, v.high * scale, y + 24);
        }
        text_print(t, "</svg></figure>\n");
    }
    text_print(t, "</div>\n<p class=\"note\">Thin lines and small numbers are 95&nbsp;%% intervals: the rows drawn anew with "
               "replacement, 1,000 times (seed %lld), the same rows for all, and the lowest and highest 2.5&nbsp;%% of the "
               "means left out. Gains are compared row by row. Intervals tell how far scores move with other rows, not with "
               "other training seeds; with few rows they are rough.</p>\n", (long long)r->options->seed);
}

// A figure's box: x goes from 0 to last and has a number every `every`, 0: none; y goes from low on in `parts` steps. What lies
// in it is drawn with `origin` and `scale`.
typedef struct {
    double last, every, low, step;
    int parts;
    Point origin, scale;
} Frame;

enum { LEFT = 40, RIGHT = 356, TOP = 8, BOTTOM = 168 };

static Frame frame_of(double last, double low, double high) {
    Frame f = {.last = last, .every = fmax(1, axis_step(last, 4))};
    f.step = axis_step(fmax(high - low, fmax(0.01, 1e-6 * fabs(high))), 5);
    f.low = f.step * floor(low / f.step);
    f.parts = (int)fmax(1, ceil((high - f.low) / f.step - 1e-9));
    f.scale = (Point){(RIGHT - LEFT) / last, -(BOTTOM - TOP) / (f.step * f.parts)};
    f.origin = (Point){LEFT, BOTTOM - f.low * f.scale.y};
    return f;
}

// Opens a figure, draws the lines of y and writes the numbers.
static void frame_open(Text *t, const Frame *f, const char *title, const char *what) {
    text_print(t, "<figure><h3>%s</h3><svg viewBox=\"0 0 370 190\" role=\"img\" aria-label=\"%s\">\n", title, what);
    for (int j = 0; j <= f->parts; j++) {
        double y = BOTTOM + f->step * j * f->scale.y, value = f->low + f->step * j;
        text_print(t, "<path class=\"g\" d=\"M%d %.1fH%d\"/><text class=\"s e\" x=\"%d\" y=\"%.1f\">%.5g</text>\n", LEFT, y,
                   RIGHT, LEFT - 6, y + 4, fabs(value) < f->step / 2 ? 0 : value);
    }
    for (double x = 0; f->every > 0 && x <= f->last; x += f->every)
        text_print(t, "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%.6g</text>\n", LEFT + x * f->scale.x, BOTTOM + 17, x);
}

// Where a point is drawn; one above the frame at its upper edge.
static Point frame_at(const Frame *f, double x, double y) {
    return (Point){f->origin.x + x * f->scale.x, f->origin.y + fmin(y, f->low + f->step * f->parts) * f->scale.y};
}

static void page_dot(Text *t, Point at, int colour, int width) {
    text_print(t, "<path class=\"l\" style=\"stroke:var(--c%d);stroke-width:%d\" d=\"M%.1f %.1fh0\"/>\n", colour, width, at.x,
               at.y);
}

// A curve as a path. A long one is drawn through the means of neighbouring points, some 300 of them.
static void frame_curve(Text *t, const Frame *f, const Curve *c, const char *colour, bool dashed) {
    size_t every = c->n / 300 + 1;
    text_print(t, "<path class=\"l%s\" style=\"stroke:var(--%s)\" d=\"", dashed ? " d" : "", colour);
    for (size_t i = 0; i < c->n; i += every) {
        Point sum = {0};
        size_t n = c->n - i < every ? c->n - i : every;
        for (size_t j = i; j < i + n; j++) sum.x += c->items[j].x / (double)n, sum.y += c->items[j].y / (double)n;
        sum = frame_at(f, sum.x, sum.y);
        text_print(t, "%c%.1f %.1f", i ? 'L' : 'M', sum.x, sum.y);
    }
    text_print(t, "h0\"/>\n");  // makes a dot of a single point
}

// Widens a frame's last, low and high to what curves hold.
static void curves_range(const Curve *c, int n, double *last, double *low, double *high) {
    for (int k = 0; k < n; k++)
        for (size_t i = 0; i < c[k].n; i++) {
            *last = fmax(*last, c[k].items[i].x);
            *low = fmin(*low, c[k].items[i].y);
            *high = fmax(*high, c[k].items[i].y);
        }
}

static void page_curve(Text *t, const Candidates *c, int k, double low, double high) {
    const Curve *loss = &c->history.curves[0], *eval = &c->history.curves[1];
    double last = 1;
    curves_range(loss, 2, &last, &(double){0}, &(double){0});
    Frame f = frame_of(last, low, high);
    frame_open(t, &f, html_of(t->arena, c->name), "Loss over the steps of training");
    if (loss->n) frame_curve(t, &f, loss, arena_print(t->arena, "c%d", k % COLOURS), false);
    if (eval->n) frame_curve(t, &f, eval, "ink", true);
    text_print(t, "</svg><figcaption>%s steps", with_commas(t->arena, (int64_t)last));
    if (loss->n) text_print(t, "; training loss %.3f to %.3f", loss->items[0].y, loss->items[loss->n - 1].y);
    if (eval->n) text_print(t, "; evaluation loss (dashed) %.3f to %.3f", eval->items[0].y, eval->items[eval->n - 1].y);
    text_print(t, "</figcaption></figure>\n");
}

static void page_training(Text *t, const Report *r) {
    double last = 1, low = INFINITY, high = -INFINITY;
    for (int k = 1; k < r->nall; k++) curves_range(r->all[k].history.curves, 2, &last, &low, &high);
    if (low > high) return;
    text_print(t, "<h2>Training</h2>\n<p class=\"note\">Loss is the mean cross entropy of a target token, in nats. Every "
               "chart has the same vertical scale.</p>\n<div class=\"charts\">\n");
    for (int k = 1; k < r->nall; k++)
        if (r->all[k].history.curves[0].n || r->all[k].history.curves[1].n) page_curve(t, &r->all[k], k, low, high);
    text_print(t, "</div>\n");
}

static void page_samples(Text *t, const Report *r) {
    const t5peft_options *o = r->options;
    Arena *a = t->arena;
    int columns[T5PEFT_LIST], source = table_column(a, r->table, o->source_column), n;
    int references = target_columns(a, o, r->table, columns);
    size_t count, *picked = samples_pick(a, o, r->rows, r->n, &count);
    text_print(t, "<h2>Samples</h2>\n<p class=\"note\">Words that ROUGE-1 counts as shared with %s are <mark>marked</mark>: "
               "compared %s, each as often as it is in both texts.</p>\n",
                   references > 1 ? "the human text (the first of the references)" : "the human text",
                   o->no_stemmer ? "in lower case" : "in lower case by their stems");
    for (size_t i = 0; i < count; i++) {
        uint32_t row = r->rows[picked[i]];
        Slice said = cell_of(r->table, row, source), human = *references_of(a, r->table, row, columns, references, &n);
        text_print(t, "<article><h3>Row %u</h3><div class=\"pair\">\n<div class=\"said\"><h4>%s</h4>\n", row,
                   html_of(a, o->source_column));
        for (const char *s = said.data, *end = s + said.n, *close; s < end; s = close + 1) {
            if (!(close = memchr(s, '\n', (size_t)(end - s)))) close = end;
            text_print(t, "<p dir=\"auto\">%s</p>\n", html(a, s, (size_t)(close - s)));
        }
        text_print(t, "</div>\n<div><h4>human</h4>\n<p dir=\"auto\">%s</p>\n", html(a, human.data, human.n));
        for (int k = 0; k < r->nall; k++) {
            const char *text = r->all[k].texts[picked[i]];
            text_print(t, "<h4>%s <small>ROUGE-1 %.3f</small></h4>\n<p dir=\"auto\">%s</p>\n", html_of(a, r->all[k].name),
                       r->all[k].rouge[picked[i]].r1.f, *text ? html_marked(a, text, human, !o->no_stemmer)
                       : "<small>(nothing)</small>");
        }
        text_print(t, "</div>\n</div></article>\n");
    }
}

static void page_cost(Text *t, const Report *r) {
    Arena *a = t->arena;
    double second = r->options->price_per_hour / 3600;
    bool money = second > 0;
    text_print(t, "<h2>Cost</h2>\n");
    page_table(t, "Table of costs", arena_print(a, "|Trained<br>parameters|Training<br>time|Peak memory<br>in training|"
               "Saved<br>file|Generation<br>time|Generated<br>tokens/s%s",
               money ? "|Money,<br>training|Money,<br>1,000 rows" : ""));
    for (int k = 0; k < r->nall; k++) {
        const Candidates *c = &r->all[k];
        const History *h = &c->history;
        page_row(t, c->name);
        text_print(t, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>", with_commas(a, c->parameters),
                   time_text(a, h->seconds), bytes_text(a, h->bytes), bytes_text(a, saved_bytes(a, c->folder)),
                   time_text(a, c->seconds));
        text_print(t, c->seconds > 0 ? "<td>%.0f</td>" : "<td>&ndash;</td>", (double)c->tokens / c->seconds);
        if (money) text_print(t, h->seconds >= 0 ? "<td>%.4f</td>" : "<td>&ndash;</td>", h->seconds * second);
        if (money) text_print(t, "<td>%.4f</td>", c->seconds * second * 1000 / (double)r->n);
        text_print(t, "</tr>\n");
    }
    page_table_end(t);
    text_print(t, "<p class=\"note\">An adapter is used together with the original model&#39;s file. Training time leaves "
               "evaluations out; memory counts mapped files.");
    if (money)
        text_print(t, " Money is time at %g an hour; generation is for 1,000 rows like these.", r->options->price_per_hour);
    text_print(t, "</p>\n");
}

// The command line that gives these options: whatever differs from the defaults, in lines of some 80 characters.
static const char *command_line(Arena *a, const t5peft_options *o, int command, const char *name) {
    t5peft_options defaults = t5peft_defaults();
    Text t = {.arena = a};
    text_print(&t, "t5peft %s", name);
    size_t line = 0;
    for (int i = 0; i < OPTIONS; i++) {
        const char *words = option_words(a, &options_table[i], o);
        if (!(options_table[i].commands & command) || !strcmp(words, option_words(a, &options_table[i], &defaults))) continue;
        if (t.n - line + strlen(words) > 80) text_print(&t, " \\\n   "), line = t.n - 3;
        text_add(&t, words, strlen(words));
    }
    return t.data;
}

// What inspect says of each adapter in a sentence.
static void page_notes(Text *t, const Report *r) {
    bool any = false;
    for (int k = 0; k < r->nall; k++) {
        const Candidates *c = &r->all[k];
        if (!c->note) continue;
        text_print(t, "%s<dt>%s</dt><dd>%s.</dd>\n", any ? "" : "<h2>What the adapters hold</h2>\n<dl>\n",
                   html_of(t->arena, c->name), c->note);
        any = true;
    }
    if (any) text_print(t, "</dl>\n<p class=\"note\">t5peft inspect tells more: layer by layer, and what each is worth.</p>\n");
}

static void page_repeat(Text *t, const Report *r) {
    Arena *a = t->arena;
    text_print(t, "<h2>How to repeat it</h2>\n<p class=\"note\">With t5peft %s, from the folder in which these commands "
               "were run. Options that are not named have their defaults.</p>\n", T5PEFT_VERSION);
    for (const Candidates *c = r->all + 1; c < r->all + r->nall; c++)
        if (c->history.options.out)
            text_print(t, "<h4>train %s</h4>\n<pre tabindex=\"0\">%s</pre>\n", html_of(a, c->name),
                       html_of(a, command_line(a, &c->history.options, TRAIN, "train")));
    text_print(t, "<h4>compare</h4>\n<pre tabindex=\"0\">%s</pre>\n</main>\n</body>\n</html>\n",
               html_of(a, command_line(a, r->options, COMPARE, "compare")));
}

static double measure_share(const Measure *m) {
    return m->weight_norm > 0 ? 100 * m->norm / m->weight_norm : 0;
}

// What one may say of an adapter in a sentence, as HTML: where the change sits, and how much of its rank is used.
static const char *change_sentence(Arena *a, const Measures *all, const PromptMeasure *p) {
    const Measure *most = NULL;
    double used = 0, rank = 0, share = 0, norm = 0, n = p ? (double)p->n : all ? (double)all->n : 0;
    for (int64_t r = 0; p && r < p->n; r++) norm += p->rows[r].norm / n;
    if (p)
        return arena_print(a, "%lld rows of mean norm %.2f (embeddings: %.2f); %.0f&nbsp;%% have the same nearest piece",
                           (long long)p->n, norm, p->embedding_norm, 100 * p->same);
    for (size_t i = 0; all && i < all->n; i++) {
        const Measure *m = &all->items[i];
        if (!most || measure_share(m) > measure_share(most)) most = m;
        used += m->effective_rank / n;
        rank += (double)m->svd.n / n;
        share += measure_share(m) / n;
    }
    if (!most) return "changes no linear layer";
    return arena_print(a, "%zu layers, changed by %.2f&nbsp;%% of their weights&#39; norm on the average, most in "
                       "<code>%s</code> (%.2f&nbsp;%%); effective rank %.1f of %.1f", all->n, share, html_of(a, most->name),
                       measure_share(most), used, rank);
}

static void page_measure(Arena *a, const Report *r) {
    uint64_t seed = (uint64_t)r->options->seed;
    double *x = arena_get(a, r->n, sizeof *x);
    for (int k = 0; k < r->nall; k++) {
        Candidates *c = &r->all[k];
        for (int i = 0; i < 4; i++) {
            for (size_t j = 0; j < r->n; j++) x[j] = rouge_f(&c->rouge[j], i);
            c->scores[i] = bootstrap(a, x, r->n, seed);
            for (size_t j = 0; j < r->n; j++) x[j] -= rouge_f(&r->all[0].rouge[j], i);
            c->gains[i] = bootstrap(a, x, r->n, seed);
        }
        // A folder without a log or with a broken one shows less; the report is made all the same.
        History *h = &c->history;
        *h = (History){.arena = a, .folder = c->folder, .seconds = NAN, .bytes = NAN, .options = t5peft_defaults()};
        if (!k) continue;
        attempt(a, history_log, h);
        if (!attempt(a, history_options, h)) h->options.out = NULL;
    }
}

static void report_html(Arena *a, const char *path, const Report *r) {
    Text t = {.arena = a};
    page_measure(a, r);
    page_head(&t, r);
    page_scores(&t, r);
    page_bars(&t, r);
    page_training(&t, r);
    page_samples(&t, r);
    page_cost(&t, r);
    page_notes(&t, r);
    page_repeat(&t, r);
    file_write(a, path, t.data, t.n);
}

/* ================================================================================================================
  15  library: what t5peft.h offers

   Each public function opens a trap, runs a body under it and turns a failure into what it returns.
   ================================================================================================================ */

// Whether a folder holds one of two files.
static bool folder_holds(Arena *a, const char *folder, const char *x, const char *y) {
    return is_file(a, path_join(a, folder, x)) || is_file(a, path_join(a, folder, y));
}

// A model that is ready for use.
typedef struct {
    Model *model;
    Tokenizer *tokenizer;
    const char *config;  // adapter_config.json of the adapter, NULL without one that is attached
    Pass pass;
} Opened;

static Opened model_ready(Arena *a, const t5peft_options *o, const char *folder, const char *adapter) {
    Opened x = {0};
    if (!folder) fail(a, "--model is missing: a folder with config.json, model.safetensors and spiece.model");
    options_check(a, o);
    Ops *ops = ops_open(a, o->device, o->dtype, (int)o->threads);
    x.model = model_open(a, ops, folder);
    if (o->merge_adapter && !adapter) fail(a, "--merge-adapter is given, but no --adapter");
    if (adapter) {
        int64_t V = x.model->config.V;
        const char *config = adapter_open(x.model, adapter);
        if (o->merge_adapter) adapter_merge(x.model);
        else x.config = config;
        // With more tokens comes the tokenizer that knows them.
        if (x.model->config.V != V && folder_holds(a, adapter, "tokenizer.json", "spiece.model")) folder = adapter;
    }
    model_store(x.model, options_dtype(o));
    x.tokenizer = tokenizer_open(a, folder);
    ids_check(a, x.tokenizer, x.model);
    x.pass = pass_open(a, x.model, options_half(o));
    return x;
}

// Random weights of a shape, for what does not depend on them.
static Opened model_untrained(Arena *a, const t5peft_options *o, const char *name, Config c) {
    options_check(a, o);
    Model *m = model_random(a, ops_open(a, o->device, o->dtype, (int)o->threads), name, c, options_dtype(o));
    return (Opened){.model = m, .pass = pass_open(a, m, options_half(o))};
}

struct t5peft {
    Arena arena;         // the session
    Arena reply;         // what the last call returned
    Trap trap;           // only its text is used: the last error
    t5peft_options options;
    Opened x;
    Tuning *tuning;      // of the last t5peft_train
};

static void session_begin(void *arg) {
    t5peft *t = arg;
    t->x = model_ready(&t->arena, &t->options, t->options.model, t->options.adapter[0]);
    if (t->options.merge_adapter) t->options.adapter[0] = NULL;
}

// Runs body(arg) under the session's trap.
static bool session_run(t5peft *t, void (*body)(void *), void *arg) {
    Trap *outer = t->arena.trap;  // of the call whose callback made this one; NULL for most
    t->trap.text[0] = 0;
    t->arena.trap = &t->trap;
    Locale locale = numbers_begin();
    bool done = attempt(&t->arena, body, arg);
    numbers_end(locale);
    t->arena.trap = outer;
    return done;
}

t5peft *t5peft_open(const t5peft_options *options, char *error) {
    t5peft *t = calloc(1, sizeof *t);
    if (t) {
        t->options = *options;
        if (session_run(t, session_begin, t)) return t;
    }
    if (error) snprintf(error, T5PEFT_ERROR, "%s", t ? t->trap.text : "out of memory");
    if (t) arena_free(&t->arena);
    free(t);
    return NULL;
}

void t5peft_close(t5peft *t) {
    if (!t) return;
    arena_free(&t->reply);
    arena_free(&t->arena);
    free(t);
}

const char *t5peft_error(const t5peft *t) {
    return t->trap.text;
}

typedef struct {
    t5peft *session;
    const char *source, *target, *folder;
    char *text;
    double loss;
    const t5peft_options *options;
    t5peft_callback callback;
    void *user;
    bool stopped;
} Call;

static bool call_text(void *user, size_t row, const Generated *sequences, int n) {
    Call *c = user;
    t5peft *t = c->session;
    (void)row;
    t->reply.trap = t->arena.trap;
    c->text = n ? detokenize(&t->reply, t->x.tokenizer, sequences[0].ids, sequences[0].n, NULL) : "";
    return false;
}

static void call_generate(void *arg) {
    Call *c = arg;
    t5peft *t = c->session;
    const t5peft_options *o = &t->options;
    Cut cut = {0};
    size_t n;
    const int32_t *ids = ids_closed(&t->arena, t->x.tokenizer, c->source, strlen(c->source), o->max_source_length, &n, &cut);
    GenerationOptions g = generation_options(&t->arena, &t->options);
    GenerationEvents events = {.user = c, .row = call_text};
    t->x.pass.train = t->x.pass.keep = false;
    generate(&t->x.pass, &g, &ids, &n, 1, &events);
}

const char *t5peft_generate(t5peft *t, const char *source) {
    Call c = {.session = t, .source = source};
    Mark mark = arena_mark(&t->arena);
    arena_free(&t->reply);
    bool done = session_run(t, call_generate, &c);
    arena_release(&t->arena, mark);
    return done ? c.text : NULL;
}

static void call_loss(void *arg) {
    Call *c = arg;
    t5peft *t = c->session;
    const t5peft_options *o = &t->options;
    Example e = {0};
    Examples all = {.items = &e, .n = 1};
    e.source = ids_closed(&t->arena, t->x.tokenizer, c->source, strlen(c->source), o->max_source_length, &e.ns, &all.cut[0]);
    e.label = ids_closed(&t->arena, t->x.tokenizer, c->target, strlen(c->target), o->max_target_length, &e.nt, &all.cut[1]);
    double waited = 0;
    c->loss = examples_loss(&t->x.pass, &all, 1, 0, NULL, &waited);
    if (!isfinite(c->loss)) fail(&t->arena, "%s: the loss is no finite number, though its weights are", t->x.model->path);
}

double t5peft_loss(t5peft *t, const char *source, const char *target) {
    Call c = {.session = t, .source = source, .target = target};
    Mark mark = arena_mark(&t->arena);
    bool done = session_run(t, call_loss, &c);
    arena_release(&t->arena, mark);
    return done ? c.loss : NAN;
}

static void call_train(void *arg) {
    Call *c = arg;
    t5peft *t = c->session;
    if (t->x.model->changed)
        fail(&t->arena, "%s: has changed the weights (%s) and cannot be taken off; t5peft_merge it, or open the model without it",
             t->options.adapter[0], t->x.model->changed);
    model_detach(t->x.model);
    t->tuning = NULL;
    t->options.adapter[0] = NULL;
    Trainer *trainer = trainer_open(&t->arena, t->x.model, t->x.tokenizer, c->options);
    run_json(trainer);
    trainer->callback = c->callback;
    trainer->user = c->user;
    t->tuning = trainer->tuning;
    c->stopped = trainer_run(trainer);
}

int t5peft_train(t5peft *t, const t5peft_options *options, t5peft_callback callback, void *user) {
    Call c = {.session = t, .options = options, .callback = callback, .user = user};
    bool done = session_run(t, call_train, &c);
    folder_unlock(&t->arena);
    if (done) return c.stopped ? 130 : 0;
    if (!t->tuning) model_detach(t->x.model);  // it failed before it trained anything
    return 1;
}

static void call_save(void *arg) {
    Call *c = arg;
    t5peft *t = c->session;
    if (!t->tuning && t->options.adapter[0]) {
        if (t->x.model->changed)
            fail(&t->arena, "%s: is more than plain LoRA (%s) and cannot be written again; t5peft_merge it first",
                 t->options.adapter[0], t->x.model->changed);
        bool prompt = t->x.model->prompt[0].P > 0;
        t->tuning = prompt ? tuning_prompt(t->x.model) : tuning_found(t->x.model);
        if (!prompt) t->tuning->config = t->x.config;
    }
    if (t->tuning) tuning_save(t->tuning, c->folder);
    else model_save(t->x.model, c->folder);
}

int t5peft_save(t5peft *t, const char *folder) {
    Call c = {.session = t, .folder = folder};
    return session_run(t, call_save, &c) ? 0 : 1;
}

static void call_merge(void *arg) {
    t5peft *t = arg;
    if (t->x.model->stored != F32)
        fail(&t->arena, "--dtype %s has rounded the weights; open %s with merge_adapter or f32 to merge", t->options.dtype,
             t->x.model->path);
    adapter_merge(t->x.model);
    t->tuning = NULL;
    t->options.adapter[0] = NULL;
}

int t5peft_merge(t5peft *t) {
    return session_run(t, call_merge, t) ? 0 : 1;
}

/* ================================================================================================================
  16  commands: the command line

   Standard output carries results and nothing else; progress and messages go to standard error.
   ================================================================================================================ */

#ifndef T5PEFT_NO_MAIN

// The only global beside `reading`, for the signal handler. Ctrl-C asks for an orderly end.
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number) {
    interrupted = 1;
    signal(signal_number, SIG_DFL);  // a second Ctrl-C ends at once
}

// An option of sweep that was given, with its values or, where high > 0, its range.
typedef struct {
    const Option *option;
    const char **values;
    size_t n, room;
    double low, high;
} Axis;

typedef struct {
    Arena *arena;
    t5peft_options options;
    char **words;  // what is neither an option nor its value
    int nwords;
    Axis *axes;    // of sweep
    int naxes;
    int status;
    bool found; // --model was left out
    bool told;  // what the rows lack is said once, though compare reads them for each candidate
} Run;

// Takes an option of sweep that may have several values: numbers between commas, or LOW..HIGH; texts one by one. False: its
// value is of the wrong form. The first is what the command has where there is no other.
static bool axis_add(Run *r, const Option *o, const char *value) {
    Arena *a = r->arena;
    bool number = o->type == OPTION_WHOLE || o->type == OPTION_REAL;
    t5peft_options other = r->options;
    int k = 0;
    while (k < r->naxes && r->axes[k].option != o) k++;
    if (!r->axes) r->axes = arena_get(a, OPTIONS, sizeof *r->axes);
    if (k == r->naxes) r->axes[r->naxes++] = (Axis){.option = o};
    Axis *x = &r->axes[k];
    const char *dots = number ? strstr(value, "..") : NULL;
    if (dots) {
        const char *low = arena_copy(a, value, (size_t)(dots - value));
        x->low = strtod(low, NULL);
        x->high = strtod(dots + 2, NULL);
        if (x->n || !option_set(o, &other, low, 0) || !option_set(o, &other, dots + 2, 0)) return false;
        if (!(x->low > 0 && x->high > x->low)) return false;
    }
    for (const char *s = value, *close; s; s = close) {
        const char *comma = number && !dots ? strchr(s, ',') : NULL;
        const char *one = arena_copy(a, s, comma ? (size_t)(comma - s) : strlen(s));
        close = comma ? comma + 1 : NULL;
        if (!dots && (x->high > 0 || !option_set(o, x->n ? &other : &r->options, one, 0))) return false;
        x->values = arena_grow(a, x->values, x->n, &x->room, sizeof *x->values);
        x->values[x->n++] = one;
    }
    return true;
}

// Leaves the axes on which trials differ.
static void axes_settle(Run *r) {
    int n = 0;
    for (int k = 0; k < r->naxes; k++)
        if (r->axes[k].n > 1 || r->axes[k].high > 0) r->axes[n++] = r->axes[k];
    r->naxes = n;
}

static int64_t model_count(const Model *m) {
    int64_t n = 0;
    for (size_t i = 0; i < m->tensors.n; i++) {
        const Tensor *t = &m->tensors.items[i];
        size_t length = strlen(t->name);
        bool scale = length > 6 && !strcmp(t->name + length - 6, ".scale");
        if (!scale && !embedding_copy(m, t->name)) n += t->count;
    }
    return n;
}

// What the rows of a table lack, and how many were cut.
static void rows_say(const t5peft_options *o, const char *path, size_t n, size_t lacking, const char *fate, const Cut *cut) {
    if (o->quiet) return;
    if (lacking) fprintf(stderr, "%s: %zu of %zu rows lack a text (null or an empty field): %s\n", path, lacking, n, fate);
    for (int i = 0; i < 2; i++)
        if (cut[i].rows)
            fprintf(stderr, "%s: %zu of %zu rows are cut to --max-%s-length %lld: they lose %zu tokens\n", path, cut[i].rows, n,
                    i ? "target" : "source", (long long)(i ? o->max_target_length : o->max_source_length), cut[i].tokens);
}

static void examples_say(const t5peft_options *o, const char *path, const Examples *e) {
    rows_say(o, path, e->n + e->lacking, e->lacking, "they are left out", e->cut);
}

// The same of references, before they are scored.
static void references_say(Run *r, const Table *t, const uint32_t *rows, size_t n, const int *columns, int ncolumns) {
    Arena *a = r->arena;
    Cut cut[2] = {{0}};
    size_t lacking = 0, blind = 0;
    Mark mark = arena_mark(a);
    for (size_t i = 0; i < n; i++) {
        int found;
        Slice first = *references_of(a, t, rows ? rows[i] : i, columns, ncolumns, &found);
        lacking += !found;
        blind += rouge_blind(first.data, first.n);
    }
    arena_release(a, mark);
    rows_say(&r->options, t->path, n, lacking, "they have no reference and score 0", cut);
    if (blind && !r->options.quiet)
        fprintf(stderr, "%s: %zu of %zu references are mostly of letters that ROUGE does not know (its words are of a to z and 0 "
                "to 9): even an equal text scores 0 or little\n", t->path, blind, n);
}

// ---- train

typedef struct {
    Arena *arena;
    bool quiet, live;
    int steps;
} TrainView;

static const char *memory_text(Arena *a, double bytes) {
    return arena_print(a, bytes < 1073741824 ? "%.0f MiB" : "%.2f GiB", bytes / (bytes < 1073741824 ? 1048576 : 1073741824));
}

static bool train_progress(void *user, const t5peft_progress *p) {
    TrainView *v = user;
    Mark mark = arena_mark(v->arena);
    if (!v->quiet && ++v->steps == 3 && p->total_steps - p->step > 9)
        fprintf(stderr, "%sfrom the first steps: some %s to go, %s of memory so far\n", v->live ? "\r" : "",
                clock_text(v->arena, p->seconds_left), memory_text(v->arena, peak_bytes()));
    if (!v->quiet && v->live) {
        enum { BAR = 20 };
        int filled = (int)(p->step * BAR / p->total_steps);
        fprintf(stderr, "\r[%.*s%*s] %lld/%lld  loss %.4f  lr %.3g  %.0f tokens/s  %s left ", filled, "####################",
                BAR - filled, "", (long long)p->step, (long long)p->total_steps, p->loss, p->learning_rate, p->tokens_per_second,
                clock_text(v->arena, p->seconds_left));
        if (p->step == p->total_steps || !isnan(p->eval_loss) || interrupted) fputc('\n', stderr);
    } else if (!v->quiet && p->logged) {
        fprintf(stderr, "step %lld/%lld  epoch %.2f  loss %.4f  learning rate %.3g  gradient norm %.3g  %.0f tokens/s  %s left\n",
                (long long)p->step, (long long)p->total_steps, p->epoch, p->loss, p->learning_rate, p->grad_norm,
                p->tokens_per_second, clock_text(v->arena, p->seconds_left));
    }
    if (!v->quiet && !isnan(p->eval_loss)) {
        fprintf(stderr, "step %lld  evaluation loss %.4f", (long long)p->step, p->eval_loss);
        if (!isnan(p->eval_rouge1))
            fprintf(stderr, "  ROUGE-1 %.4f  ROUGE-2 %.4f  ROUGE-L %.4f", p->eval_rouge1, p->eval_rouge2, p->eval_rougeL);
        fputc('\n', stderr);
    }
    arena_release(v->arena, mark);
    return interrupted != 0;
}

// The options to open a model with that is to be trained: what is trained is kept in f32.
static t5peft_options options_opened(const t5peft_options *o) {
    t5peft_options open = *o;
    if (!strcmp(o->method, "full") && options_dtype(o) == BF16) open.dtype = "f32";
    return open;
}

// What is about to run. all: the parameters of the model and of the adapter.
static void train_head(const Trainer *t, const Opened *x, int64_t all) {
    Arena *a = t->arena;
    const t5peft_options *o = t->options;
    if (!o->quiet) {
        fprintf(stderr, "trainable parameters: %s of %s (%.2f %%)\n", with_commas(a, t->tuning->count), with_commas(a, all),
                100.0 * (double)t->tuning->count / (double)all);
        fprintf(stderr, "%s rows, %lld steps, %.2f epochs, batch %lld%s, %s at %g, threads: %d (%s), kernels: %s\n",
                with_commas(a, (int64_t)t->examples.n), (long long)t->total, (double)t->total / (double)t->per_epoch,
                (long long)o->per_device_train_batch_size * o->gradient_accumulation_steps,
                o->gradient_accumulation_steps > 1 ? " (accumulated)" : "", o->lr_scheduler_type, t->rate,
                x->pass.ops->pool->threads, THREADING, x->pass.ops->name);
        if (t->passed_over) fprintf(stderr, "passed over, since it is damaged: %s\n", t->passed_over);
        if (t->step) fprintf(stderr, "going on after step %lld\n", (long long)t->step);
    }
    examples_say(o, o->data, &t->examples);
    if (o->eval_data) examples_say(o, o->eval_data, &t->eval);
}

// What came of it, in `steps` steps and `took` seconds.
static void train_tail(Trainer *t, bool stopped, int64_t steps, double took) {
    Arena *a = t->arena;
    const t5peft_options *o = t->options;
    double loss = t->step ? t->loss_all / (double)t->step : 0;
    if (o->json) {
        printf("{\"steps\": %lld, \"train_loss\": %.9g, \"seconds\": %.3f, \"trainable_parameters\": %lld, \"out\": %s}\n",
               (long long)t->step, loss, took, (long long)t->tuning->count, json_quoted(a, o->out));
    } else if (stopped) {
        printf("stopped after step %lld; --resume goes on from %s\n", (long long)t->step, checkpoint_path(t, t->step));
    } else {
        printf("%s: %lld steps in %s, mean loss %.4f", o->out, (long long)steps, clock_text(a, took), loss);
        if (t->best && t->best_step)
            printf("; weights of step %lld, evaluation loss %.4f", (long long)t->best_step, t->best_loss);
        putchar('\n');
    }
}

static void command_train(Run *r) {
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    t5peft_options open = options_opened(o);
    Opened x = model_ready(a, &open, o->model, NULL);
    double began = seconds();
    int64_t base = model_count(x.model);
    Trainer *trainer = trainer_open(a, x.model, x.tokenizer, o);
    run_json(trainer);
    bool full = !strcmp(o->method, "full");
    int64_t all = base + (full ? 0 : trainer->tuning->count);
    train_head(trainer, &x, all);
    if (o->eval_rouge > 0) {
        size_t n = (size_t)o->eval_rouge < trainer->eval.n ? (size_t)o->eval_rouge : trainer->eval.n;
        uint32_t *rows = arena_get(a, n, sizeof *rows);
        for (size_t i = 0; i < n; i++) rows[i] = trainer->eval.items[i].row;
        int column = table_column(a, trainer->eval_table, o->target_column[0]);
        references_say(r, trainer->eval_table, rows, n, &column, 1);
    }
    TrainView view = {a, o->quiet, isatty(2) != 0, 0};
    trainer->callback = train_progress;
    trainer->user = &view;
    int64_t steps = trainer->step;
    bool stopped = trainer_run(trainer);
    steps = trainer->step - steps;
    train_tail(trainer, stopped, steps, seconds() - began);
    const char *waits = rank_count() > 1 ? waits_text(trainer) : NULL;
    if (waits && !o->quiet) fprintf(stderr, "seconds that ranks waited for others, from rank 0 on: %s\n", waits);
    if (stopped) r->status = 130;
}

// ---- estimate
//
// A run is foretold from a few of its own steps, the one that takes the most memory and some over rows of all lengths. The other
// ways are measured on one piece, and their memory is counted: what this process takes, less what this way's weights, trained
// numbers and workspaces take, plus theirs. Nothing is written.

typedef struct {
    const char *method, *dtype;
    double step, took;       // seconds of a step of the asked size on the average, and of the run
    double held, peak;       // bytes that can be counted, and in all
    // only of the run as asked
    double low, high;        // seconds of the fastest step and of the slowest
    double saved;
    double each_eval;        // seconds of an evaluation
    double tokens[2];        // of a source and a target, on the average
} Estimate;

// The model to measure with: where the folder has no weights yet, random ones of the shape that its config.json says.
static Opened estimate_open(Arena *a, const t5peft_options *o) {
    t5peft_options open = options_opened(o);
    const char *config = path_join(a, o->model ? o->model : "", "config.json");
    if (!o->model || folder_holds(a, o->model, "model.safetensors", "model.safetensors.index.json") || !is_file(a, config))
        return model_ready(a, &open, o->model, NULL);
    Opened x = model_untrained(a, &open, o->model, config_read(a, config, json_file(a, config)));
    if (folder_holds(a, o->model, "spiece.model", "tokenizer.json")) x.tokenizer = tokenizer_open(a, o->model);
    return x;
}

static void param_bytes(void *arg, Param *p) {
    if (!p->value) *(double *)arg += (double)(p->file.count * dtypes[p->file.dtype].bytes);
}

// A trained number is kept with its gradient and two moments.
static double trainer_bytes(const Trainer *t) {
    const Workspace *spaces[] = {t->pass.work, t->pass.kept};
    double bytes = 16 * (double)t->tuning->count;
    model_params(t->model, param_bytes, &bytes);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < spaces[i]->n; k++) bytes += (double)spaces[i]->room[k] * sizeof(float);
    return bytes;
}

// Seconds of one step over n of the examples: from the longest on (shift < 0), or spread evenly over all lengths. *tokens is
// their sum.
static double estimate_step(Trainer *t, const LengthItem *order, size_t n, double shift, double *tokens) {
    Mark mark = arena_mark(t->arena);
    const Example **rows = arena_get(t->arena, n, sizeof *rows);
    *tokens = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = shift < 0 ? i : (size_t)(((double)i + shift) / (double)n * (double)t->examples.n);
        rows[i] = &t->examples.items[order[at].item];
        *tokens += (double)order[at].length;
    }
    double took = step_seconds(t, rows, n);
    arena_release(t->arena, mark);
    return took;
}

// The step of the run's first epochs whose largest piece has the most tokens: memory grows to what that one takes.
static void estimate_largest(Trainer *t, size_t batch) {
    enum { STEPS = 20000 };  // that are looked at
    Mark mark = arena_mark(t->arena);
    const Example **rows = arena_get(t->arena, 2 * batch, sizeof *rows), **largest = rows + batch;
    size_t count = 0;
    int64_t most = 0;
    for (int64_t epoch = 0, step = 0; step < t->total && step < STEPS; epoch++) {
        Mark inner = arena_mark(t->arena);
        uint32_t *order = epoch_order(t, epoch);
        for (size_t from = 0; from < t->examples.n && step < t->total && step < STEPS; from += batch, step++) {
            Mark one = arena_mark(t->arena);
            size_t n = t->examples.n - from < batch ? t->examples.n - from : batch;
            for (size_t i = 0; i < n; i++) rows[i] = &t->examples.items[order[from + i]];
            Batch b = batch_make(t->arena, &t->model->config, rows, n);
            for (int64_t first = 0; first < b.S;) {
                Batch piece = batch_piece(&b, first, piece_tokens(t->model));
                int64_t tokens = batch_tokens(&piece) + piece.S * (t->model->prompt[0].P + t->model->prompt[1].P);
                if (tokens > most) most = tokens, count = 0;
                first += piece.S;
            }
            arena_release(t->arena, one);
            if (!count) memcpy(largest, rows, (count = n) * sizeof *rows);
        }
        arena_release(t->arena, inner);
    }
    step_seconds(t, largest, count);
    arena_release(t->arena, mark);
}

static Trainer *estimate_trainer(Arena *a, const t5peft_options *o, Opened *x) {
    Trainer *t = arena_get(a, 1, sizeof *t);
    *x = estimate_open(a, o);
    *t = (Trainer){.arena = a, .options = o, .model = x->model, .tokenizer = x->tokenizer};
    trainer_data(t);
    trainer_attach(t);
    trainer_count(t);
    t->rate = 0;  // the weights stay as they are
    return t;
}

static LengthItem *estimate_order(Trainer *t) {
    LengthItem *order = arena_get(t->arena, t->examples.n, sizeof *order);
    for (size_t i = 0; i < t->examples.n; i++)
        order[i] = (LengthItem){t->examples.items[i].ns + t->examples.items[i].nt, (uint32_t)i, (uint32_t)i};
    qsort(order, t->examples.n, sizeof *order, longest_first);
    return order;
}

// Reads what the run would read of a mapped table of embeddings: its pages count as memory.
static void estimate_touch(Trainer *t) {
    const Tensor *table = &t->model->shared.device;
    float x;
    for (size_t i = 0; i < t->examples.n; i++) {
        const Example *e = &t->examples.items[i];
        for (size_t k = 0; k < e->ns + e->nt; k++)
            tensor_read(table, (k < e->ns ? e->source[k] : e->label[k - e->ns]) * t->model->config.D, 1, &x);
    }
}

// The run as asked: its largest step, then steps over all lengths for some seconds.
static void estimate_asked(Trainer *t, Estimate *e, size_t batch) {
    LengthItem *order = estimate_order(t);
    double tokens, began, sum = 0;
    int n = 0;
    estimate_touch(t);
    reads_text(t);  // as train does first: it looks into every tensor of the file
    estimate_largest(t, batch);
    for (e->low = INFINITY, began = seconds(); !interrupted && (n < 3 || (n < 30 && seconds() - began < 4)); n++) {
        double took = estimate_step(t, order, batch, fmod(0.5 + 0.618034 * n, 1), &tokens);
        sum += took;
        e->low = fmin(e->low, took);
        e->high = fmax(e->high, took);
    }
    e->step = sum / n;
    if (t->eval.n) {
        size_t some = t->eval.n < 16 ? t->eval.n : 16;
        Examples part = {.items = arena_get(t->arena, some, sizeof *part.items), .n = some};
        for (size_t i = 0; i < some; i++) part.items[i] = t->eval.items[i * t->eval.n / some];
        began = seconds();
        examples_loss(&t->pass, &part, some, 0, NULL, &t->waited);
        e->each_eval = (seconds() - began) * (double)t->eval.n / (double)some;
    }
    e->held = trainer_bytes(t);
    e->peak = peak_bytes();
    for (size_t i = 0; i < t->examples.n; i++) {
        e->tokens[0] += (double)t->examples.items[i].ns / (double)t->examples.n;
        e->tokens[1] += (double)t->examples.items[i].nt / (double)t->examples.n;
    }
    e->saved = 4 * (double)(t->tuning->config ? t->tuning->count : model_count(t->model));
}

// Another way, from one row and from as many as fill a piece: what a step costs besides its tokens, and a token.
static void estimate_other(Run *r, const t5peft_options *asked, const Estimate *first, Estimate *e, size_t batch) {
    Arena *a = arena_inner(r->arena);
    t5peft_options o = *asked;
    Opened x;
    o.method = e->method;
    o.dtype = e->dtype;
    o.init_adapter = o.eval_data = NULL;
    o.prompt_tuning_init = "random";
    Trainer *t = estimate_trainer(a, &o, &x);
    LengthItem *order = estimate_order(t);
    double few, many, mean = 0, all = 0;
    size_t n = 0;
    for (size_t i = 0; i < t->examples.n; i++) mean += (double)order[i].length / (double)t->examples.n;
    while (n < batch && all < (double)piece_tokens(t->model)) all += (double)order[n++].length;
    double longest = estimate_step(t, order, n, -1, &many), one = estimate_step(t, order, 1, 0.5, &few);
    double token = many > few ? fmax(0, (longest - one) / (many - few)) : one / few;
    e->step = fmax(0, one - token * few) + token * mean * (double)batch;
    e->peak = first->peak - first->held + trainer_bytes(t);
    arena_free(a);
}

// steps: as many as if each had all `batch` rows; before: seconds until the first.
static void estimate_print(Run *r, const Trainer *t, Estimate *all, int n, size_t batch, double steps, double before) {
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    const Estimate *e = all;
    int64_t every = o->eval_steps > 0 ? o->eval_steps : t->per_epoch;
    int64_t evaluations = t->eval.n ? (t->total + every - 1) / every : 0;
    double besides = before + (double)evaluations * e->each_eval;
    for (int i = 0; i < n; i++) all[i].took = steps * all[i].step + (i ? before : besides);
    double low = steps * e->low + besides, high = steps * e->high + besides, money = e->took / 3600 * o->price_per_hour;
    size_t cut = t->examples.cut[0].rows + t->examples.cut[1].rows, lost = t->examples.cut[0].tokens + t->examples.cut[1].tokens;
    if (o->json) {
        printf("{\"steps\": %lld, \"seconds\": %.3f, \"seconds_low\": %.3f, \"seconds_high\": %.3f, \"peak_bytes\": %.0f, "
               "\"saved_bytes\": %.0f, \"rows\": %zu, \"rows_cut\": %zu, \"money\": %.9g, \"others\": [", (long long)t->total,
               e->took, low, high, e->peak, e->saved, t->examples.n, cut, money);
        for (int i = 1; i < n; i++)
            printf("%s{\"method\": \"%s\", \"dtype\": \"%s\", \"seconds\": %.3f, \"peak_bytes\": %.0f}", i > 1 ? ", " : "",
                   all[i].method, all[i].dtype, all[i].took, all[i].peak);
        puts("]}");
        return;
    }
    printf("rows      %s, of %.0f source and %.0f target tokens on the average", with_commas(a, (int64_t)t->examples.n),
           e->tokens[0], e->tokens[1]);
    if (cut) printf("; %zu would be cut and lose %zu tokens", cut, lost);
    printf("\nsteps     %s of %zu rows, %.3g s each\n", with_commas(a, t->total), batch, e->step);
    printf("time      %s (%s to %s)\n", time_text(a, e->took), time_text(a, low), time_text(a, high));
    printf("memory    %s\nsaved     %s\n", memory_text(a, e->peak), bytes_text(a, e->saved));
    if (o->price_per_hour > 0) printf("money     %.2f\n", money);
    printf("\n  %-8s%-6s%16s%12s\n", "method", "dtype", "time", "memory");
    for (int i = 0; i < n; i++)
        printf("%c %-8s%-6s%16s%12s\n", i ? ' ' : '*', all[i].method, all[i].dtype, time_text(a, all[i].took),
               memory_text(a, all[i].peak));
}

static void command_estimate(Run *r) {
    static const char *const ways[][2] = {{"lora", "f32"}, {"lora", "int8"}, {"prompt", "f32"}, {"prompt", "int8"},
                                          {"full", "f32"}};
    enum { WAYS = sizeof ways / sizeof *ways };
    Arena *a = r->arena, *inner = arena_inner(a);
    t5peft_options o = r->options;
    double began = seconds();
    if (!o.out) o.out = "";  // nothing is written
    train_check(a, &o);
    Opened x;
    Estimate all[1 + WAYS] = {{.method = o.method, .dtype = o.dtype}};
    Trainer *t = estimate_trainer(inner, &o, &x);
    double before = seconds() - began, b = (double)(o.per_device_train_batch_size * o.gradient_accumulation_steps);
    size_t batch = (double)t->examples.n < b ? t->examples.n : (size_t)b;
    int64_t epochs = t->total / t->per_epoch, rest = t->total % t->per_epoch;
    double steps = (double)epochs * (double)t->examples.n / (double)batch + (double)rest;
    if (!o.quiet) fprintf(stderr, "measuring %s in %s\n", o.method, o.dtype);
    estimate_asked(t, &all[0], batch);
    Trainer plan = *t;  // its counts
    arena_free(inner);
    int n = 1;
    for (int i = 0; i < WAYS && !interrupted; i++) {
        if (!strcmp(ways[i][0], o.method) && !strcmp(ways[i][1], o.dtype)) continue;
        all[n] = (Estimate){.method = ways[i][0], .dtype = ways[i][1]};
        if (!o.quiet) fprintf(stderr, "measuring %s in %s\n", all[n].method, all[n].dtype);
        estimate_other(r, &o, &all[0], &all[n], batch);
        n++;
    }
    if (interrupted) r->status = 130;
    else estimate_print(r, &plan, all, n, batch, steps, before);
}

// ---- generate

// Sources of a command and what becomes of them.
typedef struct {
    Run *run;
    Opened x;
    const Table *table;
    const uint32_t *rows;
    size_t n, finished, printed;
    size_t first;            // index of the first row, where rows come one by one
    const int32_t **sources;
    size_t *lengths;
    char **texts;            // of each row's first sequence
    char **lines;            // what standard output gets for a row
    int64_t tokens;
    double began, shown;
    const char *label;       // for progress; NULL: none
    bool stream;             // print rows, in order, as they are complete
    bool live;               // print tokens as they come
    Text sofar;
    size_t written;
    Arena *texts_arena;
} Job;

static void job_sources(Job *j) {
    Run *r = j->run;
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    if (o->max_source_length < 1) fail(a, "--max-source-length must be at least 1");
    j->rows = rows_select(a, j->table, o->subset, (size_t)(o->limit > 0 ? o->limit : 0), &j->n);
    const char *template = unescape(a, o->prompt);
    j->sources = arena_get(a, j->n, sizeof *j->sources);
    j->lengths = arena_get(a, j->n, sizeof *j->lengths);
    j->texts = arena_get(a, j->n, sizeof *j->texts);
    j->lines = arena_get(a, j->n, sizeof *j->lines);
    Cut cut[2] = {{0}};
    size_t lacking = 0;
    for (size_t i = 0; i < j->n; i++) {
        size_t n;
        const char *source = prompt_fill(a, template, j->table, j->rows[i], o->source_column, &n);
        j->sources[i] = ids_closed(a, j->x.tokenizer, source, n, o->max_source_length, &j->lengths[i], &cut[0]);
        lacking += source_lacks(a, template, j->table, j->rows[i], o->source_column);
    }
    if (!r->told) rows_say(o, j->table->path, j->n, lacking, "the model reads an empty one", cut);
    r->told = true;
}

static void job_progress(Job *j, bool last) {
    if (!j->label || j->run->options.quiet || (!isatty(2) && !last)) return;
    if (!last && seconds() - j->shown < 0.2) return;
    j->shown = seconds();
    double took = j->shown - j->began;
    fprintf(stderr, "%s%s: %zu/%zu rows, %.1f tokens/s", isatty(2) ? "\r" : "", j->label, j->finished, j->n,
            took > 0 ? (double)j->tokens / took : 0);
    fputs(last ? "\n" : "  ", stderr);
}

static void job_line(Job *j, size_t row, const Generated *s, int n) {
    Text t = {.arena = j->texts_arena};
    for (int i = 0; i < n; i++) {
        size_t length;
        const char *text = detokenize(j->texts_arena, j->x.tokenizer, s[i].ids, s[i].n, &length);
        if (!j->run->options.json) {
            text_add(&t, text, length);
            text_add(&t, "\n", 1);
            continue;
        }
        text_print(&t, "{\"index\": %zu, \"text\": ", j->first + j->rows[row]);
        text_json(&t, text, length);
        text_print(&t, ", \"tokens\": [");
        for (size_t k = 0; k < s[i].n; k++) text_print(&t, k ? ", %d" : "%d", s[i].ids[k]);
        text_print(&t, "]}\n");
    }
    j->lines[row] = t.data ? t.data : "";
}

static bool job_row(void *user, size_t row, const Generated *s, int n) {
    Job *j = user;
    j->texts[row] = n ? detokenize(j->texts_arena, j->x.tokenizer, s[0].ids, s[0].n, NULL) : "";
    for (int i = 0; i < n; i++) j->tokens += (int64_t)s[i].n;
    j->finished++;
    if (j->stream) {
        job_line(j, row, s, n);
        for (; j->printed < j->n && j->lines[j->printed]; j->printed++)
            fputs(j->live ? "\n" : text_printed(j->texts_arena, j->lines[j->printed], strlen(j->lines[j->printed])), stdout);
        fflush(stdout);
    }
    job_progress(j, false);
    return interrupted || ferror(stdout);
}

// Text appears as it is generated; a piece that is not whole yet (a half of a character) waits for the next.
static bool job_token(void *user, size_t row, int32_t id) {
    Job *j = user;
    (void)row;
    if (!j->live) return interrupted != 0;
    size_t n;
    text_add(&j->sofar, (const char *)&id, sizeof id);
    const char *text = detokenize(j->texts_arena, j->x.tokenizer, (const int32_t *)(const void *)j->sofar.data,
                                  j->sofar.n / sizeof id, &n);
    if (n > j->written) {
        fwrite(text_printed(j->texts_arena, text + j->written, n - j->written), 1, n - j->written, stdout);
        fflush(stdout);
        j->written = n;
    }
    return interrupted != 0;
}

static void job_generate(Job *j) {
    GenerationOptions g = generation_options(j->run->arena, &j->run->options);
    GenerationEvents events = {j, job_token, job_row};
    j->began = seconds();
    j->sofar.arena = j->texts_arena;
    if (!generate(&j->x.pass, &g, j->sources, j->lengths, j->n, &events)) j->run->status = 130;
    job_progress(j, true);
}

static Opened run_ready(Run *r, const char *model, const char *adapter) {
    Opened x = model_ready(r->arena, &r->options, model, adapter);
    if (x.model->note && !r->options.quiet) fprintf(stderr, "%s: is %s\n", adapter, x.model->note);
    return x;
}

static Job *job_new(Run *r, const char *model, const char *adapter) {
    Job *j = arena_get(r->arena, 1, sizeof *j);
    *j = (Job){.run = r, .x = run_ready(r, model, adapter)};
    j->texts_arena = arena_inner(r->arena);  // generate() gives back what it is called with, and texts must outlive it
    return j;
}

static Job *job_open(Run *r, const Table *table, const char *model, const char *adapter) {
    Job *j = job_new(r, model, adapter);
    j->table = table;
    job_sources(j);
    return j;
}

static Table *rows_of_words(Run *r) {
    Arena *a = r->arena;
    if (r->options.data) return table_open(a, r->options.data);
    Text t = {.arena = a};
    for (int i = 0; i < r->nwords; i++) text_print(&t, i ? " %s" : "%s", r->words[i]);
    if (!r->nwords) {
        if (isatty(0) && !r->options.quiet) {
            if (r->found) fprintf(stderr, "No --model: this is %s, for another one name its folder.\n", r->options.model);
            fprintf(stderr, "Type a dialogue and end it with Ctrl-D on a line of its own, for instance\n"
                            "  #Person1#: Where shall we meet?\n  #Person2#: At the station, at six.\n");
        }
        File f = input_open(a, "-");
        text_add(&t, f.data, f.size);
        while (t.n && (t.data[t.n - 1] == '\n' || t.data[t.n - 1] == '\r')) t.n--;
    }
    return table_from_text(a, r->options.source_column, t.data ? t.data : "", t.n);
}

// One line of generate --lines: a row of its own, as in a .jsonl file, or the text of the source column.
typedef struct {
    Job *job;
    const char *text;
    size_t n;
} Line;

static void line_sources(void *arg) {
    Line *l = arg;
    Arena *a = l->job->run->arena;
    const char *path = arena_print(a, "standard input, line %zu", l->job->first + 1);
    if (l->n && *l->text == '{') l->job->table = table_read(a, (File){.data = l->text, .size = l->n, .path = path});
    else l->job->table = table_from_text(a, l->job->run->options.source_column, l->text, l->n);
    l->job->run->told = false;
    job_sources(l->job);
}

// The next line of standard input without its end; false where there is none.
static bool line_next(Text *t) {
    int c;
    t->n = 0;
    text_add(t, "", 0);
    while ((c = getchar()) != EOF && c != '\n') text_add(t, &(char){(char)c}, 1);
    if (t->n && t->data[t->n - 1] == '\r') t->data[--t->n] = 0;
    return c != EOF || t->n;
}

// A line that is no row gets an answer too, {"index", "error"}, so that who asks can count.
static void generate_lines(Run *r) {
    Arena *a = r->arena;
    Text text = {.arena = arena_inner(a)};
    if (rank_count() > 1) fail(a, "--lines answers one line after the other, which one process does; start it without mpirun");
    if (r->options.data || r->nwords) fail(a, "--lines reads standard input: leave out --data and the text");
    r->options.json = true;
    Job *j = job_new(r, r->options.model, r->options.adapter[0]);
    j->stream = true;
    for (Mark mark = arena_mark(a), said = arena_mark(j->texts_arena); !r->status && !interrupted && line_next(&text);
         j->first++) {
        j->finished = j->printed = 0;
        if (attempt(a, line_sources, &(Line){j, text.data, text.n})) job_generate(j);
        else {
            printf("{\"index\": %zu, \"error\": %s}\n", j->first, json_quoted(a, arena_print(a, "%s", a->trap->text)));
            fflush(stdout);
        }
        arena_release(j->texts_arena, said);
        arena_release(a, mark);
    }
    if (interrupted) r->status = 130;
}

static void command_generate(Run *r) {
    if (r->options.lines) {
        generate_lines(r);
        return;
    }
    Table *table = rows_of_words(r);
    Job *j = job_open(r, table, r->options.model, r->options.adapter[0]);
    j->stream = true;
    j->live = isatty(1) && j->n == 1 && !r->options.json && r->options.num_beams == 1 && r->options.num_return_sequences == 1;
    j->label = j->n > 1 ? "generate" : NULL;
    job_generate(j);
}

// ---- eval, compare

static const char *data_needed(Run *r) {
    if (!r->options.data) fail(r->arena, "--data is missing: a .csv, .tsv or .jsonl file");
    return r->options.data;
}

static void command_eval(Run *r) {
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    Table *t = table_open(a, data_needed(r));
    int columns[T5PEFT_LIST], references = target_columns(a, o, t, columns);
    Job *j = job_open(r, t, o->model, o->adapter[0]);
    if (o->out) output_check(a, o->out);
    references_say(r, t, j->rows, j->n, columns, references);
    j->label = "eval";
    job_generate(j);
    if (r->status || rank_own()) return;
    Candidates c = {.name = "prediction", .texts = j->texts};
    Report report = {.options = o, .table = t, .rows = j->rows, .n = j->n, .all = &c, .nall = 1};
    candidates_score(a, &report, &c);
    rouge_print(&c.mean, j->n, o->json);
    if (o->out) results_write(a, o->out, &report);
}

// The last part of a folder's name; the whole of it where an earlier candidate is called so.
static const char *candidate_name(Arena *a, const char *folder, const Candidates *all, int k) {
    const char *name = path_name(a, folder);
    for (int i = 0; i < k; i++)
        if (!strcmp(all[i].name, name)) return folder;
    return name;
}

// Generates with one model, or with the model and an adapter, and scores what comes out. The model is closed again: only one is
// in memory at a time.
static void candidate_run(Run *r, const Report *report, const char *model, const char *adapter, Candidates *c) {
    Arena *a = r->arena, *inner = arena_inner(a);
    r->arena = inner;
    Job *j = job_open(r, report->table, model, adapter);
    j->label = c->name;
    c->folder = adapter ? adapter : model;
    c->all = model_count(j->x.model);
    if (adapter) {
        c->parameters = j->x.model->adapter_count + (j->x.model->prompt[0].P + j->x.model->prompt[1].P) * j->x.model->config.D;
        c->all += c->parameters;
    } else if (c != report->all) c->parameters = c->all;
    double began = seconds();
    job_generate(j);
    c->seconds = seconds() - began;
    c->tokens = j->tokens;
    c->texts = arena_get(a, report->n, sizeof *c->texts);
    for (size_t i = 0; i < report->n; i++) c->texts[i] = j->texts[i] ? arena_copy(a, j->texts[i], strlen(j->texts[i])) : "";
    if (adapter && !r->status && !rank_own() && !j->x.model->changed) {  // other kinds take minutes on a large model
        bool prompt = j->x.model->prompt[0].P > 0;
        const char *note = change_sentence(inner, prompt ? NULL : model_measure(j->x.model, NULL, false),
                                           prompt ? prompt_measure(j->x.model, j->x.tokenizer, NULL) : NULL);
        c->note = arena_copy(a, note, strlen(note));
    }
    r->arena = a;
    arena_free(inner);
    if (!r->status && !rank_own()) candidates_score(a, report, c);
}

static void command_compare(Run *r) {
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    if (!o->out) fail(a, "--out is missing: the folder for results.csv and report.html");
    Table *t = table_open(a, data_needed(r));
    Report report = {.options = o, .table = t, .all = arena_get(a, 2 + T5PEFT_LIST, sizeof *report.all)};
    report.rows = rows_select(a, t, o->subset, (size_t)(o->limit > 0 ? o->limit : 0), &report.n);
    int columns[T5PEFT_LIST];
    size_t samples;
    // What is wrong in the options should show before the first row is generated.
    references_say(r, t, report.rows, report.n, columns, target_columns(a, o, t, columns));
    samples_pick(a, o, report.rows, report.n, &samples);
    for (int k = 0; o->adapter[k]; k++)
        if (!is_file(a, path_join(a, o->adapter[k], "adapter_config.json")))
            fail(a, "%s: holds no adapter_config.json; --adapter wants a folder that peft or t5peft train wrote", o->adapter[k]);
    if (o->instruct && !is_file(a, path_join(a, o->instruct, "config.json")))
        fail(a, "%s: holds no config.json; --instruct wants a folder that t5peft train --method full wrote", o->instruct);
    if (!rank_own()) {
        folder_make(a, o->out);
        folder_lock(a, o->out);
        output_check(a, path_join(a, o->out, "results.csv"));
    }
    for (int k = -2; k < 0 || o->adapter[k]; k++) {
        if (k == -1 && !o->instruct) continue;
        Candidates *c = &report.all[report.nall];
        const char *adapter = k < 0 ? NULL : o->adapter[k];
        c->name = adapter ? candidate_name(a, adapter, report.all, report.nall) : k == -1 ? "instruct" : "original";
        candidate_run(r, &report, k == -1 ? o->instruct : o->model, adapter, c);
        if (r->status) return;
        report.nall++;
    }
    if (rank_own()) return;
    results_write(a, path_join(a, o->out, "results.csv"), &report);
    report_html(a, path_join(a, o->out, "report.html"), &report);
    if (o->json) compare_json(a, &report);
    else {
        compare_table(a, &report);
        compare_samples(a, &report);
        printf("\nwritten: %s and %s\n", path_join(a, o->out, "results.csv"), path_join(a, o->out, "report.html"));
    }
}

// ---- sweep
//
// Successive halving (Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016): all trials train for a share of their steps,
// the best 1 / eta of them go on to eta times as many, and so on. The schedule is that of the whole run from its first step. What
// is known of a trial is in its folder, as a run's checkpoints and one rung-K.json for each rung that it has ended: a sweep that
// was killed goes on from there. Trials see the same rows, so their losses are compared row by row.

typedef struct Sweep Sweep;

typedef struct {
    Sweep *sweep;
    Arena *arena;               // while it runs
    Trap trap;
    Trainer *trainer;
    const t5peft_progress *progress;
    t5peft_options options;
    const char *name, *label;   // label: the options in which trials differ
    int64_t total, until, step; // steps: of the whole run, until the end of this rung, done
    double loss, eval_loss;     // eval_loss: INFINITY where it is no finite number
    double *rows, *before;      // what each of the n evaluation rows adds to eval_loss; the same of the rung before
    size_t n;
    Curve curve;                // eval_loss at the end of each rung
    int number, rung;           // rung: the last that it has ended
    double began, took;         // took: seconds of the whole machine, in all rungs
    const char *state, *why;    // why: what ended it early
    bool failed;
} Trial;

struct Sweep {
    Run *run;
    Arena *arena;
    Pool *pool;
    int n, nrepeats;            // trials; repeats of the best with other seeds
    Trial *trials;              // n + nrepeats
    Trial **order;              // the n, from the best on; those that run this rung first; then the repeats
    int running;
    Trial **mine;               // those of them that this process trains
    int rung, rungs;
    int64_t eta;
    int threads, share;         // of a trial, and of all
    int ranks;
    double began, shown, done;  // done: steps that this process has trained
    int lines;                  // of the live table
};

// The values that trial i has: the i-th of the grid, in the order of a number whose last digit runs fastest, or drawn ones.
static void trial_options(Sweep *s, Trial *t, uint32_t i, bool drawn) {
    Arena *a = s->arena;
    Run *r = s->run;
    uint64_t key = random_key((uint64_t)r->options.seed, 0x53ee9, i);
    Text label = {.arena = a};
    text_add(&label, "", 0);
    t->options = r->options;
    for (int k = r->naxes - 1; k >= 0; k--) {
        const Axis *x = &r->axes[k];
        double u = random_uniform(key, (uint64_t)k);
        size_t n = drawn ? (size_t)(u * (double)x->n) : i % x->n;
        const char *value = x->values[n];
        if (!drawn) i /= (uint32_t)x->n;
        if (x->high > 0)
            value = arena_print(a, x->option->type == OPTION_WHOLE ? "%.0f" : "%.3g", x->low * exp(u * log(x->high / x->low)));
        option_set(x->option, &t->options, value, 0);
    }
    for (int k = 0; k < r->naxes; k++) {
        const char *words = option_words(a, r->axes[k].option, &t->options) + !k;
        text_add(&label, words, strlen(words));
    }
    t->label = label.data;
    t->options.out = path_join(a, r->options.out, t->name);
    t->options.eval_rouge = 0;  // that is for the best
    t->options.json = t->options.quiet = false;
}

static Trial trial_new(Sweep *s, const char *name, int number) {
    return (Trial){.sweep = s, .name = name, .number = number, .rung = -1, .eval_loss = INFINITY, .loss = NAN};
}

// Plans the trials: the grid, some of it, or draws from ranges.
static void sweep_plan(Sweep *s) {
    enum { MOST = 4096, LARGEST_GRID = 1 << 20 };
    Run *r = s->run;
    Arena *a = s->arena;
    const t5peft_options *o = &r->options;
    double grid = 1;
    bool range = false;
    for (int k = 0; k < r->naxes; k++) {
        const Axis *x = &r->axes[k];
        grid *= (double)x->n;
        if (!x->n || !(x->high > 0)) continue;
        range = true;
        if (!o->trials) fail(a, "--%s %s is a range: --trials N says how many are drawn", x->option->name, x->values[0]);
    }
    double n = o->trials > 0 && (range || (double)o->trials < grid) ? (double)o->trials : grid;
    if (n > MOST || grid > LARGEST_GRID)
        fail(a, "%.0f trials of a grid of %.0f are too many; --trials N draws N of a grid, N at most %d", n, grid, MOST);
    uint32_t *drawn = arena_get(a, (size_t)grid, sizeof *drawn);
    for (size_t i = 0; i < (size_t)grid; i++) drawn[i] = (uint32_t)i;
    if (n < grid) random_permutation(random_key((uint64_t)o->seed, 0x53ee8, 0), (size_t)grid, drawn);
    s->n = (int)n;
    s->nrepeats = o->seeds > 1 ? (int)o->seeds - 1 : 0;
    s->trials = arena_get(a, (size_t)s->n + (size_t)s->nrepeats, sizeof *s->trials);
    s->order = arena_get(a, (size_t)s->n + (size_t)s->nrepeats, sizeof *s->order);
    for (int i = 0; i < s->n; i++) {
        Trial *t = s->order[i] = &s->trials[i];
        *t = trial_new(s, arena_print(a, "trial-%d", i + 1), i + 1);
        trial_options(s, t, range ? (uint32_t)i : drawn[i], range);
        train_check(a, &t->options);
    }
    s->eta = o->eta;
    s->rungs = 1;
    if (s->eta < 1) fail(a, "--eta must be at least 1");
    for (double left = n / (double)s->eta; s->eta > 1 && left >= 1; left /= (double)s->eta) s->rungs++;
}

// The folder belongs to one plan; another is refused with the first line in which they differ.
static void sweep_claim(Sweep *s) {
    Arena *a = s->arena;
    const t5peft_options *o = &s->run->options;
    const char *path = path_join(a, o->out, "sweep.json"), **lines = arena_get(a, 1 + OPTIONS + (size_t)s->n, sizeof *lines);
    int n = 0;
    folder_make(a, o->out);
    folder_lock(a, o->out);
    lines[n++] = arena_print(a, "--eta %lld", (long long)s->eta);
    for (const Option *p = options_table; p < options_table + OPTIONS; p++) {
        const char *words = option_words(a, p, o);
        bool swept = false;
        for (int k = 0; k < s->run->naxes; k++) swept |= p == s->run->axes[k].option;
        if (!swept && *words && option_matters(a, p)) lines[n++] = words + 1;
    }
    for (int i = 0; i < s->n; i++) lines[n++] = arena_print(a, "%s: %s", s->trials[i].name, s->trials[i].label);
    if (is_file(a, path)) {
        const Json *was = json_get(json_file(a, path), "plan"), *line = was ? was->child : NULL;
        for (int i = 0; i < n; i++, line = line->next)
            if (!line || line->type != JSON_STRING || strcmp(line->string, lines[i]))
                fail(a, "%s: is of another sweep: it has \"%s\", this one \"%s\"; name another --out", path,
                     line && line->type == JSON_STRING ? line->string : "", lines[i]);
        if (line) fail(a, "%s: is of another sweep, of more trials; name another --out", path);
        return;
    }
    Text plan = {.arena = a};
    text_print(&plan, "{\"version\": \"%s\", \"command\": \"sweep\", \"plan\": [", T5PEFT_VERSION);
    for (int i = 0; i < n; i++) text_print(&plan, "%s\n%s", i ? "," : "", json_quoted(a, lines[i]));
    text_print(&plan, "]}\n");
    file_write(a, path, plan.data, plan.n);
}

// Steps after which a trial has ended a rung: the last is the whole run, and each has eta times as many as the one before.
static int64_t rung_end(const Sweep *s, int64_t total, int rung) {
    double steps = ceil((double)total / pow((double)s->eta, s->rungs - 1 - rung) - 1e-9);
    return steps < 1 ? 1 : (int64_t)steps;
}

// How many trials a rung is meant for.
static int rung_quota(const Sweep *s, int rung) {
    double n = s->n / pow((double)s->eta, rung);
    return n < 1 ? 1 : (int)(n + 1e-9);
}

static const char *rung_path(Arena *a, const Trial *t, int rung) {
    return path_join(a, t->options.out, arena_print(a, "rung-%d.json", rung + 1));
}

// Takes over what a trial's folder says of a rung that has ended.
static void rung_read(Sweep *s, Trial *t) {
    Arena *a = s->arena;
    const char *path = rung_path(a, t, s->rung);
    const Json *j = json_file(a, path), *rows = json_get(j, "rows");
    t->rung = s->rung;
    t->step = (int64_t)json_number(j, "step", 0);
    t->total = (int64_t)json_number(j, "total", 0);
    t->took += json_number(j, "seconds", 0);
    t->eval_loss = json_number(j, "eval_loss", INFINITY);
    t->why = json_text(j, "why", NULL);
    t->before = t->rows;
    t->n = rows ? rows->n : 0;
    t->rows = arena_get(a, t->n, sizeof *t->rows);
    size_t i = 0;
    for (const Json *v = rows ? rows->child : NULL; v; v = v->next) t->rows[i++] = v->number;
    if (!t->why && (!t->n || !isfinite(t->eval_loss))) fail(a, "%s: is damaged; remove it", path);
    curve_add(a, &t->curve, (double)t->step, t->eval_loss);
}

// Seconds until the last trial ends, from what this process has done so far.
static double sweep_left(const Sweep *s) {
    double all = 0, done = 0;
    for (int k = 0; k < s->rungs; k++)
        for (int i = 0; i < (k == s->rung ? s->running : k < s->rung ? 0 : rung_quota(s, k)); i++) {
            const Trial *t = s->order[i];
            int64_t total = t->total ? t->total : s->order[0]->total, before = k ? rung_end(s, total, k - 1) : 0;
            all += (double)(rung_end(s, total, k) - before);
            if (k == s->rung && t->step > before) done += (double)(t->step - before);
        }
    return s->done > 0 ? (seconds() - s->began) / s->done * (all - done) / s->ranks : NAN;
}

// Draws the table of the trials that run, on a terminal, over the one before. Nothing may fail here or in the two below: other
// threads wait meanwhile.
static void sweep_draw(void *arg) {
    enum { MOST = 24 };
    Sweep *s = arg;
    char clock[32];
    double left = sweep_left(s);
    if (s->lines) fprintf(stderr, "\033[%dA", s->lines);
    s->lines = 0;
    for (int i = 0; i < s->running && s->lines < MOST; i++, s->lines++) {
        const Trial *t = s->order[i];
        fprintf(stderr, "%-9s %8lld/%-8lld %9.4f  %-8s %s\033[K\n", t->name, (long long)t->step, (long long)t->until, t->loss,
                i % s->ranks ? "elsewhere" : t->rung == s->rung || (t->until && t->step >= t->until) ? "ended"
                : t->until ? "trains" : "waits", t->label);
    }
    fprintf(stderr, "rung %d of %d, %d trials", s->rung + 1, s->rungs, s->running);
    if (left >= 0) fprintf(stderr, ", some %s left in all", clock_into(clock, left));
    fputs("\033[K\n", stderr);
    s->lines++;
}

static void trial_show(void *arg) {
    Trial *t = arg;
    Sweep *s = t->sweep;
    t->step = t->progress->step;
    t->loss = t->progress->loss;
    s->done++;
    if (s->run->options.quiet || !isatty(2) || seconds() - s->shown < 0.2) return;
    s->shown = seconds();
    sweep_draw(s);
}

// What other trials' threads read is written by one of them at a time.
static void trial_begin(void *arg) {
    Trial *t = arg;
    t->step = t->trainer->step;
    t->total = t->trainer->total;
    t->until = rung_end(t->sweep, t->total, t->sweep->rung);
}

// On a pipe: a line for each trial that has ended the rung.
static void trial_say(void *arg) {
    Trial *t = arg;
    const Sweep *s = t->sweep;
    t->step = t->trainer->step;
    t->loss = t->eval_loss;
    char clock[32];
    double left = sweep_left(s);
    if (!s->run->options.quiet && !isatty(2))
        fprintf(stderr, "%s, step %lld of %lld: evaluation loss %.4f, %s; some %s left in all\n", t->name, (long long)t->step,
                (long long)t->total, t->loss, t->label, clock_into(clock, left));
}

// A trial ends its rung as one that was stopped.
static bool trial_progress(void *user, const t5peft_progress *p) {
    Trial *t = user;
    t->progress = p;
    pool_alone(t->sweep->pool, trial_show, t);
    return interrupted || p->step >= t->until;
}

static void rung_write(Trial *t, const char *what) {
    Arena *a = t->arena;
    const Sweep *s = t->sweep;
    const char *text = arena_print(a, "{\"trial\": %d, \"rung\": %d, \"step\": %lld, \"total\": %lld, \"seconds\": %.3f, %s}\n",
                                   t->number, s->rung + 1, (long long)t->trainer->step, (long long)t->trainer->total,
                                   (seconds() - t->began) * s->threads / s->share, what);
    file_write(a, rung_path(a, t, s->rung), text, strlen(text));
}

// Trains to the end of the rung and measures every evaluation row, if that has not been done.
static void trial_train(void *arg) {
    Trial *t = arg;
    Sweep *s = t->sweep;
    Arena *a = t->arena;
    if (is_file(a, rung_path(a, t, s->rung))) return;
    t5peft_options o = t->options, open = options_opened(&o);
    size_t n, tokens = 0;
    folder_make(a, o.out);
    checkpoints_list(a, o.out, true, &n);
    open.threads = s->threads;
    o.resume = n > 0;
    Opened x = model_ready(a, &open, o.model, NULL);
    Trainer *r = t->trainer = trainer_open(a, x.model, x.tokenizer, &o);
    run_json(r);
    r->callback = trial_progress;
    r->user = t;
    pool_alone(s->pool, trial_begin, t);
    bool stopped = (r->step < t->until || t->until == r->total) && trainer_run(r);
    if (stopped && r->step < t->until) return;  // Ctrl-C
    double *rows = arena_get(a, r->eval.n, sizeof *rows);
    double loss = t->eval_loss = examples_loss(&r->pass, &r->eval, (size_t)o.per_device_train_batch_size, 0, rows, &r->waited);
    for (size_t i = 0; i < r->eval.n; i++) tokens += r->eval.items[i].nt;
    for (size_t i = 0; i < r->eval.n; i++) rows[i] = rows[i] * (double)r->eval.items[i].nt / (double)tokens * (double)r->eval.n;
    Text text = {.arena = a};
    text_print(&text, "\"eval_loss\": %s, ", json_real(a, loss));
    text_print(&text, isfinite(loss) ? "\"rows\": " : "\"why\": \"the evaluation loss is not a finite number\"");
    if (isfinite(loss)) json_numbers(&text, rows, (int64_t)r->eval.n);
    rung_write(t, text.data);
    pool_alone(s->pool, trial_say, t);
}

// Numbers were lost: that ends the trial, and nothing else.
static void trial_lost(void *arg) {
    Trial *t = arg;
    rung_write(t, arena_print(t->arena, "\"eval_loss\": null, \"why\": %s", json_quoted(t->arena, t->trap.text)));
}

static void trial_work(const void *arg, int64_t unit, int thread) {
    const Sweep *s = arg;
    Trial *t = s->mine[unit];
    (void)thread;
    if (interrupted) return;
    t->began = seconds();
    t->trainer = NULL;
    if (!attempt(t->arena, trial_train, t)) {
        bool lost = t->trainer && t->trainer->lost;
        t->failed = !lost || !attempt(t->arena, trial_lost, t);
    }
    arena_free(t->arena);
}

static int trial_better(const void *x, const void *y) {
    const Trial *a = *(Trial *const *)x, *b = *(Trial *const *)y;
    if (a->rung != b->rung) return a->rung > b->rung ? -1 : 1;
    if (a->eval_loss != b->eval_loss) return a->eval_loss < b->eval_loss ? -1 : 1;
    return a->number - b->number;
}

// Trains the first s->running of s->order to the end of the rung, some at a time, and ranks them; of several processes each
// trains its share, and reads what the others have left in the trials' folders. False after Ctrl-C.
static bool rung_run(Sweep *s) {
    Arena *a = s->arena;
    const t5peft_options *o = &s->run->options;
    int n = 0;
    s->mine = arena_get(a, (size_t)s->running, sizeof *s->mine);
    for (int i = rank_own(); i < s->running; i += s->ranks) {
        Trial *t = s->mine[n++] = s->order[i];
        t->arena = arena_inner(a);
        t->arena->trap = &t->trap;
        t->until = 0;
    }
    int each = strcmp(o->device, "cpu") ? 1 : s->share;  // one trial fills a card
    int most = o->parallel > 0 ? (int)o->parallel : each, at_once = most < n ? most : n;
    if (at_once < 1) at_once = 1;
    Arena *inner = arena_inner(a);
    s->pool = pool_open(inner, at_once);
    s->threads = at_once < s->share ? s->share / at_once : 1;
    s->lines = 0;
    ranks_alone(true);
    parallel(s->pool, n, trial_work, s);
    ranks_alone(false);
    arena_free(inner);
    if (!o->quiet && isatty(2)) sweep_draw(s);
    for (int i = 0; i < n; i++)
        if (s->mine[i]->failed) fail(a, "%s (%s): %s", s->mine[i]->name, s->mine[i]->label, s->mine[i]->trap.text);
    double stopped = interrupted, waited = 0;
    ranks_combine(&stopped, 1, LARGEST, &waited);  // all have ended the rung then
    if (stopped > 0) return false;
    for (int i = 0; i < s->running; i++) rung_read(s, s->order[i]);
    qsort(s->order, (size_t)s->running, sizeof *s->order, trial_better);
    return true;
}

// How a trial's loss differs from another's or from its own of the rung before, on the same rows, where both are finite.
static Interval trial_apart(Sweep *s, const Trial *t, const double *from) {
    Mark mark = arena_mark(s->arena);
    double *d = arena_get(s->arena, t->n, sizeof *d);
    for (size_t i = 0; i < t->n; i++) d[i] = t->rows[i] - from[i];
    Interval v = bootstrap(s->arena, d, t->n, (uint64_t)s->run->options.seed);
    arena_release(s->arena, mark);
    return v;
}

// Checkpoints that a whole run would not have left, or all of them.
static void trial_clean(Sweep *s, const Trial *t, bool all) {
    Arena *a = s->arena;
    if (rank_own()) return;
    size_t n;
    int64_t every = s->run->options.save_steps, *steps = checkpoints_list(a, t->options.out, true, &n);
    for (size_t i = 0; i < n; i++)
        if (all || every < 1 || steps[i] % every)
            checkpoint_remove(a, path_join(a, t->options.out, arena_print(a, "checkpoint-%lld", (long long)steps[i])));
}

static void trial_print(const Sweep *s, const Trial *t) {
    Text text = {.arena = s->arena};
    text_print(&text, "{\"trial\": %d, \"rung\": %d, \"step\": %lld, \"eval_loss\": %s", t->number, t->rung + 1,
               (long long)t->step, json_real(s->arena, t->eval_loss));
    for (int k = 0; k < s->run->naxes; k++) {
        text_print(&text, "%s\"%s\": ", k ? ", " : ", \"options\": {", s->run->axes[k].option->name);
        text_option(&text, s->run->axes[k].option, &t->options);
    }
    printf("%s}, \"state\": \"%s\"}\n", text.data, t->state);
    fflush(stdout);
}

static bool trial_goes_on(const Trial *t) {
    return !strcmp(t->state, "kept") || !strcmp(t->state, "not told apart") || !strcmp(t->state, "back");
}

// Says what becomes of the trials of a rung. One that is worse than the last that goes on, but not surely so, goes on too. One
// that has surely become worse since its rung before has too high a rate or learns its rows by heart: in its place comes the best
// of those that were cut, for what leads early by a high rate is not what leads late.
static void rung_states(Sweep *s, bool last, int keep) {
    const Trial *cut = NULL;
    int kept = 0;
    for (int i = 0; i < s->running; i++) {
        Trial *t = s->order[i];
        bool finite = isfinite(t->eval_loss), rises = finite && !last && t->before && trial_apart(s, t, t->before).low > 0;
        bool close = finite && cut && trial_apart(s, t, cut->rows).low <= 0;
        t->state = !finite ? "diverged" : rises ? "rising" : close ? "not told apart" : cut ? last ? "done" : "cut"
            : last ? "best" : "kept";
        if (finite && !rises && ++kept == keep) cut = t;
        if (s->run->options.json) trial_print(s, t);
    }
    for (int i = s->running; kept < keep && i < s->n; i++)
        if (!strcmp(s->order[i]->state, "cut")) s->order[i]->state = "back", kept++;
    if (!kept && !last) s->order[0]->state = "kept";
}

// Ends a rung: those that go on come to the front. What may be needed no more is removed.
static void rung_cut(Sweep *s) {
    bool last = s->rung + 1 == s->rungs;
    int keep = last ? 1 : rung_quota(s, s->rung + 1), kept = 0, rest = 0;
    Trial **after = arena_get(s->arena, (size_t)s->n, sizeof *after);
    const Trial *best = s->order[0];
    if (!isfinite(best->eval_loss))
        fail(s->arena, "no trial has a finite evaluation loss (%s: %s)", best->name, best->why);
    rung_states(s, last, keep);
    for (int i = 0; i < s->n; i++) kept += trial_goes_on(s->order[i]);
    if (!s->run->options.quiet)
        fprintf(stderr, "rung %d of %d: the best has %.4f (%s)%s\n", s->rung + 1, s->rungs, best->eval_loss, best->label,
                last ? "" : arena_print(s->arena, "; %d go on", kept));
    if (last) {
        for (int i = 0; i < s->running; i++) trial_clean(s, s->order[i], false);
        return;
    }
    for (int i = 0, on = 0; i < s->n; i++) after[trial_goes_on(s->order[i]) ? on++ : kept + rest++] = s->order[i];
    memcpy(s->order, after, (size_t)s->n * sizeof *after);
    for (int i = kept + (keep > 3 ? keep : 3); i < s->n; i++) trial_clean(s, s->order[i], true);
    s->running = kept;
}

// Trains the best with other seeds too. False after Ctrl-C.
static bool sweep_repeat(Sweep *s) {
    Arena *a = s->arena;
    const Trial *best = s->order[0];
    if (!s->nrepeats) return true;
    s->order += s->n;
    s->running = s->nrepeats;
    for (int i = 0; i < s->nrepeats; i++) {
        Trial *t = s->order[i] = &s->trials[s->n + i];
        int64_t seed = best->options.seed + i + 1;
        *t = trial_new(s, arena_print(a, "%s-seed-%lld", best->name, (long long)seed), best->number);
        t->options = best->options;
        t->options.seed = seed;
        t->options.out = path_join(a, s->run->options.out, t->name);
        t->label = arena_print(a, "--seed %lld", (long long)seed);
    }
    bool done = rung_run(s);
    for (int i = 0; i < s->nrepeats; i++) trial_clean(s, s->order[i], false);
    s->order -= s->n;
    s->running = 0;
    return done;
}

// The winner's folder as train would have left it, under the name best.
static void sweep_best(Sweep *s) {
    Arena *a = s->arena;
    const char *from = s->order[0]->options.out, *to = path_join(a, s->run->options.out, "best");
    const char *run = path_join(a, from, "run.json");
    t5peft_options o = t5peft_defaults();
    size_t n;
    char **names = folder_list(a, from, &n);
    folder_make(a, to);
    remove(path_join(a, to, "run.json"));
    for (size_t i = 0; i < n; i++)
        if (strncmp(names[i], "rung-", 5) && strcmp(names[i], "run.json")) file_copy(a, from, to, names[i]);
    options_read(a, run, &o);
    o.out = to;
    run_write(a, &o, json_text(json_file(a, run), "reads", ""));
}

// Summarizes the first --eval-rouge rows with the three best, those that were cut as they were then.
static void sweep_rouge(Sweep *s, Report *report) {
    Run *r = s->run;
    Arena *a = s->arena;
    r->options.subset = NULL;
    r->options.limit = r->options.eval_rouge;
    *report = (Report){.options = &r->options, .table = table_open(a, r->options.eval_data)};
    report->rows = rows_select(a, report->table, NULL, (size_t)r->options.limit, &report->n);
    report->all = arena_get(a, 4, sizeof *report->all);
    for (int i = -1; i < 3 && i < s->n && !r->status; i++) {
        const Trial *t = s->order[i < 0 ? 0 : i];
        if (!isfinite(t->eval_loss)) break;
        const char *folder = t->options.out;
        size_t n;
        int64_t *steps = checkpoints_list(a, folder, true, &n);
        if (t->rung + 1 < s->rungs && !n) break;
        if (t->rung + 1 < s->rungs) folder = path_join(a, folder, arena_print(a, "checkpoint-%lld", (long long)steps[n - 1]));
        bool full = !strcmp(t->options.method, "full");
        Candidates *c = &report->all[report->nall++];
        c->name = i < 0 ? "original" : t->name;
        candidate_run(r, report, i < 0 || !full ? t->options.model : folder, i < 0 || full ? NULL : folder, c);
    }
}

// The losses of the figures: the highest is left out where it is far above the middle one, so that the best can be told apart.
static Interval sweep_range(Sweep *s) {
    size_t n = 0;
    double *all = arena_get(s->arena, (size_t)s->n * (size_t)s->rungs, sizeof *all);
    for (int i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->trials[i].curve.n; k++) all[n++] = s->trials[i].curve.items[k].y;
    qsort(all, n, sizeof *all, ascending);
    return (Interval){all[n / 2], all[0], fmin(all[n - 1], all[0] + 3 * (all[n / 2] - all[0]) + 0.01)};
}

// Where a trial stands on the x of an option, from 0 to 1.
static double axis_place(Arena *a, const Axis *x, const Trial *t) {
    const void *field = (const char *)&t->options + x->option->offset;
    if (x->high > 0) {
        double value = x->option->type == OPTION_WHOLE ? (double)*(const int64_t *)field : *(const double *)field;
        return log(value / x->low) / log(x->high / x->low);
    }
    t5peft_options one = t->options;
    const char *words = option_words(a, x->option, &t->options);
    for (size_t k = 0; k < x->n; k++) {
        option_set(x->option, &one, x->values[k], 0);
        if (!strcmp(words, option_words(a, x->option, &one))) return ((double)k + 0.5) / (double)x->n;
    }
    return 0.5;
}

static int rung_colour(const Sweep *s, const Trial *t, double step) {
    int left = 0;
    while (left + 1 < s->rungs && step < (double)rung_end(s, t->total, s->rungs - 1 - left)) left++;
    return (left + 1) % COLOURS;
}

static void page_axis(Sweep *s, Text *t, const Axis *x, Interval losses) {
    Arena *a = s->arena;
    Frame f = frame_of(1, losses.low, losses.high);
    f.every = 0;  // the option's values stand there
    frame_open(t, &f, html_of(a, x->option->name), "Evaluation loss of the trials over this option");
    for (size_t k = 0; k < x->n; k++) {
        size_t n = strlen(x->values[k]);
        double at = ((double)k + 0.5) / (double)x->n;
        text_print(t, "<text class=\"s m\" x=\"%.1f\" y=\"%d\">%s</text>\n", f.origin.x + f.scale.x * at, BOTTOM + 17,
                   html(a, x->values[k], n < 24 ? n : 24));
    }
    for (const Trial *one = s->trials; one < s->trials + s->n; one++)
        for (size_t k = 0; k < one->curve.n; k++) {
            Point p = one->curve.items[k];
            page_dot(t, frame_at(&f, axis_place(a, x, one), p.y), rung_colour(s, one, p.x), 7);
        }
    text_print(t, "</svg></figure>\n");
}

static void page_trials(Sweep *s, Text *t) {
    Arena *a = s->arena;
    page_table(t, "Table of trials", "Trial|Options|Steps|Evaluation<br>loss|Above<br>the best|");
    for (int i = 0; i < s->n; i++) {
        const Trial *x = s->order[i];
        page_row(t, x->name);
        text_print(t, "<td><code>%s</code></td><td>%s</td>", html_of(a, x->label), with_commas(a, x->step));
        text_print(t, isfinite(x->eval_loss) ? "<td>%.4f</td>" : "<td>&ndash;</td>", x->eval_loss);
        if (i && isfinite(x->eval_loss) && x->rung == s->order[0]->rung) {
            Interval v = trial_apart(s, x, s->order[0]->rows);
            text_print(t, "<td>%+.4f<small>%+.3f to %+.3f</small></td>", v.mean, v.low, v.high);
        } else text_print(t, "<td></td>");
        text_print(t, "<td>%s</td></tr>\n", x->state);
    }
    page_table_end(t);
    text_print(t, "<p class=\"note\">Losses are means over the target tokens of the same rows. Small numbers are 95&nbsp;%% "
               "intervals of the difference, row by row: the rows drawn anew with replacement, 1,000 times. A trial whose "
               "interval reaches 0 is not told apart from the last that goes on, and goes on too. One whose loss has surely "
               "risen since its rung before is stopped; the best that was cut comes back for it.</p>\n");
}

static void page_figures(Sweep *s, Text *t) {
    int64_t last = 1;
    for (int i = 0; i < s->n; i++) last = s->trials[i].total > last ? s->trials[i].total : last;
    Interval losses = sweep_range(s);
    Frame f = frame_of((double)last, losses.low, losses.high);
    text_print(t, "<div class=\"charts\">\n");
    for (int k = 0; k < s->run->naxes; k++) page_axis(s, t, &s->run->axes[k], losses);
    frame_open(t, &f, "over the steps", "Evaluation loss of the trials over their steps");
    for (int i = s->n - 1; i >= 0; i--) {
        const Trial *x = s->order[i];
        if (x->curve.n) frame_curve(t, &f, &x->curve, i ? x->rung == s->rungs - 1 ? "c2" : "c0" : "c1", false);
    }
    text_print(t, "</svg></figure>\n</div>\n<p class=\"note\">A dot is a trial at the end of a rung. Rungs, from the first "
               "to the last:");
    for (int k = 0; k < s->rungs; k++)
        text_print(t, "%s <span style=\"color:var(--c%d)\">&#9679;</span> after %s steps", k ? "," : "",
                   (s->rungs - k) % COLOURS, with_commas(s->arena, rung_end(s, s->order[0]->total, k)));
    text_print(t, ". Losses far above the middle one are drawn at the upper edge.</p>\n");
}

// What the trials took: steps, in whole runs, and time.
static const char *sweep_cost(Sweep *s) {
    Arena *a = s->arena;
    double took = 0, runs = 0, price = s->run->options.price_per_hour;
    for (int i = 0; i < s->n + s->nrepeats; i++) {
        const Trial *t = &s->trials[i];
        took += t->took;
        if (i < s->n && t->total) runs += (double)t->step / (double)t->total;
    }
    return arena_print(a, "%d trials took the steps of %.2f whole runs, and %s of this machine%s%s", s->n, runs,
                       time_text(a, took), s->nrepeats > 0 ? arena_print(a, " with %d more seeds", s->nrepeats) : "",
                       price > 0 ? arena_print(a, "; %.4f at %g an hour", took / 3600 * price, price) : "");
}

// Evaluation losses of the best with each seed: mean, lowest, highest.
static Interval sweep_spread(const Sweep *s) {
    double own = s->order[0]->eval_loss;
    Interval v = {own / (s->nrepeats + 1), own, own};
    for (int i = 0; i < s->nrepeats; i++) {
        double loss = s->trials[s->n + i].eval_loss;
        v = (Interval){v.mean + loss / (s->nrepeats + 1), fmin(v.low, loss), fmax(v.high, loss)};
    }
    return v;
}

static void sweep_page(Sweep *s, const Report *report) {
    Arena *a = s->arena;
    const Trial *best = s->order[0];
    const t5peft_options *o = &best->options;
    Text page = {.arena = a}, *t = &page;
    const char *model = html_of(a, path_name(a, o->model)), *data = html_of(a, path_name(a, o->data));
    page_open(t, arena_print(a, "Sweep of %s on %s", model, data), arena_print(a, "%s on %s, a sweep", model, data));
    text_print(t, "<p class=\"lede\">Lowest evaluation loss: <b>%.4f</b> with <code>%s</code>, of %d trials.</p>\n</header>\n"
               "<main>\n<h2>Trials</h2>\n", best->eval_loss, html_of(a, best->label), s->n);
    page_figures(s, t);
    page_trials(s, t);
    if (s->nrepeats > 0) {
        Interval v = sweep_spread(s);
        text_print(t, "<h2>Other seeds</h2>\n<p>The best, with %d seeds: mean evaluation loss %.4f, %.4f to %.4f. What differs "
                   "less than that between trials may be chance.</p>\n", s->nrepeats + 1, v.mean, v.low, v.high);
    }
    if (report->nall > 1) {
        page_measure(a, report);
        page_scores(t, report);
        page_bars(t, report);
        page_samples(t, report);
    }
    text_print(t, "<h2>Cost</h2>\n<p>%s.</p>\n<h2>How to repeat the best</h2>\n<pre tabindex=\"0\">%s</pre>\n</main>\n</body>\n"
               "</html>\n", sweep_cost(s), html_of(a, command_line(a, o, TRAIN, "train")));
    file_write(a, path_join(a, s->run->options.out, "report.html"), t->data, t->n);
}

static void sweep_print(Sweep *s, const Report *report) {
    Arena *a = s->arena;
    const t5peft_options *o = &s->run->options;
    const Trial *best = s->order[0];
    if (o->json) {
        printf("{\"best\": %d, \"eval_loss\": %.17g, \"seconds\": %.3f}\n", best->number, best->eval_loss, seconds() - s->began);
        return;
    }
    printf("%-10s %12s %10s  %-15s %s\n", "trial", "steps", "loss", "", "options");
    for (int i = 0; i < s->n; i++) {
        const Trial *t = s->order[i];
        printf("%-10s %12s %10s  %-15s %s\n", t->name, arena_print(a, "%lld/%lld", (long long)t->step, (long long)t->total),
               isfinite(t->eval_loss) ? arena_print(a, "%.4f", t->eval_loss) : "-", t->state, t->label);
    }
    if (s->nrepeats > 0) {
        Interval v = sweep_spread(s);
        printf("\nthe best, with %d seeds: mean loss %.4f, %.4f to %.4f\n", s->nrepeats + 1, v.mean, v.low, v.high);
    }
    if (report->nall > 1) putchar('\n'), compare_table(a, report);
    printf("\n%s\nwritten: %s, the folder of %s, and %s\nrepeat it: t5peft train --config %s\n", sweep_cost(s),
           path_join(a, o->out, "best"), best->name, path_join(a, o->out, "report.html"), path_join(a, o->out, "best/run.json"));
}

// Without an option that has several values: the learning rate, around the method's own.
static void sweep_default(Run *r) {
    const char *rates = !strcmp(r->options.method, "lora") ? "1e-4,3e-4,1e-3,3e-3,1e-2" : !strcmp(r->options.method, "prompt")
        ? "0.03,0.1,0.3,1" : "1e-5,3e-5,1e-4,3e-4";
    if (r->naxes) return;
    axis_add(r, option_find("learning-rate", TRAIN), rates);
    if (!r->options.quiet) fprintf(stderr, "no option has several values: --learning-rate %s\n", rates);
}

static void command_sweep(Run *r) {
    Arena *a = r->arena;
    Sweep s = {.run = r, .arena = a, .began = seconds(), .ranks = rank_count()};
    double waited = 0, claimed = 0;
    Report report = {0};
    if (!r->options.out) fail(a, "--out is missing: the folder for the trials, for best/ and report.html");
    if (!r->options.eval_data)
        fail(a, "--eval-data is missing: rows that are not trained on, by whose loss the trials are ranked");
    axes_settle(r);
    sweep_default(r);
    sweep_plan(&s);
    if (!rank_own()) sweep_claim(&s);
    ranks_combine(&claimed, 1, LARGEST, &waited);
    s.share = pool_open(arena_inner(a), (int)r->options.threads)->threads;
    s.running = s.n;
    r->status = 130;
    for (s.rung = 0; s.rung < s.rungs; s.rung++) {
        if (!rung_run(&s)) return;
        rung_cut(&s);
    }
    s.rung = s.rungs - 1;
    qsort(s.order, (size_t)s.n, sizeof *s.order, trial_better);
    if (!sweep_repeat(&s)) return;
    r->status = 0;
    if (!rank_own()) sweep_best(&s);
    if (r->options.eval_rouge > 0) sweep_rouge(&s, &report);
    if (r->status || rank_own()) return;
    sweep_page(&s, &report);
    sweep_print(&s, &report);
}

// ---- inspect

// A loss, measured with something changed.
typedef struct {
    const char *name;
    int64_t rank;  // that is left of the changes, and is the name then; or 0
    double loss;
} Loss;

typedef struct {
    Loss *items;
    size_t n, room;
} Losses;

// What there is to tell of one adapter, or of a model whose every weight was tuned.
typedef struct {
    const char *folder, *kind, *name;  // kind: lora, prompt, changed (by other adapters than plain LoRA) or full
    const char *what;                  // the other kind's name, or NULL
    Opened opened;                     // the tuned model
    Measures *all;
    PromptMeasure *prompt;
    bool started;                      // it is known where the prompt began
    double loss;                       // on --data; NAN without
    Losses ablation, ranks, forgetting;
} Inspected;

typedef struct {
    Run *run;
    Inspected *items;
    int n;
    int evaluations, evaluated;
} Inspection;

static void loss_add(Inspection *s, Losses *all, const char *name, int64_t rank, double loss) {
    all->items = arena_grow(s->run->arena, all->items, all->n, &all->room, sizeof *all->items);
    all->items[all->n++] = (Loss){name, rank, loss};
}

static double inspect_loss(Inspection *s, Opened *x, const Examples *e, const char *what) {
    double waited = 0;
    s->evaluated++;
    if (!s->run->options.quiet) fprintf(stderr, "loss %d of %d: %s\n", s->evaluated, s->evaluations, what);
    if (interrupted) fail(s->run->arena, "stopped");
    return examples_loss(&x->pass, e, (size_t)s->run->options.batch_size, 0, NULL, &waited);
}

// The rows that a prompt began as, where its run.json tells: rows of the vocabulary, or drawn.
static const float *inspect_start(Arena *a, const Opened *x, const char *folder) {
    const char *path = path_join(a, folder, "run.json");
    t5peft_options o = t5peft_defaults();
    Prompt was[2] = {x->model->prompt[0], x->model->prompt[1]};
    if (!is_file(a, path)) return NULL;
    options_read(a, path, &o);
    if (o.init_adapter || strcmp(o.method, "prompt") || o.num_virtual_tokens != was[0].P || o.prompt_decoder != (was[1].P > 0))
        return NULL;
    prompt_start(a, x->model, x->tokenizer, &o);
    int64_t n = (was[0].P + was[1].P) * x->model->config.D;
    const float *rows = x->model->ops->host(x->model->ops, a, x->model->prompt[0].rows, n);
    memcpy(x->model->prompt, was, sizeof was);
    return rows;
}

static void inspect_open(Inspection *s, Inspected *x, const char *folder) {
    Run *r = s->run;
    Arena *a = r->arena;
    bool full = r->options.instruct == folder;
    *x = (Inspected){.folder = folder, .name = path_name(a, folder), .loss = NAN};
    x->opened = run_ready(r, full ? folder : r->options.model, full ? NULL : folder);
    Model *m = x->opened.model;
    if (m->prompt[0].P) {
        const float *start = inspect_start(a, &x->opened, folder);
        x->kind = "prompt";
        x->started = start != NULL;
        x->prompt = prompt_measure(m, x->opened.tokenizer, start);
        return;
    }
    x->kind = full ? "full" : m->changed ? "changed" : "lora";
    x->what = m->changed;
    x->all = model_measure(full ? run_ready(r, r->options.model, NULL).model : m, full ? m : NULL, r->options.intruders);
}

// "encoder.block.*.SelfAttention.q" of "encoder.block.3.layer.0.SelfAttention.q"; a block's own: "encoder.block.3".
static const char *measure_group(Arena *a, const Measure *m, bool block) {
    const char *side = m->decoder ? "decoder" : "encoder", *at = strstr(m->name, ".layer.");
    if (m->block < 0 || !at) return m->name;
    if (block) return arena_print(a, "%s.block.%d", side, m->block);
    return arena_print(a, "%s.block.*.%s", side, strchr(at + 7, '.') + 1);
}

// Takes the changes of a group off, or puts them on again: what was there is kept in `was`.
static void group_switch(Arena *a, Inspected *x, const char *group, Linear *was, bool off) {
    for (size_t i = 0; i < x->all->n; i++) {
        Measure *m = &x->all->items[i];
        if (strcmp(measure_group(a, m, true), group) && strcmp(measure_group(a, m, false), group)) continue;
        if (off) was[i] = *m->linear;
        if (off) m->linear->lora = NULL;
        if (off && m->whole) m->linear->w = param_of(m->linear->w.name, *m->weight), m->linear->w.device = m->there;
        if (!off) *m->linear = was[i];
    }
}

// Leaves the first `rank` directions of every layer's change; all of them as they were for rank < 0.
static void ranks_keep(Arena *a, Inspected *x, int64_t rank) {
    Ops *ops = x->opened.model->ops;
    for (size_t i = 0; i < x->all->n; i++) {
        Mark mark = arena_mark(a);
        const Measure *m = &x->all->items[i];
        const Svd *v = &m->svd;
        int64_t R = v->n;
        size_t b = (size_t)(v->out * R), c = (size_t)(R * v->in);
        float *B = arena_get(a, b, sizeof *B), *A = arena_get(a, c, sizeof *A);
        for (int64_t k = 0; k < R && k < rank; k++) {
            for (int64_t o = 0; o < v->out; o++) B[o * R + k] = (float)(v->U[k * v->out + o] * v->s[k] / m->scale);
            for (int64_t o = 0; o < v->in; o++) A[k * v->in + o] = (float)v->V[k * v->in + o];
        }
        ops->copy_in(ops, m->linear->lora->B, rank < 0 ? m->B : B, b * sizeof *B);
        ops->copy_in(ops, m->linear->lora->A, rank < 0 ? m->A : A, c * sizeof *A);
        arena_release(a, mark);
    }
}

// Distinct groups: blocks, where these are wanted, then kinds of modules.
static const char **inspect_groups(Arena *a, const Inspected *x, bool blocks, int *n) {
    const char **groups = arena_get(a, 2 * x->all->n + 1, sizeof *groups);
    *n = 0;
    for (size_t i = blocks ? 0 : x->all->n; i < 2 * x->all->n; i++) {
        const char *group = measure_group(a, &x->all->items[i % x->all->n], i < x->all->n);
        int k = 0;
        while (k < *n && strcmp(groups[k], group)) k++;
        if (k == *n) groups[(*n)++] = group;
    }
    return groups;
}

// The greatest rank of a change; 0 where one is no product of two factors.
static int64_t inspect_rank(const Inspected *x) {
    int64_t most = 0;
    for (size_t i = 0; i < x->all->n; i++) {
        if (x->all->items[i].whole) return 0;
        most = x->all->items[i].svd.n > most ? x->all->items[i].svd.n : most;
    }
    return most;
}

// The loss with one block's, then one kind of module's change off, and with fewer directions.
static void inspect_layers(Inspection *s, Inspected *x, const Examples *e) {
    Arena *a = s->run->arena;
    Linear *was = arena_get(a, x->all->n, sizeof *was);
    int n;
    const char **groups = inspect_groups(a, x, true, &n);
    int64_t most = inspect_rank(x);
    for (int k = 0; k < n; k++) {
        group_switch(a, x, groups[k], was, true);
        loss_add(s, &x->ablation, groups[k], 0, inspect_loss(s, &x->opened, e, arena_print(a, "without %s", groups[k])));
        group_switch(a, x, groups[k], was, false);
    }
    for (int64_t rank = 1; rank < most; rank *= 2) {
        const char *name = arena_print(a, "%lld", (long long)rank);
        ranks_keep(a, x, rank);
        loss_add(s, &x->ranks, name, rank, inspect_loss(s, &x->opened, e, arena_print(a, "%s directions", name)));
    }
    if (!most) return;
    ranks_keep(a, x, -1);
    loss_add(s, &x->ranks, arena_print(a, "%lld", (long long)most), most, x->loss);
}

static void inspect_prompt(Inspection *s, Inspected *x, const Examples *e) {
    Arena *a = s->run->arena;
    Model *m = x->opened.model;
    int64_t n = x->prompt->n, D = m->config.D;
    size_t bytes = (size_t)(n * D) * sizeof(float);
    const float *host = m->ops->host(m->ops, a, m->prompt[0].rows, n * D);
    float *own = arena_get(a, (size_t)(n * D), sizeof *own), *near = arena_get(a, (size_t)(n * D), sizeof *near);
    memcpy(own, host, bytes);
    for (int64_t r = 0; r < n; r++) tensor_read(&m->shared.file, x->prompt->rows[r].ids[0] * D, D, near + r * D);
    m->ops->copy_in(m->ops, m->prompt[0].rows, near, bytes);
    loss_add(s, &x->ablation, "nearest pieces", 0, inspect_loss(s, &x->opened, e, "each row its nearest piece"));
    m->ops->copy_in(m->ops, m->prompt[0].rows, own, bytes);
}

// Causes: losses on --data, and on --eval-data before and after.
static void inspect_causes(Inspection *s, Inspected *x) {
    Run *r = s->run;
    const t5peft_options *o = &r->options;
    const char *const paths[] = {o->data, o->eval_data};
    Examples e[2];
    for (int i = 0; i < 2; i++)
        if (paths[i]) e[i] = examples_read(r->arena, x->opened.tokenizer, table_open(r->arena, paths[i]), o, o->subset, o->limit);
    int more = 1;
    if (x->all) inspect_groups(r->arena, x, true, &more);
    for (int64_t rank = 1; x->all && rank < inspect_rank(x); rank *= 2) more++;
    s->evaluated = 0;
    s->evaluations = (o->data ? 2 + more : 0) + (o->eval_data ? 2 : 0);
    Opened base = run_ready(r, o->model, NULL);
    if (o->data) {
        x->loss = inspect_loss(s, &x->opened, &e[0], "as it is");
        loss_add(s, &x->ablation, "all", 0, inspect_loss(s, &base, &e[0], "without all of it"));
        if (x->prompt) inspect_prompt(s, x, &e[0]);
        else inspect_layers(s, x, &e[0]);
    }
    if (!o->eval_data) return;
    loss_add(s, &x->forgetting, "before", 0, inspect_loss(s, &base, &e[1], "other rows, before"));
    loss_add(s, &x->forgetting, "after", 0, inspect_loss(s, &x->opened, &e[1], "other rows, after"));
}

// ---- inspect: JSON

static double amplification(const Measure *m) {
    return m->along > 0 ? m->norm / m->along : NAN;
}

static void json_module(Text *t, const Measure *m) {
    const struct { const char *name; double value; } fields[] = {
        {"rank", (double)m->svd.n}, {"norm", m->norm}, {"weight_norm", m->weight_norm}, {"stable_rank", m->stable_rank},
        {"effective_rank", m->effective_rank}, {"k90", (double)m->k90}, {"amplification", amplification(m)}, {"along", m->along},
        {"own", m->own}, {"by_chance", m->by_chance}, {"gain_in", m->gain_in}, {"gain_out", m->gain_out},
        {"intruders", (double)m->intruders}, {"top", m->top}, {"bottom", m->bottom}};
    text_print(t, "{\"name\": %s, ", json_quoted(t->arena, m->name));
    for (size_t i = 0; i < sizeof fields / sizeof *fields - (m->intruders < 0 ? 3 : 0); i++)
        text_print(t, "\"%s\": %s, ", fields[i].name, json_real(t->arena, fields[i].value));
    text_print(t, "\"singular_values\": ");
    json_numbers(t, m->svd.s, m->svd.n);
    text_print(t, "}");
}

static void json_losses(Text *t, const char *key, const Losses *all) {
    text_print(t, ", \"%s\": [", key);
    for (size_t i = 0; i < all->n; i++) {
        const Loss *l = &all->items[i];
        text_print(t, "%s{\"%s\": %s, \"loss\": %s}", i ? ", " : "", l->rank ? "rank" : "name",
                   l->rank ? l->name : json_quoted(t->arena, l->name), json_real(t->arena, l->loss));
    }
    text_print(t, "]");
}

static const char *piece_text(const Inspected *x, int32_t id) {
    const Tokenizer *t = x->opened.tokenizer;
    return id < t->size && t->pieces[id].text ? t->pieces[id].text : "";
}

static void json_prompt(Text *t, const Inspected *x) {
    Arena *a = t->arena;
    const PromptMeasure *p = x->prompt;
    text_print(t, ", \"rows\": [");
    for (int64_t r = 0; r < p->n; r++) {
        const PromptRow *row = &p->rows[r];
        text_print(t, "%s\n  {\"norm\": %s, ", r ? "," : "", json_real(a, row->norm));
        if (x->started) text_print(t, "\"from_start\": %s, ", json_real(a, row->start));
        text_print(t, "\"cluster\": %d, \"x\": %s, \"y\": %s, \"nearest\": [", row->cluster, json_real(a, row->x),
                   json_real(a, row->y));
        for (int k = 0; k < NEAREST; k++)
            text_print(t, "%s{\"piece\": %s, \"id\": %d, \"cosine\": %s}", k ? ", " : "",
                       json_quoted(a, piece_text(x, row->ids[k])), row->ids[k], json_real(a, row->cosines[k]));
        text_print(t, "]}");
    }
    text_print(t, "], \"embedding_norm\": %s, \"same_nearest\": %s, \"clusters\": %d, \"silhouette\": %s, \"pieces\": [",
               json_real(a, p->embedding_norm), json_real(a, p->same), p->clusters, json_real(a, p->silhouette));
    for (int i = 0; i < p->npieces; i++)
        text_print(t, "%s{\"piece\": %s, \"x\": %s, \"y\": %s}", i ? ", " : "", json_quoted(a, piece_text(x, p->pieces[i])),
                   json_real(a, p->px[i]), json_real(a, p->py[i]));
    text_print(t, "]");
}

static const Measure *measure_named(const Inspected *x, const char *name) {
    for (size_t i = 0; x->all && i < x->all->n; i++)
        if (!strcmp(x->all->items[i].name, name)) return &x->all->items[i];
    return NULL;
}

static double change_cosine(Arena *a, const Measure *x, const Measure *y) {
    return x->norm > 0 && y->norm > 0 ? change_product(a, x, y) / (x->norm * y->norm) : NAN;
}

static void json_similarity(Text *t, const Inspected *x, const Inspected *y) {
    const char *comma = "";
    text_print(t, "\"similarity\": [");
    for (size_t i = 0; x->all && i < x->all->n; i++) {
        const Measure *m = &x->all->items[i], *other = measure_named(y, m->name);
        double phi[PHI * PHI];
        if (!other) continue;
        change_phi(m, other, phi);
        text_print(t, "%s\n  {\"name\": %s, \"cosine\": %s, \"phi\": [", comma, json_quoted(t->arena, m->name),
                   json_real(t->arena, change_cosine(t->arena, m, other)));
        comma = ",";
        for (int64_t k = 0; k < PHI && k < m->svd.known; k++) {
            if (k) text_print(t, ", ");
            json_numbers(t, phi + k * PHI, other->svd.known < PHI ? other->svd.known : PHI);
        }
        text_print(t, "]}");
    }
    text_print(t, "]");
}

static void json_inspected(Text *t, const Inspected *x) {
    Arena *a = t->arena;
    text_print(t, "\"kind\": \"%s\", \"folder\": %s", x->kind, json_quoted(a, x->folder));
    if (x->what) text_print(t, ", \"what\": %s", json_quoted(a, x->what));
    if (x->prompt) json_prompt(t, x);
    else {
        text_print(t, ", \"modules\": [");
        for (size_t i = 0; i < x->all->n; i++) text_print(t, i ? ",\n  " : "\n  "), json_module(t, &x->all->items[i]);
        text_print(t, "]");
    }
    if (!isnan(x->loss)) text_print(t, ", \"loss\": %s", json_real(a, x->loss));
    if (x->ablation.n) json_losses(t, "ablation", &x->ablation);
    if (x->ranks.n) json_losses(t, "rank_curve", &x->ranks);
    if (x->forgetting.n)
        text_print(t, ", \"forgetting\": {\"before\": %s, \"after\": %s}", json_real(a, x->forgetting.items[0].loss),
                   json_real(a, x->forgetting.items[1].loss));
}

static void inspect_json(const Inspection *s) {
    Text t = {.arena = s->run->arena};
    text_print(&t, "{");
    json_inspected(&t, &s->items[0]);
    for (int i = 1; i < s->n; i++) {
        // The first of the others is compared beside the list of them, the rest each in its own object.
        if (i == 1) text_print(&t, ", "), json_similarity(&t, &s->items[0], &s->items[1]);
        text_print(&t, i == 1 ? ", \"others\": [{" : ", {");
        json_inspected(&t, &s->items[i]);
        if (i > 1) text_print(&t, ", "), json_similarity(&t, &s->items[0], &s->items[i]);
        text_print(&t, "}");
    }
    printf("%s%s}\n", t.data, s->n > 1 ? "]" : "");
}

// ---- inspect: for the terminal

static const Measure *measure_at(Arena *a, const Inspected *x, const char *kind, int block) {
    for (size_t i = 0; i < x->all->n; i++) {
        const Measure *m = &x->all->items[i];
        if ((m->block < 0 ? 0 : m->block) == block && !strcmp(measure_group(a, m, false), kind)) return m;
    }
    return NULL;
}

static int inspect_blocks(const Inspected *x) {
    int most = 0;
    for (size_t i = 0; i < x->all->n; i++) most = x->all->items[i].block > most ? x->all->items[i].block : most;
    return most + 1;
}

static const char *const bar = "##########";

static void print_map(Arena *a, const Inspected *x) {
    int n, blocks = inspect_blocks(x);
    const char **kinds = inspect_groups(a, x, false, &n);
    printf("\nchange as a share of the weight's norm, in %%\n%-38s", "block");
    for (int b = 0; b < blocks; b++) printf("%6d", b);
    putchar('\n');
    for (int k = 0; k < n; k++) {
        printf("%-38s", kinds[k]);
        for (int b = 0; b < blocks; b++) {
            const Measure *m = measure_at(a, x, kinds[k], b);
            if (m) printf("%6.2f", measure_share(m));
            else printf("%6s", "");
        }
        putchar('\n');
    }
}

static void print_modules(const Inspected *x) {
    double most = 1e-300;
    for (size_t i = 0; i < x->all->n; i++) most = fmax(most, x->all->items[i].norm);
    printf("\n%-44s %8s %-10s %8s %7s %7s %4s %7s %7s %8s %7s%s\n", "module", "norm", "", "s1", "stable", "eff.", "k90",
           "amplif.", "own", "chance", "gain", x->all->intruders ? "  intruders  top  bottom" : "");
    for (size_t i = 0; i < x->all->n; i++) {
        const Measure *m = &x->all->items[i];
        printf("%-44s %8.4f %-10.*s %8.4f %7.2f %7.2f %4lld %7.1f %7.2f %8.3f %7.2f", m->name, m->norm,
               (int)(10 * m->norm / most + 0.5), bar, m->svd.n ? m->svd.s[0] : 0, m->stable_rank, m->effective_rank,
               (long long)m->k90, amplification(m), m->own, m->by_chance, m->gain_in);
        if (m->intruders >= 0) printf("%11lld %4.2f %7.2f", (long long)m->intruders, m->top, m->bottom);
        putchar('\n');
    }
    puts("stable: norm^2 / s1^2; eff.: exp of the entropy of s / sum s; k90: directions that hold 90 % of norm^2; amplif.:\n"
         "norm / ||U W V^T||; own, chance: ||U W V^T|| with W's first directions, with random ones; gain: how W stretches\n"
         "what the change reads, 1 for random directions");
}

static void print_prompt(Arena *a, const Inspected *x) {
    const PromptMeasure *p = x->prompt;
    printf("\nmean norm of the embeddings %.3f; rows with the same nearest piece: %.0f %%; clusters: %d (silhouette %.2f)\n",
           p->embedding_norm, 100 * p->same, p->clusters, p->silhouette);
    printf("%4s %9s %9s %8s  nearest pieces (cosine)\n", "row", "norm", x->started ? "moved" : "", "cluster");
    for (int64_t r = 0; r < p->n; r++) {
        const PromptRow *row = &p->rows[r];
        const char *moved = x->started ? arena_print(a, "%.3f", row->start) : "";
        printf("%4lld %9.3f %9s %8d ", (long long)r, row->norm, moved, row->cluster);
        for (int k = 0; k < NEAREST; k++) {
            const char *piece = piece_text(x, row->ids[k]);
            printf(" %s (%.2f)", text_printed(a, piece, strlen(piece)), row->cosines[k]);
        }
        putchar('\n');
    }
    puts("A prompt may lie near any text, also one that says something else, and work (Khashabi et al. 2022): neighbours\n"
         "are no reading of what it does.");
}

// The most that a loss of these lies above another.
static double losses_most(const Losses *all, double loss) {
    double most = 1e-300;
    for (size_t i = 0; i < all->n; i++) most = fmax(most, all->items[i].loss - loss);
    return most;
}

static void print_losses(const char *head, const Losses *all, double loss) {
    double most = losses_most(all, loss);
    if (all->n) printf("\n%s\n", head);
    for (size_t i = 0; i < all->n; i++) {
        double more = all->items[i].loss - loss;
        printf("%-44s %8.4f %+8.4f %.*s\n", all->items[i].name, all->items[i].loss, more,
               more > 0 ? (int)(10 * more / most + 0.5) : 0, bar);
    }
}

static void print_similarity(Arena *a, const Inspected *x, const Inspected *y) {
    printf("\n%s beside %s: phi(i, j) of their first i and j output directions (1: the same space), and cosine of the changes\n"
           "%-44s %8s %8s %8s %8s\n", x->name, y->name, "module", "phi(1,1)", "phi(4,4)", "phi(8,8)", "cosine");
    for (size_t i = 0; x->all && i < x->all->n; i++) {
        const Measure *m = &x->all->items[i], *other = measure_named(y, m->name);
        double phi[PHI * PHI];
        if (!other) continue;
        change_phi(m, other, phi);
        printf("%-44s", m->name);
        for (int k = 1; k <= PHI; k = k == 1 ? 4 : k * 2) {
            double one = phi[(k - 1) * PHI + k - 1];
            printf(" %8s", one < 0 ? "-" : arena_print(a, "%.3f", one));
        }
        printf(" %8.3f\n", change_cosine(a, m, other));
    }
}

static void inspect_print(const Inspection *s) {
    Arena *a = s->run->arena;
    for (int i = 0; i < s->n; i++) {
        const Inspected *x = &s->items[i];
        printf("%s%s: ", i ? "\n" : "", x->folder);
        if (x->prompt) printf("a soft prompt of %lld rows\n", (long long)x->prompt->n);
        else printf("%s%s on %zu linear layers\n", !strcmp(x->kind, "full") ? "every weight" : x->what ? "" : "LoRA",
                    x->what ? x->what : "", x->all->n);
        if (x->prompt) print_prompt(a, x);
        else if (x->all->n) print_map(a, x), print_modules(x);
        if (!isnan(x->loss)) printf("\nloss on %s: %.4f\n", s->run->options.data, x->loss);
        print_losses("loss without", &x->ablation, x->loss);
        print_losses("loss with as many directions of each layer's change", &x->ranks, x->loss);
        if (x->forgetting.n) print_losses(arena_print(a, "loss on %s", s->run->options.eval_data), &x->forgetting,
                                          x->forgetting.items[0].loss);
        if (i) print_similarity(a, &s->items[0], x);
    }
}

// ---- inspect: the page

// A cell whose colour lies between the paper's and c1's for a share from 0 to 1.
static void page_shaded(Text *t, double share, const char *format, double x) {
    text_print(t, "<td style=\"background:color-mix(in srgb,var(--c1) %.0f%%,var(--paper))\">", 70 * fmin(1, fmax(0, share)));
    text_print(t, format, x);
    text_print(t, "</td>");
}

static void page_map(Text *t, const Inspected *x) {
    Arena *a = t->arena;
    int n, blocks = inspect_blocks(x);
    const char **kinds = inspect_groups(a, x, false, &n);
    double most = 1e-300;
    for (size_t i = 0; i < x->all->n; i++) most = fmax(most, measure_share(&x->all->items[i]));
    text_print(t, "<h3>Change as a share of the weight&#39;s norm, in %%</h3>\n");
    Text heads = {.arena = a};
    text_print(&heads, "block");
    for (int b = 0; b < blocks; b++) text_print(&heads, "|%d", b);
    page_table(t, "Map of the changes", heads.data);
    for (int k = 0; k < n; k++) {
        page_row(t, kinds[k]);
        for (int b = 0; b < blocks; b++) {
            const Measure *m = measure_at(a, x, kinds[k], b);
            if (m) page_shaded(t, measure_share(m) / most, "%.2f", measure_share(m));
            else text_print(t, "<td></td>");
        }
        text_print(t, "</tr>\n");
    }
    page_table_end(t);
}

static void page_spectra(Text *t, const Inspected *x) {
    int64_t most = 2;
    for (size_t i = 0; i < x->all->n; i++) most = x->all->items[i].svd.n > most ? x->all->items[i].svd.n : most;
    Frame f = frame_of((double)most, 0, 1);
    frame_open(t, &f, "Singular values, as shares of the greatest", "Spectra of the changes");
    for (size_t i = 0; i < x->all->n; i++) {
        const Svd *v = &x->all->items[i].svd;
        Curve c = {0};
        for (int64_t k = 0; k < v->n && v->s[0] > 0; k++) curve_add(t->arena, &c, (double)k + 1, v->s[k] / v->s[0]);
        if (c.n) frame_curve(t, &f, &c, x->all->items[i].decoder ? "c2" : "c1", false);
    }
    text_print(t, "</svg><figcaption>Encoder <span style=\"color:var(--c1)\">&#9679;</span>, decoder "
               "<span style=\"color:var(--c2)\">&#9679;</span></figcaption></figure>\n");
}

static void page_ranks(Text *t, const Inspected *x) {
    Curve c = {0};
    double last = 1, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < x->ranks.n; i++) curve_add(t->arena, &c, (double)x->ranks.items[i].rank, x->ranks.items[i].loss);
    curves_range(&c, 1, &last, &low, &high);
    if (!c.n) return;
    Frame f = frame_of(last, low, high);
    frame_open(t, &f, "Loss with as many directions", "Loss against the rank that is kept");
    frame_curve(t, &f, &c, "c1", false);
    text_print(t, "</svg><figcaption>Each layer&#39;s change is cut to its first directions.</figcaption></figure>\n");
}

static void page_modules(Text *t, const Inspected *x) {
    page_table(t, "Table of modules", "Module|Norm|Greatest<br>singular|Stable<br>rank|Effective<br>rank|k90|Amplification|Gain");
    for (size_t i = 0; i < x->all->n; i++) {
        const Measure *m = &x->all->items[i];
        page_row(t, m->name);
        text_print(t, "<td>%.4f</td><td>%.4f</td><td>%.2f</td><td>%.2f</td><td>%lld</td><td>%.1f</td><td>%.2f</td></tr>\n",
                   m->norm, m->svd.n ? m->svd.s[0] : 0, m->stable_rank, m->effective_rank, (long long)m->k90, amplification(m),
                   m->gain_in);
    }
    page_table_end(t);
    text_print(t, "<p class=\"note\">Stable rank: norm&sup2; / s<sub>1</sub>&sup2;. Effective rank: exp of the entropy of the "
               "singular values. k90: directions that hold 90&nbsp;%% of norm&sup2;. Amplification: norm over the norm of the "
               "weight in the change&#39;s directions (Hu et al. 2021). Gain: how the weight stretches what the change reads, "
               "1 for random directions.</p>\n");
}

static void page_losses(Text *t, const char *head, const Losses *all, double loss) {
    double most = losses_most(all, loss);
    if (!all->n) return;
    text_print(t, "<h3>%s</h3>\n", head);
    page_table(t, head, "|Loss|More");
    for (const Loss *l = all->items; l < all->items + all->n; l++) {
        page_row(t, l->name);
        text_print(t, "<td>%.4f</td>", l->loss);
        page_shaded(t, (l->loss - loss) / most, "%+.4f", l->loss - loss);
        text_print(t, "</tr>\n");
    }
    page_table_end(t);
}

// Where row i of the prompt or, behind them, a common piece lies.
static Point prompt_point(const PromptMeasure *p, int64_t i) {
    return i < p->n ? (Point){p->rows[i].x, p->rows[i].y} : (Point){p->px[i - p->n], p->py[i - p->n]};
}

static void page_prompt(Text *t, const Inspected *x) {
    const PromptMeasure *p = x->prompt;
    Point low = {INFINITY, INFINITY}, high = {-INFINITY, -INFINITY};
    for (int64_t i = 0; i < p->n + p->npieces; i++) {
        Point at = prompt_point(p, i);
        low = (Point){fmin(low.x, at.x), fmin(low.y, at.y)};
        high = (Point){fmax(high.x, at.x), fmax(high.y, at.y)};
    }
    Point size = {fmax(1e-12, high.x - low.x), fmax(1e-12, high.y - low.y)};
    text_print(t, "<div class=\"charts\"><figure><h3>Rows among common pieces</h3><svg viewBox=\"0 0 370 260\" role=\"img\" "
               "aria-label=\"Rows of the prompt and common pieces on two principal axes\">\n");
    for (int64_t i = p->n + p->npieces - 1; i >= 0; i--) {
        Point at = prompt_point(p, i);
        at = (Point){10 + 350 * (at.x - low.x) / size.x, 250 - 240 * (at.y - low.y) / size.y};
        page_dot(t, at, i < p->n ? 1 + p->rows[i].cluster % (COLOURS - 1) : 0, i < p->n ? 7 : 3);
    }
    text_print(t, "</svg><figcaption>Two principal axes of both; colours are clusters, small grey dots "
               "pieces.</figcaption></figure></div>\n<p>Embeddings have a mean norm of %.3f. %.0f&nbsp;%% of the rows have the "
               "same nearest piece. %d clusters, silhouette %.2f.</p>\n", p->embedding_norm, 100 * p->same, p->clusters,
               p->silhouette);
    page_table(t, "Rows of the prompt", x->started ? "Row|Norm|Moved|Cluster|Nearest pieces, with their cosines"
               : "Row|Norm|Cluster|Nearest pieces, with their cosines");
    for (int64_t r = 0; r < p->n; r++) {
        const PromptRow *row = &p->rows[r];
        text_print(t, "<tr><th scope=\"row\">%lld</th><td>%.3f</td>", (long long)r, row->norm);
        if (x->started) text_print(t, "<td>%.3f</td>", row->start);
        text_print(t, "<td>%d</td><td>", row->cluster);
        for (int k = 0; k < NEAREST; k++)
            text_print(t, "%s <small style=\"display:inline\">%.2f</small> ", html_of(t->arena, piece_text(x, row->ids[k])),
                       row->cosines[k]);
        text_print(t, "</td></tr>\n");
    }
    page_table_end(t);
    text_print(t, "<p class=\"note\">A prompt may lie near any text, also one that says something else, and work (Khashabi et "
               "al. 2022): neighbours are no reading of what it does.</p>\n");
}

static void page_similarity(Text *t, const Inspected *x, const Inspected *y) {
    Arena *a = t->arena;
    double mean[PHI * PHI] = {0}, cosine = 0, phi[PHI * PHI];
    int n = 0, known[PHI * PHI] = {0};
    for (size_t i = 0; x->all && i < x->all->n; i++) {
        const Measure *other = measure_named(y, x->all->items[i].name);
        if (!other) continue;
        change_phi(&x->all->items[i], other, phi);
        for (int k = 0; k < PHI * PHI; k++)
            if (phi[k] >= 0) mean[k] += phi[k], known[k]++;
        cosine += change_cosine(a, &x->all->items[i], other);
        n++;
    }
    if (!n) return;
    text_print(t, "<h2>%s beside %s</h2>\n<p>Mean cosine of the changes of %d layers: %.3f. Below, the mean of phi(i, j), how "
               "much of the space of i first output directions lies in the other&#39;s of j.</p>\n", html_of(a, x->name),
               html_of(a, y->name), n, cosine / n);
    page_table(t, "phi", "i, j|1|2|3|4|5|6|7|8");
    for (int i = 0; i < PHI; i++) {
        page_row(t, arena_print(a, "%d", i + 1));
        for (int k = i * PHI; k < (i + 1) * PHI; k++)
            if (known[k]) page_shaded(t, mean[k] / known[k], "%.2f", mean[k] / known[k]);
            else text_print(t, "<td></td>");
        text_print(t, "</tr>\n");
    }
    page_table_end(t);
}

static void inspect_page(const Inspection *s, const char *path) {
    Arena *a = s->run->arena;
    Text page = {.arena = a}, *t = &page;
    const char *name = html_of(a, s->items[0].name);
    page_open(t, arena_print(a, "%s inspected", name), arena_print(a, "%s, inspected", name));
    text_print(t, "</header>\n<main>\n");
    for (int i = 0; i < s->n; i++) {
        const Inspected *x = &s->items[i];
        text_print(t, "<h2>%s</h2>\n<p>%s.</p>\n", html_of(a, x->folder), change_sentence(a, x->all, x->prompt));
        if (x->prompt) page_prompt(t, x);
        else if (x->all->n) {
            page_map(t, x);
            text_print(t, "<div class=\"charts\">\n");
            page_spectra(t, x);
            page_ranks(t, x);
            text_print(t, "</div>\n");
            page_modules(t, x);
        }
        if (!isnan(x->loss)) text_print(t, "<p>Loss on the data: %.4f.</p>\n", x->loss);
        page_losses(t, "Loss without", &x->ablation, x->loss);
        if (x->forgetting.n) page_losses(t, "Loss on other rows", &x->forgetting, x->forgetting.items[0].loss);
        if (i) page_similarity(t, &s->items[0], x);
    }
    text_print(t, "</main>\n</body>\n</html>\n");
    file_write(a, path, t->data, t->n);
}

// ---- inspect: a model

enum { PARTS_OF_MODEL = 6 };
static const char *const model_parts[PARTS_OF_MODEL] = {"embeddings", "encoder attention", "encoder feed forward",
                                                        "decoder attention", "decoder feed forward", "norms and biases"};

static void param_part(void *arg, Param *p) {
    double *counts = arg;
    bool decoder = !strncmp(p->name, "decoder", 7);
    int part = p->file.rank < 2 || strstr(p->name, "bias") ? 5 : strstr(p->name, "Attention") ? 1 + 2 * decoder
        : strstr(p->name, "DenseReluDense") ? 2 + 2 * decoder : 0;
    counts[part] += (double)p->file.count;
}

static void linear_count(void *arg, Linear *l, int block) {
    const char *dot = block < 0 ? NULL : strstr(l->w.name, "Attention.");
    if (dot && (dot[10] == 'q' || dot[10] == 'v')) *(double *)arg += (double)(l->in + l->out);
}

// A model: its shape, where its parameters are, and what it takes, activations aside: estimate measures those.
static void inspect_model(Run *r, const char *folder) {
    Arena *a = r->arena;
    Opened x = run_ready(r, folder, NULL);
    const Config *c = &x.model->config;
    double counts[PARTS_OF_MODEL] = {0}, all = 0, each = 0;
    model_params(x.model, param_part, counts);
    model_linears(x.model, linear_count, &each);
    for (int i = 0; i < PARTS_OF_MODEL; i++) all += counts[i];
    const struct { const char *what, *dtype; double bytes; } ways[] = {
        {"run", "f32", 4 * all}, {"run", "bf16", 2 * all}, {"run", "int8", all},
        {"train lora, r 32 on q,v", "f32", 4 * all + 16 * 32 * each}, {"train lora, r 32 on q,v", "int8", all + 16 * 32 * each},
        {"train prompt, 100 rows", "f32", 4 * all + 1600 * (double)c->D}, {"train full", "f32", 16 * all}};
    enum { WAYS = sizeof ways / sizeof *ways };
    if (r->options.json) {
        printf("{\"kind\": \"model\", \"folder\": %s, \"config\": {\"vocab_size\": %lld, \"d_model\": %lld, \"d_kv\": %lld, "
               "\"d_ff\": %lld, \"num_heads\": %lld, \"num_layers\": %d, \"num_decoder_layers\": %d, \"gated\": %s, "
               "\"tied\": %s}, \"parameters\": {\"total\": %.0f", json_quoted(a, folder), (long long)c->V, (long long)c->D,
               (long long)c->K, (long long)c->F, (long long)c->H, c->encoder_layers, c->decoder_layers,
               c->gated ? "true" : "false", x.model->tied ? "true" : "false", all);
        for (int i = 0; i < PARTS_OF_MODEL; i++) printf(", \"%s\": %.0f", model_parts[i], counts[i]);
        for (int i = 0; i < WAYS; i++)
            printf("%s{\"what\": \"%s\", \"dtype\": \"%s\", \"bytes\": %.0f}", i ? ", " : "}, \"memory\": [", ways[i].what,
                   ways[i].dtype, ways[i].bytes);
        puts("]}");
        return;
    }
    printf("%s: d_model %lld, %lld heads of %lld, d_ff %lld%s, %d + %d layers, %lld pieces%s\n\n", folder, (long long)c->D,
           (long long)c->H, (long long)c->K, (long long)c->F, c->gated ? " (gated)" : "", c->encoder_layers, c->decoder_layers,
           (long long)c->V, x.model->tied ? ", head tied to the embeddings" : "");
    for (int i = 0; i < PARTS_OF_MODEL; i++)
        printf("%-24s %15s %5.1f %% %.*s\n", model_parts[i], with_commas(a, (int64_t)counts[i]), 100 * counts[i] / all,
               (int)(10 * counts[i] / all + 0.5), bar);
    printf("%-24s %15s\n\nmemory, activations aside (t5peft estimate measures them with your data)\n", "all",
           with_commas(a, (int64_t)all));
    for (int i = 0; i < WAYS; i++) printf("%-24s %-5s %14s\n", ways[i].what, ways[i].dtype, memory_text(a, ways[i].bytes));
}

// The base that an adapter was made for, where it is a folder here.
static void inspect_base(Run *r, const char *folder) {
    Arena *a = r->arena;
    const char *path = path_join(a, folder, "adapter_config.json");
    if (!is_file(a, path)) return;
    const char *base = json_text(json_file(a, path), "base_model_name_or_path", "");
    if (*base && is_file(a, path_join(a, base, "config.json"))) r->options.model = base;
}

static void command_inspect(Run *r) {
    Arena *a = r->arena;
    t5peft_options *o = &r->options;
    Inspection s = {.run = r};
    s.items = arena_get(a, (size_t)r->nwords + 1, sizeof *s.items);
    bool whole = r->nwords == 1 && !is_file(a, path_join(a, r->words[0], "adapter_config.json")) &&
                 is_file(a, path_join(a, r->words[0], "config.json"));
    if (whole || (!r->nwords && !o->instruct)) {
        inspect_model(r, whole ? r->words[0] : o->model);
        return;
    }
    if (r->found && r->nwords) inspect_base(r, r->words[0]);
    for (int i = 0; i <= r->nwords; i++) {
        const char *folder = i < r->nwords ? r->words[i] : o->instruct;
        if (!folder) break;
        inspect_open(&s, &s.items[s.n], folder);
        if (o->data || o->eval_data) inspect_causes(&s, &s.items[s.n]);
        s.n++;
    }
    if (o->html) inspect_page(&s, o->html);
    if (o->json) inspect_json(&s);
    else inspect_print(&s);
}

// ---- score, rouge, tokenize, detokenize

static void command_score(Run *r) {
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    Table *table = table_open(a, data_needed(r));
    Opened opened = run_ready(r, o->model, o->adapter[0]);
    Examples e = examples_read(a, opened.tokenizer, table, o, o->subset, o->limit);
    examples_say(o, table->path, &e);
    double *losses = arena_get(a, e.n, sizeof *losses), sum = 0;
    int64_t tokens = 0;
    double waited = 0;
    // One process shows each batch as it is done; ranks show all together.
    size_t batch = o->batch_size > 0 ? (size_t)o->batch_size : 1, shown = rank_count() > 1 ? e.n : batch;
    for (size_t i = 0; i < e.n && !interrupted; i += shown) {
        Examples part = {.items = e.items + i, .n = e.n - i < shown ? e.n - i : shown};
        examples_loss(&opened.pass, &part, batch, 0, losses, &waited);
        for (size_t j = 0; j < part.n; j++) {
            const Example *x = &part.items[j];
            if (!isfinite(losses[j]))
                fail(a, "%s: the loss of row %u is no finite number, though the weights of %s are", o->data, x->row, o->model);
            if (o->json) printf("{\"index\": %u, \"loss\": %.9g, \"tokens\": %zu}\n", x->row, losses[j], x->nt);
            else printf("%u\t%.6f\t%zu\n", x->row, losses[j], x->nt);
            sum += losses[j] * (double)x->nt;
            tokens += (int64_t)x->nt;
        }
        fflush(stdout);
    }
    if (interrupted) r->status = 130;
    if (o->json) printf("{\"mean_loss\": %.9g, \"tokens\": %lld}\n", tokens ? sum / (double)tokens : 0, (long long)tokens);
    else printf("mean loss %.6f over %lld tokens\n", tokens ? sum / (double)tokens : 0, (long long)tokens);
}

static void command_rouge(Run *r) {
    Arena *a = r->arena;
    const t5peft_options *o = &r->options;
    if (!o->predictions) fail(a, "--predictions is missing: a file with the texts to score");
    Table *p = table_open(a, o->predictions), *t = o->references ? table_open(a, o->references) : p;
    int prediction = table_column(a, p, o->prediction_column), columns[T5PEFT_LIST], n = 0;
    for (; o->reference_column[n]; n++) columns[n] = table_column(a, t, o->reference_column[n]);
    if (p->nrows != t->nrows) fail(a, "%s: has %zu rows, but %s has %zu", o->predictions, p->nrows, o->references, t->nrows);
    references_say(r, t, NULL, t->nrows, columns, n);
    Rouge mean = {0};
    Cut cut[2] = {{0}};
    size_t lacking = 0;
    for (size_t i = 0; i < p->nrows; i++) {
        int found;
        Mark mark = arena_mark(a);
        Slice text = cell_text(a, p, i, prediction), *wanted = references_of(a, t, i, columns, n, &found);
        Rouge x = rouge_best(a, text.data, text.n, wanted, found, !o->no_stemmer);
        rouge_add(&mean, &x, 1 / (double)p->nrows);
        lacking += !text.data;
        arena_release(a, mark);
    }
    rows_say(o, p->path, p->nrows, lacking, "such predictions score 0", cut);
    rouge_print(&mean, p->nrows, o->json);
}

// The lines of standard input, or the words of the command line as one line.
static Slice *lines_read(Run *r, size_t *n) {
    Arena *a = r->arena;
    Slice *lines = NULL;
    size_t room = 0;
    *n = 0;
    Text t = {.arena = a};
    for (int i = 0; i < r->nwords; i++) text_print(&t, i ? " %s" : "%s", r->words[i]);
    File f = {.data = t.data, .size = t.n};
    if (!r->nwords) f = input_open(a, "-");
    for (const char *s = f.data, *end = f.data + f.size; s < end;) {
        const char *close = memchr(s, '\n', (size_t)(end - s));
        if (!close) close = end;
        lines = arena_grow(a, lines, *n, &room, sizeof *lines);
        lines[(*n)++] = (Slice){s, (size_t)(close - s)};
        s = close + 1;
    }
    return lines;
}

static Tokenizer *tokenizer_needed(Run *r) {
    if (!r->options.model)
        fail(r->arena, "--model is missing: a folder with spiece.model or tokenizer.json, or one of these files");
    return tokenizer_open(r->arena, r->options.model);
}

static void command_tokenize(Run *r) {
    Arena *a = r->arena;
    Tokenizer *t = tokenizer_needed(r);
    size_t n;
    Slice *lines = lines_read(r, &n);
    for (size_t i = 0; i < n; i++) {
        Mark mark = arena_mark(a);
        int32_t *ids;
        size_t count = tokenize(a, t, lines[i].data, lines[i].n, &ids);
        if (r->options.json) putchar('[');
        for (size_t k = 0; k < count; k++) printf("%s%d", k ? r->options.json ? ", " : " " : "", ids[k]);
        for (size_t k = 0, closing = ids_closing(t, ids, count); k < closing && !r->options.no_eos; k++)
            printf("%s%d", count++ ? r->options.json ? ", " : " " : "", t->closing[k]);
        puts(r->options.json ? "]" : "");
        arena_release(a, mark);
    }
}

static void command_detokenize(Run *r) {
    Arena *a = r->arena;
    Tokenizer *t = tokenizer_needed(r);
    size_t n;
    Slice *lines = lines_read(r, &n);
    for (size_t i = 0; i < n; i++) {
        Mark mark = arena_mark(a);
        int32_t *ids = arena_get(a, lines[i].n + 1, sizeof *ids);
        size_t count = 0;
        for (size_t k = 0; k < lines[i].n;) {
            if (strchr(" \t\r,[]", lines[i].data[k]) && lines[i].data[k]) {
                k++;
                continue;
            }
            if (lines[i].data[k] < '0' || lines[i].data[k] > '9')
                fail(a, "standard input: line %zu: ids are wanted, for instance 8774 1 or [8774, 1]", i + 1);
            int64_t id = 0;
            for (; k < lines[i].n && lines[i].data[k] >= '0' && lines[i].data[k] <= '9'; k++)
                id = id < t->size ? id * 10 + lines[i].data[k] - '0' : id;
            if (id >= t->size) fail(a, "standard input: line %zu: the vocabulary ends at id %d", i + 1, t->size - 1);
            ids[count++] = (int32_t)id;
        }
        size_t length;
        const char *text = detokenize(a, t, ids, count, &length);
        Text s = {.arena = a};
        if (r->options.json) text_json(&s, text, length);
        else text_add(&s, text, length);
        if (s.n) fwrite(text_printed(a, s.data, s.n), 1, s.n, stdout);
        putchar('\n');
        arena_release(a, mark);
    }
}

// ---- bench
//
// Bounds of this machine, measured; then what the kernels, training and generation get of them. Of kernels and training steps the
// best time counts: whatever else the machine does can only make one longer. Memory that measuring needs must not count in the
// peak of training, so training comes first and the bandwidth, which reads a large buffer, after it.

typedef struct {
    const char *key, *label, *unit, *of;  // of: the bound that share is measured by; NULL: none
    double value, share;
} Figure;

typedef struct {
    Run *run;
    Opened x;
    Figure figures[48];
    int n;
    const char *peak_name;
    double peak, bandwidth;      // multiply-adds and bytes a second
    double step, multiply_adds, peak_bytes;  // of training: seconds of a step, what it multiplies
} Bench;

static void figure_add(Bench *b, const char *key, const char *label, double value, const char *unit, double share,
                       const char *of) {
    b->figures[b->n++] = (Figure){key, label, unit, of, value, share};
}

static void bench_say(const Bench *b, const char *what) {
    if (!b->run->options.quiet) fprintf(stderr, "measuring %s\n", what);
}

// The shortest of two or more calls, within about `span` seconds.
static double shortest(void (*call)(void *), void *arg, double span) {
    double best = INFINITY, began = seconds();
    for (int i = 0; i < 2 || (seconds() - began < span && !interrupted); i++) {
        double start = seconds();
        call(arg);
        best = fmin(best, seconds() - start);
    }
    return best;
}

typedef struct {
    Ops *ops;
    Products as;
    const uint64_t *data;  // READ numbers for each unit
    uint64_t *sums;
    int64_t units;
} MachineWork;

enum { PEAK_ROUNDS = 1 << 17, READ = 1 << 17, READ_UNITS = 256 };  // a buffer of 256 MiB

static void peak_work(const void *arg, int64_t unit, int thread) {
    const MachineWork *w = arg;
    float x[] = {0.5f, 1};
    (void)unit, (void)thread;
    w->ops->kernels->peak(x, PEAK_ROUNDS, w->as);
}

static void peak_call(void *arg) {
    MachineWork *w = arg;
    parallel(w->ops->pool, w->units, peak_work, w);
}

// Eight sums, so that no addition waits for the one before it.
static void read_work(const void *arg, int64_t unit, int thread) {
    const MachineWork *w = arg;
    const uint64_t *p = w->data + unit * READ;
    uint64_t s[8] = {0};
    (void)thread;
    for (int64_t i = 0; i < READ; i += 8)
        UNROLL for (int j = 0; j < 8; j++) s[j] += p[i + j];
    for (int j = 0; j < 8; j++) w->sums[unit] += s[j];
}

static void read_call(void *arg) {
    MachineWork *w = arg;
    parallel(w->ops->pool, w->units, read_work, w);
}

typedef struct {
    Ops *ops;
    float *x, *y, *z;
    int64_t n;         // rows and columns of a product, numbers of a sum
    bool half;
} DeviceWork;

// A product of square matrices, or, with half, of a weight in bf16; the host waits for its end.
static void device_product(void *arg) {
    const DeviceWork *w = arg;
    Ops *o = w->ops;
    int64_t n = w->n;
    float x;
    o->gemm(o, (Gemm){.M = n, .N = n, .K = n, .a = w->x, .a_row = n, .a_column = 1, .b = w->y, .b_type = w->half ? BF16 : F32,
                      .b_transposed = true, .ldb = n, .c = w->z, .ldc = n, .alpha = 1, .half = w->half});
    o->copy_out(o, &x, w->z, sizeof x);
}

static void device_add(void *arg) {
    const DeviceWork *w = arg;
    float x;
    w->ops->add(w->ops, w->x, w->y, 1, w->n);
    w->ops->copy_out(w->ops, &x, w->x, sizeof x);
}

// A device's bounds by its own operations, on what is large enough to take 20 ms.
static void bench_device(Bench *b) {
    Arena *a = b->run->arena;
    DeviceWork w = {.ops = b->x.pass.ops};
    double took = 0;
    for (int kind = 0; kind < 3; kind++) {
        w.half = kind == 1;
        for (w.n = kind < 2 ? 64 : 1 << 16, took = 0; took < 0.02 && w.n < (kind < 2 ? 1 << 14 : 1 << 29); w.n *= 2) {
            Mark mark = arena_mark(a);
            int64_t count = kind < 2 ? w.n * w.n : w.n;
            w.x = device_get(a, w.ops, (kind < 2 ? 3 : 2) * count);
            w.y = w.x + count;
            w.z = w.y + count;
            took = shortest(kind < 2 ? device_product : device_add, &w, 0.1);
            arena_release(a, mark);
        }
        w.n /= 2;
        double n = (double)w.n, rate = (kind < 2 ? n * n * n : 12 * n) / took;
        if (kind == 2) b->bandwidth = rate;
        else if (!w.half || b->x.pass.half) b->peak = rate, b->peak_name = w.half ? "bf16 product" : "f32 product";
        if (kind == 2) figure_add(b, "bandwidth_gbytes", "memory bandwidth, y += x", 1e-9 * rate, "GB/s", 0, NULL);
        else figure_add(b, w.half ? "peak_bf16_gflops" : "peak_f32_gflops", w.half ? "large product, bf16" : "large product, f32",
                        2e-9 * rate, "GFLOP/s", 0, NULL);
    }
}

static void bench_machine(Bench *b) {
    Arena *a = b->run->arena;
    Ops *o = b->x.pass.ops;
    float x[] = {0.5f, 1};
    static const struct { const char *key, *label, *name; DType type; } kinds[] = {
        [FLOATS] = {"peak_f32_gflops", "multiply-add peak, f32", "f32 peak", F32},
        [BFLOATS] = {"peak_bf16_gflops", "multiply-add peak, bf16", "bf16 peak", BF16},
        [WHOLES] = {"peak_int16_gops", "multiply-add peak, int16", "int16 peak", I8}};
    bench_say(b, "this machine's peak");
    for (Products as = FLOATS; as <= WHOLES; as++) {
        if (!o->kernels->products[as]) continue;
        MachineWork w = {.ops = o, .as = as, .units = (int64_t)8 * o->pool->threads};
        double peak = (double)(w.units * PEAK_ROUNDS * o->kernels->peak(x, 1, as)) / shortest(peak_call, &w, 0.4);
        figure_add(b, kinds[as].key, kinds[as].label, 2e-9 * peak, as == WHOLES ? "Gop/s" : "GFLOP/s", 0, NULL);
        if (as != FLOATS && kinds[as].type != b->x.model->stored) continue;
        b->peak = peak;
        b->peak_name = kinds[as].name;
    }
    Mark mark = arena_mark(a);
    uint64_t *data = arena_get(a, (size_t)READ_UNITS * READ, sizeof *data);
    memset(data, 1, (size_t)READ_UNITS * READ * sizeof *data);  // untouched pages would all be the same page of zeros
    MachineWork w = {.ops = o, .data = data, .sums = arena_get(a, READ_UNITS, sizeof *w.sums), .units = READ_UNITS};
    b->bandwidth = (double)READ_UNITS * READ * sizeof *data / shortest(read_call, &w, 0.4);
    arena_release(a, mark);
    figure_add(b, "bandwidth_gbytes", "memory bandwidth, reading", 1e-9 * b->bandwidth, "GB/s", 0, NULL);
}

typedef struct {
    Pass *pass;
    const Tensor *w;
    float *x, *y, *dw;
    int64_t N;
    int kind;
} GemmTry;

static void gemm_call(void *arg) {
    GemmTry *t = arg;
    Pass *p = t->pass;
    if (t->kind == 0) weight_forward(p, t->w, t->y, t->x, t->N, 1, false, p->half);
    else if (t->kind == 1) weight_back(p, t->w, t->x, t->y, t->N, 1, false, p->half);
    else weight_grad(p, t->dw, t->y, t->x, t->N, t->w->shape[0], t->w->shape[1], 1, p->half);
    float x;
    p->ops->copy_out(p->ops, &x, t->kind == 0 ? t->y : t->kind == 1 ? t->x : t->dw, sizeof x);  // waits for a device
}

// The products of training, with as many rows as one piece of a batch has.
static void bench_gemms(Bench *b) {
    static const char *const kinds[] = {"forward", "dX", "dW"};
    Arena *a = b->run->arena;
    const t5peft_options *o = &b->run->options;
    Model *m = b->x.model;
    Block *k = &m->encoder.blocks[0];
    const struct { const char *name; const Linear *l; } all[] = {{"q", &k->self.q}, {"o", &k->self.o}, {"wi", &k->ff.wi},
                                                                 {"wo", &k->ff.wo}, {"lm_head", &m->head}};
    int64_t rows = piece_tokens(m) / (o->max_source_length + o->max_target_length);
    if (rows > o->per_device_train_batch_size) rows = o->per_device_train_batch_size;
    if (rows < 1) rows = 1;
    bench_say(b, "GEMM shapes");
    for (int i = 0; i < 5 && !interrupted; i++) {
        Mark mark = arena_mark(a);
        int64_t N = rows * (i < 4 ? o->max_source_length : o->max_target_length), in = all[i].l->in, out = all[i].l->out;
        if (i == 4 && N > loss_rows(m->ops)) N = loss_rows(m->ops);
        Ops *ops = b->x.pass.ops;
        GemmTry t = {&b->x.pass, &all[i].l->w.device, device_get(a, ops, N * in), device_get(a, ops, N * out),
                     device_get(a, ops, out * in), N, 0};
        double rate[3], work = (double)N * (double)in * (double)out;
        float *x = arena_get(a, (size_t)(N * in), sizeof *x);
        for (int64_t j = 0; j < N * in; j++) x[j] = (float)random_uniform(1, (uint64_t)j) - 0.5f;
        ops->copy_in(ops, t.x, x, (size_t)(N * in) * sizeof *x);
        for (; t.kind < 3; t.kind++) rate[t.kind] = work / shortest(gemm_call, &t, 0.1);
        arena_release(a, mark);
        for (int j = 0; j < 3; j++)
            figure_add(b, arena_print(a, "gemm_%s_%s_gflops", all[i].name, kinds[j]),
                       arena_print(a, "%s, %lld x %lld x %lld, %s", all[i].name, (long long)N, (long long)in, (long long)out,
                                   kinds[j]), 2e-9 * rate[j], "GFLOP/s", rate[j] / b->peak, b->peak_name);
    }
}

static const int32_t *random_tokens(Bench *b, int64_t n, uint64_t row) {
    int32_t *ids = arena_get(b->run->arena, (size_t)n, sizeof *ids);
    for (int64_t i = 0; i < n; i++)
        ids[i] = (int32_t)(random_uniform(random_key((uint64_t)b->run->options.seed, row, 0),
                                          (uint64_t)i) * (double)b->x.model->config.V);
    return ids;
}

// Steps of train itself with the rate 0. Each is the first: what is lost in one leaves no checkpoint.
static void bench_train(Bench *b) {
    Arena *a = b->run->arena;
    t5peft_options o = b->run->options;
    size_t n = (size_t)o.per_device_train_batch_size;
    o.data = b->x.model->path;
    o.prompt_tuning_init = "random";
    Trainer t = {.arena = a, .options = &o, .model = b->x.model, .total = 1};
    trainer_attach(&t);
    Example *all = arena_get(a, n, sizeof *all);
    const Example **rows = arena_get(a, n, sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        all[i] = (Example){random_tokens(b, o.max_source_length, 2 * i), random_tokens(b, o.max_target_length, 2 * i + 1),
                           (size_t)o.max_source_length, (size_t)o.max_target_length, (uint32_t)i};
        rows[i] = &all[i];
    }
    bench_say(b, "training");
    b->step = INFINITY;
    double began = seconds();
    for (int64_t i = 0; !interrupted && (o.max_steps > 0 ? i < o.max_steps : i < 2 || seconds() - began < 4); i++) {
        t.model->ops->multiply_adds = 0;
        b->step = fmin(b->step, step_seconds(&t, rows, n));
    }
    b->multiply_adds = t.model->ops->multiply_adds;
    b->peak_bytes = peak_bytes();
    model_detach(t.model);
    model_store(t.model, options_dtype(&o));
}

static bool bench_row(void *user, size_t row, const Generated *sequences, int n) {
    (void)user, (void)row, (void)sequences, (void)n;
    return interrupted != 0;
}

typedef struct {
    Bench *bench;
    const GenerationOptions *options;
    const int32_t *const *sources;
    const size_t *lengths;
    size_t rows;
} GenerateTry;

static void generate_call(void *arg) {
    GenerateTry *t = arg;
    GenerationEvents events = {.row = bench_row};
    generate(&t->bench->x.pass, t->options, t->sources, t->lengths, t->rows, &events);
}

static double weight_bytes(const Linear *l) {
    return (double)l->w.file.count * dtypes[l->w.file.dtype].bytes;
}

// Of the weights that one step of the decoder reads; its cross-attention's k and v have been used before.
static double decoder_bytes(const Model *m) {
    double bytes = weight_bytes(&m->head);
    for (int i = 0; i < m->decoder.layers; i++) {
        const Block *k = &m->decoder.blocks[i];
        const Linear *all[] = {&k->self.q, &k->self.k, &k->self.v, &k->self.o, &k->cross.q, &k->cross.o, &k->ff.wi, &k->ff.gate,
                               &k->ff.wo};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++) bytes += weight_bytes(all[j]);
    }
    return bytes;
}

// Generates one token, and then all: the difference is what tokens cost without the encoder.
static void bench_generate(Bench *b) {
    Arena *a = b->run->arena;
    const t5peft_options *o = &b->run->options;
    int many = (int)o->batch_size, beams = (int)o->num_beams;
    const struct { const char *key, *label; int rows, beams; } all[] = {
        {"1_row", "1 row", 1, 1}, {arena_print(a, "%d_rows", many), arena_print(a, "%d rows", many), many, 1},
        {"beams", arena_print(a, "1 row, %d beams", beams), 1, beams}};
    const int32_t **sources = arena_get(a, (size_t)many, sizeof *sources);
    size_t *lengths = arena_get(a, (size_t)many, sizeof *lengths);
    for (int i = 0; i < many; i++)
        sources[i] = random_tokens(b, o->max_source_length, 2 * (uint64_t)i), lengths[i] = (size_t)o->max_source_length;
    for (int k = 0; k < (beams > 1 ? 3 : 2) && !interrupted; k++) {
        GenerationOptions g = generation_options(a, o);
        GenerateTry try = {b, &g, sources, lengths, (size_t)all[k].rows};
        double took[2];
        bench_say(b, arena_print(a, "generation, %s", all[k].label));
        g.num_beams = all[k].beams;
        g.batch = all[k].rows * all[k].beams;
        for (int i = 0; i < 2; i++) {
            g.max_new_tokens = g.min_new_tokens = i ? (int)o->max_new_tokens : 1;  // </s> ends no row
            took[i] = shortest(generate_call, &try, 0.2);
        }
        // A tiny model's differences can drown in noise; a rate stays positive.
        double token = fmax(took[1] - took[0], 1e-6) / (double)(o->max_new_tokens - 1);
        figure_add(b, arena_print(a, "generate_%s_encoder_seconds", all[k].key),
                   arena_print(a, "generation, %s, encoder", all[k].label), fmax(took[0] - token, 0), "s", 0, NULL);
        figure_add(b, arena_print(a, "generate_%s_tokens_per_second", all[k].key),
                   arena_print(a, "generation, %s, decoder", all[k].label), all[k].rows / token, "tokens/s",
                   decoder_bytes(b->x.model) / (token * b->bandwidth), k ? NULL : "bandwidth");
    }
}

static void bench_results(Bench *b) {
    Arena *a = b->run->arena;
    const t5peft_options *o = &b->run->options;
    double rows = (double)o->per_device_train_batch_size, tokens = rows * (double)(o->max_source_length + o->max_target_length),
        rate = b->multiply_adds / b->step;
    figure_add(b, "train_seconds_per_example", arena_print(a, "training (%s, batch %lld of %lld + %lld tokens), an example",
                                                           o->method, (long long)o->per_device_train_batch_size,
                                                           (long long)o->max_source_length, (long long)o->max_target_length),
                                                           b->step / rows, "s", 0, NULL);
    figure_add(b, "train_tokens_per_second", "training, source and target tokens", tokens / b->step, "tokens/s", 0, NULL);
    figure_add(b, "train_gflops", "training, multiply-adds that it needs", 2e-9 * rate, "GFLOP/s", rate / b->peak, b->peak_name);
    figure_add(b, "train_peak_mib", "training, peak memory", b->peak_bytes / 1048576, "MiB", 0, NULL);
}

static void bench_print(Bench *b) {
    Arena *a = b->run->arena;
    const t5peft_options *o = &b->run->options;
    const Ops *ops = b->x.pass.ops;
    if (!o->json)
        printf("t5peft %s, kernels %s, threads: %d (%s); %s, %s, %s parameters\n", T5PEFT_VERSION, ops->name,
               ops->pool->threads, THREADING, b->x.model->path, o->dtype, with_commas(a, model_count(b->x.model)));
    Text t = {.arena = a};
    text_print(&t, "{\"version\": \"%s\", \"kernels\": \"%s\", \"threading\": \"%s\", \"threads\": %d, \"model\": %s, "
               "\"parameters\": %lld, \"dtype\": \"%s\", \"method\": \"%s\"", T5PEFT_VERSION, ops->name, THREADING,
               ops->pool->threads, json_quoted(a, b->x.model->path), (long long)model_count(b->x.model), o->dtype, o->method);
    for (int i = 0; i < b->n; i++) {
        const Figure *f = &b->figures[i];
        text_print(&t, ", \"%s\": ", f->key);
        text_number(&t, f->value);
        if (f->of) text_print(&t, ", \"%s_share\": ", f->key), text_number(&t, f->share);
        if (o->json) continue;
        printf("%-62s %10.*f %-8s", f->label, f->value < 10 ? 4 : 1, f->value, f->unit);
        printf(f->of ? "  %3.0f %% of the %s\n" : "\n", 100 * f->share, f->of);
    }
    if (o->json) printf("%s}\n", t.data);
}

static Opened bench_open(Run *r) {
    Arena *a = r->arena;
    t5peft_options o = options_opened(&r->options);
    if (!o.shape && o.model) return model_ready(a, &o, o.model, NULL);
    Config c;
    const char *shape = o.shape ? o.shape : "small";
    if (!config_named(shape, &c)) return (Opened){0};
    Opened x = model_untrained(a, &o, arena_print(a, "random weights of flan-t5-%s's shape", shape), c);
    model_store(x.model, x.model->stored);
    return x;
}

static void command_bench(Run *r) {
    const t5peft_options *o = &r->options;
    const int64_t sizes[] = {o->per_device_train_batch_size, o->batch_size, o->max_source_length, o->max_target_length,
                             o->max_new_tokens - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i] < 1 || sizes[i] > 1 << 16)
            fail(r->arena, "--per-device-train-batch-size, --batch-size, --max-source-length, --max-target-length must be from 1 "
                 "to 65536, --max-new-tokens at least 2");
    Bench b = {.run = r, .x = bench_open(r)};
    if (!b.x.model) {
        fprintf(stderr, "t5peft: --shape %s: must be small, base or large\n", o->shape);
        r->status = 2;
        return;
    }
    b.x.pass.half = options_half(o);  // also where what is trained was opened in f32
    bench_train(&b);
    if (b.x.pass.ops->apart) bench_device(&b);
    else bench_machine(&b);
    bench_gemms(&b);
    bench_results(&b);
    bench_generate(&b);
    if (interrupted) r->status = 130;
    else bench_print(&b);
}

// ---- the command line itself

typedef struct {
    const char *name;
    int bit;
    void (*run)(Run *);
    const char *words, *help, *example;
} Command;

static const Command commands[] = {
    {"train", TRAIN, command_train, "", "tune a LoRA adapter, a soft prompt or every weight",
     "t5peft train --model flan-t5-small --data train.csv --method lora --out out/peft"},
    {"estimate", TRAIN | ESTIMATE, command_estimate, "",
     "what train with these options would take: time, memory, money; and the other ways",
     "t5peft estimate --model flan-t5-base --data train.csv --method lora --price-per-hour 0.40"},
    {"sweep", TRAIN | SWEEP, command_sweep, "",
     "train with several values of some options (commas; texts repeated); the best third goes on; --out/best is the best",
     "t5peft sweep --model flan-t5-base --data train.csv --eval-data dev.csv --learning-rate 3e-4,1e-3 --lora-r 8,32 --out s"},
    {"inspect", INSPECT, command_inspect, " [ADAPTER]...", "what tuning did: size, rank and place of an adapter's changes; what a prompt lies near",
     "t5peft inspect out/peft --model flan-t5-small --data dev.csv --html peft.html"},
    {"generate", GENERATE, command_generate, " [TEXT]", "generate for a text, standard input or each row of a file",
     "t5peft generate --model flan-t5-small --adapter out/peft --data test.csv --limit 3"},
    {"eval", EVAL, command_eval, "", "generate for each row and score with ROUGE",
     "t5peft eval --model flan-t5-small --adapter out/peft --data test.csv --out results.csv"},
    {"compare", COMPARE, command_compare, "", "original, fully tuned and adapters: one table, samples side by side, report.html",
     "t5peft compare --model flan-t5-small --instruct out/instruct --adapter out/peft --data test.csv --out out/compare"},
    {"score", SCORE, command_score, "", "loss of each row, teacher-forced",
     "t5peft score --model flan-t5-small --adapter out/peft --data test.csv --json"},
    {"rouge", ROUGE, command_rouge, "", "score existing texts",
     "t5peft rouge --predictions results.csv --prediction-column prediction --reference-column summary"},
    {"tokenize", TOKENIZE, command_tokenize, " [TEXT]", "text to ids, line by line",
     "echo Hello | t5peft tokenize --model flan-t5-small"},
    {"detokenize", DETOKENIZE, command_detokenize, " [IDS]", "ids to text, line by line",
     "t5peft detokenize --model flan-t5-small 8774 1"},
    {"bench", BENCH, command_bench, "", "what this machine can do, and what the kernels, training and generation get of it",
     "t5peft bench --shape base --dtype bf16"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void help_print(const Command *c) {
    if (!c) {
        printf("t5peft %s: tunes FLAN-T5 with LoRA, soft prompts or every weight, generates with it and scores it\n\n",
               T5PEFT_VERSION);
        for (int i = 0; i < COMMANDS; i++) printf("  t5peft %-11s %s\n", commands[i].name, commands[i].help);
        printf("\nt5peft COMMAND --help lists a command's options. The README tells what to download.\n"
               "t5peft --completion bash (or zsh) prints what completes them: eval \"$(t5peft --completion bash)\"\n");
        return;
    }
    printf("t5peft %s%s: %s\n\n", c->name, c->words, c->help);
    for (int i = 0; i < OPTIONS; i++) {
        const Option *o = &options_table[i];
        if (!(o->commands & c->bit)) continue;
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, *o->value ? " " : "", o->value);
        printf("  %-34s %s%s%s%s\n", left, o->help, o->missing ? *o->help ? " (" : "(" : "", o->missing ? o->missing : "",
               o->missing ? ")" : "");
    }
    if (c->bit & TRAIN) printf("  %-34s %s\n", "--config FILE", "take the options of a run.json; later ones override it");
    printf("\nexample: %s\n", c->example);
}

// For bash and, by its own bashcompinit, for zsh: the commands, then the options of the one that was typed, else files.
static void completion_print(bool zsh) {
    if (zsh) puts("autoload -Uz bashcompinit && bashcompinit");
    printf("_t5peft() {\n    local words=\"");
    for (int i = 0; i < COMMANDS; i++) printf("%s ", commands[i].name);
    printf("--help --version\"\n    [ \"$COMP_CWORD\" = 1 ] || case ${COMP_WORDS[1]} in\n");
    for (int i = 0; i < COMMANDS; i++) {
        printf("        %s) words=\"", commands[i].name);
        for (int k = 0; k < OPTIONS; k++)
            if (options_table[k].commands & commands[i].bit) printf("--%s ", options_table[k].name);
        printf("--help%s\" ;;\n", commands[i].bit & TRAIN ? " --config" : "");
    }
    printf("    esac\n    local word=\"${COMP_WORDS[COMP_CWORD]}\"\n    case \"$COMP_CWORD $word\" in\n"
           "        '1 '*|*' -'*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
           "        *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    esac\n}\ncomplete -o filenames -F _t5peft t5peft\n");
}

// Number of single letters to change, add or drop (Levenshtein 1965), for "did you mean".
static int letters_apart(const char *a, const char *b) {
    int row[64], n = (int)strlen(b);
    if (n > 63) return 99;
    for (int j = 0; j <= n; j++) row[j] = j;
    for (int i = 0; a[i]; i++) {
        int corner = row[0];
        row[0] = i + 1;
        for (int j = 0; j < n; j++) {
            int best = corner + (a[i] != b[j]);
            corner = row[j + 1];
            if (row[j + 1] + 1 < best) best = row[j + 1] + 1;
            if (row[j] + 1 < best) best = row[j] + 1;
            row[j + 1] = best;
        }
    }
    return row[n];
}

static int usage(const char *what, const char *word, const char *nearest, const char *command) {
    if (rank_own()) return 2;
    fprintf(stderr, "t5peft: %s%s", what, word);
    if (nearest) fprintf(stderr, "; did you mean %s?", nearest);
    fprintf(stderr, " (t5peft%s%s --help)\n", *command ? " " : "", command);
    return 2;
}

static const Command *command_find(const char *name) {
    for (int i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i].name, name)) return &commands[i];
    return NULL;
}

static const char *nearest_option(const char *name, int command) {
    const char *best = NULL;
    int least = 4;
    for (int i = 0; i < OPTIONS; i++) {
        int apart = letters_apart(name, options_table[i].name);
        if ((options_table[i].commands & command) && apart < least) least = apart, best = options_table[i].name;
    }
    return best;
}

typedef struct {
    Run *run;
    const Command *command;
    int argc;
    char **argv;
} Begin;

// Where no model is named: $T5PEFT_MODEL, or the demo's, beside the executable or where it was installed. With the demo's model,
// its dialogues are the data and ./t5peft-out is written to where neither is named, so that a command alone does something.
static void defaults_find(Run *r, const Command *c, const char *program) {
    Arena *a = r->arena;
    t5peft_options *o = &r->options;
    const char *named = getenv("T5PEFT_MODEL");
    if (named && *named) {
        o->model = named;
        return;
    }
    char path[4096];
    program_path(path, sizeof path, program);
    char *slash = strrchr(path, '/');
    const char *folder = slash ? (*slash = 0, path) : ".";
    static const char *const places[] = {"demo", "../share/t5peft"};
    for (int i = 0; i < 2 && !o->model; i++) {
        const char *demo = path_join(a, folder, places[i]), *model = path_join(a, demo, "model");
        if (!is_folder(a, model)) continue;
        o->model = model;
        const char *data = path_join(a, demo, c->bit & TRAIN ? "dialogues/train.csv" : "dialogues/test.csv");
        if (!(c->bit & (TRAIN | EVAL | SCORE)) || o->data || access(data, R_OK)) continue;
        o->data = data;
        if ((c->bit & TRAIN) && !o->out) o->out = c->bit & SWEEP ? "t5peft-sweep" : "t5peft-out";
        if ((c->bit & SWEEP) && !o->eval_data) o->eval_data = path_join(a, demo, "dialogues/test.csv");
        if (!o->quiet) fprintf(stderr, "neither --model nor --data: the demo's, %s and %s\n", model, data);
    }
}

// Reads argv[2..] into the options; 0, or the exit status.
static int arguments_read(Begin *b) {
    Run *r = b->run;
    int count[OPTIONS] = {0};
    bool plain = false;
    r->words = arena_get(r->arena, (size_t)b->argc, sizeof *r->words);
    for (int i = 2; i < b->argc; i++) {
        char *word = b->argv[i], name[64], option[80];
        if (plain || word[0] != '-' || !word[1]) {
            r->words[r->nwords++] = word;
            continue;
        }
        if (!strcmp(word, "--")) {
            plain = true;
            continue;
        }
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) return help_print(b->command), -1;
        const char *equals = strchr(word, '=');
        size_t n = equals ? (size_t)(equals - word) : strlen(word);
        snprintf(name, sizeof name, "%.*s", (int)(n > 2 ? n - 2 : 0), n > 2 ? word + 2 : "");
        snprintf(option, sizeof option, "--%s", name);
        bool config = (b->command->bit & TRAIN) && !strcmp(option, "--config") && word[1] == '-';
        const Option *o = config || word[1] != '-' ? NULL : option_find(name, b->command->bit);
        if (!config && !o) {
            const char *best = nearest_option(name, b->command->bit);
            snprintf(option, sizeof option, "--%s", best ? best : "");
            return usage("unknown option ", word, best ? option : NULL, b->command->name);
        }
        const char *value = equals ? equals + 1 : "true";
        if (!equals && (config || o->type != OPTION_FLAG)) value = i + 1 < b->argc ? b->argv[++i] : NULL;
        if (!value) return usage("no value after ", option, NULL, b->command->name);
        if (config) {
            options_read(r->arena, value, &r->options);
            continue;
        }
        bool several = (b->command->bit & SWEEP) && o->type != OPTION_LIST &&
                       (option_matters(r->arena, o) || !strcmp(name, "model"));
        if (several ? !axis_add(r, o, value) : !option_set(o, &r->options, value, count[o - options_table]++))
            return usage(o->type == OPTION_WHOLE ? "a whole number is wanted after " : o->type == OPTION_REAL
                         ? "a number is wanted after " : "a wrong value, or too many, after ", option, NULL, b->command->name);
    }
    bool takes = *b->command->words != 0;
    if (r->nwords && !takes) return usage("not understood: ", r->words[0], NULL, b->command->name);
    return 0;
}

static void run_command(void *arg) {
    Begin *b = arg;
    Run *r = b->run;
    const t5peft_options *o = &r->options;
    reading_watch("t5peft", r->arena);
    r->status = arguments_read(b);
    if (rank_own()) r->options.quiet = true;
    if (r->status) return;
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    if (rank_count() > 1 && (!(b->command->bit & MODELS) || (b->command->bit & ESTIMATE)))
        fail(r->arena, "%s: is for one process; start it without mpirun", b->command->name);
    if (strcmp(o->device, "cpu") && (b->command->bit & ESTIMATE))
        fail(r->arena, "%s: works on the processor only; leave --device out", b->command->name);
    r->found = !o->model;
    if (!o->model && b->command->bit != ROUGE) defaults_find(r, b->command, b->argv[0]);
    const Kernels *k = kernels_find(getenv("T5PEFT_ISA"));
    bool half = k && k->products[BFLOATS] && !bfloats_slow() && !strcmp(o->device, "cpu");
    if ((b->command->bit & MODELS) && !o->quiet && half && !strcmp(o->dtype, "f32"))
        fprintf(stderr, "this processor multiplies bf16 about twice as fast as f32: --dtype bf16 would use that\n");
    b->command->run(r);
}

int main(int argc, char **argv) {
    platform_start(&argc, &argv);
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--version")) return printf("t5peft %s\n", T5PEFT_VERSION), finish("t5peft", 0);
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
        return help_print(argc > 2 ? command_find(argv[2]) : NULL), finish("t5peft", 0);
    if (!strcmp(name, "--completion")) {
        bool zsh = argc == 3 && !strcmp(argv[2], "zsh");
        if (!zsh && (argc != 3 || strcmp(argv[2], "bash"))) return usage("--completion wants bash or zsh", "", NULL, "");
        return completion_print(zsh), finish("t5peft", 0);
    }
    const Command *c = command_find(name);
    if (!c) {
        const char *best = NULL;
        for (int i = 0; i < COMMANDS; i++)
            if (*name && letters_apart(name, commands[i].name) < 3) best = commands[i].name;
        return *name ? usage("unknown command ", name, best, "") : (help_print(NULL), 2);
    }
    Trap trap = {.text = ""};
    Arena arena = {.trap = &trap};
    Run run = {.arena = &arena, .options = t5peft_defaults()};
    options_default(&run.options, c->bit);
    ranks_begin(&argc, &argv);
    if (!attempt(&arena, run_command, &(Begin){&run, c, argc, argv})) {
        ranks_failed("t5peft", trap.text);
        run.status = 1;
    }
    reading_watch("t5peft", NULL);
    arena_free(&arena);
    return ranks_end(finish("t5peft", run.status < 0 ? 0 : run.status));
}
#endif  // T5PEFT_NO_MAIN
#endif  // !T5PEFT_DEVICE
#endif  // !ISA
