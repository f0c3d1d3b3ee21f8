/** Pseudo terminals: both ends, the line between them, sessions, and who may type for others. */
import {
  AT_FDCWD, EIO, ENOTTY, EPERM, ERESTARTSYS, FIONREAD, O_NOCTTY, O_RDWR, SIG_BLOCK, SIGINT, TCFLSH, TCGETS, TCSETS,
  TIOCGPGRP, TIOCGPTN, TIOCSCTTY, TIOCSPTLCK, TIOCSTI, SIGCONT, SIGTTIN, TIOCSPGRP, WUNTRACED,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'

const ICANON_ECHO = 2 | 8

const open = () => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  const task = fork()
  sys.setsid(task)
  const master = sys.openat(task, AT_FDCWD, '/dev/ptmx', O_RDWR | O_NOCTTY, 0)
  const index = { value: -1 }
  sys.ioctl(task, master, TIOCGPTN, index)
  sys.ioctl(task, master, TIOCSPTLCK, { value: 0 })
  const slave = sys.openat(task, AT_FDCWD, `/dev/pts/${index.value}`, O_RDWR | O_NOCTTY, 0)
  const write = (fd: number, text: string) => sys.write(task, fd, new TextEncoder().encode(text))
  const read = (fd: number) => {
    const buf = new Uint8Array(256)
    const n = sys.read(task, fd, buf)
    return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n))
  }
  return { ...kernel, task, master, slave, write, read, init }
}

test('a line typed is edited, echoed, and read when it is whole', () => {
  const { master, slave, write, read } = open()
  expect(write(master, 'helo\x7flo')).toBe(7)
  expect(read(slave)).toBe(-ERESTARTSYS)
  write(master, '\r')
  expect(read(slave)).toBe('hello\n')
  expect(read(master)).toBe('helo\b \blo\r\n')
  write(slave, 'out\n')
  expect(read(master)).toBe('out\r\n')
  write(master, '\x04')
  expect(read(slave)).toBe('')
})

test('raw mode gives every byte as it comes', () => {
  const { sys, task, master, slave, write, read } = open()
  const modes = { c_lflag: 0 }
  sys.ioctl(task, slave, TCGETS, modes)
  modes.c_lflag &= ~ICANON_ECHO
  expect(sys.ioctl(task, slave, TCSETS, modes)).toBe(0)
  write(master, 'a')
  expect(read(slave)).toBe('a')
  expect(read(master)).toBe(-ERESTARTSYS)
})

test('a master that never reads makes nothing grow', () => {
  const { sys, task, master, slave, write } = open()
  const line = `${'x'.repeat(99)}\n`
  const typed = Array.from({ length: 100 }, () => write(master, line)).filter((n) => n > 0).length
  expect(typed).toBeLessThan(50)
  const room = { value: 0 }
  sys.ioctl(task, master, FIONREAD, room)
  expect(room.value).toBeLessThanOrEqual(4097)
  sys.ioctl(task, slave, TCFLSH, 0)
  const ends = Array.from({ length: 5000 }, () => write(master, '\x04')).filter((n) => n > 0).length
  expect(ends).toBe(4096)
})

test('settings take numbers, and no fields of their own', () => {
  const { sys, task, slave } = open()
  const odd = { c_lflag: 8, c_iflag: 'many', stray: 1, c_cc: [1, 2] }
  expect(sys.ioctl(task, slave, TCSETS, odd)).toBe(0)
  const kept: Record<string, unknown> = {}
  sys.ioctl(task, slave, TCGETS, kept)
  expect(kept).toMatchObject({ c_lflag: 8, c_iflag: expect.any(Number) })
  expect(Object.keys(kept).sort()).toEqual(['c_cc', 'c_cflag', 'c_iflag', 'c_lflag', 'c_line', 'c_oflag'])
})

test('^C signals the foreground of the session', () => {
  const { sys, task, master, slave, write } = open()
  expect(sys.ioctl(task, slave, TIOCGPGRP, { value: 0 })).toBe(-ENOTTY)
  expect(sys.ioctl(task, slave, TIOCSCTTY, 0)).toBe(0)
  sys.rt_sigprocmask(task, SIG_BLOCK, 1n << BigInt(SIGINT - 1), null, 8)
  write(master, '\x03')
  const pending = { value: 0n }
  sys.rt_sigpending(task, pending, 8)
  expect(pending.value).toBe(1n << BigInt(SIGINT - 1))
  expect(sys.openat(task, AT_FDCWD, '/dev/tty', O_RDWR, 0)).toBeGreaterThan(slave)
})

test('a locked slave cannot be opened, and typing for others takes the administrator', () => {
  const { sys, init, fork, task, slave, machine } = open()
  const other = sys.openat(init, AT_FDCWD, '/dev/ptmx', O_RDWR | O_NOCTTY, 0)
  const index = { value: -1 }
  sys.ioctl(init, other, TIOCGPTN, index)
  expect(sys.openat(init, AT_FDCWD, `/dev/pts/${index.value}`, O_RDWR, 0)).toBe(-EIO)
  expect(sys.ioctl(task, slave, TIOCSTI, { value: 65 })).toBe(0)
  const user = fork(task, 1000)
  expect(sys.ioctl(user, slave, TIOCSTI, { value: 65 })).toBe(-EIO)
  machine.sysctl.legacy_tiocsti = 1
  expect(sys.ioctl(user, slave, TIOCSTI, { value: 65 })).toBe(-EPERM)
  expect(sys.ioctl(user, slave, TIOCSCTTY, 0)).toBe(-EPERM)
})

test('when the master goes the name goes, and the slave reads an end', () => {
  const { sys, init, task, master, slave, read, machine } = open()
  sys.close(task, master)
  machine.runRcu()
  expect(read(slave)).toBe('')
  expect(sys.access(init, '/dev/pts/0', 0)).toBeLessThan(0)
})

test('a line is taken back whole', () => {
  const { master, slave, write, read } = open()
  write(master, 'one\x15two\r')
  expect(read(slave)).toBe('two\n')
  expect(read(master)).toBe(`one${'\b \b'.repeat(3)}two\r\n`)
})

test('who reads from the background of its terminal is stopped', () => {
  const { sys, task, machine, master, slave, write, read } = open()
  sys.setsid(task)
  sys.ioctl(task, slave, TIOCSCTTY, 0)
  const child = machine.tasks.findByVpid(sys.fork(task))!
  sys.setpgid(child, 0, 0)
  write(master, 'line\r')
  const buf = new Uint8Array(16)
  expect(sys.read(child, slave, buf)).toBe(-ERESTARTSYS)
  const status = { value: 0 }
  expect(sys.wait4(task, child.pid, status, WUNTRACED, null)).toBe(child.pid)
  expect(status.value >> 8).toBe(SIGTTIN)
  sys.ioctl(task, slave, TIOCSPGRP, { value: child.pid })
  sys.kill(task, child.pid, SIGCONT)
  expect(sys.read(child, slave, buf)).toBe(5)
  // nobody could let it go on
  expect(read(slave)).toBe(-EIO)
})
