/** The loop: record a run, learn from it, enforce; the same run passes, and one step more is refused. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createNativeBox } from '../exec/native-box.ts'
import type { NativeRun } from '../exec/native-box.ts'
import { openWatch } from '../watch/watch.ts'
import type { WatchedCall } from '../watch/watched-call.ts'
import { learnPolicy } from './learn-policy.ts'
import { recordingPolicy } from './recording-policy.ts'

const isThere = await openWatch().then((watch) => watch.end()).then(() => true, (error: Error) => {
  process.stderr.write(`skipped: programs cannot be recorded here: ${error.message}\n`)
  return false
})

const root = realpathSync(mkdtempSync('/var/tmp/lsm-learn-'))
afterAll(() => rmSync(root, { recursive: true }))
const work = join(root, 'work')
mkdirSync(join(work, 'out'), { recursive: true })
writeFileSync(join(work, 'in'), 'text\n')
writeFileSync(join(work, 'other'), 'other\n')
writeFileSync(join(root, 'secret'), 'secret\n')

const LINE = 'cat in > out/copy; echo x > $TMPDIR/y; cat ../secret 2>/dev/null'

describe.skipIf(!isThere)('learning', () => {
  test('record → learn → enforce', async () => {
    const { policy: wide, accept } = recordingPolicy('sh', { folder: work })
    const needs: WatchedCall[] = []
    const watch = await openWatch({ allow: wide.allow ?? null, onNeed: (need) => needs.push(need) })
    const recorded = await createNativeBox(wide, { accept }).exec('sh', ['-c', LINE], { cwd: work, watch })
    await watch.end()
    expect(recorded.status).toBe(1)
    const { policy, refused } = learnPolicy(wide, needs)
    expect(refused.map(({ path }) => path)).toContain(join(root, 'secret'))
    expect(policy.allow!.read).toContain(join(work, 'in'))
    expect(policy.allow!.read).not.toContain(work)
    expect(policy.allow!.write).toEqual(['/dev/null', expect.stringContaining('tmp'), join(work, 'out')])
    expect(policy.allow).not.toHaveProperty('connect')

    rmSync(join(work, 'out/copy'))
    const box = createNativeBox(policy, { accept })
    const sh = (line: string): Promise<NativeRun> => box.exec('sh', ['-c', line], { cwd: work })
    expect(await sh(LINE)).toMatchObject({ status: 1, stderr: '' })
    expect(readFileSync(join(work, 'out/copy'), 'utf8')).toBe('text\n')
    const more = await sh('cat other; echo > new; cat ../secret; cat in')
    expect(more.stdout).toBe('text\n')
    expect(more.stderr.match(/Permission denied/g)).toHaveLength(3)
  })
})
