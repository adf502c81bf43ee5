//===- consumer.cpp - A program that uses an installed Sevenfold ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks a scheme up and composes it with itself.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"

#include <cstdio>

int main() {
  auto strassen = sevenfold::lookupScheme("2x2x2-r7");
  if (!strassen)
    return 1;
  auto twice = sevenfold::tensorProduct(*strassen, *strassen);
  if (!twice || twice->rank() != 49)
    return 1;
  std::printf("%u products\n", twice->rank());
  return 0;
}
