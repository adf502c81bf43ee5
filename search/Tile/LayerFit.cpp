//===- LayerFit.cpp - A tile operator for a weight ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With xh = U X (r x N K: for every channel c an N x K matrix) the operator is
//
//   Y_p = sum_c W[c,p] xh_c wh_c        for the t^2 parts p of Y,
//
// linear in each of U, wh and W while the other two are held: three least
// squares problems. That of wh is large and is solved by conjugate gradients on
// its normal equations, every column of the weight for itself (Hestenes and
// Stiefel, 1952); stopping early by rows that are not fitted is what
// regularises it.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/LayerFit.h"

#include "search/Tile/Rivals.h"
#include "search/Tile/TileParts.h"
#include "sevenfold/Support/Error.h"

#include <fmt/format.h>

#include <cmath>

using namespace sevenfold;

/// A factor of a scheme as a matrix of doubles.
static Matrix matrixOf(const Factor &factor) {
  Matrix matrix(factor.rows(), factor.columns());
  for (unsigned c = 0; c < factor.rows(); ++c)
    for (unsigned e = 0; e < factor.columns(); ++e)
      matrix.at(c, e) = factor.at(c, e).toDouble();
  return matrix;
}

/// The same, each coefficient rounded to f32.
static Factor factorOf(const Matrix &matrix) {
  Factor factor(unsigned(matrix.rows), unsigned(matrix.columns));
  for (int64_t c = 0; c < matrix.rows; ++c)
    for (int64_t e = 0; e < matrix.columns; ++e)
      if (auto value = rationalFromDecimal(double(float(matrix.at(c, e)))))
        factor.at(unsigned(c), unsigned(e)) = *value;
  return factor;
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

/// Yh_c = op(xh_c) wh_c for every channel: xh r x N K, wh r x K M.
static Matrix multiplyChannels(const Matrix &left, const Matrix &right,
                               int64_t n, int64_t k, int64_t m,
                               Transpose transpose = Transpose::No) {
  Matrix product(left.rows, n * m);
  for (int64_t c = 0; c < left.rows; ++c)
    multiplyInto(n, k, m, left.row(c), transpose, right.row(c), Transpose::No,
                 product.row(c), /*accumulate=*/false);
  return product;
}

namespace {
/// X and Y of some rows as parts.
struct Samples {
  Matrix x, y; ///< t^2 x N K and t^2 x N M
  int64_t count = 0;
};

/// What is solved for.
struct Solution {
  Matrix encoder, decoder, encoded;
};

/// A layer on its way.
class Fitter {
public:
  Fitter(const Matrix &weight, const LayerFitOptions &options)
      : weight(weight), options(options),
        t(options.tile), inner{weight.rows, options.tile, options.layout},
        columns{weight.columns, options.tile, options.layout}, k(inner.count()),
        m(columns.count()), parts(splitTiles(weight, inner, columns)) {}

  Samples samplesOf(const Matrix &rows) const;
  SquareMatrix momentsOf(const Matrix &parts) const;
  /// Encoded by the scheme's v.
  void begin(const Scheme &scheme);
  /// wh, then decoder and encoder in turn, while `validation` gets better.
  void improve(const Samples &training, const Samples &validation,
               Budget &budget);
  Scheme scheme() const;

  const Matrix &weight;
  const LayerFitOptions &options;
  int64_t t;
  TileDimension inner, columns;
  int64_t k, m;
  Matrix parts; ///< of the weight: t^2 x K M
  Matrix encoder, decoder, encoded;

private:
  Matrix forward(const Matrix &encodedRows, const Matrix &wh, int64_t n) const;
  double error(const Samples &samples) const;
  void solveEncoded(const Samples &training, const Samples &validation);
  void solveDecoder(const Samples &training);
  void solveEncoder(const Samples &training);
  /// Keeps a change that makes `validation` better and growth no more than it
  /// may be.
  void keepIfBetter(Solution before, double &best, const Samples &validation);
  Solution solution() const { return {encoder, decoder, encoded}; }
};
} // namespace

Samples Fitter::samplesOf(const Matrix &rows) const {
  Samples samples;
  TileDimension of = {rows.rows, options.tile, options.layout,
                      options.sampleRows};
  samples.count = of.count();
  samples.x = splitTiles(rows, of, inner);
  samples.y = splitTiles(multiply(rows, weight), of, columns);
  return samples;
}

SquareMatrix Fitter::momentsOf(const Matrix &of) const {
  Matrix moments = multiply(of, of, Transpose::No, Transpose::Yes);
  return moments.values;
}

void Fitter::begin(const Scheme &scheme) {
  encoder = matrixOf(scheme.u);
  decoder = matrixOf(scheme.w);
  encoded = multiply(matrixOf(scheme.v), parts);
}

Matrix Fitter::forward(const Matrix &encodedRows, const Matrix &wh,
                       int64_t n) const {
  return multiply(decoder, multiplyChannels(encodedRows, wh, n, k, m),
                  Transpose::Yes);
}

double Fitter::error(const Samples &samples) const {
  Matrix result = forward(multiply(encoder, samples.x), encoded, samples.count);
  return squaredDistance(result, samples.y);
}

/// sum over rows of each of the M columns of a r x (K M) matrix of a * b.
static std::vector<double> columnDots(const Matrix &a, const Matrix &b,
                                      int64_t m) {
  std::vector<double> sums(static_cast<size_t>(m));
  for (size_t i = 0; i < a.values.size(); ++i)
    sums[i % size_t(m)] += a.values[i] * b.values[i];
  return sums;
}

void Fitter::solveEncoded(const Samples &training, const Samples &validation) {
  Matrix rows = multiply(encoder, training.x);
  int64_t n = training.count;
  auto adjoint = [&](const Matrix &residual) {
    return multiplyChannels(rows, multiply(decoder, residual), k, n, m,
                            Transpose::Yes);
  };
  Matrix residual = forward(rows, encoded, n);
  for (size_t i = 0; i < residual.values.size(); ++i)
    residual.values[i] = training.y.values[i] - residual.values[i];
  Matrix gradient = adjoint(residual), direction = gradient, best = encoded;
  std::vector<double> square = columnDots(gradient, gradient, m);
  double least = error(validation);
  constexpr int kMostSteps = 60, kPatience = 3;
  for (int step = 0, worse = 0; step < kMostSteps && worse < kPatience;
       ++step) {
    if (options.search.interrupted())
      break;
    Matrix image = forward(rows, direction, n);
    std::vector<double> length = columnDots(image, image, m);
    for (int64_t j = 0; j < m; ++j)
      length[size_t(j)] =
          length[size_t(j)] > 0 ? square[size_t(j)] / length[size_t(j)] : 0;
    for (size_t i = 0; i < encoded.values.size(); ++i)
      encoded.values[i] += length[i % size_t(m)] * direction.values[i];
    for (size_t i = 0; i < residual.values.size(); ++i)
      residual.values[i] -= length[i % size_t(m)] * image.values[i];
    gradient = adjoint(residual);
    std::vector<double> next = columnDots(gradient, gradient, m);
    for (size_t i = 0; i < direction.values.size(); ++i) {
      size_t j = i % size_t(m);
      direction.values[i] =
          gradient.values[i] +
          (square[j] > 0 ? next[j] / square[j] : 0) * direction.values[i];
    }
    square = std::move(next);
    double now = error(validation);
    worse = now < least ? 0 : worse + 1;
    if (now < least) {
      least = now;
      best = encoded;
    }
  }
  encoded = std::move(best);
}

/// What is added to the diagonals, as a share of their mean.
static constexpr double kRidge = 1e-6;

void Fitter::solveDecoder(const Samples &training) {
  Matrix channels = multiplyChannels(multiply(encoder, training.x), encoded,
                                     training.count, k, m);
  Matrix gram = multiply(channels, channels, Transpose::No, Transpose::Yes);
  Matrix right = multiply(channels, training.y, Transpose::No, Transpose::Yes);
  decoder = solveRidge(gram, std::move(right), kRidge);
}

/// The columns of every part of a t^2 x (N M) matrix that `chosen` lists.
static Matrix pickColumns(const Matrix &parts, int64_t n, int64_t m,
                          const std::vector<int64_t> &chosen) {
  auto count = int64_t(chosen.size());
  Matrix picked(parts.rows, n * count);
  for (int64_t part = 0; part < parts.rows; ++part)
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < count; ++j)
        picked.at(part, i * count + j) =
            parts.at(part, i * m + chosen[size_t(j)]);
  return picked;
}

