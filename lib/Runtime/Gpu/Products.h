//===- Products.h - Products by cuBLASLt ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One product in the words of cuBLASLt, and which of its proposals runs it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_GPU_PRODUCTS_H
#define SEVENFOLD_LIB_RUNTIME_GPU_PRODUCTS_H

#include "CublasLt.h"
#include "State.h"

namespace sevenfold {
namespace runtime {
namespace gpu {

/// C = alpha op(A) op(B) + beta C, row-major, in device memory.
struct Product {
  int type; ///< SEVENFOLD_GPU_F32, ..
  bool transposeA, transposeB;
  int64_t m, n, k;
  double alpha;
  const void *a;
  int64_t lda;
  const void *b;
  int64_t ldb;
  double beta;
  void *c;
  int64_t ldc;
};

/// Bytes of an element of C.
int64_t resultBytes(int type);

/// What decides on a proposal.
struct ProposalKey {
  int64_t type, transposeA, transposeB, accumulates;
  int64_t alignmentA, alignmentB, alignmentC; ///< bytes, at most 256
  int64_t m, n, k, lda, ldb, ldc;
};

/// The algorithm chosen for products of one kind, with their description.
struct Proposal {
  ProposalKey key;
  void *operation, *layoutA, *layoutB, *layoutC;
  Algorithm algorithm;
  size_t workspaceBytes;
  Proposal *next;
};

/// What cuBLASLt may use beside the operands, a stream: its documentation asks
/// for 32 MiB on sm_90 and later.
int64_t productWorkspaceBytes(const ContextState &context);

/// The proposal for products like this one: the one chosen before, or the one
/// that is now measured to take the least time. Null: the error is recorded.
const Proposal *requireProposal(OpenCall &call, const CublasLt &library,
                                const Lane &lane, const Product &product);

/// Runs a product on a lane, into `c` (the product's own, or a scratch copy).
/// Returns cuBLASLt's status.
int runProposal(const CublasLt &library, void *handle, const Lane &lane,
                const Product &product, const Proposal &proposal, void *c);

/// Forgets all proposals of a context and its handle. `isAlive`: the context is
/// there and current.
void destroyProposals(ContextState *context, bool isAlive);

} // namespace gpu
} // namespace runtime
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_GPU_PRODUCTS_H
