/** Set-up of a clone in Node's standard library alone: pinned Node and pnpm, dependencies, build. Speaks on stderr only. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'
import { hashContents, hashTree, isStamped, writeStamp } from './stamp.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const toolchain = join(root, 'toolchain')
const setup = join(root, '.setup')
const at = (...names) => join(root, ...names)

/** A failure of the set-up that its user can act on; printed as one sentence and a hint. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(message)
    this.hint = hint
  }
}

const { platform, arch } = process
const executable = platform === 'win32' ? '.exe' : ''

/** Folder of the pinned Node, or of the user's own where none is published for the platform (macOS). */
function nodeFolder() {
  const folder = join(toolchain, 'node_modules', `node-${platform === 'win32' ? 'win' : platform}-${arch}`, 'bin')
  if (existsSync(folder)) return folder
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return dirname(process.execPath)
  throw new SetupError(
    `there is no pinned Node for ${platform}-${arch} and yours is ${process.versions.node}`,
    'install Node 22.18 or newer',
  )
}

/** Environment of everything that runs after set-up: pinned tools first, nothing inherited from the calling npm. */
export function toolEnv() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)))
  const folders = [nodeFolder(), join(toolchain, 'node_modules', '@pnpm', `exe.${platform}-${arch}`), at('node_modules', '.bin')]
  return { ...env, PATH: [...folders, env.PATH].join(delimiter), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
}

/** Runs a set-up command with its output on stderr. */
function step(what, command, args, options) {
  process.stderr.write(`lsmkit: ${what}\n`)
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
  if (error?.code === 'ENOENT') throw new SetupError(`\`${command}\` was not found`, `it is needed for: ${what}`)
  if (error !== undefined) throw error
  if (status !== 0) throw new SetupError(`\`${command} ${args[0]}\` failed`, `it was needed for: ${what}`)
}

const toolchainStep = {
  stamp: join(setup, 'toolchain'),
  value: () => hashContents([at('toolchain/package.json'), at('toolchain/package-lock.json')]) + platform + arch,
  isPresent: () => existsSync(join(toolchain, 'node_modules')),
  run() {
    const npm = platform === 'win32' ? 'npm.cmd' : 'npm'
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name)))
    try {
      step('installing the pinned Node and pnpm', npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: toolchain,
        env,
        shell: platform === 'win32',
      })
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      throw new SetupError(error.message, 'the first run needs npm and its registry; later runs need no network')
    }
  },
}

const manifests = () =>
  ['packages', 'apps', 'examples']
    .flatMap((folder) => (existsSync(at(folder)) ? readdirSync(at(folder)).map((name) => at(folder, name)) : []))
    .concat(at('conformance'), at('bench'), root)
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(file))
    .sort()

const installStep = {
  stamp: join(setup, 'install'),
  value: () => hashContents([at('pnpm-lock.yaml'), at('pnpm-workspace.yaml'), ...manifests()]),
  isPresent: () => existsSync(at('node_modules/.modules.yaml')),
  run() {
    const args = ['install', '--frozen-lockfile', '--reporter=append-only']
    step('installing dependencies', `pnpm${executable}`, args, { env: toolEnv() })
  },
}

/** Packages that publish something have a `dist`; the rest runs from source. */
const isBuilt = (manifest) =>
  !readFileSync(manifest, 'utf8').includes('"build":') || existsSync(join(dirname(manifest), 'dist'))

const buildStep = {
  stamp: join(setup, 'build'),
  value: () =>
    hashTree(
      ['packages', 'pnpm-lock.yaml', 'turbo.json', 'tsup.config.ts', 'tsconfig.base.json', 'tsconfig.build.json'].map(
        (name) => at(name),
      ),
    ),
  isPresent: () => manifests().every(isBuilt),
  run() {
    const args = ['run', 'build', '--output-logs=errors-only', '--no-update-notifier']
    step('building', `turbo${platform === 'win32' ? '.cmd' : ''}`, args, { env: toolEnv(), shell: platform === 'win32' })
  },
}

const isDone = ({ stamp, value, isPresent }) => isPresent() && isStamped(stamp, value())

/** Brings the clone up to date: tools and dependencies, and with `build` the packages too. Cheap when nothing changed. */
export async function bootstrap({ build }) {
  const steps = [toolchainStep, installStep, ...(build ? [buildStep] : [])]
  if (steps.every(isDone)) return
  const onWait = () => process.stderr.write('lsmkit: waiting for another set-up of this clone to end\n')
  await withLock(join(setup, 'lock'), onWait, () => {
    for (const each of steps) {
      if (isDone(each)) continue
      const value = each.value()
      each.run()
      writeStamp(each.stamp, value)
    }
  })
}
