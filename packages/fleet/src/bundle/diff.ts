/** The difference of two bundles in words, by the comparison of each kind of policy. */
import type { PolicyChange } from '@lsmkit/core'
import type { CompiledPolicy, PolicyKind } from '../policy/kind.ts'
import { compileBundle } from '../policy/compiled-bundle.ts'
import { kindNamed } from '../policy/kinds.ts'
import type { Bundle } from './container.ts'
import { policyKinds } from './part-kinds.ts'
import type { PolicyKindName } from './part-kinds.ts'

export interface BundleChange extends PolicyChange {
  /** `bundle` is about the manifest, and about scenarios and questions. */
  readonly kind: PolicyKindName | 'bundle'
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const manifestChanges = ({ manifest: before }: Bundle, { manifest: after }: Bundle): BundleChange[] => {
  const fields = [
    'name', 'version', 'epoch', 'tenant', 'notBefore', 'expires', 'least', 'needs', 'back', 'keys',
  ] as const
  return fields.filter((field) => valueText(before[field]) !== valueText(after[field])).map((field) => ({
    kind: 'bundle', effect: 'other', subject: field, because: [],
    words: `${valueText(before[field])} became ${valueText(after[field])}`,
  }))
}

const checkChanges = (before: Bundle, after: Bundle): BundleChange[] => {
  const digests = ({ manifest }: Bundle): Map<string, string> => new Map(manifest.parts
    .filter(({ kind }) => kind === 'scenario' || kind === 'question').map(({ path, sha256 }) => [path, sha256]))
  const [was, is] = [digests(before), digests(after)]
  const change = (subject: string, words: string): BundleChange =>
    ({ kind: 'bundle', effect: 'other', subject, words, because: [] })
  return [
    ...[...is].filter(([path]) => !was.has(path)).map(([path]) => change(path, 'is new')),
    ...[...is].filter(([path, digest]) => was.has(path) && was.get(path) !== digest)
      .map(([path]) => change(path, 'is another one')),
    ...[...was.keys()].filter((path) => !is.has(path)).map((path) => change(path, 'is gone')),
  ]
}

/** Throws FleetError `bad-policy`. */
export const bundleChanges = async (before: Bundle, after: Bundle): Promise<readonly BundleChange[]> => {
  const [was, is] = [await compileBundle(before), await compileBundle(after)]
  const found: BundleChange[] = [...manifestChanges(before, after)]
  for (const name of policyKinds) {
    const [old, now] = [was[name], is[name]]
    if (old === undefined && now === undefined) continue
    if (old === undefined || now === undefined) {
      const words = old === undefined ? 'a policy of this kind is new' : 'there is no policy of this kind any more'
      found.push({ kind: name, effect: old === undefined ? 'less' : 'more', subject: name, words, because: [] })
      continue
    }
    const kind = await kindNamed(name) as unknown as PolicyKind<CompiledPolicy>
    found.push(...[...kind.changes(old, now)].map((change) => ({ ...change, kind: name })))
  }
  return [...found, ...checkChanges(before, after)]
}
