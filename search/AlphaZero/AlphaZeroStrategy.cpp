//===- AlphaZeroStrategy.cpp - Search by playing TensorGame ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One thread of control: a move in every game, then as much training as that
// move pays for. What is parallel is inside the network.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/AlphaZeroStrategy.h"

#include "search/AlphaZero/Replay.h"
#include "search/AlphaZero/SelfPlay.h"
#include "search/Frame/RandomState.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include "llvm/Support/Base64.h"

#include <climits>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;

/// Beyond these, sums of a game's terms would not be sure to fit 32 bits.
static constexpr int64_t kMaxCoefficient = 16, kMaxEntry = 1 << 20;

namespace {
class AlphaZeroStrategy : public SearchStrategy {
public:
  AlphaZeroStrategy(const SearchTask &task, const AlphaZeroOptions &options);

  llvm::Error makeNetwork(const CreateNetwork &createNetwork);

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override;
  nlohmann::json settings() const override {
    AlphaZeroOptions said = options;
    return toJson(bindOptions(said, alphaZeroFields()));
  }
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  void trainOnce(SearchProgress &progress);
  void keepSolutions(const std::vector<std::vector<RankOneTerm>> &solutions,
                     SearchProgress &progress);
  bool isMeasuring() const {
    return task.evaluator && options.rewardWeight != 0;
  }
  double measuredReward(const std::vector<RankOneTerm> &terms) const;
  void considerFaster(const std::vector<RankOneTerm> &terms,
                      SearchProgress &progress);
  void setLimits();
  llvm::Error restoreNumbers(const nlohmann::json &state,
                             llvm::StringRef where);

  SearchTask task;
  AlphaZeroOptions options;
  TensorGame game;
  Random random;
  Replay replay;
  SelfPlay play;
  std::unique_ptr<Network> network;

  /// That of the slices added up, and the least rank known: the same at first,
  /// then what was found.
  unsigned sliceRank, knownRank;
  unsigned foundRank = UINT_MAX;
  /// Of the scheme proposed last, where schemes are measured.
  std::optional<double> foundLogSpeedup;
  int64_t batches = 0, gamesEnded = 0, gamesWon = 0;
  double trainingDue = 0; ///< examples
  TrainingLoss loss;      ///< averaged over the last batches
};
} // namespace

AlphaZeroStrategy::AlphaZeroStrategy(const SearchTask &task,
                                     const AlphaZeroOptions &options)
    : task(task), options(options),
      game(task.target.ring, task.target.shape, int(task.minCoefficient),
           int(task.maxCoefficient), /*moveLimit=*/1),
      random(task.seed), replay(game, this->options),
      play(game, task.target, this->options, Random(random.next()),
           [this](const std::vector<RankOneTerm> &terms) {
             return measuredReward(terms);
           }),
      sliceRank(game.rankBound(game.start(task.target.values).residual)),
      knownRank(sliceRank) {
  setLimits();
}

llvm::Error AlphaZeroStrategy::makeNetwork(const CreateNetwork &createNetwork) {
  auto made = createNetwork(game, options, task.seed, task.threads);
  if (!made)
    return made.takeError();
  network = std::move(*made);
  return llvm::Error::success();
}

/// Games may be as long as the best known way, so that others of its length are
/// won and learned from.
void AlphaZeroStrategy::setLimits() {
  game.setMoveLimit(
      std::max<unsigned>(1, knownRank + unsigned(options.extraMoves)));
}

double
AlphaZeroStrategy::measuredReward(const std::vector<RankOneTerm> &terms) const {
  if (!isMeasuring())
    return 0;
  auto speedup =
      task.evaluator->logSpeedup(game.scheme(terms, task.target.dims));
  return speedup ? options.rewardWeight * *speedup : 0;
}

//===----------------------------------------------------------------------===//
// Playing and training
//===----------------------------------------------------------------------===//

void AlphaZeroStrategy::trainOnce(SearchProgress &progress) {
  int64_t annealed =
      std::min(std::max<int64_t>(0, batches - options.warmUpBatches),
               options.annealBatches);
  int64_t percent = 100 - (100 - options.demonstrationsEnd) * annealed /
                              options.annealBatches;
  unsigned mostTerms = unsigned(options.demonstrationTerms);
  if (mostTerms == 0)
    mostTerms = std::max(1u, std::min(knownRank, genericRank(game)));
  TrainingLoss now = network->train(replay.draw(percent, mostTerms, random));
  double weight = batches == 0 ? 1 : 0.05;
  loss.policy += weight * (now.policy - loss.policy);
  loss.value += weight * (now.value - loss.value);
  ++batches;
  progress.steps += options.batch;
}

