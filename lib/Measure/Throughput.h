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

namespace sevenfold {

/// Flop/s of multiply-adds in registers.
struct Peaks {
  double f32 = 0, f64 = 0;
};

/// Most flop/s seen over windows of some milliseconds, all `threads` running
/// independent multiply-adds. Windows of both types take turns: where the
/// machine is faster for a while, it is so for both.
Peaks measurePeaks(int threads);

/// Most bytes/s, read and written, of memcpy by all `threads` between buffers
/// beyond the caches; 0 where there is no memory for them.
double measureCopyBandwidth(int threads);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_THROUGHPUT_H
