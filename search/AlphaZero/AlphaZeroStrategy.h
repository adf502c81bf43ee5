//===- AlphaZeroStrategy.h - Search by playing TensorGame -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network learns from random demonstrations first, then from the games it
// plays with tree search (Fawzi et al., 2022; Silver et al., "A general
// reinforcement learning algorithm that masters chess, shogi, and Go through
// self-play", 2018). It is given the rules and nothing of the target.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_ALPHAZERO_ALPHAZEROSTRATEGY_H
#define SEVENFOLD_SEARCH_ALPHAZERO_ALPHAZEROSTRATEGY_H

#include "search/AlphaZero/AlphaZeroOptions.h"
#include "search/Frame/SearchStrategy.h"

#include <functional>

namespace sevenfold {

/// Makes the network for a game; LoadNetwork.h has the real one.
using CreateNetwork = std::function<llvm::Expected<std::unique_ptr<Network>>(
    const TensorGame &game, const NetworkOptions &options, uint64_t seed,
    unsigned threads)>;

/// A step is a position evaluated or trained on, a move one that was played.
/// Starts are not used. Fails over rings other than Z2 and Z, for coefficients
/// that are not from -c to c, for tensors that are zero or have huge entries,
/// and where the network does.
llvm::Expected<std::unique_ptr<SearchStrategy>>
createAlphaZeroStrategy(const SearchTask &task, const AlphaZeroOptions &options,
                        const CreateNetwork &createNetwork);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_ALPHAZERO_ALPHAZEROSTRATEGY_H
