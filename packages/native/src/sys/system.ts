/** System calls of the host by koffi: each answers a number, or -errno. Nothing is loaded before the first use. */
import { createRequire } from 'node:module'
import type * as KoffiModule from 'koffi'
import { NativeError } from '../native-error.ts'
import { arches, callNumber } from './calls.ts'
import type { Arch } from './calls.ts'

/** A number, a pointer as a bigint, bytes that the kernel reads or writes, or null for a null pointer. */
export type Argument = number | bigint | Uint8Array | null

type Koffi = typeof KoffiModule

const NO_CALL_HINT = 'lsmkit confines native programs on Linux, on x86-64 and arm64'

export class System {
  readonly arch: Arch
  readonly #koffi: Koffi
  readonly #syscall: (...args: readonly (number | bigint)[]) => number | bigint
  readonly #numbers = new Map<string, number>()

  constructor(arch: Arch, koffi: Koffi) {
    this.arch = arch
    this.#koffi = koffi
    // of the process itself: glibc and musl both have it
    const libc = koffi.load(null)
    const parameters = Array.from({ length: 7 }, () => 'intptr_t').join(', ')
    this.#syscall = libc.func(`intptr_t syscall(${parameters})`) as never
  }

  /** The number of a call. Throws NativeError for a call that this processor does not have. */
  number(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = callNumber(this.arch, name)
    if (number === null) throw new NativeError('unsupported', `${this.arch} has no system call \`${name}\``)
    this.#numbers.set(name, number)
    return number
  }

  /** A system call: its result, or -errno. Six parameters and no list: a watch makes a dozen for each call it sees. */
  call(
    name: string, a: Argument = 0, b: Argument = 0, c: Argument = 0, d: Argument = 0, e: Argument = 0, f: Argument = 0,
  ): number {
    const result = this.#syscall(
      this.number(name), this.#word(a), this.#word(b), this.#word(c), this.#word(d), this.#word(e), this.#word(f))
    return result === -1 ? -this.#koffi.errno() : Number(result)
  }

  /** The address of bytes, which must be kept alive while the kernel uses it. */
  address(bytes: Uint8Array): bigint {
    return this.#koffi.address(bytes)
  }

  #word(argument: Argument): number | bigint {
    if (typeof argument === 'number') return argument
    return argument === null ? 0 : typeof argument === 'object' ? this.address(argument) : argument
  }
}

let system: System | null = null

const unsupported = (message: string): NativeError =>
  new NativeError('unsupported', message, { place: 'native', hint: NO_CALL_HINT })

/** The system calls of this host. Throws NativeError `unsupported` elsewhere than on Linux on x86-64 or arm64. */
export const hostSystem = (): System => {
  if (system !== null) return system
  if (process.platform !== 'linux') throw unsupported(`native programs cannot be confined on ${process.platform}`)
  const arch = arches.find((one) => one === process.arch)
  if (arch === undefined) throw unsupported(`native programs cannot be confined on ${process.arch}`)
  let koffi: Koffi
  try {
    koffi = createRequire(import.meta.url)('koffi') as Koffi
  } catch (cause) {
    throw new NativeError('unsupported', '`koffi` cannot be loaded', { hint: 'npm install koffi', cause })
  }
  system = new System(arch, koffi)
  return system
}
