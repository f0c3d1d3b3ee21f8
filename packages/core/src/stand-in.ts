/** Until dispatch/ is there: the two generic rules, nothing else. */
import { hookDefs, hookNames } from './hooks/hook-defs.ts'
import type { KeyMap } from './hooks/hook-defs.ts'
import type { DispatchOptions } from './dispatch/strategy.ts'

export const standIn = ({ members, cold }: DispatchOptions): KeyMap => {
  const table: Record<string, object> = {}
  for (const name of hookNames) {
    const def = hookDefs[name]
    const list = members[name] ?? []
    table[name] = def.ret === 'void'
      ? { tell: (...args: unknown[]) => list.forEach((m) => m.fn(...args)) }
      : {
          ask: (...args: unknown[]) => {
            for (const m of list) {
              const rc = m.fn(...args)
              if (rc === def.default) continue
              cold.onSettle(name, m.lsm, rc, args)
              return rc
            }
            return def.default
          },
        }
  }
  return table as KeyMap
}
