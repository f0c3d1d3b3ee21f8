/** The hook table as a module gets it while the stack is built: it looks up each hook when a hook asks for it. */
import { ComposeError } from '../errors.ts'
import type { LsmTable } from '../generated/lsm-table.ts'
import type { OwnKeyMap } from '../hooks/own-hooks.ts'

type Table = LsmTable & OwnKeyMap

/** `table` gives null or undefined until there is one; a hook that is read before throws ComposeError `too-early`. */
export const lateTable = (lsm: string, hooks: readonly string[], table: () => Table | undefined): Table => {
  const keys = {}
  for (const hook of hooks) {
    const get = (): unknown => {
      const built = table()
      if (built !== undefined) return built[hook as keyof Table]
      throw new ComposeError('too-early', `\`${lsm}\` asks \`${hook}\` before the stack is built`, {
        place: 'lsms', hint: `read \`lsm.${hook}\` inside a hook, not where the hooks are made`,
      })
    }
    Object.defineProperty(keys, hook, { get, enumerable: true })
  }
  // as a prototype: V8 reads the getters of one without a search
  return Object.freeze(Object.create(keys)) as Table
}
