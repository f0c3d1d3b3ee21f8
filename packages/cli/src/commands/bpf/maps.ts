/** `lsm bpf maps`: each map with its types, and what variables are at first. */
import { getVariable, variableNames } from '@lsmkit/bpf/object'
import type { BpfObject, MapSpec } from '@lsmkit/bpf/object'
import type { Value } from '@lsmkit/bpf/maps'
import type { Io } from '../../io.ts'
import { printJson, printLines, table } from '../../output.ts'
import { mapType, typeText } from './names.ts'
import { openFile } from './open.ts'
import type { ObjectOptions } from './open.ts'
import { oneLine } from '@lsmkit/abi'

export const mapsCommand = (io: Io, file: string, options: ObjectOptions): void => {
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

export const valueText = (value: Value): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return `[${value.map((one) => valueText(one as Value)).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  return `{ ${Object.entries(value).map(([name, one]) => `${name}: ${valueText(one as Value)}`).join(', ')} }`
}
