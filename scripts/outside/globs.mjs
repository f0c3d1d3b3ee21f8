#!/usr/bin/env node
/**
 * fast-glob, glob and tinyglobby, with the `fs` of a task and with node:fs: the same patterns find the same paths.
 *
 *   node scripts/outside/globs.mjs FOLDER
 *
 * FOLDER: a folder in which they are installed (`npm install fast-glob glob tinyglobby`), whose node_modules is what
 * they look through. It fetches nothing. With LSMKIT_PACKAGES=DIR the packages that are installed in DIR are tested,
 * else the sources of this clone. The last line is `N of M passed`.
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { onTaskFs } from './preload.mjs'

const [given] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/outside/globs.mjs FOLDER')
  process.exit(2)
}
const folder = resolve(given)

const patterns = [
  '*', '**', '**/*.js', '**/*.{md,json}', '*/package.json', '@*/**/*.ts', 'fast-glob/out/**/*.js', '**/!(index).js',
  './glob/*', '**/[a-m]*/*.json', '**/LICENSE*', '{glob,fast-glob}/*', '**/.*', 'none/**', '**/index.{js,cjs}',
  '**/out/*/', '?*/*.md',
]
const program = `
import { createRequire } from 'node:module'
import fs from 'node:fs'
const require = createRequire(${JSON.stringify(join(folder, 'package.json'))})
const fast = require('fast-glob'), { glob, globSync } = require('glob'), tiny = require('tinyglobby')
const cwd = ${JSON.stringify(join(folder, 'node_modules'))}
const found = {}
for (const pattern of ${JSON.stringify(patterns)}) {
  for (const dot of [false, true]) {
    const options = { cwd, dot, fs }
    const sized = ({ path, stats }) => path + ' ' + stats.size
    const ways = {
      'fast-glob sync': () => fast.sync(pattern, options), 'fast-glob': () => fast(pattern, options),
      'fast-glob stats': async () => (await fast(pattern, { ...options, stats: true })).map(sized),
      'glob sync': () => globSync(pattern, options), glob: () => glob(pattern, options),
      'tinyglobby sync': () => tiny.globSync(pattern, options), tinyglobby: () => tiny.glob(pattern, options),
    }
    for (const [name, find] of Object.entries(ways)) {
      found[name + ' ' + pattern + ' ' + dot] = (await find()).map(String).sort()
    }
  }
}
process.stdout.write(JSON.stringify(found))
`
const run = (preload) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [...preload, '--input-type=module', '-e', program], {
    cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 300_000,
    env: { ...process.env, OUTSIDE_FOLDER: folder },
  })
  if (status !== 0) throw new Error(stderr.slice(-2000))
  return JSON.parse(stdout)
}

const host = run([])
const ours = run(onTaskFs)
const all = Object.keys(host)
const failed = all.filter((name) => JSON.stringify(host[name]) !== JSON.stringify(ours[name]))
for (const name of failed) console.log(`FAILED ${name}: ${ours[name]?.length} paths, ${host[name].length} on node:fs`)
console.log(`${all.length - failed.length} of ${all.length} passed`)
process.exit(failed.length === 0 ? 0 : 1)
