//===- ForeignSchemeTest.cpp - Schemes in the formats of others -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every format reads what it writes, every layout is found, and whatever is
// wrong with a file is one line that names the place.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/ForeignScheme.h"
#include "TestSchemes.h"
#include "sevenfold/Scheme/Layout.h"
#include "sevenfold/Scheme/SchemeFile.h"

#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace sevenfold;

namespace {

/// The one scheme of a text that is expected to have one.
ForeignScheme readOne(const std::string &content,
                      ForeignReadOptions options = {}) {
  auto schemes = parseForeignSchemes(content, "f", options);
  if (!schemes) {
    ADD_FAILURE() << llvm::toString(schemes.takeError());
    return {};
  }
  EXPECT_EQ(schemes->size(), 1u);
  EXPECT_EQ(schemes->front().reason, "");
  return std::move(schemes->front());
}

std::string readError(const std::string &content,
                      ForeignReadOptions options = {}) {
  std::string error = errorOf(parseForeignSchemes(content, "f", options));
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  return error;
}

void readErrorOrScheme(const std::string &content) {
  auto schemes = parseForeignSchemes(content, "f", {});
  if (schemes) {
    EXPECT_FALSE(schemes->empty());
    return;
  }
  std::string error = llvm::toString(schemes.takeError());
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  EXPECT_EQ(error.find("f"), 0u) << error;
}

/// Why a text's scheme is not exact.
std::string inexact(const std::string &content) {
  auto schemes = parseForeignSchemes(content, "f", {});
  if (!schemes)
    return "unreadable: " + llvm::toString(schemes.takeError());
  return schemes->front().reason;
}

std::string written(const Scheme &scheme, ForeignFormat format) {
  auto content = writeForeignScheme(scheme, format);
  if (content)
    return *content;
  ADD_FAILURE() << llvm::toString(content.takeError());
  return "";
}

/// A product of a scheme scaled by a fraction: exact over Q.
Scheme withFractions(Scheme scheme, Rational factor) {
  scheme.ring = Ring::Q;
  for (unsigned i = 0; i < scheme.u.columns(); ++i)
    scheme.u.at(1, i) = *multiply(scheme.u.at(1, i), factor);
  for (unsigned i = 0; i < scheme.w.columns(); ++i)
    scheme.w.at(1, i) = *divide(scheme.w.at(1, i), factor);
  return scheme;
}

std::string number(uint64_t value, unsigned bytes) {
  std::string text;
  for (; bytes != 0; --bytes, value >>= 8)
    text += char(value & 0xff);
  return text;
}

/// An archive of one member whose directory claims a size, in 64 bits. The
/// checksum is 0: whoever checks it has come too far.
std::string archive(const std::string &name, const std::string &content,
                    uint64_t claimed) {
  std::string local = "PK\x03\x04" + number(20, 2) + number(0, 2) +
                      number(8, 2) + number(0, 4) + number(0, 12) +
                      number(name.size(), 2) + number(0, 2) + name + content;
  std::string extra = number(1, 2) + number(8, 2) + number(claimed, 8);
  std::string entry =
      "PK\x01\x02" + number(20, 2) + number(20, 2) + number(0, 2) +
      number(8, 2) + number(0, 4) + number(0, 4) + number(content.size(), 4) +
      number(0xffffffff, 4) + number(name.size(), 2) + number(extra.size(), 2) +
      number(0, 2 + 2 + 2 + 4 + 4) + name + extra;
  return local + entry + "PK\x05\x06" + number(0, 4) + number(1, 2) +
         number(1, 2) + number(entry.size(), 4) + number(local.size(), 4) +
         number(0, 2);
}

/// A .npy file of objects.
std::string pickled(const std::string &program) {
  std::string header =
      "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }\n";
  return "\x93NUMPY" + number(1, 2) + number(header.size(), 2) + header +
         program;
}

const char *const kStrassen = "m1 = (a11 + a22)(b11 + b22)\n"
                              "m2 = (a21 + a22) b11\n"
                              "m3 = a11 (b12 - b22)\n"
                              "m4 = a22 (b21 - b11)\n"
                              "m5 = (a11 + a12) b22\n"
                              "m6 = (a21 - a11)(b11 + b12)\n"
                              "m7 = (a12 - a22)(b21 + b22)\n"
                              "c11 = m1 + m4 - m5 + m7\n"
                              "c12 = m3 + m5\n"
                              "c21 = m2 + m4\n"
                              "c22 = m1 - m2 + m3 + m6\n";

} // namespace

