/** For tests: a kernel with the programs of `programs/` in its tree, and a shell to give them work. */
import { readFileSync, readdirSync } from 'node:fs'
import type { Kernel } from '@lsmkit/kernel'
import type { WasiOptions, WasiResult } from '../src/options.ts'
import { runWasiAsync } from '../src/run-async.ts'
import { collect, makeDir, writeFile } from '../src/testing/boot.ts'

const folder = new URL('../programs/', import.meta.url)

/** `name.wasm` of `programs/`, those of the tests as `test/name`. */
export const toolBytes = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`${name}.wasm`, folder)))

const namesIn = (where: string): string[] =>
  readdirSync(new URL(where, folder)).filter((name) => name.endsWith('.wasm')).map((name) => name.slice(0, -5))

/** Puts all of them into /bin. */
export const installTools = (kernel: Kernel): void => {
  makeDir(kernel, '/bin')
  makeDir(kernel, '/tmp', 0o1777)
  for (const name of namesIn('.')) writeFile(kernel, `/bin/${name}`, toolBytes(name), 0o755)
  for (const name of namesIn('test/')) writeFile(kernel, `/bin/${name}`, toolBytes(`test/${name}`), 0o755)
}

export interface Said extends WasiResult {
  readonly out: string
  readonly err: string
}

/** `sh -c text`, as a child of init. */
export const shell = async (kernel: Kernel, text: string, options: Partial<WasiOptions> = {}): Promise<Said> => {
  const out = collect()
  const err = collect()
  const result = await runWasiAsync(kernel, kernel.init, {
    program: '/bin/sh', argv: ['sh', '-c', text], env: { PATH: '/bin', HOME: '/tmp' }, stdin: '', stdout: out.sink,
    stderr: err.sink, posix: true, ...options,
  })
  return { ...result, out: out.text(), err: err.text() }
}
