//===- Loading.cpp - Finding and opening vendor libraries -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Goes through the names of the table until a library loads that its provider
// can use. What was refused on the way is the reason given where none can.
//
//===----------------------------------------------------------------------===//

#include "Internal.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace sevenfold::runtime;

/// Whether everybody in the process sees functions named as those that vendor
/// libraries call among themselves: a BLAS, or LibTorch, which has a oneDNN of
/// its own inside.
[[maybe_unused]] static bool areNamesTaken() {
  return dlsym(RTLD_DEFAULT, "dnnl_sgemm") ||
         dlsym(RTLD_DEFAULT, "cblas_dgemm");
}

/// Symbols stay local to the handle: two BLAS libraries in one process export
/// the same names. What the library calls is its own, too.
static void *openLocally(const char *path) {
  int flags = RTLD_NOW | RTLD_LOCAL;
#ifndef __SANITIZE_ADDRESS__ // which does not go with it
  if (areNamesTaken())
    flags |= RTLD_DEEPBIND;
#endif
  return dlopen(path, flags);
}

void *sevenfold::runtime::findSymbol(Provider &provider, const char *symbol) {
  char spelt[96];
  snprintf(spelt, sizeof spelt, "%s%s%s", provider.library->prefix, symbol,
           provider.library->suffix);
  void *address = dlsym(provider.handle, spelt);
  if (!address)
    snprintf(provider.reason, sizeof provider.reason,
             "symbol '%s' is missing from the library", spelt);
  return address;
}

/// Fills `file` of an open library, links resolved.
static void nameFile(Provider &provider) {
  link_map *map = nullptr;
  provider.file[0] = 0;
  if (dlinfo(provider.handle, RTLD_DI_LINKMAP, &map) != 0 || !map)
    return;
  char resolved[PATH_MAX];
  const char *name = realpath(map->l_name, resolved) ? resolved : map->l_name;
  snprintf(provider.file, sizeof provider.file, "%.*s",
           int(sizeof provider.file - 1), name);
}

/// Forgets all that was learnt from a library, and the library.
static void closeLibrary(Provider &provider) {
  if (provider.handle)
    dlclose(provider.handle);
  provider.handle = nullptr;
  provider.library = nullptr;
  provider.wasLoaded = false;
  provider.sgemm = nullptr;
  provider.dgemm = nullptr;
  provider.dnnlSgemm = nullptr;
  provider.setThreadsSymbol = nullptr;
  provider.version[0] = provider.remark[0] = provider.file[0] = 0;
}

bool sevenfold::runtime::openAgain(Provider &provider) {
  dlclose(provider.handle);
  provider.handle = openLocally(provider.path);
  if (provider.handle)
    return true;
  const char *message = dlerror();
  snprintf(provider.reason, sizeof provider.reason, "%s",
           message ? message : "the loader gave no reason");
  return false;
}

namespace {
/// Why a provider is absent: the first library that is there and cannot be
/// used, since its name comes first in the table.
struct Refusal {
  char text[sizeof(Provider::path) + sizeof(Provider::reason)] = {};

  void add(const char *path, const char *why) {
    if (!text[0])
      snprintf(text, sizeof text, "'%s': %s", path, why);
  }
};
} // namespace

/// Whether a message of the loader says no more than that there is no `path`.
static bool saysNotFound(const char *message, const char *path) {
  size_t length = strlen(path);
  return strncmp(message, path, length) == 0 &&
         strncmp(message + length, ": cannot open shared object file: No such",
                 strlen(": cannot open shared object file: No such")) == 0;
}

/// Opens one file and shows it to the provider.
static bool tryLibrary(Provider &provider, const LibraryName &library,
                       const char *path, bool (*accept)(Provider &provider),
                       Refusal &refusal) {
  void *before = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
  if (before)
    dlclose(before);
  provider.handle = openLocally(path);
  if (!provider.handle) {
    const char *message = dlerror();
    if (message && !saysNotFound(message, path))
      refusal.add(path, message);
    return false;
  }
  provider.wasLoaded = before != nullptr;
  provider.library = &library;
  snprintf(provider.path, sizeof provider.path, "%s", path);
  if (accept(provider)) {
    nameFile(provider);
    return true;
  }
  refusal.add(path, provider.reason);
  closeLibrary(provider);
  return false;
}

/// The same by name, and then in the folders of the table.
static bool tryPlaces(Provider &provider, const LibraryName &library,
                      bool (*accept)(Provider &provider), Refusal &refusal) {
  if (tryLibrary(provider, library, library.soname, accept, refusal))
    return true;
  for (const char *const *folder = kLibraryFolders; *folder; ++folder) {
    char path[sizeof provider.path];
    snprintf(path, sizeof path, "%s/%s", *folder, library.soname);
    if (access(path, R_OK) == 0 &&
        tryLibrary(provider, library, path, accept, refusal))
      return true;
  }
  return false;
}

static bool isLoaded(const char *soname) {
  void *handle = dlopen(soname, RTLD_LAZY | RTLD_NOLOAD);
  if (handle)
    dlclose(handle);
  return handle != nullptr;
}

bool sevenfold::runtime::openAny(Provider &provider,
                                 bool (*accept)(Provider &provider)) {
  Refusal refusal;
  const LibraryName *libraries = provider.entry->libraries;
  // A second library of a provider that the program uses itself would be a
  // second set of threads on the same cores.
  for (const LibraryName *library = libraries; library->soname; ++library)
    if (isLoaded(library->soname) &&
        tryLibrary(provider, *library, library->soname, accept, refusal))
      return true;
  for (const LibraryName *library = libraries; library->soname; ++library)
    if (tryPlaces(provider, *library, accept, refusal))
      return true;
  if (refusal.text[0]) {
    snprintf(provider.reason, sizeof provider.reason, "%s", refusal.text);
    return false;
  }
  size_t used = snprintf(provider.reason, sizeof provider.reason, "found none");
  for (const LibraryName *library = libraries;
       library->soname && used < sizeof provider.reason; ++library)
    used +=
        snprintf(provider.reason + used, sizeof provider.reason - used, "%s%s",
                 library == libraries ? " of " : ", ", library->soname);
  return false;
}
