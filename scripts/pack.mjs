/** Packs every package that is published as publishing would: `workspace:` ranges and publishConfig resolved. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, toolEnv } from './tools.mjs'

/** Folder and manifest of each package that is published. */
export function published() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
}

/** Packs into `target`; the packages must be built. */
export function packAll(target) {
  const result = spawnSync('pnpm', ['-r', '--filter', './packages/*', 'pack', '--pack-destination', target], {
    cwd: root,
    env: toolEnv(),
    encoding: 'utf8',
  })
  if (result.error !== undefined) throw result.error
  if (result.status !== 0) throw new Error(`pnpm pack failed:\n${result.stdout}${result.stderr}`)
  return published().map(({ folder, manifest }) => ({
    folder,
    manifest,
    file: join(target, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`),
  }))
}
