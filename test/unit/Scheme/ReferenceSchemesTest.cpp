//===- ReferenceSchemesTest.cpp - Published schemes -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and verifies the reference schemes where they lie beside the checkout.
//
//===----------------------------------------------------------------------===//

#include "TestSchemes.h"
#include "sevenfold/Scheme/ForeignScheme.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"

#include "llvm/Support/FileSystem.h"

using namespace sevenfold;

namespace {

std::vector<std::string> referenceFiles() {
  std::vector<std::string> files;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator
           entry(SEVENFOLD_REFERENCE_SCHEMES, code),
       end;
       !code && entry != end; entry.increment(code))
    if (llvm::StringRef(entry->path()).ends_with(".json"))
      files.push_back(entry->path());
  return files;
}

} // namespace

TEST(ReferenceSchemesTest, areAllExact) {
  std::vector<std::string> files = referenceFiles();
  if (files.empty())
    GTEST_SKIP() << "no reference schemes beside the checkout";
  for (const std::string &file : files) {
    auto scheme = readScheme(file);
    ASSERT_TRUE(bool(scheme)) << llvm::toString(scheme.takeError());
    Verification result = verify(*scheme);
    EXPECT_TRUE(result.exact) << file << ": " << result.reason;
    auto again = parseScheme(schemeToJson(*scheme), file);
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(contentHash(*again), contentHash(*scheme));
    EXPECT_EQ(again->provenance, scheme->provenance);
  }
}

TEST(ReferenceSchemesTest, minimizedProgramsComputeTheirForms) {
  std::vector<std::string> files = referenceFiles();
  if (files.empty())
    GTEST_SKIP() << "no reference schemes beside the checkout";
  for (const std::string &file : files) {
    auto scheme = readScheme(file);
    ASSERT_TRUE(bool(scheme)) << llvm::toString(scheme.takeError());
    for (const Factor *factor : {&scheme->u, &scheme->v, &scheme->w}) {
      auto forms =
          formsOf(minimizeAdditions(*factor, 0, MinimizerEffort::Quick));
      ASSERT_TRUE(forms) << file;
      EXPECT_EQ(*forms, *factor) << file;
    }
  }
}

TEST(ReferenceSchemesTest, readBackFromOtherFormats) {
  std::vector<std::string> files = referenceFiles();
  if (files.empty())
    GTEST_SKIP() << "no reference schemes beside the checkout";
  for (const std::string &file : files) {
    auto scheme = readScheme(file);
    ASSERT_TRUE(bool(scheme)) << llvm::toString(scheme.takeError());
    for (ForeignFormat format : foreignFormats()) {
      SCOPED_TRACE(file + " as " + stringifyForeignFormat(format).str());
      auto content = writeForeignScheme(*scheme, format);
      ASSERT_TRUE(bool(content)) << llvm::toString(content.takeError());
      auto again = parseForeignSchemes(*content, file, {});
      ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
      EXPECT_EQ(again->front().reason, "");
      EXPECT_EQ(contentHash(again->front().scheme), contentHash(*scheme));
    }
  }
}
