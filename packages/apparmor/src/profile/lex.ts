/**
 * Tokens of the profile language. The kind of a token depends on the rule that it stands in, so there is a table a
 * context; the longest match wins, and of equal ones the first. Characters that must follow a token count to its length
 * (group 1) but are not consumed.
 */

/** A character of an identifier: a comma only where no blank follows, blanks and commas also behind a backslash. */
const ID = '(?:\\\\[ \\t"!,]|,[^ \\t\\r\\n"!,]|[^ \\t\\r\\n"!,])'
const QUOTED = '"(?:\\\\"|[^\\0"])*"'
const NAME = '[A-Za-z][A-Za-z0-9_]*'
const SET_VARIABLE = `@(?:\\{${NAME}\\}|${NAME})`
const BLANK = '[ \\t]*'
const LABEL = `(?:[/:&]|${SET_VARIABLE}(?:\\\\[ \\t"!,()]|,[^ \\t\\n"!,=+]|[^ \\t\\n"!,=+]))${ID}*`
const QUOTED_LABEL = '"[/@:&](?:\\\\"|[^\\0"])*"'
const MODES = '(?:[PpCc]?[IiUu][Xx]|[PpCc][Xx]|[RrWwaLlMmkXx])+'
const LIST_VALUE = '(?:\\\\[ \\t"!,()]|[^ \\t\\n"!,()])+'
const WORD_WITHOUT_EQUALS = '[^ \\t\\n"!,=()+&](?:,[^ \\t\\n"!,=)]|[^ \\t\\n"!,=)])*'

export type TokenKind =
  | 'cond-group' | 'priority' | 'cond' | 'include' | 'include-if-exists' | 'all' | '^' | '->' | '=' | '+='
  | 'set-variable' | 'boolean' | '{' | '}' | 'id' | 'modes' | 'hat' | 'profile' | ':' | '(' | ')' | 'word' | ','
  | 'value' | 'in' | '<='
  | 'access' | 'search' | 'end'

interface Pattern {
  readonly kind: TokenKind
  readonly regex: RegExp
}

const pattern = (kind: TokenKind, source: string): Pattern => ({ kind, regex: new RegExp(source, 'ys') })

const conditions = [
  pattern('cond-group', `(?:peer|xattrs)(?=(${BLANK}=${BLANK}\\())`),
  pattern('priority', `priority(?=(${BLANK}=))`),
  pattern('cond', `${NAME}(?=(${BLANK}=))`),
  pattern('cond', `${NAME}(?=([ \\t]+in${BLANK}\\())`),
]

/** Words that stand for accesses, the longest first; they come before names. */
const accesses = (words: string): Pattern[] => [
  pattern('access', `(?:${words.split('|').toSorted((a, b) => b.length - a.length).join('|')})`), pattern('(', '\\('),
  pattern('access', '(?:rw|wr|r|w)(?=([\\s,]))'),
]

const classRule = (words: readonly Pattern[]): readonly Pattern[] => [
  ...conditions, ...words, pattern('id', WORD_WITHOUT_EQUALS), pattern('id', LABEL), pattern('id', QUOTED),
  pattern(',', ','),
]

const NET_WORDS = 'listen|accept|connect|getopt|setopt|shutdown|create|getattr|setattr|bind|send|receive|read|write'

export const contexts = {
  /** Where rules, profiles and the preamble begin. */
  rule: [
    ...conditions,
    pattern('include-if-exists', '#include[ \\t]+if[ \\t]+exists(?=([ \\t][^\\n]*))'),
    pattern('include-if-exists', 'include[ \\t]+if[ \\t]+exists(?=([ \\t]))'),
    pattern('include', '#include(?=([^\\n]*))'),
    pattern('include', 'include(?=([ \\t]))'),
    pattern('all', 'all(?=([ \\t]|[^A-Za-z0-9_]))'),
    pattern('^', '\\^'), pattern('->', '->'), pattern('=', '='), pattern('+=', '\\+='),
    pattern('set-variable', SET_VARIABLE), pattern('boolean', `\\$(?:\\{${NAME}\\}|${NAME})`),
    pattern('{', '\\{'), pattern('}', '\\}'),
    pattern('id', LABEL), pattern('id', QUOTED_LABEL),
    pattern('modes', `${MODES}(?=([\\s,]))`),
    pattern('hat', `hat${BLANK}`), pattern('profile', `profile${BLANK}`),
    pattern(':', ':'), pattern('(', '\\('), pattern('word', NAME), pattern(',', ','),
  ],
  id: [pattern('id', `${ID}+`), pattern('id', QUOTED)],
  /** Values of a variable, up to the end of the line. */
  assignment: [pattern('value', `${ID}+`), pattern('value', QUOTED), pattern(',', ',')],
  /** Behind the name of a condition. */
  condition: [pattern('=', '='), pattern('(', '\\('), pattern('in', 'in')],
  list: [pattern(')', '\\)'), pattern(',', ','), pattern('value', LIST_VALUE), pattern('value', QUOTED)],
  group: [
    pattern(')', '\\)'), pattern(',', ','), pattern('cond', '[^ \\t\\n"!,=)]+'), pattern('=', `=${BLANK}\\(`),
    pattern('=', '='),
  ],
  groupValue: [pattern('value', LIST_VALUE), pattern('value', '"(?:\\\\"|[^\\0"])+"')],
  groupValues: [pattern(')', '\\)'), pattern('value', LIST_VALUE), pattern('value', '"(?:\\\\"|[^\\0"])+"')],
  network: classRule(accesses(NET_WORDS)),
  unix: classRule(accesses(NET_WORDS)),
  dbus: classRule(accesses('bind|eavesdrop|send|receive|read|write')),
  signal: classRule(accesses('send|receive|read|write')),
  ptrace: classRule(accesses('trace|readby|tracedby|read|write')),
  mqueue: classRule(accesses('create|open|delete|getattr|setattr|read|write')),
  mount: classRule([pattern('->', '->')]),
  userns: [pattern('access', 'create'), pattern(',', ',')],
  changeProfile: [
    pattern('access', 'safe|unsafe'), pattern('->', '->'), pattern('id', `${ID}+`), pattern('id', QUOTED),
    pattern(',', ','),
  ],
  rlimit: [pattern('value', '-?[0-9]+'), pattern('word', '[A-Za-z_]+'), pattern('<=', '<='), pattern(',', ',')],
  integer: [pattern('=', '='), pattern('value', '[+-]?[0-9]+')],
  file: [
    pattern('search', `<(?:[^">\\t\\r\\n]+|${QUOTED})>`), pattern('value', QUOTED),
    pattern('value', '(?:\\\\[ \\t"!,]|,[^ \\t\\r\\n"!,<>]|[^ \\t\\r\\n"!,<>])+'),
  ],
  end: [pattern(',', ',')],
} as const satisfies Record<string, readonly Pattern[]>

export type Context = keyof typeof contexts

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
}

/** The token of `context` at `at`, or null where none begins. */
export const tokenAt = (context: Context, text: string, at: number): Token | null => {
  let best: TokenKind | null = null
  let length = 0
  let end = at
  for (const { kind, regex } of contexts[context] as readonly Pattern[]) {
    regex.lastIndex = at
    const match = regex.exec(text)
    if (match === null) continue
    const reach = match[0].length + (match[1]?.length ?? 0)
    if (reach <= length) continue
    best = kind
    length = reach
    end = at + match[0].length
  }
  return best === null ? null : { kind: best, text: text.slice(at, end), start: at }
}
