/**
 * A redirection that is refused makes a command fail, and the script goes on: so it is in bash. just-bash ends the
 * script where the target of descriptors 0 to 2 cannot be opened, and not where that of a higher one cannot. So
 * `> file` becomes `53> file >&53` before a script runs.
 */
import type { SimpleCommandNode, TransformPlugin, WordNode } from 'just-bash'

type Redirection = SimpleCommandNode['redirections'][number]
type Operator = Redirection['operator']

/** Above it just-bash keeps those of process substitutions. */
const HIGHEST = 53

/** What opens a file for writing, and how that is said of one descriptor. */
const opening: Partial<Record<Operator, Operator>> = { '>': '>', '>>': '>>', '>|': '>|', '&>': '>', '&>>': '>>' }

const word = (value: string): WordNode => ({ type: 'Word', parts: [{ type: 'Literal', value }] })
const duplicate = (fd: number, of: number): Redirection =>
  ({ type: 'Redirection', fd, operator: '>&', target: word(String(of)) })

/** `used`: descriptors that the script names itself. */
const throughDescriptors = (given: readonly Redirection[], used: ReadonlySet<number>): Redirection[] => {
  let fd = HIGHEST
  return given.flatMap((redirection): Redirection[] => {
    const { operator, fd: standard, fdVariable } = redirection
    const single = opening[operator]
    if (single === undefined || fdVariable !== undefined || (standard ?? 0) > 2) return [redirection]
    while (used.has(fd)) fd--
    const opened = fd--
    const both = operator.startsWith('&')
    return [
      { ...redirection, operator: single, fd: opened },
      ...(both ? [duplicate(1, opened), duplicate(2, opened)] : [duplicate(standard ?? 1, opened)]),
    ]
  })
}

/** Every node below that has redirections. */
const withRedirections = (node: unknown, found: { redirections: Redirection[] }[] = []): typeof found => {
  if (typeof node !== 'object' || node === null) return found
  if ('redirections' in node && Array.isArray(node.redirections)) found.push(node as { redirections: Redirection[] })
  for (const below of Object.values(node)) withRedirections(below, found)
  return found
}

export const redirectionPlugin: TransformPlugin = {
  name: '@lsmkit/just-bash',
  transform: ({ ast }) => {
    const nodes = withRedirections(ast)
    const used = new Set(nodes.flatMap(({ redirections }) => redirections.map(({ fd }) => fd ?? 0)))
    for (const node of nodes) node.redirections = throughDescriptors(node.redirections, used)
    return { ast }
  },
}
