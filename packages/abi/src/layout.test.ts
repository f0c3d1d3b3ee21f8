/** Numbers that are made of parts: modes, ioctl commands, instruction codes, BTF words, quota commands. */
import { expect, test } from 'vitest'
import * as abi from './index.ts'

test.each([
  [0o100644, '-rw-r--r--'],
  [0o40755, 'drwxr-xr-x'],
  [0o41777, 'drwxrwxrwt'],
  [0o104755, '-rwsr-xr-x'],
  [0o102644, '-rw-r-Sr--'],
  [0o107000, '---S--S--T'],
  [0o120777, 'lrwxrwxrwx'],
  [0o20620, 'crw--w----'],
  [0o60660, 'brw-rw----'],
  [0o10600, 'prw-------'],
  [0o140755, 'srwxr-xr-x'],
  [0o644, '?rw-r--r--'],
])('mode %o is %s', (mode, text) => {
  expect(abi.modeText(mode)).toBe(text)
})

test('each file type answers to one test, and DT_ is the type nibble', () => {
  const tests = [abi.S_ISREG, abi.S_ISDIR, abi.S_ISLNK, abi.S_ISCHR, abi.S_ISBLK, abi.S_ISFIFO, abi.S_ISSOCK]
  const types = [abi.S_IFREG, abi.S_IFDIR, abi.S_IFLNK, abi.S_IFCHR, abi.S_IFBLK, abi.S_IFIFO, abi.S_IFSOCK]
  types.forEach((type, i) => {
    expect(tests.map((is) => is(type | 0o7777))).toEqual(tests.map((_, j) => i === j))
  })
  const entries = [abi.DT_REG, abi.DT_DIR, abi.DT_LNK, abi.DT_CHR, abi.DT_BLK, abi.DT_FIFO, abi.DT_SOCK]
  expect(types.map(abi.S_DT)).toEqual(entries)
})

test('_IOC builds what the headers say and takes it apart', () => {
  const f = 'f'.charCodeAt(0)
  expect(abi._IOC(abi._IOC_READ, f, 1, 8)).toBe(abi.FS_IOC_GETFLAGS)
  expect(abi._IOC(abi._IOC_WRITE, f, 2, 8)).toBe(abi.FS_IOC_SETFLAGS)
  expect(abi._IOC(abi._IOC_READ | abi._IOC_WRITE, f, 11, 32)).toBe(abi.FS_IOC_FIEMAP)
  const cmd = abi.FS_IOC_FIEMAP
  expect([abi._IOC_DIR(cmd), abi._IOC_TYPE(cmd), abi._IOC_NR(cmd), abi._IOC_SIZE(cmd)]).toEqual([3, f, 11, 32])
})

test('the fields of a BPF code make up the code', () => {
  for (let code = 0; code < 256; code++) {
    expect(abi.BPF_CLASS(code) | abi.BPF_SRC(code) | abi.BPF_OP(code)).toBe(code)
    expect(abi.BPF_CLASS(code) | abi.BPF_SIZE(code) | abi.BPF_MODE(code)).toBe(code)
  }
  expect(abi.BPF_LD | abi.BPF_IMM | abi.BPF_DW).toBe(0x18)
  expect(abi.BPF_JMP | abi.BPF_CALL).toBe(0x85)
  expect(abi.BPF_JMP | abi.BPF_EXIT).toBe(0x95)
})

test('BTF words', () => {
  const info = ((1 << 31) | (abi.BTF_KIND_STRUCT << 24) | 65535) >>> 0
  expect([abi.BTF_INFO_KFLAG(info), abi.BTF_INFO_KIND(info), abi.BTF_INFO_VLEN(info)]).toEqual([1, 4, 65535])
  const int = (abi.BTF_INT_SIGNED << 24) | (3 << 16) | 64
  expect([abi.BTF_INT_ENCODING(int), abi.BTF_INT_OFFSET(int), abi.BTF_INT_BITS(int)]).toEqual([1, 3, 64])
  const member = ((7 << 24) | 0x123456) >>> 0
  expect([abi.BTF_MEMBER_BITFIELD_SIZE(member), abi.BTF_MEMBER_BIT_OFFSET(member)]).toEqual([7, 0x123456])
})

test('quota commands carry their kind in the low byte', () => {
  expect(abi.QCMD(abi.Q_GETQUOTA, abi.GRPQUOTA) >>> 0).toBe(0x80000701)
})

/** Everything the W macros say of a status; undefined where they say no. */
const saidOf = (status: number) => ({
  exited: abi.WIFEXITED(status) ? abi.WEXITSTATUS(status) : undefined,
  signal: abi.WIFSIGNALED(status) ? abi.WTERMSIG(status) : undefined,
  stopped: abi.WIFSTOPPED(status) ? abi.WSTOPSIG(status) : undefined,
  continued: abi.WIFCONTINUED(status) ? true : undefined,
})

test.each([
  { status: abi.waitExited(257), says: { exited: 1 } },
  { status: abi.waitExited(0x7f), says: { exited: 0x7f } },
  { status: abi.waitSignalled(abi.SIGKILL), says: { signal: 9 } },
  { status: abi.waitSignalled(abi.SIGSEGV, true), says: { signal: 11 } },
  { status: abi.waitStopped(abi.SIGSTOP), says: { stopped: 19 } },
  { status: abi.waitStopped(abi.SIGTRAP, abi.PTRACE_EVENT_EXEC), says: { stopped: 5 } },
  { status: abi.WAIT_CONTINUED, says: { continued: true } },
])('status $status says $says and nothing else', ({ status, says }) => {
  expect(saidOf(status)).toEqual(says)
})
