import { expect, test } from 'vitest'
import { errnoTable } from './errno-name.ts'
import { EACCES, EIO, ENOSYS, EOPNOTSUPP, EPERM, EREMOTEIO, ERESTARTSYS } from './errno.ts'
import { linuxErrno, wasiErrno } from './wasi-errno-map.ts'
import {
  WASI_ERRNO_ACCES, WASI_ERRNO_INTR, WASI_ERRNO_IO, WASI_ERRNO_NOSYS, WASI_ERRNO_NOTCAPABLE, WASI_ERRNO_NOTSUP,
} from './wasi-errno.ts'
import { wasiErrnoTable } from './wasi-name.ts'

test('every WASI error but notcapable comes back as itself', () => {
  for (const [name, error] of wasiErrnoTable.entries()) {
    if (error === WASI_ERRNO_NOTCAPABLE) continue
    expect([name, wasiErrno(linuxErrno(error))]).toEqual([name, error])
  }
})

test('pairs have the same name on both sides', () => {
  for (const [name, error] of wasiErrnoTable.entries()) {
    if (error === 0 || error === WASI_ERRNO_NOTCAPABLE || error === WASI_ERRNO_NOTSUP) continue
    expect(errnoTable.nameOf(linuxErrno(error))).toBe(name.replace('WASI_ERRNO_', 'E'))
  }
})

test('no Linux error is told as success', () => {
  expect(errnoTable.entries().filter(([, errno]) => wasiErrno(errno) === 0)).toEqual([])
})

test.each([
  [0, 0],
  [-EACCES, WASI_ERRNO_ACCES],
  [EACCES, WASI_ERRNO_ACCES],
  [-ENOSYS, WASI_ERRNO_NOSYS],
  [-EOPNOTSUPP, WASI_ERRNO_NOTSUP],
  [-ERESTARTSYS, WASI_ERRNO_INTR],
  [-EREMOTEIO, WASI_ERRNO_IO],
  [-4095, WASI_ERRNO_IO],
  [NaN, WASI_ERRNO_IO],
])('Linux %d is WASI %d', (rc, error) => {
  expect(wasiErrno(rc)).toBe(error)
})

test.each([
  [0, 0],
  [WASI_ERRNO_NOTSUP, EOPNOTSUPP],
  [WASI_ERRNO_NOTCAPABLE, EPERM],
  [77, EIO],
  [-1, EIO],
])('WASI %d is Linux %d', (error, errno) => {
  expect(linuxErrno(error)).toBe(errno)
})
