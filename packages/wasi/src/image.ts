/** The program that execve has loaded into a task: compiled once for as long as the file holds the same bytes. */
import type { Inode, Task } from '@lsmkit/core'
import type { ExecImage, WasmImage } from '@lsmkit/kernel'
import type { Budget } from './budget.ts'
import { limitNumbers } from './limits.ts'
import type { Limits } from './limits.ts'
import { buildProgram } from './compile.ts'
import type { Program } from './program.ts'

/** The image of a task that has executed something. */
export const imageOf = (task: Task): ExecImage => (task.thread as { image: ExecImage }).image

interface Compiled {
  readonly bytes: Uint8Array
  /** Limits it was compiled with. */
  readonly key: string
  readonly program: Program
}

/** Times do not tell: a file may be written twice at one time. Big programs are compared four bytes at once. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  const [wordsA, wordsB] = [wordsOf(a), wordsOf(b)]
  const words = Math.min(wordsA.length, wordsB.length)
  for (let i = 0; i < words; i++) if (wordsA[i] !== wordsB[i]) return false
  for (let i = words * WORD; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const WORD = 4

/** Without the bytes at the end that make no word; none of what does not begin at one. */
const wordsOf = ({ buffer, byteOffset, length }: Uint8Array): Int32Array =>
  (byteOffset % WORD === 0 ? new Int32Array(buffer, byteOffset, Math.floor(length / WORD)) : new Int32Array())

/** The last program of each file: a script over many files executes the same few. */
const compiled = new WeakMap<Inode, Compiled>()

/** Throws a ProgramError for a module that does not compile, or is over its limits. */
export const imageProgram = ({ file, bytes }: WasmImage, limits: Limits, shared: boolean, budget: Budget): Program => {
  const inode = file.f_inode
  const { memory, tables, loops } = limitNumbers(limits)
  const key = `${memory} ${tables} ${loops} ${shared}`
  const kept = compiled.get(inode)
  if (kept?.key === key && isSame(kept.bytes, bytes)) return kept.program
  const program = buildProgram(bytes, limits, shared, budget)
  compiled.set(inode, { bytes, key, program })
  return program
}
