//===- DeviceProfileFile.cpp - Device profiles as JSON --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads profiles strictly: what device.schema.json refuses is an error that
// names the place.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/DeviceProfile.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;
using nlohmann::json;

static constexpr llvm::StringLiteral kFormat = "sevenfold-device/1";
static constexpr size_t kMaxNameLength = 64;
static constexpr size_t kMaxTiles = 64;
static constexpr int64_t kMaxTileSide = 1 << 16;
static constexpr int64_t kMaxCores = 1 << 20;
static constexpr int64_t kMaxBytes = int64_t(1) << 53;

/// What has figures of its own; integers have none.
static constexpr ElementType kTypes[] = {ElementType::F32, ElementType::F64,
                                         ElementType::TF32, ElementType::F16,
                                         ElementType::BF16};

namespace {
/// Reads a profile and keeps the first error.
class Reader {
public:
  Reader(const json &object, llvm::StringRef where)
      : object(object), where(where) {}

  llvm::Expected<DeviceProfile> read() {
    check(
        requireObject(object, where,
                      {"format", "name", "product", "cores", "peaks", "memory"},
                      {"$schema", "architecture", "kind", "cache", "tiles",
                       "matrix_unit", "launch"}));
    for (auto step :
         {&Reader::head, &Reader::cores, &Reader::peaks, &Reader::memory,
          &Reader::cache, &Reader::tiles, &Reader::units, &Reader::launch})
      if (message.empty())
        (this->*step)();
    if (!message.empty())
      return makePlainError(message);
    return std::move(profile);
  }

private:
  void head();
  void cores();
  void peaks();
  void memory();
  void cache();
  void tiles();
  void units();
  void launch();

  /// The object of a group, with its source noted; null where it is missing
  /// or wrong.
  const json *group(llvm::StringRef key,
                    llvm::ArrayRef<llvm::StringRef> required,
                    llvm::ArrayRef<llvm::StringRef> optional = {});
  std::string in(llvm::StringRef key) const {
    return llvm::formatv("{0}: {1}", where, key);
  }
  double positive(const json &from, llvm::StringRef key,
                  const std::string &place);
  /// Integers of an array of `count`, each a side of a tile.
  std::vector<int64_t> sides(const json &value, size_t count,
                             const std::string &place);

  template <class T> T take(llvm::Expected<T> value) {
    if (value)
      return std::move(*value);
    check(value.takeError());
    return T();
  }
  void check(llvm::Error error) {
    std::string text = llvm::toString(std::move(error));
    if (message.empty())
      message = text;
  }

  const json &object;
  llvm::StringRef where;
  DeviceProfile profile;
  std::string message;
};
} // namespace

const json *Reader::group(llvm::StringRef key,
                          llvm::ArrayRef<llvm::StringRef> required,
                          llvm::ArrayRef<llvm::StringRef> optional) {
  if (!hasKey(object, key))
    return nullptr;
  const json &value = object[key.str()];
  llvm::SmallVector<llvm::StringRef> known(optional);
  known.append({"source", "assumed"});
  check(requireObject(value, in(key), required, known));
  if (!message.empty())
    return nullptr;
  bool assumed = hasKey(value, "assumed");
  if (assumed == hasKey(value, "source")) {
    check(makeError("{0}: expected either 'source' or 'assumed'", in(key)));
    return nullptr;
  }
  std::string text =
      take(getString(value, assumed ? "assumed" : "source", in(key)));
  if (message.empty() && text.empty())
    check(makeError("{0}: expected a source that is not empty", in(key)));
  profile.sources.push_back({key.str(), text, assumed});
  return message.empty() ? &value : nullptr;
}

double Reader::positive(const json &from, llvm::StringRef key,
                        const std::string &place) {
  double value = take(getNumber(from, key, place));
  if (message.empty() && !(value > 0 && std::isfinite(value)))
    check(makeError("{0}: expected '{1}' above 0", place, key));
  return value;
}

std::vector<int64_t> Reader::sides(const json &value, size_t count,
                                   const std::string &place) {
  bool wrong = !value.is_array() || value.size() != count;
  std::vector<int64_t> found;
  for (size_t i = 0; !wrong && i < count; ++i) {
    wrong = !value[i].is_number_unsigned() || value[i] < 1 ||
            value[i] > kMaxTileSide;
    if (!wrong)
      found.push_back(value[i].get<int64_t>());
  }
  if (wrong)
    check(makeError("{0}: expected {1} integers from 1 to {2}", place, count,
                    kMaxTileSide));
  found.resize(count, 1);
  return found;
}

void Reader::head() {
  std::string format = take(getString(object, "format", where));
  if (message.empty() && format != kFormat)
    return check(makeError("{0}: expected format '{1}' but got '{2}'", where,
                           kFormat, llvm::StringRef(format).take_front(48)));
  profile.name = take(getString(object, "name", where));
  bool plain = !profile.name.empty() && profile.name.size() <= kMaxNameLength &&
               profile.name.front() != '-' &&
               llvm::all_of(profile.name, [](char c) {
                 return llvm::isDigit(c) || llvm::isLower(c) || c == '-';
               });
  if (message.empty() && !plain)
    return check(makeError("{0}: expected 'name' to be 1 to {1} small letters, "
                           "digits or '-', the first no '-'",
                           where, kMaxNameLength));
  profile.product = take(getString(object, "product", where));
  if (message.empty() && profile.product.empty())
    return check(
        makeError("{0}: expected a 'product' that is not empty", where));
  if (hasKey(object, "architecture"))
    profile.architecture =
        int(take(getInteger(object, "architecture", where, 10, 999)));
  if (hasKey(object, "kind"))
    profile.kind = take(getString(object, "kind", where));
}

