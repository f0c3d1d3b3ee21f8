/** `lsm run` keeps what WASI preview 1 promises of files in a folder of the host that it mounts (subjects.c). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'

const base = mkdtempSync(join(tmpdir(), 'run-subjects-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const subjects = fileURLToPath(new URL('../../../wasi/programs/test/subjects.wasm', import.meta.url))

test.skipIf(process.platform !== 'linux')('36 of 36 subjects', async () => {
  const names = (await lsm(['run', subjects])).stdout.trim().split('\n')
  const notOk: string[] = []
  for (const name of names) {
    const folder = mkdtempSync(join(base, 'd-'))
    const { code, stdout } = await lsm(['run', '--mount', `${folder}:/d:rw`, subjects, name])
    if (code !== 0 || stdout !== `${name}: ok\n`) notOk.push(name)
  }
  expect([names.length, notOk]).toEqual([36, []])
})
