/** `@lsmkit/selinux`: the LSM. Its parts stand alone under `./policydb`, `./cil`, `./server` and `./query`. */
export { Avc, DEFAULT_THRESHOLD } from './avc/avc.ts'
export type { AvcReport, AvcStats } from './avc/avc.ts'
export type { AvcKind, AvcSource } from './avc/audit-source.ts'
export { avcText } from './avc/avc-text.ts'
export type { AvcRecord } from './avc/avc-text.ts'
export { AV, className, classMap, kernelClasses, permissionNames, SECCLASS } from './class-map.ts'
export type { ClassName, PermissionName } from './class-map.ts'
export { kernelClassesCil } from './kernel-classes-cil.ts'
export { selinux } from './lsm.ts'
export type { SelinuxLsm, SelinuxOptions } from './lsm.ts'
export { relabel } from './relabel/relabel.ts'
export type {
  LabelChange, LabelFailure, LabelledKernel, RelabelOptions, RelabelReport,
} from './relabel/relabel.ts'
export type { LabelCalls } from './relabel/tree-reader.ts'
export type { DecisionSource } from './server/decision.ts'
