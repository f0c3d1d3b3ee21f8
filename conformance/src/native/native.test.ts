/** A small part of what `escapes.ts` and `equality.ts` do. */
import { describe, expect, test } from 'vitest'
import { hostSystem, landlockAbi } from '@lsmkit/native/sys'
import { allAttempts } from './attempts.ts'
import { compareOne } from './compare.ts'
import { openField, runAttempts } from './run-attempts.ts'
import type { Answer, AttemptMode } from './run-attempts.ts'

const abi = ((): number => {
  try {
    return landlockAbi(hostSystem())
  } catch {
    return 0
  }
})()
if (abi < 6) process.stderr.write(`SKIPPED: attempts on a native box need Landlock ABI 6, here is ${abi}\n`)

const attempted = async (mode: AttemptMode, choose: (name: string, index: number) => boolean): Promise<Answer[]> => {
  const field = await openField()
  try {
    return await runAttempts(field.surroundings, mode, choose)
  } finally {
    field.close()
  }
}

test('there are more than 400 attempts, by different names', () => {
  const names = allAttempts.map(({ name }) => name)
  expect(names.length).toBeGreaterThan(400)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})

describe.skipIf(abi < 6)('a native box', () => {
  test('keeps in what one process can try', async () => {
    const answers = await attempted('box', (_, index) => allAttempts[index]!.alone !== true)
    expect(answers.length).toBeGreaterThan(200)
    expect(answers.filter(({ out }) => out)).toEqual([])
    expect(answers.filter(({ detail }) => detail.startsWith('no answer'))).toEqual([])
  })

  test('keeps it in when the watcher makes the calls', async () => {
    const isOfProc = /(outside|starter): its (memory|variables|maps|stack|files|folder|namespaces)|descriptor by/
    const answers = await attempted('mediate', (name, index) => allAttempts[index]!.alone !== true &&
      (isOfProc.test(name) || /^(swap|openat2|socket: an abstract|a device that|a file (for|of))/.test(name)))
    expect(answers.length).toBeGreaterThan(30)
    expect(answers.filter(({ out }) => out)).toEqual([])
    expect(answers.filter(({ detail }) => detail.startsWith('no answer'))).toEqual([])
  })

  test('is what keeps it in', async () => {
    const answers = await attempted('open', (name) => /^(read|execute|socket: (TCP|UDP))/.test(name))
    expect(answers.filter(({ out }) => out).length).toBeGreaterThan(35)
  })

  test('answers as the model and a box of WebAssembly do', async () => {
    const { asked, yes, differences } = await compareOne(42, 300)
    expect(asked).toBeGreaterThan(250)
    expect(yes).toBeGreaterThan(20)
    expect(differences).toEqual([])
  })
})
