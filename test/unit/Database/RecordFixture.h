//===- RecordFixture.h - Records and folders for tests ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A well-formed record to start from, and a folder that goes away.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_DATABASE_RECORDFIXTURE_H
#define SEVENFOLD_TEST_UNIT_DATABASE_RECORDFIXTURE_H

#include "sevenfold/Database/Database.h"

#include "gtest/gtest.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sevenfold {

/// Record number `index` of the same key; dates rise with the index.
inline Record makeTestRecord(int index, Verdict verdict = Verdict::Plan) {
  Record record;
  record.key = {"test cpu", "host", Workload{256, 256, 256}, 2};
  record.validity = {{"codegen", "1"}, {"provider:onednn", "2.6"}};
  record.verdict = verdict;
  if (verdict == Verdict::Plan)
    record.plan.levels = {{"2x2x2-r7", Execution::Breadth, false}};
  record.plan.provider = "onednn";
  record.schemeHashes = llvm::cantFail(planSchemeHashes(record.plan));
  record.baselineProvider = "openblas";
  for (int i = 0; i < 15; ++i) {
    record.baselineSeconds.push_back(1.1 + i * 1e-3 + index * 1e-6);
    record.plannedSeconds.push_back(1.0 + i * 1e-3);
  }
  record.speedup = 1.1;
  record.speedupLow = 1.09;
  record.speedupHigh = 1.11;
  record.relativeError = 1e-6;
  record.errorBound = 1e-5;
  record.errorGrowth = 4.5;
  record.workspaceBytes = 1 << 20;
  char date[32];
  std::snprintf(date, sizeof(date), "2026-01-01T00:%02d:%02d.000Z",
                index / 60 % 60, index % 60);
  record.provenance = {{"date", date}, {"seed", std::to_string(index)}};
  return record;
}

/// What the versions in makeTestRecord ask for.
inline QueryContext testContext() {
  QueryContext context;
  context.hardware = "test cpu";
  context.threads = 2;
  context.present = {{"codegen", "1"},
                     {"protocol", "1"},
                     {"provider:onednn", "2.6"},
                     {"provider:openblas", "0.3"}};
  return context;
}

class FolderTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sevenfold-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string &name) const {
    return (folder / name).string();
  }
  void write(const std::string &name, const std::string &bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  std::string read(const std::string &name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::unique_ptr<RecordStore> open(const std::string &name,
                                    OpenMode mode) const {
    auto database = RecordStore::open(path(name), mode);
    if (!database) {
      ADD_FAILURE() << llvm::toString(database.takeError());
      return nullptr;
    }
    return std::move(*database);
  }
  /// The error of opening, in one line.
  std::string refusal(const std::string &name, OpenMode mode) const {
    auto database = RecordStore::open(path(name), mode);
    if (database)
      return "";
    std::string message = llvm::toString(database.takeError());
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_NE(message.find(path(name)), std::string::npos) << message;
    return message;
  }
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder;
};

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_DATABASE_RECORDFIXTURE_H
