//===- LayersTest.cpp - The user's database over others -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which layer answers, what a query costs, and where databases may lie.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"
#include "SqliteStore.h"

#include "sevenfold/Database/Layers.h"

using namespace sevenfold;
using LayersTest = FolderTest;

static const Workload kWorkload{256, 256, 256};

namespace {
/// Three records of which any may lie in any layer.
struct Layered : LayersTest {
  Record user = makeTestRecord(1), first = makeTestRecord(2),
         second = makeTestRecord(3);

  void put(const char *name, llvm::ArrayRef<Record> records) {
    llvm::cantFail(writeDatabase(path(name), records));
  }
  PlanAnswer ask() {
    auto layers = llvm::cantFail(DatabaseLayers::open(
        {path("user.db"), {path("first.db"), path("second.db")}}));
    return layers.best(kWorkload, testContext());
  }
};
} // namespace

TEST_F(Layered, TheUppermostLayerAnswersThoughItsRecordIsOlder) {
  put("user.db", {user});
  put("first.db", {first});
  put("second.db", {second});
  EXPECT_EQ(ask().record, user.id());
}

TEST_F(Layered, LowerLayersAnswerWhereUpperOnesCannot) {
  user.validity["codegen"] = "0";
  put("user.db", {user});
  put("first.db", {});
  put("second.db", {second});
  EXPECT_EQ(ask().record, second.id());
}

TEST_F(Layered, AUserWithoutADatabaseHasTheSystems) {
  put("first.db", {first});
  put("second.db", {second});
  EXPECT_EQ(ask().record, first.id());
}

TEST_F(Layered, AMissNamesTheMostTelling) {
  first.validity["codegen"] = "0";
  second.key.hardware = "another cpu";
  put("first.db", {first});
  put("second.db", {second});
  EXPECT_NE(ask().reason.find("stale"), std::string::npos) << ask().reason;
  put("user.db", {});
  std::filesystem::remove(path("first.db"));
  put("first.db", {});
  EXPECT_NE(ask().reason.find("no record for this hardware"), std::string::npos)
      << ask().reason;
}

TEST_F(LayersTest, ARangeIsWhatOnePlanHasWonAtBothEnds) {
  auto recordOf = [](int index, int64_t m, const char *scheme) {
    Record record =
        makeTestRecord(index, scheme ? Verdict::Plan : Verdict::Baseline);
    record.key.workload = Workload{m, 512, 768};
    if (scheme) {
      record.plan.levels = {{scheme, Execution::Breadth, false}};
      record.schemeHashes = llvm::cantFail(planSchemeHashes(record.plan));
    }
    return record;
  };
  const char *strassen = "2x2x2-r7", *winograd = "2x2x2-r7-winograd";
  std::vector<Record> records = {
      recordOf(1, 100, nullptr),   recordOf(2, 200, strassen),
      recordOf(3, 400, strassen),  recordOf(4, 500, nullptr),
      recordOf(5, 800, winograd),  recordOf(6, 1600, winograd),
      recordOf(7, 3200, winograd), recordOf(8, 6400, strassen)};
  // Another family: the same sizes of m.
  records.push_back(recordOf(9, 700, strassen));
  records.back().key.workload.n = 769;
  auto store = open("tuning.db", OpenMode::Create);
  llvm::cantFail(store->addAll(records));
  PlanSource source = llvm::cantFail(
      databasePlanSource({path("tuning.db"), {}}, testContext()));
  auto rangesOf = [&](SizeRange range) {
    std::vector<std::array<int64_t, 2>> found;
    for (const PlanAnswer &plan : source.plansFor({0, 512, 768}, range))
      if (plan.isPlanned())
        found.push_back({plan.range->least, plan.range->greatest});
      else
        EXPECT_EQ(plan.plan->provider, "openblas");
    return found;
  };
  using Ranges = std::vector<std::array<int64_t, 2>>;
  EXPECT_EQ(rangesOf({1, kMaxDimension}),
            (Ranges{{200, 400}, {800, 3200}, {6400, 6400}}));
  EXPECT_EQ(rangesOf({300, 2000}), (Ranges{{400, 400}, {800, 1600}}));
  EXPECT_EQ(rangesOf({401, 799}), Ranges());
}

