# SPDX-License-Identifier: Apache-2.0
# Builds for the Python package (python/pyproject.toml, scikit-build-core): which libtorch, and what the wheel contains.

# The torch of the interpreter that pip runs in. Under pip's build isolation that interpreter sees the packages of the
# build alone, so it is asked in an environment without pip's variables. A package is found without importing it.
function(find_torch_of_python)
  if(NOT Python_EXECUTABLE AND NOT PYTHON_EXECUTABLE)
    return()
  endif()
  if(NOT Python_EXECUTABLE)
    set(Python_EXECUTABLE ${PYTHON_EXECUTABLE})
  endif()
  set(question "import importlib.util, os; s = importlib.util.find_spec('torch'); print(os.path.dirname(s.origin) if s else '')")
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=PYTHONPATH --unset=PYTHONHOME --unset=PYTHONNOUSERSITE
                          ${Python_EXECUTABLE} -c "${question}"
                  WORKING_DIRECTORY / OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT folder OR NOT EXISTS ${folder}/share/cmake/Torch/TorchConfig.cmake)
    message(STATUS "The Python at ${Python_EXECUTABLE} has no torch of its own: the system's libtorch is used, if there is one")
    return()
  endif()
  message(STATUS "libtorch of the package in ${folder}")
  # A package that was built for CUDA asks for CUDA's toolkit, unless its CPU part alone is taken.
  file(STRINGS ${folder}/version.py cuda REGEX "^cuda.*=.*'")
  if(cuda)
    set(Torch_DIR ${PROJECT_SOURCE_DIR}/cmake/torch_cpu PARENT_SCOPE)
    set(TORCH_FOLDER ${folder} PARENT_SCOPE)
  else()
    set(CMAKE_PREFIX_PATH ${folder}/share/cmake ${CMAKE_PREFIX_PATH} PARENT_SCOPE)
  endif()
endfunction()

# The package's folder `lib` has the library, and beside it the folder `checkrob` as in an installation. A wheel has no
# links, so the library has the one name that the package loads.
function(install_for_python)
  set(folder ${SKBUILD_PLATLIB_DIR}/checkrob/lib)
  install(FILES $<TARGET_FILE:checkrob> DESTINATION ${folder} RENAME libcheckrob.so.0 COMPONENT python)
  if(TARGET checkrob_shim_library)
    install(TARGETS checkrob_shim_library LIBRARY DESTINATION ${folder}/checkrob COMPONENT python)
    install(TARGETS checkrob_worker RUNTIME DESTINATION ${folder}/checkrob COMPONENT python)
  endif()
endfunction()
