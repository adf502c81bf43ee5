//===- TrainLoop.cpp - From a configuration to a model --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The order of samples in an epoch follows from the seed and its number alone:
// a run goes on after any step as if it had never stopped.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/TrainLoop.h"

#include "search/Tile/Training/TrainStart.h"
#include "search/Tile/Training/TrainedModel.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <numeric>

using namespace sevenfold;

namespace {
/// Where a training is.
struct TrainState {
  int64_t epoch = 0, step = 0; ///< steps of the epoch that are done
  double loss = 0;             ///< added up over the epoch's samples so far
  int64_t seen = 0;
  double best = std::numeric_limits<double>::infinity(); ///< of validation
  double last = 0; ///< the last validation loss
  int64_t sinceBest = 0;
  double seconds = 0;
  std::string metrics; ///< metrics.jsonl so far
};

class TrainLoop {
public:
  TrainLoop(const TrainConfig &config, const TrainLoopOptions &options,
            const Dataset &data, const ModelProgram &program, Trainer &trainer)
      : config(config), options(options), data(data), program(program),
        trainer(trainer) {
    splitSamples();
  }

  bool hasSamples() const { return !trained.empty(); }
  const SampleIndices &samples() const { return trained; }
  llvm::Error saveCheckpoint();
  llvm::Error resume();
  bool hasCheckpoint() const {
    return llvm::sys::fs::exists(path("checkpoint.json"));
  }
  llvm::Error run();
  llvm::Expected<TrainResult> finish();

private:
  std::string path(const char *name) const {
    return options.folder + "/" + name;
  }
  void splitSamples();
  SampleIndices orderOf(int64_t epoch) const;
  int64_t stepsOfEpoch() const {
    int64_t batch = config.training.batch, count = int64_t(trained.size());
    return (count + batch - 1) / batch;
  }
  double rateAt(int64_t step) const;
  llvm::Error runEpoch();
  llvm::Error endEpoch();
  bool isDone() const;
  void tell(const std::string &text) const {
    if (options.progress)
      options.progress(text);
  }

  const TrainConfig &config;
  const TrainLoopOptions &options;
  const Dataset &data;
  const ModelProgram &program;
  Trainer &trainer;
  /// The file of a trainer's state with that SHA-256.
  std::string stateFile(const std::string &hash) const {
    return options.folder + "/checkpoint-" + hash.substr(0, 16) + ".pt";
  }

  SampleIndices trained, validated;
  TrainState state;
  std::string stateInUse; ///< the file that checkpoint.json is of
};
} // namespace

/// Draws a permutation.
static void shuffle(SampleIndices &indices, Random &random) {
  for (size_t i = indices.size(); i > 1; --i)
    std::swap(indices[i - 1], indices[random.below(i)]);
}

void TrainLoop::splitSamples() {
  SampleIndices all(size_t(data.training.count));
  std::iota(all.begin(), all.end(), 0);
  Random random(splitMix64(uint64_t(config.training.seed)));
  shuffle(all, random);
  if (config.training.examples > 0)
    all.resize(std::min(all.size(), size_t(config.training.examples)));
  size_t kept = std::max<size_t>(
      1, all.size() * size_t(config.training.validationPercent) / 100);
  validated.assign(all.end() - ptrdiff_t(kept), all.end());
  trained.assign(all.begin(), all.end() - ptrdiff_t(kept));
}

SampleIndices TrainLoop::orderOf(int64_t epoch) const {
  SampleIndices order = trained;
  Random random(
      splitMix64(uint64_t(config.training.seed) * 1000003 + uint64_t(epoch)));
  shuffle(order, random);
  return order;
}

double TrainLoop::rateAt(int64_t step) const {
  auto all = double(stepsOfEpoch() * config.training.epochs);
  double warmUp = std::max(config.training.warmUp * all, 1.0);
  double place = double(step) + 1;
  if (place < warmUp)
    return config.training.learningRate * place / warmUp;
  double share = (place - warmUp) / (all - warmUp + 1);
  return config.training.learningRate * (1 + std::cos(M_PI * share)) / 2;
}

