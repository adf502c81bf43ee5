//===- TileAllocation.cpp - Ranks for the layers of a function ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything is written at the end: what is stopped before leaves the folder as
// it was.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/TileAllocation.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

std::string sevenfold::allocatedFile(const AllocateArguments &arguments,
                                     const TileLayer &layer) {
  return fmt::format("{}/argument{}.tile.json", arguments.output,
                     layer.weight.argument);
}

bool sevenfold::isTaken(const TileAllocation &allocation) {
  return allocation.speedup.pairs != 0 &&
         allocation.speedup.low > kWinningLowerBound;
}

/// The operator of a layer that is taken, or null.
static const TileOperator *takenOperator(const std::vector<TileLayer> &layers,
                                         const TileAllocation &allocation,
                                         size_t layer) {
  size_t chosen = allocation.chosen[layer];
  bool isDense =
      !isTaken(allocation) || chosen == layers[layer].candidates.size();
  return isDense ? nullptr : &layers[layer].candidates[chosen].op;
}

std::string sevenfold::allocationJson(const AllocateArguments &arguments,
                                      const std::vector<TileLayer> &layers,
                                      const TileAllocation &allocation,
                                      int indent) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (size_t l = 0; l < layers.size(); ++l) {
    nlohmann::ordered_json tried = nlohmann::ordered_json::array();
    for (const TileCandidate &candidate : layers[l].candidates)
      tried.push_back({{"rank", candidate.op.rank()},
                       {"layer_error", candidate.op.error()},
                       {"output_error", candidate.measured.error},
                       {"saved_s", candidate.measured.saved},
                       {"pays", candidate.pays}});
    nlohmann::ordered_json layer = {{"argument", layers[l].weight.argument},
                                    {"rank", nullptr},
                                    {"file", nullptr}};
    if (const TileOperator *op = takenOperator(layers, allocation, l)) {
      layer["rank"] = op->rank();
      layer["file"] = allocatedFile(arguments, layers[l]);
    }
    layer["tried"] = std::move(tried);
    list.push_back(std::move(layer));
  }
  nlohmann::ordered_json json = {
      {"layers", std::move(list)},
      {"chosen", isTaken(allocation) ? "tiles" : "dense"},
      {"error", allocation.error}};
  if (allocation.speedup.pairs != 0) {
    json["speedup"] = allocation.speedup.median;
    json["speedup_low"] = allocation.speedup.low;
    json["speedup_high"] = allocation.speedup.high;
    json["pairs"] = allocation.speedup.pairs;
  }
  // Paths need not be UTF-8.
  return json.dump(indent, ' ', false,
                   nlohmann::ordered_json::error_handler_t::replace);
}

llvm::Error
sevenfold::writeAllocation(const AllocateArguments &arguments,
                           const std::vector<WeightBinding> &weights,
                           const std::vector<TileLayer> &layers,
                           const TileAllocation &allocation) {
  std::vector<WeightBinding> bindings = weights;
  for (size_t l = 0; l < layers.size(); ++l) {
    const TileOperator *op = takenOperator(layers, allocation, l);
    if (!op)
      continue;
    std::string file = allocatedFile(arguments, layers[l]);
    if (llvm::Error error = writeTileOperator(*op, file))
      return error;
    for (WeightBinding &binding : bindings)
      if (binding.argument == layers[l].weight.argument) {
        binding.kind = WeightKind::Tile;
        binding.source = file;
      }
  }
  if (llvm::Error error = writeFileAtomically(
          arguments.output + "/allocation.json",
          allocationJson(arguments, layers, allocation, 1) + "\n"))
    return error;
  if (llvm::Error error = writeFileAtomically(
          arguments.output + "/arguments.txt", argumentsFile(bindings)))
    return error;
  for (size_t l = 0; l < layers.size(); ++l)
    if (!takenOperator(layers, allocation, l))
      for (const char *extension : {".json", ".npy", ".bias.npy"})
        llvm::sys::fs::remove(
            llvm::StringRef(allocatedFile(arguments, layers[l])).drop_back(5) +
            extension);
  return llvm::Error::success();
}

std::string sevenfold::allocationText(const AllocateArguments &arguments,
                                      double maxError,
                                      const std::vector<TileLayer> &layers,
                                      const TileAllocation &allocation) {
  if (!isTaken(allocation))
    return fmt::format("dense: no ranks were found that are faster beyond "
                       "doubt and within {:g}\n",
                       maxError);
  std::string text;
  double largest = 0;
  for (size_t l = 0; l < layers.size(); ++l)
    if (const TileOperator *op = takenOperator(layers, allocation, l)) {
      largest = std::max(largest, op->error());
      text +=
          fmt::format("argument {}: rank {}, {}\n", layers[l].weight.argument,
                      op->rank(), allocatedFile(arguments, layers[l]));
    }
  return text +
         fmt::format("error {:.4f} of the output, speedup {:.3f} ({:.3f} to "
                     "{:.3f})\ncompile it with: sevenfold compile {} "
                     "--max-relative-error {:.4f} @{}/arguments.txt -o "
                     "model.so\n",
                     allocation.error, allocation.speedup.median,
                     allocation.speedup.low, allocation.speedup.high,
                     arguments.model, largest + 1e-4, arguments.output);
}
