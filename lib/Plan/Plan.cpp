//===- Plan.cpp - How a matrix multiplication is carried out --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The words of a plan, and its JSON and one-line forms.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Plan.h"

#include "sevenfold/Plan/Provider.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

llvm::StringRef sevenfold::stringifyExecution(Execution execution) {
  switch (execution) {
  case Execution::Breadth:
    return "breadth";
  case Execution::Depth:
    return "depth";
  case Execution::Fused:
    return "fused";
  }
  llvm_unreachable("all executions are listed");
}

std::optional<Execution> sevenfold::parseExecution(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<Execution>>(text)
      .Case("breadth", Execution::Breadth)
      .Case("depth", Execution::Depth)
      .Case("fused", Execution::Fused)
      .Default(std::nullopt);
}

llvm::StringRef sevenfold::stringifyRagged(Ragged ragged) {
  return ragged == Ragged::Peel ? "peel" : "pad";
}

std::optional<Ragged> sevenfold::parseRagged(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<Ragged>>(text)
      .Case("peel", Ragged::Peel)
      .Case("pad", Ragged::Pad)
      .Default(std::nullopt);
}

llvm::StringRef sevenfold::stringifyScaling(Scaling scaling) {
  return scaling == Scaling::Rows ? "rows" : "none";
}

std::optional<Scaling> sevenfold::parseScaling(llvm::StringRef text) {
  return llvm::StringSwitch<std::optional<Scaling>>(text)
      .Case("none", Scaling::None)
      .Case("rows", Scaling::Rows)
      .Default(std::nullopt);
}

bool Level::operator==(const Level &other) const {
  return scheme == other.scheme && execution == other.execution &&
         composed == other.composed;
}

bool Plan::operator==(const Plan &other) const {
  return levels == other.levels && provider == other.provider &&
         slab == other.slab && together == other.together &&
         ragged == other.ragged && scaling == other.scaling;
}

bool Plan::hasFusedLevel() const {
  return !levels.empty() && levels.back().execution == Execution::Fused;
}

