//===- CholeskyAvx2.cpp - Cholesky kernels for AVX2 -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Eigen with AVX2 and FMA, under another name. Compiled with -mavx2 -mfma.
//
//===----------------------------------------------------------------------===//

#define Eigen EigenAvx2
#include "search/Numeric/EigenKernels.h"

const sevenfold::CholeskyKernels sevenfold::kCholeskyKernelsAvx2 = {
    multiplyInto, factorInPlace, solveInPlace, invertInPlace};
