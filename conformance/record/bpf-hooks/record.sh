#!/bin/sh
# record.sh hooks|decide KERNEL OUT: loads and attaches programs of constant answers in a virtual machine that boots
# KERNEL, and writes a table of bpf-hooks or bpf-decide to OUT. LSM: the modules beside capability, in their order
# (`bpf` unless given). Ends with 77 where gcc, cpio or qemu-system-x86_64 is missing.
set -e
[ $# -eq 3 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
for tool in gcc cpio qemu-system-x86_64; do
  command -v "$tool" > /dev/null || { echo "record.sh needs $tool" >&2; exit 77; }
done
kind=$1 kernel=$2 out=$3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
on_sources() { node "$here/../../../scripts/run.mjs" source "$here/main.ts" "$@"; }
mkdir "$work/root"
on_sources operations > "$work/operations.h"
gcc -static -O1 -w -I"$work" -o "$work/root/init" "$here/recorder.c"
case $kind in
  hooks) heading='n hook returns sleepable load_errno attach_errno verifier_line' ;;
  *)
    heading='n lsm_order object hook operation program_returns load_errno attach_errno operation_errno'
    on_sources rows > "$work/root/rows" ;;
esac
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
timeout "${PATIENCE:-900}" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -no-reboot -nodefaults \
  -serial "file:$work/answers" -kernel "$kernel" -initrd "$work/initrd" \
  -append "console=ttyS0 quiet loglevel=0 panic=-1 lsm=${LSM:-bpf}" < /dev/null || true
grep -q '^end' "$work/answers" || { tail -20 "$work/answers" >&2; exit 1; }
echo "$heading" | tr ' ' '\t' > "$out"
tr -d '\r' < "$work/answers" | grep "$(printf '\t')" | awk '{ print NR "\t" $0 }' >> "$out"
