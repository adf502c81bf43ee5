# Target-scoped flags and the one way a library is added.

add_library(SevenfoldFlags INTERFACE)
target_include_directories(SevenfoldFlags INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
  $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_include_directories(SevenfoldFlags SYSTEM INTERFACE
  ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_compile_options(SevenfoldFlags INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wno-unused-parameter;-Werror=unused-result>)
if(SEVENFOLD_SANITIZE)
  target_compile_options(SevenfoldFlags INTERFACE
    -fsanitize=${SEVENFOLD_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined -fno-sanitize=vptr)
  target_link_options(SevenfoldFlags INTERFACE
    -fsanitize=${SEVENFOLD_SANITIZE})
endif()

# sevenfold_add_library(Name SOURCES .. [LINK ..] [DEPENDS ..])
# A static, position-independent library Sevenfold${Name}. MLIR is reached
# through the shared libraries `MLIR` and `LLVM` only.
function(sevenfold_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  set(target Sevenfold${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  target_link_libraries(${target} PUBLIC SevenfoldFlags ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${target} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY SEVENFOLD_LIBRARIES ${target})
endfunction()

# sevenfold_add_mlir_library: the same, on MLIR's headers, precompiled once.
function(sevenfold_add_mlir_library name)
  sevenfold_add_library(${name} ${ARGN})
  target_link_libraries(Sevenfold${name} PUBLIC MLIR LLVM)
  if(TARGET SevenfoldMLIRHeaders)
    target_precompile_headers(Sevenfold${name} REUSE_FROM SevenfoldMLIRHeaders)
  endif()
endfunction()
