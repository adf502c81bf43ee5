//===- EmbeddedProfiles.h - The profiles of devices as text -----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cmake/SevenfoldEmbedFiles.cmake generates from
// python-free-configs/devices. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_EMBEDDEDPROFILES_H
#define SEVENFOLD_LIB_MEASURE_EMBEDDEDPROFILES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sevenfold {

struct EmbeddedProfile {
  llvm::StringRef file; ///< base name
  llvm::StringRef text;

  /// The profile's, which the file is called after.
  llvm::StringRef name() const { return file.drop_back(5); }
};

/// Every profile, in the order of lib/Measure/CMakeLists.txt.
llvm::ArrayRef<EmbeddedProfile> embeddedProfiles();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_EMBEDDEDPROFILES_H
