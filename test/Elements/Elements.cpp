//===- Elements.cpp - Numbers as buffers have them ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats of 16 bits go through LLVM's, which are not the ones under test.
//
//===----------------------------------------------------------------------===//

#include "Elements.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstring>

using namespace sevenfold;

template <typename T> static T load(const char *place) {
  T value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

template <typename T> static void store(char *place, T value) {
  std::memcpy(place, &value, sizeof value);
}

static double widen(const llvm::fltSemantics &semantics, uint16_t bits) {
  return llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToDouble();
}

static uint16_t narrow(const llvm::fltSemantics &semantics, double wanted) {
  llvm::APFloat value(wanted);
  bool losesInfo;
  value.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return uint16_t(value.bitcastToAPInt().getZExtValue());
}

double sevenfold::loadElement(ElementType type, const char *place) {
  switch (type) {
  case ElementType::F32:
  case ElementType::TF32:
    return load<float>(place);
  case ElementType::F64:
    return load<double>(place);
  case ElementType::F16:
    return widen(llvm::APFloat::IEEEhalf(), load<uint16_t>(place));
  case ElementType::BF16:
    return widen(llvm::APFloat::BFloat(), load<uint16_t>(place));
  case ElementType::I1:
    return load<uint8_t>(place);
  case ElementType::I8:
    return load<int8_t>(place);
  case ElementType::I16:
    return load<int16_t>(place);
  case ElementType::I32:
    return load<int32_t>(place);
  case ElementType::I64:
    return double(load<int64_t>(place));
  }
  llvm_unreachable("all element types are listed");
}

void sevenfold::storeElement(ElementType type, char *place, double wanted) {
  auto whole = [&] {
    return std::isnan(wanted) ? int64_t(-1) : int64_t(wanted);
  };
  switch (type) {
  case ElementType::F32:
  case ElementType::TF32:
    return store(place, float(wanted));
  case ElementType::F64:
    return store(place, wanted);
  case ElementType::F16:
    return store(place, narrow(llvm::APFloat::IEEEhalf(), wanted));
  case ElementType::BF16:
    return store(place, narrow(llvm::APFloat::BFloat(), wanted));
  case ElementType::I1:
    return store(place, uint8_t(whole()));
  case ElementType::I8:
    return store(place, int8_t(whole()));
  case ElementType::I16:
    return store(place, int16_t(whole()));
  case ElementType::I32:
    return store(place, int32_t(whole()));
  case ElementType::I64:
    return store(place, whole());
  }
  llvm_unreachable("all element types are listed");
}