std::string Plan::str() const {
  std::string kernel = provider.empty() ? "any provider" : provider;
  if (slab != 0)
    kernel += " in slabs of " + std::to_string(slab);
  if (together)
    kernel += ", products together";
  if (levels.empty())
    return "classical; " + kernel;
  std::string text;
  for (const Level &level : levels) {
    text += level.scheme + "/" + stringifyExecution(level.execution).str();
    if (&level != &levels.back())
      text += level.composed ? " * " : ", ";
  }
  return text + "; " + kernel + "; " + stringifyRagged(ragged).str() +
         (scaling == Scaling::Rows ? "; rows scaled" : "");
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

nlohmann::json sevenfold::toJson(const Plan &plan) {
  nlohmann::json levels = nlohmann::json::array();
  for (const Level &level : plan.levels) {
    nlohmann::json entry = {
        {"scheme", level.scheme},
        {"execution", stringifyExecution(level.execution).str()}};
    if (level.composed)
      entry["composed"] = true;
    levels.push_back(std::move(entry));
  }
  nlohmann::json kernel = nlohmann::json::object();
  if (!plan.provider.empty())
    kernel["provider"] = plan.provider;
  if (plan.slab != 0)
    kernel["slab"] = plan.slab;
  if (plan.together)
    kernel["together"] = true;
  nlohmann::json json = {{"levels", std::move(levels)},
                         {"kernel", std::move(kernel)},
                         {"ragged", stringifyRagged(plan.ragged).str()}};
  if (plan.scaling != Scaling::None)
    json["scaling"] = stringifyScaling(plan.scaling).str();
  return json;
}

/// The level at `place`, such as "levels[0]".
static llvm::Expected<Level> levelFromJson(const nlohmann::json &json,
                                           const std::string &place) {
  Level level;
  if (llvm::Error error =
          requireObject(json, place, {"scheme", "execution"}, {"composed"}))
    return error;
  auto scheme = getString(json, "scheme", place);
  if (!scheme)
    return scheme.takeError();
  if (scheme->empty())
    return makeError("expected '{0}.scheme' to name a scheme", place);
  level.scheme = std::move(*scheme);
  auto word = getString(json, "execution", place);
  if (!word)
    return word.takeError();
  std::optional<Execution> execution = parseExecution(*word);
  if (!execution)
    return makeError("expected '{0}.execution' to be 'breadth', 'depth' or "
                     "'fused' but got '{1}'",
                     place, *word);
  level.execution = *execution;
  if (hasKey(json, "composed")) {
    auto composed = getBoolean(json, "composed", place);
    if (!composed)
      return composed.takeError();
    level.composed = *composed;
  }
  return level;
}

static llvm::Error readLevels(const nlohmann::json &json, Plan &plan) {
  auto levels = getArray(json, "levels", "plan");
  if (!levels)
    return levels.takeError();
  if ((*levels)->size() > kMaxLevels)
    return makeError("plan: expected at most {0} 'levels' but got {1}",
                     kMaxLevels, (*levels)->size());
  for (const nlohmann::json &entry : **levels) {
    auto level = levelFromJson(
        entry, "levels[" + std::to_string(plan.levels.size()) + "]");
    if (!level)
      return level.takeError();
    plan.levels.push_back(std::move(*level));
  }
  if (!plan.levels.empty() && plan.levels.back().composed)
    return makeError("expected 'levels[{0}].composed' to be false: no level "
                     "comes after it",
                     plan.levels.size() - 1);
  return llvm::Error::success();
}

static llvm::Error readKernel(const nlohmann::json &json, Plan &plan) {
  auto kernel = getObject(json, "kernel", "plan");
  if (!kernel)
    return kernel.takeError();
  if (llvm::Error error = requireObject(**kernel, "kernel", {},
                                        {"provider", "slab", "together"}))
    return error;
  if (hasKey(**kernel, "provider")) {
    auto provider = getString(**kernel, "provider", "kernel");
    if (!provider)
      return provider.takeError();
    if (!provider->empty() && !findProvider(*provider))
      return makeError("expected 'kernel.provider' to be {0} but got '{1}'",
                       listProviders([](const Provider &) { return true; }),
                       *provider);
    plan.provider = std::move(*provider);
  }
  if (hasKey(**kernel, "together")) {
    auto together = getBoolean(**kernel, "together", "kernel");
    if (!together)
      return together.takeError();
    if (*together && !plan.hasFusedLevel())
      return makeError(
          "expected 'kernel.together' to be of a plan with a fused "
          "level");
    plan.together = *together;
  }
  if (!hasKey(**kernel, "slab"))
    return llvm::Error::success();
  auto slab = getInteger(**kernel, "slab", "kernel");
  if (!slab)
    return slab.takeError();
  if (*slab < 1 || *slab > kMaxSlab || plan.provider != kCodegen)
    return makeError("expected 'kernel.slab' to be from 1 to {0}, and of "
                     "provider 'codegen'",
                     kMaxSlab);
  plan.slab = *slab;
  return llvm::Error::success();
}

llvm::Expected<Plan> sevenfold::planFromJson(const nlohmann::json &json) {
  Plan plan;
  if (llvm::Error error = requireObject(
          json, "plan", {}, {"levels", "kernel", "ragged", "scaling"}))
    return error;
  if (hasKey(json, "levels"))
    if (llvm::Error error = readLevels(json, plan))
      return error;
  if (hasKey(json, "kernel"))
    if (llvm::Error error = readKernel(json, plan))
      return error;
  if (hasKey(json, "scaling")) {
    auto word = getString(json, "scaling", "plan");
    if (!word)
      return word.takeError();
    std::optional<Scaling> scaling = parseScaling(*word);
    if (!scaling || (*scaling != Scaling::None && plan.levels.empty()))
      return makeError("expected 'scaling' to be 'none', or 'rows' of a plan "
                       "with levels, but got '{0}'",
                       *word);
    plan.scaling = *scaling;
  }
  if (!hasKey(json, "ragged"))
    return plan;
  auto word = getString(json, "ragged", "plan");
  if (!word)
    return word.takeError();
  std::optional<Ragged> ragged = parseRagged(*word);
  if (!ragged)
    return makeError("expected 'ragged' to be 'peel' or 'pad' but got '{0}'",
                     *word);
  plan.ragged = *ragged;
  return plan;
}

llvm::Expected<Plan> sevenfold::parsePlan(llvm::StringRef text) {
  auto json = parseJson(text, "plan");
  if (!json)
    return json.takeError();
  return planFromJson(*json);
}

llvm::Expected<Plan> sevenfold::readPlanFile(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  auto plan = planFromJson(*json);
  if (!plan)
    return makeError("{0}: {1}", path, llvm::toString(plan.takeError()));
  return plan;
}
