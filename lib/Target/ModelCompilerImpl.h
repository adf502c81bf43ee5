//===- ModelCompilerImpl.h - The state of a model's compiler ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the targets do with a model.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_MODELCOMPILERIMPL_H
#define SEVENFOLD_LIB_TARGET_MODELCOMPILERIMPL_H

#include "sevenfold/Target/ModelCompiler.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace sevenfold {

/// "file:line:column", or what is known of it.
std::string placeOf(mlir::Location location);

/// Keeps the first error MLIR reports while it is in scope.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);
  llvm::Error take(llvm::StringRef fallback);

private:
  std::string first;
  mlir::ScopedDiagnosticHandler handler;
};

/// LLVM IR as text.
std::string printModule(const llvm::Module &module);

struct ModelCompiler::Impl {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<FunctionSignature> functions;
  std::vector<SumsReport> sums;

  Impl();
  llvm::Error parse(llvm::StringRef text, llvm::StringRef path);
  /// Adds a module, as one nested in the first.
  llvm::Error parsePart(llvm::StringRef text, llvm::StringRef path);
  llvm::Error simplify();
  llvm::Expected<FunctionSignature> readSignature(mlir::func::FuncOp function);
  /// Leaves on a function with arguments of dynamic sizes what follows from
  /// them.
  llvm::Error analyseSizes(mlir::func::FuncOp function);
  llvm::Error readSignatures(llvm::StringRef path);
  llvm::Error run(mlir::PassManager &manager, llvm::StringRef fallback);

  /// Fills `sums`.
  SumsObserver sumsObserver();
  /// Fills in the workspaces of `functions`, after lowering.
  void readWorkspaces();
  /// Refuses more constants, after lowering, than the linker can express.
  llvm::Error checkConstants();
  /// LLVM IR for the machine, not optimised.
  llvm::Expected<std::unique_ptr<llvm::Module>>
  translate(mlir::Operation *code, llvm::LLVMContext &llvmContext,
            llvm::TargetMachine &machine);

  /// Runs passes that end in the LLVM dialect, and translates the module; not
  /// optimised.
  llvm::Expected<std::unique_ptr<llvm::Module>>
  lowerToLLVM(mlir::PassManager &manager, llvm::LLVMContext &llvmContext,
              llvm::TargetMachine &machine);
};

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_MODELCOMPILERIMPL_H
