/** A program by node:wasi and nothing else; JavaScript, because Node needs a while to take types off. */
import { readFileSync } from 'node:fs'
import { WASI } from 'node:wasi'

const wasi = new WASI({ version: 'preview1', args: ['hello'] })
const module = new WebAssembly.Module(readFileSync(process.argv[2]))
wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()))