/// Proposes a way of the best rank that is faster than the last proposal.
void AlphaZeroStrategy::considerFaster(const std::vector<RankOneTerm> &terms,
                                       SearchProgress &progress) {
  Scheme scheme = game.scheme(terms, task.target.dims);
  std::optional<double> logSpeedup = task.evaluator->logSpeedup(scheme);
  bool isBetterRank = terms.size() < foundRank;
  if (!isBetterRank &&
      (!logSpeedup || (foundLogSpeedup && *logSpeedup <= *foundLogSpeedup)))
    return;
  foundLogSpeedup = logSpeedup;
  progress.provenance = task.evaluator->provenanceOf(scheme);
  progress.found = std::move(scheme);
}

/// Remembers ways to win, and proposes the best that is better than all.
void AlphaZeroStrategy::keepSolutions(
    const std::vector<std::vector<RankOneTerm>> &solutions,
    SearchProgress &progress) {
  for (const std::vector<RankOneTerm> &terms : solutions) {
    bool inRange = llvm::all_of(terms, [&](const RankOneTerm &term) {
      return llvm::all_of(term, [&](int8_t entry) {
        return entry >= game.least() && entry <= game.largest();
      });
    });
    if (!inRange)
      continue;
    // What is no better than slices by themselves teaches to take slices.
    if (terms.size() < sliceRank)
      replay.addSolution(terms);
    if (isMeasuring() && terms.size() <= foundRank)
      considerFaster(terms, progress);
    if (terms.size() >= foundRank)
      continue;
    foundRank = unsigned(terms.size());
    if (!isMeasuring())
      progress.found = game.scheme(terms, task.target.dims);
  }
  if (foundRank < knownRank) {
    knownRank = foundRank;
    setLimits();
  }
}

SearchProgress AlphaZeroStrategy::propose(int64_t steps) {
  SearchProgress progress;
  if (batches < options.warmUpBatches) {
    trainOnce(progress);
    return progress;
  }
  SelfPlayRound round = play.playMove(*network);
  gamesEnded += round.gamesEnded;
  gamesWon += round.gamesWon;
  progress.moves = round.moves;
  progress.steps = round.evaluations;
  for (TrainingExample &example : round.examples)
    replay.addMove(std::move(example));
  keepSolutions(round.solutions, progress);
  trainingDue += options.examplesPerMove * double(round.moves);
  for (; trainingDue >= double(options.batch);
       trainingDue -= double(options.batch))
    trainOnce(progress);
  return progress;
}

