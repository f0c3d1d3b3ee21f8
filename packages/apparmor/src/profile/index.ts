/** `@lsmkit/apparmor/profile`: profile text and its compiler. Needs no stack. */
export { compileProfiles } from './compile.ts'
export type { CompiledProfile, CompileOptions, CompileResult } from './compile.ts'
export { ProfileError } from './errors.ts'
export type { ProfileErrorCode, ProfileErrorParts, ProfileWarning, RelatedPlace } from './errors.ts'
export { Features, parseFeatures } from './features.ts'
export { Place, SourceText } from './place.ts'
export type { ProfileFiles } from './sources.ts'
