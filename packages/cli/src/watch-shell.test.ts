/** `lsm shell --watch` at a terminal: a module changes, and the next shell has the tree of the one before. */
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../test/test-io.ts'
import { hasTerminals, typeAt } from '../test/test-terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'lsm-watch-shell-'))
afterAll(() => rmSync(folder, { recursive: true }))
symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
const file = join(folder, 'module.ts')

/** Refuses others than the owner to read files called `x`, with this errno. */
const source = (errno: number): string => `import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
export const watched = (): Lsm => defineLsm({
  name: 'watched', abi: '1.0',
  hooks: ({ current }) => ({
    file_open: ({ f_inode, f_path }) =>
      f_path.dentry.d_name.name === 'x' && current.task.cred.euid !== f_inode.i_uid && current.task.cred.euid !== 0
        ? ${-errno} : 0,
  }),
})
`
const shells = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('lsm-shell-'))

describe.skipIf(!hasTerminals)('lsm shell --watch', () => {
  test('starts anew with the same files, through a module that does not load', async () => {
    writeFileSync(file, source(13))
    const before = shells()
    const { shown, code } = await typeAt(
      `shell --quiet --no-history --lsm capability --module '${file}' --watch`,
      [
        ['mkdir -p d/e; echo mine > x; chmod 666 x; cp x d/y; chmod 4711 d/y; cd d\r', '$ '],
        ["other-user -c 'cat ../x'; echo =$?\r", '=1\n$ '],
        [() => writeFileSync(file, source(1)), '$ '],
        ["other-user -c 'cat ../x'; cat ../x; ls -l; pwd\r", '/home/d\n$ '],
        [() => writeFileSync(file, 'export const x: = 1\n'), 'waiting for changes (Ctrl-C ends)\n'],
        [() => writeFileSync(file, source(13)), '$ '],
        ["other-user -c 'cat ../x'; echo =$?\r", '=1\n$ '],
        ['exit 5\r', 'exit 5'],
      ],
    )
    expect(code).toBe(5)
    expect(shown).toMatch(/Permission denied[^]*Operation not permitted\nmine\n/)
    expect(shown).toMatch(/drwxr-xr-x +\d+ +1000 .* e\n-rws--x--x +1 +1000 .* y\n/)
    expect(shown).toContain('cannot be loaded')
    expect(shells()).toEqual(before)
  }, 400_000)

  test('a module that is not there cannot be watched', async () => {
    expect(existsSync(join(folder, 'none.js'))).toBe(false)
    expect(await lsm(['shell', '--watch', '--module', 'none.js'], { cwd: folder }))
      .toMatchObject({ code: 3, stderr: expect.stringContaining('there is no file to watch') })
    expect(await lsm(['shell', '--watch'], { cwd: folder })).toMatchObject({ code: 3 })
  })
})
