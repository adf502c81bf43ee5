//===- TargetTensorTest.cpp - What is to be decomposed --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensors, their obvious decompositions, lower bounds and hostile files.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/TargetTensor.h"

#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/File.h"

#include "llvm/Support/FileSystem.h"

#include "gtest/gtest.h"

using namespace sevenfold;

TEST(TargetTensorTest, FibresAreADecomposition) {
  for (Ring ring : {Ring::Z, Ring::Z2}) {
    TargetTensor target = matmulTensor(2, 3, 4, ring);
    Scheme scheme = fibreDecomposition(target);
    EXPECT_EQ(scheme.rank(), 24u);
    EXPECT_EQ(findWrongEntry(target, scheme), "");
    scheme.w.at(3, 0).numerator += 1;
    EXPECT_NE(findWrongEntry(target, scheme), "");
  }
}

TEST(TargetTensorTest, LowerBounds) {
  auto bound = [](unsigned m, unsigned k, unsigned n) {
    return rankLowerBound(matmulTensor(m, k, n, Ring::Z2));
  };
  EXPECT_EQ(bound(1, 5, 3), 15u);
  EXPECT_EQ(bound(2, 2, 2), 7u);
  EXPECT_EQ(bound(2, 3, 2), 11u);
  EXPECT_EQ(bound(4, 2, 2), 14u);
  EXPECT_EQ(bound(3, 3, 3), 19u);
  EXPECT_EQ(bound(4, 4, 4), 34u);
  // None lies above what is known to be possible.
  for (const Scheme &scheme : catalogue())
    EXPECT_LE(bound(scheme.m, scheme.k, scheme.n), scheme.rank())
        << scheme.name;
}

namespace {
struct TensorFile : testing::Test {
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("tensor", "json", path));
  }
  void TearDown() override { llvm::sys::fs::remove(path); }

  std::string read(llvm::StringRef text) {
    llvm::cantFail(writeFileAtomically(path, text));
    auto tensor = readTensor(path);
    if (!tensor)
      return llvm::toString(tensor.takeError());
    last = *tensor;
    return "";
  }

  llvm::SmallString<128> path;
  TargetTensor last;
};
} // namespace

TEST_F(TensorFile, Reads) {
  EXPECT_EQ(read(R"({"format": "sevenfold-tensor/1", "ring": "Z",
                     "shape": [1, 2, 2], "values": [1, 0, -3, 2]})"),
            "");
  EXPECT_EQ(last.at(0, 1, 0), -3);
  EXPECT_FALSE(last.isMatmul());
  Scheme scheme = fibreDecomposition(last);
  EXPECT_EQ(scheme.rank(), 2u);
  EXPECT_EQ(findWrongEntry(last, scheme), "");
}

TEST_F(TensorFile, RefusesWhatIsNone) {
  const char *wrong[] = {
      "",
      "[]",
      R"({"format": "sevenfold-tensor/2", "ring": "Z", "shape": [1,1,1],
          "values": [1]})",
      R"({"format": "sevenfold-tensor/1", "ring": "R", "shape": [1,1,1],
          "values": [1]})",
      R"({"format": "sevenfold-tensor/1", "ring": "Z", "shape": [1,1],
          "values": [1]})",
      R"({"format": "sevenfold-tensor/1", "ring": "Z",
          "shape": [4000000000,4000000000,1], "values": [1]})",
      R"({"format": "sevenfold-tensor/1", "ring": "Z", "shape": [1,1,2],
          "values": [1]})",
      R"({"format": "sevenfold-tensor/1", "ring": "Z2", "shape": [1,1,1],
          "values": [2]})",
      R"({"format": "sevenfold-tensor/1", "ring": "Z", "shape": [1,1,1],
          "values": [1.5]})",
      R"({"format": "sevenfold-tensor/1", "ring": "Z", "shape": [1,1,1],
          "values": [1], "more": 1})"};
  for (const char *text : wrong) {
    std::string message = read(text);
    EXPECT_NE(message.find(path.str().str()), std::string::npos) << text;
    EXPECT_EQ(message.find('\n'), std::string::npos) << text;
  }
}