std::string AlphaZeroStrategy::describe() const {
  std::string best = foundRank == UINT_MAX ? "nothing found"
                                           : fmt::format("rank {}", foundRank);
  return fmt::format("{}; {} batches, loss {:.2f} of moves, {:.3f} of values; "
                     "{} games, {} won; {} solutions kept; {}",
                     best, batches, loss.policy, loss.value, gamesEnded,
                     gamesWon, replay.solutionCount(), network->describe());
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

nlohmann::json AlphaZeroStrategy::checkpoint() const {
  ByteWriter games, memory;
  play.write(games);
  replay.write(memory);
  nlohmann::json logSpeedup;
  if (foundLogSpeedup)
    logSpeedup = *foundLogSpeedup;
  return {{"network", llvm::encodeBase64(network->save())},
          {"games", games.text()},
          {"replay", memory.text()},
          {"random", random.state()},
          {"known_rank", knownRank},
          {"found_rank", foundRank},
          {"found_log_speedup", logSpeedup},
          {"batches", batches},
          {"games_ended", gamesEnded},
          {"games_won", gamesWon},
          {"training_due", trainingDue},
          {"loss", {loss.policy, loss.value}}};
}

llvm::Error AlphaZeroStrategy::restoreNumbers(const nlohmann::json &state,
                                              llvm::StringRef where) {
  for (auto [key, value] :
       {std::pair{"batches", &batches}, std::pair{"games_ended", &gamesEnded},
        std::pair{"games_won", &gamesWon}}) {
    auto number = getInteger(state, key, where, 0);
    if (!number)
      return number.takeError();
    *value = *number;
  }
  // What is known falls from the bound that a new search begins with.
  for (auto [key, value, most] :
       {std::tuple{"known_rank", &knownRank, knownRank},
        std::tuple{"found_rank", &foundRank, UINT_MAX}}) {
    auto rank = getInteger(state, key, where, 1, most);
    if (!rank)
      return rank.takeError();
    *value = unsigned(*rank);
  }
  foundLogSpeedup.reset();
  if (!state["found_log_speedup"].is_null()) {
    auto logSpeedup = getNumber(state, "found_log_speedup", where);
    if (!logSpeedup)
      return logSpeedup.takeError();
    foundLogSpeedup = *logSpeedup;
  }
  auto due = getNumber(state, "training_due", where);
  if (!due)
    return due.takeError();
  if (*due < 0 || *due >= double(options.batch))
    return makeError("{0}.training_due: expected less than a batch of {1}",
                     where, options.batch);
  trainingDue = *due;
  auto generator = randomFromJson(state["random"]);
  const nlohmann::json &losses = state["loss"];
  if (!generator)
    return makeError("{0}.random: is not the state of a generator", where);
  if (!losses.is_array() || losses.size() != 2 || !losses[0].is_number() ||
      !losses[1].is_number())
    return makeError("{0}.loss: expected two numbers", where);
  random = Random(*generator);
  loss = {losses[0].get<double>(), losses[1].get<double>()};
  setLimits();
  return llvm::Error::success();
}

llvm::Error AlphaZeroStrategy::restore(const nlohmann::json &state,
                                       llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(state, where,
                        {"network", "games", "replay", "random", "known_rank",
                         "found_rank", "found_log_speedup", "batches",
                         "games_ended", "games_won", "training_due", "loss"}))
    return error;
  if (llvm::Error error = restoreNumbers(state, where))
    return error;
  std::string texts[3];
  for (auto [key, text] :
       {std::pair{"network", &texts[0]}, std::pair{"games", &texts[1]},
        std::pair{"replay", &texts[2]}}) {
    auto read = getString(state, key, where);
    if (!read)
      return read.takeError();
    *text = *read;
  }
  std::vector<char> weights;
  if (llvm::Error error = llvm::decodeBase64(texts[0], weights)) {
    llvm::consumeError(std::move(error));
    return makeError("{0}.network: is not in base 64", where);
  }
  if (!network->restore(std::string(weights.begin(), weights.end())))
    return makeError("{0}.network: is not one of {1}", where,
                     network->describe());
  ByteReader games(game, texts[1]), memory(game, texts[2]);
  play.read(games);
  if (!games.finished())
    return makeError("{0}.games: are not {1} games of this target", where,
                     options.games);
  replay.read(memory);
  if (!memory.finished())
    return makeError("{0}.replay: is damaged", where);
  return llvm::Error::success();
}

/// Why there is no game for a task; empty where there is one.
static llvm::Error checkTask(const SearchTask &task) {
  if (task.target.ring != Ring::Z2 && task.target.ring != Ring::Z)
    return makeError("expected ring Z2 or Z for games but got {0}",
                     stringifyRing(task.target.ring));
  // Signs move between the factors of a term, and bases change them.
  if (task.target.ring == Ring::Z &&
      (task.minCoefficient != -task.maxCoefficient ||
       task.maxCoefficient > kMaxCoefficient))
    return makeError("expected coefficients from -c to c, c at most {0}, for "
                     "games but got {1}:{2}",
                     kMaxCoefficient, task.minCoefficient, task.maxCoefficient);
  auto isZero = [](int64_t value) { return value == 0; };
  if (llvm::all_of(task.target.values, isZero))
    return makeError("expected a tensor that is not zero for games");
  for (int64_t value : task.target.values)
    if (value < -kMaxEntry || value > kMaxEntry)
      return makeError("expected entries from -{0} to {0} for games but got "
                       "{1}",
                       kMaxEntry, value);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createAlphaZeroStrategy(const SearchTask &task,
                                   const AlphaZeroOptions &options,
                                   const CreateNetwork &createNetwork) {
  if (llvm::Error error = checkTask(task))
    return error;
  auto strategy = std::make_unique<AlphaZeroStrategy>(task, options);
  if (llvm::Error error = strategy->makeNetwork(createNetwork))
    return error;
  return std::unique_ptr<SearchStrategy>(std::move(strategy));
}
