/** Rules that would allow what a log says was missing. They are proposed; nothing changes by itself. */
import { deniedMask, ruleLetters } from './log.ts'
import type { ApparmorRecord } from './log.ts'

export interface ProposedRule {
  readonly profile: string
  readonly rule: string
  /** Records that the rule answers, and the line of the first. */
  readonly count: number
  readonly line: number
  /** Programs that asked, and the names they asked for. */
  readonly commands: readonly string[]
  readonly objects: readonly string[]
  /** A caution to read before the rule is taken, or null. */
  readonly caution: string | null
}

/** Parts of paths that differ from run to run, and what to write for them. */
const GLOBS: readonly (readonly [RegExp, string])[] = [
  [/^\/proc\/[0-9]+\//u, '@{PROC}/@{pid}/'], [/^\/proc\//u, '@{PROC}/'], [/^\/sys\//u, '@{sys}/'],
  [/^\/home\/[^/]+\//u, 'owner @{HOME}/'], [/^\/run\/user\/[0-9]+\//u, 'owner @{run}/user/@{uid}/'],
  [/\.[A-Za-z0-9]{6}$/u, '.??????'], [/\/[0-9a-f]{8}-[0-9a-f-]{27}/u, '/*'], [/\.so(?:\.[0-9]+)+$/u, '.so*'],
]

/** Characters that mean something in a path of a rule. */
const SPECIAL = /[*?[\]{}^\\,"@]/gu
/** Names come from strangers: what would end a line or a string stands as a number. */
const CONTROL = /\p{Cc}/gu

const plainText = (text: string): string => text.replace(SPECIAL, (character) => `\\${character}`)
  .replace(CONTROL, (character) => (
    [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  ))

const pathOf = (name: string): { readonly path: string, readonly owner: boolean } => {
  const plain = plainText(name)
  const globbed = GLOBS.reduce((text, [pattern, glob]) => text.replace(pattern, glob), plain)
  const owner = globbed.startsWith('owner ')
  const path = owner ? globbed.slice(6) : globbed
  return { path: /[ \t]/u.test(path) ? `"${path}"` : path, owner }
}

/** Letters of a record in the order of a rule; `w` includes `a`. */
const fileLetters = (mask: string): string => {
  const letters = new Set(ruleLetters(mask))
  if (letters.has('w')) letters.delete('a')
  return [...'rwaklm'].filter((letter) => letters.has(letter)).join('') + (letters.has('x') ? 'ix' : '')
}

interface Wanted {
  readonly key: string
  readonly rule: (masks: readonly string[]) => string
  readonly mask: string
  readonly caution: string | null
}

const fileWanted = (name: string, mask: string): Wanted => {
  const { path, owner } = pathOf(name)
  const executes = mask.includes('x')
  const caution = executes ? 'ix runs the program under the same profile: px or cx gives it one of its own' : null
  return {
    key: `file ${path}`, mask, caution,
    rule: (masks) => `${owner ? 'owner ' : ''}${path} ${fileLetters(masks.join(''))},`,
  }
}

const label = (text: string): string => {
  const plain = plainText(text)
  return /[ \t]/u.test(plain) ? `"${plain}"` : plain
}

/** What the kernel fills from its own tables. Anything else in such a field is no record of a kernel. */
const WORD = /^[a-z0-9_+ ]*$/u
const OWN_FIELDS = ['capname', 'family', 'sock_type', 'signal', 'fstype', 'denied', 'denied_mask', 'requested_mask']

const isOfKernel = ({ fields }: ApparmorRecord): boolean =>
  OWN_FIELDS.every(
    (name) => name === 'fstype' ? /^[a-z0-9_.]*$/u.test(fields.get(name) ?? '') : WORD.test(fields.get(name) ?? ''),
  )

const wantedOf = (record: ApparmorRecord): Wanted | null => {
  const { operation, fields } = record
  const field = (name: string): string => fields.get(name) ?? ''
  const mask = deniedMask(record)
  const fixed = (rule: string, caution: string | null = null): Wanted =>
    ({ key: rule, mask: '', caution, rule: () => rule })
  if (operation === 'capable') {
    return fixed(`capability ${field('capname')},`, 'the profile then passes a check of root')
  }
  if (operation === 'ptrace') return fixed(`ptrace ${mask} peer=${label(field('peer'))},`)
  if (operation === 'signal') return fixed(`signal ${mask} set=${field('signal')} peer=${label(field('peer'))},`)
  if (operation === 'userns_create') return fixed('userns create,', 'a user namespace opens much of the kernel')
  if (operation === 'change_profile' || operation === 'change_onexec') {
    return fixed(`change_profile -> ${label(field('target') || field('name'))},`)
  }
  if (fields.has('family')) return fixed(`network ${field('family')} ${field('sock_type')},`)
  if (operation === 'mount') {
    return fixed(
      `mount fstype=${field('fstype')} ${label(field('srcname'))} -> ${label(field('name'))},`,
      'mounts change what paths mean',
    )
  }
  if (operation === 'umount') return fixed(`umount ${label(field('name'))},`)
  if (operation === 'link') return fixed(`link ${pathOf(field('name')).path} -> ${pathOf(field('target')).path},`)
  return field('name').startsWith('/') && mask !== '' ? fileWanted(field('name'), mask) : null
}

/**
 * Rules that allow the records that were denied, or that a complaining profile let pass: one for each path or thing.
 */
export const proposeRules = (records: readonly ApparmorRecord[]): readonly ProposedRule[] => {
  const groups = new Map<string, { profile: string, wanted: Wanted, records: ApparmorRecord[], masks: string[] }>()
  for (const record of records) {
    if (record.type === 'AUDIT' || !isOfKernel(record)) continue
    const one = wantedOf(record)
    if (one === null) continue
    const key = `${record.profile}\0${one.key}`
    const group = groups.get(key) ?? { profile: record.profile, wanted: one, records: [], masks: [] }
    group.records.push(record)
    group.masks.push(one.mask)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ profile, wanted: { rule, caution }, records: found, masks }) => ({
    profile, rule: rule(masks), count: found.length, line: found[0]!.line, caution,
    commands: namesIn(found, 'comm'), objects: namesIn(found, 'name'),
  }))
}

const namesIn = (records: readonly ApparmorRecord[], field: string): string[] =>
  [...new Set(records.flatMap(({ fields }) => fields.get(field) ?? []))]
