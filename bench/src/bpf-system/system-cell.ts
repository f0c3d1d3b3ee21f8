/** A booted kernel on one stack; a pass gives the time of each operation asked for. */
import { readFileSync } from 'node:fs'
import { AT_FDCWD, O_RDONLY, RLIMIT_NOFILE, ownValue } from '@lsmkit/abi'
import { bootKernel } from '@lsmkit/kernel'
import { runWasi } from '@lsmkit/wasi'
import type { Cell } from '../harness/cell.ts'
import { used } from '../harness/memory.ts'
import { sustainedPass } from '../harness/sustained.ts'
import type { Stretches } from '../harness/sustained.ts'
import { must, operationsOn } from '../system/operations.ts'
import type { Operation } from '../system/operations.ts'
import { stacks } from './stacks.ts'
import type { StackName } from './stacks.ts'

export interface SystemArgs extends Stretches {
  readonly stack: StackName
  readonly operations: readonly Operation[]
}

const SPACE = 20_000
/** Objects that are there before any is counted. */
const FIRST = 200

export const cell = ({ stack, operations, ...stretches }: SystemArgs): Cell => {
  const from = performance.now()
  const kernel = bootKernel({ stack: stacks[stack]() })
  const boot = performance.now() - from
  const { sys, init } = kernel
  const on = operationsOn(kernel)
  const passes = operations.map((operation) => sustainedPass(on[operation], stretches))
  let names = 0
  const makers: Readonly<Record<string, () => void>> = {
    inode: () => void must(sys.mkdirat(init, AT_FDCWD, `/srv/${names++}`, 0o755)),
    file: () => void must(sys.openat(init, AT_FDCWD, '/srv/files/file0', O_RDONLY, 0)),
    task: () => void must(sys.fork(init)),
  }
  return {
    pass: () => passes.map((pass) => pass()),
    ask: {
      /** Milliseconds from nothing to a kernel; the first of this process. */
      boot: () => boot,
      /** Bytes that one more object takes. */
      space(kind) {
        const make = ownValue(makers, kind as string)!
        must(sys.setrlimit(init, RLIMIT_NOFILE, { rlim_cur: 2 * SPACE, rlim_max: 2 * SPACE }))
        for (let i = 0; i < FIRST; i++) make()
        const before = used()
        for (let i = 0; i < SPACE; i++) make()
        return (used() - before) / SPACE
      },
      /** Bytes that an operation leaves behind. */
      left(times) {
        for (let i = 0; i < 10_000; i++) on.open(i)
        const before = used()
        for (let i = 0; i < (times as number); i++) on.open(i)
        return (used() - before) / (times as number)
      },
      /** Millions of opens by one program, which never lets the event loop turn: was any refused, and what is left? */
      guest(millions) {
        const program = new Uint8Array(readFileSync(new URL('./guest/opens.wasm', import.meta.url)))
        const before = used()
        const argv = Array.from({ length: (millions as number) + 1 }, () => 'opens')
        const { status } = runWasi(kernel, init, { program, argv })
        return { refused: status, left: used() - before }
      },
    },
  }
}
