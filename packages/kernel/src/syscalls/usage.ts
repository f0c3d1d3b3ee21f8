/** times, getrusage, sysinfo and getcpu (kernel/sys.c). */
import { CLOCK_BOOTTIME, EFAULT, EINVAL, RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD } from '@lsmkit/abi'
import type { Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf } from '../state/task/thread.ts'
import { clockShift } from '../task/time-ns.ts'
import { timevalOf } from '../state/timespec.ts'
import type { Timeval } from '../state/timespec.ts'

/** USER_HZ. */
const TICKS = 100

/** `struct tms`, in clock ticks. */
export interface Tms {
  tms_utime: number
  tms_stime: number
  tms_cutime: number
  tms_cstime: number
}
/** `struct rusage`, as far as anything is measured. */
export interface Rusage {
  ru_utime: Timeval
  ru_stime: Timeval
  ru_maxrss: number
}
/** `struct sysinfo`. */
export interface Sysinfo {
  uptime: number
  loads: readonly [number, number, number]
  totalram: number
  freeram: number
  totalswap: number
  freeswap: number
  procs: number
  mem_unit: number
}

/** Ticks since boot; the caller's own time is not measured. */
const times = (machine: Machine, out: Tms | null): number => {
  const { cutime, cstime } = signalOf(machine.current.task)
  const ticks = (ms: number): number => Math.floor((ms * TICKS) / 1000)
  if (out !== null)
    Object.assign(out, { tms_utime: 0, tms_stime: 0, tms_cutime: ticks(cutime), tms_cstime: ticks(cstime) })
  return ticks(machine.monotonic())
}

const getrusage = (machine: Machine, who: number, out: Rusage | null): number => {
  if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) return -EINVAL
  if (out === null) return -EFAULT
  const { cutime, cstime } = signalOf(machine.current.task)
  const children = who === RUSAGE_CHILDREN
  Object.assign(out, {
    ru_utime: timevalOf(children ? cutime : 0),
    ru_stime: timevalOf(children ? cstime : 0),
    ru_maxrss: children ? 0 : (machine.current.task.mm?.total_vm ?? 0) * 4,
  })
  return 0
}

const sysinfo = (machine: Machine, out: Sysinfo | null): number => {
  if (out === null) return -EFAULT
  const info: Sysinfo = {
    uptime: Math.floor((machine.monotonic() + clockShift(machine, CLOCK_BOOTTIME)) / 1000), loads: [0, 0, 0],
    totalram: machine.totalram, freeram: machine.totalram / 2, totalswap: 0, freeswap: 0,
    procs: machine.tasks.byPid.size, mem_unit: 1,
  }
  Object.assign(out, info)
  return 0
}

/** There is one processor. */
const getcpu = (_machine: Machine, cpu: Ref<number> | null, node: Ref<number> | null): number => {
  if (cpu !== null) cpu.value = 0
  if (node !== null) node.value = 0
  return 0
}

export const usageSyscalls = { times, getrusage, sysinfo, getcpu }
