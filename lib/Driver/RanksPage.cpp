//===- RanksPage.cpp - Our ranks beside published ones --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rank does not depend on the order of the dimensions, nor does a scheme over
// Z stop holding modulo 2: a row's rank is the lowest of all schemes that give
// one of its format and ring.
//
//===----------------------------------------------------------------------===//

#include "RanksPage.h"

#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace sevenfold;

using Dims = std::array<unsigned, 3>;

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static llvm::Error readRanks(const nlohmann::json &object, llvm::StringRef key,
                             const std::string &where,
                             llvm::ArrayRef<llvm::StringRef> rings,
                             llvm::ArrayRef<unsigned *> ranks) {
  std::string place = fmt::format("{}.{}", where, key.str());
  auto member = getObject(object, key, where);
  if (!member)
    return member.takeError();
  if (llvm::Error error = requireObject(**member, place, rings))
    return error;
  for (size_t i = 0; i < rings.size(); ++i) {
    auto rank = getInteger(**member, rings[i], place, 1, kMaxSchemeRank);
    if (!rank)
      return rank.takeError();
    *ranks[i] = unsigned(*rank);
  }
  return llvm::Error::success();
}

static llvm::Error readFormat(const nlohmann::json &object,
                              const std::string &where,
                              PublishedRanks &format) {
  if (llvm::Error error = requireObject(
          object, where, {"dims", "alphatensor", "best", "additions"}))
    return error;
  const nlohmann::json &dims = object["dims"];
  if (!dims.is_array() || dims.size() != 3)
    return makeError("{0}: expected 'dims' to be [m, k, n]", where);
  for (unsigned i = 0; i < 3; ++i) {
    if (!dims[i].is_number_integer() || dims[i] < 1 || dims[i] > 64)
      return makeError("{0}: expected 'dims[{1}]' to be an integer from 1 to "
                       "64",
                       where, i);
    format.dims[i] = dims[i].get<unsigned>();
  }
  if (!std::is_sorted(format.dims.begin(), format.dims.end()))
    return makeError("{0}: expected 'dims' in ascending order", where);
  if (llvm::Error error =
          readRanks(object, "alphatensor", where, {"Z2", "Z"},
                    {&format.alphaTensorZ2, &format.alphaTensorZ}))
    return error;
  if (llvm::Error error =
          readRanks(object, "best", where, {"Z2", "Z", "Q"},
                    {&format.bestZ2, &format.bestZ, &format.bestQ}))
    return error;
  auto additions = getInteger(object, "additions", where, 0, 1000000);
  if (!additions)
    return additions.takeError();
  format.additions = unsigned(*additions);
  return llvm::Error::success();
}

llvm::Expected<PublishedTable>
sevenfold::readPublishedRanks(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path, {"sources", "formats"}, {"$schema"}))
    return error;
  PublishedTable table;
  const nlohmann::json &sources = (*json)["sources"];
  std::string place = (path + ": sources").str();
  if (llvm::Error error =
          requireObject(sources, place, {"alphatensor", "best"}))
    return error;
  for (auto [key, text] : {std::pair{"alphatensor", &table.alphaTensorSource},
                           std::pair{"best", &table.bestSource}}) {
    auto value = getString(sources, key, place);
    if (!value)
      return value.takeError();
    *text = *value;
  }
  auto formats = getArray(*json, "formats", path);
  if (!formats)
    return formats.takeError();
  for (size_t i = 0; i < (*formats)->size(); ++i) {
    std::string where = fmt::format("{}: formats[{}]", path.str(), i);
    PublishedRanks format;
    if (llvm::Error error = readFormat((**formats)[i], where, format))
      return error;
    for (const PublishedRanks &earlier : table.formats)
      if (earlier.dims == format.dims)
        return makeError("{0}: 'dims' stands here twice", where);
    table.formats.push_back(format);
  }
  return table;
}

//===----------------------------------------------------------------------===//
// The page
//===----------------------------------------------------------------------===//

namespace {
class Page {
public:
  Page(llvm::ArrayRef<Scheme> schemes, const PublishedTable &published,
       MinimizerEffort effort)
      : schemes(schemes), published(published), effort(effort) {}