void Reader::cores() {
  const json *value = group("cores", {"count"}, {"clock_hz"});
  if (!value)
    return;
  profile.cores = take(getInteger(*value, "count", in("cores"), 1, kMaxCores));
  if (hasKey(*value, "clock_hz"))
    profile.clockHertz = positive(*value, "clock_hz", in("cores"));
}

void Reader::peaks() {
  llvm::SmallVector<llvm::StringRef> names;
  for (ElementType type : kTypes)
    names.push_back(stringifyElementType(type));
  const json *value = group("peaks", {}, names);
  if (!value)
    return;
  for (ElementType type : kTypes)
    if (llvm::StringRef name = stringifyElementType(type); hasKey(*value, name))
      profile.peaks[type] = positive(*value, name, in("peaks"));
  if (message.empty() && profile.peaks.empty())
    check(makeError("{0}: expected the peak of one of {1}", in("peaks"),
                    llvm::join(names, ", ")));
}

void Reader::memory() {
  const json *value = group("memory", {"bytes", "bandwidth"});
  if (!value)
    return;
  profile.memoryBytes =
      take(getInteger(*value, "bytes", in("memory"), 1, kMaxBytes));
  profile.bandwidth = positive(*value, "bandwidth", in("memory"));
}

void Reader::cache() {
  const json *value = group("cache", {"bytes"}, {"bandwidth"});
  if (!value)
    return;
  profile.cacheBytes =
      take(getInteger(*value, "bytes", in("cache"), 1, kMaxBytes));
  if (hasKey(*value, "bandwidth"))
    profile.cacheBandwidth = positive(*value, "bandwidth", in("cache"));
}

void Reader::tiles() {
  const json *value = group("tiles", {"sizes"});
  const json *sizes =
      value ? take(getArray(*value, "sizes", in("tiles"))) : nullptr;
  if (!sizes)
    return;
  if (sizes->empty() || sizes->size() > kMaxTiles)
    return check(
        makeError("{0}: expected 1 to {1} 'sizes'", in("tiles"), kMaxTiles));
  for (size_t i = 0; i < sizes->size() && message.empty(); ++i) {
    std::vector<int64_t> tile = sides(
        (*sizes)[i], 2, llvm::formatv("{0}: sizes[{1}]", in("tiles"), i).str());
    profile.tiles.push_back({tile[0], tile[1]});
  }
}

void Reader::units() {
  llvm::SmallVector<llvm::StringRef> names;
  for (ElementType type : kTypes)
    names.push_back(stringifyElementType(type));
  const json *value = group("matrix_unit", {}, names);
  if (!value)
    return;
  for (ElementType type : kTypes) {
    llvm::StringRef name = stringifyElementType(type);
    if (!hasKey(*value, name))
      continue;
    std::vector<int64_t> unit =
        sides((*value)[name.str()], 3, in("matrix_unit") + ": " + name.str());
    profile.units[type] = {unit[0], unit[1], unit[2]};
  }
  if (message.empty() && profile.units.empty())
    check(makeError("{0}: expected the unit of one of {1}", in("matrix_unit"),
                    llvm::join(names, ", ")));
}

void Reader::launch() {
  const json *value = group("launch", {"seconds"});
  if (!value)
    return;
  profile.launchSeconds = take(getNumber(*value, "seconds", in("launch")));
  if (message.empty() && !(profile.launchSeconds >= 0))
    check(makeError("{0}: expected 'seconds' of at least 0", in("launch")));
}

llvm::Expected<DeviceProfile>
sevenfold::parseDeviceProfile(llvm::StringRef text, llvm::StringRef where) {
  auto parsed = parseJson(text, where);
  if (!parsed)
    return parsed.takeError();
  return Reader(*parsed, where).read();
}

llvm::Expected<DeviceProfile>
sevenfold::readDeviceProfile(llvm::StringRef path) {
  auto parsed = readJsonFile(path);
  if (!parsed)
    return parsed.takeError();
  return Reader(*parsed, path).read();
}

json sevenfold::toJson(const DeviceProfile &profile) {
  json object = {{"format", kFormat.str()},
                 {"name", profile.name},
                 {"product", profile.product}};
  if (profile.architecture > 0)
    object["architecture"] = profile.architecture;
  if (!profile.kind.empty())
    object["kind"] = profile.kind;
  object["cores"]["count"] = profile.cores;
  if (profile.clockHertz > 0)
    object["cores"]["clock_hz"] = profile.clockHertz;
  for (const auto &[type, peak] : profile.peaks)
    object["peaks"][stringifyElementType(type).str()] = peak;
  object["memory"] = {{"bytes", profile.memoryBytes},
                      {"bandwidth", profile.bandwidth}};
  if (profile.cacheBytes > 0)
    object["cache"]["bytes"] = profile.cacheBytes;
  if (profile.cacheBandwidth > 0)
    object["cache"]["bandwidth"] = profile.cacheBandwidth;
  for (const DeviceProfile::Tile &tile : profile.tiles)
    object["tiles"]["sizes"].push_back({tile.m, tile.n});
  for (const auto &[type, unit] : profile.units)
    object["matrix_unit"][stringifyElementType(type).str()] = {unit.m, unit.n,
                                                               unit.k};
  // The group is there where somebody says something of it.
  for (const DeviceProfile::Source &source : profile.sources) {
    if (source.group == "launch")
      object["launch"]["seconds"] = profile.launchSeconds;
    object[source.group][source.assumed ? "assumed" : "source"] = source.text;
  }
  return object;
}
