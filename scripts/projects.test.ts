/** Projects go by their folders' names, everywhere: in vitest, in each package's `test`, and in the gate. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectOf, projects } from './projects.mjs'

const root = join(import.meta.dirname, '..')

test.each([
  ['packages/core/src/errors.ts', 'core'], ['apps/demo/src/main.ts', 'demo'], ['scripts/run.mjs', 'scripts'],
  ['conformance/src/main.ts', 'conformance'], ['README.md', null], ['packages/nobody/a.ts', null],
  ['examples/fleet/src/index.ts', 'fleet-example'], ['packages/fleet/package.json', 'fleet'], ['docs/hooks.md', null],
  ['constructor', null],
])('%s is of %s', (file, project) => expect(projectOf(file)).toBe(project))

const manifests = [...projects].filter(([, folder]) => existsSync(join(root, folder, 'package.json')))
test.each(manifests)('%s has its tests under its own name', (name, folder) => {
  const { scripts } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>
  }
  expect(scripts?.['test']).toMatch(new RegExp(`^node (\\.\\./)+scripts/run\\.mjs test ${name}$`))
})

describe.skipIf(process.platform === 'win32')('the gate', () => {
  const gate = (...args: string[]) => spawnSync('bash', [join(root, '.ci/run'), ...args], { encoding: 'utf8' })

  test('names its checks', () => {
    const names = gate('--list').stdout.trim().split('\n').map((line) => line.split(' ')[0])
    expect(names).toEqual(expect.arrayContaining(['tests', 'lint', 'types', 'sizes', 'packages', 'start']))
    expect(new Set(names).size).toBe(names.length)
  })

  test('runs those that are named, and knows no other', () => {
    const { status, stdout } = gate('locks')
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, '1 passed, 0 failed'])
    const stderr = 'there is no check `nothing`: .ci/run --list has them\n'
    expect(gate('nothing')).toMatchObject({ status: 2, stderr })
  })
})
