//===- AssignStreams.cpp - sevenfold-assign-streams -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A small product leaves most of a GPU idle; its neighbours, which mostly do
// not depend on it, can have the rest. Streams run in order, so a stream is
// chosen where a product needs no wait, and waits are inserted where it does:
//
//   combine                 0
//   gemm  p0 = s0 t0        0
//   gemm  p1 = s1 t1        1, waits for 0 (the combine)
//   ..
//   combine c, p0 p1 ..     0, waits for 1, ..
//
//===----------------------------------------------------------------------===//

#include "BufferRegion.h"
#include "GpuKernels.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace sevenfold {
#define GEN_PASS_DEF_ASSIGNSTREAMSPASS
#include "sevenfold/Transforms/Passes.h.inc"
} // namespace sevenfold

#define DEBUG_TYPE "sevenfold-assign-streams"

using namespace mlir;
using namespace sevenfold;

/// The runtime's function that makes one stream wait for another.
static constexpr llvm::StringLiteral kWait = "sevenfold_gpu_wait";

static double flopsOf(GemmOp op) {
  MemRefType a = op.getA().getType(), c = op.getC().getType();
  return 2.0 * c.getNumElements() * a.getDimSize(op.getTransposeA() ? 0 : 1);
}

namespace {
/// A product under way.
struct Flight {
  BufferRegion a, b, c;
  int32_t stream;
};

/// Streams of the products in one block, in order.
class BlockScheduler {
public:
  BlockScheduler(Block &block, int32_t sideStreams, double maxFlops)
      : block(block), streams(sideStreams + 1), maxFlops(maxFlops),
        position(streams, 0), seen(streams, std::vector<int64_t>(streams, 0)) {
    // What was there before the block.
    begun = position[0] = 1;
  }

  /// Returns whether any product left the caller's stream.
  bool run() {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto product = dyn_cast<GemmOp>(op);
      if (product && flopsOf(product) <= maxFlops)
        place(product);
      else if (!isMemoryEffectFree(&op) || op.hasTrait<OpTrait::IsTerminator>())
        join(&op);
    }
    return used;
  }

private:
  void place(GemmOp op);
  int32_t chooseStream(const Flight &flight) const;
  void join(Operation *before);
  void wait(Operation *before, int32_t waiting, int32_t awaited);
  static bool conflict(const Flight &left, const Flight &right) {
    auto writes = [](const Flight &writer, const Flight &other) {
      return mayOverlap(writer.c, other.a) || mayOverlap(writer.c, other.b) ||
             mayOverlap(writer.c, other.c);
    };
    return writes(left, right) || writes(right, left);
  }

  Block &block;
  int32_t streams;
  double maxFlops;
  bool used = false;
  int32_t next = 0;
  int64_t begun = 0; ///< operations of the caller's stream that all come after
  SmallVector<Flight> flights;   ///< since the caller's stream knew of all
  std::vector<int64_t> position; ///< operations of each stream
  std::vector<std::vector<int64_t>> seen; ///< [waiting][awaited]
};
} // namespace

void BlockScheduler::wait(Operation *before, int32_t waiting, int32_t awaited) {
  if (waiting == awaited || seen[waiting][awaited] >= position[awaited])
    return;
  seen[waiting][awaited] = position[awaited];
  OpBuilder builder(before);
  auto number = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(builder, before->getLoc(),
                                     builder.getI32IntegerAttr(value));
  };
  Value first = number(waiting), second = number(awaited);
  func::CallOp::create(builder, before->getLoc(), kWait, TypeRange{},
                       ValueRange{first, second});
}

/// The stream of what a product must come after, or else the next in turn.
int32_t BlockScheduler::chooseStream(const Flight &flight) const {
  for (const Flight &earlier : llvm::reverse(flights))
    if (conflict(earlier, flight))
      return earlier.stream;
  return next % streams;
}

void BlockScheduler::place(GemmOp op) {
  Flight flight{regionOf(op.getA()), regionOf(op.getB()), regionOf(op.getC()),
                0};
  flight.stream = chooseStream(flight);
  if (flight.stream == next % streams)
    ++next;
  for (const Flight &earlier : flights)
    if (earlier.stream != flight.stream && conflict(earlier, flight))
      wait(op, flight.stream, earlier.stream);
  if (flight.stream != 0) {
    // What the caller's stream did before the products began.
    if (seen[flight.stream][0] < begun)
      wait(op, flight.stream, 0);
    used = true;
    op->setAttr(
        SevenfoldDialect::kStreamAttrName,
        IntegerAttr::get(IntegerType::get(op.getContext(), 32), flight.stream));
  }
  ++position[flight.stream];
  flights.push_back(flight);
}

/// The caller's stream waits for all others.
void BlockScheduler::join(Operation *before) {
  for (int32_t stream = 1; stream < streams; ++stream)
    wait(before, 0, stream);
  flights.clear();
  next = 0;
  begun = ++position[0];
}

namespace {
struct AssignStreamsPass
    : sevenfold::impl::AssignStreamsPassBase<AssignStreamsPass> {
  using AssignStreamsPassBase::AssignStreamsPassBase;

  void runOnOperation() override {
    if (sideStreams == 0)
      return;
    bool used = false;
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk([&](Block *block) {
        used |= BlockScheduler(*block, sideStreams, maxProductFlops).run();
      });
    if (used)
      declareWait();
  }

  void declareWait() {
    OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
    Type i32 = builder.getI32Type();
    auto function =
        func::FuncOp::create(builder, getOperation().getLoc(), kWait,
                             builder.getFunctionType({i32, i32}, {}));
    function.setPrivate();
  }
};
} // namespace
