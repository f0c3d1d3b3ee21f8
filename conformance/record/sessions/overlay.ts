/** Random operations on overlays. */
import { xorshift } from './xorshift.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const
const OPTIONS = [
  '', '', '', ',redirect_dir=on', ',redirect_dir=on', ',index=on', ',index=on,redirect_dir=on', ',metacopy=on',
  ',metacopy=on,index=on', ',userxattr', ',xino=on', ',volatile', ',nfs_export=on', ',redirect_dir=nofollow',
] as const
const XATTRS = ['user.a', 'user.b', 'trusted.t', 'security.s', 'trusted.overlay.x', 'user.overlay.y'] as const

function* session(seed: number, operations: number): Generator<string> {
  const pick = xorshift(seed * 7919 + 17)
  for (let i = 0; i < 8; i++) pick(2)
  const one = <T>(list: readonly T[]): T => list[pick(list.length)]!
  const path = (root: string): string => {
    const depth = 1 + pick(10) % 3
    return [root, ...Array.from({ length: depth }, () => one(NAMES))].join('/')
  }
  yield* ['l1', 'l2', 'u', 'w', 'm'].map((dir) => `mkdir ${dir} 0755`)
  const split = pick(3) === 0
  if (split) yield* ['tmpfs l1', 'tmpfs l2']
  yield* fillLayer('l2', pick, 12)
  yield* fillLayer('l1', pick, 8)
  if (pick(2) === 0) yield* fillLayer('u', pick, 4)
  const options = one(OPTIONS)
  const hasUpper = pick(12) !== 0
  const upper = hasUpper ? ',upperdir=u,workdir=w' : ''
  const lower = pick(3) === 0 && hasUpper ? 'l1' : 'l1:l2'
  yield `mount m lowerdir=${lower}${upper}${options}`
  const roots = ['m']
  if (hasUpper && pick(3) === 0) {
    yield* ['n', 'u2', 'w2'].map((dir) => `mkdir ${dir} 0755`)
    yield `mount n lowerdir=m,upperdir=u2,workdir=w2${one(OPTIONS)}`
    roots.push('n', 'n')
  }
  yield 'mounts'
  for (let i = 0; i < operations; i++) {
    if (pick(40) === 0) {
      yield 'umount m 2'
      yield `mount m lowerdir=${lower}${upper}${options}`
    }
    yield (pick(6) === 0 ? 'U ' : '') + operation(pick, one, path, one(roots))
  }
  if (roots.length > 1) yield* ['ls n', 'dump n', 'dump u2', 'dump w2', 'umount n 2']
  yield* ['ls m', 'dump m', 'dump u', 'dump w', 'dump l1', 'mounts', 'umount m 2']
}

type Pick = (n: number) => number

/** Files, directories, links, whiteouts and opaque directories of a layer, with times of long ago. */
function* fillLayer(layer: string, pick: Pick, count: number): Generator<string> {
  const dirs = [layer]
  const made: string[] = []
  for (let i = 0; i < count; i++) {
    const at = `${dirs[pick(dirs.length)]}/${NAMES[pick(NAMES.length)]}`
    const kind = pick(16)
    if (kind < 6) {
      yield `mkdir ${at} 0${(0o700 + pick(0o100)).toString(8)}`
      dirs.push(at)
    } else if (kind < 12) {
      yield `write ${at} ${layer}-${i} 0100`
      yield `chmod ${at} 0${[0o644, 0o600, 0o4755, 0o666][pick(4)]!.toString(8)}`
    } else if (kind === 12) yield `symlink a ${at}`
    else if (kind === 13) yield layer === 'l2' ? `mknod ${at} 010644 0` : `mknod ${at} 020000 0`
    else if (kind === 14 && made.length > 0) yield `link ${made[pick(made.length)]} ${at}`
    else yield `setx ${dirs[pick(dirs.length)]} user.a v${i} 0`
    made.push(at)
  }
  const isOpaque = layer !== 'l2' && pick(3) === 0 && dirs.length > 1
  if (isOpaque) yield `setx ${dirs[1 + pick(dirs.length - 1)]} trusted.overlay.opaque y 0`
  if (pick(3) === 0) yield `chown ${made[pick(made.length)]} 1000 1000`
  for (const [i, at] of [...new Set([...made, ...dirs])].entries()) yield `utimes ${at} ${1000 + i}`
}

