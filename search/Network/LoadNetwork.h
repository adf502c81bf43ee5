//===- LoadNetwork.h - Networks from their library --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LibTorch is more than a hundred megabytes and is loaded by the searches that
// learn only: the networks are in a library of their own, SevenfoldNetworks.so
// in the lib folder beside the program's.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_LOADNETWORK_H
#define SEVENFOLD_SEARCH_NETWORK_LOADNETWORK_H

#include "search/Network/Network.h"

#include "llvm/Support/Error.h"

#include <memory>

namespace sevenfold {

/// The network the options ask for, with `seed` for its first parameters; it
/// works on up to `threads` threads, whose number does not change what it
/// computes. Fails where the library or something it needs is missing.
llvm::Expected<std::unique_ptr<Network>>
loadNetwork(const TensorGame &game, const NetworkOptions &options,
            uint64_t seed, unsigned threads);

/// The address of what the library exports as `symbol`; it is never unloaded.
/// Fails as loadNetwork does.
llvm::Expected<void *> findInNetworks(const char *symbol);

/// What the library exports, as `sevenfoldCreateNetwork`; null on failure, with
/// the reason in `error`.
using NetworkFactory = Network *(const TensorGame &game,
                                 const NetworkOptions &options, uint64_t seed,
                                 unsigned threads, std::string &error);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_LOADNETWORK_H
