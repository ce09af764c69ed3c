# SPDX-License-Identifier: Apache-2.0
# Protections against bugs in memory handling, in checkrob itself and in how it is loaded. tests/api/hardening.py reads
# from the built and from the installed files that they are there. A distribution's own CFLAGS and LDFLAGS stay in force.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)
include(CheckPIESupported)

# The linker gets -pie too, not only the compiler -fPIE.
check_pie_supported(LANGUAGES C CXX)

# Sanitizers have checks of their own, which these would hide.
if(NOT CHECKROB_SANITIZE)
  # -fcf-protection: Intel's CET. An option that the compiler or the processor does not have is left out.
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
    set(CMAKE_REQUIRED_FLAGS -Werror) # clang warns of what it ignores
    check_c_compiler_flag(${flag} ${have})
    unset(CMAKE_REQUIRED_FLAGS)
    if(${have})
      target_compile_options(checkrob_flags INTERFACE ${flag})
    endif()
  endforeach()

  # Needs optimisation. A compiler or CFLAGS that define it already decide about its level.
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(lacks "#if defined _FORTIFY_SOURCE || !defined __OPTIMIZE__\n#error\n#endif\nint main(void) { return 0; }")
  set(CMAKE_REQUIRED_FLAGS "${CMAKE_C_FLAGS_${type}}")
  check_c_source_compiles("${lacks}" CHECKROB_C_LACKS_FORTIFY)
  set(CMAKE_REQUIRED_FLAGS "${CMAKE_CXX_FLAGS_${type}}")
  check_cxx_source_compiles("${lacks}" CHECKROB_CXX_LACKS_FORTIFY)
  set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -D_FORTIFY_SOURCE=3") # an older libc warns that it does not know level 3
  if(CHECKROB_C_LACKS_FORTIFY)
    check_c_source_compiles("#include <stdio.h>\nint main(void) { return 0; }" CHECKROB_HAVE_FORTIFY_3)
  endif()
  unset(CMAKE_REQUIRED_FLAGS)
  set(fortify 2)
  if(CHECKROB_HAVE_FORTIFY_3)
    set(fortify 3)
  endif()
  foreach(language C CXX)
    if(CHECKROB_${language}_LACKS_FORTIFY)
      target_compile_definitions(checkrob_flags INTERFACE
                                 $<$<COMPILE_LANGUAGE:${language}>:_FORTIFY_SOURCE=${fortify}>)
    endif()
  endforeach()
endif()

# Symbols are bound while the program is loaded; then the tables of addresses are read-only. No stack is executable.
foreach(flag relro now noexecstack)
  check_linker_flag(C "-Wl,-z,${flag}" HAVE_Z_${flag})
  if(HAVE_Z_${flag})
    target_link_options(checkrob_flags INTERFACE "-Wl,-z,${flag}")
  endif()
endforeach()
