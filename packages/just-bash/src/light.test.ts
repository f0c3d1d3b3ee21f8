/** The modules that a thread of lines loads: just-bash and the messages, but no kernel. */
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
  // which the shell in the thread of the kernel does
  expect(outsideOf(new URL('bash.ts', import.meta.url))).toContain('@lsmkit/kernel')
})
