//===- ZipArchive.cpp - The members of a zip archive ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The format of PKWARE's APPNOTE: members, each behind a local header, then a
// directory of them, then its place. Sizes are the directory's: local headers
// may leave them out.
//
//===----------------------------------------------------------------------===//

#include "ZipArchive.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

#include <algorithm>
#include <optional>
#include <zlib.h>

using namespace sevenfold;
using llvm::StringRef;
using llvm::support::endian::read16le;
using llvm::support::endian::read32le;
using llvm::support::endian::read64le;

static constexpr llvm::StringLiteral kLocalHeader("PK\x03\x04");
static constexpr llvm::StringLiteral kDirectoryEntry("PK\x01\x02");
static constexpr llvm::StringLiteral kDirectoryEnd("PK\x05\x06");
static constexpr size_t kLocalHeaderBytes = 30;
static constexpr size_t kDirectoryEntryBytes = 46;
static constexpr size_t kDirectoryEndBytes = 22;
static constexpr size_t kMaxCommentBytes = 65535;
static constexpr size_t kMaxMembers = 4096;

/// Where a size of 32 bits says that the extra field has it in 64.
static constexpr uint32_t kInExtra = 0xffffffff;
static constexpr uint16_t kExtraOfSizes = 1;

/// The sizes and the offset that the extra field has; false where it lacks one.
static bool readExtra(StringRef extra, ZipMember &member) {
  while (extra.size() >= 4) {
    size_t kind = read16le(extra.data()), bytes = read16le(extra.data() + 2);
    StringRef field = extra.substr(4, bytes);
    if (field.size() != bytes)
      return false;
    extra = extra.drop_front(4 + bytes);
    if (kind != kExtraOfSizes)
      continue;
    for (uint64_t *size :
         {&member.bytes, &member.compressedBytes, &member.offset}) {
      if (*size != kInExtra)
        continue;
      if (field.size() < 8)
        return false;
      *size = read64le(field.data());
      field = field.drop_front(8);
    }
    return true;
  }
  return false;
}

/// The first entry of a directory, which is taken off it; nothing where it is
/// malformed.
static std::optional<ZipMember> takeEntry(StringRef &directory) {
  if (directory.size() < kDirectoryEntryBytes ||
      !directory.starts_with(kDirectoryEntry))
    return std::nullopt;
  const char *entry = directory.data();
  size_t nameBytes = read16le(entry + 28), extraBytes = read16le(entry + 30),
         commentBytes = read16le(entry + 32);
  size_t size = kDirectoryEntryBytes + nameBytes + extraBytes + commentBytes;
  if (directory.size() < size)
    return std::nullopt;
  ZipMember member;
  member.flags = read16le(entry + 8);
  member.method = read16le(entry + 10);
  member.checksum = read32le(entry + 16);
  member.compressedBytes = read32le(entry + 20);
  member.bytes = read32le(entry + 24);
  member.offset = read32le(entry + 42);
  member.name = directory.substr(kDirectoryEntryBytes, nameBytes).str();
  bool isLarge = member.compressedBytes == kInExtra ||
                 member.bytes == kInExtra || member.offset == kInExtra;
  if (isLarge &&
      !readExtra(directory.substr(kDirectoryEntryBytes + nameBytes, extraBytes),
                 member))
    return std::nullopt;
  directory = directory.drop_front(size);
  return member;
}

llvm::Expected<std::vector<ZipMember>>
sevenfold::readZipDirectory(StringRef archive, StringRef where) {
  // The end may be followed by a comment.
  StringRef tail = archive.take_back(kDirectoryEndBytes + kMaxCommentBytes);
  size_t end = tail.rfind(kDirectoryEnd);
  if (end == StringRef::npos || tail.size() - end < kDirectoryEndBytes)
    return makeError("{0}: the zip archive is cut off: it has no directory",
                     where);
  const char *record = tail.data() + end;
  size_t count = read16le(record + 10);
  uint64_t bytes = read32le(record + 12), offset = read32le(record + 16);
  if (offset > archive.size() || bytes > archive.size() - offset)
    return makeError("{0}: the directory of the zip archive lies outside it",
                     where);
  if (count > kMaxMembers)
    return makeError("{0}: expected at most {1} members of a zip archive but "
                     "got {2}",
                     where, kMaxMembers, count);
  StringRef directory = archive.substr(offset, bytes);
  std::vector<ZipMember> members;
  for (size_t i = 0; i < count; ++i) {
    std::optional<ZipMember> member = takeEntry(directory);
    if (!member)
      return makeError("{0}: entry {1} of the zip archive's directory is "
                       "malformed",
                       where, i + 1);
    members.push_back(std::move(*member));
  }
  return members;
}

