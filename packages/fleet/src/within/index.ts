/**
 * `policyIsWithin`: a proof that one set of policies allows nothing that another one does not. Things without a proof
 * are listed, and count as a refusal.
 */
import { checkOptions, listOf, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { FleetError } from '../fleet-error.ts'
import { policyKinds } from '../bundle/part-kinds.ts'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { badPolicy, assumptions } from '../policy/kind.ts'
import type { Assumption, CompiledPolicy, Excess, PartFiles, PolicyKind, Proof } from '../policy/kind.ts'
import { kindNamed } from '../policy/kinds.ts'
import type { Compiled } from '../policy/compiled-bundle.ts'

export interface WithinOptions {
  /** Facts about the hosts that you know, and that the proof may take as given. */
  readonly assume?: readonly Assumption[]
}

/** `within` is proved; `wider` is disproved, with examples; `unproved` is neither. */
export interface WithinResult extends Proof {
  readonly verdict: 'within' | 'wider' | 'unproved'
}

const rules: OptionRules<WithinOptions> = { assume: listOf(oneOf(...assumptions)) }

const resultOf = ({ wider, unproved }: Proof): WithinResult => ({
  verdict: wider.length > 0 ? 'wider' : unproved.length > 0 ? 'unproved' : 'within', wider, unproved,
})

const proofOfKind = async (
  name: PolicyKindName, policy: CompiledPolicy | undefined, max: CompiledPolicy | undefined,
  assume: ReadonlySet<Assumption>,
): Promise<Proof> => {
  // a kind more restricts more
  if (max === undefined) return { wider: [], unproved: [] }
  const missing: Excess = { kind: name, place: name, text: 'without a policy of this kind nothing is restricted' }
  if (policy === undefined) return { wider: [missing], unproved: [] }
  const kind = await kindNamed(name) as unknown as PolicyKind<CompiledPolicy>
  try {
    return kind.within(policy, max, assume)
  } catch (error) {
    throw badPolicy(error, name)
  }
}

/** Of policies that are compiled. Rejects with OptionError, and with FleetError `bad-policy`. */
export const compiledWithin = async (
  policy: Compiled, max: Compiled, options: WithinOptions = {},
): Promise<WithinResult> => {
  checkOptions(options, rules, 'within')
  const assume = new Set(options.assume ?? [])
  const proofs: Proof[] = []
  for (const name of policyKinds) proofs.push(await proofOfKind(name, policy[name], max[name], assume))
  return resultOf({
    wider: proofs.flatMap(({ wider }) => wider), unproved: proofs.flatMap(({ unproved }) => unproved),
  })
}

/** Files of one policy: by the paths that they would have in a bundle, or as one text. */
export type PolicySource = PartFiles | Readonly<Record<string, Uint8Array>>

const filesOf = (source: PolicySource): PartFiles =>
  (source instanceof Map ? source : new Map(Object.entries(source)))

/**
 * Is a policy of one kind within another one? Files are named as in a bundle: `{ 'smack/rules': bytes }`. Rejects with
 * OptionError, and with FleetError `bad-policy` for files that cannot be read.
 */
export const policyIsWithin = async (
  kind: PolicyKindName, policy: PolicySource, max: PolicySource, options: WithinOptions = {},
): Promise<WithinResult> => {
  checkOptions({ kind }, { kind: oneOf(...policyKinds) }, 'policyIsWithin')
  const { compile } = await kindNamed(kind)
  return compiledWithin({ [kind]: compile(filesOf(policy)) }, { [kind]: compile(filesOf(max)) }, options)
}

/** Throws FleetError `wider` or `not-proved` with each thing. */
export const requireWithin = ({ verdict, wider, unproved }: WithinResult, place: string): void => {
  if (verdict === 'within') return
  const lines = [...wider, ...unproved].map(({ kind, place: where, text }) => `${kind}: ${where}: ${text}`)
  const first = verdict === 'wider' ? 'the policy allows more than its maximum' : 'this cannot be proved to be within'
  throw new FleetError(verdict === 'wider' ? 'wider' : 'not-proved', [first, ...lines], { place })
}
