//===- Operators.cpp - Products of PyTorch by plans -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of PyTorch on the CPU by the plans of a library that `sevenfold
// blas` made (sevenfold/Runtime/Blas.h), called through its C interface:
//
//   sevenfold::mm(a, b)      one product, with its derivative
//   sevenfold::enable(on)    aten's mm, addmm and bmm do so from now on, and
//   with
//                            them linear, matmul and their derivatives
//
// What no plan is for, and what a plan made not finite, is PyTorch's own.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runtime/Blas.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <torch/autograd.h>
#include <torch/library.h>
#include <torch/types.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace {

//===----------------------------------------------------------------------===//
// The library of plans
//===----------------------------------------------------------------------===//

struct Plans {
  decltype(&sevenfold_blas_multiply_f32) f32 = nullptr;
  decltype(&sevenfold_blas_multiply_f64) f64 = nullptr;
};

/// SEVENFOLD_TORCH_BLAS, or the file beside this one.
std::string planLibrary() {
  if (const char *named = std::getenv("SEVENFOLD_TORCH_BLAS"))
    return named;
  Dl_info self;
  std::string path = "libsevenfold-blas.so";
  if (!dladdr(reinterpret_cast<void *>(&planLibrary), &self))
    return path;
  std::string here = self.dli_fname;
  size_t slash = here.rfind('/');
  return slash == std::string::npos ? "./" + path
                                    : here.substr(0, slash + 1) + path;
}

/// Opened once; without plans, after a line on stderr, where it cannot be.
const Plans &plans() {
  static const Plans opened = [] {
    Plans plans;
    std::string path = planLibrary();
    void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle) {
      plans.f32 = reinterpret_cast<decltype(plans.f32)>(
          dlsym(handle, "sevenfold_blas_multiply_f32"));
      plans.f64 = reinterpret_cast<decltype(plans.f64)>(
          dlsym(handle, "sevenfold_blas_multiply_f64"));
    }
    if (!plans.f32 || !plans.f64) {
      std::fprintf(
          stderr,
          "sevenfold-torch: no plans: %s; SEVENFOLD_TORCH_BLAS names a "
          "library of 'sevenfold blas'\n",
          handle ? ("'" + path + "' has none").c_str() : dlerror());
      return Plans();
    }
    return plans;
  }();
  return opened;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// A matrix that lies by rows, or whose transpose does.
struct Matrix {
  bool isTransposed;
  int64_t leading;
};

std::optional<Matrix> matrixOf(const at::Tensor &tensor) {
  int64_t rows = tensor.size(0), columns = tensor.size(1);
  if (tensor.stride(1) == 1 && tensor.stride(0) >= columns)
    return Matrix{false, tensor.stride(0)};
  if (tensor.stride(0) == 1 && tensor.stride(1) >= rows)
    return Matrix{true, tensor.stride(1)};
  return std::nullopt;
}

/// Whether a tensor is what plans multiply: its numbers lie in memory as they
/// are.
bool isPlain(const at::Tensor &tensor, int64_t dims) {
  return tensor.dim() == dims && tensor.layout() == at::kStrided &&
         tensor.device().is_cpu() && !tensor.is_neg() && tensor.numel() > 0 &&
         (tensor.scalar_type() == at::kFloat ||
          tensor.scalar_type() == at::kDouble);
}

/// Whether two tensors can be multiplied; what is wrong PyTorch says.
bool areFactors(const at::Tensor &a, const at::Tensor &b, int64_t dims) {
  return isPlain(a, dims) && isPlain(b, dims) &&
         a.scalar_type() == b.scalar_type() &&
         a.size(dims - 1) == b.size(dims - 2) &&
         (dims == 2 || a.size(0) == b.size(0));
}

/// Writes a b to a contiguous `out`, where there is a plan for that.
bool multiply(const at::Tensor &a, const at::Tensor &b, const at::Tensor &out) {
  std::optional<Matrix> left = matrixOf(a), right = matrixOf(b);
  if (!left || !right)
    return false;
  int threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  int64_t m = a.size(0), k = a.size(1), n = b.size(1);
  auto with = [&](auto function, auto zero) {
    using Element = decltype(zero);
    return function &&
           function(threads, left->isTransposed, right->isTransposed, m, n, k,
                    a.data_ptr<Element>(), left->leading, b.data_ptr<Element>(),
                    right->leading, out.data_ptr<Element>(), n) != 0;
  };
  return a.scalar_type() == at::kFloat ? with(plans().f32, float())
                                       : with(plans().f64, double());
}

