//===- SevenfoldAttributes.cpp - #sevenfold.plan --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Printing, parsing and slicing of the plan attribute.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sevenfold;

#define GET_ATTRDEF_CLASSES
#include "sevenfold/Dialect/SevenfoldAttributes.cpp.inc"

void SevenfoldDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sevenfold/Dialect/SevenfoldAttributes.cpp.inc"
      >();
}

llvm::hash_code sevenfold::hash_value(const Plan &plan) {
  llvm::hash_code hash = llvm::hash_combine(
      plan.provider, plan.slab, plan.together, plan.ragged, plan.scaling);
  for (const Level &level : plan.levels)
    hash =
        llvm::hash_combine(hash, level.scheme, level.execution, level.composed);
  return hash;
}

PlanAttr PlanAttr::dropLevels(unsigned count) const {
  Plan rest = getValue();
  assert(count <= rest.levels.size() && "dropping more levels than there are");
  // The operands of what is left are sums of scaled ones.
  if (count > 0)
    rest.scaling = Scaling::None;
  rest.levels.erase(rest.levels.begin(), rest.levels.begin() + count);
  rest.together &= rest.hasFusedLevel();
  return PlanAttr::get(getContext(), std::move(rest));
}

void PlanAttr::print(AsmPrinter &printer) const {
  const Plan &plan = getValue();
  printer << "<[";
  llvm::interleaveComma(plan.levels, printer, [&](const Level &level) {
    printer << (level.composed ? "composed " : "")
            << stringifyExecution(level.execution) << ' ';
    printer.printString(level.scheme);
  });
  printer << ']';
  if (!plan.provider.empty()) {
    printer << ", provider = ";
    printer.printString(plan.provider);
  }
  if (plan.slab != 0)
    printer << ", slab = " << plan.slab;
  if (plan.together)
    printer << ", together = true";
  if (plan.ragged != Ragged::Peel)
    printer << ", ragged = " << stringifyRagged(plan.ragged);
  if (plan.scaling != Scaling::None)
    printer << ", scaling = " << stringifyScaling(plan.scaling);
  printer << '>';
}

/// level ::= `composed`? (`breadth` | `depth` | `fused`) string
static ParseResult parseLevel(AsmParser &parser, Level &level) {
  level.composed = succeeded(parser.parseOptionalKeyword("composed"));
  StringRef execution;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&execution))
    return failure();
  std::optional<Execution> parsed = parseExecution(execution);
  if (!parsed)
    return parser.emitError(loc, "expected 'breadth', 'depth' or 'fused' but "
                                 "got '")
           << execution << "'";
  level.execution = *parsed;
  return parser.parseString(&level.scheme);
}

Attribute PlanAttr::parse(AsmParser &parser, Type) {
  Plan plan;
  SMLoc levelsLoc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parseLevel(parser, plan.levels.emplace_back());
      }))
    return {};
  if (plan.levels.size() > kMaxLevels) {
    parser.emitError(levelsLoc, "expected at most ")
        << kMaxLevels << " levels but got " << plan.levels.size();
    return {};
  }
  if (!plan.levels.empty() && plan.levels.back().composed) {
    parser.emitError(levelsLoc, "the last level has no level to be composed "
                                "with");
    return {};
  }
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key, ragged;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return {};
    if (key == "provider") {
      if (parser.parseString(&plan.provider))
        return {};
      continue;
    }
    if (key == "slab") {
      SMLoc slabLoc = parser.getCurrentLocation();
      if (parser.parseInteger(plan.slab))
        return {};
      if (plan.slab < 1 || plan.slab > kMaxSlab) {
        parser.emitError(slabLoc, "expected a slab from 1 to ") << kMaxSlab;
        return {};
      }
      continue;
    }
    if (key == "together") {
      SMLoc togetherLoc = parser.getCurrentLocation();
      StringRef word;
      if (parser.parseKeyword(&word))
        return {};
      plan.together = word == "true";
      if ((!plan.together && word != "false") ||
          (plan.together && !plan.hasFusedLevel())) {
        parser.emitError(togetherLoc, "expected 'true' of a plan with a fused "
                                      "level, or 'false'");
        return {};
      }
      continue;
    }
    if (key == "scaling") {
      SMLoc scalingLoc = parser.getCurrentLocation();
      StringRef word;
      if (parser.parseKeyword(&word))
        return {};
      std::optional<Scaling> scaling = parseScaling(word);
      if (!scaling || (*scaling != Scaling::None && plan.levels.empty())) {
        parser.emitError(scalingLoc, "expected 'none', or 'rows' of a plan "
                                     "with levels");
        return {};
      }
      plan.scaling = *scaling;
      continue;
    }
    if (key != "ragged") {
      parser.emitError(loc, "expected 'provider', 'slab', 'together', 'ragged' "
                            "or 'scaling' but got '")
          << key << "'";
      return {};
    }
    SMLoc valueLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&ragged))
      return {};
    std::optional<Ragged> parsed = parseRagged(ragged);
    if (!parsed) {
      parser.emitError(valueLoc, "expected 'peel' or 'pad' but got '")
          << ragged << "'";
      return {};
    }
    plan.ragged = *parsed;
  }
  if (parser.parseGreater())
    return {};
  return PlanAttr::get(parser.getContext(), std::move(plan));
}
