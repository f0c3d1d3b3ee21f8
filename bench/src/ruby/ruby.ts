/**
 * Does a real program notice the hooks? Ruby over 200 files: capability and warden against a kernel without hook
 * calls.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../harness/bundle.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio } from '../harness/compare.ts'
import type { Effort } from '../harness/compare.ts'
import { bundleWithoutHooks } from '../system/without-hooks.ts'
import { target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import type { RubyArgs } from './ruby-cell.ts'

/**
 * A pass starts Ruby anew and gives five rounds. V8 compiles Ruby's code while it runs, in each process at other
 * moments: one pair of processes scatters by more than the kernel has of the time, so there are several.
 */
const QUICK: Effort = { rounds: 3, passes: 2, warmUp: 1, warmsTogether: true }
const NORMAL: Effort = { rounds: 8, passes: 3, warmUp: 1 }

const bundled = (hooked: boolean, folder: string): Promise<string> => {
  const entry = new URL('./ruby-cell.ts', import.meta.url)
  return hooked
    ? bundle(join(folder, 'ruby-hooked.mjs'), { entryPoints: [fileURLToPath(entry)] })
    : bundleWithoutHooks(entry, join(folder, 'ruby-no-hooks.mjs'))
}

const ruby = (): string => createRequire(import.meta.url).resolve('@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm')

/** Ruby's work on a stack. */
export const rubySpec = (name: string, stack: RubyArgs['stack']): CellSpec => {
  const args: RubyArgs = { ruby: ruby(), stack }
  return { name, module: new URL('./ruby-cell.ts', import.meta.url).href, args }
}

export const rubyOverhead = async (
  quick: boolean,
  folder: string,
): Promise<{ cells: CellResult[]; target: Target }> => {
  const spec = async (name: string, hooked: boolean): Promise<CellSpec> =>
    ({ ...rubySpec(name, hooked ? 'capability,warden' : 'capability'), module: await bundled(hooked, folder) })
  const names = ['ruby noHooks', 'ruby capability,warden'] as const
  const samples = await measure([await spec(names[0], false), await spec(names[1], true)], quick ? QUICK : NORMAL)
  return {
    cells: cellsOf(samples, 'ns'),
    target: target('ruby-stack-overhead', ratio(samples, names[1], names[0]), '<=', 1.03),
  }
}
