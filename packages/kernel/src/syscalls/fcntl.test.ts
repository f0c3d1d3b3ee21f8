/** fcntl(2) beside locks: O_ASYNC, owners, seals. */
import {
  AT_FDCWD, EINVAL, EPERM, F_ADD_SEALS, F_GET_SEALS, F_GETFL, F_GETOWN_EX, F_OWNER_PGRP, F_OWNER_TID, F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, F_SETFL, F_SETOWN, MFD_ALLOW_SEALING, O_CREAT,
  O_RDONLY, O_RDWR,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const O_ASYNC = 0o20000

test('only files that could tell by signal keep O_ASYNC', () => {
  const { sys, init } = bootForTest()
  const isAsync = (fd: number): boolean => {
    expect(sys.fcntl(init, fd, F_SETFL, O_ASYNC)).toBe(0)
    return (sys.fcntl(init, fd, F_GETFL, 0) & O_ASYNC) !== 0
  }
  const pipe: number[] = []
  sys.pipe2(init, pipe, 0)
  const inotify = sys.inotify_init1(init, 0)
  const file = sys.openat(init, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o600)
  expect([pipe[0]!, inotify, file].map(isAsync)).toEqual([true, true, false])
})

test('a file that nobody has ever owned is told as owned by thread 0', () => {
  const { sys, init } = bootForTest()
  const fd = sys.openat(init, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o600)
  const owner = { type: -1, pid: -1 }
  expect([sys.fcntl(init, fd, F_GETOWN_EX, owner), owner]).toEqual([0, { type: F_OWNER_TID, pid: 0 }])
  sys.setsid(init)
  sys.fcntl(init, fd, F_SETOWN, -init.pid)
  expect([sys.fcntl(init, fd, F_GETOWN_EX, owner), owner]).toEqual([0, { type: F_OWNER_PGRP, pid: init.pid }])
})

test('seals want a file open for writing first, and F_SEAL_EXEC of a program implies those of its contents', () => {
  const { sys, init, file } = bootForTest()
  file('/tmp/f', 'x')
  expect(sys.fcntl(init, sys.openat(init, AT_FDCWD, '/tmp/f', O_RDONLY, 0), F_ADD_SEALS, -1)).toBe(-EPERM)
  const pipe: number[] = []
  sys.pipe2(init, pipe, 0)
  expect(pipe.map((fd) => sys.fcntl(init, fd, F_ADD_SEALS, 0))).toEqual([-EPERM, -EINVAL])
  const contents = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE
  const sealed = (mode: number): number => {
    const fd = sys.memfd_create(init, 'm', MFD_ALLOW_SEALING)
    sys.fchmod(init, fd, mode)
    expect(sys.fcntl(init, fd, F_ADD_SEALS, F_SEAL_EXEC)).toBe(0)
    return sys.fcntl(init, fd, F_GET_SEALS, 0)
  }
  expect([sealed(0o700), sealed(0o600)]).toEqual([F_SEAL_EXEC | contents, F_SEAL_EXEC])
})
