//===- RandomState.h - Generators in checkpoints ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Words and the states of random generators as JSON.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_RANDOMSTATE_H
#define SEVENFOLD_SEARCH_FRAME_RANDOMSTATE_H

#include "sevenfold/Support/Random.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace sevenfold {

/// Whether `json` is an integer that fits `word`.
template <typename Word> bool readWord(const nlohmann::json &json, Word &word) {
  if (!json.is_number_integer() ||
      (!json.is_number_unsigned() && json.get<int64_t>() < 0))
    return false;
  uint64_t value = json.get<uint64_t>();
  word = Word(value);
  return word == value;
}

/// Nothing where `json` is not the state of a generator.
inline std::optional<Random::State> randomFromJson(const nlohmann::json &json) {
  Random::State state;
  uint64_t any = 0;
  if (!json.is_array() || json.size() != state.size())
    return std::nullopt;
  for (size_t i = 0; i < state.size(); ++i) {
    if (!readWord(json[i], state[i]))
      return std::nullopt;
    any |= state[i];
  }
  if (any == 0)
    return std::nullopt;
  return state;
}

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_RANDOMSTATE_H
