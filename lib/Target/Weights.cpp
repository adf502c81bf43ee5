//===- Weights.cpp - Arguments that are constants -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads or draws the elements and hands them to the compiler.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/Weights.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Npy.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace sevenfold;

/// The source of data for measuring.
static constexpr llvm::StringLiteral kNormal = "normal";

llvm::Expected<WeightBinding> WeightBinding::parse(llvm::StringRef text,
                                                   WeightKind kind) {
  auto [target, source] = text.split('=');
  bool isTile = kind == WeightKind::Tile;
  WeightBinding binding;
  binding.kind = kind;
  llvm::StringRef number = target;
  if (target.contains(':')) {
    binding.function = target.split(':').first.str();
    number = target.split(':').second;
  }
  if (number.getAsInteger(10, binding.argument) || source.empty() ||
      (target.contains(':') && binding.function.empty()))
    return makeError("expected a {0} as '[FUNCTION:]ARGUMENT={1}' but got "
                     "'{2}'",
                     isTile ? "tile operator" : "weight",
                     isTile ? "LAYER.tile.json" : "FILE.npy", text);
  binding.source = source.str();
  return binding;
}

std::string sevenfold::argumentsFile(llvm::ArrayRef<WeightBinding> bindings) {
  std::string lines;
  for (const WeightBinding &binding : bindings) {
    std::string text = binding.function.empty() ? "" : binding.function + ":";
    text += std::to_string(binding.argument) + "=" + binding.source;
    lines += binding.kind == WeightKind::Tile ? "--tile " : "--weight ";
    // As GNU's response files quote: a file's name may hold spaces.
    for (char c : text) {
      if (llvm::isSpace(c) || llvm::StringRef("\"'\\").contains(c))
        lines += '\\';
      lines += c;
    }
    lines += '\n';
  }
  return lines;
}

static llvm::Expected<NpyArray> loadWeight(const WeightBinding &binding,
                                           const BufferShape &shape,
                                           uint64_t seed) {
  if (!shape.isStatic())
    return makeError("argument {0} of '{1}' has dynamic sizes and cannot be a "
                     "weight",
                     binding.argument, binding.function);
  if (shape.type != ElementType::F32 && shape.type != ElementType::F64)
    return makeError("argument {0} of '{1}' is neither f32 nor f64 and cannot "
                     "be a weight",
                     binding.argument, binding.function);
  if (binding.source != kNormal) {
    auto array = readNpy(binding.source);
    if (array && (array->type != shape.type || array->shape != shape.dims))
      return makeError("{0}: expected {1} for argument {2} of '{3}' but got "
                       "{4}",
                       binding.source, arrayText(shape.type, shape.dims),
                       binding.argument, binding.function,
                       arrayText(array->type, array->shape));
    return array;
  }
  auto array = makeNpyArray(shape.type, shape.dims);
  if (!array)
    return array.takeError();
  Random random(splitMix64(seed + binding.argument));
  for (int64_t i = 0, e = array->numElements(); i < e; ++i)
    if (shape.type == ElementType::F32)
      static_cast<float *>(array->data())[i] =
          static_cast<float>(random.normal());
    else
      static_cast<double *>(array->data())[i] = random.normal();
  return array;
}

std::string BoundTile::str() const {
  return llvm::formatv("tile operator {0}x{0}, rank {1}: {2:f3} of the "
                       "multiply-adds, relative error {3:e2}",
                       tile, rank, flopsRatio, relativeError);
}

/// Binds an operator, if its error is within what the user accepts.
static llvm::Expected<BoundWeight> bindTile(ModelCompiler &compiler,
                                            const WeightBinding &binding,
                                            WeightHashes hashes) {
  auto op = readTileOperator(binding.source);
  if (!op)
    return op.takeError();
  double error = op->error();
  bool isExact = error <= kRoundingError;
  if (!isExact && !binding.maxRelativeError)
    return makeError("{0}: approximates with a relative error of {1:e2}, which "
                     "needs --max-relative-error",
                     binding.source, error);
  if (!isExact && !(error <= *binding.maxRelativeError))
    return makeError("{0}: its relative error {1:e2} is above "
                     "--max-relative-error, {2:e2}",
                     binding.source, error, *binding.maxRelativeError);
  if (llvm::Error failed = compiler.bindTile(binding.function, binding.argument,
                                             *op, binding.source))
    return failed;
  BoundWeight bound{binding.function, binding.argument, "",
                    BoundTile{op->tile(), op->rank(), op->flopsRatio(), error}};
  if (hashes == WeightHashes::Compute) {
    auto hash = sha256HexOfFile(binding.source);
    if (!hash)
      return hash.takeError();
    bound.hash = *hash;
  }
  return bound;
}

/// The signature of a function, or null.
static const FunctionSignature *findFunction(const ModelCompiler &compiler,
                                             llvm::StringRef name) {
  for (const FunctionSignature &function : compiler.functions())
    if (function.name == name)
      return &function;
  return nullptr;
}

llvm::Expected<std::vector<BoundWeight>>
sevenfold::bindWeights(ModelCompiler &compiler,
                       std::vector<WeightBinding> bindings, uint64_t seed,
                       WeightHashes hashes) {
  for (WeightBinding &binding : bindings) {
    if (!binding.function.empty())
      continue;
    if (compiler.functions().size() != 1)
      return makeError("expected weights as 'FUNCTION:ARGUMENT=FILE.npy', the "
                       "model has {0} functions",
                       compiler.functions().size());
    binding.function = compiler.functions().front().name;
  }
  // The last argument first: the numbers of the others do not change.
  llvm::stable_sort(bindings, [](const auto &l, const auto &r) {
    return std::tie(l.function, r.argument, r.kind) <
           std::tie(r.function, l.argument, l.kind);
  });
  std::vector<BoundWeight> bound;
  for (const WeightBinding &binding : bindings) {
    const FunctionSignature *function =
        findFunction(compiler, binding.function);
    if (!function)
      return makeError("there is no public function '{0}'", binding.function);
    if (!bound.empty() && bound.back().function == binding.function &&
        bound.back().argument == binding.argument) {
      // The weight that an operator was learned for.
      if (bound.back().tile && binding.kind == WeightKind::Constant)
        continue;
      return makeError("argument {0} of '{1}' is given twice", binding.argument,
                       binding.function);
    }
    if (binding.argument >= function->inputs.size())
      return makeError("'{0}' has no argument {1}", binding.function,
                       binding.argument);
    if (binding.kind == WeightKind::Tile) {
      auto tile = bindTile(compiler, binding, hashes);
      if (!tile)
        return tile.takeError();
      bound.push_back(std::move(*tile));
      continue;
    }
    auto array = loadWeight(binding, function->inputs[binding.argument], seed);
    if (!array)
      return array.takeError();
    llvm::ArrayRef<char> bytes(static_cast<const char *>(array->data()),
                               array->numBytes());
    if (llvm::Error error =
            compiler.bindConstant(binding.function, binding.argument, bytes))
      return error;
    bound.push_back({binding.function, binding.argument,
                     hashes == WeightHashes::Compute
                         ? sha256Hex({bytes.data(), bytes.size()})
                         : "",
                     std::nullopt});
  }
  return bound;
}
