//===- EmbeddedPolicy.h - The policy of PlanGame as text --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cmake/SevenfoldEmbedFiles.cmake generates from
// python-free-configs/tuning/policy.json. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TUNING_EMBEDDEDPOLICY_H
#define SEVENFOLD_LIB_TUNING_EMBEDDEDPOLICY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sevenfold {

struct EmbeddedPolicy {
  llvm::StringRef file; ///< base name
  llvm::StringRef text;
};

/// The one that is shipped.
llvm::ArrayRef<EmbeddedPolicy> embeddedPolicies();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TUNING_EMBEDDEDPOLICY_H
