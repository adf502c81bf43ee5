//===- OptionsFiles.h - What files of options promise -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checks that shipped files and schemas say what a table of fields says.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_SUPPORT_OPTIONSFILES_H
#define SEVENFOLD_TEST_UNIT_SUPPORT_OPTIONSFILES_H

#include "sevenfold/Support/Options.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

#include <fstream>

namespace sevenfold {

/// The file can be read and has every field with its default.
template <class Options>
void expectDefaultsIn(const std::string &path,
                      llvm::ArrayRef<OptionField<Options>> fields,
                      Options defaults = {}) {
  auto read = readOptions<Options>(path, fields);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  nlohmann::json wanted = toJson(bindOptions(defaults, fields));
  EXPECT_EQ(toJson(bindOptions(*read, fields)), wanted);
  nlohmann::json file = nlohmann::json::parse(std::ifstream(path));
  for (const OptionField<Options> &field : fields)
    EXPECT_TRUE(file.contains(field.name)) << field.name;
}

/// The schema has the table's fields, with their ranges and defaults, and
/// nothing else.
template <class Options>
void expectSchemaOf(const std::string &path,
                    llvm::ArrayRef<OptionField<Options>> fields) {
  nlohmann::json schema = nlohmann::json::parse(std::ifstream(path));
  const nlohmann::json &properties = schema["properties"];
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(properties.size(), fields.size() + 1); // and $schema
  Options options;
  nlohmann::json defaults = toJson(bindOptions(options, fields));
  for (const OptionField<Options> &field : fields) {
    ASSERT_TRUE(properties.contains(field.name)) << field.name;
    const nlohmann::json &property = properties[field.name];
    EXPECT_EQ(property["type"], field.isInteger() ? "integer" : "number");
    EXPECT_EQ(property["description"], field.help) << field.name;
    EXPECT_EQ(property["minimum"].get<double>(), field.minimum) << field.name;
    EXPECT_EQ(property["maximum"].get<double>(), field.maximum) << field.name;
    EXPECT_EQ(property["default"], defaults[field.name]) << field.name;
  }
}

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_SUPPORT_OPTIONSFILES_H
