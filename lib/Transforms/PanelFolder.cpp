//===- PanelFolder.cpp - Panels of weights, packed when compiling ---------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums are formed as GemmPacker forms them, in the type of C, in the order of
// their terms and with zeros beyond the ends of blocks: results are equal bit
// for bit. (This file is compiled without contraction to fused multiply-add,
// which the emitted code does not use for sums either.)
//
//===----------------------------------------------------------------------===//

#include "PanelFolder.h"

#include "ConstantData.h"
#include "GemmPacking.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/SetVector.h"

#define DEBUG_TYPE "sevenfold-lower-gemm"

using namespace mlir;
using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

namespace {
/// A number of 16 bits, in memory.
template <bool isBrain> struct Half {
  uint16_t bits;
  operator float() const {
    const llvm::fltSemantics &semantics =
        isBrain ? llvm::APFloat::BFloat() : llvm::APFloat::IEEEhalf();
    return llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToFloat();
  }
};

/// Fills panels of `To` with sums of blocks of `From`.
template <typename From, typename To> class PanelWriter {
public:
  PanelWriter(const GemmProduct &product, const GemmBlocking &blocking,
              const From *elements, int64_t rowLength)
      : product(product), blocking(blocking),
        layout(PackLayout::ofB(product, blocking)), elements(elements),
        rowLength(rowLength) {}

  void write(To *panels) const {
    for (int64_t slab = 0; slab < blocking.slabs; ++slab)
      for (int64_t panel = 0; panel < blocking.panels; ++panel)
        for (const GemmBlock &block : product.b)
          addBlock(block, &block == product.b.begin(), slab, panel,
                   panels + (slab * blocking.panels + panel) * layout.stride);
  }

private:
  static To scaled(To value, double coefficient) {
    if (coefficient == 1)
      return value;
    if constexpr (std::is_floating_point_v<To>) {
      if (coefficient == -1)
        return -value;
      return value * To(coefficient);
    }
    return value * To(static_cast<int64_t>(coefficient));
  }

  void addBlock(const GemmBlock &block, bool isFirst, int64_t slab,
                int64_t panel, To *out) const {
    int64_t k = slab * blocking.depth,
            depth = llvm::alignTo(std::min(blocking.depth, product.size.k - k),
                                  kDepthStep);
    for (int64_t at = 0; at < depth; ++at)
      for (int64_t across = 0; across < layout.panelWidth; ++across) {
        int64_t row = k + at, column = panel * layout.panelWidth + across;
        if (product.transposeB)
          std::swap(row, column);
        To value = 0;
        if (row < block.rows && column < block.columns)
          value = To(
              elements[(block.row + row) * rowLength + block.column + column]);
        value = scaled(value, block.coefficient);
        To &sum = out[at * layout.panelWidth + across];
        sum = isFirst ? value : sum + value;
      }
  }

  const GemmProduct &product;
  const GemmBlocking &blocking;
  PackLayout layout;
  const From *elements;
  int64_t rowLength;
};
} // namespace

template <typename From, typename To>
static void writePanels(const GemmProduct &product,
                        const GemmBlocking &blocking, const char *elements,
                        int64_t rowLength, MutableArrayRef<char> panels) {
  PanelWriter<From, To>(product, blocking,
                        reinterpret_cast<const From *>(elements), rowLength)
      .write(reinterpret_cast<To *>(panels.data()));
}

static void writePanels(const GemmProduct &product,
                        const GemmBlocking &blocking, const char *elements,
                        int64_t rowLength, MutableArrayRef<char> panels) {
  auto write = [&](auto from, auto to) {
    writePanels<decltype(from), decltype(to)>(product, blocking, elements,
                                              rowLength, panels);
  };
  // Integers wrap.
  if (product.from.isInteger(8))
    write(int8_t(), uint32_t());
  else if (product.from.isInteger(32))
    write(int32_t(), uint32_t());
  else if (product.from.isF16())
    write(Half<false>(), float());
  else if (product.from.isBF16())
    write(Half<true>(), float());
  else if (product.from.isF32())
    write(float(), float());
  else
    write(double(), double());
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static std::optional<ConstantRows> findConstant(Value buffer) {
  while (auto cast = buffer.getDefiningOp<memref::CastOp>())
    buffer = cast.getSource();
  SmallVector<int64_t> strides;
  ConstantRows rows;
  if (failed(cast<MemRefType>(buffer.getType())
                 .getStridesAndOffset(strides, rows.offset)) ||
      ShapedType::isDynamic(rows.offset) || strides.size() != 2 ||
      ShapedType::isDynamic(strides[0]) || strides[1] != 1)
    return std::nullopt;
  rows.rowLength = strides[0];
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>()) {
    if (!isa<memref::SubViewOp, memref::CastOp, memref::CollapseShapeOp,
             memref::ExpandShapeOp>(view))
      return std::nullopt;
    buffer = view.getViewSource();
  }
  auto get = buffer.getDefiningOp<memref::GetGlobalOp>();
  if (!get)
    return std::nullopt;
  rows.global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      get, get.getNameAttr());
  if (!rows.global || !rows.global.getConstant() ||
      !isa_and_nonnull<ElementsAttr>(rows.global.getInitialValueAttr()) ||
      !rows.global.getType().getLayout().isIdentity())
    return std::nullopt;
  return rows;
}

