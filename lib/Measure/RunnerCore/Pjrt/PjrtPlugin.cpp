//===- PjrtPlugin.cpp - A compiler and its device by one C table ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loading, calls and errors.
//
//===----------------------------------------------------------------------===//

#include "PjrtPlugin.h"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>

using namespace sevenfold::runner;

PjrtPlugin::PjrtPlugin(const std::string &path) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    throw PjrtError("cannot load the plugin '" + path +
                    "': " + (reason ? reason : "no reason given"));
  }
  auto *get =
      reinterpret_cast<const PJRT_Api *(*)()>(dlsym(library, "GetPjrtApi"));
  if (get)
    api = get();
  if (!api)
    throw PjrtError("'" + path + "' is no PJRT plugin: it has no 'GetPjrtApi'");
  if (api->pjrt_api_version.major_version != PJRT_API_MAJOR)
    throw PjrtError("the plugin '" + path + "' has PJRT API " + apiVersion() +
                    ", expected " + std::to_string(PJRT_API_MAJOR) + ".x");
  Call<PJRT_Plugin_Initialize_Args> initialize;
  SEVENFOLD_PJRT(*this, PJRT_Plugin_Initialize, initialize);
}

std::string PjrtPlugin::apiVersion() const {
  return std::to_string(api->pjrt_api_version.major_version) + "." +
         std::to_string(api->pjrt_api_version.minor_version);
}

void PjrtPlugin::require(const void *entry, const char *name) const {
  size_t end = static_cast<const char *>(entry) -
               reinterpret_cast<const char *>(api) + sizeof(void *);
  if (end <= api->struct_size && *static_cast<void *const *>(entry))
    return;
  throw PjrtError(std::string("the plugin, of PJRT API ") + apiVersion() +
                  ", has no '" + name + "'");
}

/// The number behind `key` in a text; 0 where there is none.
static size_t numberBehind(const std::string &text, const char *key) {
  size_t at = text.find(key);
  return at == std::string::npos
             ? 0
             : std::strtoul(text.c_str() + at + std::strlen(key), nullptr, 10);
}

/// Makes the struct as long as a message wants it. False where the message is
/// about another one, or it cannot be.
static bool grow(const std::string &message, const NestedSize &nested) {
  static constexpr char kExpected[] = "size: expected ";
  if (!nested.size || message.find(kExpected) == std::string::npos)
    return false;
  std::string name = nested.name;
  // The arguments of PJRT_X are PJRT_X_Args.
  if (message.find(name + "_Args size") == std::string::npos &&
      message.find(name + " size") == std::string::npos)
    return false;
  size_t expected = numberBehind(message, kExpected);
  if (expected <= *nested.size || expected > nested.capacity)
    return false;
  *nested.size = expected;
  return true;
}

void PjrtPlugin::raiseOrGrow(PJRT_Error *error, const char *name,
                             const NestedSize &own,
                             const NestedSize &nested) const {
  Call<PJRT_Error_Message_Args> message;
  message->error = error;
  api->PJRT_Error_Message(&*message);
  std::string text(message->message, message->message_size);
  Call<PJRT_Error_GetCode_Args> code;
  code->error = error;
  PJRT_Error *second = api->PJRT_Error_GetCode(&*code);
  int number = second ? PJRT_Error_Code_UNKNOWN : code->code;
  for (PJRT_Error *each : {error, second}) {
    if (!each)
      continue;
    Call<PJRT_Error_Destroy_Args> destroy;
    destroy->error = each;
    api->PJRT_Error_Destroy(&*destroy);
  }
  if (number == PJRT_Error_Code_INVALID_ARGUMENT &&
      (grow(text, own) || grow(text, nested)))
    return;
  // The first line says it; what follows are notes and stacks.
  std::string line = text.substr(0, text.find('\n'));
  if (line.empty())
    line = std::string(name) + " failed with code " + std::to_string(number);
  throw PjrtError(line);
}

void PjrtPlugin::await(PJRT_Event *event) const {
  struct Guard {
    const PjrtPlugin &plugin;
    PJRT_Event *event;
    ~Guard() {
      Call<PJRT_Event_Destroy_Args> destroy;
      destroy->event = event;
      try {
        SEVENFOLD_PJRT(plugin, PJRT_Event_Destroy, destroy);
      } catch (const PjrtError &) {
        // There is nothing that could be done with it.
      }
    }
  } guard{*this, event};
  Call<PJRT_Event_Await_Args> wait;
  wait->event = event;
  SEVENFOLD_PJRT(*this, PJRT_Event_Await, wait);
}

static std::string textOf(const PJRT_NamedValue &value) {
  switch (value.type) {
  case PJRT_NamedValue_kString:
    return std::string(value.string_value, value.value_size);
  case PJRT_NamedValue_kInt64:
    return std::to_string(value.int64_value);
  case PJRT_NamedValue_kInt64List: {
    std::string text;
    for (size_t i = 0; i < value.value_size; ++i)
      text += (i ? "." : "") + std::to_string(value.int64_array_value[i]);
    return text;
  }
  case PJRT_NamedValue_kFloat: {
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", double(value.float_value));
    return text;
  }
  case PJRT_NamedValue_kBool:
    return value.bool_value ? "true" : "false";
  }
  return "";
}

std::map<std::string, std::string>
sevenfold::runner::readNamedValues(const PJRT_NamedValue *values,
                                   size_t count) {
  std::map<std::string, std::string> texts;
  for (size_t i = 0; i < count; ++i)
    texts[std::string(values[i].name, values[i].name_size)] = textOf(values[i]);
  return texts;
}

std::map<std::string, std::string> PjrtPlugin::attributes() const {
  Call<PJRT_Plugin_Attributes_Args> arguments;
  SEVENFOLD_PJRT(*this, PJRT_Plugin_Attributes, arguments);
  return readNamedValues(arguments->attributes, arguments->num_attributes);
}
