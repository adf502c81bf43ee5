//===- EntryPoints.h - C functions of a library -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What convert-sevenfold-to-runtime puts in front of the functions it lowers.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TRANSFORMS_ENTRYPOINTS_H
#define SEVENFOLD_LIB_TRANSFORMS_ENTRYPOINTS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IntegerSet.h"

#include <optional>

namespace sevenfold {

/// Finds or declares a function of the runtime.
mlir::LLVM::LLVMFuncOp runtimeFunction(mlir::OpBuilder &builder,
                                       mlir::ModuleOp module,
                                       llvm::StringRef name, mlir::Type result,
                                       llvm::ArrayRef<mlir::Type> inputs);

/// What an entry point needs to know of the function behind it.
struct EntryPoint {
  std::string name, implementation;
  llvm::SmallVector<mlir::MemRefType> buffers; ///< inputs, then outputs
  int64_t workspaceBytes = 0;
  /// The function that tells the bytes instead, from the dynamic sizes of the
  /// buffers; empty where they are known.
  std::string workspaceFunction;
  /// The dynamic sizes of the last buffers, which are results; null where there
  /// is none. Its symbols are the dynamic sizes of those before.
  mlir::AffineMap resultSizes;
  mlir::IntegerSet sizeRules; ///< null: none
  mlir::Location loc;
  /// What chooses between this and a classical function; null without a guard.
  mlir::DictionaryAttr guard;
  bool isClassical = false;
  /// Streams beside the caller's; absent where the code is none of a GPU's.
  std::optional<int32_t> sideStreams = std::nullopt;

  /// The name of the code behind a guard.
  std::string codeName() const { return guard ? name + ".planned" : name; }
};

/// Emits int NAME(const T *in0, .., T *out0, ..) at the end of the module; a
/// dynamic dimension J of input I is `int64_t inI_dimJ` behind its pointer.
/// With a guard, NAME is the choice between that and the entry point of the
/// classical function, and there is int NAME_planned(void).
void emitEntryPoint(mlir::ModuleOp module, const EntryPoint &entry);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TRANSFORMS_ENTRYPOINTS_H
