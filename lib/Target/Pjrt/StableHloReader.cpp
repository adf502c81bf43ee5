//===- StableHloReader.cpp - Words of StableHLO's text --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two forms of one operation:
//
//   stablehlo.dot_general %a, %b, batching_dims = [0] x [0],
//     contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT]
//     : (tensor<..>, tensor<..>) -> tensor<..>
//   "stablehlo.dot_general"(%a, %b) <{dot_dimension_numbers =
//     #stablehlo.dot<lhs_batching_dimensions = [0], ..>, precision_config =
//     [#stablehlo<precision DEFAULT>, ..]}> : (..) -> ..
//
//===----------------------------------------------------------------------===//

#include "StableHloReader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sevenfold;

static constexpr llvm::StringLiteral kDot = "stablehlo.dot_general";

std::string HloType::str() const {
  std::string text = "tensor<";
  for (int64_t dim : dims)
    text += std::to_string(dim) + "x";
  return text + element + ">";
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// The end of the string that starts at a place.
static size_t endOfString(llvm::StringRef text, size_t place) {
  for (++place; place < text.size() && text[place] != '"'; ++place)
    if (text[place] == '\\')
      ++place;
  return std::min(place + 1, text.size());
}

size_t sevenfold::skipComments(llvm::StringRef text, size_t place) {
  while (place < text.size()) {
    llvm::StringRef rest = text.substr(place);
    // What is quoted as an operation's name is code.
    bool isName = rest.starts_with("\"stablehlo.") ||
                  rest.starts_with("\"func.") || rest.starts_with("\"builtin.");
    if (rest.starts_with("//"))
      place = std::min(text.find('\n', place), text.size());
    else if (rest.starts_with("\"") && !isName)
      place = endOfString(text, place);
    else
      return place;
  }
  return text.size();
}

size_t sevenfold::nextCode(llvm::StringRef text, size_t place) {
  return skipComments(text, text[place] == '"' ? endOfString(text, place)
                                               : place + 1);
}

void HloCursor::skipSpace() {
  while (place < text.size()) {
    if (llvm::isSpace(text[place]))
      ++place;
    else if (text.substr(place).starts_with("//"))
      place = std::min(text.find('\n', place), text.size());
    else
      return;
  }
}

bool HloCursor::skipOne() {
  size_t code = skipComments(text, place);
  place = code != place || place >= text.size() ? code : nextCode(text, place);
  return place < text.size();
}

bool HloCursor::take(llvm::StringRef word) {
  skipSpace();
  if (!text.substr(place).starts_with(word))
    return false;
  place += word.size();
  return true;
}

llvm::StringRef HloCursor::value() {
  skipSpace();
  if (place >= text.size() || text[place] != '%')
    return "";
  size_t begin = place++;
  while (place < text.size() &&
         (llvm::isAlnum(text[place]) ||
          llvm::StringRef("$._-#").contains(text[place])))
    ++place;
  return text.slice(begin, place);
}

std::optional<llvm::SmallVector<int64_t>> HloCursor::numbers() {
  if (!take("["))
    return std::nullopt;
  llvm::SmallVector<int64_t> list;
  while (!take("]")) {
    if (!list.empty() && !take(","))
      return std::nullopt;
    skipSpace();
    llvm::StringRef rest = text.substr(place);
    int64_t number;
    if (rest.consumeInteger(10, number) || number < 0)
      return std::nullopt;
    place = text.size() - rest.size();
    list.push_back(number);
  }
  return list;
}

std::optional<HloType> HloCursor::type() {
  if (!take("tensor<"))
    return std::nullopt;
  size_t end = text.find('>', place);
  if (end == llvm::StringRef::npos)
    return std::nullopt;
  llvm::StringRef inside = text.slice(place, end);
  HloType type;
  while (true) {
    auto [first, rest] = inside.split('x');
    int64_t dim;
    if (first == "?") {
      type.isStatic = false;
      type.dims.push_back(-1);
    } else if (!first.getAsInteger(10, dim) && dim >= 0) {
      type.dims.push_back(dim);
    } else {
      break;
    }
    inside = rest;
  }
  // Of tensor<4x4xcomplex<f32>> and of encodings the element is no word.
  bool isWord = !inside.empty() && llvm::all_of(inside, llvm::isAlnum);
  type.element = isWord ? inside.str() : "";
  place = end + 1;
  if (!isWord)
    while (take(">"))
      ;
  return type;
}

llvm::StringRef HloCursor::bracketed() {
  skipSpace();
  size_t begin = place;
  std::string open;
  for (; place < text.size(); place = nextCode(text, place)) {
    char c = text[place];
    if (c == '(' || c == '[' || c == '{' || c == '<')
      open += c == '(' ? ')' : c == '[' ? ']' : c == '{' ? '}' : '>';
    else if (!open.empty() && c == open.back() &&
             !(c == '>' && text[place - 1] == '-'))
      open.pop_back();
    if (open.empty()) {
      ++place;
      return text.slice(begin, place);
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The numbers behind `key =` in a text; none where it is not there.
static llvm::SmallVector<int64_t> numbersOf(llvm::StringRef text,
                                            llvm::StringRef key) {
  size_t at = text.find(key);
  if (at == llvm::StringRef::npos)
    return {};
  HloCursor cursor(text, at + key.size());
  if (!cursor.take("="))
    return {};
  return cursor.numbers().value_or(llvm::SmallVector<int64_t>());
}

/// The precision of both operands; a mixture is the higher one's.
static HloPrecision precisionOf(llvm::StringRef text) {
  if (text.contains("HIGHEST"))
    return HloPrecision::Highest;
  return text.contains("HIGH") ? HloPrecision::High : HloPrecision::Default;
}

/// "key = [..] x [..]".
static bool readPair(HloCursor &cursor, llvm::StringRef key,
                     llvm::SmallVector<int64_t> &a,
                     llvm::SmallVector<int64_t> &b) {
  if (!cursor.take(key) || !cursor.take("="))
    return false;
  auto first = cursor.numbers();
  if (!first || !cursor.take("x"))
    return false;
  auto second = cursor.numbers();
  if (!second)
    return false;
  a = *first;
  b = *second;
  return true;
}

/// What stands between the operands and the types, in the form of JAX.
static bool readPretty(HloCursor &cursor, llvm::StringRef text, HloDot &dot) {
  dot.a = cursor.value();
  if (dot.a.empty() || !cursor.take(","))
    return false;
  dot.b = cursor.value();
  bool hasContraction = false;
  while (!dot.b.empty() && cursor.take(",")) {
    if (readPair(cursor, "batching_dims", dot.dimensions.batchA,
                 dot.dimensions.batchB))
      continue;
    if (readPair(cursor, "contracting_dims", dot.dimensions.contractedA,
                 dot.dimensions.contractedB)) {
      hasContraction = true;
      continue;
    }
    if (cursor.take("precision") && cursor.take("=")) {
      llvm::StringRef list = cursor.bracketed();
      dot.precision = precisionOf(list);
      if (!list.empty())
        continue;
    }
    // An algorithm, or something of a later version.
    dot.reason = "it says more than dimensions and precision";
    return false;
  }
  cursor.skipSpace();
  if (text.substr(cursor.at()).starts_with("{")) {
    dot.reason = "it has attributes of its own";
    return false;
  }
  return hasContraction && !dot.b.empty();
}

static bool readGeneric(HloCursor &cursor, llvm::StringRef text, HloDot &dot) {
  if (!cursor.take("("))
    return false;
  dot.a = cursor.value();
  if (!cursor.take(","))
    return false;
  dot.b = cursor.value();
  if (!cursor.take(")"))
    return false;
  llvm::StringRef attributes = cursor.bracketed();
  if (!attributes.contains("#stablehlo.dot<") ||
      attributes.contains("algorithm")) {
    dot.reason = "its dimensions are not written beside it, or it says more";
    return false;
  }
  dot.dimensions = {numbersOf(attributes, "lhs_batching_dimensions"),
                    numbersOf(attributes, "rhs_batching_dimensions"),
                    numbersOf(attributes, "lhs_contracting_dimensions"),
                    numbersOf(attributes, "rhs_contracting_dimensions")};
  dot.precision = precisionOf(attributes);
  return true;
}

static bool readTypes(HloCursor &cursor, HloDot &dot) {
  if (!cursor.take(":") || !cursor.take("("))
    return false;
  auto a = cursor.type();
  if (!a || !cursor.take(","))
    return false;
  auto b = cursor.type();
  if (!b || !cursor.take(")") || !cursor.take("->"))
    return false;
  auto result = cursor.type();
  if (!result)
    return false;
  dot.typeA = *a;
  dot.typeB = *b;
  dot.result = *result;
  return true;
}

/// Whether the dimensions are some of the operands' and fit.
static bool isConsistent(const HloDot &dot) {
  auto fits = [&](llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b) {
    if (a.size() != b.size())
      return false;
    for (auto [i, j] : llvm::zip_equal(a, b))
      if (i >= int64_t(dot.typeA.dims.size()) ||
          j >= int64_t(dot.typeB.dims.size()) ||
          dot.typeA.dims[i] != dot.typeB.dims[j])
        return false;
    return true;
  };
  const DotDimensions &d = dot.dimensions;
  if (!fits(d.batchA, d.batchB) || !fits(d.contractedA, d.contractedB))
    return false;
  llvm::SmallVector<int64_t> expected;
  for (int64_t i : d.batchA)
    expected.push_back(dot.typeA.dims[i]);
  auto rest = [&](const HloType &type, llvm::ArrayRef<int64_t> batch,
                  llvm::ArrayRef<int64_t> contracted) {
    for (size_t i = 0; i < type.dims.size(); ++i)
      if (!llvm::is_contained(batch, int64_t(i)) &&
          !llvm::is_contained(contracted, int64_t(i)))
        expected.push_back(type.dims[i]);
  };
  rest(dot.typeA, d.batchA, d.contractedA);
  rest(dot.typeB, d.batchB, d.contractedB);
  return expected == dot.result.dims;
}

namespace {
/// Lines and columns of places that are asked for in order.
class Lines {
public:
  explicit Lines(llvm::StringRef text) : text(text) {}

  /// "line:column".
  std::string at(size_t place) {
    for (; counted < place; ++counted)
      if (text[counted] == '\n') {
        ++line;
        start = counted + 1;
      }
    return llvm::formatv("{0}:{1}", line, place - start + 1);
  }

private:
  llvm::StringRef text;
  size_t counted = 0, line = 1, start = 0;
};
} // namespace

std::vector<HloDot> sevenfold::findDots(llvm::StringRef text,
                                        llvm::StringRef path) {
  std::vector<HloDot> dots;
  Lines lines(text);
  size_t place = skipComments(text, 0);
  while (place < text.size()) {
    llvm::StringRef rest = text.substr(place);
    bool isGeneric = rest.starts_with("\"stablehlo.dot_general\"");
    // Not the end of another word.
    bool isPretty = rest.starts_with(kDot) &&
                    (place == 0 || llvm::isSpace(text[place - 1])) &&
                    rest.size() > kDot.size() &&
                    llvm::isSpace(rest[kDot.size()]);
    if (!isGeneric && !isPretty) {
      place = nextCode(text, place);
      continue;
    }
    HloDot dot;
    dot.begin = place;
    dot.location = (path + ":" + lines.at(place)).str();
    HloCursor cursor(text, place + kDot.size() + (isGeneric ? 2 : 0));
    bool isRead = (isGeneric ? readGeneric(cursor, text, dot)
                             : readPretty(cursor, text, dot)) &&
                  readTypes(cursor, dot);
    dot.end = cursor.at();
    if (!isRead && dot.reason.empty())
      dot.reason = "it is written in another way than expected";
    else if (isRead &&
             !(dot.typeA.isStatic && dot.typeB.isStatic && dot.result.isStatic))
      dot.reason = "its sizes are dynamic";
    else if (isRead && !isConsistent(dot))
      dot.reason = "its dimensions do not fit its types";
    place = skipComments(text, std::max(dot.end, nextCode(text, place)));
    dots.push_back(std::move(dot));
  }
  return dots;
}
