/** Runs the `*.test.js` below a folder by that package's mocha; its last line has the results as JSON. */
import { createRequire } from 'node:module'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
const Mocha = createRequire(join(folder, 'index.js'))('mocha')
const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: function nothing() {} })
for (const name of readdirSync(folder, { recursive: true }).map(String).toSorted()) {
  if (name.endsWith('.test.js')) mocha.addFile(join(folder, name))
}
const [passed, failed] = [[], []]
const runner = mocha.run(() => {
  process.stdout.write(`${JSON.stringify({ passed, failed })}\n`, () => process.exit(0))
})
// a title that comes twice is counted apart
const seen = new Map()
const titleOf = (test) => {
  const title = test.fullTitle()
  const times = (seen.get(title) ?? 0) + 1
  seen.set(title, times)
  return times === 1 ? title : `${title} #${times}`
}
runner.on('pass', (test) => passed.push(titleOf(test)))
runner.on('fail', (test, error) => failed.push([titleOf(test), String(error.message).split('\n')[0]]))
