/** A compiled program, ready to run. */
import { BpfError } from '../error.ts'
import type { Executable } from '../vm/executable.ts'
import { BpfThrow, throwFault } from '../vm/fault.ts'
import { BpfFault } from '../vm/fault.ts'
import type { Entry, Machine, Runnable } from '../vm/machine.ts'
import { mayKeep } from '../vm/may-keep.ts'
import type { LoadReport } from '../vm/object-space.ts'
import { compileTogether, prefixOf } from './compile.ts'
import type { Compiled } from './compile.ts'

export interface JitProgram extends Runnable {
  readonly compiled: Compiled
}

/**
 * Compiles and instantiates programs that know nothing of each other, as one module, which costs less than one by one;
 * they take their places in the machine.
 */
export const jitPrograms = (machine: Machine, programs: readonly Executable[]): readonly JitProgram[] => {
  const compiled = compileTogether(programs, machine.places, machine.budget)
  const imports: WebAssembly.ModuleImports = {
    memory: machine.memory.memory,
    table: machine.table,
    fault: throwFault,
    tail: (map: number, index: number) => machine.tail(map, index),
    object: (low: number, high: number, size: number) => machine.loadObject(low, high, size),
    packet: (context: number, offset: number, size: number) => {
      const value = machine.packetLoad(context >>> 0, offset, size)
      machine.high = value === null ? 1 : 0
      return value ?? 0
    },
  }
  for (const [at, program] of programs.entries()) importInto(imports, prefixOf(at), machine, program, compiled[at]!)
  const { exports } = new WebAssembly.Instance(moduleOf(programs[0]!, compiled[0]!.bytes), { env: imports })
  return programs.map((program, at) => programOf(machine, program, compiled[at]!, exports, prefixOf(at)))
}

/** What a program alone imports. */
const importInto = (
  imports: WebAssembly.ModuleImports, prefix: string, machine: Machine, program: Executable, compiled: Compiled,
): void => {
  imports[`${prefix}callx`] = (slot: number, id: number, ...words: number[]) =>
    machine.callByNumber(program.helper(id), slot, words)
  for (const [at, { call }] of compiled.accessors.entries()) imports[`${prefix}a${at}`] = call
  const { value, handle, object } = compiled.onObjects
  for (const [at, { valueOf }] of value.entries()) imports[`${prefix}value${at}`] = valueOf
  for (const [at, { handleOf }] of handle.entries()) imports[`${prefix}handle${at}`] = handleOf
  for (const [at, { objectOf }] of object.entries()) imports[`${prefix}object${at}`] = objectOf
  for (const [at, helper] of compiled.helpers.entries()) imports[`${prefix}h${at}`] = helper.call
}

const programOf = (
  machine: Machine, program: Executable, compiled: Compiled, exports: WebAssembly.Exports, prefix: string,
): JitProgram => {
  const call = exports[`${prefix}call`] as (...words: number[]) => number
  const { words, reads, isLeaf, ahead } = compiled.entry
  const entry = exports[`${prefix}entry`] as Entry
  const run = keeping(machine, exports[`${prefix}run`] as (context: number) => number)
  const ended = (error: unknown): number => {
    if (!(error instanceof BpfThrow)) throw faultOf(error)
    return thrown(machine, program, call, error)
  }
  const jitted: JitProgram = {
    name: program.name,
    compiled,
    run(context) {
      try {
        return run(context)
      } catch (error) {
        return ended(error)
      }
    },
    entry: isLeaf ? entry : keeping(machine, entry),
    bare: isLeaf ? null : { entry, machine },
    words,
    reads,
    ahead,
    meetsObjects: compiled.entry.meetsObjects,
    mayKeep: mayKeep(program),
    loads: loadsOf(program, compiled),
    ended,
    callback: (subprogram, ...given) => call(subprogram, ...given),
  }
  machine.add(jitted, exports[`${prefix}main`] as () => void)
  return jitted
}

/** What the host's WebAssembly does not take is refused like all that does not run here: too large, or not verified. */
const moduleOf = ({ name }: Executable, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module => {
  try {
    return new WebAssembly.Module(bytes)
  } catch (error) {
    throw new BpfError('unsupported', `it cannot be compiled: ${(error as Error).message}`, name)
  }
}

const loadsOf = ({ probes, accessors }: Executable, { entry }: Compiled): LoadReport[] =>
  [...(probes ?? []).keys()].filter((slot) => probes![slot] === 1).map((slot) => {
    const accessor = accessors.get(slot)
    const load = entry.loads.get(slot)
    const byAddress = accessor === undefined || accessor.form === 'bytes' ? 'bytes' : 'handle'
    const form = load === undefined ? byAddress : load.by === 'nothing' ? 'none' : load.by
    return { slot, member: accessor?.name ?? '', form }
  })

/** A program that is stopped gives nothing back: what it took from the machine is put back here. */
const keeping = <T extends readonly unknown[]>(
  machine: Machine, run: (...given: T) => number,
) => (...given: T): number => {
  const { stack, fuel, tails } = machine
  try {
    return run(...given)
  } catch (error) {
    machine.stack = stack
    machine.fuel = fuel
    machine.tails = tails
    throw error
  }
}

/** The result of `bpf_throw`: its exception callback's answer to the cookie, or the cookie. */
export const thrown = (
  machine: Machine,
  program: Executable,
  call: (...words: number[]) => number,
  { low, high }: BpfThrow,
): number => {
  if (program.exceptionCallback >= 0) return call(program.exceptionCallback, low, 0, 0, 0, 0)
  machine.high = high
  return low
}

/** Traps of WebAssembly and range errors of views are accesses outside; anything else is as it was thrown. */
export const faultOf = (error: unknown): unknown => {
  if (error instanceof BpfFault || error instanceof BpfThrow) return error
  if (error instanceof WebAssembly.RuntimeError) return new BpfFault('memory', -1, error.message)
  if (error instanceof RangeError) {
    const isDepth = error.message.includes('call stack')
    return new BpfFault(isDepth ? 'stack' : 'memory', -1, error.message)
  }
  return error
}
