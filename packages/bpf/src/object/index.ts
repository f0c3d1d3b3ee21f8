/** Object files, opened and linked. */
export { openObject, type InnerMap, type OpenOptions } from './open-object.ts'
export { getVariable, mapOf, programOf, resizeMap, setVariable, type MapChanges } from './edit.ts'
export { attachmentOf, renameSection } from './attach-target.ts'
export { sectionKind, sectionTable, type SectionKind } from './sections.ts'
export { parseConfig } from './kconfig.ts'
export type { BpfObject, ExternSpec, MapSpec, ProgramSpec, SourceLine, Subprogram } from './bpf-object.ts'
