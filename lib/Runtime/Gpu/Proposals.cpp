//===- Proposals.cpp - Choosing among cuBLASLt's algorithms ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// cuBLASLt proposes algorithms in the order of its guess. The first product of
// a kind takes them all on the operands at hand, into a scratch copy of C, and
// the one of the least time is kept: what is compared with a vendor library
// must not be its accidental worst.
//
//===----------------------------------------------------------------------===//

#include "Products.h"

#include <stdlib.h>
#include <string.h>

using namespace sevenfold::runtime;
using namespace sevenfold::runtime::gpu;

static constexpr int kMaxProposals = 8;
/// Runs of each, the first of which warms up.
static constexpr int kRounds = 4;
/// Held while a choice is made: two at a time would disturb each other.
static pthread_mutex_t choiceLock = PTHREAD_MUTEX_INITIALIZER;

//===----------------------------------------------------------------------===//
// Kinds of products
//===----------------------------------------------------------------------===//

static int64_t alignmentOf(const void *pointer) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer) | 256;
  return int64_t(address & -address);
}

static ProposalKey keyOf(const Product &p) {
  return {p.type,
          p.transposeA,
          p.transposeB,
          p.beta != 0.0,
          alignmentOf(p.a),
          alignmentOf(p.b),
          alignmentOf(p.c),
          p.m,
          p.n,
          p.k,
          p.lda,
          p.ldb,
          p.ldc};
}

static Proposal *findProposal(ContextState &context, const ProposalKey &key) {
  pthread_mutex_lock(&stateLock);
  Proposal *proposal = context.proposals;
  while (proposal && memcmp(&proposal->key, &key, sizeof key) != 0)
    proposal = proposal->next;
  pthread_mutex_unlock(&stateLock);
  return proposal;
}

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

static void destroyProposal(const CublasLt &library, Proposal *proposal) {
  void *layouts[] = {proposal->layoutA, proposal->layoutB, proposal->layoutC};
  for (void *layout : layouts)
    if (layout)
      library.layoutDestroy(layout);
  if (proposal->operation)
    library.operationDestroy(proposal->operation);
  free(proposal);
}

/// Of A and B.
static int operandType(int type) {
  switch (type) {
  case SEVENFOLD_GPU_F64:
    return kDataF64;
  case SEVENFOLD_GPU_F16:
  case SEVENFOLD_GPU_F16_F32:
    return kDataF16;
  case SEVENFOLD_GPU_BF16:
  case SEVENFOLD_GPU_BF16_F32:
    return kDataBf16;
  }
  return kDataF32;
}

/// Of C.
static int resultType(int type) {
  return type == SEVENFOLD_GPU_F16_F32 || type == SEVENFOLD_GPU_BF16_F32
             ? kDataF32
             : operandType(type);
}

static int computeType(int type) {
  if (type == SEVENFOLD_GPU_F64)
    return kComputeF64;
  return type == SEVENFOLD_GPU_TF32 ? kComputeF32ByTf32 : kComputeF32;
}

/// Fills the description of a product; cuBLASLt's status.
static int describe(const CublasLt &library, const Product &p,
                    Proposal &proposal) {
  int data = operandType(p.type);
  int32_t transposeA = p.transposeA, transposeB = p.transposeB;
  int scale = p.type == SEVENFOLD_GPU_F64 ? kDataF64 : kDataF32;
  int status =
      library.operationCreate(&proposal.operation, computeType(p.type), scale);
  if (!status)
    status = library.operationSet(proposal.operation, kOperationTransposeA,
                                  &transposeB, sizeof transposeB);
  if (!status)
    status = library.operationSet(proposal.operation, kOperationTransposeB,
                                  &transposeA, sizeof transposeA);
  if (!status)
    status =
        library.layoutCreate(&proposal.layoutA, data, p.transposeB ? p.k : p.n,
                             p.transposeB ? p.n : p.k, p.ldb);
  if (!status)
    status =
        library.layoutCreate(&proposal.layoutB, data, p.transposeA ? p.m : p.k,
                             p.transposeA ? p.k : p.m, p.lda);
  if (!status)
    status = library.layoutCreate(&proposal.layoutC, resultType(p.type), p.n,
                                  p.m, p.ldc);
  return status;
}

