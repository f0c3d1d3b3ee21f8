#!/bin/sh
# record.sh exec|setuid|prctl SEED COUNT KERNEL OUT: plays random rows in a virtual machine that boots KERNEL, and writes
# the table with its answers to OUT. PATIENCE: seconds that the machine may run, 900 unless given.
set -e
kind=$1 seed=$2 count=$3 kernel=$4 out=$5
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
on_sources() { node "$here/../../../scripts/run.mjs" source "$here/main.ts" "$@"; }
mkdir "$work/root"
gcc -static -O1 -Wall -Wno-unused-result -o "$work/root/init" "$here/recorder.c"
gcc -static -nostdlib -fno-stack-protector -O1 -s -o "$work/root/program" "$here/program.c"
on_sources generate "$kind" "$seed" "$count" > "$work/root/rows"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
timeout "${PATIENCE:-900}" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -no-reboot -nodefaults \
  -serial "file:$work/console" -debugcon "file:$work/answers" -kernel "$kernel" -initrd "$work/initrd" \
  -append 'console=ttyS0 quiet loglevel=1 panic=-1 lsm=capability mitigations=off no5lvl init_on_alloc=0 audit=0' < /dev/null || true
grep -q '^@end$' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
on_sources merge "$work/root/rows" "$work/answers" > "$out"
