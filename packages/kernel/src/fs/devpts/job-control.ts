/** Sessions, process groups and their terminals (drivers/tty/tty_jobctrl.c). */
import { CAP_SYS_ADMIN, EINVAL, EIO, ENOTTY, EPERM, ESRCH, FMODE_READ, SIGCONT, SIGHUP, SIGTTIN } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { Pid } from '../../state/task/pid.ts'
import { isOrphaned } from '../../task/job-control.ts'
import { sigHas } from '../../state/task/sigset.ts'
import { signalOf, threadOf } from '../../state/task/thread.ts'
import type { Pty } from './pty.ts'

export const isAdmin = (machine: Machine): boolean => capable(machine.lsm, machine.current, CAP_SYS_ADMIN)

export const signalGroup = (machine: Machine, group: Pid | null, sig: number): void => {
  for (const task of group?.group ?? []) machine.sendSignal(task, sig)
}

/** As `__proc_set_tty`: the caller's session gets the terminal. */
const setControlling = (machine: Machine, pty: Pty): void => {
  const signal = signalOf(machine.current.task)
  pty.session = signal.session
  pty.pgrp = signal.pgrp
  signal.tty = pty.dev
}

const clearSession = (machine: Machine, pty: Pty): void => {
  const dev = pty.dev
  for (const task of machine.tasks.processes) if (signalOf(task).tty === dev) signalOf(task).tty = 0
  pty.session = pty.pgrp = null
}

/** A session leader takes the terminal from the whole session; other tasks give up their own alone. */
export const disassociate_ctty = (machine: Machine, pty: Pty, task: Task): void => {
  const signal = signalOf(task)
  if (signal.leader) {
    signalGroup(machine, pty.pgrp, SIGHUP)
    signalGroup(machine, pty.pgrp, SIGCONT)
    clearSession(machine, pty)
  }
  signal.tty = 0
}

export const tiocsctty = (machine: Machine, pty: Pty, file: File, steal: boolean): number => {
  const signal = signalOf(machine.current.task)
  if (signal.leader && pty.session === signal.session) return 0
  if (!signal.leader || signal.tty !== 0) return -EPERM
  if (pty.session !== null) {
    if (!steal || !isAdmin(machine)) return -EPERM
    clearSession(machine, pty)
  }
  if ((file.f_mode & FMODE_READ) === 0 && !isAdmin(machine)) return -EPERM
  setControlling(machine, pty)
  return 0
}

export const isOwn = (machine: Machine, pty: Pty): boolean =>
  signalOf(machine.current.task).tty === pty.dev && pty.session === signalOf(machine.current.task).session

export const tiocspgrp = (machine: Machine, pty: Pty, nr: number): number => {
  if (!isOwn(machine, pty)) return -ENOTTY
  if (nr < 0) return -EINVAL
  const pid = machine.tasks.findVpid(nr)
  const member = pid === null ? undefined : [...pid.group][0]
  if (pid === null || member === undefined) return -ESRCH
  if (signalOf(member).session !== signalOf(machine.current.task).session) return -EPERM
  pty.pgrp = pid
  return 0
}

/** Stops a task in the background of its terminal by SIGTTIN, so that it reads later: 0, -EIO or -ERESTARTSYS. */
export const job_control = (machine: Machine, pty: Pty): number => {
  const { task } = machine.current
  const { pgrp } = signalOf(task)
  if (!isOwn(machine, pty) || pty.pgrp === null || pty.pgrp === pgrp) return 0
  const isUnheeded = sigHas(threadOf(task).blocked, SIGTTIN) || machine.signals.handlerOf(task, SIGTTIN) === 'ignore'
  if (isUnheeded || isOrphaned(machine, pgrp, null)) return -EIO
  signalGroup(machine, pgrp, SIGTTIN)
  return machine.sleep(pty.wait)
}

/** A session without a terminal gets the slave that its leader opens. */
export const tty_open_proc_set_tty = (machine: Machine, pty: Pty): void => {
  const signal = signalOf(machine.current.task)
  if (signal.leader && signal.tty === 0 && pty.session === null) setControlling(machine, pty)
}

/** The master is closed. */
export const hangUp = (machine: Machine, pty: Pty): void => {
  signalGroup(machine, pty.session, SIGHUP)
  signalGroup(machine, pty.pgrp, SIGCONT)
  clearSession(machine, pty)
  pty.wait.wake()
}
