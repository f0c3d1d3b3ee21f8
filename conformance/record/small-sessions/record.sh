#!/bin/sh
# record.sh KIND SEED COUNT KERNEL PLAYER OUT: plays one generated boot in a virtual machine and appends what it answered.
set -e
kind=$1 seed=$2 count=$3 kernel=$4 player=$5 out=$6
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$here/../../..
mkdir -p "$work/root/a" "$work/root/b" "$work/root/c" "$work/root/d" "$work/root/e" "$work/root/dev" "$work/root/lib/firmware"
cp "$player" "$work/root/init"
for place in a b c d e; do ln -s "/$place" "$work/root/lib/firmware/$place"; done
on_sources() { node "$root/scripts/run.mjs" source "$@"; }
if [ "$kind" = loadpin ]; then
  mkdir "$work/disk"
  echo 'not a module' > "$work/disk/m"
  mke2fs -q -t ext2 -O none -b 4096 -d "$work/disk" "$work/root/disk.img" 256
  on_sources "$here/verity.ts" "$work/root/disk.img" "$work/root/verity.img" > "$work/root/verity.root"
  verity=$(cat "$work/root/verity.root")
fi
on_sources "$here/generate.ts" "$kind" "$seed" "$count" $verity > "$work/root/ops"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
params=$(sed -n '1s/^session [^ ]*//p' "$work/root/ops")
timeout 200 qemu-system-x86_64 -accel tcg -cpu max -m 512 -nographic -no-reboot -nodefaults -serial stdio \
  -kernel "$kernel" -initrd "$work/initrd" \
  -append "console=ttyS0 quiet loglevel=0 panic=-1 lsm=lockdown,capability,yama,loadpin,safesetid$params" \
  < /dev/null > "$work/console" || true
tr -d '\r' < "$work/console" | sed -n 's/^.*@\([0-9a-z].*\)$/\1/p' > "$work/answers"
grep -q '^end$' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
grep -v '^begin$\|^end$' "$work/answers" >> "$out"
