//===- TileOperator.cpp - A product by a learned scheme -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an operator costs, and the format "sevenfold-tile/1".
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/TileOperator.h"

#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;
using nlohmann::json;

static constexpr llvm::StringLiteral kFormat = "sevenfold-tile/1";

llvm::StringRef sevenfold::stringifyTileLayout(TileLayout layout) {
  return layout == TileLayout::Tiles ? "tiles" : "blocks";
}

std::optional<TileLayout> sevenfold::parseTileLayout(llvm::StringRef text) {
  for (TileLayout layout : {TileLayout::Tiles, TileLayout::Blocks})
    if (text == stringifyTileLayout(layout))
      return layout;
  return std::nullopt;
}

double TileOperator::flopsRatio() const {
  double t = tile(), r = rank();
  return r / (t * t * t) + r / double(columns) + r / double(inner);
}

double TileOperator::parametersRatio() const {
  return double(encoded.numElements()) / (double(inner) * double(columns));
}

double TileOperator::growth() const {
  return sevenfold::growth(scheme).frobenius / double(tile());
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static std::string arrayTextOf(const NpyArray &array) {
  return arrayText(array.type, array.shape);
}

static bool isFinite(const NpyArray &array) {
  for (int64_t i = 0, e = array.numElements(); i < e; ++i)
    if (!std::isfinite(array.type == ElementType::F32
                           ? static_cast<const float *>(array.data())[i]
                           : static_cast<const double *>(array.data())[i]))
      return false;
  return true;
}

std::string sevenfold::findTileMismatch(const TileOperator &op) {
  unsigned t = op.tile();
  if (op.scheme.k != t || op.scheme.n != t)
    return llvm::formatv(
        "expected a scheme of square tiles but got {0}x{1}x{2}", t, op.scheme.k,
        op.scheme.n);
  if (op.rank() > t * t * t)
    return llvm::formatv("rank {0} is above {1}, that of the classical product",
                         op.rank(), t * t * t);
  if (op.inner < 1 || op.columns < 1)
    return llvm::formatv("expected a weight that is not empty but got {0}x{1}",
                         op.inner, op.columns);
  if (op.encoded.type != ElementType::F32 &&
      op.encoded.type != ElementType::F64)
    return "expected encoded weights of f32 or f64 but got " +
           stringifyElementType(op.encoded.type).str();
  std::vector<int64_t> shape = {
      int64_t(op.rank()), int64_t(llvm::divideCeil(uint64_t(op.inner), t)),
      int64_t(llvm::divideCeil(uint64_t(op.columns), t))};
  if (op.encoded.shape != shape)
    return "expected encoded weights " + arrayText(op.encoded.type, shape) +
           " but got " + arrayTextOf(op.encoded);
  shape = {int64_t(t), op.columns};
  if (op.bias && (op.bias->type != op.encoded.type || op.bias->shape != shape))
    return "expected a bias " + arrayText(op.encoded.type, shape) +
           " but got " + arrayTextOf(*op.bias);
  if (!isFinite(op.encoded) || (op.bias && !isFinite(*op.bias)))
    return "the encoded weights have elements that are not finite";
  return "";
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// "layer.tile.npy" beside "layer.tile.json".
static std::string arrayPath(llvm::StringRef path, llvm::StringRef extension) {
  llvm::SmallString<256> name(path);
  llvm::sys::path::replace_extension(name, extension);
  return std::string(name);
}

/// Writes an array and returns what the JSON says of it.
static llvm::Expected<json> writeArray(const NpyArray &array,
                                       const std::string &path) {
  if (llvm::Error error = writeNpy(path, array))
    return error;
  auto hash = sha256HexOfFile(path);
  if (!hash)
    return hash.takeError();
  return json{{"file", llvm::sys::path::filename(path).str()},
              {"sha256", *hash}};
}

llvm::Error sevenfold::writeTileOperator(const TileOperator &op,
                                         llvm::StringRef path) {
  auto encoded = writeArray(op.encoded, arrayPath(path, ".npy"));
  if (!encoded)
    return encoded.takeError();
  nlohmann::ordered_json text = {
      {"format", kFormat.str()},
      {"layout", stringifyTileLayout(op.layout).str()},
      {"inner", op.inner},
      {"columns", op.columns},
      {"sample_rows", op.sampleRows},
      {"error_weights", op.errorWeights},
      {"encoded", *encoded}};
  if (op.errorHeldOut)
    text["error_held_out"] = *op.errorHeldOut;
  if (op.bias) {
    auto bias = writeArray(*op.bias, arrayPath(path, ".bias.npy"));
    if (!bias)
      return bias.takeError();
    text["bias"] = *bias;
  }
  text["scheme"] = json::parse(schemeToJson(op.scheme));
  return writeFileAtomically(path, text.dump(1) + "\n");
}

/// The array that an object of the file names, if it is the one it was.
static llvm::Expected<NpyArray>
readArray(const json &object, llvm::StringRef key, llvm::StringRef path) {
  auto entry = getObject(object, key, path);
  if (!entry)
    return entry.takeError();
  std::string where = llvm::formatv("{0}: '{1}'", path, key);
  if (llvm::Error error = requireObject(**entry, where, {"file", "sha256"}))
    return error;
  auto name = getString(**entry, "file", where);
  if (!name)
    return name.takeError();
  auto expected = getString(**entry, "sha256", where);
  if (!expected)
    return expected.takeError();
  if (name->empty() || llvm::sys::path::filename(*name) != *name)
    return makeError("{0}: expected the name of a file beside it but got '{1}'",
                     where, *name);
  llvm::SmallString<256> file(llvm::sys::path::parent_path(path));
  llvm::sys::path::append(file, *name);
  auto array = readNpy(file);
  if (!array)
    return array.takeError();
  auto hash = sha256HexOfFile(file);
  if (!hash)
    return hash.takeError();
  if (*hash != *expected)
    return makeError("{0} is not the array that {1} was written with: its "
                     "SHA-256 is {2}, expected {3}",
                     file, path, *hash, *expected);
  return array;
}

static llvm::Error readErrors(const json &object, llvm::StringRef path,
                              TileOperator &op) {
  auto weights = getNumber(object, "error_weights", path);
  if (!weights)
    return weights.takeError();
  op.errorWeights = *weights;
  if (hasKey(object, "error_held_out")) {
    auto heldOut = getNumber(object, "error_held_out", path);
    if (!heldOut)
      return heldOut.takeError();
    op.errorHeldOut = *heldOut;
  }
  if (op.errorWeights < 0 || op.error() < 0)
    return makeError("{0}: expected errors that are not negative", path);
  return llvm::Error::success();
}

static llvm::Error readShape(const json &object, llvm::StringRef path,
                             TileOperator &op) {
  constexpr int64_t kMost = int64_t(1) << 31;
  struct {
    llvm::StringRef key;
    int64_t &value;
    int64_t least;
  } sizes[] = {{"inner", op.inner, 1},
               {"columns", op.columns, 1},
               {"sample_rows", op.sampleRows, 0}};
  for (auto &[key, value, least] : sizes) {
    auto size = getInteger(object, key, path, least, kMost);
    if (!size)
      return size.takeError();
    value = *size;
  }
  auto word = getString(object, "layout", path);
  if (!word)
    return word.takeError();
  auto layout = parseTileLayout(*word);
  if (!layout)
    return makeError("{0}: expected 'layout' to be 'tiles' or 'blocks' but got "
                     "'{1}'",
                     path, *word);
  op.layout = *layout;
  return llvm::Error::success();
}

llvm::Expected<TileOperator> sevenfold::readTileOperator(llvm::StringRef path) {
  auto object = readJsonFile(path);
  if (!object)
    return object.takeError();
  if (llvm::Error error =
          requireObject(*object, path,
                        {"format", "layout", "inner", "columns", "sample_rows",
                         "error_weights", "encoded", "scheme"},
                        {"error_held_out", "bias"}))
    return error;
  auto format = getString(*object, "format", path);
  if (!format)
    return format.takeError();
  if (*format != kFormat)
    return makeError("{0}: expected 'format' to be '{1}' but got '{2}'", path,
                     kFormat, *format);
  TileOperator op;
  auto scheme =
      parseScheme((*object)["scheme"].dump(), path.str() + ": 'scheme'");
  if (!scheme)
    return scheme.takeError();
  op.scheme = std::move(*scheme);
  if (llvm::Error error = readShape(*object, path, op))
    return error;
  if (llvm::Error error = readErrors(*object, path, op))
    return error;
  auto encoded = readArray(*object, "encoded", path);
  if (!encoded)
    return encoded.takeError();
  op.encoded = std::move(*encoded);
  if (hasKey(*object, "bias")) {
    auto bias = readArray(*object, "bias", path);
    if (!bias)
      return bias.takeError();
    op.bias = std::move(*bias);
  }
  if (std::string mismatch = findTileMismatch(op); !mismatch.empty())
    return makeError("{0}: {1}", path, mismatch);
  return op;
}
