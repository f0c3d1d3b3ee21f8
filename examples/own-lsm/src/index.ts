/**
 * Warden: a whole mandatory access control in one file, to start your own from.
 *
 * Files carry a mark in the attribute `security.warden`: `secret`, `system`, or `guest`. A task that executes a file
 * marked `guest` becomes a guest, and so do its children. A guest may not open what is secret, change what is system,
 * look into other tasks, or rewrite its own security attributes. Marks are inherited from the folder.
 */
import { EACCES, EINVAL, EOPNOTSUPP, EPERM, FMODE_WRITE, MAY_APPEND, MAY_WRITE } from '@lsmkit/abi'
import { defineBlob, defineLsm, lsm_get_xattr_slot } from '@lsmkit/core'
import type { Cred, HookGroup, Inode, LsmContext } from '@lsmkit/core'

export const XATTR_NAME_WARDEN = 'security.warden'
export const LSM_ID_WARDEN = 1000

/** The values of the attribute; '' is not a mark. */
export type Mark = '' | 'secret' | 'system' | 'guest'
const marks: readonly string[] = ['secret', 'system', 'guest']

const markOf = (value: Uint8Array | number): Mark => {
  if (typeof value === 'number') return ''
  const text = new TextDecoder().decode(value)
  return marks.includes(text) ? (text as Mark) : ''
}

/** A fresh instance: state of two stacks is never shared. */
export const warden = () => {
  const subject = defineBlob((_cred: Cred) => ({ guest: false }))
  const object = defineBlob((_inode: Inode) => ({ mark: '' as Mark }))

  const hooks = ({ current, host }: LsmContext): readonly HookGroup[] => {
    const isGuest = () => subject(current.task.cred).guest
    const mark = (inode: Inode) => object(inode).mark
    /** Guests leave everybody else alone. */
    const aboutTask = (target: Cred) => (isGuest() && !subject(target).guest ? -EPERM : 0)

    const taskHooks: HookGroup = {
      cred_prepare(next, old) {
        subject(next).guest = subject(old).guest
        return 0
      },
      cred_transfer(next, old) {
        subject(next).guest = subject(old).guest
      },
      bprm_creds_for_exec(bprm) {
        if (mark(bprm.file.f_inode) === 'guest') subject(bprm.cred).guest = true
        return 0
      },
      ptrace_access_check: (child) => aboutTask(child.real_cred),
      task_kill: (target) => aboutTask(target.real_cred),
      setprocattr: () => (isGuest() ? -EACCES : -EINVAL),
    }

    const fileHooks: HookGroup = {
      d_instantiate(_dentry, inode) {
        if (inode === null || mark(inode) !== '') return
        object(inode).mark = markOf(host.__vfs_getxattr(inode, XATTR_NAME_WARDEN))
      },
      inode_init_security(inode, dir, _name, xattrs, count) {
        const inherited = mark(dir)
        if (inherited === '') return -EOPNOTSUPP
        object(inode).mark = inherited
        const slot = lsm_get_xattr_slot(xattrs, count)
        if (slot !== null) Object.assign(slot, { name: 'warden', value: new TextEncoder().encode(inherited) })
        return 0
      },
      inode_setxattr: (_idmap, _dentry, name) => (name === XATTR_NAME_WARDEN && isGuest() ? -EPERM : 0),
      inode_post_setxattr(dentry, name, value) {
        if (name === XATTR_NAME_WARDEN && dentry.d_inode !== null) object(dentry.d_inode).mark = markOf(value)
      },
      inode_permission(inode, mask) {
        return (mask & (MAY_WRITE | MAY_APPEND)) !== 0 && mark(inode) === 'system' && isGuest() ? -EPERM : 0
      },
      file_open(file) {
        const wanted = mark(file.f_inode)
        if (wanted === '' || !isGuest()) return 0
        if (wanted === 'secret') return -EACCES
        return wanted === 'system' && (file.f_mode & FMODE_WRITE) !== 0 ? -EPERM : 0
      },
    }
    return [taskHooks, fileHooks]
  }

  return defineLsm({
    name: 'warden',
    abi: '1.0',
    id: LSM_ID_WARDEN,
    blobs: { cred: subject, inode: object },
    xattrs: 1,
    hooks,
  })
}
