/** `lsm selinux mcstrans` and `chcat`: names for levels, and categories of files and logins as data. */
import { readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  categoryChanges, changedLevel, changedRange, mappingOf, parseSeusers, Translations,
} from '@lsmkit/selinux/labels'
import type { CategoryChange } from '@lsmkit/selinux/labels'
import { CommandError } from '../../../command-error.ts'
import { readHostText } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { withLabelsErrors } from '../local.ts'
import { hostLabels } from './host-tree.ts'

/** Files that a pattern names: `*` and `?` in the last part. Those that are not there are none. */
const included = (io: Io, from: string, pattern: string): { name: string; text: string }[] => {
  const folder = resolve(io.cwd, dirname(from), dirname(pattern))
  const escaped = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
  const matching = new RegExp(`^${escaped}$`)
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names.filter((name) => matching.test(name)).sort()
    .map((name) => join(folder, name)).map((name) => ({ name, text: readHostText(io, name) }))
}

const translationsOf = (io: Io, file: string | undefined): Translations =>
  new Translations(file === undefined ? '' : readHostText(io, file), {
    include: (pattern) => included(io, file ?? '', pattern),
  })

export interface McstransFlags {
  readonly untranslate?: boolean
  readonly json?: boolean
}

/** A context has four parts, a range fewer. */
const isContext = (text: string): boolean => /^[^:\s]+:[^:\s]+:[^:\s]+:/.test(text) && !/^s\d/.test(text)

/** Names for ranges and contexts, or the ranges behind names. */
export const mcstransCommand = (io: Io, file: string, texts: readonly string[], flags: McstransFlags): number =>
  withLabelsErrors(() => {
    const names = translationsOf(io, file)
    const found = texts.map((text) => {
      if (isContext(text)) {
        return { text, result: flags.untranslate ? names.untranslateContext(text) : names.translateContext(text) }
      }
      return { text, result: flags.untranslate ? names.untranslate(text) : names.translate(text) }
    })
    if (flags.json) printJson(io, { results: found })
    else for (const { result } of found) io.print(result)
    return EXIT.ok
  })

export interface ChcatFlags {
  readonly login?: boolean
  readonly delete?: boolean
  readonly setrans?: string
  readonly seusers?: string
  readonly level?: string
  readonly json?: boolean
}

interface Changed {
  readonly name: string
  readonly from: string
  readonly to: string
  /** The line that makes the change. */
  readonly command: string
}

const DELETED: readonly CategoryChange[] = [{ action: 'replace', levels: ['s0'] }]

const ofLogins = (io: Io, changes: readonly CategoryChange[], names: readonly string[],
  flags: ChcatFlags): Changed[] => {
  if (flags.seusers === undefined) throw new CommandError('usage', 'a login needs the logins there are',
    '--seusers FILE')
  const mappings = parseSeusers(readHostText(io, flags.seusers), flags.seusers)
  return names.map((name) => {
    const mapping = mappingOf(mappings, name)
    if (mapping === null) throw new CommandError('badInput', `no login of \`${flags.seusers}\` counts for \`${name}\``)
    const from = mapping.range ?? 's0'
    const to = changedRange(from, changes)
    const action = mapping.login === name ? '-m' : '-a'
    return { name, from, to, command: `login ${action} -s ${mapping.seuser} -r ${to} ${name}` }
  })
}

const ofFiles = (io: Io, changes: readonly CategoryChange[], names: readonly string[],
  flags: ChcatFlags): Changed[] => {
  const labels = flags.level === undefined ? hostLabels() : null
  return names.map((name) => {
    const label = labels?.label(resolve(io.cwd, name))
    if (typeof label === 'number') throw new CommandError('badInput', `\`${name}\` has no label`, '--level LEVEL')
    const from = flags.level ?? label?.split(':').slice(3).join(':') ?? ''
    const to = changedLevel(from === '' ? 's0' : from, changes)
    return { name, from, to, command: `chcon -l ${to} ${name}` }
  })
}

/** Prints what would make the change: lines of semanage for logins, of chcon for files. Nothing is written. */
export const chcatCommand = (io: Io, args: readonly string[], flags: ChcatFlags): number => withLabelsErrors(() => {
  const [categories, ...rest] = flags.delete ? ['', ...args] : args
  if (categories === undefined || rest.length === 0) throw new CommandError('usage', 'there is nothing to change',
    'NAME…')
  const names = translationsOf(io, flags.setrans)
  const changes = flags.delete ? DELETED : categoryChanges(categories, (name) => names.untranslate(name))
  const changed = flags.login ? ofLogins(io, changes, rest, flags) : ofFiles(io, changes, rest, flags)
  if (flags.json) printJson(io, { changes: changed })
  else for (const { command } of changed) io.print(command)
  return EXIT.ok
})
