//===- NormalMatrix.cpp - Random matrices for measuring -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// normal-matrix ROWS COLUMNS SEED FILE.npy: N(0,1) numbers in f32.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Npy.h"
#include "sevenfold/Support/Random.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

using namespace sevenfold;

int main(int argc, char **argv) {
  if (argc != 5) {
    llvm::errs() << "usage: normal-matrix ROWS COLUMNS SEED FILE.npy\n";
    return 2;
  }
  auto array = makeNpyArray(ElementType::F32,
                            {std::atoll(argv[1]), std::atoll(argv[2])});
  if (!array) {
    llvm::errs() << llvm::toString(array.takeError()) << "\n";
    return 2;
  }
  Random random(std::strtoull(argv[3], nullptr, 10));
  auto *values = static_cast<float *>(array->data());
  for (int64_t i = 0; i < array->numElements(); ++i)
    values[i] = float(random.normal());
  if (llvm::Error error = writeNpy(argv[4], *array)) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return 2;
  }
  return 0;
}
