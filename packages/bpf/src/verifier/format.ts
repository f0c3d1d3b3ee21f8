/** Registers, stack and states as the kernel's log writes them. */
import type { BtfType } from '../btf/btf-type.ts'
import { toBig, toUnsignedBig } from './i64.ts'
import type { Num } from './num.ts'
import { isConst, smaxBig, sminBig, umaxBig, uminBig } from './num.ts'
import type { Reg } from './reg.ts'
import { ADD_CONST, baseId } from './reg.ts'
import {
  baseOf, CONST_PTR_TO_DYNPTR, dynptrName, isMapPointer, isNonOwning, isPacket, iterStateName, NOT_INIT, PTR_TO_ARENA,
  PTR_TO_BTF_ID, PTR_TO_MEM, PTR_TO_STACK, SCALAR, SLOT_LETTERS, STACK_DYNPTR, STACK_INVALID, STACK_ITER, STACK_SPILL,
  typeName,
} from './reg-type.ts'
import type { Frame } from './state.ts'
import { LIVE_DONE, LIVE_READ, LIVE_WRITTEN } from './state.ts'

/** A type's kind as the log writes it: `FUNC_PROTO`. */
export const kindText = ({ kind }: BtfType): string => (kind === 'void' ? 'UNKNOWN' : kind.toUpperCase())

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`

/** Decimal up to 65535, else hex. */
export const unsignedText = (value: bigint): string => (value <= 65535n ? `${value}` : hex(value))
export const signedText = (value: bigint): string => (value >= -32768n && value <= 32767n ? `${value}` : hex(value))

/** `(value; mask)`, a constant alone. */
export const tnumText = (a: Num): string =>
  isConst(a)
    ? unsignedText(toUnsignedBig(a.vl, a.vh)) : `(${hex(toUnsignedBig(a.vl, a.vh))}; ${hex(toUnsignedBig(a.ml, a.mh))})`

/** A signed number of 32 bits; what is shown in hex is not sign-extended. */
const low = (value: number): bigint => BigInt(value >= -32768 && value <= 32767 ? value : value >>> 0)

const rangesText = (a: Num): string[] => {
  const bounds: { name: string, value: bigint, omit: boolean }[] = [
    { name: 'smin', value: sminBig(a), omit: a.sminl === 0 && a.sminh === -2147483648 },
    { name: 'smax', value: smaxBig(a), omit: a.smaxl === -1 && a.smaxh === 0x7fffffff },
    { name: 'umin', value: uminBig(a), omit: (a.uminl | a.uminh) === 0 },
    { name: 'umax', value: umaxBig(a), omit: (a.umaxl & a.umaxh) === -1 },
    { name: 'smin32', value: low(a.s32min), omit: a.s32min === -2147483648 },
    { name: 'smax32', value: low(a.s32max), omit: a.s32max === 0x7fffffff },
    { name: 'umin32', value: BigInt(a.u32min >>> 0), omit: a.u32min === 0 },
    { name: 'umax32', value: BigInt(a.u32max >>> 0), omit: a.u32max === -1 },
  ]
  const texts: string[] = []
  for (const [i, bound] of bounds.entries()) {
    if (bound.omit) continue
    let text = `${bound.name}=`
    for (let j = i + 2; j < bounds.length; j += 2) {
      const other = bounds[j]!
      if (other.omit || other.value !== bound.value) continue
      other.omit = true
      text += `${other.name}=`
    }
    texts.push(text + (bound.name[0] === 's' ? signedText(bound.value) : unsignedText(bound.value)))
  }
  return texts
}

export const regText = (reg: Reg, frameNumber: number, precise: boolean): string => {
  const { type, num } = reg
  const prefix = type === SCALAR && precise ? 'P' : ''
  if (type === SCALAR && isConst(num)) return prefix + signedText(toBig(num.vl, num.vh))
  let text = prefix + typeName(type)
  if (type === PTR_TO_ARENA) return text
  if (type === PTR_TO_STACK) {
    if (frameNumber !== reg.frame) text += `[${reg.frame}]`
    if (isConst(num)) return text + signedText(toBig(num.vl, num.vh) + BigInt(reg.off))
  }
  if (baseOf(type) === PTR_TO_BTF_ID) text += reg.btf?.name(reg.btfId) ?? ''
  return `${text}(${detailsText(reg).join(',')})`
}

const detailsText = (reg: Reg): string[] => {
  const { type, num } = reg
  const parts: string[] = []
  if (reg.id !== 0) {
    const delta = (reg.id & ADD_CONST) === 0 ? '' : reg.off < 0 ? `${reg.off}` : `+${reg.off}`
    parts.push(`id=${baseId(reg.id)}${delta}`)
  }
  if (reg.ref !== 0) parts.push(`ref_obj_id=${reg.ref}`)
  if (isNonOwning(type)) parts.push('non_own_ref')
  if (isMapPointer(type) && reg.map !== null) {
    if (reg.map.name !== '') parts.push(`map=${reg.map.name}`)
    parts.push(`ks=${reg.map.keySize},vs=${reg.map.valueSize}`)
  }
  if (type !== SCALAR && reg.off !== 0) parts.push(`off=${signedText(BigInt(reg.off))}`)
  if (isPacket(type)) parts.push(`r=${unsignedText(BigInt.asUintN(64, BigInt(reg.size)))}`)
  if (baseOf(type) === PTR_TO_MEM) parts.push(`sz=${unsignedText(BigInt(reg.size >>> 0))}`)
  if (type === CONST_PTR_TO_DYNPTR) parts.push(`type=${dynptrName(reg.kind)}`)
  if (isConst(num)) {
    if ((num.vl | num.vh) !== 0) parts.push(`imm=${signedText(toBig(num.vl, num.vh))}`)
    return parts
  }
  parts.push(...rangesText(num))
  if ((num.ml & num.mh) !== -1) parts.push(`var_off=${tnumText(num)}`)
  return parts
}

export const livenessText = (live: number): string => {
  if ((live & (LIVE_READ | LIVE_WRITTEN | LIVE_DONE)) === 0) return ''
  const [read, written, done] = [live & LIVE_READ, live & LIVE_WRITTEN, live & LIVE_DONE]
  return `_${read !== 0 ? 'r' : ''}${written !== 0 ? 'w' : ''}${done !== 0 ? 'D' : ''}`
}

const slotText = (frame: Frame, slot: number, allPrecise: boolean): string | null => {
  const kinds = frame.kinds.subarray(slot * 8, slot * 8 + 8)
  const letters = Array.from(kinds, (kind) => SLOT_LETTERS[kind]!).join('')
  const reg = frame.slots[slot]!
  const live = livenessText(frame.slotLive[slot]!)
  const name = ` fp${-(slot + 1) * 8}${live}`
  switch (kinds[7]) {
    case STACK_SPILL:
      return `${name}=${letters.slice(0, letters.indexOf('r'))}` +
        regText(reg, frame.number, allPrecise || frame.slotPrecise[slot] === 1)
    case STACK_DYNPTR: {
      const parts = [
        reg.id !== 0 ? `id=${reg.id}` : '', reg.ref !== 0 ? `ref_id=${reg.ref}` : '', reg.dynptr !== 0
          ? `dynptr_id=${reg.dynptr}` : '',
      ]
      return `${name}=dynptr_${dynptrName(reg.kind)}(${parts.filter((part) => part !== '').join(',')})`
    }
    case STACK_ITER:
      if (reg.ref === 0) return null
      return `${name}=iter_${iterTypeName(reg)}(ref_id=${reg.ref},state=${iterStateName(reg.kind)},depth=${reg.first})`
    default:
      return `${name}=${letters}`
  }
}

/** The name of an iterator's type without `bpf_iter_`. */
export const iterTypeName = (reg: Reg): string => (reg.btf?.name(reg.btfId) ?? '').replace(/^bpf_iter_/, '')

/**
 * Registers and slots for which `shows` says so: the whole of it without the line feed. `allPrecise`: without CAP_BPF
 * the exact value of every scalar counts.
 */
export const frameText = (
  frame: Frame, showsReg: (i: number) => boolean, showsSlot: (i: number) => boolean, allPrecise: boolean,
): string => {
  let text = frame.number === 0 ? '' : ` frame${frame.number}:`
  for (let i = 0; i < 11; i++) {
    const reg = frame.regs[i]!
    if (reg.type === NOT_INIT || !showsReg(i)) continue
    text += ` R${i}${livenessText(frame.live[i]!)}=${regText(reg, frame.number, allPrecise || frame.precise[i] === 1)}`
  }
  for (let slot = 0; slot < frame.slots.length; slot++) {
    if (!showsSlot(slot)) continue
    const kinds = frame.kinds
    let valid = false
    for (let byte = slot * 8; byte < slot * 8 + 8; byte++) if (kinds[byte] !== STACK_INVALID) valid = true
    if (!valid) continue
    if (kinds[slot * 8 + 7] === STACK_DYNPTR) slot++
    text += slotText(frame, slot, allPrecise) ?? ''
  }
  const refs = frame.refs.filter(({ id }) => id !== 0)
  if (refs.length > 0) text += ` refs=${refs.map(({ id }) => id).join(',')}`
  if (frame.inCallback) text += ' cb'
  if (frame.inAsync) text += ' async_cb'
  return text
}
