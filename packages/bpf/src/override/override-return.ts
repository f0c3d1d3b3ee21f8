/**
 * The other road of 2020: programs bound straight to the kernel's call sites (BPF_PROG_TYPE_OVERRIDE_RETURN as it was
 * proposed), and no LSM stack. A kernel boots from this or from a stack, never both; without CONFIG_SECURITY only the
 * capability stubs are left behind the programs.
 */
import { configSecurityOff, createStack } from '@lsmkit/core'
import type { Current, Host, HookName, LsmTable, Objects, PseudoFs, SecurityOffOptions } from '@lsmkit/core'
import { bpf } from '../lsm/bpf-lsm.ts'
import type { BpfLsm, BpfOptions } from '../lsm/bpf-lsm.ts'
import type { LoadedObject } from '../lsm/loaded-object.ts'
import type { BpfObject } from '../object/bpf-object.ts'

export interface OverrideReturnOptions extends BpfOptions {
  /** What still decides about capabilities: `capability()`. */
  readonly capability: SecurityOffOptions['capability']
  /** Object files whose `lsm/NAME` and `fmod_ret/security_NAME` programs are bound. */
  readonly programs: readonly (Uint8Array | BpfObject)[]
}

/** What `bootKernel({ stack })` takes. */
export interface OverrideReturn {
  readonly names: readonly string[]
  readonly ids: readonly number[]
  readonly pseudoFs: readonly PseudoFs[]
  readonly lsm: LsmTable
  readonly current: Current
  readonly objects: Objects
  host: Host
  /** In the order given; their maps are as with the LSM. */
  readonly loaded: readonly LoadedObject[]
  /** Faults of programs until now. */
  readonly faults: number
}

type Run = (...args: unknown[]) => number

/** Verifies, compiles and binds. Throws BpfError or BpfLoadError: a kernel without one of its programs is not built. */
export const overrideReturn = ({ capability, programs, ...options }: OverrideReturnOptions): OverrideReturn => {
  const engine: BpfLsm = bpf(options)
  // a stack of nobody: it lends the cell of the current task and the object factories, and no kernel asks its hooks
  const nobody = createStack({ lsms: [engine], capability: 'none', objects: engine.objects })
  const loaded = programs.map((object) => engine.load(nobody, object))
  const bound = new Map<HookName, Run[]>()
  for (const object of loaded) {
    for (const program of object.programs.values()) {
      const { hook, run } = program.bound()
      bound.set(hook, [run, ...(bound.get(hook) ?? [])])
    }
  }
  const overrides = Object.fromEntries([...bound].map(([hook, runs]) => [hook, together(runs)]))
  const { current, objects } = nobody
  return {
    names: [],
    ids: [],
    pseudoFs: [],
    lsm: configSecurityOff({ capability, current, objects, host: nobody.host, overrides }),
    current,
    objects,
    loaded,
    get host() {
      return nobody.host
    },
    set host(host) {
      nobody.host = host
    },
    get faults() {
      return engine.faults
    },
  }
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
