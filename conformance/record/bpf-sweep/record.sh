#!/bin/bash
# Records a sweep on one kernel: `record.sh KERNEL OUT [SEED:COUNT[:TOPIC]…]`; README.md has the rest.
#
# KERNEL is a folder with an unpacked image of a distribution (vmlinuz anywhere in it), or the vmlinuz itself. OUT gets
# vmlinux.btf, and for each seed questions-SEED.tsv, answers-SEED and sweep-SEED.tsv. What is there is not made again.
# QEMU_ACCEL (`tcg -cpu max`; `kvm -cpu host` is quicker where it works) and SECONDS_EACH (900) change how a guest runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
[ $# -ge 2 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
kernel=$1 out=$2
shift 2
[ -f "$kernel" ] || kernel=$(find "$kernel" -name 'vmlinuz*' -type f | head -1)
[ -f "$kernel" ] || { echo 'no vmlinuz there' >&2; exit 2; }
mkdir -p "$out"
out=$(cd "$out" && pwd)

sweep() { (cd "$root" && node scripts/run.mjs source conformance/record/bpf-sweep/main.ts "$@"); }

# The packed kernel lies behind the first magic number at which a decompressor finds a whole ELF file.
unpack() {
  local magic program at
  while IFS='|' read -r magic program; do
    for at in $(LC_ALL=C grep -abo -P "$magic" "$kernel" | cut -d: -f1); do
      tail -c "+$((at + 1))" "$kernel" | $program > "$out/vmlinux" 2> /dev/null || true
      [ "$(head -c 4 "$out/vmlinux" | tail -c 3)" = ELF ] && return
    done
  done <<'MAGIC'
\xFD7zXZ\x00|xz -dc
\x28\xB5\x2F\xFD|zstd -dc
\x1F\x8B\x08|gzip -dc
\x02\x21\x4C\x18|lz4 -dc
MAGIC
  echo "no kernel in $kernel" >&2
  return 1
}

if [ ! -s "$out/vmlinux.btf" ]; then
  unpack
  objcopy --dump-section .BTF="$out/vmlinux.btf" "$out/vmlinux" /dev/null
  rm "$out/vmlinux"
fi
[ -x "$out/init" ] || gcc -static -O1 -o "$out/init" "$here/recorder.c"

for asked in "${@:-1:2000}"; do
  IFS=: read -r seed count topic <<< "$asked"
  name=$seed${topic:+-$topic}
  questions=$out/questions-$name.tsv answers=$out/answers-$name table=$out/sweep-$name.tsv
  [ -s "$table" ] && continue
  [ -s "$questions" ] || sweep generate "$seed" "${count:-2000}" "$out/vmlinux.btf" ${topic:+"$topic"} > "$questions"
  guest=$(mktemp -d)
  sweep encode "$out/vmlinux.btf" "$questions" > "$guest/cases"
  cp "$out/init" "$guest/init"
  (cd "$guest" && printf 'init\ncases\n' | cpio --quiet -o -H newc > initrd)
  # shellcheck disable=SC2086
  timeout "${SECONDS_EACH:-900}" qemu-system-x86_64 -accel ${QEMU_ACCEL:-tcg -cpu max} -m 1536 -display none \
    -no-reboot -serial "file:$answers" -kernel "$kernel" -initrd "$guest/initrd" \
    -append 'console=ttyS0 quiet panic=-1 lsm=capability,bpf' || true
  rm -r "$guest"
  grep -q '^END' "$answers" || echo "seed $seed: the guest did not reach the end" >&2
  sweep merge "$questions" "$answers" > "$table"
  echo "$name: $(($(wc -l < "$table") - 1)) answers"
done
