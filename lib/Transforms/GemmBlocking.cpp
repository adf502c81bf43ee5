//===- GemmBlocking.cpp - How a host shares a product ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of R x V elements reads (R + V) elements of packed A and B for each of
// its k, from the second-level cache at worst, and once for all k it visits C,
// which is in no cache of the processor. The first is hidden behind R V
// multiply-adds; the second is not, so that slabs are as deep as the
// second-level cache lets them be:
//
//   a panel of B and a tile of A    depth (V + R) elements    1/8 of the cache,
//                                                             1/5 where fused
//   the block of A of a task        depth x rows              3/10 of it
//
// Where C is so low that a task packs the panels of B that are its own, two
// groups of panels share half of the cache: one is packed while the other is
// multiplied by.
//
// Where products are multiplied together their panels and blocks of A share
// what is given to them.
//
// docs/Rationale-cpu-gemm.md has what was measured.
//
//===----------------------------------------------------------------------===//

#include "GemmBlocking.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace sevenfold;

/// Vectors across a tile: two, or as many as the registers hold of a C of few
/// rows.
static constexpr int64_t kVectorsAcross = 2, kMostVectorsAcross = 8;
/// Vectors of a row of B that are read together at least, where it is read only
/// once: shorter pieces are slower from memory.
static constexpr int64_t kVectorsOfPiece = 16, kVectorsInPlace = 4;
/// Caches of a core that are packed of A, and of B, at a time: in a last-level
/// cache they have room beside others'.
static constexpr int64_t kChunkCaches = 8;
/// Tiles down a task that is worth a block of A of its own: with fewer it reads
/// B too often.
static constexpr int64_t kLeastTaskTiles = 4;
/// Tasks a thread where each packs the panels of B that are its own.
static constexpr int64_t kPanelTasks = 4;

/// Shares of the second-level cache that a panel of B and a tile of A are
/// given: where a tile is written to several blocks, visits weigh more.
static constexpr int64_t kShareOfOne = 8, kShareOfMany = 5;

/// What of a second-level cache the block of A of a task may fill.
static int64_t blockBytes(const GemmProcessor &processor) {
  return processor.cacheBytes * 3 / 10;
}

/// How deep a slab is that fills its share of the cache.
static int64_t depthFor(const GemmProcessor &processor,
                        const GemmBlocking &blocking, int64_t bytes,
                        size_t visited, int64_t products) {
  int64_t share = visited > 1 ? kShareOfMany : kShareOfOne;
  int64_t across = blocking.tileRows + blocking.tileColumns;
  int64_t fits = processor.cacheBytes / share / (across * bytes);
  if (products > 1)
    fits = blockBytes(processor) /
           (products * kLeastTaskTiles * blocking.tileRows * bytes);
  return std::max(kDepthUnit, fits / kDepthUnit * kDepthUnit);
}

/// The same where panels are packed while others are multiplied by, which is
/// all there is in the cache.
static int64_t pipelineDepth(const GemmProcessor &processor,
                             const GemmBlocking &blocking, int64_t bytes) {
  int64_t across = 2 * blocking.groupPanels * blocking.tileColumns;
  int64_t fits = processor.cacheBytes / 2 / (across * bytes);
  return std::max(kDepthUnit, fits / kDepthUnit * kDepthUnit);
}

/// What sizes are taken to be that are not known: beyond that nothing changes.
static constexpr int64_t kLargeSize = 4096;

static bool isDynamic(const GemmSize &size) {
  return llvm::any_of(ArrayRef{size.m, size.n, size.k}, ShapedType::isDynamic);
}

/// Whether panels of B are copies of it, row by row, by whole steps over k.
static bool isCopied(const GemmProduct &product) {
  auto [m, n, k] = product.size;
  if (isDynamic(product.size))
    return false;
  return !product.transposeB && product.b.size() == 1 &&
         product.b[0].rows >= k && product.b[0].columns >= n && k > 0 &&
         k % kDepthStep == 0;
}

/// Cuts k evenly, into slabs of about `depth`.
static void cutDepth(GemmBlocking &blocking, int64_t k, int64_t depth,
                     int64_t unit) {
  blocking.slabs = std::max<int64_t>(1, llvm::divideCeil(k, depth));
  blocking.depth = std::max<int64_t>(1, llvm::divideCeil(k, blocking.slabs));
  if (blocking.slabs > 1)
    blocking.depth = llvm::alignTo(blocking.depth, unit);
  blocking.slabs = std::max<int64_t>(1, llvm::divideCeil(k, blocking.depth));
}

