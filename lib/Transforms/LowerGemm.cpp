//===- LowerGemm.cpp - sevenfold-lower-gemm -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of our own, of operands or of sums of their blocks, become calls of
// one private function for each distinct shape, layout, type and sums, and for
// what follows them.
//
//===----------------------------------------------------------------------===//

#include "GemmEpilogue.h"
#include "GemmLoops.h"
#include "PanelFolder.h"
#include "Slices.h"

#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/SymbolTable.h"

namespace sevenfold {
#define GEN_PASS_DEF_LOWERGEMMPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-lower-gemm"

using namespace mlir;
using namespace sevenfold;

/// Products that follow each other and add to the same C: one, or those of a
/// fused level.
using ProductRun = SmallVector<Operation *>;

/// Whether products multiply blocks of the same operands.
static bool areOfOneLevel(Operation *left, Operation *right) {
  auto l = dyn_cast<FusedGemmOp>(left), r = dyn_cast<FusedGemmOp>(right);
  return l && r && l->getOperands() == r->getOperands() &&
         l.getGrid() == r.getGrid() && l.getTransposeA() == r.getTransposeA() &&
         l.getTransposeB() == r.getTransposeB() && l.getSlab() == r.getSlab() &&
         l.getTogether() == r.getTogether();
}

static SmallVector<ProductRun> collectRuns(ModuleOp module) {
  SmallVector<ProductRun> runs;
  module.walk([&](Operation *op) {
    if (!isOwnProduct(op))
      return;
    if (!runs.empty() && runs.back().back()->getNextNode() == op &&
        areOfOneLevel(runs.back().back(), op))
      runs.back().push_back(op);
    else
      runs.push_back({op});
  });
  return runs;
}

/// Whether every element of C is in a block that a product of the run adds to.
static bool coversC(const ProductRun &run) {
  DenseSet<std::pair<int64_t, int64_t>> seen;
  int64_t covered = 0;
  auto c = cast<MemRefType>(run.front()->getOperand(2).getType());
  bool isStatic = c.hasStaticShape();
  for (Operation *op : run)
    for (const GemmBlock &block : productOf(op).c)
      if (seen.insert({block.gridRow, block.gridColumn}).second && isStatic)
        covered += block.rows * block.columns;
  if (isStatic)
    return covered == c.getNumElements();
  // All blocks are there.
  std::array<int64_t, 3> grid = productOf(run.front()).grid;
  return int64_t(seen.size()) == grid[0] * grid[2];
}

/// Whether `product` can be multiplied together with those of the nest: they
/// are as deep, and it overwrites nothing of theirs.
static bool canJoin(const GemmNest &nest, const GemmProduct &product) {
  auto writes = [&](const GemmBlock &block) {
    return llvm::any_of(nest.products, [&](const GemmProduct &other) {
      return llvm::any_of(other.c, [&](const GemmBlock &written) {
        return written.gridRow == block.gridRow &&
               written.gridColumn == block.gridColumn;
      });
    });
  };
  return nest.front().size.k == product.size.k &&
         llvm::all_of(product.c, [&](const GemmBlock &block) {
           return block.accumulates || !writes(block);
         });
}

/// The products of a run in the order of their work, which follows the last of
/// them that adds to a block. Those that a plan wants together are in one nest.
static std::vector<GemmNest> nestsOf(const ProductRun &run,
                                     linalg::GenericOp epilogue) {
  std::vector<GemmNest> nests;
  for (Operation *op : run) {
    auto fused = dyn_cast<FusedGemmOp>(op);
    GemmProduct product = productOf(op);
    if (nests.empty() || !fused || !fused.getTogether() ||
        !canJoin(nests.back(), product))
      nests.push_back({{}, epilogue});
    nests.back().products.push_back(std::move(product));
  }
  DenseSet<std::pair<int64_t, int64_t>> later;
  for (GemmNest &nest : llvm::reverse(nests)) {
    bool isLast = false;
    for (GemmProduct &product : llvm::reverse(nest.products))
      for (GemmBlock &block : product.c) {
        block.isLast = later.insert({block.gridRow, block.gridColumn}).second;
        isLast |= block.isLast;
      }
    if (!isLast)
      nest.epilogue = {};
  }
  return nests;
}

namespace {
struct LowerGemmPass : sevenfold::impl::LowerGemmPassBase<LowerGemmPass> {
  using LowerGemmPassBase::LowerGemmPassBase;
  LowerGemmPass(const LowerGemmPassOptions &options, SumsObserver observer)
      : LowerGemmPassBase(options), observer(std::move(observer)) {}

