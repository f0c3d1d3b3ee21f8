/** What works in a box keeps it open, and a box that is dropped with what worked in it is closed. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createSandbox } from './index.ts'
import { insideOf } from './inside.ts'
import type { Inside } from './inside.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Several rounds, as what a round frees may hold more. */
const collectAll = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) {
    collect()
    await new Promise((resolve) => { setTimeout(resolve, 5) })
  }
}

const openInside = async (): Promise<Inside> => insideOf(await createSandbox({ inline: true, allow: {} }))

test('a box stays open while somebody works in it', async () => {
  const inside = await openInside()
  await collectAll()
  const task = inside.task()
  inside.end(task)
})

test('a box that was dropped with its inside is closed', async () => {
  const { machine } = (await openInside()).kernel
  const living = (): number => [...machine.tasks.byPid.values()].filter(({ exit_state }) => exit_state === 0).length
  const before = living()
  await collectAll()
  // two tasks hold the policy, and one holds files whose contents come late
  expect(living()).toBe(before - 3)
})

test('watchers get runs and denials as they happen, and a run of one\'s own has its own', async () => {
  const box = await createSandbox({ inline: true, allow: { read: ['/data'] } })
  const inside = insideOf(box)
  const seen: string[] = []
  const stop = inside.watch({
    onRun: (run) => void seen.push(`run ${run}`), onDenial: ({ run, path }) => void seen.push(`${run} ${path}`),
  })
  const open = (run: number): void => {
    const task = inside.task({ run })
    inside.kernel.sys.openat(task, -100, '/proc/version', 0, 0)
    inside.end(task)
  }
  const [one, two] = [inside.beginRun(), inside.beginRun()]
  open(two.run)
  open(one.run)
  open(two.run)
  expect(two.end().denials.map(({ run }) => run)).toEqual([two.run])
  stop()
  open(one.run)
  expect(one.end().denials.length).toBe(1)
  expect(seen).toEqual(['run 1', 'run 2', '2 /proc/version', '1 /proc/version'])
  await box.close()
})
