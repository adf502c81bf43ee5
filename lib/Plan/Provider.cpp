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

#include "llvm/ADT/STLExtras.h"

using namespace sevenfold;

static constexpr Provider kProviders[] = {
    {"onednn", true, false, false, SEVENFOLD_PROVIDER_ONEDNN},
    {"openblas", true, false, true, SEVENFOLD_PROVIDER_OPENBLAS},
    {"blis", true, false, true, SEVENFOLD_PROVIDER_BLIS},
    {"mkl", true, false, true, SEVENFOLD_PROVIDER_MKL},
    {kCublasLt, false, true, true, 0},
    {kCodegen, true, true, true, 0}};

bool Provider::multiplies(ElementType type) const {
  if (isGenerated())
    return true;
  if (type == ElementType::F64)
    return hasF64;
  return onGpu ? !isInteger(type) : hasLibraries(type);
}

llvm::ArrayRef<Provider> sevenfold::allProviders() { return kProviders; }

const Provider *sevenfold::findProvider(llvm::StringRef name) {
  for (const Provider &provider : kProviders)
    if (provider.name == name)
      return &provider;
  return nullptr;
}

std::string sevenfold::listProviders() {
  std::string text;
  for (const Provider &provider : kProviders)
    text += (text.empty()                         ? "'"
             : &provider == &std::end(kProviders)[-1] ? " or '"
                                                  : ", '") +
            provider.name.str() + "'";
  return text;
}
