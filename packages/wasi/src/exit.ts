/** How a program ends, and how it is made to: by a trap, because exceptions can be caught by what they are to end. */
import { SIGFPE, SIGILL, SIGSEGV } from '@lsmkit/abi'

export type Ending =
  | { readonly kind: 'exited'; readonly status: number }
  /** By a signal, with the reason for the person who started it; the program itself learns nothing. */
  | { readonly kind: 'killed'; readonly signal: number; readonly reason: string }
  /** By execve: another image waits to be run in the same task. */
  | { readonly kind: 'replaced' }

export const killed = (signal: number, reason: string): Ending => ({ kind: 'killed', signal, reason })

/** `(module (func (export "f") unreachable))` */
const UNREACHABLE = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07,
  0x05, 0x01, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
])
let unreachable: (() => void) | null = null

/** Leaves every frame of a program: `catch_all` lets a trap through, unlike what JavaScript throws. */
export const trap = (): never => {
  unreachable ??= new WebAssembly.Instance(new WebAssembly.Module(UNREACHABLE)).exports.f as () => void
  unreachable()
  throw new Error('unreachable was reached')
}

/** The meaning of a thrown value: engines tell traps apart by their text only. */
export const endingOf = (error: unknown): Ending => {
  const text = error instanceof Error ? error.message : String(error)
  const kind = error instanceof RangeError ? 'stack' : error instanceof WebAssembly.RuntimeError ? 'trap'
    : error instanceof WebAssembly.LinkError ? 'link' : 'other'
  return endingOfText({ kind, text })
}

/** Ends the program as an error of another thread says. */
export const trapOf = ({ kind, text }: { readonly kind: string; readonly text: string }): never => {
  throw kind === 'stack' ? new RangeError(text) : kind === 'trap' ? new WebAssembly.RuntimeError(text) : new Error(text)
}

export const endingOfText = ({ kind, text }: { kind: 'stack' | 'trap' | 'link' | 'other'; text: string }): Ending => {
  // core modules of a component that do not fit one another, which the engine finds out
  if (kind === 'link') return killed(SIGILL, `its modules do not fit together: ${text}`)
  if (kind === 'stack') return killed(SIGSEGV, `stack overflow: ${text}`)
  if (kind === 'trap') return killed(signalOfTrap(text), `trap: ${text}`)
  return killed(SIGILL, `unexpected: ${text}`)
}

const signalOfTrap = (text: string): number => {
  if (/out of bounds|out-of-bounds|null (?:function|reference)|dereferenc/i.test(text)) return SIGSEGV
  if (/divide|division|remainder|unrepresentable|integer overflow|float/i.test(text)) return SIGFPE
  return SIGILL
}
