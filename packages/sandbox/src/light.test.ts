/** What a program loads that imports `@lsmkit/sandbox` and has its boxes in the worker: no kernel, and no WASI host. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const STATIC = /^(?:import|export)(?! type)(?:[^'"\n]|\n(?!import|export))*? from '([^']+)'/gm

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly 'lsmkit:source': string }>>
}

const sourceOf = (specifier: string, from: URL): URL | null => {
  if (specifier.startsWith('.')) return new URL(specifier, from)
  const [, name, entry = ''] = /^@lsmkit\/([^/]+)(\/.+)?$/.exec(specifier) ?? []
  if (name === undefined) return null
  const root = new URL(`../../${name}/`, import.meta.url)
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Manifest
  return new URL(manifest.exports[`.${entry}`]!['lsmkit:source'], root)
}

/** All files that importing one loads at once. */
const loadedBy = (file: URL, seen = new Set<string>()): Set<string> => {
  const path = fileURLToPath(file)
  if (seen.has(path)) return seen
  seen.add(path)
  for (const [, specifier] of readFileSync(path, 'utf8').matchAll(STATIC)) {
    const next = sourceOf(specifier!, file)
    if (next !== null) loadedBy(next, seen)
  }
  return seen
}

const inPackage = (files: Iterable<string>, name: string): string[] =>
  [...files].filter((file) => file.includes(`/packages/${name}/`)).map((file) => file.split(`/${name}/src/`)[1]!)

test('importing the sandbox loads no kernel and no host of programs', () => {
  const light = loadedBy(new URL('index.ts', import.meta.url))
  expect(inPackage(light, 'sandbox')).toContain('remote/remote-box.ts')
  // what names of files and answers of calls are to its `fs`
  expect(inPackage(light, 'kernel').length).toBeLessThan(20)
  const limits = ['limits.ts', 'read-limits.ts', 'thread-cache.ts', 'threads.ts']
  expect(inPackage(light, 'wasi').sort()).toEqual(['errors.ts', ...limits])
  expect(inPackage(light, 'landlock')).toEqual([])
  // rules of options and errors, and not the framework
  expect(inPackage(light, 'core').sort()).toEqual([
    'did-you-mean.ts', 'errors.ts', 'option-rules.ts', 'options.ts', 'plain-options.ts',
  ])
  const inside = loadedBy(new URL('inline.ts', import.meta.url))
  expect(inPackage(inside, 'kernel').length).toBeGreaterThan(100)
  expect(inPackage(inside, 'kernel').filter((file) => /^(?:bpf|ipc|keys)\/(?!no-|attr)|overlay\/|tracing\//.test(file)))
    .toEqual([])
  // a box that has run no program has no host of programs
  expect(inPackage(inside, 'wasi').sort()).toEqual(limits)
})
