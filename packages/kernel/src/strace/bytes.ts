/** Buffers and structures among the arguments of system calls, as strace prints them. */
import {
  _LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3, capName, CAP_LAST_CAP, capHas,
  unpackUserCap, ownValue, userCapWords, hexText,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'

const SHOWN_BYTES = 32
/** Bytes that are shown in hex. */
const SHOWN_HEX = 16
/** Fields of a structure; of one that has more, the first ones are shown. */
const SHOWN_FIELDS = 6
/** Capabilities of a set that are named; a larger set is a number. */
const SHOWN_CAPS = 4

/** Calls that fill a buffer, and which argument it is: only what they have put there is shown. */
const filled: Readonly<Record<string, number>> = {
  read: 1, pread64: 1, readv: 1, preadv: 1, readlink: 1, readlinkat: 2, getcwd: 0, getrandom: 0, recvfrom: 1,
  getdents64: 1, getxattr: 2, lgetxattr: 2, fgetxattr: 2, listxattr: 1, llistxattr: 1, flistxattr: 1,
}

/** The parts of buffers that the call has written; all of an argument that the call only reads. */
export const shownPart = (call: string, index: number, value: unknown, rc: number): unknown => {
  if (ownValue(filled, call) !== index) return value
  let left = Math.max(0, rc)
  const cut = (bytes: unknown): unknown => {
    if (!(bytes instanceof Uint8Array)) return bytes
    const part = bytes.subarray(0, left)
    left -= part.length
    return part
  }
  return Array.isArray(value) ? value.map(cut) : cut(value)
}

/** Control characters, and NULs in a row: a structure has them, and a text or a list of names does not. */
// oxlint-disable-next-line no-control-regex
const noText = /[\u0001-\u0006\u000e-\u001a\u001c-\u001f\u007f]|\0\0/

/** Text is `"text"...`. All else is `0x0102… (24 bytes)`. */
export const bytesText = (bytes: Uint8Array): string => {
  const text = textOf(bytes.subarray(0, SHOWN_BYTES))
  if (text === null) return shownHex(bytes)
  return JSON.stringify(text).replaceAll('\\u0000', '\\0') + (bytes.length > SHOWN_BYTES ? '...' : '')
}

/** Null unless it is text. A character that the end cuts off is left out. */
const textOf = (bytes: Uint8Array): string | null => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return noText.test(text) || text === '\0' ? null : text
  } catch {
    return null
  }
}

const shownHex = (bytes: Uint8Array): string => {
  const digits = hexText(bytes.subarray(0, SHOWN_HEX))
  const length = `${bytes.length} ${bytes.length === 1 ? 'byte' : 'bytes'}`
  return /^0*$/.test(digits) && bytes.every((byte) => byte === 0)
    ? `0x0 (${length})`
    : `0x${digits}${bytes.length > SHOWN_HEX ? '…' : ''} (${length})`
}

const scalars = ['number', 'bigint', 'boolean', 'string']

/** `{name=value, …}`: its numbers and texts; `{…}` if it has neither. */
export const structText = (value: object): string => {
  const fields = Object.entries(value).filter(([, one]) => scalars.includes(typeof one))
  if (fields.length === 0) return '{…}'
  const texts = fields.slice(0, SHOWN_FIELDS).map(([name, one]) =>
    `${name}=${typeof one === 'string' ? JSON.stringify(one) : String(one)}`)
  const isWhole = fields.length <= SHOWN_FIELDS && fields.length === Object.keys(value).length
  return `{${texts.join(', ')}${isWhole ? '' : ', …'}}`
}

const versions: ReadonlyMap<number, string> = new Map([
  [_LINUX_CAPABILITY_VERSION_1, '_LINUX_CAPABILITY_VERSION_1'],
  [_LINUX_CAPABILITY_VERSION_2, '_LINUX_CAPABILITY_VERSION_2'],
  [_LINUX_CAPABILITY_VERSION_3, '_LINUX_CAPABILITY_VERSION_3'],
])

const capsText = (set: CapWords): string => {
  const caps = Array.from({ length: CAP_LAST_CAP + 1 }, (_, cap) => cap).filter((cap) => capHas(set, cap))
  if (caps.length === 0) return '0'
  if (caps.length <= SHOWN_CAPS) return caps.map((cap) => capName(cap) ?? String(cap)).join('|')
  return `0x${((BigInt(set.hi >>> 0) << 32n) | BigInt(set.lo >>> 0)).toString(16)}`
}

/** The arguments of capget and capset by their layout; null if they do not have it. */
export const capCallText = (args: readonly unknown[]): readonly string[] | null => {
  const [header, data] = args
  if (typeof header !== 'object' || header === null || !('version' in header) || !('pid' in header)) return null
  const { version, pid } = header
  if (typeof version !== 'number') return null
  const head = `{version=${versions.get(version) ?? `0x${version.toString(16)}`}, pid=${String(pid)}}`
  if (!(data instanceof Uint8Array)) return [head, 'NULL']
  const sets = unpackUserCap(data, userCapWords(version))
  if (sets === undefined) return [head, shownHex(data)]
  const parts = (['effective', 'permitted', 'inheritable'] as const).map((name) => `${name}=${capsText(sets[name])}`)
  return [head, `{${parts.join(', ')}}`]
}
