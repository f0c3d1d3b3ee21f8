/** Namespaces seen from each other, found and made (policy_ns.c). */
import { EACCES, ENOSPC } from '@lsmkit/abi'
import { Namespace } from './objects.ts'

/** Deeper ones cannot be made. */
const MAX_NS_DEPTH = 32

/** The name shown for a namespace that may not be seen. */
export const HIDDEN_NAME = '---'

/** As `aa_ns_visible`: oneself, and with `inside` those below. */
export const isVisible = (from: Namespace, namespace: Namespace, inside: boolean): boolean => {
  if (from === namespace) return true
  if (!inside) return false
  for (let at = namespace.parent; at !== null; at = at.parent) if (at === from) return true
  return false
}

/** As `aa_ns_name`: the name as seen from another; empty for itself, `---` where it is not seen. */
export const namespaceName = (from: Namespace, namespace: Namespace, inside: boolean): string => {
  if (from === namespace) return ''
  return isVisible(from, namespace, inside) ? namespace.hname.slice(from.hname.length + 2) : HIDDEN_NAME
}

/** As `__aa_lookupn_ns`: `a//b` below `from`; null for an empty name or one that is not there. */
export const findNamespace = (from: Namespace, name: string): Namespace | null => {
  let at: Namespace | null = from
  for (const part of name.split('//')) at = at?.namespaces.find((inside) => inside.name === part) ?? null
  return at
}

/**
 * As `__aa_create_ns`: -ENOSPC if it would be too deep, -EACCES if the name cannot be that of a folder. `folderMode` is
 * what mkdir(2) gives the folder.
 */
export const makeNamespace = (parent: Namespace, name: string, folderMode?: number): Namespace | number => {
  if (parent.level > MAX_NS_DEPTH) return -ENOSPC
  if (name.includes('/') || name === '.' || name === '..') return -EACCES
  const made = new Namespace(name, parent)
  if (folderMode !== undefined) made.folderMode = folderMode
  parent.namespaces.unshift(made)
  return made
}
