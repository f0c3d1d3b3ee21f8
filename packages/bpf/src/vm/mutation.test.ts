/**
 * Programs that no verifier saw, run as they are: nothing outside of what programs may write is changed, nothing but
 * a fault comes out, every run ends. Memory safety does not rest on the verifier.
 */
import { expect, test } from 'vitest'
import { assemble } from '../insn/asm.ts'
import { mutate } from '../testing/mutate.ts'
import { Random } from '../testing/random.ts'
import { MEMORY_SIZE, randomProgram } from '../testing/random-program.ts'
import { BpfFault } from './fault.ts'
import type { FaultKind } from './fault.ts'
import type { Helper } from './executable.ts'
import { loadCode } from './link.ts'
import { Machine } from './machine.ts'
import { BpfMemory, FIRST_ADDRESS } from './memory.ts'

/** By engine: the interpreter takes longer. */
const PROGRAMS = { jit: 500, interpreter: 600 }
const BUDGET = 5000

/** A helper for every number: arguments may be anything. */
const helper: Helper = { name: 'any', args: 'ili', result: 's', call: (a, b, c, d) => (a! ^ b! ^ c! ^ d!) | 0 }

test.each(['jit', 'interpreter'] as const)('%s: mutated programs stay inside', (engine) => {
  const kinds = new Map<FaultKind | 'none', number>()
  const memory = new BpfMemory({ readOnly: 65536, data: 1 << 20 })
  const machine = new Machine(memory, BUDGET)
  const address = memory.alloc(MEMORY_SIZE)
  const guard = memory.alloc(4096, 8, 'read-only')
  memory.u8.fill(0xa5, guard, guard + 4096)
  /** What programs only read; the machine's own cells come first in it. */
  const cells = FIRST_ADDRESS + 64
  const outside = () =>
    Buffer.concat([memory.u8.subarray(0, FIRST_ADDRESS), memory.u8.subarray(cells, memory.dataStart)])
  const before = outside()
  for (let seed = 1; seed <= PROGRAMS[engine]; seed++) {
    const random = new Random(seed)
    const code = randomProgram(random)
    mutate(code, random, 1 + random.below(6))
    let kind: FaultKind | 'none' = 'none'
    try {
      loadCode(machine, code, engine, { helper: () => helper }).run(address)
    } catch (error) {
      if (!(error instanceof BpfFault)) throw new Error(`seed ${seed}`, { cause: error })
      kind = error.kind
    }
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    expect(machine.stack, `seed ${seed}`).toBe(memory.stackTop)
    if (seed % 100 === 0) expect(outside().equals(before), `seeds to ${seed}`).toBe(true)
  }
  expect(outside().equals(before)).toBe(true)
  // the mutations reach what they are for
  for (const kind of ['memory', 'budget', 'opcode', 'outside'] as const) expect(kinds.get(kind) ?? 0).toBeGreaterThan(5)
  expect(kinds.get('none') ?? 0).toBeGreaterThan(PROGRAMS[engine] / 10)
})

test('a store at kernel objects, at chains of maps, at the machine itself, at nothing: a fault each time', () => {
  const memory = new BpfMemory({ readOnly: 65536, data: 1 << 20 })
  const machine = new Machine(memory)
  const { dataStart, end } = memory
  const targets = [0, 8, FIRST_ADDRESS, dataStart - 8, dataStart - 1, end, 0x8000_0000, end - 7, -8, 2 ** 31]
  const stores = [
    '*(u64 *)(r2 +0) = 1', '*(u8 *)(r2 +0) = r1', 'lock *(u64 *)(r2 +0) += r1',
    'r1 = atomic_xchg((u32 *)(r2 +0), r1)',
  ]
  for (const engine of ['jit', 'interpreter'] as const) {
    for (const target of targets) {
      for (const store of stores) {
        const width = store.includes('u8') ? 1 : store.includes('u32') ? 4 : 8
        if (target >= dataStart && target + width <= end) continue
        const text = `r2 = 0x${BigInt.asUintN(64, BigInt(target)).toString(16)} ll\n${store}\nr0 = 0\nexit`
        const run = () => loadCode(machine, assemble(text), engine).run(0)
        expect(run, `${engine} ${target} ${store}`).toThrow(BpfFault)
      }
    }
  }
})
