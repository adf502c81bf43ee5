//===- Validity.cpp - What a record depends on ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Versions of the providers, the code generator and the protocol.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static constexpr llvm::StringLiteral kProviderKey = "provider:";

Validity sevenfold::presentValidity(const Device &device) {
  Validity present = {{"codegen", kCodegenVersion},
                      {"protocol", kProtocolVersion}};
  for (const ProviderInfo &provider : device.providers)
    present[kProviderKey.str() + provider.name] = provider.version;
  if (std::string driver = device.driver(); !driver.empty())
    present["driver"] = driver;
  return present;
}

Validity sevenfold::recordValidity(const Validity &present,
                                   llvm::ArrayRef<std::string> providers) {
  Validity validity;
  auto keep = [&](const std::string &key) {
    auto found = present.find(key);
    if (found != present.end())
      validity.insert(*found);
  };
  keep("codegen");
  keep("protocol");
  keep("driver");
  for (const std::string &provider : providers)
    keep(kProviderKey.str() + provider);
  return validity;
}

std::vector<std::string> sevenfold::measuredProviders(const Record &record) {
  std::vector<std::string> names;
  for (const auto &[key, version] : record.validity)
    if (llvm::StringRef name = key; name.consume_front(kProviderKey))
      names.push_back(name.str());
  auto text = record.provenance.find(kRaceKey);
  if (text == record.provenance.end())
    return names;
  auto race = nlohmann::json::parse(text->second, nullptr,
                                    /*allow_exceptions=*/false);
  if (race.is_object())
    for (const auto &entry : race.items())
      names.push_back(llvm::StringRef(entry.key()).split(' ').first.str());
  return names;
}

std::vector<std::string>
sevenfold::unmeasuredProviders(const Validity &present,
                               llvm::ArrayRef<std::string> measured) {
  std::vector<std::string> missing;
  for (const auto &[key, version] : present)
    if (llvm::StringRef name = key; name.consume_front(kProviderKey))
      if (!llvm::is_contained(measured, name))
        missing.push_back((name + " " + version).str());
  return missing;
}

QueryContext sevenfold::queryContext(const Device &device) {
  QueryContext context;
  context.hardware = device.fingerprint();
  context.lowering = device.lowering();
  context.threads = device.threads;
  context.present = presentValidity(device);
  return context;
}

QueryContext sevenfold::absentContext(const std::string &lowering,
                                      const std::string &hardware) {
  QueryContext context;
  context.hardware = hardware;
  context.lowering = lowering;
  context.threads = 1;
  context.present = {{"codegen", kCodegenVersion},
                     {"protocol", kProtocolVersion}};
  context.presence = Presence::Partial;
  return context;
}

/// "onednn 2.6.3 avx2"; the name alone of what has no version.
static std::string raceName(const std::string &name, const Device &device) {
  for (const ProviderInfo &provider : device.providers)
    if (provider.name == name)
      return name + " " + provider.version;
  return name;
}

std::string
sevenfold::describeRace(const std::map<std::string, double> &seconds,
                        const Device &device) {
  nlohmann::json race = nlohmann::json::object();
  for (const auto &[name, value] : seconds)
    race[raceName(name, device)] = value;
  return race.dump();
}

/// The race of one record; empty where it does not know all names.
static std::map<std::string, double> raceOf(const Record &record,
                                            llvm::ArrayRef<std::string> names,
                                            const Device &device) {
  std::map<std::string, double> seconds;
  auto text = record.provenance.find(kRaceKey);
  if (text == record.provenance.end())
    return seconds;
  auto race = nlohmann::json::parse(text->second, nullptr,
                                    /*allow_exceptions=*/false);
  for (const std::string &name : names) {
    auto found = race.find(raceName(name, device));
    if (!race.is_object() || found == race.end() || !found->is_number() ||
        !(found->get<double>() > 0))
      return {};
    seconds[name] = found->get<double>();
  }
  return seconds;
}

std::map<std::string, double>
sevenfold::knownRaceOf(llvm::ArrayRef<Record> records,
                       llvm::ArrayRef<std::string> names,
                       const Device &device) {
  for (const Record &record : llvm::reverse(records))
    if (auto seconds = raceOf(record, names, device); !seconds.empty())
      return seconds;
  return {};
}
