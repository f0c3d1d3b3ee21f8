/** Opens an object file: everything up to what the kernel would be handed, nothing verified yet. */
import * as abi from '@lsmkit/abi'
import {
  aFunction, aString, checkOptions, either, instanceOf, orNull, recordOf,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { Btf } from '../btf/btf.ts'
import { readBtfExt } from '../btf/btf-ext.ts'
import { kernelAddress } from '../btf/kernel-address.ts'
import { Elf } from '../elf/elf.ts'
import { BpfError } from '../error.ts'
import { emptyCode } from '../insn/code.ts'
import { attachmentOf } from './attach-target.ts'
import type { BpfObject, ExternSpec, MapSpec, ProgramSpec } from './bpf-object.ts'
import { withChanges, objectChangeRules } from './changes.ts'
import type { ObjectChanges } from './changes.ts'
import { contentsOf, dataMap, readDataMaps, readStructOps } from './data-maps.ts'
import { readExterns } from './externs.ts'
import { readFunctions } from './functions.ts'
import type { Func } from './functions.ts'
import { fillConfig, ownConfig, parseConfig } from './kconfig.ts'
import { linkProgram } from './link.ts'
import type { Linked, LinkEnv } from './link.ts'
import { readMapSection, readOldMapSection } from './map-section.ts'
import type { PlacedMap } from './map-section.ts'
import { readObjectTypes } from './object-types.ts'
import { readSectionCode } from './section-code.ts'
import type { Candidates } from './section-code.ts'
import { ARENA_SECTION, CONFIG_SECTION } from './section-names.ts'
import { linkStructOps } from './struct-ops.ts'

export interface OpenOptions extends ObjectChanges {
  /** File name without folder; the kernel's names of `.rodata` and friends begin with it. */
  readonly name?: string
  /** Types that CO-RE, attach points and kfuncs are looked up in; without them those stay unresolved. */
  readonly kernelBtf?: Btf | null
  /** Settings for `__kconfig`: a kernel's `.config` as text, or `CONFIG_X` → value; our kernel's unless given. */
  readonly kconfig?: string | Readonly<Record<string, string>>
  /** LINUX_KERNEL_VERSION. */
  readonly kernelVersion?: string
  /** Address of a symbol that is declared without a type, as in `/proc/kallsyms`; null if there is none. */
  readonly symbolAddress?: (name: string) => bigint | null
}

export const openRules: OptionRules<OpenOptions> = {
  name: aString,
  kernelBtf: orNull(instanceOf(Btf)),
  kconfig: either(aString, recordOf(aString)),
  kernelVersion: aString,
  ...objectChangeRules,
  symbolAddress: aFunction,
}

/**
 * Reads, relocates and links. Throws BpfError for a file that is not a BPF object or is damaged; faults of single
 * programs (a missing CO-RE access, a missing kfunc, a relocation that makes no sense) are in their `poisoned` and
 * `broken`.
 */
export const openObject = (bytes: Uint8Array, options: OpenOptions = {}): BpfObject => {
  checkOptions(options, openRules, 'openObject')
  const name = (options.name ?? 'object').replace(/\..*$/s, '').slice(0, 15)
  const kernel = options.kernelBtf ?? null
  const elf = new Elf(bytes)
  const types = readObjectTypes(elf)
  const extSection = elf.section('.BTF.ext')
  const ext = types && extSection && extSection.data.length > 0 ? readBtfExt(extSection.data, types) : null
  const functions = readFunctions(elf, types, ext)
  const { externs, config } = readExterns(elf, types, {
    kernel, address: options.symbolAddress ?? ((symbol) => (kernel === null ? null : kernelAddress(kernel, symbol))),
  })

  const placed = [
    ...(types ? readMapSection(elf, types) : []), ...readOldMapSection(elf), ...readDataMaps(elf, types, name),
    ...readStructOps(elf, types),
  ]
  const maps: MapSpec[] = placed.map(({ spec }) => spec)
  const filled = fillConfig(config, {
    settings: settingsOf(options.kconfig), kernelVersion: options.kernelVersion ?? '6.12.118',
  })
  const configMap = config.length === 0 ? -1 : maps.push(dataMap(name, CONFIG_SECTION, filled.data, true, types)) - 1
  const arena = shareArena(elf, maps)

  const candidates: Candidates = new Map()
  const sections = new Map(
    [...new Set(functions.map(({ section }) => section))].map((section) =>
      [section.index, readSectionCode(elf, section, types, ext, kernel, candidates)]),
  )
  const env: LinkEnv = {
    elf, types, ext, functions, sections, externs, configMap,
    mapAt: (section, offset) =>
      placed.findIndex((map) => isDefinition(map) && map.section === section && map.offset === offset),
    dataMap: (section) => {
      if (elf.sections[section]!.name === ARENA_SECTION) return arena
      return placed.findIndex((map) => !isDefinition(map) && map.section === section)
    },
  }
  const programs = functions.filter(({ isSubprogram }) => !isSubprogram).map((func) => program(env, func, kernel))
  linkStructOps(programs, maps, types, kernel)
  const object: BpfObject = {
    name, maps, programs, btf: types,
    license: licenseOf(elf),
    externs: [...externs.values()].map(({ name: symbol, kind, isWeak, missing }): ExternSpec => ({
      name: symbol, kind, isWeak,
      missing: filled.missing.includes(symbol) ? 'the configuration does not have it' : missing,
    })),
  }
  return withChanges(object, options, kernel)
}

/** Maps of `.maps` are named by programs as maps, maps of data by the address of a value; an arena is both. */
const isDefinition = ({ spec }: PlacedMap): boolean => spec.data === null || spec.type === abi.BPF_MAP_TYPE_ARENA

const licenseOf = (elf: Elf): string => {
  const section = elf.section('license')
  return section ? new TextDecoder().decode(section.data).split('\0', 1)[0]! : ''
}

const settingsOf = (kconfig: OpenOptions['kconfig']): ReadonlyMap<string, string> =>
  typeof kconfig === 'string' ? parseConfig(kconfig) : new Map(Object.entries(kconfig ?? ownConfig))

/** Index of the arena, its first bytes filled from `.addr_space.1`; -1 when there is none. */
const shareArena = (elf: Elf, maps: readonly MapSpec[]): number => {
  const index = maps.findIndex(({ type }) => type === abi.BPF_MAP_TYPE_ARENA)
  const section = elf.section(ARENA_SECTION)
  if (!section) return index
  if (index < 0) throw new BpfError('no-map', 'there is memory for an arena, but no arena', ARENA_SECTION)
  if (section.size > maps[index]!.maxEntries * 4096) {
    throw new BpfError(
      'too-large', 'does not fit the arena', ARENA_SECTION,
    )
  }
  maps[index]!.data = contentsOf(section)
  return index
}

const EXCEPTION_TAG = 'exception_callback:'

const program = (env: LinkEnv, func: Func, kernel: Btf | null): ProgramSpec => {
  const isAutoload = !func.section.name.startsWith('?')
  const section = isAutoload ? func.section.name : func.section.name.slice(1)
  const tags = env.types ? tagsOf(env.types, func.typeId) : []
  const callback = tags.find((tag) => tag.startsWith(EXCEPTION_TAG))?.slice(EXCEPTION_TAG.length)
  let linked: Linked | null = null
  let broken: string | null = null
  try {
    const handler = callback === undefined ? null : env.functions.find(({ name }) => name === callback) ?? null
    linked = linkProgram(env, func, handler)
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    broken = error.message
  }
  return {
    name: func.name, section, tags, broken,
    ...attachmentOf(section, kernel),
    autoload: isAutoload,
    ...(linked ?? { code: emptyCode(0), subprograms: [], lines: [], poisoned: new Map() }),
  }
}

/** Of the whole function, in the order they were written. */
const tagsOf = (types: Btf, id: number): string[] =>
  types.tags(id).filter(({ component }) => component < 0).map(({ name }) => name)
