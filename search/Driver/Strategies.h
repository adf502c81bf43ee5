//===- Strategies.h - Strategies by name ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of all ways to search.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_DRIVER_STRATEGIES_H
#define SEVENFOLD_SEARCH_DRIVER_STRATEGIES_H

#include "search/Frame/SearchStrategy.h"

#include <set>
#include <string>

namespace sevenfold {

std::set<std::string> strategyNames();

/// "alphazero", "flip-graph", "levenberg-marquardt", .. `config` is a file of
/// the strategy's options; empty: its defaults. Fails on other names, on tasks
/// the strategy cannot take, and on what is wrong with the file.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createStrategy(const std::string &name, const std::string &config,
               const SearchTask &task);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_DRIVER_STRATEGIES_H
