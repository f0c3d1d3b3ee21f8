#!/bin/sh
# Builds the programs that the bench loads, kept beside their sources. Needs clang-19 and lld-19.
set -eu
cd "$(dirname "$0")"
CC=${CC:-clang-19}
headers=../../../packages/bpf/objects
for source in objects/*.c; do
  "$CC" -target bpfel -mcpu=v3 -g -O2 -Wall -Werror -Wno-unused-const-variable \
    "-fdebug-prefix-map=$PWD=." -fdebug-compilation-dir=. -I "$headers" -c "$source" -o "${source%.c}.o"
done
"$CC" --target=wasm32 -O2 -Wall -Werror -nostdlib -Wl,--no-entry -Wl,--strip-all -o guest/opens.wasm guest/opens.c
