/** How a program stops before its entry returns: thrown through its frames, and caught where it was started. */
import { SIGFPE, SIGILL, SIGSEGV } from '@lsmkit/abi'

/** proc_exit. A preallocated stack trace would only cost time. */
export class ProgramExit {
  readonly code: number

  constructor(code: number) {
    this.code = code
  }
}

/** execve has put another program in this one's place. */
export const PROGRAM_REPLACED: unique symbol = Symbol('replaced by execve')

/** Ended by a signal, with the reason for the person who started it; the program itself learns nothing. */
export class ProgramKilled {
  readonly signal: number
  readonly reason: string

  constructor(signal: number, reason: string) {
    this.signal = signal
    this.reason = reason
  }
}

/** What a thrown thing means: engines tell traps apart by their text only. */
export const asKilled = (error: unknown): ProgramKilled => {
  if (error instanceof ProgramKilled) return error
  const text = error instanceof Error ? error.message : String(error)
  if (error instanceof RangeError) return new ProgramKilled(SIGSEGV, `stack overflow: ${text}`)
  if (error instanceof WebAssembly.RuntimeError) return new ProgramKilled(signalOfTrap(text), `trap: ${text}`)
  return new ProgramKilled(SIGILL, `unexpected: ${text}`)
}

const signalOfTrap = (text: string): number => {
  if (/out of bounds|out-of-bounds|null (?:function|reference)|dereferenc/i.test(text)) return SIGSEGV
  if (/divide|division|remainder|unrepresentable|integer overflow|float/i.test(text)) return SIGFPE
  return SIGILL
}
