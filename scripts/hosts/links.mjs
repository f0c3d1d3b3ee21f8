/** A folder outside of the repository in which our built packages are installed, as links. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownPackages } from './resolve.mjs'

export const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-hosts-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const packages = ownPackages()
  for (const { name, folder: own } of packages) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(own, link)
  }
  const dependencies = Object.fromEntries(packages.map(({ name }) => [name, '*']))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }))
  cpSync(fileURLToPath(new URL('.', import.meta.url)), join(folder, 'hosts'), { recursive: true })
  return folder
}
