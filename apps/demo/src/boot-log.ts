/** The boot messages of the machine: read off the running kernel, worded as Linux words them. */
import { AT_FDCWD, O_RDONLY } from '@lsmkit/abi'
import type { Stack } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { Column } from './stacks.ts'
import type { System } from './system.ts'

export const bootLog = (column: Column, stack: Stack | null, { kernel }: System, ms: number): readonly string[] => {
  const security = stack === null ? 'security: the framework is not configured' : `LSM: ${stack.order.initializing}`
  const mounts = readText(kernel, '/proc/mounts').trim().split('\n').map((line) => line.split(' '))
  return [
    readText(kernel, '/proc/version').trim(),
    `Kernel command line: ${column.cmdline}`,
    security,
    ...mounts.map(([source, target, type]) => `VFS: Mounted ${target} (${type} from ${source})`),
    `Run /sbin/init as init process (booted in ${ms.toFixed(0)} ms)`,
  ]
}

/** '' for a file that is not there. */
export const readText = ({ sys, init }: Kernel, path: string): string => {
  const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
  if (fd < 0) return ''
  const buf = new Uint8Array(16384)
  const n = sys.read(init, fd, buf)
  sys.close(init, fd)
  return new TextDecoder().decode(buf.subarray(0, Math.max(n, 0)))
}
