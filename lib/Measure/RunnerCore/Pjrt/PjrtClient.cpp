//===- PjrtClient.cpp - Programs and buffers of a plugin ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calls of the interface, in the order in which a program is compiled and run.
//
//===----------------------------------------------------------------------===//

#include "PjrtClient.h"

#include <algorithm>
#include <cstring>

using namespace sevenfold;
using namespace sevenfold::runner;

/// CompileOptionsProto{executable_build_options{num_replicas: 1,
/// num_partitions: 1}}, written out. Without them plugins abort.
static constexpr char kCompileOptions[] = "\x1a\x04\x20\x01\x28\x01";

/// A program of StableHLO text, as the interface wants it.
static void describeText(Call<PJRT_Program> &program, const std::string &text) {
  static constexpr char kFormat[] = "mlir";
  program->code = const_cast<char *>(text.data());
  program->code_size = text.size();
  program->format = kFormat;
  program->format_size = std::strlen(kFormat);
}

/// Text of which every white space is a blank, without any at the ends.
static std::string inOneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos
             ? ""
             : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// What a description of a device and the plugin say.
static void describeDevice(const PjrtPlugin &plugin,
                           PJRT_DeviceDescription *description,
                           XlaDevice &device) {
  Call<PJRT_DeviceDescription_Kind_Args> kind;
  kind->device_description = description;
  SEVENFOLD_PJRT(plugin, PJRT_DeviceDescription_Kind, kind);
  device.kind = inOneLine({kind->device_kind, kind->device_kind_size});
  Call<PJRT_DeviceDescription_Attributes_Args> attributes;
  attributes->device_description = description;
  SEVENFOLD_PJRT(plugin, PJRT_DeviceDescription_Attributes, attributes);
  auto texts =
      readNamedValues(attributes->attributes, attributes->num_attributes);
  auto number = [&](const char *name) -> int64_t {
    auto found = texts.find(name);
    return found == texts.end()
               ? 0
               : std::strtoll(found->second.c_str(), nullptr, 10);
  };
  device.memoryBytes = number("device_memory_bytes_limit");
  device.cores = std::max(number("num_cores"), number("core_count"));
  device.api = plugin.apiVersion();
  try {
    device.stablehlo = plugin.attributes()["stablehlo_current_version"];
  } catch (const PjrtError &) {
    // Older plugins have no attributes.
  }
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

/// What the compiler knows of an executable; what a plugin does not tell stays
/// 0.
static CompiledProgram describeExecutable(const PjrtPlugin &plugin,
                                          PJRT_Executable *executable) {
  CompiledProgram program;
  try {
    Call<PJRT_Executable_GetCompiledMemoryStats_Args> memory;
    memory->executable = executable;
    SEVENFOLD_PJRT(plugin, PJRT_Executable_GetCompiledMemoryStats, memory);
    program.argumentBytes = memory->argument_size_in_bytes;
    program.outputBytes = memory->output_size_in_bytes;
    program.temporaryBytes = memory->temp_size_in_bytes;
    program.codeBytes = memory->generated_code_size_in_bytes;
  } catch (const PjrtError &) {
  }
  try {
    Call<PJRT_Executable_GetCostAnalysis_Args> cost;
    cost->executable = executable;
    SEVENFOLD_PJRT(plugin, PJRT_Executable_GetCostAnalysis, cost);
    auto texts = readNamedValues(cost->properties, cost->num_properties);
    program.flops = std::strtod(texts["flops"].c_str(), nullptr);
    program.bytesAccessed =
        std::strtod(texts["bytes accessed"].c_str(), nullptr);
  } catch (const PjrtError &) {
  }
  return program;
}

PjrtProgram::PjrtProgram(const PjrtClient &client,
                         PJRT_LoadedExecutable *executable)
    : client(client), loaded(executable) {
  Call<PJRT_LoadedExecutable_GetExecutable_Args> get;
  get->loaded_executable = loaded;
  SEVENFOLD_PJRT(client.plugin, PJRT_LoadedExecutable_GetExecutable, get);
  this->executable = get->executable;
  Call<PJRT_Executable_NumOutputs_Args> count;
  count->executable = get->executable;
  SEVENFOLD_PJRT(client.plugin, PJRT_Executable_NumOutputs, count);
  outputCount = count->num_outputs;
}

PjrtProgram::~PjrtProgram() {
  try {
    Call<PJRT_Executable_Destroy_Args> destroy;
    destroy->executable = executable;
    if (executable)
      SEVENFOLD_PJRT(client.plugin, PJRT_Executable_Destroy, destroy);
    Call<PJRT_LoadedExecutable_Destroy_Args> unload;
    unload->executable = loaded;
    SEVENFOLD_PJRT(client.plugin, PJRT_LoadedExecutable_Destroy, unload);
  } catch (const PjrtError &) {
    // The process goes on without the memory.
  }
}

CompiledProgram PjrtProgram::describe() const {
  return describeExecutable(client.plugin, executable);
}

PJRT_Event *PjrtProgram::start(const std::vector<PJRT_Buffer *> &inputs,
                               const std::vector<int64_t> &kept,
                               std::vector<PjrtBuffer> &results) const {
  Call<PJRT_ExecuteOptions> options;
  options->non_donatable_input_indices = kept.data();
  options->num_non_donatable_input_indices = kept.size();
  PJRT_Buffer *const *argumentList = inputs.data();
  std::vector<PJRT_Buffer *> outputs(outputCount);
  PJRT_Buffer **outputList = outputs.data();
  PJRT_Event *event = nullptr;
  Call<PJRT_LoadedExecutable_Execute_Args> execute;
  execute->executable = loaded;
  execute->options = &*options;
  execute->argument_lists = &argumentList;
  execute->num_devices = 1;
  execute->num_args = inputs.size();
  execute->output_lists = &outputList;
  execute->device_complete_events = &event;
  SEVENFOLD_PJRT(
      client.plugin, PJRT_LoadedExecutable_Execute, execute,
      {"PJRT_ExecuteOptions", &options->struct_size, options.capacity()});
  results.clear();
  for (PJRT_Buffer *output : outputs)
    results.emplace_back(client, output);
  return event;
}

PjrtCompiler::PjrtCompiler(const PjrtPlugin &plugin, const std::string &name)
    : plugin(plugin) {
  // One chip, in the compiler's words: "v5e" is the topology "v5e:1x1" of hosts
  // of one chip; a name with a colon is taken as it is.
  bool isChip = name.find(':') == std::string::npos;
  std::string full = isChip ? name + ":1x1" : name;
  static constexpr int64_t kBounds[] = {1, 1, 1};
  static constexpr char kBoundsName[] = "chips_per_host_bounds";
  Call<PJRT_NamedValue> bounds;
  bounds->name = kBoundsName;
  bounds->name_size = std::strlen(kBoundsName);
  bounds->type = PJRT_NamedValue_kInt64List;
  bounds->int64_array_value = kBounds;
  bounds->value_size = 3;
  Call<PJRT_TopologyDescription_Create_Args> create;
  create->topology_name = full.data();
  create->topology_name_size = full.size();
  create->create_options = &*bounds;
  create->num_options = isChip ? 1 : 0;
  SEVENFOLD_PJRT(plugin, PJRT_TopologyDescription_Create, create,
                 {"PJRT_NamedValue", &bounds->struct_size, bounds.capacity()});
  topology = create->topology;
}

CompiledProgram PjrtCompiler::compile(const std::string &text) const {
  Call<PJRT_Program> program;
  describeText(program, text);
  Call<PJRT_Compile_Args> compile;
  compile->topology = topology;
  compile->program = &*program;
  compile->compile_options = kCompileOptions;
  compile->compile_options_size = sizeof kCompileOptions - 1;
  SEVENFOLD_PJRT(plugin, PJRT_Compile, compile);
  return describeExecutable(plugin, compile->executable);
}

XlaDevice PjrtCompiler::describe() const {
  XlaDevice device;
  Call<PJRT_TopologyDescription_PlatformName_Args> name;
  name->topology = topology;
  SEVENFOLD_PJRT(plugin, PJRT_TopologyDescription_PlatformName, name);
  device.platform = inOneLine({name->platform_name, name->platform_name_size});
  Call<PJRT_TopologyDescription_PlatformVersion_Args> version;
  version->topology = topology;
  SEVENFOLD_PJRT(plugin, PJRT_TopologyDescription_PlatformVersion, version);
  device.compiler =
      inOneLine({version->platform_version, version->platform_version_size});
  Call<PJRT_TopologyDescription_GetDeviceDescriptions_Args> devices;
  devices->topology = topology;
  SEVENFOLD_PJRT(plugin, PJRT_TopologyDescription_GetDeviceDescriptions,
                 devices);
  if (devices->num_descriptions == 0)
    throw PjrtError("the topology has no device");
  describeDevice(plugin, devices->descriptions[0], device);
  return device;
}

//===----------------------------------------------------------------------===//
// The device
//===----------------------------------------------------------------------===//

PjrtClient::PjrtClient(const std::string &path) : plugin(path) {
  // CPU plugins make four devices of one machine otherwise; others have no such
  // option, and say so only where a device is there to be opened.
  static constexpr char kName[] = "cpu_device_count";
  Call<PJRT_NamedValue> option;
  option->name = kName;
  option->name_size = std::strlen(kName);
  option->type = PJRT_NamedValue_kInt64;
  option->int64_value = 1;
  option->value_size = 1;
  Call<PJRT_Client_Create_Args> create;
  create->create_options = &*option;
  create->num_options = 1;
  try {
    SEVENFOLD_PJRT(
        plugin, PJRT_Client_Create, create,
        {"PJRT_NamedValue", &option->struct_size, option.capacity()});
  } catch (const PjrtError &) {
    create->num_options = 0;
    SEVENFOLD_PJRT(plugin, PJRT_Client_Create, create);
  }
  client = create->client;
  Call<PJRT_Client_PlatformName_Args> name;
  name->client = client;
  SEVENFOLD_PJRT(plugin, PJRT_Client_PlatformName, name);
  platform = inOneLine({name->platform_name, name->platform_name_size});
  Call<PJRT_Client_AddressableDevices_Args> devices;
  devices->client = client;
  SEVENFOLD_PJRT(plugin, PJRT_Client_AddressableDevices, devices);
  if (devices->num_addressable_devices == 0)
    throw PjrtError("the plugin '" + path + "' has no device here");
  device = devices->addressable_devices[0];
}

PjrtClient::~PjrtClient() {
  if (!client)
    return;
  try {
    Call<PJRT_Client_Destroy_Args> destroy;
    destroy->client = client;
    SEVENFOLD_PJRT(plugin, PJRT_Client_Destroy, destroy);
  } catch (const PjrtError &) {
    // The process ends without it.
  }
}

XlaDevice PjrtClient::describe() const {
  XlaDevice result;
  result.platform = platform;
  Call<PJRT_Client_PlatformVersion_Args> version;
  version->client = client;
  SEVENFOLD_PJRT(plugin, PJRT_Client_PlatformVersion, version);
  result.compiler =
      inOneLine({version->platform_version, version->platform_version_size});
  Call<PJRT_Device_GetDescription_Args> get;
  get->device = device;
  SEVENFOLD_PJRT(plugin, PJRT_Device_GetDescription, get);
  describeDevice(plugin, get->device_description, result);
  return result;
}

std::unique_ptr<PjrtProgram>
PjrtClient::compile(const std::string &text) const {
  Call<PJRT_Program> program;
  describeText(program, text);
  Call<PJRT_Client_Compile_Args> compile;
  compile->client = client;
  compile->program = &*program;
  compile->compile_options = kCompileOptions;
  compile->compile_options_size = sizeof kCompileOptions - 1;
  SEVENFOLD_PJRT(plugin, PJRT_Client_Compile, compile,
                 {"PJRT_Program", &program->struct_size, program.capacity()});
  return std::make_unique<PjrtProgram>(*this, compile->executable);
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

static PJRT_Buffer_Type bufferType(Element element) {
  switch (element) {
  case Element::F32:
    return PJRT_Buffer_Type_F32;
  case Element::F64:
    return PJRT_Buffer_Type_F64;
  case Element::F16:
    return PJRT_Buffer_Type_F16;
  case Element::BF16:
    return PJRT_Buffer_Type_BF16;
  case Element::I8:
    return PJRT_Buffer_Type_S8;
  case Element::I16:
    return PJRT_Buffer_Type_S16;
  case Element::I32:
    return PJRT_Buffer_Type_S32;
  case Element::I64:
    return PJRT_Buffer_Type_S64;
  case Element::I1:
    return PJRT_Buffer_Type_PRED;
  }
  return PJRT_Buffer_Type_INVALID;
}

PjrtBuffer::~PjrtBuffer() {
  if (!buffer)
    return;
  try {
    Call<PJRT_Buffer_Destroy_Args> destroy;
    destroy->buffer = buffer;
    SEVENFOLD_PJRT(client->plugin, PJRT_Buffer_Destroy, destroy);
  } catch (const PjrtError &) {
    // The process goes on without the memory.
  }
}

PjrtBuffer PjrtClient::upload(const void *data, const Shape &shape) const {
  Call<PJRT_Client_BufferFromHostBuffer_Args> arguments;
  arguments->client = client;
  arguments->data = data;
  arguments->type = bufferType(shape.element);
  arguments->dims = shape.dims.data();
  arguments->num_dims = shape.dims.size();
  arguments->host_buffer_semantics =
      PJRT_HostBufferSemantics_kImmutableUntilTransferCompletes;
  arguments->device = device;
  SEVENFOLD_PJRT(plugin, PJRT_Client_BufferFromHostBuffer, arguments);
  PjrtBuffer buffer(*this, arguments->buffer);
  plugin.await(arguments->done_with_host_buffer);
  Call<PJRT_Buffer_ReadyEvent_Args> ready;
  ready->buffer = buffer.get();
  SEVENFOLD_PJRT(plugin, PJRT_Buffer_ReadyEvent, ready);
  plugin.await(ready->event);
  return buffer;
}

void PjrtClient::download(PJRT_Buffer *buffer, const Shape &shape,
                          void *data) const {
  // Without a layout it would be the device's.
  std::vector<int64_t> minorToMajor(shape.dims.size());
  for (size_t i = 0; i < minorToMajor.size(); ++i)
    minorToMajor[i] = int64_t(minorToMajor.size() - 1 - i);
  Call<PJRT_Buffer_MemoryLayout> layout;
  layout->type = PJRT_Buffer_MemoryLayout_Type_Tiled;
  layout->tiled.struct_size = sizeof layout->tiled;
  layout->tiled.minor_to_major = minorToMajor.data();
  layout->tiled.minor_to_major_size = minorToMajor.size();
  Call<PJRT_Buffer_ToHostBuffer_Args> arguments;
  arguments->src = buffer;
  arguments->host_layout = &*layout;
  arguments->dst = data;
  arguments->dst_size = shape.bytes();
  SEVENFOLD_PJRT(plugin, PJRT_Buffer_ToHostBuffer, arguments);
  plugin.await(arguments->event);
}
