//===- Library.cpp - A compiled function in a shared library --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function's number of parameters is known at run time only; a table holds
// one caller for each number.
//
//===----------------------------------------------------------------------===//

#include "Library.h"

#include <array>
#include <cassert>
#include <dlfcn.h>
#include <sys/stat.h>
#include <utility>

using namespace sevenfold::runner;

namespace {
template <size_t> using Pointer = void *;
using Caller = int (*)(void *function, void *const *pointers);

template <size_t... Index>
int callWith(void *function, void *const *pointers,
             std::index_sequence<Index...>) {
  return reinterpret_cast<int (*)(Pointer<Index>...)>(function)(
      pointers[Index]...);
}

template <size_t Count> int callCounted(void *function, void *const *pointers) {
  return callWith(function, pointers, std::make_index_sequence<Count>());
}

template <size_t... Count>
constexpr std::array<Caller, sizeof...(Count)>
makeCallers(std::index_sequence<Count...>) {
  return {&callCounted<Count>...};
}

constexpr auto kCallers =
    makeCallers(std::make_index_sequence<kMaxBuffers + 1>());
} // namespace

Library::~Library() {
  if (handle)
    dlclose(handle);
}

bool Library::open(const std::string &path, const std::string &name,
                   std::string &message) {
  handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle)
    function = dlsym(handle, name.c_str());
  if (function)
    return true;
  const char *reason = dlerror();
  message = reason ? reason : "cannot load '" + path + "'";
  return false;
}

int Library::call(const Arguments &arguments) const {
  assert(arguments.pointers.size() <= kMaxBuffers && "checked when parsed");
  return kCallers[arguments.pointers.size()](function,
                                             arguments.pointers.data());
}

void *Library::symbol(const char *name) const { return dlsym(handle, name); }

std::string Library::describe(int code) const {
  std::string text = "returned " + std::to_string(code);
  void *errorString = symbol("sevenfold_error_string");
  if (!errorString)
    return text;
  const char *sentence =
      reinterpret_cast<const char *(*)(int)>(errorString)(code);
  return sentence ? text + ": " + sentence : text;
}

FileIdentity sevenfold::runner::identify(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0)
    return {};
  return {status.st_dev, status.st_ino, status.st_size,
          status.st_mtim.tv_sec * int64_t(1000000000) + status.st_mtim.tv_nsec};
}