void Fitter::solveEncoder(const Samples &training) {
  // y = sum over (c, p) of U[c,p] W[c,:] f_cp with f_cp = X_p wh_c: as many
  // unknowns as U has, from a few columns of the weight.
  constexpr int64_t kMostColumns = 48, kMostRows = 512;
  int64_t r = encoder.rows, n = std::min(training.count, kMostRows);
  std::vector<int64_t> chosen;
  for (int64_t j = 0; j < std::min(m, kMostColumns); ++j)
    chosen.push_back(j * m / std::min(m, kMostColumns));
  auto count = int64_t(chosen.size());
  Matrix columnsOfWeight = pickColumns(encoded, k, m, chosen);
  Matrix y = pickColumns(training.y, training.count, m, chosen);
  Matrix features(r * t * t, n * count), target(t * t, n * count);
  for (int64_t part = 0; part < t * t; ++part)
    std::copy(y.row(part), y.row(part) + n * count, target.row(part));
  for (int64_t c = 0; c < r; ++c)
    for (int64_t part = 0; part < t * t; ++part)
      multiplyInto(n, k, count, training.x.row(part), Transpose::No,
                   columnsOfWeight.row(c), Transpose::No,
                   features.row(c * t * t + part), /*accumulate=*/false);
  Matrix gram = multiply(features, features, Transpose::No, Transpose::Yes);
  Matrix mixed = multiply(decoder, decoder, Transpose::No, Transpose::Yes);
  for (int64_t a = 0; a < gram.rows; ++a)
    for (int64_t b = 0; b < gram.columns; ++b)
      gram.at(a, b) *= mixed.at(a / (t * t), b / (t * t));
  Matrix correlation =
      multiply(features, target, Transpose::No, Transpose::Yes);
  Matrix right(r * t * t, 1);
  for (int64_t a = 0; a < right.rows; ++a)
    for (int64_t part = 0; part < t * t; ++part)
      right.at(a, 0) += decoder.at(a / (t * t), part) * correlation.at(a, part);
  Matrix solved = solveRidge(gram, std::move(right), kRidge);
  encoder.values = std::move(solved.values);
}

