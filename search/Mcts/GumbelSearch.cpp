//===- GumbelSearch.cpp - Tree search for one game ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values count from their own node on: an edge is worth the value of its child
// and the -1 of its move.
//
//===----------------------------------------------------------------------===//

#include "search/Mcts/GumbelSearch.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// A move
//===----------------------------------------------------------------------===//

void GumbelSearch::start(const GamePosition &position, Random &random) {
  assert(!game.isOver(position) && "nothing to decide");
  assert(!waiting && "a position is still to be evaluated");
  root = position;
  this->random = Random(random.next());
  nodes.clear();
  index.clear();
  path.clear();
  leaf = root;
  leafKey = game.key(root);
  waiting = true;
}

/// Draws the noise and the moves that are raced.
void GumbelSearch::prepareRoot() {
  const Node &node = nodes[rootNode];
  gumbel.clear();
  considered.clear();
  for (unsigned i = 0; i < node.edges.size(); ++i) {
    gumbel.push_back(-std::log(-std::log(random.uniform() + 0x1p-54)));
    considered.push_back(i);
  }
  auto before = [&](unsigned a, unsigned b) {
    return gumbel[a] + node.candidates[a].logPrior >
           gumbel[b] + node.candidates[b].logPrior;
  };
  std::stable_sort(considered.begin(), considered.end(), before);
  if (int64_t(considered.size()) > options.considered)
    considered.resize(size_t(options.considered));
  simulationsLeft = options.simulations;
  turn = 0;
  visitsLeftInPhase = 0;
}

const GamePosition *GumbelSearch::next() {
  while (!waiting && simulationsLeft > 0) {
    --simulationsLeft;
    if (simulate())
      waiting = true;
  }
  return waiting ? &leaf : nullptr;
}

void GumbelSearch::supply(Evaluation evaluation) {
  assert(waiting && "no position was asked for");
  assert(!evaluation.candidates.empty() && "a network without moves");
  waiting = false;
  Node node;
  node.ownValue = node.value = evaluation.value;
  node.edges.resize(evaluation.candidates.size());
  node.candidates = std::move(evaluation.candidates);
  unsigned name = unsigned(nodes.size());
  nodes.push_back(std::move(node));
  index[leafKey] = name;
  if (path.empty()) {
    rootNode = name;
    prepareRoot();
    return;
  }
  nodes[path.back().node].edges[path.back().edge].child = name;
  backUp();
}

//===----------------------------------------------------------------------===//
// Simulations
//===----------------------------------------------------------------------===//

/// Goes down to a position that is new, true, or to the end of a game.
bool GumbelSearch::simulate() {
  path.clear();
  leaf = root;
  for (unsigned at = rootNode;;) {
    unsigned choice = path.empty() ? chooseAtRoot() : chooseBelow(nodes[at]);
    path.push_back({at, choice});
    game.play(leaf, nodes[at].candidates[choice].term);
    unsigned child = nodes[at].edges[choice].child;
    bool over = game.isOver(leaf);
    if (over && TensorGame::isSolved(leaf)) {
      solutions.emplace_back();
      for (const Step &step : path)
        solutions.back().push_back(nodes[step.node].candidates[step.edge].term);
    }
    if (child == kNone) {
      leafKey = game.key(leaf);
      auto known = index.find(leafKey);
      if (known == index.end()) {
        if (!over)
          return true;
        child = unsigned(nodes.size());
        nodes.emplace_back();
        nodes.back().ownValue = nodes.back().value = game.finalReward(leaf);
        index[leafKey] = child;
      } else {
        child = known->second;
      }
      nodes[at].edges[choice].child = child;
    }
    if (over) {
      backUp();
      return false;
    }
    at = child;
  }
}

/// Counts the visits of the path and averages anew, from the leaf up.
void GumbelSearch::backUp() {
  for (size_t i = path.size(); i-- > 0;) {
    Node &node = nodes[path[i].node];
    ++node.edges[path[i].edge].visits;
    double sum = node.ownValue;
    unsigned visits = 1;
    for (const Edge &edge : node.edges)
      if (edge.visits > 0) {
        sum += edge.visits * edgeValue(node, edge);
        visits += edge.visits;
      }
    node.value = sum / visits;
    node.visits = visits;
  }
}

