# cmake -DINPUT=providers.json -DOUTPUT=ProviderTable.cpp
#       -P SevenfoldProviderTable.cmake
# Writes what lib/Runtime/ProviderTable.h declares: the runtime cannot read JSON.
# Refuses what python-free-configs/providers.schema.json refuses.
cmake_minimum_required(VERSION 3.25)

file(READ "${INPUT}" json)

# check_keys(WHERE OBJECT KEY..): an unknown key is an error.
function(check_keys where object)
  string(JSON type ERROR_VARIABLE problem TYPE "${object}")
  string(JSON count ERROR_VARIABLE problem LENGTH "${object}")
  if(problem OR NOT type STREQUAL "OBJECT")
    message(FATAL_ERROR "${INPUT}: expected ${where} to be an object")
  endif()
  if(count EQUAL 0)
    return()
  endif()
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON key MEMBER "${object}" ${index})
    if(NOT key IN_LIST ARGN)
      message(FATAL_ERROR "${INPUT}: ${where} has the unknown key '${key}'")
    endif()
  endforeach()
endfunction()

# get_text(OUT OBJECT KEY DEFAULT): a string as a C++ literal, or DEFAULT where
# the key is absent.
function(get_text out object key default)
  string(JSON value ERROR_VARIABLE problem GET "${object}" ${key})
  if(problem)
    set(${out} "${default}" PARENT_SCOPE)
    return()
  endif()
  string(JSON type TYPE "${object}" ${key})
  if(NOT type STREQUAL "STRING" OR value MATCHES "[\"\\;]")
    message(FATAL_ERROR "${INPUT}: expected a plain string for '${key}'")
  endif()
  set(${out} "\"${value}\"" PARENT_SCOPE)
endfunction()

# get_list(OUT OBJECT KEY): strings as C++ literals, with a null behind them.
function(get_list out object key)
  string(JSON count ERROR_VARIABLE problem LENGTH "${object}" ${key})
  if(problem)
    message(FATAL_ERROR "${INPUT}: expected a list '${key}'")
  endif()
  set(literals "")
  if(count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(index RANGE ${last})
      string(JSON value GET "${object}" ${key} ${index})
      string(APPEND literals "\"${value}\", ")
    endforeach()
  endif()
  set(${out} "${literals}nullptr" PARENT_SCOPE)
endfunction()

check_keys("the file" "${json}" format folders providers)
get_text(format "${json}" format "none")
if(NOT format STREQUAL "\"sevenfold-providers/1\"")
  message(FATAL_ERROR
    "${INPUT}: expected format 'sevenfold-providers/1' but got ${format}")
endif()
get_list(folders "${json}" folders)
string(JSON providers GET "${json}" providers)

# In the order of the numbers in sevenfold/Runtime/Runtime.h.
set(names openblas onednn blis mkl)
check_keys("'providers'" "${providers}" ${names})
set(lists "")
set(rows "")
foreach(name IN LISTS names)
  string(JSON provider ERROR_VARIABLE problem GET "${providers}" ${name})
  if(problem)
    message(FATAL_ERROR "${INPUT}: provider '${name}' is missing")
  endif()
  check_keys("'${name}'" "${provider}" libraries kernels override)
  string(JSON count ERROR_VARIABLE problem LENGTH "${provider}" libraries)
  if(problem OR count EQUAL 0)
    message(FATAL_ERROR "${INPUT}: '${name}' has no libraries")
  endif()
  string(APPEND lists "static const LibraryName ${name}Libraries[] = {\n")
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON library GET "${provider}" libraries ${index})
    check_keys("a library of '${name}'" "${library}" soname prefix suffix)
    get_text(soname "${library}" soname "")
    if(NOT soname MATCHES "^\"lib[^/]+\"$")
      message(FATAL_ERROR
        "${INPUT}: a library of '${name}' needs a soname 'lib..'")
    endif()
    get_text(prefix "${library}" prefix "\"\"")
    get_text(suffix "${library}" suffix "\"\"")
    string(APPEND lists "    {${soname}, ${prefix}, ${suffix}},\n")
  endforeach()
  string(APPEND lists "    {nullptr, nullptr, nullptr}};\n")

  string(JSON kernels ERROR_VARIABLE problem GET "${provider}" kernels)
  check_keys("'kernels' of '${name}'" "${kernels}" avx512 avx2)
  foreach(isa avx512 avx2)
    get_list(sets "${kernels}" ${isa})
    string(APPEND lists
      "static const char *const ${name}_${isa}[] = {${sets}};\n")
  endforeach()
  string(JSON override ERROR_VARIABLE problem GET "${provider}" override)
  check_keys("'override' of '${name}'" "${override}" variable avx512 avx2)
  get_text(variable "${override}" variable "")
  if(NOT variable)
    message(FATAL_ERROR "${INPUT}: 'override' of '${name}' needs a variable")
  endif()
  get_text(avx512 "${override}" avx512 nullptr)
  get_text(avx2 "${override}" avx2 nullptr)
  string(APPEND rows
    "    {\"${name}\", ${name}Libraries,\n"
    "     {${name}_avx512, ${avx512}}, {${name}_avx2, ${avx2}},\n"
    "     ${variable}},\n")
endforeach()

file(WRITE "${OUTPUT}"
"// Generated from python-free-configs/providers.json; never edited by hand.
#include \"ProviderTable.h\"

using namespace sevenfold::runtime;

${lists}
const ProviderEntry sevenfold::runtime::kProviderTable[] = {
${rows}};

const char *const sevenfold::runtime::kLibraryFolders[] = {${folders}};
")
