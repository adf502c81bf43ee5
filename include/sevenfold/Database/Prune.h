//===- Prune.h - Records that will not answer again -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sorts records into those to keep and those to leave out of a new database,
// each with the reason.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DATABASE_PRUNE_H
#define SEVENFOLD_DATABASE_PRUNE_H

#include "sevenfold/Database/Database.h"

namespace sevenfold {

enum class DropCause {
  Failed,    ///< its candidate failed
  Stale,     ///< of this hardware, and no longer valid on it
  Superseded ///< a newer record answers whatever this one would have
};
llvm::StringRef stringifyDropCause(DropCause cause);

struct DroppedRecord {
  Record record;
  DropCause cause;
  std::string reason; ///< one line
};

struct PruneResult {
  std::vector<Record> kept; ///< in the order given
  std::vector<DroppedRecord> dropped;
};

/// Sorts `records`, oldest first. Of `present`, the hardware and the validity
/// count: what a record of other hardware depends on cannot be known here, so
/// it is kept unless it failed or a newer one with the same dependencies
/// answers for it. A newer plan that needs more workspace or has more error
/// growth does not replace an older one, which still answers under limits.
PruneResult pruneRecords(std::vector<Record> records,
                         const QueryContext &present);

} // namespace sevenfold

#endif // SEVENFOLD_DATABASE_PRUNE_H
