//===- Catalogue.cpp - The schemes Sevenfold knows by name ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses the embedded files once and looks schemes up.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Catalogue.h"
#include "EmbeddedSchemes.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>

using namespace llvm;

namespace sevenfold {
namespace {

bool isNamedBefore(const Scheme &scheme, StringRef name) {
  return StringRef(scheme.name) < name;
}

std::vector<Scheme> parseCatalogue() {
  std::vector<Scheme> schemes;
  for (const EmbeddedScheme &embedded : embeddedSchemes()) {
    Expected<Scheme> scheme = parseScheme(embedded.text, embedded.file);
    // The files are part of the program: a malformed one is a broken build.
    if (!scheme)
      report_fatal_error(scheme.takeError());
    schemes.push_back(std::move(*scheme));
  }
  std::sort(schemes.begin(), schemes.end(),
            [](const Scheme &a, const Scheme &b) { return a.name < b.name; });
  return schemes;
}

} // namespace

ArrayRef<Scheme> catalogue() {
  static const std::vector<Scheme> schemes = parseCatalogue();
  return schemes;
}

Expected<const Scheme &> lookupScheme(StringRef name) {
  ArrayRef<Scheme> schemes = catalogue();
  const Scheme *found =
      std::lower_bound(schemes.begin(), schemes.end(), name, isNamedBefore);
  if (found != schemes.end() && found->name == name)
    return *found;
  const Scheme *nearest = std::min_element(
      schemes.begin(), schemes.end(), [&](const Scheme &a, const Scheme &b) {
        return name.edit_distance(a.name) < name.edit_distance(b.name);
      });
  return makeError("no scheme named '{0}' in the catalogue; the nearest name "
                   "is '{1}'",
                   name.take_front(128), nearest->name);
}

} // namespace sevenfold
