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
  Choice(const QueryContext &context, const Workload &workload);

  /// The key of records that may be offered.
  const RecordKey &sought() const { return key; }
  /// Takes a record of the key that has not failed, in the order of preference;
  /// false where it answers, and no other is wanted.
  bool offer(const Record &record);
  bool isAnswered() const { return answered; }

  /// The answer. `keys` of the workload's records explain a miss.
  PlanAnswer take(llvm::ArrayRef<RecordKey> keys);

private:
  const QueryContext &context;
  RecordKey key;
  bool answered = false;
  PlanAnswer answer;
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DATABASE_CHOICE_H
