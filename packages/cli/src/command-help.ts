/** Code that declarations of commands share: the words of their help, and how options are read. */
import { Option } from 'commander'

export { collect, collectList, JSON_TEXT, userId } from './option-row.ts'

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`

/** An option whose values a shell can offer, and which takes others too: lists of them. */
export const completing = (flags: string, description: string, values: readonly string[]): Option => {
  const option = new Option(flags, description)
  option.argChoices = [...values]
  return option
}
