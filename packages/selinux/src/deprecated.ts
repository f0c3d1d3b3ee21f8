/** Names that have moved to a subpath and stay in the main entry for one minor: docs/upgrading.md. */
export * from './avc/index.ts'
export * from './classes.ts'
export { relabel } from './relabel/index.ts'
export type {
  LabelCalls, LabelChange, LabelFailure, LabelledKernel, RelabelOptions, RelabelReport,
} from './relabel/index.ts'
