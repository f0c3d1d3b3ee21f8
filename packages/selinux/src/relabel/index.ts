/** `@lsmkit/selinux/relabel`: labels of a whole tree, from file contexts. */
export { relabel, relabelTree } from './relabel.ts'
export type { LabelChange, LabelFailure, LabelledKernel, LabelTree, RelabelOptions, RelabelReport } from './relabel.ts'
export type { LabelCalls } from './tree-reader.ts'
