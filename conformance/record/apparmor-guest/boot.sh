#!/bin/sh
# boot.sh KERNEL PLAYER.c… SCRIPTS ANSWERS: builds a player, boots KERNEL with it as process 1 and the folder SCRIPTS as
# /script, and writes what it prints to ANSWERS. Where a machine ends before the last session (SCRIPTS/count has how many
# there are), since the kernel crashed or a policy cannot be removed, another one goes on with the next session.
set -e
kernel=$1
shift
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=''
while [ $# -gt 2 ]; do sources="$sources $1"; shift; done
scripts=$1 answers=$2
mkdir -p "$work/root"
cp -r "$scripts" "$work/root/script"
gcc -static -O1 -Wall -Wno-unused-result -I"$here" -o "$work/root/init" $sources "$here/guest.c" "$here/records.c"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
boot() {
  timeout "${PATIENCE:-500}" qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu "${CPU:-max}" -m 2048 -display none \
    -no-reboot -nodefaults -serial "file:$work/console" -debugcon "file:$work/answers" -kernel "$kernel" \
    -initrd "$work/initrd" -append "console=ttyS0 quiet loglevel=1 panic=-1 audit=1 audit_backlog_limit=65536 \
lsm=capability,apparmor from=$1" < /dev/null || true
  grep -a -v '^end$' "$work/answers" >> "$answers"
}
last_session() { grep -a '^session ' "$answers" | tail -1 | cut -d' ' -f2; }
: > "$answers"
boot 0
if [ ! -f "$scripts/count" ]; then
  grep -q '^end$' "$work/answers" || { tail -20 "$work/console" >&2; exit 1; }
  exit
fi
count=$(cat "$scripts/count")
while last=$(last_session) && [ "$((last + 1))" -lt "$count" ]; do
  grep -q '^end$' "$work/answers" || { echo "session $last ended the machine" >&2; tail -4 "$work/console" >&2; }
  boot "$((last + 1))"
  [ "$(last_session)" != "$last" ] || exit 1
done
