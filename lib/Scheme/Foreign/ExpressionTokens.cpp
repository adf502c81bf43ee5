//===- ExpressionTokens.cpp - The words of formulas -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pass over the text; an entry's indices are read by a few small matchers.
//
//===----------------------------------------------------------------------===//

#include "ExpressionTokens.h"
#include "ForeignFactors.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

using namespace sevenfold;
using llvm::StringRef;

namespace {

/// More tokens than any formulas of a scheme have: each takes memory.
constexpr size_t kMaxTokens = size_t(1) << 21;

class Tokenizer {
public:
  Tokenizer(StringRef text, StringRef where, unsigned maxIndex)
      : rest(text), where(where), maxIndex(maxIndex) {}

  llvm::Expected<std::vector<ExpressionToken>> run() {
    while (true) {
      skipSpace();
      if (rest.empty())
        break;
      if (tokens.size() > kMaxTokens)
        return makeError("{0}:{1}: expected at most {2} words", where, line,
                         kMaxTokens);
      if (llvm::Error error = readToken())
        return error;
    }
    add(ExpressionToken::End, "");
    return std::move(tokens);
  }

private:
  ExpressionToken &add(ExpressionToken::Kind kind, StringRef text) {
    // A sign between two lines joins them.
    bool isJoined = kind == ExpressionToken::Sign &&
                    StringRef("+-*/)=").contains(text) && !text.empty();
    if (wantsBreak && !isJoined && !endsOpen()) {
      tokens.emplace_back();
      tokens.back().kind = ExpressionToken::Break;
      tokens.back().line = line;
    }
    wantsBreak = false;
    tokens.emplace_back();
    tokens.back().kind = kind;
    tokens.back().line = line;
    tokens.back().text = text.str();
    return tokens.back();
  }
  /// Whether what is there cannot end a statement.
  bool endsOpen() const {
    return tokens.empty() || depth > 0 ||
           (tokens.back().kind == ExpressionToken::Sign &&
            tokens.back().text != ")");
  }
  void skipSpace() {
    while (!rest.empty()) {
      if (rest.front() == '\n') {
        ++line;
        wantsBreak = true;
        rest = rest.drop_front();
      } else if (rest.front() == '#' || rest.front() == '%' ||
                 rest.starts_with("//")) {
        rest = rest.drop_until([](char c) { return c == '\n'; });
      } else if (llvm::isSpace(rest.front())) {
        rest = rest.drop_front();
      } else {
        return;
      }
    }
  }
  llvm::Error readToken() {
    char first = rest.front();
    if (llvm::isDigit(first) || first == '.')
      return readNumber();
    if (llvm::isAlpha(first))
      return readWord();
    if (first == ';' || first == ',') {
      rest = rest.drop_front();
      wantsBreak = true;
      return llvm::Error::success();
    }
    // Maple's :=, and its : at the end of a line.
    if (first == ':') {
      rest = rest.drop_front();
      wantsBreak |= !rest.starts_with("=");
      return llvm::Error::success();
    }
    if (StringRef("+-*/()=").contains(first)) {
      add(ExpressionToken::Sign, rest.take_front(1));
      depth += first == '(' ? 1 : first == ')' && depth > 0 ? -1 : 0;
      rest = rest.drop_front();
      return llvm::Error::success();
    }
    return makeError("{0}:{1}: expected a formula but got '{2}'", where, line,
                     llvm::isPrint(first) ? rest.take_front(1)
                                          : StringRef("a special character"));
  }
  llvm::Error readNumber() {
    size_t length = rest.find_first_not_of("0123456789.");
    StringRef digits = rest.take_front(length);
    std::optional<Rational> value = coefficientFromText(digits);
    if (!value)
      return makeError("{0}:{1}: expected a number but got '{2}'", where, line,
                       digits.take_front(48));
    add(ExpressionToken::Number, digits).number = *value;
    rest = rest.drop_front(digits.size());
    return llvm::Error::success();
  }

