/** devpts: the file system with the names of pseudo terminals (fs/devpts/inode.c). */
import { DEVPTS_SUPER_MAGIC, ENOSPC, FS_USERNS_MOUNT, S_IFCHR, S_IFDIR } from '@lsmkit/abi'
import type { Dentry, File, FsContext, Inode, SeqFile, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { signalOf } from '../../state/task/thread.ts'
import { fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import type { DirContext, FileSystem, InodeOperations } from '../../state/vfs/driver.ts'
import { emitDots } from '../../vfs/readdir.ts'
import { MKDEV } from '../dev/chrdev.ts'
import { legacyType } from '../legacy.ts'
import { disassociate_ctty } from './job-control.ts'
import { optionsText, parseOptions } from './options.ts'
import { deviceInode, ptmxOperations } from './ptmx.ts'
import { DevptsMount, mountOf, Ptys } from './ptys.ts'
import { slaveOperations } from './slave.ts'

const PTMX_DEV = MKDEV(5, 2)
const DT_CHR = 2

const iterate_shared = (file: File, ctx: DirContext): number => {
  if (!emitDots(file, ctx)) return 0
  const { ptys } = mountOf(file.f_inode.i_sb)
  const names: [string, Inode][] = [...ptys].map(([index, { dentry }]) => [String(index), dentry.d_inode!])
  const ptmx = file.f_path.dentry.d_children?.get('ptmx')?.d_inode
  if (ptmx) names.unshift(['ptmx', ptmx])
  for (let i = ctx.pos - 2; i < names.length; i++, ctx.pos++)
    if (!ctx.emit(names[i]![0], names[i]![1].i_ino, DT_CHR)) return 0
  return 0
}

const dir_fops = fileOperations({
  iterate_shared,
  llseek(file, offset) {
    file.f_pos = offset
    return offset
  },
})

const s_op = superOperations({
  show_options(m: SeqFile, { d_sb }: Dentry) {
    m.text += optionsText(mountOf(d_sb).options)
    return 0
  },
})

const fill = (machine: Machine, dirInode: InodeOperations, sb: SuperBlock, data: string | null): Inode | number => {
  sb.s_magic = DEVPTS_SUPER_MAGIC
  const rc = parseOptions(mountOf(sb).options, data, machine.current.task.cred.user_ns)
  if (rc !== 0) return rc
  const root = machine.vfs.new_inode(sb, S_IFDIR | 0o755, dirInode, dir_fops, null)
  if (root === null) return -ENOSPC
  root.i_nlink = 2
  return root
}

/** Each mount has a ptmx of its own. */
const mknod_ptmx = ({ vfs }: Machine, sb: SuperBlock): void => {
  const own = mountOf(sb)
  const inode = vfs.new_inode(sb, S_IFCHR | own.options.ptmxmode, deviceInode, vfs.special_fops(S_IFCHR), null)
  if (inode === null) return
  inode.i_rdev = PTMX_DEV
  own.ptmx = inode
  vfs.d_add(vfs.d_alloc(sb.s_root!, 'ptmx'), inode)
}

const mount = (machine: Machine, dirInode: InodeOperations, fc: FsContext, data: string | null): number => {
  const fillSuper = (sb: SuperBlock): Inode | number => fill(machine, dirInode, sb, data)
  const rc = machine.vfs.get_tree_nodev(fc, s_op, [], new DevptsMount(), fillSuper)
  if (rc === 0) mknod_ptmx(machine, fc.root!.d_sb)
  return rc
}

/** Options before a wrong one take effect, as in the kernel. */
const remount = (machine: Machine, sb: SuperBlock, data: string | null): number => {
  const { options, ptmx } = mountOf(sb)
  const rc = parseOptions(options, data, machine.current.task.cred.user_ns)
  if (ptmx !== null) ptmx.i_mode = S_IFCHR | options.ptmxmode
  return rc
}

export const devpts = (machine: Machine): FileSystem => {
  const ptys = new Ptys(machine, slaveOperations)
  machine.registerChrdev(PTMX_DEV, ptmxOperations(ptys))
  // the end of a session takes its terminal from all its tasks
  machine.onExit.push((task, last) => {
    const pty = last && signalOf(task).leader ? ptys.controlling(machine.current.task) : null
    if (pty !== null) disassociate_ctty(machine, pty, task)
  })
  const dirInode = inodeOperations({
    lookup(_dir, dentry) {
      machine.vfs.d_add(dentry, null)
      return 0
    },
  })
  return legacyType({
    name: 'devpts',
    fs_flags: FS_USERNS_MOUNT,
    mount: (fc, data) => mount(machine, dirInode, fc, data),
    remount: (sb, data) => remount(machine, sb, data),
  })
}
