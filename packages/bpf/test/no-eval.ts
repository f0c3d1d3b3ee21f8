/** Prints what a process that may not make code from text comes to, as JSON; no-eval.test.ts runs it. */
import { readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { loadAttempt } from '../src/fuzz/fuzz-loads.ts'
import { bpf } from '../src/lsm/bpf-lsm.ts'
import { mayCompile } from '../src/vm/may-compile.ts'

/** Answers of opens to read and to write an executable, and how the program loads what it looks at. */
const deflector = () => {
  const lsm = bpf()
  const stack = createStack({ lsms: [capability(), lsm] })
  const object = new Uint8Array(readFileSync(new URL('../objects/deflector.o', import.meta.url)))
  const loaded = lsm.load(stack, object)
  loaded.attachAll()
  const { objects, current: { task: { cred } } } = stack
  const inode = objects.inode(0o100755, objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, cred.user_ns), 1)
  const open = (mode: number) => stack.lsm.file_open.ask(objects.file(mode, 0, null as never, inode, cred))
  return { opens: [open(1), open(2)], loads: loaded.program('deflect_open').loads.map(({ form }) => form) }
}

const random = () => {
  const outcomes = Array.from({ length: 7 }, (_, seed) => loadAttempt(seed + 1)).flat()
  return {
    differences: outcomes.flatMap(({ difference }) => difference ?? []),
    forms: [...new Set(outcomes.flatMap(({ forms }) => forms))].toSorted(),
  }
}

process.stdout.write(JSON.stringify({ mayCompile: mayCompile(), deflector: deflector(), random: random() }))
