//===- OptionsTest.cpp - Structs of options and their JSON ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integers and numbers in range are read; everything else is refused by name.
//
//===----------------------------------------------------------------------===//

#include "TemporaryFolder.h"

#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Options.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
struct Oven {
  int64_t minutes = 30;
  double degrees = 180;
};
} // namespace

static llvm::ArrayRef<OptionField<Oven>> ovenFields() {
  static const OptionField<Oven> fields[] = {
      {"minutes", "how long", &Oven::minutes, 1, 600},
      {"degrees", "how hot", &Oven::degrees, 0.5, 300},
  };
  return fields;
}

TEST(OptionsTest, WhatIsLeftOutKeepsItsDefault) {
  TemporaryFolder folder;
  std::string path = folder.file("oven.json");
  llvm::cantFail(
      writeFileAtomically(path, R"({"$schema": "s", "degrees": 200})"));
  Oven oven = llvm::cantFail(readOptions<Oven>(path, ovenFields()));
  EXPECT_EQ(oven.minutes, 30);
  EXPECT_EQ(oven.degrees, 200);
  EXPECT_EQ(toJson(bindOptions(oven, ovenFields())),
            nlohmann::json({{"minutes", 30}, {"degrees", 200.0}}));
}

TEST(OptionsTest, WrongValuesAreRefusedByName) {
  Oven oven;
  auto refusal = [&](const char *text) {
    return errorOf(readOptions(nlohmann::json::parse(text), "oven.json",
                               bindOptions(oven, ovenFields())));
  };
  EXPECT_EQ(refusal(R"({"minutes": 600, "degrees": 0.5})"), "");
  EXPECT_EQ(oven.minutes, 600);
  EXPECT_EQ(oven.degrees, 0.5);
  for (auto [text, name] :
       {std::pair{R"({"minutes": 601})", "'minutes'"},
        std::pair{R"({"minutes": 0})", "'minutes'"},
        std::pair{R"({"minutes": 1.5})", "'minutes'"},
        std::pair{R"({"degrees": 0.4})", "'degrees' between"},
        std::pair{R"({"degrees": 301})", "'degrees' between"},
        std::pair{R"({"degrees": "hot"})", "'degrees'"},
        std::pair{R"({"minute": 5})", "'minute'"},
        std::pair{"[]", "an object"}}) {
    std::string message = refusal(text);
    EXPECT_EQ(message.find("oven.json"), 0u) << text;
    EXPECT_NE(message.find(name), std::string::npos) << message;
  }
  EXPECT_EQ(oven.minutes, 600);
}

TEST(OptionsTest, AFileThatIsNotThereIsNamed) {
  EXPECT_NE(errorOf(readOptions<Oven>("nowhere/oven.json", ovenFields()))
                .find("nowhere/oven.json"),
            std::string::npos);
}
