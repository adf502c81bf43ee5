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

#include "llvm/ADT/ArrayRef.h"

namespace sevenfold {

/// flop/s of independent multiply-adds in registers.
struct Peaks {
  double f32 = 0, f64 = 0;
};

/// The pair to report of pairs of windows next to each other in time: the one
/// whose slower half, each against the median of its kind, is fastest. What
/// speeds up one half alone (a burst of the clock that ends between the two)
/// does not count. Zeros where there are no pairs.
Peaks choosePeaks(llvm::ArrayRef<Peaks> pairs);

/// Measures pairs of windows of some milliseconds on all `threads` and chooses.
Peaks measurePeaks(int threads);

/// Most bytes/s, read and written, of memcpy by all `threads` between buffers
/// beyond the caches; 0 where there is no memory for them.
double measureCopyBandwidth(int threads);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_THROUGHPUT_H
