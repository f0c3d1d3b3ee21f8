/**
 * The other road of 2020: programs bound straight to the kernel's call sites (BPF_PROG_TYPE_OVERRIDE_RETURN as it was
 * proposed), and no LSM stack. A kernel boots from this or from a stack, never both; without CONFIG_SECURITY only the
 * capability stubs are left behind the programs.
 */
import { createStack, SecurityOff } from '@lsmkit/core'
import type { HookName, SecurityOffOptions, Stack } from '@lsmkit/core'
import { anObject, bytes, checkOptions, either, listOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { bpfRules, RELEASED } from '../lsm/bpf-core.ts'
import { bpf } from '../lsm/bpf-lsm.ts'
import type { BpfLsm, BpfOptions } from '../lsm/bpf-lsm.ts'
import type { LoadedObject } from '../lsm/loaded-object.ts'
import type { BpfObject } from '../object/bpf-object.ts'

export interface OverrideReturnOptions extends BpfOptions {
  /** The option that still decides about capabilities: `capability()`. */
  readonly capability: SecurityOffOptions['capability']
  /** Object files whose `lsm/NAME` and `fmod_ret/security_NAME` programs are bound. */
  readonly programs: readonly (Uint8Array | BpfObject)[]
}

const rules: OptionRules<OverrideReturnOptions> = {
  ...bpfRules,
  capability: required(anObject, 'capability()'),
  programs: required(listOf(either(bytes, anObject))),
}

/** A stack for `bootKernel({ stack })`. */
export class OverrideReturn extends SecurityOff {
  /** In the order given; their maps are as with the LSM. */
  readonly loaded: readonly LoadedObject[]
  readonly #engine: BpfLsm

  /** Verifies, compiles and binds. */
  constructor(given: OverrideReturnOptions) {
    checkOptions(given, rules, 'overrideReturn')
    const { capability, programs, ...options } = given
    const engine: BpfLsm = bpf(options)
    const nobody = createStack({ lsms: [engine], capability: 'none' })
    const loaded = programs.map((object) => engine.load(nobody, object))
    super({ capability, overrides: overridesOf(loaded, nobody) }, nobody)
    this.loaded = loaded
    this.#engine = engine
  }

  /** Faults of programs until now. */
  get faults(): number {
    return this.#engine.faults
  }
}

/** Throws BpfError or BpfLoadError: a kernel without one of its programs is not built. */
export const overrideReturn = (options: OverrideReturnOptions): OverrideReturn => new OverrideReturn(options)

type Run = (...args: unknown[]) => number

/** By hook, the functions of all programs that are bound to it. */
const overridesOf = (loaded: readonly LoadedObject[], nobody: Stack): SecurityOffOptions['overrides'] => {
  const bound = new Map<HookName, Run[]>()
  for (const object of loaded) {
    for (const program of object.programs.values()) {
      const { hook, run } = program.bound()
      bound.set(hook as HookName, [run, ...(bound.get(hook as HookName) ?? [])])
    }
  }
  const overrides: Partial<Record<HookName, Run>> = {}
  for (const [hook, runs] of bound) overrides[hook] = together(runs)
  const programs = loaded.flatMap((object) => [...object.programs.values()])
  // what programs knew of an object goes with it, behind them
  for (const hook of programs.some(({ runnable }) => runnable.meetsObjects) ? RELEASED : []) {
    const run = overrides[hook]
    overrides[hook] = (object) => {
      run?.(object)
      nobody.lsm[hook]?.tell(object as never)
      return 0
    }
  }
  return overrides
}

/** The last bound first; the first answer that is not 0. */
const together = (runs: readonly Run[]): Run =>
  runs.length === 1
    ? runs[0]!
    : (...args) => {
      for (const run of runs) {
        const rc = run(...args)
        if (rc !== 0) return rc
      }
      return 0
    }
