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

/// All catalogue schemes, sorted by name; parsed once, on first use. Who wants
/// one of them asks lookupScheme, which parses no other.
llvm::ArrayRef<Scheme> catalogue();

/// Adds a scheme that lookupScheme finds under its name from now on: how a tool
/// makes a user's own schemes known. Thread-safe. Fails where the scheme is not
/// exact, or where other content already has the name.
[[nodiscard]] llvm::Error registerScheme(Scheme scheme);

/// The scheme of that name: the catalogue's, else a registered one, else the
/// catalogue's for the dimensions in another order ("5x3x4-r47" from
/// "3x4x5-r47"). The error names the nearest known name. The reference stays
/// valid for the life of the program.
llvm::Expected<const Scheme &> lookupScheme(llvm::StringRef name);

/// The "MxKxN-rR" that names of such schemes begin with.
std::string standardName(const Scheme &scheme);

/// Whether the scheme's name is standardName, alone or followed by "-variant".
bool hasStandardName(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_CATALOGUE_H
