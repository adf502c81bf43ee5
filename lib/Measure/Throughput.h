//===- Throughput.h - Measured peak and bandwidth ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two machine constants a cost model starts from, measured.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_THROUGHPUT_H
#define SEVENFOLD_LIB_MEASURE_THROUGHPUT_H

#include <cstdint>
#include <functional>

namespace sevenfold {

enum class Precision { Single, Double };

/// Flop/s of multiply-adds in registers.
struct Peaks {
  double f32 = 0, f64 = 0;
};

/// The most that windows of both types show. They take turns: where the machine
/// is faster for a while, it is so for both. Most are short, to fit between
/// what else it does. `runWindow` takes about as many milliseconds and returns
/// flop/s; it is called until `isOver`, at least once for each type and length.
Peaks findPeaks(
    const std::function<double(Precision, int64_t milliseconds)> &runWindow,
    const std::function<bool()> &isOver);

/// Flop/s of all `threads` running independent multiply-adds in registers.
Peaks measurePeaks(int threads);

/// Most bytes/s, read and written, of memcpy by all `threads` between buffers
/// beyond the caches; 0 where there is no memory for them.
double measureCopyBandwidth(int threads);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_THROUGHPUT_H