/// Whether a product in the body of `function` has a constant for B where
/// arguments are `operands`.
static bool multipliesConstant(func::FuncOp function, OperandRange operands) {
  return function
      .walk([&](Operation *op) {
        if (!isOwnProduct(op))
          return WalkResult::advance();
        auto b = dyn_cast<BlockArgument>(op->getOperand(1));
        return b && b.getOwner() == &function.getBody().front() &&
                       findConstant(operands[b.getArgNumber()])
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Calls that are taken apart at most: functions that call each other would
/// never end, and are refused later.
static constexpr unsigned kMostInlined = 4096;

void sevenfold::inlineConstants(ModuleOp module) {
  SmallVector<func::CallOp> calls;
  auto collect = [&](Operation *op) {
    op->walk([&](func::CallOp call) { calls.push_back(call); });
  };
  collect(module);
  llvm::SetVector<Operation *> inlined;
  for (unsigned count = 0; !calls.empty() && count < kMostInlined;) {
    func::CallOp call = calls.pop_back_val();
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    if (!callee || !callee.isPrivate() || !callee.getBody().hasOneBlock() ||
        callee->isAncestor(call) ||
        !multipliesConstant(callee, call.getOperands()))
      continue;
    ++count;
    OpBuilder builder(call);
    IRMapping mapping;
    mapping.map(callee.getArguments(), call.getOperands());
    Block &body = callee.getBody().front();
    for (Operation &op : body.without_terminator())
      collect(builder.clone(op, mapping));
    for (auto [result, returned] : llvm::zip_equal(
             call.getResults(), body.getTerminator()->getOperands()))
      result.replaceAllUsesWith(mapping.lookupOrDefault(returned));
    call.erase();
    inlined.insert(callee);
  }
  for (Operation *callee : inlined)
    if (SymbolTable::symbolKnownUseEmpty(callee, module))
      callee->erase();
}

/// The bytes of all panels that a product packs of B.
static int64_t panelBytes(const GemmProduct &product,
                          const GemmBlocking &blocking) {
  return blocking.slabs * blocking.panels *
         PackLayout::ofB(product, blocking).stride *
         (product.to.getIntOrFloatBitWidth() / 8);
}

/// What products that pack alike have in common.
static std::string keyOf(const GemmProduct &product, ConstantRows rows,
                         const GemmBlocking &blocking) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << rows.global.getSymName() << ' ' << rows.offset << ' ' << rows.rowLength
      << ' ' << product.transposeB << ' ' << product.size.n << ' '
      << product.size.k << ' ' << blocking.lanes << ' ' << blocking.tileColumns
      << ' ' << blocking.depth << ' ' << product.to;
  for (const GemmBlock &block : product.b)
    out << ", " << block.row << ' ' << block.column << ' ' << block.rows << ' '
        << block.columns << ' ' << llvm::bit_cast<uint64_t>(block.coefficient);
  return key;
}

//===----------------------------------------------------------------------===//
// PanelFolder
//===----------------------------------------------------------------------===//

PanelFolder::PanelFolder(ModuleOp module, SymbolTable &symbols, int64_t limit,
                         SumsObserver observer)
    : module(module), symbols(symbols), limit(limit),
      left(limit - foldedBytes(module)), observer(std::move(observer)) {}

SmallVector<Value> PanelFolder::fold(OpBuilder &builder,
                                     ArrayRef<GemmProduct> products,
                                     const GemmBlocking &blocking) {
  const GemmProduct &first = products.front();
  if (limit == 0 || first.size.k == 0)
    return {};
  std::optional<ConstantRows> rows = findConstant(first.op->getOperand(1));
  std::vector<char> storage;
  if (!rows ||
      bytesOf(cast<ElementsAttr>(rows->global.getInitialValueAttr()), storage)
          .empty())
    return {};
  SmallVector<std::string> keys;
  SmallVector<unsigned> missing;
  for (auto [number, product] : llvm::enumerate(products)) {
    keys.push_back(keyOf(product, *rows, blocking));
    if (!known.contains(keys.back()))
      missing.push_back(number);
  }
  // All panels or none.
  int64_t bytes = panelBytes(first, blocking);
  bool fits = int64_t(missing.size()) * bytes <= left;
  for (unsigned number : missing)
    report(products[number], bytes, fits);
  if (!fits)
    return {};
  for (unsigned number : missing)
    known[keys[number]] = create(products[number], *rows, blocking);
  left -= int64_t(missing.size()) * bytes;
  return llvm::map_to_vector(keys, [&](const std::string &key) -> Value {
    memref::GlobalOp global = known[key];
    return memref::GetGlobalOp::create(builder, first.op->getLoc(),
                                       global.getType(), global.getSymName());
  });
}

memref::GlobalOp PanelFolder::create(const GemmProduct &product,
                                     ConstantRows rows,
                                     const GemmBlocking &blocking) {
  int64_t bytes = panelBytes(product, blocking);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, /*align=*/64);
  MutableArrayRef<char> panels = blob.getMutableData();
  // Between panels nothing is written, and nothing may be left to chance.
  std::fill(panels.begin(), panels.end(), 0);
  std::vector<char> storage;
  ArrayRef<char> elements =
      bytesOf(cast<ElementsAttr>(rows.global.getInitialValueAttr()), storage);
  writePanels(product, blocking,
              elements.data() +
                  rows.offset * (product.from.getIntOrFloatBitWidth() / 8),
              rows.rowLength, panels);
  int64_t count = bytes / (product.to.getIntOrFloatBitWidth() / 8);
  auto data =
      DenseResourceElementsAttr::get(RankedTensorType::get({count}, product.to),
                                     "sevenfold_panels", std::move(blob));
  OpBuilder builder(module.getBodyRegion());
  auto global = memref::GlobalOp::create(
      builder, product.op->getLoc(), "sevenfold_panels",
      builder.getStringAttr("private"), MemRefType::get({count}, product.to),
      cast<ElementsAttr>(Attribute(data)), /*constant=*/true,
      builder.getI64IntegerAttr(64));
  symbols.insert(global);
  return global;
}

void PanelFolder::report(const GemmProduct &product, int64_t bytes,
                         bool folded) {
  auto function = product.op->getParentOfType<FunctionOpInterface>();
  auto options =
      remark::RemarkOpts::name(folded ? "PanelsFolded" : "PanelsNotFolded")
          .category(DEBUG_TYPE)
          .function(function ? function.getName() : "");
  Location loc = product.op->getLoc();
  if (folded)
    remark::passed(loc, options) << remark::metric("bytes", bytes);
  else
    remark::missed(loc, options)
        << remark::reason("the panels need {0} bytes, which is beyond the "
                          "limit of {1} for all",
                          bytes, limit);
  if (observer)
    observer(
        {folded ? SumsDecision::Kind::Folded : SumsDecision::Kind::TooLarge,
         SumsDecision::What::Panels, loc, bytes});
}

void PanelFolder::eraseUnread() {
  if (known.empty())
    return;
  SmallVector<memref::GetGlobalOp> reads;
  module.walk([&](memref::GetGlobalOp op) { reads.push_back(op); });
  for (memref::GetGlobalOp read : reads) {
    // With the views of it that were a product's.
    SmallVector<Operation *> chain = {read};
    for (size_t i = 0; i < chain.size(); ++i)
      for (Operation *user : chain[i]->getUsers())
        if (isa<ViewLikeOpInterface>(user))
          chain.push_back(user);
    for (Operation *op : llvm::reverse(chain))
      if (op->use_empty())
        op->erase();
  }
  for (auto global :
       llvm::make_early_inc_range(module.getOps<memref::GlobalOp>()))
    if (global.isPrivate() && SymbolTable::symbolKnownUseEmpty(global, module))
      symbols.erase(global);
}
