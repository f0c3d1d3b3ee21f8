/** Bytes of optimised machine code of the read system call, as V8 prints them. */
import { spawn } from 'node:child_process'
import type { CellSpec } from '../harness/cell.ts'

const RUN = `const { cell } = await import(process.argv[1]); const { pass } = await cell(JSON.parse(process.argv[2])); for (let i = 0; i < 30; i++) pass()`

const printed = async ({ module, args }: CellSpec): Promise<string> => {
  const flags = ['--conditions=lsmkit:source', '--print-opt-code', '--print-opt-code-filter=sys_read', '--input-type=module', '-e', RUN]
  const child = spawn(process.execPath, [...flags, module, JSON.stringify(args)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  await new Promise((resolve) => child.once('close', resolve))
  return text
}

/** Size of the last code made for `sys_read`; NaN when this Node prints none. */
const lastSize = (text: string): number => Number([...text.matchAll(/Instructions \(size = (\d+)\)/g)].at(-1)?.[1] ?? Number.NaN)

export const codeSizes = async (specOf: (way: string) => Promise<CellSpec>): Promise<Record<string, number>> => ({
  'code size noHooks': lastSize(await printed(await specOf('noHooks'))),
  'code size swap 0': lastSize(await printed(await specOf('swap'))),
})
