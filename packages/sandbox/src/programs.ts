/** Programs compiled for boxes of this thread: the last few are kept, so that one is rewritten once. */
import type { Program } from '@lsmkit/wasi'
import { limitNumbers } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import { programsHost } from './programs-host.ts'

/** Programs that are kept, and bytes of them. */
const MOST = 16
const MOST_BYTES = 64 * 2 ** 20

interface Kept {
  readonly key: string
  /** Ours: the caller may change his. */
  readonly bytes: Uint8Array
  readonly program: Program
}

let kept: Kept[] = []

const WORD = 4
const words = ({ buffer, byteOffset, length }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, Math.floor(length / WORD))

const isSame = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  let from = 0
  // four at a time where both begin at such a place
  if ((a.byteOffset | b.byteOffset) % WORD === 0) {
    const [as, bs] = [words(a), words(b)]
    for (let i = 0; i < as.length; i++) if (as[i] !== bs[i]) return false
    from = as.length * WORD
  }
  for (let i = from; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** `waiting`: how it will be run. Throws a ProgramError for bytes that are not a program. */
export const compiled = (
  bytes: Uint8Array<ArrayBuffer>, limits: Limits, waiting: 'suspended' | 'workers',
): Program => {
  const { memory, tables, loops } = limitNumbers(limits)
  const key = `${memory} ${tables} ${loops} ${waiting}`
  const found = kept.find((one) => one.key === key && isSame(one.bytes, bytes))
  if (found !== undefined) {
    kept = [found, ...kept.filter((one) => one !== found)]
    return found.program
  }
  const own = bytes.slice()
  const program = programsHost().compileProgram(own, limits, waiting)
  let room = MOST_BYTES
  kept = [{ key, bytes: own, program }, ...kept].slice(0, MOST).filter((one) => (room -= one.bytes.length) >= 0)
  return program
}
