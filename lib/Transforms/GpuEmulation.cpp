//===- GpuEmulation.cpp - Threads that wait, on the host ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   kernel(args..) of T threads, with shared memory s
//     =>  block(args.., b):      s on the stack, filled with garbage
//                                sevenfold.parallel @threads count T (args..,
//                                s, b)
//         threads(t, t + 1, args.., s, b):   the kernel's body, where
//           gpu.barrier, nvvm.mma.sync, nvvm.ldmatrix, nvvm.cp.async ..
//             are calls of the emulator, which switches to another thread
//
//===----------------------------------------------------------------------===//

#include "GpuEmulation.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace sevenfold;

static constexpr llvm::StringLiteral kRunThreads = "sevenfold_emulate_threads",
                                     kSpoil = "sevenfold_emulate_spoil",
                                     kBarrier = "sevenfold_emulate_barrier",
                                     kMma = "sevenfold_emulate_mma_",
                                     kLoadMatrix = "sevenfold_emulate_ldmatrix",
                                     kTf32 = "sevenfold_emulate_tf32",
                                     kCopy = "sevenfold_emulate_copy_async",
                                     kCommit = "sevenfold_emulate_commit_group",
                                     kWait = "sevenfold_emulate_wait_group";

/// Alignment of shared memory on the stack.
static constexpr int64_t kSharedAlignment = 128;

bool sevenfold::worksTogether(gpu::GPUFuncOp kernel) {
  return kernel.getNumWorkgroupAttributions() > 0 ||
         kernel.walk([](gpu::BarrierOp) { return WalkResult::interrupt(); })
             .wasInterrupted();
}

static bool isShared(Attribute space) {
  auto known = dyn_cast_or_null<gpu::AddressSpaceAttr>(space);
  return known && known.getValue() == gpu::AddressSpace::Workgroup;
}

/// Shared memory is memory like any other.
static MemRefType hostType(MemRefType type) {
  if (!isShared(type.getMemorySpace()))
    return type;
  return MemRefType::get(type.getShape(), type.getElementType(),
                         type.getLayout());
}

namespace {
/// Turns what threads do together into calls.
class CallEmitter {
public:
  CallEmitter(SymbolTable &symbols, func::FuncOp function)
      : symbols(symbols), function(function), builder(function.getContext()),
        i32(builder.getI32Type()), i64(builder.getI64Type()) {}

  /// Fails where `op` has no counterpart.
  LogicalResult replace(Operation *op);
  ValueRange call(Location loc, StringRef name, ValueRange operands,
                  TypeRange results = {});
  OpBuilder &at() { return builder; }

private:
  void replaceMma(NVVM::MmaOp op);
  void replaceLoadMatrix(NVVM::LdMatrixOp op);
  void replaceCopy(NVVM::CpAsyncOp op);
  Value stack(Location loc, Type type, int64_t count);
  Value address(Value pointer) {
    return LLVM::PtrToIntOp::create(builder, pointer.getLoc(), i64, pointer);
  }
  Value element(Value array, Type type, int64_t i) {
    return LLVM::GEPOp::create(builder, array.getLoc(), array.getType(), type,
                               array, ArrayRef<LLVM::GEPArg>{int32_t(i)});
  }
  Value number(Location loc, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, i32,
                                    builder.getI32IntegerAttr(value));
  }

  SymbolTable &symbols;
  func::FuncOp function;
  OpBuilder builder;
  Type i32, i64;
};
} // namespace

ValueRange CallEmitter::call(Location loc, StringRef name, ValueRange operands,
                             TypeRange results) {
  if (!symbols.lookup(name)) {
    OpBuilder declaration(function.getContext());
    auto callee = func::FuncOp::create(
        declaration, loc, name,
        builder.getFunctionType(operands.getTypes(), results));
    callee.setPrivate();
    symbols.insert(callee);
  }
  return func::CallOp::create(builder, loc, name, results, operands)
      .getResults();
}

/// Room for `count` values in the frame of the function.
Value CallEmitter::stack(Location loc, Type type, int64_t count) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&function.front());
  return LLVM::AllocaOp::create(builder, loc,
                                LLVM::LLVMPointerType::get(type.getContext()),
                                type, number(loc, count));
}