  std::string write();
  nlohmann::ordered_json rows() const;

private:
  const Scheme *lowest(const Dims &dims, Ring ring) const;
  unsigned lowestRank(const Dims &dims, Ring ring) const {
    const Scheme *scheme = lowest(dims, ring);
    return scheme ? scheme->rank() : ~0u;
  }
  std::string summary() const;
  std::string rankRow(const Dims &dims, Ring ring, unsigned alphaTensor,
                      unsigned best) const;
  std::string rankTable() const;
  nlohmann::ordered_json row(const Dims &dims, Ring ring, unsigned alphaTensor,
                             unsigned best) const;
  std::string costRow(const Scheme &scheme, unsigned additions) const;
  std::string costTable() const;

  llvm::ArrayRef<Scheme> schemes;
  const PublishedTable &published;
  MinimizerEffort effort;
};
} // namespace

static Dims sortedDims(const Scheme &scheme) {
  Dims dims = {scheme.m, scheme.k, scheme.n};
  std::sort(dims.begin(), dims.end());
  return dims;
}

/// Whether a scheme over `from` is one over `to`. A fraction with an odd
/// denominator has a value modulo 2; that case is left out.
static bool holdsOver(Ring from, Ring to) {
  return from == to || (from == Ring::Z && (to == Ring::Z2 || to == Ring::Q));
}

static std::string valueOf(const Scheme &scheme, llvm::StringRef key) {
  for (const auto &[name, value] : scheme.provenance)
    if (name == key)
      return value;
  return "";
}

/// "classical, flip-graph, lifted", or that it is a paper's.
static std::string originOf(const Scheme &scheme) {
  std::string strategy = valueOf(scheme, "strategy");
  if (strategy.empty())
    return "cited";
  std::string text = valueOf(scheme, "start") + ", " + strategy;
  for (const char *step : {"lifted", "optimized"})
    if (!valueOf(scheme, step).empty())
      text += fmt::format(", {}", step);
  return text;
}

static std::string secondsOf(const Scheme &scheme) {
  std::string seconds = valueOf(scheme, "cpu_s");
  return seconds.empty() ? "-" : seconds + " s";
}

static std::string formatOf(const Dims &dims) {
  return fmt::format("{},{},{}", dims[0], dims[1], dims[2]);
}

/// The scheme of the lowest rank; of equal ones one that was searched for, of
/// the ring itself, of the shortest name.
const Scheme *Page::lowest(const Dims &dims, Ring ring) const {
  auto order = [&](const Scheme &scheme) {
    return std::tuple(scheme.rank(), valueOf(scheme, "cpu_s").empty(),
                      scheme.ring != ring, scheme.name.size());
  };
  const Scheme *found = nullptr;
  for (const Scheme &scheme : schemes)
    if (sortedDims(scheme) == dims && holdsOver(scheme.ring, ring) &&
        (!found || order(scheme) < order(*found)))
      found = &scheme;
  return found;
}

std::string Page::summary() const {
  unsigned matchesAlphaTensor = 0, matchesBest = 0;
  for (const PublishedRanks &format : published.formats) {
    unsigned z2 = lowestRank(format.dims, Ring::Z2),
             z = lowestRank(format.dims, Ring::Z);
    matchesAlphaTensor +=
        z2 <= format.alphaTensorZ2 && z <= format.alphaTensorZ;
    matchesBest += z2 <= format.bestZ2 && z <= format.bestZ;
  }
  return fmt::format(
      "Of {0} formats, {1} have AlphaTensor's rank or a lower one over Z2 and "
      "over Z,\n{2} the best known rank over both.\n",
      published.formats.size(), matchesAlphaTensor, matchesBest);
}

std::string Page::rankRow(const Dims &dims, Ring ring, unsigned alphaTensor,
                          unsigned best) const {
  const Scheme *scheme = lowest(dims, ring);
  return fmt::format(
      "| {} | {} | {} | {} | {} | {} | {} | {} |\n", formatOf(dims),
      stringifyRing(ring).str(), scheme ? std::to_string(scheme->rank()) : "-",
      alphaTensor ? std::to_string(alphaTensor) : "", best,
      scheme ? "`" + scheme->name + "`" : "-",
      scheme ? secondsOf(*scheme) : "-", scheme ? originOf(*scheme) : "-");
}

/// Rows over Q stand only where fractions need fewer products.
std::string Page::rankTable() const {
  std::string text =
      "| m,k,n | ring | ours | AlphaTensor | best known | scheme | machine "
      "time | start, strategy |\n|---|---|---|---|---|---|---|---|\n";
  for (const PublishedRanks &format : published.formats) {
    const Dims &dims = format.dims;
    text += rankRow(dims, Ring::Z2, format.alphaTensorZ2, format.bestZ2);
    text += rankRow(dims, Ring::Z, format.alphaTensorZ, format.bestZ);
    if (format.bestQ < format.bestZ ||
        lowestRank(dims, Ring::Q) < lowestRank(dims, Ring::Z))
      text += rankRow(dims, Ring::Q, 0, format.bestQ);
  }
  return text;
}

