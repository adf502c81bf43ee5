//===- ModelProgram.cpp - A small model as a list of steps ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads layers, nested ones too, and checks their sizes on the way.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/ModelProgram.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/StringSwitch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace sevenfold;
using nlohmann::json;

static constexpr int64_t kMostWidth = 1 << 16, kMostSteps = 4096;

//===----------------------------------------------------------------------===//
// Forms of linear layers
//===----------------------------------------------------------------------===//

llvm::Expected<LinearForm> sevenfold::readLinearForm(const json &value,
                                                     llvm::StringRef where) {
  if (llvm::Error error = requireObject(value, where, {"kind"},
                                        {"tile", "rank", "layout", "init"}))
    return error;
  auto kind = getString(value, "kind", where);
  if (!kind)
    return kind.takeError();
  LinearForm form;
  form.isNamed = true;
  auto has = [&](std::initializer_list<llvm::StringRef> keys) {
    return requireObject(value, (where + ": '" + *kind + "'").str(), keys,
                         *kind == "tile" ? llvm::ArrayRef<llvm::StringRef>(
                                               {"tile", "layout", "init"})
                                         : llvm::ArrayRef<llvm::StringRef>());
  };
  if (*kind == "dense") {
    if (llvm::Error error = has({"kind"}))
      return error;
    return form;
  }
  if (*kind != "low-rank" && *kind != "tile")
    return makeError("{0}.kind: expected 'dense', 'low-rank' or 'tile' but got "
                     "'{1}'",
                     where, *kind);
  if (llvm::Error error = has({"kind", "rank"}))
    return error;
  form.kind = *kind == "tile" ? LinearKind::Tile : LinearKind::LowRank;
  if (hasKey(value, "tile")) {
    auto tile = getInteger(value, "tile", where, 2, 8);
    if (!tile)
      return tile.takeError();
    form.tile = unsigned(*tile);
  }
  int64_t most = form.kind == LinearKind::Tile
                     ? int64_t(form.tile) * form.tile * form.tile
                     : kMostWidth;
  auto rank = getInteger(value, "rank", where, 1, most);
  if (!rank)
    return rank.takeError();
  form.rank = unsigned(*rank);
  if (hasKey(value, "layout")) {
    auto word = getString(value, "layout", where);
    if (!word)
      return word.takeError();
    auto layout = parseTileLayout(*word);
    if (!layout)
      return makeError("{0}.layout: expected 'tiles' or 'blocks' but got '{1}'",
                       where, *word);
    form.layout = *layout;
  }
  if (hasKey(value, "init")) {
    auto word = getString(value, "init", where);
    if (!word)
      return word.takeError();
    auto start = parseTileStart(*word);
    if (!start)
      return makeError("{0}.init: expected 'scheme', 'polynomial' or 'random' "
                       "but got '{1}'",
                       where, *word);
    form.start = *start;
  }
  return form;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

namespace {
/// Appends steps layer by layer.
class ProgramReader {
public:
  ProgramReader(int64_t rows, int64_t width, const LinearForm &form,
                double share)
      : form(form), share(share), rows(rows), width(width) {
    program.rows = rows;
    program.width = width;
  }

  llvm::Error readLayers(const json &layers, const std::string &where,
                         bool isOutermost);
  ModelProgram program;

private:
  llvm::Error readLayer(const json &layer, const std::string &where,
                        bool isLast);
  llvm::Error readPatches(const json &layer, const std::string &where);
  llvm::Error readLinear(const json &layer, const std::string &where,
                         bool isLast);
  llvm::Error readAttention(const json &layer, const std::string &where);
  llvm::Error readResidual(const json &layer, const std::string &where);
  llvm::Expected<LinearForm> formOf(const json &layer, llvm::StringRef where);
  llvm::Error checkRows(const LinearForm &own, llvm::StringRef where) const;
  ModelStep &append(StepKind kind, const std::string &name);
  void appendLinear(const std::string &name, int64_t columns,
                    const LinearForm &own);

  const LinearForm &form;
  double share;
  size_t value = 0;    ///< the last one
  int64_t rows, width; ///< of it
  unsigned layers = 0; ///< that have been named
};
} // namespace

ModelStep &ProgramReader::append(StepKind kind, const std::string &name) {
  ModelStep step;
  step.kind = kind;
  step.name = name;
  step.input = value;
  step.rows = step.inputRows = rows;
  step.width = step.inputWidth = width;
  program.steps.push_back(std::move(step));
  value = program.steps.size();
  return program.steps.back();
}

void ProgramReader::appendLinear(const std::string &name, int64_t columns,
                                 const LinearForm &own) {
  ModelStep &step = append(StepKind::Linear, name);
  step.width = width = columns;
  step.form = own;
  // A tile needs rows of its own sample: where there is one row it stays dense.
  if (own.kind == LinearKind::Tile && rows == 1)
    step.form = LinearForm();
}

llvm::Expected<LinearForm> ProgramReader::formOf(const json &layer,
                                                 llvm::StringRef where) {
  if (!hasKey(layer, "linear"))
    return form;
  return readLinearForm(layer["linear"], (where + ".linear").str());
}

/// Fails where a sample's rows are no whole tiles.
llvm::Error ProgramReader::checkRows(const LinearForm &own,
                                     llvm::StringRef where) const {
  if (own.kind != LinearKind::Tile || rows % own.tile == 0 ||
      (rows == 1 && !own.isNamed))
    return llvm::Error::success();
  return makeError("{0}: expected samples whose rows tiles of {1} divide but "
                   "got {2}",
                   where, own.tile, rows);
}

llvm::Error ProgramReader::readPatches(const json &layer,
                                       const std::string &where) {
  auto size = getInteger(layer, "size", where, 1, kMostWidth);
  if (!size)
    return size.takeError();
  if (value != 0 || rows % *size != 0 || width % *size != 0)
    return makeError("{0}: expected images that patches of {1} divide but got "
                     "{2}x{3}",
                     where, *size, rows, width);
  ModelStep &step = append(StepKind::Patches, "");
  step.size = *size;
  rows = step.rows = rows * width / (*size * *size);
  width = step.width = *size * *size;
  return llvm::Error::success();
}

llvm::Error ProgramReader::readLinear(const json &layer,
                                      const std::string &where, bool isLast) {
  auto columns = getInteger(layer, "width", where, 1, kMostWidth);
  if (!columns)
    return columns.takeError();
  auto own = formOf(layer, where);
  if (!own)
    return own.takeError();
  if (llvm::Error error = checkRows(*own, where))
    return error;
  int64_t scaled =
      isLast ? *columns
             : std::max<int64_t>(1, std::llround(share * double(*columns)));
  appendLinear(fmt::format("linear{}", layers++), scaled, *own);
  return llvm::Error::success();
}

llvm::Error ProgramReader::readAttention(const json &layer,
                                         const std::string &where) {
  auto heads = getInteger(layer, "heads", where, 1, kMostWidth);
  if (!heads)
    return heads.takeError();
  if (width % *heads != 0)
    return makeError("{0}: expected a width that {1} heads divide but got {2}",
                     where, *heads, width);
  auto own = formOf(layer, where);
  if (!own)
    return own.takeError();
  if (llvm::Error error = checkRows(*own, where))
    return error;
  int64_t model = width;
  std::string name = fmt::format("attention{}", layers++);
  appendLinear(name + ".in", 3 * model, *own);
  ModelStep &step = append(StepKind::Attention, "");
  step.size = *heads;
  step.width = width = model;
  appendLinear(name + ".out", model, *own);
  return llvm::Error::success();
}

llvm::Error ProgramReader::readResidual(const json &layer,
                                        const std::string &where) {
  size_t before = value;
  int64_t rowsBefore = rows, widthBefore = width;
  auto inner = getArray(layer, "layers", where);
  if (!inner)
    return inner.takeError();
  if (llvm::Error error =
          readLayers(**inner, where + ".layers", /*isOutermost=*/false))
    return error;
  if (rows != rowsBefore || width != widthBefore)
    return makeError("{0}: expected layers that lead back to {1}x{2} but got "
                     "{3}x{4}",
                     where, rowsBefore, widthBefore, rows, width);
  append(StepKind::Add, "").second = before;
  return llvm::Error::success();
}

llvm::Error ProgramReader::readLayer(const json &layer,
                                     const std::string &where, bool isLast) {
  if (program.steps.size() >= size_t(kMostSteps))
    return makeError("{0}: expected at most {1} steps", where, kMostSteps);
  if (llvm::Error error =
          requireObject(layer, where, {"layer"},
                        {"size", "width", "heads", "kind", "linear", "layers"}))
    return error;
  auto kind = getString(layer, "layer", where);
  if (!kind)
    return kind.takeError();
  if (*kind == "patches")
    return readPatches(layer, where);
  if (*kind == "linear")
    return readLinear(layer, where, isLast);
  if (*kind == "attention")
    return readAttention(layer, where);
  if (*kind == "residual")
    return readResidual(layer, where);
  if (*kind == "position") {
    append(StepKind::Position, fmt::format("position{}", layers++));
  } else if (*kind == "norm") {
    append(StepKind::Norm, fmt::format("norm{}", layers++));
  } else if (*kind == "mean") {
    append(StepKind::Mean, "").rows = 1;
    rows = 1;
  } else if (*kind == "activation") {
    auto name = getString(layer, "kind", where);
    if (!name)
      return name.takeError();
    if (*name != "gelu" && *name != "relu")
      return makeError("{0}.kind: expected 'gelu' or 'relu' but got '{1}'",
                       where, *name);
    append(*name == "gelu" ? StepKind::Gelu : StepKind::Relu, "");
  } else {
    return makeError("{0}.layer: expected 'patches', 'linear', 'attention', "
                     "'residual', 'position', 'norm', 'mean' or 'activation' "
                     "but got '{1}'",
                     where, *kind);
  }
  return llvm::Error::success();
}

llvm::Error ProgramReader::readLayers(const json &list,
                                      const std::string &where,
                                      bool isOutermost) {
  if (!list.is_array() || list.empty())
    return makeError("{0}: expected a list of layers", where);
  for (size_t i = 0; i < list.size(); ++i)
    if (llvm::Error error = readLayer(list[i], fmt::format("{}[{}]", where, i),
                                      isOutermost && i + 1 == list.size()))
      return error;
  return llvm::Error::success();
}

llvm::Expected<ModelProgram>
sevenfold::readModelProgram(const json &layers, llvm::StringRef where,
                            int64_t rows, int64_t width, const LinearForm &form,
                            double share) {
  ProgramReader reader(rows, width, form, share);
  if (llvm::Error error =
          reader.readLayers(layers, where.str(), /*isOutermost=*/true))
    return error;
  if (reader.program.steps.back().kind != StepKind::Linear)
    return makeError("{0}: expected a linear layer as the last one", where);
  return std::move(reader.program);
}

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

static int64_t divideUp(int64_t size, int64_t by) {
  return (size + by - 1) / by;
}

double ModelProgram::multiplyAdds() const {
  double sum = 0;
  for (const ModelStep &step : steps) {
    double rows = double(step.rows), inner = double(step.inputWidth),
           columns = double(step.width);
    if (step.kind == StepKind::Attention)
      sum += 2 * rows * rows * columns;
    if (step.kind != StepKind::Linear)
      continue;
    switch (step.form.kind) {
    case LinearKind::Dense:
      sum += rows * inner * columns;
      break;
    case LinearKind::LowRank:
      sum += rows * step.form.rank * (inner + columns);
      break;
    case LinearKind::Tile: {
      int64_t t = step.form.tile;
      double tiles = double(divideUp(step.rows, t)),
             k = double(divideUp(step.inputWidth, t)),
             m = double(divideUp(step.width, t));
      sum += step.form.rank * (tiles * k * m + double(t * t) * tiles * (k + m));
      break;
    }
    }
  }
  return sum;
}

int64_t ModelProgram::parameters() const {
  int64_t sum = 0;
  for (const ModelStep &step : steps) {
    if (step.kind == StepKind::Position)
      sum += step.rows * step.width;
    if (step.kind == StepKind::Norm)
      sum += 2 * step.width;
    if (step.kind != StepKind::Linear)
      continue;
    switch (step.form.kind) {
    case LinearKind::Dense:
      sum += (step.inputWidth + 1) * step.width;
      break;
    case LinearKind::LowRank:
      sum += step.form.rank * (step.inputWidth + step.width) + step.width;
      break;
    case LinearKind::Tile: {
      int64_t t = step.form.tile;
      sum += t * step.width;
      sum +=
          step.form.rank *
          (divideUp(step.inputWidth, t) * divideUp(step.width, t) + 2 * t * t);
      break;
    }
    }
  }
  return sum;
}
