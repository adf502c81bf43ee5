//===- Expressions.cpp - Schemes as formulas ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two forms, which a file may mix:
//
//   m1 = (a11 + a22) * (b11 + b22)          products by name, and entries of C
//   c11 = m1 + m4 - m5 + m7                 as sums of them
//
//   (a11 + a22)*(b11 + b22)*(c11 + c22)     a sum over lines and terms, as the
//                                           catalogue of fmm.univ-lille.fr and
//                                           programs for flip graphs write it
//
// Every value is a number or linear in something: in entries of A, B or C, in
// products, or in pairs of a product and an entry of C, which is what W is.
// Multiplying a form of A by one of B makes a product. So straight-line
// programs with sums of their own (s1 = a21 + a22) are read as well.
//
//===----------------------------------------------------------------------===//

#include "ExpressionTokens.h"
#include "ForeignFactors.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"

#include <algorithm>
#include <map>

using namespace sevenfold;
using llvm::StringRef;

namespace {

constexpr unsigned kMaxDepth = 64;
/// Terms that are touched in all: more than any scheme takes, and a bound of
/// time and memory.
constexpr size_t kMaxTerms = size_t(1) << 22;

/// A linear form: what it is linear in, and the coefficients.
struct Form {
  enum Kind { Number, A, B, C, Products, Pairs };
  Kind kind = Number;
  /// By entry (see entryKey), product, or pair (see pairKey); 0 for a number.
  std::map<uint32_t, Rational> terms;
};

uint32_t entryKey(unsigned row, unsigned column) { return row << 8 | column; }
uint32_t pairKey(uint32_t product, uint32_t entry) {
  return product << 16 | entry;
}

StringRef describe(Form::Kind kind) {
  switch (kind) {
  case Form::Number:
    return "a number";
  case Form::A:
    return "entries of A";
  case Form::B:
    return "entries of B";
  case Form::C:
    return "entries of C";
  case Form::Products:
    return "products";
  case Form::Pairs:
    return "products with entries of C";
  }
  return "";
}

class Evaluator {
public:
  Evaluator(std::vector<ExpressionToken> tokens, StringRef where)
      : tokens(std::move(tokens)), where(where) {}

  llvm::Expected<ForeignFactors> run() {
    while (peek().kind != ExpressionToken::End) {
      if (peek().kind == ExpressionToken::Break) {
        ++position;
        continue;
      }
      if (llvm::Error error = readStatement())
        return error;
      if (peek().kind != ExpressionToken::Break &&
          peek().kind != ExpressionToken::End)
        return unexpected("the end of a formula");
    }
    return makeFactors();
  }

private:
  const ExpressionToken &peek(size_t ahead = 0) const {
    return tokens[std::min(position + ahead, tokens.size() - 1)];
  }
  bool isSign(char sign, size_t ahead = 0) const {
    return peek(ahead).kind == ExpressionToken::Sign &&
           peek(ahead).text[0] == sign;
  }
  bool takeSign(char sign) {
    if (!isSign(sign))
      return false;
    ++position;
    return true;
  }
  unsigned lineOfPosition() const {
    bool isBetween = peek().kind == ExpressionToken::Break ||
                     peek().kind == ExpressionToken::End;
    return isBetween && position > 0 ? tokens[position - 1].line : peek().line;
  }
  template <typename... Ts>
  llvm::Error problem(const char *format, Ts &&...values) const {
    return makeError("{0}:{1}: {2}", where, lineOfPosition(),
                     llvm::formatv(format, std::forward<Ts>(values)...).str());
  }
  llvm::Error unexpected(const char *expected) const {
    bool isEnd = peek().kind == ExpressionToken::Break ||
                 peek().kind == ExpressionToken::End;
    if (isEnd)
      return problem("expected {0} but the formula ends", expected);
    return problem("expected {0} but got '{1}'", expected,
                   StringRef(peek().text).take_front(48));
  }
  llvm::Error spend(size_t count) {
    terms += count;
    if (terms > kMaxTerms)
      return problem("expected formulas of at most {0} terms in all",
                     kMaxTerms);
    return llvm::Error::success();
  }

  //===--------------------------------------------------------------------===//
  // Statements
  //===--------------------------------------------------------------------===//

  llvm::Error readStatement() {
    if (isSign('=', 1))
      return readAssignment();
    llvm::Expected<Form> value = readSum(0);
    if (!value)
      return value.takeError();
    if (value->kind != Form::Pairs && !value->terms.empty())
      return problem("this goes nowhere: expected a product of entries of A, B "
                     "and C, or 'NAME =' before it, but it is {0}",
                     describe(value->kind));
    return addTo(pairs, value->terms);
  }

