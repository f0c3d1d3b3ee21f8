/** A Node of this machine that cannot suspend programs, so that they run in workers: Node 20 and 22. */
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const LEAST = [20, 19]

const isFit = (node: string): boolean => {
  const { stdout } = spawnSync(node, ['-p', 'process.versions.node + " " + typeof WebAssembly.Suspending'])
  const [version = '', suspending] = String(stdout).trim().split(' ')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return suspending === 'undefined' && (major > LEAST[0]! || (major === LEAST[0] && minor >= LEAST[1]!))
}

/** The first on PATH, null where there is none. */
export const nodeWithoutJspi = (): string | null => {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)).filter(existsSync)
  return [...new Set(found.map((path) => realpathSync(path)))].find(isFit) ?? null
}
