/**
 * Types of the whole repository, each source checked once: projects with the options of tsconfig.base.json are one
 * program; a project with others is checked by its own script `types`. `--incremental` remembers the last run, in
 * .setup.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root, toolEnv } from './tools.mjs'

const base = join(root, 'tsconfig.base.json')
/** Ignored by git, and below the root, whose @types are found from here. */
const program = join(root, '.setup', 'tsconfig.json')

const readConfig = (folder) =>
  JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''))

/**
 * Says nothing but which files, and perhaps that JavaScript has types too: where none is imported, that changes
 * nothing.
 */
function isPlain(folder) {
  const { extends: from, compilerOptions = {}, include, exclude: _, ...rest } = readConfig(folder)
  return from !== undefined && join(root, folder, from) === base && include !== undefined &&
    Object.keys(rest).length === 0 && Object.keys(compilerOptions).every((name) => name === 'allowJs')
}

const within = (folder, paths = []) => paths.map((path) => join('..', folder, path))

const remembers = process.argv.includes('--incremental')

function writeProgram(folders) {
  const parts = folders.map((folder) => [folder, readConfig(folder)])
  const memory = remembers ? { incremental: true, tsBuildInfoFile: 'types.tsbuildinfo' } : {}
  mkdirSync(join(root, '.setup'), { recursive: true })
  writeFileSync(program, JSON.stringify({
    extends: '../tsconfig.base.json',
    compilerOptions: { allowJs: true, ...memory },
    include: parts.flatMap(([folder, { include }]) => within(folder, include)),
    exclude: parts.flatMap(([folder, { exclude }]) => within(folder, exclude)),
  }))
}

let failed = false
function run(what, folder, command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: join(root, folder), env: toolEnv(), stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) failed = true
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${what}`)
}

const folders = globSync(['packages/*', 'apps/*', 'examples/*', 'conformance', 'bench', 'fuzz', 'site'], { cwd: root })
  .filter((folder) => existsSync(join(root, folder, 'tsconfig.json')))
  .toSorted()
  .concat('.')
const plain = folders.filter(isPlain)
writeProgram(plain)
run(`${plain.length} folders as one program`, '.', 'tsc', '-p', program)
const others = folders.filter((folder) => !plain.includes(folder))
// an option of one compiler run, which the others' scripts are too
const remembered = (name) => remembers
  ? ['--', '--incremental', '--tsBuildInfoFile', join(root, '.setup', `types-${name}.tsbuildinfo`)] : []
for (const folder of others) run(folder, folder, 'node', '--run', 'types', ...remembered(basename(folder)))
process.exitCode = failed ? 1 : 0
