/** `lsm learn --domain NAME`: a whole domain of SELinux, as CIL or as the sources of a module. */
import { join } from 'node:path'
import { DomainError, domainSources, learnDomain } from '@lsmkit/selinux/learn'
import type { DomainSources, LearnedDomain } from '@lsmkit/selinux/learn'
import { TeRules } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, printLines } from '../../output.ts'
import { makeFolder, writeFiles } from '../../output-files.ts'
import type { Outcome } from '../../reporting.ts'
import { cilSources, policyOf } from '../selinux/inputs.ts'
import { grantsOf } from '../selinux/source-inputs.ts'
import type { LearnFlags } from './learn-flags.ts'
import { denialsOf } from './learners.ts'
import { readLog } from './log-input.ts'

/** A domain is SELinux's: options of other modules would be without effect. */
const refuseOthers = ({ for: modules, smackRules, base, ruleset }: LearnFlags): void => {
  const option = ruleset === true ? '--ruleset' : base !== undefined ? '--base'
    : smackRules !== undefined ? '--smack-rules' : modules?.some((module) => module !== 'selinux') ? '--for' : null
  if (option !== null) throw new CommandError('usage', `\`${option}\` has no effect on a domain`, 'leave it out')
}

/** Sources where headers are named; null for CIL. */
const sourcesOf = (
  io: Io, learned: LearnedDomain, policy: TeRules | null, flags: LearnFlags,
): DomainSources | null => {
  const grants = grantsOf(io, flags)
  if (grants === undefined) return null
  if (policy === null && !learned.isSkeleton) {
    throw new CommandError('usage', 'interfaces are ranked by what a policy does not allow yet', '--policy FILE')
  }
  return domainSources(learned, policy, grants)
}

type Files = ReadonlyMap<string, string>

const filesOf = ({ name, cil }: LearnedDomain, sources: DomainSources | null): Files => sources === null
  ? new Map([[`${name}.cil`, cil]])
  : new Map([[`${name}.te`, sources.te], [`${name}.if`, sources.if], [`${name}.fc`, sources.fc]])

const write = (io: Io, folder: string, files: Files): void => {
  makeFolder(io, folder)
  writeFiles(io, Array.from(files, ([file, contents]) => ({ name: join(folder, file), contents })))
}

/** Each of several under its name. */
const printFiles = (io: Pick<Io, 'print'>, files: Files): void => {
  for (const [file, text] of files) {
    if (files.size > 1) io.print(`# --- ${file}`)
    printLines(io, text.trimEnd())
  }
}

export const wholeDomain = (io: Io, log: string | undefined, flags: LearnFlags): Outcome => {
  const { domain: name, program, from, policy, source } = flags
  refuseOthers(flags)
  if (program === undefined) {
    throw new CommandError('usage', 'the program of the domain is missing', '--program /usr/bin/web')
  }
  const input = log === undefined ? null : readLog(io, log)
  try {
    const rulesOfPolicy = policy === undefined ? null : new TeRules(policyOf(io, policy, flags.local))
    const learned = learnDomain(input === null ? null : denialsOf(input), {
      name: name!, program,
      ...(from === undefined ? {} : { from }),
      ...(rulesOfPolicy === null ? {} : { policy: rulesOfPolicy }),
      ...(source === undefined ? {} : { sources: cilSources(io, source) }),
      compile: { multipleDeclarations: true },
      generalise: flags.generalise ?? false,
    })
    const { rules, isSkeleton, types, notes } = learned
    const sources = sourcesOf(io, learned, rulesOfPolicy, flags)
    const files = filesOf(learned, sources)
    if (flags.output !== undefined) write(io, flags.output, files)
    const conflicts = learned.conflicts.map(({ code, message, place, related }) => ({ code, message, place, related }))
    return {
      code: conflicts.length > 0 ? EXIT.denied : EXIT.ok,
      checks: [{ name: `domain ${name}`, findings: [
        ...learned.conflicts.map((conflict) =>
          ({ rule: 'learn/forbidden', level: 'error' as const, message: conflict.toString() })),
        ...notes.map((message) => ({ rule: 'learn/note', level: 'note' as const, message })),
      ] }],
      rules: {
        'learn/forbidden': 'An assertion of the sources forbids a rule of the domain.',
        'learn/note': 'A limit of the learned domain.',
      },
      json: (out) => printJson(out, { ...learned, ...(sources === null ? {} : { sources }), conflicts }),
      pretty(out) {
        if (flags.output === undefined) printFiles(out, files)
        else out.note(`written: ${[...files.keys()].map((file) => join(flags.output!, file)).join(', ')}`)
        const count = sources === null ? counted(rules.length, 'rule')
          : `${counted(sources.calls.length, 'call')}, ${counted(sources.rest.length, 'rule')}`
        out.note(isSkeleton
          ? `selinux: ${types.join(', ')}; permissive: record a run, and learn with its log`
          : `selinux: ${types.join(', ')}; ${count}`)
        for (const note of notes) out.note(`note: ${note}`)
        for (const conflict of learned.conflicts) {
          out.note(`${out.colors.red('forbidden')}: ${conflict.toString()}`)
        }
      },
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const kind = error.code === 'not-in-the-log' ? 'badInput' : 'usage'
    throw new CommandError(kind, error.summary, error.hint ?? undefined)
  }
}
