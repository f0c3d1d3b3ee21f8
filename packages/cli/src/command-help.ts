/** What the declarations of commands share: the words of their help, and options given more than once. */

export const JSON_TEXT = 'print one JSON document on stdout'

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`

/** Keeps every value of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** The same of lists: `a,b` is `a` and `b`. */
export const collectList = (value: string, before: readonly string[] = []): readonly string[] =>
  [...before, ...value.split(',')]
