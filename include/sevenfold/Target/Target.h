//===- Target.h - What code is made for and runs on -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host, the GPUs, and whatever comes after them. A kind of target is a
// folder lib/Target/NAME that defines `kNAMETarget`, and a name in the build's
// SEVENFOLD_TARGETS; the rest of the compiler asks the registry below.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_TARGET_H
#define SEVENFOLD_TARGET_TARGET_H

#include "sevenfold/Measure/Device.h"
#include "sevenfold/Plan/PlanLimits.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace sevenfold {

struct ModelCompilerOptions;
struct Provider;
class ModelCompiler;

/// The stage that libraries are linked from: a relocatable object.
inline constexpr llvm::StringLiteral kObjectStage = "obj";

/// The stage of what has no libraries: StableHLO, which the device's own
/// compiler takes as text.
inline constexpr llvm::StringLiteral kStableHloStage = "stablehlo";

/// What a target's libraries are made of beside the object.
struct LibraryForm {
  llvm::StringLiteral runtime; ///< file name of the runtime archive
  std::vector<llvm::StringLiteral> exports; ///< functions of the runtime
  std::vector<llvm::StringLiteral> linked;  ///< further arguments of the linker
  llvm::StringLiteral buffers;  ///< of a function's comment: what pointers are
  llvm::StringLiteral preamble; ///< of the C header: declares the exports
};

/// One device that code is made for.
class Target {
public:
  virtual ~Target() = default;

  /// As command lines and manifests name it: "host", "nvptx:sm_90a".
  virtual std::string name() const = 0;
  /// What records and manifests call the way to it: "host", "nvptx".
  virtual llvm::StringRef lowering() const = 0;

  /// Which plans can be made.
  virtual bool multiplies(ElementType type) const = 0;
  virtual bool has(const Provider &provider) const = 0;

  /// The stages after linalg, kObjectStage among them.
  virtual llvm::ArrayRef<llvm::StringLiteral> stages() const = 0;
  /// Lowers a planned model as far as one of them; text or bytes. A model is
  /// lowered once.
  virtual llvm::Expected<std::string>
  emit(ModelCompiler &compiler, llvm::StringRef stage,
       const ModelCompilerOptions &options) const = 0;
  /// What its code is linked to; null where what it runs is text of the stage
  /// kStableHloStage, of one function, `main`.
  virtual const LibraryForm *library() const = 0;

  /// Adds to a bundle's description what a machine must be to run its code, if
  /// it is another than this one.
  virtual void describeTo(nlohmann::json &bundleTarget) const = 0;
};

using TargetHandle = std::shared_ptr<const Target>;

/// A device, and the target that code for it is made for.
struct TargetDevice {
  Device device;
  TargetHandle target;
};

/// Whether a device is looked at, or measured for about a second as well.
enum class Probing { None, Full };

/// A kind of targets. Functions fail in one line.
struct TargetKind {
  llvm::StringLiteral name;     ///< "nvptx"; also what comes before a colon
  llvm::StringLiteral spelling; ///< of its targets: "nvptx:CHIP"

  /// The target of a name; nothing needs to be at hand.
  llvm::Expected<TargetHandle> (*parse)(llvm::StringRef name);
  /// What is measured under a name, which may be the kind's own. Fails where it
  /// is not at hand, or does not run the target's code.
  llvm::Expected<TargetDevice> (*atHand)(llvm::StringRef name, int threads,
                                         Probing probing);
  /// What bundles are built for: as far as it can be told from here.
  llvm::Expected<TargetDevice> (*elsewhere)(llvm::StringRef name, int threads);
  /// The fingerprint of what is measured under a name, looked at only.
  llvm::Expected<std::string> (*hardware)(llvm::StringRef name);
  /// All devices of this machine; fails where there are none.
  llvm::Expected<std::vector<Device>> (*devices)(int threads);
  /// Whether they are listed where nobody asks for a kind: they are part of the
  /// machine, and found at once.
  bool isListed;
};

/// The kinds of this build, the host first.
llvm::ArrayRef<const TargetKind *> targetKinds();

/// "'host' or 'nvptx:CHIP'", for messages.
std::string targetSpellings();

/// The kind of a target's name. Fails, with the spellings, on others.
llvm::Expected<const TargetKind *> targetKindOf(llvm::StringRef name);

/// The target of a name. Fails as `targetKindOf` and `parse`.
llvm::Expected<TargetHandle> parseTarget(llvm::StringRef name);

/// This machine.
TargetHandle hostTarget();

/// Fails on names under which nothing can be measured: others than a target's
/// and a kind's.
llvm::Error checkDeviceName(llvm::StringRef name);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_TARGET_H
