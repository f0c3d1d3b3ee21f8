/** As much of vitest as the tests of preview2-shim use: they run one after the other, and their results are kept. */
import nodeAssert from 'node:assert'

const root = { name: '', tests: [], suites: [], before: [], after: [], parent: null }
let current = root
const waiting = []

/** `(name, options, call)` or `(name, call, options)`. */
const split = (args) => args.find((one) => typeof one === 'function')

export const suite = (name, ...args) => {
  const own = { name, tests: [], suites: [], before: [], after: [], parent: current }
  current.suites.push(own)
  const around = current
  current = own
  const made = split(args)?.()
  current = around
  if (made instanceof Promise) waiting.push(made)
}
export const describe = suite
export const test = (name, ...args) => void current.tests.push({ name, run: split(args) })
export const it = test
test.skip = () => {}
suite.skip = () => {}
test.skipIf = (isSkipped) => (isSkipped ? test.skip : test)
export const beforeEach = (call) => void current.before.push(call)
export const afterEach = (call) => void current.after.push(call)
export const assert = nodeAssert

const nameOf = (of, name) => (of === null || of.name === '' ? name : nameOf(of.parent, `${of.name} > ${name}`))
const around = (of, key) => (of === null ? [] : [...around(of.parent, key), ...of[key]])

/** Runs all that was declared; `tell` is called with each name and its error, or null. */
export const runAll = async (tell, of = root) => {
  await Promise.all(waiting.splice(0))
  for (const { name, run } of of.tests) {
    let error = null
    try {
      for (const call of around(of, 'before')) await call()
      await run()
      for (const call of around(of, 'after')) await call()
    } catch (thrown) {
      error = thrown ?? new Error('it has thrown nothing')
    }
    tell(nameOf(of, name), error)
  }
  for (const one of of.suites) await runAll(tell, one)
}
