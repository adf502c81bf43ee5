# The packages Sevenfold builds with.

# All clones of a machine share what they have compiled: paths inside the source
# tree are relative for the cache, and what uses a precompiled header is kept too.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(ccache_launcher ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${ccache_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_launcher})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# Debian's MLIR package version is 22.1.x and its config refuses a plain "22".
# Its folder is found through llvm-config when the caller does not name one.
if(NOT MLIR_DIR)
  find_program(LLVM_CONFIG_PROGRAM NAMES llvm-config-22 llvm-config)
  if(LLVM_CONFIG_PROGRAM)
    execute_process(COMMAND ${LLVM_CONFIG_PROGRAM} --cmakedir
      OUTPUT_VARIABLE llvm_cmake_dir OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(MLIR_DIR ${llvm_cmake_dir}/../mlir)
  endif()
endif()
find_package(MLIR 22.1 REQUIRED CONFIG)
message(STATUS "Using MLIR ${LLVM_PACKAGE_VERSION} in ${MLIR_DIR}")
# One libMLIR.so a process: a static MLIR library beside the shared one would
# give two of everything.
set(MLIR_LINK_MLIR_DYLIB ON)
get_target_property(SEVENFOLD_LIBMLIR MLIR LOCATION)
get_filename_component(libmlir_name ${SEVENFOLD_LIBMLIR} NAME)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
file(CREATE_LINK ${SEVENFOLD_LIBMLIR} ${CMAKE_BINARY_DIR}/lib/${libmlir_name}
  SYMBOLIC)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)

find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(Eigen3 3.4 REQUIRED CONFIG)
find_package(OpenMP REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
if(SEVENFOLD_ENABLE_TESTS)
  find_package(GTest REQUIRED)
endif()
if(SEVENFOLD_ENABLE_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
