#!/bin/sh
# Builds Lua 5.4 and SQLite as WASI preview 1 programs from Debian's sources: build.sh OUT WORK
#
# Larger than what `npm test` may need. Root is not needed, but on Debian 13:
#   apt-get install clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 make tclsh gcc dpkg-dev
# OUT gets lua.wasm and sqlite3.wasm, WORK the sources; keep both outside version control.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${1:?OUT folder}" "${2:?WORK folder}"
out=$(cd "$1" && pwd)
work=$(cd "$2" && pwd)
CC=${CC:-clang-19}
for tool in "$CC" apt-get make tclsh gcc; do
  command -v "$tool" >/dev/null || { echo "build.sh: $tool is not installed; the head of this file says what is needed" >&2; exit 1; }
done
printf '#include <errno.h>\nint main(void) { return errno; }\n' |
  "$CC" --target=wasm32-wasi -x c - -o /dev/null 2>/dev/null ||
  { echo "build.sh: $CC makes no WASI programs here; the head of this file says what is needed" >&2; exit 1; }

# The distribution's own sources, fetched by a configuration that is not the machine's.
cd "$work"
if ! ls -d lua-5.4.* sqlite3-3.* >/dev/null 2>&1; then
  mkdir -p apt/parts apt/lists/partial
  sed 's/^Types: .*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >apt/parts/debian.sources
  apt="apt-get -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/apt/parts -o Dir::State::lists=$work/apt/lists"
  $apt -o APT::Sandbox::User="$(id -un)" update >/dev/null
  $apt source --download-only lua5.4 sqlite3 >/dev/null
  tar -xf lua5.4_*.orig.tar.gz
  tar -xf sqlite3_3.*.orig.tar.xz
fi
lua=$(ls -d "$work"/lua-5.4.*/src)
sqlite=$(ls -d "$work"/sqlite3-3.*/)

compile="$CC --target=wasm32-wasi -O2 -w -mllvm -wasm-enable-sjlj -include $here/without-processes.h
  -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_MMAN"
libraries="-lsetjmp -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid -lwasi-emulated-mman -lm"
link="-Wl,-z,stack-size=1048576 -Wl,--strip-all"

cd "$lua"
# shellcheck disable=SC2086,SC2046
$compile $link $(ls ./*.c | grep -v luac.c) $libraries -o "$out/lua.wasm"

mkdir -p "$sqlite/amalgamation"
cd "$sqlite/amalgamation"
[ -s sqlite3.c ] || { ../configure --disable-tcl --disable-readline >/dev/null 2>&1; make sqlite3.c shell.c >/dev/null 2>&1; }
# shellcheck disable=SC2086
$compile $link -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_POPEN -DSQLITE_NOHAVE_SYSTEM -DSQLITE_OMIT_WAL -DHAVE_READLINE=0 \
  sqlite3.c shell.c $libraries -o "$out/sqlite3.wasm"
ls -l "$out"/lua.wasm "$out"/sqlite3.wasm
