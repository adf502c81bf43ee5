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

using namespace sevenfold;

/// The source of data for measuring.
static constexpr llvm::StringLiteral kNormal = "normal";

llvm::Expected<WeightBinding> WeightBinding::parse(llvm::StringRef text) {
  auto [target, source] = text.split('=');
  WeightBinding binding;
  llvm::StringRef number = target;
  if (target.contains(':')) {
    binding.function = target.split(':').first.str();
    number = target.split(':').second;
  }
  if (number.getAsInteger(10, binding.argument) || source.empty() ||
      (target.contains(':') && binding.function.empty()))
    return makeError("expected a weight as '[FUNCTION:]ARGUMENT=FILE.npy' but "
                     "got '{0}'",
                     text);
  binding.source = source.str();
  return binding;
}

static llvm::Expected<NpyArray> loadWeight(const WeightBinding &binding,
                                           const BufferShape &shape,
                                           uint64_t seed) {
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
    return std::tie(l.function, r.argument) < std::tie(r.function, l.argument);
  });
  std::vector<BoundWeight> bound;
  for (const WeightBinding &binding : bindings) {
    const FunctionSignature *function =
        findFunction(compiler, binding.function);
    if (!function)
      return makeError("there is no public function '{0}'", binding.function);
    if (!bound.empty() && bound.back().function == binding.function &&
        bound.back().argument == binding.argument)
      return makeError("argument {0} of '{1}' is given twice", binding.argument,
                       binding.function);
    if (binding.argument >= function->inputs.size())
      return makeError("'{0}' has no argument {1}", binding.function,
                       binding.argument);
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
                         : ""});
  }
  return bound;
}
