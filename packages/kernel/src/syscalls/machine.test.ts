/** Calls about the whole machine: the log, modules, kexec, ports, reboot, seccomp, sealed memory. */
import {
  AT_FDCWD, CLONE_NEWPID, EACCES, EINVAL, ENOEXEC, EPERM, LINUX_REBOOT_CMD_RESTART, LINUX_REBOOT_MAGIC1,
  LINUX_REBOOT_MAGIC2, MAP_ANONYMOUS, MAP_PRIVATE, O_RDONLY, PR_SET_NO_NEW_PRIVS, PROT_NONE, PROT_READ,
  SECCOMP_SET_MODE_FILTER,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

test('the log: written through /dev/kmsg, read by who may', () => {
  const { sys, init, fork, machine } = bootForTest()
  machine.log.add(6, 'booted')
  const fd = sys.openat(init, AT_FDCWD, '/dev/kmsg', 1, 0)
  sys.write(init, fd, new TextEncoder().encode('<5>hello\n'))
  const buf = new Uint8Array(4096)
  const n = sys.syslog(init, 3, buf, 4096)
  expect(new TextDecoder().decode(buf.subarray(0, n))).toMatch(/^<6>\[.*\] booted\n<13>\[.*\] hello\n$/)
  const user = fork(init, 1000)
  expect(sys.syslog(user, 3, buf, 4096)).toBe(-EPERM)
  expect(sys.openat(user, AT_FDCWD, '/dev/kmsg', O_RDONLY, 0)).toBe(-EPERM)
})

test.each([
  { uid: 1000, name: 'module', rc: -EPERM },
  { uid: 0, name: 'module', rc: -ENOEXEC },
  { uid: 1000, name: 'port', rc: -EPERM },
  { uid: 0, name: 'port', rc: 0 },
  { uid: 1000, name: 'kexec', rc: -EPERM },
  { uid: 0, name: 'kexec', rc: 0 },
])('$name of uid $uid: $rc', ({ uid, name, rc }) => {
  const { sys, init, fork } = bootForTest()
  const task = uid === 0 ? init : fork(init, uid)
  const calls: Record<string, () => number> = {
    module: () => sys.init_module(task, new Uint8Array(100), 100, ''),
    port: () => sys.ioperm(task, 0x80, 1, 1),
    kexec: () => sys.kexec_load(task, 0, 0, null, 0),
  }
  expect(calls[name]!()).toBe(rc)
})

test('reboot is the host\'s business, or ends a pid namespace', () => {
  const { sys, init, fork, machine } = bootForTest()
  const asked: string[] = []
  machine.onReboot = (how) => void asked.push(how)
  const reboot = (task = init) =>
    sys.reboot(task, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, null)
  expect([reboot(), reboot(fork(init, 1000))]).toEqual([0, -EPERM])
  expect(asked).toEqual(['restart'])
  const outer = fork()
  sys.unshare(outer, CLONE_NEWPID)
  const inner = fork(outer)
  expect(reboot(inner)).toBe(0)
  expect(inner.exit_state).not.toBe(0)
  expect(asked).toEqual(['restart'])
})

test('seccomp filters: privilege or no_new_privs, and a sound program', () => {
  const { sys, init, fork } = bootForTest()
  const user = fork(init, 1000)
  const allow = { len: 1, filter: [{ code: 6, jt: 0, jf: 0, k: 0x7fff0000 }] }
  expect(sys.seccomp(user, SECCOMP_SET_MODE_FILTER, 0, allow)).toBe(-EACCES)
  sys.prctl(user, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
  const astray = { len: 1, filter: [{ code: 5, jt: 9, jf: 0, k: 9 }] }
  expect(sys.seccomp(user, SECCOMP_SET_MODE_FILTER, 0, astray)).toBe(-EINVAL)
  expect(sys.seccomp(user, SECCOMP_SET_MODE_FILTER, 0, allow)).toBe(0)
})

test('sealed memory stays as it is, in children too', () => {
  const { sys, init, fork } = bootForTest()
  const at = sys.mmap(init, 0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  expect(sys.mseal(init, at, 4096, 0)).toBe(0)
  expect(sys.munmap(init, at, 8192)).toBe(-EPERM)
  expect(sys.mprotect(fork(), at, 4096, PROT_NONE)).toBe(-EPERM)
  expect(sys.munmap(init, at + 4096, 4096)).toBe(0)
})
