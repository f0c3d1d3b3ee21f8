/** Exports of every kind of value, and one function of the embedder's. */
import { write } from 'lsmkit:test/log@1.0.0'

class Counter {
  constructor(start) {
    this.value = start
  }

  increment(by) {
    this.value += by
    return this.value
  }

  static make() {
    return new Counter(100)
  }
}

const same = (value) => value

export const kinds = {
  Counter, passShape: same, passRights: same, passColor: same, first: (items) => items[0],
  divide(a, b) {
    if (b === 0n) throw 'division by zero' // eslint-disable-line no-throw-literal -- an error of WIT is its payload
    return a / b
  },
  total: (counters) => counters.reduce((sum, one) => sum + BigInt(one.value), 0n),
}

export const greet = (name) => {
  write('warn', `greeting ${name}`)
  return `hello ${name}`
}
