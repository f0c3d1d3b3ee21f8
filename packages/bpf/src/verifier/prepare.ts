/** Checks before the walk: opcodes, the maps and functions that instructions name, the maps' own rules. */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_DW, BPF_END, BPF_EXIT, BPF_IND, BPF_JEQ, BPF_JMP,
  BPF_JMP32, BPF_JSLE, BPF_K, BPF_LD, BPF_LDX, BPF_MEM, BPF_MEMSX, BPF_MODE, BPF_NEG, BPF_OP, BPF_PSEUDO_BTF_ID,
  BPF_PSEUDO_FUNC, BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE, BPF_SIZE, BPF_SRC, BPF_ST, BPF_STX, BPF_W, BPF_X, E2BIG,
  EBADF, EBUSY, EINVAL, ENOENT, ENOTSUPP, EPERM, ERANGE,
} from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BpfObject, MapSpec } from '../object/bpf-object.ts'
import { fieldsOf } from './fields.ts'
import { checkFields, checkRegisters } from './insn-fields.ts'
import type { VerifierMap } from './map.ts'
import {
  F_RDONLY_PROG, MAP_ARENA, MAP_ARRAY, MAP_CGROUP_STORAGE, MAP_DEVMAP, MAP_DEVMAP_HASH, MAP_PERCPU_CGROUP_STORAGE,
} from './map.ts'
import { checkMapProgram } from './map-compatibility.ts'
import type { Session } from './session.ts'
import { CALL, EXIT, JUMP, JUMP32, JUMP_CONDITION, JUMP_TABLE, LD_IMM64 } from './shape.ts'

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

/** Operations of a conditional jump. */
const isCondition = (operation: number): boolean =>
  operation >= BPF_JEQ && operation <= BPF_JSLE && operation !== BPF_CALL && operation !== BPF_EXIT

const isPacketLoad = (op: number): boolean =>
  (BPF_MODE(op) === BPF_ABS || BPF_MODE(op) === BPF_IND) && BPF_SIZE(op) !== BPF_DW

/** Whether the code exists (`bpf_opcode_in_insntable`). */
const isKnownOpcode = ({ kernel: { features } }: Session, op: number): boolean => {
  const operation = BPF_OP(op)
  const size = BPF_SIZE(op)
  switch (BPF_CLASS(op)) {
    case BPF_LD: return op === LD_IMM64 || isPacketLoad(op)
    case BPF_LDX:
      return BPF_MODE(op) === BPF_MEM ||
        (features.isaV4 && BPF_MODE(op) === BPF_MEMSX && size !== BPF_DW)
    case BPF_ST: return BPF_MODE(op) === BPF_MEM
    case BPF_STX:
      return BPF_MODE(op) === BPF_MEM || (BPF_MODE(op) === BPF_ATOMIC && (size === BPF_W || size === BPF_DW))
    case BPF_JMP:
      return op === JUMP || op === CALL || op === EXIT || (features.mayGoto && op === JUMP_CONDITION) ||
        isCondition(operation) || (op === JUMP_TABLE && features.indirectJumps)
    case BPF_JMP32: return (features.longJumps && op === JUMP32) || isCondition(operation)
    default: // arithmetic
      if (operation === BPF_NEG) return BPF_SRC(op) === BPF_K
      if (operation === BPF_END)
        return BPF_CLASS(op) === BPF_ALU || (features.isaV4 && op !== (BPF_ALU64 | BPF_END | BPF_X))
      return operation < BPF_END
  }
}

/** Whether the `src_reg` of a 16-byte load names a map. */
export const namesMap = (src: number): boolean => src === BPF_PSEUDO_MAP_FD || src === BPF_PSEUDO_MAP_VALUE

const useMap = (session: Session, slot: number): void => {
  const { code } = session
  const map = session.maps[code.imm[slot]!]
  if (map === undefined) return session.refuse(`fd ${~code.imm[slot]!} is not pointing to valid bpf_map`, -EBADF)
  checkMapProgram(session, map)
  if (code.src[slot] === BPF_PSEUDO_MAP_VALUE) checkMapAddress(session, map, code.imm[slot + 1]!)
  if (session.usedMaps.has(map)) return
  const most = session.kernel.limits.maps
  if (session.usedMaps.size >= most)
    session.refuse(`The total number of maps per program has reached the limit of ${most}`, -E2BIG)
  for (const other of session.usedMaps) {
    if (other.type === map.type && (map.type === MAP_CGROUP_STORAGE || map.type === MAP_PERCPU_CGROUP_STORAGE))
      session.refuse('only one cgroup storage of each type is allowed', -EBUSY)
  }
  if (map.type === MAP_ARENA) {
    if (session.arena !== null) session.refuse('Only one arena per program', -EBUSY)
    if (!session.hasBpf || !session.hasPerfmon)
      session.refuse('CAP_BPF and CAP_PERFMON are required to use arena', -EPERM)
    session.arena = map
  }
  session.usedMaps.add(map)
}

