/** A program by node:wasi and nothing else. */
import { readFileSync } from 'node:fs'
import { WASI } from 'node:wasi'

const wasi = new WASI({ version: 'preview1', args: ['hello'] })
const module = new WebAssembly.Module(readFileSync(process.argv[2]!))
wasi.start(new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports))
