/** Programs of the sweep from a seed: each topic's, and some of them damaged. */
import { AsmError, decodeCode } from '@lsmkit/bpf/insn'
import type { SweepCase } from '../../src/bpf-sweep/case.ts'
import { caseOf, hex } from './assemble.ts'
import { plainKinds } from './kinds.ts'
import type { Names } from './kinds.ts'
import { Random } from './random.ts'
import { kernelTopics, topics } from './topics.ts'

/** One or a few instructions are changed: a field, or the whole by another's. */
const damaged = (one: SweepCase, random: Random): SweepCase => {
  const code = decodeCode(Uint8Array.from(Buffer.from(one.code, 'hex')))
  for (let change = 1 + random.below(2); change > 0; change--) {
    const slot = random.below(code.length)
    switch (random.below(7)) {
      case 0: code.op[slot] = random.below(256); break
      case 1: code.op[slot]! ^= random.pick([0x08, 0x10, 0x18, 0x01, 0x02, 0x03, 0x20, 0x80]); break
      case 2: code.dst[slot] = random.below(12); break
      case 3: code.src[slot] = random.below(12); break
      case 4: code.off[slot] = random.pick([0, 1, -1, 8, -8, 16, random.below(64) - 32,
        random.below(65536) - 32768]); break
      case 5: code.imm[slot] = random.constant(); break
      default: {
        const from = random.below(code.length)
        for (const column of ['op', 'dst', 'src', 'off', 'imm'] as const) code[column][slot] = code[column][from]!
      }
    }
  }
  // 64-bit loads of things that a number names are of this world, or of nothing
  for (let slot = 0; slot < code.length; slot++)
    if (code.op[slot] === 0x18 && code.src[slot]! > 2 && code.src[slot] !== 4) code.src[slot] = 1
  const isCall = (slot: number): boolean => code.op[slot] === 0x85 && code.src[slot] === 2
  for (let slot = 0; slot < code.length; slot++)
    if (isCall(slot) && !one.kfuncs.some(([known]) => known === slot)) code.src[slot] = 0
  const kfuncs = one.kfuncs.filter(([slot]) => isCall(slot))
  return { ...one, topic: 'damaged', kfuncs, code: hex(code) }
}

export interface GenerateOptions {
  readonly names: Names | null
  readonly kfuncs: ReadonlyMap<string, number>
  /** Of that topic alone; `nobody`: all of them are loaded by nobody, of the types that nobody may load. */
  readonly only: string | null
}

/** Filters of sockets, and of packets of control groups. */
const freeKinds = plainKinds.filter(({ type }) => type === 1 || type === 8)

export function* generate(
  seed: number, count: number, { names, kfuncs, only }: GenerateOptions,
): Generator<SweepCase> {
  const random = new Random(seed)
  for (let made = 0; made < count;) {
    const topic = random.pick(topics)
    let one: SweepCase
    try {
      const text = topic({ random, names, kfuncs })
      if (only !== null && only !== 'nobody' && only !== text.topic) continue
      one = only === 'nobody' ? caseOf({ ...text, kind: random.pick(freeKinds), isRoot: false })
        : caseOf({ ...text, isRoot: text.isRoot ?? !random.once(20) })
    } catch (error) {
      if (error instanceof AsmError) throw new Error(`seed ${seed}, program ${made}: ${error.message}`,
        { cause: error })
      throw error
    }
    if (names === null && kernelTopics.has(one.topic)) continue
    if (random.once(5)) one = damaged(one, random)
    made++
    yield one
  }
}
