# SPDX-License-Identifier: Apache-2.0
# embed(SOURCES FILE HEADER NAME): appends to the list SOURCES a C file with the bytes of FILE as the array NAME, and their
# number as NAME_bytes, which HEADER declares.
function(embed sources file header name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  configure_file(cmake/embedded.c.in ${name}.c @ONLY)
  set(${sources} ${${sources}} ${PROJECT_BINARY_DIR}/${name}.c PARENT_SCOPE)
endfunction()
