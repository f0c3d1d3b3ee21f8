#!/bin/sh
# Builds the C programs of the tour into the .wasm files that are kept beside them.
#
# Needs clang, lld, wasi-libc and compiler-rt for wasm32; on Debian 13:
#   apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
CC=${CC:-clang-19}
command -v "$CC" >/dev/null || { echo "build.sh: $CC is not installed; the head of this file says what is needed" >&2; exit 1; }

for source in */*.c; do
  "$CC" --target=wasm32-wasi -Os -Wall -Wextra -Werror -Wl,--strip-all -o "${source%.c}.wasm" "$source"
  size=$(wc -c <"${source%.c}.wasm")
  echo "${source%.c}.wasm: $size bytes"
  [ "$size" -le 60000 ] || { echo "build.sh: more than 60 kB" >&2; exit 1; }
done
