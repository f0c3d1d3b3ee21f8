/** BPF_BTF_LOAD (btf_new_fd of kernel/bpf/btf.c). */
import * as abi from '@lsmkit/abi'
import { BPF_F_TOKEN_FD, CAP_BPF, E2BIG, EINVAL, EPERM } from '@lsmkit/abi'
import { bytesAt, tokenFor } from './context.ts'
import type { BpfCommands, Command } from './context.ts'
import { checkLog, writeLog } from './log.ts'
import { KernelBtf } from '../state/bpf/objects.ts'
import { btf_new_fd } from './descriptors.ts'
import { put_btf, put_token } from './references.ts'
import { token_allow_cmd, token_capable } from './rights.ts'

const BTF_MAX_SIZE = 16 << 20

const parse: Command = (machine, attr) => {
  const size = attr.number('btf_size')
  if (size > BTF_MAX_SIZE) return -E2BIG
  const log = {
    level: attr.number('btf_log_level'), size: attr.number('btf_log_size'), bytes: attr.bytes('btf_log_buf'),
  }
  const rc = checkLog(log)
  if (rc !== 0) return rc
  const bytes = bytesAt(attr.pointer('btf'), size)
  if (typeof bytes === 'number') return bytes
  const loaded = machine.bpfTable.engine.loadBtf(bytes)
  const written = writeLog(log, loaded.log)
  attr.out.btf_log_true_size = written.needed
  if (loaded.btf === null || written.rc !== 0) return written.rc !== 0 ? written.rc : loaded.errno
  const btf = new KernelBtf(loaded.btf)
  machine.bpfTable.btfs.add(btf)
  const fd = btf_new_fd(machine, btf)
  if (fd < 0) put_btf(machine, btf)
  return fd
}

const btf_load: Command = (machine, attr) => {
  const flags = attr.number('btf_flags')
  if (attr.hasTail || (flags & ~BPF_F_TOKEN_FD) !== 0) return -EINVAL
  const token = tokenFor(machine, flags, attr.fd('btf_token_fd'), (one) =>
    token_allow_cmd(machine, one, abi.BPF_BTF_LOAD))
  if (typeof token === 'number') return token
  const isCapable = token_capable(machine, token, CAP_BPF)
  put_token(machine, token)
  return isCapable ? parse(machine, attr) : -EPERM
}

export const btfCommands: BpfCommands = { [abi.BPF_BTF_LOAD]: btf_load }
