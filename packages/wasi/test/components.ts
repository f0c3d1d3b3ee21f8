/** For tests: components made of core modules of preview 1, as `jco new` makes them, and of text. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools'
import { testModule } from '../src/testing/module.ts'

const jco = createRequire(import.meta.url).resolve.paths('@bytecodealliance/jco')!
  .map((folder) => `${folder}/@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm`)

const adapter = (): Uint8Array => {
  for (const file of jco) {
    try {
      return new Uint8Array(readFileSync(file))
    } catch {
      // in a folder further out
    }
  }
  throw new Error('@bytecodealliance/jco is not installed')
}

/** The command that a program of preview 1 is, as a component. */
export const componentOf = async (module: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await componentNew(module, [['wasi_snapshot_preview1', adapter()]]))

export const componentOfText = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await parse(text))

/** The same of a module that a test has put together. */
export const componentOfModule = (of: Parameters<typeof testModule>[0]): Promise<Uint8Array<ArrayBuffer>> =>
  componentOf(testModule(of))
