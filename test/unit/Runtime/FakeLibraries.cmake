# Fake vendor libraries, a folder for each case under test/fake-blas.
set(fake_blas_folder ${CMAKE_BINARY_DIR}/test/fake-blas)
set(fake_blas_targets "")

# sevenfold_add_fake(CASE FILE SOURCE DEFINITION..)
function(sevenfold_add_fake case file source)
  string(MAKE_C_IDENTIFIER "fake_${case}_${file}" target)
  add_library(${target} MODULE ${source})
  target_link_libraries(${target} PRIVATE SevenfoldFlags)
  target_compile_definitions(${target} PRIVATE ${ARGN})
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${fake_blas_folder}/${case}
    PREFIX "" SUFFIX "" OUTPUT_NAME ${file})
  set(fake_blas_targets ${fake_blas_targets} ${target} PARENT_SCOPE)
endfunction()

# By the table's names, found on the loader's path: the packages' prefixed one
# beside an older one, and every name with nothing that can be used behind it.
sevenfold_add_fake(prefixed libscipy_openblas.so FakeOpenblas.cpp
  FAKE_PREFIX=scipy_ [[FAKE_CONFIG="0.3.34 DYNAMIC_ARCH"]])
sevenfold_add_fake(prefixed libopenblas.so.0 FakeOpenblas.cpp
  [[FAKE_CONFIG="0.3.21 DYNAMIC_ARCH"]])
file(READ ${CMAKE_SOURCE_DIR}/python-free-configs/providers.json names)
string(JSON count LENGTH "${names}" providers openblas libraries)
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
  string(JSON library GET "${names}" providers openblas libraries ${index})
  string(JSON soname GET "${library}" soname)
  string(JSON prefix ERROR_VARIABLE none GET "${library}" prefix)
  string(JSON suffix ERROR_VARIABLE none GET "${library}" suffix)
  string(REGEX REPLACE ".*NOTFOUND" "" prefix "${prefix}")
  string(REGEX REPLACE ".*NOTFOUND" "" suffix "${suffix}")
  sevenfold_add_fake(long-integers ${soname} FakeOpenblas.cpp
    FAKE_PREFIX=${prefix} FAKE_SUFFIX=${suffix}
    [[FAKE_CONFIG="0.3.34 USE64BITINT DYNAMIC_ARCH"]])
endforeach()
sevenfold_add_fake(two-ages libmkl_rt.so.3 FakeMkl.cpp
  [[FAKE_VERSION="2026.2"]])
sevenfold_add_fake(two-ages libmkl_rt.so.2 FakeMkl.cpp
  [[FAKE_VERSION="2024.1"]])
foreach(part core intel_lp64 gnu_thread)
  sevenfold_add_fake(two-ages libmkl_${part}.so.3 FakePart.cpp)
endforeach()

# By their paths.
sevenfold_add_fake(cases no-f64.so FakeOpenblas.cpp FAKE_WITHOUT_F64
  [[FAKE_CONFIG="0.3.20 DYNAMIC_ARCH"]])
sevenfold_add_fake(cases fine.so FakeOpenblas.cpp
  [[FAKE_CONFIG="0.3.22 DYNAMIC_ARCH"]])
sevenfold_add_fake(cases heeding.so FakeOpenblas.cpp [[FAKE_CORE="Prescott"]]
  [[FAKE_CONFIG="0.3.23 DYNAMIC_ARCH HEEDS"]])
sevenfold_add_fake(cases stubborn.so FakeOpenblas.cpp [[FAKE_CORE="Prescott"]]
  [[FAKE_CONFIG="0.3.24 DYNAMIC_ARCH"]])
sevenfold_add_fake(cases single.so FakeOpenblas.cpp [[FAKE_CORE="Prescott"]]
  [[FAKE_CONFIG="0.3.25 HEEDS"]])
sevenfold_add_fake(cases blis-several.so FakeBlis.cpp FAKE_WIDE)
sevenfold_add_fake(cases blis-haswell.so FakeBlis.cpp)
sevenfold_add_fake(cases blis-amd.so FakeBlis.cpp FAKE_WIDE
  [[FAKE_VERSION="AOCL-BLIS 5.0.0"]])
sevenfold_add_fake(cases libmkl_rt.so.2 FakeMkl.cpp
  [[FAKE_VERSION="2026.1"]])
foreach(part core intel_lp64)
  sevenfold_add_fake(cases libmkl_${part}.so.2 FakePart.cpp)
endforeach()
sevenfold_add_fake(cases libmkl_rt.so.1 FakeMkl.cpp FAKE_INTERFACE=1
  [[FAKE_VERSION="2026.0"]])
foreach(part core intel_lp64 gnu_thread)
  sevenfold_add_fake(cases libmkl_${part}.so.1 FakePart.cpp)
endforeach()
set_property(GLOBAL APPEND PROPERTY SEVENFOLD_TEST_TARGETS
  ${fake_blas_targets})
