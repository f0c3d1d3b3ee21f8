/** /proc/PID/status, stat, statm and limits: facts about a process as text (fs/proc/array.c). */
import {
  capToHex, CLOCK_BOOTTIME, DEFAULT_PRIO, EXIT_ZOMBIE, PAGE_SIZE, PFA_NO_NEW_PRIVS, PTRACE_MODE_NOAUDIT,
  PTRACE_MODE_READ_FSCREDS, RLIM_INFINITY, _NSIG,
} from '@lsmkit/abi'
import { from_kgid_munged, from_kuid_munged } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { spaceOf } from '../../state/mm/address-space.ts'
import type { Pid } from '../../state/task/pid.ts'
import { signalOf, taskNice, threadOf } from '../../state/task/thread.ts'
import { clockShift } from '../../task/time-ns.ts'
import { fdTable } from '../../state/vfs/fdtable.ts'
import type { PidContext } from './instance.ts'
import { GONE } from './owner.ts'

const STATES = {
  running: ['S', 'sleeping'], stopped: ['T', 'stopped'], traced: ['t', 'tracing stop'], zombie: ['Z', 'zombie'],
} as const

const stateOf = (task: Task, current: Task): readonly [letter: string, name: string] => {
  if (task.exit_state === EXIT_ZOMBIE) return STATES.zombie
  const { state } = threadOf(task)
  return state === 'running' && task === current ? ['R', 'running'] : STATES[state]
}

const hexSet = (set: bigint): string => set.toString(16).padStart(16, '0')
/** The numbers of a pid from the namespace of the mount inwards. */
const innerNumbers = (pid: Pid, level: number): string => pid.numbers.slice(level).join('\t')

const actionMasks = (task: Task): { ignored: bigint; caught: bigint } => {
  const { action } = threadOf(task).sighand
  let ignored = 0n
  let caught = 0n
  for (let sig = 1; sig <= _NSIG; sig++) {
    const one = action[sig]
    if (!one) continue
    if (one.handler === 'ignore') ignored |= 1n << BigInt(sig - 1)
    else if (one.handler !== 'default') caught |= 1n << BigInt(sig - 1)
  }
  return { ignored, caught }
}

/** A comm; newlines and backslashes are escaped (`proc_task_name`). */
const escapeName = (name: string): string => name.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')

const kilobytes = (pages: number): string => `${String((pages * PAGE_SIZE) / 1024).padStart(8)} kB`

const memoryLines = (task: Task): string => {
  if (task.mm === null) return ''
  const mm = spaceOf(task.mm)
  const lines: readonly (readonly [string, number])[] = [
    ['VmPeak', mm.total_vm],
    ['VmSize', mm.total_vm],
    ['VmLck', mm.locked_vm],
    ['VmPin', 0],
    ['VmHWM', mm.total_vm],
    ['VmRSS', mm.total_vm],
    ['RssAnon', mm.data_vm],
    ['RssFile', 0],
    ['RssShmem', 0],
    ['VmData', mm.data_vm],
    ['VmStk', mm.stack_vm],
    ['VmExe', (mm.end_code - mm.start_code) / PAGE_SIZE],
    ['VmLib', 0],
    ['VmPTE', 0],
    ['VmSwap', 0],
  ]
  return lines.map(([name, pages]) => `${name}:\t${kilobytes(Math.ceil(pages))}\n`).join('')
}

/** Ids are those of the reader's user namespace. */
export const statusText = ({ machine, instance, pid }: PidContext): string | number => {
  const { task } = pid
  if (task === null) return GONE
  const reader = machine.current.task.cred.user_ns
  const uid = (kuid: number): number => from_kuid_munged(reader, kuid)
  const gid = (kgid: number): number => from_kgid_munged(reader, kgid)
  const { ns } = instance
  const { level } = ns
  const cred = task.real_cred
  const thread = threadOf(task)
  const signal = signalOf(task)
  const [letter, name] = stateOf(task, machine.current.task)
  const nr = (of: Task | null): number => (of === null ? 0 : threadOf(of).pid.nr(ns))
  const leader = task.group_leader!
  const { ignored, caught } = actionMasks(task)
  const tracer = task.ptrace !== 0 ? task.parent : null
  const masks = [
    ['SigPnd', thread.pending.set], ['ShdPnd', signal.shared_pending.set], ['SigBlk', thread.blocked],
    ['SigIgn', ignored], ['SigCgt', caught],
  ] as const
  const caps = [
    ['CapInh', cred.cap_inheritable], ['CapPrm', cred.cap_permitted], ['CapEff', cred.cap_effective],
    ['CapBnd', cred.cap_bset], ['CapAmb', cred.cap_ambient],
  ] as const
  return [
    `Name:\t${escapeName(task.comm)}\n`,
    task.fs === null ? '' : `Umask:\t${task.fs.umask.toString(8).padStart(4, '0')}\n`,
    `State:\t${letter} (${name})\n`,
    `Tgid:\t${nr(leader)}\nNgid:\t0\nPid:\t${nr(task)}\nPPid:\t${nr(task.real_parent?.group_leader ?? null)}\n`,
    `TracerPid:\t${nr(tracer)}\n`,
    `Uid:\t${[cred.uid, cred.euid, cred.suid, cred.fsuid].map(uid).join('\t')}\n`,
    `Gid:\t${[cred.gid, cred.egid, cred.sgid, cred.fsgid].map(gid).join('\t')}\n`,
    `FDSize:\t${task.files === null ? 0 : Math.max(64, fdTable(task).fd.length)}\n`,
    `Groups:\t${cred.group_info.gid.map((kgid) => `${gid(kgid)} `).join('')}\n`,
    `NStgid:\t${innerNumbers(threadOf(leader).pid, level)}\nNSpid:\t${innerNumbers(pid, level)}\n`,
    `NSpgid:\t${innerNumbers(signal.pgrp, level)}\nNSsid:\t${innerNumbers(signal.session, level)}\n`,
    'Kthread:\t0\n',
    memoryLines(task),
    `Threads:\t${signal.threads.size}\n`,
    `SigQ:\t${machine.tasks.queuedSignals.of(task.real_cred.uid)}/${signal.rlim[11]!.rlim_cur}\n`,
    ...masks.map(([label, set]) => `${label}:\t${hexSet(set)}\n`),
    ...caps.map(([label, set]) => `${label}:\t${capToHex(set)}\n`),
    `NoNewPrivs:\t${task.atomic_flags & PFA_NO_NEW_PRIVS ? 1 : 0}\n`,
    `Seccomp:\t${thread.seccomp}\nSeccomp_filters:\t${machine.syscallFilter.count?.(task) ?? 0}\n`,
    `Cpus_allowed:\t${thread.cpus.toString(16)}\nCpus_allowed_list:\t0\n`,
    'Mems_allowed:\t1\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n',
  ].join('')
}

