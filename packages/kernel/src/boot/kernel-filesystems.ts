/** The file systems that show the kernel itself, registered at boot, and where they are usually mounted. */
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { cgroup2 } from '../cgroup/cgroup2.ts'
import { memoryDevices } from '../fs/dev/chrdev.ts'
import { devtmpfs } from '../fs/dev/devtmpfs.ts'
import { devpts } from '../fs/devpts/devpts.ts'
import { noDevice } from '../state/vfs/no-device.ts'
import { overlay } from '../fs/overlay/super.ts'
import { procType } from '../fs/proc/root.ts'
import { declaredDir, mergedFiles } from '../fs/pseudo/declared.ts'
import { pseudoEngine } from '../fs/pseudo/engine.ts'
import { ramfs } from '../fs/ramfs/ramfs.ts'
import { securityfs } from '../fs/security/securityfs.ts'
import { createSysfs } from '../fs/sysfs/sysfs.ts'
import { debugfs } from '../fs/tracing/debugfs.ts'
import { tracefs } from '../fs/tracing/tracefs.ts'

/** Trees that are merged into file systems of the kernel's own rather than mounted. */
const MERGED = ['securityfs', 'sysctl']

/** Where sysfs is. */
export const SYS = '/sys'

/** `type` on `target`, in this order. */
export interface UsualMount {
  readonly type: string
  readonly target: string
  readonly data?: string
}

/**
 * After the VFS is there: procfs, sysfs, devtmpfs, securityfs, debugfs, cgroup2, and a type for each tree that an LSM
 * declares.
 */
export const registerKernelFilesystems = (lsm: KeyMap, machine: Machine): readonly UsualMount[] => {
  const engine = pseudoEngine(machine)
  const { pseudoFs } = machine.stack
  const devices = memoryDevices(machine)
  machine.chrdev = (rdev) => devices.get(rdev) ?? noDevice
  machine.registerChrdev = (rdev, fops) => void devices.set(rdev, fops)
  for (const part of [machine.shmem, machine.pidfds, machine.nsfs, machine.net]) part.setUp()
  machine.registerFilesystem(procType(machine, engine))
  machine.sysfs = createSysfs(lsm, machine)
  machine.registerFilesystem(machine.sysfs.type)
  machine.registerFilesystem(cgroup2(machine))
  machine.registerFilesystem(ramfs(lsm, machine))
  machine.registerFilesystem(devtmpfs(lsm, machine))
  machine.registerFilesystem(devpts(lsm, machine))
  machine.registerFilesystem(machine.ipc.mqueues.type)
  machine.registerFilesystem(securityfs(machine, engine))
  const tracing = tracefs(lsm, machine, engine)
  machine.registerFilesystem(tracing)
  machine.registerFilesystem(debugfs(lsm, machine, engine, tracing))
  machine.registerFilesystem(overlay(lsm, machine))
  if (machine.bpf !== null) machine.registerFilesystem(machine.bpf.type)
  const own = new Map(pseudoFs.filter(({ type }) => !MERGED.includes(type)).map((fs) => [fs.type, fs]))
  for (const { type, magic } of own.values()) {
    const root = declaredDir(mergedFiles(pseudoFs, type))
    machine.registerFilesystem(engine.pseudoType({ name: type, magic, single: true, root: () => root }))
  }
  return [
    { type: 'proc', target: '/proc' },
    { type: 'devtmpfs', target: '/dev' },
    { type: 'devpts', target: '/dev/pts', data: 'gid=5,mode=620,ptmxmode=666' },
    { type: 'sysfs', target: SYS },
    { type: 'securityfs', target: '/sys/kernel/security' },
    { type: 'tracefs', target: '/sys/kernel/tracing' },
    { type: 'debugfs', target: '/sys/kernel/debug' },
    { type: 'cgroup2', target: '/sys/fs/cgroup', data: 'nsdelegate' },
    ...(machine.bpf === null ? [] : [{ type: 'bpf', target: '/sys/fs/bpf', data: 'mode=700' }]),
    ...[...own.values()].map(({ type, mountPoint }) => ({ type, target: mountPoint })),
  ]
}
