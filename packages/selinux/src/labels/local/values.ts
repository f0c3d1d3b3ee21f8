/** Ports, addresses, booleans and kinds of files as both `semanage` and its store write them. */
import { ipBytes } from '../../ip-bytes.ts'
import { LabelsError } from '../errors.ts'
import type { PortProtocol } from './changes.ts'

const PROTOCOLS: readonly PortProtocol[] = ['tcp', 'udp', 'dccp', 'sctp']

export const protocolOf = (text: string, place: string): PortProtocol => {
  const found = PROTOCOLS.find((name) => name === text.toLowerCase())
  if (found !== undefined) return found
  throw new LabelsError('bad-port', `\`${text}\` is not a protocol`, place, `one of ${PROTOCOLS.join(', ')}`)
}

/** `80`, `8000-8010`. */
export const portsOf = (text: string, place: string): { low: number; high: number } => {
  const found = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text.trim())
  const low = Number(found?.[1])
  const high = found?.[2] === undefined ? low : Number(found[2])
  if (found !== null && low <= high && high <= 65535) return { low, high }
  throw new LabelsError('bad-port', `\`${text}\` is not a port`, place, 'PORT or FIRST-LAST, from 0 to 65535')
}

const maskOf = (text: string, length: number): Uint8Array | null => {
  if (!/^\d{1,3}$/.test(text)) return ipBytes(text)
  const bits = Number(text)
  if (bits > length * 8) return null
  return Uint8Array.from({ length }, (_, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - i * 8))))
}

/** An address and its mask, which may be a number of bits; bits outside of the mask are dropped as the kernel does. */
export const addressOf = (address: string, mask: string, place: string): { address: Uint8Array; mask: Uint8Array } => {
  const [plain = '', bits] = address.split('/')
  const bytes = ipBytes(plain)
  const masked = bytes === null ? null : maskOf(bits ?? mask, bytes.length)
  if (bytes === null || masked === null || masked.length !== bytes.length) {
    throw new LabelsError('bad-address', `\`${address}\` with the mask \`${bits ?? mask}\` is not a set of addresses`,
      place, 'two addresses of the same kind, or ADDRESS/BITS')
  }
  return { address: bytes.map((byte, i) => byte & masked[i]!), mask: masked }
}

const ON = new Set(['1', 'on', 'true'])
const OFF = new Set(['0', 'off', 'false'])

export const booleanOf = (text: string, place: string): boolean => {
  const word = text.toLowerCase()
  if (ON.has(word)) return true
  if (OFF.has(word)) return false
  throw new LabelsError('bad-line', `\`${text}\` is not the value of a boolean`, place, 'on or off')
}

/** The kinds of semanage's `-f`, and how file_contexts writes them. */
const kinds: ReadonlyMap<string, string | null> = new Map<string, string | null>([
  ['a', null], ['all files', null], ['f', '--'], ['--', '--'], ['regular file', '--'], ['d', '-d'], ['-d', '-d'],
  ['directory', '-d'], ['c', '-c'], ['-c', '-c'], ['character device', '-c'], ['b', '-b'], ['-b', '-b'],
  ['block device', '-b'], ['s', '-s'], ['-s', '-s'], ['socket', '-s'], ['l', '-l'], ['-l', '-l'],
  ['symbolic link', '-l'], ['p', '-p'], ['-p', '-p'], ['named pipe', '-p'], ['', null],
])

export const fileKindOf = (text: string, place: string): string | null => {
  const kind = kinds.get(text)
  if (kind !== undefined) return kind
  throw new LabelsError('bad-line', `\`${text}\` is not a kind of file`, place, 'one of a f d c b s l p')
}
