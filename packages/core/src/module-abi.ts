/**
 * `@lsmkit/core/module-abi`: the version of what core and modules agree on: hooks, object fields, what a module is
 * handed. It has numbers of its own, for core may grow without a module noticing.
 *
 * A new hook or field raises `minor`. A changed signature, order, default or meaning raises `major`. `scripts/abi.mjs`
 * compares the tables with the last release and says which of the two is due.
 */
export const major = 1
export const minor = 0
/** The kernel whose hook table it is. */
export const profile = '6.12'

type UpTo<N extends number, Seen extends readonly number[] = []> =
  Seen['length'] extends N ? [...Seen, N][number] : UpTo<N, [...Seen, Seen['length']]>

/** An ABI that a module may be written for and run on this core: `'1.0'`, up to this core's own. */
export type ModuleAbi = `${typeof major}.${UpTo<typeof minor>}`

/** This core's own. */
export const moduleAbi = `${major}.${minor}` as ModuleAbi

/** How `abi` is spelt; other versions of core may know other numbers. */
export const isAbiText = (value: unknown): value is string =>
  typeof value === 'string' && /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.test(value)

/** The mismatch between a module of that ABI and this core: null, or which of the two is older. */
export const abiMismatch = (abi: string): 'module-older' | 'core-older' | null => {
  const [theirs = 0, least = 0] = abi.split('.').map(Number)
  if (theirs < major) return 'module-older'
  return theirs > major || least > minor ? 'core-older' : null
}