const operation = (
  pick: Pick, one: <T>(list: readonly T[]) => T, path: (root: string) => string, root: string,
): string => {
  const at = path(root)
  const slot = pick(4)
  switch (pick(46)) {
    case 0: case 1: return `creat ${at} 0644`
    case 2: case 3: return `write ${at} W${pick(100)}`
    case 4: return `write ${at} T${pick(100)} 01000`
    case 5: return `write ${at} C${pick(100)} 0100`
    case 6: return `append ${at} A${pick(100)}`
    case 7: case 8: return `read ${at}`
    case 9: return `trunc ${at} ${pick(10)}`
    case 10: case 11: case 12: return `mkdir ${at} 0755`
    case 13: case 14: return `rmdir ${at}`
    case 15: case 16: case 17: return `unlink ${at}`
    case 18: return `symlink ${one(NAMES)} ${at}`
    case 19: return `readlink ${at}`
    case 20: case 21: return `link ${at} ${path(root)}`
    case 22: case 23: case 24: case 25: return `rename ${at} ${path(root)} ${one([0, 0, 0, 0, 1, 2, 2, 4])}`
    case 26: return `mknod ${at} ${one(['010644 0', '020600 259', '020000 0', '0140644 0'])}`
    case 27: return `chmod ${at} 0${one([0o600, 0o644, 0o4755, 0o2755, 0o777]).toString(8)}`
    case 28: return `chown ${at} ${one([0, 1000])} ${one([0, 1000])}`
    case 29: return `utimes ${at} ${500 + pick(100)}`
    case 30: return `setx ${at} ${one(XATTRS)} v${pick(100)} ${one([0, 0, 1, 2])}`
    case 31: return `getx ${at} ${one(XATTRS)}`
    case 32: return `rmx ${at} ${one(XATTRS)}`
    case 33: return `listx ${at}`
    case 34: return `acl ${at} system.posix_acl_${one(['access', 'default'])} 1000 ${pick(8)}`
    case 35: return `access ${at} ${pick(8)}`
    case 36: return `stat ${at}`
    case 37: return `ls ${one([root, at])}`
    case 38: return `flags ${at}${one(['', ' 0x80', ' 0x40', ' 0x10', ' 0'])}`
    case 39: return `open ${slot} ${at} ${one([0, 0, 1, 2, 0o2001, 0o1002, 0o200000])}`
    case 40: return one([`fread ${slot}`, `fwrite ${slot} F${pick(100)}`, `fstat ${slot}`])
    case 41: return one([`ftrunc ${slot} ${pick(9)}`, `fchmod ${slot} 0640`, `fsync ${slot}`, `close ${slot}`])
    case 42: return one([`fseek ${slot} ${pick(9)} ${pick(5)}`, `falloc ${slot} ${one([0, 1, 3])} ${pick(9)} 100`])
    case 43: return one([`copy ${slot} ${pick(4)} 4`, `flink ${slot} ${at}`, `fls ${slot} ${root}`])
    case 44: return `tmpfile ${slot} ${one([root, at])}`
    default:
      return one([
        `statfs ${root}`, `remount ${root} ${one([0, 1])}`, 'umask 077', 'umask 022', `ls ${root}`, `stat ${root}`,
      ])
  }
}

export function* generateOverlay(seed: number, count: number, operations = '60'): Generator<string> {
  for (let at = seed; at < seed + count; at++) {
    yield `session ${at}`
    yield '0 begin'
    for (const line of session(at, Number(operations))) yield `0 ${line}`
  }
}
