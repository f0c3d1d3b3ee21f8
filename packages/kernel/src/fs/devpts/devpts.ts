/** devpts and /dev/ptmx: pseudo terminals by number (fs/devpts/inode.c, drivers/tty/pty.c). */
import {
  DEVPTS_SUPER_MAGIC, EAGAIN, EINVAL, EIO, ENODEV, ENOMEM, ENOSPC, EPOLLHUP, EPOLLIN, EPOLLOUT, ERESTARTSYS,
  FS_USERNS_MOUNT, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, S_IFCHR, S_IFDIR, TIOCGPTPEER,
} from '@lsmkit/abi'
import type { Dentry, File, Inode, KeyMap, SuperBlock } from '@lsmkit/core'
import { copyIn, copyOut } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import { signalOf } from '../../state/task/thread.ts'
import { lookup_mnt } from '../../state/vfs/mount.ts'
import { emitDots } from '../../vfs/readdir.ts'
import { fileState, inodeState, superState } from '../../state/vfs/state.ts'
import { MKDEV } from '../dev/chrdev.ts'
import { fasync_helper, fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import { legacyType } from '../legacy.ts'
import { newOptions, optionsText, parseOptions } from './options.ts'
import { Pty } from './pty.ts'
import { ttyIoctls } from './tty-ioctl.ts'

const UNIX98_PTY_SLAVE_MAJOR = 136
export const PTMX_DEV = MKDEV(5, 2)
const MOST_PTYS = 4096
const DT_CHR = 2

/** Options of a mount, and its terminals by number. */
class Instance {
  readonly ptys = new Map<number, { readonly pty: Pty; readonly dentry: Dentry }>()
  readonly options = newOptions()
  ptmx: Inode | null = null
}

export const devpts = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { vfs } = machine
  const devOf = (pty: Pty): number => MKDEV(UNIX98_PTY_SLAVE_MAJOR, pty.index)
  const tty = ttyIoctls(lsm, machine, devOf)
  const instanceOf = (sb: SuperBlock): Instance => superState(sb).fs as Instance
  const ptyOf = (file: File): Pty => fileState(file).data as Pty

  const sleep = (file: File, pty: Pty): number => {
    if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN
    machine.sleepOn = pty.wait
    return -ERESTARTSYS
  }
  const give = (buf: GuestBytes, off: number, bytes: readonly number[]): number => {
    copyOut(bytes, buf, off)
    return bytes.length
  }

  const slave_fops = fileOperations({
    splice: true,
    fasync: fasync_helper,
    open(inode, file) {
      const own = inodeState(inode).fs
      const pty = own instanceof Pty ? own : controlling()
      if (pty === null) return -EIO
      if (!pty.masterOpen || pty.locked) return -EIO
      const rc = tty.mayOpen(pty)
      if (rc !== 0) return rc
      pty.slaves++
      pty.hadSlave = true
      fileState(file).f_op = slave_fops
      fileState(file).data = pty
      if ((file.f_flags & O_NOCTTY) === 0) tty.onOpen(pty)
      return 0
    },
    read(file, buf, off, len) {
      const pty = ptyOf(file)
      const refused = tty.mayRead(pty)
      if (refused === -ERESTARTSYS) machine.sleepOn = pty.wait
      if (refused !== 0) return refused
      const bytes = pty.readSlave(len)
      if (bytes !== null) return give(buf, off, bytes)
      return pty.masterOpen ? sleep(file, pty) : 0
    },
    write(file, buf, off, len) {
      const pty = ptyOf(file)
      if (!pty.masterOpen) return -EIO
      return pty.writeSlave(copyIn(buf, off, len)) || sleep(file, pty)
    },
    poll(file) {
      const pty = ptyOf(file)
      return (pty.slaveIsReadable ? EPOLLIN : 0) | (pty.outputFull ? 0 : EPOLLOUT) | (pty.masterOpen ? 0 : EPOLLHUP)
    },
    poll_queue: (file) => ptyOf(file).wait,
    ioctl: (file, cmd, arg) => (ptyOf(file).masterOpen ? tty.ioctl(ptyOf(file), false, file, cmd, arg) : -EIO),
    release(_inode, file) {
      const pty = ptyOf(file)
      pty.slaves--
      pty.wait.wake()
    },
  })
  const slaveInode = inodeOperations({})

  /** The terminal of the caller's session, for /dev/tty. */
  const all = new Map<number, Pty>()
  const controlling = (): Pty | null => all.get(signalOf(current.task).tty) ?? null

  /** As `devpts_pty_new`: the slave's name, owned by the caller. */
  const newName = (sb: SuperBlock, pty: Pty): Dentry | number => {
    const { options } = instanceOf(sb)
    const inode = vfs.new_inode(sb, S_IFCHR | options.mode, slaveInode, slave_fops, pty)
    if (inode === null) return -ENOSPC
    inode.i_rdev = devOf(pty)
    inode.i_uid = options.uid ?? current.task.cred.fsuid
    inode.i_gid = options.gid ?? current.task.cred.fsgid
    const dentry = vfs.d_alloc(sb.s_root!, String(pty.index))
    vfs.d_add(dentry, inode)
    return dentry
  }

  /** No number below is free. */
  let lowest = 0
  const takeIndex = (): number => {
    while (all.has(MKDEV(UNIX98_PTY_SLAVE_MAJOR, lowest))) lowest++
    return lowest
  }
  const freeIndex = (pty: Pty): void => {
    all.delete(devOf(pty))
    lowest = Math.min(lowest, pty.index)
  }

  /** The devpts that a ptmx node belongs to: its own, or what is mounted on `pts` beside it (`devpts_mntget`). */
  const superOf = ({ mnt, dentry }: File['f_path']): SuperBlock | null => {
    if (dentry.d_sb.s_magic === DEVPTS_SUPER_MAGIC) return dentry.d_sb
    const pts = dentry.d_parent?.d_children?.get('pts')
    const mounted = pts === undefined ? null : lookup_mnt(mnt, pts)
    return mounted !== null && mounted.mnt_sb.s_magic === DEVPTS_SUPER_MAGIC ? mounted.mnt_sb : null
  }

  const removeName = (sb: SuperBlock, pty: Pty): void => {
    freeIndex(pty)
    const entry = instanceOf(sb).ptys.get(pty.index)
    instanceOf(sb).ptys.delete(pty.index)
    if (entry !== undefined) vfs.d_drop(entry.dentry)
  }

  /** As `ptm_open_peer`: the slave by way of its master, whatever path leads to it. */
  const openPeer = (file: File, pty: Pty, flags: number): number => {
    const sb = superOf(file.f_path)
    const entry = sb === null ? undefined : instanceOf(sb).ptys.get(pty.index)
    if (entry === undefined) return -EIO
    const path = { mnt: file.f_path.mnt, dentry: entry.dentry }
    return vfs.installNew(() => vfs.dentry_open(path, flags, current.task.cred), (flags & O_CLOEXEC) !== 0)
  }

  const ptmx_fops = fileOperations({
    splice: true,
    fasync: fasync_helper,
    open(_inode, file) {
      const sb = superOf(file.f_path)
      if (sb === null) return -ENODEV
      const { ptys, options } = instanceOf(sb)
      if (all.size >= MOST_PTYS || ptys.size >= options.max) return -ENOSPC
      if (!fileState(file).charge(COST.pty)) return -ENOMEM
      const pty: Pty = new Pty(takeIndex(), (sig) => tty.signalGroup(pty.pgrp, sig))
      all.set(devOf(pty), pty)
      machine.registerChrdev(devOf(pty), slave_fops)
      const dentry = newName(sb, pty)
      if (typeof dentry === 'number') {
        freeIndex(pty)
        return dentry
      }
      instanceOf(sb).ptys.set(pty.index, { pty, dentry })
      fileState(file).data = pty
      return 0
    },
    read(file, buf, off, len) {
      const pty = ptyOf(file)
      const bytes = pty.readMaster(len)
      if (bytes.length > 0) return give(buf, off, bytes)
      return pty.hadSlave && pty.slaves === 0 ? -EIO : sleep(file, pty)
    },
    write: (file, buf, off, len) => ptyOf(file).writeMaster(copyIn(buf, off, len)) || sleep(file, ptyOf(file)),
    poll(file) {
      const pty = ptyOf(file)
      const isGone = pty.hadSlave && pty.slaves === 0
      return (pty.available(true) > 0 ? EPOLLIN : 0) | EPOLLOUT | (isGone ? EPOLLHUP : 0)
    },
    poll_queue: (file) => ptyOf(file).wait,
    ioctl(file, cmd, arg) {
      if (cmd === TIOCGPTPEER) return typeof arg === 'number' ? openPeer(file, ptyOf(file), arg) : -EINVAL
      return tty.ioctl(ptyOf(file), true, file, cmd, arg)
    },
    release(_inode, file) {
      const pty = ptyOf(file)
      pty.masterOpen = false
      const sb = superOf(file.f_path)
      if (sb !== null) removeName(sb, pty)
      tty.hangUp(pty)
    },
  })
  machine.registerChrdev(PTMX_DEV, ptmx_fops)
  // the end of a session takes its terminal from everybody
  machine.onExit.push((task, last) => {
    const pty = last && signalOf(task).leader ? controlling() : null
    if (pty !== null) tty.leave(pty, task)
  })

  const dir_fops = fileOperations({
    iterate_shared(file, ctx) {
      if (!emitDots(file, ctx)) return 0
      const { ptys } = instanceOf(file.f_inode.i_sb)
      const names: [string, Inode][] = [...ptys].map(([index, { dentry }]) => [String(index), dentry.d_inode!])
      const ptmx = file.f_path.dentry.d_children?.get('ptmx')?.d_inode
      if (ptmx) names.unshift(['ptmx', ptmx])
      for (let i = ctx.pos - 2; i < names.length; i++, ctx.pos++)
        if (!ctx.emit(names[i]![0], names[i]![1].i_ino, DT_CHR)) return 0
      return 0
    },
    llseek(file, offset) {
      file.f_pos = offset
      return offset
    },
  })
  const dirInode = inodeOperations({
    lookup(_dir, dentry) {
      vfs.d_add(dentry, null)
      return 0
    },
  })

  const fill = (sb: SuperBlock, data: string | null): Inode | number => {
    sb.s_magic = DEVPTS_SUPER_MAGIC
    const rc = parseOptions(instanceOf(sb).options, data, current.task.cred.user_ns)
    if (rc !== 0) return rc
    const root = vfs.new_inode(sb, S_IFDIR | 0o755, dirInode, dir_fops, null)
    if (root === null) return -ENOSPC
    root.i_nlink = 2
    return root
  }

  /** Each instance has a ptmx of its own (`mknod_ptmx`). */
  const addPtmx = (sb: SuperBlock): void => {
    const instance = instanceOf(sb)
    const mode = S_IFCHR | instance.options.ptmxmode
    const inode = vfs.new_inode(sb, mode, slaveInode, vfs.special_fops(S_IFCHR), null)
    if (inode === null) return
    inode.i_rdev = PTMX_DEV
    instance.ptmx = inode
    vfs.d_add(vfs.d_alloc(sb.s_root!, 'ptmx'), inode)
  }

  const s_op = superOperations({
    show_options(m, { d_sb }) {
      m.text += optionsText(instanceOf(d_sb).options)
      return 0
    },
  })

  return legacyType({
    name: 'devpts',
    fs_flags: FS_USERNS_MOUNT,
    mount(fc, data) {
      const rc = vfs.get_tree_nodev(fc, s_op, [], new Instance(), (sb) => fill(sb, data))
      if (rc === 0) addPtmx(fc.root!.d_sb)
      return rc
    },
    /** What is wrong with the options is told after they have done what they could. */
    remount(sb, data) {
      const { options, ptmx } = instanceOf(sb)
      const rc = parseOptions(options, data, current.task.cred.user_ns)
      if (ptmx !== null) ptmx.i_mode = S_IFCHR | options.ptmxmode
      return rc
    },
  })
}
