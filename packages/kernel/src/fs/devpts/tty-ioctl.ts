/** ioctl(2) of terminals: modes, sizes, sessions and process groups (drivers/tty/tty_io.c, tty_jobctrl.c). */
import {
  CAP_SYS_ADMIN, EBUSY, EFAULT, EINVAL, EIO, ENOIOCTLCMD, ENOTTY, EPERM, ERESTARTSYS, ESRCH, FIONREAD, FMODE_READ,
  SIGCONT, SIGHUP, SIGTTIN, SIGWINCH, TCFLSH, TCGETS, TCSBRK, TCSBRKP, TCSETS, TCSETSF, TCSETSW, TCXONC, TIOCEXCL,
  TIOCGPGRP, TIOCGPTN, TIOCGSID,
  TIOCGWINSZ, TIOCNOTTY, TIOCNXCL, TIOCOUTQ, TIOCSCTTY, TIOCSPGRP, TIOCSPTLCK, TIOCSTI, TIOCSWINSZ,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, KeyMap, Ref, Task } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { Pid } from '../../state/task/pid.ts'
import { isOrphaned } from '../../task/job-control.ts'
import { sigHas } from '../../state/task/sigset.ts'
import { leaderOf, signalOf, threadOf } from '../../state/task/thread.ts'
import type { Pty, Termios, Winsize } from './pty.ts'

const TCIFLUSH = 0
const TCOFLUSH = 1
const TCIOFLUSH = 2

/** The fields that are given, and nothing else the object has. */
const setTermios = (termios: Termios, given: Partial<Termios>): void => {
  for (const field of ['c_iflag', 'c_oflag', 'c_cflag', 'c_lflag', 'c_line'] as const) {
    const value = given[field]
    if (typeof value === 'number') termios[field] = value
  }
  const { c_cc } = given
  if (Array.isArray(c_cc)) for (let i = 0; i < termios.c_cc.length; i++) termios.c_cc[i] = (c_cc[i] ?? 0) & 0xff
}

const isObject = (arg: unknown): arg is object => typeof arg === 'object' && arg !== null

