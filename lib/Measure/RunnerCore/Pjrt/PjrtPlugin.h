//===- PjrtPlugin.h - A compiler and its device by one C table --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A PJRT plugin, as XLA's CPU, GPU and TPU compilers come: one shared library
// with one function, which gives a table of functions that take and fill
// structs. Everything here throws PjrtError, in one line and the plugin's own
// words.
//
// Structs say how long they are. A plugin takes longer ones than its own and
// refuses shorter ones, so that a header of yesterday fails where a struct has
// grown since; the plugin says then what it expects, new fields are 0 where
// nobody knows them, and the call is made again (Call).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_MEASURE_RUNNERCORE_PJRT_PJRTPLUGIN_H
#define SEVENFOLD_LIB_MEASURE_RUNNERCORE_PJRT_PJRTPLUGIN_H

#include "openxla/pjrt_c_api.h"

#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace sevenfold {
namespace runner {

struct PjrtError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The arguments of a call, or a struct that they point to: zeroed, with room
/// for fields that a plugin of another version has.
template <typename Struct> class Call {
public:
  Call() : fields(new (room) Struct()) { fields->struct_size = sizeof(Struct); }
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  Struct *operator->() { return fields; }
  Struct &operator*() { return *fields; }
  size_t capacity() const { return sizeof room; }

private:
  alignas(Struct) unsigned char room[sizeof(Struct) + 256] = {};
  Struct *fields;
};

/// The size of a struct that a plugin may want to be another.
struct NestedSize {
  const char *name; ///< of the struct: "PJRT_ExecuteOptions"
  size_t *size;
  size_t capacity;
};

class PjrtPlugin {
public:
  /// Loads it for the rest of the process: plugins cannot be unloaded.
  explicit PjrtPlugin(const std::string &path);

  template <typename Args>
  void call(PJRT_Error *(*PJRT_Api::*function)(Args *), const char *name,
            Call<Args> &arguments, NestedSize nested = {}) const {
    require(&(api->*function), name);
    NestedSize own = {name, &arguments->struct_size, arguments.capacity()};
    while (PJRT_Error *error = (api->*function)(&*arguments))
      raiseOrGrow(error, name, own, nested);
  }

  /// Waits for an event and destroys it.
  void await(PJRT_Event *event) const;

  /// "0.115".
  std::string apiVersion() const;
  /// What the plugin says of itself without a device, numbers joined by dots:
  /// {"stablehlo_current_version", "1.20.0"}, ..
  std::map<std::string, std::string> attributes() const;

private:
  /// Throws where the plugin's table ends before a function or lacks it.
  void require(const void *entry, const char *name) const;
  /// Where an error is about the size of a struct that can grow, has it grow;
  /// throws on any other, in the plugin's words. Destroys it.
  void raiseOrGrow(PJRT_Error *error, const char *name, const NestedSize &own,
                   const NestedSize &nested) const;

  const PJRT_Api *api = nullptr;
};

/// sevenfold::runner::PjrtPlugin::call without naming everything twice.
#define SEVENFOLD_PJRT(plugin, function, ...)                                  \
  (plugin).call(&PJRT_Api::function, #function, __VA_ARGS__)

/// A list of named values as texts; numbers of a list are joined by dots.
std::map<std::string, std::string>
readNamedValues(const PJRT_NamedValue *values, size_t count);

} // namespace runner
} // namespace sevenfold

#endif // SEVENFOLD_LIB_MEASURE_RUNNERCORE_PJRT_PJRTPLUGIN_H
