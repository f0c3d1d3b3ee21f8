/** How many values the functions, blocks and exceptions of a module take and leave. */
import { readEntries } from './declared.ts'
import { functionTypes } from './function-types.ts'
import { readImports } from './imports.ts'
import { FUNCTION, TAG } from './sections.ts'
import type { Section } from './sections.ts'

export interface Shapes {
  readonly types: readonly { readonly params: number; readonly results: number }[]
  /** Indices of the types of all functions, and of those with a body. */
  readonly functions: readonly number[]
  readonly own: readonly number[]
  /** Values that an exception carries, by tag. */
  readonly tags: readonly number[]
  /** The most values that an instruction can leave. */
  readonly most: number
}

export const shapesOf = (sections: readonly Section[]): Shapes => {
  const types = functionTypes(sections)
  const imported = readImports(sections)
  const own = readEntries(sections, FUNCTION, (c) => c.u32())
  const most = types.reduce((sum, { params, results }) => Math.max(sum, params, results), 1)
  const tags = readEntries(sections, TAG, (c) => {
    c.skip(1)
    return c.u32()
  })
  return {
    types,
    functions: [...imported.functions, ...own],
    own,
    tags: [...imported.tags, ...tags].map((type) => types[type]?.params ?? 0),
    most,
  }
}
