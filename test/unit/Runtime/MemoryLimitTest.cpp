//===- MemoryLimitTest.cpp - Control groups, read -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both versions, groups in groups, containers that see their own group as the
// root, and pages of files, which do not count.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

namespace {

using sevenfold::runtime::memoryLimit;
using sevenfold::runtime::MemoryLimit;

class MemoryLimitTest : public testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/sevenfold-groups-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &path, const std::string &text) {
    std::string file = folder + "/" + path;
    std::filesystem::create_directories(file.substr(0, file.rfind('/')));
    std::ofstream(file) << text;
  }
  MemoryLimit read(const std::string &groups) {
    write("groups", groups);
    return memoryLimit((folder + "/groups").c_str(), (folder + "/sys").c_str());
  }

  std::string folder;
};

TEST_F(MemoryLimitTest, NoGroupsNoLimit) {
  EXPECT_EQ(read("").allowed, MemoryLimit::kNone);
  EXPECT_EQ(memoryLimit("/none/at/all", "/none").room, MemoryLimit::kNone);
  write("sys/memory.max", "max\n");
  EXPECT_EQ(read("0::/\n").allowed, MemoryLimit::kNone);
}

TEST_F(MemoryLimitTest, SecondVersionAndTheGroupsAbove) {
  write("sys/a/memory.max", "1000\n");
  write("sys/a/memory.current", "900\n");
  write("sys/a/memory.stat", "anon 700\nfile 150\nactive_file 100\n"
                             "inactive_file 50\n");
  write("sys/a/b/memory.max", "800\n");
  write("sys/a/b/memory.current", "100\n");
  MemoryLimit limit = read("0::/a/b\n");
  EXPECT_EQ(limit.allowed, 800);
  EXPECT_EQ(limit.room, 250);
}

TEST_F(MemoryLimitTest, FirstVersion) {
  write("sys/memory/a/memory.limit_in_bytes", "5000\n");
  write("sys/memory/a/memory.usage_in_bytes", "4000\n");
  write("sys/memory/a/memory.stat", "active_file 1\ntotal_active_file 300\n");
  write("sys/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/memory/memory.usage_in_bytes", "4000\n");
  MemoryLimit limit = read("9:cpu,cpuacct:/a\n4:hugetlb,memory:/a\n0::/\n");
  EXPECT_EQ(limit.allowed, 5000);
  EXPECT_EQ(limit.room, 1300);
  // Another controller's group is none of memory's.
  EXPECT_EQ(read("4:memoryless:/a\n").allowed, MemoryLimit::kNone);
}

TEST_F(MemoryLimitTest, ContainerThatSeesItsGroupAsTheRoot) {
  write("sys/memory/memory.limit_in_bytes", "700\n");
  EXPECT_EQ(read("4:memory:/docker/0123\n").allowed, 700);
  write("sys/memory.max", "600\n");
  EXPECT_EQ(read("0::/../other\n").allowed, 600);
}

TEST_F(MemoryLimitTest, MoreUsedThanAllowedIsNoRoom) {
  write("sys/memory.max", "600\n");
  write("sys/memory.current", "900\n");
  EXPECT_EQ(read("0::/\n").room, 0);
}

} // namespace
