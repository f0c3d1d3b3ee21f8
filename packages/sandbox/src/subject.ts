/** Who acts in a box: programs without any privilege, and the host's own hand on its files. */
import {
  _LINUX_CAPABILITY_VERSION_3, AT_FDCWD, CAP_LAST_CAP, CapSet, errnoName, O_RDONLY, packUserCap, PR_CAPBSET_DROP,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { User } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'

export interface Ids {
  readonly uid: number
  readonly gid: number
}

/** Users that every box knows. */
const known: Readonly<Record<string, Ids>> = {
  root: { uid: 0, gid: 0 }, guest: { uid: 1000, gid: 1000 }, nobody: { uid: 65534, gid: 65534 },
}

/** The ids of a user. Throws SandboxError for a name that nobody has. */
export const idsOf = (kernel: Kernel, user: User): Ids => {
  if (typeof user === 'number') return { uid: user, gid: user }
  const own = passwd(kernel).get(user) ?? known[user]
  if (own !== undefined) return own
  throw new SandboxError('not-there', `there is no user \`${user}\``, {
    hint: `a number, ${Object.keys(known).join(', ')}, or a name of the tree's /etc/passwd`,
  })
}

const passwd = ({ sys, init }: Kernel): Map<string, Ids> => {
  const users = new Map<string, Ids>()
  const fd = sys.openat(init, AT_FDCWD, '/etc/passwd', O_RDONLY, 0)
  if (fd < 0) return users
  const buffer = new Uint8Array(65536)
  const length = sys.read(init, fd, buffer)
  sys.close(init, fd)
  for (const line of new TextDecoder().decode(buffer.subarray(0, Math.max(0, length))).split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':')
    if (/^\d+$/.test(uid) && /^\d+$/.test(gid)) users.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return users
}

export const must = (rc: number, what: string): number => {
  if (rc < 0) throw new SandboxError('bad-tree', `${what}: ${errnoName(rc)}`)
  return rc
}

export const forked = ({ sys, machine }: Kernel, parent: Task): Task => {
  const pid = must(sys.fork(parent), 'fork')
  return machine.as(parent, () => machine.tasks.findByVpid(pid)) as Task
}

/** No program of it gets a capability by executing anything. */
export const dropBound = ({ sys }: Kernel, task: Task): void => {
  for (let cap = 0; cap <= CAP_LAST_CAP; cap++) {
    must(sys.prctl(task, PR_CAPBSET_DROP, cap, 0, 0, 0), `prctl(PR_CAPBSET_DROP, ${cap})`)
  }
}

const setCaps = ({ sys }: Kernel, task: Task, set: CapSet): void => {
  const data = packUserCap({ effective: set, permitted: set, inheritable: new CapSet() }, 2)
  must(sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data), 'capset')
}

/** The task, which has no groups beside, becomes that user and keeps no capability. */
export const becomeUser = (kernel: Kernel, task: Task, { uid, gid }: Ids): void => {
  const { sys } = kernel
  must(sys.setresgid(task, gid, gid, gid), 'setresgid')
  must(sys.setresuid(task, uid, uid, uid), 'setresuid')
  // who was root and is no more has lost them by that
  const { cap_permitted, cap_effective, cap_inheritable } = task.cred
  const isBare = [cap_permitted, cap_effective, cap_inheritable].every(({ lo, hi }) => lo === 0 && hi === 0)
  if (!isBare) setCaps(kernel, task, new CapSet())
}

/** A child of process 1 that may do all to files, and what it makes belongs to that user. */
export const hostHand = (kernel: Kernel, { uid, gid }: Ids): Task => {
  const task = forked(kernel, kernel.init)
  const { lo, hi } = task.cred.cap_permitted
  const all = new CapSet(lo, hi)
  kernel.sys.setfsgid(task, gid)
  kernel.sys.setfsuid(task, uid)
  // what a change of the user took from the effective set comes back
  setCaps(kernel, task, all)
  return task
}