bool TrainLoop::isDone() const {
  return state.epoch >= config.training.epochs ||
         (config.training.patience > 0 &&
          state.sinceBest >= config.training.patience);
}

//===----------------------------------------------------------------------===//
// Epochs
//===----------------------------------------------------------------------===//

llvm::Error TrainLoop::runEpoch() {
  using Clock = std::chrono::steady_clock;
  SampleIndices order = orderOf(state.epoch);
  auto batch = size_t(config.training.batch);
  int64_t steps = stepsOfEpoch();
  Clock::time_point last = Clock::now(), told = last;
  constexpr double kTellEvery = 5;
  for (; state.step < steps; ++state.step) {
    if (llvm::Error stopped = options.interrupted.check()) {
      if (llvm::Error error = saveCheckpoint())
        return llvm::joinErrors(std::move(stopped), std::move(error));
      tell("stopped; the same command goes on from here");
      return stopped;
    }
    size_t first = size_t(state.step) * batch;
    SampleIndices samples(order.begin() + ptrdiff_t(first),
                          order.begin() +
                              ptrdiff_t(std::min(first + batch, order.size())));
    auto sum = trainer.step(data.training, samples,
                            rateAt(state.epoch * steps + state.step));
    if (!sum)
      return sum.takeError();
    state.loss += sum->loss;
    state.seen += sum->count;
    if (!std::isfinite(sum->loss))
      return makeError(
          "the loss is not finite any more in epoch {0}: a smaller "
          "learning_rate may help",
          state.epoch + 1);
    Clock::time_point now = Clock::now();
    state.seconds += std::chrono::duration<double>(now - last).count();
    last = now;
    if (std::chrono::duration<double>(now - told).count() < kTellEvery)
      continue;
    told = now;
    double done = double(state.epoch * steps + state.step + 1);
    double left =
        state.seconds / done * (double(steps * config.training.epochs) - done);
    tell(fmt::format("epoch {} of {}, step {} of {}: loss {:.4f} ({:.0f} s "
                     "left)",
                     state.epoch + 1, config.training.epochs, state.step + 1,
                     steps, state.loss / double(state.seen), left));
  }
  return endEpoch();
}

llvm::Error TrainLoop::endEpoch() {
  auto validation = trainer.evaluate(data.training, validated);
  if (!validation)
    return validation.takeError();
  double loss = validation->loss / double(validation->count);
  double accuracy = double(validation->correct) / double(validation->count);
  if (!std::isfinite(loss))
    return makeError("the validation loss is not finite after epoch {0}: a "
                     "smaller learning_rate may help",
                     state.epoch + 1);
  nlohmann::ordered_json line = {{"epoch", state.epoch + 1},
                                 {"loss", state.loss / double(state.seen)},
                                 {"validation_loss", loss},
                                 {"seconds", state.seconds}};
  if (data.hasClasses())
    line["validation_accuracy"] = accuracy;
  state.metrics += line.dump() + "\n";
  tell(fmt::format(
      "epoch {} of {}: loss {:.4f}, validation {:.4f}{}", state.epoch + 1,
      config.training.epochs, state.loss / double(state.seen), loss,
      data.hasClasses() ? fmt::format(", accuracy {:.4f}", accuracy) : ""));
  state.sinceBest = loss < state.best ? 0 : state.sinceBest + 1;
  state.best = std::min(state.best, loss);
  state.last = loss;
  ++state.epoch;
  state.step = state.seen = 0;
  state.loss = 0;
  if (llvm::Error error =
          writeFileAtomically(path("metrics.jsonl"), state.metrics))
    return error;
  return saveCheckpoint();
}

