/**
 * The meaning of a change of the hook table or of a type for existing modules, and the version and changeset it needs.
 */

export interface AbiTable {
  /** `1.0` */
  readonly abi: string
  /** In the order of the kernel's header: signature, and what dispatch does around it. */
  readonly hooks: Readonly<Record<string, string>>
  /** Fields by type. An optional field ends in `?`; an alias has one, `=`; a signature is `(0)`. */
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Types that a module writes: a new field that has to be there breaks it. */
  readonly written: readonly string[]
}

export type Level = 'none' | 'minor' | 'major'

export interface Change {
  readonly level: Exclude<Level, 'none'>
  readonly what: string
}

type Entries = Readonly<Record<string, string>>

/** An alias that has all members it had, and more. */
const isWider = (was: string, is: string): boolean => {
  const members = new Set(is.split(' | '))
  return was.split(' | ').every((member) => members.has(member))
}

/** Lost and changed entries; then new ones, at the level that `added` gives them. */
const entryChanges = (
  of: string,
  before: Entries,
  now: Entries,
  added: (name: string) => Change['level'],
): Change[] => [
  ...Object.entries(before).flatMap(([name, was]): Change[] => {
    const is = now[name]
    if (is === undefined) return [{ level: 'major', what: `${of} \`${name}\` is gone` }]
    if (is === was) return []
    const level = name === '=' && isWider(was, is) ? 'minor' : 'major'
    return [{ level, what: `${of} \`${name}\` was ${was}, is ${is}` }]
  }),
  ...Object.keys(now)
    .filter((name) => !Object.hasOwn(before, name))
    .map((name) => ({ level: added(name), what: `${of} \`${name}\` is new` })),
]

/** New hooks may stand anywhere; those of before keep their order. */
const orderChanges = (before: Entries, now: Entries): Change[] => {
  const kept = Object.keys(now).filter((name) => Object.hasOwn(before, name))
  const were = Object.keys(before).filter((name) => Object.hasOwn(now, name))
  const moved = kept.find((name, i) => name !== were[i])
  return moved === undefined ? [] : [{ level: 'major', what: `hook \`${moved}\` stands elsewhere in the order` }]
}

const typeChanges = (before: AbiTable, now: AbiTable): Change[] =>
  Object.entries(before.types).flatMap(([type, fields]): Change[] => {
    const are = now.types[type]
    if (are === undefined) return [{ level: 'major', what: `type \`${type}\` is gone` }]
    const isWritten = now.written.includes(type)
    return entryChanges(`\`${type}\`:`, fields, are, (field) =>
      field === '=' || (isWritten && !field.endsWith('?')) ? 'major' : 'minor')
  })

export const changesBetween = (before: AbiTable, now: AbiTable): readonly Change[] => [
  ...entryChanges('hook', before.hooks, now.hooks, () => 'minor'),
  ...orderChanges(before.hooks, now.hooks),
  ...typeChanges(before, now),
]

/** The greatest of them. */
export const levelOf = (changes: readonly { readonly level: Level }[]): Level =>
  (['major', 'minor'] as const).find((level) => changes.some((one) => one.level === level)) ?? 'none'

/** The version that is due after such a change. */
export const raised = (abi: string, level: Level): string => {
  const [major = 0, minor = 0] = abi.split('.').map(Number)
  if (level === 'major') return `${major + 1}.0`
  return level === 'minor' ? `${major}.${minor + 1}` : abi
}

const ranks = { none: 0, patch: 0, minor: 1, major: 2 }

/** The missing parts: the version in module-abi.ts, and a changeset of core. `announced` is what those say together. */
export const faultsOf = (before: AbiTable, now: AbiTable, announced: Level | 'patch'): readonly string[] => {
  const changes = changesBetween(before, now)
  const declared = levelBetween(before.abi, now.abi)
  const due = levelOf(changes)
  const level = declared !== null && ranks[declared] > ranks[due] ? declared : due
  const faults: string[] = []
  if (now.abi !== raised(before.abi, level)) {
    faults.push(`module-abi.ts says ${now.abi}; after ${before.abi} it has to be ${raised(before.abi, level)}`)
  }
  if (ranks[announced] < ranks[level]) {
    faults.push(`no changeset says so: one with \`'@lsmkit/core': ${level}\` is due`)
  }
  return faults.length === 0 ? [] : [...changes.map(({ level: of, what }) => `${of}: ${what}`), ...faults]
}

/** A changed meaning stands in no table: whoever raises the version by hand has said so. Null: no step of one. */
const levelBetween = (before: string, now: string): Level | null =>
  (['none', 'minor', 'major'] as const).find((level) => raised(before, level) === now) ?? null
