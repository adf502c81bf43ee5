//===- TrainStart.cpp - The parameters that training starts from ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From scratch one search serves all layers of a tile, a rank and a start;
// after a dense model every layer has its own, for its own data.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/TrainStart.h"

#include "search/Tile/LayerFit.h"
#include "search/Tile/Rivals.h"
#include "search/Tile/Training/TrainedModel.h"
#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <tuple>

using namespace sevenfold;

namespace {
class Starter {
public:
  Starter(const TrainConfig &config, const TrainLoopOptions &options,
          const Dataset &data, const ModelProgram &program,
          const SampleIndices &samples, Trainer &trainer)
      : config(config), options(options), data(data), program(program),
        fitted(samples.begin(),
               samples.begin() +
                   ptrdiff_t(std::min(samples.size(),
                                      size_t(config.training.fitExamples)))),
        trainer(trainer), random(splitMix64(uint64_t(config.training.seed))) {}

  llvm::Error startFresh();
  llvm::Error startFromDense();

private:
  TileSearchOptions searchOptions(const LinearForm &form) const;
  /// The scheme of a form, searched for once.
  llvm::Expected<const Scheme *> schemeOf(const LinearForm &form);
  struct DenseLayer {
    Matrix weight;
    NamedTensor bias;
  };
  llvm::Expected<DenseLayer> readDense(const ModelStep &step) const;
  llvm::Expected<std::vector<float>> rowsOf(Trainer &dense, size_t value);
  llvm::Error copyDense(const ModelStep &step);
  llvm::Error fitTile(const ModelStep &step, Trainer &dense);
  llvm::Error fitLowRank(const ModelStep &step, Trainer &dense);
  llvm::Error set(const std::string &name, std::vector<int64_t> shape,
                  std::vector<float> values);
  llvm::Error setOperator(const ModelStep &step, const TileOperator &op,
                          const std::vector<float> &bias);

  const TrainConfig &config;
  const TrainLoopOptions &options;
  const Dataset &data;
  const ModelProgram &program;
  SampleIndices fitted; ///< that layers are fitted to
  Trainer &trainer;
  Random random;
  std::map<std::tuple<unsigned, unsigned, TileStart>, Scheme> schemes;
};
} // namespace

llvm::Error Starter::set(const std::string &name, std::vector<int64_t> shape,
                         std::vector<float> values) {
  if (trainer.setParameter({name, std::move(shape), std::move(values)}))
    return llvm::Error::success();
  return makeError("'{0}' is of another shape in '{1}'", name, config.start);
}

TileSearchOptions Starter::searchOptions(const LinearForm &form) const {
  TileSearchOptions search;
  search.rank = form.rank;
  search.start = form.start;
  search.seed = uint64_t(config.training.seed);
  search.threads = options.threads;
  search.interrupted = options.interrupted;
  return search;
}

llvm::Expected<const Scheme *> Starter::schemeOf(const LinearForm &form) {
  std::tuple key{form.tile, form.rank, form.start};
  auto known = schemes.find(key);
  if (known != schemes.end())
    return &known->second;
  if (options.progress)
    options.progress(fmt::format("searching a scheme {0}x{0}x{0} of rank {1} "
                                 "for {2:g} s",
                                 form.tile, form.rank,
                                 config.training.fitSeconds));
  Budget budget({BudgetKind::Wall, config.training.fitSeconds});
  auto found = searchTile(TileTarget(form.tile), searchOptions(form), budget);
  if (!found)
    return found.takeError();
  if (llvm::Error stopped = options.interrupted.check())
    return stopped;
  return &schemes.emplace(key, std::move(found->scheme)).first->second;
}

static std::vector<float> floatsOf(const Factor &factor) {
  std::vector<float> values;
  for (unsigned c = 0; c < factor.rows(); ++c)
    for (unsigned e = 0; e < factor.columns(); ++e)
      values.push_back(float(factor.at(c, e).toDouble()));
  return values;
}

static Matrix matrixOf(const std::vector<float> &values, int64_t rows,
                       int64_t columns) {
  Matrix matrix(rows, columns);
  std::copy(values.begin(), values.end(), matrix.values.begin());
  return matrix;
}

