#!/bin/sh
# Builds the C rivals of bench `selinux` into the folder given. What is missing comes from Debian's packages where apt is
# at hand; what cannot be built is left out, and the bench says so.
set -u
here=$(dirname "$0")
out=$1
mkdir -p "$out"

have() { printf '#include <%s>\n' "$1" | cc -fsyntax-only -xc - 2>/dev/null; }

if ! command -v cc >/dev/null || ! have sepol/policydb/policydb.h || ! have selinux/label.h ||
   ! command -v secilc >/dev/null || ! /usr/bin/python3 -c 'import setools' 2>/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    (apt-get update -qq && apt-get install -y -qq gcc libc6-dev libsepol-dev libselinux1-dev secilc python3-setools) >&2 || true
  fi
fi
command -v cc >/dev/null || { echo 'no C compiler' >&2; exit 0; }

build() {
  name=$1; shift
  [ "$out/$name" -nt "$here/$name.c" ] && [ "$out/$name" -nt "$here/pass.h" ] && return
  cc -O2 -Wall -Wextra -o "$out/$name" "$here/$name.c" "$@" 2>"$out/$name.log" || { rm -f "$out/$name"; echo "$name was not built: see $out/$name.log" >&2; }
}

build lean
build sepol -Wl,-Bstatic -lsepol -Wl,-Bdynamic
build selinux-files -lselinux
# The cache's own functions ask others of the same library, which the program answers itself.
build selinux-avc -Wl,-z,muldefs -Wl,-Bstatic -lselinux -lsepol -lpcre2-8 -Wl,-Bdynamic -lpthread
