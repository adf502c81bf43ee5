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

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <array>
#include <thread>

using namespace sevenfold;

TEST(CatalogueTest, everySchemeIsExactAndRightlyNamed) {
  for (const Scheme &scheme : catalogue()) {
    Verification result = verify(scheme);
    EXPECT_TRUE(result.exact) << scheme.name << ": " << result.reason;
    EXPECT_TRUE(hasStandardName(scheme)) << scheme.name;
    EXPECT_FALSE(scheme.provenance.empty()) << scheme.name;
    EXPECT_NE(scheme.ring, Ring::R) << scheme.name;
    bool saysZ2 = llvm::StringRef(scheme.name).contains("-z2");
    bool saysQ = llvm::StringRef(scheme.name).contains("-q");
    EXPECT_EQ(scheme.ring == Ring::Z2, saysZ2) << scheme.name;
    EXPECT_EQ(scheme.ring == Ring::Q, saysQ) << scheme.name;
    if (!saysQ)
      EXPECT_TRUE(multipliesMatrices(scheme)) << scheme.name;
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

static std::string provenanceOf(const Scheme &scheme, llvm::StringRef key) {
  for (const auto &[name, value] : scheme.provenance)
    if (name == key)
      return value;
  return "";
}

/// A paper's, or found by our own search and with all that says how.
TEST(CatalogueTest, saysWhereEachSchemeIsFrom) {
  for (const Scheme &scheme : catalogue()) {
    if (scheme.rank() == scheme.m * scheme.k * scheme.n ||
        !provenanceOf(scheme, "citation").empty())
      continue;
    EXPECT_EQ(provenanceOf(scheme, "source"), "found by 'sevenfold search'")
        << scheme.name;
    for (const char *key :
         {"start", "seed", "strategy", "moves", "cpu_s", "threads", "date"})
      EXPECT_NE(provenanceOf(scheme, key), "") << scheme.name << ": " << key;
    EXPECT_EQ(provenanceOf(scheme, "start").find('/'), std::string::npos)
        << scheme.name;
  }
}

/// A variant is better than its plain scheme in what it is called after.
TEST(CatalogueTest, variantsKeepTheirWord) {
  for (const Scheme &scheme : catalogue()) {
    llvm::StringRef plain = scheme.name;
    if (plain.consume_back("-growth")) {
      EXPECT_LT(growth(scheme).frobenius, growth(schemeNamed(plain)).frobenius)
          << scheme.name;
    } else if (plain.consume_back("-additions")) {
      EXPECT_LT(additions(scheme).cse, additions(schemeNamed(plain)).cse)
          << scheme.name;
    }
  }
}

/// Every format up to 5x5x5 has a scheme, of less than the classical rank.
TEST(CatalogueTest, holdsEveryFormatTo5) {
  for (unsigned m = 2; m <= 5; ++m)
    for (unsigned k = m; k <= 5; ++k)
      for (unsigned n = k; n <= 5; ++n)
        EXPECT_TRUE(llvm::any_of(catalogue(),
                                 [&](const Scheme &scheme) {
                                   return scheme.m == m && scheme.k == k &&
                                          scheme.n == n &&
                                          scheme.ring == Ring::Z &&
                                          scheme.rank() < m * k * n;
                                 }))
            << m << "x" << k << "x" << n;
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

TEST(CatalogueTest, everyOrderOfTheDimensions) {
  const Scheme &source = schemeNamed("2x3x4-r20");
  std::array<unsigned, 3> dims = {2, 3, 4};
  do {
    std::string name =
        llvm::formatv("{0}x{1}x{2}-r20", dims[0], dims[1], dims[2]);
    const Scheme &scheme = schemeNamed(name);
    EXPECT_EQ(scheme.name, name);
    EXPECT_EQ((std::array{scheme.m, scheme.k, scheme.n}), dims);
    EXPECT_TRUE(verify(scheme).exact) << name;
    EXPECT_EQ(nonzeros(scheme), nonzeros(source)) << name;
    EXPECT_EQ(&scheme, &schemeNamed(name));
  } while (std::next_permutation(dims.begin(), dims.end()));
  for (const char *name : {"4x3x2-r19", "4x3x2", "4x3-r20", "x4x3x2-r20",
                           "99999999999x3x2-r20", "4x3x2-r20-none"})
    EXPECT_NE(errorOf(lookupScheme(name)), "") << name;
}

TEST(CatalogueTest, lookupsStayValid) {
  EXPECT_EQ(&schemeNamed("2x2x2-r7"), &schemeNamed("2x2x2-r7"));
}

TEST(CatalogueTest, registersSchemes) {
  Scheme scheme = classicalScheme(2, 1, 3);
  EXPECT_NE(errorOf(lookupScheme("2x1x3-r6-mine")), "");
  scheme.name = "2x1x3-r6-mine";
  ASSERT_EQ(errorOf(schemeLibrary().add(scheme, SchemeOrigin::Added)), "");
  EXPECT_EQ(schemeNamed("2x1x3-r6-mine").rank(), 6u);
  // The same again is nothing; another content is refused.
  EXPECT_EQ(errorOf(schemeLibrary().add(scheme, SchemeOrigin::Added)), "");
  Scheme other = classicalScheme(3, 1, 2);
  other.name = scheme.name;
  EXPECT_EQ(errorOf(schemeLibrary().add(other, SchemeOrigin::Added)),
            "another scheme is already named '2x1x3-r6-mine'");
  other.name = "2x2x2-r7";
  EXPECT_EQ(errorOf(schemeLibrary().add(other, SchemeOrigin::Added)),
            "another scheme is already named '2x2x2-r7'");
  other.w.at(0, 0) = Rational{2, 1};
  EXPECT_EQ(errorOf(schemeLibrary().add(other, SchemeOrigin::Added)),
            "scheme '2x2x2-r7' is not exact: entry A[0,0]*B[0,0] of C[0,0] is "
            "2, expected 1");
}

TEST(CatalogueTest, ManyThreadsAskOneLibrary) {
  SchemeLibrary library;
  std::array<const Scheme *, 8> found;
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < found.size(); ++id)
    threads.emplace_back([&, id] {
      Scheme own = classicalScheme(1, 1, 1 + id % 4);
      own.name = llvm::formatv("mine-{0}", id % 4).str();
      llvm::cantFail(library.add(own, SchemeOrigin::Added));
      // The dimensions of another in another order.
      found[id] = &llvm::cantFail(library.find("5x3x4-r47"));
      EXPECT_EQ(library.catalogue().size(), catalogue().size());
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const Scheme *scheme : found)
    EXPECT_EQ(scheme, found[0]);
  EXPECT_EQ(library.added(SchemeOrigin::User).size(), 0u);
}
