//===- Options.h - Structs of options and their JSON ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A struct of numbers, whose initial values are the defaults, and a table of
// its fields, from which reading, writing and the check of the JSON Schema
// come:
//
//   static const OptionField<WalkOptions> fields[] = {
//       {"slack", "how far up a walk may go", &WalkOptions::slack, 0, 16}};
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_OPTIONS_H
#define SEVENFOLD_SUPPORT_OPTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace sevenfold {

/// A field's name in JSON, what it means, and the range it lies in. Bounds of
/// integers are whole and below 2^53.
template <class Options> struct OptionField {
  const char *name, *help;
  std::variant<int64_t Options::*, double Options::*> member;
  double minimum, maximum;

  bool isInteger() const { return member.index() == 0; }
};

/// A field of one struct.
struct BoundOption {
  llvm::StringRef name;
  std::variant<int64_t *, double *> value;
  double minimum, maximum;
};

/// The fields of `options`, which they point into.
template <class Options>
std::vector<BoundOption>
bindOptions(Options &options, llvm::ArrayRef<OptionField<Options>> fields) {
  std::vector<BoundOption> bound;
  for (const OptionField<Options> &field : fields) {
    BoundOption option{field.name, {}, field.minimum, field.maximum};
    std::visit([&](auto member) { option.value = &(options.*member); },
               field.member);
    bound.push_back(option);
  }
  return bound;
}

/// All of them as an object.
nlohmann::json toJson(llvm::ArrayRef<BoundOption> options);

/// Sets those that `json`, an object, has; "$schema" is passed over. Fails,
/// naming `where` and the key, on unknown keys, other types and values out of
/// range.
[[nodiscard]] llvm::Error readOptions(const nlohmann::json &json,
                                      llvm::StringRef where,
                                      llvm::ArrayRef<BoundOption> options);
/// The same from a file.
[[nodiscard]] llvm::Error readOptions(llvm::StringRef path,
                                      llvm::ArrayRef<BoundOption> options);

/// A file of options; what it leaves out is as in `options`. Fails as above.
template <class Options>
llvm::Expected<Options> readOptions(llvm::StringRef path,
                                    llvm::ArrayRef<OptionField<Options>> fields,
                                    Options options = {}) {
  if (llvm::Error error = readOptions(path, bindOptions(options, fields)))
    return error;
  return options;
}

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_OPTIONS_H