/// Shares the tiles of a chunk, of which `fit` are in the cache at a time.
static void shareTiles(GemmBlocking &blocking, int64_t fit, int64_t threads) {
  int64_t tiles = blocking.chunkTiles, panels = blocking.chunkPanels;
  blocking.packsAInTasks = blocking.packsBInTasks = false;
  // As many tasks down as threads, or a multiple of them.
  int64_t down = llvm::alignTo(llvm::divideCeil(tiles, fit), threads);
  if (down * kLeastTaskTiles <= tiles) {
    blocking.packsAInTasks = true;
    blocking.tasksDown = down;
    blocking.tasksAcross = 1;
    // More threads than were counted on find work too, for a little more room.
    blocking.places = down % (2 * threads) == 0 ? 2 * threads : threads;
    return;
  }
  blocking.packsBInTasks = blocking.tiles <= fit;
  if (blocking.packsBInTasks) {
    blocking.tasksDown = 1;
    blocking.tasksAcross = std::min(panels, kPanelTasks * threads);
    return;
  }
  down = llvm::divideCeil(tiles, fit);
  blocking.tasksDown = down;
  blocking.tasksAcross =
      std::min<int64_t>(panels, threads / std::gcd(down, threads));
}

/// Vectors across a tile of m rows at most.
static int64_t vectorsAcross(const GemmBlocking &blocking, int64_t m,
                             int64_t n) {
  int64_t vectors = kMostVectorsAcross;
  while (vectors > kVectorsAcross &&
         (vectors * m > kVectorsAcross * blocking.tileRows ||
          vectors * blocking.lanes > n))
    vectors /= 2;
  return vectors;
}

/// Tiles down m, as many for each thread where that makes them little lower.
static int64_t countTiles(int64_t m, int64_t mostRows, int64_t threads) {
  int64_t tiles = llvm::divideCeil(m, mostRows),
          even = llvm::alignTo(tiles, threads);
  return even * mostRows * 7 / 8 <= m ? even : tiles;
}

/// What is packed at a time of slabs as deep as they are, of so many bytes an
/// element of all products, and by whom.
static void cutChunks(GemmBlocking &blocking, const GemmProcessor &processor,
                      int64_t bytes) {
  int64_t tileBytes = blocking.tileRows * blocking.depth * bytes,
          panelBytes = blocking.tileColumns * blocking.depth * bytes;
  int64_t chunkBytes = kChunkCaches * processor.cacheBytes;
  blocking.chunkTiles =
      std::min(blocking.tiles, std::max<int64_t>(1, chunkBytes / tileBytes));
  blocking.chunkPanels =
      std::min(blocking.panels, std::max<int64_t>(1, chunkBytes / panelBytes));
  blocking.taskTiles = std::max<int64_t>(1, blockBytes(processor) / tileBytes);
  shareTiles(blocking, blocking.taskTiles,
             std::max<int64_t>(1, processor.threads));
}

GemmBlocking sevenfold::chooseBlocking(const GemmProduct &product,
                                       int64_t products,
                                       const GemmProcessor &processor,
                                       int64_t depth) {
  GemmBlocking blocking;
  int64_t bytes = product.to.getIntOrFloatBitWidth() / 8;
  blocking.lanes = processor.vectorBytes / bytes;
  // Sums fill most of the registers: 32 of 64 bytes, 16 of fewer.
  blocking.tileRows = processor.vectorBytes >= 64 ? 14 : 6;
  auto known = [](int64_t size) {
    return ShapedType::isDynamic(size) ? kLargeSize : size;
  };
  int64_t m = known(product.size.m), n = known(product.size.n),
          k = known(product.size.k);
  int64_t vectors = vectorsAcross(blocking, m, n);
  blocking.tileColumns = vectors * blocking.lanes;
  blocking.tiles =
      countTiles(m, blocking.tileRows, std::max<int64_t>(1, processor.threads));
  blocking.panels = llvm::divideCeil(n, blocking.tileColumns);
  // One that is asked for is taken at its word, but for the steps of the loop.
  int64_t unit = depth == 0 ? kDepthUnit : kDepthStep;
  if (depth == 0)
    depth = depthFor(processor, blocking, bytes, product.c.size(), products);
  cutDepth(blocking, k, depth, unit);
  // Code cuts what it gets.
  if (ShapedType::isDynamic(product.size.k))
    blocking.depth = llvm::alignTo(depth, unit);
  cutChunks(blocking, processor, bytes * products);
  if (!blocking.packsBInTasks || products > 1 || !isCopied(product))
    return blocking;
  if (vectors >= kVectorsInPlace) {
    blocking.readsB = true;
    return blocking;
  }
  // One tile alone has no time to pack in.
  if (blocking.tiles == 1)
    return blocking;
  // A task needs panels to pack while it multiplies by others.
  int64_t group = kVectorsOfPiece / vectors;
  if (blocking.chunkPanels / blocking.tasksAcross < 2 * group)
    return blocking;
  blocking.isPipelined = true;
  blocking.groupPanels = group;
  if (unit == kDepthUnit) {
    cutDepth(blocking, k, pipelineDepth(processor, blocking, bytes), unit);
    cutChunks(blocking, processor, bytes);
  }
  return blocking;
}