at::Tensor mm(const at::Tensor &a, const at::Tensor &b) {
  if (areFactors(a, b, 2)) {
    at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
    if (multiply(a, b, out))
      return out;
  }
  // This form has a kernel of its own, which is never replaced.
  at::Tensor out = at::empty({0}, a.options());
  return at::mm_out(out, a, b);
}

at::Tensor addmm(const at::Tensor &self, const at::Tensor &a,
                 const at::Tensor &b, const at::Scalar &beta,
                 const at::Scalar &alpha) {
  if (areFactors(a, b, 2) && self.scalar_type() == a.scalar_type() &&
      !beta.isComplex() && !alpha.isComplex()) {
    at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
    if (multiply(a, b, out)) {
      if (alpha.toDouble() != 1)
        out.mul_(alpha);
      return beta.toDouble() == 0 ? out : out.add_(self, beta);
    }
  }
  at::Tensor out = at::empty({0}, a.options());
  return at::addmm_out(out, self, a, b, beta, alpha);
}

at::Tensor bmm(const at::Tensor &a, const at::Tensor &b) {
  if (areFactors(a, b, 3)) {
    at::Tensor out = at::empty({a.size(0), a.size(1), b.size(2)}, a.options());
    int64_t done = 0;
    while (done < a.size(0) && multiply(a[done], b[done], out[done]))
      ++done;
    if (done == a.size(0))
      return out;
  }
  at::Tensor out = at::empty({0}, a.options());
  return at::bmm_out(out, a, b);
}

//===----------------------------------------------------------------------===//
// The operators
//===----------------------------------------------------------------------===//

at::Tensor callMm(const at::Tensor &a, const at::Tensor &b) {
  static auto op =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow("sevenfold::mm", "")
          .typed<at::Tensor(const at::Tensor &, const at::Tensor &)>();
  return op.call(a, b);
}

/// d(a b) = da b + a db.
struct Derivative : torch::autograd::Function<Derivative> {
  static at::Tensor forward(torch::autograd::AutogradContext *context,
                            const at::Tensor &a, const at::Tensor &b) {
    context->save_for_backward({a, b});
    at::AutoDispatchBelowADInplaceOrView below;
    return callMm(a, b);
  }
  static torch::autograd::variable_list
  backward(torch::autograd::AutogradContext *context,
           torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    return {callMm(gradients[0], saved[1].t()),
            callMm(saved[0].t(), gradients[0])};
  }
};

at::Tensor differentiable(const at::Tensor &a, const at::Tensor &b) {
  return Derivative::apply(a, b);
}

/// The kernels that stand in for aten's, as long as this lives.
std::unique_ptr<torch::Library> replacement;

/// Replacing is what was asked for: nobody needs to be warned of it.
struct Quiet : c10::WarningHandler {
#if TORCH_VERSION_MAJOR >= 2
  using Guard = c10::WarningUtils::WarningHandlerGuard;
  void process(const c10::Warning &) override {}
#else
  using Guard = c10::Warning::WarningHandlerGuard;
  void process(const c10::SourceLocation &, const std::string &,
               bool) override {}
#endif
};

void enable(bool isOn) {
  replacement.reset();
  if (!isOn)
    return;
  Quiet quiet;
  Quiet::Guard guard(&quiet);
  replacement.reset(new torch::Library(
      torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__));
  replacement->impl("mm", TORCH_FN(mm));
  replacement->impl("addmm", TORCH_FN(addmm));
  replacement->impl("bmm", TORCH_FN(bmm));
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// Registers the operators. (Loader.cpp has seen to it that this is the
/// LibTorch they were built for.)
struct Registration {
  Registration() {
    using torch::Library;
    definitions.reset(
        new Library(Library::DEF, "sevenfold", {}, __FILE__, __LINE__));
    kernels.reset(new Library(Library::IMPL, "sevenfold", c10::DispatchKey::CPU,
                              __FILE__, __LINE__));
    derivatives.reset(new Library(Library::IMPL, "sevenfold",
                                  c10::DispatchKey::AutogradCPU, __FILE__,
                                  __LINE__));
    definitions->def("mm(Tensor a, Tensor b) -> Tensor");
    definitions->def("enable(bool on=True) -> ()", TORCH_FN(enable));
    kernels->impl("mm", TORCH_FN(mm));
    derivatives->impl("mm", TORCH_FN(differentiable));
    const char *wanted = std::getenv("SEVENFOLD_TORCH");
    if (wanted && std::string(wanted) == "1")
      enable(true);
  }

  std::unique_ptr<torch::Library> definitions, kernels, derivatives;
};
Registration registration;

} // namespace
