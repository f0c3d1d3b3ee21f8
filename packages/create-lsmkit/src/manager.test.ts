/** Projects of those who use pnpm, yarn or bun: their workflows and READMEs have the commands of that manager. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeProject } from './make-project.ts'
import { managerOf } from './manager.ts'

const parent = mkdtempSync(join(tmpdir(), 'create-lsmkit-'))
afterAll(() => rmSync(parent, { recursive: true }))

test.each([
  [undefined, 'npm', 'npm ci'], ['npm/11.0.0 node/v24.0.0 linux x64', 'npm', 'npm ci'],
  ['pnpm/10.1.0 npm/? node/v24.0.0', 'pnpm', 'pnpm install --frozen-lockfile'],
  ['yarn/1.22.22 npm/? node/v24.0.0', 'yarn', 'yarn install --frozen-lockfile'],
  ['yarn/4.5.0 npm/? node/v24.0.0', 'yarn', 'yarn install --immutable'],
  ['bun/1.4.0 npm/? node/v24.0.0', 'bun', 'bun install --frozen-lockfile'], ['other', 'npm', 'npm ci'],
])('%s is %s', (agent, name, ci) => expect(managerOf(agent)).toMatchObject({ name, ci }))

test.each([
  ['npm/11.0.0', ['cache: npm', 'run: npm ci', 'run: npm test'], []],
  ['pnpm/10.1.0', [
    'uses: pnpm/action-setup@v4\n        with: { version: 10 }\n      - uses: actions/setup-node@', 'cache: pnpm',
    'run: pnpm install --frozen-lockfile', 'run: pnpm test',
  ], ['npm ci']],
  ['yarn/4.5.0', [
    'run: corepack enable\n      - uses: actions/setup-node@', 'cache: yarn', 'run: yarn test',
  ], ['npm ci']],
  ['bun/1.4.0', ['uses: oven-sh/setup-bun@v2\n', 'run: bun run test'], ['cache:', 'npm ci', 'npm test']],
])('%s', (agent, has, hasNot) => {
  const name = `made-by-${agent.replaceAll(/\W/g, '-')}`
  const folder = makeProject({ name, template: 'lsm', parent, agent, ranges: { near: {}, wide: {} } })
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  for (const part of has) expect(read('.github/workflows/ci.yml')).toContain(part)
  for (const file of ['ci.yml', 'release.yml']) {
    for (const part of hasNot) expect(read(`.github/workflows/${file}`)).not.toContain(part)
  }
  expect(read('README.md')).toContain(`\`${managerOf(agent).run} watch\``)
  // those who install the package choose for themselves, and npm publishes it
  expect(read('README.md')).toContain('\nnpm install made-by')
  expect(read('.github/workflows/release.yml')).toContain('run: npm run release')
})
