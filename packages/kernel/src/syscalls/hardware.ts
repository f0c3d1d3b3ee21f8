/** Ports, privilege levels and the end of the machine: what a program may ask of hardware that is not there. */
import {
  CAP_SYS_BOOT, CAP_SYS_RAWIO, EINVAL, ENODEV, EPERM, LINUX_REBOOT_CMD_CAD_OFF, LINUX_REBOOT_CMD_CAD_ON,
  LINUX_REBOOT_CMD_HALT, LINUX_REBOOT_CMD_POWER_OFF, LINUX_REBOOT_CMD_RESTART, LINUX_REBOOT_CMD_RESTART2,
  LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_MAGIC2B, LINUX_REBOOT_MAGIC2C,
  LINUX_REBOOT_CMD_SW_SUSPEND, LOCKDOWN_HIBERNATION, LOCKDOWN_IOPORT, SIGHUP, SIGINT,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { KeyMap, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'

const IO_BITMAP_BITS = 65536
const MAGICS = [LINUX_REBOOT_MAGIC2, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_MAGIC2B, LINUX_REBOOT_MAGIC2C]
const ENDS: ReadonlyMap<number, 'restart' | 'halt' | 'power-off'> = new Map([
  [LINUX_REBOOT_CMD_RESTART, 'restart'], [LINUX_REBOOT_CMD_RESTART2, 'restart'], [LINUX_REBOOT_CMD_HALT, 'halt'],
  [LINUX_REBOOT_CMD_POWER_OFF, 'power-off'],
])

export const hardwareSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const levels = new WeakMap<Task, number>()

  /** Ports are asked for, and then there is nothing behind them. */
  const mayUsePorts = (): boolean =>
    capable(lsm, current, CAP_SYS_RAWIO) && lsm.locked_down.ask(LOCKDOWN_IOPORT) === 0

  const ioperm = (from: number, num: number, turnOn: number): number => {
    if (from < 0 || num <= 0 || from + num > IO_BITMAP_BITS) return -EINVAL
    return turnOn !== 0 && !mayUsePorts() ? -EPERM : 0
  }

  const iopl = (level: number): number => {
    if (level < 0 || level > 3) return -EINVAL
    const old = levels.get(current.task) ?? 0
    if (level > old && !mayUsePorts()) return -EPERM
    levels.set(current.task, level)
    return 0
  }

  /** In a pid namespace of its own it ends that; otherwise the host is told, and may end the machine. */
  const reboot = (magic1: number, magic2: number, cmd: number, _arg: unknown): number => {
    const { ns } = threadOf(current.task).pid
    if (!ns_capable(lsm, current, ns.user_ns, CAP_SYS_BOOT)) return -EPERM
    if (magic1 >>> 0 !== LINUX_REBOOT_MAGIC1 || !MAGICS.includes(magic2)) return -EINVAL
    const command = cmd >>> 0
    if (command === LINUX_REBOOT_CMD_CAD_OFF || command === LINUX_REBOOT_CMD_CAD_ON)
      return ns.parent === null ? 0 : -EINVAL
    // there is nothing to swap to
    if (command === LINUX_REBOOT_CMD_SW_SUSPEND && ns.parent === null)
      return lsm.locked_down.ask(LOCKDOWN_HIBERNATION) !== 0 ? -EPERM : -ENODEV
    const end = ENDS.get(command)
    if (end === undefined) return -EINVAL
    if (ns.parent === null) machine.onReboot(end)
    else if (ns.child_reaper !== null) machine.exits.dieOf(ns.child_reaper, end === 'restart' ? SIGHUP : SIGINT, false)
    return 0
  }

  return { ioperm, iopl, reboot }
}