llvm::Error TrainLoop::run() {
  while (!isDone())
    if (llvm::Error error = runEpoch())
      return error;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

llvm::Error TrainLoop::saveCheckpoint() {
  auto saved = trainer.save();
  if (!saved)
    return saved.takeError();
  const std::string &bytes = *saved;
  nlohmann::ordered_json json = {
      {"config", config.hash},
      {"epoch", state.epoch},
      {"step", state.step},
      {"loss", state.loss},
      {"seen", state.seen},
      {"best", std::isfinite(state.best) ? nlohmann::ordered_json(state.best)
                                         : nlohmann::ordered_json()},
      {"last", state.last},
      {"since_best", state.sinceBest},
      {"seconds", state.seconds},
      {"metrics", state.metrics},
      {"state", sha256Hex(bytes)}};
  // The numbers name the state they are of, and go last: a stop in between
  // leaves the pair before whole.
  std::string file = stateFile(sha256Hex(bytes)), before = stateInUse;
  if (llvm::Error error = writeFileAtomically(file, bytes))
    return error;
  if (llvm::Error error =
          writeFileAtomically(path("checkpoint.json"), json.dump(1) + "\n"))
    return error;
  stateInUse = file;
  if (!before.empty() && before != file)
    llvm::sys::fs::remove(before);
  return llvm::Error::success();
}

llvm::Error TrainLoop::resume() {
  std::string file = path("checkpoint.json");
  auto json = readJsonFile(file);
  if (!json)
    return json.takeError();
  if (llvm::Error error =
          requireObject(*json, file,
                        {"config", "epoch", "step", "loss", "seen", "best",
                         "last", "since_best", "seconds", "metrics", "state"}))
    return error;
  auto hash = getString(*json, "config", file);
  if (!hash)
    return hash.takeError();
  if (*hash != config.hash)
    return makeError("'{0}' holds the training of another configuration",
                     options.folder);
  for (auto [key, value] :
       {std::pair{"epoch", &state.epoch}, std::pair{"step", &state.step},
        std::pair{"seen", &state.seen},
        std::pair{"since_best", &state.sinceBest}}) {
    auto number = getInteger(*json, key, file, 0);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  for (auto [key, value] :
       {std::pair{"loss", &state.loss}, std::pair{"seconds", &state.seconds},
        std::pair{"best", &state.best}, std::pair{"last", &state.last}}) {
    if ((*json)[key].is_null())
      continue;
    auto number = getNumber(*json, key, file);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  auto metrics = getString(*json, "metrics", file);
  if (!metrics)
    return metrics.takeError();
  state.metrics = *metrics;
  constexpr uint64_t kMostBytes = uint64_t(4) << 30;
  auto named = getString(*json, "state", file);
  if (!named)
    return named.takeError();
  if (named->size() != 64 || !llvm::all_of(*named, llvm::isHexDigit))
    return makeError("{0}: 'state' is no SHA-256", file);
  stateInUse = stateFile(*named);
  auto bytes = readFile(stateInUse, kMostBytes);
  if (!bytes)
    return bytes.takeError();
  if (*named != sha256Hex(*bytes) || !trainer.restore(*bytes))
    return makeError("'{0}' is not the state that {1} is of", stateInUse, file);
  tell(fmt::format("going on in epoch {}, after step {}", state.epoch + 1,
                   state.step));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// The end
//===----------------------------------------------------------------------===//

nlohmann::ordered_json sevenfold::toJson(const TrainResult &result) {
  nlohmann::ordered_json json = {{"epochs", result.epochs},
                                 {"validation_loss", result.validationLoss},
                                 {"test_loss", result.testLoss},
                                 {"multiply_adds", result.multiplyAdds},
                                 {"parameters", result.parameters},
                                 {"seconds", result.seconds}};
  if (result.accuracy)
    json["accuracy"] = *result.accuracy;
  return json;
}

llvm::Error sevenfold::checkTrainFolder(const TrainConfig &config,
                                        const std::string &folder) {
  std::string file = folder + "/checkpoint.json";
  if (!llvm::sys::fs::exists(file))
    return llvm::Error::success();
  auto json = readJsonFile(file);
  if (!json)
    return json.takeError();
  auto hash = getString(*json, "config", file);
  if (!hash)
    return hash.takeError();
  if (*hash != config.hash)
    return makeError("'{0}' holds the training of another configuration",
                     folder);
  return llvm::Error::success();
}

llvm::Expected<std::optional<TrainResult>>
sevenfold::readTrainResult(const TrainConfig &config,
                           const std::string &folder) {
  std::string file = folder + "/result.json";
  if (!llvm::sys::fs::exists(file))
    return std::nullopt;
  if (llvm::Error error = checkTrainFolder(config, folder))
    return error;
  auto json = readJsonFile(file);
  if (!json)
    return json.takeError();
  TrainResult result;
  for (auto [key, value] : {std::pair{"epochs", &result.epochs},
                            std::pair{"parameters", &result.parameters}}) {
    auto number = getInteger(*json, key, file, 0);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  double accuracy = 0;
  for (auto [key, value] :
       {std::pair{"validation_loss", &result.validationLoss},
        std::pair{"test_loss", &result.testLoss},
        std::pair{"multiply_adds", &result.multiplyAdds},
        std::pair{"seconds", &result.seconds},
        std::pair{"accuracy", &accuracy}}) {
    // Of classes there is one, of targets none.
    if (value == &accuracy && config.data == "teacher")
      continue;
    auto number = getNumber(*json, key, file);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  if (config.data != "teacher")
    result.accuracy = accuracy;
  return result;
}

llvm::Expected<TrainResult> TrainLoop::finish() {
  SampleIndices all(size_t(data.test.count));
  std::iota(all.begin(), all.end(), 0);
  auto test = trainer.evaluate(data.test, all);
  if (!test)
    return test.takeError();
  TrainResult result;
  result.epochs = state.epoch;
  result.validationLoss = state.last;
  result.testLoss = test->loss / double(test->count);
  if (data.hasClasses())
    result.accuracy = double(test->correct) / double(test->count);
  result.multiplyAdds = program.multiplyAdds();
  result.parameters = program.parameters();
  result.seconds = state.seconds;
  if (llvm::Error error = writeTrainedModel(program, trainer.parameters(),
                                            kExportedSamples, options.folder))
    return error;
  if (llvm::Error error = writeFileAtomically(path("result.json"),
                                              toJson(result).dump(1) + "\n"))
    return error;
  return result;
}

llvm::Expected<TrainResult> sevenfold::train(const TrainConfig &config,
                                             const TrainLoopOptions &options) {
  auto data = readDataset(config);
  if (!data)
    return data.takeError();
  auto program = makeProgram(config, *data);
  if (!program)
    return program.takeError();
  if (std::error_code code = llvm::sys::fs::create_directories(options.folder))
    return makeError("cannot create '{0}': {1}", options.folder,
                     code.message());
  TrainerOptions own;
  own.weightDecay = config.training.weightDecay;
  own.seed = uint64_t(config.training.seed);
  own.threads = options.threads;
  auto trainer = createTrainer(*program, own);
  if (!trainer)
    return trainer.takeError();
  TrainLoop loop(config, options, *data, *program, **trainer);
  if (!loop.hasSamples())
    return makeError("expected more than one training sample of '{0}'",
                     data->name);
  if (loop.hasCheckpoint()) {
    if (llvm::Error error = loop.resume())
      return error;
  } else {
    if (llvm::Error error = prepareStart(config, options, *data, *program,
                                         loop.samples(), **trainer))
      return error;
    if (llvm::Error error = loop.saveCheckpoint())
      return error;
  }
  if (llvm::Error error = loop.run())
    return error;
  return loop.finish();
}
