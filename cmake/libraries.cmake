# Libraries from Debian 12, and DuckDB from the npm packages that package-lock.json pins.
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(EXPAT REQUIRED)
find_package(ZLIB REQUIRED)
# Hinnant's date-tz on the system's tzdata: zones that a mapping names, and an independent calendar for the tests.
find_package(date REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
# libsodium has no find_package configuration in Debian 12; CMake's own for PostgreSQL wants the server's headers too.
find_package(PkgConfig REQUIRED)
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET GLOBAL libpq)

# prometheus-cpp: the registry and the text format only. Its find_package asks for its own web server and curl as well.
find_library(KEPT_PROMETHEUS_CORE prometheus-cpp-core REQUIRED)
find_path(KEPT_PROMETHEUS_INCLUDE prometheus/registry.h REQUIRED)
add_library(prometheus_cpp_core UNKNOWN IMPORTED GLOBAL)
set_target_properties(prometheus_cpp_core PROPERTIES IMPORTED_LOCATION "${KEPT_PROMETHEUS_CORE}"
                                                     INTERFACE_INCLUDE_DIRECTORIES "${KEPT_PROMETHEUS_INCLUDE}")

# Debian's yaml-cpp 0.7 names its target without a namespace and does not mark its headers as a system's.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(kept_yaml INTERFACE)
  target_link_libraries(kept_yaml INTERFACE yaml-cpp)
  target_include_directories(kept_yaml SYSTEM INTERFACE ${YAML_CPP_INCLUDE_DIR})
  add_library(yaml-cpp::yaml-cpp ALIAS kept_yaml)
endif()

# DuckDB: its C API only. The library and the header are of one version; never mix them.
set(KEPT_DUCKDB_LIBRARY "${CMAKE_SOURCE_DIR}/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so")
set(KEPT_DUCKDB_INCLUDE "${CMAKE_SOURCE_DIR}/node_modules/duckdb/src/duckdb/src/include")
if(NOT EXISTS "${KEPT_DUCKDB_LIBRARY}" OR NOT EXISTS "${KEPT_DUCKDB_INCLUDE}/duckdb.h")
  message(FATAL_ERROR "DuckDB is not in node_modules/. Run:  npm ci --ignore-scripts  (in ${CMAKE_SOURCE_DIR}), "
                      "or let ./kept do it.")
endif()
add_library(duckdb::duckdb SHARED IMPORTED GLOBAL)
set_target_properties(duckdb::duckdb PROPERTIES IMPORTED_LOCATION "${KEPT_DUCKDB_LIBRARY}")
# The header's own folder also holds DuckDB's C++ headers, which cannot be linked: only duckdb.h is put on the path.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/include/duckdb-c")
file(CREATE_LINK "${KEPT_DUCKDB_INCLUDE}/duckdb.h" "${CMAKE_BINARY_DIR}/include/duckdb-c/duckdb.h" SYMBOLIC)
set_target_properties(duckdb::duckdb PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_BINARY_DIR}/include/duckdb-c")

if(KEPT_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
