/** `lsm exec --watch` and `lsm learn -- PROGRAM` on real programs of this host. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWatch } from '@lsmkit/native'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'

const isThere = await openWatch().then((watch) => watch.end()).then(() => true, (error: Error) => {
  process.stderr.write(`skipped: programs cannot be watched here: ${error.message}\n`)
  return false
})

// a folder in /tmp would be hidden by the private one
const cwd = realpathSync(mkdtempSync('/var/tmp/lsm-exec-'))
afterAll(() => rmSync(cwd, { recursive: true }))
writeFileSync(join(cwd, 'in'), 'text\n')

describe.skipIf(!isThere)('native programs', () => {
  test('learn → exec: what was needed is granted, and a refusal has a name', async () => {
    const learned = await lsm(['learn', '--json', '--', 'cat', 'in'], { cwd })
    expect(learned.code).toBe(0)
    const { policy } = JSON.parse(learned.stdout)
    expect(policy.allow.read).toContain(join(cwd, 'in'))
    writeFileSync(join(cwd, 'policy.json'), JSON.stringify(policy))
    const run = await lsm(['exec', '--policy', 'policy.json', '--json', '--watch', '--', 'cat', join(cwd, 'in'),
      join(cwd, 'policy.json')], { cwd })
    const { stdout, denials } = JSON.parse(run.stdout)
    expect([run.code, stdout]).toEqual([1, 'text\n'])
    expect(denials).toContainEqual(expect.objectContaining({
      path: join(cwd, 'policy.json'), by: 'landlock', sentence: expect.stringContaining('read refused by landlock'),
    }))
  })

  test('what is accepted is a list, and a refusal has its hint on a line of its own', async () => {
    const accept = ['--accept', 'attributes,udp', '--accept', 'file-events']
    expect((await lsm(['exec', '--preset', 'git', ...accept, '--', 'true'], { cwd })).code).toBe(0)
    expect(await lsm(['exec', '--preset', 'git', '--accept', 'udp,upd', '--', 'true'], { cwd }))
      .toMatchObject({ code: 2, stderr: expect.stringContaining('`upd` is nothing that can be accepted') })
    const { code, stderr } = await lsm(['exec', '--preset', 'git', '--cwd', '/absent', '--', 'true'], { cwd })
    expect({ code, lines: stderr.trimEnd().split('\n') }).toEqual({
      code: 126, lines: ['lsm: cwd: `/absent` is not a folder that can be entered', '(a folder that is there)'],
    })
  })

  test('a log is not a program', async () => {
    expect((await lsm(['learn', 'cat'], { cwd })).stderr).toContain('`cat` cannot be read')
    expect(await lsm(['learn', 'log.jsonl', '--', 'cat'], { cwd }))
      .toMatchObject({ code: 2, stderr: expect.stringContaining('one log, or one program behind `--`') })
    expect(await lsm(['learn', '--generalise', '--', 'cat'], { cwd }))
      .toMatchObject({ code: 2, stderr: expect.stringContaining('`--generalise` is of a log, not of a program') })
    expect((await lsm(['exec', '--preset', 'git', '--mediate', '--', 'true'], { cwd })).stderr)
      .toContain('there is no module that could decide')
    expect((await lsm(['exec', '--preset', 'git', '--mediate', '--check'], { cwd })).stdout)
      .toContain('connect, bind, pidfd_send_signal: made by the watch, on a copy of')
  })
})
