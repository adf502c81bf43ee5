//===- TrainedModel.cpp - Trained models as files -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters of tiles become operators' files, all others arrays.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/TrainedModel.h"

#include "search/Tile/TileFactors.h"
#include "search/Tile/Training/ModelMlir.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/format.h>

using namespace sevenfold;

/// A parameter of a trained model, which has it.
static const NamedTensor &find(const std::vector<NamedTensor> &parameters,
                               const std::string &name) {
  return *llvm::find_if(parameters, [&](const NamedTensor &parameter) {
    return parameter.name == name;
  });
}

static NpyArray arrayOf(const NamedTensor &tensor) {
  NpyArray array = llvm::cantFail(makeNpyArray(ElementType::F32, tensor.shape));
  std::copy(tensor.values.begin(), tensor.values.end(),
            static_cast<float *>(array.data()));
  return array;
}

static Factor factorOf(const NamedTensor &tensor) {
  Factor factor(unsigned(tensor.shape[0]), unsigned(tensor.shape[1]));
  for (unsigned c = 0; c < factor.rows(); ++c)
    for (unsigned e = 0; e < factor.columns(); ++e)
      if (auto value = rationalFromDecimal(
              tensor.values[size_t(c) * factor.columns() + e]))
        factor.at(c, e) = *value;
  return factor;
}

/// An operator that was trained. It approximates no weight, so that its error
/// says only that somebody has to accept it; v, which encodes none, is u.
static TileOperator operatorOf(const ModelStep &step,
                               const std::vector<NamedTensor> &parameters) {
  TileOperator op;
  op.scheme.name = tileSchemeName(step.form.tile, step.form.rank);
  op.scheme.provenance = {{"source", "trained"}};
  op.scheme.ring = Ring::R;
  op.scheme.m = op.scheme.k = op.scheme.n = step.form.tile;
  op.scheme.u = factorOf(find(parameters, step.name + ".encoder"));
  op.scheme.v = op.scheme.u;
  op.scheme.w = factorOf(find(parameters, step.name + ".decoder"));
  op.layout = step.form.layout;
  op.inner = step.inputWidth;
  op.columns = step.width;
  op.sampleRows = step.rows;
  op.encoded = arrayOf(find(parameters, step.name + ".encoded"));
  op.bias = arrayOf(find(parameters, step.name + ".bias"));
  op.errorWeights = 1;
  return op;
}

static llvm::Error makeFolder(const std::string &folder) {
  if (std::error_code code = llvm::sys::fs::create_directories(folder))
    return makeError("cannot create '{0}': {1}", folder, code.message());
  return llvm::Error::success();
}

static std::string weightFile(const std::string &folder,
                              const std::string &name) {
  return folder + "/weights/" + name + ".npy";
}

static std::string tileFile(const std::string &folder,
                            const std::string &name) {
  return folder + "/tiles/" + name + ".tile.json";
}

std::vector<WeightBinding>
sevenfold::trainedBindings(const ModelProgram &program,
                           const std::string &folder) {
  std::vector<WeightBinding> bindings;
  for (const ModelArgument &argument : modelArguments(program)) {
    WeightBinding binding;
    binding.argument = unsigned(bindings.size() + 1);
    binding.kind = argument.isTile ? WeightKind::Tile : WeightKind::Constant;
    binding.source = argument.isTile ? tileFile(folder, argument.name)
                                     : weightFile(folder, argument.name);
    // Whoever trained it has accepted what it computes.
    if (argument.isTile)
      binding.maxRelativeError = 1;
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

llvm::Error
sevenfold::writeTrainedModel(const ModelProgram &program,
                             const std::vector<NamedTensor> &parameters,
                             int64_t samples, const std::string &folder) {
  for (const char *name : {"/weights", "/tiles"})
    if (llvm::Error error = makeFolder(folder + name))
      return error;
  for (const ModelStep &step : program.steps)
    if (step.kind == StepKind::Linear && step.form.kind == LinearKind::Tile)
      if (llvm::Error error =
              writeTileOperator(operatorOf(step, parameters),
                                tileFile(folder, step.name + ".weight")))
        return error;
  for (const ModelArgument &argument : modelArguments(program))
    if (!argument.isTile)
      if (llvm::Error error =
              writeNpy(weightFile(folder, argument.name),
                       arrayOf(find(parameters, argument.name))))
        return error;
  if (llvm::Error error =
          writeFileAtomically(folder + "/arguments.txt",
                              argumentsFile(trainedBindings(program, folder))))
    return error;
  return writeFileAtomically(folder + "/model.mlir",
                             modelToMlir(program, samples));
}

llvm::Expected<NamedTensor>
sevenfold::readTrainedWeight(const std::string &folder,
                             const std::string &name) {
  std::string file = weightFile(folder, name);
  auto array = readNpy(file);
  if (!array)
    return array.takeError();
  if (array->type != ElementType::F32)
    return makeError("{0}: expected f32 but got {1}", file,
                     arrayText(array->type, array->shape));
  const auto *values = static_cast<const float *>(array->data());
  return NamedTensor{name, array->shape,
                     std::vector<float>(values, values + array->numElements())};
}
