/** The cost of beginning: a kernel, or a whole process that says hello. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Cell } from '../harness/cell.ts'
import { timedOnce } from '../harness/cell.ts'

export interface StartArgs {
  readonly what: 'boot' | 'lsm run' | 'node:wasi'
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const hello = at('./guest/hello.wasm')

/** Milliseconds of wall time, of a process that must say hello. */
const process_ = (args: readonly string[]): (() => number) => timedOnce(() => {
  const { status, stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' },
  })
  if (status !== 0 || stdout !== 'hello\n') throw new Error(`${args.join(' ')} ended with ${status}: ${stdout}`)
  return stdout.length
})

export const cell = ({ what }: StartArgs): Cell => {
  switch (what) {
    case 'boot': return {
      pass: timedOnce(() => bootKernel({ stack: createStack({ lsms: [capability()] }) }).init.pid),
    }
    case 'lsm run': return { pass: process_([at('../../../packages/cli/dist/lsm.cjs'), 'run', hello]) }
    case 'node:wasi': return { pass: process_([at('./node-hello.mjs'), hello]) }
  }
}
