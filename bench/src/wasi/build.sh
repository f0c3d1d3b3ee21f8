#!/bin/sh
# Builds the programs that the bench runs: `sh bench/src/wasi/build.sh`. Needs clang and lld for wasm32 (Debian: clang-19 lld-19).
set -e
cd "$(dirname "$0")"
for name in operations hello; do
  "${CC:-clang-19}" --target=wasm32 -mbulk-memory -O2 -Wall -Werror -nostdlib -Wl,--no-entry -Wl,--strip-all \
    -Wl,--export-memory -o "guest/$name.wasm" "guest/$name.c"
done
