/** A program that is interpreted, ready to run. */
import { contextOffset, FRAME_SIZE } from '../jit/frame.ts'
import { faultOf, thrown } from '../jit/jit-program.ts'
import type { Executable } from '../vm/executable.ts'
import { BpfFault, BpfThrow } from '../vm/fault.ts'
import type { Machine, Runnable } from '../vm/machine.ts'
import { interpret } from './interpreter.ts'

/** Frames that one entry of the interpreter takes. */
const DEPTH = 8

/** The program takes its place in the machine. */
export const interpretedProgram = (machine: Machine, program: Executable): Runnable => {
  const enter = (start: number, args: readonly number[]): number => {
    const top = machine.stack
    if (top - DEPTH * FRAME_SIZE < machine.places.stackLimit) throw new BpfFault('stack', -1)
    machine.stack = top - DEPTH * FRAME_SIZE
    const { low, high, tail } = interpret(machine, program, start, top - FRAME_SIZE, args)
    const ended = tail < 0 ? { low, high } : machine.goOn(tail, low, top - FRAME_SIZE)
    machine.stack = top
    machine.high = ended.high
    return ended.low
  }
  const callback = (subprogram: number, ...words: number[]): number => {
    const start = program.starts[subprogram]
    if (start === undefined) throw new BpfFault('outside', -1)
    return enter(start, words.flatMap((word) => [word, 0]))
  }
  /** A run of its own, with counts of its own. */
  const run = (context: number): number => {
    const { stack, fuel, tails } = machine
    machine.fuel = machine.budget
    machine.tails = 0
    try {
      return enter(0, [context, 0])
    } finally {
      machine.stack = stack
      machine.fuel = fuel
      machine.tails = tails
    }
  }
  const ended = (error: unknown): number => {
    if (!(error instanceof BpfThrow)) throw faultOf(error)
    return thrown(machine, program, callback, error)
  }
  const { given, contextSize } = program
  const runnable: Runnable = {
    name: program.name,
    run(context) {
      try {
        return run(context)
      } catch (error) {
        return ended(error)
      }
    },
    entry(...halves) {
      const context = contextOffset(machine.places) + machine.stack / 4
      for (let at = 0; at < contextSize >> 2; at++) machine.memory.i32[(context >> 2) + at] = Number(halves[at] ?? 0)
      return run(context)
    },
    words: given.length,
    reads: 2 ** given.length - 1,
    ahead: [],
    meetsObjects: true,
    loads: [...(program.probes ?? []).keys()].filter((slot) => program.probes![slot] === 1).map((slot) =>
      ({ slot, member: program.accessors.get(slot)?.name ?? '', form: 'bytes' })),
    ended,
    callback,
    goOn: (context, low) => interpret(machine, program, 0, low, [context, 0]),
  }
  machine.add(runnable)
  return runnable
}
