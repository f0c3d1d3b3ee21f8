#!/bin/sh
# record.sh SESSIONS KERNEL RELEASE OUT: plays sessions in a virtual machine that boots KERNEL, and writes them with its
# answers to OUT. RELEASE becomes the header's kernel. PATIENCE: seconds that the machine may run, 900 unless given.
set -e
sessions=$1 kernel=$2 release=$3 out=$4
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
on_sources() { node "$here/../../../scripts/run.mjs" source "$here/main.ts" "$@"; }
mkdir "$work/root"
gcc -static -O1 -w -o "$work/root/init" "$here/machine.c"
(cd "$here" && gcc -static -O1 -w -o "$work/root/runner" main.c print.c calls.c files.c tasks.c ipc.c &&
  gcc -static -nostdlib -Os -s -w -Wl,--build-id=none -Wl,-z,noseparate-code -o "$work/root/report" report.c)
truncate -s 1904 "$work/root/report"
on_sources encode "$sessions" > "$work/root/sessions"
on_sources settings "$sessions" > "$work/root/sysctl"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
timeout "${PATIENCE:-900}" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -no-reboot -nodefaults \
  -serial "file:$work/console" -debugcon "file:$work/answers" -kernel "$kernel" -initrd "$work/initrd" \
  -append 'console=ttyS0 quiet loglevel=1 panic=-1 lsm=landlock,yama' < /dev/null || true
grep -aq '^@end$' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
sed -i '/^@end$/d' "$work/answers"
on_sources merge "$sessions" "$work/answers" "$release" > "$out"
