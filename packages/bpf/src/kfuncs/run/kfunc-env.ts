/** The environment of kfuncs beside that of helpers: the types of the program's own object, and its allocations. */
import type { Btf } from '../../btf/btf.ts'
import type { HelperEnv, HelperLine } from '../../helpers/run/helper-env.ts'

export interface KfuncEnv extends HelperEnv {
  readonly types: Btf | null
  readonly kernelTypes: Btf | null
  /** Sizes of allocated objects, and the graph nodes that are linked somewhere. */
  readonly objects: Map<number, { size: number; references: number }>
  readonly lists: Map<number, number[]>
  /** Iterators over kernel objects, by a number that counts up. */
  readonly walks: Map<number, { readonly objects: readonly number[]; next: number }>
  readonly lastWalk: { number: number }
}

/** Letters of arguments and result as in `Helper`. */
export type KfuncLine = readonly [
  name: string,
  args: string,
  result: HelperLine[2],
  call: (env: KfuncEnv, ...words: number[]) => number,
  callsBack?: true,
]
