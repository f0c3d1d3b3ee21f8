/** Pages of an arena. Their addresses are the same for programs and for user space: those of this memory. */
import { ArenaMap } from '../../maps/arena-map.ts'
import { mapAt } from '../../helpers/run/helper-env.ts'
import type { KfuncEnv, KfuncLine } from './kfunc-env.ts'

/** At `wanted` when it is not 0; 0 when there is no room or the place is taken. */
const allocPages = (
  env: KfuncEnv, at = 0, wanted = 0, _wantedHigh = 0, count = 0, _node = 0, flags = 0, high = 0,
): number => {
  const arena = mapAt(env, at)
  if (!(arena instanceof ArenaMap) || flags !== 0 || high !== 0) return 0
  const offset = wanted === 0 ? -1 : (wanted >>> 0) - arena.base
  if (wanted !== 0 && offset < 0) return 0
  const page = arena.allocPages(count >>> 0, offset)
  return page < 0 ? 0 : arena.base + page
}

const freePages = (env: KfuncEnv, at = 0, from = 0, _high = 0, count = 0): number => {
  const arena = mapAt(env, at)
  if (arena instanceof ArenaMap && from !== 0) arena.freePages((from >>> 0) - arena.base, count >>> 0)
  return 0
}

export const arenaKfuncs: readonly KfuncLine[] = [
  ['bpf_arena_alloc_pages', 'iliil', 'u', allocPages],
  ['bpf_arena_free_pages', 'ili', 'v', freePages],
]