TEST(ForeignSchemeTest, ReadsWhatItWrites) {
  std::vector<Scheme> schemes = {
      schemeNamed("2x2x2-r7"),
      schemeNamed("2x2x2-r7-winograd"),
      schemeNamed("2x3x4-r20"),
      schemeNamed("3x4x5-r47-z2"),
      withFractions(schemeNamed("2x3x4-r20"), {1, 8}),
      withFractions(schemeNamed("2x2x2-r7"), {-2, 3})};
  for (const Scheme &scheme : schemes)
    for (ForeignFormat format : foreignFormats()) {
      SCOPED_TRACE(scheme.name + " as " + stringifyForeignFormat(format).str());
      std::string content = written(scheme, format);
      EXPECT_EQ(contentHash(readOne(content).scheme), contentHash(scheme));
      EXPECT_EQ(contentHash(readOne(content, {format, {}}).scheme),
                contentHash(scheme));
    }
}

TEST(ForeignSchemeTest, FindsEveryLayout) {
  const Scheme &scheme = schemeNamed("2x3x4-r20");
  for (const MatrixLayout &layout : matrixLayouts()) {
    ForeignScheme read =
        readOne(written(toLayout(scheme, layout), ForeignFormat::Json));
    EXPECT_EQ(read.layout, describeLayout(layout));
    EXPECT_EQ(contentHash(read.scheme), contentHash(scheme));
    EXPECT_EQ(read.scheme.provenance,
              (Provenance{{"format", "json"},
                          {"layout", describeLayout(layout)},
                          {"source", "f"}}));
  }
}

TEST(ForeignSchemeTest, PrefersRowsOverOtherLayouts) {
  // 1x1x1 is exact in all.
  EXPECT_EQ(readOne("[[[1]],[[1]],[[1]]]").layout, "by rows");
}

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

TEST(ForeignSchemeTest, ReadsFormulasInManyNotations) {
  std::string hash = contentHash(readOne(kStrassen).scheme);
  auto rewritten = [](const char *index, bool fromZero) {
    std::string text;
    for (const char *c = kStrassen; *c; ++c) {
      if (!strchr("abc", *c) || !isdigit(c[1])) {
        text += *c;
        continue;
      }
      text +=
          llvm::formatv(index, *c, char(c[1] - fromZero), char(c[2] - fromZero))
              .str();
      c += 2;
    }
    return text;
  };
  for (const char *index : {"{0}{1}_{2}", "{0}_{1}_{2}", "{0}[{1}][{2}]",
                            "{0}[{1}, {2}]", "{0}({1},{2})", "{0}_{1}{2}"})
    for (bool fromZero : {false, true})
      EXPECT_EQ(contentHash(readOne(rewritten(index, fromZero)).scheme), hash)
          << index;
}

