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

#include "sevenfold/Support/EmbeddedFile.h"

namespace sevenfold {

/// The one that is shipped.
llvm::ArrayRef<EmbeddedFile> embeddedPolicies();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TUNING_EMBEDDEDPOLICY_H
