/** Sockets that a program was given: preview 1 accepts, sends, receives and shuts down on them. */
import {
  AF_UNIX, SOCK_DGRAM, SOCK_STREAM, WASI_FILETYPE_SOCKET_DGRAM,
  WASI_FILETYPE_SOCKET_STREAM, WASI_RIFLAGS_RECV_PEEK, WASI_SDFLAGS_RD, WASI_SDFLAGS_WR,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { sockaddrUn } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { guestOn, name } from '../testing/guest.ts'
import type { Guest } from '../testing/guest.ts'

const kernel = bootForTest([capability()])
const { sys } = kernel

const pairOf = ({ task }: Guest, type: number): [number, number] => {
  const fds = [0, 0]
  sys.socketpair(task, AF_UNIX, type, 0, fds)
  return fds as [number, number]
}
const send = ({ wasi, iovec, put, u32, out }: Guest, fd: number, ...parts: readonly string[]) => {
  const rc = wasi.sock_send(fd, ...iovec(...parts.map((part) => put(part))), 0, out)
  return rc === 0 ? u32(out) : name(rc)
}
/** What was received, and the flags that came with it. */
const recv = ({ wasi, iovec, room, u32, view, text, out }: Guest, fd: number, size = 8, flags = 0) => {
  const at = room(size)
  const rc = wasi.sock_recv(fd, ...iovec([at, size]), flags, out, out + 4)
  return rc === 0 ? [text(at, u32(out)), view().getUint16(out + 4, true)] : name(rc)
}

test.each([[SOCK_STREAM, WASI_FILETYPE_SOCKET_STREAM], [SOCK_DGRAM, WASI_FILETYPE_SOCKET_DGRAM]])(
  'a socket of type %i is told as %i', (type, filetype) => {
    const guest = guestOn(kernel)
    const [a] = pairOf(guest, type)
    const at = guest.room(64)
    guest.wasi.fd_fdstat_get(a, at)
    expect(guest.view().getUint8(at)).toBe(filetype)
    guest.wasi.fd_filestat_get(a, at)
    expect(guest.view().getUint8(at + 16)).toBe(filetype)
  })

describe('messages', () => {
  test('go from buffers into a buffer, whole or with word that they were cut', () => {
    const guest = guestOn(kernel)
    const [a, b] = pairOf(guest, SOCK_DGRAM)
    expect([send(guest, a, 'one', 'two'), send(guest, a, 'three')]).toEqual([6, 5])
    expect(recv(guest, b, 8, WASI_RIFLAGS_RECV_PEEK)).toEqual(['onetwo', 0])
    expect([recv(guest, b), recv(guest, b, 2), recv(guest, b)]).toEqual([['onetwo', 0], ['th', 1], 'again'])
  })

  test('a call that would wait is made again while others run', () => {
    let runs = 0
    let other = -1
    const guest = guestOn(kernel, { host: { wait: () => {
      if (++runs === 2) send(guest, other, 'late')
      return runs < 5
    } } })
    const [a, b] = pairOf(guest, SOCK_STREAM)
    other = a
    expect([recv(guest, b), runs]).toEqual([['late', 0], 2])
    expect([recv(guest, b), runs]).toEqual(['again', 5])
  })

  test('an end that was shut down is read as one, and takes nothing', () => {
    const guest = guestOn(kernel)
    const { wasi } = guest
    const [a, b] = pairOf(guest, SOCK_STREAM)
    expect([0, 4, -1].map((how) => name(wasi.sock_shutdown(a, how)))).toEqual(['inval', 'inval', 'inval'])
    expect(name(wasi.sock_shutdown(a, WASI_SDFLAGS_WR))).toBe('ok')
    expect([recv(guest, b), send(guest, b, 'x'), recv(guest, a)]).toEqual([['', 0], 1, ['x', 0]])
    expect(name(wasi.sock_shutdown(b, WASI_SDFLAGS_RD | WASI_SDFLAGS_WR))).toBe('ok')
    expect(recv(guest, a)).toEqual(['', 0])
  })
})

test('a connection is accepted as a descriptor with all that sockets have', () => {
  const guest = guestOn(kernel)
  const { wasi, task, out } = guest
  const at = sockaddrUn('\0listener')
  const [server, client] = [0, 0].map(() => sys.socket(task, AF_UNIX, SOCK_STREAM, 0)) as [number, number]
  sys.bind(task, server, at, at.length)
  sys.listen(task, server, 1)
  expect([name(wasi.sock_accept(server, 1, out)), name(wasi.sock_accept(server, 0, out))]).toEqual(['inval', 'again'])
  sys.connect(task, client, at, at.length)
  expect(name(wasi.sock_accept(server, 0, 65536))).toBe('fault')
  expect(name(wasi.sock_accept(server, 4, out))).toBe('ok')
  const end = guest.u32(out)
  expect([send(guest, end, 'hello'), recv(guest, client)]).toEqual([5, ['hello', 0]])
})

test('rights, flags and pointers are looked at before anything is done', () => {
  const guest = guestOn(kernel)
  const { wasi, iovec, put, out } = guest
  const [a, b] = pairOf(guest, SOCK_DGRAM)
  send(guest, a, 'text')
  const list = iovec(put('text'))
  expect([
    wasi.sock_send(a, ...list, 1, out), wasi.sock_send(a, ...list, 0, 65534), wasi.sock_send(a, 65530, 1, 0, out),
    wasi.sock_recv(b, ...list, 4, out, out), wasi.sock_recv(b, ...list, 0, 65534, out),
    wasi.sock_recv(b, ...list, 0, out, 65535),
  ].map(name)).toEqual(['inval', 'fault', 'fault', 'inval', 'fault', 'fault'])
  expect([recv(guest, b), recv(guest, b)]).toEqual([['text', 0], 'again'])
  expect(name(wasi.fd_fdstat_set_rights(b, 0n, 0n))).toBe('ok')
  expect([recv(guest, b), send(guest, b, 'x'), name(wasi.sock_shutdown(b, 1)), name(wasi.sock_accept(b, 0, out))])
    .toEqual(Array(4).fill('notcapable'))
})

test('what is moved counts for its length, as with files: the clock is looked at sooner', () => {
  const guest = guestOn(kernel, { limits: { time: '1 min' } })
  const { process: { budget }, wasi, iovec, room, out } = guest
  const [a, b] = pairOf(guest, SOCK_STREAM)
  const list = iovec([room(40_000), 40_000])
  const spentBy = (call: () => number): [result: string, spent: number] => {
    const before = budget.nextLook
    return [name(call()), before - budget.nextLook]
  }
  expect([
    spentBy(() => wasi.sock_send(a, ...list, 0, out)), spentBy(() => wasi.sock_recv(b, ...list, 0, out, out + 4)),
    spentBy(() => wasi.fd_write(a, ...list, out)), spentBy(() => wasi.fd_read(b, ...list, out)),
    spentBy(() => wasi.sock_send(a, ...iovec([64, 10]), 0, out)),
  ]).toEqual([['ok', 2], ['ok', 2], ['ok', 2], ['ok', 2], ['ok', 0]])
})
