//===- SchemeFileTest.cpp - Reading and writing scheme files ----*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Round trips in every ring, and one line that names the place for every
// malformed file.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/SchemeFile.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Verify.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

namespace {

/// A correct file, to be spoilt.
json goodFile() {
  return {{"format", "sevenfold-scheme/1"},
          {"name", "1x2x1-r2"},
          {"dims", {1, 2, 1}},
          {"rank", 2},
          {"ring", "Z"},
          {"u", {{1, 0}, {0, 1}}},
          {"v", {{1, 0}, {0, 1}}},
          {"w", {{1}, {1}}},
          {"provenance", {{"source", "us"}, {"seed", 7}}}};
}

std::string parseError(const std::string &text) {
  std::string error = errorOf(parseScheme(text, "f"));
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  return error;
}

/// The error of the good file with the value at `pointer` replaced.
std::string errorWith(const char *pointer, json value) {
  json file = goodFile();
  file[json::json_pointer(pointer)] = std::move(value);
  return parseError(file.dump());
}

json filled(unsigned rows, unsigned columns) {
  return json(rows, json(columns, 0));
}

} // namespace

TEST(SchemeFileTest, readsAScheme) {
  auto scheme = parseScheme(goodFile().dump(), "f");
  ASSERT_TRUE(bool(scheme)) << llvm::toString(scheme.takeError());
  EXPECT_EQ(scheme->name, "1x2x1-r2");
  EXPECT_EQ(scheme->m, 1u);
  EXPECT_EQ(scheme->k, 2u);
  EXPECT_EQ(scheme->n, 1u);
  EXPECT_EQ(scheme->rank(), 2u);
  EXPECT_TRUE(verify(*scheme).exact);
  EXPECT_EQ(scheme->provenance, (Provenance{{"seed", "7"}, {"source", "us"}}));
}

TEST(SchemeFileTest, readsBackWhatItWrites) {
  Scheme scheme = classicalScheme(2, 3, 2);
  scheme.provenance = {{"quote", "\"\\\n\t\xc3\xa9"}, {"source", "a test"}};
  for (Ring ring : {Ring::Z, Ring::Q, Ring::Z2, Ring::R}) {
    scheme.ring = ring;
    if (ring == Ring::Q || ring == Ring::R)
      scheme.u.at(1, 2) = Rational{-1, 3};
    if (ring == Ring::Z2)
      scheme.u.at(1, 2) = Rational{1, 1};
    if (ring == Ring::R)
      scheme.v.at(0, 0) = *rationalFromDecimal(0.1);
    auto again = parseScheme(schemeToJson(scheme), "f");
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(again->ring, ring);
    EXPECT_EQ(again->u, scheme.u);
    EXPECT_EQ(again->v, scheme.v);
    EXPECT_EQ(again->w, scheme.w);
    EXPECT_EQ(again->provenance, scheme.provenance);
  }
}

TEST(SchemeFileTest, readsFractions) {
  json file = goodFile();
  file["ring"] = "Q";
  file["u"][0][0] = "2/8";
  file["u"][0][1] = "-3";
  auto scheme = parseScheme(file.dump(), "f");
  ASSERT_TRUE(bool(scheme)) << llvm::toString(scheme.takeError());
  EXPECT_EQ(scheme->u.at(0, 0), (Rational{1, 4}));
  EXPECT_EQ(scheme->u.at(0, 1), (Rational{-3, 1}));
}

TEST(SchemeFileTest, readsDecimalsInRingR) {
  json file = goodFile();
  file["ring"] = "R";
  file["u"][0][0] = 0.25;
  auto scheme = parseScheme(file.dump(), "f");
  ASSERT_TRUE(bool(scheme)) << llvm::toString(scheme.takeError());
  EXPECT_EQ(scheme->u.at(0, 0), (Rational{1, 4}));
}

static const std::string kNotAScheme =
    "f: expected a scheme as a JSON object with \"format\": "
    "\"sevenfold-scheme/1\" but got ";

TEST(SchemeFileTest, refusesMissingAndUnknownKeys) {
  for (const char *key :
       {"format", "name", "dims", "rank", "ring", "u", "v", "w"}) {
    json file = goodFile();
    file.erase(key);
    EXPECT_EQ(parseError(file.dump()),
              std::string(key) == "format"
                  ? kNotAScheme + "an object without 'format'"
                  : "f: expected a key '" + std::string(key) + "'");
  }
  EXPECT_EQ(errorWith("/ranks", 3), "f: unknown key 'ranks'");
  EXPECT_EQ(parseError("[]"), kNotAScheme + "an array");
  EXPECT_EQ(parseError("3"), kNotAScheme + "an integer");
}

