//===- ValidityTest.cpp - What a record depends on, and leaves out --------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Libraries that are at hand and not in a record's race.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Validity.h"

#include <gtest/gtest.h>

using namespace sevenfold;

namespace {

TEST(ValidityTest, ALibraryThatWasNeverRacedIsNamed) {
  Device device;
  for (const char *name : {"openblas", "onednn", "mkl"}) {
    ProviderInfo provider;
    provider.name = name;
    provider.version = "1.0 avx2";
    device.providers.push_back(provider);
  }
  Validity present = presentValidity(device);
  Record record;
  record.validity = recordValidity(present, {"onednn", "openblas", "codegen"});
  std::vector<std::string> measured = measuredProviders(record);
  EXPECT_EQ(measured, (std::vector<std::string>{"onednn", "openblas"}));
  EXPECT_EQ(unmeasuredProviders(present, measured),
            std::vector<std::string>{"mkl 1.0 avx2"});
  EXPECT_TRUE(
      unmeasuredProviders(present, {"mkl", "onednn", "openblas"}).empty());
}

} // namespace
