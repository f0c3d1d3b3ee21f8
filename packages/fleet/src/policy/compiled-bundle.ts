/** The policies of a bundle, compiled: of each kind one. */
import { policyKinds } from '../bundle/part-kinds.ts'
import type { PartKind, PolicyKindName } from '../bundle/part-kinds.ts'
import type { Bundle } from '../bundle/container.ts'
import type { PartFiles } from './kind.ts'
import { kindNamed } from './kinds.ts'
import type { CompiledKinds } from './kinds.ts'

export type Compiled = { readonly [K in PolicyKindName]?: CompiledKinds[K] }

export const filesOfKind = ({ manifest, parts }: Bundle, kind: PartKind): PartFiles =>
  new Map(manifest.parts.filter((part) => part.kind === kind).map(({ path }) => [path, parts.get(path)!]))

/** Throws FleetError `bad-policy`. */
export const compileBundle = async (bundle: Bundle): Promise<Compiled> => {
  const compiled: Record<string, unknown> = {}
  for (const name of policyKinds) {
    const files = filesOfKind(bundle, name)
    if (files.size > 0) compiled[name] = (await kindNamed(name)).compile(files)
  }
  return compiled as Compiled
}
