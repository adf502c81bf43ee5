//===- DurabilityTest.cpp - Committed records survive ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writers killed at any moment, two at once, and a disk that is full.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"

#include <csignal>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sevenfold;
using DurabilityTest = FolderTest;

/// Runs `body` in a child process and returns its wait status.
template <typename Body> static pid_t startChild(Body body) {
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  return child;
}

static int waitFor(pid_t child) {
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

/// Adds records without end, and writes the number of each that is committed
/// to `pipe`.
static void addForever(const std::string &path, int pipe, int first) {
  auto database = RecordStore::open(path, OpenMode::Create);
  if (!database)
    _exit(3);
  for (int i = first;; ++i) {
    if (llvm::Error error = (*database)->add(makeTestRecord(i)))
      _exit(4);
    if (::write(pipe, &i, sizeof(i)) != sizeof(i))
      _exit(5);
  }
}

TEST_F(DurabilityTest, KilledWritersLoseNothingCommitted) {
  std::vector<int> committed;
  int first = 0;
  // From before the file exists to well into the writing.
  for (int microseconds : {300, 1000, 3000, 10000, 30000, 60000}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t child = startChild([&] {
      close(ends[0]);
      addForever(path("tuning.db"), ends[1], first);
    });
    close(ends[1]);
    int index;
    // The later rounds wait until writing has begun, however slow the machine.
    if (microseconds >= 10000 && ::read(ends[0], &index, sizeof(index)) > 0)
      committed.push_back(index);
    usleep(microseconds);
    kill(child, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(waitFor(child)));
    while (::read(ends[0], &index, sizeof(index)) == sizeof(index))
      committed.push_back(index);
    close(ends[0]);
    first += 1000;

    if (!std::filesystem::exists(path("tuning.db")))
      continue;
    auto reader = open("tuning.db", OpenMode::ReadOnly);
    ASSERT_NE(reader, nullptr);
    EXPECT_TRUE(llvm::cantFail(reader->check()).empty());
    EXPECT_GE(llvm::cantFail(reader->all()).size(), committed.size());
  }
  ASSERT_FALSE(committed.empty());
  auto database = open("tuning.db", OpenMode::Create);
  std::set<std::string> ids;
  for (const Record &record : llvm::cantFail(database->all()))
    ids.insert(record.id());
  for (int index : committed)
    EXPECT_EQ(ids.count(makeTestRecord(index).id()), 1u) << index;
}

TEST_F(DurabilityTest, TwoTunersShareOneDatabase) {
  constexpr int kEach = 40;
  std::vector<pid_t> children;
  for (int t = 0; t < 3; ++t)
    children.push_back(startChild([&] {
      auto database = RecordStore::open(path("tuning.db"), OpenMode::Create);
      if (!database)
        _exit(3);
      for (int i = 0; i < kEach; ++i)
        if (llvm::Error error = (*database)->add(makeTestRecord(t * kEach + i)))
          _exit(4);
    }));
  for (pid_t child : children)
    EXPECT_EQ(waitFor(child), 0);
  auto database = open("tuning.db", OpenMode::ReadOnly);
  EXPECT_EQ(llvm::cantFail(database->all()).size(), 3u * kEach);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
}

TEST_F(DurabilityTest, AFullDiskKeepsWhatWasCommitted) {
  {
    auto database = open("tuning.db", OpenMode::Create);
    for (int i = 0; i < 3; ++i)
      llvm::cantFail(database->add(makeTestRecord(i)));
  }
  // A limit on file sizes makes writes fail half-way, as a full disk does.
  int status = waitFor(startChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {128 << 10, 128 << 10};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
      _exit(3);
    auto database = RecordStore::open(path("tuning.db"), OpenMode::Create);
    if (!database)
      _exit(4);
    for (int i = 3; i < 1000; ++i)
      if (llvm::Error error = (*database)->add(makeTestRecord(i))) {
        std::string message = llvm::toString(std::move(error));
        // The error is one line, and the records are still to be read.
        bool good = message.find('\n') == std::string::npos &&
                    message.find("tuning.db") != std::string::npos;
        auto records = (*database)->all();
        _exit(good && records && records->size() == size_t(i) ? 42 : 5);
      }
    _exit(6);
  }));
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  auto database = open("tuning.db", OpenMode::Create);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
  EXPECT_GE(llvm::cantFail(database->all()).size(), 3u);
  llvm::cantFail(database->add(makeTestRecord(2000)));
}