std::string Page::costRow(const Scheme &scheme, unsigned additions) const {
  Additions own = sevenfold::additions(scheme, effort);
  Growth error = growth(scheme);
  return fmt::format(
      "| `{}` | {} | {} | {} | {} | {:g} | {:.1f} | {} | {} | {} |\n",
      scheme.name, stringifyRing(scheme.ring).str(), own.naive, own.cse,
      additions ? std::to_string(additions) : "", error.max, error.frobenius,
      toString(largestCoefficient(scheme)), secondsOf(scheme),
      originOf(scheme));
}

/// What can multiply real matrices, in the lowest rank of its ring.
std::string Page::costTable() const {
  std::string text =
      "| scheme | ring | additions | shared | fewest known | growth "
      "| Frobenius | largest coefficient | machine time | start, strategy |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const PublishedRanks &format : published.formats)
    for (const Scheme &scheme : schemes) {
      if (sortedDims(scheme) != format.dims || scheme.ring == Ring::Z2 ||
          scheme.rank() > lowestRank(format.dims, scheme.ring))
        continue;
      bool isComparable =
          scheme.ring == Ring::Z && scheme.rank() == format.bestZ;
      text += costRow(scheme, isComparable ? format.additions : 0);
    }
  return text;
}

std::string Page::write() {
  return "# Ranks\n\n"
         "Printed by `sevenfold scheme ranks`; not to be edited.\n"
         "`docs/Search.md` says how the schemes were found.\n\n" +
         summary() +
         "\nMachine time is the CPU time of the search that ended at the "
         "scheme, in seconds of\none core; what its start took is not in it. "
         "\"cited\" schemes are those of papers.\nA scheme over Z is also one "
         "over Z2.\n\n" +
         rankTable() + "\nAlphaTensor: " + published.alphaTensorSource +
         ".\n\nBest known: " + published.bestSource +
         ".\n\n"
         "## Costs\n\n"
         "Additions written out, and with shared sums; growth as in "
         "`docs/Schemes.md`. \"Fewest\nknown\" are the shared additions of the "
         "best published scheme of that rank over Z.\nA variant "
         "`-additions` or `-growth` is listed where it is better than the "
         "others of its\nformat in that respect. Published ranks over Z are "
         "those of coefficients -1, 0 and 1;\nwhere ours have a larger one, "
         "the table says so.\n\n" +
         costTable();
}

nlohmann::ordered_json Page::row(const Dims &dims, Ring ring,
                                 unsigned alphaTensor, unsigned best) const {
  nlohmann::ordered_json row = {
      {"dims", dims},    {"ring", stringifyRing(ring).str()},
      {"rank", nullptr}, {"alphatensor", nullptr},
      {"best", best},    {"scheme", nullptr}};
  if (alphaTensor)
    row["alphatensor"] = alphaTensor;
  const Scheme *scheme = lowest(dims, ring);
  if (!scheme)
    return row;
  Additions own = sevenfold::additions(*scheme, effort);
  row["rank"] = scheme->rank();
  row["scheme"] = scheme->name;
  row["additions"] = {{"naive", own.naive}, {"cse", own.cse}};
  row["growth"] = growth(*scheme).max;
  row["origin"] = originOf(*scheme);
  return row;
}

nlohmann::ordered_json Page::rows() const {
  auto array = nlohmann::ordered_json::array();
  for (const PublishedRanks &format : published.formats) {
    array.push_back(
        row(format.dims, Ring::Z2, format.alphaTensorZ2, format.bestZ2));
    array.push_back(
        row(format.dims, Ring::Z, format.alphaTensorZ, format.bestZ));
    array.push_back(row(format.dims, Ring::Q, 0, format.bestQ));
  }
  return array;
}

nlohmann::ordered_json sevenfold::ranksJson(llvm::ArrayRef<Scheme> schemes,
                                            const PublishedTable &published,
                                            MinimizerEffort effort) {
  return Page(schemes, published, effort).rows();
}

std::string sevenfold::ranksPage(llvm::ArrayRef<Scheme> schemes,
                                 const PublishedTable &published,
                                 MinimizerEffort effort) {
  return Page(schemes, published, effort).write();
}