TEST(ForeignSchemeTest, ReadsStraightLinePrograms) {
  // Winograd's form, with sums that are shared, among them entries of C.
  ForeignScheme read = readOne("# Winograd\n"
                               "s1 := a21 + a22;\n"
                               "s2 := s1 - a11;\n"
                               "s3 := a11 - a21; s4 := a12 - s2;\n"
                               "t1 := b12 - b11;\n"
                               "t2 := b22 - t1;\n"
                               "t3 := b22 - b12;\n"
                               "t4 := t2 - b21;\n"
                               "p1 := a11*b11; p2 := a12*b21; p3 := s4*b22;\n"
                               "p4 := a22*t4; p5 := s1*t1; p6 := s2*t2;\n"
                               "p7 := s3*t3;\n"
                               "c11 := p1 + p2;\n"
                               "u2 := p1 + p6;\n"
                               "u3 := u2 + p7;\n"
                               "c21 := u3 - p4;\n"
                               "c22 := u3 + p5;\n"
                               "c12 := u2 + p5\n"
                               "       + p3;\n");
  EXPECT_EQ(read.scheme.rank(), 7u);
  EXPECT_EQ(read.scheme.ring, Ring::Z);
  EXPECT_EQ(readOne("p = a11*b11\nq = a12*b21\nc11 = p + q\n"
                    "d = a21*b11\ne = a22*b21\nc21 = (c11 + d + e) - c11\n")
                .scheme.rank(),
            4u);
}

TEST(ForeignSchemeTest, ReadsTrilinearSums) {
  // The trace of A B C, over lines and terms.
  ForeignScheme read = readOne("a11*b11*c11 + a12*b21*c11 +\n"
                               "2*a11*1/2*b12*c21 - (-a12)*b22*c21\n"
                               "(a21) (b11) (c12)\n"
                               "(0.5 a22) * (2b21) * c12\n"
                               "+ a21 b12 c22\n"
                               "+ a22 b22 c22\n");
  EXPECT_EQ(read.layout, "C transposed");
  EXPECT_EQ(read.scheme.rank(), 8u);
  EXPECT_EQ(read.scheme.ring, Ring::Q);
  read = readOne("a11*b11*c11\na11*b12*c12\n");
  EXPECT_EQ(read.scheme.n, 2u);
  EXPECT_EQ(read.layout, "by rows");
}

TEST(ForeignSchemeTest, RefusesFormulasThatAreNone) {
  EXPECT_EQ(readError("c11 = m1"), "f:1: nothing defines 'm1'");
  EXPECT_EQ(readError("m1 = a11*b11\nc11 = m1 + q\n"),
            "f:2: nothing defines 'q'");
  EXPECT_EQ(readError("m1 = (a11 + b11)*b11"),
            "f:1: a sum of entries of A and of entries of B");
  EXPECT_EQ(readError("m1 = b11*a11"),
            "f:1: entries of B times entries of A: expected entries of A, then "
            "of B, then of C");
  EXPECT_EQ(readError("m1 = (a11*b11"),
            "f:1: expected ')' but the formula ends");
  EXPECT_EQ(readError("(a11)*\n"), "f:1: expected a number, an entry of A, B "
                                   "or C, a name or '(' but the formula ends");
  EXPECT_EQ(readError("(a11*b11)\n"),
            "f:1: this goes nowhere: expected a product of entries of A, B and "
            "C, or 'NAME =' before it, but it is products");
  EXPECT_EQ(readError("a112*b11*c11"),
            "f:1: 'a112' can be read in two ways: expected its indices apart, "
            "as in a1_12");
  EXPECT_EQ(readError("a1_65*b11*c11"),
            "f:1: expected indices up to 64 but got 'a1_65'");
  EXPECT_EQ(readError("a22*b22*c22"),
            "f: expected indices from 0 or 1 but the least is 2");
  EXPECT_EQ(readError("m1 = a11\nm1 = a12"), "f:2: 'm1' is defined twice");
  EXPECT_EQ(readError("a11 = 3"),
            "f:1: expected a name or an entry of C before '=' but got 'a11'");
  EXPECT_EQ(readError("m1 = a11/0*b11"),
            "f:1: expected a number other than 0 after '/'");
  EXPECT_EQ(readError("m1 = a11 & b11"), "f:1: expected a formula but got '&'");
  EXPECT_EQ(readError("m1 = 9223372036854775807*9223372036854775807*a11"),
            "f:1: a coefficient does not fit in 64 bits");
  EXPECT_EQ(readError(std::string(100, '(') + "a11"),
            "f:1: parentheses deeper than 64 levels");
  EXPECT_EQ(readError("x = 3"), "f: expected formulas of products and of "
                                "entries of C but there are none");
  // Sums that double.
  std::string doubling = "p0 = a11*b11\n";
  for (int i = 1; i < 4; ++i) {
    doubling += llvm::formatv("p{0} = 0", i).str();
    for (int j = 0; j < 600; ++j)
      doubling += llvm::formatv(" + a{0}_{1}*b11", j % 60 + 1, j / 60).str();
    doubling += "\n";
  }
  for (int i = 0; i < 4000; ++i)
    doubling += llvm::formatv("x{0} = p1 + p2 + p3\n", i).str();
  EXPECT_NE(readError(doubling).find("terms in all"), std::string::npos)
      << readError(doubling);
}

