//===- TrainConfig.cpp - Configurations of training -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads them, strictly.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/TrainConfig.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

llvm::ArrayRef<OptionField<TrainOptions>> sevenfold::trainFields() {
  using O = TrainOptions;
  static const OptionField<O> fields[] = {
      {"epochs", "passes over the training samples", &O::epochs, 1, 100000},
      {"batch", "samples of a step", &O::batch, 1, 65536},
      {"examples", "training samples that are used; 0: all", &O::examples, 0,
       int64_t(1) << 40},
      {"validation_percent",
       "of the training samples, which decide when to stop",
       &O::validationPercent, 1, 50},
      {"patience",
       "epochs without a better validation loss after which training ends; 0: "
       "never",
       &O::patience, 0, 100000},
      {"learning_rate", "of AdamW, falling as a cosine", &O::learningRate, 0,
       10},
      {"weight_decay", "of AdamW", &O::weightDecay, 0, 10},
      {"warm_up", "share of the steps in which the learning rate rises",
       &O::warmUp, 0, 1},
      {"seed", "of weights and of the order of samples", &O::seed, 0,
       int64_t(1) << 52},
      {"fit_examples", "samples that layers are fitted to, after 'start'",
       &O::fitExamples, 16, 65536},
      {"fit_seconds", "of the search for the scheme of each rank of tiles",
       &O::fitSeconds, 0.01, 86400},
  };
  return fields;
}

llvm::ArrayRef<OptionField<TeacherOptions>> sevenfold::teacherFields() {
  using O = TeacherOptions;
  static const OptionField<O> fields[] = {
      {"rows", "of a sample", &O::rows, 1, 4096},
      {"width", "of a row", &O::width, 1, 4096},
      {"outputs", "numbers to predict", &O::outputs, 1, 4096},
      {"examples", "training samples", &O::examples, 16, int64_t(1) << 20},
      {"seed", "of inputs and of the teacher", &O::seed, 0, int64_t(1) << 52},
  };
  return fields;
}

static llvm::Error readStrings(const nlohmann::json &json, llvm::StringRef path,
                               TrainConfig &config) {
  for (auto [key, value] : {std::pair{"data", &config.data},
                            std::pair{"data_folder", &config.dataFolder},
                            std::pair{"start", &config.start}}) {
    if (!hasKey(json, key))
      continue;
    auto text = getString(json, key, path);
    if (!text)
      return text.takeError();
    *value = *text;
  }
  if (config.data != "teacher" && config.data != "fashion-mnist")
    return makeError("{0}: data: expected 'fashion-mnist' or 'teacher' but got "
                     "'{1}'",
                     path, config.data);
  return llvm::Error::success();
}

llvm::Expected<TrainConfig> sevenfold::readTrainConfig(llvm::StringRef path) {
  auto json = readJsonFile(path);
  if (!json)
    return json.takeError();
  return parseTrainConfig(*json, path);
}

llvm::Expected<TrainConfig>
sevenfold::parseTrainConfig(const nlohmann::json &json, llvm::StringRef path) {
  if (llvm::Error error =
          requireObject(json, path, {"data", "layers"},
                        {"$schema", "data_folder", "teacher", "linear",
                         "width_share", "start", "training"}))
    return error;
  TrainConfig config;
  if (llvm::Error error = readStrings(json, path, config))
    return error;
  if (hasKey(json, "teacher"))
    if (llvm::Error error =
            readOptions(json["teacher"], (path + ": teacher").str(),
                        bindOptions(config.teacher, teacherFields())))
      return error;
  if (hasKey(json, "training"))
    if (llvm::Error error =
            readOptions(json["training"], (path + ": training").str(),
                        bindOptions(config.training, trainFields())))
      return error;
  if (hasKey(json, "linear")) {
    auto form = readLinearForm(json["linear"], (path + ": linear").str());
    if (!form)
      return form.takeError();
    config.linear = *form;
    config.linear.isNamed = false;
  }
  if (hasKey(json, "width_share")) {
    auto share = getNumber(json, "width_share", path);
    if (!share)
      return share.takeError();
    if (!(*share > 0) || *share > 16)
      return makeError("{0}: width_share: expected more than 0 and at most 16 "
                       "but got {1}",
                       path, *share);
    config.share = *share;
  }
  if (!config.start.empty() && llvm::sys::path::is_relative(config.start)) {
    llvm::SmallString<128> start(llvm::sys::path::parent_path(path));
    llvm::sys::path::append(start, config.start);
    config.start = start.str().str();
  }
  config.layers = json["layers"].dump();
  nlohmann::json decisive = json;
  decisive.erase("$schema");
  config.hash = sha256Hex(decisive.dump());
  return config;
}

llvm::Expected<Dataset> sevenfold::readDataset(const TrainConfig &config) {
  if (config.data == "fashion-mnist")
    return readFashionMnist(config.dataFolder);
  const TeacherOptions &teacher = config.teacher;
  constexpr double kMostWork = 1e11;
  if (double(teacher.examples) * double(teacher.rows) * double(teacher.width) *
          double(teacher.width + teacher.outputs) >
      kMostWork)
    return makeError("teacher: expected fewer or smaller examples");
  return makeTeacher(teacher.rows, teacher.width, teacher.outputs,
                     teacher.examples, uint64_t(teacher.seed));
}

llvm::Expected<ModelProgram> sevenfold::makeProgram(const TrainConfig &config,
                                                    const Dataset &data) {
  auto program =
      readModelProgram(nlohmann::json::parse(config.layers), "layers",
                       data.rows, data.width, config.linear, config.share);
  if (!program)
    return program.takeError();
  if (program->outputWidth() != data.outputs || program->steps.back().rows != 1)
    return makeError("layers: expected 1x{0} at the end, what '{1}' has, but "
                     "got {2}x{3}",
                     data.outputs, data.name, program->steps.back().rows,
                     program->outputWidth());
  constexpr int64_t kMost = int64_t(1) << 28;
  bool isLarge = program->parameters() > kMost;
  for (const ModelStep &step : program->steps)
    isLarge |= step.rows * step.width > kMost ||
               (step.kind == StepKind::Attention &&
                step.size * step.rows * step.rows > kMost);
  if (isLarge)
    return makeError("layers: expected at most {0} parameters, and values of "
                     "as many elements",
                     kMost);
  return program;
}
