/** The modules that each thread of a shell loads: one has just-bash and no kernel, the other the reverse. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const IMPORT = /^(?:import|export)(?! type)(?:[^'"\n]|\n(?!import|export))*? from '([^']+)'/gm

/** The names of all modules outside of this package that a file leads to. */
const outsideOf = (file: URL, seen = new Set<string>(), names = new Set<string>()): Set<string> => {
  if (seen.has(file.href)) return names
  seen.add(file.href)
  for (const [, name] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    if (name!.startsWith('.')) outsideOf(new URL(name!, file), seen, names)
    else names.add(name!)
  }
  return names
}

test('a thread of lines loads no kernel', () => {
  expect([...outsideOf(new URL('worker.ts', import.meta.url))].sort()).toEqual([
    '@lsmkit/abi', '@lsmkit/kernel/files', 'just-bash',
  ])
})

test('the thread of the kernel loads no just-bash, and no other kernel than that of the box', () => {
  expect([...outsideOf(new URL('box.ts', import.meta.url))].sort()).toEqual([
    '@lsmkit/abi', '@lsmkit/core/option-rules', '@lsmkit/kernel/files',
  ])
  // which the main entry does
  expect(outsideOf(new URL('bash.ts', import.meta.url))).toContain('just-bash')
})
