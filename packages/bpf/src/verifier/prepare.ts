/** What is settled before the walk: opcodes, the maps and functions that instructions name, the maps' own rules. */
import { EINVAL, ENOTSUPP, EPERM } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BpfObject, MapSpec } from '../object/bpf-object.ts'
import { fieldsOf } from './fields.ts'
import type { VerifierMap } from './map.ts'
import {
  F_RDONLY_PROG, MAP_ARENA, MAP_ARRAY, MAP_CGROUP_STORAGE, MAP_DEVMAP, MAP_DEVMAP_HASH, MAP_PERCPU_CGROUP_STORAGE,
} from './map.ts'
import { checkMapProgram } from './map-compatibility.ts'
import type { Session } from './session.ts'
import { classOf, LD_IMM64 } from './shape.ts'

const MAX_MAPS = 64
const PAGE = 4096

/** What a look-up gives is the kernel's own entry: the kernel makes such a map read-only for programs. */
const isDeviceMap = (type: number): boolean => type === MAP_DEVMAP || type === MAP_DEVMAP_HASH

/** A map's specification with what the verifier derives from it. */
export const describeMap = (spec: MapSpec, objectTypes: Btf | null, kernel: Btf | null): VerifierMap => {
  const btf = spec.types === undefined ? objectTypes : spec.types
  const typed = btf !== null && spec.valueTypeId !== 0
  return {
    spec,
    name: spec.name,
    type: spec.type,
    keySize: spec.keySize,
    valueSize: spec.valueSize,
    maxEntries: spec.maxEntries,
    flags: spec.flags | (spec.frozen || isDeviceMap(spec.type) ? F_RDONLY_PROG : 0),
    btf: typed ? btf : null,
    record: typed ? fieldsOf(btf, spec.valueTypeId, kernel) : null,
    inner: spec.inner === null ? null : describeMap(spec.inner, btf, kernel),
    frozen: spec.frozen ? spec.data : null,
  }
}

export const describeMaps = (object: BpfObject, kernel: Btf | null): VerifierMap[] =>
  object.maps.map((spec) => describeMap(spec, object.btf, kernel))

/** Opcodes that exist. */
const isKnownOpcode = (op: number): boolean => {
  const kind = classOf(op)
  if (kind === 0x00) return op === LD_IMM64 || [0x20, 0x28, 0x30, 0x40, 0x48, 0x50].includes(op)
  if (kind === 0x01) return (op & 0xe0) === 0x60 || ((op & 0xe0) === 0x80 && (op & 0x18) !== 0x18)
  if (kind === 0x02) return (op & 0xe0) === 0x60
  if (kind === 0x03) return (op & 0xe0) === 0x60 || op === 0xc3 || op === 0xdb
  const what = op & 0xf0
  if (kind === 0x05)
    return op === 0x05 || op === 0x85 || op === 0x95 || op === 0xe5 ||
    (what >= 0x10 && what <= 0xd0 && what !== 0x80 && what !== 0x90)
  if (kind === 0x06) return op === 0x06 || (what >= 0x10 && what <= 0xd0 && what !== 0x80 && what !== 0x90)
  if (what === 0x80) return op === 0x84 || op === 0x87
  if (what === 0xd0) return op !== 0xdf
  return what <= 0xd0
}

/** PSEUDO_MAP_FD, PSEUDO_MAP_VALUE. */
export const namesMap = (src: number): boolean => src === 1 || src === 2

const useMap = (session: Session, slot: number): void => {
  const { code } = session
  const map = session.maps[code.imm[slot]!]
  if (map === undefined) return session.refuse(`fd ${~code.imm[slot]!} is not pointing to valid bpf_map`, 9)
  checkMapProgram(session, map)
  if (code.src[slot] === 2) checkMapAddress(session, map, code.imm[slot + 1]!)
  if (session.usedMaps.has(map)) return
  if (session.usedMaps.size >= MAX_MAPS)
    session.refuse(`The total number of maps per program has reached the limit of ${MAX_MAPS}`, 7)
  for (const other of session.usedMaps) {
    if (other.type === map.type && (map.type === MAP_CGROUP_STORAGE || map.type === MAP_PERCPU_CGROUP_STORAGE))
      session.refuse('only one cgroup storage of each type is allowed', 16)
  }
  if (map.type === MAP_ARENA) {
    if (session.arena !== null) session.refuse('Only one arena per program', 16)
    if (!session.hasBpf || !session.hasPerfmon)
      session.refuse('CAP_BPF and CAP_PERFMON are required to use arena', EPERM)
    session.arena = map
  }
  session.usedMaps.add(map)
}

const checkMapAddress = (session: Session, map: VerifierMap, off: number): void => {
  const offset = off >>> 0
  if (offset >= 1 << 29) session.refuse(`direct value offset of ${offset} is not allowed`, EINVAL)
  if (map.type === MAP_ARENA) {
    if (offset >= map.maxEntries * PAGE)
      session.refuse(`invalid access to map value pointer, value_size=${map.valueSize} off=${offset}`, 34)
    return
  }
  if (map.type !== MAP_ARRAY) session.refuse('no direct value access support for this map type', EINVAL)
  if (map.maxEntries !== 1 || offset >= map.valueSize)
    session.refuse(`invalid access to map value pointer, value_size=${map.valueSize} off=${offset}`,
      map.maxEntries !== 1 ? ENOTSUPP : EINVAL)
}

const badLoad = (session: Session, text = 'unrecognized bpf_ld_imm64 insn'): never => session.refuse(text, EINVAL)

const checkWide = (session: Session, slot: number): void => {
  const { code } = session
  const next = slot + 1
  if (next >= code.length || code.op[next] !== 0 || code.dst[next] !== 0 || code.src[next] !== 0 ||
    code.off[next] !== 0)
    badLoad(session, 'invalid bpf_ld_imm64 insn')
  const src = code.src[slot]!
  if (src > 4) badLoad(session)
  if (src === 1 && code.imm[next] !== 0) badLoad(session)
  if (namesMap(src)) useMap(session, slot)
  if (src === 3) checkKernelSymbol(session, code.imm[slot]!)
}

const checkKernelSymbol = (session: Session, id: number): void => {
  const kernel = session.kernelBtf
  if (id === 0) return
  if (kernel === null || id < 0 || id >= kernel.count) session.refuse(`ldimm64 insn specifies invalid btf_id ${id}.`, 2)
  const kind = kernel.kind(id)
  if (kind !== 'var' && kind !== 'func')
    session.refuse(`pseudo btf_id ${id} in ldimm64 isn't KIND_VAR or KIND_FUNC`, EINVAL)
}

export const checkInstructions = (session: Session): void => {
  const { code } = session
  for (let slot = 0; slot < code.length; slot++) {
    const op = code.op[slot]!
    if (classOf(op) === 0x01) {
      const mode = op & 0xe0
      if ((mode !== 0x60 && mode !== 0x80) || code.imm[slot] !== 0)
        session.refuse('BPF_LDX uses reserved fields', EINVAL)
    }
    if (op === LD_IMM64) {
      checkWide(session, slot)
      slot++
    } else if (!isKnownOpcode(op)) session.refuse(`unknown opcode ${op.toString(16).padStart(2, '0')}`, EINVAL)
  }
}
