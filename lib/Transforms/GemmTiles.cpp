//===- GemmTiles.cpp - How a GPU shares a product -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Why the tiles are what they are. A block that computes M x N of C reads
// (M + N) elements of global memory, through shared memory, for every M N
// multiply-adds; a thread's part of P x Q (a warp's, on tensor cores) reads
// (P + Q) elements of shared memory for every P Q.
//
//   unit, type    tile        part   flops a byte of      bytes of
//                                    global   shared      shared memory
//   FMA, 4 bytes  128x128x8   8x8        32        2      2 x  8.25 KiB
//                  64x64x8    8x4        16      1.3      2 x  4.25 KiB
//   FMA, 8 bytes   64x64x8    8x4         8      0.7      2 x  8.25 KiB
//                  32x32x8    4x4         4      0.5      2 x  4.25 KiB
//   tensor, f16   128x128x32  64x64      64       32      3 x 16 KiB
//                  64x64x32   32x32      32       16      3 x  8 KiB
//   tensor, tf32  128x128x16  64x64      32       16      3 x 16 KiB
//                  64x64x16   32x32      16        8      3 x  8 KiB
//
// What the devices ask for: a V100 makes 15.7 TFLOPS of f32 from 0.9 TB/s, 17
// flops a byte, and its multiprocessors 128 flops from 128 bytes of shared
// memory a cycle, 1; an A100 makes 312 TFLOPS of f16 from 1.6 TB/s, 200 flops a
// byte, the larger part of them from its second-level cache (for which tiles
// are walked in groups of 8 rows), and 2048 flops from 128 bytes of shared
// memory a cycle, 16. The large tiles are at or above what shared memory asks
// for.
//
// Registers, of 255: a part of 8 x 8 has 64 sums, one of 64 x 64 for a warp has
// 128. 256 threads of more than 128 registers would be alone on a
// multiprocessor, whose 65536 are then half used, and idle at every barrier:
// the assembler is told that two blocks have to fit. For more there is no room
// in 128: each further term of a fused product has a pointer and 16 bytes under
// way, each further block of C a pointer, each element that is loaded singly a
// condition. Such blocks of threads may be alone without tensor cores; with
// them fused products of more than two terms or blocks of C take the small
// tile, of more than one where elements are loaded singly. Shared memory stays
// within the 48 KiB that a kernel has without asking.
//
//===----------------------------------------------------------------------===//

#include "GemmTiles.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sevenfold;

namespace {
/// One row of the table: for products of many tiles, and of few.
struct TilePair {
  GemmTile large, small;
};
} // namespace

static constexpr GemmUnit kFma = GemmUnit::Fma, kTensor = GemmUnit::Tensor;

static constexpr TilePair kFma4 = {{kFma, 128, 128, 8, 8, 8, 2, 2},
                                   {kFma, 64, 64, 8, 8, 4, 2, 1}},
                          kFma8 = {{kFma, 64, 64, 8, 8, 4, 2, 1},
                                   {kFma, 32, 32, 8, 4, 4, 2, 1}},
                          kTensor2 = {{kTensor, 128, 128, 32, 64, 64, 3, 1},
                                      {kTensor, 64, 64, 32, 32, 32, 3, 1}},
                          kTensor4 = {{kTensor, 128, 128, 16, 64, 64, 3, 1},
                                      {kTensor, 64, 64, 16, 32, 32, 3, 1}};

/// Tiles of narrow elements are twice as deep along k, so that 16 bytes of one
/// row are in one tile.
static constexpr int64_t kNarrowDepth = 16;

/// The first architecture whose tensor cores are used.
static constexpr unsigned kFirstTensor = 80;

int64_t sevenfold::countTiles(const GemmProduct &product,
                              const GemmTile &tile) {
  return llvm::divideCeil(product.size.m, tile.m) *
         llvm::divideCeil(product.size.n, tile.n);
}

static TilePair tilesFor(const GemmProduct &product, const GemmTarget &target) {
  Type from = product.from, to = product.to;
  if (target.architecture >= kFirstTensor) {
    if (from.isF16() || from.isBF16())
      return kTensor2;
    if (from.isF32() && target.tf32)
      return kTensor4;
  }
  TilePair tiles = to.getIntOrFloatBitWidth() == 64 ? kFma8 : kFma4;
  if (from.getIntOrFloatBitWidth() < 32)
    tiles.large.k = tiles.small.k = kNarrowDepth;
  return tiles;
}

GemmTile sevenfold::chooseTile(const GemmProduct &product,
                               const GemmTarget &target,
                               GemmAlignment alignment) {
  TilePair tiles = tilesFor(product, target);
  size_t blocks =
      std::max({product.a.size(), product.b.size(), product.c.size()});
  if (blocks > 1 || alignment == GemmAlignment::Any)
    tiles.large.blocks = tiles.small.blocks = 1;
  size_t most = alignment == GemmAlignment::Aligned ? 2 : 1;
  if (blocks > most && tiles.large.unit == GemmUnit::Tensor)
    return tiles.small;
  // Half a device twice as fast is no faster than a whole one.
  return countTiles(product, tiles.large) >= int64_t(target.processors)
             ? tiles.large
             : tiles.small;
}
