//===- TensorCommand.cpp - sevenfold search tensor ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes files for `sevenfold search --tensor`.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/SearchCommand.h"
#include "search/Game/TensorFamilies.h"
#include "sevenfold/Support/Dimensions.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>

using namespace sevenfold;

namespace {
struct TensorArguments {
  std::string kind, ring = "Z", output;
  std::string sizes;
  unsigned rank = 0;
  bool hidden = false;
};

/// A kind, what its sizes are called, and the shape they lead to.
struct Family {
  const char *kind, *sizes;
  size_t count;
};
} // namespace

static constexpr Family kFamilies[] = {{"matmul", "m,k,n", 3},
                                       {"skew", "n", 1},
                                       {"gram", "n,k", 2},
                                       {"planted", "a,b,c", 3}};
/// Sizes of matrices, and modes of planted tensors, that searches take.
static constexpr unsigned kMaxSize = 8, kMaxMode = 64;

static llvm::Expected<TargetTensor> makeTensor(const TensorArguments &arguments,
                                               Random &random) {
  const Family *family = nullptr;
  for (const Family &entry : kFamilies)
    if (arguments.kind == entry.kind)
      family = &entry;
  if (!family)
    return makeError("expected 'matmul', 'skew', 'gram' or 'planted' but got "
                     "'{0}'",
                     arguments.kind);
  std::optional<Ring> ring = parseRing(arguments.ring);
  if (!ring || (*ring != Ring::Z && *ring != Ring::Z2))
    return makeError("expected ring 'Z' or 'Z2' but got '{0}'", arguments.ring);
  bool isPlanted = arguments.kind == "planted";
  unsigned least = arguments.kind == "skew" ? 2 : 1;
  unsigned most = isPlanted ? kMaxMode : kMaxSize;
  auto parsed = parseDimensions(arguments.sizes, most);
  if (!parsed)
    return makeError("--sizes: {0}", llvm::toString(parsed.takeError()));
  const std::vector<unsigned> &sizes = *parsed;
  if (sizes.size() != family->count)
    return makeError("expected --sizes {0} for '{1}'", family->sizes,
                     family->kind);
  for (unsigned size : sizes)
    if (size < least)
      return makeError("expected sizes from {0} to {1} but got {2}", least,
                       most, size);
  if (isPlanted != (arguments.rank != 0))
    return makeError("expected --rank with 'planted', and only there");
  if (arguments.rank > kMaxMode)
    return makeError("expected a rank of at most {0}", kMaxMode);
  if (arguments.kind == "matmul")
    return matmulTensor(sizes[0], sizes[1], sizes[2], *ring);
  if (arguments.kind == "skew")
    return skewSymmetricTensor(sizes[0], *ring);
  if (arguments.kind == "gram")
    return gramTensor(sizes[0], sizes[1], *ring);
  return plantedTensor({sizes[0], sizes[1], sizes[2]}, arguments.rank, *ring,
                       random);
}

static llvm::Expected<int> runTensorCommand(const CommonOptions &common,
                                            const TensorArguments &arguments) {
  Random random(common.seed);
  auto target = makeTensor(arguments, random);
  if (!target)
    return target.takeError();
  if (arguments.hidden)
    *target = inRandomBasis(*target, random);
  if (llvm::Error error = writeTensor(*target, arguments.output))
    return error;
  llvm::outs() << arguments.output << ": " << target->shape[0] << "x"
               << target->shape[1] << "x" << target->shape[2] << " over "
               << stringifyRing(target->ring) << "\n";
  return 0;
}

void sevenfold::addTensorCommand(CLI::App &search, CommandLine &line) {
  CLI::App *command = search.add_subcommand(
      "tensor", "write a tensor to decompose: a matrix product ('matmul'), a "
                "skew-symmetric matrix times a vector ('skew'), X X^T "
                "('gram'), or a sum of random terms ('planted')");
  auto arguments = std::make_shared<TensorArguments>();
  command->add_option("kind", arguments->kind, "matmul, skew, gram or planted")
      ->required();
  command
      ->add_option("--sizes", arguments->sizes,
                   "m,k,n of a product; n of a skew-symmetric matrix; n,k of "
                   "X; the shape of a planted tensor")
      ->required();
  command->add_option("--ring", arguments->ring, "Z or Z2")
      ->capture_default_str();
  command->add_option("--rank", arguments->rank, "terms of a planted tensor");
  command->add_flag("--random-basis", arguments->hidden,
                    "change the basis of every mode, by --seed");
  command->add_option("-o,--output", arguments->output, "the file")->required();
  command->callback([&line, arguments] {
    line.run = [&line, arguments] {
      return runTensorCommand(line.common, *arguments);
    };
  });
}
