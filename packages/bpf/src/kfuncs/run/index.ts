/** The kfuncs that run here, by name. */
import type { Helper } from '../../vm/executable.ts'
import { bind } from '../../helpers/run/bind.ts'
import type { HelperEnv } from '../../helpers/run/index.ts'
import type { Btf } from '../../btf/btf.ts'
import { arenaKfuncs } from './arena-kfuncs.ts'
import { cpumaskKfuncs } from './cpumask-kfuncs.ts'
import { dynptrKfuncs } from './dynptr-kfuncs.ts'
import { groupKfuncs } from './group-kfuncs.ts'
import { iterKfuncs } from './iter-kfuncs.ts'
import { kernelKfuncs } from './kernel-kfuncs.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'
import { listIterators } from './list-iterators.ts'
import { objectKfuncs } from './object-kfuncs.ts'
import { wqKfuncs } from './wq-kfuncs.ts'

const lines: readonly KfuncLine[] = [
  ...kernelKfuncs, ...objectKfuncs, ...iterKfuncs, ...dynptrKfuncs,
  ...arenaKfuncs, ...wqKfuncs, ...groupKfuncs, ...listIterators, ...cpumaskKfuncs,
]

/** Bound to a machine, to the types of one object file, and to those of the kernel that it was relocated to. */
export const kfuncsOf = (env: HelperEnv, types: Btf | null, kernelTypes: Btf | null): ReadonlyMap<string, Helper> => {
  const own: KfuncEnv = {
    ...env, types, kernelTypes, objects: new Map(), lists: new Map(), walks: new Map(), lastWalk: { number: 0 },
  }
  return new Map(lines.map(([name, args, result, call, callsBack]) => {
    const bound = (_env: HelperEnv, ...words: number[]): number => call(own, ...words)
    return [name, bind(env, callsBack ? [0, args, result, bound, true] : [0, args, result, bound], name)]
  }))
}
