/**
 * A folder of the host as a file system, read-only unless the host says otherwise. Nothing outside the folder can be
 * reached through it: symbolic links are text for the kernel's own path walk, which knows no host. Files belong to one
 * owner; set-id bits do not show.
 */
import {
  EIO, ELOOP, ENOENT, ENOTDIR, ENXIO, EROFS, ESTALE, FMODE_WRITE, O_RDONLY, O_RDWR, S_IFDIR,
  S_IFLNK, S_IFMT, S_IFREG, SB_I_NODEV, SB_RDONLY,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import { aBoolean, aString, checkOptions, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { forHost } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { LOOKUP_CREATE, LOOKUP_EXCL, LOOKUP_OPEN, LOOKUP_RCU } from '../../state/vfs/lookup-flags.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import { emitDots } from '../../vfs/readdir.ts'
import { endless_llseek, generic_file_llseek } from '../../vfs/rw.ts'
import { fileState, inodeState, superState } from '../../state/vfs/state.ts'
import { fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { hostChanges } from './host-changes.ts'
import { HostDir } from './host-dir.ts'
import { onLinux } from './host-folders.ts'
import type { Listing } from './host-listing.ts'
import type { HostNode, HostStat } from './host-node.ts'
import { WritableHostDir } from './host-write.ts'

export interface HostfsOptions {
  /** The host's folder. It is opened once; what is mounted stays that folder even if its name is given away. */
  readonly path: string
  /** Name of the type, as mount(2) takes it. Default `hostfs`. */
  readonly type?: string
  /** Whose everything appears to be, as ids of the initial namespace. Default root. */
  readonly uid?: number
  readonly gid?: number
  /**
   * Whether programs may change the folder (default false). Needs a host that opens below descriptors: Linux. Owners
   * stay the host's; set-id bits, devices and attributes cannot be made.
   */
  readonly writable?: boolean
  /** Most descriptors of the host that programs may hold by it (default 512); the next open is -ENFILE. */
  readonly descriptors?: number
}

const rules: OptionRules<HostfsOptions> = {
  path: required(aString, "hostfs({ path: '/srv/data' })"),
  type: aString,
  uid: wholeNumber(0),
  gid: wholeNumber(0),
  writable: aBoolean,
  descriptors: wholeNumber(0),
}

/** HOSTFS_SUPER_MAGIC of User Mode Linux. */
const HOSTFS_SUPER_MAGIC = 0x00c0ffee
const PERMISSIONS = 0o777
const TYPE = { dir: S_IFDIR, file: S_IFREG, link: S_IFLNK } as const
/** What a listing says of the number of a name that it does not look up, as preview 1 has it. */
const INO_UNKNOWN = 0
const NS_PER_SEC = 1_000_000_000n
const DESCRIPTORS = 512
/** The first try of an open. */
const TRUSTING = LOOKUP_OPEN | LOOKUP_RCU
/** An open that must make the file. */
const NEW_FILE = LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_EXCL
/** What an open says of a name that is not there any more, or is something else. */
const GONE: ReadonlySet<number> = new Set([-ENOENT, -ELOOP, -ENOTDIR, -ENXIO])

const nodeOf = (inode: Inode): HostNode => inodeState(inode).fs as HostNode
const hostOf = (inode: Inode): HostDir => superState(inode.i_sb).fs as HostDir

/** The second that a time lies in, and when it began: dividing is dear, and most times lie where the last one did. */
let lastSecond = 0n
let lastSeconds = 0
const secondsOf = (ns: bigint): number => {
  if (ns < lastSecond || ns - lastSecond >= NS_PER_SEC) {
    lastSeconds = Math.floor(Number(ns / NS_PER_SEC))
    lastSecond = BigInt(lastSeconds) * NS_PER_SEC
    if (lastSecond > ns) {
      lastSeconds--
      lastSecond -= NS_PER_SEC
    }
  }
  return lastSeconds
}

/** Makes an inode show what the host says now. */
const refresh = (inode: Inode, stat: HostStat): void => {
  inode.i_mode = (inode.i_mode & S_IFMT) | (stat.mode & PERMISSIONS)
  inode.i_size = stat.size
  inode.i_nlink = stat.nlink
  inode.i_blocks = Math.ceil(stat.size / 512)
  if (stat.times === null) return
  const { atimeNs, mtimeNs, ctimeNs } = stat.times
  inode.i_atime_sec = secondsOf(atimeNs)
  inode.i_atime_nsec = Number(atimeNs - lastSecond)
  inode.i_mtime_sec = secondsOf(mtimeNs)
  inode.i_mtime_nsec = Number(mtimeNs - lastSecond)
  inode.i_ctime_sec = secondsOf(ctimeNs)
  inode.i_ctime_nsec = Number(ctimeNs - lastSecond)
}

/**
 * For `bootKernel`: `mounts: [{ type: hostfs({ path }), target: '/host' }]`. Throws OptionError, and the host's error
 * for a bad `path`.
 */
export const hostfs = (options: HostfsOptions) => {
  checkOptions(options, rules, 'hostfs')
  const { path, type = 'hostfs', uid = 0, gid = 0, writable = false, descriptors = DESCRIPTORS } = options
  if (writable && !onLinux) throw new Error('only a folder of a Linux host can be shared for writing')
  const host = writable ? new WritableHostDir(path, descriptors) : new HostDir(path, descriptors)
  return (machine: Machine): FileSystem => {
    const { vfs } = machine

    /** What the host was asked about in the system call that runs: it need not be asked again. */
    let asked: HostNode | null = null
    /** The folder whose name was found to lead where it did, in the same call. */
    let known: HostNode | null = null
    const forget = (): void => {
      asked = known = null
    }
    const noteAsked = (node: HostNode): void => {
      noteKnown(node)
      asked = node
    }
    const noteKnown = (node: HostNode): void => {
      if (known === null) machine.callRcu(forget)
      known = node
    }

    const instantiate = (sb: SuperBlock, node: HostNode, stat: HostStat): Inode | number => {
      const inode = vfs.new_inode(
        sb,
        TYPE[node.kind] | (stat.mode & PERMISSIONS),
        iops[node.kind],
        fops[node.kind],
        node,
      )
      if (inode === null) return -EIO
      inode.i_uid = uid
      inode.i_gid = gid
      inode.i_ino = Number(BigInt.asUintN(52, node.ino))
      refresh(inode, stat)
      return inode
    }

    const lookup = (dir: Inode, dentry: Dentry, flags: number): number => {
      const { name } = dentry.d_name
      // the host makes it only where there is none, and says so where there is one
      if (changes !== null && (flags & NEW_FILE) === NEW_FILE) {
        vfs.d_add(dentry, null)
        return 0
      }
      const isToOpen = (flags & (LOOKUP_OPEN | LOOKUP_CREATE)) === LOOKUP_OPEN
      const found = isToOpen ? hostOf(dir).lookupToOpen(nodeOf(dir), name) : hostOf(dir).lookup(nodeOf(dir), name)
      if (typeof found === 'number') {
        if (found !== -ENOENT) return found
        vfs.d_add(dentry, null)
        return 0
      }
      const inode = instantiate(dir.i_sb, found.node, found.stat)
      if (typeof inode === 'number') return inode
      noteAsked(found.node)
      vfs.d_add(dentry, inode)
      return 0
    }

    const getattr: Parameters<typeof inodeOperations>[0]['getattr'] = ({ dentry, mnt }, stat) => {
      const inode = dentry.d_inode!
      if (asked !== nodeOf(inode)) {
        const now = hostOf(inode).statNow(nodeOf(inode))
        // without its name it is known by what is open alone, and shows what it was
        if (typeof now !== 'number') refresh(inode, now)
        else if (now !== -ENOENT && now !== -ESTALE) return now
      }
      generic_fillattr(mnt.mnt_idmap, inode, stat)
      return 0
    }

    /** What an inode shows may be old: nobody is refused before the host was asked. */
    const permission = (inode: Inode, mask: number): number => {
      const rc = vfs.generic_permission(nop_mnt_idmap, inode, mask)
      if (rc === 0) return 0
      const now = hostOf(inode).statNow(nodeOf(inode))
      if (typeof now === 'number') return now === -ENOENT ? -ESTALE : now
      refresh(inode, now)
      return vfs.generic_permission(nop_mnt_idmap, inode, mask)
    }

    const changes = host instanceof WritableHostDir ? hostChanges(machine, host, instantiate) : null
    const iops = {
      dir: inodeOperations({ lookup, getattr, permission, ...changes?.dir }),
      file: inodeOperations({ getattr, permission, ...changes?.file }),
      link: inodeOperations({
        getattr, get_link: (_dentry, inode) => hostOf(inode).readlink(nodeOf(inode)), ...changes?.link,
      }),
    }

    const fops = {
      dir: fileOperations({
        iterate_shared(file, ctx) {
          const dir = file.f_inode
          const open = fileState(file)
          if (ctx.pos <= 2 || open.data === null) {
            const listing = hostOf(dir).list(nodeOf(dir), ctx.pos > 2)
            if (typeof listing === 'number') return listing
            open.data = listing
          }
          const { names, types } = open.data as Listing
          if (!emitDots(file, ctx)) return 0
          for (let at = ctx.pos - 2; at < names.length; at++) {
            if (!ctx.emit(names[at]!, INO_UNKNOWN, types[at]!)) return 0
            ctx.pos++
          }
          return 0
        },
        llseek: endless_llseek,
      }),
      file: fileOperations({
        open(inode, file) {
          if (file.f_mode & FMODE_WRITE && changes === null) return -EROFS
          const node = nodeOf(inode)
          const { trusted } = node
          node.trusted = false
          const opened = hostOf(inode).open(node, file.f_mode & FMODE_WRITE ? O_RDWR : O_RDONLY)
          // -ESTALE: the walk is made again, and looks at every name
          if (typeof opened === 'number') return GONE.has(opened) ? -ESTALE : opened
          const isAsked = ((inode.i_mode ^ opened.stat.mode) & PERMISSIONS) === 0
          refresh(inode, opened.stat)
          if (trusted && !isAsked) {
            hostOf(inode).close(node, opened.fd)
            return -ESTALE
          }
          fileState(file).data = opened.fd
          return 0
        },
        read: (file, buf, off, len, pos) =>
          hostOf(file.f_inode).read(fileState(file).data as number, forHost(buf), off, len, pos),
        llseek: (file, offset, whence) =>
          generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, file.f_inode.i_size),
        ...changes?.open,
        mmap: () => 0,
        release(inode, file) {
          const fd = fileState(file).data
          if (typeof fd === 'number') hostOf(inode).close(nodeOf(inode), fd)
        },
        splice: true,
      }),
      link: fileOperations({}),
    }

    const s_op = superOperations({
      statfs(_dentry, buf) {
        buf.f_type = HOSTFS_SUPER_MAGIC
        return 0
      },
      put_super: () => host.leave(),
      /**
       * A name that leads to something else by now is looked up again. That of a file which is about to be opened is
       * taken on trust the first time: what is opened is compared with what was found.
       */
      d_revalidate(dentry, flags) {
        const inode = dentry.d_inode
        if (inode === null) return 0
        const node = nodeOf(inode)
        if ((flags & (TRUSTING | LOOKUP_EXCL)) === TRUSTING && node.kind === 'file' && !node.trusted) {
          node.trusted = true
          return 1
        }
        node.trusted = false
        if (hostOf(inode).isUnchanged(node, known !== null && known === node.parent)) {
          noteKnown(node)
          return 1
        }
        // a walk begins without locks; what looks a name up otherwise is about to change it
        const isWalk = (flags & LOOKUP_RCU) !== 0 || node.kind === 'dir'
        const now = isWalk ? hostOf(inode).stat(node) : hostOf(inode).statQuickly(node)
        if (now === -ESTALE) return 0
        if (typeof now === 'number') return now === -ENOENT ? 0 : now
        refresh(inode, now)
        if (now.times !== null) noteAsked(node)
        return 1
      },
    })

    const fill = (sb: SuperBlock): Inode | number => {
      sb.s_magic = HOSTFS_SUPER_MAGIC
      sb.s_maxbytes = Number.MAX_SAFE_INTEGER
      if (changes === null) sb.s_flags |= SB_RDONLY
      sb.s_iflags |= SB_I_NODEV
      const rc = host.use()
      if (rc !== 0) return rc
      const stat = host.stat(host.root)
      const root = typeof stat === 'number' ? stat : instantiate(sb, host.root, stat)
      if (typeof root === 'number') host.leave()
      return root
    }

    return {
      name: type,
      fs_flags: 0,
      parse_param: null,
      get_tree: (fc) => vfs.get_tree_nodev(fc, s_op, [], host, fill),
      // a read-only folder stays one whatever a remount asks for
      reconfigure: (fc) =>
        changes === null && fc.sb_flags_mask & SB_RDONLY && !(fc.sb_flags & SB_RDONLY) ? -EROFS : 0,
    }
  }
}
