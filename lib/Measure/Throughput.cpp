//===- Throughput.cpp - Measured peak and bandwidth -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Figures are the best of many windows shorter than a time slice: other tenants
// of the machine can
// only take away from them.
//
//===----------------------------------------------------------------------===//

#include "Throughput.h"

#include "sevenfold/Measure/RunnerCore.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <omp.h>
#include <sys/mman.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace sevenfold;

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

//===----------------------------------------------------------------------===//
// Multiply-adds in registers
//===----------------------------------------------------------------------===//

/// Runs `rounds` times kChains independent vector multiply-adds; returns the
/// flops of it. `sink` keeps the compiler from dropping the work.
using Kernel = double (*)(int64_t rounds, double *sink);

/// Enough chains to cover the latency of two 4-cycle units; few enough for 16
/// registers.
static constexpr int kChains = 12;

// One body for every vector type; a template cannot carry a target attribute
// into the intrinsics it calls.
#define SEVENFOLD_PEAK_KERNEL(NAME, TARGET, VECTOR, SCALAR, SET1, FMA)         \
  TARGET static double NAME(int64_t rounds, double *sink) {                    \
    VECTOR chains[kChains];                                                    \
    _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) chains[i] =     \
        SET1(SCALAR(i));                                                       \
    const VECTOR factor = SET1(SCALAR(0.999)), term = SET1(SCALAR(0.001));     \
    for (int64_t round = 0; round < rounds; ++round) {                         \
      _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) chains[i] =   \
          FMA(chains[i], factor, term);                                        \
    }                                                                          \
    for (const VECTOR &chain : chains) {                                       \
      SCALAR first;                                                            \
      std::memcpy(&first, &chain, sizeof first);                               \
      *sink += first;                                                          \
    }                                                                          \
    return 2.0 * kChains * (sizeof(VECTOR) / sizeof(SCALAR)) *                 \
           static_cast<double>(rounds);                                        \
  }

// What every processor of the target has; fused where that is one instruction.
typedef float PortableF32 __attribute__((vector_size(16)));
typedef double PortableF64 __attribute__((vector_size(16)));
static inline PortableF32 setPortableF32(float x) {
  return PortableF32{x, x, x, x};
}
static inline PortableF64 setPortableF64(double x) { return PortableF64{x, x}; }
template <typename V> static inline V multiplyAdd(V a, V b, V c) {
  return a * b + c;
}
SEVENFOLD_PEAK_KERNEL(peakF32Portable, , PortableF32, float, setPortableF32,
                      multiplyAdd)
SEVENFOLD_PEAK_KERNEL(peakF64Portable, , PortableF64, double, setPortableF64,
                      multiplyAdd)

#if defined(__x86_64__)
#define SEVENFOLD_AVX2 __attribute__((target("avx2,fma")))
#define SEVENFOLD_AVX512 __attribute__((target("avx512f")))
SEVENFOLD_PEAK_KERNEL(peakF32Avx2, SEVENFOLD_AVX2, __m256, float,
                      _mm256_set1_ps, _mm256_fmadd_ps)
SEVENFOLD_PEAK_KERNEL(peakF64Avx2, SEVENFOLD_AVX2, __m256d, double,
                      _mm256_set1_pd, _mm256_fmadd_pd)
SEVENFOLD_PEAK_KERNEL(peakF32Avx512, SEVENFOLD_AVX512, __m512, float,
                      _mm512_set1_ps, _mm512_fmadd_ps)
SEVENFOLD_PEAK_KERNEL(peakF64Avx512, SEVENFOLD_AVX512, __m512d, double,
                      _mm512_set1_pd, _mm512_fmadd_pd)
#endif

std::string sevenfold::vectorIsa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return "avx512";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return "avx2";
  return "sse2";
#elif defined(__aarch64__)
  return "neon";
#else
  return "scalar";
#endif
}

static Kernel chooseKernel(bool isDouble) {
#if defined(__x86_64__)
  std::string isa = vectorIsa();
  if (isa == "avx512")
    return isDouble ? peakF64Avx512 : peakF32Avx512;
  if (isa == "avx2")
    return isDouble ? peakF64Avx2 : peakF32Avx2;
#endif
  return isDouble ? peakF64Portable : peakF32Portable;
}

/// flop/s of one window in which every thread runs `rounds` rounds.
static double runWindow(Kernel kernel, int64_t rounds, int threads,
                        double &seconds) {
  double flops = 0, sink = 0;
  Clock::time_point begin;
#pragma omp parallel num_threads(threads) reduction(+ : flops, sink)
  {
    // The clock starts when all threads are awake.
#pragma omp barrier
#pragma omp master
    begin = Clock::now();
    flops += kernel(rounds, &sink);
  }
  seconds = secondsSince(begin);
  static volatile double kept;
  kept = sink;
  (void)kept;
  return flops / seconds;
}

static double measurePeak(bool isDouble, int threads) {
  constexpr double kWindowSeconds = 1e-3, kTotalSeconds = 0.25;
  Kernel kernel = chooseKernel(isDouble);
  int64_t rounds = 10000;
  double seconds = 0;
  runWindow(kernel, rounds, threads, seconds); // wakes the vector units
  while (runWindow(kernel, rounds, threads, seconds), seconds < kWindowSeconds)
    rounds *= 2;
  double best = 0;
  Clock::time_point begin = Clock::now();
  while (secondsSince(begin) < kTotalSeconds)
    best = std::max(best, runWindow(kernel, rounds, threads, seconds));
  return best;
}

double sevenfold::measurePeakF32(int threads) {
  return measurePeak(false, threads);
}

double sevenfold::measurePeakF64(int threads) {
  return measurePeak(true, threads);
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// One copy of `bytes`, split between the threads; seconds.
static double copyOnce(char *to, const char *from, int64_t bytes, int threads) {
  Clock::time_point begin;
#pragma omp parallel num_threads(threads)
  {
    int64_t team = omp_get_num_threads(), self = omp_get_thread_num();
    int64_t first = bytes / team * self;
    int64_t last = self + 1 == team ? bytes : bytes / team * (self + 1);
#pragma omp barrier
#pragma omp master
    begin = Clock::now();
    std::memcpy(to + first, from + first, last - first);
  }
  return secondsSince(begin);
}

double sevenfold::measureCopyBandwidth(int threads) {
  int64_t bytes =
      std::max<int64_t>(4 * lastLevelCacheBytes(), int64_t(128) << 20);
  bytes = std::min(bytes, physicalMemoryBytes() / 16);
  void *memory = mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return 0;
  madvise(memory, 2 * bytes, MADV_HUGEPAGE);
  char *from = static_cast<char *>(memory), *to = from + bytes;
  // Reading fresh pages would read the one zero page over and over.
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t page = 0; page < bytes; page += 4096)
    from[page] = 1;
  // Slices of a millisecond or so; a slice's turn comes again when all others
  // have been through the caches.
  constexpr int kSlices = 16, kRounds = 6;
  int64_t slice = bytes / kSlices;
  double best = 0;
  for (int copy = 0; copy < kSlices * kRounds; ++copy) {
    int64_t offset = copy % kSlices * slice;
    double seconds = copyOnce(to + offset, from + offset, slice, threads);
    best = std::max(best, 2.0 * slice / seconds);
  }
  munmap(memory, 2 * bytes);
  return best;
}
