/** The recorded lines of posix-sessions: byte strings, arguments with C names, and data. */
import { decodeName, encodeName } from '@lsmkit/kernel'
import { namedNumber } from '../named-number.ts'

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

/** A number, or a `|` list of C names and octal numbers. */
export const toNumber = (arg: unknown): number => {
  if (typeof arg === 'number') return arg
  if (typeof arg !== 'string') throw new Error(`not a number: ${JSON.stringify(arg)}`)
  return namedNumber(arg)
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
