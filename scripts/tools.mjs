/** Where the pinned tools are, and the environment in which everything after set-up runs. */
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const toolchain = join(root, 'toolchain')

/** A failure of the set-up that its user can act on; printed as one sentence and a hint. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(message)
    this.hint = hint
  }
}

/** Folder of the pinned Node, or of the user's own where none is published for the platform (macOS). */
function nodeFolder() {
  const { platform, arch } = process
  const folder = join(toolchain, 'node_modules', `node-${platform === 'win32' ? 'win' : platform}-${arch}`, 'bin')
  if (existsSync(folder)) return folder
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return dirname(process.execPath)
  throw new SetupError(
    `there is no pinned Node for ${platform}-${arch} and yours is ${process.versions.node}`,
    'install Node 22.18 or newer',
  )
}

/** The Node that every tool runs under. */
export const pinnedNode = () => join(nodeFolder(), process.platform === 'win32' ? 'node.exe' : 'node')

/** The caller's environment without what the npm that called us put there; npm's configuration stays. */
export function callersEnv() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name)))
}

/** Of npm's configuration, pnpm gets only what says where packages come from. */
const isOfNpm = (name) => /^npm_/i.test(name)
const saysWhere = (name) => /^npm_config_(registry|userconfig|globalconfig|cafile|.*proxy)$/i.test(name)

/** Environment of everything that runs after set-up: pinned tools first, little inherited from the calling npm. */
export function toolEnv() {
  const kept = Object.entries(process.env).filter(([name]) => !isOfNpm(name) || saysWhere(name))
  const pnpmFolder = join(toolchain, 'node_modules', '@pnpm', `exe.${process.platform}-${process.arch}`)
  return {
    ...Object.fromEntries(kept),
    PATH: [nodeFolder(), pnpmFolder, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  }
}
