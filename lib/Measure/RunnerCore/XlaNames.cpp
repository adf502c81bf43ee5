//===- XlaNames.cpp - Names of XLA's devices ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a device of a plugin is in a database: known without LLVM.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/XlaDevice.h"

using namespace sevenfold;

std::string XlaDevice::fingerprint() const {
  std::string text = isProcessor() ? processor : kind;
  if (memoryBytes > 0 && !isProcessor())
    text +=
        " " + std::to_string((memoryBytes + (int64_t(1) << 29)) >> 30) + " GiB";
  if (cores > 1 && !isProcessor())
    text += " x" + std::to_string(cores);
  return text + " " + platform + " xla:" + sha256.substr(0, 16);
}
