/** Watched calls: what is told, in which order, and how it reads. */
import { AT_FDCWD, EACCES, O_RDONLY } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { callText, watchCalls } from './strace.ts'

const warden = defineLsm({
  name: 'warden',
  abi: '1.0',
  hooks: { file_open: (file) => (file.f_path.dentry.d_name.name === 'shadow' ? -EACCES : 0) },
})

test('calls are told with their results, and with who refused', () => {
  const kernel = bootForTest({ lsms: [warden] })
  kernel.sys.mknod(kernel.init, '/tmp/shadow', 0o100644, 0)
  const lines: string[] = []
  const entered: string[] = []
  const { sys, syscall } = watchCalls(kernel, kernel.stack, {
    enter: (name) => void entered.push(name),
    leave: (call) => void lines.push(callText(call)),
  })
  sys.openat(kernel.init, AT_FDCWD, '/tmp/shadow', O_RDONLY, 0)
  sys.write(kernel.init, 9, new Uint8Array(40).fill(65))
  sys.stat(kernel.init, '/tmp', null)
  syscall(kernel.init, 'close', 9)
  kernel.sys.getpid(kernel.init)
  expect(entered).toEqual(['openat', 'write', 'stat', 'close'])
  expect(lines).toEqual([
    '[pid 1] openat(AT_FDCWD, "/tmp/shadow", O_RDONLY, 0) = -1 EACCES <file_open: warden>',
    `[pid 1] write(9, "${'A'.repeat(32)}"...) = -1 EBADF`,
    '[pid 1] stat("/tmp", NULL) = -1 EFAULT',
    '[pid 1] close(9) = -1 EBADF',
  ])
})

test.each([
  ['openat', [AT_FDCWD, '/f', 0o2101, 0o644], 'openat(AT_FDCWD, "/f", O_WRONLY|O_CREAT|O_APPEND, 0644)'],
  ['open', ['/f', 0o20000002, 0], 'open("/f", O_RDWR|0x400000, 0)'],
  ['faccessat2', [AT_FDCWD, '/f', 6, 0x200], 'faccessat2(AT_FDCWD, "/f", R_OK|W_OK, AT_EACCESS)'],
  ['access', ['/f', 0], 'access("/f", F_OK)'],
  ['mkdirat', [5, '/d', 0o755], 'mkdirat(5, "/d", 0755)'],
  ['lseek', [3, 10, 2], 'lseek(3, 10, SEEK_END)'],
  ['mmap', [0, 4096, 5, 0x22, -1, 0], 'mmap(0, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)'],
  ['socket', [1, 0x80001, 0], 'socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0)'],
  ['prctl', [38, 1, 0, 0, 0], 'prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)'],
  ['prctl', [3, 0, 0, 0, 0], 'prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)'],
  ['kill', [7, 15], 'kill(7, SIGTERM)'],
  ['fcntl', [3, 4, 0o4000], 'fcntl(3, F_SETFL, 2048)'],
])('%s tells its flags by name', (name, args, text) => {
  const task = { pid: 1 } as Task
  expect(callText({ name, task, args, rc: 0, denial: null })).toBe(`[pid 1] ${text} = 0`)
})

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const caps = { version: 0x20080522, pid: 0 }

test.each([
  ['capset', [caps, new Uint8Array(24)], 0,
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=0}) = 0'],
  ['capset', [caps, new Uint8Array(24).fill(6, 0, 1).fill(255, 4, 8)], 0,
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, ' +
      '{effective=CAP_DAC_OVERRIDE|CAP_DAC_READ_SEARCH, permitted=0xffffffff, inheritable=0}) = 0'],
  ['capget', [{ version: 7, pid: 0 }, new Uint8Array(24)], -22,
    'capget({version=0x7, pid=0}, {effective=0, permitted=0, inheritable=0}) = -1 EINVAL'],
  ['capget', [caps, null], 0, 'capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, NULL) = 0'],
  ['read', [3, text('abc\0\0\0\0\0\0')], 3, 'read(3, "abc") = 3'],
  ['read', [3, text('what was there')], -9, 'read(3, "") = -1 EBADF'],
  ['readv', [3, [text('ab'), text('cold')]], 3, 'readv(3, ["ab", "c"]) = 3'],
  ['write', [3, new Uint8Array(40)], 40, 'write(3, 0x0 (40 bytes)) = 40'],
  ['write', [3, Uint8Array.of(0x7f, 0x45, 0x4c, 0x46)], 4, 'write(3, 0x7f454c46 (4 bytes)) = 4'],
  ['write', [3, text(`${'x'.repeat(31)}é`)], 33, `write(3, "${'x'.repeat(31)}"...) = 33`],
  ['listxattr', ['/f', text('security.a\0user.b\0and more')], 18, 'listxattr("/f", "security.a\\0user.b\\0") = 18'],
  ['prlimit64', [7, 4, null, { rlim_cur: 0, rlim_max: 8 }], 0, 'prlimit64(7, 4, NULL, {rlim_cur=0, rlim_max=8}) = 0'],
  ['connect', [3, { family: 1, path: '/s', owner: {} }], 0, 'connect(3, {family=1, path="/s", …}) = 0'],
  ['stat', ['/f', {}], 0, 'stat("/f", {…}) = 0'],
])('%s shows structures by their fields, and bytes that are no text by their length', (name, args, rc, line) => {
  expect(callText({ name, task: { pid: 1 } as Task, args, rc, denial: null })).toBe(`[pid 1] ${line}`)
})
