/** One operation, repeated by a program on one host: nanoseconds each, by the program's own clock. */
import { mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { WASI as NodeWasi } from 'node:wasi'
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI as ShimWasi } from '@bjorn3/browser_wasi_shim'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { compileProgram, runWasi } from '@lsmkit/wasi'
import type { Cell } from '../harness/cell.ts'

/**
 * `hostfs`, by Node's calls and by native ones, and `tmpfs` are ours; node:wasi has the host's folder,
 * browser_wasi_shim files in memory.
 */
export type HostName = 'hostfs' | 'hostfs, native' | 'tmpfs' | 'node:wasi' | 'browser_wasi_shim'

/** How often a pass does each; for listings, the number of names in them together. */
export const operations = {
  call: { letter: 'n', times: 200_000 },
  open: { letter: 'o', times: 2000 },
  stat: { letter: 's', times: 4000 },
  create: { letter: 'c', times: 500 },
  readdir: { letter: 'd', times: 10_000 },
  walk: { letter: 'w', times: 1 },
} as const
export type OperationName = keyof typeof operations

export interface GuestArgs {
  readonly host: HostName
  readonly operation: OperationName
  /** Names in the directory; for a walk, files below it. */
  readonly names: number
}

const bytes = new Uint8Array(readFileSync(new URL('./guest/operations.wasm', import.meta.url)))
const nameOf = (i: number): string => `f${String(i).padStart(2, '0')}`
const NO_FILES: readonly [string, File][] = []

type Runner = (args: readonly string[]) => Uint8Array

/** Files of a tree: eleven in each folder of three levels, as in packages that were installed. */
const treeName = (i: number): string => {
  const leaf = Math.floor(i / 11)
  return join(`a${leaf % 10}`, `b${Math.floor(leaf / 10) % 10}`, `c${Math.floor(leaf / 100)}`, nameOf(i % 11))
}

/** A folder of the host, gone with the process. */
const folder = ({ operation, names }: GuestArgs): string => {
  const path = mkdtempSync(join(tmpdir(), 'bench-wasi-'))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  mkdirSync(join(path, 'd'))
  for (let i = 0; i < names; i++) {
    const file = join(path, 'd', operation === 'walk' ? treeName(i) : nameOf(i))
    if (operation === 'walk' && i % 11 === 0) mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, 'hello')
  }
  return path
}

const ours = (args: GuestArgs): Runner => {
  const { host, names } = args
  const type = host === 'tmpfs' ? host
    : hostfs({ path: join(folder(args), 'd'), writable: true, native: host === 'hostfs, native' })
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }), mounts: [{ type, target: '/d' }] })
  const { sys, init } = kernel
  if (host === 'tmpfs') for (let i = 0; i < names; i++) sys.mknod(init, `/d/${nameOf(i)}`, 0o100644, 0)
  const program = compileProgram(bytes)
  return (argv) => {
    let told = new Uint8Array(0)
    const { status, reason } = runWasi(kernel, init, {
      program, argv, preopens: { '/d': '/d' }, stdout: (part) => void (told = part.slice()),
    })
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${reason}`)
    return told
  }
}

const nodes = (bench: GuestArgs): Runner => {
  const path = folder(bench)
  const module = new WebAssembly.Module(bytes)
  return (args) => {
    const stdout = openSync(join(path, 'out'), 'w+')
    const wasi = new NodeWasi({ version: 'preview1', args: [...args], preopens: { '/d': join(path, 'd') }, stdout })
    wasi.start(new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports))
    const told = new Uint8Array(16)
    readSync(stdout, told, 0, told.length, 0)
    return told
  }
}

const shims = ({ names }: GuestArgs): Runner => {
  const files = Array.from({ length: names }, (_, i) =>
    [nameOf(i), new File(new TextEncoder().encode('hello'))] as const)
  const module = new WebAssembly.Module(bytes)
  return (args) => {
    let told = new Uint8Array(0)
    const wasi = new ShimWasi([...args], [], [
      new OpenFile(new File([])), new ConsoleStdout((part) => void (told = part.slice())),
      new ConsoleStdout(() => {}), new PreopenDirectory('/d', new Map([...NO_FILES, ...files])),
    ])
    wasi.start(new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport }) as never)
    return told
  }
}

export const cell = (args: GuestArgs): Cell => {
  const { host, operation, names } = args
  const run = host === 'node:wasi' ? nodes(args) : host === 'browser_wasi_shim' ? shims(args) : ours(args)
  const { letter, times: most } = operations[operation]
  const times = operation === 'readdir' ? Math.max(1, Math.round(most / names)) : most
  return {
    pass() {
      const told = run(['operations', letter, String(times)])
      const view = new DataView(told.buffer, told.byteOffset, told.length)
      return Number(view.getBigUint64(0, true)) / Number(view.getBigUint64(8, true))
    },
  }
}
