/** Changes of an object by its loader, before it is loaded: inner maps, sizes of maps, hooks, values of variables. */
import { BPF_MAP_TYPE_ARRAY_OF_MAPS, BPF_MAP_TYPE_HASH_OF_MAPS } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { anything, aString, checkOptions, optionsOf, recordOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import type { Value } from '../maps/value-codec.ts'
import { renameSection } from './attach-target.ts'
import type { BpfObject, MapSpec, ProgramSpec } from './bpf-object.ts'
import { changeRules, mapOf, resizeMap, setVariable } from './edit.ts'
import type { MapChanges } from './edit.ts'
import { emptyMap } from './map-section.ts'
import type { MutableMap } from './map-section.ts'
import { sectionKind } from './sections.ts'
import type { ValueText } from './value-text.ts'

/** A template; a missing field is 0. Sizes in bytes. */
export interface InnerMap {
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags?: number
}

export interface ObjectChanges {
  /** Templates for maps of maps whose loader makes the inner maps: `symbol` of the outer → its inner map. */
  readonly innerMaps?: Readonly<Record<string, InnerMap>>
  /** Sizes and flags of maps that differ from the file's, by `symbol`. */
  readonly maps?: Readonly<Record<string, MapChanges>>
  /**
   * Hooks of programs whose section names no hook, or another one: section or name of a program → `file_open`, or a
   * whole section, `lsm.s/file_open`.
   */
  readonly hooks?: Readonly<Record<string, string>>
  /** First values of global variables, also those of `.rodata`. */
  readonly variables?: Readonly<Record<string, Value | ValueText>>
}

const innerMapRules: OptionRules<InnerMap> = {
  type: required(wholeNumber(0)), keySize: required(wholeNumber(0)), valueSize: required(wholeNumber(0)),
  maxEntries: required(wholeNumber(0)), flags: wholeNumber(0),
}

export const objectChangeRules: OptionRules<ObjectChanges> = {
  innerMaps: recordOf(optionsOf(innerMapRules)),
  maps: recordOf(optionsOf(changeRules)),
  hooks: recordOf(aString),
  variables: recordOf(anything),
}

/**
 * A copy of the object with the changes; the object itself is unchanged. Throws OptionError, and BpfError: `no-map`,
 * `no-program`, `no-variable`, `no-target` for a name that is not there, with the one that is near; `bad-map`,
 * `bad-value`.
 */
export const changedObject = (object: BpfObject, changes: ObjectChanges, kernelBtf: Btf | null): BpfObject => {
  checkOptions(changes, objectChangeRules, 'changedObject')
  return withChanges(object, changes, kernelBtf)
}

/** The same, among options that were checked. */
export const withChanges = (object: BpfObject, changes: ObjectChanges, kernelBtf: Btf | null): BpfObject => {
  const { innerMaps = {}, maps = {}, hooks = {}, variables = {} } = changes
  if ([innerMaps, maps, hooks, variables].every((one) => Object.keys(one).length === 0)) return object
  const changed = copyOf(object)
  for (const [symbol, template] of Object.entries(innerMaps)) giveInnerMap(mapOf(changed, symbol), template)
  for (const [symbol, sizes] of Object.entries(maps)) resizeMap(changed, symbol, sizes)
  for (const [section, hook] of Object.entries(hooks)) {
    for (const program of programsIn(changed, section)) {
      renameSection(program, sectionOf(program.section, hook), kernelBtf)
    }
  }
  for (const [name, value] of Object.entries(variables)) setVariable(changed, name, value)
  return changed
}

const copyOf = (object: BpfObject): BpfObject => ({
  ...object,
  maps: object.maps.map((map) => ({ ...map, data: map.data?.slice() ?? null })),
  programs: object.programs.map((program) => ({ ...program })),
})

const giveInnerMap = (outer: MapSpec, { type, keySize, valueSize, maxEntries, flags = 0 }: InnerMap): void => {
  if (!isMapOfMaps(outer)) throw new BpfError('bad-map', 'holds no maps', outer.symbol)
  const inner: MutableMap = emptyMap(`${outer.symbol}.inner`, type)
  outer.inner = Object.assign(inner, { keySize, valueSize, maxEntries, flags })
}

export const isMapOfMaps = ({ type }: MapSpec): boolean =>
  type === BPF_MAP_TYPE_ARRAY_OF_MAPS || type === BPF_MAP_TYPE_HASH_OF_MAPS

/** Programs of a section, or the program of that name. */
const programsIn = ({ programs, name }: BpfObject, wanted: string): readonly ProgramSpec[] => {
  const found = programs.filter((program) => program.section === wanted || program.name === wanted)
  if (found.length > 0) return found
  const names = programs.flatMap((program) => [program.section, program.name])
  throw new BpfError('no-program', `there is no section and no program \`${wanted}\``, name,
    didYouMean(wanted, names) ?? `it has ${[...new Set(programs.map(({ section }) => section))].join(', ')}`)
}

/** A hook alone keeps the kind of program that the section says, which is an LSM's where it says nothing. */
const sectionOf = (section: string, hook: string): string => {
  if (hook.includes('/')) return hook
  return `${sectionKind(section) === null ? 'lsm' : section.split('/')[0]}/${hook}`
}
