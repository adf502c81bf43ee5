//===- UsageErrors.cpp - What was wrong with a command line ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Names the word, where the parser's own message says only that one is missing.
//
//===----------------------------------------------------------------------===//

#include "UsageErrors.h"

#include "sevenfold/Support/Budget.h"
#include "sevenfold/Support/Size.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FormatVariadic.h"

#include <CLI/CLI.hpp>

#include <cmath>

using namespace sevenfold;

std::string sevenfold::errorLine(llvm::StringRef message) {
  constexpr size_t kLongest = 600;
  llvm::StringRef first = message.split('\n').first;
  std::string line = first.take_front(kLongest).str();
  auto *begin = reinterpret_cast<const llvm::UTF8 *>(first.begin());
  bool isText = llvm::isLegalUTF8String(
      &begin, reinterpret_cast<const llvm::UTF8 *>(first.end()));
  // A character may be cut in two.
  bool isAscii = !isText || first.size() > kLongest;
  for (char &c : line)
    if (unsigned char byte = c; byte < 0x20 || byte == 0x7f)
      c = ' ';
    else if (isAscii && byte >= 0x80)
      c = '?';
  return first.size() > kLongest ? line + ".." : line;
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// The innermost command that was understood.
static const CLI::App &innermost(const CLI::App &app) {
  auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.back());
}

static std::string fullName(const CLI::App &command) {
  const CLI::App *parent = command.get_parent();
  return parent ? fullName(*parent) + " " + command.get_name()
                : command.get_name();
}

static std::vector<std::string> subcommandNames(const CLI::App &command) {
  std::vector<std::string> names;
  for (const CLI::App *nested : command.get_subcommands({}))
    names.push_back(nested->get_name());
  return names;
}

/// The names of all options that may stand behind the command.
static std::vector<std::string> optionNames(const CLI::App &command) {
  std::vector<std::string> names;
  for (const CLI::App *app = &command; app; app = app->get_parent())
    for (const CLI::Option *option : app->get_options())
      for (const std::string &name : option->get_lnames())
        names.push_back("--" + name);
  return names;
}

/// The name that `word` was probably meant to be, or "".
static std::string nearestName(llvm::StringRef word,
                               const std::vector<std::string> &names) {
  std::string nearest;
  unsigned least = unsigned(std::max<size_t>(1, word.size() / 3)) + 1;
  for (const std::string &name : names) {
    unsigned distance = word.edit_distance(name, true, least);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

/// "'a', 'b' or 'c'".
static std::string alternatives(const std::vector<std::string> &names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i)
    text += (i == 0                  ? "'"
             : i + 1 == names.size() ? "' or '"
                                     : "', '") +
            names[i];
  return text + "'";
}

static std::string shortWord(llvm::StringRef word) {
  constexpr size_t kShown = 64;
  return word.size() <= kShown ? word.str()
                               : word.take_front(kShown).str() + "..";
}

static std::string describeWord(const CLI::App &command, llvm::StringRef word) {
  bool isOption = word.starts_with("-");
  std::vector<std::string> names =
      isOption ? optionNames(command) : subcommandNames(command);
  std::string text =
      llvm::formatv("'{0}' is no {1} of '{2}'", shortWord(word),
                    isOption ? "option" : "subcommand", fullName(command));
  if (word == "help")
    return text + "; did you mean '--help'?";
  if (std::string meant = nearestName(word.split('=').first, names);
      !meant.empty())
    return text + "; did you mean '" + meant + "'?";
  return isOption ? text + "; '--help' lists them"
                  : text + ": expected " + alternatives(names);
}

std::string sevenfold::describeUsage(const CLI::App &app,
                                     const CLI::ParseError &error) {
  const CLI::App &command = innermost(app);
  auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  bool isMissing = code == CLI::ExitCodes::RequiredError &&
                   llvm::StringRef(error.what()).contains("subcommand");
  bool isExtra = code == CLI::ExitCodes::ExtrasError;
  bool hasCommands = !subcommandNames(command).empty();
  for (const std::string &word : app.remaining(true)) {
    bool isOption = llvm::StringRef(word).starts_with("-");
    if (isOption ? isExtra : (isMissing || isExtra) && hasCommands)
      return describeWord(command, word);
  }
  if (isMissing)
    return llvm::formatv("'{0}' needs a subcommand: {1}", fullName(command),
                         alternatives(subcommandNames(command)));
  return error.what();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// A check by a parser: what it says is the message.
template <typename Parse>
static CLI::Validator isTakenBy(Parse parse, const char *name) {
  return CLI::Validator(
      [parse](std::string &text) -> std::string {
        auto value = parse(text);
        return value ? "" : llvm::toString(value.takeError());
      },
      "", name);
}

CLI::Validator sevenfold::isSeed() {
  return CLI::Validator(
      [](std::string &text) -> std::string {
        uint64_t number;
        return llvm::StringRef(text).getAsInteger(10, number)
                   ? "expected a whole number from 0 to 2^64 - 1 but got '" +
                         shortWord(text) + "'"
                   : "";
      },
      "", "seed");
}

/// Accepts finite numbers above 0, or 0 as well.
static CLI::Validator isFinite(bool orZero) {
  return CLI::Validator(
      [orZero](std::string &text) -> std::string {
        double number;
        bool isNumber =
            !llvm::StringRef(text).getAsDouble(number) && std::isfinite(number);
        if (isNumber && (number > 0 || (orZero && number == 0)))
          return "";
        return std::string("expected a number ") +
               (orZero ? "of at least 0" : "above 0") + " but got '" +
               shortWord(text) + "'";
      },
      "", orZero ? "non-negative" : "positive");
}

CLI::Validator sevenfold::isPositive() { return isFinite(/*orZero=*/false); }

CLI::Validator sevenfold::isNonNegative() { return isFinite(/*orZero=*/true); }

CLI::Validator sevenfold::isSize() { return isTakenBy(parseSize, "size"); }

CLI::Validator sevenfold::isBudget() {
  return isTakenBy(BudgetLimit::parse, "budget");
}
