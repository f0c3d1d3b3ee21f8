/** LoadPin: loads from five file systems that come and go, the setting, and lists of digests. A session is a boot. */
import { ownValue } from '@lsmkit/abi'
import { hex, randomFrom } from './random.ts'
import type { Random } from './random.ts'

/** By their mount points: two of memory, a disk, one that nobody can write to, and one that dm-verity checks. */
const PLACES: Readonly<Record<string, readonly [source: string, type: string, flags: number]>> = {
  '/a': ['a', 'tmpfs', 0], '/b': ['b', 'tmpfs', 0], '/c': ['/dev/ram0', 'ext2', 0], '/d': ['/dev/ram1', 'ext2', 1],
  '/e': ['/dev/dm-0', 'ext2', 1],
}
const KINDS = [
  'unknown', 'firmware', 'kernel-module', 'kexec-image', 'kexec-initramfs', 'security-policy', 'x509-certificate',
]
const ENFORCE = '/proc/sys/kernel/loadpin/enforce'
const VERITY = '/sys/kernel/security/loadpin/dm-verity'
const FIRMWARE = '/sys/devices/virtual/misc/test_firmware/trigger_request'
const HEADER = '# LOADPIN_TRUSTED_VERITY_ROOT_DIGESTS\n'

/** The boot parameters of a session stand behind its number. */
export function* generateLoadpin(seed: number, count: number, verity = ''): Generator<string> {
  const random = randomFrom(seed)
  const { below, pick } = random
  const kinds = Array.from({ length: below(3) === 0 ? 1 + below(3) : 0 }, () => pick(KINDS))
  const excluded = kinds.length === 0 ? '' : ` loadpin.exclude=${kinds.join()}`
  const enforce = pick(['', ' loadpin.enforce=1', ' loadpin.enforce=1', ' loadpin.enforce=0'])
  yield `session ${seed}${enforce}${excluded}`
  yield '0 log LoadPin:'
  const mounted = new Set<string>()
  for (const place of Object.keys(PLACES)) yield* mount(place, mounted, verity)
  // later the list is mostly refused, as it lies elsewhere than what was pinned
  if (below(2) === 0) yield* listDigests(`${HEADER}${verity}\n`)
  for (let i = 0; i < count; i++) {
    yield* operation(random, mounted, verity)
    yield '0 log LoadPin:'
  }
}

function* mount(place: string, mounted: Set<string>, verity: string): Generator<string> {
  const [source, type, flags] = ownValue(PLACES, place)!
  const root = place === '/e' ? ` ${verity}` : ''
  yield `0 mount ${source} ${place} ${type} ${flags}${root}`
  mounted.add(place)
  // the disks have their files already
  if (type === 'tmpfs') yield `0 mkfile ${place}/m ${hex('not a module\n')}`
}

function* listDigests(text: string, path = '/tmp/list'): Generator<string> {
  yield `0 mkfile /tmp/list ${hex(text)}`
  yield `0 digests ${VERITY} 0 ${path}`
}

const digestList = ({ below, pick }: Random, verity: string): string =>
  pick([
    `${HEADER}${verity}\n`, `${HEADER}0123\n${verity.toUpperCase()}\n`, `${HEADER}${verity}\n`,
    `${HEADER}abcd\n`, `${HEADER}ABCD\n0123\n`, HEADER, 'abcd\n', `${HEADER}abc\n`, '\nabcd\n', `${HEADER}xy\n`,
    `${HEADER}${'00'.repeat(below(2100))}\n`, '',
  ])

function* operation(random: Random, mounted: Set<string>, verity: string): Generator<string> {
  const { below, pick } = random
  const place = pick(Object.keys(PLACES))
  switch (below(14)) {
    case 0: return yield `0 init_module ${pick([10, 64, 100])}`
    case 1: return yield `0 kexec_load ${pick(['0', '1', '0x10'])}`
    case 2: case 3: return yield `0 write ${ENFORCE} 1 ${hex(pick(['0', '1', '0\n', '1\n', '2', '-1', 'x', '']))}`
    case 4: return yield `0 pread ${ENFORCE} 0 0 10`
    case 5:
      if (!mounted.has(place)) return yield* mount(place, mounted, verity)
      mounted.delete(place)
      return yield `0 umount ${place}`
    case 6: return yield `0 kexecfile ${place}/m 0 ${pick(['0', '4', '0x20'])}`
    case 7: return yield '0 finit /init 0 0'
    case 8: return yield `0 finit ${place} 0 0`
    case 9: case 10:
      return yield `0 write ${FIRMWARE} 1 ${hex(`${place.slice(1)}/m`)}`
    case 11:
      if (below(4) > 0) return
      return yield* listDigests(digestList(random, verity), pick(['/tmp/list', '/tmp/list', '/none']))
    default: yield `0 finit ${place}/m 0 ${pick([0, 0, 1, 8])}`
  }
}