//===----------------------------------------------------------------------===//
// Coefficients
//===----------------------------------------------------------------------===//

TEST(ForeignSchemeTest, ReadsRowsOfNumbers) {
  const char *blocks[] = {"1 0\n0 1\n", "1 0\n0 1\n", "1 1\n"};
  auto joined = [&](std::string head, std::string between) {
    return head + blocks[0] + between + blocks[1] + between + blocks[2];
  };
  std::string hash = contentHash(readOne(joined("# by hand\n", "#\n")).scheme);
  EXPECT_EQ(readOne(joined("", "\n")).scheme.k, 2u);
  for (const std::string &text :
       {joined("", "# next\n#\n"), joined("1 2 1\n", ""),
        joined("1 2 1 2\n", "#\n"),
        std::string("1 2 1 2\n1 0 0 1\n1 0 0 1\n1 1\n"),
        std::string("1,0\n0,1\n\n1.0 0\n0 2/2\n\n1 +1\n")})
    EXPECT_EQ(contentHash(readOne(text).scheme), hash) << text;
  // Rows are products.
  EXPECT_EQ(contentHash(readOne("1 0\n0 1\n#\n1 0\n0 1\n#\n1\n1\n").scheme),
            hash);
}

TEST(ForeignSchemeTest, RefusesRowsThatAreNone) {
  EXPECT_EQ(readError("1 0\n0 nan\n"),
            "f:2: expected a number such as -1, 1/8 or 0.125 but got 'nan'");
  EXPECT_EQ(readError("1 0\n0 1e400\n"),
            "f:2: expected a number such as -1, 1/8 or 0.125 but got '1e400'");
  EXPECT_EQ(readError("1 1/0\n"),
            "f:1: expected a number such as -1, 1/8 or 0.125 but got '1/0'");
  EXPECT_EQ(readError("1 0\n0\n#\n1\n#\n1\n"),
            "f:2: expected 2 numbers as in the lines before but got 1");
  EXPECT_EQ(readError("1 0\n0 1\n"),
            "f: expected three blocks of rows, apart by lines of '#' or blank "
            "ones, or a first line 'm k n' that they fit, but got 1 block");
  EXPECT_EQ(readError("# nothing\n", {ForeignFormat::Coefficients, {}}),
            "f: expected rows of numbers but there are none");
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

TEST(ForeignSchemeTest, ReadsListsInJson) {
  std::string hash =
      contentHash(readOne("[[[1,0],[0,1]],[[1,0],[0,1]],[[1],[1]]]").scheme);
  for (const char *text :
       {R"({"u":[[1,0],[0,1]],"v":[[1,0],[0,1]],"w":[[1],[1]]})",
        R"({"n":[1,2,1],"m":2,"z2":false,"U":[[1,0],[0,1]],
            "V":[[1,0],[0,"1"]],"W":[[1.0],["2/2"]],"other":{}})",
        R"({"u":[[1,0],[0,1]],"v":[[1,0],[0,1]],"w":[[1,1]]})",
        R"([[[1,0],[1,0],[1]],[[0,1],[0,1],[1]]])",
        R"([[[[1,0]],[[1],[0]],[[1]]],[[[0,1]],[[0],[1]],[[1]]]])",
        "{ {{{1, 0}}, {{1}, {0}}, {{1}}},\n {{{0, 1}}, {{0}, {1}}, {{1}}} }"})
    EXPECT_EQ(contentHash(readOne(text).scheme), hash) << text;
  auto two = parseForeignSchemes(
      R"([{"u":[[1]],"v":[[1]],"w":[[1]]},
          {"u":[[1,0],[0,1]],"v":[[1,0],[0,1]],"w":[[1],[1]]}])",
      "f", {});
  ASSERT_TRUE(bool(two)) << llvm::toString(two.takeError());
  ASSERT_EQ(two->size(), 2u);
  EXPECT_EQ((*two)[1].place, "[1]");
  EXPECT_EQ(contentHash((*two)[1].scheme), hash);
}

