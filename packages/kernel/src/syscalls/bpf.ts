/** bpf(2). Without an engine it answers -ENOSYS. */
import { ENOSYS } from '@lsmkit/abi'
import { ATTR_SIZE } from '../bpf/attr.ts'
import type { Machine } from '../machine.ts'

const bpf = (machine: Machine, cmd: number, attr: object | null, size: number = ATTR_SIZE): number =>
  machine.bpf === null ? -ENOSYS : machine.bpf.call(cmd, attr, size)

export const bpfSyscalls = { bpf }
