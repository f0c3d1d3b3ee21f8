/** A program as a kernel's bpf(2) has it: attached, run on the caller's data, freed with its last user. */
import { EINVAL } from '@lsmkit/abi'
import { AttachError } from '@lsmkit/core'
import type { CgroupAttachOptions, EngineLink, EngineProgram, TestInput, TestOutput } from '@lsmkit/core'
import { encodeCode } from '../insn/code.ts'
import type { Code } from '../insn/code.ts'
import type { BpfCore } from '../lsm/bpf-core.ts'
import { BpfLoadError } from '../lsm/load-error.ts'
import type { LoadedProgram } from '../lsm/loaded-object.ts'
import { runOnce } from '../run/test-run.ts'
import { tagOf } from './tag.ts'

export class SyscallProgram implements EngineProgram {
  readonly loaded: LoadedProgram
  readonly tag: Uint8Array
  readonly isGpl: boolean
  readonly #core: BpfCore
  readonly #code: Code

  constructor(core: BpfCore, loaded: LoadedProgram, isGpl: boolean) {
    this.#core = core
    this.loaded = loaded
    this.#code = loaded.spec.code
    this.tag = tagOf(this.#code)
    this.isGpl = isGpl
  }

  get xlated(): Uint8Array {
    return encodeCode(this.#code)
  }

  get isCompiled(): boolean {
    return this.#core.programBuilder.engine === 'jit'
  }

  get verifiedInsns(): number {
    return this.loaded.verification.processed
  }

  attach(cookie: number, group?: CgroupAttachOptions): EngineLink | number {
    try {
      return this.loaded.attach({ ...group, cookie })
    } catch (error) {
      if (error instanceof BpfLoadError || error instanceof AttachError) return error.errno
      throw error
    }
  }

  run({ data, context, repeat }: TestInput): TestOutput | number {
    const { programBuilder, kernelBtf } = this.#core
    const times = Math.max(repeat, 1)
    const began = performance.now()
    let last: ReturnType<typeof runOnce> | null = null
    for (let time = 0; time < times; time++) {
      last = runOnce(programBuilder, kernelBtf, this.loaded.spec.type, this.loaded.runnable, {
        ...(data === null ? {} : { packet: data }), ...(context === null ? {} : { context }),
      })
      // a program that is stopped would be stopped again
      if (last.fault !== null) return -EINVAL
    }
    return {
      retval: last!.retval, data: last!.packet, context,
      duration: Math.round((performance.now() - began) * 1e6 / times),
    }
  }

  free(): void {
    this.loaded.free()
  }
}
