/**
 * Does a real program notice the hooks? Ruby over 200 files: capability and warden against a kernel without hook
 * calls.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { rewrite } from '../dispatch/variants.ts'
import { bundle } from '../harness/bundle.ts'
import type { CellSpec } from '../harness/cell.ts'
import { cellsOf, measure, ratio } from '../harness/compare.ts'
import type { Effort } from '../harness/compare.ts'
import { target } from '../harness/result.ts'
import type { CellResult, Target } from '../harness/result.ts'
import type { RubyArgs } from './ruby-cell.ts'

/** A pass starts Ruby anew and gives five rounds. */
const QUICK: Effort = { rounds: 1, passes: 6, warmUp: 1 }
const NORMAL: Effort = { rounds: 2, passes: 12, warmUp: 1 }

/** The kernel's sources with the hook calls compiled out: everything is granted. */
const withoutHooks: Plugin = {
  name: 'without-hooks',
  setup(build) {
    build.onLoad({ filter: /packages\/kernel\/src\/.*\.ts$/ }, ({ path }) => ({
      contents: rewrite(readFileSync(path, 'utf8'), 'noHooks', 0),
      loader: 'ts',
    }))
  },
}

const buildKernel = (hooked: boolean, folder: string): Promise<string> =>
  bundle(join(folder, `ruby-${hooked ? 'hooked' : 'no-hooks'}.mjs`), {
    entryPoints: [fileURLToPath(new URL('./ruby-cell.ts', import.meta.url))],
    plugins: hooked ? [] : [withoutHooks],
  })

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
    ({ ...rubySpec(name, hooked ? 'capability,warden' : 'capability'), module: await buildKernel(hooked, folder) })
  const names = ['ruby noHooks', 'ruby capability,warden'] as const
  const samples = await measure([await spec(names[0], false), await spec(names[1], true)], quick ? QUICK : NORMAL)
  return {
    cells: cellsOf(samples, 'ns'),
    target: target('ruby-stack-overhead', ratio(samples, names[1], names[0]), '<=', 1.03),
  }
}
