//===- StableHlo.h - Modules of StableHLO by others -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What JAX and others export comes in as text and goes out as the same text, in
// which some products have become calls:
//
//   %5 = stablehlo.dot_general %3, %4, contracting_dims = [1] x [0], ..
//   %5 = func.call @sevenfold_dot_0(%3, %4) : ..
//
// and the module has a private function more for each. There is no reader of
// StableHLO here: a product is read word by word, in the form that JAX prints
// and in MLIR's generic form, and everything else is left as it is, byte for
// byte.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_STABLEHLO_H
#define SEVENFOLD_TARGET_STABLEHLO_H

#include "sevenfold/Target/ModelCompiler.h"

#include <optional>

namespace sevenfold {

/// Whether a text is a module of StableHLO, and not of linalg.
bool isStableHlo(llvm::StringRef text);

/// The text of a file that is such a module; nothing of other files. What
/// cannot be read is said where it is read as a model.
std::optional<std::string> readStableHlo(llvm::StringRef path);

struct PlannedStableHlo {
  std::string text;
  std::vector<MatmulDecision> decisions; ///< one a product, in order
};

/// Has the products of a module computed by plans. Fails, with the place, on
/// text that is cut off, and where MLIR cannot read a text in generic form.
llvm::Expected<PlannedStableHlo>
planStableHlo(llvm::StringRef text, llvm::StringRef path,
              const PlanSource &source, const ModelCompilerOptions &options);

/// What @main of a module takes and returns. Fails where there is no such
/// function, or where a type is not one of static sizes that this project
/// knows.
llvm::Expected<FunctionSignature> mainOfStableHlo(llvm::StringRef text,
                                                  llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_STABLEHLO_H
