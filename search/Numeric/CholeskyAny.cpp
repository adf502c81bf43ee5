//===- CholeskyAny.cpp - Cholesky kernels for any processor ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Eigen with what every processor of the architecture has.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/EigenKernels.h"

const sevenfold::CholeskyKernels sevenfold::kCholeskyKernels = {
    multiplyInto, factorInPlace, solveInPlace, invertInPlace};
