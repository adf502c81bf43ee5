//===- GpuKernels.cpp - The kernels of a module ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes and launches kernels.
//
//===----------------------------------------------------------------------===//

#include "GpuKernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace sevenfold;

gpu::GPUModuleOp sevenfold::kernelModule(ModuleOp module) {
  auto kernels = module.getOps<gpu::GPUModuleOp>();
  if (!kernels.empty())
    return *kernels.begin();
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  builder.getUnitAttr());
  return gpu::GPUModuleOp::create(builder, module.getLoc(),
                                  "sevenfold_kernels");
}

gpu::GPUFuncOp sevenfold::createKernel(OpBuilder &builder, ModuleOp module,
                                       Location loc, StringRef name,
                                       ArrayRef<Type> arguments,
                                       int64_t threads) {
  gpu::GPUModuleOp kernels = kernelModule(module);
  builder.setInsertionPointToEnd(kernels.getBody());
  auto kernel = gpu::GPUFuncOp::create(builder, loc, name,
                                       builder.getFunctionType(arguments, {}));
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                  builder.getUnitAttr());
  kernel.setKnownBlockSizeAttr(
      builder.getDenseI32ArrayAttr({static_cast<int32_t>(threads), 1, 1}));
  SymbolTable(kernels).insert(kernel);
  builder.setInsertionPointToEnd(&kernel.getBody().front());
  Operation *end = gpu::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(end);
  return kernel;
}

Value sevenfold::blockNumber(OpBuilder &builder, Location loc, int64_t blocks) {
  auto number = gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x);
  number.setUpperBoundAttr(builder.getIndexAttr(blocks));
  return number;
}

Value sevenfold::threadNumber(OpBuilder &builder, Location loc,
                              int64_t threads) {
  auto number = gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x);
  number.setUpperBoundAttr(builder.getIndexAttr(threads));
  return number;
}

Value sevenfold::emitIsAligned(OpBuilder &builder, Location loc,
                               ValueRange operands) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value bits = index(0);
  auto include = [&](Value value) {
    bits = arith::OrIOp::create(builder, loc, bits, value);
  };
  for (Value operand : operands) {
    auto type = cast<MemRefType>(operand.getType());
    Value size = index(type.getElementTypeBitWidth() / 8);
    auto meta = memref::ExtractStridedMetadataOp::create(builder, loc, operand);
    include(
        memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, operand));
    include(arith::MulIOp::create(builder, loc, meta.getOffset(), size));
    SmallVector<int64_t> strides;
    int64_t start;
    if (failed(type.getStridesAndOffset(strides, start)) ||
        ShapedType::isDynamic(strides[0]))
      include(arith::MulIOp::create(builder, loc, meta.getStrides()[0], size));
  }
  bits = arith::AndIOp::create(builder, loc, bits, index(kAccessBytes - 1));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, bits,
                               index(0));
}

void sevenfold::launchKernel(OpBuilder &builder, Location loc,
                             gpu::GPUFuncOp kernel, int64_t blocks,
                             int64_t threads, ValueRange arguments) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value one = index(1);
  gpu::LaunchFuncOp::create(builder, loc, kernel, {index(blocks), one, one},
                            {index(threads), one, one},
                            /*dynamicSharedMemorySize=*/Value(), arguments);
}
