/**
 * The rooms of the kernel package, floor by floor from the ground up. A room may import the rooms of floors below its
 * own, types included, and no other. The lint rule `lsmkit/layers` reads this table; a folder without a floor is an
 * error. ARCHITECTURE.md has the picture (picture.ts).
 */
export interface Floor {
  readonly name: string
  readonly rooms: readonly string[]
}

/** `machine.ts` stands for itself; the other names are folders of packages/kernel/src. */
export const kernelFloors: readonly Floor[] = [
  { name: 'plain state, which knows no machine', rooms: ['state'] },
  { name: 'what parts may call of one another', rooms: ['interfaces'] },
  { name: 'what one booted kernel holds', rooms: ['machine.ts'] },
  { name: 'parts that need no other part', rooms: ['bpf', 'keys', 'log', 'perf', 'seccomp', 'vfs'] },
  { name: 'parts on files', rooms: ['mm', 'net', 'task'] },
  { name: 'parts on tasks', rooms: ['exec', 'fs', 'landlock'] },
  { name: 'parts on file systems', rooms: ['cgroup', 'ipc'] },
  { name: 'the system calls', rooms: ['syscalls'] },
  { name: 'what puts the parts together', rooms: ['boot', 'files'] },
  { name: 'what looks on from outside', rooms: ['strace'] },
]

/** Entry points and tests' own code stand above all floors. */
export const kernelDoors: readonly string[] = [
  'index.ts', 'boot.ts', 'exports.ts', 'hostfs.ts', 'parts.ts', 'confine.ts', 'fuzz', 'testing',
]

const height = new Map(kernelFloors.flatMap(({ rooms }, floor) => rooms.map((room) => [room, floor] as const)))

/** The room of a file of packages/kernel/src: its first folder, or the file itself. */
export const roomOf = (path: string): string => path.split('/', 1)[0]!

/** Why `from` may not import `to`, or null where it may. */
export const roomFault = (from: string, to: string): string | null => {
  if (from === to || kernelDoors.includes(from)) return null
  const own = height.get(from)
  if (own === undefined) return `the room ${from} has no floor in scripts/layers/rooms.ts.`
  const below = kernelFloors.slice(0, own).flatMap(({ rooms }) => rooms)
  if (below.includes(to)) return null
  return `the room ${from} may import the rooms below it (${below.join(', ') || 'there are none'}), not ${to}.`
}
