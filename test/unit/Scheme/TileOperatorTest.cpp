//===- TileOperatorTest.cpp - Files of tile operators -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Round trips, and one line for every file that was tampered with.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/TileOperator.h"
#include "TestSchemes.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;
using nlohmann::json;

namespace {

/// A file in a folder that goes with the test.
class TileOperatorTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(
        llvm::sys::fs::createUniqueDirectory("sevenfold-tile", folder));
    path = file("layer.tile.json");
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string file(const char *name) {
    llvm::SmallString<128> joined(folder);
    llvm::sys::path::append(joined, name);
    return std::string(joined);
  }

  /// Strassen's scheme for a 5 x 6 weight of counted numbers.
  static TileOperator makeOperator() {
    TileOperator op;
    op.scheme = schemeNamed("2x2x2-r7");
    op.scheme.ring = Ring::R;
    op.layout = TileLayout::Tiles;
    op.inner = 5;
    op.columns = 6;
    op.sampleRows = 8;
    op.errorWeights = 0.25;
    op.errorHeldOut = 0.125;
    op.encoded = llvm::cantFail(makeNpyArray(ElementType::F32, {7, 3, 3}));
    op.bias = llvm::cantFail(makeNpyArray(ElementType::F32, {2, 6}));
    for (NpyArray *array : {&op.encoded, &*op.bias})
      for (int64_t i = 0; i < array->numElements(); ++i)
        static_cast<float *>(array->data())[i] = float(i) / 8;
    return op;
  }

  /// The error of reading the file after `edit` has been at its JSON.
  template <typename EditFn> std::string errorAfter(EditFn edit) {
    EXPECT_EQ(errorOf(writeTileOperator(makeOperator(), path)), "");
    json text = llvm::cantFail(readJsonFile(path));
    edit(text);
    EXPECT_EQ(errorOf(writeFileAtomically(path, text.dump())), "");
    std::string error = errorOf(readTileOperator(path));
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    return error;
  }

  llvm::SmallString<128> folder;
  std::string path;
};

} // namespace

TEST_F(TileOperatorTest, readsBackWhatItWrites) {
  TileOperator op = makeOperator();
  ASSERT_EQ(errorOf(writeTileOperator(op, path)), "");
  auto read = readTileOperator(path);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(read->scheme.u, op.scheme.u);
  EXPECT_EQ(read->scheme.w, op.scheme.w);
  EXPECT_EQ(read->layout, op.layout);
  EXPECT_EQ(read->inner, 5);
  EXPECT_EQ(read->columns, 6);
  EXPECT_EQ(read->sampleRows, 8);
  EXPECT_EQ(read->encoded.shape, op.encoded.shape);
  EXPECT_EQ(read->encoded.storage, op.encoded.storage);
  ASSERT_TRUE(read->bias);
  EXPECT_EQ(read->bias->storage, op.bias->storage);
  EXPECT_EQ(read->errorWeights, 0.25);
  EXPECT_EQ(read->error(), 0.125);
}

TEST_F(TileOperatorTest, countsWhatItCosts) {
  TileOperator op = makeOperator();
  EXPECT_DOUBLE_EQ(op.flopsRatio(), 7. / 8 + 7. / 6 + 7. / 5);
  EXPECT_DOUBLE_EQ(op.parametersRatio(), 63. / 30);
  // Strassen's Frobenius growth is the root of 80.
  EXPECT_DOUBLE_EQ(op.growth(), std::sqrt(80.) / 2);
}

TEST_F(TileOperatorTest, refusesArraysThatAreNotThoseItWasWrittenWith) {
  ASSERT_EQ(errorOf(writeTileOperator(makeOperator(), path)), "");
  auto other = llvm::cantFail(makeNpyArray(ElementType::F32, {7, 3, 3}));
  ASSERT_EQ(errorOf(writeNpy(file("layer.tile.npy"), other)), "");
  EXPECT_NE(errorOf(readTileOperator(path)).find("is not the array"),
            std::string::npos);
  llvm::sys::fs::remove(file("layer.tile.npy"));
  EXPECT_NE(errorOf(readTileOperator(path)).find("layer.tile.npy"),
            std::string::npos);
}

TEST_F(TileOperatorTest, refusesWhatDoesNotFitTogether) {
  EXPECT_NE(errorAfter([](json &j) {
              j["inner"] = 7;
            }).find("expected encoded weights f32[7, 4, 3]"),
            std::string::npos);
  EXPECT_NE(errorAfter([](json &j) {
              j["layout"] = "rows";
            }).find("expected 'layout' to be 'tiles' or 'blocks'"),
            std::string::npos);
  EXPECT_NE(
      errorAfter([](json &j) { j["sample_rows"] = -1; }).find("sample_rows"),
      std::string::npos);
  EXPECT_NE(errorAfter([](json &j) {
              j["error_held_out"] = -1;
            }).find("not negative"),
            std::string::npos);
  EXPECT_NE(errorAfter([](json &j) {
              j["format"] = "sevenfold-tile/9";
            }).find("sevenfold-tile/1"),
            std::string::npos);
  EXPECT_NE(errorAfter([](json &j) { j["more"] = 1; }).find("more"),
            std::string::npos);
  EXPECT_NE(errorAfter([](json &j) { j.erase("encoded"); }).find("encoded"),
            std::string::npos);
  EXPECT_NE(errorAfter([](json &j) {
              j["encoded"]["file"] = "../layer.tile.npy";
            }).find("expected the name of a file beside it"),
            std::string::npos);
  EXPECT_NE(
      errorAfter([](json &j) { j["scheme"]["u"][0].erase(0); }).find("'u[0]'"),
      std::string::npos);
}

TEST_F(TileOperatorTest, refusesNumbersThatAreNotFinite) {
  TileOperator op = makeOperator();
  static_cast<float *>(op.encoded.data())[11] = NAN;
  ASSERT_EQ(errorOf(writeTileOperator(op, path)), "");
  EXPECT_NE(errorOf(readTileOperator(path)).find("not finite"),
            std::string::npos);
}

TEST_F(TileOperatorTest, refusesRanksAboveTheClassicalOne) {
  TileOperator op = makeOperator();
  op.scheme.u = op.scheme.v = op.scheme.w = Factor(9, 4);
  op.encoded = llvm::cantFail(makeNpyArray(ElementType::F32, {9, 3, 3}));
  ASSERT_EQ(errorOf(writeTileOperator(op, path)), "");
  EXPECT_NE(errorOf(readTileOperator(path)).find("rank 9 is above 8"),
            std::string::npos);
}
