//===- GemmBlocking.h - How a host shares a product -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sizes of tiles, slabs and tasks of a product on processor cores.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_GEMMBLOCKING_H
#define SEVENFOLD_LIB_TRANSFORMS_GEMMBLOCKING_H

#include "GemmProduct.h"

namespace sevenfold {

/// What a processor has for a product.
struct GemmProcessor {
  int64_t vectorBytes; ///< of a register
  int64_t cacheBytes;  ///< of a core's second-level cache
  /// Threads that tasks are cut for; any number can share them.
  int64_t threads;
};

/// So many k are multiplied by one pass through the loop over them.
inline constexpr int64_t kDepthStep = 2;

/// Slabs start on lines of any type.
inline constexpr int64_t kDepthUnit = 64;

/// C is computed in tiles of `tileColumns` columns and, as even as can be, at
/// most `tileRows` rows; k is walked in slabs. Counts are of tiles down C and
/// of panels of `tileColumns` columns across. Where a size is not known they
/// are those of a large one, slabs have at most `depth`, and code counts.
struct GemmBlocking {
  int64_t lanes;                 ///< elements of a vector
  int64_t tileRows, tileColumns; ///< that fill the registers
  int64_t tiles, panels;
  int64_t depth, slabs; ///< of k; every slab but the last is `depth` deep
  /// What is packed of A and of B at a time.
  int64_t chunkTiles, chunkPanels;
  /// Tasks that share a chunk: so many blocks down, so many across.
  int64_t tasksDown, tasksAcross;
  /// Whether a task packs its block of A itself, and panels of B as it comes
  /// to them: what nobody else reads stays in the core's cache.
  bool packsAInTasks, packsBInTasks;
  /// What a task does while it multiplies: it packs a group of so many panels
  /// of B beside the tiles of the group before, or reads B where it lies.
  bool isPipelined = false, readsB = false;
  int64_t groupPanels = 1;
  /// Where blocks of A are packed in tasks: how many at a time. The tasks that
  /// pack into one place, as many for each, run one after another.
  int64_t places = 1;
  /// Tiles of a block of A that fit the cache, of the deepest slab.
  int64_t taskTiles = 1;

  /// The same of others, which are half as deep at least.
  int64_t mostTaskTiles() const { return 2 * taskTiles; }
  int64_t vectorsAcross() const { return tileColumns / lanes; }
};

/// `depth`: of a slab; 0: what suits the caches. `products`: how many like
/// `product` are multiplied together.
GemmBlocking chooseBlocking(const GemmProduct &product, int64_t products,
                            const GemmProcessor &processor, int64_t depth);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_GEMMBLOCKING_H
