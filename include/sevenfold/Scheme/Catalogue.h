//===- Catalogue.h - The schemes Sevenfold knows by name --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The catalogue of schemes, embedded in the library from the files in
// python-free-configs/schemes. Names are MxKxN-rR[-variant].
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_CATALOGUE_H
#define SEVENFOLD_SCHEME_CATALOGUE_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace sevenfold {

/// All catalogue schemes, sorted by name; parsed once, on first use.
llvm::ArrayRef<Scheme> catalogue();

/// Adds a scheme that lookupScheme finds under its name from now on: how a tool
/// makes a user's own schemes known. Thread-safe. Fails where the scheme is not
/// exact, or where other content already has the name.
[[nodiscard]] llvm::Error registerScheme(Scheme scheme);

/// The scheme of that name: the catalogue's, else a registered one. The error
/// names the nearest known name. The reference stays valid for the life of the
/// program.
llvm::Expected<const Scheme &> lookupScheme(llvm::StringRef name);

/// The "MxKxN-rR" that names of such schemes begin with.
std::string standardName(const Scheme &scheme);

/// Whether the scheme's name is standardName, alone or followed by "-variant".
bool hasStandardName(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_CATALOGUE_H
