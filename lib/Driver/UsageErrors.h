//===- UsageErrors.h - What was wrong with a command line -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one line that is said about it, and checks of values that every command
// takes, whether it uses them or not.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_USAGEERRORS_H
#define SEVENFOLD_LIB_DRIVER_USAGEERRORS_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace CLI {
class App;
class ParseError;
class Validator;
} // namespace CLI

namespace sevenfold {

/// The first line of a message as a terminal can show it: at most some hundred
/// characters, and '?' for bytes that are no text.
std::string errorLine(llvm::StringRef message);

/// What was wrong with the words that `app` could not take: the word that is no
/// subcommand or option, and what was probably meant.
std::string describeUsage(const CLI::App &app, const CLI::ParseError &error);

/// A number from 0 to 2^64 - 1, a finite number above 0, and what parseSize and
/// BudgetLimit::parse take.
CLI::Validator isSeed();
CLI::Validator isPositive();
/// Accepts what is a number, finite and not below 0.
CLI::Validator isNonNegative();
CLI::Validator isSize();
CLI::Validator isBudget();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_USAGEERRORS_H
