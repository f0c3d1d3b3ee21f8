/**
 * `lsmkit_posix`: what POSIX has and WASI preview 1 has not, one line each: processes, pipes, signals, terminals,
 * sockets. All parameters are i32. An answer below 0 is the WASI errno with a minus in front, so that a libc can put it
 * into `errno` as it is. `packages/wasi/sysroot` declares them for C.
 */
import {
  F_SETFD, TCGETS, TCSETS, TCSETSF, TIOCGPGRP, TIOCGWINSZ, TIOCSCTTY, TIOCSPGRP, TIOCSWINSZ, wasiErrno,
} from '@lsmkit/abi'
import { resolve } from '../name-lookup.ts'
import type { Process } from '../process.ts'
import { bytes, int, skip, text, textList, uint } from '../syscalls/argument.ts'
import type { Kind } from '../syscalls/argument.ts'
import { makeCall } from '../syscalls/call.ts'
import type { Answer } from '../waiting/waits.ts'
import { address, constant, fdPair, kstat, refI32, termios, winsize, word } from './kinds.ts'
import { sigaction, sigmask, sigtake } from './signals.ts'
import { spawn } from './spawn.ts'

export const POSIX_MODULE = 'lsmkit_posix'

export interface PosixRow {
  /** As the header of C names them. */
  readonly params: string
  /** Needs others to run beside the program. */
  readonly spawns: boolean
  readonly run: (process: Process, words: readonly number[]) => Answer
}

const answer = (rc: number): number => (rc < 0 ? -wasiErrno(rc) : rc)

/** One system call, which may have to wait, or stop the program. */
const call = (params: string, name: string, ...kinds: Kind[]): PosixRow =>
  ({ params, spawns: false, run: (process, words) => makeCall(process, { name, kinds }, words, answer) })
/** An ioctl with what its second argument points to. */
const ioctl = (params: string, cmd: number, kind: Kind): PosixRow =>
  call(params, 'ioctl', int, constant(cmd), word(1, kind))
const own = (params: string, run: (process: Process, words: readonly number[]) => number): PosixRow =>
  ({ params, spawns: false, run: (process, words) => answer(run(process, words)) })

/** execve: what comes back is an error. */
const exec = (params: string): PosixRow => ({
  params, spawns: false,
  run: (process, words) =>
    makeCall(process, { name: 'execve', kinds: [text, textList, textList] }, words, (rc) =>
      rc === 0 ? process.stop({ kind: 'replaced' }) : answer(rc)),
})

export const posixTable: Readonly<Record<string, PosixRow>> = {
  spawn: { ...own('request ptr', spawn), spawns: true },
  exec: exec('path str, argv list, envp list'),
  wait: call('pid i32, status ptr, options u32', 'wait4', int, refI32, uint, constant(null)),
  getpid: call('', 'getpid'),
  getppid: call('', 'getppid'),
  getpgid: call('pid i32', 'getpgid', int),
  setpgid: call('pid i32, pgid i32', 'setpgid', int, int),
  getsid: call('pid i32', 'getsid', int),
  setsid: call('', 'setsid'),
  getuid: call('', 'getuid'),
  geteuid: call('', 'geteuid'),
  getgid: call('', 'getgid'),
  getegid: call('', 'getegid'),
  chdir: call('path str', 'chdir', text),
  getcwd: call('buf ptr, size u32', 'getcwd', bytes(1), skip),
  umask: call('mask u32', 'umask', uint),
  chmod: call('path str, mode u32', 'chmod', text, uint),
  stat: call('path str, stat ptr', 'stat', text, kstat),
  lstat: call('path str, stat ptr', 'lstat', text, kstat),
  getxattr: call('path str, name str, value ptr, size u32', 'getxattr', text, text, bytes(3), skip),
  lgetxattr: call('path str, name str, value ptr, size u32', 'lgetxattr', text, text, bytes(3), skip),
  setxattr: call('path str, name str, value ptr, size u32, flags i32', 'setxattr', text, text, bytes(3), skip, int),
  lsetxattr: call('path str, name str, value ptr, size u32, flags i32', 'lsetxattr', text, text, bytes(3), skip, int),

  pipe: call('fds ptr, flags u32', 'pipe2', fdPair, uint),
  dup: call('fd fd', 'dup', int),
  dup2: call('fd fd, to fd', 'dup2', int, int),
  setcloexec: call('fd fd, on i32', 'fcntl', int, constant(F_SETFD), word(1, int)),

  kill: call('pid i32, sig i32', 'kill', int, int),
  sigaction: own('sig i32, how i32', sigaction),
  sigmask: own('how i32, set u32, old ptr', sigmask),
  sigtake: own('', sigtake),
  pause: call('', 'pause'),

  tcgetattr: ioctl('fd fd, termios ptr', TCGETS, termios),
  tcsetattr: ioctl('fd fd, termios ptr', TCSETS, termios),
  tcsetattr_flush: ioctl('fd fd, termios ptr', TCSETSF, termios),
  tcgetwinsize: ioctl('fd fd, size ptr', TIOCGWINSZ, winsize),
  tcsetwinsize: ioctl('fd fd, size ptr', TIOCSWINSZ, winsize),
  tcgetpgrp: ioctl('fd fd, pgrp ptr', TIOCGPGRP, refI32),
  tcsetpgrp: ioctl('fd fd, pgrp ptr', TIOCSPGRP, refI32),
  tcsetsid: ioctl('fd fd, steal i32', TIOCSCTTY, int),

  socket: call('domain i32, type i32, protocol i32', 'socket', int, int, int),
  socketpair: call('domain i32, type i32, protocol i32, fds ptr', 'socketpair', int, int, int, fdPair),
  bind: call('fd fd, addr ptr, len u32', 'bind', int, bytes(2), uint),
  connect: call('fd fd, addr ptr, len u32', 'connect', int, bytes(2), uint),
  listen: call('fd fd, backlog i32', 'listen', int, int),
  accept: call('fd fd, addr ptr, len ptr, flags u32', 'accept4', int, address(2), refI32, uint),
  getsockname: call('fd fd, addr ptr, len ptr', 'getsockname', int, address(2), refI32),
  getpeername: call('fd fd, addr ptr, len ptr', 'getpeername', int, address(2), refI32),
  shutdown: call('fd fd, how i32', 'shutdown', int, int),
  sendto: call('fd fd, buf ptr, len u32, flags u32, addr ptr, addrlen u32', 'sendto', int, bytes(2), uint, uint,
    bytes(5), uint),
  recvfrom: call('fd fd, buf ptr, len u32, flags u32, addr ptr, addrlen ptr', 'recvfrom', int, bytes(2), uint, uint,
    address(5), refI32),
  resolve: own('name str, addr ptr, len ptr', resolve),
  setsockopt: call('fd fd, level i32, option i32, value i32', 'setsockopt', int, int, int, int, constant(4)),
}

/** The import object of one process. */
export const posixImports = (process: Process): Readonly<Record<string, (...words: number[]) => Answer>> =>
  Object.fromEntries(
    Object.entries(posixTable).map(([name, { run }]) => [
      name, (a: number, b: number, c: number, d: number, e: number, f: number) => run(process, [a, b, c, d, e, f]),
    ]),
  )
