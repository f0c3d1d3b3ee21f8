/** Which program may call a kfunc. */
import { BPF_PROG_TYPE_RAW_TRACEPOINT, ownValue } from '@lsmkit/abi'
import { kfuncIn } from '../kfuncs/by-release.ts'
import type { KfuncRule } from '../kfuncs/by-release.ts'
import { attachName } from './context/program-kind.ts'
import type { Session } from './session.ts'

const groups: Readonly<Record<string, string>> = {
  X: 'XDP', S: 'SOCKET_FILTER', K: 'CGROUP_*', k: 'CGROUP_*', d: 'CGROUP_*', a: 'CGROUP_*', o: 'CGROUP_*',
  y: 'CGROUP_*', i: 'LWT_*',
  u: 'LWT_*', x: 'LWT_*', 6: 'LWT_*', b: 'SK_SKB', F: 'TRACING', B: 'TRACING', I: 'TRACING', t: 'TRACING', e: 'TRACING',
  L: 'TRACING',
  C: 'TRACING', P: 'KPROBE', U: 'STRUCT_OPS', G: 'STRUCT_OPS', Y: 'SYSCALL', N: 'NETFILTER',
}

const groupOf = ({ kernel, letter, program }: Session): string => {
  const { features } = kernel
  if (letter === 'T') return program.type === 4 ? 'SCHED_ACT' : 'SCHED_CLS'
  if (letter === 'O' && features.sockOpsKfuncs) return 'CGROUP_*'
  if (program.type === BPF_PROG_TYPE_RAW_TRACEPOINT && features.rawTracepointKfuncs) return 'TRACING'
  return ownValue(groups, letter) ?? ''
}

const passesFilter = (session: Session, filter: string): boolean => {
  switch (filter) {
    case '': return true
    case 'bpf_fs_kfuncs_filter':
    case 'bpf_get_fsverity_digest_filter': return session.program.type === 29
    case 'tracing_iter_filter': return session.letter === 'I'
    case 'bpf_kprobe_multi_filter':
    case 'bpf_session_filter': return attachName(session.program.expectedAttachType) === 'KPROBE_SESSION'
    default: return false
  }
}

/** Its flags and program types in the release; null when the program may not call it or nobody may. */
export const findKfunc = (session: Session, name: string): KfuncRule | null => {
  const kfunc = kfuncIn(session.kernel.release, name)
  if (kfunc === undefined) return null
  const group = groupOf(session)
  const listed = kfunc.programs.includes('ALL') || kfunc.programs.includes(group) ||
    (kfunc.programs.includes('LSM') && session.program.type === 29)
  return listed && passesFilter(session, kfunc.filter) ? kfunc : null
}
