/**
 * Formats policy sources as refpolicy writes them: tabs for blocks, one space between words, permissions in order, at
 * most one empty line. No statement moves, and no comment changes: a module compiles to the same bytes.
 */
import type { SourceFile } from '../files.ts'
import { everyNode, isBlock } from '../syntax/ast.ts'
import type { SourceNode, SourceSyntax } from '../syntax/ast.ts'
import { parseSource } from '../syntax/parse.ts'
import { indentsOf } from './indent.ts'
import { rewritten } from './spacing.ts'

/** A piece of the text that becomes another one. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

const applied = (text: string, edits: readonly Edit[]): string => {
  const parts: string[] = []
  let from = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(text.slice(from, edit.start), edit.text)
    from = edit.end
  }
  return parts.join('') + text.slice(from)
}

/** No blanks at ends of lines, at most one empty line, one line break at the end. */
const tidy = (text: string): string => {
  const lines = text.split('\n').map((line) => line.replace(/[ \t\r]+$/, ''))
  const kept = lines.filter((line, i) => line !== '' || (i > 0 && lines[i - 1] !== ''))
  while (kept[0] === '') kept.shift()
  while (kept.at(-1) === '') kept.pop()
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`
}

/** Lines that begin within such a node stay as they are: blanks may count there. */
const isKept = (node: SourceNode): boolean => node.kind === 'text' || (isBlock(node) && node.kind === 'macro')

const keptLines = ({ nodes, lines, comments, file }: SourceSyntax): Set<number> => {
  const kept = new Set<number>()
  for (const node of everyNode(nodes)) {
    if (!isKept(node)) continue
    for (let line = lines.lineOf(node.start) + 1; line <= lines.lineOf(node.end - 1); line++) kept.add(line)
  }
  for (const { start } of comments) if (file.text.startsWith('dnl', start)) kept.add(lines.lineOf(start))
  return kept
}

/** Statements that are written on one line; each is taken once, though it may require several names. */
const spacingEdits = (syntax: SourceSyntax, kept: ReadonlySet<number>): Edit[] => {
  const { nodes, lines, file, comments } = syntax
  const edits = new Map<number, Edit>()
  const isCommented = new Set(comments.map(({ start }) => lines.lineOf(start)))
  for (const node of everyNode(nodes)) {
    const line = lines.lineOf(node.start)
    if (isBlock(node) || kept.has(line) || lines.lineOf(node.end - 1) !== line) continue
    const text = rewritten(node, file.text.slice(node.start, node.end))
    const isInside = isCommented.has(line) && comments.some(({ start }) => start > node.start && start < node.end)
    if (text !== null && !isInside) edits.set(node.start, { start: node.start, end: node.end, text })
  }
  return [...edits.values()]
}

const formatSource = (file: SourceFile): string => {
  const syntax = parseSource(file)
  const [error] = syntax.errors
  if (error !== undefined) throw error
  const kept = keptLines(syntax)
  const spaced = applied(file.text, spacingEdits(syntax, kept))
  return tidy(indented(parseSource({ name: file.name, text: spaced })))
}

const indented = (syntax: SourceSyntax): string => {
  const { text } = syntax.file
  const kept = keptLines(syntax)
  const depths = indentsOf(syntax)
  return text.split('\n')
    .map((line, i) => (kept.has(i + 1) || line.trim() === '' ? line : '\t'.repeat(depths[i]!) + line.trimStart()))
    .join('\n')
}

/**
 * A `.te`, `.if` or `.fc` text in its form; formatting it again changes nothing. Throws SourceError for a text that
 * cannot be parsed.
 */
export const formatPolicySource = (file: SourceFile): string =>
  (file.name.endsWith('.fc') ? tidy(file.text) : formatSource(file))