llvm::Error Starter::setOperator(const ModelStep &step, const TileOperator &op,
                                 const std::vector<float> &bias) {
  int64_t t = op.tile(), r = op.rank();
  if (llvm::Error error =
          set(step.name + ".encoder", {r, t * t}, floatsOf(op.scheme.u)))
    return error;
  if (llvm::Error error =
          set(step.name + ".decoder", {r, t * t}, floatsOf(op.scheme.w)))
    return error;
  const auto *encoded = static_cast<const float *>(op.encoded.data());
  if (llvm::Error error =
          set(step.name + ".encoded", op.encoded.shape,
              std::vector<float>(encoded, encoded + op.encoded.numElements())))
    return error;
  std::vector<float> all(size_t(t * op.columns));
  for (int64_t i = 0; i < t; ++i)
    for (int64_t j = 0; j < op.columns; ++j)
      all[size_t(i * op.columns + j)] =
          (bias.empty() ? 0 : bias[size_t(j)]) +
          (op.bias
               ? static_cast<const float *>(op.bias->data())[i * op.columns + j]
               : 0);
  return set(step.name + ".bias", {t, op.columns}, std::move(all));
}

//===----------------------------------------------------------------------===//
// From scratch
//===----------------------------------------------------------------------===//

llvm::Error Starter::startFresh() {
  for (const ModelStep &step : program.steps) {
    if (step.kind != StepKind::Linear || step.form.kind != LinearKind::Tile ||
        step.form.start == TileStart::Random)
      continue;
    auto scheme = schemeOf(step.form);
    if (!scheme)
      return scheme.takeError();
    Matrix weight(step.inputWidth, step.width);
    double deviation = std::sqrt(2.0 / double(step.inputWidth + step.width));
    for (double &value : weight.values)
      value = deviation * random.normal();
    LayerFitOptions fit;
    fit.tile = step.form.tile;
    fit.layout = step.form.layout;
    fit.sampleRows = step.rows;
    TileOperator op = encodeWeight(weight, **scheme, fit);
    if (llvm::Error error = setOperator(step, op, {}))
      return error;
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// From a dense model
//===----------------------------------------------------------------------===//

llvm::Error Starter::copyDense(const ModelStep &step) {
  std::vector<std::string> names;
  if (step.kind == StepKind::Position)
    names = {".rows"};
  if (step.kind == StepKind::Norm)
    names = {".gain", ".shift"};
  if (step.kind == StepKind::Linear && step.form.kind == LinearKind::Dense)
    names = {".weight", ".bias"};
  for (const std::string &name : names) {
    auto tensor = readTrainedWeight(config.start, step.name + name);
    if (!tensor)
      return tensor.takeError();
    if (llvm::Error error = set(tensor->name, tensor->shape, tensor->values))
      return error;
  }
  return llvm::Error::success();
}

/// The same program with dense layers.
static ModelProgram denseProgram(ModelProgram program) {
  for (ModelStep &step : program.steps)
    step.form = LinearForm();
  return program;
}

/// What a value of the dense model is for the samples, some at a time.
llvm::Expected<std::vector<float>> Starter::rowsOf(Trainer &dense,
                                                   size_t value) {
  constexpr size_t kBatch = 128;
  std::vector<float> rows;
  for (size_t first = 0; first < fitted.size(); first += kBatch) {
    SampleIndices batch(fitted.begin() + ptrdiff_t(first),
                        fitted.begin() +
                            ptrdiff_t(std::min(first + kBatch, fitted.size())));
    auto part = dense.valueOf(value, data.training, batch);
    if (!part)
      return part.takeError();
    rows.insert(rows.end(), part->begin(), part->end());
  }
  return rows;
}

/// A linear layer of the dense model.
llvm::Expected<Starter::DenseLayer>
Starter::readDense(const ModelStep &step) const {
  auto weight = readTrainedWeight(config.start, step.name + ".weight");
  if (!weight)
    return weight.takeError();
  auto bias = readTrainedWeight(config.start, step.name + ".bias");
  if (!bias)
    return bias.takeError();
  if (weight->shape != std::vector<int64_t>{step.inputWidth, step.width})
    return makeError("'{0}' is of another shape in '{1}'", weight->name,
                     config.start);
  return DenseLayer{matrixOf(weight->values, step.inputWidth, step.width),
                    std::move(*bias)};
}

llvm::Error Starter::fitTile(const ModelStep &step, Trainer &dense) {
  auto layer = readDense(step);
  if (!layer)
    return layer.takeError();
  auto rows = rowsOf(dense, step.input);
  if (!rows)
    return rows.takeError();
  LayerFitOptions fit;
  fit.tile = step.form.tile;
  fit.layout = step.form.layout;
  fit.sampleRows = step.rows;
  fit.search = searchOptions(step.form);
  Budget budget({BudgetKind::Wall, config.training.fitSeconds});
  auto result = fitLayer(
      layer->weight,
      matrixOf(*rows, int64_t(fitted.size()) * step.inputRows, step.inputWidth),
      fit, budget);
  if (!result)
    return result.takeError();
  if (options.progress)
    options.progress(fmt::format("{}: relative error {:.3f}, low rank {:.3f}",
                                 step.name, result->op.error(),
                                 result->lowRank.heldOut.value_or(0)));
  return setOperator(step, result->op, layer->bias.values);
}

/// Takes the mean of the rows from them.
static std::vector<double> removeMean(Matrix &rows) {
  std::vector<double> mean(size_t(rows.columns));
  for (int64_t i = 0; i < rows.rows; ++i)
    for (int64_t j = 0; j < rows.columns; ++j)
      mean[size_t(j)] += rows.at(i, j) / double(rows.rows);
  for (int64_t i = 0; i < rows.rows; ++i)
    for (int64_t j = 0; j < rows.columns; ++j)
      rows.at(i, j) -= mean[size_t(j)];
  return mean;
}

llvm::Error Starter::fitLowRank(const ModelStep &step, Trainer &dense) {
  auto layer = readDense(step);
  if (!layer)
    return layer.takeError();
  auto values = rowsOf(dense, step.input);
  if (!values)
    return values.takeError();
  Matrix rows = matrixOf(*values, int64_t(fitted.size()) * step.inputRows,
                         step.inputWidth);
  std::vector<double> mean = removeMean(rows);
  ThinFactors thin = thinFactors(layer->weight, rows, step.form.rank);
  // What it misses of the mean goes to the bias, as tile operators have it.
  Matrix product = multiply(thin.left, thin.right);
  for (int64_t k = 0; k < product.rows; ++k)
    for (int64_t j = 0; j < product.columns; ++j)
      layer->bias.values[size_t(j)] +=
          float(mean[size_t(k)] * (layer->weight.at(k, j) - product.at(k, j)));
  // Both of one size: what learns moves them alike.
  for (int64_t q = 0; q < thin.right.rows; ++q) {
    double square = 0;
    for (int64_t j = 0; j < thin.right.columns; ++j)
      square += thin.right.at(q, j) * thin.right.at(q, j);
    double root = std::sqrt(std::sqrt(square));
    for (int64_t j = 0; j < thin.right.columns; ++j)
      thin.right.at(q, j) /= root > 0 ? root : 1;
    for (int64_t i = 0; i < thin.left.rows; ++i)
      thin.left.at(i, q) *= root;
  }
  auto floats = [](const Matrix &matrix) {
    return std::vector<float>(matrix.values.begin(), matrix.values.end());
  };
  if (llvm::Error error =
          set(step.name + ".left", {thin.left.rows, thin.left.columns},
              floats(thin.left)))
    return error;
  if (llvm::Error error =
          set(step.name + ".right", {thin.right.rows, thin.right.columns},
              floats(thin.right)))
    return error;
  return set(step.name + ".bias", layer->bias.shape, layer->bias.values);
}

llvm::Error Starter::startFromDense() {
  ModelProgram denseSteps = denseProgram(program);
  TrainerOptions own;
  own.threads = options.threads;
  auto dense = createTrainer(denseSteps, own);
  if (!dense)
    return dense.takeError();
  for (const NamedTensor &parameter : (*dense)->parameters()) {
    auto tensor = readTrainedWeight(config.start, parameter.name);
    if (!tensor)
      return tensor.takeError();
    if (!(*dense)->setParameter(*tensor))
      return makeError("'{0}' is of another shape in '{1}'", parameter.name,
                       config.start);
  }
  for (const ModelStep &step : program.steps) {
    if (llvm::Error stopped = options.interrupted.check())
      return stopped;
    bool isLinear = step.kind == StepKind::Linear;
    llvm::Error error = isLinear && step.form.kind == LinearKind::Tile
                            ? fitTile(step, **dense)
                        : isLinear && step.form.kind == LinearKind::LowRank
                            ? fitLowRank(step, **dense)
                            : copyDense(step);
    if (error)
      return error;
  }
  return llvm::Error::success();
}

llvm::Error sevenfold::prepareStart(const TrainConfig &config,
                                    const TrainLoopOptions &options,
                                    const Dataset &data,
                                    const ModelProgram &program,
                                    const SampleIndices &samples,
                                    Trainer &trainer) {
  Starter starter(config, options, data, program, samples, trainer);
  return config.start.empty() ? starter.startFresh() : starter.startFromDense();
}
