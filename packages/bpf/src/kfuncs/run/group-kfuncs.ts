/** kfuncs on control groups. Groups live while a program runs: references need no count. */
import { number64 } from '../../helpers/run/helper-env.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

const ancestor = ({ host: { groups } }: KfuncEnv, group = 0, level = 0): number => {
  const depth = groups?.level(group >>> 0) ?? -1
  if (groups === undefined || level < 0 || level > depth) return 0
  let at = group >>> 0
  for (let up = depth; up > level && at !== 0; up--) at = groups.parent(at)
  return at
}

export const groupKfuncs: readonly KfuncLine[] = [
  ['bpf_cgroup_acquire', 'i', 'u', (_env, group) => group!],
  ['bpf_cgroup_release', 'i', 'v', () => 0],
  ['bpf_cgroup_ancestor', 'ii', 'u', ancestor],
  ['bpf_cgroup_from_id', 'l', 'u', ({ host }, low, high) => host.groups?.fromId(number64(low!, high!)) ?? 0],
  ['bpf_task_under_cgroup', 'ii', 's', ({ host: { groups } }, task, group) =>
    groups?.isUnder(groups.ofTask(task! >>> 0), group! >>> 0) ? 1 : 0],
  // there is no hierarchy of version 1
  ['bpf_task_get_cgroup1', 'ii', 'u', () => 0],
]
