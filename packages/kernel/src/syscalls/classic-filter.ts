/** Classic BPF programs as seccomp and SO_ATTACH_FILTER take them: checked (net/core/filter.c). */
import { CAP_SYS_ADMIN, EINVAL } from '@lsmkit/abi'
import { ns_capable_noaudit } from '@lsmkit/core'
import type { Current, AnyKeyMap } from '@lsmkit/core'
import type { SockFilter } from '../state/seccomp/classic.ts'

const BPF_CLASS = 7
const BPF_JMP = 5
const BPF_RET = 6
/** BPF_JA of the operation bits. */
const BPF_OP = 0xf0
const BPF_JA = 0
const BPF_MAXINSNS = 4096

/** `struct sock_fprog`. */
export interface SockFprog {
  readonly len: number
  readonly filter: readonly SockFilter[]
}

/** Copies a program in, with at most one instruction more than is allowed. */
export const copyProgram = ({ len, filter }: SockFprog): SockFprog =>
  ({ len, filter: filter.slice(0, Math.max(0, Math.min(len, BPF_MAXINSNS + 1))).map((one) => ({ ...one })) })

export const isProgram = (value: unknown): value is SockFprog =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<SockFprog>).filter)

/** As `bpf_check_classic`: jumps stay inside, and the last instruction returns. */
const isSound = (filter: readonly SockFilter[]): boolean =>
  filter.every(({ code, jt, jf, k }, pc) => {
    if ((code & BPF_CLASS) !== BPF_JMP) return true
    const left = filter.length - pc - 1
    return (code & BPF_OP) === BPF_JA ? k < left : jt < left && jf < left
  }) && (filter.at(-1)!.code & BPF_CLASS) === BPF_RET

/**
 * Checks a program and prepares it: 0 or -errno. As in Linux, each of three allocations is charged, and each asks,
 * without an audit record, whether the caller may exceed the limit of memory.
 */
export const classicFilter = (lsm: AnyKeyMap, current: Current, { len, filter }: SockFprog): number => {
  if (!(len >= 1 && len <= BPF_MAXINSNS) || filter.length < len) return -EINVAL
  if (!isSound(filter.slice(0, len))) return -EINVAL
  for (let part = 0; part < 3; part++) ns_capable_noaudit(lsm, current, current.task.cred.user_ns, CAP_SYS_ADMIN)
  return 0
}
