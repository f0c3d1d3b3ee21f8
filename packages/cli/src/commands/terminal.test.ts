/** Programs of `lsm run` and `lsm sandbox` on a terminal: they see one, and its keys are theirs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasTerminals, typeAt } from '../../test/test-terminal.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-terminal-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const sh = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs/sh.wasm')
const policy = join(cwd, 'policy.json')
writeFileSync(policy, JSON.stringify({ version: 1, allow: { write: ['/out'] } }))

describe.skipIf(!hasTerminals).each([
  ['lsm run', 'run --quiet --posix --unlimited --dir /'],
  ['lsm sandbox', `sandbox --quiet --policy '${policy}'`],
])('%s', (_, command) => {
  test('a prompt, editing, and an exit code', async () => {
    const { shown, code } = await typeAt(`${command} '${sh}'`, [
      ['test -t 0 && test -t 1 && test -t 2 && echo is\\ a tty\r', '\nis a tty\n$ '],
      ['echo helol\x7f\x7flo\r', '\nhello\n$ '],
      ['\x03', '$ '],
      ['exit 7\r', 'exit 7'],
    ])
    expect(code).toBe(7)
    expect(shown).toContain('\nhello\n$ ')
  })

  test('the key that interrupts ends what computes', async () => {
    const loop = `${command} '${sh}' -c 'echo go; while :; do :; done'`
    expect((await typeAt(loop, [['\x03', 'never shown']], 'go\n')).code).toBe(130)
  })
})
