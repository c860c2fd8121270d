# What every target of ours is compiled with. Libraries of others are system headers: their warnings are not ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
endif()
# No NDEBUG in any build: a broken assumption stops the program rather than print a wrong date.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

find_program(KEPT_CCACHE ccache)
if(KEPT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${KEPT_CCACHE}")
endif()

add_library(kept_settings INTERFACE)
target_include_directories(kept_settings INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(kept_settings INTERFACE KEPT_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                                   KEPT_VERSION="${PROJECT_VERSION}")
target_compile_options(
  kept_settings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                          -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++-12 reports both of these inside its own std::string and std::optional when it inlines them.
  target_compile_options(kept_settings INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The first is about g++-12's own headers; the second g++ does not count to -Wconversion, so code would have to please both.
  target_compile_options(kept_settings INTERFACE -Wno-deprecated-declarations -Wno-sign-conversion)
endif()
find_package(Threads REQUIRED)
target_link_libraries(kept_settings INTERFACE Threads::Threads)

if(KEPT_SANITIZE)
  target_compile_options(kept_settings INTERFACE -fsanitize=${KEPT_SANITIZE} -fno-sanitize-recover=all
                                                 -fno-omit-frame-pointer)
  target_link_options(kept_settings INTERFACE -fsanitize=${KEPT_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With checks compiled in, g++-12 warns about paths that only the checks create.
    target_compile_options(kept_settings INTERFACE -Wno-null-dereference -Wno-stringop-overflow -Wno-array-bounds)
  endif()
endif()
