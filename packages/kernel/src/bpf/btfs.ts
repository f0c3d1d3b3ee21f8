/** Types are loaded by BPF_BTF_LOAD (btf_new_fd of kernel/bpf/btf.c). */
import * as abi from '@lsmkit/abi'
import { BPF_F_TOKEN_FD, CAP_BPF, E2BIG, EINVAL, EPERM } from '@lsmkit/abi'
import { bytesAt, tokenFor } from './context.ts'
import type { BpfContext, Command } from './context.ts'
import { checkLog, writeLog } from './log.ts'
import { KernelBtf } from '../state/bpf/objects.ts'

const BTF_MAX_SIZE = 16 << 20

export const btfCommands = (context: BpfContext) => {
  const { fds, rights } = context

  const parse: Command = (attr) => {
    const size = attr.number('btf_size')
    if (size > BTF_MAX_SIZE) return -E2BIG
    const log = {
      level: attr.number('btf_log_level'), size: attr.number('btf_log_size'), bytes: attr.bytes('btf_log_buf'),
    }
    const rc = checkLog(log)
    if (rc !== 0) return rc
    const bytes = bytesAt(attr.pointer('btf'), size)
    if (typeof bytes === 'number') return bytes
    const loaded = context.engine.loadBtf(bytes)
    const written = writeLog(log, loaded.log)
    attr.out.btf_log_true_size = written.needed
    if (loaded.btf === null || written.rc !== 0) return written.rc !== 0 ? written.rc : loaded.errno
    const btf = new KernelBtf(loaded.btf)
    fds.btfs.add(btf)
    const fd = fds.btf_new_fd(btf)
    if (fd < 0) fds.put_btf(btf)
    return fd
  }

  const btf_load: Command = (attr) => {
    const flags = attr.number('btf_flags')
    if (attr.hasTail || (flags & ~BPF_F_TOKEN_FD) !== 0) return -EINVAL
    const token = tokenFor(context, flags, attr.fd('btf_token_fd'), (one) =>
      rights.token_allow_cmd(one, abi.BPF_BTF_LOAD))
    if (typeof token === 'number') return token
    const isCapable = rights.token_capable(token, CAP_BPF)
    fds.put_token(token)
    return isCapable ? parse(attr) : -EPERM
  }

  return { [abi.BPF_BTF_LOAD]: btf_load }
}
