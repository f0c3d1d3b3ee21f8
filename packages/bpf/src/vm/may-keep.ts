/** Whether something that a program met may be found in a map, or by user space, when it has ended. */
import { BPF_CALL, BPF_CLASS, BPF_JMP, BPF_OP, BPF_ST, BPF_STX } from '@lsmkit/abi'
import type { Executable } from './executable.ts'

/** Helpers that write into the program's own frame at most. */
const FORGETFUL: ReadonlySet<string> = new Set([
  'map_lookup_elem', 'map_delete_elem', 'get_current_pid_tgid', 'get_current_uid_gid', 'get_current_comm',
  'get_current_task', 'get_current_task_btf', 'get_current_cgroup_id', 'ktime_get_ns', 'ktime_get_boot_ns',
  'get_smp_processor_id', 'get_prandom_u32', 'strncmp',
].map((name) => `bpf_${name}`))

/** It stores through another register than r10, or calls somebody who may. */
export const mayKeep = ({ code, calls, starts }: Executable): boolean => {
  if (starts.length > 1) return true
  for (let slot = 0; slot < code.length; slot++) {
    const cls = BPF_CLASS(code.op[slot]!)
    if ((cls === BPF_ST || cls === BPF_STX) && code.dst[slot] !== 10) return true
    const isCall = cls === BPF_JMP && BPF_OP(code.op[slot]!) === BPF_CALL
    if (isCall && !FORGETFUL.has(calls.get(slot)?.name ?? '')) return true
  }
  return false
}
