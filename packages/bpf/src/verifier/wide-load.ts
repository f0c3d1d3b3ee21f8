/** `lddw`: constants, maps, map values, functions of the program, variables and functions of the kernel. */
import { EINVAL } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { MAP_ARENA } from './map.ts'
import type { Reg } from './reg.ts'
import { ANY_SCALAR, constScalar, pointer } from './reg.ts'
import { CONST_PTR_TO_MAP, PERCPU, PTR_TO_BTF_ID, PTR_TO_FUNC, PTR_TO_MAP_VALUE, PTR_TO_MEM,
  RDONLY } from './reg-type.ts'
import { writeReg } from './registers.ts'
import type { Session } from './session.ts'
import { subprogramAt } from './subprograms.ts'

const mapRegister = (session: Session, slot: number): Reg => {
  const { code } = session
  const map = session.maps[code.imm[slot]!]!
  const isValue = code.src[slot] === 2
  if (isValue && map.type === MAP_ARENA) return ANY_SCALAR
  const reg = pointer(isValue ? PTR_TO_MAP_VALUE : CONST_PTR_TO_MAP)
  reg.map = map
  if (isValue) reg.off = code.imm[slot + 1]!
  return reg
}

const functionRegister = (session: Session, slot: number): Reg => {
  const number = subprogramAt(session, slot + session.code.imm[slot]! + 1)
  const sub = session.subprograms[number]
  if (number === 0) session.refuse('callback function cannot be the main program', -EINVAL)
  if (sub === undefined || sub.typeId === 0) session.refuse('missing btf func_info', -EINVAL)
  if (sub.isGlobal) session.refuse('callback function not static', -EINVAL)
  const reg = pointer(PTR_TO_FUNC)
  reg.subprog = number
  return reg
}

const perCpu = new WeakMap<Btf, Set<number>>()

/** Variables of `.data..percpu`. */
const perCpuVariables = (kernel: Btf): Set<number> => {
  let found = perCpu.get(kernel)
  if (found === undefined) {
    const section = kernel.find('.data..percpu', 'datasec')
    const type = section === 0 ? null : kernel.type(section)
    found = new Set(type?.kind === 'datasec' ? type.vars.map((one) => one.type) : [])
    perCpu.set(kernel, found)
  }
  return found
}

const symbolRegister = (session: Session, id: number): Reg => {
  const kernel = session.kernelBtf
  if (id === 0 || kernel === null) return constScalar(0, 0)
  const symbol = kernel.type(id)
  if (symbol.kind !== 'var') return pointer(PTR_TO_MEM | RDONLY)
  const type = kernel.resolved(symbol.type)
  const isPerCpu = perCpuVariables(kernel).has(id)
  if (isPerCpu || type.kind === 'struct') {
    const reg = pointer(PTR_TO_BTF_ID | (isPerCpu ? PERCPU : 0))
    reg.btf = kernel
    reg.btfId = type.id
    return reg
  }
  const reg = pointer(PTR_TO_MEM | RDONLY)
  reg.size = Math.max(0, kernel.size(symbol.type))
  return reg
}

export const checkWideLoad = (session: Session, slot: number): void => {
  const { code } = session
  if (code.off[slot] !== 0) session.refuse('BPF_LD_IMM64 uses reserved fields', -EINVAL)
  const dst = code.dst[slot]!
  const imm = code.imm[slot]!
  writeReg(session, dst, ANY_SCALAR)
  switch (code.src[slot]) {
    case 0: return writeReg(session, dst, constScalar(imm, code.imm[slot + 1]!))
    case 1:
    case 2: return writeReg(session, dst, mapRegister(session, slot))
    case 3: return writeReg(session, dst, symbolRegister(session, imm))
    default: return writeReg(session, dst, functionRegister(session, slot))
  }
}
