/** ioperm, iopl and reboot. There are no ports; the host decides about a reboot (x86's ioport.c, kernel/reboot.c). */
import {
  CAP_SYS_BOOT, CAP_SYS_RAWIO, EINVAL, ENODEV, EPERM, LINUX_REBOOT_CMD_CAD_OFF, LINUX_REBOOT_CMD_CAD_ON,
  LINUX_REBOOT_CMD_HALT, LINUX_REBOOT_CMD_POWER_OFF, LINUX_REBOOT_CMD_RESTART, LINUX_REBOOT_CMD_RESTART2,
  LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_MAGIC2B, LINUX_REBOOT_MAGIC2C,
  LINUX_REBOOT_CMD_SW_SUSPEND, LOCKDOWN_HIBERNATION, LOCKDOWN_IOPORT, SIGHUP, SIGINT,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { RunnerState } from './runner-state.ts'
import { threadOf } from '../state/task/thread.ts'

const IO_BITMAP_BITS = 65536
/** Rings are 0 to 3. */
const LOWEST_RING = 3
const MAGICS = [LINUX_REBOOT_MAGIC2, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_MAGIC2B, LINUX_REBOOT_MAGIC2C]
const ENDS: ReadonlyMap<number, 'restart' | 'halt' | 'power-off'> = new Map([
  [LINUX_REBOOT_CMD_RESTART, 'restart'], [LINUX_REBOOT_CMD_RESTART2, 'restart'], [LINUX_REBOOT_CMD_HALT, 'halt'],
  [LINUX_REBOOT_CMD_POWER_OFF, 'power-off'],
])

/** Checks the rights to use ports. No port leads anywhere. */
const mayUsePorts = (machine: Machine): boolean =>
  capable(machine.lsm, machine.current, CAP_SYS_RAWIO) && machine.lsm.locked_down.ask(LOCKDOWN_IOPORT) === 0

const ioperm = (machine: Machine, from: number, num: number, turnOn: number): number => {
  if (from < 0 || num <= 0 || from + num > IO_BITMAP_BITS) return -EINVAL
  return turnOn !== 0 && !mayUsePorts(machine) ? -EPERM : 0
}

const iopl = (machine: Machine, level: number): number => {
  if (level < 0 || level > LOWEST_RING) return -EINVAL
  const old = machine.part(RunnerState).ioplLevels.get(machine.current.task) ?? 0
  if (level > old && !mayUsePorts(machine)) return -EPERM
  machine.part(RunnerState).ioplLevels.set(machine.current.task, level)
  return 0
}

/** In a child pid namespace it ends that namespace. In the first one it calls the host, which may end the machine. */
const reboot = (machine: Machine, magic1: number, magic2: number, cmd: number, _arg: unknown): number => {
  const { ns } = threadOf(machine.current.task).pid
  if (!ns_capable(machine.lsm, machine.current, ns.user_ns, CAP_SYS_BOOT)) return -EPERM
  if (magic1 >>> 0 !== LINUX_REBOOT_MAGIC1 || !MAGICS.includes(magic2)) return -EINVAL
  const command = cmd >>> 0
  if (command === LINUX_REBOOT_CMD_CAD_OFF || command === LINUX_REBOOT_CMD_CAD_ON)
    return ns.parent === null ? 0 : -EINVAL
  // there is nothing to swap to
  if (command === LINUX_REBOOT_CMD_SW_SUSPEND && ns.parent === null)
    return machine.lsm.locked_down.ask(LOCKDOWN_HIBERNATION) !== 0 ? -EPERM : -ENODEV
  const end = ENDS.get(command)
  if (end === undefined) return -EINVAL
  if (ns.parent === null) machine.onReboot(end)
  else if (ns.child_reaper !== null) machine.exits.dieOf(ns.child_reaper, end === 'restart' ? SIGHUP : SIGINT, false)
  return 0
}

export const hardwareSyscalls = { ioperm, iopl, reboot }
