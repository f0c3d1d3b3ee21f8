/** The name of a task whose program came from outside: records and refusals show it. */
import { capability } from '@lsmkit/capability'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { runWasi } from './index.ts'
import { bootForTest } from './testing/boot.ts'
import { testModule } from './testing/module.ts'

const program = testModule({ imports: [], memory: [1], functions: { _start: { locals: 0, code: [] } } })

test.each<[argv: readonly string[] | undefined, name: string]>([
  [undefined, 'program'], [['tool'], 'tool'], [['/usr/bin/tool', 'x'], 'tool'], [[], 'program'], [['/'], 'program'],
  [['a-name-that-is-too-long'], 'a-name-that-is-'],
])('%j', (argv, name) => {
  const names: string[] = []
  const watch = defineLsm({
    name: 'watch', abi: '1.0', hooks: { task_free: (task) => void names.push(task.comm) },
  })
  const kernel = bootForTest([capability(), watch])
  const before = kernel.init.comm
  const options = argv === undefined ? { program } : { program, argv }
  expect(runWasi(kernel, kernel.init, options).status).toBe(0)
  expect(names).toContain(name)
  expect(kernel.init.comm).toBe(before)
})