/// Inflates to a string of known length; nothing where that is not its length
/// or the data is malformed.
static std::optional<std::string> inflated(StringRef data, size_t bytes) {
  std::string result(bytes, '\0');
  z_stream stream{};
  // Negative: without the head and the trailer of a zlib stream.
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data.data()));
  stream.avail_in = data.size();
  stream.next_out = reinterpret_cast<Bytef *>(result.data());
  stream.avail_out = bytes;
  int code = inflate(&stream, Z_FINISH);
  bool isWhole = code == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!isWhole)
    return std::nullopt;
  return result;
}

llvm::Expected<std::string> sevenfold::readZipMember(StringRef archive,
                                                     const ZipMember &member,
                                                     uint64_t maxBytes,
                                                     StringRef where) {
  if (member.bytes > maxBytes)
    return makeError("{0}: expected at most {1} bytes but it claims {2}", where,
                     maxBytes, member.bytes);
  if (member.flags & 1)
    return makeError("{0}: it is encrypted", where);
  if (member.method != 0 && member.method != Z_DEFLATED)
    return makeError("{0}: expected it stored or deflated but got method {1}",
                     where, member.method);
  StringRef local =
      archive.drop_front(std::min<uint64_t>(member.offset, archive.size()));
  if (local.size() < kLocalHeaderBytes || !local.starts_with(kLocalHeader))
    return makeError("{0}: its header is missing", where);
  size_t skipped = kLocalHeaderBytes + read16le(local.data() + 26) +
                   read16le(local.data() + 28);
  if (skipped > local.size() || member.compressedBytes > local.size() - skipped)
    return makeError("{0}: it is cut off", where);
  StringRef data = local.substr(skipped, member.compressedBytes);
  std::optional<std::string> content;
  if (member.method != 0)
    content = inflated(data, member.bytes);
  else if (data.size() == member.bytes)
    content = data.str();
  if (!content)
    return makeError("{0}: it does not unpack to the {1} bytes that it claims",
                     where, member.bytes);
  if (crc32(0, reinterpret_cast<const Bytef *>(content->data()),
            content->size()) != member.checksum)
    return makeError("{0}: its checksum is another than it claims", where);
  return std::move(*content);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static void append(std::string &text, uint64_t value, unsigned bytes) {
  for (; bytes != 0; --bytes, value >>= 8)
    text += char(value & 0xff);
}

/// What local header and directory entry have in common: version 2.0, no flags,
/// stored, midnight of 1980-01-01, checksum, sizes, length of the name, no
/// extra.
static std::string commonHeader(StringRef name, StringRef content) {
  constexpr unsigned kFirstDay = 1 << 5 | 1;
  std::string text;
  append(text, 20, 2);
  append(text, 0, 2 + 2 + 2);
  append(text, kFirstDay, 2);
  append(
      text,
      crc32(0, reinterpret_cast<const Bytef *>(content.data()), content.size()),
      4);
  append(text, content.size(), 4);
  append(text, content.size(), 4);
  append(text, name.size(), 2);
  append(text, 0, 2);
  return text;
}

std::string sevenfold::writeZip(StringRef name, StringRef content) {
  std::string header = commonHeader(name, content);
  std::string text = (kLocalHeader + header + name + content).str();
  std::string entry = kDirectoryEntry.str();
  append(entry, 20, 2);
  entry += header;
  // No comment, first disk, no attributes, offset 0.
  append(entry, 0, 2 + 2 + 2 + 4 + 4);
  entry += name;
  size_t offset = text.size();
  text += entry + kDirectoryEnd.str();
  append(text, 0, 4);
  append(text, 1, 2);
  append(text, 1, 2);
  append(text, entry.size(), 4);
  append(text, offset, 4);
  append(text, 0, 2);
  return text;
}
