/** Modules that the bundle loads later: a class that a module passes on is the real one, never lost. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const packages = mkdtempSync(join(tmpdir(), 'lsm-later-'))
afterAll(() => rmSync(packages, { recursive: true }))
/** Writes a module, and gives its path below `packages`: the bundle names modules by it. */
const write = (path: string, text: string): string => {
  const at = join(packages, path)
  mkdirSync(join(at, '..'), { recursive: true })
  writeFileSync(at, text)
  return path
}

const tree = write('a/src/group/tree.ts', `
  export class Tree {}
  export const made = [1]
  export const open = (path: string, flags = 0) => path
  export interface Shape { x: number }`)
const plain = write('a/src/group/plain.ts', 'export const run = (a: number) => a\nexport class Own {}\n')
write('a/src/index.ts', [
  "export { made, open, Tree as Folder } from './group/tree.ts'", "export type { Shape } from './group/tree.ts'",
  "export { run } from './group/plain.ts'", ''].join('\n'))

type Load = (of: { readonly path: string }) => { readonly contents: string }
interface Hooks {
  onResolve(): void
  onLoad(of: { readonly namespace: string }, load: Load): void
}
type LaterModules = (packages: string, groups: Readonly<Record<string, (path: string) => boolean>>) =>
  { readonly plugin: { setup(hooks: Hooks): void } }
const scripts = new URL('../scripts/later.mjs', import.meta.url).href
const { laterModules } = await import(scripts) as { laterModules: LaterModules }

/** The texts of the stand-ins. */
const standInOf = (): Load => {
  const { plugin } = laterModules(packages, { group: (path) => path.startsWith('a/src/group/') })
  const loads = new Map<string, Load>()
  plugin.setup({
    onResolve: () => {},
    onLoad: ({ namespace }, load) => void loads.set(namespace, load),
  })
  return loads.get('stand-in')!
}

test.each([
  [tree, [
    'export const open=(a0,...more)=>', `export {made,Tree} from ${JSON.stringify(join(packages, tree))}`,
  ], 'Shape'],
  [plain, ['export const run=(a0)=>', 'export {}'], 'Own'],
])('%s', (path, parts, left) => {
  const { contents } = standInOf()({ path })
  for (const part of parts) expect(contents).toContain(part)
  expect(contents).not.toContain(left)
})
