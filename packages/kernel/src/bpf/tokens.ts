/** BPF_TOKEN_CREATE: a token allows what a bpffs of the caller's user namespace delegates (kernel/bpf/token.c). */
import * as abi from '@lsmkit/abi'
import { CAP_BPF, EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM, MAY_ACCESS, O_RDWR, S_IFREG } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { File, FsStruct, Inode, Path } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { newInode } from './bpffs.ts'
import { delegationOf } from './bpffs-mount.ts'
import type { Delegation } from './delegation.ts'
import { knownBits } from './delegation.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import type { Attr } from './attr.ts'
import type { BpfCommands, Command } from './context.ts'
import { KernelToken } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { put_token } from './references.ts'

const tokenOf = (file: File): KernelToken | null => fileState(file).data as KernelToken | null

const line = (name: string, mask: bigint, known: bigint): string =>
  `${name}:\t${(mask & known) === known ? 'any' : mask === 0n ? '0x0' : `0x${mask.toString(16)}`}\n`

const tokenText = (file: File): string => {
  const token = tokenOf(file)!
  return line('allowed_cmds', token.allowed_cmds, knownBits('cmds')) +
    line('allowed_maps', token.allowed_maps, knownBits('maps')) +
    line('allowed_progs', token.allowed_progs, knownBits('progs')) +
    line('allowed_attachs', token.allowed_attachs, knownBits('attachs'))
}

/** A file that the hook refused has no token. */
export const tokenOperations = (machine: Machine): FileOperations =>
  fileOperations({
    release: (_inode, file) => put_token(machine, tokenOf(file)),
    show_fdinfo: tokenText,
  })

const isEmpty = ({ cmds, maps, progs, attachs }: Delegation): boolean => (cmds | maps | progs | attachs) === 0n

/** 0 if the path is the root of a bpffs that delegates something to the caller, or -errno. */
const mayDelegate = (machine: Machine, { mnt, dentry }: Path): number => {
  const sb = dentry.d_sb
  if (dentry !== sb.s_root || delegationOf(sb) === null) return -EINVAL
  const rc = machine.vfs.inode_permission(mnt.mnt_idmap, dentry.d_inode as Inode, MAY_ACCESS)
  if (rc !== 0) return rc
  const { user_ns } = machine.current.task.cred
  if (user_ns !== sb.s_user_ns || !ns_capable(machine.lsm, machine.current, user_ns, CAP_BPF)) return -EPERM
  if (user_ns === machine.init_user_ns) return -EOPNOTSUPP
  return isEmpty(delegationOf(sb)!) ? -ENOENT : 0
}

/** As in the kernel, the file is made first and closed again if the hook refuses the token. */
const makeFile = (machine: Machine, attr: Attr, path: Path): File | number => {
  const { token_fops } = machine.bpfTable.operations
  const { d_sb: sb } = path.dentry
  const mode = S_IFREG | (0o600 & ~(machine.current.task.fs as FsStruct).umask)
  const inode = newInode(machine, sb, mode, token_fops)
  if (typeof inode === 'number') return inode
  inode.i_nlink = 0
  const file = machine.vfs.alloc_file_pseudo(inode, path.mnt, 'bpf-token', O_RDWR, token_fops)
  if (typeof file === 'number') return file
  const { cmds, maps, progs, attachs } = delegationOf(sb)!
  const token = new KernelToken(sb.s_user_ns, {
    allowed_cmds: cmds, allowed_maps: maps, allowed_progs: progs, allowed_attachs: attachs,
  })
  const rc = machine.lsm.bpf_token_create.ask(token, attr.values, path)
  if (rc !== 0) {
    machine.lsm.bpf_token_free.tell(token)
    machine.vfs.fput(file)
    return rc
  }
  fileState(file).data = token
  return file
}

const token_create: Command = (machine, attr) => {
  if (attr.hasTail || attr.number('flags') !== 0) return -EINVAL
  const file = fget(machine.current.task, attr.fd('bpffs_fd'))
  if (file === null) return -EBADF
  const rc = mayDelegate(machine, file.f_path)
  return rc !== 0 ? rc : machine.vfs.installNew(() => makeFile(machine, attr, file.f_path), true)
}

export const tokenCommands: BpfCommands = { [abi.BPF_TOKEN_CREATE]: token_create }
