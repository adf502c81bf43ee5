//===- Demonstrations.h - Games won by construction -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sum of some rank-one terms is a position of which a way to win is known,
// without knowing anything of the target.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_GAME_DEMONSTRATIONS_H
#define SEVENFOLD_SEARCH_GAME_DEMONSTRATIONS_H

#include "search/Game/TrainingExample.h"
#include "sevenfold/Support/Random.h"

namespace sevenfold {

/// A term without zero factors; an entry is zero with probability 1 - density,
/// else one of the game's other coefficients, of which those beyond -1 and 1
/// are a hundred times as rare.
RankOneTerm randomTerm(const TensorGame &game, double density, Random &random);

std::vector<RankOneTerm> randomTerms(const TensorGame &game, unsigned count,
                                     double density, Random &random);

/// A position on the way of a won game: the sum of a random nonempty part of
/// its terms, in any order (all orders win). What is to be played is any of
/// them; the value is minus their number.
TrainingExample drawExample(const TensorGame &game,
                            const std::vector<RankOneTerm> &terms,
                            Random &random);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_GAME_DEMONSTRATIONS_H
