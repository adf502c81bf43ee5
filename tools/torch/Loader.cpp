//===- Loader.cpp - The right LibTorch, or none ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What torch.ops.load_library loads. Every release of LibTorch lays its types
// out otherwise, and a library that is linked with another one brings that one
// along, which ends the process. So this one is linked with none: it asks the
// LibTorch that the process has for its version, and loads the operators beside
// it where they were built for that.
//
//===----------------------------------------------------------------------===//

#include <dlfcn.h>
#include <link.h>

#include <cstdio>
#include <cstring>
#include <string>

/// The file of LibTorch's processor part that the process has loaded, or "".
static std::string loadedTorch() {
  std::string path;
  dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *found) {
        bool isTorch = std::strstr(object->dlpi_name, "libtorch_cpu.so");
        if (isTorch)
          *static_cast<std::string *>(found) = object->dlpi_name;
        return isTorch ? 1 : 0;
      },
      &path);
  return path;
}

/// "2.4.1" of what the build settings of a LibTorch call TORCH_VERSION; ""
/// where they do not tell.
static std::string versionOf(void *torch) {
  // std::string at::show_config(), which all releases since 1.2 have.
  void *address = dlsym(torch, "_ZN2at11show_configB5cxx11Ev");
  if (!address)
    return "";
  std::string settings = reinterpret_cast<std::string (*)()>(address)();
  static const std::string key = "TORCH_VERSION=";
  size_t begin = settings.find(key);
  if (begin == std::string::npos)
    return "";
  begin += key.size();
  return settings.substr(begin, settings.find_first_of("+,\n ", begin) - begin);
}

/// Why the operators are not loaded, or "".
static std::string load() {
  std::string path = loadedTorch();
  void *torch =
      path.empty() ? nullptr : dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (!torch)
    return "there is no LibTorch in this process";
  std::string built = SEVENFOLD_TORCH_VERSION, version = versionOf(torch);
  built = built.substr(0, built.find('+'));
  if (version != built)
    return "built for LibTorch " + built + ", this is " +
           (version.empty() ? "an unknown one" : version) + ": build it anew";
  Dl_info self;
  if (!dladdr(reinterpret_cast<void *>(&load), &self))
    return "cannot tell where it lies";
  std::string folder = self.dli_fname;
  folder = folder.substr(0, folder.rfind('/') + 1);
  // Its operators stay registered: it is never unloaded.
  if (dlopen((folder + "libsevenfold-torch-operators.so").c_str(),
             RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
    return "";
  return dlerror();
}

__attribute__((constructor)) static void loadOperators() {
  std::string reason = load();
  if (!reason.empty())
    std::fprintf(stderr, "sevenfold-torch: %s\n", reason.c_str());
}
