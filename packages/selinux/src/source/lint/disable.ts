/** `# selint-disable: W-001, C-005` behind a statement, or behind what opens a block. */
import { everyNode, isBlock } from '../syntax/ast.ts'
import type { SourceNode, SourceSyntax } from '../syntax/ast.ts'

const directive = /#\s*selint-disable\s*:\s*([A-Z]-\d+(?:\s*,\s*[A-Z]-\d+)*)/

/** Codes that do not count for a node. */
export const disabledCodes = ({ nodes, comments, file }: SourceSyntax): Map<SourceNode, readonly string[]> => {
  const found = new Map<SourceNode, readonly string[]>()
  const written = comments.flatMap((comment) => {
    const codes = directive.exec(file.text.slice(comment.start, comment.end))?.[1]
    return codes === undefined ? [] : [{ at: comment.start, codes: codes.split(/\s*,\s*/) }]
  })
  if (written.length === 0) return found
  const ends: (readonly [at: number, node: SourceNode])[] = []
  for (const node of everyNode(nodes)) {
    ends.push([node.end, node])
    if (isBlock(node)) ends.push([node.opened, node])
  }
  ends.sort(([a], [b]) => a - b)
  for (const { at, codes } of written) {
    const last = ends.filter(([end]) => end <= at).at(-1)?.[0]
    // Several names may be required by one statement.
    for (const [end, node] of ends) if (end === last) found.set(node, codes)
  }
  return found
}