/// Logarithms, up to a constant, of the policy that values improve: those of
/// edges not yet visited are completed by a mixture of what is known.
std::vector<double> GumbelSearch::improvedLogits(const Node &node) const {
  double visitedPrior = 0, weighted = 0;
  unsigned visits = 0, most = 0;
  for (size_t i = 0; i < node.edges.size(); ++i) {
    const Edge &edge = node.edges[i];
    if (edge.visits == 0)
      continue;
    double prior = std::exp(double(node.candidates[i].logPrior));
    visitedPrior += prior;
    weighted += prior * edgeValue(node, edge);
    visits += edge.visits;
    most = std::max(most, edge.visits);
  }
  double mixed = node.ownValue;
  if (visits > 0 && visitedPrior > 0)
    mixed = (node.ownValue + visits * weighted / visitedPrior) / (1 + visits);
  double scale = options.valueScale * (options.visitOffset + most);
  std::vector<double> logits;
  for (size_t i = 0; i < node.edges.size(); ++i) {
    const Edge &edge = node.edges[i];
    double value = edge.visits > 0 ? edgeValue(node, edge) : mixed;
    logits.push_back(node.candidates[i].logPrior + scale * value);
  }
  return logits;
}

static std::vector<double> softmax(std::vector<double> logits) {
  double largest = *std::max_element(logits.begin(), logits.end()), sum = 0;
  for (double &logit : logits)
    sum += logit = std::exp(logit - largest);
  for (double &weight : logits)
    weight /= sum;
  return logits;
}

/// The move whose share of the visits lags most behind the improved policy.
unsigned GumbelSearch::chooseBelow(const Node &node) const {
  std::vector<double> policy = softmax(improvedLogits(node));
  unsigned best = 0;
  double bestLag = -1e300;
  for (unsigned i = 0; i < policy.size(); ++i) {
    double lag = policy[i] - double(node.edges[i].visits) / node.visits;
    if (lag > bestLag)
      best = i, bestLag = lag;
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Sequential halving
//===----------------------------------------------------------------------===//

/// Keeps the better half of the moves raced, after the first phase.
void GumbelSearch::halve() {
  std::vector<double> logits = improvedLogits(nodes[rootNode]);
  std::stable_sort(considered.begin(), considered.end(),
                   [&](unsigned a, unsigned b) {
                     return gumbel[a] + logits[a] > gumbel[b] + logits[b];
                   });
  considered.resize((considered.size() + 1) / 2);
}

unsigned GumbelSearch::chooseAtRoot() {
  if (visitsLeftInPhase == 0) {
    bool isFirst = simulationsLeft + 1 == options.simulations;
    if (!isFirst && considered.size() > 2)
      halve();
    // Each of the phases has about the same number of simulations.
    double phases = std::max(
        1.0, std::ceil(std::log2(double(std::min<int64_t>(
                 options.considered, int64_t(nodes[rootNode].edges.size()))))));
    int64_t each =
        std::max<int64_t>(1, int64_t(double(options.simulations) /
                                     (phases * double(considered.size()))));
    visitsLeftInPhase = each * int64_t(considered.size());
    turn = 0;
  }
  --visitsLeftInPhase;
  return considered[turn++ % considered.size()];
}

GumbelDecision GumbelSearch::decide() const {
  assert(rootNode != kNone && !waiting && "nothing was searched");
  const Node &node = nodes[rootNode];
  std::vector<double> logits = improvedLogits(node);
  // Of those visited most: where simulations end within a phase, the rest of
  // the race has been looked at less, or not at all.
  unsigned best = considered.front();
  for (unsigned edge : considered) {
    unsigned visits = node.edges[edge].visits, most = node.edges[best].visits;
    if (visits > most || (visits == most && gumbel[edge] + logits[edge] >
                                                gumbel[best] + logits[best]))
      best = edge;
  }
  GumbelDecision decision;
  decision.term = node.candidates[best].term;
  decision.value = node.value;
  std::vector<double> policy = softmax(std::move(logits));
  for (size_t i = 0; i < policy.size(); ++i)
    decision.policy.push_back({node.candidates[i].term, float(policy[i])});
  return decision;
}
