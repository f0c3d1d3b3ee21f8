/** The recorded lines of posix-sessions: byte strings, arguments with C names, data, and how results are compared. */
import { ownValue } from '@lsmkit/abi'
import * as abi from '@lsmkit/abi'
import { decodeName, encodeName } from '@lsmkit/kernel'

/** `[actor, name, arguments, result, observation]`; a result is a number, an errno's name, or `BLOCK`. */
export type Call = readonly [
  actor: number,
  name: string,
  args: readonly unknown[],
  result: number | string,
  seen?: unknown,
]

export interface Actor {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** `all`, or a mask in hexadecimal. */
  readonly caps: string
  readonly umask: string
}

export interface Header {
  readonly kind: 'header'
  readonly kernel: string
  readonly show_size: number
  readonly bounding: string
  readonly sysctl: Readonly<Record<string, string>>
}
export interface Prelude {
  readonly kind: 'prelude'
  readonly name: string
  readonly calls: readonly Call[]
}
export interface Session {
  readonly kind: 'session'
  readonly id: number
  readonly theme: string
  readonly prelude: string
  readonly actors: readonly Actor[]
  readonly calls: readonly Call[]
  readonly final: readonly unknown[]
}
export type Line = Header | Prelude | Session

/** A recorded string, one character a byte. */
export const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
export const fromBytes = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
/** A recorded name as the kernel takes names, and back. */
export const toName = (text: string): string => decodeName(toBytes(text))
export const fromName = (name: string): string => fromBytes(encodeName(name))

const constants = abi as unknown as Readonly<Record<string, unknown>>
const LOCAL: Readonly<Record<string, number>> = { RLIM_INFINITY: Infinity }

const term = (text: string): number => {
  if (/^0x/i.test(text)) return Number.parseInt(text, 16)
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8)
  if (/^-?\d+$/.test(text)) return Number(text)
  const value = ownValue(LOCAL, text) ?? constants[text]
  if (typeof value !== 'number') throw new Error(`no constant \`${text}\``)
  return value
}

/** A number, or a `|` list of C names and octal numbers. */
export const toNumber = (arg: unknown): number => {
  if (typeof arg === 'number') return arg
  if (typeof arg !== 'string') throw new Error(`no number: ${JSON.stringify(arg)}`)
  return arg.split('|').reduce((sum, part) => (sum === 0 ? term(part) : sum | term(part)), 0)
}

/** `{"rep":"A","n":5000}`, or the bytes themselves. */
export const toData = (arg: unknown): Uint8Array => {
  if (typeof arg === 'string') return toBytes(arg)
  const { rep, n } = arg as { rep: string; n: number }
  return new Uint8Array(n).fill(rep.charCodeAt(0))
}

/** Data read back: up to 64 bytes as they are, else at most 60 runs. */
export const showData = (bytes: Uint8Array): unknown => {
  if (bytes.length <= 64) return fromBytes(bytes)
  const runs: [string, number][] = []
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    const last = runs.at(-1)
    if (last !== undefined && last[0] === char) last[1]++
    else if (runs.length === 60) break
    else runs.push([char, 1])
  }
  return { len: bytes.length, runs }
}

/** Comparable text of a result or an observation: object keys sorted. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, v: unknown) =>
    v !== null && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  ) ?? 'undefined'
