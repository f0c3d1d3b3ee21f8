/** A program that is interpreted, ready to run. */
import { contextOffset, FRAME_SIZE } from '../jit/frame.ts'
import { faultOf, thrown } from '../jit/jit-program.ts'
import type { Executable } from '../vm/executable.ts'
import { BpfFault, BpfThrow } from '../vm/fault.ts'
import type { Machine, Runnable } from '../vm/machine.ts'
import { mayKeep } from '../vm/may-keep.ts'
import { interpret } from './interpreter.ts'

/** Frames that one entry of the interpreter takes. */
const DEPTH = 8

/** Runs from a slot. Answers the low half of the result; `machine.high` has the other half. */
const enter = (machine: Machine, program: Executable, start: number, args: readonly number[]): number => {
  const top = machine.stack
  if (top - DEPTH * FRAME_SIZE < machine.places.stackLimit) throw new BpfFault('stack', -1)
  machine.stack = top - DEPTH * FRAME_SIZE
  const { low, high, tail } = interpret(machine, program, start, top - FRAME_SIZE, args)
  const ended = tail < 0 ? { low, high } : machine.goOn(tail, low, top - FRAME_SIZE)
  machine.stack = top
  machine.high = ended.high
  return ended.low
}

const enterCallback = (machine: Machine, program: Executable, subprogram: number, words: readonly number[]): number => {
  const start = program.starts[subprogram]
  if (start === undefined) throw new BpfFault('outside', -1)
  return enter(machine, program, start, words.flatMap((word) => [word, 0]))
}

/** A run of its own, with counts of its own. */
const runAlone = (machine: Machine, program: Executable, context: number): number => {
  const { stack, fuel, tails } = machine
  machine.fuel = machine.budget
  machine.tails = 0
  try {
    return enter(machine, program, 0, [context, 0])
  } finally {
    machine.stack = stack
    machine.fuel = fuel
    machine.tails = tails
  }
}

/** Slots that load from an object by its bytes. */
const loadsOf = ({ probes, accessors }: Executable): Runnable['loads'] =>
  [...(probes ?? []).keys()].filter((slot) => probes![slot] === 1)
    .map((slot) => ({ slot, member: accessors.get(slot)?.name ?? '', form: 'bytes' }))

/** Makes the program ready to run, and adds it to the machine. */
export const interpretedProgram = (machine: Machine, program: Executable): Runnable => {
  const callback = (subprogram: number, ...words: number[]): number =>
    enterCallback(machine, program, subprogram, words)
  const ended = (error: unknown): number => {
    if (!(error instanceof BpfThrow)) throw faultOf(error)
    return thrown(machine, program, callback, error)
  }
  const { given, contextSize } = program
  const runnable: Runnable = {
    name: program.name,
    run(context) {
      try {
        return runAlone(machine, program, context)
      } catch (error) {
        return ended(error)
      }
    },
    entry(...halves) {
      const context = contextOffset(machine.places) + machine.stack / 4
      for (let at = 0; at < contextSize >> 2; at++) machine.memory.i32[(context >> 2) + at] = Number(halves[at] ?? 0)
      return runAlone(machine, program, context)
    },
    bare: null,
    words: given.length,
    reads: 2 ** given.length - 1,
    ahead: [],
    meetsObjects: true,
    mayKeep: mayKeep(program),
    loads: loadsOf(program),
    ended,
    callback,
    goOn: (context, low) => interpret(machine, program, 0, low, [context, 0]),
  }
  machine.add(runnable)
  return runnable
}
