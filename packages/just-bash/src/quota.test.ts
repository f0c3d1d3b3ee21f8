/** The limits `files` and `inodes` for command lines, and what commands say when they are reached. */
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { Sandbox } from '@lsmkit/sandbox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bash } from './bash.ts'

const full = 'No space left on device'
let box: Sandbox
beforeAll(async () => {
  box = await createSandbox({
    inline: true, allow: { read: ['/data', '/out'], write: ['/data', '/out'], exec: ['/bin'] },
    mounts: { '/data': memory(), '/out': memory() }, limits: { files: '64 KiB', inodes: 40 }, shell: bash(),
  })
  await box.fs.writeFile('/data/big', 'x\n'.repeat(45_000))
})
afterAll(() => box.close())

test.each([
  ['cp big c', `cp: cannot copy 'big': ${full}`],
  ['cp -r /data /out/d', `cp: cannot copy '/data': ${full}`],
  ['mv big /out/big', `mv: cannot move 'big': ${full}`],
  ['tee q < big > /dev/null', `tee: q: ${full}`],
  ['cat big > c', `bash: /data/c: ${full}`],
  ['sed -i s/x/xxx/ big', `sed: big: ${full}`],
  ['for i in $(seq 60); do touch /out/n$i || break; done', `touch: cannot touch '/out/n41': ${full}`],
])('%s', async (line, said) => {
  const { stderr } = await box.sh(`cd /data; ${line}`)
  expect(stderr).toBe(`${said}\n`)
  await box.sh('rm -rf /data/c /data/q /out/*')
})

test('what one line has added does not count for the next', async () => {
  const line = 'seq 9000 > /out/a; ls /out'
  expect(await box.sh(line)).toMatchObject({ stdout: 'a\n', stderr: '' })
  expect(await box.sh('seq 9000 > /out/b; ls /out')).toMatchObject({ stdout: 'a\nb\n', stderr: '' })
})
