/**
 * Runs the tests of modules that live outside of this repository against its packages as they are now. They are listed
 * in docs/ecosystem.json: the modules that have a `git` address (with a `ref`), and `suite`, whose entries come from a
 * `template` of create-lsmkit or from a `folder` of the clone that is copied away. Words choose among them. Ends with
 * the line `N passed, N failed`.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { packAll } from './pack.mjs'
import { run } from './publish/run.mjs'
import { callersEnv, root, toolEnv } from './tools.mjs'

const words = process.argv.slice(2)
const index = JSON.parse(readFileSync(join(root, 'docs', 'ecosystem.json'), 'utf8'))
const others = index.modules.filter(({ git }) => git !== undefined)
const modules = [...others.map((module) => ({ name: module.package, ...module })), ...index.suite]
  .filter(({ name }) => words.every((word) => name.includes(word)))

/** Brings a module into a folder below `parent` and answers its path. */
async function fetchModule({ template, folder, git, ref = 'HEAD' }, parent) {
  mkdirSync(parent)
  if (template !== undefined) {
    const { makeProject } = await import('../packages/create-lsmkit/dist/index.js')
    return makeProject({ name: 'outside-lsm', template, parent })
  }
  if (git !== undefined) {
    const path = join(parent, 'module')
    await run('git', ['clone', '--quiet', git, path], { cwd: parent, env: callersEnv() })
    await run('git', ['checkout', '--quiet', ref], { cwd: path, env: callersEnv() })
    return path
  }
  // packed, so that what only the workspace knows (`workspace:`, `catalog:`) is resolved
  const options = { cwd: join(root, folder), env: toolEnv() }
  await run('pnpm', ['pack', '--pack-destination', parent], options)
  const [file] = readdirSync(parent)
  await run('tar', ['-xzf', file], { cwd: parent, env: callersEnv() })
  // it extends one of the workspace
  rmSync(join(parent, 'package', 'tsconfig.json'), { force: true })
  return join(parent, 'package')
}

/** Whoever asks for one of our packages, however deep, gets the one that was packed. */
function useTarballs(folder, tarballs) {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) manifest[kind][name] = tarballs[name] ?? manifest[kind][name]
  }
  writeFileSync(path, JSON.stringify({ ...manifest, overrides: { ...manifest.overrides, ...tarballs } }, null, 2))
}

async function tryModule(module, parent, tarballs) {
  const folder = await fetchModule(module, parent)
  useTarballs(folder, tarballs)
  const options = { cwd: folder, env: { ...callersEnv(), CI: 'true', NO_COLOR: '1' } }
  await run('npm', ['install', '--no-audit', '--no-fund', ...(module.add ?? [])], options)
  await run(module.test ?? 'npm test', [], { ...options, shell: true })
}

await bootstrap('packages')
const scratch = mkdtempSync(join(tmpdir(), 'lsmkit-ecosystem-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const packed = packAll(scratch).map(({ manifest, file }) => [manifest.name, `file:${file}`])
let failed = 0
for (const [at, module] of modules.entries()) {
  try {
    await tryModule(module, join(scratch, String(at)), Object.fromEntries(packed))
    console.log(`ok     ${module.name}`)
  } catch (error) {
    failed++
    console.log(`FAILED ${module.name}\n${error.message}`)
  }
}
console.log(`${modules.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 && modules.length > 0 ? 0 : 1
