#!/bin/bash
# record.sh KERNEL MODULES OUT [TABLE…]: plays the written-down operations of hook-trace, and those of the tables, in a
# virtual machine that boots KERNEL, and writes the tables' rows with what it answered to OUT. MODULES is the folder
# lib/modules/RELEASE of that kernel, or `-`. LSM is the list of modules it boots with beside capability.
# Ends with 77 where gcc, cpio or qemu-system-x86_64 is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
[ $# -ge 3 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
for tool in gcc cpio qemu-system-x86_64 xz; do
  command -v "$tool" > /dev/null || { echo "record.sh needs $tool" >&2; exit 77; }
done
kernel=$1 modules=$2 out=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
on_sources() { (cd "$root" && node scripts/run.mjs source "conformance/record/hook-trace/$1" "${@:2}"); }

build() {
  on_sources generate.ts "$work/left-out" "${LSM:-}" "$@" > "$work/operations.h"
  gcc -static -O1 -w -fpermissive -std=gnu17 -I"$work" -I"$here" -o "$work/root/init" "$here/recorder.c" 2> "$work/errors"
}
mkdir -p "$work/root/modules"
# errors name the function that they are in on a line before; the linker finds more than the compiler
for _ in 1 2 3 4 5 6 7 8; do
  build "$@" && break
  [ -z "${ERRORS:-}" ] || cp "$work/errors" "$ERRORS"
  awk '/[Ii]n function .*op_/ { match($0, /op_[A-Za-z0-9_]+/); name = substr($0, RSTART + 3, RLENGTH - 3) }
    / error: |undefined reference/ { print name }' "$work/errors" | sort -u > "$work/more"
  cat "$work/more" >> "$work/left-out"
done
[ -x "$work/root/init" ] || { cat "$work/errors" >&2; exit 1; }
[ ! -s "$work/left-out" ] ||
  echo "left out, since they do not compile here: $(sort -u "$work/left-out" | tr '\n' ' ')" >&2
printf '.globl _start\n_start: mov $60, %%eax\n xor %%edi, %%edi\n syscall\n.data\n.long 1\n.section .note.GNU-stack\n' \
  > "$work/probe.s"
gcc -nostdlib -static -o "$work/root/probe" "$work/probe.s"
number=0
[ "$modules" = - ] || while read -r name; do
  file=$(find "$modules" -name "$name.ko*" | head -1)
  [ -n "$file" ] || continue
  xz -dc "$file" > "$work/root/modules/$(printf %02d "$number").ko"
  number=$((number + 1))
done < "$here/modules"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
timeout "${PATIENCE:-1150}" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -no-reboot -nodefaults \
  -serial "file:$work/console" -serial "file:$work/answers" -kernel "$kernel" -initrd "$work/initrd" \
  -append "console=ttyS0 quiet loglevel=1 panic=-1 lsm=capability${LSM:+,$LSM}" < /dev/null || true
[ -z "${KEEP:-}" ] || cp "$work/answers" "$KEEP"
grep -aq '^end' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
on_sources merge.ts "$work/answers" "${LSM:-}" "$@" > "$out"
