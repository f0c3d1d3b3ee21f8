/**
 * A draft of policy on a kernel of its own, beside one with the policy that is loaded: the same lines run on both, and
 * their refusals are compared. The reader's programs run on a third.
 */
import { objectText, DecisionEncoder } from '../decisions/encoder.ts'
import type { CallTrace } from '../decisions/encoder.ts'
import { runLine } from './compare.ts'
import { subjects } from './guest.ts'
import { bootMachine } from './machine.ts'
import type { Machine } from './machine.ts'
import { checkPolicy, loadedPolicy, loadPolicy } from './policy-texts.ts'
import { policyModules } from './protocol.ts'
import type { PolicyFault, PolicyModule, PolicyText, Refusal, TriedLine, UserId } from './protocol.ts'

interface Side {
  readonly machine: Machine
  readonly encoder: DecisionEncoder
}

export interface PolicyTrial {
  readonly before: Side
  readonly after: Side
}

type Tools = Readonly<Record<string, Uint8Array>>

/** A machine like the one that runs, with the policies that are loaded there. */
const twinOf = async (machine: Machine, tools: Tools): Promise<Side> => {
  const encoder = new DecisionEncoder()
  const twin = await bootMachine(machine.spec, { encoder, tools, trace: () => {} })
  for (const module of policyModules) {
    if (machine.stack.names.includes(module)) await loadPolicy(twin, module, await loadedPolicy(machine, module))
  }
  return { machine: twin, encoder }
}

export const beginTrial = async (
  machine: Machine,
  module: PolicyModule,
  texts: readonly PolicyText[],
  tools: Tools,
): Promise<PolicyTrial | { readonly fault: PolicyFault }> => {
  const fault = await checkPolicy(module, texts)
  if (fault !== null) return { fault }
  const [before, after] = [await twinOf(machine, tools), await twinOf(machine, tools)]
  await loadPolicy(after.machine, module, texts)
  return { before, after }
}

/** A call is the same on both kernels whatever its process is called by number. */
const callOf = ({ text }: CallTrace): string => text.replace(/^\[pid \d+\] /, '').replace(/ = .*$/, '')

const refusalsOf = (calls: readonly CallTrace[]): Refusal[] =>
  calls.flatMap((call) => call.records.flatMap((record) => {
    if (record.kind !== 'denial' && record.kind !== 'fault') return []
    const { lsm, hook, object } = record
    return [{ lsm, hook, object: object === null ? '' : objectText(object), call: callOf(call) }]
  }))

const keyOf = ({ lsm, hook, object, call }: Refusal): string => JSON.stringify([lsm, hook, object, call])

/** Each once, those of `all` that are not among `known`. */
const beyond = (all: readonly Refusal[], known: readonly Refusal[]): readonly Refusal[] => {
  const keys = new Set(known.map(keyOf))
  return [...new Map(all.map((one) => [keyOf(one), one])).values()].filter((one) => !keys.has(keyOf(one)))
}

export const tryLine = async ({ before, after }: PolicyTrial, line: string, user: UserId): Promise<TriedLine> => {
  const run = ({ machine, encoder }: Side) => runLine(machine, encoder, subjects[user], line)
  const [one, other] = [await run(before), await run(after)]
  const [refused, now] = [refusalsOf(one.calls), refusalsOf(other.calls)]
  const outcome = ({ ok, said }: { readonly ok: boolean; readonly said: string }): string =>
    ok ? 'ok' : said === '' ? 'fails' : said
  return {
    line,
    before: outcome(one),
    after: outcome(other),
    newlyRefused: beyond(now, refused),
    newlyAllowed: beyond(refused, now),
  }
}
