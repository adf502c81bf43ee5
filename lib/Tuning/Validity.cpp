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

using namespace sevenfold;

Validity sevenfold::presentValidity(const Device &device) {
  Validity present = {{"codegen", kCodegenVersion},
                      {"protocol", kProtocolVersion}};
  for (const ProviderInfo &provider : device.providers)
    present["provider:" + provider.name] = provider.version;
  if (device.gpu)
    present["driver"] = device.gpu->driver;
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
    keep("provider:" + provider);
  return validity;
}

QueryContext sevenfold::queryContext(const Device &device) {
  QueryContext context;
  context.hardware = device.fingerprint();
  context.lowering = device.lowering();
  context.threads = device.threads;
  context.present = presentValidity(device);
  return context;
}

QueryContext sevenfold::absentGpuContext(const std::string &hardware) {
  QueryContext context;
  context.hardware = hardware;
  context.lowering = kGpuLowering;
  context.threads = kGpuThreads;
  context.present = {{"codegen", kCodegenVersion},
                     {"protocol", kProtocolVersion}};
  context.presence = Presence::Partial;
  return context;
}
