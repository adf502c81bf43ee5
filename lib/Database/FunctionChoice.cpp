//===- FunctionChoice.cpp - What was chosen for a function ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON form of a choice, and its answers for products.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Database/FunctionChoice.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"

#include <nlohmann/json.hpp>

#include <set>

using namespace sevenfold;
using nlohmann::json;

static constexpr const char *kPlace = "record: choice";

bool FunctionChoice::hasPlans() const {
  return llvm::any_of(products, [](const ProductChoice &product) {
    return product.plan.has_value();
  });
}

const Plan *FunctionChoice::largestPlan() const {
  const ProductChoice *largest = nullptr;
  for (const ProductChoice &product : products)
    if (product.plan &&
        (!largest || product.workload.flops() > largest->workload.flops()))
      largest = &product;
  return largest ? &*largest->plan : nullptr;
}

std::string FunctionChoice::str() const {
  std::string text;
  std::set<std::string> told;
  for (const ProductChoice &product : products)
    if (told.insert(product.workload.str()).second)
      text += (text.empty() ? "" : "; ") + product.workload.str() + ": " +
              (product.plan ? product.plan->str() : "classical; " + provider);
  return text;
}

json sevenfold::toJson(const FunctionChoice &choice) {
  json products = json::array();
  for (const ProductChoice &product : choice.products)
    products.push_back(
        {{"workload", product.workload.str()},
         {"plan", product.plan ? toJson(*product.plan) : json(nullptr)},
         {"scheme_hashes", product.schemeHashes}});
  return {{"name", choice.name},
          {"products", std::move(products)},
          {"provider", choice.provider},
          {"share_sums", choice.sums.share == SumSharing::On},
          {"fold_weights", choice.sums.foldBytes}};
}

static llvm::Expected<ProductChoice> productFromJson(const json &value) {
  if (llvm::Error error =
          requireObject(value, kPlace, {"workload", "plan", "scheme_hashes"}))
    return error;
  ProductChoice product;
  auto text = getString(value, "workload", kPlace);
  if (!text)
    return text.takeError();
  auto workload = Workload::parse(*text);
  if (!workload)
    return makeError("{0}: {1}", kPlace, llvm::toString(workload.takeError()));
  product.workload = *workload;
  auto hashes = getString(value, "scheme_hashes", kPlace);
  if (!hashes)
    return hashes.takeError();
  product.schemeHashes = *hashes;
  if (value["plan"].is_null())
    return product;
  auto plan = planFromJson(value["plan"]);
  if (!plan)
    return makeError("{0}: {1}", kPlace, llvm::toString(plan.takeError()));
  product.plan = std::move(*plan);
  return product;
}

static llvm::Error checkProducts(const FunctionChoice &choice) {
  for (const ProductChoice &product : choice.products)
    for (const ProductChoice &other : choice.products)
      if (other.workload == product.workload && !(other.plan == product.plan))
        return makeError("{0}: expected one plan for all products '{1}'",
                         kPlace, product.workload.str());
  return llvm::Error::success();
}

llvm::Expected<FunctionChoice>
sevenfold::functionChoiceFromJson(const json &value) {
  if (llvm::Error error = requireObject(
          value, kPlace,
          {"name", "products", "provider", "share_sums", "fold_weights"}))
    return error;
  FunctionChoice choice;
  auto name = getString(value, "name", kPlace);
  if (!name)
    return name.takeError();
  choice.name = *name;
  auto provider = getString(value, "provider", kPlace);
  if (!provider)
    return provider.takeError();
  choice.provider = *provider;
  auto share = getBoolean(value, "share_sums", kPlace);
  if (!share)
    return share.takeError();
  choice.sums.share = *share ? SumSharing::On : SumSharing::Off;
  auto bytes = getInteger(value, "fold_weights", kPlace, 0);
  if (!bytes)
    return bytes.takeError();
  choice.sums.foldBytes = *bytes;
  auto products = getArray(value, "products", kPlace);
  if (!products)
    return products.takeError();
  for (const json &entry : **products) {
    auto product = productFromJson(entry);
    if (!product)
      return product.takeError();
    choice.products.push_back(std::move(*product));
  }
  if (llvm::Error error = checkProducts(choice))
    return error;
  return choice;
}

PlanSource sevenfold::choiceSource(FunctionChoice choice, std::string record,
                                   PlanSource others) {
  auto table = [others](const Workload &family, SizeRange range) {
    return others.plansFor(family, range);
  };
  auto best = [choice = std::move(choice), record = std::move(record),
               others = std::move(others)](const Workload &workload) {
    auto found = llvm::find_if(choice.products, [&](const ProductChoice &it) {
      return it.workload == workload;
    });
    if (found == choice.products.end())
      return others(workload);
    PlanAnswer answer;
    if (found->plan)
      answer.plan = found->plan;
    else
      answer = classicalAnswer(choice.provider,
                               "no plan was measured faster than " +
                                   choice.provider + " in the whole function");
    answer.record = record;
    return answer;
  };
  return {best, table};
}
