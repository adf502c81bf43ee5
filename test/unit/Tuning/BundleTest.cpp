//===- BundleTest.cpp - Bundles out, results in ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bundle of planted files, and results written as the runner writes them.
//
//===----------------------------------------------------------------------===//

#include "FakeMachine.h"

#include "sevenfold/Measure/RunnerCore.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Tuning/Bundle.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

namespace {
/// Builds files that hold the text of their plan.
class FileBuilder : public Builder {
public:
  std::filesystem::path folder;
  std::string refused; ///< a scheme that does not build

  llvm::Expected<Artefact> build(const Workload &workload,
                                 const Plan &plan) override {
    if (!plan.levels.empty() && plan.levels[0].scheme == refused)
      return makePlainError("planted: does not build");
    Artefact artefact;
    artefact.library = (folder / std::to_string(count++)).string();
    std::ofstream(artefact.library) << workload.str() << " " << plan.str();
    artefact.function = "matmul";
    artefact.inputs = {{workload.type, {workload.m, workload.k}},
                       {workload.type, {workload.k, workload.n}}};
    artefact.outputs = {{workload.type, {workload.m, workload.n}}};
    return artefact;
  }

private:
  int count = 0;
};

class BundleTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sevenfold-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    builder.folder = root / "built";
    std::filesystem::create_directory(builder.folder);
    std::ofstream(root / "runner") << "program";
    tuning.options.config.maxCandidates = 5;
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  std::string path(const char *name) const { return (root / name).string(); }

  llvm::Expected<BundleSummary> emit(std::vector<Workload> workloads) {
    static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
    TuneParts parts{tuning.device, builder, tuning.machine, schemes, {}};
    return writeBundle(path("b"), workloads, {path("runner"), {}, "test"},
                       parts, tuning.options);
  }
  json manifest() const {
    std::ifstream file(root / "b/bundle.json");
    return json::parse(file);
  }

  /// Samples of so many pairs, the second function `speedup` times as fast.
  static json sample(int pairs, double speedup) {
    json a = json::array(), b = json::array();
    for (int i = 0; i < pairs; ++i) {
      a.push_back(1.0 + 0.001 * (i % 7));
      b.push_back((1.0 + 0.001 * ((i + 3) % 7)) / speedup);
    }
    return {{"status", "ok"}, {"message", ""}, {"a", a}, {"b", b}};
  }
  static json failure(const char *status) {
    return {{"status", status},
            {"message", "planted"},
            {"ratios", json::array()},
            {"a", json::array()},
            {"b", json::array()}};
  }
  /// A baseline's rounds.
  static json raced(std::vector<double> seconds) {
    return {{"status", "ok"},
            {"message", ""},
            {"relative", 3e-7},
            {"seconds", seconds}};
  }

  /// Results of a bundle of one workload, whose candidate 1 is confirmed.
  json results(double speedup) {
    std::ifstream file(root / "b/bundle.json", std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    json first = raced({1.5, 1.51, 1.49}), second = raced({1, 1.01, 1.02});
    json confirmed = sample(21, speedup);
    json screened = {{"status", "ok"}, {"message", ""}, {"ratios", {3, 3, 3}}};
    confirmed["candidate"] = screened["candidate"] = 1;
    confirmed["relative"] = 4e-7;
    json crashed = failure("crashed");
    crashed["candidate"] = 0;
    return {{"format", "sevenfold-results/2"},
            {"bundle", sha256Hex(text)},
            {"protocol", kProtocolVersion},
            {"device",
             {{"fingerprint", "target cpu"},
              {"machine", "target"},
              {"threads", 3},
              {"providers", {{"onednn", "3.1"}, {"openblas", "0.4"}}}}},
            {"fairness", {sample(31, 1)}},
            {"workloads",
             {{{"workload", kWorkload.str()},
               {"date", "2026-03-01T00:00:00.000Z"},
               {"baselines", {first, second}},
               {"baseline", 1},
               {"screening", {crashed, screened}},
               {"finals", {confirmed}}}}}};
  }
  void write(json whole) {
    whole["sha256"] = sha256Hex(whole.dump());
    std::ofstream(root / "b/results.json") << whole.dump();
  }
  BundleResults import(const json &whole) {
    write(whole);
    return llvm::cantFail(readBundleResults(path("b"), TuneOptions()));
  }
  /// The error of reading the file, in one line that names it.
  std::string refusal() {
    auto read = readBundleResults(path("b/results.json"), TuneOptions());
    if (read)
      return "";
    std::string text = llvm::toString(read.takeError());
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_NE(text.find("results.json"), std::string::npos) << text;
    return text;
  }
  /// The same for results that are changed before they are hashed.
  template <typename Edit> std::string refusalOf(Edit edit) {
    json whole = results(1.2);
    edit(whole);
    write(whole);
    return refusal();
  }

  const Workload kWorkload{1024, 1024, 1024};
  std::filesystem::path root;
  FileBuilder builder;
  FakeTuning tuning;
};
} // namespace

