//===- Throughput.cpp - Measured peak and bandwidth -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Figures are the best of many short windows: other tenants of the machine can
// only take away from them.
//
//===----------------------------------------------------------------------===//

#include "Throughput.h"

#include "sevenfold/Measure/Processor.h"
#include "sevenfold/Measure/RunnerCore.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <omp.h>
#include <sys/mman.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace sevenfold;

using Clock = std::chrono::steady_clock;

/// Window lengths in milliseconds, roughly. On an idle machine all say the
/// same. Beside other work the short ones fit between its time slices, and if
/// the team shares a core the long ones still average over its turns.
static constexpr int64_t kWindowScales[] = {1, 4, 16};

static double now() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

namespace {
/// From the first thread's start to the last thread's end: on a machine with
/// other tenants the threads of a team do not start together, and a clock kept
/// by one of them would miss work done before.
struct Window {
  double begin = std::numeric_limits<double>::infinity(), end = 0;
  double seconds() const { return end - begin; }
};
} // namespace

/// Runs body(thread, threads) on every thread.
template <typename Body> static Window runTeam(int threads, Body body) {
  double begin = std::numeric_limits<double>::infinity(), end = 0;
#pragma omp parallel num_threads(threads) reduction(min                        \
                                                    : begin) reduction(max     \
                                                                       : end)
  {
#pragma omp barrier
    begin = now();
    body(omp_get_thread_num(), omp_get_num_threads());
    end = now();
  }
  return {begin, end};
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

static Kernel chooseKernel(Precision precision) {
  bool isDouble = precision == Precision::Double;
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
  std::atomic<double> kept{0}; // the compiler must not drop the work
  std::atomic<double> flops{0};
  Window window = runTeam(threads, [&](int, int) {
    double sink = 0, mine = kernel(rounds, &sink);
    kept = sink;
    for (double sum = flops; !flops.compare_exchange_weak(sum, sum + mine);)
      ;
  });
  seconds = window.seconds();
  return flops / seconds;
}

/// The rounds of a millisecond, by the best of a few runs on one thread: by a
/// run that was interrupted the windows would be too short to mean anything.
static int64_t roundsOfMillisecond(Kernel kernel) {
  constexpr int64_t kTrialRounds = 100000;
  double trial = std::numeric_limits<double>::infinity();
  for (int run = 0; run < 5; ++run) {
    double seconds = 0;
    runWindow(kernel, kTrialRounds, 1, seconds);
    trial = std::min(trial, seconds);
  }
  return static_cast<int64_t>(kTrialRounds * 1e-3 / trial) + 1;
}

Peaks sevenfold::findPeaks(
    const std::function<double(Precision, int64_t)> &runWindow,
    const std::function<bool()> &isOver) {
  constexpr int64_t kTurns[] = {1, 1, 1, 1, 4, 1, 1, 1, 1, 16};
  Peaks peaks;
  do {
    for (int64_t milliseconds : kTurns) {
      peaks.f32 =
          std::max(peaks.f32, runWindow(Precision::Single, milliseconds));
      peaks.f64 =
          std::max(peaks.f64, runWindow(Precision::Double, milliseconds));
    }
  } while (!isOver());
  return peaks;
}

Peaks sevenfold::measurePeaks(int threads) {
  constexpr double kTotalSeconds = 0.5;
  struct Work {
    Kernel kernel;
    int64_t rounds; ///< of a millisecond
  };
  auto workOf = [](Precision precision) {
    Kernel kernel = chooseKernel(precision);
    return Work{kernel, roundsOfMillisecond(kernel)};
  };
  const Work singles = workOf(Precision::Single);
  const Work doubles = workOf(Precision::Double);
  double end = now() + kTotalSeconds;
  return findPeaks(
      [&](Precision precision, int64_t milliseconds) {
        const Work &work = precision == Precision::Single ? singles : doubles;
        double seconds = 0;
        return runWindow(work.kernel, work.rounds * milliseconds, threads,
                         seconds);
      },
      [end] { return now() >= end; });
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

/// One copy of `bytes`, split between the threads; seconds.
static double copyOnce(char *to, const char *from, int64_t bytes, int threads) {
  return runTeam(threads,
                 [&](int64_t self, int64_t team) {
                   int64_t first = bytes / team * self;
                   int64_t last =
                       self + 1 == team ? bytes : bytes / team * (self + 1);
                   std::memcpy(to + first, from + first, last - first);
                 })
      .seconds();
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
  // In slices; a slice's turn comes again when all others have been through the
  // caches.
  constexpr int kRounds = 2;
  double best = 0;
  for (int64_t scale : kWindowScales) {
    int64_t slice = bytes / kWindowScales[2] * scale;
    for (int64_t copied = 0; copied < kRounds * bytes; copied += slice) {
      int64_t offset = copied % bytes / slice * slice;
      double seconds = copyOnce(to + offset, from + offset, slice, threads);
      best = std::max(best, 2.0 * slice / seconds);
    }
  }
  munmap(memory, 2 * bytes);
  return best;
}
