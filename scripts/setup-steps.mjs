/** The steps of a set-up: pinned tools, dependencies, build, console. Each knows what it is made from. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runQuietly } from './setup-progress.mjs'
import { hashContents, hashTree } from './stamp.mjs'
import { callersEnv, root, SetupError, toolchain, toolEnv } from './tools.mjs'

const at = (...names) => join(root, ...names)
const isWindows = process.platform === 'win32'

/** Runs a set-up command; what it writes goes to stderr, and only if it fails. */
async function run(what, [command, ...args], progress, options) {
  const program = isWindows && command !== 'pnpm' ? `${command}.cmd` : command
  let status
  try {
    status = await runQuietly({ ...progress, what }, program, args, { cwd: root, shell: isWindows, ...options })
  } catch (error) {
    if (error.code === 'ENOENT') throw new SetupError(`\`${command}\` was not found`, `it is needed for ${what}`)
    throw error
  }
  if (status !== 0) throw new SetupError(`${what} failed`, `\`${[command, ...args].join(' ')}\` says why above`)
}

const tools = {
  name: 'tools',
  /** What it takes on a laptop. */
  seconds: 15,
  madeFrom: () =>
    hashContents([at('toolchain/package.json'), at('toolchain/package-lock.json')]) + process.platform + process.arch,
  isPresent: () => existsSync(join(toolchain, 'node_modules')),
  async run(progress) {
    const npm = ['npm', 'ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    try {
      await run('installing the pinned Node and pnpm', npm, progress, { cwd: toolchain, env: callersEnv() })
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      throw new SetupError(error.message, 'the first run needs npm and its registry; later runs need no network')
    }
  },
}

/** Path of every package.json of the workspace. */
const manifests = () =>
  ['packages', 'apps', 'examples']
    .flatMap((group) => (existsSync(at(group)) ? readdirSync(at(group)).map((name) => at(group, name)) : []))
    .concat(at('conformance'), at('bench'), at('fuzz'), root)
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(file))
    .toSorted()

const dependencies = {
  name: 'dependencies',
  seconds: 20,
  madeFrom: () => hashContents([at('pnpm-lock.yaml'), at('pnpm-workspace.yaml'), ...manifests()]),
  isPresent: () => existsSync(at('node_modules/.modules.yaml')),
  run(progress) {
    const install = ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only']
    return run('installing dependencies', install, progress, { env: toolEnv() })
  },
}

/** Packages that publish something have a `dist`; the rest runs from source. */
const isBuilt = (manifest) =>
  !readFileSync(manifest, 'utf8').includes('"build":') || existsSync(join(dirname(manifest), 'dist'))

const settings = [
  'pnpm-lock.yaml', 'turbo.json', 'tsup.config.ts', 'scripts/build', 'tsconfig.base.json', 'tsconfig.build.json',
]

const packages = {
  name: 'packages',
  seconds: 75,
  madeFrom: () => hashTree(['packages', 'types', ...settings].map((name) => at(name))),
  isPresent: () => manifests().every(isBuilt),
  run(progress) {
    const build = ['node', at('scripts/build.mjs'), '--output-logs=errors-only', '--no-update-notifier']
    return run('building the packages', build, progress, { env: toolEnv() })
  },
}

/** The pages of the console, bundled from the sources of the packages. */
const consolePages = {
  name: 'console',
  seconds: 20,
  without: ['packages'],
  madeFrom: () =>
    hashTree(['packages', 'apps', 'examples', 'pnpm-lock.yaml', 'tsconfig.base.json'].map((name) => at(name))),
  isPresent: () => existsSync(at('apps/console/dist/index.html')),
  run(progress) {
    const build = ['vite', 'build', '--logLevel', 'error', '--emptyOutDir']
    return run('bundling the console', build, progress, { env: toolEnv(), cwd: at('apps/console') })
  },
}

/** In the order in which they have to run. */
export const steps = [tools, dependencies, packages, consolePages]