  /// Digits at the front of `from`, which are taken off it.
  std::optional<unsigned> takeIndex(StringRef &from) const {
    StringRef digits = from.take_while(llvm::isDigit);
    unsigned index;
    if (digits.empty() || digits.getAsInteger(10, index))
      return std::nullopt;
    from = from.drop_front(digits.size());
    return index;
  }
  /// Takes `[i][j]`, `[i,j]` or `(i,j)` off `from`.
  bool takeBrackets(StringRef &from, unsigned &row, unsigned &column) const {
    bool isRound = from.starts_with("(");
    StringRef text = from;
    if (!text.consume_front(isRound ? "(" : "["))
      return false;
    text = text.ltrim(' ');
    std::optional<unsigned> i = takeIndex(text);
    text = text.ltrim(' ');
    if (!i ||
        !(text.consume_front(",") || (!isRound && text.consume_front("]["))))
      return false;
    text = text.ltrim(' ');
    std::optional<unsigned> j = takeIndex(text);
    text = text.ltrim(' ');
    if (!j || !text.consume_front(isRound ? ")" : "]"))
      return false;
    row = *i;
    column = *j;
    from = text;
    return true;
  }
  /// Takes the indices of an entry off `from`, which is what follows its
  /// letter: 11, 1_10, _1_10, _11 or brackets. False where it is none.
  bool takeIndices(StringRef &from, unsigned &row, unsigned &column) const {
    if (takeBrackets(from, row, column))
      return true;
    StringRef text = from;
    text.consume_front("_");
    StringRef digits = text.take_while(llvm::isDigit);
    StringRef after = text.drop_front(digits.size());
    if (after.starts_with("_") && after.size() > 1 && llvm::isDigit(after[1])) {
      after = after.drop_front();
      std::optional<unsigned> i = takeIndex(text), j = takeIndex(after);
      if (!i || !j)
        return false;
      row = *i;
      column = *j;
    } else if (digits.size() == 2) {
      row = digits[0] - '0';
      column = digits[1] - '0';
    } else {
      return false;
    }
    if (!after.empty() && (llvm::isAlnum(after[0]) || after[0] == '_'))
      return false;
    from = after;
    return true;
  }
  llvm::Error readWord() {
    StringRef letter = rest.take_front(1);
    StringRef after = rest.drop_front();
    size_t matrix = StringRef("abcABC").find(letter[0]);
    unsigned row, column;
    if (matrix != StringRef::npos && takeIndices(after, row, column)) {
      StringRef text = rest.drop_back(after.size());
      if (row > maxIndex || column > maxIndex)
        return makeError("{0}:{1}: expected indices up to {2} but got '{3}'",
                         where, line, maxIndex, text.take_front(48));
      ExpressionToken &token = add(ExpressionToken::Entry, text);
      token.matrix = matrix % 3;
      token.row = row;
      token.column = column;
      rest = after;
      return llvm::Error::success();
    }
    StringRef word =
        rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (matrix != StringRef::npos && word.size() > 3 &&
        word.drop_front().find_if_not(llvm::isDigit) == StringRef::npos)
      return makeError("{0}:{1}: '{2}' can be read in two ways: expected its "
                       "indices apart, as in a1_12",
                       where, line, word.take_front(48));
    StringRef name = word;
    // t[4]
    StringRef bracket = rest.drop_front(word.size());
    if (bracket.consume_front("[") && takeIndex(bracket) &&
        bracket.consume_front("]"))
      name = rest.drop_back(bracket.size());
    add(ExpressionToken::Name, name);
    rest = rest.drop_front(name.size());
    return llvm::Error::success();
  }

  StringRef rest, where;
  unsigned maxIndex;
  unsigned line = 1, depth = 0;
  bool wantsBreak = false;
  std::vector<ExpressionToken> tokens;
};

} // namespace

llvm::Expected<std::vector<ExpressionToken>>
sevenfold::tokenizeExpressions(StringRef text, StringRef where,
                               unsigned maxIndex) {
  return Tokenizer(text, where, maxIndex).run();
}
