/**
 * `@lsmkit/core/module-abi`: the version of what core and modules agree on: hooks, object fields, what a module is
 * handed. It has numbers of its own, for core may grow without a module noticing.
 *
 * A new hook or field raises `minor`. A changed signature, order, default or meaning raises `major`. `scripts/abi.mjs`
 * compares the tables with the last release and says which of the two is due.
 */
import { DEFAULT_PROFILE } from './kernel-rules.ts'

export const major = 1
export const minor = 0
/** The kernel whose hook table it is: a stack follows it unless you name another. */
export const profile = DEFAULT_PROFILE

type UpTo<N extends number, Seen extends readonly number[] = []> =
  Seen['length'] extends N ? [...Seen, N][number] : UpTo<N, [...Seen, Seen['length']]>

/** An ABI that a module may be written for and run on this core: `'1.0'`, up to this core's own. */
export type ModuleAbi = `${typeof major}.${UpTo<typeof minor>}`

/** This core's own. */
export const moduleAbi = `${major}.${minor}` as ModuleAbi

/** How `abi` is spelt; other versions of core may know other numbers. */
export const isAbiText = (value: unknown): value is string =>
  value === moduleAbi || (typeof value === 'string' && /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.test(value))

/**
 * The first release of core that has each ABI: the floor of a module's peer range. A test compares it with the releases
 * in `module-abi.json`.
 */
export const firstCores: Readonly<Record<string, string>> = { '1.0': '0.1.0' }

/** The mismatch between a module of that ABI and a core, this one unless given: null, or which of the two is older. */
export const abiMismatch = (abi: string, core: string = moduleAbi): 'module-older' | 'core-older' | null => {
  const [theirs = 0, least = 0] = abi.split('.').map(Number)
  const [has = 0, most = 0] = core.split('.').map(Number)
  if (theirs < has) return 'module-older'
  return theirs > has || least > most ? 'core-older' : null
}
