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

/// The scheme of that name. The error names the nearest known name. The
/// reference stays valid for the life of the program.
llvm::Expected<const Scheme &> lookupScheme(llvm::StringRef name);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_CATALOGUE_H
