//===- FileTest.cpp - Whole files -------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bounded reads and atomic replacement.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/File.h"
#include "TemporaryFolder.h"
#include "sevenfold/Support/Hash.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace sevenfold;

TEST(FileTest, readsBackWhatWasWritten) {
  TemporaryFolder folder;
  std::string path = folder.file("bytes"), bytes("a\0b\n", 4);
  ASSERT_EQ(errorOf(writeFileAtomically(path, bytes)), "");
  auto read = readFile(path, 4);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(*read, bytes);
  EXPECT_EQ(folder.numEntries(), 1u) << "a temporary file was left";
}

TEST(FileTest, joinsPieces) {
  TemporaryFolder folder;
  std::string path = folder.file("pieces");
  llvm::StringRef pieces[] = {"one ", "", "two"};
  ASSERT_EQ(errorOf(writeFileAtomically(path, pieces)), "");
  auto read = readFile(path, 100);
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(*read, "one two");
}

TEST(FileTest, replacesAndKeepsTheMode) {
  TemporaryFolder folder;
  std::string path = folder.file("script");
  ASSERT_EQ(errorOf(writeFileAtomically(path, "old")), "");
  ASSERT_EQ(::chmod(path.c_str(), 0750), 0);
  ASSERT_EQ(errorOf(writeFileAtomically(path, "new")), "");
  struct stat status;
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0750u);
  EXPECT_EQ(*readFile(path, 10), "new");
}

TEST(FileTest, writesThroughASymbolicLink) {
  TemporaryFolder folder;
  std::string target = folder.file("target"), link = folder.file("link");
  ASSERT_EQ(errorOf(writeFileAtomically(target, "old")), "");
  ASSERT_EQ(::symlink(target.c_str(), link.c_str()), 0);
  ASSERT_EQ(errorOf(writeFileAtomically(link, "new")), "");
  EXPECT_EQ(*readFile(target, 10), "new");
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(link));
}

TEST(FileTest, refusesWhatIsTooLong) {
  TemporaryFolder folder;
  std::string path = folder.file("long");
  ASSERT_EQ(errorOf(writeFileAtomically(path, "12345")), "");
  EXPECT_EQ(errorOf(readFile(path, 4)),
            "cannot read '" + path + "': expected at most 4 bytes but got 5");
}

TEST(FileTest, namesThePathOfWhatFails) {
  TemporaryFolder folder;
  std::string missing = folder.file("missing");
  EXPECT_EQ(errorOf(readFile(missing, 10)),
            "cannot read '" + missing + "': No such file or directory");
  EXPECT_EQ(errorOf(readFile(folder.folder(), 10)),
            "cannot read '" + folder.folder() + "': it is a folder");
  std::string nowhere = folder.file("none/file");
  EXPECT_EQ(errorOf(writeFileAtomically(nowhere, "x")),
            "cannot write '" + nowhere + "': No such file or directory");
  EXPECT_EQ(errorOf(writeFileAtomically(folder.folder(), "x")),
            "cannot write '" + folder.folder() + "': it is a folder");
}

TEST(FileTest, namesAFullDisk) {
  if (!llvm::sys::fs::exists("/dev/full"))
    GTEST_SKIP() << "no /dev/full";
  EXPECT_EQ(errorOf(writeFileAtomically("/dev/full", "x")),
            "cannot write '/dev/full': No space left on device");
}

TEST(HashTest, knowsTheStandardVectors) {
  EXPECT_EQ(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49"
                           "5991b7852b855");
  EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
                              "b410ff61f20015ad");
}

TEST(HashTest, hashesFiles) {
  TemporaryFolder folder;
  std::string path = folder.file("abc"), bytes(3'000'001, 'x');
  ASSERT_EQ(errorOf(writeFileAtomically(path, bytes)), "");
  auto hash = sha256HexOfFile(path);
  ASSERT_TRUE(bool(hash));
  EXPECT_EQ(*hash, sha256Hex(bytes));
  EXPECT_NE(errorOf(sha256HexOfFile(folder.file("none"))), "");
}
