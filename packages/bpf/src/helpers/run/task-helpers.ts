/** Helpers about the running task, time and the machine. */
import { E2BIG, EAGAIN, EINVAL, ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import * as id from '@lsmkit/abi'
import { ObjectArray } from '../../maps/object-array.ts'
import { given, mapAt, put64, wanted, wide } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'

const pair = ({ machine }: HelperEnv, low: number, high: number): number => {
  machine.high = high
  return low
}

const time = (env: HelperEnv): number => wide(env, Math.round(env.host.now?.() ?? performance.now() * 1e6))
const NANOSECONDS_A_TICK = 4_000_000

const comm = (env: HelperEnv, to = 0, size = 0): number => {
  const bytes = wanted(env, to, size)
  bytes.fill(0)
  const { facts } = env.host
  if (facts === undefined) return -EINVAL
  new TextEncoder().encodeInto(facts().comm, bytes.subarray(0, Math.max(0, Math.min(bytes.length, 16) - 1)))
  return 0
}

/** One CPU, one name space of pids: the numbers are the same in it. */
const nsPid = (env: HelperEnv, _dev = 0, _devHigh = 0, _ino = 0, _inoHigh = 0, to = 0, size = 0): number => {
  const bytes = wanted(env, to, size)
  bytes.fill(0)
  if (size !== 8) return -EINVAL
  const facts = env.host.facts?.()
  if (facts === undefined) return -ENOENT
  env.machine.memory.view.setInt32(to >>> 0, facts.pid, true)
  env.machine.memory.view.setInt32((to >>> 0) + 4, facts.tgid, true)
  return 0
}

export const taskHelpers: readonly HelperLine[] = [
  [id.BPF_FUNC_get_current_pid_tgid, '', 'l', (env) => {
    const facts = env.host.facts?.()
    return pair(env, facts?.pid ?? 0, facts?.tgid ?? 0)
  }],
  [id.BPF_FUNC_get_current_uid_gid, '', 'l', (env) => {
    const facts = env.host.facts?.()
    return pair(env, facts?.uid ?? 0, facts?.gid ?? 0)
  }],
  [id.BPF_FUNC_get_current_comm, 'ii', 's', comm],
  [id.BPF_FUNC_get_current_task, '', 'u', ({ host }) => host.task?.() ?? 0],
  [id.BPF_FUNC_get_current_task_btf, '', 'u', ({ host }) => host.task?.() ?? 0],
  [id.BPF_FUNC_get_current_cgroup_id, '', 'l', (env) => {
    const { groups, task } = env.host
    return wide(env, groups?.id(groups.ofTask(task?.() ?? 0)) ?? 0)
  }],
  [id.BPF_FUNC_get_current_ancestor_cgroup_id, 'i', 'l', (env, level) => {
    const { groups, task } = env.host
    if (groups === undefined) return wide(env, 0)
    let group = groups.ofTask(task?.() ?? 0)
    if (level! < 0 || level! > groups.level(group)) return wide(env, 0)
    while (groups.level(group) > level!) group = groups.parent(group)
    return wide(env, groups.id(group))
  }],
  [id.BPF_FUNC_current_task_under_cgroup, 'ii', 's', (env, at, index) => {
    const map = mapAt(env, at!)
    if (!(map instanceof ObjectArray) || index! >>> 0 >= map.maxEntries) return -E2BIG
    const held = map.at(index! >>> 0)
    const { groups, task } = env.host
    if (held === null || groups === undefined) return -EAGAIN
    return groups.isUnder(groups.ofTask(task?.() ?? 0), groups.of(held)) ? 1 : 0
  }],
  [id.BPF_FUNC_get_ns_current_pid_tgid, 'llii', 's', nsPid],
  [id.BPF_FUNC_send_signal, 'i', 's', ({ host }, signal) => host.signal?.(signal!, false) ?? -EOPNOTSUPP],
  [id.BPF_FUNC_send_signal_thread, 'i', 's', ({ host }, signal) => host.signal?.(signal!, true) ?? -EOPNOTSUPP],
  [id.BPF_FUNC_ktime_get_ns, '', 'l', time],
  [id.BPF_FUNC_ktime_get_boot_ns, '', 'l', time],
  [id.BPF_FUNC_ktime_get_coarse_ns, '', 'l', time],
  [id.BPF_FUNC_ktime_get_tai_ns, '', 'l', time],
  [id.BPF_FUNC_jiffies64, '', 'l', (env) =>
    wide(env, Math.floor((env.host.now?.() ?? performance.now() * 1e6) / NANOSECONDS_A_TICK))],
  [id.BPF_FUNC_get_prandom_u32, '', 'u', () => Math.floor(Math.random() * 0x1_0000_0000) | 0],
  [id.BPF_FUNC_get_smp_processor_id, '', 'u', () => 0],
  [id.BPF_FUNC_get_numa_node_id, '', 's', () => 0],
  // one processor: its copy is the variable
  [id.BPF_FUNC_per_cpu_ptr, 'ii', 'u', (_env, address, cpu) => (cpu === 0 ? address! : 0)],
  [id.BPF_FUNC_this_cpu_ptr, 'i', 'u', (_env, address) => address!],
  // nothing runs beside a program
  [id.BPF_FUNC_spin_lock, 'i', 'v', () => 0],
  [id.BPF_FUNC_spin_unlock, 'i', 'v', () => 0],
  [id.BPF_FUNC_get_attach_cookie, 'i', 'l', (env) => wide(env, env.host.cookie?.() ?? 0)],
  [id.BPF_FUNC_task_pt_regs, 'i', 'u', ({ host }, task) => host.registersOf?.(task!) ?? 0],
  [id.BPF_FUNC_get_branch_snapshot, 'iil', 's', () => -ENOENT],
  [id.BPF_FUNC_perf_event_read, 'il', 's', (env, at) => (mapAt(env, at!), -ENOENT)],
  [id.BPF_FUNC_perf_event_read_value, 'ilii', 's', (env, at, _f, _h, to, size) => {
    mapAt(env, at!)
    wanted(env, to!, size!).fill(0)
    return -ENOENT
  }],
  [id.BPF_FUNC_get_retval, '', 's', ({ host }) => host.retval?.get() ?? 0],
  [id.BPF_FUNC_set_retval, 'i', 's', ({ host }, value) => host.retval?.set(value!) ?? -EOPNOTSUPP],
  [id.BPF_FUNC_kptr_xchg, 'il', 'l', (env, at, low, high) => {
    given(env, at!, 8)
    const { view } = env.machine.memory
    const [was, wasHigh] = [view.getInt32(at! >>> 0, true), view.getInt32((at! >>> 0) + 4, true)]
    put64(env, at!, low!, high!)
    return pair(env, was, wasHigh)
  }],
  [id.BPF_FUNC_get_func_arg, 'iii', 's', (env, context, n, to) => {
    const count = env.machine.contextWords
    if (n! >>> 0 >= count) return -EINVAL
    const { view } = env.machine.memory
    const at = (context! >>> 0) + n! * 8
    given(env, at, 8)
    put64(env, to!, view.getInt32(at, true), view.getInt32(at + 4, true))
    return 0
  }],
  [id.BPF_FUNC_get_func_arg_cnt, 'i', 's', ({ machine }) => machine.contextWords],
  [id.BPF_FUNC_get_func_ret, 'ii', 's', (env, context, to) => {
    const { view } = env.machine.memory
    const at = (context! >>> 0) + env.machine.contextWords * 8
    given(env, at, 8)
    put64(env, to!, view.getInt32(at, true), view.getInt32(at + 4, true))
    return 0
  }],
]
