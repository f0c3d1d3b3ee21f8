#!/bin/sh
# record.sh KIND SEED COUNT KERNEL OUT [MORE]: plays generated sessions in a virtual machine, appends them with their
# answers to OUT. KIND is overlay, landlock, native, cgroup, epoll, lockdown, safesetid or loadpin. OVERLAY: its module.
# PATIENCE: seconds that the machine may run, 500 unless given.
set -e
kind=$1 seed=$2 count=$3 kernel=$4 out=$5 more=$6
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$here/../../..
on_sources() { node "$root/scripts/run.mjs" source "$@"; }
case $kind in lockdown|safesetid|loadpin) part=small ;; native) part=landlock ;; *) part=$kind ;; esac
on_sources "$here/generate.ts" table "$kind" > "$work/operations.h"
mkdir -p "$work/root/lib/firmware"
gcc -static -O1 -w -fpermissive -DKIND="\"$part.h\"" -I"$work" -o "$work/root/init" "$here/player.c"
if [ "$kind" = loadpin ]; then
  for place in a b c d e; do mkdir "$work/root/$place"; ln -s "/$place" "$work/root/lib/firmware/$place"; done
  mkdir "$work/disk"
  echo 'not a module' > "$work/disk/m"
  mke2fs -q -t ext2 -O none -b 4096 -d "$work/disk" "$work/root/disk.img" 256
  on_sources "$here/verity.ts" "$work/root/disk.img" "$work/root/verity.img" > "$work/root/verity.root"
  more=$(cat "$work/root/verity.root")
fi
if [ -n "$OVERLAY" ]; then cp "$OVERLAY" "$work/root/overlay.ko"; fi
on_sources "$here/generate.ts" "$kind" "$seed" "$count" $more > "$work/root/operations"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
case $kind in cgroup) params=' cgroup_no_v1=all' ;; *) params=$(sed -n '1s/^session [^ ]*//p' "$work/root/operations") ;; esac
timeout "${PATIENCE:-500}" qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -no-reboot -nodefaults \
  -serial "file:$work/console" -serial "file:$work/line" -debugcon "file:$work/port" -kernel "$kernel" -initrd "$work/initrd" \
  -append "console=ttyS0 quiet loglevel=0 panic=-1 lsm=lockdown,capability,landlock,yama,loadpin,safesetid$params" \
  < /dev/null || true
cat "$work/line" "$work/port" > "$work/answers"
grep -q '^end$' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
grep -v '^end$' "$work/answers" >> "$out"
