/** Two machines for random typed programs, one an engine: programs verified once, compiled, and called as hooks are. */
import { LSM_ID_BPF } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { HookName, Stack } from '@lsmkit/core'
import type { Code } from '../insn/code.ts'
import { BpfCore } from '../lsm/bpf-core.ts'
import { BpfLoadError } from '../lsm/load-error.ts'
import { loadedPrograms } from '../lsm/loaded-object.ts'
import type { VerifiedProgram } from '../lsm/loaded-object.ts'
import { verifyProgram } from '../lsm/verify-program.ts'
import type { ArrayMap } from '../maps/array-map.ts'
import type { OpenedObject } from '../run/program-builder.ts'
import { arrayOf, objectOf, program } from '../testing/text-program.ts'
import type { Engine } from '../vm/link.ts'

/** A program on a hook, what it is called with, and what it comes to. */
export interface TypedProgram {
  readonly hook: HookName
  readonly code: Code
  readonly args: readonly unknown[]
  readonly expected: bigint
}

/** The state that a program left on each engine, and how its loads were compiled. */
export interface TypedRun {
  readonly compiled: string
  readonly interpreted: string
  readonly forms: readonly string[]
}

/** An object without programs, whose map all programs write to. */
class LoadMachine {
  readonly opened: OpenedObject
  readonly #core: BpfCore
  readonly #stack: Stack
  readonly #map: ArrayMap

  constructor(engine: Engine) {
    const core = new BpfCore({ engine, memory: { readOnly: 1 << 20, data: 1 << 20 } })
    const hooks = (context: NonNullable<BpfCore['context']>) => ((core.context = context), {})
    const lsm = defineLsm({ name: 'bpf', abi: '1.0', id: LSM_ID_BPF, carriesPrograms: true, hooks })
    this.#core = core
    this.#stack = createStack({ lsms: [lsm], capability: 'none' })
    this.opened = core.programBuilder.open({ ...objectOf(), maps: [arrayOf(1)] }, core.kernelBtf)
    this.#map = this.opened.maps[0] as ArrayMap
  }

  /** What each leaves, and the forms of its loads. */
  run(
    verified: readonly VerifiedProgram[], args: readonly (readonly unknown[])[],
  ): readonly { readonly left: string; readonly forms: readonly string[] }[] {
    const loaded = loadedPrograms(this.#core, this.#stack, this.opened, verified)
    const runs = loaded.map((one, at) => {
      const { faults } = this.#core
      const { run } = one.bound()
      const first = this.#left(() => run(...args[at]!))
      // a second time, for what is kept between runs
      const second = this.#left(() => run(...args[at]!))
      const isPlain = first === second && this.#core.faults === faults
      const left = isPlain ? first : `${first}, then ${second}, ${this.#core.faults - faults} faults`
      return { left, forms: one.loads.map(({ form }) => form) }
    })
    for (const one of loaded) one.free()
    return runs
  }

  /** The number that a run leaves in the map. */
  #left(run: () => number): string {
    const { view } = this.#core.programBuilder.machine.memory
    view.setBigUint64(this.#map.values, 0n, true)
    const rc = run()
    const left = view.getBigUint64(this.#map.values, true)
    return rc === 0 ? String(left) : `${left} (${rc})`
  }
}

export class LoadMachines {
  readonly #compiling = new LoadMachine('jit')
  readonly #interpreting = new LoadMachine('interpreter')

  /** By program; null for one that the verifier refuses. */
  run(programs: readonly TypedProgram[]): readonly (TypedRun | null)[] {
    const verified = programs.map((one) => this.#verified(one))
    const accepted = verified.filter((one) => one !== null)
    const args = programs.flatMap((one, at) => (verified[at] === null ? [] : [one.args]))
    if (accepted.length === 0) return verified.map(() => null)
    const compiled = this.#compiling.run(accepted, args)
    const interpreted = this.#interpreting.run(accepted, args)
    let next = 0
    return verified.map((one) => {
      if (one === null) return null
      const at = next++
      return { compiled: compiled[at]!.left, interpreted: interpreted[at]!.left, forms: compiled[at]!.forms }
    })
  }

  #verified({ hook, code }: TypedProgram): VerifiedProgram | null {
    const spec = program('loads', code, `lsm/${hook}`)
    try {
      return { spec, verification: verifyProgram(this.#compiling.opened, spec, 0) }
    } catch (error) {
      if (error instanceof BpfLoadError) return null
      throw error
    }
  }
}
