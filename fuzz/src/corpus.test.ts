/** What was found once stays mended: every file of the corpora is tried again, in a process that is watched. */
import { expect, test } from 'vitest'
import { corpora, corpusOf } from './frame/corpus.ts'
import { runFuzzer } from './frame/run-fuzzer.ts'
import { fuzzers } from './fuzzers.ts'

const table = new URL('./fuzzers.ts', import.meta.url).href

test('each corpus is that of a fuzzer', () => {
  expect(corpora().filter((name) => !Object.hasOwn(fuzzers, name))).toEqual([])
})

test.each(corpora())('corpus of %s', async (name) => {
  const files = corpusOf(name)
  const { inputs, findings } = await runFuzzer({ table, name, seed: 0, seconds: 0, files })
  expect(findings.map(({ kind, number, detail }) => ({ file: files[number], kind, detail }))).toEqual([])
  expect(inputs).toBeGreaterThanOrEqual(files.length)
})