TEST_F(BundleTest, ABundleHasWhatATargetNeeds) {
  BundleSummary summary = llvm::cantFail(emit({kWorkload}));
  EXPECT_EQ(summary.workloads, 1);
  EXPECT_EQ(summary.failed, 0);
  json written = manifest();
  const json &workload = written["workloads"][0];
  EXPECT_EQ(workload["workload"], kWorkload.str());
  EXPECT_EQ(workload["baselines"].size(), 2u);
  EXPECT_EQ(int(workload["candidates"].size()), summary.candidates);
  // Each provider has its own candidates, and enough of them.
  std::map<std::string, int> byProvider;
  for (const json &candidate : workload["candidates"])
    ++byProvider[candidate["plan"]["kernel"]["provider"]];
  EXPECT_EQ(byProvider,
            (std::map<std::string, int>{{"onednn", 5}, {"openblas", 5}}));
  for (const auto &entry : written["files"].items())
    EXPECT_EQ(
        llvm::cantFail(sha256HexOfFile((root / "b" / entry.key()).string())),
        entry.value())
        << entry.key();
  EXPECT_TRUE(written["files"].contains("bin/sevenfold-runner"));
  EXPECT_TRUE(written["files"].contains(workload["candidates"][0]["library"]));
}

TEST_F(BundleTest, OnAGpuProductsOfOurOwnAreAmongTheCandidates) {
  tuning.device = absentGpuDevice(80);
  tuning.device.providers = {{"cublaslt", "13.1", true, true}};
  llvm::cantFail(emit({kWorkload}).takeError());
  json workload = manifest()["workloads"][0];
  ASSERT_EQ(workload["baselines"].size(), 1u);
  EXPECT_EQ(workload["baselines"][0]["plan"]["kernel"]["provider"], "cublaslt");
  std::vector<json> theirs, ours;
  for (const json &candidate : workload["candidates"])
    (candidate["plan"]["kernel"]["provider"] == "codegen" ? ours : theirs)
        .push_back(candidate);
  EXPECT_EQ(theirs.size(), 5u);
  ASSERT_EQ(ours.size(), 3u);
  EXPECT_FALSE(ours.front()["plan"]["levels"].empty());
  // What is well tried, whatever is expected of it, and the best expected.
  EXPECT_EQ(ours[0]["plan"]["levels"][0]["scheme"], "2x2x2-r7-winograd");
  EXPECT_GE(ours[1]["expected"], ours[0]["expected"]);
  EXPECT_TRUE(ours.back()["plan"]["levels"].empty());
}

TEST_F(BundleTest, ABundleIsWrittenOnceAndWhole) {
  llvm::cantFail(emit({kWorkload}).takeError());
  auto again = emit({kWorkload});
  ASSERT_FALSE(bool(again));
  EXPECT_NE(llvm::toString(again.takeError()).find("there already"),
            std::string::npos);
  std::filesystem::remove_all(root / "b");
  std::filesystem::remove(root / "runner");
  auto broken = emit({kWorkload});
  ASSERT_FALSE(bool(broken));
  llvm::consumeError(broken.takeError());
  tuning.options.interrupted = [] { return true; };
  std::ofstream(root / "runner") << "program";
  llvm::Error stopped = emit({kWorkload}).takeError();
  EXPECT_TRUE(takeInterrupted(stopped));
  std::vector<std::string> left;
  for (const auto &entry : std::filesystem::directory_iterator(root))
    left.push_back(entry.path().filename().string());
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (std::vector<std::string>{"built", "runner"}));
}

