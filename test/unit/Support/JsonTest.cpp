//===- JsonTest.cpp - Strict JSON -------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the parser refuses, and the words it refuses it with.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Json.h"
#include "TemporaryFolder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

TEST(JsonTest, parsesAValue) {
  auto value = parseJson(R"({"a": [1, -2.5, "x", true, null]})", "text");
  ASSERT_TRUE(bool(value)) << llvm::toString(value.takeError());
  EXPECT_EQ(*value, (json{{"a", {1, -2.5, "x", true, nullptr}}}));
}

TEST(JsonTest, refusesMalformedText) {
  struct {
    const char *text, *expected;
  } cases[] = {
      {"", "f: line 1, column 1: "},
      {"{", "f: line 1, column 2: "},
      {"{\n  \"a\": 1,\n}", "f: line 3, column 1: "},
      {"[1, 2] x", "f: line 1, column 8: "},
      {"[NaN]", "f: line 1, column 2: "},
      {"[Infinity]", "f: line 1, column 2: "},
      {"[1e999]", "f: number overflow"},
      {"[01]", "f: line 1, column 3: "},
      {"{\"a\": \"\xff\"}", "f: line 1, column 8: "},
      {"{\"a\": 1, \"a\": 2}", "f: duplicate key 'a'"},
      {"{\"b\": {\"a\": 1, \"c\": [{}], \"a\": 2}}", "f: duplicate key 'a'"},
  };
  for (auto &[text, expected] : cases) {
    std::string error = errorOf(parseJson(text, "f"));
    EXPECT_EQ(error.substr(0, std::string(expected).size()), expected) << text;
    EXPECT_EQ(error.find('\n'), std::string::npos) << text;
  }
}

TEST(JsonTest, allowsAKeyInSeveralObjects) {
  EXPECT_EQ(errorOf(parseJson(R"([{"a": {"a": 1}}, {"a": 2}])", "f")), "");
}

TEST(JsonTest, boundsDepth) {
  std::string deepest(kMaxJsonDepth, '['), close(kMaxJsonDepth, ']');
  EXPECT_EQ(errorOf(parseJson(deepest + close, "f")), "");
  EXPECT_EQ(errorOf(parseJson("[" + deepest + close + "]", "f")),
            "f: nesting deeper than 64 levels");
  // A text that would overflow a recursive parser's stack.
  EXPECT_EQ(errorOf(parseJson(std::string(1'000'000, '['), "f")),
            "f: nesting deeper than 64 levels");
}

TEST(JsonTest, namesAMissingFile) {
  TemporaryFolder folder;
  std::string path = folder.file("none.json");
  EXPECT_EQ(errorOf(readJsonFile(path)),
            "cannot read '" + path + "': No such file or directory");
}

TEST(JsonTest, checksKeys) {
  json object = {{"a", 1}, {"b", 2}};
  EXPECT_EQ(errorOf(requireObject(object, "f", {"a"}, {"b", "c"})), "");
  EXPECT_EQ(errorOf(requireObject(object, "f", {"a", "z"}, {"b"})),
            "f: expected a key 'z'");
  EXPECT_EQ(errorOf(requireObject(object, "f", {"a"})), "f: unknown key 'b'");
  EXPECT_EQ(errorOf(requireObject(json::array(), "f", {})),
            "f: expected an object but got an array");
}

TEST(JsonTest, checksTypes) {
  json object = {{"text", "x"},  {"count", 7},     {"ratio", 0.5},
                 {"flag", true}, {"list", {1, 2}}, {"big", UINT64_MAX}};
  EXPECT_EQ(*getString(object, "text", "f"), "x");
  EXPECT_EQ(*getInteger(object, "count", "f", 0, 7), 7);
  EXPECT_EQ(*getNumber(object, "ratio", "f"), 0.5);
  EXPECT_EQ(*getNumber(object, "count", "f"), 7);
  EXPECT_TRUE(*getBoolean(object, "flag", "f"));
  EXPECT_EQ((*getArray(object, "list", "f"))->size(), 2u);

  EXPECT_EQ(errorOf(getString(object, "none", "f")),
            "f: expected a key 'none'");
  EXPECT_EQ(errorOf(getString(object, "count", "f")),
            "f: expected 'count' to be a string but got an integer");
  EXPECT_EQ(errorOf(getInteger(object, "ratio", "f")),
            "f: expected 'ratio' to be an integer but got a decimal number");
  EXPECT_EQ(errorOf(getInteger(object, "count", "f", 8, 9)),
            "f: expected 'count' between 8 and 9 but got 7");
  EXPECT_EQ(errorOf(getInteger(object, "big", "f", 0)),
            "f: expected 'big' between 0 and 9223372036854775807 but got "
            "18446744073709551615");
  EXPECT_EQ(errorOf(getNumber(object, "text", "f")),
            "f: expected 'text' to be a number but got a string");
  EXPECT_EQ(errorOf(getBoolean(object, "list", "f")),
            "f: expected 'list' to be a boolean but got an array");
  EXPECT_EQ(errorOf(getArray(object, "flag", "f")),
            "f: expected 'flag' to be an array but got a boolean");
  EXPECT_EQ(errorOf(getObject(object, "list", "f")),
            "f: expected 'list' to be an object but got an array");
  EXPECT_EQ(errorOf(getString(json(3), "a", "f")),
            "f: expected an object but got an integer");
}
