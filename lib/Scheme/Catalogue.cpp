//===- Catalogue.cpp - The schemes Sevenfold knows by name ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses embedded files, each once and when it is needed, and looks schemes up.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Catalogue.h"
#include "EmbeddedSchemes.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

using namespace llvm;

namespace sevenfold {
namespace {

/// The embedded schemes, sorted by name. Each is parsed when it is first asked
/// for: programs use a few of them, and parsing all takes longer than most
/// commands do.
class EmbeddedSchemes {
public:
  EmbeddedSchemes()
      : entries(embeddedSchemes().begin(), embeddedSchemes().end()) {
    llvm::sort(entries, [](const EmbeddedFile &a, const EmbeddedFile &b) {
      return a.name() < b.name();
    });
    schemes.resize(entries.size());
    parsed = std::make_unique<std::once_flag[]>(entries.size());
  }

  size_t size() const { return entries.size(); }
  StringRef name(size_t index) const { return entries[index].name(); }

  const Scheme &at(size_t index) {
    std::call_once(parsed[index], [&] {
      const EmbeddedFile &entry = entries[index];
      Expected<Scheme> scheme = parseScheme(entry.text, entry.file);
      // The files are part of the program: a malformed one is a broken build.
      if (!scheme)
        report_fatal_error(scheme.takeError());
      if (scheme->name != entry.name())
        report_fatal_error(Twine(entry.file) + " names itself '" +
                           scheme->name + "'");
      schemes[index] = std::move(*scheme);
    });
    return schemes[index];
  }

  const Scheme *find(StringRef name) {
    auto entry = llvm::lower_bound(
        entries, name,
        [](const EmbeddedFile &a, StringRef b) { return a.name() < b; });
    if (entry == entries.end() || entry->name() != name)
      return nullptr;
    return &at(entry - entries.begin());
  }

  ArrayRef<Scheme> all() {
    for (size_t i = 0; i < size(); ++i)
      at(i);
    return schemes;
  }

private:
  std::vector<EmbeddedFile> entries;
  std::vector<Scheme> schemes; ///< beside entries; never moved
  std::unique_ptr<std::once_flag[]> parsed;
};

/// The dimensions that a name begins with; nothing where it does not.
std::optional<std::array<unsigned, 3>> dimsOfName(StringRef name) {
  std::array<unsigned, 3> dims;
  for (unsigned i = 0; i < 3; ++i)
    if (name.consumeInteger(10, dims[i]) ||
        !name.consume_front(i < 2 ? "x" : "-"))
      return std::nullopt;
  return dims;
}

/// "5x3x4-r47" out of the catalogue's "3x4x5-r47": the same scheme for the
/// dimensions in another order. Nothing where there is none.
std::optional<Scheme> reorient(EmbeddedSchemes &embedded, StringRef name) {
  std::optional<std::array<unsigned, 3>> wanted = dimsOfName(name);
  if (!wanted)
    return std::nullopt;
  std::array<unsigned, 3> sorted = *wanted;
  llvm::sort(sorted);
  const Scheme *source =
      embedded.find(formatv("{0}x{1}x{2}-{3}", sorted[0], sorted[1], sorted[2],
                            name.split('-').second)
                        .str());
  if (!source)
    return std::nullopt;
  Scheme scheme = *source;
  // Three rotations, and three after a transposition.
  for (unsigned turn = 0; turn < 6; ++turn) {
    if (std::array{scheme.m, scheme.k, scheme.n} == *wanted) {
      scheme.name = name.str();
      scheme.provenance = source->provenance;
      scheme.provenance.emplace_back("derived", "from '" + source->name +
                                                    "', dimensions reordered");
      return scheme;
    }
    scheme = rotate(scheme);
    if (turn == 2)
      scheme = transpose(scheme);
  }
  return std::nullopt;
}

} // namespace

struct SchemeLibrary::Impl {
  struct Entry {
    Scheme scheme;
    SchemeOrigin origin;
    double relativeError = 0;
  };

  EmbeddedSchemes embedded;
  std::mutex mutex; ///< of `added`
  /// A map's nodes never move.
  std::map<std::string, Entry, std::less<>> added;

  /// The known name that is nearest to `name`; empty where none is near.
  StringRef nearest(StringRef name) const;
};

SchemeLibrary::SchemeLibrary() : impl(std::make_unique<Impl>()) {}
SchemeLibrary::~SchemeLibrary() = default;

SchemeLibrary &schemeLibrary() {
  static SchemeLibrary instance;
  return instance;
}

ArrayRef<Scheme> SchemeLibrary::catalogue() const {
  return impl->embedded.all();
}

std::vector<const Scheme *> SchemeLibrary::added(SchemeOrigin origin) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  std::vector<const Scheme *> list;
  for (const auto &[name, entry] : impl->added)
    if (entry.origin == origin)
      list.push_back(&entry.scheme);
  return list;
}

Error SchemeLibrary::add(Scheme scheme, SchemeOrigin origin) {
  Verification verification = verify(scheme);
  if (!verification.exact &&
      (scheme.ring != Ring::R || !std::isfinite(verification.relativeError)))
    return makeError("scheme '{0}' is not exact: {1}", scheme.name,
                     verification.reason);
  if (!verification.exact)
    origin = SchemeOrigin::Approximate;
  const Scheme *present = impl->embedded.find(scheme.name);
  std::lock_guard<std::mutex> lock(impl->mutex);
  if (!present) {
    auto [entry, isNew] = impl->added.try_emplace(
        scheme.name, Impl::Entry{scheme, origin, verification.relativeError});
    if (isNew)
      return Error::success();
    present = &entry->second.scheme;
  }
  if (contentHash(*present) != contentHash(scheme))
    return makeError("another scheme is already named '{0}'", scheme.name);
  return Error::success();
}

double SchemeLibrary::approximation(StringRef name) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  auto entry = impl->added.find(name);
  return entry == impl->added.end() ? 0 : entry->second.relativeError;
}

StringRef SchemeLibrary::Impl::nearest(StringRef name) const {
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
  for (size_t i = 0; i < embedded.size(); ++i)
    consider(embedded.name(i));
  for (const auto &[known, entry] : added)
    consider(known);
  // Of a word that is like none of them the nearest name says nothing.
  bool isNear = nearestDistance <= std::max<size_t>(2, name.size() / 2);
  return isNear ? nearest : "";
}

Expected<const Scheme &> SchemeLibrary::find(StringRef name) {
  if (const Scheme *found = impl->embedded.find(name))
    return *found;
  std::lock_guard<std::mutex> lock(impl->mutex);
  auto entry = impl->added.find(name);
  if (entry != impl->added.end())
    return entry->second.scheme;
  if (std::optional<Scheme> scheme = reorient(impl->embedded, name))
    return impl->added
        .try_emplace(name.str(),
                     Impl::Entry{std::move(*scheme), SchemeOrigin::Added, 0})
        .first->second.scheme;
  StringRef nearest = impl->nearest(name);
  if (nearest.empty())
    return makeError("no scheme is named '{0}'; 'sevenfold scheme list' names "
                     "those there are",
                     name.take_front(64));
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
