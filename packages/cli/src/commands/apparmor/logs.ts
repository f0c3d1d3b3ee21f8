/** `lsm apparmor learn` and `coverage`: what a log says of profiles. */
import {
  addedRules, forbiddenRecords, proposeAbstractions, proposeRules, readApparmorLog, ruleCoverage,
} from '@lsmkit/apparmor/query'
import type { Abstraction, ApparmorRecord, ProposedAbstraction, ProposedRule } from '@lsmkit/apparmor/query'
import { CommandError } from '../../command-error.ts'
import { readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, printLines } from '../../output.ts'
import { compileAbstractions, compileAll, compileFile, withCommandErrors, type SourceFlags } from './inputs.ts'

export interface LearnFlags extends SourceFlags {
  readonly profile?: string
  /** A file whose profiles take the rules. */
  readonly into?: string
  readonly json?: boolean
}

const byProfile = (rules: readonly ProposedRule[]): Map<string, ProposedRule[]> => {
  const groups = new Map<string, ProposedRule[]>()
  for (const rule of rules) groups.set(rule.profile, [...(groups.get(rule.profile) ?? []), rule])
  return groups
}

const abstractionText = ({ name, answers, of, rules }: ProposedAbstraction): string =>
  `  include <${name}>  # would answer ${answers} of ${counted(of, 'record')}; it has ${counted(rules, 'rule')}`

/**
 * A patch for the file, checked: the profiles with the rules compile. Records that a `deny` rule answers get no rule,
 * which would change nothing.
 */
const printPatch = (
  io: Io, file: string, records: readonly ApparmorRecord[], wanted: string | undefined, flags: SourceFlags,
): number => withCommandErrors(() => {
  const { profiles } = compileFile(io, file, flags)
  const forbidden = forbiddenRecords(records, profiles)
  for (const text of new Set(forbidden.map(({ record, rule }) =>
    `${record.profile}: ${record.fields.get('name') ?? record.operation} is denied by ${rule.place}: ${rule.text}`))) {
    io.note(text)
  }
  const denied = new Set(forbidden.map(({ record }) => record))
  const byName = byProfile(proposedFor(records.filter((record) => !denied.has(record)), wanted))
  const added = profiles.filter(({ source }) => source.end.file === file).flatMap((profile) => {
    const own = byName.get(profile.profile.name)
    return own === undefined ? [] : [{ profile, rules: own.map(({ rule }) => rule) }]
  })
  const { patch, text, skipped } = addedRules(file, readHostText(io, file), added)
  compileFile(io, file, flags, text)
  printLines(io, patch.trimEnd())
  for (const name of skipped) io.note(`${name}: its closing brace needs a line of its own`)
  const count = added.reduce((sum, { rules: own }) => sum + own.length, 0)
  io.note(`${counted(count, 'rule')} for ${counted(added.length, 'profile')}; nothing was changed`)
  return added.length === 0 || skipped.length > 0 ? EXIT.denied : EXIT.ok
})

const abstractionsFor = (
  io: Io, records: readonly ApparmorRecord[], flags: SourceFlags,
): readonly ProposedAbstraction[] => {
  const known: readonly Abstraction[] = compileAbstractions(io, flags)
  return proposeAbstractions(records, known).slice(0, 10)
}

const proposedFor = (records: readonly ApparmorRecord[], profile: string | undefined): readonly ProposedRule[] =>
  proposeRules(records).filter((rule) => profile === undefined || rule.profile === profile)

/** Prints rules that would allow what the log says was denied; changes nothing. */
export const learnCommand = (
  io: Io, log: string | undefined, { profile, json, into, ...flags }: LearnFlags,
): number => {
  const records = readApparmorLog(readHostText(io, log ?? '-'))
  if (records.length === 0) {
    throw new CommandError(
      'badInput', 'the log has no records of AppArmor', 'looked for apparmor="DENIED" and "ALLOWED"',
    )
  }
  if (into !== undefined) return printPatch(io, into, records, profile, flags)
  const rules = proposedFor(records, profile)
  const abstractions = abstractionsFor(io, records, flags)
  if (json) printJson(io, { records: records.length, rules, abstractions })
  else {
    for (const [name, proposed] of byProfile(rules)) {
      io.print(`# ${name}`)
      for (const one of abstractions) if (one.profile === name) io.print(abstractionText(one))
      for (const { rule, count, caution } of proposed) {
        io.print(`  ${rule}  # ${counted(count, 'record')}${caution === null ? '' : `; ${caution}`}`)
      }
    }
    io.note(`${counted(records.length, 'record')}, ${counted(rules.length, 'rule')} proposed; nothing was changed`)
  }
  return EXIT.ok
}

export interface CoverageFlags extends SourceFlags {
  readonly log: string
  readonly json?: boolean
}

/** File rules that no record of the log meets; all of them with their counts as JSON. */
export const coverageCommand = (io: Io, names: readonly string[], flags: CoverageFlags): number => {
  const profiles = compileAll(io, names, flags).flatMap((result) => result.profiles)
  const records = readApparmorLog(readHostText(io, flags.log))
  const rules = ruleCoverage(profiles, records)
  const unmet = rules.filter(({ count }) => count === 0)
  if (flags.json) {
    printJson(io, {
      records: records.length,
      rules: rules.map(({ place, ...rule }) => ({ ...rule, file: place.file, line: place.line })),
    })
  } else {
    for (const { profile, place, text } of unmet) io.print(`${profile}: ${place.file}:${place.line}: ${text}`)
    io.print(
      `${rules.length - unmet.length} of ${counted(rules.length, 'rule')} met by ${counted(records.length, 'record')}`,
    )
  }
  return EXIT.ok
}
