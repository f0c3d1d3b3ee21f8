/** CO-RE: a program's accesses fitted to another kernel's types. */
export { essentialName } from './access.ts'
export { areTypesCompatible } from './compatible.ts'
export { patch, poison, POISON } from './patch.ts'
export { findCandidates, resolveCore, type Resolution, type Unresolved } from './resolve.ts'
