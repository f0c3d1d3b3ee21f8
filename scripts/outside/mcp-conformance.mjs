#!/usr/bin/env node
/**
 * Runs `@modelcontextprotocol/conformance` against servers of `@lsmkit/mcp` over HTTP.
 *
 *   node scripts/outside/mcp-conformance.mjs [FOLDER]
 *
 * FOLDER: where the package is installed. Without one, it is installed into a temporary folder by npm. It needs
 * Node 22; the project's own Node runs it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSION = '0.1.16'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the server does not offer, and why. A scenario that passes although it is here fails the run. */
const notOffered = {
  'completion-complete': 'no prompt of the server has arguments that can be completed',
  'resources-subscribe': 'files are not watched',
  'resources-unsubscribe': 'files are not watched',
}

const work = mkdtempSync(join(tmpdir(), 'lsmkit-mcp-conformance-'))
const [given] = process.argv.slice(2)
const folder = given === undefined ? work : resolve(given)

let server = null
const end = (code) => {
  server?.kill()
  rmSync(work, { recursive: true, force: true })
  process.exit(code)
}

if (given === undefined) {
  writeFileSync(join(work, 'package.json'), '{}')
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error',
    `@modelcontextprotocol/conformance@${VERSION}`], { cwd: work, encoding: 'utf8' })
  if (npm.status !== 0) {
    const [why] = npm.stderr.trim().split('\n')
    console.log(`SKIPPED: @modelcontextprotocol/conformance could not be installed: ${why}`)
    end(77)
  }
}

server = spawn(process.execPath, ['--conditions=lsmkit:source',
  join(root, 'packages/mcp/src/testing/conformance-server.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
server.on('exit', (code) => { if (code !== null) end(1) })
const url = await new Promise((found) => {
  server.stdout.on('data', (bytes) => found(String(bytes).trim()))
})

const baseline = join(work, 'expected.yml')
writeFileSync(baseline, `server:\n${Object.keys(notOffered).map((name) => `  - ${name}\n`).join('')}`)
const program = join(folder, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
const run = spawnSync(process.execPath, [program, 'server', '--url', url, '--expected-failures', baseline], {
  encoding: 'utf8', cwd: work, timeout: 300_000,
})
const lines = run.stdout.split('\n')
console.log(lines.slice(lines.findIndex((line) => line.includes('SUMMARY'))).join('\n').trim())
for (const [name, why] of Object.entries(notOffered)) console.log(`not offered: ${name}, ${why}`)
if (run.status !== 0) console.error(run.stderr.trim())
end(run.status === 0 ? 0 : 1)
