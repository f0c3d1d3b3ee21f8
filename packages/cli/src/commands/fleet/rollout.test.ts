import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folder, joinFleet, parsePublicKey, putLarge, writeWant } from '@lsmkit/fleet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-rollout-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const run = (...args: string[]) => lsm(['fleet', ...args], { cwd })
const rollout = (act: string, ...args: string[]) => run('rollout', act, ...args, '--store', 'store')

const bundleOf = async (epoch: number, ...more: string[]): Promise<void> => {
  writeFileSync(join(cwd, 'web/bundle.json'), JSON.stringify({ name: 'web', version: String(epoch), epoch }))
  await run('bundle', 'build', 'web', '-o', `${epoch}.lsmb`, ...more)
  await run('bundle', 'sign', `${epoch}.lsmb`, '--key', 'alice.key')
}

beforeAll(async () => {
  mkdirSync(join(cwd, 'web'), { recursive: true })
  writeFileSync(join(cwd, 'web/sandbox.json'), JSON.stringify({ version: 1, allow: { read: ['/site'] } }))
  await run('bundle', 'keygen', 'alice')
  await bundleOf(1)
  await bundleOf(2, '--back', '1.lsmb')
})

test('a rollout is started, paused, shown, and brought back', async () => {
  const store = folder(join(cwd, 'store'), { poll: 20 })
  const keys = { keys: [parsePublicKey(readFileSync(join(cwd, 'alice.pub'), 'utf8'))] }
  await writeWant(store, 'web-1', { bundle: await putLarge(store, readFileSync(join(cwd, '1.lsmb'))), mode: 'enforce' })
  const agent = await joinFleet({
    store, host: 'web-1', state: join(cwd, 'state'), keys, onExpired: 'keep', groups: ['web'], beat: 200,
  })
  expect(await rollout('status')).toMatchObject({ code: 3, stderr: expect.stringContaining('no rollout') })
  expect(await rollout('run')).toMatchObject({ code: 3, stderr: expect.stringContaining('no rollout') })
  expect(await run('rollout', 'run', '--store', 'alice.pub')).toMatchObject({ code: 3 })
  expect(await rollout('start', '2.lsmb', '--ring', 'all=@db')).toMatchObject({ code: 3 })
  expect(await rollout('start', '2.lsmb', '--ring', 'all')).toMatchObject({ code: 2 })
  expect(await rollout('start', '2.lsmb', '--ring', 'all=@web', '--gate', 'soack=1')).toMatchObject({ code: 3 })
  const gate = ['--gate', 'leastDecisions=0', '--gate', 'soak=0']
  expect(await rollout('start', '2.lsmb', '--ring', 'canary=@web', ...gate)).toMatchObject({ code: 0 })
  expect((await rollout('pause', '--reason', 'lunch')).stdout).toContain('paused       lunch')
  expect(await rollout('run', '--once')).toMatchObject({ code: 1 })
  expect((await rollout('status', '--json')).stdout).toContain('"paused": "lunch"')
  expect(await rollout('resume')).toMatchObject({ code: 0 })
  const once = async () => (await rollout('run', '--once')).stdout
  await expect.poll(once, { interval: 100 }).toContain('step         done')
  await expect.poll(() => agent.enforced?.epoch).toBe(2)
  const back = await rollout('back')
  expect(back).toMatchObject({ code: 0, stdout: expect.not.stringContaining('waits for') })
  await expect.poll(once, { interval: 100 }).toContain('rolled-back')
  expect(await rollout('status')).toMatchObject({ code: 1, stdout: expect.stringContaining('stopped      by hand') })
  // it is over, so the watch ends; the log has no decisions
  expect(await rollout('status', '--watch')).toMatchObject({
    code: 1, stdout: expect.stringMatching(/^\S+Z rolled-back; stopped: by hand; canary: 1 /),
  })
  expect(JSON.parse((await rollout('status', '--denials', '--json')).stdout)).toMatchObject({ denials: [], gate: null })
  await expect.poll(() => agent.enforced?.epoch).toBe(1)
  await agent.close()
  await store.close()
})
