//===- Json.h - Reading JSON that somebody else wrote -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strict parsing and small schema checks whose errors name the file and the
// place in it. Every check takes 'where', the place of the object it is
// given, such as "plan.json: levels[0]".
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_JSON_H
#define SEVENFOLD_SUPPORT_JSON_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sevenfold {

/// Files longer than this are refused unread.
constexpr uint64_t kMaxJsonBytes = uint64_t(64) << 20;
/// Deeper nesting than this is refused.
constexpr int kMaxJsonDepth = 64;

/// Parses one JSON value that fills `text`. Fails, naming `where` with line and
/// column, on a syntax error, a number no double holds, a duplicate key,
/// nesting beyond kMaxJsonDepth or a text beyond kMaxJsonBytes.
llvm::Expected<nlohmann::json> parseJson(llvm::StringRef text,
                                         llvm::StringRef where);

/// parseJson of a file's content.
llvm::Expected<nlohmann::json> readJsonFile(llvm::StringRef path);

/// Fails unless `value` is an object that has every key of `required` and no
/// key outside `required` and `optional`; an unknown key is named.
[[nodiscard]] llvm::Error
requireObject(const nlohmann::json &value, llvm::StringRef where,
              llvm::ArrayRef<llvm::StringRef> required,
              llvm::ArrayRef<llvm::StringRef> optional = {});

/// Whether `object` is an object with that key.
bool hasKey(const nlohmann::json &object, llvm::StringRef key);

/// The member `key` of `object`, checked for its type. Each fails where
/// `object` is no object, the key is missing, or the type or range is another;
/// the error names `where` and the key. Returned pointers point into `object`.
llvm::Expected<std::string> getString(const nlohmann::json &object,
                                      llvm::StringRef key,
                                      llvm::StringRef where);
llvm::Expected<int64_t>
getInteger(const nlohmann::json &object, llvm::StringRef key,
           llvm::StringRef where,
           int64_t minimum = std::numeric_limits<int64_t>::min(),
           int64_t maximum = std::numeric_limits<int64_t>::max());
llvm::Expected<double> getNumber(const nlohmann::json &object,
                                 llvm::StringRef key, llvm::StringRef where);
/// An array of finite numbers.
llvm::Expected<std::vector<double>> getNumbers(const nlohmann::json &object,
                                               llvm::StringRef key,
                                               llvm::StringRef where);
llvm::Expected<bool> getBoolean(const nlohmann::json &object,
                                llvm::StringRef key, llvm::StringRef where);
llvm::Expected<const nlohmann::json *> getArray(const nlohmann::json &object,
                                                llvm::StringRef key,
                                                llvm::StringRef where);
llvm::Expected<const nlohmann::json *> getObject(const nlohmann::json &object,
                                                 llvm::StringRef key,
                                                 llvm::StringRef where);

/// "an object", "a string", "an integer", .. for error messages.
llvm::StringRef describeJsonType(const nlohmann::json &value);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_JSON_H
