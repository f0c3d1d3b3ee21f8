/** `@lsmkit/core/hook-docs`: what there is to say about each hook, for tools that print it. Nothing else loads it. */
export { callSites } from './hooks/call-sites-table.ts'
export { unreachedHooks } from './hooks/unreached-table.ts'
export { hookDoc, hookParagraphs, someOf } from './hooks/hook-doc.ts'
export type { HookDoc } from './hooks/hook-doc.ts'
export { hookCounts, inTree } from './hooks/in-tree.ts'
