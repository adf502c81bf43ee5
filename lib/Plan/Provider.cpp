//===- Provider.cpp - Who multiplies blocks -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Provider.h"

#include "sevenfold/Runtime/Runtime.h"

#include "llvm/ADT/StringExtras.h"

#include <vector>

using namespace sevenfold;

static constexpr Provider kProviders[] = {
    {"onednn", OnHost, false, SEVENFOLD_PROVIDER_ONEDNN},
    {"openblas", OnHost, true, SEVENFOLD_PROVIDER_OPENBLAS},
    {"blis", OnHost, true, SEVENFOLD_PROVIDER_BLIS},
    {"mkl", OnHost, true, SEVENFOLD_PROVIDER_MKL},
    {kCublasLt, OnGpu, true, 0},
    {kXla, OnXla, true, 0},
    {kCodegen, OnHost | OnGpu, true, 0}};

bool Provider::multiplies(ElementType type) const {
  if (isGenerated())
    return true;
  if (type == ElementType::F64)
    return hasF64;
  if (isAt(OnXla))
    return true;
  return isAt(OnGpu) ? !isInteger(type) : hasLibraries(type);
}

llvm::ArrayRef<Provider> sevenfold::allProviders() { return kProviders; }

const Provider *sevenfold::findProvider(llvm::StringRef name) {
  for (const Provider &provider : kProviders)
    if (provider.name == name)
      return &provider;
  return nullptr;
}

std::string
sevenfold::listProviders(llvm::function_ref<bool(const Provider &)> takesPart) {
  std::vector<std::string> names;
  for (const Provider &provider : kProviders)
    if (takesPart(provider))
      names.push_back("'" + provider.name.str() + "'");
  std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : llvm::join(names, ", ") + " or " + last;
}
