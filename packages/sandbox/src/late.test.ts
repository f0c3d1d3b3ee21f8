/** How long after its limit a loop is ended, by the time of the processor: what else the machine does is not ours. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const LIMIT = 300

const script = (inline: boolean): string => `
  import { createSandbox } from './index.ts'
  import { busyLoop } from './testing/programs.ts'
  const box = await createSandbox({ inline: ${inline} })
  await box.run(busyLoop, { limits: { time: 50 } })
  // workers that are made for later programs are there
  await new Promise((resolve) => setTimeout(resolve, 300))
  const start = process.cpuUsage()
  const { status, reason } = await box.run(busyLoop, { limits: { time: ${LIMIT} } })
  const { user, system } = process.cpuUsage(start)
  console.log(JSON.stringify({ status, reason, started: start.user / 1000, used: (user + system) / 1000 }))
  process.exit()
`

interface Ended {
  readonly status: number
  readonly reason: string
  readonly started: number
  readonly used: number
}

test.each([{ inline: true }, { inline: false }])('inline $inline: within 100 ms', ({ inline }) => {
  const args = ['--conditions=lsmkit:source', '--no-warnings', '--input-type=module', '--eval', script(inline)]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: import.meta.dirname, encoding: 'utf8', timeout: 400_000,
  })
  expect(stderr).toBe('')
  const { status, reason, started, used } = JSON.parse(stdout) as Ended
  expect({ status, reason }).toEqual({ status: 152, reason: 'SIGXCPU: time limit' })
  // a third of what the process took to get there, where the machine is slow
  expect(used - LIMIT).toBeLessThan(Math.max(100, started / 3))
})