TEST(SchemeFileTest, filesOfOtherFormatsAreToldWhatIsExpected) {
  EXPECT_EQ(parseError(" \n"), kNotAScheme + "an empty file");
  EXPECT_EQ(parseError("\x93NUMPY\x01"), kNotAScheme + "a NumPy array");
  EXPECT_EQ(parseError("{{1,0},{0,1}}"),
            kNotAScheme + "text of another format");
  EXPECT_EQ(parseError(std::string("\0\1", 2)), kNotAScheme + "binary data");
  // One of ours that is cut off has a place.
  EXPECT_NE(parseError(goodFile().dump().substr(0, 90)).find("line 1, column"),
            std::string::npos);
}

TEST(SchemeFileTest, refusesMalformedHeads) {
  struct {
    const char *pointer;
    json value;
    const char *expected;
  } cases[] = {
      {"/format", "sevenfold-scheme/2",
       "f: expected 'format' to be 'sevenfold-scheme/1' but got "
       "'sevenfold-scheme/2'"},
      {"/format", 1, "f: expected 'format' to be a string but got an integer"},
      {"/name", "", "f: expected 'name' to be 1 to 128 letters"},
      {"/name", "../../etc/passwd", "f: expected 'name' to be 1 to 128"},
      {"/name", ".hidden", "f: expected 'name' to be 1 to 128 letters"},
      {"/name", "a\nb", "f: expected 'name' to be 1 to 128 letters"},
      {"/name", std::string(129, 'a'), "f: expected 'name' to be 1 to 128"},
      {"/ring", "GF3",
       "f: expected 'ring' to be 'Z', 'Q', 'Z2' or 'R' but got "
       "'GF3'"},
      {"/ring", nullptr, "f: expected 'ring' to be a string but got null"},
      {"/dims", 3, "f: expected 'dims' to be an array but got an integer"},
      {"/dims", {1, 2}, "f: expected 'dims' to be [m, k, n] but got 2 entries"},
      {"/dims",
       {1, 2, 1, 1},
       "f: expected 'dims' to be [m, k, n] but got 4 entries"},
      {"/dims/0", 0,
       "f: expected 'dims[0]' to be an integer between 1 and 64 "
       "but got 0"},
      {"/dims/1", -2,
       "f: expected 'dims[1]' to be an integer between 1 and 64 "
       "but got -2"},
      {"/dims/2", 65,
       "f: expected 'dims[2]' to be an integer between 1 and 64 "
       "but got 65"},
      {"/dims/2", 1.0,
       "f: expected 'dims[2]' to be an integer between 1 and "
       "64 but got 1.0"},
      {"/dims/0", 4294967297,
       "f: expected 'dims[0]' to be an integer between "
       "1 and 64 but got 4294967297"},
      {"/dims/0", 1e300,
       "f: expected 'dims[0]' to be an integer between 1 and "
       "64 but got 1e+300"},
      {"/dims",
       {64, 64, 64},
       "f: expected 'dims' with at most 256 blocks an "
       "operand but got 4096"},
      {"/rank", 0, "f: expected 'rank' between 1 and 4096 but got 0"},
      {"/rank", -1, "f: expected 'rank' between 1 and 4096 but got -1"},
      {"/rank", 4097, "f: expected 'rank' between 1 and 4096 but got 4097"},
      {"/rank", UINT64_MAX,
       "f: expected 'rank' between 1 and 4096 but got "
       "18446744073709551615"},
      {"/rank", 2.5,
       "f: expected 'rank' to be an integer but got a decimal "
       "number"},
      {"/rank", "2", "f: expected 'rank' to be an integer but got a string"},
      {"/provenance",
       {1},
       "f: expected 'provenance' to be an object but got "
       "an array"},
  };
  for (auto &[pointer, value, expected] : cases) {
    std::string error = errorWith(pointer, value);
    EXPECT_EQ(error.substr(0, std::string(expected).size()), expected);
  }
}

