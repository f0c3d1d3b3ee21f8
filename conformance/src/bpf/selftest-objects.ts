/** A folder of compiled selftests with the kernel types they were built for; each is opened once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BpfError, Btf } from '@lsmkit/bpf/btf'
import { Elf } from '@lsmkit/bpf/elf'
import { openObject } from '@lsmkit/bpf/object'
import type { BpfObject } from '@lsmkit/bpf/object'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import { UsageError } from '../suite.ts'

export class SelftestObjects {
  readonly #folder: string
  readonly #opened = new Map<string, BpfObject | string>()
  readonly kernel: Btf
  /** The kernel whose verifier is asked. */
  readonly release: KernelRelease

  /** `folder` as the caller of the command names it. */
  constructor(folder: string, release: KernelRelease) {
    this.release = release
    this.#folder = resolve(process.env.INIT_CWD ?? process.cwd(), folder)
    const types = resolve(this.#folder, 'vmlinux.btf')
    if (!existsSync(types))
      throw new UsageError(`\`${folder}\` has no vmlinux.btf`, 'the kernel types that the objects were built for')
    this.kernel = new Btf(readFileSync(types))
  }

  names(): string[] {
    return readdirSync(this.#folder).filter((file) => file.endsWith('.o')).map((file) => file.slice(0, -2)).sort()
  }

  /** The object, or why it cannot be had. `types`: another object of the folder, to whose types it is relocated. */
  open(name: string, types: string | null = null): BpfObject | string {
    const key = `${name} ${types ?? ''}`
    const known = this.#opened.get(key)
    if (known !== undefined) return known
    const object = this.#read(name, types)
    this.#opened.set(key, object)
    return object
  }

  #read(name: string, types: string | null): BpfObject | string {
    const path = this.#path(name)
    if (!existsSync(path)) return 'absent'
    try {
      return openObject(readFileSync(path), { name, kernelBtf: types === null ? this.kernel : this.#typesOf(types) })
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      return error.message
    }
  }

  #typesOf(name: string): Btf {
    return new Btf(new Elf(readFileSync(this.#path(name))).section('.BTF')!.data)
  }

  #path(name: string): string {
    return resolve(this.#folder, `${name}.o`)
  }
}
