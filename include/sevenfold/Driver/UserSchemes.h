//===- UserSchemes.h - The user's own schemes -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Schemes that a user imported lie beside the catalogue, in the folder of the
// user's database.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_DRIVER_USERSCHEMES_H
#define SEVENFOLD_DRIVER_USERSCHEMES_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace sevenfold {

/// $XDG_DATA_HOME/sevenfold/schemes or ~/.local/share/sevenfold/schemes.
std::string userSchemeFolder();

/// The *.json files of that folder, sorted; none where there is no folder.
std::vector<std::string> userSchemeFiles();

/// The *.json files of a folder, sorted; none where it cannot be read.
std::vector<std::string> schemeFilesIn(llvm::StringRef folder);

/// Registers every scheme of that folder with the catalogue, so that plans may
/// name them. A file that is unreadable or inexact is skipped; what is wrong
/// with it is returned, one line a file.
std::vector<std::string> registerUserSchemes();

/// The scheme that `source` names: a file where one exists or the text looks
/// like a path (it holds a '/' or ends in ".json"), else a scheme of the
/// catalogue or the user's folder.
llvm::Expected<Scheme> loadScheme(llvm::StringRef source);

} // namespace sevenfold

#endif // SEVENFOLD_DRIVER_USERSCHEMES_H
