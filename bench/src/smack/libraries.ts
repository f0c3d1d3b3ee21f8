/** The same rules in libraries that decide: CASL, casbin and Cedar, each set up as its documentation says. */
import { createMongoAbility, subject as typed } from '@casl/ability'
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { newEnforcer, newModelFromString } from 'casbin'
import type { Decide } from './ways.ts'

/** One ability for all: the object's label is what CASL calls a subject, who asks is a condition. */
export const casl: Decide = (rules, questions) => {
  const ability = createMongoAbility(
    rules.map(({ subject, object, modes }) => ({ action: [...modes], subject: object, conditions: { from: subject } })),
  )
  return (i) => {
    const { subject, object, mode } = questions[i]!
    return ability.can(mode, typed(object, { from: subject }))
  }
}

/** An ability for each label that asks: the most CASL is made for. */
export const caslBySubject: Decide = (rules, questions) => {
  const own = new Map<string, { action: string[]; subject: string }[]>()
  for (const { subject, object, modes } of rules) {
    const list = own.get(subject) ?? []
    own.set(subject, list)
    list.push({ action: [...modes], subject: object })
  }
  const abilities = new Map([...own].map(([subject, list]) => [subject, createMongoAbility(list)]))
  return (i) => {
    const { subject, object, mode } = questions[i]!
    return abilities.get(subject)?.can(mode, object) === true
  }
}

/** casbin's model of an access control list: a line a rule and mode. */
const ACL = `[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act`

export const casbin: Decide = async (rules, questions) => {
  const enforcer = await newEnforcer(newModelFromString(ACL))
  await enforcer.addPolicies(rules.flatMap(({ subject, object, modes }) => [...modes].map((m) => [subject, object, m])))
  return (i) => {
    const { subject, object, mode } = questions[i]!
    return enforcer.enforceSync(subject, object, mode)
  }
}

/** A policy a rule, parsed once; each question goes through Cedar's WebAssembly. */
export const cedar: Decide = (rules, questions) => {
  const staticPolicies = Object.fromEntries(rules.map(({ subject, object, modes }, i) => {
    const actions = [...modes].map((m) => `Action::"${m}"`).join(', ')
    return [`p${i}`, `permit(principal == App::"${subject}", action in [${actions}], resource == Data::"${object}");`]
  }))
  const parsed = preparsePolicySet('bench', { staticPolicies })
  if (parsed.type !== 'success') throw new Error(JSON.stringify(parsed))
  const uid = (type: string, id: string) => ({ __entity: { type, id } })
  return (i) => {
    const { subject, object, mode } = questions[i]!
    const answer = statefulIsAuthorized({
      principal: uid('App', subject), action: uid('Action', mode), resource: uid('Data', object), context: {},
      entities: [], preparsedPolicySetId: 'bench',
    })
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer))
    return answer.response.decision === 'allow'
  }
}
