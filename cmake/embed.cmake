# SPDX-License-Identifier: Apache-2.0
# embed(SOURCES HEADER NAME FILE...): appends to the list SOURCES a C file with the bytes of the files, one after the
# other, as the array NAME, and their number as NAME_bytes, which HEADER declares.
function(embed sources header name)
  set(bytes "")
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} more HEX)
    string(APPEND bytes ${more})
  endforeach()
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  configure_file(cmake/embedded.c.in ${name}.c @ONLY)
  set(${sources} ${${sources}} ${PROJECT_BINARY_DIR}/${name}.c PARENT_SCOPE)
endfunction()
