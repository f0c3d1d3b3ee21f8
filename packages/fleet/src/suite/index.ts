/** `@lsmkit/fleet/testing`: what a driver of a store is held to, for people who write one. */
export { runStoreCase, storeCases } from './store-cases.ts'
export type { StoreCase, StoreContext } from './store-cases.ts'
