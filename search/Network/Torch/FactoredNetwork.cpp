//===- FactoredNetwork.cpp - Networks that say a move in parts ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where moves are too many for a number each, they are said word after word: a
// factor of few entries is one word, a longer one several, and each word is
// predicted from the torso's features and the words before it,
//
//   p(u, v, w | S) = p(u | S) p(v | S, u) p(w | S, u, v).
//
// Words that would make a factor zero, or say a move with its signs in other
// places than TensorGame::normalize puts them, have no probability: each move
// is said in one way, and all of them add up to 1.
//
// Moves are drawn from this without replacement by a beam whose scores are
// perturbed with Gumbel noise (Kool, van Hoof and Welling, "Stochastic beams
// and where to find them", 2019): as many as are wanted in one pass.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/Torso.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;
namespace nn = torch::nn;

/// Most values a word can have.
static constexpr int64_t kMaxWordValues = 512;
/// A logit that leaves nothing of a probability.
static constexpr float kBarred = -1e9f;

namespace {
/// Entries [first, first + count) of a term as one number, in base `values`.
struct Word {
  unsigned first, count;
  int64_t values; ///< base^count
  bool endsFactor;
  unsigned factorFirst; ///< where the factor it is of begins
  /// [values]: 0, or kBarred where the word must not be the first of its factor
  /// that is not zero.
  torch::Tensor barred;
};

/// A move that is being said.
struct Sentence {
  unsigned position;          ///< in the shard
  std::vector<int64_t> words; ///< so far
  double logProbability = 0;
  double perturbed = 0; ///< with Gumbel noise
};

class FactoredNetwork final : public TorchNetwork {
public:
  FactoredNetwork(const TensorGame &game, const NetworkOptions &options);

  std::string describe() const override {
    return fmt::format("{}, {} blocks of width {}, {} words a move, {} "
                       "parameters",
                       options.attentive ? "attentive" : "residual",
                       options.blocks, options.width, words.size(),
                       parameterCount());
  }

protected:
  std::vector<Evaluation> evaluateShard(PositionShard positions,
                                        unsigned candidates,
                                        Random &random) override;
  Losses losses(ExampleShard examples) override;

private:
  void cutIntoWords();
  int64_t wordOf(const RankOneTerm &term, const Word &word) const;
  RankOneTerm termOf(llvm::ArrayRef<int64_t> said) const;
  int64_t zeroOf(const Word &word) const;
  torch::Tensor predict(size_t word, const torch::Tensor &features,
                        const torch::Tensor &before);
  std::vector<Sentence> extend(llvm::ArrayRef<Sentence> beam, size_t word,
                               const torch::Tensor &features,
                               unsigned candidates, Random &random);
  torch::Tensor barredValues(const Word &word) const;

  int64_t base; ///< values of an entry
  std::vector<Word> words;
  std::unique_ptr<Torso> torso;
  nn::Linear context{nullptr};
  std::vector<nn::Embedding> embeddings; ///< of word i, for those after it
  std::vector<nn::Linear> hidden, out;
};
} // namespace

FactoredNetwork::FactoredNetwork(const TensorGame &game,
                                 const NetworkOptions &options)
    : TorchNetwork(game, options),
      base(int64_t(game.largest()) - game.least() + 1) {
  cutIntoWords();
  // Torsos refer to the network's own copy of the game.
  torso = options.attentive ? createAttentiveTorso(this->game, options, model)
                            : createResidualTorso(this->game, options, model);
  int64_t width = options.width;
  context = model.register_module("context", nn::Linear(width, width));
  for (size_t i = 0; i < words.size(); ++i) {
    embeddings.push_back(model.register_module(
        fmt::format("word{}", i), nn::Embedding(words[i].values, width)));
    hidden.push_back(model.register_module(fmt::format("hidden{}", i),
                                           nn::Linear(width, width)));
    out.push_back(model.register_module(fmt::format("out{}", i),
                                        nn::Linear(width, words[i].values)));
  }
  finish(width);
}

//===----------------------------------------------------------------------===//
// Moves as words
//===----------------------------------------------------------------------===//

void FactoredNetwork::cutIntoWords() {
  unsigned longest = 1;
  for (int64_t values = base * base; values <= kMaxWordValues; values *= base)
    ++longest;
  unsigned offset = 0;
  for (unsigned size : game.shape()) {
    // Words of a factor are about equally long.
    unsigned pieces = (size + longest - 1) / longest, done = 0;
    for (unsigned piece = 0; piece < pieces; ++piece) {
      Word word;
      word.first = offset + done;
      word.count = (size - done + pieces - piece - 1) / (pieces - piece);
      word.values = 1;
      for (unsigned i = 0; i < word.count; ++i)
        word.values *= base;
      word.endsFactor = piece + 1 == pieces;
      word.factorFirst = offset;
      word.barred = placed(barredValues(word));
      words.push_back(word);
      done += word.count;
    }
    offset += size;
  }
}

