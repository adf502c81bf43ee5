//===- Interrupted.h - Work that the user stopped ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Long work asks between its steps whether to stop. Where it is to, it returns
// the error Interrupted, which is no failure: whoever began the work takes it
// and says what was done until then.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_INTERRUPTED_H
#define SEVENFOLD_SUPPORT_INTERRUPTED_H

#include "llvm/Support/Error.h"

#include <functional>
#include <system_error>

namespace sevenfold {

class Interrupted : public llvm::ErrorInfo<Interrupted> {
public:
  static char ID;
  void log(llvm::raw_ostream &out) const override;
  std::error_code convertToErrorCode() const override {
    return std::make_error_code(std::errc::interrupted);
  }
};

/// Asked between the steps of long work; without a function it says no.
class StopRequest {
public:
  StopRequest() = default;
  template <typename Function,
            typename = decltype(bool(std::declval<const Function &>()()))>
  StopRequest(Function function) : ask(std::move(function)) {}

  /// Whether to stop.
  bool operator()() const { return ask && ask(); }
  /// Interrupted where it is to.
  llvm::Error check() const {
    return (*this)() ? llvm::make_error<Interrupted>() : llvm::Error::success();
  }

private:
  std::function<bool()> ask;
};

/// Takes an error that is Interrupted, and only that: true then.
bool takeInterrupted(llvm::Error &error);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_INTERRUPTED_H
