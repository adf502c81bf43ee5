//===- OneCall.cpp - One GPU call in a process of its own -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linked with the runtime alone, as a compiled library is: prints the status of
// an empty call and its sentence, and what cuBLASLt there is. With an argument
// nothing is given back before the process ends.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/GpuRuntime.h"

#include <stdio.h>

int main(int count, char **) {
  static const char image[] = ".version 7.8\n.target sm_70\n";
  sevenfold_gpu_call_begin(image, sizeof image, 4096, 1);
  int status = sevenfold_gpu_call_end();
  printf("%d %s\n", status, sevenfold_error_string(status));
  const char *version = sevenfold_gpu_cublaslt_version();
  printf("cublaslt %s\n", version ? version : "absent");
  if (count == 1)
    sevenfold_gpu_release();
  return 0;
}
