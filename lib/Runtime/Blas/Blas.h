//===- Blas.h - What the files of the BLAS share ----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As the runtime that it is linked with, C++ without the C++ library. A call
// goes through Symbols (names and conventions), Products (which plan, and is
// what it made finite), and NextLibrary where no plan is for it; Report tells
// of it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_RUNTIME_BLAS_BLAS_H
#define SEVENFOLD_LIB_RUNTIME_BLAS_BLAS_H

#include "../Internal.h"
#include "../Product.h"

#include "sevenfold/Runtime/Blas.h"

#include <stdint.h>

namespace sevenfold {
namespace blas {

/// With sizes that are not negative, and leading dimensions that fit.
using runtime::Product;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// Of SEVENFOLD_BLAS_FUNCTIONS.
enum class Symbol : int {
#define SEVENFOLD_BLAS_SYMBOL(name, convention, element, integer) name,
  SEVENFOLD_BLAS_FUNCTIONS(SEVENFOLD_BLAS_SYMBOL)
#undef SEVENFOLD_BLAS_SYMBOL
};

const char *nameOf(Symbol symbol);

//===----------------------------------------------------------------------===//
// The next library
//===----------------------------------------------------------------------===//

/// The function of that name in the next library: the file that SEVENFOLD_BLAS
/// names, else what the loader would have found without this library, else the
/// library of the code at `caller`, which may have been loaded for itself
/// alone. Null, and once a line on stderr, where there is none. Found once.
void *nextFunction(Symbol symbol, const void *caller);

/// Whether this thread is inside a plan or the next library: what such a
/// library calls by a name of this one is its own affair.
bool isInside();
struct Inside {
  Inside();
  ~Inside();
};

/// The function of that name in the library of the code at `caller`.
void *ownFunction(Symbol symbol, const void *caller);

/// Threads that the next library was told to use by its own function, or 0.
int threadsOfNextLibrary();

/// Without any next library: by a library that the runtime finds, or else by
/// three loops.
template <typename T> void multiplyAlone(const Product<T> &product);

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

/// Of the environment, when the library was loaded.
struct Settings {
  const char *nextLibrary; ///< SEVENFOLD_BLAS; null: none
  bool isVerbose;          ///< SEVENFOLD_VERBOSE
  int mostThreads;         ///< of OPENBLAS_NUM_THREADS and the like; 0: none
  /// Products of fewer multiplications go on at once; none where all are told
  /// of.
  double leastWork;
};
extern Settings settings;
/// Reads them; done when the library is loaded, and does no harm again.
void readEnvironment();

/// Threads that a product of the calling thread may use.
int threadsOfCaller();

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// What became of a product.
struct Outcome {
  const char *plan = nullptr; ///< that did it, in words
  /// Why the next library did, or has to do it.
  const char *reason = "";
};

/// Does a product by its plan, with as many threads as the caller may use.
/// Where there is none for it, or what it made is not finite, the outcome has
/// no plan, and the product is to be done from the start: C is as it was, or to
/// be overwritten.
template <typename T>
Outcome multiplyByPlan(const Product<T> &product, int threads);

/// Whether all of a matrix is finite; rows lie `stride` elements apart.
template <typename T>
bool isFinite(const T *matrix, int64_t rows, int64_t columns, int64_t stride);
/// C = alpha T + beta C. Where a factor is 0 its matrix is not read.
template <typename T>
void addScaled(T alpha, const T *t, int64_t strideT, T beta, T *c,
               int64_t strideC, int64_t rows, int64_t columns);

//===----------------------------------------------------------------------===//
// Telling
//===----------------------------------------------------------------------===//

/// Seconds of a clock that only goes on.
double now();

/// Counts a product, and tells of it where that was asked for.
template <typename T>
void report(const char *name, const Product<T> &product, const Outcome &outcome,
            double seconds);
/// The same of one that cannot be described: an argument of it is wrong.
void reportWrong(const char *name);

/// What sevenfold_blas_last_plan returns on this thread.
void setLastPlan(const char *text);

} // namespace blas
} // namespace sevenfold

#endif // SEVENFOLD_LIB_RUNTIME_BLAS_BLAS_H