  llvm::Error readAssignment() {
    const ExpressionToken target = peek();
    bool isOutput = target.kind == ExpressionToken::Entry && target.matrix == 2;
    if (target.kind != ExpressionToken::Name && !isOutput)
      return unexpected("a name or an entry of C before '='");
    position += 2;
    llvm::Expected<Form> value = readSum(0);
    if (!value)
      return value.takeError();
    if (!isOutput) {
      if (!names.emplace(target.text, std::move(*value)).second)
        return problem("'{0}' is defined twice",
                       StringRef(target.text).take_front(48));
      return llvm::Error::success();
    }
    if (value->kind != Form::Products && !value->terms.empty())
      return problem("expected '{0}' to be a sum of products but it is {1}",
                     target.text, describe(value->kind));
    uint32_t entry = entryKey(target.row, target.column);
    for (auto &[product, coefficient] : value->terms)
      if (llvm::Error error =
              addTo(pairs, {{pairKey(product, entry), coefficient}}))
        return error;
    if (!outputs.emplace(entry, std::move(*value)).second)
      return problem("'{0}' is defined twice", target.text);
    return llvm::Error::success();
  }

  //===--------------------------------------------------------------------===//
  // Expressions
  //===--------------------------------------------------------------------===//

  llvm::Expected<Form> readSum(unsigned depth) {
    Form sum;
    bool isFirst = true;
    while (isFirst || isSign('+') || isSign('-')) {
      bool isNegative = false;
      while (isSign('+') || isSign('-'))
        isNegative ^= tokens[position++].text == "-";
      llvm::Expected<Form> term = readTerm(depth);
      if (!term)
        return term.takeError();
      if (isNegative)
        for (auto &[key, coefficient] : term->terms)
          coefficient = negate(coefficient);
      if (sum.terms.empty())
        sum.kind = term->kind;
      if (term->kind != sum.kind && !term->terms.empty())
        return problem("a sum of {0} and of {1}", describe(sum.kind),
                       describe(term->kind));
      if (llvm::Error error = addTo(sum.terms, term->terms))
        return error;
      isFirst = false;
    }
    return sum;
  }

  bool beginsFactor() const {
    return peek().kind == ExpressionToken::Number ||
           peek().kind == ExpressionToken::Entry ||
           peek().kind == ExpressionToken::Name || isSign('(');
  }

  llvm::Expected<Form> readTerm(unsigned depth) {
    llvm::Expected<Form> value = readFactor(depth);
    while (value && (isSign('*') || isSign('/') || beginsFactor())) {
      bool isQuotient = isSign('/');
      if (isQuotient || isSign('*'))
        ++position;
      bool isNegative = takeSign('-');
      llvm::Expected<Form> factor = readFactor(depth);
      if (!factor)
        return factor;
      if (isQuotient && (factor->kind != Form::Number || factor->terms.empty()))
        return problem("expected a number other than 0 after '/'");
      if (isQuotient)
        factor->terms[0] = *divide({1, 1}, factor->terms[0]);
      if (isNegative)
        for (auto &[key, coefficient] : factor->terms)
          coefficient = negate(coefficient);
      value = multiplied(std::move(*value), std::move(*factor));
    }
    return value;
  }

  llvm::Expected<Form> readFactor(unsigned depth) {
    const ExpressionToken &token = peek();
    Form form;
    switch (token.kind) {
    case ExpressionToken::Number:
      ++position;
      if (!token.number.isZero())
        form.terms[0] = token.number;
      return form;
    case ExpressionToken::Entry: {
      ++position;
      uint32_t key = entryKey(token.row, token.column);
      auto output = outputs.find(key);
      if (token.matrix == 2 && output != outputs.end())
        return copied(output->second);
      form.kind = Form::Kind(Form::A + token.matrix);
      form.terms[key] = {1, 1};
      return form;
    }
    case ExpressionToken::Name: {
      auto found = names.find(token.text);
      if (found == names.end())
        return problem("nothing defines '{0}'",
                       StringRef(token.text).take_front(48));
      ++position;
      return copied(found->second);
    }
    default:
      return readParentheses(depth);
    }
  }

  llvm::Expected<Form> readParentheses(unsigned depth) {
    if (!isSign('('))
      return unexpected("a number, an entry of A, B or C, a name or '('");
    if (depth >= kMaxDepth)
      return problem("parentheses deeper than {0} levels", kMaxDepth);
    ++position;
    llvm::Expected<Form> sum = readSum(depth + 1);
    if (sum && !takeSign(')'))
      return unexpected("')'");
    return sum;
  }

  llvm::Expected<Form> copied(const Form &form) {
    if (llvm::Error error = spend(form.terms.size()))
      return error;
    return form;
  }

  //===--------------------------------------------------------------------===//
  // Arithmetic
  //===--------------------------------------------------------------------===//

  llvm::Error addTo(std::map<uint32_t, Rational> &sum,
                    const std::map<uint32_t, Rational> &added) {
    if (llvm::Error error = spend(added.size()))
      return error;
    for (auto &[key, coefficient] : added) {
      Rational &place = sum[key];
      std::optional<Rational> value = add(place, coefficient);
      if (!value)
        return problem("a coefficient does not fit in 64 bits");
      place = *value;
      if (place.isZero())
        sum.erase(key);
    }
    return llvm::Error::success();
  }

