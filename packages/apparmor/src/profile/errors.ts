/** Errors in a profile's text: a code for programs, a sentence, a place, and advice. */
import { oneLine, withHint } from '@lsmkit/abi'
import { nameOf, type Place } from './place.ts'

export type ProfileErrorCode =
  // The text.
  | 'bad-character' | 'unexpected' | 'unclosed' | 'too-deep' | 'too-big'
  // Files.
  | 'no-such-file' | 'circular-include' | 'too-many-includes'
  // One rule.
  | 'unknown-keyword' | 'bad-value' | 'bad-permissions' | 'bad-condition' | 'bad-name' | 'bad-pattern' | 'bad-prefix'
  // Names.
  | 'redeclared' | 'undeclared' | 'recursive' | 'wrong-kind'
  // Rules together.
  | 'exec-conflict' | 'too-many-transitions' | 'duplicate-profile' | 'flag-conflict'
  // The automaton.
  | 'pattern-explodes' | 'too-many-states'

/** Another place that matters: the rule that conflicts, the first declaration. */
export interface RelatedPlace {
  readonly message: string
  readonly place: Place
}

export interface ProfileErrorParts {
  readonly hint?: string | null
  readonly related?: readonly RelatedPlace[]
}

/** One mistake in a profile. */
export class ProfileError extends Error {
  readonly code: ProfileErrorCode
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly place: Place | null
  readonly hint: string | null
  readonly related: readonly RelatedPlace[]

  constructor(code: ProfileErrorCode, message: string, place: Place | null, parts: ProfileErrorParts = {}) {
    const summary = oneLine(message)
    super(withHint(summary, parts.hint ?? null))
    this.summary = summary
    this.name = 'ProfileError'
    this.code = code
    this.place = place
    this.hint = parts.hint === undefined || parts.hint === null ? null : oneLine(parts.hint)
    this.related = parts.related ?? []
  }

  /** For a terminal: the place and the sentence, the line with a mark under it, the hint, the related places. */
  override toString(): string {
    const lines = [`${this.place === null ? '' : `${this.place}: `}${this.summary}`]
    if (this.place !== null) lines.push(...marked(this.place))
    if (this.hint !== null) lines.push(`  ${this.hint}`)
    for (const { message, place } of this.related) lines.push(`  ${place}: ${oneLine(message)}`)
    return lines.join('\n')
  }
}

const marked = (place: Place): string[] => {
  const text = place.source.lineText(place.line)
  const before = oneLine(nameOf(text.slice(0, place.column - 1)))
  return [`  ${oneLine(place.excerpt)}`, `  ${' '.repeat(before.length)}^`]
}

/** Two rules that execute one path in different ways; the one that stands later has the mistake. */
export const execConflict = (a: Place, b: Place): ProfileError => {
  const [later, earlier] = a.source === b.source && a.offset < b.offset ? [b, a] : [a, b]
  return new ProfileError('exec-conflict', 'two rules execute the same path in different ways', later, {
    related: [{ message: 'the other rule', place: earlier }],
    hint: 'a rule without wildcards outranks others; `priority=` settles it too',
  })
}

/** A warning of the compiler that does not refuse a profile. */
export interface ProfileWarning {
  readonly code: 'not-enforced' | 'downgraded' | 'ignored-rule' | 'changed-rule' | 'deprecated' | 'no-abi'
  readonly message: string
  readonly place: Place | null
}
