/** From a log to a policy, on Ruby: recorded under a permissive Smack, learned, compared, enforced. */
import { AT_FDCWD, O_CREAT, O_WRONLY, XATTR_NAME_SMACK } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, toJson } from '@lsmkit/core'
import { smack } from '@lsmkit/smack'
import { loadRules, loggedAccesses, Policy, policyChanges } from '@lsmkit/smack/engine'
import { learnRules } from '@lsmkit/smack/learn'
import type { Programs } from './programs.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { smackRules, writeSmackFile } from './smack-policy.ts'
import { bootSystem } from './system.ts'
import type { System } from './system.ts'
import { run } from './visit.ts'

export interface Learning {
  /** The accesses that Smack would have refused: subject, modes, object, place. */
  readonly recorded: readonly string[]
  /** Rules that permit it, as load2 takes them. */
  readonly rules: readonly string[]
  /** Their changes, in words. */
  readonly changes: readonly string[]
  /** The outcome of the recorded run, and of something else, under the rules. */
  readonly enforced: readonly { readonly step: string; readonly outcome: string }[]
}

const SCRIPT = '/srv/tour/journal.rb'
const JOURNAL = '/srv/journal'
const STEPS = { journal: `write ${JOURNAL}`, shadow: 'read /etc/shadow' } as const

/** Each step that is named, and a word of what became of it. */
const script = `#!/usr/bin/ruby --disable-gems
$stdout.sync = true
ARGV.each do |step|
  step == 'journal' ? File.write('${JOURNAL}', 'noted') : File.read('/etc/shadow')
  puts 'ok'
rescue SystemCallError => error
  puts error.class.name[/\\w+$/]
end
`

/** Ruby may write its journal, which has a label that no rule of the tour names. */
const boot = (stack: ReturnType<typeof createStack>, programs: Programs, policy: SelinuxPolicy): System => {
  const system = bootSystem({ boot: stack, landlock: null }, policy, { [SCRIPT]: script }, programs)
  const { sys, init } = system.kernel
  sys.close(init, sys.openat(init, AT_FDCWD, JOURNAL, O_CREAT | O_WRONLY, 0o644))
  sys.setxattr(init, JOURNAL, XATTR_NAME_SMACK, new TextEncoder().encode('Journal'), 0)
  return system
}

const outcomes = ({ kernel, bear }: System, steps: readonly string[]): string[] => {
  const told: string[] = []
  run(kernel, bear({ uid: 0 }), SCRIPT, steps, (line) => void told.push(line))
  return told
}

const policyOf = (text: string): Policy => {
  const policy = new Policy()
  loadRules(policy, text)
  return policy
}

export const learnOnRuby = (programs: Programs, policy: SelinuxPolicy): Learning => {
  const recording = createStack({ lsms: [capability(), smack()], permissive: ['smack'] })
  const recorder = boot(recording, programs, policy)
  recording.audit.clear()
  outcomes(recorder, ['journal'])
  const log = recording.audit.records.map((record) => JSON.stringify(toJson(record))).join('\n')
  const accesses = loggedAccesses(log)
  const { text } = learnRules(accesses, { policy: policyOf(smackRules) })
  const rules = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

  const enforcing = boot(createStack({ lsms: [capability(), smack()] }), programs, policy)
  const before = outcomes(enforcing, ['journal'])
  writeSmackFile(enforcing.kernel, 'load2', `${rules.join('\n')}\n`)
  const found = [...before, ...outcomes(enforcing, ['journal', 'shadow'])]
  return {
    recorded: accesses.map(({ subject, object, modes, path }) => `${subject} ${modes} ${object}  ${path ?? ''}`),
    rules,
    changes: [...policyChanges(policyOf(smackRules), policyOf(`${smackRules}\n${text}`))].map(({ words }) => words),
    enforced: [`${STEPS.journal}, before the rules`, STEPS.journal, STEPS.shadow].map((step, i) =>
      ({ step, outcome: found[i] ?? 'nothing' })),
  }
}
