/**
 * Builds packages once more, in a copy of the clone at another place, and compares what came out byte for byte: a
 * commit gives one set of files, whoever builds it, and no file of another build lies beside them.
 * `node scripts/reproducible.mjs [PACKAGE…]`, by default the packages whose scripts the bundler cuts; they must be
 * built.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, toolEnv } from './tools.mjs'

const packages = process.argv.length > 2 ? process.argv.slice(2) : ['kernel', 'cli']

function run(command, args, cwd, env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
}

/** Files of the built package by path; declarations are of another tool, which writes no names of its own. */
function filesOf(folder) {
  const dist = join(folder, 'dist')
  const paths = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.c?js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [path.slice(dist.length + 1), readFileSync(path)]))
}

/** The commands of the package's build, without the declarations. */
function buildIn(folder, env) {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const line of scripts.build.split(' && ').filter((one) => !one.startsWith('tsc '))) {
    const [command, ...args] = line.split(' ')
    run(command, args, folder, env)
  }
}

mkdirSync(join(root, '.setup'), { recursive: true })
const place = mkdtempSync(join(root, '.setup', 'elsewhere-'))
try {
  const isNeeded = (name) => /^(?:packages|node_modules|scripts|types|.*\.(?:json|ts|yaml))$/.test(name)
  const taken = readdirSync(root).filter(isNeeded)
  // hard links: nothing is copied, and the build removes before it writes
  run('cp', ['-al', ...taken, place], root, process.env)
  const env = toolEnv()
  for (const name of packages) {
    const [here, there] = [root, place].map((base) => join(base, 'packages', name))
    rmSync(join(there, 'dist'), { recursive: true })
    buildIn(there, { ...env, PATH: env.PATH.replaceAll(join(root, 'node_modules'), join(place, 'node_modules')) })
    const [ours, theirs] = [filesOf(here), filesOf(there)]
    const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort()
    const other = paths.filter((path) => ours.get(path)?.equals(theirs.get(path)) !== true)
    console.log(`${other.length === 0 ? 'ok    ' : 'FAILED'} ${name}: ${other.length} of ${paths.length} files differ`)
    for (const path of other) console.log(`  ${path}`)
    if (other.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(place, { recursive: true, force: true })
}
