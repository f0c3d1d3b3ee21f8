/** `lsm learn [LOG]`: policy for what was refused, of each module, with what it would mean. */
import { ownValue } from '@lsmkit/abi'
import type { Check } from '@lsmkit/report'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { counted, EXIT, printJson, printLines } from '../../output.ts'
import { reported } from '../../reporting.ts'
import type { Outcome } from '../../reporting.ts'
import { withCommandErrors } from '../selinux/errors.ts'
import { wholeDomain } from './domain.ts'
import { learners, ONLY_BY_NAME } from './learners.ts'
import type { LearnFlags } from './learn-flags.ts'
import type { Learned } from './learner.ts'
import { readLog } from './log-input.ts'
import type { LogInput } from './log-input.ts'

/** `--from-fleet`: from the decisions of all hosts. */
export const learnFromFleet = async (io: Io, log: string | undefined, flags: LearnFlags): Promise<number> => {
  const { fromFleet, since, credentials, ...rest } = flags
  if (log !== undefined || flags.domain !== undefined) {
    throw new CommandError('usage', '`--from-fleet` is in place of a log, and not of a domain')
  }
  const { fleetLog } = await import('../fleet/fleet-log.ts')
  const input = await fleetLog(io, {
    store: fromFleet!, ...(since === undefined ? {} : { since }), ...(credentials === undefined ? {} : { credentials }),
  })
  return withCommandErrors(() => reported(io, 'learn', rest, () => learnModules(io, input, rest)))
}

export const learnCommand = (io: Io, log: string | undefined, flags: LearnFlags): number =>
  withCommandErrors(() => reported(io, 'learn', flags, () =>
    flags.domain === undefined ? learnModules(io, readLog(io, log ?? '-'), flags) : wholeDomain(io, log, flags)))

interface Section extends Learned {
  readonly module: string
}

const learnModules = (io: Io, input: LogInput, flags: LearnFlags): Outcome => {
  for (const option of ['program', 'from', 'devel', 'interfaces', 'output'] as const) {
    if (flags[option] !== undefined) throw new CommandError('usage', `\`--${option}\` is of a domain`, '--domain NAME')
  }
  if (flags.base !== undefined && flags.for?.includes('sandbox') !== true) {
    throw new CommandError('usage', '`--base` is a policy of a box', '--for sandbox')
  }
  if (flags.ruleset === true && flags.for !== undefined && flags.for.join() !== 'landlock') {
    throw new CommandError('usage', '`--ruleset` is of Landlock', '--for landlock')
  }
  const all = Object.keys(learners).filter((name) => !ONLY_BY_NAME.has(name))
  const names = flags.ruleset === true ? ['landlock'] : flags.for ?? all
  const sections = names.map((module): Section => {
    const learner = Object.hasOwn(learners, module) ? learners[module] : undefined
    if (learner !== undefined) return { module, ...learner.learn(io, input, flags) }
    const known = Object.keys(learners)
    throw new CommandError('usage', `nothing is learned for \`${module}\``,
      didYouMean(module, known) ?? `known: ${known.join(', ')}`)
  }).filter(({ records }) => records > 0)
  return {
    code: sections.some(({ objections }) => objections.length > 0) ? EXIT.denied : EXIT.ok,
    checks: sections.map((section) => checkOf(section, input)),
    rules: {
      'learn/proposal': 'Policy that would have let pass what was refused.',
      'learn/broad': 'Policy that permits far more than was seen.',
      'learn/forbidden': 'An assertion, a constraint or the module itself forbids what was asked for.',
    },
    json: (out) => printJson(out, { file: input.name, modules: Object.fromEntries(
      sections.map(({ module, ...learned }) => [module, learned]),
    ) }),
    pretty(out) {
      if (sections.length === 0) out.note(`nothing was refused by ${names.join(', ')}`)
      for (const section of sections) {
        const { module, text, records, proposals, already, objections, options } = section
        if (sections.length > 1 && text !== '') out.print(`${ownValue(learners, module)!.comment} --- ${module}`)
        const shown = flags.ruleset === true ? JSON.stringify(options, null, 2) : text.trimEnd()
        if (text !== '') printLines(out, shown)
        const broad = proposals.filter((one) => one.broad.length > 0).length
        const parts = [
          counted(records, 'record'), counted(proposals.length, 'proposal'), ...(broad > 0 ? [`${broad} broad`] : []),
          ...(already > 0 ? [`${already} allowed already`] : []),
        ]
        out.note(`${module}: ${parts.join(', ')}`)
        for (const { message } of objections) out.note(`${out.colors.red('forbidden')}: ${message}`)
      }
    },
  }
}

const checkOf = ({ module, proposals, objections }: Section, input: LogInput): Check => ({
  name: `${module}: ${input.name}`,
  file: input.name,
  findings: [
    ...proposals.map(({ text, line, seen, commands, objects, beyond, instead, broad }) => ({
      rule: broad.length > 0 ? 'learn/broad' : 'learn/proposal',
      level: broad.length > 0 ? 'warning' as const : 'note' as const,
      message: [text, ...broad].join('\n'),
      fix: instead.length > 0 ? `instead: ${instead.join('; ')}` : null,
      ...input.place(line),
      properties: { module, seen, commands, objects, beyond, instead, broad },
    })),
    ...objections.map(({ message, line }) =>
      ({ rule: 'learn/forbidden', level: 'error' as const, message, ...(line === null ? {} : input.place(line)) })),
  ],
})
