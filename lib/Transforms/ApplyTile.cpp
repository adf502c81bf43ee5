//===- ApplyTile.cpp - sevenfold-apply-tile -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the products with a weight and puts a tile operator in their place.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Transforms/ApplyTile.h"

#include "TileEmitter.h"
#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Contraction.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

namespace sevenfold {
#define GEN_PASS_DEF_APPLYTILEPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-apply-tile"

using namespace mlir;
using namespace sevenfold;

/// Empty where a contraction is a product that the operator is for.
static std::string checkProduct(const Contraction &product,
                                const TileOperator &tile) {
  const Workload &w = product.workload;
  if (w.k != tile.inner || w.n != tile.columns)
    return llvm::formatv("expected a weight of {0}x{1} but the product's is "
                         "{2}x{3}",
                         tile.inner, tile.columns, w.k, w.n);
  if (w.type != tile.encoded.type || w.resultType() != tile.encoded.type)
    return llvm::formatv("expected a product of {0}, the type of the encoded "
                         "weights, but got {1}",
                         stringifyElementType(tile.encoded.type), w.typeText());
  if (!product.loops.empty())
    return "the product is a batch: its rows have to be dimensions side by "
           "side";
  int64_t sample = tile.sampleRows == 0 ? w.m : tile.sampleRows,
          t = tile.tile();
  if (w.m < t)
    return llvm::formatv("{0} rows are fewer than a tile's {1}", w.m, t);
  // The bias is of tiles all of whose rows are there.
  if (tile.bias && w.m % t != 0)
    return llvm::formatv("{0} rows are no multiple of {1}, which an operator "
                         "with a bias needs",
                         w.m, t);
  if (w.m % sample != 0)
    return llvm::formatv("{0} rows are no whole samples of {1}", w.m, sample);
  if (w.m > sample && sample % t != 0)
    return llvm::formatv("samples of {0} rows cannot be cut into {1} parts",
                         sample, t);
  return "";
}

FailureOr<Value> sevenfold::applyTileOperator(RewriterBase &rewriter,
                                              linalg::LinalgOp op,
                                              const TileOperator &tile,
                                              const TileConstants &constants,
                                              std::string &reason) {
  normalizeAccumulator(rewriter, op);
  FailureOr<Contraction> product = matchContraction(op, reason);
  if (failed(product))
    return failure();
  reason = checkProduct(*product, tile);
  if (!reason.empty())
    return failure();
  op = normalizeContraction(rewriter, op, *product);
  product = matchContraction(op, reason);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  const Workload &w = product->workload;
  Value x = product->a;
  if (w.layoutA == Layout::Transposed) {
    Value target = tensor::EmptyOp::create(rewriter, op.getLoc(), {w.m, w.k},
                                           product->elementType);
    x = linalg::TransposeOp::create(rewriter, op.getLoc(), x, target,
                                    ArrayRef<int64_t>{1, 0})
            ->getResult(0);
  }
  TileEmitter emitter(rewriter, op.getLoc(), tile, constants,
                      product->elementType);
  Value result =
      emitter.emit(x, product->init, w.accumulation == Accumulation::Accumulate,
                   tile.sampleRows == 0 ? w.m : tile.sampleRows);
  rewriter.replaceOp(op, result);
  return result;
}

static void emitRemark(Location loc, func::FuncOp function,
                       const Workload &workload, const TileOperator &tile,
                       StringRef file) {
  auto remark = remark::passed(loc, remark::RemarkOpts::name("TileApplied")
                                        .category(DEBUG_TYPE)
                                        .function(function.getName()));
  if (!remark)
    return;
  remark << remark::metric("m", workload.m) << remark::metric("k", workload.k)
         << remark::metric("n", workload.n)
         << remark::metric("tile", int64_t(tile.tile()))
         << remark::metric("rank", int64_t(tile.rank()))
         << remark::metric("layout", stringifyTileLayout(tile.layout))
         << remark::metric("flops_ratio", tile.flopsRatio())
         << remark::metric("relative_error", tile.error())
         << remark::metric("file", file);
}

static Value makeConstant(OpBuilder &builder, Location loc,
                          const NpyArray &array, StringRef name) {
  Type element = array.type == ElementType::F32 ? builder.getF32Type()
                                                : Type(builder.getF64Type());
  auto type = RankedTensorType::get(array.shape, element);
  ArrayRef<char> bytes(static_cast<const char *>(array.data()),
                       array.numBytes());
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      bytes, /*align=*/64, /*dataIsMutable=*/false);
  return arith::ConstantOp::create(
      builder, loc, type,
      cast<TypedAttr>(
          DenseResourceElementsAttr::get(type, name, std::move(blob))));
}

