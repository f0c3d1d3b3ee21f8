/** ioctl(2) of terminals: modes, sizes, sessions and process groups (drivers/tty/tty_io.c). */
import {
  EFAULT, EINVAL, EIO, ENOIOCTLCMD, ENOTTY, EPERM, FIONREAD, SIGWINCH, TCFLSH, TCGETS, TCSBRK, TCSBRKP, TCSETS,
  TCSETSF, TCSETSW, TCXONC, TIOCEXCL, TIOCGPGRP, TIOCGPTN, TIOCGSID, TIOCGWINSZ, TIOCNOTTY, TIOCNXCL, TIOCOUTQ,
  TIOCSCTTY, TIOCSPGRP, TIOCSPTLCK, TIOCSTI, TIOCSWINSZ,
} from '@lsmkit/abi'
import type { File, Ref } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { leaderOf, signalOf } from '../../state/task/thread.ts'
import type { Pty, Termios, Winsize } from './pty.ts'
import { isAdmin, signalGroup, isOwn, tiocspgrp, tiocsctty, disassociate_ctty } from './job-control.ts'

const TCIFLUSH = 0
const TCOFLUSH = 1
const TCIOFLUSH = 2

/** Takes the known fields over, and no others. */
const setTermios = (termios: Termios, given: Partial<Termios>): void => {
  for (const field of ['c_iflag', 'c_oflag', 'c_cflag', 'c_lflag', 'c_line'] as const) {
    const value = given[field]
    if (typeof value === 'number') termios[field] = value
  }
  const { c_cc } = given
  if (Array.isArray(c_cc)) for (let i = 0; i < termios.c_cc.length; i++) termios.c_cc[i] = (c_cc[i] ?? 0) & 0xff
}

const isObject = (arg: unknown): arg is object => typeof arg === 'object' && arg !== null
/** Commands whose argument is an object. */
const STRUCTS = new Set([
  TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, TIOCSWINSZ, FIONREAD, TIOCOUTQ, TIOCGPGRP, TIOCSPGRP, TIOCGSID,
  TIOCGPTN, TIOCSPTLCK,
])

const tiocsti = (machine: Machine, pty: Pty, arg: unknown): number => {
  if (machine.sysctl.legacy_tiocsti === 0 && !isAdmin(machine)) return -EIO
  if (signalOf(machine.current.task).tty !== pty.dev && !isAdmin(machine)) return -EPERM
  if (!isObject(arg)) return -EFAULT
  pty.type((arg as Ref<number>).value & 0xff)
  pty.wait.wake()
  return 0
}

const setSize = (machine: Machine, pty: Pty, size: Winsize): number => {
  const { ws_row, ws_col, ws_xpixel, ws_ypixel } = size
  const same = pty.winsize.ws_row === ws_row && pty.winsize.ws_col === ws_col
  Object.assign(pty.winsize, { ws_row, ws_col, ws_xpixel, ws_ypixel })
  if (!same) signalGroup(machine, pty.pgrp, SIGWINCH)
  return 0
}

const flush = (pty: Pty, arg: unknown): number => {
  if (arg !== TCIFLUSH && arg !== TCOFLUSH && arg !== TCIOFLUSH) return -EINVAL
  pty.flush(arg !== TCOFLUSH, arg !== TCIFLUSH)
  return 0
}

/** Commands that read or fill the object at `arg`. */
const structIoctl = (machine: Machine, pty: Pty, master: boolean, cmd: number, arg: object): number => {
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
      return setSize(machine, pty, arg as Winsize)
    default:
      return numberIoctl(machine, pty, master, cmd, arg as Ref<number>)
  }
}

const numberIoctl = (machine: Machine, pty: Pty, master: boolean, cmd: number, ref: Ref<number>): number => {
  switch (cmd) {
    case FIONREAD:
      ref.value = pty.available(master)
      return 0
    case TIOCOUTQ:
      ref.value = 0
      return 0
    case TIOCGPGRP:
      if (!master && !isOwn(machine, pty)) return -ENOTTY
      ref.value = pty.pgrp?.nr(machine.tasks.activeNs) ?? 0
      return 0
    case TIOCSPGRP:
      return tiocspgrp(machine, pty, ref.value)
    case TIOCGSID:
      if ((!master && !isOwn(machine, pty)) || pty.session === null) return -ENOTTY
      ref.value = pty.session.nr(machine.tasks.activeNs)
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

/** `master`: the file is the master, not the slave. */
export const tty_ioctl = (
  machine: Machine, pty: Pty, master: boolean, file: File, cmd: number, arg: unknown,
): number => {
  if (STRUCTS.has(cmd)) return isObject(arg) ? structIoctl(machine, pty, master, cmd, arg) : -EFAULT
  switch (cmd) {
    case TIOCSTI:
      return tiocsti(machine, pty, arg)
    case TIOCSCTTY:
      return master ? -ENOTTY : tiocsctty(machine, pty, file, arg === 1)
    case TIOCNOTTY:
      if (signalOf(machine.current.task).tty !== pty.dev) return -ENOTTY
      disassociate_ctty(machine, pty, leaderOf(machine.current.task))
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
