/** Names that have moved to a subpath and stay in the main entry for one minor: docs/upgrading.md. */
export { rulesetChanges } from './changes.ts'