export const ttyIoctls = (lsm: KeyMap, machine: Machine, devOf: (pty: Pty) => number) => {
  const { current, tasks } = machine
  const admin = (): boolean => capable(lsm, current, CAP_SYS_ADMIN)

  const signalGroup = (group: Pid | null, sig: number): void => {
    for (const task of group?.group ?? []) machine.sendSignal(task, sig)
  }

  /** As `__proc_set_tty`: the caller's session gets the terminal. */
  const setControlling = (pty: Pty): void => {
    const signal = signalOf(current.task)
    pty.session = signal.session
    pty.pgrp = signal.pgrp
    signal.tty = devOf(pty)
  }

  const clearSession = (pty: Pty): void => {
    const dev = devOf(pty)
    for (const task of tasks.processes) if (signalOf(task).tty === dev) signalOf(task).tty = 0
    pty.session = pty.pgrp = null
  }

  /** As `disassociate_ctty`: the leader takes the terminal from all, others only from themselves. */
  const leave = (pty: Pty, task: Task): void => {
    const signal = signalOf(task)
    if (signal.leader) {
      signalGroup(pty.pgrp, SIGHUP)
      signalGroup(pty.pgrp, SIGCONT)
      clearSession(pty)
    }
    signal.tty = 0
  }

  const tiocsctty = (pty: Pty, file: File, steal: boolean): number => {
    const signal = signalOf(current.task)
    if (signal.leader && pty.session === signal.session) return 0
    if (!signal.leader || signal.tty !== 0) return -EPERM
    if (pty.session !== null) {
      if (!steal || !admin()) return -EPERM
      clearSession(pty)
    }
    if ((file.f_mode & FMODE_READ) === 0 && !admin()) return -EPERM
    setControlling(pty)
    return 0
  }

  const isOwn = (pty: Pty): boolean =>
    signalOf(current.task).tty === devOf(pty) && pty.session === signalOf(current.task).session

  const tiocspgrp = (pty: Pty, nr: number): number => {
    if (!isOwn(pty)) return -ENOTTY
    if (nr < 0) return -EINVAL
    const pid = tasks.findVpid(nr)
    const member = pid === null ? undefined : [...pid.group][0]
    if (pid === null || member === undefined) return -ESRCH
    if (signalOf(member).session !== signalOf(current.task).session) return -EPERM
    pty.pgrp = pid
    return 0
  }

  const tiocsti = (pty: Pty, arg: unknown): number => {
    if (machine.sysctl.legacy_tiocsti === 0 && !admin()) return -EIO
    if (signalOf(current.task).tty !== devOf(pty) && !admin()) return -EPERM
    if (!isObject(arg)) return -EFAULT
    pty.type((arg as Ref<number>).value & 0xff)
    pty.wait.wake()
    return 0
  }

  const setSize = (pty: Pty, size: Winsize): number => {
    const { ws_row, ws_col, ws_xpixel, ws_ypixel } = size
    const same = pty.winsize.ws_row === ws_row && pty.winsize.ws_col === ws_col
    Object.assign(pty.winsize, { ws_row, ws_col, ws_xpixel, ws_ypixel })
    if (!same) signalGroup(pty.pgrp, SIGWINCH)
    return 0
  }

  const flush = (pty: Pty, arg: unknown): number => {
    if (arg !== TCIFLUSH && arg !== TCOFLUSH && arg !== TCIOFLUSH) return -EINVAL
    pty.flush(arg !== TCOFLUSH, arg !== TCIFLUSH)
    return 0
  }

  /** Commands that fill in or take what `arg` points to. */
  const structIoctl = (pty: Pty, master: boolean, cmd: number, arg: object): number => {
    switch (cmd) {
      case TCGETS:
        Object.assign(arg, { ...pty.termios, c_cc: [...pty.termios.c_cc] })
        return 0
      case TCSETS:
      case TCSETSW:
      case TCSETSF:
        if (cmd === TCSETSF) pty.flush(true, false)
        setTermios(pty.termios, arg as Partial<Termios>)
        return 0
      case TIOCGWINSZ:
        Object.assign(arg, pty.winsize)
        return 0
      case TIOCSWINSZ:
        return setSize(pty, arg as Winsize)
      default:
        return numberIoctl(pty, master, cmd, arg as Ref<number>)
    }
  }

  const numberIoctl = (pty: Pty, master: boolean, cmd: number, ref: Ref<number>): number => {
    switch (cmd) {
      case FIONREAD:
        ref.value = pty.available(master)
        return 0
      case TIOCOUTQ:
        ref.value = 0
        return 0
      case TIOCGPGRP:
        if (!master && !isOwn(pty)) return -ENOTTY
        ref.value = pty.pgrp?.nr(tasks.activeNs) ?? 0
        return 0
      case TIOCSPGRP:
        return tiocspgrp(pty, ref.value)
      case TIOCGSID:
        if ((!master && !isOwn(pty)) || pty.session === null) return -ENOTTY
        ref.value = pty.session.nr(tasks.activeNs)
        return 0
      case TIOCGPTN:
        if (!master) return -ENOIOCTLCMD
        ref.value = pty.index
        return 0
      case TIOCSPTLCK:
        if (!master) return -ENOIOCTLCMD
        pty.locked = ref.value !== 0
        return 0
      default:
        return -ENOIOCTLCMD
    }
  }

  const STRUCTS = new Set([
    TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, TIOCSWINSZ, FIONREAD, TIOCOUTQ, TIOCGPGRP, TIOCSPGRP, TIOCGSID,
    TIOCGPTN, TIOCSPTLCK,
  ])

  const ioctl = (pty: Pty, master: boolean, file: File, cmd: number, arg: unknown): number => {
    if (STRUCTS.has(cmd)) return isObject(arg) ? structIoctl(pty, master, cmd, arg) : -EFAULT
    switch (cmd) {
      case TIOCSTI:
        return tiocsti(pty, arg)
      case TIOCSCTTY:
        return master ? -ENOTTY : tiocsctty(pty, file, arg === 1)
      case TIOCNOTTY:
        if (signalOf(current.task).tty !== devOf(pty)) return -ENOTTY
        leave(pty, leaderOf(current.task))
        return 0
      case TIOCEXCL:
      case TIOCNXCL:
        pty.exclusive = cmd === TIOCEXCL
        return 0
      case TCFLSH:
        return flush(pty, arg)
      case TCSBRK:
      case TCSBRKP:
      case TCXONC:
        return 0
      default:
        return -ENOIOCTLCMD
    }
  }

  /** As `job_control`: who is in the background of its terminal is stopped by SIGTTIN, and reads later. */
  const mayRead = (pty: Pty): number => {
    const { task } = current
    const { pgrp } = signalOf(task)
    if (!isOwn(pty) || pty.pgrp === null || pty.pgrp === pgrp) return 0
    const isDeaf = sigHas(threadOf(task).blocked, SIGTTIN) || machine.signals.handlerOf(task, SIGTTIN) === 'ignore'
    if (isDeaf || isOrphaned(machine, pgrp, null)) return -EIO
    signalGroup(pgrp, SIGTTIN)
    return -ERESTARTSYS
  }

  /** Opening the slave makes it the terminal of a session that has none. */
  const onOpen = (pty: Pty): void => {
    const signal = signalOf(current.task)
    if (signal.leader && signal.tty === 0 && pty.session === null) setControlling(pty)
  }

  /** The other side is gone for good. */
  const hangUp = (pty: Pty): void => {
    signalGroup(pty.session, SIGHUP)
    signalGroup(pty.pgrp, SIGCONT)
    clearSession(pty)
    pty.wait.wake()
  }

  const mayOpen = (pty: Pty): number => (pty.exclusive && !admin() ? -EBUSY : 0)

  return { ioctl, mayRead, leave, onOpen, hangUp, mayOpen, signalGroup }
}
