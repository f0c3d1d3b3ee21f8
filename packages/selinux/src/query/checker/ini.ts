/** The checks of sechecker's configuration: sections with options, as Python's configparser reads them. */
import { LsmkitError } from '@lsmkit/core/option-rules'

export type CheckErrorCode =
  | 'bad-line' | 'duplicate' | 'unknown-check' | 'unknown-option' | 'missing-option' | 'bad-value'

/** A configuration that is not valid, or names what the policy does not have. `place` is the line or the check. */
export class CheckError extends LsmkitError<CheckErrorCode> {
  constructor(code: CheckErrorCode, message: string, place: string, hint: string | null = null) {
    super(code, message, { place, hint })
  }
}

export interface Section {
  readonly name: string
  readonly place: string
  readonly options: ReadonlyMap<string, string>
}

const DEFAULTS = 'DEFAULT'
const DEEPEST = 10
const LONGEST_VALUE = 1 << 20

/** Values as they stand, of one section. */
class Draft {
  readonly options = new Map<string, string[]>()
  readonly name: string
  readonly place: string

  constructor(name: string, place: string) {
    this.name = name
    this.place = place
  }
}

/** `%(name)s` is the value of another option, `%%` a percent sign. */
const interpolated = (draft: Draft, defaults: Draft, text: string, depth = 0): string => {
  if (depth > DEEPEST) throw new CheckError('bad-value', 'options name one another too often', draft.place)
  const value = text.replace(/%(%|\(([^)]*)\)s)?/g, (_, what?: string, name?: string) => {
    if (what === '%') return '%'
    const other = name === undefined ? undefined
      : draft.options.get(name.toLowerCase()) ?? defaults.options.get(name.toLowerCase())
    if (other === undefined) {
      throw new CheckError('bad-value', `\`${text}\` has a \`%\` without a meaning`, draft.place, 'write %% for one')
    }
    return interpolated(draft, defaults, other.join('\n').trimEnd(), depth + 1)
  })
  if (value.length > LONGEST_VALUE) throw new CheckError('bad-value', 'a value is too long', draft.place)
  return value
}

const closed = (draft: Draft, defaults: Draft): Section => {
  const all = new Map([...defaults.options, ...draft.options])
  const options = new Map(Array.from(all, ([name, lines]) =>
    [name, interpolated(draft, defaults, lines.join('\n').trimEnd())] as const))
  return { name: draft.name, place: draft.place, options }
}

/** A line that is not empty, of a section. */
const takeOption = (draft: Draft, text: string, place: string): string => {
  const [, key = '', value] = /^([^=:]*?)\s*[=:]\s*(.*)$/.exec(text) ?? []
  if (key === '' || value === undefined) {
    throw new CheckError('bad-line', `\`${text}\` is not an option`, place,
      'NAME = VALUE, or indented for a longer value')
  }
  const name = key.toLowerCase()
  if (draft.options.has(name)) throw new CheckError('duplicate', `\`${name}\` is there twice`, place)
  draft.options.set(name, [value.trim()])
  return name
}

/** Throws CheckError for a line, and for a section or an option that is there twice. */
export const parseChecks = (text: string, file = 'checks'): Section[] => {
  const defaults = new Draft(DEFAULTS, file)
  const drafts = new Map<string, Draft>()
  let draft: Draft | null = null
  let option: { name: string; indent: number } | null = null
  for (const [i, line] of text.split('\n').entries()) {
    const place = `${file}:${i + 1}`
    const content = line.trim()
    if (content.startsWith('#') || content.startsWith(';')) continue
    const indent = line.length - line.trimStart().length
    if (content === '' || (option !== null && draft !== null && indent > option.indent)) {
      if (option !== null) draft?.options.get(option.name)?.push(content)
      continue
    }
    const section = /^\[(.+)\]/.exec(content)?.[1]
    if (section !== undefined) {
      if (drafts.has(section)) throw new CheckError('duplicate', `the check \`${section}\` is there twice`, place)
      draft = section === DEFAULTS ? defaults : new Draft(section, place)
      if (section !== DEFAULTS) drafts.set(section, draft)
      option = null
      continue
    }
    if (draft === null) throw new CheckError('bad-line', `\`${content}\` stands before any check`, place,
      '[name of a check]')
    option = { name: takeOption(draft, content, place), indent }
  }
  return Array.from(drafts.values(), (each) => closed(each, defaults))
}