TEST(ForeignSchemeTest, RefusesListsThatAreNone) {
  EXPECT_EQ(readError("{\"u\":[[1]]}"), "f: expected a key 'v'");
  EXPECT_EQ(readError("[]"), "f: expected an object with 'u', 'v' and 'w', or "
                             "a list, but got an empty one");
  EXPECT_EQ(readError("[[[1]],[[1]],[[null]]]"),
            "f[2][0][0]: expected a number or a fraction such as \"1/8\" but "
            "got null");
  EXPECT_EQ(readError(R"({"u":[[1,0],[0]],"v":[[1]],"w":[[1]]})"),
            "f: u[1]: expected 2 numbers as in the lists before but got 1");
  EXPECT_EQ(readError("[[1,2]]"),
            "f[0]: expected a product as three lists but got an array");
  EXPECT_NE(readError("[[[1]],[[1]],[[NaN]]]").find("f: line 1"),
            std::string::npos);
  EXPECT_NE(readError("[[[1]],[[1]],[[1e999]]]"), "");
}

//===----------------------------------------------------------------------===//
// Archives
//===----------------------------------------------------------------------===//

TEST(ForeignSchemeTest, SelectsFromAnArchive) {
  std::string content = written(schemeNamed("2x3x4-r20"), ForeignFormat::Npz);
  ForeignReadOptions options;
  options.select = {2, 3, 4};
  ForeignScheme read = readOne(content, options);
  EXPECT_EQ(read.place, "member '2,3,4.npy'");
  EXPECT_EQ(read.layout, "C transposed");
  options.select = {2, 2, 2};
  EXPECT_EQ(readError(content, options), "f: there is no scheme 2x2x2 in it");
  options.select = {3, 2, 4};
  EXPECT_EQ(readError(kStrassen, options), "f: there is no scheme 3x2x4 in it");
}

TEST(ForeignSchemeTest, RefusesArchivesThatAreNone) {
  std::string content = written(schemeNamed("2x3x4-r20"), ForeignFormat::Npz);
  // Cut off anywhere, and with any byte of its structure another: an error, or
  // what was written, but never anything else.
  for (size_t size = 2; size < content.size(); size += 7)
    EXPECT_NE(readError(content.substr(0, size)), "") << size;
  std::string hash = contentHash(schemeNamed("2x3x4-r20"));
  for (size_t i = 0; i < content.size(); ++i) {
    std::string other = content;
    other[i] ^= 0x55;
    auto schemes = parseForeignSchemes(other, "f", {});
    if (!schemes) {
      llvm::consumeError(schemes.takeError());
      continue;
    }
    EXPECT_EQ(contentHash(schemes->front().scheme), hash) << i;
  }
  EXPECT_EQ(readError(content.substr(0, 100)),
            "f: the zip archive is cut off: it has no directory");
  EXPECT_EQ(readError(archive("2,2,2.npy", "x", uint64_t(1) << 40)),
            "f: member '2,2,2.npy': expected at most 25231360 bytes but it "
            "claims 1099511627776");
  EXPECT_EQ(readError(archive("2,2,2.npy", "x", 100)),
            "f: member '2,2,2.npy': it does not unpack to the 100 bytes that "
            "it claims");
  EXPECT_EQ(readError(archive("readme.txt", "x", 1)),
            "f: there is no scheme in the archive: expected members such as "
            "'2,2,2.npy', or 'u.npy', 'v.npy' and 'w.npy'");
}

