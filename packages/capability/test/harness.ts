/** A stack with capability alone and the smallest host: one task whose credentials can be prepared and committed. */
import { capAssign, capFromHex } from '@lsmkit/abi'
import { createStack, defineLsm, noHost } from '@lsmkit/core'
import type { Cred, Dentry, HookGroup, Host, Inode, Profile, Task, UserNamespace } from '@lsmkit/core'
import { capability } from '../src/index.ts'

export interface HarnessOptions {
  readonly profile?: Profile
  /** Hooks of another LSM behind capability. */
  readonly others?: HookGroup
}

export const copyCred = (from: Cred, to: Cred): Cred => {
  for (const [name, value] of Object.entries(from)) {
    if (name.startsWith('cap_')) capAssign(to[name as 'cap_bset'], value)
    else if (name !== 'security' && name !== 'usage') Object.assign(to, { [name]: value })
  }
  return to
}

/** `sets` are hexadecimal. */
export interface CredOptions extends Partial<Pick<Cred, 'uid' | 'euid' | 'suid' | 'fsuid' | 'securebits'>> {
  readonly user_ns?: UserNamespace
  readonly P?: string
  readonly E?: string
  readonly I?: string
  readonly A?: string
  readonly B?: string
}

const capSet = (hex = '0') => capFromHex(hex)!

export const harness = ({ profile = '6.12', others = {} }: HarnessOptions = {}) => {
  const stack = createStack({
    lsms: [capability(), defineLsm({ name: 'other', abi: '1.0', id: 200, hooks: others })], profile, config: 'other',
  })
  const { objects, current, lsm } = stack
  const attributes = new Map<Inode, Uint8Array>()
  const init_user_ns = current.task.cred.user_ns
  const host: Host = {
    ...noHost,
    __vfs_getxattr: (inode) => attributes.get(inode) ?? -61,
    __vfs_removexattr: (_idmap, dentry) => (attributes.delete(dentry.d_inode!) ? 0 : -61),
    prepare_creds() {
      const next = copyCred(current.task.cred, objects.cred(init_user_ns))
      return lsm.cred_prepare.ask(next, current.task.cred, 0) < 0 ? null : next
    },
    commit_creds(next) {
      current.task.cred = current.task.real_cred = next
      return 0
    },
  }
  stack.host = host

  const cred = ({ user_ns = init_user_ns, P, E, I, A, B = '1ffffffffff', ...ids }: CredOptions = {}) =>
    Object.assign(objects.cred(user_ns), {
      cap_permitted: capSet(P), cap_effective: capSet(E), cap_inheritable: capSet(I), cap_ambient: capSet(A),
      cap_bset: capSet(B), ...ids,
    })
  const task = (options: CredOptions = {}): Task => {
    const own = cred(options)
    return objects.task(2, 2, own, own)
  }
  /** Makes a task with these credentials the current one. */
  const become = (options: CredOptions = {}): Task => (current.task = task(options))

  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, init_user_ns)
  const file = (attribute?: Uint8Array): { inode: Inode; dentry: Dentry } => {
    const inode = objects.inode(0o100755, sb, 1)
    if (attribute !== undefined) attributes.set(inode, attribute)
    const dentry = Object.assign(objects.dentry({ name: 'f', len: 1 }, sb), { d_inode: inode })
    return { inode, dentry }
  }
  return { stack, lsm, current, init_user_ns, cred, task, become, file, attributes, host }
}
