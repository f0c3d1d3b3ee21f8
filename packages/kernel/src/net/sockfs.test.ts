/** Sockets by their inodes, as LSMs ask for them. */
import { AF_UNIX, O_RDONLY, SOCK_STREAM } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { lsmHost } from '../boot/host.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { bootForTest } from '../testing/boot.ts'
import { sock_from_file } from './sockfs.ts'

test('an inode of a socket leads to it, any other to none', () => {
  const { sys, init, machine } = bootForTest()
  const socket = fget(init, sys.socket(init, AF_UNIX, SOCK_STREAM, 0))!
  const folder = fget(init, sys.open(init, '/tmp', O_RDONLY, 0))!
  const { SOCKET_I } = lsmHost(machine)
  expect(SOCKET_I(socket.f_inode)).toBe(sock_from_file(machine, socket))
  expect(SOCKET_I(socket.f_inode)?.sk?.sk_family).toBe(AF_UNIX)
  expect(SOCKET_I(folder.f_inode)).toBeNull()
})
