//===- Choice.h - Choosing among records ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first usable record answers; this keeps what came before it. Private to
// the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DATABASE_CHOICE_H
#define SEVENFOLD_LIB_DATABASE_CHOICE_H

#include "sevenfold/Database/Database.h"

namespace sevenfold {

class Choice {
public:
  /// `context` must outlive the choice.
  Choice(const QueryContext &context, RecordKey sought)
      : context(context), key(std::move(sought)) {}

  /// The key of records that may be offered.
  const RecordKey &sought() const { return key; }
  /// Takes a record of the key that has not failed, in the order of preference;
  /// false where it answers, and no other is wanted.
  bool offer(const Record &record);
  bool isAnswered() const { return answering.has_value(); }

  /// The answer of a product's record. `keys` of the workload's records explain
  /// a miss.
  PlanAnswer takePlan(llvm::ArrayRef<RecordKey> keys);
  /// The same of a function's.
  FunctionAnswer takeFunction(llvm::ArrayRef<RecordKey> keys);

private:
  /// Why no record answers.
  std::string missReason(llvm::ArrayRef<RecordKey> keys) const;

  const QueryContext &context;
  RecordKey key;
  std::optional<Record> answering;
  std::optional<Record> raced; ///< the preferred one that is a race only
  std::string firstReason; ///< why the most preferred record was passed over
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_CHOICE_H
