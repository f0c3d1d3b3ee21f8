/** Imports of every kind of value, from the embedder. */
import { Counter, divide, first, passColor, passRights, passShape, total } from 'lsmkit:test/kinds@1.0.0'

const failure = (call) => {
  try {
    return String(call())
  } catch (error) {
    return `failed: ${error.payload ?? error}`
  }
}

export const go = () => {
  const counter = new Counter(5)
  return [
    String(counter.increment(2)), JSON.stringify(passShape({ tag: 'named', val: { x: 1, label: 'é' } })),
    JSON.stringify(passRights({ read: true, writeAll: true })), passColor('dark-blue'), String(divide(7n, 2n)),
    failure(() => divide(1n, 0n)), String(first(['a', 'b'])), String(first([])), String(Counter.make().increment(1)),
    String(total([counter, Counter.make()])),
  ]
}
