# Checks SEVENFOLD_TARGETS and writes what the registries include: a line each,
# the host first (lib/Target/Target.cpp, lib/Measure/RunnerCore/DeviceKinds.cpp).
set(known_targets host nvptx pjrt)
foreach(target IN LISTS SEVENFOLD_TARGETS)
  if(NOT target IN_LIST known_targets)
    message(FATAL_ERROR
      "SEVENFOLD_TARGETS: expected some of ${known_targets} but got '${target}'")
  endif()
endforeach()
if(NOT "host" IN_LIST SEVENFOLD_TARGETS)
  message(FATAL_ERROR "SEVENFOLD_TARGETS: expected host to be among them")
endif()

set(SEVENFOLD_TARGET_LINES "")
foreach(target IN LISTS known_targets)
  if(target IN_LIST SEVENFOLD_TARGETS)
    string(SUBSTRING ${target} 0 1 first)
    string(SUBSTRING ${target} 1 -1 rest)
    string(TOUPPER ${first} first)
    string(APPEND SEVENFOLD_TARGET_LINES "SEVENFOLD_TARGET(${first}${rest})\n")
  endif()
endforeach()
configure_file(${CMAKE_CURRENT_SOURCE_DIR}/include/sevenfold/Support/Targets.def.in
  ${CMAKE_BINARY_DIR}/include/sevenfold/Support/Targets.def @ONLY)
