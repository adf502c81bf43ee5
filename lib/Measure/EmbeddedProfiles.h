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

#include "sevenfold/Support/EmbeddedFile.h"

namespace sevenfold {

/// Every profile, in the order of lib/Measure/CMakeLists.txt.
llvm::ArrayRef<EmbeddedFile> embeddedProfiles();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_EMBEDDEDPROFILES_H
