/**
 * `lsm completion SHELL` prints a script, which asks the hidden `lsm complete`. The library prints to the console alone
 * and answers that no argument is a file; here both are mended.
 */
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import type { Io } from './io.ts'

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

/** Shells then offer files. */
const FILES = ':0'

export const addCompletion = (program: Command, io: Io): void => {
  const completion = tab(program, { completionCommandName: 'completion' })
  const find = (name: string): Command => program.commands.find((command) => command.name() === name)!
  find('completion').action((shell: string) => {
    for (const line of printed(() => completion.setup('lsm', 'lsm', shell))) {
      // without it bash has nothing to fall back to
      io.print(line.replace(/^complete -F (\S+) (\S+)$/, 'complete -o default -F $1 $2'))
    }
  })
  find('complete').action((words: string[]) => {
    const lines = printed(() => completion.parse(words))
    const offered = lines.filter((line) => !/^:\d+$/.test(line))
    for (const line of offered) io.print(line)
    io.print(offered.length === 0 ? FILES : lines.at(-1)!)
  })
}
