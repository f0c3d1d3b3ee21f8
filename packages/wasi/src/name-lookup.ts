/** Names of hosts for programs: the name service of the machine answers, and addresses stand for themselves. */
import { EFAULT, ENOENT, EINVAL } from '@lsmkit/abi'
import { sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel/boot'
import type { Process } from './process.ts'
import { readText } from './syscalls/argument.ts'

const BYTE = '(0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])'
const V4 = new RegExp(`^${BYTE}(\\.${BYTE}){3}$`)

export const isAddressOfV4 = (text: string): boolean => V4.test(text)

/** The address of a name as text, IPv4 or IPv6; null where there is none. */
export const lookUp = ({ machine, task }: Pick<Process, 'machine' | 'task'>, name: string): string | null => {
  if (isAddressOfV4(name)) return name
  if (name === 'localhost' && machine.names === null) return '127.0.0.1'
  return machine.as(task, () => machine.names?.(name) ?? null)
}

/** The words of an address of IPv6; `::` stands for as many zeros as are missing. */
const ipv6Bytes = (addr: string): Uint8Array => {
  const [head = [], tail = []] = addr.split('::').map((part) => part.split(':').filter((word) => word !== ''))
  const words = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return Uint8Array.from(words.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]))
}

/** The bytes of an address as text: 4 or 16. */
export const decodeAddress = (addr: string): Uint8Array =>
  addr.includes(':') ? ipv6Bytes(addr) : Uint8Array.from(addr.split('.').map(Number))

/** Labels of a name of ASCII. */
const NAME = /^(?!-)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/
const MOST_NAME = 253

/**
 * A name of a host, or an address, as it is looked up: of an address of IPv6 its usual form, of a name with other
 * letters its form in ASCII. Null for a text that cannot be either.
 */
export const hostText = (text: string): string | null => {
  if (isAddressOfV4(text)) return text
  if (text.includes(':')) return /^[\d:.a-f]+$/i.test(text) ? urlHost(`[${text}]`)?.slice(1, -1) ?? null : null
  // eslint-disable-next-line no-control-regex -- what ASCII is
  const name = /^[\x00-\x7f]*$/.test(text) ? text : urlHost(text)
  return name !== null && name.length <= MOST_NAME && NAME.test(name) ? name : null
}

const urlHost = (host: string): string | null => {
  try {
    return new URL(`http://${host}/`).hostname
  } catch {
    return null
  }
}

const sockaddrOf = (addr: string): Uint8Array =>
  addr.includes(':') ? sockaddrIn6(ipv6Bytes(addr), 0) : sockaddrIn(addr, 0)

/** `resolve` of `lsmkit_posix`: writes the address of a name as a sockaddr whose port is 0, and its length. */
export const resolve = (process: Process, [name, to, length]: readonly number[]): number => {
  const { memory } = process
  const text = readText(memory, name! >>> 0)
  const [at, sizeAt] = [to! >>> 0, length! >>> 0]
  if (text === null || !memory.has(sizeAt, 4)) return -EFAULT
  const room = memory.view.getUint32(sizeAt, true)
  const found = lookUp(process, text)
  if (found === null) return -ENOENT
  const address = sockaddrOf(found)
  if (room < address.length) return -EINVAL
  if (!memory.has(at, address.length)) return -EFAULT
  memory.bytes.set(address, at)
  memory.view.setUint32(sizeAt, address.length, true)
  return 0
}
