#!/usr/bin/env node
/**
 * Which feature runs where: docs/hosts.md.
 *
 *   node scripts/run.mjs exec node scripts/hosts/main.mjs --check
 *   node scripts/run.mjs exec node scripts/hosts/main.mjs TOOLS [--only HOST]
 *
 * With `--check` it runs the features where nothing has to be fetched, on this Node and on a host without Node, and
 * compares the results with docs/hosts.json. With TOOLS, a folder in which `npm install bun deno miniflare` has been
 * run, it runs them everywhere and writes docs/hosts.json and the table of docs/hosts.md. It needs the built packages,
 * and Chromium for pages (`CHROMIUM`, or /usr/bin/chromium). The last line is `N of M`.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../tools.mjs'
import { onEdge } from './edge.mjs'
import { features, programs as programNames } from './features.mjs'
import { makeFolder } from './links.mjs'
import { onPage } from './page.mjs'
import { inPage } from './table.mjs'

const { values, positionals: [given] } = parseArgs({
  allowPositionals: true, options: { check: { type: 'boolean', default: false }, only: { type: 'string' } },
})
if ((given === undefined) !== values.check) {
  console.error('usage: node scripts/hosts/main.mjs --check|TOOLS [--only HOST]')
  process.exit(2)
}
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'
const tools = given === undefined ? null : resolve(given)
const programs = join(root, 'packages/wasi/programs')
const names = features.map(({ name }) => name)
const folder = makeFolder()

/** Results of a process that prints them; one that dies is started again for what is left. */
const byProcess = (command, args) => {
  const results = []
  while (results.length < names.length) {
    const left = names.slice(results.length)
    const { stdout } = spawnSync(command, [...args, programs, ...left], {
      cwd: join(folder, 'hosts'), encoding: 'utf8', timeout: 120_000,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
    const told = stdout.split('\n').filter((line) => line.startsWith('{"name"')).map((line) => JSON.parse(line))
    results.push(...told)
    if (results.length < names.length) results.push({ name: names[results.length], works: false, why: 'the host ends' })
  }
  return results
}

const bare = fileURLToPath(new URL('bare.mjs', import.meta.url))
const bin = (name) => join(tools, 'node_modules/.bin', name)
/** The columns, and how each is run. */
const hosts = {
  node: () => byProcess(process.execPath, ['in-process.mjs']),
  bun: () => byProcess(bin('bun'), ['in-process.mjs']),
  deno: () => byProcess(bin('deno'), ['run', '--allow-all', 'in-process.mjs']),
  isolated: () => onPage(chromium, true, names, programs),
  page: () => onPage(chromium, false, names, programs),
  edge: () => onEdge(tools, folder, names, programs, programNames),
  bare: () => byProcess(process.execPath, ['--experimental-vm-modules', '--experimental-import-meta-resolve', bare]),
}
const CHECKED = ['node', 'bare']

const data = join(root, 'docs/hosts.json')
const document = join(root, 'docs/hosts.md')
const read = (file, without) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return without
  }
}
const before = JSON.parse(read(data, '{}'))
const chosen = values.check ? CHECKED : values.only === undefined ? Object.keys(hosts) : [values.only]
const after = { ...before }
let [all, equal] = [0, 0]
for (const host of chosen) {
  const results = await hosts[host]()
  after[host] = Object.fromEntries(results.map(({ name, works, why }) => [name, works || why]))
  for (const { name, works, why } of results) {
    all++
    const known = before[host]?.[name]
    const isEqual = values.check ? (known === true) === works : works
    if (isEqual) equal++
    else console.log(`${host}: ${name}: ${works ? 'works now' : why}`)
  }
}
const page = inPage(read(document, ''), features, after)
if (!values.check) {
  writeFileSync(data, `${JSON.stringify(after, null, 2)}\n`)
  writeFileSync(document, page)
} else if (inPage(read(document, ''), features, before) !== read(document, '')) {
  console.log('docs/hosts.md is not the table of docs/hosts.json')
  process.exitCode = 1
}
console.log(values.check ? `${equal} of ${all} as docs/hosts.json has it` : `${equal} of ${all} work`)
if (values.check && equal < all) process.exitCode = 1
process.exit()
