#!/bin/sh
# Builds the programs of `lsm shell` into the .wasm files that are kept beside them, and the programs of the tests.
#
# Needs clang, lld, wasi-libc and compiler-rt for wasm32; on Debian 13:
#   apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"
CC=${CC:-clang-19}
command -v "$CC" >/dev/null || { echo "build.sh: $CC is not installed; the head of this file says what is needed" >&2; exit 1; }

# What `help` and Tab of the shell know of the programs: the first sentence of each source.
{
  echo '/* The programs of /bin, out of the first comment of each source; build.sh writes this. */'
  echo 'static const struct tool {'
  echo '  const char *name, *synopsis, *summary;'
  echo '} tools[] = {'
  for source in *.c; do
    name=${source%.c}
    awk -v name="$name" '
      { sub(/^\/\* ?/, ""); sub(/^ \* ?/, ""); ends = sub(/ ?\*\/.*/, ""); if (text != "" && $0 == "") ends = 1 }
      $0 != "" { text = text (text == "" ? "" : " ") $0 }
      ends {
        at = index(text, ": ")
        summary = substr(text, at + 2)
        sub(/\. .*/, "", summary); sub(/\.$/, "", summary)
        printf "  {\"%s\", \"%s\", \"%s\"},\n", name, substr(text, 1, at - 1), summary
        exit
      }' "$source"
  done
  echo '};'
} >lib/tools.h

total=0
for source in ${*:-*.c test/*.c}; do
  own=$(sed -n 's|^/\* build: \(.*\) \*/$|\1|p' "$source")
  # shellcheck disable=SC2086
  "$CC" --target=wasm32-wasi -Oz -Wall -Wextra -Werror -I. -I../sysroot/include -Wl,--strip-all -Wl,-z,stack-size=65536 \
    -o "${source%.c}.wasm" "$source" ${own:-../sysroot/lsmkit.c lib/malloc.c}
  size=$(wc -c <"${source%.c}.wasm")
  echo "${source%.c}.wasm: $size bytes"
  case $source in test/*) ;; *) total=$((total + size)) ;; esac
done
echo "$total bytes, those of the tests apart"
[ "$total" -le 400000 ] || { echo "build.sh: more than 400 kB" >&2; exit 1; }