Scheme Fitter::scheme() const {
  // What the encoded weight is of the weight, as far as that is linear.
  Matrix gram = multiply(parts, parts, Transpose::No, Transpose::Yes);
  Matrix right = multiply(parts, encoded, Transpose::No, Transpose::Yes);
  Matrix solved = solveRidge(gram, std::move(right), 1e-9);
  Matrix v(encoder.rows, t * t);
  for (int64_t c = 0; c < v.rows; ++c)
    for (int64_t e = 0; e < v.columns; ++e)
      v.at(c, e) = solved.at(e, c);
  Scheme scheme;
  scheme.name = tileSchemeName(options.tile, unsigned(encoder.rows));
  scheme.m = scheme.k = scheme.n = options.tile;
  scheme.ring = Ring::R;
  scheme.u = factorOf(encoder);
  scheme.v = factorOf(v);
  scheme.w = factorOf(decoder);
  return scheme;
}

void Fitter::keepIfBetter(Solution before, double &best,
                          const Samples &validation) {
  double now = error(validation);
  double growth = relativeGrowth(factorsOf(scheme()), options.tile);
  if (now < best && growth <= options.search.maxGrowth) {
    best = now;
    return;
  }
  encoder = std::move(before.encoder);
  decoder = std::move(before.decoder);
  encoded = std::move(before.encoded);
}