TEST_F(BundleTest, PlansThatDoNotBuildAreLeftOut) {
  int all = llvm::cantFail(emit({kWorkload})).candidates;
  std::filesystem::remove_all(root / "b");
  builder.refused = "2x2x2-r7-winograd";
  BundleSummary summary = llvm::cantFail(emit({kWorkload}));
  EXPECT_GT(summary.failed, 0);
  EXPECT_EQ(summary.candidates + summary.failed, all);
}

TEST_F(BundleTest, ResultsBecomeRecordsOfTheTarget) {
  llvm::cantFail(emit({kWorkload}).takeError());
  BundleResults out = import(results(1.2));
  EXPECT_EQ(out.finished, 1);
  EXPECT_EQ(out.workloads, 1);
  ASSERT_EQ(out.records.size(), 2u);
  EXPECT_EQ(out.records[0].verdict, Verdict::Failed);
  EXPECT_EQ(out.records[0].message, "crashed: planted");
  const Record &record = out.records[1];
  EXPECT_EQ(record.verdict, Verdict::Plan);
  EXPECT_EQ(record.key.hardware, "target cpu");
  EXPECT_EQ(record.key.threads, 3);
  EXPECT_TRUE(record.key.workload == kWorkload);
  json described = manifest()["workloads"][0];
  EXPECT_EQ(record.baselineProvider,
            described["baselines"][1]["plan"]["kernel"]["provider"]);
  EXPECT_EQ(toJson(record.plan), described["candidates"][1]["plan"]);
  EXPECT_EQ(record.schemeHashes, described["candidates"][1]["scheme_hashes"]);
  EXPECT_EQ(record.plannedSeconds.size(), 21u);
  EXPECT_NEAR(record.speedup, 1.2, 0.01);
  EXPECT_GT(record.speedupLow, 1.15);
  EXPECT_EQ(record.validity.at("provider:" + record.baselineProvider),
            record.baselineProvider == "onednn" ? "3.1" : "0.4");
  EXPECT_EQ(record.date(), "2026-03-01T00:00:00.000Z");
  // It can be stored.
  auto again = recordFromJson(toJson(record));
  EXPECT_TRUE(bool(again)) << llvm::toString(again.takeError());
}

TEST_F(BundleTest, TheVerdictIsComputedFromTheSamples) {
  llvm::cantFail(emit({kWorkload}).takeError());
  BundleResults out = import(results(1.0));
  ASSERT_EQ(out.records.size(), 2u);
  EXPECT_EQ(out.records[1].verdict, Verdict::Baseline);
  json noisy = results(1.0);
  json &times = noisy["workloads"][0]["finals"][0]["b"];
  for (size_t i = 0; i < times.size(); ++i)
    times[i] = i % 2 ? 0.5 : 2.0;
  out = import(noisy);
  EXPECT_EQ(out.records.size(), 1u);
  ASSERT_EQ(out.remarks.size(), 1u);
  EXPECT_NE(out.remarks[0].find("noisy"), std::string::npos);
}

TEST_F(BundleTest, TooFewPairsProveNothing) {
  llvm::cantFail(emit({kWorkload}).takeError());
  json few = results(1.2);
  few["workloads"][0]["finals"][0].update(sample(9, 1.2));
  for (const Record &record : import(few).records)
    EXPECT_NE(record.verdict, Verdict::Plan);
}

TEST_F(BundleTest, ALaterFinalistNeedsMorePairs) {
  // The level is halved by every attempt: ten pairs, then eleven.
  llvm::cantFail(emit({kWorkload}).takeError());
  for (int pairs : {10, 11}) {
    json two = results(1.0);
    json &finals = two["workloads"][0]["finals"];
    json second = finals[0];
    second.update(sample(pairs, 1.2));
    second["candidate"] = 2;
    finals.push_back(second);
    BundleResults out = import(two);
    bool proven =
        !out.records.empty() && out.records.back().verdict == Verdict::Plan;
    EXPECT_EQ(proven, pairs == 11) << pairs;
  }
}

