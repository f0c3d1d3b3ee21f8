/** The same rules in engines of ours: Smack's, as hooks use it, and SELinux's security server. */
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { AvDecision, SecurityServer } from '@lsmkit/selinux/server'
import { access, isDenied, loadRules, parseModes, Policy, RuleList } from '@lsmkit/smack/engine'
import type { Decide } from './ways.ts'
import { fileOf } from './world.ts'
import type { Rule } from './world.ts'

/** The engine as hooks use it: labels are numbers by then. */
const smack = (policy: Policy): Decide => (rules, questions) => {
  loadRules(policy, fileOf(rules))
  const numbers = (texts: string[]): Int32Array => Int32Array.from(texts, (text) => policy.labels.find(text))
  const subjects = numbers(questions.map(({ subject }) => subject))
  const objects = numbers(questions.map(({ object }) => object))
  const modes = Int32Array.from(questions, ({ mode }) => parseModes(mode))
  return (i) => !isDenied(access(policy, subjects[i]!, objects[i]!, modes[i]!))
}

export const table = smack(new Policy())
export const list = smack(new Policy({ rules: (limit) => new RuleList(limit) }))

const typeOf = (label: string): string => `${label.replace('::', '_')}_t`
const contextOf = (label: string): string => `u:r:${typeOf(label)}`

/** One class whose permissions are the modes, a type a label, a rule a rule. */
const cilOf = (rules: readonly Rule[]): string => {
  const types = new Set(rules.flatMap(({ subject, object }) => [typeOf(subject), typeOf(object)]))
  return [
    '(mls false) (class thing (r w x a t l)) (classorder (thing)) (role r) (user u) (userrole u r)',
    '(sensitivity s0) (sensitivityorder (s0)) (userlevel u (s0)) (userrange u ((s0) (s0)))',
    ...[...types].map((type) => `(type ${type}) (roletype r ${type})`),
    `(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r ${[...types][0]} ((s0) (s0))))`,
    ...rules.map(({ subject, object, modes }) =>
      `(allow ${typeOf(subject)} ${typeOf(object)} (thing (${[...modes].join(' ')})))`),
  ].join('\n')
}

/** Every question computed from the policy's rules, nothing remembered. */
export const selinux: Decide = (rules, questions) => {
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(writePolicy(compileCil([{ name: 'bench.cil', text: cilOf(rules) }]).policy))
  const [thing] = server.policyClasses()
  const bits = new Map([...'rwxatl'].map((mode, i) => [mode, 1 << i]))
  const out = new AvDecision()
  const sids = (labels: string[]): Int32Array =>
    Int32Array.from(labels, (label) => server.contextToSid(contextOf(label)))
  const sources = sids(questions.map(({ subject }) => subject))
  const targets = sids(questions.map(({ object }) => object))
  const asked = Int32Array.from(questions, ({ mode }) => bits.get(mode)!)
  return (i) => {
    server.computeAvUser(sources[i]!, targets[i]!, thing!.value, out)
    return (out.allowed & asked[i]!) !== 0
  }
}