const checkMapAddress = (session: Session, map: VerifierMap, off: number): void => {
  const offset = off >>> 0
  if (offset >= 1 << 29) session.refuse(`direct value offset of ${offset} is not allowed`, -EINVAL)
  if (map.type === MAP_ARENA) {
    if (offset >= map.maxEntries * PAGE)
      session.refuse(`invalid access to map value pointer, value_size=${map.valueSize} off=${offset}`, -ERANGE)
    return
  }
  if (map.type !== MAP_ARRAY) session.refuse('no direct value access support for this map type', -EINVAL)
  if (map.maxEntries !== 1 || offset >= map.valueSize)
    session.refuse(`invalid access to map value pointer, value_size=${map.valueSize} off=${offset}`,
      map.maxEntries !== 1 ? -ENOTSUPP : -EINVAL)
}

const badLoad = (session: Session, text = 'unrecognized bpf_ld_imm64 insn'): never => session.refuse(text, -EINVAL)

const checkWide = (session: Session, slot: number): void => {
  const { code } = session
  const next = slot + 1
  if (next >= code.length || code.op[next] !== 0 || code.dst[next] !== 0 || code.src[next] !== 0 ||
    code.off[next] !== 0)
    badLoad(session, 'invalid bpf_ld_imm64 insn')
  if (code.off[slot] !== 0 && session.kernel.features.fieldsCheckedFirst)
    badLoad(session, 'BPF_LD_IMM64 uses reserved fields')
  const src = code.src[slot]!
  if (src > (session.kernel.features.functionPointers ? BPF_PSEUDO_FUNC : BPF_PSEUDO_BTF_ID)) badLoad(session)
  if (src === BPF_PSEUDO_MAP_FD && code.imm[next] !== 0) badLoad(session)
  if (namesMap(src)) useMap(session, slot)
  if (src === BPF_PSEUDO_BTF_ID) checkKernelSymbol(session, code.imm[slot]!)
}

const checkKernelSymbol = (session: Session, id: number): void => {
  const kernel = session.kernelBtf
  if (id === 0) return
  if (kernel === null || id < 0 || id >= kernel.count)
    session.refuse(`ldimm64 insn specifies invalid btf_id ${id}.`, -ENOENT)
  const kind = kernel.kind(id)
  const { kernelFunctionAddresses } = session.kernel.features
  if (kind === 'var' || (kind === 'func' && kernelFunctionAddresses)) return
  const kinds = kernelFunctionAddresses ? 'KIND_VAR or KIND_FUNC' : 'KIND_VAR.'
  session.refuse(`pseudo btf_id ${id} in ldimm64 isn't ${kinds}`, -EINVAL)
}

/** Where addition is the only atomic operation, `imm` has no meaning. */
const checkOldStore = (session: Session, slot: number): void => {
  const mode = BPF_MODE(session.code.op[slot]!)
  if ((mode !== BPF_MEM && mode !== BPF_ATOMIC) || session.code.imm[slot] !== 0)
    session.refuse('BPF_STX uses reserved fields', -EINVAL)
}

export const checkInstructions = (session: Session): void => {
  const { code } = session
  const { features } = session.kernel
  const fieldsFirst = features.fieldsCheckedFirst
  for (let slot = 0; slot < code.length; slot++) {
    const op = code.op[slot]!
    if (fieldsFirst) checkRegisters(session, slot)
    else if (BPF_CLASS(op) === BPF_LDX) {
      const mode = BPF_MODE(op)
      if ((mode !== BPF_MEM && (mode !== BPF_MEMSX || !features.isaV4)) || code.imm[slot] !== 0)
        session.refuse('BPF_LDX uses reserved fields', -EINVAL)
    }
    if (!features.atomics && BPF_CLASS(op) === BPF_STX) checkOldStore(session, slot)
    if (op === LD_IMM64) {
      checkWide(session, slot)
      slot++
    } else if (!isKnownOpcode(session, op))
      session.refuse(`unknown opcode ${op.toString(16).padStart(2, '0')}`, -EINVAL)
    else if (fieldsFirst) checkFields(session, slot)
  }
}
