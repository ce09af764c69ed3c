# SPDX-License-Identifier: Apache-2.0
# The torch of a pip package, its CPU part alone: PyPI's is built for CUDA, and its own configuration asks for a CUDA
# toolkit, which computing on the CPU does without. TORCH_FOLDER is the package's folder.
file(STRINGS ${TORCH_FOLDER}/share/cmake/Torch/TorchConfig.cmake torch_standard_line REGEX "CXX_STANDARD [0-9]+")
string(REGEX MATCH "[0-9]+" torch_standard_number "${torch_standard_line}")
add_library(torch INTERFACE IMPORTED)
set_target_properties(torch PROPERTIES CXX_STANDARD "${torch_standard_number}")
set(TORCH_INCLUDE_DIRS ${TORCH_FOLDER}/include ${TORCH_FOLDER}/include/torch/csrc/api/include)
set(TORCH_LIBRARY ${TORCH_FOLDER}/lib/libtorch_cpu.so) # its folder is written into what is built
set(TORCH_LIBRARIES ${TORCH_LIBRARY} ${TORCH_FOLDER}/lib/libc10.so)
set(TORCH_CXX_FLAGS "")
