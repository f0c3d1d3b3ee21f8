/** Helpers and kfuncs called without a program: a programBuilder, its memory, and functions by name. */
import { bpfHelperName } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { HelperEnv, ProgramHost } from '../helpers/run/index.ts'
import { kfuncsOf } from '../kfuncs/run/index.ts'
import { createMap } from '../maps/create-map.ts'
import type { BpfMap } from '../maps/bpf-map.ts'
import type { MapSpec } from '../object/bpf-object.ts'
import { ProgramBuilder } from '../run/program-builder.ts'
import type { Engine } from '../vm/link.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'

export const mapSpec = (type: number, wishes: Partial<MapSpec> = {}): MapSpec => ({
  name: 'm', symbol: 'm', type, keySize: 4, valueSize: 8, maxEntries: 4, flags: 0, extra: 0n, pinning: 0, keyTypeId: 0,
  valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(), structOpsTypeId: 0, ...wishes,
})

export const helperBench = (host: ProgramHost = {}, types: Btf | null = null, engine: Engine = 'jit') => {
  const programBuilder = new ProgramBuilder({ host, engine, memory: { readOnly: 1 << 20, data: 4 << 20 } })
  const { machine, maps, asyncs } = programBuilder
  const env: HelperEnv = { machine, maps, host, asyncs }
  const kfuncs = kfuncsOf(env, types, vmlinuxBtf())
  return {
    programBuilder,
    machine,
    memory: machine.memory,
    map: (spec: MapSpec, of: Btf | null = null): BpfMap => createMap(spec, { space: maps, types: of }),
    /** Words as the helper's letters say. */
    helper: (id: number, ...words: number[]): number => {
      const helper = programBuilder.helper(id)
      if (helper === undefined) throw new Error(`${bpfHelperName(id)} does not run here`)
      return helper.call(...words)
    },
    kfunc: (name: string, ...words: number[]): number => {
      const kfunc = kfuncs.get(name)
      if (kfunc === undefined) throw new Error(`${name} does not run here`)
      return kfunc.call(...words)
    },
  }
}
