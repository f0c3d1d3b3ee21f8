/** What is packed: never a package without its build, and nothing that is not on the list. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kindsOf } from './packed-files.mjs'

const manifest = {
  name: 'own',
  exports: {
    '.': { 'lsmkit:source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './objects/*': './objects/*',
    './package.json': './package.json',
  },
  bin: { own: './dist/own.js' },
}
const whole = ['dist/index.js', 'dist/index.d.ts', 'dist/own.js', 'objects/a.o', 'README.md', 'LICENSE', 'CHANGELOG.md']

describe('prepack', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lsmkit-prepack-'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const packedWith = (files: readonly string[]) => {
    for (const file of files) {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), '')
    }
    const script = join(import.meta.dirname, 'prepack.mjs')
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' })
    return { status, stderr }
  }

  test('lets a whole package pass', () => {
    expect(packedWith(whole)).toEqual({ status: 0, stderr: '' })
  })

  test.each(whole)('refuses one without %s', (missing) => {
    const { status, stderr } = packedWith(whole.filter((file) => file !== missing))
    expect(status).toBe(1)
    expect(stderr).toContain(missing.replace('a.o', '*'))
  })

  test('says how to build what is not built', () => {
    expect(packedWith(['README.md', 'LICENSE', 'CHANGELOG.md', 'objects/a.o']).stderr).toContain('--filter=own')
  })
})

test('parts of a build have any name; tests, maps and sources are told one by one', () => {
  const files = [
    'package.json', 'dist/index.js', 'dist/chunk-AAAA.js', 'dist/chunk-BBBB.js', 'dist/a/b.d.ts', 'dist/index.js.map',
    'dist/a.test.d.ts', 'dist/testing/machine.d.ts', 'src/index.ts',
  ]
  expect(kindsOf(files, manifest)).toEqual([
    'dist/**/*.d.ts', 'dist/**/*.js', 'dist/a.test.d.ts', 'dist/index.js', 'dist/index.js.map',
    'dist/testing/machine.d.ts', 'package.json', 'src/index.ts',
  ])
})
