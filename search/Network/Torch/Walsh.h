//===- Walsh.h - The Walsh transform of grids -------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What leads from functions of the arguments of a trilinear form to functions
// of rank-one terms, and back.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_TORCH_WALSH_H
#define SEVENFOLD_SEARCH_NETWORK_TORCH_WALSH_H

#include <torch/torch.h>

namespace sevenfold {

/// (H f)(u) = sum_x (-1)^<x, u> f(x) in the last three modes of f, [channels,
/// N, A, B, C] with sizes one below powers of two (x = 0 has no place), divided
/// by the root of the size of the whole group. Its own transpose;
/// differentiable.
torch::Tensor walsh(const torch::Tensor &f);

/// The same by products with the matrices of the three modes, which are kept:
/// for devices whose memory code here does not see.
torch::Tensor walshByProducts(torch::Tensor f);

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_TORCH_WALSH_H
