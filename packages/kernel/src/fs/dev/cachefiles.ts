/**
 * /dev/cachefiles: a daemon names a directory in which the kernel keeps files of network file systems
 * (fs/cachefiles/daemon.c). No file system of this kernel is one of the network, so nothing is ever kept there. The
 * hooks about such a cache are asked as Linux asks them.
 */
import {
  AT_FDCWD, CAP_SYS_ADMIN, EBUSY, EEXIST, EINVAL, EIO, ENOMEM, EOPNOTSUPP, EPERM, ERANGE, EROFS,
  OVERLAYFS_SUPER_MAGIC, PAGE_SIZE, SB_RDONLY, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable, nop_mnt_idmap, ref } from '@lsmkit/core'
import type { Cred, File, Inode, Path } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { copyIn } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { LOOKUP_DIRECTORY } from '../../state/vfs/lookup-flags.ts'
import { Kstatfs } from '../../state/vfs/kstat.ts'
import { fileState } from '../../state/vfs/state.ts'

/** Limits as parts of a hundred; the daemon may change them before it binds. */
const LIMITS: Readonly<Record<string, number>> = { frun: 7, fcull: 5, fstop: 1, brun: 7, bcull: 5, bstop: 1 }
const DIRECTORIES = ['cache', 'graveyard']
const DIRECTORY_MODE = 0o700

class Cache {
  readonly limits = new Map(Object.entries(LIMITS))
  directory: string | null = null
  tag: string | null = null
  /** The label that the kernel acts under. */
  secid: number | null = null
  cred: Cred | null = null
  root: Path | null = null
}

const cacheOf = (file: File): Cache => fileState(file).data as Cache

/** As `cachefiles_get_security_ID`: credentials for the kernel's own work, under the label that was named. */
const ownCred = (machine: Machine, cache: Cache): Cred | number => {
  const cred = machine.creds.prepare_creds()
  if (cred === null) return -ENOMEM
  if (cache.secid === null) return cred
  const acts = machine.lsm.kernel_act_as.ask(cred, cache.secid)
  if (acts >= 0) return cred
  machine.creds.put_cred(cred)
  return acts
}

/** Whether files can be kept on it: it must be able to write out all it has, as overlays are here. */
const fits = ({ dentry }: Path): number => {
  const { i_mode, i_sb } = dentry.d_inode as Inode
  if ((i_mode & S_IFMT) !== S_IFDIR || i_sb.s_magic !== OVERLAYFS_SUPER_MAGIC) return -EOPNOTSUPP
  return (i_sb.s_flags & SB_RDONLY) !== 0 ? -EROFS : 0
}

/** As `cachefiles_determine_cache_security`: new files are labelled as the directory is. */
const createAs = (machine: Machine, cache: Cache, { dentry }: Path): number => {
  const cred = machine.creds.prepare_creds()
  if (cred === null) return -ENOMEM
  const rc = machine.lsm.kernel_create_files_as.ask(cred, dentry.d_inode as Inode)
  if (rc < 0) {
    machine.creds.put_cred(cred)
    return rc
  }
  machine.creds.put_cred(cache.cred!)
  cache.cred = cred
  return 0
}

const mayCreate = (machine: Machine, { dentry }: Path): number => {
  const inode = dentry.d_inode as Inode
  const rc = machine.lsm.inode_mkdir.ask(inode, dentry, 0)
  return rc < 0 ? rc : machine.lsm.inode_create.ask(inode, dentry, 0)
}

/** As `cachefiles_get_directory`: found, or made. */
const makeDirectory = (machine: Machine, root: Path, name: string): number => {
  const dentry = machine.vfs.lookup_one(nop_mnt_idmap, name, root.dentry)
  if (typeof dentry === 'number') return dentry
  if (dentry.d_inode !== null) return (dentry.d_inode.i_mode & S_IFMT) === S_IFDIR ? 0 : -EIO
  const space = machine.vfs.statfs_by_dentry(root.dentry, new Kstatfs())
  if (space < 0) return space
  const rc = machine.lsm.path_mkdir.ask(root, dentry, DIRECTORY_MODE)
  return rc < 0 ? rc : machine.vfs.vfs_mkdir(nop_mnt_idmap, root.dentry.d_inode as Inode, dentry, DIRECTORY_MODE)
}

/** Work that is done under the cache's credentials. */
const as = <T>(machine: Machine, cache: Cache, work: () => T): T => {
  const old = machine.creds.override_creds(cache.cred!)
  try {
    return work()
  } finally {
    machine.creds.revert_creds(old)
  }
}

