//===- GemmTiles.h - How a GPU shares a product -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of tiles, and which of them a product gets.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMTILES_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMTILES_H

#include "GemmProduct.h"

namespace sevenfold {

/// The device a kernel is made for.
struct GemmTarget {
  unsigned architecture; ///< 80 for sm_80
  unsigned processors;   ///< multiprocessors
  /// Whether products of f32 may round their operands to tf32.
  bool tf32;
};

/// Whether all blocks of operands and their rows start on 16 bytes.
enum class GemmAlignment { Aligned, Any };

/// What multiplies: every thread for itself, or a warp with the tensor cores.
enum class GemmUnit { Fma, Tensor };

/// The tile of C of one block of threads, the k that is in shared memory at a
/// time, and the part of the tile that one thread or warp computes.
struct GemmTile {
  GemmUnit unit;
  int64_t m, n, k;
  int64_t partM, partN;
  int64_t stages; ///< tiles of A and B in shared memory
  int64_t blocks; ///< least that run on a multiprocessor at a time

  int64_t partsM() const { return m / partM; }
  int64_t partsN() const { return n / partN; }
  int64_t threads() const {
    return partsM() * partsN() * (unit == GemmUnit::Tensor ? 32 : 1);
  }
};

GemmTile chooseTile(const GemmProduct &product, const GemmTarget &target,
                    GemmAlignment alignment);

/// The blocks a launch needs.
int64_t countTiles(const GemmProduct &product, const GemmTile &tile);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMTILES_H
