#!/bin/sh
# record.sh KERNEL BUILD ARGUMENTS OUT [ROWS OUT]: boots KERNEL with each line of ARGUMENTS, and appends rows of lsm-order
# to OUT. BUILD is the kernel's name in src/boots.ts. ROWS is a table of lsm-syscalls: its rows of these boots are
# played, and appended with the answers to the second OUT.
set -e
kernel=$1 build=$2 arguments=$3 out=$4 rows=$5 answers=$6
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/root"
gcc -static -O1 -w -o "$work/root/init" "$here/boot.c"
while IFS= read -r line; do
  if [ -n "$rows" ]; then awk -F'\t' -v boot="$line" '$2 == boot' "$rows" | cut -f1-4 > "$work/root/rows"; fi
  (cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
  : > "$work/answers"
  timeout "${PATIENCE:-300}" qemu-system-x86_64 -accel tcg -cpu max -m 512 -display none -no-reboot -nodefaults \
    -serial "file:$work/console" -serial "file:$work/answers" -kernel "$kernel" -initrd "$work/initrd" \
    -append "console=ttyS0 loglevel=3 panic=-1 log_buf_len=1M lsm.debug $line" < /dev/null || true
  grep -q '^@end' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
  node "$here/../../../scripts/run.mjs" source "$here/table.ts" "$build" "$line" "$work/answers" >> "$out"
  if [ -n "$rows" ]; then
    sed -n 's/\r$//; s/^@row\t//p' "$work/answers" > "$work/answered"
    paste "$work/root/rows" "$work/answered" | cut -f1-4,6- >> "$answers"
  fi
done < "$arguments"
