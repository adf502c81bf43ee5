//===- LoadNetwork.cpp - Networks from their library ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Found beside the program, as generated code's runtime is.
//
//===----------------------------------------------------------------------===//

#include "search/Network/LoadNetwork.h"

#include "sevenfold/Support/Error.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <dlfcn.h>
#include <malloc.h>

using namespace sevenfold;

/// The folder above that of the program: of a build, or of an installation.
static std::string rootFolder() {
  std::string program = llvm::sys::fs::getMainExecutable(
      nullptr, reinterpret_cast<void *>(&rootFolder));
  return llvm::sys::path::parent_path(llvm::sys::path::parent_path(program))
      .str();
}

/// One who has built only what tuning needs is told the command that is left.
static llvm::Error missingError(const std::string &path,
                                const std::string &root) {
  if (llvm::sys::fs::exists(root + "/CMakeCache.txt"))
    return makeError("'{0}' is missing: 'cmake --build {1} --target "
                     "SevenfoldNetworks' builds it, with "
                     "SEVENFOLD_ENABLE_LEARNING and LibTorch",
                     path, root);
  return makeError("'{0}' is missing: learning needs an installation with "
                   "SEVENFOLD_ENABLE_LEARNING",
                   path);
}

llvm::Expected<void *> sevenfold::findInNetworks(const char *symbol) {
  std::string root = rootFolder(), path = root + "/lib/SevenfoldNetworks.so";
  if (!llvm::sys::fs::exists(path))
    return missingError(path, root);
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return makeError("cannot load networks: {0}", dlerror());
  void *address = dlsym(library, symbol);
  if (!address)
    return makeError("'{0}' has no '{1}'", path, symbol);
  return address;
}

llvm::Expected<std::unique_ptr<Network>>
sevenfold::loadNetwork(const TensorGame &game, const NetworkOptions &options,
                       uint64_t seed, unsigned threads) {
  auto symbol = findInNetworks("sevenfoldCreateNetwork");
  if (!symbol)
    return symbol.takeError();
#if defined(__GLIBC__)
  // Activations are megabytes that are needed again at once: giving them back
  // to the system and faulting them in anew took a tenth of the time.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
  std::string error;
  auto *factory = reinterpret_cast<NetworkFactory *>(*symbol);
  std::unique_ptr<Network> network(
      factory(game, options, seed, threads, error));
  if (!network)
    return makeError("cannot make a network: {0}", error);
  return network;
}
