//===- ModelCompiler.h - From a model to code -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler as a library: a module of linalg on tensors in, plain linalg, a
// stage of a target (Target.h) or a shared library out, with what was decided
// for every matmul.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_MODELCOMPILER_H
#define SEVENFOLD_TARGET_MODELCOMPILER_H

#include "sevenfold/Measure/Artefact.h"
#include "sevenfold/Pipelines/HostOptions.h"
#include "sevenfold/Plan/PlanLimits.h"
#include "sevenfold/Plan/PlanSource.h"
#include "sevenfold/Scheme/TileOperator.h"
#include "sevenfold/Target/Target.h"

#include <memory>

namespace sevenfold {

/// A function of a compiled module: int NAME(const T *in0, .., T *out0, ..). A
/// dimension J of any size of input I is `int64_t inI_dimJ` right behind inI,
/// and a stride J that the caller chooses `int64_t inI_strideJ` behind those.
struct FunctionSignature {
  std::string name;
  std::vector<BufferShape> inputs, outputs;
  /// Known after lowering, where sizes are static.
  int64_t workspaceBytes = 0;

  /// Whether all sizes are known.
  bool isStatic() const;
  /// Whether the strides of some input are parameters, behind its sizes.
  bool isStrided() const;
  /// The signature where the inputs have these dimensions. Fails with a
  /// one-line message where they cannot have them.
  llvm::Expected<FunctionSignature>
  at(llvm::ArrayRef<std::vector<int64_t>> inputDims) const;
};

/// A public function as the tuning database knows it.
struct FunctionIdentity {
  std::string name;
  /// SHA-256 of what decides its code besides the machine and the choices
  /// (docs/Database.md).
  std::string hash;
  /// Whether the model itself gives plans to some of its matmuls.
  bool hasOwnPlans = false;
};

/// Whether operand sums of constants are computed when compiling.
enum class SumFolding { None, Some };

/// What was decided for one matmul-like operation.
struct MatmulDecision {
  std::string function;             ///< the public one it is in, or ""
  std::string location;             ///< "file:line:column"
  std::optional<Workload> workload; ///< absent where it is none of ours
  PlanAnswer answer;
};

struct ModelCompilerOptions {
  std::string provider; ///< of products whose plan names none; empty: best
  PlanLimits limits;
  SumsOptions sums;
  /// The machine the code is for; absent: this process, unchecked.
  std::optional<GuardOptions> guard;
  /// Without a guard: the instruction sets that code of the host may use,
  /// comma-separated, as LLVM names them; absent: this machine's.
  std::optional<std::string> instructionSets;
  std::optional<HostCores> cores; ///< absent: those at hand
  HostLoops loops = HostLoops::Loops;
  KernelTarget kernels;                       ///< of HostLoops::Kernels
  F32Products f32Products = F32Products::F32; ///< on a GPU
  NonFinite nonFinite = NonFinite::Propagate; ///< on the host
  /// Whether code of the host checks what it reads and writes, by the run time
  /// of AddressSanitizer: for a process that has that.
  bool checkAddresses = false;
};

/// What became of the sums of one operand, or of the panels that a product
/// packs of it.
struct SumsReport {
  enum class Kind { Shared, Folded, TooLarge };
  Kind kind;
  bool ofPanels;
  std::string location; ///< of the matmul: "file:line:column"
  int64_t bytes;        ///< of constants; 0 for shared sums
};

/// One module on its way through the compiler. Errors are one line with the
/// place in the source.
class ModelCompiler {
public:
  /// Reads a module from a file, or from `text` under the name `path`. Checks
  /// that every public function takes and returns tensors of the types a
  /// workload can have, and that the sizes of results follow from those of
  /// arguments.
  static llvm::Expected<std::unique_ptr<ModelCompiler>>
  fromFile(llvm::StringRef path);
  static llvm::Expected<std::unique_ptr<ModelCompiler>>
  fromText(llvm::StringRef text, llvm::StringRef path);
  ~ModelCompiler();

  /// The public functions.
  const std::vector<FunctionSignature> &functions() const;

  /// Drops every public function but one (and what it calls).
  llvm::Error keepOnly(llvm::StringRef function);

  /// Makes an argument of a public function a constant and drops it from the
  /// signature. `data`: its elements, row-major, copied. Fails where there is
  /// no such function or argument, or where the size differs.
  llvm::Error bindConstant(llvm::StringRef function, unsigned argument,
                           llvm::ArrayRef<char> data);

  /// Declares the sizes that a dynamic dimension of an argument is to be
  /// planned for; it may have others. Fails where there is no such dimension.
  llvm::Error declareRange(llvm::StringRef function, unsigned argument,
                           unsigned dimension, SizeRange range);

  /// Replaces the products whose right operand an argument is by a tile
  /// operator (`file` is told in remarks) and drops it from the signature.
  /// Fails where there is no such function, argument or product, where the
  /// sizes or the type differ, and where the argument has other uses.
  llvm::Error bindTile(llvm::StringRef function, unsigned argument,
                       const TileOperator &tile, llvm::StringRef file);

  /// The public functions, in order, under the hashes that their records are
  /// filed under. Of a model that has not been planned.
  llvm::Expected<std::vector<FunctionIdentity>>
  identify(SumFolding folding, F32Products f32Products = F32Products::F32);

  /// Matmul-like operations, with the plans of `source`. Calls are inlined
  /// where there are some; else nothing changes but the plans.
  llvm::Expected<std::vector<MatmulDecision>>
  plan(const PlanSource &source, const ModelCompilerOptions &options);
  /// The same with a source for each function.
  llvm::Expected<std::vector<MatmulDecision>>
  planFunctions(const FunctionPlans &plans,
                const ModelCompilerOptions &options);

  /// Leaves the products of a public function to sums of their own, even where
  /// SumsOptions shares them.
  void separateSums(llvm::StringRef function);

  /// Decomposes the planned matmuls to plain upstream linalg; text.
  llvm::Expected<std::string> emitLinalg();
  /// Shared and folded sums; known after lowering.
  const std::vector<SumsReport> &sums() const;

  /// For targets (Target/Target.h), which lower it.
  struct Impl;
  Impl &internals() { return *impl; }

private:
  explicit ModelCompiler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// The module of one matmul: a public function `matmul` that takes A and B (and
/// C where the workload accumulates) and returns C.
std::string matmulModule(const Workload &workload);

/// Whether a library has functions that tell whether plans run
/// (ModelCompilerOptions::guard).
enum class PlanQueries { Absent, Present };

/// The function of a guarded library that tells whether `function` runs its
/// plans: int NAME_planned(void).
std::string plannedQueryName(const FunctionSignature &function);

/// Links an object with the runtime archive at a path to a shared library that
/// exports the functions, what the form says and `sevenfold_error_string`. Uses
/// the system's C compiler as linker; written whole or not at all.
llvm::Error linkSharedLibrary(llvm::StringRef object,
                              llvm::ArrayRef<FunctionSignature> functions,
                              const LibraryForm &form,
                              llvm::StringRef runtimeArchive,
                              llvm::StringRef path,
                              PlanQueries queries = PlanQueries::Absent);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_MODELCOMPILER_H
