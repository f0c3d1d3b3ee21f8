/** Programs from text on a machine of their own, with one map when they want it. */
import {
  BPF_LSM_MAC, BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_RAW_TRACEPOINT,
} from '@lsmkit/abi'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import type { BpfObject, MapSpec, ProgramSpec } from '@lsmkit/bpf'
import { assemble } from '@lsmkit/bpf/insn'
import { ProgramBuilder } from '@lsmkit/bpf/vm'
import type { Engine } from '@lsmkit/bpf/vm'

const map = (type: number): MapSpec => ({
  name: 'map', symbol: 'map', type, keySize: 4, valueSize: 8, maxEntries: 1024, flags: 0, extra: 0n, pinning: 0,
  keyTypeId: 0, valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(), structOpsTypeId: 0,
})

export const arrayOf1024 = map(BPF_MAP_TYPE_ARRAY)

/** An object of one program; for a hook, an LSM program on it. */
export const objectOf = (text: string, hook: string | null, maps: readonly MapSpec[] = []): BpfObject => {
  const program: ProgramSpec = {
    name: 'program',
    section: hook === null ? 'raw_tp' : `lsm/${hook}`,
    type: hook === null ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_LSM,
    expectedAttachType: hook === null ? 0 : BPF_LSM_MAC,
    sleepable: false,
    flags: 0,
    attachTo: hook,
    attachBtfId: hook === null ? 0 : vmlinuxBtf().find(`bpf_lsm_${hook}`, 'func'),
    autoload: true,
    code: assemble(text),
    subprograms: [{ name: 'program', start: 0, typeId: 0, isGlobal: true }],
    lines: [],
    tags: [],
    poisoned: new Map(),
    broken: null,
  }
  return { name: 'bench', license: 'GPL', maps, programs: [program], btf: null, externs: [] }
}

export type MapKind = 'array' | 'hash'

/** Runs the program on 8 KiB of memory; entries 0 to 1023 of its map have their key as value. */
export const runnerOf = (text: string, engine: Engine, kind: MapKind | null): (() => number) => {
  const types = { array: BPF_MAP_TYPE_ARRAY, hash: BPF_MAP_TYPE_HASH } as const
  const sizes = { readOnly: 4 << 20, data: 16 << 20 }
  const programBuilder = new ProgramBuilder({ engine, budget: 0x7fff_ffff, memory: sizes })
  const opened = programBuilder.open(objectOf(text, null, kind === null ? [] : [map(types[kind])]), null)
  const { memory } = programBuilder.machine
  const [key, value] = [memory.alloc(4), memory.alloc(8)]
  for (const there of opened.maps) {
    for (let n = 0; n < 1024; n++) {
      memory.view.setInt32(key, n, true)
      memory.view.setInt32(value, n, true)
      there.update(key, value, 0)
    }
  }
  const address = memory.alloc(8192)
  for (let at = 0; at < 8192; at++) memory.u8[address + at] = at * 31
  const program = opened.load(opened.object.programs[0]!, 0)
  return () => program.run(address)
}