void Fitter::improve(const Samples &training, const Samples &validation,
                     Budget &budget) {
  double best = error(validation), begin = best;
  constexpr int kMostRounds = 20;
  constexpr double kWorthwhile = 0.999;
  for (int round = 0; round < kMostRounds; ++round) {
    if (options.search.interrupted() || (round > 0 && budget.exhausted()))
      return;
    double last = best;
    Solution before = solution();
    solveEncoded(training, validation);
    keepIfBetter(std::move(before), best, validation);
    before = solution();
    solveDecoder(training);
    keepIfBetter(std::move(before), best, validation);
    // Its system has as many unknowns as the encoder has coefficients.
    constexpr int64_t kMostUnknowns = 3000;
    if (encoder.rows * encoder.columns <= kMostUnknowns) {
      before = solution();
      solveEncoder(training);
      keepIfBetter(std::move(before), best, validation);
    }
    if (options.search.progress && begin > 0)
      options.search.progress(
          fmt::format("fitted to the activations: {:.3f} of the error, by rows "
                      "that are not fitted",
                      std::sqrt(best / begin)));
    if (best > kWorthwhile * last)
      return;
  }
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

static NpyArray arrayOf(const Matrix &matrix, ElementType type,
                        std::vector<int64_t> shape) {
  NpyArray array = llvm::cantFail(makeNpyArray(type, shape));
  for (size_t i = 0; i < matrix.values.size(); ++i)
    if (type == ElementType::F32)
      static_cast<float *>(array.data())[i] = float(matrix.values[i]);
    else
      static_cast<double *>(array.data())[i] = matrix.values[i];
  return array;
}

static Matrix matrixOf(const NpyArray &array, int64_t rows, int64_t columns) {
  Matrix matrix(rows, columns);
  for (size_t i = 0; i < matrix.values.size(); ++i)
    matrix.values[i] = array.type == ElementType::F32
                           ? double(static_cast<const float *>(array.data())[i])
                           : static_cast<const double *>(array.data())[i];
  return matrix;
}

/// The parts of Y, without bias.
static Matrix applyToParts(const TileOperator &op, const Matrix &x,
                           const TileDimension &rows) {
  TileDimension inner = {op.inner, op.tile(), op.layout},
                columns = {op.columns, op.tile(), op.layout};
  int64_t n = rows.count(), k = inner.count(), m = columns.count();
  Matrix encoded = multiply(matrixOf(op.scheme.u), splitTiles(x, rows, inner));
  Matrix weight = matrixOf(op.encoded, op.rank(), k * m);
  return multiply(matrixOf(op.scheme.w),
                  multiplyChannels(encoded, weight, n, k, m), Transpose::Yes);
}

Matrix sevenfold::applyOperator(const TileOperator &op, const Matrix &x) {
  TileDimension rows = {x.rows, op.tile(), op.layout, op.sampleRows},
                columns = {op.columns, op.tile(), op.layout};
  Matrix y = joinTiles(applyToParts(op, x, rows), rows, columns);
  if (!op.bias)
    return y;
  Matrix bias = matrixOf(*op.bias, op.tile(), op.columns);
  for (int64_t part = 0; part < op.tile(); ++part)
    for (int64_t place = 0; place < rows.count(); ++place) {
      int64_t row = rows.element(part, place);
      for (int64_t j = 0; row >= 0 && j < op.columns; ++j)
        y.at(row, j) += bias.at(part, j);
    }
  return y;
}

double sevenfold::whiteError(const TileOperator &op, const Matrix &weight) {
  // Tile (K, J) of the weight is a map of t^2 to t^2 elements, that of the
  // operator is sum_c wh_c W_c U_c^T: with the inner products of those, no map
  // is ever formed.
  int64_t t = op.tile(), r = op.rank();
  TileDimension inner = {op.inner, op.tile(), op.layout},
                columns = {op.columns, op.tile(), op.layout};
  Matrix parts = splitTiles(weight, inner, columns);
  Matrix u = matrixOf(op.scheme.u), w = matrixOf(op.scheme.w);
  Matrix encoded = matrixOf(op.encoded, r, parts.columns);
  Matrix uu = multiply(u, u, Transpose::No, Transpose::Yes);
  Matrix ww = multiply(w, w, Transpose::No, Transpose::Yes);
  for (size_t i = 0; i < uu.values.size(); ++i)
    uu.values[i] *= ww.values[i];
  // <W_c U_c^T, map of w> = sum_kj w_kj sum_i W_c[i,j] U_c[i,k].
  Matrix projection(r, t * t);
  for (int64_t c = 0; c < r; ++c)
    for (int64_t i = 0; i < t; ++i)
      for (int64_t kk = 0; kk < t; ++kk)
        for (int64_t j = 0; j < t; ++j)
          projection.at(c, kk * t + j) +=
              w.at(c, i * t + j) * u.at(c, i * t + kk);
  Matrix cross = multiply(projection, parts), own = multiply(uu, encoded);
  // Tile by tile: what cancels does so among numbers of one size.
  double missed = 0, all = double(t) * squaredNorm(parts);
  for (int64_t tile = 0; tile < parts.columns; ++tile) {
    double left = 0;
    for (int64_t part = 0; part < t * t; ++part)
      left += double(t) * parts.at(part, tile) * parts.at(part, tile);
    for (int64_t c = 0; c < r; ++c)
      left += encoded.at(c, tile) * (own.at(c, tile) - 2 * cross.at(c, tile));
    missed += left;
  }
  return std::sqrt(std::max(missed, 0.0) / all);
}

//===----------------------------------------------------------------------===//
// Fitting
//===----------------------------------------------------------------------===//

/// What the mean of the activations gives, and the operator does not.
static std::optional<NpyArray> biasOf(const TileOperator &op,
                                      const Matrix &mean, const Matrix &weight,
                                      ElementType type) {
  if (mean.rows == 0)
    return std::nullopt;
  int64_t t = op.tile();
  Matrix rows(t, mean.columns);
  for (int64_t i = 0; i < t; ++i)
    std::copy(mean.row(0), mean.row(0) + mean.columns, rows.row(i));
  TileDimension dimension = {t, op.tile(), op.layout},
                columns = {op.columns, op.tile(), op.layout};
  Matrix given =
      joinTiles(applyToParts(op, rows, dimension), dimension, columns);
  Matrix bias = multiply(rows, weight);
  for (size_t i = 0; i < bias.values.size(); ++i)
    bias.values[i] -= given.values[i];
  return arrayOf(bias, type, {t, op.columns});
}

/// All of an operator but its errors and bias.
static TileOperator makeOperator(const Fitter &fitter, Scheme scheme) {
  TileOperator op;
  op.scheme = std::move(scheme);
  op.layout = fitter.options.layout;
  op.inner = fitter.weight.rows;
  op.columns = fitter.weight.columns;
  op.sampleRows = fitter.options.sampleRows;
  op.encoded = arrayOf(fitter.encoded, fitter.options.type,
                       {fitter.encoded.rows, fitter.k, fitter.m});
  return op;
}

TileOperator sevenfold::encodeWeight(const Matrix &weight, const Scheme &scheme,
                                     const LayerFitOptions &options) {
  Fitter fitter(weight, options);
  fitter.begin(scheme);
  TileOperator op = makeOperator(fitter, scheme);
  op.errorWeights = whiteError(op, weight);
  return op;
}

namespace {
/// Rows of X by what they are for, without the mean of the first two.
struct RowSplit {
  Matrix mean; ///< 1 x d, or nothing
  Matrix training, validation, heldOut;
};
} // namespace

static void subtract(Matrix &rows, const Matrix &mean) {
  for (int64_t i = 0; i < rows.rows; ++i)
    for (int64_t j = 0; j < rows.columns; ++j)
      rows.at(i, j) -= mean.at(0, j);
}

static llvm::Expected<RowSplit> splitRows(const Matrix &activations,
                                          const LayerFitOptions &options) {
  RowSplit split;
  if (activations.rows == 0)
    return split;
  int64_t unit = options.sampleRows == 0 ? options.tile : options.sampleRows;
  int64_t units = activations.rows / unit;
  constexpr int64_t kLeastUnits = 5;
  if (activations.rows % unit != 0 && options.sampleRows != 0)
    return makeError("{0} rows of activations are no whole samples of {1}",
                     activations.rows, unit);
  if (units < kLeastUnits)
    return makeError("expected activations of at least {0} {1} but got {2} "
                     "rows",
                     kLeastUnits,
                     options.sampleRows == 0 ? "tiles of rows" : "samples",
                     activations.rows);
  // Seven tenths to fit, one to stop by, two to judge by.
  int64_t first = std::max<int64_t>(units * 7 / 10, 1) * unit,
          second = std::max<int64_t>(units * 8 / 10, first / unit + 1) * unit;
  split.training = rowsOf(activations, 0, first);
  split.validation = rowsOf(activations, first, second);
  split.heldOut = rowsOf(activations, second, units * unit);
  split.mean = Matrix(1, activations.columns);
  for (int64_t i = 0; i < second; ++i)
    for (int64_t j = 0; j < activations.columns; ++j)
      split.mean.at(0, j) += activations.at(i, j) / double(second);
  for (Matrix *rows : {&split.training, &split.validation, &split.heldOut})
    subtract(*rows, split.mean);
  return split;
}

/// The share of a budget that the search for the scheme gets, where a layer's
/// data follow.
static constexpr double kSearchShare = 0.6;

llvm::Expected<LayerFit> sevenfold::fitLayer(const Matrix &weight,
                                             const Matrix &activations,
                                             const LayerFitOptions &options,
                                             Budget &budget) {
  auto split = splitRows(activations, options);
  if (!split)
    return split.takeError();
  Fitter fitter(weight, options);
  bool hasRows = activations.rows != 0;
  Samples training, validation;
  TileTarget target(options.tile);
  if (hasRows) {
    training = fitter.samplesOf(split->training);
    validation = fitter.samplesOf(split->validation);
    target = TileTarget(options.tile, fitter.momentsOf(training.x),
                        fitter.momentsOf(fitter.parts));
  }
  BudgetLimit limit{budget.kind(), hasRows ? kSearchShare * budget.remaining()
                                           : budget.remaining()};
  Budget searching(limit);
  auto found = searchTile(target, options.search, searching);
  if (!found)
    return found.takeError();
  fitter.begin(found->scheme);
  if (hasRows)
    fitter.improve(training, validation, budget);
  if (llvm::Error stopped = options.search.interrupted.check())
    return stopped;

  LayerFit fit;
  fit.hops = found->hops;
  fit.squaredError = found->squaredError;
  fit.op = makeOperator(fitter,
                        hasRows ? fitter.scheme() : std::move(found->scheme));
  fit.op.bias = biasOf(fit.op, split->mean, weight, options.type);
  fit.op.errorWeights = whiteError(fit.op, weight);
  double exactSquare = 0;
  if (hasRows) {
    Matrix rows = split->heldOut;
    for (int64_t i = 0; i < rows.rows; ++i)
      for (int64_t j = 0; j < rows.columns; ++j)
        rows.at(i, j) += split->mean.at(0, j);
    Matrix exact = multiply(rows, weight);
    exactSquare = squaredNorm(exact);
    if (!(exactSquare > 0))
      return makeError("the activations that are held out give nothing with "
                       "this weight");
    fit.op.errorHeldOut = std::sqrt(
        squaredDistance(exact, applyOperator(fit.op, rows)) / exactSquare);
  }
  CentredRows centred{std::move(split->training), std::move(split->heldOut),
                      exactSquare};
  double ratio = fit.op.flopsRatio();
  fit.lowRank = lowRankErrors(weight, centred, ratio);
  fit.droppedProducts = droppedProductsErrors(weight, centred, options, ratio);
  return fit;
}
