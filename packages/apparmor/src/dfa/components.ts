/** The strongly connected components of an automaton: states that reach each other. */
import type { Automaton } from './automaton.ts'

/** In an order that has every component behind those that it leads to (Tarjan's algorithm, without recursion). */
export const components = (automaton: Automaton): number[][] => {
  const { size, rows, rowTargets, defaults } = automaton
  const index = new Int32Array(size).fill(-1)
  const low = new Int32Array(size)
  const onStack = new Uint8Array(size)
  const stack: number[] = []
  const found: number[][] = []
  // The walk: states, and how many of their targets were visited (the default is the last).
  const walk: number[] = []
  const progress = new Int32Array(size)
  let next = 0
  const enter = (state: number): void => {
    index[state] = low[state] = next++
    stack.push(state)
    onStack[state] = 1
    walk.push(state)
  }
  const leave = (state: number): void => {
    walk.pop()
    const above = walk.at(-1)
    if (above !== undefined) low[above] = Math.min(low[above]!, low[state]!)
    if (low[state] !== index[state]) return
    const at = stack.lastIndexOf(state)
    const component = stack.splice(at)
    for (const one of component) onStack[one] = 0
    found.push(component)
  }
  for (let root = 0; root < size; root++) {
    if (index[root] !== -1) continue
    enter(root)
    while (walk.length > 0) {
      const state = walk.at(-1)!
      const count = rows[state + 1]! - rows[state]!
      const done = progress[state]!++
      if (done > count) {
        leave(state)
        continue
      }
      const target = done === count ? defaults[state]! : rowTargets[rows[state]! + done]!
      if (index[target] === -1) enter(target)
      else if (onStack[target] === 1) low[state] = Math.min(low[state]!, index[target]!)
    }
  }
  return found
}
