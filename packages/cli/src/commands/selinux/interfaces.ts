/** `lsm selinux interfaces [FILE.if|FOLDER] [WORDS]`: the interfaces of policy sources with their documentation. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { findInterfaces, outlineInterfaces } from '@lsmkit/selinux/source'
import type { InterfaceOutline, SourceFile } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import { isFolder } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printLines, printLongJson } from '../../output.ts'
import type { Output } from '../../output.ts'
import { reported } from '../../reporting.ts'
import { orRefusal } from './source-errors.ts'
import { develInterfaces, interfacesOf } from './source-inputs.ts'

export interface InterfacesFlags {
  readonly devel?: string | boolean
  readonly json?: boolean
}

interface Asked {
  readonly sources: readonly SourceFile[]
  readonly words: readonly string[]
}

/** The first argument is a place when it ends in `.if`, has a `/`, or is a folder. */
const isPlace = (io: Io, text: string): boolean => text.endsWith('.if') || text.includes('/') || isFolder(io, text)

const askedFor = (io: Io, given: readonly string[], { devel }: InterfacesFlags): Asked => {
  const [first, ...rest] = given
  const place = first !== undefined && isPlace(io, first) ? first : null
  if (place === null) {
    const folder = typeof devel === 'string' ? devel : undefined
    if (folder !== undefined && !isFolder(io, folder)) {
      throw new CommandError('badInput', `\`${folder}\` is not a folder`, 'words stand before --devel')
    }
    return { sources: develInterfaces(io, folder), words: given }
  }
  if (devel !== undefined) {
    throw new CommandError('usage', `\`${place}\` and --devel name two places`, 'name one of them')
  }
  return { sources: interfacesOf(io, place), words: rest }
}

const callOf = ({ name, parameters }: InterfaceOutline): string =>
  `${name}(${parameters.map((one) => (one.isOptional ? `[${one.name}]` : one.name)).join(', ')})`

const lineOf = (one: InterfaceOutline): string => {
  const head = `${one.file}:${one.line}: ${one.kind} ${callOf(one)}`
  return one.summary === '' ? head : `${head}: ${one.summary}`
}

const printWhole = (out: Output, one: InterfaceOutline): void => {
  out.print(`${one.kind} ${callOf(one)}`)
  out.print(`  ${one.file}:${one.line}`)
  if (one.isRoleCapability) out.print('  for roles: what a role needs to use or administer it')
  if (one.summary !== '') out.print(`  ${one.summary}`)
  if (one.description !== '') printLines(out, one.description.replace(/^(?=.)/gm, '  '))
  const width = Math.max(0, ...one.parameters.map(({ name }) => name.length))
  for (const [i, { name, summary, isOptional }] of one.parameters.entries()) {
    const about = [summary, isOptional ? '(optional)' : ''].filter((part) => part !== '').join(' ')
    out.print(`  $${i + 1} ${name.padEnd(width)}  ${about}`.trimEnd())
  }
}

const nothingText = (words: readonly string[], all: readonly InterfaceOutline[]): string => {
  if (words.length === 0) return 'there is no interface'
  const hint = words.length === 1 ? didYouMean(words[0]!, all.map(({ name }) => name)) : null
  return `there is no interface for \`${words.join(' ')}\`${hint === null ? '' : `: ${hint}`}`
}

/** Ends with 1 when no interface has the words, and with 3 when a source cannot be read. */
export const interfacesCommand = (io: Io, given: readonly string[], flags: InterfacesFlags): number =>
  reported(io, 'selinux interfaces', flags, () => orRefusal(given.length === 0 ? ['interfaces'] : given, () => {
    const { sources, words } = askedFor(io, given, flags)
    const all = sources.flatMap(outlineInterfaces)
    const found = findInterfaces(all, words)
    return {
      code: found.length > 0 ? EXIT.ok : EXIT.denied,
      checks: [{ name: 'interfaces', file: sources[0]?.name ?? '', findings: [] }],
      json: (out) => printLongJson(out, { interfaces: found }),
      pretty(out) {
        if (found.length === 0) out.note(nothingText(words, all))
        if (found.length === 1) printWhole(out, found[0]!)
        else for (const one of found) out.print(lineOf(one))
      },
    }
  }))
