/**
 * Symbols made of others are worked out after them: a depth-first walk with a stack of its own, because chains have no
 * limit.
 */

export interface Made<Symbol> {
  isDone(symbol: Symbol): boolean
  /** The symbols that have to be worked out before. */
  parts(symbol: Symbol): readonly Symbol[]
  /** All of its parts are done. */
  finish(symbol: Symbol): void
  /** It is made of itself. */
  circle(symbol: Symbol): never
}

/** Finishes `root` and all that it is made of, each once. */
export const finishInOrder = <Symbol>(root: Symbol, made: Made<Symbol>): void => {
  if (made.isDone(root)) return
  const path = new Set([root])
  const stack = [{ symbol: root, parts: made.parts(root), at: 0 }]
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const part = top.parts[top.at++]
    if (part === undefined) {
      made.finish(top.symbol)
      path.delete(top.symbol)
      stack.pop()
    } else if (path.has(part)) made.circle(part)
    else if (!made.isDone(part)) {
      path.add(part)
      stack.push({ symbol: part, parts: made.parts(part), at: 0 })
    }
  }
}
