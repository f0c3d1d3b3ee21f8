/** Random command lines that often compute, print, read or grow without an end. */
import type { Random } from '../frame/random.ts'

const FILES = [
  '/data/a', '/data/b', '/data/hole', '/data/vast', '/data/tree', '/data/new', '/dev/zero', '/dev/urandom', '/dev/null',
  '/proc/self/status', '/proc/self/mountinfo', '/secret/key', '/none',
]
const NUMBERS = [0, 1, 5, 100, 5_000, 70_000, 3_000_000, 2 ** 31, 2 ** 53]
const PATTERNS = ['line', '^(l+i*)+x$', '[0-9]+', '.*.*.*=.*', '\\(.\\)\\1', '']
const TARGETS = ['/data/new', '/data/out', '/secret/new', '/dev/null', '/dev/zero', '/dev/full']
/** How deep lines lie in one another. */
const DEEPEST = 3

const file = (random: Random): string => random.pick(FILES)
const count = (random: Random): number => random.pick(NUMBERS)
const pattern = (random: Random): string => `'${random.pick(PATTERNS)}'`

/** One command that ends, or would. */
const commands: readonly ((random: Random) => string)[] = [
  (r) => `cat ${file(r)} ${file(r)}`,
  (r) => `head -c ${count(r)} ${file(r)}`,
  (r) => `head -n ${count(r)} ${file(r)} ${file(r)}`,
  (r) => `tail -c ${count(r)} ${file(r)}`,
  (r) => `wc ${file(r)}`,
  (r) => `sort ${r.oneIn(2) ? '-r' : '-n'} ${file(r)}`,
  (r) => `diff ${file(r)} ${file(r)}`,
  (r) => `comm ${file(r)} ${file(r)}`,
  (r) => `grep -${r.pick(['E', 'c', 'v', 'rn'])} ${pattern(r)} ${file(r)}`,
  (r) => `sed -${r.pick(['n', 'E', 'i'])} s/${r.pick(PATTERNS)}/x/g ${file(r)}`,
  (r) => `awk '${r.pick(['{ print }', '{ x = x $0 } END { print x }', 'BEGIN { while (1) i++ }'])}' ${file(r)}`,
  (r) => `od -c ${file(r)}`,
  (r) => `base64 ${file(r)}`,
  (r) => `gzip -c ${file(r)}`,
  (r) => `md5sum ${file(r)}`,
  (r) => `cp -r ${file(r)} ${r.pick(TARGETS)}`,
  (r) => `mv ${file(r)} ${r.pick(TARGETS)}`,
  (r) => `rm -rf ${r.pick(TARGETS)}`,
  (r) => `tee ${r.pick(TARGETS)} < ${file(r)}`,
  (r) => `split -b 1000 ${file(r)} /data/part-`,
  (r) => `tar -cf ${r.pick(TARGETS)} ${file(r)}`,
  (r) => `find / -type ${r.pick(['f', 'd'])} -exec echo {} \\;`,
  (r) => `seq ${count(r)}`,
  (r) => `printf "%0${count(r)}d" 7`,
  (r) => `echo {1..${count(r)}}`,
  (r) => `sleep ${r.pick([0, 0.05, 100])}`,
  (r) => `timeout ${r.pick([0.01, 1])} sleep ${r.pick([0.02, 100])}`,
  (r) => `xargs -n 1 echo < ${file(r)}`,
  (r) => `x=x; for i in {1..${r.pick([5, 20, 40])}}; do x="$x$x"; done; echo \${#x}`,
  (r) => `declare -a y; for ((i = 0; i < ${count(r)}; i++)); do y[i]=$i$i; done; echo \${#y[@]}`,
  () => 'f() { f | f; }; f',
  () => 'exit 7',
  () => 'echo "unclosed',
]

const redirected = (random: Random, line: string): string => {
  switch (random.below(8)) {
    case 0: return `{ ${line}; } > ${random.pick(TARGETS)}`
    case 1: return `{ ${line}; } 2>&1 >> ${random.pick(TARGETS)}`
    case 2: return `{ ${line}; } < ${file(random)}`
    default: return line
  }
}

export const randomLine = (random: Random, depth = 0): string => {
  const simple = (): string => redirected(random, random.pick(commands)(random))
  if (depth >= DEEPEST) return simple()
  const below = (): string => randomLine(random, depth + 1)
  switch (random.below(12)) {
    case 0: return `for ((;;)); do ${below()}; done`
    case 1: return `while :; do ${below()}; done`
    case 2: return `for i in {1..${random.pick([3, 50, 10_000])}}; do ${below()}; done`
    case 3: return `echo "$(${below()})"`
    case 4: return `(${below()}) | ${simple()}`
    case 5: return `bash -c '${below().replaceAll("'", '"')}'`
    case 6: case 7: return `${below()} | ${below()}`
    case 8: return `${below()}; ${below()}`
    case 9: return `diff <(${below()}) <(${below()})`
    default: return simple()
  }
}
