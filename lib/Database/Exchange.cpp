//===- Exchange.cpp - Records as JSON lines -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Export and import of whole databases as text, one record a line.
//
//===----------------------------------------------------------------------===//

#include "DatabaseImpl.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Json.h"

#include "llvm/Support/raw_ostream.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

/// An import file beyond this size is refused.
static constexpr uint64_t kMaxImportBytes = uint64_t(1) << 30;

llvm::Error Database::exportTo(llvm::StringRef path) const {
  auto records = all();
  if (!records)
    return records.takeError();
  std::string text;
  for (const Record &record : *records)
    text += toJson(record).dump() + "\n";
  if (path != "-")
    return writeFileAtomically(path, text);
  llvm::outs() << text;
  llvm::outs().flush();
  if (llvm::outs().has_error()) {
    std::error_code code = llvm::outs().error();
    llvm::outs().clear_error();
    return makeError("cannot write standard output: {0}", code.message());
  }
  return llvm::Error::success();
}

static llvm::Expected<Record> parseLine(llvm::StringRef line,
                                        const std::string &where) {
  auto json = parseJson(line, where);
  if (!json)
    return json.takeError();
  auto record = recordFromJson(*json);
  if (!record)
    return makeError("{0}: {1}", where, llvm::toString(record.takeError()));
  return record;
}

llvm::Expected<ImportCounts> Database::importFrom(llvm::StringRef path) {
  if (llvm::Error error = impl->checkWritable())
    return error;
  auto text = readFile(path, kMaxImportBytes);
  if (!text)
    return text.takeError();
  // Everything is read before anything is written: the other tuner waits for
  // the writing only.
  std::vector<Record> records;
  llvm::StringRef rest = *text;
  for (size_t number = 1; !rest.empty(); ++number) {
    llvm::StringRef line;
    std::tie(line, rest) = rest.split('\n');
    if (line.trim().empty())
      continue;
    auto record =
        parseLine(line, path.str() + ": line " + std::to_string(number));
    if (!record)
      return record.takeError();
    records.push_back(std::move(*record));
  }
  ImportCounts counts;
  std::lock_guard<std::mutex> lock(impl->mutex);
  try {
    SQLite::Transaction transaction(*impl->db,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    for (const Record &record : records)
      ++(impl->insert(record) ? counts.added : counts.known);
    transaction.commit();
  } catch (const SQLite::Exception &exception) {
    return databaseError(impl->path, exception);
  }
  return counts;
}