TEST(SchemeFileTest, refusesMalformedFactors) {
  struct {
    const char *pointer;
    json value;
    const char *expected;
  } cases[] = {
      {"/u", "x", "f: expected 'u' to be an array but got a string"},
      {"/rank", 3, "f: expected 'u' to have 3 rows (the rank) but got 2"},
      {"/v", filled(1, 2),
       "f: expected 'v' to have 2 rows (the rank) but got "
       "1"},
      {"/w", filled(2, 2), "f: expected 'w[0]' to have 1 entries but got 2"},
      {"/u/1", {0}, "f: expected 'u[1]' to have 2 entries but got 1"},
      {"/u/1", 5, "f: expected 'u[1]' to be an array but got an integer"},
      {"/v/0/1", nullptr,
       "f: v[0][1]: expected an integer in ring Z but got "
       "null"},
      {"/v/0/1",
       {1},
       "f: v[0][1]: expected an integer in ring Z but got an "
       "array"},
      {"/w/1/0", "1/2",
       "f: w[1][0]: expected an integer in ring Z but got a "
       "string"},
      {"/u/0/0", 0.5,
       "f: u[0][0]: expected an integer in ring Z but got a "
       "decimal number"},
      {"/u/0/0", 1.0,
       "f: u[0][0]: expected an integer in ring Z but got a "
       "decimal number"},
      {"/u/0/0", true,
       "f: u[0][0]: expected an integer in ring Z but got a "
       "boolean"},
      {"/u/0/0", UINT64_MAX,
       "f: u[0][0]: expected an integer below 2^63 in "
       "magnitude but got 18446744073709551615"},
      {"/u/0/0", INT64_MIN,
       "f: u[0][0]: expected an integer below 2^63 in "
       "magnitude but got -9223372036854775808"},
  };
  for (auto &[pointer, value, expected] : cases)
    EXPECT_EQ(errorWith(pointer, value), expected);
  // An integer beyond 64 bits is a decimal number to JSON.
  std::string text = goodFile().dump();
  text.replace(text.find("\"u\":[[1"), 7, "\"u\":[[99999999999999999999");
  EXPECT_EQ(parseError(text), "f: u[0][0]: expected an integer in ring Z but "
                              "got a decimal number");
  text = goodFile().dump();
  text.replace(text.find("\"u\":[[1"), 7, "\"u\":[[NaN");
  EXPECT_NE(parseError(text).find("f: line 1, column "), std::string::npos);
}

TEST(SchemeFileTest, refusesCoefficientsOutsideTheRing) {
  struct {
    const char *ring;
    json value;
    const char *expected;
  } cases[] = {
      {"Z2", 2, "f: u[0][0]: expected 0 or 1 in ring Z2 but got 2"},
      {"Z2", -1, "f: u[0][0]: expected 0 or 1 in ring Z2 but got -1"},
      {"Z2", "1",
       "f: u[0][0]: expected an integer in ring Z2 but got a "
       "string"},
      {"Q", 0.5,
       "f: u[0][0]: expected an integer or a fraction string in ring "
       "Q but got a decimal number"},
      {"Q", "1/0",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got '1/0'"},
      {"Q", "1/-2",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got '1/-2'"},
      {"Q", "1/",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got '1/'"},
      {"Q", "",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got ''"},
      {"Q", "0.5",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got '0.5'"},
      {"Q", "1/2/3",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got '1/2/3'"},
      {"Q", "nan",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got 'nan'"},
      {"Q", "9223372036854775808",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit integers but "
       "got '9223372036854775808'"},
      {"R", 1e300,
       "f: u[0][0]: expected a number below 2^63 in magnitude but "
       "got 1e+300"},
      {"R", "inf",
       "f: u[0][0]: expected a fraction such as '1/8' of 64-bit "
       "integers but got 'inf'"},
      {"R", nullptr, "f: u[0][0]: expected a number in ring R but got null"},
  };
  for (auto &[ring, value, expected] : cases) {
    json file = goodFile();
    file["ring"] = ring;
    file["u"][0][0] = value;
    EXPECT_EQ(parseError(file.dump()), expected);
  }
}

TEST(SchemeFileTest, refusesEveryTruncation) {
  std::string text = goodFile().dump();
  for (size_t length = 0; length < text.size(); ++length)
    EXPECT_NE(parseError(text.substr(0, length)), "") << length;
}

TEST(SchemeFileTest, hashesTheContentAlone) {
  Scheme scheme = classicalScheme(1, 2, 1), other = scheme;
  EXPECT_EQ(contentHash(scheme).size(), 64u);
  other.name = "another";
  other.provenance.clear();
  EXPECT_EQ(contentHash(scheme), contentHash(other));
  other.ring = Ring::Q;
  EXPECT_NE(contentHash(scheme), contentHash(other));
  other = scheme;
  other.w.at(0, 0) = Rational{2, 1};
  EXPECT_NE(contentHash(scheme), contentHash(other));
  // The same numbers in another shape.
  EXPECT_NE(contentHash(classicalScheme(1, 2, 1)),
            contentHash(classicalScheme(2, 1, 1)));
}

TEST(SchemeFileTest, namesAnUnwritableFile) {
  EXPECT_EQ(errorOf(writeScheme(classicalScheme(1, 1, 2),
                                "/nonexistent-folder/a.json")),
            "cannot write '/nonexistent-folder/a.json': No such file or "
            "directory");
}
