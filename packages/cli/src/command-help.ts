/** Code that declarations of commands share: the words of their help, and how options are read. */
import { InvalidArgumentError, Option } from 'commander'

export const JSON_TEXT = 'print one JSON document on stdout'

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`

/** Keeps every value of an option that may be repeated. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** The same of lists: `a,b` is `a` and `b`. */
export const collectList = (value: string, before: readonly string[] = []): readonly string[] =>
  [...before, ...value.split(',')]

/** Of a user, or of a group with the same number. */
export const userId = (text: string): number => {
  const uid = Number(text)
  if (!/^\d+$/.test(text) || uid > 0xfffffffe) throw new InvalidArgumentError('it is a number from 0 to 4294967294')
  return uid
}

/** An option whose values a shell can offer, and which takes others too: lists of them. */
export const completing = (flags: string, description: string, values: readonly string[]): Option => {
  const option = new Option(flags, description)
  option.argChoices = [...values]
  return option
}