/// D = A B + C: fragments of A and B as words, of C and D as f32.
void CallEmitter::replaceMma(NVVM::MmaOp op) {
  Location loc = op.getLoc();
  Type f32 = builder.getF32Type();
  auto fragment = [&](ValueRange values, Type type) {
    Value array = stack(loc, type, values.size());
    for (auto [i, value] : llvm::enumerate(values))
      LLVM::StoreOp::create(builder, loc, value, element(array, type, i));
    return array;
  };
  Value a = fragment(op.getOperandA(), i32),
        b = fragment(op.getOperandB(), i32),
        c = fragment(op.getOperandC(), f32);
  NVVM::MMAShapeAttr shape = op.getShape();
  std::string name = (kMma + "m" + Twine(shape.getM()) + "n" +
                      Twine(shape.getN()) + "k" + Twine(shape.getK()) + "_" +
                      NVVM::stringifyMMATypes(*op.getMultiplicandAPtxType()))
                         .str();
  call(loc, name, {address(a), address(b), address(c)});
  Value result = LLVM::UndefOp::create(builder, loc, op.getType());
  for (size_t i = 0; i < op.getOperandC().size(); ++i) {
    Value sum = LLVM::LoadOp::create(builder, loc, f32, element(c, f32, i));
    result = LLVM::InsertValueOp::create(builder, loc, result, sum, i);
  }
  op.getResult().replaceAllUsesWith(result);
}

void CallEmitter::replaceLoadMatrix(NVVM::LdMatrixOp op) {
  Location loc = op.getLoc();
  int64_t count = op.getNum();
  Value words = stack(loc, i32, count);
  bool isTransposed = op.getLayout() == NVVM::MMALayout::col;
  call(loc, kLoadMatrix,
       {address(words), address(op.getPtr()), number(loc, count),
        number(loc, isTransposed)});
  auto word = [&](int64_t i) -> Value {
    return LLVM::LoadOp::create(builder, loc, i32, element(words, i32, i));
  };
  Value result;
  if (count == 1) {
    result = word(0);
  } else {
    result = LLVM::UndefOp::create(builder, loc, op.getType());
    for (int64_t i = 0; i < count; ++i)
      result = LLVM::InsertValueOp::create(builder, loc, result, word(i), i);
  }
  op.getResult().replaceAllUsesWith(result);
}

void CallEmitter::replaceCopy(NVVM::CpAsyncOp op) {
  Location loc = op.getLoc();
  Value bytes = number(loc, op.getSize());
  call(loc, kCopy,
       {address(op.getDst()), address(op.getSrc()), bytes,
        op.getCpSize() ? op.getCpSize() : bytes});
}

LogicalResult CallEmitter::replace(Operation *op) {
  Location loc = op->getLoc();
  builder.setInsertionPoint(op);
  Block &entry = function.front();
  if (auto thread = dyn_cast<gpu::ThreadIdOp>(op)) {
    if (thread.getDimension() != gpu::Dimension::x)
      return failure();
    thread.getResult().replaceAllUsesWith(entry.getArgument(0));
  } else if (auto block = dyn_cast<gpu::BlockIdOp>(op)) {
    if (block.getDimension() != gpu::Dimension::x)
      return failure();
    block.getResult().replaceAllUsesWith(entry.getArguments().back());
  } else if (isa<gpu::BarrierOp>(op)) {
    call(loc, kBarrier, {});
  } else if (auto mma = dyn_cast<NVVM::MmaOp>(op)) {
    replaceMma(mma);
  } else if (auto load = dyn_cast<NVVM::LdMatrixOp>(op)) {
    replaceLoadMatrix(load);
  } else if (auto rounding = dyn_cast<NVVM::ConvertFloatToTF32Op>(op)) {
    rounding.getResult().replaceAllUsesWith(
        call(loc, kTf32, rounding.getSrc(), i32)[0]);
  } else if (auto copy = dyn_cast<NVVM::CpAsyncOp>(op)) {
    replaceCopy(copy);
  } else if (isa<NVVM::CpAsyncCommitGroupOp>(op)) {
    call(loc, kCommit, {});
  } else if (auto wait = dyn_cast<NVVM::CpAsyncWaitGroupOp>(op)) {
    call(loc, kWait, number(loc, wait.getN()));
  } else {
    return failure();
  }
  op->erase();
  return success();
}

