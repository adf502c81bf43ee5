//===- Products.cpp - Matrix products on a GPU ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks what cuBLASLt does not, and calls it. It counts columns first: the
// row-major C = op(A) op(B) is its C^T = op(B)^T op(A)^T, where each stored
// matrix, read by columns, already is the transposed one. So A and B change
// places and keep their transposition.
//
//===----------------------------------------------------------------------===//

#include "Products.h"

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

int64_t sevenfold::runtime::gpu::resultBytes(int type) {
  if (type == SEVENFOLD_GPU_F64)
    return 8;
  return type == SEVENFOLD_GPU_F16 || type == SEVENFOLD_GPU_BF16 ? 2 : 4;
}

/// Records what is wrong with the arguments; true if nothing is.
static bool checkArguments(OpenCall &call, const Product &p) {
  if (p.type < SEVENFOLD_GPU_F32 || p.type > SEVENFOLD_GPU_BF16_F32)
    return fail(call, SEVENFOLD_PROVIDER_MISSING,
                "there is no element type number %d", p.type);
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.lda < (p.transposeA ? p.m : p.k) ||
      p.ldb < (p.transposeB ? p.k : p.n) || p.ldc < p.n)
    return fail(call, SEVENFOLD_SIZE_OVERFLOW,
                "a product of %lldx%lldx%lld has a negative size or a leading "
                "dimension (%lld, %lld, %lld) below its row length",
                (long long)p.m, (long long)p.k, (long long)p.n,
                (long long)p.lda, (long long)p.ldb, (long long)p.ldc);
  bool isEmpty = p.m == 0 || p.n == 0;
  if ((!isEmpty && !p.c) || (!isEmpty && p.k != 0 && (!p.a || !p.b)))
    return fail(call, SEVENFOLD_NULL_ARGUMENT,
                "an operand of a product is a null pointer");
  return true;
}

/// C = beta C, for products over nothing.
static void scaleC(OpenCall &call, int32_t stream, const Product &p) {
  if (p.beta == 1.0)
    return;
  if (p.beta != 0.0) {
    fail(call, SEVENFOLD_SIZE_OVERFLOW,
         "a product over nothing scales C by %g; expected 0 or 1", p.beta);
    return;
  }
  Lane *lane = useLane(call, stream);
  if (!lane)
    return;
  size_t size = resultBytes(p.type);
  auto c = DevicePointer(reinterpret_cast<uintptr_t>(p.c));
  check(call,
        call.driver->memset2DAsync(c, p.ldc * size, 0, p.n * size, p.m,
                                   lane->stream),
        "cuMemsetD2D8Async");
}

int64_t
sevenfold::runtime::gpu::productWorkspaceBytes(const ContextState &context) {
  return (context.major >= 9 ? int64_t(32) : int64_t(8)) << 20;
}

/// Gives a lane the workspace that cuBLASLt has on it.
static bool requireWorkspace(OpenCall &call, Lane &lane) {
  if (lane.productWorkspace)
    return true;
  if (call.isCapturing)
    return fail(call, SEVENFOLD_GPU_CAPTURE,
                "the first product on a stream allocates, which is not "
                "possible while a CUDA graph is captured: call it once before");
  int64_t bytes = productWorkspaceBytes(*call.context);
  Result error = call.driver->memAlloc(&lane.productWorkspace, bytes);
  if (error == kSuccess)
    return true;
  lane.productWorkspace = 0;
  if (error != kOutOfMemory)
    return check(call, error, "cuMemAlloc_v2");
  return fail(call, SEVENFOLD_OUT_OF_MEMORY,
              "out of memory for the %lld bytes that cuBLASLt works in on "
              "device '%s'",
              (long long)bytes, call.context->deviceName);
}

int sevenfold::runtime::gpu::runProposal(const CublasLt &library, void *handle,
                                         const Lane &lane, const Product &p,
                                         const Proposal &proposal, void *c) {
  float alphaF32 = float(p.alpha), betaF32 = float(p.beta);
  bool isDouble = p.type == SEVENFOLD_GPU_F64;
  const void *alpha = isDouble ? static_cast<const void *>(&p.alpha)
                               : static_cast<const void *>(&alphaF32);
  const void *beta = isDouble ? static_cast<const void *>(&p.beta)
                              : static_cast<const void *>(&betaF32);
  return library.matmul(
      handle, proposal.operation, alpha, p.b, proposal.layoutA, p.a,
      proposal.layoutB, beta, c, proposal.layoutC, c, proposal.layoutC,
      &proposal.algorithm,
      reinterpret_cast<void *>(uintptr_t(lane.productWorkspace)),
      proposal.workspaceBytes, lane.stream);
}

static void multiply(OpenCall &call, int32_t stream, const Product &p) {
  const CublasLt *library = requireCublasLt();
  if (!library) {
    fail(call, SEVENFOLD_PROVIDER_MISSING, "%s",
         sevenfold_error_string(SEVENFOLD_PROVIDER_MISSING));
    return;
  }
  Lane *lane = useLane(call, stream);
  if (!lane || !requireWorkspace(call, *lane))
    return;
  const Proposal *proposal = requireProposal(call, *library, *lane, p);
  if (!proposal)
    return;
  int status =
      runProposal(*library, call.context->cublasLt, *lane, p, *proposal, p.c);
  if (status != 0)
    fail(call, SEVENFOLD_PROVIDER_FAILED,
         "'cublaslt' returned %s for a product of %lldx%lldx%lld",
         library->getStatusName(status), (long long)p.m, (long long)p.k,
         (long long)p.n);
}

extern "C" void sevenfold_gpu_gemm(int32_t type, int32_t provider,
                                   int32_t stream, int32_t transposeA,
                                   int32_t transposeB, int64_t m, int64_t n,
                                   int64_t k, double alpha, const void *a,
                                   int64_t lda, const void *b, int64_t ldb,
                                   double beta, void *c, int64_t ldc) {
  OpenCall &call = openCall();
  if (call.depth != 1 || call.status != SEVENFOLD_OK || !call.image)
    return;
  Product p = {type,
               transposeA != 0,
               transposeB != 0,
               m,
               n,
               k,
               alpha,
               a,
               lda,
               b,
               ldb,
               beta,
               c,
               ldc};
  if (provider != SEVENFOLD_GPU_PROVIDER_ANY &&
      provider != SEVENFOLD_GPU_PROVIDER_CUBLASLT) {
    fail(call, SEVENFOLD_PROVIDER_MISSING, "there is no GPU provider number %d",
         int(provider));
    return;
  }
  if (!checkArguments(call, p) || p.m == 0 || p.n == 0)
    return;
  if (p.k == 0)
    scaleC(call, stream, p);
  else
    multiply(call, stream, p);
}
