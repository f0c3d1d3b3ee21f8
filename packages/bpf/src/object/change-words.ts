/** Changes of an object as people write them at a command line: `rules=hash:4,8,16`, `events:max_entries=64`. */
import { bpfMapTypeTable } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { aString, checkOptions, listOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { BpfError } from '../error.ts'
import type { InnerMap, ObjectChanges } from './changes.ts'
import type { MapChanges } from './edit.ts'
import { ValueText } from './value-text.ts'

/** Words of each option, in their order. */
export interface ChangeWords {
  /** `NAME=TYPE:key,value,max[,flags]`; sizes in bytes. */
  readonly innerMap?: readonly string[]
  /** `NAME:max_entries=N`, and `key_size`, `value_size`, `map_flags`, with commas between. */
  readonly map?: readonly string[]
  /** `SECTION=HOOK` */
  readonly hook?: readonly string[]
  /** `VAR=VALUE`; the value is read by the variable's type. */
  readonly set?: readonly string[]
}

const wordRules: OptionRules<ChangeWords> = {
  innerMap: listOf(aString), map: listOf(aString), hook: listOf(aString), set: listOf(aString),
}

/** How each option is written. */
const changeExamples = {
  innerMap: '--inner-map rules=hash:4,8,16',
  map: '--map events:max_entries=4096',
  hook: '--hook lsm/generic=file_open',
  set: '--set limit=7',
} as const

/** Throws OptionError, and BpfError `bad-option` for what cannot be read, with an example. */
export const readChanges = (words: ChangeWords): ObjectChanges => {
  checkOptions(words, wordRules, 'readChanges')
  const { innerMap = [], map = [], hook = [], set = [] } = words
  const maps: Record<string, MapChanges> = {}
  for (const word of map) {
    const [name, changes] = mapChange(word)
    maps[name] = { ...(Object.hasOwn(maps, name) ? maps[name] : {}), ...changes }
  }
  return {
    innerMaps: Object.fromEntries(innerMap.map(innerMapOf)),
    maps,
    hooks: Object.fromEntries(hook.map((word) => pairOf('hook', word, '='))),
    variables: Object.fromEntries(set.map((word) => pairOf('set', word, '=')).map(([name, text]) =>
      [name, new ValueText(text)])),
  }
}

type Kind = keyof typeof changeExamples

const bad = (kind: Kind, word: string, why: string, hint: string = changeExamples[kind]): never => {
  throw new BpfError('bad-option', `\`${word}\` ${why}`, changeExamples[kind].split(' ')[0], hint)
}

/** Both sides of the first `between`; the left one is not empty, and the right one neither but for a variable. */
const pairOf = (kind: Kind, word: string, between: string): [string, string] => {
  const at = word.indexOf(between)
  if (at < 1 || (at === word.length - 1 && kind !== 'set')) bad(kind, word, `is not of the form \`${FORMS[kind]}\``)
  return [word.slice(0, at), word.slice(at + 1)]
}

const FORMS: Readonly<Record<Kind, string>> = {
  innerMap: 'NAME=TYPE:key,value,max', map: 'NAME:max_entries=N', hook: 'SECTION=HOOK', set: 'VAR=VALUE',
}

const numberOf = (kind: Kind, word: string, text: string): number => {
  const value = /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : NaN
  return value <= 0xffff_ffff ? value : bad(kind, word, `has \`${text}\`, which is not a number of 32 bits`)
}

const innerMapOf = (word: string): [string, InnerMap] => {
  const [name, rest] = pairOf('innerMap', word, '=')
  const [type, sizes] = pairOf('innerMap', rest, ':')
  const numbers = sizes.split(',')
  if (numbers.length < 3 || numbers.length > 4) bad('innerMap', word, `is not of the form \`${FORMS.innerMap}\``)
  const [keySize, valueSize, maxEntries, flags = 0] = numbers.map((text) => numberOf('innerMap', word, text))
  return [name, { type: mapTypeOf(type), keySize: keySize!, valueSize: valueSize!, maxEntries: maxEntries!, flags }]
}

/** `hash`, `BPF_MAP_TYPE_HASH`, or a number. */
const mapTypeOf = (text: string): number => {
  if (/^\d+$/.test(text)) return numberOf('innerMap', text, text)
  const bare = (name: string): string => name.replace(/^BPF_MAP_TYPE_/i, '').toLowerCase()
  const number = bpfMapTypeTable.numberOf(`BPF_MAP_TYPE_${bare(text).toUpperCase()}`)
  if (number !== undefined) return number
  const names = bpfMapTypeTable.entries().map(([name]) => bare(name))
  return bad('innerMap', text, 'is not a type of map', didYouMean(bare(text), names) ?? undefined)
}

const SIZES: ReadonlyMap<string, keyof MapChanges> = new Map([
  ['max_entries', 'maxEntries'], ['key_size', 'keySize'], ['value_size', 'valueSize'], ['map_flags', 'flags'],
])

const mapChange = (word: string): [string, MapChanges] => {
  const [name, rest] = pairOf('map', word, ':')
  const changes = rest.split(',').map((part) => {
    const [what, text] = pairOf('map', part, '=')
    const field = SIZES.get(what) ??
      bad('map', what, 'is not a size of a map', didYouMean(what, SIZES.keys()) ?? [...SIZES.keys()].join(', '))
    return [field, numberOf('map', word, text)]
  })
  return [name, Object.fromEntries(changes) as MapChanges]
}
