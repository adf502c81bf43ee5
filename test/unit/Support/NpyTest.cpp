//===- NpyTest.cpp - NumPy array files --------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Round trips, files as NumPy writes them, and files nobody should write.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Npy.h"
#include "TemporaryFolder.h"
#include "sevenfold/Support/File.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace sevenfold;

namespace {

/// A file of the given version, header and data.
std::string npyBytes(llvm::StringRef header, llvm::StringRef data,
                     char major = 1, char minor = 0) {
  std::string bytes = "\x93NUMPY";
  bytes += {major, minor};
  bytes += {char(header.size() & 0xff), char(header.size() >> 8)};
  if (major > 1)
    bytes += {'\0', '\0'};
  return bytes + header.str() + data.str();
}

std::string readError(const std::string &bytes) {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  EXPECT_EQ(errorOf(writeFileAtomically(path, bytes)), "");
  std::string error = errorOf(readNpy(path));
  EXPECT_EQ(error.find('\n'), std::string::npos);
  size_t at = error.find(path);
  return at == std::string::npos ? error : error.replace(at, path.size(), "F");
}

} // namespace

TEST(NpyTest, readsBackWhatItWrites) {
  TemporaryFolder folder;
  for (ElementType type :
       {ElementType::F16, ElementType::F32, ElementType::F64, ElementType::I1,
        ElementType::I8, ElementType::I16, ElementType::I32, ElementType::I64})
    for (std::vector<int64_t> shape :
         {std::vector<int64_t>{}, {3}, {2, 3}, {2, 1, 5}, {0, 4}}) {
      auto array = makeNpyArray(type, shape);
      ASSERT_TRUE(bool(array));
      char *bytes = static_cast<char *>(array->data());
      for (uint64_t i = 0; i < array->numBytes(); ++i)
        bytes[i] = char(i * 7 + 1);
      std::string path = folder.file("a.npy");
      ASSERT_EQ(errorOf(writeNpy(path, *array)), "");
      auto read = readNpy(path);
      ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
      EXPECT_EQ(read->type, type);
      EXPECT_EQ(read->shape, shape);
      ASSERT_EQ(read->numBytes(), array->numBytes());
      if (array->numBytes() != 0) {
        EXPECT_EQ(std::memcmp(read->data(), array->data(), array->numBytes()),
                  0);
      }
    }
}

TEST(NpyTest, namesTypesAsFilesDo) {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  for (auto [type, descriptor] : {std::pair{ElementType::F16, "'<f2'"},
                                  std::pair{ElementType::I8, "'|i1'"},
                                  std::pair{ElementType::I32, "'<i4'"}}) {
    auto array = makeNpyArray(type, {4});
    ASSERT_TRUE(bool(array));
    ASSERT_EQ(errorOf(writeNpy(path, *array)), "");
    EXPECT_NE(llvm::cantFail(readFile(path, 4096)).find(descriptor),
              std::string::npos);
  }
  EXPECT_EQ(errorOf(makeNpyArray(ElementType::BF16, {4})),
            ".npy files have no element type 'bf16'");
}

TEST(NpyTest, alignsTheData) {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  double value = 1;
  ASSERT_EQ(errorOf(writeNpy(path, ElementType::F64, {1}, &value)), "");
  auto bytes = readFile(path, 1000);
  ASSERT_TRUE(bool(bytes));
  EXPECT_EQ((bytes->size() - 8) % 64, 0u);
  EXPECT_EQ((*bytes)[bytes->size() - 9], '\n');
}

TEST(NpyTest, readsBothVersionsAndAnyKeyOrder) {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  float values[] = {1, 2, 3, 4, 5, 6};
  llvm::StringRef data(reinterpret_cast<char *>(values), sizeof(values));
  std::string files[] = {
      npyBytes(
          "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n",
          data),
      npyBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
               data, 2),
      npyBytes("{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<f4\"}",
               data)};
  for (const std::string &bytes : files) {
    ASSERT_EQ(errorOf(writeFileAtomically(path, bytes)), "");
    auto array = readNpy(path);
    ASSERT_TRUE(bool(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(static_cast<const float *>(array->data())[5], 6);
  }
}

TEST(NpyTest, refusesOtherFiles) {
  std::string eight(8, 'x');
  struct {
    std::string bytes;
    const char *expected;
  } cases[] = {
      {"", "'F': expected a .npy file but got 0 bytes"},
      {std::string(100, 'x'),
       "'F': expected a .npy file but the first bytes are others"},
      {npyBytes("{}", "", 3), "'F': expected .npy version 1.0 or 2.0 but got "
                              "3.0"},
      {npyBytes("{}", ""), "'F': malformed .npy header: expected keys 'descr', "
                           "'fortran_order' and 'shape'"},
      {npyBytes("{'descr': '>f8', 'fortran_order': False, 'shape': (1,)}",
                eight),
       "'F': expected elements of type '<f2', '<f4', '<f8', '|b1', '|i1', "
       "'<i2', "
       "'<i4' or '<i8' but "
       "got '>f8'"},
      {npyBytes("{'descr': '<u8', 'fortran_order': False, 'shape': (1,)}",
                eight),
       "'F': expected elements of type '<f2', '<f4', '<f8', '|b1', '|i1', "
       "'<i2', "
       "'<i4' or '<i8' but "
       "got '<u8'"},
      {npyBytes("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': "
                "(1,)}",
                eight),
       "'F': malformed .npy header: expected a simple element type"},
      {npyBytes("{'descr': '<f8', 'fortran_order': True, 'shape': (1,)}",
                eight),
       "'F': expected row-major (C) order but got Fortran order"},
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
                eight),
       "'F': malformed .npy header: expected a dimension"},
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': "
                "(99999999999999999999,)}",
                eight),
       "'F': malformed .npy header: expected a dimension"},
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)",
                eight),
       "'F': malformed .npy header: expected ',' or '}'"},
      {npyBytes("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False}",
                eight),
       "'F': malformed .npy header: unknown or repeated key"},
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x",
                eight),
       "'F': malformed .npy header: unexpected text after the dictionary"},
      // Sizes whose product wraps around 64 bits, or is merely huge.
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': "
                "(4294967296, 4294967296)}",
                eight),
       "'F': an array of shape (4294967296, 4294967296) is too large"},
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000,)}",
                eight),
       "'F': expected 8000000 bytes of data for shape (1000000,) but got 8"},
      {npyBytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
                eight + "y"),
       "'F': expected 8 bytes of data for shape (1,) but got 9"},
  };
  for (auto &[bytes, expected] : cases)
    EXPECT_EQ(readError(bytes), expected);
}

TEST(NpyTest, refusesAHeaderBeyondTheFile) {
  std::string bytes = npyBytes("{}", "");
  bytes[8] = 100;
  EXPECT_EQ(readError(bytes), "'F': malformed .npy header: its length is 100");
}

TEST(NpyTest, refusesEveryTruncation) {
  TemporaryFolder folder;
  std::string path = folder.file("a.npy");
  double values[3] = {1, 2, 3};
  ASSERT_EQ(errorOf(writeNpy(path, ElementType::F64, {3}, values)), "");
  std::string bytes = *readFile(path, 1000);
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(readError(bytes.substr(0, length)), "") << length;
}
