/**
 * Finds commands that write files of the user by themselves: a full disk would leave half of one, or the first of two.
 * `writeFiles` of the command line writes all of them or none.
 */
import type { Finding, Node } from './closures.ts'

interface Import extends Node {
  readonly source: { readonly value?: unknown } | null
  readonly specifiers?: readonly { readonly imported?: { readonly name?: string } }[]
}

const COMMANDS = /^packages\/cli\/src\/commands\/(?!.*\.test\.ts$)/

/** Files that are made once and never written over, folders that are exchanged whole, records that grow. */
const MAY: ReadonlySet<string> = new Set([
  'deno/deno.ts', 'fleet/bundle.ts', 'fleet/permissions.ts', 'sandbox-init.ts', 'selinux/module/store-folder.ts',
].map((name) => `packages/cli/src/commands/${name}`))

export const wholeFiles = (file: string, node: Node): Finding | null => {
  const { source, specifiers = [] } = node as Import
  if (source?.value !== 'node:fs' || !COMMANDS.test(file) || MAY.has(file)) return null
  if (!specifiers.some(({ imported }) => imported?.name === 'writeFileSync')) return null
  return { node, message: 'Use `writeFiles` or `writeFile` of output-files.ts: a file is written whole or not at all.' }
}
