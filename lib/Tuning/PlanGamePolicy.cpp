//===- PlanGamePolicy.cpp - What was learned of the plan game -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file of a policy, and which tables a policy may be judged on.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanGamePolicy.h"

#include "EmbeddedPolicy.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

static constexpr llvm::StringLiteral kFormat = "sevenfold-plan-policy/1";

static constexpr std::pair<const char *, double BeliefDeviations::*> kParts[] =
    {{"shared", &BeliefDeviations::shared},
     {"provider", &BeliefDeviations::provider},
     {"kind", &BeliefDeviations::kind},
     {"own", &BeliefDeviations::own},
     {"noise", &BeliefDeviations::noise}};

json sevenfold::toJson(const PlanGamePolicy &policy) {
  json belief = json::object(), tables = json::array();
  for (auto [key, part] : kParts)
    belief[key] = policy.belief.*part;
  for (const LearnedTable &table : policy.tables)
    tables.push_back({{"workload", table.workload}, {"device", table.device}});
  json object = {{"format", kFormat.str()},
                 {"features", planFeatureVersion()},
                 {"value", policy.value.toJson()},
                 {"belief", std::move(belief)},
                 {"provenance",
                  {{"date", policy.date},
                   {"games", policy.games},
                   {"tables", std::move(tables)}}}};
  if (policy.moves)
    object["moves"] = policy.moves->toJson();
  return object;
}

static llvm::Expected<BeliefDeviations> beliefFrom(const json &object,
                                                   const std::string &where) {
  if (llvm::Error error = requireObject(
          object, where, {"shared", "provider", "kind", "own", "noise"}))
    return error;
  BeliefDeviations belief;
  for (auto [key, part] : kParts) {
    auto number = getNumber(object, key, where);
    if (!number)
      return number.takeError();
    if (!(*number > 0 && *number < 1))
      return makeError("{0}: expected '{1}' between 0 and 1", where, key);
    belief.*part = *number;
  }
  return belief;
}

static llvm::Error readProvenance(const json &object, const std::string &where,
                                  PlanGamePolicy &policy) {
  if (llvm::Error error =
          requireObject(object, where, {"date", "games", "tables"}))
    return error;
  auto date = getString(object, "date", where);
  if (!date)
    return date.takeError();
  policy.date = *date;
  auto games = getInteger(object, "games", where, 0);
  if (!games)
    return games.takeError();
  policy.games = *games;
  auto tables = getArray(object, "tables", where);
  if (!tables)
    return tables.takeError();
  for (const json &table : **tables) {
    if (llvm::Error error = requireObject(table, where, {"workload", "device"}))
      return error;
    auto workload = getString(table, "workload", where);
    if (!workload)
      return workload.takeError();
    auto device = getString(table, "device", where);
    if (!device)
      return device.takeError();
    policy.tables.push_back({*workload, *device});
  }
  return llvm::Error::success();
}

llvm::Expected<PlanGamePolicy>
sevenfold::planGamePolicyFromJson(const json &object, llvm::StringRef where) {
  if (llvm::Error error = requireObject(
          object, where,
          {"format", "features", "value", "belief", "provenance"}, {"moves"}))
    return error;
  auto format = getString(object, "format", where);
  if (!format)
    return format.takeError();
  if (*format != kFormat)
    return makeError("{0}: expected format '{1}' but got '{2}'", where, kFormat,
                     *format);
  auto features = getString(object, "features", where);
  if (!features)
    return features.takeError();
  if (*features != planFeatureVersion())
    return makeError(
        "{0}: learned of plans that were described otherwise "
        "('{1}', now '{2}'); 'sevenfold tune learn' makes a new one",
        where, *features, planFeatureVersion());
  PlanGamePolicy policy;
  auto value = PlanValue::fromJson(object["value"], (where + ": value").str());
  if (!value)
    return value.takeError();
  policy.value = std::move(*value);
  auto belief = beliefFrom(object["belief"], (where + ": belief").str());
  if (!belief)
    return belief.takeError();
  policy.belief = *belief;
  if (hasKey(object, "moves")) {
    auto moves =
        MovePolicy::fromJson(object["moves"], (where + ": moves").str());
    if (!moves)
      return moves.takeError();
    policy.moves = std::move(*moves);
  }
  if (llvm::Error error = readProvenance(
          object["provenance"], (where + ": provenance").str(), policy))
    return error;
  return policy;
}

llvm::Expected<PlanGamePolicy> sevenfold::shippedPlanGamePolicy() {
  const EmbeddedFile &shipped = embeddedPolicies().front();
  std::string where = "the policy that is shipped";
  auto object = parseJson(shipped.text, where);
  return object ? planGamePolicyFromJson(*object, where)
                : llvm::Expected<PlanGamePolicy>(object.takeError());
}

//===----------------------------------------------------------------------===//
// What a policy may be judged on
//===----------------------------------------------------------------------===//

std::string sevenfold::shapeOf(const Workload &workload) {
  return llvm::formatv("{0}x{1}x{2}", workload.m, workload.k, workload.n);
}

std::vector<PlanTable>
sevenfold::otherShapes(const Workload &held, llvm::ArrayRef<PlanTable> tables) {
  std::vector<PlanTable> others;
  llvm::copy_if(tables, std::back_inserter(others),
                [&](const PlanTable &table) {
                  return shapeOf(table.workload) != shapeOf(held);
                });
  return others;
}

std::string sevenfold::processorOf(const DeviceTraits &device) {
  // Family, model and stepping stand between the name and what the machine
  // makes of the processor.
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(device.hardware).split(words, ' ', -1, /*KeepEmpty=*/false);
  for (size_t i = words.size(); i-- > 0;) {
    auto [family, rest] = words[i].split('-');
    auto [model, stepping] = rest.split('-');
    if (!family.empty() && llvm::all_of(family, llvm::isDigit) &&
        !model.empty() && llvm::all_of(model, llvm::isDigit))
      return llvm::join(llvm::ArrayRef(words).take_front(i), " ") + " " +
             family.str() + "-" + model.str();
  }
  return device.hardware;
}

std::vector<PlanTable>
sevenfold::otherProcessors(const DeviceTraits &held,
                           llvm::ArrayRef<PlanTable> tables) {
  std::vector<PlanTable> others;
  llvm::copy_if(tables, std::back_inserter(others),
                [&](const PlanTable &table) {
                  return processorOf(table.device) != processorOf(held);
                });
  return others;
}
