/** Helpers that depend on where they are called: on the way there, and on the types that the program was made for. */
import type { Btf } from '../../btf/btf.ts'
import type { Helper } from '../../vm/executable.ts'
import { bind } from './bind.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'
import { stackHelpers } from './stack-helpers.ts'
import type { CallSite } from './stack-helpers.ts'
import { typeHelpers } from './type-helpers.ts'

const lines = (site: CallSite, types: Btf | null): readonly HelperLine[] => [
  ...stackHelpers(site), ...typeHelpers(types),
]

/** As called through a register, from nobody knows where. */
export const siteHelpers = lines({ frames: [], target: 0n }, null)

export const isSiteHelper = (helper: number): boolean => siteHelpers.some(([own]) => own === helper)

/** As called at one place of a program. */
export const siteHelperAt = (env: HelperEnv, helper: number, site: CallSite, types: Btf | null): Helper =>
  bind(env, lines(site, types).find(([own]) => own === helper)!)
