# Install rules and the package other projects find_package(Sevenfold) with.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Sevenfold)

# SevenfoldFlags is what every library is compiled with: headers, mostly.
get_property(libraries GLOBAL PROPERTY SEVENFOLD_LIBRARIES)
install(TARGETS SevenfoldFlags ${libraries} EXPORT SevenfoldTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT SevenfoldTargets NAMESPACE Sevenfold::
  DESTINATION ${package_folder})

install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/sevenfold
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
install(DIRECTORY ${CMAKE_BINARY_DIR}/include/sevenfold
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h.inc" PATTERN "CMakeFiles" EXCLUDE)

# The tools find libMLIR beside themselves (CMakeLists.txt says why).
install(FILES ${CMAKE_BINARY_DIR}/lib/${libmlir_name}
  DESTINATION ${CMAKE_INSTALL_LIBDIR})

install(DIRECTORY ${CMAKE_SOURCE_DIR}/python-free-configs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/sevenfold)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ ${CMAKE_BINARY_DIR}/docs/
  DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md"
  PATTERN "CMakeFiles" EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(MLIR_REQUIRED_VERSION 22.1)
get_filename_component(SEVENFOLD_MLIR_DIR "${MLIR_DIR}" ABSOLUTE)
configure_package_config_file(
  ${CMAKE_SOURCE_DIR}/cmake/SevenfoldConfig.cmake.in
  ${CMAKE_BINARY_DIR}/cmake/SevenfoldConfig.cmake
  INSTALL_DESTINATION ${package_folder}
  PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(
  ${CMAKE_BINARY_DIR}/cmake/SevenfoldConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_BINARY_DIR}/cmake/SevenfoldConfig.cmake
  ${CMAKE_BINARY_DIR}/cmake/SevenfoldConfigVersion.cmake
  DESTINATION ${package_folder})
