/** Tokens: what a bpffs of a user namespace lets its users do (bpf_token_create of kernel/bpf/token.c). */
import * as abi from '@lsmkit/abi'
import {
  CAP_BPF, EBADF, EINVAL, ENOENT, EOPNOTSUPP, EPERM, MAY_ACCESS, O_RDWR, S_IFREG,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { File, FsStruct, Inode, Path } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { Bpffs, Delegation } from './bpffs.ts'
import { knownBits } from './delegation.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import type { Attr } from './attr.ts'
import type { BpfContext, Command } from './context.ts'
import { KernelToken } from '../state/bpf/objects.ts'

const tokenOf = (file: File): KernelToken => fileState(file).data as KernelToken

const line = (name: string, mask: bigint, known: bigint): string =>
  `${name}:\t${(mask & known) === known ? 'any' : mask === 0n ? '0x0' : `0x${mask.toString(16)}`}\n`

const tokenText = (file: File): string => {
  const token = tokenOf(file)
  return line('allowed_cmds', token.allowed_cmds, knownBits('cmds')) +
    line('allowed_maps', token.allowed_maps, knownBits('maps')) +
    line('allowed_progs', token.allowed_progs, knownBits('progs')) +
    line('allowed_attachs', token.allowed_attachs, knownBits('attachs'))
}

export const tokenCommands = ({ lsm, machine, fds }: BpfContext, bpffs: Bpffs) => {
  const { vfs, current } = machine

  const token_fops = fileOperations({
    release: (_inode, file) => fds.put_token(fileState(file).data === null ? null : tokenOf(file)),
    show_fdinfo: tokenText,
  })

  /** The root of a bpffs, whose delegation counts: 0 or -errno. */
  const mayDelegate = ({ mnt, dentry }: Path): number => {
    const sb = dentry.d_sb
    if (dentry !== sb.s_root || bpffs.delegationOf(sb) === null) return -EINVAL
    const rc = vfs.inode_permission(mnt.mnt_idmap, dentry.d_inode as Inode, MAY_ACCESS)
    if (rc !== 0) return rc
    const { user_ns } = current.task.cred
    if (user_ns !== sb.s_user_ns || !ns_capable(lsm, current, user_ns, CAP_BPF)) return -EPERM
    if (user_ns === machine.init_user_ns) return -EOPNOTSUPP
    return isEmpty(bpffs.delegationOf(sb)!) ? -ENOENT : 0
  }

  /** The file first, then the hook on what it is to be: as there, a refusal ends the file again. */
  const makeFile = (attr: Attr, path: Path): File | number => {
    const { d_sb: sb } = path.dentry
    const mode = S_IFREG | (0o600 & ~(current.task.fs as FsStruct).umask)
    const inode = bpffs.newInode(sb, mode, token_fops)
    if (typeof inode === 'number') return inode
    inode.i_nlink = 0
    const file = vfs.alloc_file_pseudo(inode, path.mnt, 'bpf-token', O_RDWR, token_fops)
    if (typeof file === 'number') return file
    const { cmds, maps, progs, attachs } = bpffs.delegationOf(sb)!
    const token = new KernelToken(sb.s_user_ns, {
      allowed_cmds: cmds, allowed_maps: maps, allowed_progs: progs, allowed_attachs: attachs,
    })
    const rc = lsm.bpf_token_create.ask(token, attr.values, path)
    if (rc !== 0) {
      lsm.bpf_token_free.tell(token)
      vfs.fput(file)
      return rc
    }
    fileState(file).data = token
    return file
  }

  const token_create: Command = (attr) => {
    if (attr.hasTail || attr.number('flags') !== 0) return -EINVAL
    const file = fget(current.task, attr.fd('bpffs_fd'))
    if (file === null) return -EBADF
    const rc = mayDelegate(file.f_path)
    return rc !== 0 ? rc : vfs.installNew(() => makeFile(attr, file.f_path), true)
  }

  return { [abi.BPF_TOKEN_CREATE]: token_create }
}

const isEmpty = ({ cmds, maps, progs, attachs }: Delegation): boolean => (cmds | maps | progs | attachs) === 0n
