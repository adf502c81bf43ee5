//===- Campaign.h - A queue of searches -------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Many searches in turn, for as long as they are given: each gets a slice of
// time, goes on from its own checkpoint the next time, and the best scheme of
// every format and ring is kept in one folder.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_CAMPAIGN_H
#define SEVENFOLD_SEARCH_FRAME_CAMPAIGN_H

#include "search/Frame/SearchLoop.h"
#include "sevenfold/Support/Interrupted.h"

namespace sevenfold {

/// One search of a campaign.
struct CampaignEntry {
  std::array<unsigned, 3> dims = {};
  Ring ring = Ring::Z2;
  std::string strategy = "flip-graph";
  std::string start = "classical";
  std::string config; ///< file of the strategy's options, or empty
  uint64_t seed = 0;
  /// Left out of the queue once it is reached; 0: never.
  unsigned targetRank = 0;

  /// "4x4x4-z2-flip-graph-classical-s0": names its files.
  std::string name() const;
};

struct CampaignConfig {
  /// How long one search is at work before the next one is.
  BudgetLimit slice;
  std::vector<CampaignEntry> entries;
};

/// One entry from JSON; `where` names it in errors.
llvm::Expected<CampaignEntry> readCampaignEntry(const nlohmann::json &json,
                                                llvm::StringRef where);

/// Reads python-free-configs/search/campaign.schema.json's format. Fails,
/// naming the place, on unknown keys and impossible values.
llvm::Expected<CampaignConfig> readCampaignConfig(llvm::StringRef path);

struct CampaignOptions {
  /// Where checkpoints and schemes lie: NAME.checkpoint, NAME.json, and
  /// best/MxKxN-RING.json of each format and ring.
  std::string folder;
  BudgetLimit budget;
  unsigned threads = 1;
  std::function<llvm::Expected<std::unique_ptr<SearchStrategy>>(
      const std::string &strategy, const std::string &config,
      const SearchTask &task)>
      createStrategy;
  std::function<void(const std::string &)> progress;
  StopRequest interrupted;
};

/// Runs until the budget ends, all targets are reached or the user stops it;
/// whether every target was reached. What is in the folder is gone on with.
llvm::Expected<bool> runCampaign(const CampaignConfig &config,
                                 const CampaignOptions &options);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_CAMPAIGN_H
