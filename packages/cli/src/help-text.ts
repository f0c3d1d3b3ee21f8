/** Help in lines of at most 80 columns, for every group: what commander does not break is broken here. */
import { Help } from 'commander'
import type { Command, HelpConfiguration, Option } from 'commander'

const COLUMNS = 80

const inQuotes = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ')

/** Lists of commands by their names alone; each command's own help lists its options. Choices as they are typed. */
export const helpStyle: HelpConfiguration = {
  subcommandTerm: (command: Command) => command.name(),
  optionDescription: (option: Option) => {
    const choices = option.argChoices ?? []
    return new Help().optionDescription(option).replace(inQuotes(choices), choices.join(', '))
  },
}

/** Words that do not fit a line begin the next line of its paragraph. */
export const helpLines = (text: string): string => {
  const lines: string[] = []
  let over = ''
  for (const line of text.split('\n')) {
    const goesOn = over !== '' && indentOf(line) === indentOf(over) && !/^\s*(\$ |$)/.test(line)
    if (over !== '' && !goesOn) lines.push(over)
    const whole = goesOn ? `${over} ${line.trimStart()}` : line
    const broken = isCommand(whole) ? brokenCommand(whole) : brokenText(whole)
    const isOver = !isCommand(whole) && (goesOn || broken.length > 1)
    over = isOver ? broken.pop()! : ''
    lines.push(...broken)
  }
  return [...lines, ...(over === '' ? [] : [over])].join('\n')
}

const isCommand = (line: string): boolean => /^\s*\$ /.test(line)
const indentOf = (line: string): string => /^\s*/.exec(line)![0]

/** Where a line is cut: the last blank that fits, and is not inside of quotes. */
const cutOf = (line: string, room: number, from: number): number => {
  let quote = ''
  let cut = -1
  for (let i = from; i < line.length && i <= room; i++) {
    const char = line[i]!
    if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === ' ') cut = i
  }
  return cut
}

/** A shell reads it as one line. */
const brokenCommand = (line: string): string[] => {
  const lines: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const cut = cutOf(rest, COLUMNS - 2, rest.length - rest.trimStart().length + 2)
    if (cut < 0) break
    lines.push(`${rest.slice(0, cut)} \\`)
    rest = `      ${rest.slice(cut + 1)}`
  }
  return [...lines, rest]
}

/** Indented as the line itself. */
const brokenText = (line: string): string[] => {
  const indent = indentOf(line)
  const lines: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const cut = rest.lastIndexOf(' ', COLUMNS)
    if (cut <= indent.length) break
    lines.push(rest.slice(0, cut))
    rest = indent + rest.slice(cut + 1)
  }
  return [...lines, rest]
}
