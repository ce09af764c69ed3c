# SPDX-License-Identifier: Apache-2.0
# What is linked with libtorch: the shim, a library that libcheckrob loads, and the worker, a program that it starts.
# Both are in the folder `checkrob` beside it.
set(private_folder ${CMAKE_INSTALL_LIBDIR}/checkrob)

file(GLOB shim_sources CONFIGURE_DEPENDS shim/*.cpp)
add_library(checkrob_shim OBJECT ${shim_sources})
# The shim is C++17; newer libtorches have headers in C++20, and say so.
get_target_property(torch_standard torch CXX_STANDARD)
if(NOT torch_standard GREATER 17)
  set(torch_standard 17)
endif()
set_target_properties(checkrob_shim PROPERTIES CXX_STANDARD ${torch_standard})
target_include_directories(checkrob_shim PRIVATE ${PROJECT_SOURCE_DIR})
target_include_directories(checkrob_shim SYSTEM PRIVATE ${TORCH_INCLUDE_DIRS})
separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(checkrob_shim PRIVATE -Wall -Wextra -Wshadow ${torch_flags})
target_link_libraries(checkrob_shim PUBLIC checkrob_flags)

add_library(checkrob_shim_library SHARED $<TARGET_OBJECTS:checkrob_shim>)
target_link_libraries(checkrob_shim_library PRIVATE checkrob_flags ${TORCH_LIBRARIES})
target_link_options(checkrob_shim_library PRIVATE -Wl,--no-undefined -Wl,-z,nodelete
                                                  -Wl,--version-script=${PROJECT_SOURCE_DIR}/shim/shim.map)
# Built files have the same RPATH as installed ones. CMake would end another one by a colon, so that it can replace it:
# an empty entry, which is the current folder.
set_target_properties(checkrob_shim_library PROPERTIES
  OUTPUT_NAME checkrob-shim LIBRARY_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/checkrob
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/shim/shim.map BUILD_WITH_INSTALL_RPATH ON)

add_executable(checkrob_worker ${worker_sources})
target_include_directories(checkrob_worker PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(checkrob_worker PRIVATE checkrob_shim_library checkrob_flags Threads::Threads)
set_target_properties(checkrob_worker PROPERTIES
  OUTPUT_NAME checkrob-worker RUNTIME_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY}/checkrob
  INSTALL_RPATH $ORIGIN BUILD_WITH_INSTALL_RPATH ON)

# A libtorch from pip is outside the linker's own folders, and may be inside this project's (a venv), where
# INSTALL_RPATH_USE_LINK_PATH would leave it out.
cmake_path(GET TORCH_LIBRARY PARENT_PATH torch_folder)
if(NOT torch_folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
  set_target_properties(checkrob_shim_library PROPERTIES INSTALL_RPATH ${torch_folder})
  set_target_properties(checkrob_worker PROPERTIES INSTALL_RPATH "$ORIGIN;${torch_folder}")
endif()
# A process that has loaded this very file can load the shim too.
target_compile_definitions(checkrob_backend PRIVATE CHECKROB_TORCH_LIBRARY="${torch_folder}/libtorch_cpu.so")

add_dependencies(checkrob checkrob_shim_library checkrob_worker)
# LeakSanitizer fails on thread-local memory of libraries that are loaded later: with it, libtorch is there from the start.
if(CHECKROB_SANITIZE)
  target_link_libraries(checkrob PRIVATE -Wl,--no-as-needed $<TARGET_FILE:checkrob_shim_library> -Wl,--as-needed)
  set_target_properties(checkrob PROPERTIES INSTALL_RPATH $ORIGIN/checkrob BUILD_WITH_INSTALL_RPATH ON)
endif()
install(TARGETS checkrob_shim_library LIBRARY DESTINATION ${private_folder})
install(TARGETS checkrob_worker RUNTIME DESTINATION ${private_folder})
