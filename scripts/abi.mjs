/**
 * Compares the module ABI with that of the last release, and prints which version and changeset a change asks for.
 * `node scripts/run.mjs source scripts/abi.mjs` checks; with `write`, when a release is made, what there is becomes the
 * last release's.
 */
import parseChangeset from '@changesets/parse'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changesBetween, faultsOf, levelOf } from './abi/compare.ts'
import { abiPage } from './abi/page.ts'
import { readTable } from './abi/read-table.ts'
import { root } from './tools.mjs'

const core = '@lsmkit/core'
const snapshotPath = join(root, 'packages/core/module-abi.json')
const pagePath = join(root, 'docs/module-abi.md')

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const readSnapshot = () => (existsSync(snapshotPath) ? readJson(snapshotPath) : { releases: [], table: null })

/** 0.0.0 before the first release, when there is nothing to compare with. */
const coreVersion = () => readJson(join(root, 'packages/core/package.json')).version

/** The most that the waiting changesets say of core. */
function announced() {
  const folder = join(root, '.changeset')
  const levels = readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => parseChangeset(readFileSync(join(folder, name), 'utf8')).releases)
    .filter(({ name }) => name === core)
    .map(({ type }) => ({ level: type }))
  return levelOf(levels)
}

function check() {
  const { releases, table } = readSnapshot()
  if (table === null) return coreVersion() === '0.0.0' ? [] : ['packages/core/module-abi.json is missing']
  const now = readTable()
  const faults = faultsOf(table, now, announced())
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : ''
  if (page !== abiPage(releases)) faults.push('docs/module-abi.md is not what the snapshot says: `write` makes it anew')
  if (faults.length === 0) {
    const count = changesBetween(table, now).length
    console.log(`module ABI ${now.abi}: ${count} changes since @lsmkit/core ${releases.at(-1).core}, all announced`)
  }
  return faults
}

function write() {
  const version = coreVersion()
  const table = readTable()
  const before = readSnapshot().releases.filter((one) => one.core !== version)
  const releases = [...before, { core: version, abi: table.abi }]
  writeFileSync(snapshotPath, `${JSON.stringify({ releases, table }, null, 1)}\n`)
  writeFileSync(pagePath, abiPage(releases))
  return []
}

const faults = process.argv[2] === 'write' ? write() : check()
for (const fault of faults) console.log(fault)
process.exitCode = faults.length === 0 ? 0 : 1
