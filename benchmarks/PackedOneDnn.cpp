//===- PackedOneDnn.cpp - oneDNN with weights packed before ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library with one function, `int matmul(const float *x, float *y)`, y = x w,
// for compiled-libraries: a tile operator's weight is encoded before anything
// is timed, so that a library may pack its weight before as well. oneDNN
// chooses the layout and packs into it on the first call. By environment:
//
//   SEVENFOLD_PACKED_ROWS    rows of x
//   SEVENFOLD_PACKED_WEIGHT  .npy file of w, f32
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Npy.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <dnnl.hpp>
#include <memory>

using namespace sevenfold;

namespace {
using Type = dnnl::memory::data_type;
using Tag = dnnl::memory::format_tag;

/// y = x w with a packed w.
class PackedProduct {
public:
  PackedProduct(int64_t rows, NpyArray &weight)
      : engine(dnnl::engine::kind::cpu, 0), stream(engine) {
    int64_t inner = weight.shape[0], columns = weight.shape[1];
    dnnl::memory::desc plain({inner, columns}, Type::f32, Tag::ab);
    dnnl::matmul::primitive_desc description(
        {{{rows, inner}, Type::f32, Tag::ab},
         {{inner, columns}, Type::f32, Tag::any},
         {{rows, columns}, Type::f32, Tag::ab}},
        engine);
    x = dnnl::memory(description.src_desc(), engine, nullptr);
    y = dnnl::memory(description.dst_desc(), engine, nullptr);
    w = dnnl::memory(description.weights_desc(), engine);
    dnnl::memory given(plain, engine, weight.data());
    dnnl::reorder(given, w).execute(stream, given, w);
    stream.wait();
    product = dnnl::matmul(description);
  }

  void operator()(const float *from, float *to) {
    x.set_data_handle(const_cast<float *>(from));
    y.set_data_handle(to);
    product.execute(
        stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}});
    stream.wait();
  }

private:
  dnnl::engine engine;
  dnnl::stream stream;
  dnnl::memory x, w, y;
  dnnl::matmul product;
};
} // namespace

/// The product that the environment names; null, said, where it names none.
static std::unique_ptr<PackedProduct> makeProduct() {
  const char *rows = std::getenv("SEVENFOLD_PACKED_ROWS"),
             *path = std::getenv("SEVENFOLD_PACKED_WEIGHT");
  int64_t count = 0;
  if (!rows || !path || llvm::StringRef(rows).getAsInteger(10, count)) {
    llvm::errs() << "packed-onednn: SEVENFOLD_PACKED_ROWS and _WEIGHT are to "
                    "be set\n";
    return nullptr;
  }
  auto weight = readNpy(path);
  if (!weight) {
    llvm::errs() << "packed-onednn: " << llvm::toString(weight.takeError())
                 << "\n";
    return nullptr;
  }
  if (weight->type != ElementType::F32 || weight->shape.size() != 2) {
    llvm::errs() << "packed-onednn: " << path << " is no matrix of f32\n";
    return nullptr;
  }
  return std::make_unique<PackedProduct>(count, *weight);
}

extern "C" int matmul(const float *x, float *y) {
  static std::unique_ptr<PackedProduct> product = makeProduct();
  if (!product)
    return 1;
  (*product)(x, y);
  return 0;
}
