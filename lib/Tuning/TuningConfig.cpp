//===- TuningConfig.cpp - Every number of the tuner -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of fields, and configurations read from JSON by it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/TuningConfig.h"

#include "sevenfold/Measure/Statistics.h"
#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static TuningField integerField(const char *name, const char *help,
                                int64_t TuningConfig::*member, int64_t minimum,
                                int64_t maximum) {
  TuningField field;
  field.name = name;
  field.help = help;
  field.integer = member;
  field.minimum = double(minimum);
  field.maximum = double(maximum);
  return field;
}

static TuningField numberField(const char *name, const char *help,
                               double TuningConfig::*member, double minimum,
                               double maximum) {
  TuningField field;
  field.name = name;
  field.help = help;
  field.number = member;
  field.minimum = minimum;
  field.maximum = maximum;
  return field;
}

llvm::ArrayRef<TuningField> sevenfold::tuningFields() {
  using C = TuningConfig;
  static const TuningField fields[] = {
      integerField("max_levels", "most levels of a plan", &C::maxLevels, 1,
                   kMaxLevels),
      integerField("max_nested_rank",
                   "schemes of more products are tried as the only level",
                   &C::maxNestedRank, 1, kMaxSchemeRank),
      integerField("min_leaf", "least dimension of a smallest product",
                   &C::minLeaf, 1, 1 << 20),
      integerField("min_third_level_leaf", "the same for plans of three levels",
                   &C::minThirdLevelLeaf, 1, 1 << 20),
      numberField("max_ragged_fraction",
                  "most of a dimension that a plan may leave to its border",
                  &C::maxRaggedFraction, 0, 1),
      integerField("fairness_size",
                   "dimensions of the A/A check are at most this",
                   &C::fairnessSize, 1, 1 << 20),
      integerField("fairness_pairs",
                   "pairs of the A/A check; doubled twice where they disagree",
                   &C::fairnessPairs, 3, 10000),
      integerField("provider_pairs", "pairs of the race between providers",
                   &C::providerPairs, 1, 10000),
      integerField("first_pairs", "pairs of a candidate in the first rung",
                   &C::firstPairs, 1, 10000),
      integerField("keep_one_of", "of so many candidates a rung keeps one",
                   &C::keepOneOf, 2, 100),
      integerField("max_candidates", "most candidates in the first rung",
                   &C::maxCandidates, 1, 100000),
      integerField("exhaustive_pairs",
                   "pairs of every candidate in an exhaustive run",
                   &C::exhaustivePairs, 1, 10000),
      integerField("confirmation_pairs", "most pairs of a confirmation",
                   &C::confirmationPairs, kConfirmationPairs, 10000),
      numberField("confirmation_seconds",
                  "a confirmation takes fewer pairs, down to the protocol's "
                  "least, where it would last longer",
                  &C::confirmationSeconds, 0, 1e6),
      numberField("noisy_width",
                  "an interval wider than this that is no win says nothing",
                  &C::noisyWidth, 0, 10),
  };
  return fields;
}

nlohmann::json sevenfold::toJson(const TuningConfig &config) {
  nlohmann::json json = nlohmann::json::object();
  for (const TuningField &field : tuningFields()) {
    if (field.integer)
      json[field.name] = config.*field.integer;
    else
      json[field.name] = config.*field.number;
  }
  return json;
}

static llvm::Error readField(const nlohmann::json &json,
                             const TuningField &field, llvm::StringRef where,
                             TuningConfig &config) {
  if (field.integer) {
    auto value = getInteger(json, field.name, where, int64_t(field.minimum),
                            int64_t(field.maximum));
    if (!value)
      return value.takeError();
    config.*field.integer = *value;
    return llvm::Error::success();
  }
  auto value = getNumber(json, field.name, where);
  if (!value)
    return value.takeError();
  if (!(*value >= field.minimum && *value <= field.maximum))
    return makeError("{0}: expected '{1}' between {2} and {3} but got {4}",
                     where, field.name, field.minimum, field.maximum, *value);
  config.*field.number = *value;
  return llvm::Error::success();
}

llvm::Expected<TuningConfig>
sevenfold::tuningConfigFromJson(const nlohmann::json &json,
                                llvm::StringRef where) {
  std::vector<llvm::StringRef> known = {"$schema"};
  for (const TuningField &field : tuningFields())
    known.push_back(field.name);
  if (llvm::Error error = requireObject(json, where, {}, known))
    return error;
  TuningConfig config;
  for (const TuningField &field : tuningFields())
    if (hasKey(json, field.name))
      if (llvm::Error error = readField(json, field, where, config))
        return error;
  return config;
}

llvm::Expected<TuningConfig> sevenfold::readTuningConfig(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  return tuningConfigFromJson(*json, path);
}
