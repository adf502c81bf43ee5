//===- GpuEmulator.h - The threads of a GPU as fibres -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels call that `sevenfold-gpu-to-loops` brought to the host. A
// block's threads are fibres on one thread of the host:
//
// - A thread runs until it has to wait, and then as long as it can again; the
//   order of threads is turned round at every barrier. What a missing barrier
//   would allow another thread to overwrite or to read too early, it does.
// - Shared memory starts as NaN, or -1 where it holds integers.
// - Asynchronous copies are made as late as their groups allow: by the wait, or
//   the barrier after it, never before.
// - mma.sync and ldmatrix wait for the warp, whose lanes hold what the PTX ISA
//   says, written down here from its text and not from the kernels.
//
// A mistake of the kernel's (a thread that ends while others wait, a misaligned
// address, a bank conflict of ldmatrix) ends the process with a sentence.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_GPUEMULATOR_GPUEMULATOR_H
#define SEVENFOLD_TEST_GPUEMULATOR_GPUEMULATOR_H

#include <cstdint>

#define SEVENFOLD_EMULATOR_API extern "C" __attribute__((visibility("default")))

/// Runs body(t, t + 1, context) for each thread t of a block.
SEVENFOLD_EMULATOR_API void
sevenfold_emulate_threads(int64_t count, void (*body)(int64_t, int64_t, void *),
                          void *context);

/// Fills shared memory with what nobody may use.
SEVENFOLD_EMULATOR_API void sevenfold_emulate_spoil(void *memory,
                                                    int64_t bytes);

/// bar.sync 0
SEVENFOLD_EMULATOR_API void sevenfold_emulate_barrier(void);

/// mma.sync.aligned.SHAPE.row.col.f32.TYPE.TYPE.f32: fragments of A and B as
/// 32-bit registers; c becomes D.
SEVENFOLD_EMULATOR_API void
sevenfold_emulate_mma_m16n8k16_f16(const uint32_t *a, const uint32_t *b,
                                   float *c);
SEVENFOLD_EMULATOR_API void
sevenfold_emulate_mma_m16n8k16_bf16(const uint32_t *a, const uint32_t *b,
                                    float *c);
SEVENFOLD_EMULATOR_API void
sevenfold_emulate_mma_m16n8k8_tf32(const uint32_t *a, const uint32_t *b,
                                   float *c);

/// ldmatrix.sync.aligned.m8n8.xCOUNT{.trans}.shared.b16
SEVENFOLD_EMULATOR_API void sevenfold_emulate_ldmatrix(uint32_t *registers,
                                                       const void *row,
                                                       int32_t count,
                                                       int32_t transposed);

/// cvt.rna.tf32.f32
SEVENFOLD_EMULATOR_API uint32_t sevenfold_emulate_tf32(float value);

/// cp.async.shared.global [to], [from], bytes, source
SEVENFOLD_EMULATOR_API void sevenfold_emulate_copy_async(void *to,
                                                         const void *from,
                                                         int32_t bytes,
                                                         int32_t source);
SEVENFOLD_EMULATOR_API void sevenfold_emulate_commit_group(void);
SEVENFOLD_EMULATOR_API void sevenfold_emulate_wait_group(int32_t pending);

#endif // SEVENFOLD_TEST_GPUEMULATOR_GPUEMULATOR_H