/// One thread: (number, number + 1, arguments.., shared memory.., block).
static FailureOr<func::FuncOp> createThread(SymbolTable &symbols,
                                            gpu::GPUFuncOp kernel) {
  OpBuilder builder(kernel.getContext());
  Type index = builder.getIndexType();
  SmallVector<Type> types(2, index);
  for (BlockArgument argument : kernel.getBody().getArguments())
    types.push_back(isa<MemRefType>(argument.getType())
                        ? hostType(cast<MemRefType>(argument.getType()))
                        : argument.getType());
  types.push_back(index);
  auto function = func::FuncOp::create(builder, kernel.getLoc(),
                                       (kernel.getName() + "_thread").str(),
                                       builder.getFunctionType(types, {}));
  function.setPrivate();
  symbols.insert(function);
  Block *body = function.addEntryBlock();
  IRMapping mapping;
  for (auto [from, to] :
       llvm::zip_equal(kernel.getBody().getArguments(),
                       body->getArguments().drop_front(2).drop_back()))
    mapping.map(from, to);
  builder.setInsertionPointToStart(body);
  for (Operation &op : kernel.getBody().front().without_terminator())
    builder.clone(op, mapping);
  func::ReturnOp::create(builder, kernel.getLoc());

  AttrTypeReplacer replacer;
  replacer.addReplacement(
      [](MemRefType type) -> std::optional<Type> { return hostType(type); });
  replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  CallEmitter calls(symbols, function);
  SmallVector<Operation *> together;
  function.walk([&](Operation *op) {
    if (isa_and_present<gpu::GPUDialect, NVVM::NVVMDialect>(op->getDialect()))
      together.push_back(op);
  });
  for (Operation *op : together)
    if (failed(calls.replace(op))) {
      op->emitOpError("cannot run on the host");
      return failure();
    }
  return function;
}

FailureOr<func::FuncOp> sevenfold::createEmulatedBlock(SymbolTable &symbols,
                                                       gpu::GPUFuncOp kernel) {
  DenseI32ArrayAttr threads = kernel.getKnownBlockSizeAttr();
  if (!threads) {
    kernel.emitOpError("expected a known size of blocks");
    return failure();
  }
  FailureOr<func::FuncOp> thread = createThread(symbols, kernel);
  if (failed(thread))
    return failure();
  OpBuilder builder(kernel.getContext());
  Location loc = kernel.getLoc();
  SmallVector<Type> types(kernel.getArgumentTypes());
  types.push_back(builder.getIndexType());
  auto function = func::FuncOp::create(builder, loc, kernel.getName(),
                                       builder.getFunctionType(types, {}));
  function.setPrivate();
  symbols.insert(function);
  Block *body = function.addEntryBlock();
  CallEmitter calls(symbols, function);
  OpBuilder &at = calls.at();
  at.setInsertionPointToStart(body);
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(at, loc, value);
  };
  SmallVector<Value> arguments(body->getArguments().drop_back());
  for (BlockArgument shared : kernel.getWorkgroupAttributions()) {
    MemRefType type = hostType(cast<MemRefType>(shared.getType()));
    Value buffer = memref::AllocaOp::create(
        at, loc, type, at.getI64IntegerAttr(kSharedAlignment));
    int64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
    Value address =
        memref::ExtractAlignedPointerAsIndexOp::create(at, loc, buffer);
    calls.call(loc, kSpoil, {address, index(bytes)});
    arguments.push_back(buffer);
  }
  arguments.push_back(body->getArguments().back());
  auto run = ParallelOp::create(at, loc, thread->getName(), index(threads[0]),
                                arguments);
  run->setAttr(kRunnerAttrName, at.getStringAttr(kRunThreads));
  func::ReturnOp::create(at, loc);
  return function;
}
