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

# What builds IR, reads command lines or tests something takes longer to compile
# than it will ever run: a release has it lightly optimised.
set(SEVENFOLD_LIGHTLY $<$<CONFIG:Release>:-O1>)

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
  target_compile_options(Sevenfold${name} PRIVATE ${SEVENFOLD_LIGHTLY})
  if(TARGET SevenfoldMLIRHeaders)
    target_precompile_headers(Sevenfold${name} REUSE_FROM SevenfoldMLIRHeaders)
  endif()
endfunction()

# sevenfold_embed_files(OUT_VARIABLE HEADER H FUNCTION F FOLDER D FILES ..)
# A C++ source, whose path is put into OUT_VARIABLE, with files of a folder as
# text: so the library reads no file to know them.
function(sevenfold_embed_files out)
  cmake_parse_arguments(ARG "" "HEADER;FUNCTION;FOLDER" "FILES" ${ARGN})
  list(TRANSFORM ARG_FILES PREPEND ${ARG_FOLDER}/)
  list(JOIN ARG_FILES "|" joined)
  get_filename_component(name ${ARG_HEADER} NAME_WE)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set(script ${CMAKE_SOURCE_DIR}/cmake/SevenfoldEmbedFiles.cmake)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} "-DFILES=${joined}"
      -DHEADER=${ARG_HEADER} -DFUNCTION=${ARG_FUNCTION}
      -P ${script}
    DEPENDS ${script} ${ARG_FILES}
    COMMENT "Embedding ${name}"
    VERBATIM)
  set(${out} ${output} PARENT_SCOPE)
endfunction()
