/**
 * Any bytes written to any file of selinuxfs: a count or an errno comes back, and an invalid policy changes nothing.
 */
import { errnoName } from '@lsmkit/abi'
import type { PseudoFile, PseudoIo } from '@lsmkit/core'
import { bytes as bytesOf, Machine } from '../testing/machine.ts'
import { testPolicy } from '../testing/policy.ts'
import { mutateBytes, mutateText } from './mutate.ts'
import type { Random } from './random.ts'

const texts = [
  'u:r:a_t:s0 u:object_r:o_t:s0 7', 'u:r:a_t:s0', 'u:object_r:o_t:s0 u:object_r:d_t:s0 6 u:r:a_t:s0', '1', '0', '33',
  'u:r:kernel_t:s0 u:object_r:o_t:s0 7 name%20x', 'u:r:a_t:s0 u',
]
const pieces = [
  ' ', '\0', '\n', '%', '%zz', '+', '-1', '65536', '99999999999', 'é', 's0:c0,c1', ':', 'x'.repeat(5000), '',
]

const descriptor = (file: PseudoFile): PseudoIo => {
  const io: PseudoIo = { file: null as never, pos: 0, answer: null, state: null }
  file.open?.(io)
  return io
}

/** Throws unless it is bytes, a text, a count, or an errno that has a name. */
const check = (name: string, result: unknown): void => {
  if (typeof result === 'string' || result instanceof Uint8Array) return
  if (typeof result === 'number' && (result >= 0 || /^E[A-Z0-9]+$/.test(errnoName(result)))) return
  throw new Error(`${name} gave ${String(result)}`)
}

const QUESTION = bytesOf('u:r:a_t:s0 u:object_r:o_t:s0 7')

/** One write: true if it was taken, false if it was refused as it should be; anything else throws. */
export const selinuxfsAttempt = (): ((random: Random) => boolean) => {
  const policy = testPolicy()
  let machine = new Machine({ policy })
  let asked = 0
  const filesOf = (): readonly PseudoFile[] =>
    machine.stack.pseudoFs.find(({ type }) => type === 'selinuxfs')!.files() as readonly PseudoFile[]
  const fileOf = (name: string): PseudoFile => filesOf().find((file) => file.name === name)!
  /** What the policy says now; not which load it was. */
  const answer = (): string => {
    const file = fileOf('access')
    const io = descriptor(file)
    file.write!(io, QUESTION)
    const text = file.read!(io)
    return typeof text === 'string' ? text : Buffer.from(text as Uint8Array).toString()
  }
  const payload = (name: string, random: Random): Uint8Array =>
    name === 'load' && random.below(8) > 0 ? mutateBytes(
      policy, random,
    ) : bytesOf(mutateText(random.pick(texts), pieces, random))

  return (random) => {
    // Whatever was written has been: a fresh machine now and then.
    if (asked++ % 2000 === 0) machine = new Machine({ policy })
    const file = random.pick(filesOf().filter(({ write }) => write !== undefined))
    const before = answer()
    const io = descriptor(file)
    io.pos = random.below(16) === 0 ? random.below(100) : 0
    const written = file.write!(io, payload(file.name, random))
    check(file.name, written)
    if (file.read !== undefined) check(file.name, file.read(io))
    if (typeof written === 'number' && written >= 0) {
      if (file.name === 'load') machine = new Machine({ policy })
      return true
    }
    if (answer() !== before) throw new Error(`${file.name} refused, and yet changed something`)
    return false
  }
}
