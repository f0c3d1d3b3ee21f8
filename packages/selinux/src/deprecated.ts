/** Names that have moved to a subpath and stay in the main entry for one minor: docs/upgrading.md. */
export * from './avc/index.ts'
export * from './classes.ts'
export * from './relabel/index.ts'
