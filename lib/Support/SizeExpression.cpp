//===- SizeExpression.cpp - Sizes that follow from others -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recursive descent over
//
//   sum     ::= product (('+' | '-') product)*
//   product ::= factor (('*' | '/' | '%') factor)*
//   factor  ::= number | '-' factor | 'in' I '_dim' J | '(' sum ')'
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/SizeExpression.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sevenfold;

namespace {
/// What a name stands for.
using Lookup = llvm::function_ref<llvm::Expected<int64_t>(unsigned, unsigned)>;

/// Walks through a text and computes on the way.
class Evaluator {
public:
  Evaluator(llvm::StringRef text, Lookup lookup)
      : text(text), rest(text), lookup(lookup) {}

  llvm::Expected<int64_t> run() {
    llvm::Expected<int64_t> value = sum();
    if (value && !rest.trim().empty())
      return fail("is not understood");
    return value;
  }

private:
  llvm::Error fail(const char *what) {
    return makeError("the size '{0}' {1}", text, what);
  }

  bool take(char c) {
    rest = rest.ltrim();
    return rest.consume_front(llvm::StringRef(&c, 1));
  }

  llvm::Expected<int64_t> combine(char operation, int64_t left, int64_t right) {
    int64_t result = 0;
    bool overflows = false;
    switch (operation) {
    case '+':
      overflows = __builtin_add_overflow(left, right, &result);
      break;
    case '-':
      overflows = __builtin_sub_overflow(left, right, &result);
      break;
    case '*':
      overflows = __builtin_mul_overflow(left, right, &result);
      break;
    default:
      if (right == 0)
        return fail("divides by zero");
      overflows = left == INT64_MIN && right == -1;
      if (!overflows)
        result = operation == '/' ? left / right : left % right;
    }
    if (overflows)
      return fail("overflows");
    return result;
  }

  /// Operands of one precedence, from the left.
  llvm::Expected<int64_t>
  chain(llvm::StringRef operations,
        llvm::function_ref<llvm::Expected<int64_t>()> operand) {
    llvm::Expected<int64_t> value = operand();
    while (value) {
      rest = rest.ltrim();
      if (rest.empty() || !operations.contains(rest.front()))
        return value;
      char operation = rest.front();
      rest = rest.drop_front();
      llvm::Expected<int64_t> right = operand();
      if (!right)
        return right;
      value = combine(operation, *value, *right);
    }
    return value;
  }

  llvm::Expected<int64_t> sum() {
    return chain("+-", [&] { return product(); });
  }
  llvm::Expected<int64_t> product() {
    return chain("*/%", [&] { return factor(); });
  }

  llvm::Expected<int64_t> factor() {
    if (++depth > kMaxDepth)
      return fail("is nested too deeply");
    llvm::Expected<int64_t> value = unnested();
    --depth;
    return value;
  }

  llvm::Expected<int64_t> unnested() {
    if (take('(')) {
      llvm::Expected<int64_t> value = sum();
      if (value && !take(')'))
        return fail("lacks a ')'");
      return value;
    }
    if (take('-')) {
      llvm::Expected<int64_t> value = factor();
      return value ? combine('-', 0, *value) : std::move(value);
    }
    unsigned input, dimension;
    if (rest.consume_front("in")) {
      if (rest.consumeInteger(10, input) || !rest.consume_front("_dim") ||
          rest.consumeInteger(10, dimension))
        return fail("is not understood");
      return lookup(input, dimension);
    }
    int64_t number;
    if (rest.empty() || !llvm::isDigit(rest.front()) ||
        rest.consumeInteger(10, number))
      return fail("is not understood");
    return number;
  }

  static constexpr int kMaxDepth = 100;

  llvm::StringRef text, rest;
  Lookup lookup;
  int depth = 0;
};
} // namespace

llvm::Expected<SizeExpression> SizeExpression::parse(llvm::StringRef text) {
  // Whatever sizes inputs have, the form is the same; and of size 1 most
  // expressions have a value.
  auto anything = [](unsigned, unsigned) -> llvm::Expected<int64_t> {
    return 1;
  };
  llvm::Expected<int64_t> value = Evaluator(text, anything).run();
  if (!value)
    return value.takeError();
  SizeExpression expression;
  expression.text = text.str();
  return expression;
}

llvm::Expected<int64_t>
SizeExpression::evaluate(llvm::ArrayRef<std::vector<int64_t>> inputs) const {
  auto sizeOf = [&](unsigned input,
                    unsigned dimension) -> llvm::Expected<int64_t> {
    if (input >= inputs.size() || dimension >= inputs[input].size())
      return makeError("there is no '{0}'", sizeName(input, dimension));
    return inputs[input][dimension];
  };
  return Evaluator(text, sizeOf).run();
}

std::string sevenfold::sizeName(unsigned input, unsigned dimension) {
  return llvm::formatv("in{0}_dim{1}", input, dimension);
}
