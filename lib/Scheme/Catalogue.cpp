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
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <map>
#include <mutex>

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

/// Schemes added while the program runs. A map's nodes never move.
struct Registry {
  std::mutex mutex;
  std::map<std::string, Scheme, std::less<>> schemes;
};

Registry &registry() {
  static Registry instance;
  return instance;
}

const Scheme *findInCatalogue(StringRef name) {
  ArrayRef<Scheme> schemes = catalogue();
  const Scheme *found =
      std::lower_bound(schemes.begin(), schemes.end(), name, isNamedBefore);
  return found != schemes.end() && found->name == name ? found : nullptr;
}

} // namespace

ArrayRef<Scheme> catalogue() {
  static const std::vector<Scheme> schemes = parseCatalogue();
  return schemes;
}

Error registerScheme(Scheme scheme) {
  Verification verification = verify(scheme);
  if (!verification.exact)
    return makeError("scheme '{0}' is not exact: {1}", scheme.name,
                     verification.reason);
  const Scheme *present = findInCatalogue(scheme.name);
  Registry &added = registry();
  std::lock_guard<std::mutex> lock(added.mutex);
  if (!present) {
    auto [entry, isNew] = added.schemes.try_emplace(scheme.name, scheme);
    if (isNew)
      return Error::success();
    present = &entry->second;
  }
  if (contentHash(*present) != contentHash(scheme))
    return makeError("another scheme is already named '{0}'", scheme.name);
  return Error::success();
}

Expected<const Scheme &> lookupScheme(StringRef name) {
  if (const Scheme *found = findInCatalogue(name))
    return *found;
  Registry &added = registry();
  std::lock_guard<std::mutex> lock(added.mutex);
  auto entry = added.schemes.find(name);
  if (entry != added.schemes.end())
    return entry->second;

  StringRef nearest;
  unsigned nearestDistance = ~0u;
  auto consider = [&](StringRef known) {
    // A name of any length may be asked for; its start tells enough.
    unsigned distance = name.take_front(64).edit_distance(known);
    if (distance < nearestDistance) {
      nearestDistance = distance;
      nearest = known;
    }
  };
  for (const Scheme &scheme : catalogue())
    consider(scheme.name);
  for (const auto &[known, scheme] : added.schemes)
    consider(known);
  return makeError("no scheme is named '{0}'; the nearest name is '{1}'",
                   name.take_front(64), nearest);
}

std::string standardName(const Scheme &scheme) {
  return formatv("{0}x{1}x{2}-r{3}", scheme.m, scheme.k, scheme.n,
                 scheme.rank())
      .str();
}

bool hasStandardName(const Scheme &scheme) {
  StringRef name = scheme.name;
  return name.consume_front(standardName(scheme)) &&
         (name.empty() || (name.size() > 1 && name.front() == '-'));
}

} // namespace sevenfold
