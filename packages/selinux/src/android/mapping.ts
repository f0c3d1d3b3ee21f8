/** Treble's mapping files: which types a versioned attribute of a vendor's policy stands for on another platform. */
import { AndroidError } from './errors.ts'

/** By versioned name, `adbd_30_0`: the types it stands for. */
export type TypeMapping = ReadonlyMap<string, readonly string[]>

const STATEMENT = /\(\s*(typeattributeset|expandtypeattribute|typeattribute|type)\s+([^()]*(?:\([^()]*\))?[^()]*)\)/g
const NAME = /^[\w.]+$/

/** The sets of a mapping file in CIL. Throws AndroidError for another statement. */
export const parseMapping = (text: string, file = 'mapping.cil'): Map<string, string[]> => {
  const plain = text.replace(/;[^\n]*/g, '')
  const mapping = new Map<string, string[]>()
  let at = 0
  const gap = (end: number): void => {
    const between = plain.slice(at, end).trim()
    if (between === '') return
    const line = plain.slice(0, at).split('\n').length
    throw new AndroidError('bad-line', `\`${between.slice(0, 40)}\` is not a statement of a mapping`, `${file}:${line}`)
  }
  for (const found of plain.matchAll(STATEMENT)) {
    gap(found.index)
    at = found.index + found[0].length
    if (found[1] !== 'typeattributeset') continue
    const [, name = '', set = ''] = /^(\S+)\s+\(([^()]*)\)\s*$/.exec(found[2]!.trim()) ?? []
    const types = set.split(/\s+/).filter((type) => type !== '')
    if (!NAME.test(name) || types.some((type) => !NAME.test(type))) {
      throw new AndroidError('bad-line', `\`${found[0].slice(0, 60)}\` is not a set of types`, file)
    }
    mapping.set(name, [...mapping.get(name) ?? [], ...types])
  }
  gap(plain.length)
  return mapping
}

/** A mapping of public types to themselves: what a new version of a platform begins with. */
export const identityMapping = (types: readonly string[], version: string): string => types.map((type) => {
  const name = `${type}_${version.replaceAll('.', '_')}`
  return `(typeattribute ${name})\n(expandtypeattribute (${name}) true)\n(typeattributeset ${name} (${type}))\n`
}).join('')

export interface MappingProblems {
  /** Types of the mapping that the platform no longer has and the mapping does not declare. */
  readonly gone: readonly string[]
  /** Types of the platform that no versioned name stands for, and `ignored` does not have. */
  readonly unmapped: readonly string[]
}

/** Compares a mapping with the types that a platform has now. */
export const checkMapping = (
  mapping: TypeMapping, types: readonly string[], ignored: readonly string[] = [], declared: readonly string[] = [],
): MappingProblems => {
  const mapped = new Set([...mapping.values()].flat())
  const present = new Set([...types, ...declared])
  const allowed = new Set(ignored)
  return {
    gone: [...mapped].filter((type) => !present.has(type)).sort(),
    unmapped: types.filter((type) => !mapped.has(type) && !allowed.has(type)).sort(),
  }
}

/** Two steps of versions as one: the names of the older one, through the newer one, to the types of today. */
export const combineMappings = (older: TypeMapping, newer: TypeMapping, version: string): Map<string, string[]> => {
  const suffix = `_${version.replaceAll('.', '_')}`
  return new Map(Array.from(older, ([name, types]) =>
    [name, [...new Set(types.flatMap((type) => newer.get(`${type}${suffix}`) ?? [type]))]]))
}
