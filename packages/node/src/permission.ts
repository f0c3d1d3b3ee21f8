/** Asks the kernel whether a task may connect: a socket is made and connected, which asks every module. */
import { AF_INET, AF_INET6, EACCES, EPERM, SOCK_STREAM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { answered, FileError } from '@lsmkit/kernel/files'
import { isIPv6, SocketAddress } from 'node:net'

/** Sixteen bytes of an IPv6 address as text. */
const bytesOf6 = (address: string): Uint8Array => {
  const [head = '', tail = ''] = new SocketAddress({ address, family: 'ipv6' }).address.split('::')
  const words = (text: string): number[] => text.split(':').filter((word) => word !== '').flatMap((word) =>
    word.includes('.')
      ? word.split('.').map(Number)
      : [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff])
  const [before, after] = [words(head), words(tail)]
  const bytes = new Uint8Array(16)
  bytes.set(before)
  bytes.set(after, 16 - after.length)
  return bytes
}

/** Throws FileError, `EACCES: permission denied, connect '192.0.2.1:443'`, where a module refuses it. */
export const mayConnect = ({ sys }: Kernel, task: Task, address: string, port: number): void => {
  const is6 = isIPv6(address)
  const where = is6 ? `[${address}]:${port}` : `${address}:${port}`
  const fd = answered(sys.socket(task, is6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0), 'connect', where)
  const name = is6 ? sockaddrIn6(bytesOf6(address), port) : sockaddrIn(address, port)
  const rc = sys.connect(task, fd, name, name.length)
  sys.close(task, fd)
  // any other answer is that of a network which is not there: the modules have agreed by then
  if (rc === -EACCES || rc === -EPERM) throw new FileError(rc, 'connect', where)
}