/// What brought the weight into the form of an operand, transpositions and
/// casts, is dead when its products are gone.
static void eraseDeadUsers(RewriterBase &rewriter, Value weight) {
  llvm::SetVector<Operation *> users(weight.user_begin(), weight.user_end());
  for (size_t i = 0; i < users.size(); ++i)
    for (Value result : users[i]->getResults())
      users.insert(result.user_begin(), result.user_end());
  // Until nothing changes: an operation dies after what uses it.
  for (bool changed = true; changed;) {
    changed = false;
    for (Operation *user : llvm::to_vector(users))
      if (user->getNumResults() > 0 && isOpTriviallyDead(user)) {
        users.remove(user);
        rewriter.eraseOp(user);
        changed = true;
      }
  }
}

FailureOr<unsigned> sevenfold::applyTileToArgument(func::FuncOp function,
                                                   unsigned argument,
                                                   const TileOperator &tile,
                                                   StringRef file,
                                                   std::string &reason) {
  Value weight = function.getArgument(argument);
  SmallVector<std::pair<linalg::LinalgOp, Workload>> products;
  function.walk([&](linalg::LinalgOp op) {
    std::string none;
    FailureOr<Contraction> product = matchContraction(op, none);
    if (succeeded(product) && product->b == weight)
      products.push_back({op, product->workload});
  });
  if (products.empty()) {
    reason = llvm::formatv("argument {0} of '{1}' is the right operand of no "
                           "matmul of static sizes",
                           argument, function.getName());
    return failure();
  }
  IRRewriter rewriter(function.getContext());
  rewriter.setInsertionPointToStart(&function.getBody().front());
  std::string name = llvm::formatv("{0}_{1}", function.getName(), argument);
  TileConstants constants;
  constants.encoded =
      makeConstant(rewriter, function.getLoc(), tile.encoded, name + "_tile");
  if (tile.bias)
    constants.bias =
        makeConstant(rewriter, function.getLoc(), *tile.bias, name + "_bias");
  for (auto &[op, workload] : products) {
    Location loc = op.getLoc();
    if (failed(applyTileOperator(rewriter, op, tile, constants, reason)))
      return failure();
    emitRemark(loc, function, workload, tile, file);
  }
  eraseDeadUsers(rewriter, weight);
  if (!weight.use_empty()) {
    reason = llvm::formatv("argument {0} of '{1}' has other uses than as the "
                           "right operand of matmuls",
                           argument, function.getName());
    return failure();
  }
  return unsigned(products.size());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ApplyTilePass : sevenfold::impl::ApplyTilePassBase<ApplyTilePass> {
  using ApplyTilePassBase::ApplyTilePassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto fail = [&](const Twine &text) {
      emitError(module.getLoc(), DEBUG_TYPE ": ") << text;
      signalPassFailure();
    };
    auto callee = module.lookupSymbol<func::FuncOp>(function);
    if (!callee || callee.isExternal())
      return fail("there is no function '" + function.getValue() +
                  "' with a body");
    if (argument >= callee.getNumArguments())
      return fail("'" + function.getValue() + "' has no argument " +
                  Twine(argument.getValue()));
    llvm::Expected<TileOperator> tile = readTileOperator(file);
    if (!tile)
      return fail(llvm::toString(tile.takeError()));
    double accepted = std::max<double>(maxRelativeError, kRoundingError);
    if (!(tile->error() <= accepted))
      return fail(llvm::formatv("{0}: its relative error {1:e2} is above "
                                "'max-relative-error', {2:e2}",
                                file.getValue(), tile->error(),
                                maxRelativeError.getValue())
                      .str());
    std::string reason;
    if (failed(applyTileToArgument(callee, argument, *tile, file, reason)))
      return fail(reason);
  }
};
} // namespace
