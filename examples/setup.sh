# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts: installs the Debian packages that are missing, and nothing when all are there.
#   . examples/setup.sh; need PACKAGE...

need() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == *" installed" ]] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "Installing: ${missing[*]}"
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "These Debian packages are missing; as root, run: apt-get install ${missing[*]}" >&2
      return 1
    }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -q
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# What the library and the command need. openblas: with the reference BLAS, which libtorch-dev is content with, linear
# layers run many times slower.
build_packages=(gcc g++ cmake ninja-build pkg-config libtorch-dev libopenblas0-pthread
                libpng-dev libjpeg62-turbo-dev libexpat1-dev libjansson-dev libsqlite3-dev
                libyaml-dev libwebp-dev)