TEST_F(LayersTest, FamiliesAreThoseOfTheMachineAndItsThreads) {
  std::vector<Record> records = {makeTestRecord(1), makeTestRecord(2),
                                 makeTestRecord(3), makeTestRecord(4)};
  records[0].key.workload = Workload{100, 512, 768};
  records[1].key.workload = Workload{200, 512, 768};
  records[2].key.workload = Workload{200, 512, 769};
  records[3].key.workload = Workload{200, 512, 770};
  records[3].key.threads += 1;
  auto store = open("tuning.db", OpenMode::Create);
  llvm::cantFail(store->addAll(records));
  auto layers = llvm::cantFail(DatabaseLayers::open({path("tuning.db"), {}}));
  auto families = llvm::cantFail(layers.families(testContext()));
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].str(), "0x512x768:f32");
  EXPECT_EQ(families[1].str(), "0x512x769:f32");
}

TEST_F(LayersTest, AnUnreadableSystemDatabaseIsAnError) {
  write("bad.db", "no database");
  auto layers = DatabaseLayers::open({path("none.db"), {path("bad.db")}});
  ASSERT_FALSE(bool(layers));
  EXPECT_NE(llvm::toString(layers.takeError()).find("bad.db"),
            std::string::npos);
}

TEST_F(LayersTest, InstalledDatabasesLieInShare) {
  std::filesystem::create_directories(path("share/sevenfold"));
  write("share/sevenfold/b.db", "");
  write("share/sevenfold/a.db", "");
  write("share/sevenfold/readme.md", "");
  EXPECT_EQ(installedDatabases(path("bin/sevenfold")),
            (std::vector<std::string>{path("share/sevenfold/a.db"),
                                      path("share/sevenfold/b.db")}));
  EXPECT_TRUE(installedDatabases("/nowhere/bin/sevenfold").empty());
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

TEST_F(LayersTest, AQueryReadsTheIndexAndSortsNothing) {
  open("tuning.db", OpenMode::Create).reset();
  SQLite::Database db(path("tuning.db"), SQLite::OPEN_READONLY);
  SQLite::Statement plan(db, std::string("EXPLAIN QUERY PLAN ") + kVisitKeySql);
  std::string text;
  while (plan.executeStep())
    text += plan.getColumn(3).getString() + "\n";
  EXPECT_NE(text.find("USING INDEX records_by_key (subject=? AND lowering=? "
                      "AND hardware=? AND threads=?)"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("TEMP B-TREE"), std::string::npos) << text;
}

TEST_F(LayersTest, ACompilationOpensItsDatabasesOnce) {
  llvm::cantFail(writeDatabase(path("tuning.db"), makeTestRecord(1)));
  static int opened;
  opened = 0;
  // Every open asks where the file lies.
  auto probe = [](const std::string &path) {
    ++opened;
    return fileSystemType(path);
  };
  PlanSource source = llvm::cantFail(
      databasePlanSource({path("tuning.db"), {}}, testContext(), probe));
  for (int i = 1; i < 50; ++i)
    source(Workload{256, 256, i});
  // What is not there any more answers still.
  std::filesystem::remove(path("tuning.db"));
  EXPECT_TRUE(source(kWorkload).plan.has_value());
  EXPECT_EQ(opened, 1);
}

TEST_F(LayersTest, LargeFilesAreSharedWithTheirWriters) {
  auto writer = open("tuning.db", OpenMode::Create);
  llvm::cantFail(writer->add(makeTestRecord(1)));
  writer.reset();
  // Too large for an image.
  SQLite::Database(path("tuning.db"), SQLite::OPEN_READWRITE)
      .exec("CREATE TABLE filler AS SELECT zeroblob(70 << 20)");
  auto reader = open("tuning.db", OpenMode::ReadOnly);
  EXPECT_EQ(llvm::cantFail(reader->all()).size(), 1u);
  writer = open("tuning.db", OpenMode::Create);
  llvm::cantFail(writer->add(makeTestRecord(2)));
  EXPECT_EQ(llvm::cantFail(reader->all()).size(), 2u);
  llvm::Error error = reader->add(makeTestRecord(3));
  ASSERT_TRUE(bool(error));
  llvm::consumeError(std::move(error));
  writer.reset();
  reader.reset();
  EXPECT_EQ(entries(), std::vector<std::string>{"tuning.db"});
}

//===----------------------------------------------------------------------===//
// File systems
//===----------------------------------------------------------------------===//

static int64_t nfs(const std::string &) { return 0x6969; }
static int64_t smb(const std::string &) {
  return static_cast<int32_t>(0xff534d42); // as statfs of some systems has it
}

TEST_F(LayersTest, NetworkFileSystemsAreOnlyRead) {
  for (FileSystemProbe probe : {nfs, smb}) {
    auto writer = RecordStore::open(path("new.db"), OpenMode::Create, probe);
    ASSERT_FALSE(bool(writer));
    std::string message = llvm::toString(writer.takeError());
    EXPECT_NE(message.find("network file system"), std::string::npos)
        << message;
    EXPECT_NE(message.find("new.db"), std::string::npos);
    llvm::Error error = writeDatabase(path("new.db"), {}, probe);
    ASSERT_TRUE(bool(error));
    llvm::consumeError(std::move(error));
  }
  EXPECT_TRUE(entries().empty());

  llvm::cantFail(writeDatabase(path("tuning.db"), makeTestRecord(1)));
  auto reader = RecordStore::open(path("tuning.db"), OpenMode::ReadOnly, nfs);
  ASSERT_TRUE(bool(reader));
  EXPECT_EQ(llvm::cantFail((*reader)->all()).size(), 1u);
}

TEST_F(LayersTest, ALogOnANetworkFileSystemIsRefused) {
  auto writer = open("tuning.db", OpenMode::Create);
  llvm::cantFail(writer->add(makeTestRecord(1)));
  auto reader = RecordStore::open(path("tuning.db"), OpenMode::ReadOnly, nfs);
  ASSERT_FALSE(bool(reader));
  EXPECT_NE(llvm::toString(reader.takeError()).find("NFS"), std::string::npos);
}

TEST_F(LayersTest, TheTypeOfAFileToBeIsThatOfItsFolder) {
  EXPECT_EQ(fileSystemType(path("a/b/c.db")), fileSystemType(folder.string()));
  EXPECT_TRUE(networkFileSystemName(fileSystemType("/proc")).empty());
}

//===----------------------------------------------------------------------===//
// System databases
//===----------------------------------------------------------------------===//

TEST_F(LayersTest, SystemDatabasesAreReadWithoutATrace) {
  // Names that mean something in a URI.
  llvm::cantFail(writeDatabase(path("a %20#b?c.db"), makeTestRecord(1)));
  {
    SQLite::Database db(path("a %20#b?c.db"), SQLite::OPEN_READONLY);
    EXPECT_EQ(db.execAndGet("PRAGMA journal_mode").getString(), "delete");
  }
  std::string before = read("a %20#b?c.db");
  auto database = open("a %20#b?c.db", OpenMode::System);
  EXPECT_EQ(llvm::cantFail(database->all()).size(), 1u);
  llvm::Error error = database->add(makeTestRecord(2));
  ASSERT_TRUE(bool(error));
  llvm::consumeError(std::move(error));
  EXPECT_EQ(read("a %20#b?c.db"), before);
  EXPECT_EQ(entries().size(), 1u);
}

TEST_F(LayersTest, ASystemDatabaseWithALogIsRefused) {
  auto writer = open("tuning.db", OpenMode::Create);
  llvm::cantFail(writer->add(makeTestRecord(1)));
  EXPECT_NE(refusal("tuning.db", OpenMode::System).find("log"),
            std::string::npos);
}
