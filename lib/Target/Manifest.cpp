//===- Manifest.cpp - What a compiled library was made of -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writing, strict reading, and planning from a manifest.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/Manifest.h"

#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::ordered_json;

static constexpr const char *kFormat = "sevenfold-manifest/1";
static constexpr const char *kTf32 = "tf32", *kRecompute = "recompute";

static llvm::Expected<std::vector<std::string>> schemeHashes(const Plan &plan) {
  std::vector<std::string> hashes;
  for (const Level &level : plan.levels) {
    auto scheme = lookupScheme(level.scheme);
    if (!scheme)
      return scheme.takeError();
    hashes.push_back(contentHash(*scheme));
  }
  return hashes;
}

llvm::Expected<ManifestMatmul>
sevenfold::describeMatmul(const MatmulDecision &decision) {
  ManifestMatmul matmul;
  matmul.function = decision.function;
  matmul.location = decision.location;
  matmul.workload = decision.workload ? decision.workload->str() : "";
  matmul.plan = decision.answer.plan;
  matmul.range = decision.answer.range;
  matmul.reason = decision.answer.reason;
  matmul.record = decision.answer.record;
  if (!matmul.plan)
    return matmul;
  auto hashes = schemeHashes(*matmul.plan);
  if (!hashes)
    return hashes.takeError();
  matmul.schemeHashes = std::move(*hashes);
  auto numerics = planNumerics(*decision.workload, *matmul.plan);
  if (!numerics)
    return numerics.takeError();
  matmul.errorBound = numerics->relativeErrorBound;
  matmul.errorGrowth = numerics->errorGrowth;
  return matmul;
}

