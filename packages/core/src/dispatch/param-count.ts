/** How many arguments a hook takes, counted in its C prototype. */
import type { AnyHookDef } from '../hooks/hook-types.ts'

export const paramCount = (def: AnyHookDef): number => (def.params === '' ? 0 : def.params.split(',').length)
