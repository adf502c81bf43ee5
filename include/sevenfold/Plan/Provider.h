//===- Provider.h - Who multiplies blocks -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of all providers: vendor libraries, and code of our own. What they
// can multiply, where, and their place among what plans are learned by is asked
// of it; how a library is found and opened is the runtime's
// (python-free-configs/providers.json).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_PROVIDER_H
#define SEVENFOLD_PLAN_PROVIDER_H

#include "sevenfold/Plan/Workload.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace sevenfold {

/// Code of our own, which is part of a compiled library.
inline constexpr llvm::StringLiteral kCodegen = "codegen";
inline constexpr llvm::StringLiteral kCublasLt = "cublaslt";
/// A PJRT plugin's own dot_general.
inline constexpr llvm::StringLiteral kXla = "xla";

/// Where products run, as bits.
enum Place : unsigned { OnHost = 1, OnGpu = 2, OnXla = 4 };

struct Provider {
  llvm::StringLiteral name;
  unsigned places; ///< of Place: where it multiplies
  bool hasF64;     ///< beside f32; code of our own has all types
  /// Its number in generated code of the host (SEVENFOLD_PROVIDER_*); 0 where
  /// it has none.
  int number;

  bool isGenerated() const { return name == kCodegen; }
  bool isAt(Place place) const { return places & place; }
  /// Whether it has products of the type, on a device that it is for.
  bool multiplies(ElementType type) const;
};

/// All of them, in the order of the features that plans are learned by: new
/// ones are appended.
llvm::ArrayRef<Provider> allProviders();

/// Null where nobody has that name.
const Provider *findProvider(llvm::StringRef name);

/// "'onednn', 'openblas', .. or 'codegen'", for messages: those that
/// `takesPart` holds of.
std::string listProviders(llvm::function_ref<bool(const Provider &)> takesPart);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PROVIDER_H