/// Asks for proposals; cuBLASLt's status.
static int propose(const CublasLt &library, const ContextState &context,
                   const Proposal &proposal, Heuristic *results, int &count) {
  const ProposalKey &key = proposal.key;
  struct {
    int attribute;
    int64_t bytes;
  } alignments[] = {{kPreferenceAlignmentA, key.alignmentB},
                    {kPreferenceAlignmentB, key.alignmentA},
                    {kPreferenceAlignmentC, key.alignmentC},
                    {kPreferenceAlignmentD, key.alignmentC}};
  uint64_t workspaceBytes = productWorkspaceBytes(context);
  void *preference = nullptr;
  int status = library.preferenceCreate(&preference);
  if (status)
    return status;
  status = library.preferenceSet(preference, kPreferenceWorkspaceBytes,
                                 &workspaceBytes, sizeof workspaceBytes);
  for (auto &alignment : alignments) {
    auto bytes = uint32_t(alignment.bytes);
    if (!status)
      status = library.preferenceSet(preference, alignment.attribute, &bytes,
                                     sizeof bytes);
  }
  if (!status)
    status = library.getHeuristics(context.cublasLt, proposal.operation,
                                   proposal.layoutA, proposal.layoutB,
                                   proposal.layoutC, proposal.layoutC,
                                   preference, kMaxProposals, results, &count);
  library.preferenceDestroy(preference);
  return status;
}

//===----------------------------------------------------------------------===//
// Timing
//===----------------------------------------------------------------------===//

namespace {
/// What timing needs, freed whatever happens.
struct Trial {
  const Driver &driver;
  Stream stream;
  Event begin = nullptr, end = nullptr;
  DevicePointer scratch = 0;

  Trial(const Driver &driver, Stream stream) : driver(driver), stream(stream) {}
  ~Trial() {
    // Where preparing failed, the copy of C may still be on its way.
    if (scratch)
      driver.streamSynchronize(stream);
    if (begin)
      driver.eventDestroy(begin);
    if (end)
      driver.eventDestroy(end);
    if (scratch)
      driver.memFree(scratch);
  }
};
} // namespace

/// Times one run; negative where cuBLASLt refuses it (`status` says why) or the
/// device fails (recorded).
static float timeOnce(OpenCall &call, const CublasLt &library, Trial &trial,
                      const Lane &lane, const Product &product,
                      const Proposal &candidate, int &status) {
  const Driver &driver = *call.driver;
  float milliseconds = -1;
  if (!check(call, driver.eventRecord(trial.begin, lane.stream),
             "cuEventRecord"))
    return -1;
  status =
      runProposal(library, call.context->cublasLt, lane, product, candidate,
                  reinterpret_cast<void *>(uintptr_t(trial.scratch)));
  bool isTimed =
      check(call, driver.eventRecord(trial.end, lane.stream),
            "cuEventRecord") &&
      check(call, driver.eventSynchronize(trial.end), "cuEventSynchronize") &&
      check(call,
            driver.eventElapsedTime(&milliseconds, trial.begin, trial.end),
            "cuEventElapsedTime");
  return isTimed && status == 0 ? milliseconds : -1;
}

/// Prepares events and scratch. False without an error recorded: there is no
/// room for a copy of C, and the first proposal must do.
static bool prepareTrial(OpenCall &call, Trial &trial, const Lane &lane,
                         const Product &p) {
  const Driver &driver = *call.driver;
  size_t bytes = size_t(((p.m - 1) * p.ldc + p.n) * resultBytes(p.type));
  Result error = driver.memAlloc(&trial.scratch, bytes);
  if (error != kSuccess) {
    trial.scratch = 0;
    return error == kOutOfMemory ? false : check(call, error, "cuMemAlloc_v2");
  }
  if (!check(call, driver.eventCreate(&trial.begin, kEventDefault),
             "cuEventCreate") ||
      !check(call, driver.eventCreate(&trial.end, kEventDefault),
             "cuEventCreate"))
    return false;
  auto c = DevicePointer(reinterpret_cast<uintptr_t>(p.c));
  if (p.beta != 0.0 &&
      !check(call, driver.memcpyAsync(trial.scratch, c, bytes, lane.stream),
             "cuMemcpyDtoDAsync_v2"))
    return false;
  return synchronizeLanes(call);
}

