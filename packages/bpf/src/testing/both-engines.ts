/** Runs code on an engine from a machine of its own: what it answers, and what it leaves in the memory behind r1. */
import type { Code } from '../insn/code.ts'
import { BpfFault } from '../vm/fault.ts'
import type { FaultKind } from '../vm/fault.ts'
import { loadCode } from '../vm/link.ts'
import type { Engine, LinkEnv } from '../vm/link.ts'
import { Machine } from '../vm/machine.ts'
import type { Runnable } from '../vm/machine.ts'
import { BpfMemory } from '../vm/memory.ts'
import { MEMORY_SIZE } from './random-program.ts'

export const newMachine = (budget = 1 << 20): Machine =>
  new Machine(new BpfMemory({ readOnly: 65536, data: 1 << 20 }), budget)

export interface Outcome {
  readonly r0: bigint | FaultKind
  /** In hexadecimal. */
  readonly memory: string
}

export const runOn = (engine: Engine, code: Code, env: LinkEnv = {}, budget?: number): Outcome => {
  const machine = newMachine(budget)
  return outcomeOn(machine, () => loadCode(machine, code, engine, env))
}

/** Of a program of the machine, which is left as it was but for its stack. */
export const outcomeOn = (machine: Machine, program: () => Runnable): Outcome => {
  const { memory } = machine
  const address = memory.alloc(MEMORY_SIZE)
  for (let at = 0; at < MEMORY_SIZE; at++) memory.u8[address + at] = at * 37
  const shown = (): string => Buffer.from(memory.u8.buffer, address, MEMORY_SIZE).toString('hex')
  try {
    const low = program().run(address)
    return { r0: (BigInt(machine.high >>> 0) << 32n) | BigInt(low >>> 0), memory: shown() }
  } catch (error) {
    if (!(error instanceof BpfFault)) throw error
    return { r0: error.kind, memory: shown() }
  } finally {
    memory.free(address, MEMORY_SIZE)
  }
}
