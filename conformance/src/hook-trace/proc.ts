/** Operations of hook-trace.tsv that macros made once for each file of procfs: `proc_maps_dac`, `attr_read_exec`, … */
import { AT_FDCWD, O_RDONLY, O_RDWR, O_WRONLY, PR_SET_DUMPABLE } from '@lsmkit/abi'
import type { Operation } from './world.ts'

/** Opens `name` of a kid of uid `of`, as uid `by`. */
const openOf = (name: string, flags: number, of: number, by: number): Operation => (world) => {
  const path = `/proc/${world.kid(of)}/${name}`
  if (by !== 0) {
    world.user()
    if (of === by) world.sys.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
  }
  return () => world.sys.openat(AT_FDCWD, path, flags, 0)
}

/** The task itself, by its number; root at uid 1000; uid 1000 at its like; uid 1000 at root. */
const opens = (name: string, flags: number): [string, Operation][] => [
  [`proc_${name}_self`, ({ sys, task }) => () => sys.openat(AT_FDCWD, `/proc/${task.pid}/${name}`, flags, 0)],
  [`proc_${name}_root`, openOf(name, flags, 1000, 0)],
  [`proc_${name}_same`, openOf(name, flags, 1000, 1000)],
  [`proc_${name}_dac`, openOf(name, flags, 0, 1000)],
]

const attribute = (name: string): [string, Operation][] => [
  [
    `attr_read_${name.replace('/', '_')}`,
    ({ sys }) => () =>
      sys.read(sys.openat(AT_FDCWD, `/proc/self/attr/${name}`, O_RDONLY, 0), new Uint8Array(200)),
  ],
  [
    `attr_write_${name.replace('/', '_')}`,
    ({ sys }) => {
      const fd = sys.openat(AT_FDCWD, `/proc/self/attr/${name}`, O_WRONLY, 0)
      return () => sys.write(fd, new TextEncoder().encode('foo\0'))
    },
  ],
]

const ATTRIBUTES =
  ['current', 'exec', 'fscreate', 'keycreate', 'sockcreate', 'prev', 'smack/current', 'apparmor/current']

export const procOperations: Readonly<Record<string, Operation>> = Object.fromEntries([
  ...['maps', 'environ', 'status', 'fd'].flatMap((name) => opens(name, O_RDONLY)),
  ...opens('mem', O_RDWR),
  ...ATTRIBUTES.flatMap(attribute),
])
