/** `lsm bpf dump`: what an object file holds and asks of a kernel. */
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import type { Io } from '../../io.ts'
import { printJson, table } from '../../output.ts'
import { attachType, mapType, programType } from './names.ts'
import { openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'

export const dumpCommand = (io: Io, file: string, options: ObjectOptions): void => {
  const { object, programs } = openFile(io, file, options)
  if (options.json) return printJson(io, { ...documentOf(object), programs: programs.map(programDocument) })
  io.print(`license  ${object.license || 'none'}`)
  io.print(`types    ${object.btf ? object.btf.count - 1 : 'none'}`)
  const head = ['name', 'section', 'type', 'attaches as', 'instructions', 'subprograms']
  part(io, 'programs', head, programs.map((program) => [
    program.name, program.section + (program.autoload ? '' : ' (not by default)'), programType(program),
    program.expectedAttachType === 0 ? '-' : attachType(program), String(program.code.length),
    program.subprograms.slice(1).map(({ name }) => name).join(' ') || '-',
  ]))
  part(io, 'maps', ['name', 'type', 'key', 'value', 'entries'], object.maps.map((map) =>
    [map.symbol, mapType(map), String(map.keySize), String(map.valueSize), String(map.maxEntries)]))
  part(io, 'externs', ['name', 'kind', ''], object.externs.map(({ name, kind, isWeak, missing }) =>
    [name, `${isWeak ? 'weak ' : ''}${kind}`, missing ?? '']))
  for (const program of programs) {
    if (program.broken !== null) io.print(`${program.name}: not linked: ${program.broken}`)
    for (const [slot, why] of program.poisoned) io.print(`${program.name}+${slot}: ${why}`)
  }
}

const part = (io: Io, title: string, head: readonly string[], rows: readonly (readonly string[])[]): void => {
  if (rows.length === 0) return
  io.print('')
  io.print(io.colors.bold(title))
  for (const line of table([head, ...rows])) io.print(`  ${line}`)
}

const documentOf = ({ name, license, btf, maps, externs }: BpfObject) => ({
  name, license,
  types: btf ? btf.count - 1 : 0,
  maps: maps.map((map) => ({
    name: map.symbol, type: mapType(map), keySize: map.keySize, valueSize: map.valueSize, maxEntries: map.maxEntries,
    flags: map.flags, frozen: map.frozen, pinned: map.pinning === 1, inner: map.inner && mapType(map.inner),
  })),
  externs,
})

const programDocument = (program: ProgramSpec) => ({
  name: program.name,
  section: program.section,
  type: programType(program),
  attachType: program.expectedAttachType === 0 ? null : attachType(program),
  attachTo: program.attachTo,
  sleepable: program.sleepable,
  autoload: program.autoload,
  instructions: program.code.length,
  subprograms: program.subprograms.map(({ name, start }) => ({ name, start })),
  tags: program.tags,
  broken: program.broken,
  poisoned: [...program.poisoned].map(([slot, why]) => ({ slot, why })),
})
