/** The Nodes that packages are used under: the caller's, the pinned one, and more of npm's packages of Node. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { callersEnv, pinnedNode, root } from '../tools.mjs'
import { run } from './run.mjs'

const { platform, arch } = process
const packageName = `node-${platform === 'win32' ? 'win' : platform}-${arch}`
const program = platform === 'win32' ? 'node.exe' : 'node'

const versionOf = async (path) => (await run(path, ['--version'], { env: callersEnv(), shell: false })).trim().slice(1)
const at = async (path) => {
  const version = await versionOf(path)
  return { path, version, major: Number(version.split('.')[0]) }
}

/** Of the caller and pinned: always there, and often two versions. */
export async function availableNodes() {
  const [own, pinned] = [await at(process.execPath), await at(pinnedNode())]
  return own.major === pinned.major ? [own] : [own, pinned]
}

/** One of this major version: at hand, or installed into `.setup/`; null where npm has none for this platform. */
export async function nodeOf(major) {
  const found = (await availableNodes()).find((node) => node.major === major)
  if (found !== undefined) return found
  const folder = join(root, '.setup', `node-${major}`)
  const path = join(folder, 'node_modules', packageName, 'bin', program)
  if (!existsSync(path)) {
    const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `${packageName}@${major}`]
    try {
      await run('npm', args, { cwd: root, env: callersEnv() })
    } catch {
      return null
    }
  }
  return at(path)
}

/** The caller's environment, with this Node in front. */
export const envOf = (node, env = callersEnv()) => ({
  ...env,
  PATH: `${dirname(node.path)}${platform === 'win32' ? ';' : ':'}${env.PATH}`,
})
