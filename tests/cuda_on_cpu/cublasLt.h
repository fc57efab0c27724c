// Stands in for cublasLt: matrices in columns, f32 or bf16, sums in f32, as t5peft.cu asks for them.
#pragma once
#include "cuda_runtime.h"

enum cublasStatus_t { CUBLAS_STATUS_SUCCESS };
enum cudaDataType_t { CUDA_R_32F, CUDA_R_16BF = 14 };
enum cublasComputeType_t { CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_32F_FAST_TF32 = 77 };
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T };
enum { CUBLASLT_MATMUL_DESC_TRANSA, CUBLASLT_MATMUL_DESC_TRANSB };
enum cublasLtMatmulPreferenceAttributes_t {
    CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
};
struct layout_on_cpu { cudaDataType_t type; int64_t rows, columns, ld; };
struct product_on_cpu { cublasOperation_t op[2]; };
typedef layout_on_cpu *cublasLtMatrixLayout_t;
typedef product_on_cpu *cublasLtMatmulDesc_t;
typedef struct lt_on_cpu *cublasLtHandle_t;
typedef struct { uint32_t aligned[5]; } *cublasLtMatmulPreference_t;
typedef struct { uint32_t aligned[5]; } cublasLtMatmulAlgo_t;
typedef struct { cublasLtMatmulAlgo_t algo; } cublasLtMatmulHeuristicResult_t;

static inline cublasStatus_t cublasLtCreate(cublasLtHandle_t *h) { return *h = (cublasLtHandle_t)malloc(1), CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasLtDestroy(cublasLtHandle_t h) { return free(h), CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *d, cublasComputeType_t, cudaDataType_t) {
    return *d = (cublasLtMatmulDesc_t)calloc(1, sizeof **d), CUBLAS_STATUS_SUCCESS;
}
static inline cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t d) { return free(d), CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t d, int which, const void *op, size_t n) {
    return memcpy(&d->op[which], op, n), CUBLAS_STATUS_SUCCESS;
}
static inline cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *l, cudaDataType_t type, uint64_t rows,
                                                        uint64_t columns, int64_t ld) {
    *l = (cublasLtMatrixLayout_t)malloc(sizeof **l);
    **l = layout_on_cpu{type, (int64_t)rows, (int64_t)columns, ld};
    return CUBLAS_STATUS_SUCCESS;
}
static inline cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t l) { return free(l), CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *p) {
    return *p = (cublasLtMatmulPreference_t)calloc(1, sizeof **p), CUBLAS_STATUS_SUCCESS;
}
static inline cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t p) { return free(p), CUBLAS_STATUS_SUCCESS; }
static inline cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t p,
                                                                  cublasLtMatmulPreferenceAttributes_t which, const void *v, size_t) {
    if (which) memcpy(&p->aligned[which], v, sizeof *p->aligned);
    return CUBLAS_STATUS_SUCCESS;
}
static inline cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t,
                                                            cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                                            cublasLtMatmulPreference_t p, int, cublasLtMatmulHeuristicResult_t *best,
                                                            int *found) {
    memcpy(&best->algo, p, sizeof best->algo);
    return *found = 1, CUBLAS_STATUS_SUCCESS;
}

namespace cuda_on_cpu {
static float number(const void *p, cudaDataType_t type, int64_t i) {
    return type == CUDA_R_32F ? ((const float *)p)[i] : __uint_as_float((uint32_t)((const uint16_t *)p)[i] << 16);
}
}

// D = alpha op(A) op(B) + beta C. An algorithm that was chosen for better aligned addresses than these is a fault.
static inline cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t d, const float *alpha, const void *A,
                                            cublasLtMatrixLayout_t la, const void *B, cublasLtMatrixLayout_t lb, const float *beta,
                                            const void *C, cublasLtMatrixLayout_t lc, void *D, cublasLtMatrixLayout_t,
                                            const cublasLtMatmulAlgo_t *algo, void *, size_t, cudaStream_t) {
    cuda_on_cpu::products++;
    cuda_on_cpu::all_on_card(A, B, C, D);
    bool ta = d->op[0] == CUBLAS_OP_T, tb = d->op[1] == CUBLAS_OP_T;
    int64_t K = ta ? la->rows : la->columns;
    bool fits = (ta ? la->columns : la->rows) == lc->rows && (tb ? lb->rows : lb->columns) == lc->columns &&
        (tb ? lb->columns : lb->rows) == K && la->ld >= la->rows && lb->ld >= lb->rows && lc->ld >= lc->rows;
    if (!fits || (uintptr_t)A % algo->aligned[1] || (uintptr_t)B % algo->aligned[2] || (uintptr_t)D % algo->aligned[3]) abort();
    for (int64_t j = 0; j < lc->columns; j++)
        for (int64_t i = 0; i < lc->rows; i++) {
            float sum = 0;
            for (int64_t k = 0; k < K; k++)
                sum += cuda_on_cpu::number(A, la->type, ta ? k + i * la->ld : i + k * la->ld) *
                    cuda_on_cpu::number(B, lb->type, tb ? j + k * lb->ld : k + j * lb->ld);
            ((float *)D)[i + j * lc->ld] = *alpha * sum + (*beta ? *beta * ((const float *)C)[i + j * lc->ld] : 0);
        }
    return CUBLAS_STATUS_SUCCESS;
}
