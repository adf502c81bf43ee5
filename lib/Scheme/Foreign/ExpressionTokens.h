//===- ExpressionTokens.h - The words of formulas ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Splits formulas of schemes into numbers, entries of A, B and C in the
// notations that people use, names, and signs. Private.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_SCHEME_FOREIGN_EXPRESSIONTOKENS_H
#define SEVENFOLD_LIB_SCHEME_FOREIGN_EXPRESSIONTOKENS_H

#include "sevenfold/Scheme/Rational.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace sevenfold {

struct ExpressionToken {
  enum Kind {
    Number, ///< 3, 0.5
    Entry,  ///< a11, A_1_10, b[1][2], c(0,1)
    Name,   ///< m1, p_3, t[4]
    Sign,   ///< + - * / ( ) =
    Break,  ///< between two statements
    End
  };
  Kind kind = End;
  unsigned line = 0; ///< from 1
  Rational number;
  /// Of an entry: 0 for A, 1 for B, 2 for C; row and column as written.
  unsigned matrix = 0, row = 0, column = 0;
  std::string text; ///< as written
};

/// The tokens of formulas, the last one an End. Statements end with a line or a
/// ';'; lines are one statement where the first ends, or the second begins,
/// with a sign, or a parenthesis is open. '#', '//' and '%' begin comments.
/// Fails, naming the line, on other characters, and on an index above
/// `maxIndex` or one that can be read in two ways, as in a112.
llvm::Expected<std::vector<ExpressionToken>>
tokenizeExpressions(llvm::StringRef text, llvm::StringRef where,
                    unsigned maxIndex);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_FOREIGN_EXPRESSIONTOKENS_H
