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

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sevenfold {

struct EmbeddedPlugin {
  llvm::StringRef file; ///< base name
  llvm::StringRef text;
};

/// The one file.
llvm::ArrayRef<EmbeddedPlugin> embeddedPlugins();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_EMBEDDEDPLUGINS_H
