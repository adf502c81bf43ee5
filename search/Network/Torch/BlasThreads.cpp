//===- BlasThreads.cpp - One thread of LibTorch's BLAS --------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LibTorch is loaded as no global library, so that its BLAS is found by name
// alone.
//
//===----------------------------------------------------------------------===//

#include "search/Network/Torch/BlasThreads.h"

#include <dlfcn.h>

using SetThreads = void(int);

static SetThreads *findSetThreads() {
  void *blas = dlopen("libblas.so.3", RTLD_NOW | RTLD_NOLOAD);
  return blas ? reinterpret_cast<SetThreads *>(
                    dlsym(blas, "openblas_set_num_threads"))
              : nullptr;
}

void sevenfold::useOneBlasThread() {
  static SetThreads *const setThreads = findSetThreads();
  if (setThreads)
    setThreads(1);
}