std::string sevenfold::manifestPath(llvm::StringRef library) {
  llvm::SmallString<128> path(library);
  llvm::sys::path::replace_extension(path, "manifest.json");
  return path.str().str();
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static ordered_json shapesToJson(const std::vector<BufferShape> &shapes) {
  ordered_json list = ordered_json::array();
  for (const BufferShape &shape : shapes) {
    ordered_json dims = ordered_json::array();
    auto next = shape.sizes.begin();
    for (int64_t dim : shape.dims) {
      if (dim == kAnySize)
        dims.push_back((next++)->str());
      else
        dims.push_back(dim);
    }
    list.push_back({{"type", stringifyElementType(shape.type).str()},
                    {"shape", std::move(dims)}});
    if (shape.isWritten)
      list.back()["written"] = true;
    if (shape.isStrided)
      list.back()["strided"] = true;
  }
  return list;
}

static void addOrigin(const FunctionOrigin &origin, ordered_json &function) {
  if (origin.record.empty())
    function["record"] = nullptr;
  else
    function["record"] = origin.record;
  if (!origin.reason.empty())
    function["reason"] = origin.reason;
  if (origin.share == SumSharing::Off)
    function["share_sums"] = false;
}

std::string sevenfold::manifestToJson(const Manifest &manifest) {
  ordered_json functions = ordered_json::array();
  for (const FunctionSignature &function : manifest.functions) {
    functions.push_back({{"name", function.name},
                         {"inputs", shapesToJson(function.inputs)},
                         {"outputs", shapesToJson(function.outputs)},
                         {"workspace_bytes", nullptr}});
    // Where sizes are dynamic, so is that.
    if (function.isStatic())
      functions.back()["workspace_bytes"] = function.workspaceBytes;
    auto origin = manifest.origins.find(function.name);
    if (origin != manifest.origins.end())
      addOrigin(origin->second, functions.back());
  }
  ordered_json matmuls = ordered_json::array();
  for (const ManifestMatmul &matmul : manifest.matmuls) {
    ordered_json entry = {{"function", matmul.function},
                          {"location", matmul.location},
                          {"workload", matmul.workload}};
    if (matmul.plan) {
      entry["plan"] = toJson(*matmul.plan);
      entry["scheme_hashes"] = matmul.schemeHashes;
      entry["error_bound"] = matmul.errorBound;
      entry["error_growth"] = matmul.errorGrowth;
      entry["record"] = matmul.record;
      if (matmul.range)
        entry["m"] = {matmul.range->least, matmul.range->greatest};
    } else {
      entry["plan"] = nullptr;
    }
    if (!matmul.reason.empty() || !matmul.plan)
      entry["reason"] = matmul.reason;
    matmuls.push_back(std::move(entry));
  }
  ordered_json weights = ordered_json::array();
  for (const BoundWeight &weight : manifest.weights) {
    weights.push_back({{"function", weight.function},
                       {"argument", weight.argument},
                       {"sha256", weight.hash}});
    if (weight.tile)
      weights.back()["tile"] = {{"tile", weight.tile->tile},
                                {"rank", weight.tile->rank},
                                {"flops_ratio", weight.tile->flopsRatio},
                                {"relative_error", weight.tile->relativeError}};
  }
  ordered_json json = {{"format", kFormat},
                       {"model", manifest.model},
                       {"model_sha256", manifest.modelHash},
                       {"tool", manifest.tool},
                       {"device", manifest.device},
                       {"lowering", manifest.lowering},
                       {"provider", manifest.provider},
                       {"instruction_sets", manifest.instructionSets},
                       {"share_sums", manifest.sums.share == SumSharing::On},
                       {"fold_weights", manifest.sums.foldBytes},
                       {"weights", std::move(weights)},
                       {"functions", std::move(functions)},
                       {"matmuls", std::move(matmuls)}};
  if (manifest.f32Products == F32Products::TF32)
    json["f32_products"] = kTf32;
  if (manifest.nonFinite == NonFinite::Recompute)
    json["non_finite"] = kRecompute;
  return json.dump(2) + "\n";
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static llvm::Expected<std::vector<BufferShape>>
shapesFromJson(const nlohmann::json &function, llvm::StringRef key,
               llvm::StringRef where) {
  auto list = getArray(function, key, where);
  if (!list)
    return list.takeError();
  std::vector<BufferShape> shapes;
  for (const nlohmann::json &entry : **list) {
    if (llvm::Error error = requireObject(entry, where, {"type", "shape"},
                                          {"written", "strided"}))
      return error;
    auto name = getString(entry, "type", where);
    if (!name)
      return name.takeError();
    std::optional<ElementType> type = parseStoredType(*name);
    if (!type)
      return makeError("{0}: unknown element type '{1}'", where, *name);
    auto dims = getArray(entry, "shape", where);
    if (!dims)
      return dims.takeError();
    BufferShape shape;
    shape.type = *type;
    for (auto [key, field] : {std::pair{"written", &shape.isWritten},
                              std::pair{"strided", &shape.isStrided}}) {
      if (!hasKey(entry, key))
        continue;
      auto value = getBoolean(entry, key, where);
      if (!value)
        return value.takeError();
      *field = *value;
    }
    int64_t elements = 1;
    for (const nlohmann::json &dim : **dims) {
      // manifest_c4: or an expression of the sizes of inputs.
      if (dim.is_string()) {
        auto size = SizeExpression::parse(dim.get<std::string>());
        if (!size)
          return makeError("{0}: {1}", where, llvm::toString(size.takeError()));
        shape.dims.push_back(kAnySize);
        shape.sizes.push_back(std::move(*size));
        continue;
      }
      // manifest_c1: sizes whose product can be held in memory.
      if (!dim.is_number_integer() || dim.get<int64_t>() < 0 ||
          __builtin_mul_overflow(elements, dim.get<int64_t>(), &elements) ||
          elements > (int64_t(1) << 42))
        return makeError("{0}: 'shape' must list sizes of a buffer", where);
      shape.dims.push_back(dim.get<int64_t>());
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

static llvm::Expected<FunctionSignature>
functionFromJson(const nlohmann::json &json, llvm::StringRef where) {
  if (llvm::Error error = requireObject(
          json, where, {"name", "inputs", "outputs", "workspace_bytes"},
          {"record", "reason", "share_sums"}))
    return error;
  FunctionSignature function;
  auto name = getString(json, "name", where);
  if (!name)
    return name.takeError();
  function.name = *name;
  auto inputs = shapesFromJson(json, "inputs", where);
  if (!inputs)
    return inputs.takeError();
  function.inputs = std::move(*inputs);
  auto outputs = shapesFromJson(json, "outputs", where);
  if (!outputs)
    return outputs.takeError();
  function.outputs = std::move(*outputs);
  if (function.isStatic()) {
    auto bytes = getInteger(json, "workspace_bytes", where, 0);
    if (!bytes)
      return bytes.takeError();
    function.workspaceBytes = *bytes;
  }
  return function;
}

/// Where a function's choices come from, where that is told.
static llvm::Error readOrigin(const nlohmann::json &json, llvm::StringRef where,
                              Manifest &manifest) {
  if (!hasKey(json, "record"))
    return llvm::Error::success();
  FunctionOrigin &origin = manifest.origins[manifest.functions.back().name];
  std::pair<const char *, std::string *> texts[] = {{"record", &origin.record},
                                                    {"reason", &origin.reason}};
  for (auto [key, field] : texts) {
    if (!hasKey(json, key) || json[key].is_null())
      continue;
    auto text = getString(json, key, where);
    if (!text)
      return text.takeError();
    *field = *text;
  }
  if (!hasKey(json, "share_sums"))
    return llvm::Error::success();
  auto share = getBoolean(json, "share_sums", where);
  if (!share)
    return share.takeError();
  origin.share = *share ? SumSharing::On : SumSharing::Off;
  return llvm::Error::success();
}

static llvm::Expected<ManifestMatmul> matmulFromJson(const nlohmann::json &json,
                                                     llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(json, where, {"location", "workload", "plan"},
                        {"function", "reason", "record", "scheme_hashes",
                         "error_bound", "error_growth", "m"}))
    return error;
  ManifestMatmul matmul;
  std::pair<const char *, std::string *> texts[] = {
      {"function", &matmul.function},
      {"reason", &matmul.reason},
      {"record", &matmul.record}};
  for (auto [key, field] : texts) {
    if (!hasKey(json, key))
      continue;
    auto text = getString(json, key, where);
    if (!text)
      return text.takeError();
    *field = *text;
  }
  auto location = getString(json, "location", where);
  if (!location)
    return location.takeError();
  matmul.location = *location;
  auto workload = getString(json, "workload", where);
  if (!workload)
    return workload.takeError();
  matmul.workload = *workload;
  if (json["plan"].is_null())
    return matmul;
  auto plan = planFromJson(json["plan"]);
  if (!plan)
    return makeError("{0}: {1}", where, llvm::toString(plan.takeError()));
  matmul.plan = std::move(*plan);
  if (hasKey(json, "m")) {
    // manifest_c5: a range is two sizes, the lesser one first.
    auto range = getArray(json, "m", where);
    if (!range)
      return range.takeError();
    auto isSize = [](const nlohmann::json &size) {
      return size.is_number_integer() && size >= 1 && size <= kMaxDimension;
    };
    if ((*range)->size() != 2 || !isSize((**range)[0]) ||
        !isSize((**range)[1]) || (**range)[0] > (**range)[1])
      return makeError("{0}: 'm' must be a range of sizes", where);
    matmul.range = SizeRange{(**range)[0], (**range)[1]};
  }
  auto hashes = getArray(json, "scheme_hashes", where);
  if (!hashes)
    return hashes.takeError();
  for (const nlohmann::json &hash : **hashes) {
    if (!hash.is_string())
      return makeError("{0}: 'scheme_hashes' must list strings", where);
    matmul.schemeHashes.push_back(hash.get<std::string>());
  }
  return matmul;
}

/// What is told of the operator that an argument became, if it did.
static llvm::Expected<std::optional<BoundTile>>
tileFromJson(const nlohmann::json &weight, llvm::StringRef where) {
  if (!hasKey(weight, "tile"))
    return std::nullopt;
  auto object = getObject(weight, "tile", where);
  if (!object)
    return object.takeError();
  if (llvm::Error error = requireObject(
          **object, where, {"tile", "rank", "flops_ratio", "relative_error"}))
    return error;
  BoundTile tile;
  for (auto [key, value] :
       {std::pair{"tile", &tile.tile}, std::pair{"rank", &tile.rank}}) {
    auto number = getInteger(**object, key, where, 1, kMaxSchemeRank);
    if (!number)
      return number.takeError();
    *value = static_cast<unsigned>(*number);
  }
  for (auto [key, value] : {std::pair{"flops_ratio", &tile.flopsRatio},
                            std::pair{"relative_error", &tile.relativeError}}) {
    auto number = getNumber(**object, key, where);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  return tile;
}

/// What manifests had not from the start.
static llvm::Error readSums(const nlohmann::json &json, llvm::StringRef where,
                            Manifest &manifest) {
  if (hasKey(json, "instruction_sets")) {
    auto sets = getString(json, "instruction_sets", where);
    if (!sets)
      return sets.takeError();
    manifest.instructionSets = *sets;
  }
  if (hasKey(json, "share_sums")) {
    if (!json["share_sums"].is_boolean())
      return makeError("{0}: expected 'share_sums' to be true or false", where);
    manifest.sums.share =
        json["share_sums"].get<bool>() ? SumSharing::On : SumSharing::Off;
  }
  if (hasKey(json, "fold_weights")) {
    auto bytes = getInteger(json, "fold_weights", where, 0);
    if (!bytes)
      return bytes.takeError();
    manifest.sums.foldBytes = *bytes;
  }
  if (!hasKey(json, "weights"))
    return llvm::Error::success();
  auto list = getArray(json, "weights", where);
  if (!list)
    return list.takeError();
  for (const nlohmann::json &entry : **list) {
    if (llvm::Error error = requireObject(
            entry, where, {"function", "argument", "sha256"}, {"tile"}))
      return error;
    auto function = getString(entry, "function", where);
    if (!function)
      return function.takeError();
    auto argument = getInteger(entry, "argument", where, 0);
    if (!argument)
      return argument.takeError();
    auto hash = getString(entry, "sha256", where);
    if (!hash)
      return hash.takeError();
    auto tile = tileFromJson(entry, where);
    if (!tile)
      return tile.takeError();
    manifest.weights.push_back(
        {*function, static_cast<unsigned>(*argument), *hash, *tile});
  }
  return llvm::Error::success();
}

static llvm::Error readProducts(const nlohmann::json &json,
                                llvm::StringRef where, Manifest &manifest) {
  if (hasKey(json, "non_finite")) {
    auto word = getString(json, "non_finite", where);
    if (!word)
      return word.takeError();
    if (*word != kRecompute)
      return makeError("{0}: expected 'non_finite' to be '{1}' but got '{2}'",
                       where, kRecompute, *word);
    manifest.nonFinite = NonFinite::Recompute;
  }
  if (!hasKey(json, "f32_products"))
    return llvm::Error::success();
  auto products = getString(json, "f32_products", where);
  if (!products)
    return products.takeError();
  if (*products != kTf32)
    return makeError("{0}: expected 'f32_products' to be '{1}' but got '{2}'",
                     where, kTf32, *products);
  manifest.f32Products = F32Products::TF32;
  return llvm::Error::success();
}

llvm::Expected<Manifest> sevenfold::readManifest(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, path,
                        {"format", "model", "model_sha256", "tool", "device",
                         "lowering", "provider", "functions", "matmuls"},
                        {"instruction_sets", "share_sums", "fold_weights",
                         "weights", "f32_products", "non_finite"}))
    return error;
  Manifest manifest;
  if (llvm::Error error = readProducts(*json, path, manifest))
    return error;
  if (llvm::Error error = readSums(*json, path, manifest))
    return error;
  std::pair<const char *, std::string *> texts[] = {
      {"model", &manifest.model},       {"model_sha256", &manifest.modelHash},
      {"tool", &manifest.tool},         {"device", &manifest.device},
      {"lowering", &manifest.lowering}, {"provider", &manifest.provider}};
  for (auto [key, field] : texts) {
    auto text = getString(*json, key, path);
    if (!text)
      return text.takeError();
    *field = *text;
  }
  auto format = getString(*json, "format", path);
  if (!format)
    return format.takeError();
  if (*format != kFormat)
    return makeError("{0}: expected format '{1}' but got '{2}'", path, kFormat,
                     *format);
  auto functions = getArray(*json, "functions", path);
  if (!functions)
    return functions.takeError();
  for (const nlohmann::json &entry : **functions) {
    auto function = functionFromJson(entry, path);
    if (!function)
      return function.takeError();
    manifest.functions.push_back(std::move(*function));
    if (llvm::Error error = readOrigin(entry, path, manifest))
      return error;
  }
  auto matmuls = getArray(*json, "matmuls", path);
  if (!matmuls)
    return matmuls.takeError();
  for (const nlohmann::json &entry : **matmuls) {
    auto matmul = matmulFromJson(entry, path);
    if (!matmul)
      return matmul.takeError();
    manifest.matmuls.push_back(std::move(*matmul));
  }
  return manifest;
}

llvm::Error sevenfold::checkModel(const Manifest &manifest,
                                  llvm::StringRef model) {
  auto hash = sha256HexOfFile(model);
  if (!hash)
    return hash.takeError();
  if (*hash == manifest.modelHash)
    return llvm::Error::success();
  return makeError("'{0}' is not the model the manifest was written for: "
                   "expected SHA-256 {1} but got {2}",
                   model, manifest.modelHash, *hash);
}

llvm::Error sevenfold::checkWeights(const Manifest &manifest,
                                    llvm::ArrayRef<BoundWeight> weights) {
  auto find = [](llvm::ArrayRef<BoundWeight> list, const BoundWeight &weight) {
    auto *found = llvm::find_if(list, [&](const BoundWeight &other) {
      return other.function == weight.function &&
             other.argument == weight.argument;
    });
    return found == list.end() ? nullptr : found;
  };
  for (const BoundWeight &expected : manifest.weights) {
    const BoundWeight *found = find(weights, expected);
    if (!found)
      return makeError("the manifest was written with argument {0} of '{1}' as "
                       "a constant: give its file with {2}",
                       expected.argument, expected.function,
                       expected.tile ? "--tile" : "--weight");
    if (found->hash != expected.hash)
      return makeError("the weights for argument {0} of '{1}' are not those "
                       "the manifest was written with: expected SHA-256 {2} "
                       "but got {3}",
                       expected.argument, expected.function, expected.hash,
                       found->hash);
  }
  for (const BoundWeight &weight : weights)
    if (!find(manifest.weights, weight))
      return makeError("the manifest was written with argument {0} of '{1}' as "
                       "an argument, not as a constant",
                       weight.argument, weight.function);
  return llvm::Error::success();
}

llvm::Expected<FunctionPlans>
sevenfold::manifestPlans(const Manifest &manifest) {
  // Manifests of before functions had records name no functions.
  auto answers = std::make_shared<
      std::map<std::pair<std::string, std::string>, PlanAnswer>>();
  // Plans for ranges, with the function and the workload at the end.
  struct Ranged {
    std::string function;
    Workload workload;
    PlanAnswer answer;
  };
  auto ranged = std::make_shared<std::vector<Ranged>>();
  for (const ManifestMatmul &matmul : manifest.matmuls) {
    PlanAnswer answer{matmul.plan, matmul.reason, matmul.record, {}, {}};
    if (matmul.plan) {
      auto hashes = schemeHashes(*matmul.plan);
      if (!hashes)
        return hashes.takeError();
      if (*hashes != matmul.schemeHashes)
        return makeError("{0}: a scheme of plan '{1}' is not the one the "
                         "manifest was written with",
                         matmul.location, matmul.plan->str());
    }
    if (matmul.range) {
      auto workload = Workload::parse(matmul.workload);
      if (!workload)
        return workload.takeError();
      answer.range = matmul.range;
      ranged->push_back({matmul.function, *workload, std::move(answer)});
      continue;
    }
    (*answers)[{matmul.function, matmul.workload}] = std::move(answer);
  }
  return FunctionPlans([answers, ranged](llvm::StringRef name) {
    auto answer = [answers, function = name.str()](const Workload &workload) {
      for (const std::string &place : {function, std::string()}) {
        auto it = answers->find({place, workload.str()});
        if (it != answers->end())
          return it->second;
      }
      return PlanAnswer{{}, "not in the manifest", {}, {}, {}};
    };
    auto table = [ranged, function = name.str()](const Workload &family,
                                                 SizeRange) {
      std::vector<PlanAnswer> plans;
      for (const Ranged &entry : *ranged)
        if (entry.function == function && entry.workload.isOfFamily(family))
          plans.push_back(entry.answer);
      return plans;
    };
    return PlanSource(answer, table);
  });
}
