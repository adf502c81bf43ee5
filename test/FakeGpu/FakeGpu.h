//===- FakeGpu.h - A driver without a GPU, for tests ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stands in for libcuda.so.1 and libcublasLt.so.13. Device memory is host
// memory; work given to a stream is kept until something waits for it, so that
// an order nobody asked for shows in the results. Every call is logged and can
// be made to fail; misuse is a violation. In other processes than the test's,
// the environment does: SEVENFOLD_FAKE_GPU_FAIL=cuMemAlloc_v2:2:700 (call,
// ordinal from 1, error; comma-separated), SEVENFOLD_FAKE_GPU_LOG=FILE (the
// calls, violations and what was not freed, written at the end of the process),
// SEVENFOLD_FAKE_GPU_DEVICES=0 (how many), SEVENFOLD_FAKE_GPU_CHIP=80 (compute
// capability), SEVENFOLD_FAKE_GPU_MEMORY=1000000 (bytes), and
// SEVENFOLD_FAKE_GPU_FLOPS=1e9 (products take time by their size), and
// SEVENFOLD_FAKE_GPU_VANISH=7:FILE (the seventh product of a process loses the
// context and makes FILE; processes that find it see no device).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_FAKEGPU_H
#define SEVENFOLD_TEST_FAKEGPU_H

#include <map>
#include <string>
#include <vector>

namespace sevenfold {
namespace fake {

/// Forgets log, violations, planned failures and kernels; live things stay.
void reset();

/// "cuMemAlloc_v2 1024", .. in the order of the calls.
std::vector<std::string> calls();
/// How often a function was called since reset.
int callCount(const std::string &function);
/// What a real device would have punished, one line each.
std::vector<std::string> violations();
/// What was made and not given back, by kind: "memory", "stream", "event",
/// "module", "context" (retained), "handle", "description".
std::map<std::string, int> liveThings();

/// The ordinal-th call of `function` from now on (the first is 1) returns
/// `error`; errors that lose a context make all calls after it fail.
void failAt(const std::string &function, int ordinal, int error);
/// How many devices there are and their compute capability.
void setDevices(int count, int major, int minor);
/// Device memory that is left; calls beyond are out of memory.
void setMemory(size_t bytes);
/// What each of cuBLASLt's proposals costs a product, in milliseconds.
void setProposalCosts(std::vector<double> costs);
/// Minimal alignments that the last question for proposals gave (A, B, C).
std::vector<int> askedAlignments();

/// Forgets what was left of a kind, where leaving it was right.
void forgetThings(const std::string &kind);

/// A context beside the primary one, and its end.
void *createContext();
void destroyContext(void *context);

} // namespace fake
} // namespace sevenfold

/// Runs on the host what a kernel of that name would do: `arguments` as of
/// cuLaunchKernel, sizes in bytes; launch: grid x, y, z, block x, y, z, shared
/// bytes. Kernels nobody registered are interpreted where the image is PTX that
/// has them, and logged only elsewhere.
extern "C" void sevenfold_fake_gpu_register_kernel(
    const char *name, int count, const int *sizes,
    void (*body)(void **arguments, const unsigned *launch));

#endif // SEVENFOLD_TEST_FAKEGPU_H
