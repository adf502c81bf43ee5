//===- MemoryLimit.cpp - What control groups leave ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A process that takes more than its control group has is killed, not refused.
// Both hierarchies are read: memory.max of version 2, memory.limit_in_bytes of
// version 1 (the kernel's admin-guide/cgroup-v2 and cgroup-v1/memory).
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

using namespace sevenfold::runtime;

namespace {
/// The files of one version of control groups.
struct Hierarchy {
  const char *mounts[3]; ///< below the root; null-terminated
  const char *limit, *used;
  /// Lines of memory.stat: pages of files, which the kernel takes back.
  const char *files[2];
};
} // namespace

static constexpr Hierarchy kVersion1 = {
    {"/memory", nullptr},
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    {"total_active_file ", "total_inactive_file "}};
static constexpr Hierarchy kVersion2 = {{"", "/unified", nullptr},
                                        "memory.max",
                                        "memory.current",
                                        {"active_file ", "inactive_file "}};

static FILE *openIn(const char *folder, const char *name) {
  char path[1200];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= int(sizeof path))
    return nullptr;
  return fopen(path, "re");
}

/// The number in a file; -1 where there is none, as in "max".
static int64_t readNumber(const char *folder, const char *name) {
  FILE *file = openIn(folder, name);
  if (!file)
    return -1;
  int64_t number = -1;
  if (fscanf(file, "%" SCNd64, &number) != 1)
    number = -1;
  fclose(file);
  return number;
}

static int64_t fileBytes(const char *folder, const Hierarchy &hierarchy) {
  FILE *file = openIn(folder, "memory.stat");
  if (!file)
    return 0;
  int64_t bytes = 0;
  for (char line[128]; fgets(line, sizeof line, file);)
    for (const char *name : hierarchy.files) {
      int64_t number;
      if (strncmp(line, name, strlen(name)) == 0 &&
          sscanf(line + strlen(name), "%" SCNd64, &number) == 1)
        bytes += number;
    }
  fclose(file);
  return bytes;
}

/// Takes into account what the group in `folder` is allowed and has used.
static void addGroup(const char *folder, const Hierarchy &hierarchy,
                     MemoryLimit &limit) {
  int64_t allowed = readNumber(folder, hierarchy.limit);
  if (allowed < 0 || allowed >= limit.kNone)
    return;
  int64_t used = readNumber(folder, hierarchy.used);
  int64_t room = allowed - (used < 0 ? 0 : used) + fileBytes(folder, hierarchy);
  room = room < 0 ? 0 : room > allowed ? allowed : room;
  limit.allowed = allowed < limit.allowed ? allowed : limit.allowed;
  limit.room = room < limit.room ? room : limit.room;
}

/// The same for a group and all that it lies in. Where the path is seen from
/// outside of a container, the groups above that are seen count.
static void addGroups(const char *root, const char *path,
                      const Hierarchy &hierarchy, MemoryLimit &limit) {
  for (const char *const *mount = hierarchy.mounts; *mount; ++mount) {
    char folder[1100];
    size_t top = snprintf(folder, sizeof folder, "%s%s", root, *mount);
    if (top + strlen(path) >= sizeof folder)
      continue;
    strcpy(folder + top, path);
    for (;;) {
      addGroup(folder, hierarchy, limit);
      char *slash = strrchr(folder + top, '/');
      if (!slash)
        break;
      *slash = 0;
    }
  }
}

/// Whether a comma-separated list has "memory".
static bool namesMemory(const char *controllers, size_t length) {
  for (const char *end = controllers + length; controllers < end;) {
    size_t word = strcspn(controllers, ",:");
    if (word == strlen("memory") && strncmp(controllers, "memory", word) == 0)
      return true;
    controllers += word + 1;
  }
  return false;
}

MemoryLimit sevenfold::runtime::memoryLimit(const char *groups,
                                            const char *root) {
  MemoryLimit limit;
  FILE *file = fopen(groups, "re");
  if (!file)
    return limit;
  // "4:memory:/path" of version 1, "0::/path" of version 2.
  for (char line[1024]; fgets(line, sizeof line, file);) {
    line[strcspn(line, "\n")] = 0;
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : nullptr;
    if (!path)
      continue;
    size_t length = path - ++controllers;
    ++path;
    if (length == 0)
      addGroups(root, path, kVersion2, limit);
    else if (namesMemory(controllers, length))
      addGroups(root, path, kVersion1, limit);
  }
  fclose(file);
  return limit;
}

MemoryLimit sevenfold::runtime::memoryLimit() {
  return memoryLimit("/proc/self/cgroup", "/sys/fs/cgroup");
}
