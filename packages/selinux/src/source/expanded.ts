/** The statements of a module without macros, each with the line and the call that it came from. */
import type { CompiledTe } from './compile.ts'
import { callAt } from './m4/text.ts'

export interface ExpandedStatement {
  /** The line of the `.te` file. */
  readonly file: string
  readonly line: number
  /** The interface or macro that was called there; null of a statement that the file has itself. */
  readonly call: string | null
  /** Blocks have several lines. */
  readonly text: string
}

/** Comments and empty lines left out, blocks indented by two. */
const tidy = (text: string): string => {
  let depth = 0
  const lines: string[] = []
  for (const written of text.split('\n')) {
    const line = written.replace(/#.*/, '').trim().replace(/\s+/g, ' ')
    if (line === '') continue
    const closes = line.startsWith('}') ? 1 : 0
    lines.push('  '.repeat(Math.max(0, depth - closes)) + line)
    depth += (line.match(/\{/g)?.length ?? 0) - (line.match(/\}/g)?.length ?? 0)
  }
  return lines.join('\n')
}

export const expandedStatements = ({ origin, statements }: CompiledTe): ExpandedStatement[] => {
  const { text } = origin.text
  return statements.map(({ at }, i) => {
    const outer = origin.calls.outermost(callAt(origin.text, at))
    const place = origin.trace(at).place
    return {
      file: place?.file ?? '', line: place?.line ?? 0, call: outer === 0 ? null : origin.calls.nameOf(outer),
      text: tidy(text.slice(at, statements[i + 1]?.at ?? text.length)),
    }
  })
}
