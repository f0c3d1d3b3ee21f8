/** Files of a box whose contents come from a function, as command lines have them. */
import { readFile } from 'node:fs/promises'
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { Sandbox } from '@lsmkit/sandbox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bash } from './bash.ts'

/** Each line has a file of its own. */
const lines = [
  ['cat late', 'one\ntwo\n'], ['cat < late | wc -l', '2\n'], ['cp late /out/c; cat /out/c', 'one\ntwo\n'],
  ['[ -s late ] && echo full', 'full\n'], ['wc -c late', '8 late\n'], ['head -n 1 late', 'one\n'],
  ['cp -r . /out/d; cat /out/d/late', 'one\ntwo\n'], ['grep -r two .', 'late:two\n'],
  ['echo new > late; cat late', 'new\n'], ['find . -size +0 -type f', './late\n'], ['ls', 'late\n'],
  ['mv late /out/m; cat /out/m', 'one\ntwo\n'], ['diff late late && echo same', 'same\n'],
] as const

let box: Sandbox
const times = new Map<number, number>()
beforeAll(async () => {
  const cat = await readFile(new URL('../../wasi/programs/cat.wasm', import.meta.url))
  const late = lines.map((_, i) => [`/data/${i}/late`, async () => {
    times.set(i, (times.get(i) ?? 0) + 1)
    return 'one\ntwo\n'
  }] as const)
  box = await createSandbox({
    inline: true, shell: bash(), files: { ...Object.fromEntries(late), '/data/cat.wasm': () => cat },
    mounts: { '/out': memory() },
    allow: { read: ['/data', '/out'], write: ['/data', '/out'], exec: ['/bin', '/data'] },
  })
  await box.fs.chmod('/data/cat.wasm', 0o755)
})
afterAll(() => box.close())

test.each(lines.map(([line, stdout], i) => [line, stdout, i] as const))('%s', async (line, stdout, i) => {
  expect(await box.sh(`cd /data/${i}; ${line}`)).toMatchObject({ stdout, stderr: '' })
  expect(times.get(i) ?? 0).toBe(line === 'ls' ? 0 : 1)
})

test('a program may be late too', async () => {
  expect(await box.sh('echo in | /data/cat.wasm')).toMatchObject({ stdout: 'in\n', stderr: '' })
})

test('all files of a directory may be late', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  await using many = await createSandbox({
    inline: true, shell: bash(), allow: { read: ['/data'], exec: ['/bin'] },
    files: Object.fromEntries(names.map((name, i) => [`/data/${name}`, async () => name.repeat(i + 1)])),
  })
  const { stdout } = await many.sh('ls -l /data')
  expect(stdout.trim().split('\n').slice(1).map((line) => line.split(/\s+/)[4])).toEqual(['1', '2', '3', '4', '5'])
})
