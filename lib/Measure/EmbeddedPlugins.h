//===- EmbeddedPlugins.h - Which PJRT plugins have names --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// python-free-configs/pjrt/plugins.json, as text.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_EMBEDDEDPLUGINS_H
#define SEVENFOLD_LIB_MEASURE_EMBEDDEDPLUGINS_H

#include "sevenfold/Support/EmbeddedFile.h"

namespace sevenfold {

/// The one file.
llvm::ArrayRef<EmbeddedFile> embeddedPlugins();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_EMBEDDEDPLUGINS_H
