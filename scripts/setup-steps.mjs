/** The steps of a set-up: pinned tools, dependencies, build, console. Each knows what it is made from. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hashContents, hashTree } from './stamp.mjs'
import { callersEnv, root, SetupError, toolchain, toolEnv } from './tools.mjs'

const at = (...names) => join(root, ...names)
const isWindows = process.platform === 'win32'

/** Runs a set-up command with its output on stderr: stdout belongs to what runs afterwards. */
function run(what, [command, ...args], options) {
  process.stderr.write(`lsmkit: ${what}\n`)
  const program = isWindows && command !== 'pnpm' ? `${command}.cmd` : command
  const { error, status } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: isWindows,
    ...options,
  })
  if (error?.code === 'ENOENT') throw new SetupError(`\`${command}\` was not found`, `it is needed for ${what}`)
  if (error !== undefined) throw error
  if (status !== 0) throw new SetupError(`${what} failed`, `\`${[command, ...args].join(' ')}\` says why above`)
}

const tools = {
  name: 'tools',
  madeFrom: () =>
    hashContents([at('toolchain/package.json'), at('toolchain/package-lock.json')]) + process.platform + process.arch,
  isPresent: () => existsSync(join(toolchain, 'node_modules')),
  run() {
    const npm = ['npm', 'ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    try {
      run('installing the pinned Node and pnpm', npm, { cwd: toolchain, env: callersEnv() })
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
  madeFrom: () => hashContents([at('pnpm-lock.yaml'), at('pnpm-workspace.yaml'), ...manifests()]),
  isPresent: () => existsSync(at('node_modules/.modules.yaml')),
  run() {
    const install = ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only']
    run('installing dependencies', install, { env: toolEnv() })
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
  madeFrom: () => hashTree(['packages', 'types', ...settings].map((name) => at(name))),
  isPresent: () => manifests().every(isBuilt),
  run() {
    const build = ['turbo', 'run', 'build', '--output-logs=errors-only', '--no-update-notifier']
    run('building the packages', build, { env: toolEnv() })
  },
}

/** The pages of the console, bundled from the sources of the packages. */
const consolePages = {
  name: 'console',
  without: ['packages'],
  madeFrom: () =>
    hashTree(['packages', 'apps', 'examples', 'pnpm-lock.yaml', 'tsconfig.base.json'].map((name) => at(name))),
  isPresent: () => existsSync(at('apps/console/dist/index.html')),
  run() {
    const build = ['vite', 'build', '--logLevel', 'error', '--emptyOutDir']
    run('bundling the console', build, { env: toolEnv(), cwd: at('apps/console') })
  },
}

/** In the order in which they have to run. */
export const steps = [tools, dependencies, packages, consolePages]