/// The index of the result that takes the least time; 0 where none could be
/// timed for want of memory, negative where none works or the device fails.
static int findLeastTime(OpenCall &call, const CublasLt &library,
                         const Lane &lane, const Product &product,
                         Proposal candidate, const Heuristic *results,
                         int count, int &status) {
  Trial trial(*call.driver, lane.stream);
  if (!prepareTrial(call, trial, lane, product))
    return call.status == SEVENFOLD_OK ? 0 : -1;
  float least[kMaxProposals];
  bool works[kMaxProposals];
  for (int i = 0; i < count; ++i)
    works[i] = true;
  for (int round = 0; round < kRounds && call.status == SEVENFOLD_OK; ++round)
    for (int i = 0; i < count; ++i) {
      if (!works[i])
        continue;
      candidate.algorithm = results[i].algorithm;
      candidate.workspaceBytes = results[i].workspaceBytes;
      int refusal = 0;
      float time =
          timeOnce(call, library, trial, lane, product, candidate, refusal);
      if (call.status != SEVENFOLD_OK)
        break;
      works[i] = refusal == 0;
      if (refusal)
        status = refusal;
      else if (round <= 1 || time < least[i])
        least[i] = time;
    }
  int best = -1;
  for (int i = 0; i < count && call.status == SEVENFOLD_OK; ++i)
    if (works[i] && (best < 0 || least[i] < least[best]))
      best = i;
  return best;
}

/// Fills in the algorithm of a described product.
static bool choose(OpenCall &call, const CublasLt &library, const Lane &lane,
                   const Product &p, Proposal &proposal) {
  Heuristic results[kMaxProposals];
  int count = 0;
  int status = describe(library, p, proposal);
  if (!status)
    status = propose(library, *call.context, proposal, results, count);
  int usable = 0;
  for (int i = 0; i < count && !status; ++i)
    if (results[i].state == 0)
      results[usable++] = results[i];
  int best = usable == 1 ? 0 : -1;
  if (usable > 1)
    best = findLeastTime(call, library, lane, p, proposal, results, usable,
                         status);
  if (best >= 0) {
    proposal.algorithm = results[best].algorithm;
    proposal.workspaceBytes = results[best].workspaceBytes;
    return true;
  }
  if (call.status != SEVENFOLD_OK)
    return false;
  return fail(call, SEVENFOLD_PROVIDER_FAILED,
              "'cublaslt' has no algorithm for a product of %lldx%lldx%lld "
              "(leading dimensions %lld, %lld, %lld)%s%s",
              (long long)p.m, (long long)p.k, (long long)p.n, (long long)p.lda,
              (long long)p.ldb, (long long)p.ldc, status ? ": " : "",
              status ? library.getStatusName(status) : "");
}

static bool requireHandle(OpenCall &call, const CublasLt &library) {
  if (call.context->cublasLt)
    return true;
  int status = library.create(&call.context->cublasLt);
  if (status == 0)
    return true;
  call.context->cublasLt = nullptr;
  return fail(call, SEVENFOLD_PROVIDER_FAILED,
              "'cublaslt' could not be started: %s",
              library.getStatusName(status));
}

/// Makes and keeps a choice, under the choice lock.
static Proposal *addProposal(OpenCall &call, const CublasLt &library,
                             const Lane &lane, const Product &product,
                             const ProposalKey &key) {
  if (!requireHandle(call, library))
    return nullptr;
  auto *proposal = static_cast<Proposal *>(calloc(1, sizeof(Proposal)));
  if (!proposal) {
    fail(call, SEVENFOLD_OUT_OF_MEMORY, "out of host memory");
    return nullptr;
  }
  proposal->key = key;
  if (!choose(call, library, lane, product, *proposal)) {
    destroyProposal(library, proposal);
    return nullptr;
  }
  pthread_mutex_lock(&stateLock);
  proposal->next = call.context->proposals;
  call.context->proposals = proposal;
  pthread_mutex_unlock(&stateLock);
  return proposal;
}

const Proposal *sevenfold::runtime::gpu::requireProposal(
    OpenCall &call, const CublasLt &library, const Lane &lane,
    const Product &product) {
  ProposalKey key = keyOf(product);
  if (Proposal *proposal = findProposal(*call.context, key))
    return proposal;
  if (call.isCapturing) {
    fail(call, SEVENFOLD_GPU_CAPTURE,
         "the first product of a shape is timed, which is not possible while "
         "a CUDA graph is captured: call it once before");
    return nullptr;
  }
  pthread_mutex_lock(&choiceLock);
  Proposal *proposal = findProposal(*call.context, key);
  if (!proposal)
    proposal = addProposal(call, library, lane, product, key);
  pthread_mutex_unlock(&choiceLock);
  return proposal;
}

void sevenfold::runtime::gpu::destroyProposals(ContextState *context,
                                               bool isAlive) {
  if (!context->proposals && !context->cublasLt)
    return;
  const CublasLt *library = requireCublasLt();
  while (Proposal *proposal = context->proposals) {
    context->proposals = proposal->next;
    destroyProposal(*library, proposal);
  }
  if (isAlive && context->cublasLt)
    library->destroy(context->cublasLt);
  context->cublasLt = nullptr;
}
