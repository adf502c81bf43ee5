//===- Target.cpp - The registry of targets -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kinds of targets that were built in.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/Target.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace sevenfold;

namespace sevenfold {
#define SEVENFOLD_TARGET(NAME) extern const TargetKind k##NAME##Target;
#include "sevenfold/Support/Targets.def"
} // namespace sevenfold

llvm::ArrayRef<const TargetKind *> sevenfold::targetKinds() {
  static const TargetKind *const kinds[] = {
#define SEVENFOLD_TARGET(NAME) &k##NAME##Target,
#include "sevenfold/Support/Targets.def"
  };
  return kinds;
}

std::string sevenfold::targetSpellings() {
  std::vector<std::string> spellings;
  for (const TargetKind *kind : targetKinds())
    spellings.push_back(("'" + kind->spelling + "'").str());
  return llvm::join(spellings, " or ");
}

llvm::Expected<const TargetKind *>
sevenfold::targetKindOf(llvm::StringRef name) {
  for (const TargetKind *kind : targetKinds())
    if (name.split(':').first == kind->name)
      return kind;
  return makeError("expected device {0} but got '{1}'", targetSpellings(),
                   name);
}

llvm::Expected<TargetHandle> sevenfold::parseTarget(llvm::StringRef name) {
  auto kind = targetKindOf(name);
  if (!kind)
    return kind.takeError();
  return (*kind)->parse(name);
}

TargetHandle sevenfold::hostTarget() {
  const TargetKind &host = *targetKinds().front();
  return llvm::cantFail(host.parse(host.name));
}

llvm::Error sevenfold::checkDeviceName(llvm::StringRef name) {
  auto kind = targetKindOf(name);
  if (!kind)
    return kind.takeError();
  if (name == (*kind)->name)
    return llvm::Error::success();
  return (*kind)->parse(name).takeError();
}
