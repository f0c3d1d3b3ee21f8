/**
 * `lsm bpf disasm`: the linked instructions of each program, with the source lines they come from, and how each load of
 * a kernel object's member is done when a hook runs the program.
 */
import { bpf } from '@lsmkit/bpf'
import type { LoadForm } from '@lsmkit/bpf'
import { disasmSlot, isWide } from '@lsmkit/bpf/insn'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import type { Btf } from '@lsmkit/bpf/btf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Io } from '../../io.ts'
import { printJson } from '../../output.ts'
import { openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'

export interface DisasmOptions extends ObjectOptions {
  /** False: instructions alone. */
  readonly source?: boolean
}

export const disasmCommand = (io: Io, file: string, options: DisasmOptions): void => {
  const { object, kernelBtf, programs } = openFile(io, file, options)
  const listings = programs.map((program) => ({ program, lines: listing(object, kernelBtf, program) }))
  if (options.json) {
    return printJson(io, {
      programs: listings.map(
        ({ program, lines }) => ({ name: program.name, section: program.section, instructions: lines }),
      ),
    })
  }
  for (const { program, lines } of listings) {
    io.print(io.colors.bold(`${program.name} (${program.section})`))
    if (program.broken !== null) io.print(`  not linked: ${program.broken}`)
    for (const { slot, text, source, begins, poisoned, load } of lines) {
      if (begins !== null && slot > 0) io.print(`${begins}:`)
      if (options.source !== false && source !== null) io.print(io.colors.dim(`; ${source}`))
      const note = poisoned ?? (load === null ? null : `${load.member}: ${FORMS[load.form]}`)
      io.print(`${slot}: ${text}${note === null ? '' : `   <- ${note}`}`)
    }
  }
}

/** In words, as `LoadForm` tells them. */
const FORMS: Readonly<Record<LoadForm, string>> = {
  ahead: 'read before the program begins',
  object: 'read from the object',
  handle: 'read through a handle',
  bytes: 'read byte by byte',
  none: 'not needed',
}

interface Load {
  readonly member: string
  readonly form: LoadForm
}

interface Line {
  readonly slot: number
  readonly text: string
  /** Text of the source line that begins here. */
  readonly source: string | null
  /** Function that begins here. */
  readonly begins: string | null
  /** Why the instruction was poisoned. */
  readonly poisoned: string | null
  /** Of a kernel object, in a program that can be loaded. */
  readonly load: Load | null
}

const listing = (object: BpfObject, kernelBtf: Btf, program: ProgramSpec): Line[] => {
  const { code, lines, subprograms, poisoned } = program
  const sources = new Map(lines.map(({ slot, text }) => [slot, text.trim()]))
  const begins = new Map(subprograms.map(({ name, start }) => [start, name]))
  const names = {
    kfunc: (id: number) => kernelBtf.name(id),
    wide: (slot: number) => wideText(object, program, slot),
  }
  const loads = loadsOf(object, program)
  const listed: Line[] = []
  for (let slot = 0; slot < code.length; slot += isWide(code.op[slot]!) ? 2 : 1) {
    listed.push({
      slot,
      text: disasmSlot(code, slot, names),
      source: sources.get(slot) ?? null,
      begins: begins.get(slot) ?? null,
      poisoned: poisoned.get(slot) ?? null,
      load: loads.get(slot) ?? null,
    })
  }
  return listed
}

/** None of a program that is refused, or runs on nothing that this kernel has. */
const loadsOf = (object: BpfObject, { name }: ProgramSpec): ReadonlyMap<number, Load> => {
  const lsm = bpf()
  try {
    const loaded = lsm.load(createStack({ lsms: [capability(), lsm] }), object, { programs: [name] })
    return new Map(loaded.program(name).loads.map(({ slot, member, form }) => [slot, { member, form }]))
  } catch {
    return new Map()
  }
}

const PSEUDO_MAP_FD = 1
const PSEUDO_MAP_VALUE = 2

const wideText = ({ maps }: BpfObject, { code }: ProgramSpec, slot: number): string | undefined => {
  const map = maps[code.imm[slot]!]
  if (!map) return undefined
  if (code.src[slot] === PSEUDO_MAP_FD) return `map[${map.symbol}]`
  return code.src[slot] === PSEUDO_MAP_VALUE ? `map[${map.symbol}][0]+${code.imm[slot + 1]}` : undefined
}
