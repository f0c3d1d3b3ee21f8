/**
 * `lsm completion SHELL` prints a script, which asks the hidden `lsm complete`. The library prints to the console alone
 * and answers that no argument is a file; here both are mended. bash gets a script of ours.
 */
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { nearest } from '@lsmkit/core/did-you-mean'
import { bashCompletion } from './completion-bash.ts'
import type { Io } from './io.ts'
import { printLines } from './output.ts'

/** What it prints while it does something. */
const printed = (act: () => void): string[] => {
  const lines: string[] = []
  const { log } = console
  console.log = (line: unknown) => void lines.push(String(line))
  try {
    act()
  } finally {
    console.log = log
  }
  return lines.flatMap((line) => line.split('\n'))
}

/** Shells then offer files, or nothing. */
const FILES = ':0'
const NO_FILES = ':4'

export const addCompletion = (program: Command, io: Io): void => {
  const completion = tab(program, { completionCommandName: 'completion' })
  const find = (name: string): Command => program.commands.find((command) => command.name() === name)!
  find('completion').action((shell: string) => {
    if (shell === 'bash') printLines(io, bashCompletion)
    else for (const line of printed(() => completion.setup('lsm', 'lsm', shell))) io.print(line)
  })
  find('complete').action((words: string[]) => {
    const lines = printed(() => completion.parse(words))
    const offered = lines.filter((line) => !/^:\d+$/.test(line))
    if (offered.length === 0 && isCommandName(words)) {
      for (const name of correctionsOf(words[0]!, program)) io.print(name)
      io.print(NO_FILES)
      return
    }
    for (const line of offered) io.print(line)
    io.print(offered.length === 0 ? FILES : lines.at(-1)!)
  })
}

const isCommandName = (words: readonly string[]): boolean => words.length === 1 && !words[0]!.startsWith('-')

/** The command that a misspelt word means: the nearest, or the nearest to as many of its letters. */
const correctionsOf = (word: string, program: Command): string[] => {
  const names = program.commands.map((command) => command.name()).filter((name) => name !== 'complete')
  const near = nearest(word, names) ?? nearest(word, names.map((name) => name.slice(0, word.length)))
  return near === null ? [] : names.filter((name) => name.startsWith(near)).slice(0, 1)
}
