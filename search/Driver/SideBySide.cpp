//===- SideBySide.cpp - Functions beside each other -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Results are compared in this process, times are the runner's.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/SideBySide.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Interrupted.h"
#include "sevenfold/Target/Jit.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

using namespace sevenfold;

/// An input that is drawn: N(0,1).
static llvm::Expected<NpyArray> drawInput(const BufferShape &shape,
                                          Random &random) {
  auto array = makeNpyArray(shape.type, shape.dims);
  if (!array)
    return array.takeError();
  for (int64_t i = 0; i < array->numElements(); ++i)
    if (shape.type == ElementType::F64)
      static_cast<double *>(array->data())[i] = random.normal();
    else
      static_cast<float *>(array->data())[i] = float(random.normal());
  return array;
}

llvm::Expected<OutputComparison>
OutputComparison::make(const Artefact &dense, const FunctionSignature &function,
                       const std::vector<WeightBinding> &weights,
                       const std::vector<WeightBinding> &inputs,
                       uint64_t seed) {
  OutputComparison comparison;
  Random random(splitMix64(seed));
  for (const BufferShape &shape : dense.outputs)
    if (shape.type != ElementType::F32 && shape.type != ElementType::F64)
      return makeError("'{0}' returns neither f32 nor f64", function.name);
  for (const WeightBinding &input : inputs)
    if (input.argument >= function.inputs.size() ||
        llvm::any_of(weights, [&](const WeightBinding &weight) {
          return weight.argument == input.argument;
        }))
      return makeError("argument {0} of '{1}' is no input: it is a weight or "
                       "there is none",
                       input.argument, function.name);
  for (unsigned number = 0; number < function.inputs.size(); ++number) {
    auto isIt = [&](const WeightBinding &b) { return b.argument == number; };
    if (llvm::any_of(weights, isIt))
      continue;
    const BufferShape &shape = function.inputs[number];
    if (shape.type != ElementType::F32 && shape.type != ElementType::F64)
      return makeError("argument {0} of '{1}' is neither f32 nor f64", number,
                       function.name);
    if (shape.isWritten)
      return makeError("argument {0} of '{1}' may be written to: results for "
                       "the same inputs cannot be compared",
                       number, function.name);
    auto given = llvm::find_if(inputs, isIt);
    auto array = given == inputs.end() ? drawInput(shape, random)
                                       : readNpy(given->source);
    if (!array)
      return array.takeError();
    if (array->type != shape.type || array->shape != shape.dims)
      return makeError("{0}: expected {1} for argument {2} but got {3}",
                       given->source, arrayText(shape.type, shape.dims), number,
                       arrayText(array->type, array->shape));
    comparison.shapes.push_back(shape);
    comparison.buffers.push_back(std::move(*array));
  }
  comparison.inputs = comparison.buffers.size();
  for (const BufferShape &shape : dense.outputs) {
    auto array = makeNpyArray(shape.type, shape.dims);
    if (!array)
      return array.takeError();
    comparison.shapes.push_back(shape);
    comparison.buffers.push_back(std::move(*array));
  }
  if (comparison.buffers.size() > kMaxBuffers)
    return makeError("'{0}' has more than {1} buffers", function.name,
                     kMaxBuffers);
  auto outputs = comparison.outputsOf(dense);
  if (!outputs)
    return outputs.takeError();
  comparison.dense = std::move(*outputs);
  return comparison;
}

llvm::Expected<std::vector<double>>
OutputComparison::outputsOf(const Artefact &artefact) {
  auto function = loadLibrary(artefact.library, artefact.function);
  if (!function)
    return function.takeError();
  std::vector<void *> pointers;
  for (NpyArray &buffer : buffers)
    pointers.push_back(buffer.data());
  if (int status = (*function)(pointers))
    return makeError("'{0}' failed with {1}", artefact.function, status);
  std::vector<double> values;
  for (size_t b = inputs; b < buffers.size(); ++b)
    for (int64_t i = 0; i < buffers[b].numElements(); ++i)
      values.push_back(shapes[b].type == ElementType::F64
                           ? static_cast<const double *>(buffers[b].data())[i]
                           : static_cast<const float *>(buffers[b].data())[i]);
  return values;
}

llvm::Expected<double> OutputComparison::errorOf(const Artefact &artefact) {
  auto outputs = outputsOf(artefact);
  if (!outputs)
    return outputs.takeError();
  double difference = 0, square = 0;
  for (size_t i = 0; i < dense.size(); ++i) {
    difference += (dense[i] - (*outputs)[i]) * (dense[i] - (*outputs)[i]);
    square += dense[i] * dense[i];
  }
  double error = std::sqrt(difference / square);
  if (!std::isfinite(error))
    return makeError("the output of '{0}' is zero or not finite",
                     artefact.function);
  return error;
}

llvm::Expected<std::vector<std::vector<double>>>
sevenfold::measureInRounds(Runner &runner,
                           llvm::ArrayRef<const Artefact *> artefacts,
                           int rounds, uint64_t seed) {
  std::vector<size_t> order, round(artefacts.size());
  std::iota(round.begin(), round.end(), 0);
  Random random(splitMix64(seed));
  for (int i = 0; i < rounds; ++i) {
    for (size_t k = round.size(); k > 1; --k)
      std::swap(round[k - 1], round[random.below(k)]);
    llvm::append_range(order, round);
  }
  TimedRuns timed = runner.measureRuns(artefacts, order);
  if (interrupted())
    return llvm::make_error<Interrupted>();
  if (timed.status != RunStatus::Ok)
    return makeError("the functions could not be timed: {0}: {1}",
                     stringifyRunStatus(timed.status), timed.message);
  std::vector<std::vector<double>> seconds(artefacts.size());
  for (size_t i = 0; i < order.size(); ++i)
    seconds[order[i]].push_back(timed.seconds[i]);
  return seconds;
}