  llvm::Expected<Form> multiplied(Form left, Form right) {
    if (left.kind == Form::Number)
      return scaled(std::move(right), left);
    if (right.kind == Form::Number)
      return scaled(std::move(left), right);
    if (left.kind == Form::A && right.kind == Form::B)
      return product(std::move(left), std::move(right));
    if (left.kind == Form::C && right.kind == Form::Products)
      std::swap(left, right);
    if (left.kind == Form::Products && right.kind == Form::C)
      return paired(left, right);
    return problem("{0} times {1}: expected entries of A, then of B, then of C",
                   describe(left.kind), describe(right.kind));
  }

  llvm::Expected<Form> scaled(Form form, const Form &number) {
    if (number.terms.empty())
      form.terms.clear();
    for (auto &[key, coefficient] : form.terms) {
      std::optional<Rational> value =
          multiply(coefficient, number.terms.begin()->second);
      if (!value)
        return problem("a coefficient does not fit in 64 bits");
      coefficient = *value;
    }
    return form;
  }

  llvm::Expected<Form> product(Form left, Form right) {
    if (products.size() == kMaxSchemeRank)
      return problem("expected at most {0} products", kMaxSchemeRank);
    Form form;
    form.kind = Form::Products;
    form.terms[products.size()] = {1, 1};
    products.push_back({std::move(left.terms), std::move(right.terms)});
    return form;
  }

  llvm::Expected<Form> paired(const Form &sum, const Form &entries) {
    if (llvm::Error error = spend(sum.terms.size() * entries.terms.size()))
      return error;
    Form form;
    form.kind = Form::Pairs;
    for (auto &[index, left] : sum.terms)
      for (auto &[entry, right] : entries.terms) {
        std::optional<Rational> value = multiply(left, right);
        if (!value)
          return problem("a coefficient does not fit in 64 bits");
        form.terms[pairKey(index, entry)] = *value;
      }
    return form;
  }

  //===--------------------------------------------------------------------===//
  // The factors
  //===--------------------------------------------------------------------===//

  /// The least and largest index of each matrix that occurs.
  struct Extent {
    unsigned least = ~0u, rows = 0, columns = 0;
    void include(uint32_t entry) {
      unsigned row = (entry >> 8) & 0xff, column = entry & 0xff;
      least = std::min({least, row, column});
      rows = std::max(rows, row);
      columns = std::max(columns, column);
    }
  };

  llvm::Expected<ForeignFactors> makeFactors() const {
    std::array<Extent, 3> extents;
    for (auto &[a, b] : products) {
      for (auto &term : a)
        extents[0].include(term.first);
      for (auto &term : b)
        extents[1].include(term.first);
    }
    for (auto &term : pairs)
      extents[2].include(term.first & 0xffff);
    // In a scheme that is exact every entry occurs, so the least index is where
    // counting begins.
    unsigned base =
        std::min({extents[0].least, extents[1].least, extents[2].least});
    if (pairs.empty())
      return makeError("{0}: expected formulas of products and of entries of C "
                       "but there are none",
                       where);
    if (base > 1)
      return makeError("{0}: expected indices from 0 or 1 but the least is {1}",
                       where, base);
    ForeignFactors result;
    result.rows = FactorRows::Products;
    for (unsigned i = 0; i < 3; ++i) {
      unsigned size =
          (extents[i].rows - base + 1) * (extents[i].columns - base + 1);
      if (size > kMaxSchemeBlocks)
        return makeError(
            "{0}: expected at most {1} entries of a matrix but got "
            "{2}",
            where, kMaxSchemeBlocks, size);
      result.factors[i] = Factor(products.size(), size);
    }
    auto put = [&](unsigned matrix, unsigned t, uint32_t entry,
                   const Rational &coefficient) {
      unsigned row = ((entry >> 8) & 0xff) - base,
               column = (entry & 0xff) - base;
      result.factors[matrix].at(t, row * (extents[matrix].columns - base + 1) +
                                       column) = coefficient;
    };
    for (unsigned t = 0; t < products.size(); ++t) {
      for (auto &[entry, coefficient] : products[t].first)
        put(0, t, entry, coefficient);
      for (auto &[entry, coefficient] : products[t].second)
        put(1, t, entry, coefficient);
    }
    for (auto &[pair, coefficient] : pairs)
      put(2, pair >> 16, pair & 0xffff, coefficient);
    return result;
  }

  std::vector<ExpressionToken> tokens;
  StringRef where;
  size_t position = 0, terms = 0;
  std::map<std::string, Form> names;
  std::map<uint32_t, Form> outputs; ///< entries of C that are defined
  /// The forms of A and of B of each product.
  std::vector<
      std::pair<std::map<uint32_t, Rational>, std::map<uint32_t, Rational>>>
      products;
  std::map<uint32_t, Rational> pairs; ///< W
};

} // namespace

llvm::Expected<std::vector<ForeignFactors>>
sevenfold::readExpressions(StringRef content, StringRef where) {
  llvm::Expected<std::vector<ExpressionToken>> tokens =
      tokenizeExpressions(content, where, kMaxSchemeDimension);
  if (!tokens)
    return tokens.takeError();
  llvm::Expected<ForeignFactors> read =
      Evaluator(std::move(*tokens), where).run();
  if (!read)
    return read.takeError();
  return std::vector<ForeignFactors>{std::move(*read)};
}