const low = (set: bigint): string => String(set & 0x7fffffffn)

/** Signal sets as numbers 31 to 34 of `stat`. */
const signalNumbers = (task: Task): string[] => {
  const { pending, blocked } = threadOf(task)
  const { ignored, caught } = actionMasks(task)
  return [pending.set, blocked, ignored, caught].map(low)
}

/** One line of 52 numbers; addresses are for readers who may look into the process. `whole`: of the process. */
export const statText = ({ machine, instance, pid }: PidContext, whole: boolean): string | number => {
  const { task } = pid
  if (task === null) return GONE
  const { ns } = instance
  const permitted = machine.ptrace.may_access(task, PTRACE_MODE_READ_FSCREDS | PTRACE_MODE_NOAUDIT)
  const signal = signalOf(task)
  const thread = threadOf(task)
  const mm = task.mm === null ? null : spaceOf(task.mm)
  const seen = permitted ? mm : null
  const parent = whole ? task.real_parent?.group_leader : task.real_parent
  const start = Math.floor((thread.start_time - machine.bootTime + clockShift(machine, CLOCK_BOOTTIME)) / 10)
  const nice = taskNice(task)
  return [
    pid.nr(ns), `(${task.comm})`, stateOf(task, machine.current.task)[0], parent ? threadOf(parent).pid.nr(ns) : 0,
    signal.pgrp.nr(ns), signal.session.nr(ns), signal.tty, -1, task.flags, 0, 0, 0, 0, 0, 0,
    signal.cutime, signal.cstime, DEFAULT_PRIO - 100 + nice, nice, signal.threads.size, 0, start,
    (mm?.total_vm ?? 0) * PAGE_SIZE, mm?.total_vm ?? 0, '18446744073709551615',
    seen?.start_code ?? 0, seen?.end_code ?? 0, seen?.start_stack ?? 0, 0, 0, ...signalNumbers(task), 0, 0, 0,
    thread.exit_signal, 0, task.rt_priority, task.policy, 0, 0, 0,
    seen?.start_data ?? 0, seen?.end_data ?? 0, seen?.start_brk ?? 0,
    seen?.arg_start ?? 0, seen?.arg_end ?? 0, seen?.env_start ?? 0, seen?.env_end ?? 0,
    permitted ? task.exit_code : 0,
  ].join(' ') + '\n'
}

/** Pages: size, resident, shared, text, 0, data, 0. */
export const statmText = ({ pid }: PidContext): string | number => {
  const { task } = pid
  if (task === null) return GONE
  if (task.mm === null) return '0 0 0 0 0 0 0\n'
  const mm = spaceOf(task.mm)
  const text = Math.ceil((mm.end_code - mm.start_code) / PAGE_SIZE)
  return `${mm.total_vm} ${mm.total_vm} 0 ${text} 0 ${mm.data_vm + mm.stack_vm} 0\n`
}

const LIMITS: readonly (readonly [name: string, unit: string])[] = [
  ['Max cpu time', 'seconds'], ['Max file size', 'bytes'], ['Max data size', 'bytes'], ['Max stack size', 'bytes'],
  ['Max core file size', 'bytes'], ['Max resident set', 'bytes'], ['Max processes', 'processes'],
  ['Max open files', 'files'], ['Max locked memory', 'bytes'], ['Max address space', 'bytes'],
  ['Max file locks', 'locks'], ['Max pending signals', 'signals'], ['Max msgqueue size', 'bytes'],
  ['Max nice priority', ''], ['Max realtime priority', ''], ['Max realtime timeout', 'us'],
]

export const limitsText = ({ pid }: PidContext): string | number => {
  const { task } = pid
  if (task === null) return GONE
  const show = (value: number): string => (value === RLIM_INFINITY ? 'unlimited' : String(value)).padEnd(20)
  const lines = LIMITS.map(([name, unit], resource) => {
    const { rlim_cur, rlim_max } = signalOf(task).rlim[resource]!
    return `${name.padEnd(25)} ${show(rlim_cur)} ${show(rlim_max)} ${unit === '' ? '' : unit.padEnd(10)}\n`
  })
  const head = `${'Limit'.padEnd(25)} ${'Soft Limit'.padEnd(20)} ${'Hard Limit'.padEnd(20)} ${'Units'.padEnd(10)}`
  return `${head}\n${lines.join('')}`
}
