//===- Linker.cpp - Objects to shared libraries ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A shared library needs the C library, on the host the OpenMP runtime, and
// nothing else; vendor libraries and drivers are loaded by the runtime when
// they are first called.
//
//===----------------------------------------------------------------------===//

#include "Linking.h"
#include "ToolFolder.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

using namespace sevenfold;

/// A C compiler to link with.
static llvm::Expected<std::string> findLinker() {
  for (const char *name : {"cc", "gcc", "clang", "clang-22"})
    if (llvm::ErrorOr<std::string> path = llvm::sys::findProgramByName(name))
      return *path;
  return makeError("no C compiler (cc, gcc or clang) found to link with");
}

static std::string versionScript(llvm::ArrayRef<std::string> exports) {
  std::string script = "{\n  global:\n";
  for (const std::string &name : exports)
    script += "    " + name + ";\n";
  return script + "  local: *;\n};\n";
}

/// The names that a linker's log says are undefined, each once: "undefined
/// reference to `X'" of GNU's linkers, "undefined symbol: X" of LLVM's.
static std::vector<std::string> undefinedSymbols(llvm::StringRef log) {
  llvm::SetVector<llvm::StringRef> symbols;
  for (llvm::StringRef line : llvm::split(log, '\n'))
    for (llvm::StringRef words :
         {"undefined reference to ", "undefined symbol: "})
      if (size_t at = line.find(words); at != llvm::StringRef::npos)
        symbols.insert(line.drop_front(at + words.size()).trim("`' \r"));
  std::vector<std::string> quoted;
  for (llvm::StringRef symbol : symbols)
    quoted.push_back(("'" + symbol + "'").str());
  return quoted;
}

/// What a linker's log says was wrong, in a line.
static std::string linkerReason(llvm::StringRef log) {
  constexpr size_t kMaxNamed = 5;
  std::vector<std::string> symbols = undefinedSymbols(log);
  if (!symbols.empty()) {
    size_t more = symbols.size() > kMaxNamed ? symbols.size() - kMaxNamed : 0;
    symbols.resize(symbols.size() - more);
    std::string rest = more ? llvm::formatv(" and {0} more", more).str() : "";
    return "nothing defines " + llvm::join(symbols, ", ") + rest;
  }
  // "ld: code.o: in function `f':" only says where.
  for (llvm::StringRef line : llvm::split(log, '\n'))
    if (!line.trim().empty() && !line.trim().ends_with(":"))
      return line.trim().str();
  return log.split('\n').first.str();
}

/// Fails where a function cannot be exported under its name: linkers know fewer
/// characters than MLIR, and some names are others'.
static llvm::Error checkNames(llvm::ArrayRef<FunctionSignature> functions) {
  for (const FunctionSignature &function : functions) {
    llvm::StringRef name = function.name;
    bool isKnown = !name.empty() && llvm::all_of(name, [](char c) {
      return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$';
    });
    if (!isKnown)
      return makeError("function '{0}' cannot be exported: expected a name of "
                       "letters, digits, '_', '.' and '$'",
                       name);
    if (name.starts_with("sevenfold_") || name == "_init" || name == "_fini" ||
        name.ends_with(".planned") || name.ends_with(".classical"))
      return makeError("function '{0}' cannot be exported: the name is taken",
                       name);
  }
  return llvm::Error::success();
}

llvm::Error sevenfold::linkObjects(const LinkInputs &inputs,
                                   llvm::StringRef path) {
  llvm::Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  for (llvm::ArrayRef<std::string> archives :
       {inputs.archives, inputs.wholeArchives})
    for (const std::string &archive : archives)
      if (!llvm::sys::fs::exists(archive))
        return makeError("the runtime library '{0}' is missing", archive);
  auto folder = ToolFolder::create("sevenfold-link");
  if (!folder)
    return folder.takeError();
  std::vector<std::string> objectFiles;
  for (auto [number, object] : llvm::enumerate(inputs.objects)) {
    objectFiles.push_back(
        folder->file(llvm::formatv("code{0}.o", number).str()));
    if (llvm::Error error = writeFileAtomically(objectFiles.back(), object))
      return error;
  }
  std::string script = folder->file("exports"),
              library = folder->file("code.so");
  if (llvm::Error error =
          writeFileAtomically(script, versionScript(inputs.exports)))
    return error;
  std::string scriptFlag = "-Wl,--version-script=" + script;
  llvm::SmallVector<llvm::StringRef> arguments = {*linker, "-shared", "-o",
                                                  library};
  llvm::append_range(arguments, objectFiles);
  if (!inputs.wholeArchives.empty()) {
    arguments.push_back("-Wl,--whole-archive");
    llvm::append_range(arguments, inputs.wholeArchives);
    arguments.push_back("-Wl,--no-whole-archive");
  }
  llvm::append_range(arguments, inputs.archives);
  arguments.append({"-Wl,--gc-sections", "-Wl,-z,noexecstack", "-Wl,-z,defs",
                    scriptFlag, "-ldl", "-lpthread", "-lm"});
  llvm::append_range(arguments, inputs.arguments);
  if (auto reason = folder->run(arguments, /*seconds=*/120, linkerReason))
    return makeError("linking '{0}' failed: {1}", path, *reason);
  llvm::Expected<std::string> bytes = readFile(library, int64_t(1) << 32);
  if (!bytes)
    return bytes.takeError();
  return writeFileAtomically(path, *bytes, 0755);
}

llvm::Error sevenfold::linkSharedLibrary(
    llvm::StringRef object, llvm::ArrayRef<FunctionSignature> functions,
    const LibraryForm &form, llvm::StringRef runtimeArchive,
    llvm::StringRef path, PlanQueries queries) {
  if (llvm::Error error = checkNames(functions))
    return error;
  std::vector<std::string> exports = {"sevenfold_error_string"};
  for (llvm::StringRef name : form.exports)
    exports.push_back(name.str());
  for (const FunctionSignature &function : functions) {
    exports.push_back(function.name);
    if (queries == PlanQueries::Present)
      exports.push_back(plannedQueryName(function));
  }
  LinkInputs inputs;
  inputs.objects = object;
  inputs.exports = exports;
  std::string archive = runtimeArchive.str();
  inputs.archives = archive;
  llvm::SmallVector<llvm::StringRef> arguments(form.linked.begin(),
                                               form.linked.end());
  inputs.arguments = arguments;
  return linkObjects(inputs, path);
}
