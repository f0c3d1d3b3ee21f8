/** `lsm bpf maps`: each map with its types, and first values of variables; or contents after a program has run. */
import { Command } from 'commander'
import type { LoadedObject } from '@lsmkit/bpf'
import { getVariable, variableNames } from '@lsmkit/bpf/object'
import type { BpfObject, MapSpec } from '@lsmkit/bpf/object'
import { valueText } from '@lsmkit/bpf/maps'
import type { Value } from '@lsmkit/bpf/maps'
import type { Io } from '../../io.ts'
import { EXIT, printJson, printLines, table } from '../../output.ts'
import { addWorldOptions } from '../../run/world-options.ts'
import { mapType, typeText } from './names.ts'
import { openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'
import { oneLine } from '@lsmkit/abi'

export interface MapsOptions extends ObjectOptions {
  /** A WASI program to run under the object first. */
  readonly after?: string
}

/** Contents at the end of a program that ran under the object; its status. */
const afterProgram = async (io: Io, file: string, program: string, options: MapsOptions): Promise<number> => {
  const { runCommand } = await import('../run.ts')
  const { contentsLines } = await import('../../run/map-dump.ts')
  const world = addWorldOptions(new Command(), { object: true }).opts()
  const atEnd = (loaded: readonly LoadedObject[]): void => {
    const maps = loaded.flatMap((object) => object.contents())
    if (options.json) printJson(io, { maps })
    else for (const map of maps) printLines(io, contentsLines(map).join('\n'))
  }
  const { json: _, after: __, ...given } = options
  return runCommand(io, program, [], {
    ...world, ...given, syscalls: true, bpf: [file], quiet: true, atEnd,
  } as never)
}

/** The exit status. */
export const mapsCommand = async (io: Io, file: string, options: MapsOptions): Promise<number> => {
  if (options.after !== undefined) return afterProgram(io, file, options.after, options)
  showMaps(io, file, options)
  return EXIT.ok
}

const showMaps = (io: Io, file: string, options: ObjectOptions): void => {
  const { object } = openFile(io, file, options)
  if (options.json) return printJson(io, { maps: object.maps.map((map) => document(object, map)) })
  const rows = object.maps.map((map) => [
    map.symbol, mapType(map),
    typeText(object, map.keyTypeId) || bytes(map.keySize), typeText(object, map.valueTypeId) || bytes(map.valueSize),
    String(map.maxEntries), slotsText(map),
  ])
  for (const line of table([['name', 'type', 'key', 'value', 'entries', ''], ...rows])) io.print(line)
  for (const map of object.maps) {
    const variables = variablesOf(object, map)
    if (variables.length > 0) printLines(io, `\n${io.colors.bold(oneLine(map.symbol))}`)
    for (const line of table(variables.map(([name, value]) => [`  ${name}`, valueText(value)]))) io.print(line)
  }
}

const bytes = (size: number): string => (size === 0 ? '-' : `${size} bytes`)

const slotsText = ({ slots, inner }: MapSpec): string => {
  const of = inner ? `of ${mapType(inner)} ` : ''
  return of + [...slots].map(([index, name]) => `[${index}]=${name}`).join(' ')
}

const variablesOf = (object: BpfObject, map: MapSpec): [name: string, value: Value][] =>
  variableNames(object, map).map((name) => [name, getVariable(object, name)])

const document = (object: BpfObject, map: MapSpec) => ({
  name: map.symbol,
  type: mapType(map),
  key: { type: typeText(object, map.keyTypeId) || null, size: map.keySize },
  value: { type: typeText(object, map.valueTypeId) || null, size: map.valueSize },
  maxEntries: map.maxEntries,
  flags: map.flags,
  frozen: map.frozen,
  slots: Object.fromEntries(map.slots),
  variables: Object.fromEntries(variablesOf(object, map).map(([name, value]) => [name, plain(value)])),
})

/** As JSON has it: wide integers as decimal text. */
export const plain = (value: Value): unknown => {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map((one) => plain(one as Value))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one as Value)]))
}