TEST_F(BundleTest, UnfinishedResultsHaveWhatWasFinished) {
  Workload other{768, 768, 768};
  llvm::cantFail(emit({kWorkload, other}).takeError());
  BundleResults out = import(results(1.2));
  EXPECT_EQ(out.finished, 1);
  EXPECT_EQ(out.workloads, 2);
}

TEST_F(BundleTest, DamagedResultsAreRefused) {
  llvm::cantFail(emit({kWorkload}).takeError());
  EXPECT_NE(refusal(), ""); // there are none
  json whole = results(1.2);
  write(whole);
  EXPECT_EQ(refusal(), "");
  std::string text;
  {
    std::ifstream file(root / "b/results.json");
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (size_t size : {size_t(0), size_t(1), text.size() / 2, text.size() - 1}) {
    std::ofstream(root / "b/results.json") << text.substr(0, size);
    EXPECT_NE(refusal(), "") << size;
  }
  whole["sha256"] = std::string(64, '0');
  std::ofstream(root / "b/results.json") << whole.dump();
  EXPECT_NE(refusal().find("changed after it was written"), std::string::npos);
}

TEST_F(BundleTest, ResultsOfAnotherBundleAreRefused) {
  llvm::cantFail(emit({kWorkload}).takeError());
  write(results(1.2));
  std::ofstream(root / "b/bundle.json", std::ios::app) << "\n";
  EXPECT_NE(refusal().find("not results of the bundle"), std::string::npos);
}

TEST_F(BundleTest, ResultsThatContradictTheProtocolAreRefused) {
  llvm::cantFail(emit({kWorkload}).takeError());
  using J = json &;
  auto mentions = [](const std::string &text, const char *words) {
    return text.find(words) != std::string::npos;
  };
  EXPECT_TRUE(mentions(refusalOf([](J j) { j["protocol"] = "0"; }),
                       "expected protocol"));
  EXPECT_TRUE(mentions(
      refusalOf([](J j) { j["fairness"] = {sample(31, 1.05)}; }), "void"));
  EXPECT_TRUE(
      mentions(refusalOf([](J j) { j["fairness"] = json::array(); }), "A/A"));
  EXPECT_TRUE(
      mentions(refusalOf([](J j) { j["workloads"][0]["baseline"] = 0; }),
               "fastest by its samples"));
  EXPECT_TRUE(mentions(refusalOf([](J j) {
                         J f = j["workloads"][0]["finals"];
                         f.push_back(f[0]);
                       }),
                       "confirmed once"));
  EXPECT_TRUE(mentions(refusalOf([](J j) {
                         J f = j["workloads"][0]["finals"];
                         f[0].update(sample(15, 1));
                         f.push_back(f[0]);
                       }),
                       "confirmed once"));
  EXPECT_TRUE(mentions(
      refusalOf([](J j) { j["workloads"][0]["finals"][0]["relative"] = 0.1; }),
      "beyond its bound"));
  EXPECT_TRUE(mentions(
      refusalOf([](J j) { j["workloads"][0]["workload"] = "1x2x3:f32"; }),
      "no workload"));
}

TEST_F(BundleTest, ResultsOfAnotherFormAreRefused) {
  llvm::cantFail(emit({kWorkload}).takeError());
  using J = json &;
  for (const char *key :
       {"format", "bundle", "protocol", "device", "fairness", "workloads"}) {
    EXPECT_NE(refusalOf([&](J j) { j.erase(key); }), "") << key;
    EXPECT_NE(refusalOf([&](J j) { j[key] = 7; }), "") << key;
  }
  for (const char *key :
       {"workload", "date", "baselines", "baseline", "screening", "finals"}) {
    EXPECT_NE(refusalOf([&](J j) { j["workloads"][0].erase(key); }), "") << key;
    EXPECT_NE(refusalOf([&](J j) { j["workloads"][0][key] = 7; }), "") << key;
  }
  EXPECT_NE(refusalOf([](J j) {
              j["workloads"][0]["finals"][0]["candidate"] = 1000;
            }),
            "");
  EXPECT_NE(
      refusalOf([](J j) { j["workloads"][0]["finals"][0]["a"][3] = -1.0; }),
      "");
}
