/** Operations of selinux-ops.tsv: selinuxfs. */
import { MAP_PRIVATE, O_RDONLY, O_RDWR, O_WRONLY, PROT_READ } from '@lsmkit/abi'
import { tree } from './files.ts'
import { domain, encode, object } from './world.ts'
import type { Calls, Operation } from './world.ts'

const ROOT = '/sys/fs/selinux'
/** Class file, by the policy's number. */
const FILE_CLASS = 7

const done = (rc: number): number => Math.min(rc, 0)

/** Opens a file of selinuxfs and writes to it. */
const write = (sys: Calls, name: string, text: string | Uint8Array, flags: number = O_WRONLY): number => {
  const fd = sys.open(`${ROOT}/${name}`, flags, 0)
  return fd < 0 ? fd : done(sys.write(fd, typeof text === 'string' ? encode(text) : text))
}

/** A question, and its answer. */
const ask = (name: string, text: string): Operation => () => (sys) => {
  const fd = sys.open(`${ROOT}/${name}`, O_RDWR, 0)
  if (fd < 0) return fd
  const rc = sys.write(fd, encode(text))
  return rc < 0 ? rc : done(sys.read(fd, new Uint8Array(4096)))
}

const pair = `${domain('s_t')} ${object('o_t')} ${FILE_CLASS}`

export const selinuxfsOperations: Readonly<Record<string, Operation>> = {
  selfs_access: ask('access', pair),
  selfs_create: ask('create', pair),
  selfs_relabel: ask('relabel', pair),
  selfs_member: ask('member', pair),
  selfs_user: ask('user', `${domain('s_t')} u`),
  selfs_context: ask('context', domain('s_t')),
  selfs_context_invalid: ask('context', domain('nosuch_t')),
  selfs_checkreqprot: () => (sys) => write(sys, 'checkreqprot', '0'),
  selfs_cache_threshold: () => (sys) => write(sys, 'avc/cache_threshold', '512'),
  selfs_status_mmap: () => (sys) => {
    const fd = sys.open(`${ROOT}/status`, O_RDONLY, 0)
    return fd < 0 ? fd : done(sys.mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0))
  },
  sel_setbool: () => (sys) => write(sys, 'booleans/flag', '1') || write(sys, 'commit_pending_bools', '1'),
  sel_setbool_pending: () => (sys) => write(sys, 'booleans/flag', '1'),
  sel_load_policy: (world) => {
    world.file('/policy', 'root_t', world.policy)
    const fd = world.fd('/policy', O_RDONLY)
    return (sys) => {
      const bytes = new Uint8Array(world.policy.length)
      // what cannot be read is written all the same
      sys.read(fd, bytes)
      return write(sys, 'load', bytes)
    }
  },
  sel_load_garbage: () => (sys) => write(sys, 'load', new Uint8Array(16)),
  sel_fd_after_reload: (world) => {
    tree(world)
    return (sys) => {
      const fd = sys.open('f', O_RDONLY, 0)
      if (fd < 0) return fd
      world.load(world.current)
      return done(sys.read(fd, new Uint8Array(4)))
    }
  },
}
