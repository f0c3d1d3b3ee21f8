/**
 * Finds `throwIfNoEntry` in packages and apps: even with false Node 20 throws ENOTDIR for a name below a file. Host
 * folders are left out, where every call answers with an errno, and `@lsmkit/node`, which takes the option.
 */
import type { Finding, Node } from './closures.ts'

interface Property extends Node {
  readonly key?: { readonly name?: string }
}

const MAY_NOT = /^(?:packages|apps)\/(?!kernel\/src\/fs\/hostfs\/|node\/)(?!.*\.test\.ts$)/

export const noEntry = (file: string, node: Node): Finding | null => {
  if ((node as Property).key?.name !== 'throwIfNoEntry' || !MAY_NOT.test(file)) return null
  return { node, message: 'Ask `existsSync`, or `statIfAny` of the command line: Node 20 throws ENOTDIR here.' }
}
