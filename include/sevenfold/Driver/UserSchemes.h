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

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

/// $XDG_DATA_HOME/sevenfold/schemes or ~/.local/share/sevenfold/schemes.
std::string userSchemeFolder();

/// A file of that folder.
struct UserScheme {
  std::string file;
  std::optional<Scheme> scheme; ///< absent where it cannot be read
  /// Why plans cannot name it: it is unreadable or inexact, or its name is
  /// another scheme's. Empty: they can.
  std::string problem;
};

/// The files of that folder, sorted, read once; what plans can name is in the
/// process's library from then on.
llvm::ArrayRef<UserScheme> userSchemes();

/// The *.json files of a folder, sorted; none where it cannot be read.
std::vector<std::string> schemeFilesIn(llvm::StringRef folder);

/// The catalogue and the user's schemes that plans can name.
std::vector<Scheme> knownSchemes();

/// The scheme that `source` names: a file where one exists or the text looks
/// like a path (it holds a '/' or ends in ".json"), else a scheme of the
/// catalogue or the user's folder.
llvm::Expected<Scheme> loadScheme(llvm::StringRef source);

} // namespace sevenfold

#endif // SEVENFOLD_DRIVER_USERSCHEMES_H