/// Reads a content cut off anywhere and with any byte another: there may be a
/// scheme or an error of one line.
static void readSpoilt(const std::string &content) {
  for (size_t size = 0; size < content.size(); ++size)
    readErrorOrScheme(content.substr(0, size));
  for (size_t i = 0; i < content.size(); ++i)
    for (unsigned char flipped : {0x01, 0x07, 0x20, 0x55, 0x80, 0xff}) {
      std::string other = content;
      other[i] ^= flipped;
      readErrorOrScheme(other);
    }
}

TEST(ForeignSchemeTest, SurvivesSpoiltFiles) {
  for (ForeignFormat format : foreignFormats())
    readSpoilt(written(schemeNamed("2x2x2-r7"), format));
  // A .npy file has no checksum: headers and pickles are read as they are.
  for (const char *name : {"2x3x4-r20", "2x2x2-r7"}) {
    std::string content = written(schemeNamed(name), ForeignFormat::Npz);
    content = content.substr(content.find("\x93NUMPY"));
    content.resize(content.find("PK\x01\x02"));
    EXPECT_EQ(readOne(content).layout, "C transposed");
    readSpoilt(content);
    for (size_t size = 0; size < content.size(); ++size)
      EXPECT_NE(readError(content.substr(0, size)), "") << size;
  }
}

TEST(ForeignSchemeTest, CallsNothingThatAPickleNames) {
  auto text = [](const std::string &value) {
    return "X" + number(value.size(), 4) + value;
  };
  EXPECT_EQ(readError(pickled("\x80\x03" + std::string("cos\nsystem\n") +
                              text("touch owned") + "\x85R.")),
            "f: the pickle calls 'os.system', expected what arrays are made of "
            "only; nothing was called");
  EXPECT_EQ(readError(pickled("\x80\x04" + text("os") + text("system") +
                              "\x93" + text("x") + "\x85R.")),
            "f: the pickle calls 'os.system', expected what arrays are made of "
            "only; nothing was called");
  EXPECT_EQ(readError(pickled("(ios\nsystem\n.")),
            "f: opcode 0x69 of a pickle, expected those of arrays only");
  EXPECT_EQ(readError(pickled("\x80\x03")), "f: the pickle is cut off");
  EXPECT_EQ(readError(pickled(".")),
            "f: the pickle is none of arrays of numbers");
  EXPECT_NE(readError(pickled(std::string(100000, '('))).find("at most 4096"),
            std::string::npos);
  // A list within itself, and as the root.
  EXPECT_NE(readError(pickled("]q" + number(0, 1) + "h" + number(0, 1) + "a.")),
            "");
  EXPECT_NE(readError(pickled("B" + number(0xffffffff, 4))), "");
}