/** Everything after the directory was found. */
const settle = (machine: Machine, cache: Cache, root: Path): number => {
  let rc = fits(root)
  if (rc === 0) rc = as(machine, cache, () => createAs(machine, cache, root))
  if (rc !== 0) return rc
  return as(machine, cache, () => {
    rc = mayCreate(machine, root)
    if (rc < 0 && rc !== -EOPNOTSUPP) return rc
    rc = machine.vfs.statfs_by_dentry(root.dentry, new Kstatfs())
    for (const name of DIRECTORIES) if (rc === 0) rc = makeDirectory(machine, root, name)
    // the room that is left
    return rc === 0 ? machine.vfs.statfs_by_dentry(root.dentry, new Kstatfs()) : rc
  })
}

const rises = ({ limits }: Cache, kind: 'f' | 'b'): boolean => {
  const [stop, cull, run] = ['stop', 'cull', 'run'].map((name) => limits.get(kind + name)!)
  return stop! < cull! && cull! < run! && run! < 100
}

/** As `cachefiles_add_cache`. */
const addCache = (machine: Machine, cache: Cache): number => {
  const cred = ownCred(machine, cache)
  if (typeof cred === 'number') return cred
  cache.cred = cred
  const root = as(machine, cache, () =>
    machine.vfs.filename_lookup(AT_FDCWD, cache.directory!, LOOKUP_DIRECTORY, null))
  const rc = typeof root === 'number' ? root : settle(machine, cache, root)
  if (rc === 0) {
    cache.root = root as Path
    return 0
  }
  if (typeof root !== 'number') machine.vfs.path_put(root)
  machine.creds.put_cred(cache.cred)
  cache.cred = null
  return rc
}

const bind = (machine: Machine, cache: Cache, args: string): number => {
  if (!rises(cache, 'f') || !rises(cache, 'b')) return -ERANGE
  if (cache.directory === null) return -EINVAL
  if (cache.root !== null) return -EBUSY
  return args === '' ? addCache(machine, cache) : -EINVAL
}

const limit = (cache: Cache, name: string, args: string): number => {
  const [, digits = ''] = /^(\d{1,9})%$/.exec(args) ?? []
  if (digits === '') return -EINVAL
  if (Number(digits) > 100) return -EINVAL
  cache.limits.set(name, Number(digits))
  return 0
}

const secctx = (machine: Machine, cache: Cache, args: string): number => {
  if (args === '' || cache.secid !== null) return -EINVAL
  const secid = ref(0)
  const rc = machine.lsm.secctx_to_secid.ask(args, args.length, secid)
  if (rc === 0) cache.secid = secid.value
  return rc
}

const name = (cache: Cache, which: 'directory' | 'tag', args: string): number => {
  if (args === '') return -EINVAL
  if (cache[which] !== null) return -EEXIST
  cache[which] = args
  return 0
}

const command = (machine: Machine, cache: Cache, word: string, args: string): number => {
  if (cache.limits.has(word)) return limit(cache, word, args)
  switch (word) {
    case 'dir': return name(cache, 'directory', args)
    case 'tag': return name(cache, 'tag', args)
    case 'secctx': return secctx(machine, cache, args)
    case 'bind': return bind(machine, cache, args)
    case 'debug': return /^\d+$/.test(args) ? 0 : -EINVAL
    case 'cull':
    case 'inuse':
      // nothing is ever in the cache
      return args.includes('/') ? -EINVAL : -EIO
    default: return -EOPNOTSUPP
  }
}

const write = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number): number => {
  if (len >= PAGE_SIZE) return -EOPNOTSUPP
  const bytes = copyIn(buf).subarray(off, off + len)
  if (bytes.includes(0)) return -EINVAL
  const [line = ''] = new TextDecoder().decode(bytes).split('\n')
  const [, word = '', args = ''] = /^(\S*)\s*([^]*)$/.exec(line)!
  if (word === '') return line === '' && len === 0 ? -EOPNOTSUPP : -EINVAL
  const rc = command(machine, cacheOf(file), word, args)
  return rc === 0 ? len : rc
}

/** The device of one kernel: one daemon at a time. */
export const cachefilesDevice = (machine: Machine): FileOperations => {
  let isOpen = false
  return fileOperations({
    open(_inode, file) {
      if (!capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
      if (isOpen) return -EBUSY
      isOpen = true
      fileState(file).data = new Cache()
      return 0
    },
    write: (file, buf, off, len) => write(machine, file, buf, off, len),
    read: () => 0,
    release(_inode, file) {
      isOpen = false
      const { root, cred } = cacheOf(file)
      if (root !== null) machine.vfs.path_put(root)
      if (cred !== null) machine.creds.put_cred(cred)
    },
  })
}
