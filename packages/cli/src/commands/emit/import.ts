/** `lsm import FILE`: a file of another wall as a policy, with what could not be taken, or its changes to a policy. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { compare, formatNames, formatOf, importPolicy } from '@lsmkit/emit'
import type { EmittedFile, FormatName, Imported } from '@lsmkit/emit'
import { CommandError } from '../../command-error.ts'
import { readHostFile, readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { COLUMNS, counted, EXIT, printJson, tableWithin, wrap } from '../../output.ts'
import { readPolicyFile } from './policy-file.ts'

export interface ImportFlags {
  readonly from?: FormatName
  /** A policy to compare with. */
  readonly diff?: string
  readonly json?: boolean
}

/** Ends with 1 when `--diff` finds a difference. */
export const importCommand = (io: Io, file: string, { from, diff, json }: ImportFlags): number => {
  const text = readHostText(io, file)
  const format = from ?? formatOf(text)
  if (format === null) {
    const hint = `--from ${formatNames.join('|')}`
    throw new CommandError('badInput', `the format of \`${file}\` cannot be found by its contents`, hint)
  }
  const imported = importPolicy(text, format, besides(io, file))
  if (diff !== undefined) return printDifference(io, imported, diff, json === true)
  printLeftOut(io, imported)
  if (json === true) printJson(io, imported)
  else for (const line of JSON.stringify(imported.policy, null, 2).split('\n')) io.print(line)
  return EXIT.ok
}

const MOST_FILES = 64

/** Files that lie beside it: a filter, or the profiles that it names. */
const besides = (io: Io, file: string): EmittedFile[] => {
  const folder = dirname(resolve(io.cwd, file))
  if (file === '-' || !existsSync(folder)) return []
  const named = /^(?:filter\.bpf|lsmkit-sandbox(?:\.json)?)$/
  return readdirSync(folder).filter((name) => named.test(name)).slice(0, MOST_FILES).map((name) => {
    const bytes = readHostFile(io, join(folder, name))
    return { name, contents: name.endsWith('.bpf') ? bytes : new TextDecoder().decode(bytes) }
  })
}

const printLeftOut = (io: Io, { format, leftOut }: Imported): void => {
  if (leftOut.length === 0) return
  io.note(`${counted(leftOut.length, 'thing')} of ${format} could not be taken:`)
  for (const line of tableWithin(leftOut.map(({ place, text }) => [`  ${place}`, text]))) io.note(line)
}

const printDifference = (io: Io, imported: Imported, name: string, json: boolean): number => {
  const changes = compare(readPolicyFile(io, name), imported.policy)
  printLeftOut(io, imported)
  if (json) printJson(io, { same: changes.length === 0, changes, leftOut: imported.leftOut })
  else {
    for (const { text, effect } of changes) {
      const [first = '', ...more] = wrap(text, '  ', COLUMNS)
      for (const line of [`${effect === 'more' ? '+' : '-'}${first.slice(1)}`, ...more]) io.print(line)
    }
    io.print(changes.length === 0 ? 'no difference'
      : `${counted(changes.length, 'difference')}: + is permitted by the file alone`)
  }
  return changes.length === 0 ? EXIT.ok : EXIT.denied
}
