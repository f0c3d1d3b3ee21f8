/** The types of programs and kernels: reading, looking up, writing. */
export { Btf } from './btf.ts'
export type {
  BtfArray, BtfComposite, BtfDatasec, BtfDeclTag, BtfEnum, BtfEnumerator, BtfFloat, BtfFunc, BtfFuncProto, BtfFwd,
  BtfInt, BtfKind, BtfMember, BtfModifier, BtfParam, BtfPtr, BtfSecVar, BtfType, BtfVar, BtfVoid,
} from './btf-type.ts'
export { kernelTypes } from './kernel-types.ts'
export { BtfWriter, type NewType } from './btf-writer.ts'
export { BpfError, type BpfErrorCode } from '../error.ts'
