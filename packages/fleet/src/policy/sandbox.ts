/** Policies of boxes. */
import { anything, aString, checkOptions, oneOf, required } from '@lsmkit/core/option-rules'
import { policyAnswers } from '@lsmkit/emit'
import { checkPolicy, policyChanges, policyWithin } from '@lsmkit/sandbox/policy-parts'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import type { Answer, CompiledPolicy, Excess, PartFiles, PolicyKind, Proof } from './kind.ts'
import { frozen, jsonOf, reading } from './kind.ts'

const FILE = 'sandbox.json'

export interface CompiledSandbox extends CompiledPolicy {
  readonly kind: 'sandbox'
  readonly policy: Policy
}

type Asked = Parameters<ReturnType<typeof policyAnswers>['may']>[0]

const forms = {
  path: ['right', 'path'], connect: ['port'], listen: ['port'], host: ['host', 'port'], unix: ['path'],
  socket: ['family', 'type', 'protocol'], call: ['name'],
} as const

/** As the questions of `@lsmkit/emit`; the place on the host is the path of the box unless it is said. */
const questionOf = (ask: unknown, place: string): Asked => {
  const { kind, ...fields } = ask as Record<string, unknown>
  checkOptions({ kind }, { kind: required(oneOf(...Object.keys(forms))) }, place)
  const rules = Object.fromEntries(forms[kind as keyof typeof forms].map((name) =>
    [name, required(['path', 'right', 'host', 'name'].includes(name) ? aString : anything)]))
  checkOptions(fields, rules, place)
  return { kind, ...fields, ...(kind === 'path' || kind === 'unix' ? { host: fields['path'] } : {}) } as Asked
}

const compile = (files: PartFiles): CompiledSandbox => {
  const [[name = FILE, bytes = new Uint8Array()] = []] = files
  const given = jsonOf(bytes, name)
  const policy = frozen(reading(name, () => checkPolicy(given, name)))
  let answers: ReturnType<typeof policyAnswers> | null = null
  return {
    kind: 'sandbox', policy,
    answer: (ask, place): Answer => reading(place, () => {
      answers ??= policyAnswers(policy)
      return { allowed: answers.may(questionOf(ask, place)), why: null }
    }),
  }
}

interface Wider {
  readonly places: readonly { readonly path: string, readonly reason: string }[]
}

const within = ({ policy }: CompiledSandbox, max: CompiledSandbox): Proof => {
  try {
    policyWithin(policy, max.policy)
    return { wider: [], unproved: [] }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'wider') throw error
    const { places } = error as Wider
    const wider = places.map(({ path, reason }): Excess => ({ kind: 'sandbox', place: path, text: reason }))
    return { wider, unproved: [] }
  }
}

export const sandboxKind: PolicyKind<CompiledSandbox> = {
  compile, within, changes: (before, after) => policyChanges(before.policy, after.policy),
}