  void runOnOperation() override {
    if (!llvm::isPowerOf2_64(vectorBytes) || vectorBytes < 8) {
      emitError(getOperation().getLoc(),
                "expected a power of two of at least 8 as 'vector-bytes'");
      return signalPassFailure();
    }
    collapseElementwise(getOperation());
    if (foldBytes > 0)
      inlineConstants(getOperation());
    SymbolTable symbols(getOperation());
    PanelFolder folder(getOperation(), symbols, foldBytes, observer);
    Functions functions;
    // Kept to compare others with.
    SmallVector<Operation *> done;
    for (const ProductRun &run : collectRuns(getOperation())) {
      linalg::GenericOp epilogue =
          coversC(run) ? findEpilogue(run.back()) : linalg::GenericOp();
      OpBuilder builder(epilogue ? epilogue.getOperation() : run.front());
      for (const GemmNest &nest : nestsOf(run, epilogue))
        lower(builder, nest, folder, symbols, functions);
      for (Operation *op : run)
        op->erase();
      if (epilogue) {
        epilogue->remove();
        done.push_back(epilogue);
      }
    }
    for (Operation *op : done)
      op->destroy();
    folder.eraseUnread();
  }

private:
  struct Function {
    func::FuncOp function;
    linalg::GenericOp epilogue;
    Value c; ///< as the epilogue knows it
  };
  /// By types and what the products say; those of one key differ in what
  /// follows.
  using Functions = DenseMap<Attribute, SmallVector<Function, 1>>;

  Attribute keyOf(const GemmNest &nest, ArrayRef<Value> operands) {
    Builder attributes(&getContext());
    SmallVector<Attribute> parts = {
        attributes.getBoolAttr(static_cast<bool>(nest.epilogue))};
    for (Value operand : operands)
      parts.push_back(TypeAttr::get(passedType(operand)));
    for (const GemmProduct &product : nest.products) {
      parts.push_back(product.op->getPropertiesAsAttribute());
      parts.push_back(product.op->getName().getIdentifier());
      for (const GemmBlock &block : product.c)
        parts.push_back(attributes.getBoolAttr(nest.epilogue && block.isLast));
    }
    return attributes.getArrayAttr(parts);
  }

  static Type passedType(Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    return type && type.getRank() == 2 && type.isLastDimUnitStride()
               ? rowStridedType(type)
               : operand.getType();
  }

  void lower(OpBuilder &builder, const GemmNest &nest, PanelFolder &folder,
             SymbolTable &symbols, Functions &functions) {
    const GemmProduct &product = nest.front();
    if (product.size.m == 0 || product.size.n == 0)
      return;
    Location loc = product.op->getLoc();
    auto slab = product.op->getAttrOfType<IntegerAttr>("slab");
    GemmBlocking blocking = chooseBlocking(product, nest.products.size(),
                                           {vectorBytes, cacheBytes, threads},
                                           slab ? slab.getInt() : 0);
    SmallVector<Value> b = folder.fold(builder, nest.products, blocking);
    if (b.empty())
      b = {product.op->getOperand(1)};
    else
      blocking.packsBInTasks = false;
    // A, B or its panels, C, and what the epilogue reads and writes beside it.
    Value c = product.op->getOperand(2);
    SmallVector<Value> operands = {product.op->getOperand(0)};
    llvm::append_range(operands, b);
    operands.push_back(c);
    if (nest.epilogue)
      for (Value operand : nest.epilogue->getOperands())
        if (operand != c)
          operands.push_back(operand);
    auto &alike = functions[keyOf(nest, operands)];
    func::FuncOp function;
    for (const Function &it : alike)
      if (!nest.epilogue || areAlike(it.epilogue, it.c, nest.epilogue, c))
        function = it.function;
    if (!function) {
      function = create(nest, operands, blocking, symbols);
      alike.push_back({function, nest.epilogue, c});
    }
    SmallVector<Value> passed;
    for (auto [operand, type] :
         llvm::zip_equal(operands, function.getArgumentTypes()))
      passed.push_back(operand.getType() == type
                           ? operand
                           : memref::CastOp::create(builder, loc, type, operand)
                                 .getResult());
    func::CallOp::create(builder, loc, function, passed);
  }

  func::FuncOp create(const GemmNest &nest, ArrayRef<Value> operands,
                      const GemmBlocking &blocking, SymbolTable &symbols) {
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(getOperation().getBody());
    Location loc = nest.front().op->getLoc();
    SmallVector<Type> types = llvm::map_to_vector(operands, passedType);
    auto function = func::FuncOp::create(builder, loc, "sevenfold_product",
                                         builder.getFunctionType(types, {}));
    function.setPrivate();
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    GemmBuffers buffers;
    auto next = body->args_begin();
    buffers.a = *next++;
    buffers.hasPanelsOfB = cast<MemRefType>((*next).getType()).getRank() == 1;
    for (size_t i = 0, e = buffers.hasPanelsOfB ? nest.products.size() : 1;
         i < e; ++i)
      buffers.b.push_back(*next++);
    Value c = operands[1 + buffers.b.size()];
    buffers.c = *next++;
    if (nest.epilogue)
      for (Value operand : nest.epilogue->getOperands())
        buffers.epilogue.push_back(operand == c ? buffers.c : Value(*next++));
    emitGemmLoops(builder, nest, buffers, blocking);
    builder.setInsertionPointToEnd(body);
    func::ReturnOp::create(builder, loc);
    return function;
  }

  SumsObserver observer;
};
} // namespace

std::unique_ptr<Pass>
sevenfold::createLowerGemmPass(const LowerGemmPassOptions &options,
                               SumsObserver observer) {
  return std::make_unique<LowerGemmPass>(options, std::move(observer));
}
