//===- LibraryPath.h - Folders of vendor libraries --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The option --library-path: where vendor libraries lie that the system does
// not know of.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_LIBRARYPATH_H
#define SEVENFOLD_LIB_DRIVER_LIBRARYPATH_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace sevenfold {

/// Puts `folders` (colon-separated) in front of the dynamic loader's path and
/// starts this program anew with the same arguments, unless they are in front
/// already. The loader reads its path once, when a process starts; so this
/// program, the ones it starts and the libraries it compiled and loads all look
/// in the same places. Returns where nothing is to be done; fails where a
/// folder is missing, or has an OpenMP runtime that would replace this
/// program's. `arguments` end with a null.
llvm::Error searchLibrariesIn(llvm::StringRef folders, char **arguments);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_LIBRARYPATH_H
