/** Profiles that are loaded, as the file `profiles` and as names. */
import { profileLines } from '@lsmkit/apparmor/query'
import type { Namespace } from '@lsmkit/apparmor/query'

const linesOf = (root: Namespace): readonly string[] => profileLines(root).split('\n')

/** Whole names of all profiles, without namespaces, and of all namespaces with colons: `:ns:`. */
export const namesBelow = (root: Namespace): ReadonlySet<string> => new Set(linesOf(root).flatMap((line) => {
  const namespace = /^:[^:]+:/.exec(line)?.[0]
  const name = line.replace(/ \(\w+\)$/, '').slice(namespace?.length ?? 0)
  return namespace === undefined ? [name] : [name, namespace]
}))