TEST(ForeignSchemeTest, ReadsArraysOfEveryType) {
  // U, V and W of 1x1x1 are 1.
  struct {
    const char *type;
    std::string one;
  } cases[] = {
      {"|i1", number(1, 1)},          {"<i2", number(1, 2)},
      {"<i4", number(1, 4)},          {"<i8", number(1, 8)},
      {"|u1", number(1, 1)},          {"|b1", number(1, 1)},
      {"<f4", number(0x3f800000, 4)}, {"<f8", number(0x3ff0000000000000, 8)}};
  auto array = [](const std::string &type, const std::string &shape,
                  const std::string &elements, const char *order = "False",
                  unsigned version = 1) {
    std::string header = "{'descr': '" + type + "', 'fortran_order': " + order +
                         ", 'shape': " + shape + ", }\n";
    return "\x93NUMPY" + number(version, 2) +
           number(header.size(), version == 1 ? 2 : 4) + header + elements;
  };
  for (auto &[type, one] : cases)
    for (unsigned version : {1, 2, 3})
      EXPECT_EQ(
          readOne(array(type, "(3, 1, 1)", one + one + one, "True", version))
              .scheme.rank(),
          1u);
  std::string one = number(1, 1);
  EXPECT_EQ(readError(array("|i1", "(3, 1, 1)", one)),
            "f: expected 3 bytes of elements but got 1");
  EXPECT_EQ(readError(array("|i1", "(3, 1)", one + one + one)),
            "f: expected an array of shape (3, entries, products), or three of "
            "shape (entries, products)");
  EXPECT_EQ(readError(array("<f8", "(3, 1, 1)",
                            number(0x7ff8000000000000, 8) +
                                number(0x3ff0000000000000, 8) +
                                number(0x3ff0000000000000, 8))),
            "f: element 0 is not finite or beyond 64 bits");
  EXPECT_EQ(readError(array(">i2", "(3, 1, 1)", "")),
            "f: expected an array of integers, floats or objects, little "
            "endian, but got elements '>i2'");
  EXPECT_EQ(readError(array("|i1", "(3, 4294967296, 4294967296)", "")),
            "f: expected at most 3145728 numbers");
}

//===----------------------------------------------------------------------===//
// What no layout makes exact
//===----------------------------------------------------------------------===//

TEST(ForeignSchemeTest, SaysHowNearTheNearestLayoutIs) {
  Scheme scheme = schemeNamed("2x3x4-r20");
  Rational &value = scheme.w.at(0, 0);
  value = *add(value, {1, 1});
  scheme = toLayout(scheme, {false, false, true, "C"});
  std::string reason = inexact(written(scheme, ForeignFormat::Json));
  EXPECT_EQ(reason.find("no layout is exact: with C transposed "), 0u)
      << reason;
  EXPECT_NE(reason.find(" of 576 entries are wrong"), std::string::npos)
      << reason;
  EXPECT_EQ(inexact("a11*b11*c11 + a12*b21*c11 + a11*b11*c11\n"),
            "no layout is exact: by rows 1 of 4 entries are wrong");
}

TEST(ForeignSchemeTest, RefusesShapesThatNothingHas) {
  EXPECT_EQ(readError("1 1\n1 1\n#\n1 1\n#\n1 1\n1 1\n1 1\n"),
            "f: the factors have 2, 1 and 3 entries, which no m, k and n give");
  EXPECT_EQ(readError(R"({"dims":[2,1,1],"u":[[1,0],[0,1]],
                          "v":[[1,0],[0,1]],"w":[[1],[1]]})"),
            "f: it says 2x1x1 but its factors have 2, 2 and 1 entries");
  EXPECT_EQ(readError("[[[1,1,1]],[[1,1],[1,1]],[[1],[1],[1]]]"),
            "f: expected three factors of one rank but got 1, 2 and 3 "
            "products");
  EXPECT_EQ(readError(" \n"), "f: expected a scheme but the file is empty");
  EXPECT_EQ(readError(std::string("\0\1\2", 3)),
            "f: expected a scheme but got binary data of an unknown format");
}

TEST(ForeignSchemeTest, RefusesToWriteWhatAFormatCannotSay) {
  Scheme scheme = withFractions(schemeNamed("2x2x2-r7"), {1, 7919});
  EXPECT_EQ(errorOf(writeForeignScheme(scheme, ForeignFormat::Npz)),
            "'2x2x2-r7': an array of doubles has no place for the coefficient "
            "1/7919");
  scheme = schemeNamed("2x2x2-r7");
  for (unsigned i = 0; i < 4; ++i)
    scheme.w.at(2, i) = {};
  EXPECT_EQ(errorOf(writeForeignScheme(scheme, ForeignFormat::Text)),
            "'2x2x2-r7': product 3 is zero, which formulas cannot say");
}
