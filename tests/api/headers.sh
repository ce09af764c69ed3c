#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every public header compiles alone, as C11 and as C++17, without a warning.
set -euo pipefail
cd "$(dirname "$0")/../.."
for header in include/checkrob/*.h; do
  name=checkrob/$(basename "$header")
  echo "#include <$name>
int main(void) { return 0; }" | gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c -
  echo "#include <$name>
int main() { return 0; }" | g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ -
done
