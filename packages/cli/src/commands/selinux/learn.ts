/** `lsm selinux learn [LOG]`: rules that would have allowed the denials in a log. */
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { learn, teModule, wrongLabelLines } from '@lsmkit/selinux/learn'
import type { Learned } from '@lsmkit/selinux/learn'
import { TeRules } from '@lsmkit/selinux/query'
import type { Io } from '../../io.ts'
import { EXIT, printJson, printLines } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { denialsOf } from '../learn/learners.ts'
import { readLog } from '../learn/log-input.ts'
import { cilSources, fileContextsOf, policyOf, serverOf } from './inputs.ts'

export interface LearnFlags {
  readonly policy?: string
  readonly source?: readonly string[]
  readonly fileContexts?: string
  readonly generalise?: boolean
  readonly te?: string
  readonly json?: boolean
}

/** The module, with the wrong labels before it as in CIL. */
const teText = (name: string, { labels, rules }: Learned): string =>
  wrongLabelLines(labels).map((line) => `# ${line}\n`).join('') + (teModule(name, rules) ?? '')

/**
 * The file_contexts that belongs to an installed policy (`policy/policy.33`, beside `contexts`) or to that of a store
 * (`policy.kern`). Which file it is goes to stderr.
 */
const labelsBeside = (io: Io, policy: string | undefined): string | undefined => {
  if (policy === undefined) return undefined
  const [folder, name] = [dirname(policy), basename(policy)]
  const place = name === 'policy.kern' ? join(folder, 'file_contexts')
    : /^policy\.\d+$/.test(name) && basename(resolve(io.cwd, folder)) === 'policy'
      ? join(folder, '..', 'contexts', 'files', 'file_contexts') : undefined
  if (place === undefined || !existsSync(resolve(io.cwd, place))) return undefined
  io.note(`labels of \`${place}\``)
  return place
}

/** Ends with 1 when an assertion of the sources forbids a rule. */
export const learnCommand = (io: Io, log: string | undefined, flags: LearnFlags): number => withCommandErrors(() => {
  const denials = denialsOf(readLog(io, log ?? '-'))
  const policy = flags.policy === undefined ? null : policyOf(io, flags.policy)
  const labels = flags.fileContexts ?? labelsBeside(io, flags.policy)
  const learned = learn(denials, {
    generalise: flags.generalise ?? false,
    ...(policy === null ? {} : { policy: new TeRules(policy), server: serverOf(policy) }),
    ...(flags.source === undefined ? {} : { sources: cilSources(io, flags.source) }),
    ...(labels === undefined ? {} : { fileContexts: fileContextsOf(io, labels) }),
    compile: { multipleDeclarations: true },
  })
  const { rules, cil, conflicts } = learned
  if (flags.json) {
    const forbidden = conflicts.map(({ code, message, place, related }) => ({ code, message, place, related }))
    printJson(io, { denials: denials.length, labels: learned.labels, rules, cil, conflicts: forbidden })
  } else {
    const text = flags.te === undefined ? cil : teText(flags.te, learned)
    if (text !== '') printLines(io, text.trimEnd())
    const written = rules.filter(({ permissions }) => permissions.length > 0).length
    const idle = rules.filter(({ permissions, unnamed, taken }) =>
      permissions.length === 0 && unnamed.length === 0 && taken.length === 0).length
    io.note(`${denials.length} denials, ${written} rules${idle > 0 ? `; ${idle} allowed already` : ''}`)
    for (const conflict of conflicts) io.note(`${io.colors.red('forbidden')}: ${conflict.toString()}`)
  }
  return conflicts.length > 0 ? EXIT.denied : EXIT.ok
})
