//===- CatalogueTest.cpp - The schemes known by name ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every embedded scheme is exact, rightly named and the file's; lookups fail
// helpfully.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Catalogue.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Scheme/Verify.h"

#include <algorithm>

using namespace sevenfold;

TEST(CatalogueTest, everySchemeIsExactAndRightlyNamed) {
  for (const Scheme &scheme : catalogue()) {
    Verification result = verify(scheme);
    EXPECT_TRUE(result.exact) << scheme.name << ": " << result.reason;
    EXPECT_TRUE(hasStandardName(scheme)) << scheme.name;
    EXPECT_TRUE(multipliesMatrices(scheme)) << scheme.name;
    EXPECT_FALSE(scheme.provenance.empty()) << scheme.name;
    EXPECT_EQ(scheme.ring, Ring::Z);
  }
}

TEST(CatalogueTest, isSortedWithoutDuplicates) {
  for (size_t i = 1; i < catalogue().size(); ++i)
    EXPECT_LT(catalogue()[i - 1].name, catalogue()[i].name);
}

TEST(CatalogueTest, holdsTheClassicalPapers) {
  struct {
    const char *name;
    unsigned m, k, n, rank;
  } papers[] = {{"2x2x2-r7", 2, 2, 2, 7},   {"2x2x2-r7-winograd", 2, 2, 2, 7},
                {"3x2x3-r15", 3, 2, 3, 15}, {"2x3x3-r15", 2, 3, 3, 15},
                {"3x3x2-r15", 3, 3, 2, 15}, {"3x3x3-r23", 3, 3, 3, 23},
                {"2x2x2-r8", 2, 2, 2, 8},   {"3x3x3-r27", 3, 3, 3, 27}};
  for (auto &[name, m, k, n, rank] : papers) {
    const Scheme &scheme = schemeNamed(name);
    EXPECT_EQ(scheme.name, name);
    EXPECT_EQ(scheme.m, m);
    EXPECT_EQ(scheme.k, k);
    EXPECT_EQ(scheme.n, n);
    EXPECT_EQ(scheme.rank(), rank);
  }
}

TEST(CatalogueTest, citesWhatIsNotClassical) {
  for (const Scheme &scheme : catalogue()) {
    if (scheme.rank() == scheme.m * scheme.k * scheme.n)
      continue;
    EXPECT_TRUE(std::any_of(
        scheme.provenance.begin(), scheme.provenance.end(),
        [](const auto &entry) { return entry.first == "citation"; }))
        << scheme.name;
  }
}

TEST(CatalogueTest, isWhatTheFilesSay) {
  for (const Scheme &scheme : catalogue()) {
    auto file =
        readScheme(SEVENFOLD_CATALOGUE_FOLDER "/" + scheme.name + ".json");
    ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
    EXPECT_EQ(file->name, scheme.name);
    EXPECT_EQ(contentHash(*file), contentHash(scheme));
  }
}

TEST(CatalogueTest, namesTheNearestName) {
  EXPECT_EQ(errorOf(lookupScheme("2x2x2-r7-winogard")),
            "no scheme is named '2x2x2-r7-winogard'; the nearest name is "
            "'2x2x2-r7-winograd'");
  EXPECT_NE(errorOf(lookupScheme("")), "");
  EXPECT_NE(errorOf(lookupScheme(std::string(1'000'000, 'x'))), "");
}

TEST(CatalogueTest, lookupsStayValid) {
  EXPECT_EQ(&schemeNamed("2x2x2-r7"), &schemeNamed("2x2x2-r7"));
}

TEST(CatalogueTest, registersSchemes) {
  Scheme scheme = classicalScheme(2, 1, 3);
  EXPECT_NE(errorOf(lookupScheme("2x1x3-r6-mine")), "");
  scheme.name = "2x1x3-r6-mine";
  ASSERT_EQ(errorOf(registerScheme(scheme)), "");
  EXPECT_EQ(schemeNamed("2x1x3-r6-mine").rank(), 6u);
  // The same again is nothing; another content is refused.
  EXPECT_EQ(errorOf(registerScheme(scheme)), "");
  Scheme other = classicalScheme(3, 1, 2);
  other.name = scheme.name;
  EXPECT_EQ(errorOf(registerScheme(other)),
            "another scheme is already named '2x1x3-r6-mine'");
  other.name = "2x2x2-r7";
  EXPECT_EQ(errorOf(registerScheme(other)),
            "another scheme is already named '2x2x2-r7'");
  other.w.at(0, 0) = Rational{2, 1};
  EXPECT_EQ(errorOf(registerScheme(other)),
            "scheme '2x2x2-r7' is not exact: entry A[0,0]*B[0,0] of C[0,0] is "
            "2, expected 1");
}
