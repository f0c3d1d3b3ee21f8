/** Asks the kernel whether a task may connect to an address of the host's network. */
import { EACCES } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { askConnect, sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { FileError } from '@lsmkit/kernel/files'
import { isIPv4, SocketAddress } from 'node:net'

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

/** The first twelve bytes of `::ffff:192.0.2.1`, by which a socket of IPv6 reaches an address of IPv4. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** The address as connect(2) takes it; of an address that is also one of IPv4, both. */
const sockaddrsOf = (address: string, port: number): Uint8Array[] => {
  if (isIPv4(address)) return [sockaddrIn(address, port)]
  const bytes = bytesOf6(address.replace(/%.*$/s, ''))
  const isMapped = MAPPED.every((byte, i) => bytes[i] === byte)
  return [sockaddrIn6(bytes, port), ...(isMapped ? [sockaddrIn(bytes.subarray(12).join('.'), port)] : [])]
}

/** Throws FileError, `EACCES: permission denied, connect '192.0.2.1:443'`, for any answer but yes. */
export const mayConnect = (kernel: Kernel, task: Task, address: string, port: number): void => {
  for (const sockaddr of sockaddrsOf(address, port)) {
    const rc = askConnect(kernel, task, sockaddr)
    const where = isIPv4(address) ? `${address}:${port}` : `[${address}]:${port}`
    if (rc !== 0) throw new FileError(rc < 0 ? rc : -EACCES, 'connect', where)
  }
}