int64_t FactoredNetwork::wordOf(const RankOneTerm &term,
                                const Word &word) const {
  int64_t value = 0;
  for (unsigned i = 0; i < word.count; ++i)
    value = value * base + term[word.first + i] - game.least();
  return value;
}

/// The word of zeros.
int64_t FactoredNetwork::zeroOf(const Word &word) const {
  return wordOf(RankOneTerm(game.termSize(), 0), word);
}

RankOneTerm FactoredNetwork::termOf(llvm::ArrayRef<int64_t> said) const {
  RankOneTerm term(game.termSize());
  for (size_t i = 0; i < words.size(); ++i) {
    int64_t value = said[i];
    for (unsigned e = words[i].count; e-- > 0; value /= base)
      term[words[i].first + e] = int8_t(value % base + game.least());
  }
  return term;
}

/// Zeros up to the end of a factor, and a first entry below zero in u and v.
torch::Tensor FactoredNetwork::barredValues(const Word &word) const {
  torch::Tensor barred = torch::zeros({word.values});
  bool isLastFactor = word.first >= game.shape()[0] + game.shape()[1];
  for (int64_t value = 0; value < word.values; ++value) {
    int64_t firstEntry = 0, rest = value;
    for (unsigned i = 0; i < word.count; ++i, rest /= base)
      if (int64_t entry = rest % base + game.least(); entry != 0)
        firstEntry = entry;
    if (firstEntry == 0 ? word.endsFactor : firstEntry < 0 && !isLastFactor)
      barred.data_ptr<float>()[value] = kBarred;
  }
  return barred;
}

//===----------------------------------------------------------------------===//
// Prediction
//===----------------------------------------------------------------------===//

/// Log probabilities of word `word`. `features`: [N, width] of the torso,
/// `before`: [N, at least `word`], the words before it.
torch::Tensor FactoredNetwork::predict(size_t word,
                                       const torch::Tensor &features,
                                       const torch::Tensor &before) {
  torch::Tensor sum = context(features);
  for (size_t i = 0; i < word; ++i)
    sum = sum + embeddings[i](before.select(1, int64_t(i)));
  torch::Tensor seen = torch::relu(sum);
  seen = seen + torch::relu(hidden[word](seen));
  torch::Tensor isZeroSoFar =
      torch::ones({before.size(0), 1}, features.options());
  for (size_t i = word;
       i-- > 0 && words[i].factorFirst == words[word].factorFirst;)
    isZeroSoFar =
        isZeroSoFar *
        (before.select(1, int64_t(i)) == zeroOf(words[i])).unsqueeze(1);
  return torch::log_softmax(out[word](seen) + isZeroSoFar * words[word].barred,
                            1);
}

static double gumbelNoise(Random &random) {
  return -std::log(-std::log(random.uniform() + 0x1p-54));
}

