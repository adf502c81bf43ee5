//===- TuningConfigTest.cpp - The tuner's configuration -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The shipped file says what the code does, and wrong files are refused.
//
//===----------------------------------------------------------------------===//

#include "../Support/OptionsFiles.h"

#include "sevenfold/Tuning/TuningConfig.h"

using namespace sevenfold;

static const std::string kFolder = SEVENFOLD_CONFIG_DIR "/tuning/";

TEST(TuningConfigTest, ShippedFilesSayWhatTheTableSays) {
  expectDefaultsIn<TuningConfig>(kFolder + "default.json", tuningFields());
  expectSchemaOf(kFolder + "tuning.schema.json", tuningFields());
}

TEST(TuningConfigTest, WrongFilesAreRefused) {
  auto errorOf = [](const char *text) {
    TuningConfig config;
    return llvm::toString(readOptions(nlohmann::json::parse(text), "c.json",
                                      bindOptions(config, tuningFields())));
  };
  EXPECT_EQ(errorOf("{}"), "");
  EXPECT_EQ(errorOf(R"({"first_pairs": 4})"), "");
  EXPECT_NE(errorOf(R"({"first_pair": 4})").find("first_pair"),
            std::string::npos);
  EXPECT_NE(errorOf(R"({"first_pairs": 0})").find("c.json"), std::string::npos);
  EXPECT_NE(errorOf(R"({"first_pairs": 1.5})"), "");
  EXPECT_NE(errorOf(R"({"noisy_width": -1})").find("noisy_width"),
            std::string::npos);
  // The protocol's least cannot be configured away.
  EXPECT_NE(errorOf(R"({"confirmation_seconds": -1})"), "");
  EXPECT_NE(errorOf("[]"), "");
}
