//===- ToolFolder.cpp - Programs of the system at work --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs linkers and assemblers.
//
//===----------------------------------------------------------------------===//

#include "ToolFolder.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace sevenfold;

llvm::Expected<ToolFolder> ToolFolder::create(llvm::StringRef prefix) {
  llvm::SmallString<128> folder;
  if (std::error_code code =
          llvm::sys::fs::createUniqueDirectory(prefix, folder))
    return makeError("no temporary folder: {0}", code.message());
  return ToolFolder(std::string(folder));
}

ToolFolder::~ToolFolder() {
  if (!path.empty())
    llvm::sys::fs::remove_directories(path);
}

std::string ToolFolder::file(llvm::StringRef name) const {
  llvm::SmallString<128> full(path);
  llvm::sys::path::append(full, name);
  return std::string(full);
}

std::optional<std::string> ToolFolder::run(
    llvm::ArrayRef<llvm::StringRef> arguments, unsigned seconds,
    llvm::function_ref<std::string(llvm::StringRef log)> reasonOf) const {
  std::string log = file("log"), message;
  int status = llvm::sys::ExecuteAndWait(
      arguments.front(), arguments, std::nullopt,
      {std::nullopt, llvm::StringRef(log), llvm::StringRef(log)}, seconds,
      /*MemoryLimit=*/0, &message);
  if (status == 0)
    return std::nullopt;
  llvm::Expected<std::string> text = readFile(log, 1 << 20);
  if (text)
    return reasonOf(*text);
  llvm::consumeError(text.takeError());
  return message;
}
