/**
 * Publishes everything to a registry on 127.0.0.1, then uses it outside of the clone as strangers do. `--quick` leaves
 * out what takes long; words choose checks by their names. Ends with the line `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bootstrap } from './bootstrap.mjs'
import { bundleChecks } from './publish/checks/bundle.mjs'
import { createChecks } from './publish/checks/create.mjs'
import { installChecks } from './publish/checks/install.mjs'
import { readmeChecks } from './publish/checks/readmes.mjs'
import { upgradeChecks } from './publish/checks/upgrade.mjs'
import { walkChecks } from './publish/checks/walk.mjs'
import { startRegistry } from './publish/registry.mjs'
import { CheckEnvironment } from './publish/environment.mjs'

const all = [...walkChecks, ...installChecks, ...bundleChecks, ...readmeChecks, ...createChecks, ...upgradeChecks]

function wrongUsage(message) {
  console.error(`${message}\nusage: node scripts/publish-check.mjs [--quick] [WORD…]\n`)
  console.error(all.map(({ name, quick }) => `  ${quick ? 'quick' : '     '}  ${name}`).join('\n'))
  process.exit(2)
}

function choose() {
  try {
    const options = { quick: { type: 'boolean', default: false } }
    const { values, positionals: words } = parseArgs({ allowPositionals: true, options })
    const isChosen = ({ name, quick }) => (quick || !values.quick) && words.every((word) => name.includes(word))
    return { isQuick: values.quick, checks: all.filter(isChosen) }
  } catch (error) {
    return wrongUsage(error.message)
  }
}

const { isQuick, checks } = choose()
if (checks.length === 0) wrongUsage('no check has these words in its name')

const count = { passed: 0, failed: 0 }

/** Long output says most at its ends, and bundles have long lines. */
function shortened(text) {
  const lines = text.split('\n').map((line) => (line.length > 500 ? `${line.slice(0, 500)} …` : line))
  return lines.length <= 80 ? lines.join('\n') : [...lines.slice(0, 40), '…', ...lines.slice(-40)].join('\n')
}

async function check(name, run) {
  const from = Date.now()
  const told = (verdict) => console.log(`${verdict} ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`)
  try {
    const said = await run()
    count.passed++
    told('ok    ')
    if (said !== undefined) console.log(`       ${said}`)
    return true
  } catch (error) {
    count.failed++
    told('FAILED')
    console.log(shortened(error.message))
    return false
  }
}

async function checkAll(scratch) {
  const registry = await startRegistry(join(scratch, 'registry'))
  try {
    const environment = await CheckEnvironment.open(scratch, registry, isQuick)
    console.log(`Node ${environment.nodes.map(({ version }) => version).join(', ')}`)
    if (!(await check('versions are raised and all packages are published', () => environment.release()))) return
    for (const { name, each, run } of checks) {
      if (each !== 'node') await check(name, () => run(environment))
      else for (const node of environment.nodes) await check(`${name}, Node ${node.major}`,
        () => run(environment, node))
    }
  } finally {
    await registry.stop()
  }
}

await bootstrap('packages')
const scratch = mkdtempSync(join(tmpdir(), 'lsmkit-publish-'))
const tidy = () => rmSync(scratch, { recursive: true, force: true })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130))
process.on('exit', tidy)
await checkAll(scratch)
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1
