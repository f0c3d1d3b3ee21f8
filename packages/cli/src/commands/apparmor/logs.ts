/** `lsm apparmor learn` and `coverage`: what a log says of profiles. */
import { proposeRules, readApparmorLog, ruleCoverage } from '@lsmkit/apparmor/query'
import type { ProposedRule } from '@lsmkit/apparmor/query'
import { CommandError } from '../../command-error.ts'
import { readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson } from '../../output.ts'
import { compileAll, type SourceFlags } from './inputs.ts'

export interface LearnFlags {
  readonly profile?: string
  readonly json?: boolean
}

const byProfile = (rules: readonly ProposedRule[]): Map<string, ProposedRule[]> => {
  const groups = new Map<string, ProposedRule[]>()
  for (const rule of rules) groups.set(rule.profile, [...(groups.get(rule.profile) ?? []), rule])
  return groups
}

/** Prints rules that would allow what the log says was denied; changes nothing. */
export const learnCommand = (io: Io, log: string | undefined, { profile, json }: LearnFlags): number => {
  const records = readApparmorLog(readHostText(io, log ?? '-'))
  if (records.length === 0) {
    throw new CommandError(
      'badInput', 'the log has no records of AppArmor', 'looked for apparmor="DENIED" and "ALLOWED"',
    )
  }
  const rules = proposeRules(records).filter((rule) => profile === undefined || rule.profile === profile)
  if (json) printJson(io, { records: records.length, rules })
  else {
    for (const [name, proposed] of byProfile(rules)) {
      io.print(`# ${name}`)
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
