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

#include <memory>
#include <vector>

namespace sevenfold {

/// Where a scheme of a library comes from.
enum class SchemeOrigin {
  Catalogue,  ///< it is part of the program
  User,       ///< a file of the user's folder
  Added,      ///< made or found while the program runs
  Approximate ///< not exact: taken by its name, and nowhere proposed
};

/// Schemes by their names. Thread-safe; references stay valid as long as the
/// library.
class SchemeLibrary {
public:
  /// Begins with the catalogue, of which each scheme is parsed on first use.
  SchemeLibrary();
  ~SchemeLibrary();

  /// The catalogue, sorted by name; parses all of it. Who wants one scheme asks
  /// `find`, which parses no other.
  llvm::ArrayRef<Scheme> catalogue() const;
  /// What was added with an origin, sorted by name.
  std::vector<const Scheme *> added(SchemeOrigin origin) const;

  /// Adds a scheme that `find` finds under its name from now on. One over R
  /// that is not exact is added as Approximate, whatever `origin` says. Fails
  /// where another one is not exact, or other content already has the name.
  [[nodiscard]] llvm::Error add(Scheme scheme, SchemeOrigin origin);
  /// The relative error of a scheme that was added as Approximate, else 0.
  double approximation(llvm::StringRef name) const;

  /// The scheme of that name: the catalogue's, else an added one, else the
  /// catalogue's for the dimensions in another order ("5x3x4-r47" from
  /// "3x4x5-r47"). The error names the nearest known name.
  llvm::Expected<const Scheme &> find(llvm::StringRef name);

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// The library of this process, in which plans' names are looked up.
SchemeLibrary &schemeLibrary();

/// The same in short.
inline llvm::ArrayRef<Scheme> catalogue() {
  return schemeLibrary().catalogue();
}
inline llvm::Expected<const Scheme &> lookupScheme(llvm::StringRef name) {
  return schemeLibrary().find(name);
}

/// The "MxKxN-rR" that names of such schemes begin with.
std::string standardName(const Scheme &scheme);

/// Whether the scheme's name is standardName, alone or followed by "-variant".
bool hasStandardName(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_CATALOGUE_H
