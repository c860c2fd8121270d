# A room is a folder under src/ and one library, kept_<room>. Every .cc in it belongs to the library, every _test.cc to
# <room>_test; adding either needs no change here. Which rooms a room may use stands in its CMakeLists.txt, after the
# allow-list of docs/architecture.md; tests/rooms_test.py reads the includes and holds both to it.
#
#   kept_room(engine USES model)
#   kept_room(rules USES engine LIBRARIES yaml-cpp::yaml-cpp)
function(kept_room ROOM)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "USES;LIBRARIES;TEST_LIBRARIES")
  file(GLOB SOURCES CONFIGURE_DEPENDS "*.cc")
  file(GLOB HEADERS CONFIGURE_DEPENDS "*.h")
  file(GLOB TESTS CONFIGURE_DEPENDS "*_test.cc")
  list(FILTER SOURCES EXCLUDE REGEX "(_test|/main)\\.cc$")
  list(TRANSFORM ARG_USES PREPEND kept_)

  if(SOURCES)
    add_library(kept_${ROOM} STATIC ${SOURCES} ${HEADERS})
    target_link_libraries(kept_${ROOM} PUBLIC kept_settings fmt::fmt ${ARG_USES} ${ARG_LIBRARIES})
  else()
    add_library(kept_${ROOM} INTERFACE)
    target_link_libraries(kept_${ROOM} INTERFACE kept_settings fmt::fmt ${ARG_USES} ${ARG_LIBRARIES})
  endif()

  if(KEPT_TESTS AND TESTS)
    kept_test(${ROOM}_test SOURCES ${TESTS} LIBRARIES kept_${ROOM} ${ARG_TEST_LIBRARIES})
  endif()
endfunction()

# One executable of GoogleTests, one line in CTest's list. SHARDS n runs it as n lines, for one that takes long.
function(kept_test NAME)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "SHARDS" "SOURCES;LIBRARIES")
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE kept_test_main ${ARG_LIBRARIES})
  if(ARG_SHARDS)
    math(EXPR LAST "${ARG_SHARDS} - 1")
    foreach(SHARD RANGE ${LAST})
      kept_register("${NAME}.${SHARD}" $<TARGET_FILE:${NAME}>)
      set_property(TEST "${KEPT_TEST_PREFIX}${NAME}.${SHARD}" APPEND PROPERTY ENVIRONMENT
                   "GTEST_TOTAL_SHARDS=${ARG_SHARDS}" "GTEST_SHARD_INDEX=${SHARD}")
    endforeach()
  else()
    kept_register(${NAME} $<TARGET_FILE:${NAME}>)
  endif()
endfunction()

# A line in CTest's list: name and command.
function(kept_register NAME)
  set(FULL "${KEPT_TEST_PREFIX}${NAME}")
  add_test(NAME "${FULL}" COMMAND ${ARGN} WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
  set_tests_properties("${FULL}" PROPERTIES TIMEOUT 7200 ENVIRONMENT
    "TZ=Antarctica/Troll;KEPT_PROGRAM=${CMAKE_BINARY_DIR}/kept;ASAN_OPTIONS=detect_stack_use_after_return=0:strict_string_checks=1;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()

if(KEPT_TESTS)
  add_library(kept_test_main STATIC "${CMAKE_SOURCE_DIR}/tests/support/test_main.cc")
  target_link_libraries(kept_test_main PUBLIC kept_settings GTest::gtest GTest::gmock rapidcheck)
endif()
