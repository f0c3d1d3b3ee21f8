/** Bytes of optimised machine code of a system call, as V8 prints them. */
import { spawn } from 'node:child_process'
import type { CellSpec } from '../harness/cell.ts'

const RUN = `
const { cell } = await import(process.argv[1])
const { ask } = await cell(JSON.parse(process.argv[2]))
for (let i = 0; i < 40; i++) ask.callLoop(2000)
`

const printed = async ({ module, args }: CellSpec, filter: string): Promise<string> => {
  const flags = [
    '--conditions=lsmkit:source',
    '--no-concurrent-recompilation',
    '--print-opt-code',
    `--print-opt-code-filter=${filter}`,
    '--input-type=module',
    '-e',
    RUN,
  ]
  const child = spawn(process.execPath, [...flags, module, JSON.stringify(args)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  await new Promise((resolve) => child.once('close', resolve))
  return text
}

/**
 * Size of the last code that TurboFan made for the loop of a path cell, with the system call and its hooks inlined; NaN
 * when this Node prints none.
 */
export const codeSize = async (spec: CellSpec): Promise<number> => {
  const sizes = (await printed(spec, 'loop')).matchAll(/^name = loop$[^]*?^Instructions \(size = (\d+)\)/gm)
  return Number([...sizes].at(-1)?.[1] ?? Number.NaN)
}
