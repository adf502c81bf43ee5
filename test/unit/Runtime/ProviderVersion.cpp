//===- ProviderVersion.cpp - Prints a provider's version -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A process of its own for ProviderTest: kernel sets are chosen once a process.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/Runtime.h"

#include <stdio.h>

int main(int argc, char **argv) {
  const char *version =
      argc == 2
          ? sevenfold_provider_version(sevenfold_provider_from_name(argv[1]))
          : nullptr;
  if (!version)
    return 1;
  puts(version);
  return 0;
}