/// All ways to go on with one word, cut to the best `candidates` of each
/// position. A sentence's perturbed score is the largest of those it goes on
/// to: noise of the continuations is conditioned on that.
std::vector<Sentence> FactoredNetwork::extend(llvm::ArrayRef<Sentence> beam,
                                              size_t word,
                                              const torch::Tensor &features,
                                              unsigned candidates,
                                              Random &random) {
  int64_t rows = int64_t(beam.size()), values = words[word].values;
  torch::Tensor from = torch::empty({rows}, torch::kLong);
  torch::Tensor before =
      torch::zeros({rows, std::max<int64_t>(1, int64_t(word))}, torch::kLong);
  for (int64_t row = 0; row < rows; ++row) {
    from.data_ptr<int64_t>()[row] = beam[size_t(row)].position;
    for (size_t i = 0; i < word; ++i)
      before.data_ptr<int64_t>()[row * before.size(1) + int64_t(i)] =
          beam[size_t(row)].words[i];
  }
  torch::Tensor scores =
      predict(word, features.index_select(0, placed(from)), placed(before))
          .cpu()
          .contiguous();

  std::vector<std::vector<Sentence>> found;
  std::vector<double> noisy(static_cast<size_t>(values));
  for (int64_t row = 0; row < rows; ++row) {
    const Sentence &sentence = beam[size_t(row)];
    const float *score = scores.data_ptr<float>() + row * values;
    double largest = -1e300;
    for (int64_t value = 0; value < values; ++value) {
      noisy[size_t(value)] =
          sentence.logProbability + double(score[value]) + gumbelNoise(random);
      largest = std::max(largest, noisy[size_t(value)]);
    }
    if (sentence.position >= found.size())
      found.resize(sentence.position + 1);
    for (int64_t value = 0; value < values; ++value) {
      if (score[value] < kBarred / 2)
        continue;
      // Truncated at the sentence's own score, in a form that does not lose
      // digits.
      double v =
          sentence.perturbed - noisy[size_t(value)] +
          std::log1p(-std::exp(std::min(0.0, noisy[size_t(value)] - largest)));
      double perturbed = noisy[size_t(value)] == largest
                             ? sentence.perturbed
                             : sentence.perturbed - std::max(0.0, v) -
                                   std::log1p(std::exp(-std::abs(v)));
      Sentence longer{sentence.position, {}, 0, perturbed};
      std::vector<Sentence> &list = found[sentence.position];
      // Most lose at once: words are copied for those that do not only.
      if (list.size() >= candidates &&
          list.front().perturbed >= longer.perturbed)
        continue;
      longer.words = sentence.words;
      longer.words.push_back(value);
      longer.logProbability = sentence.logProbability + double(score[value]);
      auto isBetter = [](const Sentence &a, const Sentence &b) {
        return a.perturbed > b.perturbed;
      };
      if (list.size() >= candidates) {
        std::pop_heap(list.begin(), list.end(), isBetter);
        list.pop_back();
      }
      list.push_back(std::move(longer));
      std::push_heap(list.begin(), list.end(), isBetter);
    }
  }
  std::vector<Sentence> next;
  for (std::vector<Sentence> &list : found)
    next.insert(next.end(), std::make_move_iterator(list.begin()),
                std::make_move_iterator(list.end()));
  return next;
}

//===----------------------------------------------------------------------===//
// Evaluating
//===----------------------------------------------------------------------===//

std::vector<Evaluation> FactoredNetwork::evaluateShard(PositionShard positions,
                                                       unsigned candidates,
                                                       Random &random) {
  torch::Tensor features = torso->forward(positions);
  torch::Tensor values = actingValue(quantiles(features)).cpu().contiguous();
  std::vector<Evaluation> evaluations(positions.size());
  std::vector<Sentence> beam(positions.size());
  for (unsigned i = 0; i < positions.size(); ++i) {
    evaluations[i].value = values.data_ptr<float>()[i];
    beam[i].position = i;
  }
  for (size_t word = 0; word < words.size(); ++word)
    beam = extend(beam, word, features, candidates, random);
  for (const Sentence &sentence : beam)
    evaluations[sentence.position].candidates.push_back(
        {termOf(sentence.words), float(sentence.logProbability)});
  return evaluations;
}

TorchNetwork::Losses FactoredNetwork::losses(ExampleShard examples) {
  std::vector<const GamePosition *> positions;
  std::vector<int64_t> from;
  std::vector<const WeightedTerm *> moves;
  for (const TrainingExample &example : examples) {
    for (const WeightedTerm &move : example.policy)
      // Moves the search gave up are most of a policy and none of its weight.
      if (move.weight > 1e-4f) {
        from.push_back(int64_t(positions.size()));
        moves.push_back(&move);
      }
    positions.push_back(&example.position);
  }
  torch::Tensor features = torso->forward(positions);
  torch::Tensor rows =
      features.index_select(0, placed(torch::tensor(from, torch::kLong)));
  torch::Tensor said = torch::empty(
      {int64_t(moves.size()), int64_t(words.size())}, torch::kLong);
  torch::Tensor weights = torch::empty({int64_t(moves.size())});
  for (size_t row = 0; row < moves.size(); ++row) {
    weights.data_ptr<float>()[row] = moves[row]->weight;
    for (size_t word = 0; word < words.size(); ++word)
      said.data_ptr<int64_t>()[row * words.size() + word] =
          wordOf(moves[row]->term, words[word]);
  }
  said = placed(said);
  weights = placed(weights);
  torch::Tensor logProbability =
      torch::zeros({int64_t(moves.size())}, features.options());
  for (size_t word = 0; word < words.size(); ++word) {
    torch::Tensor now = said.select(1, int64_t(word));
    logProbability =
        logProbability +
        predict(word, rows, said).gather(1, now.unsqueeze(1)).squeeze(1);
  }
  torch::Tensor policy =
      -(weights * logProbability).sum() / double(examples.size());
  return {policy, valueLoss(quantiles(features), examples)};
}

std::unique_ptr<TorchNetwork>
sevenfold::createFactoredNetwork(const TensorGame &game,
                                 const NetworkOptions &options) {
  return std::make_unique<FactoredNetwork>(
      game, sized(options, {3, options.attentive ? 64 : 256, 1e-3}));
}
