import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const run = (args: readonly string[], cwd = import.meta.dirname) =>
  spawnSync(process.execPath, ['--conditions=lsmkit:source', join(import.meta.dirname, 'lsm.ts'), ...args], {
    encoding: 'utf8', input: '{"process":{"uid":0}}', env: { ...process.env, INIT_CWD: cwd },
  })

test('the executable: results on stdout, exit code of the command', () => {
  const file = 'lockdown,capability,bpf,ima,evm\n'
  expect(run(['order', 'lsm=bpf'])).toMatchObject({ status: 0, stdout: file, stderr: '' })
  const branch = expect.stringContaining('"root-permitted"')
  expect(run(['caps', 'exec', '--json'])).toMatchObject({ status: 0, stdout: branch })
  expect(run(['ordr'])).toMatchObject({ status: 2, stdout: '' })
})

test('a reader that takes its time, and one that has had enough', () => {
  const lsm = `'${process.execPath}' --conditions=lsmkit:source '${join(import.meta.dirname, 'lsm.ts')}' hooks --json`
  const sh = (text: string) => spawnSync('/bin/sh', ['-c', text], { encoding: 'utf8' })
  const { hooks } = JSON.parse(sh(`${lsm} | (sleep 1; cat)`).stdout) as { hooks: readonly object[] }
  expect(hooks.length).toBeGreaterThan(200)
  expect(sh(`(${lsm}; echo "ended with $?" >&2) | head -c 1`)).toMatchObject({ stdout: '{', stderr: 'ended with 0\n' })
})
