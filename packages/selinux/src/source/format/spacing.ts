/** The words of a statement on one line, with one space between them. */
import type { SourceNode } from '../syntax/ast.ts'
import { isAccessRule } from '../lint/names.ts'

const spacedKinds = new Set([
  'type_transition', 'type_member', 'type_change', 'typealias', 'typeattribute', 'roleattribute', 'role_types',
  'role_allow', 'permissive',
])

const tokens = (text: string): string[] => text.match(/"[^"\n]*"|[\w$*.]+(?:-[\w$]+)*|[^\s\w]/g) ?? []

const noSpaceBefore = new Set([';', ',', ':', ')'])
const noSpaceAfter = new Set([':', '(', '~', '-', '!'])

const joined = (words: readonly string[]): string => {
  let text = ''
  words.forEach((word, i) => {
    const before = words[i - 1]
    const isCall = word === '(' && i === 1
    const isTight = before === undefined || isCall || noSpaceBefore.has(word) || noSpaceAfter.has(before)
    text += isTight ? word : ` ${word}`
  })
  return text
}

/** The last braces of a rule, in order: a set that has no order of its own. */
const sorted = (words: readonly string[]): string[] => {
  const [open, close] = [words.lastIndexOf('{'), words.lastIndexOf('}')]
  const inside = words.slice(open + 1, close)
  if (close !== words.length - 2 || words[open - 1] === ':' || inside.some((word) => !/^[\w$]+$/.test(word))) {
    return [...words]
  }
  return [...words.slice(0, open + 1), ...new Set(inside.sort()), ...words.slice(close)]
}

/** A call with quotes, texts, or ranges is left as it is. */
const isPlainCall = (text: string): boolean => /^[\w$\s(),{}*.]*$/.test(text)

/** Null of a node that keeps its blanks. */
export const rewritten = (node: SourceNode, text: string): string | null => {
  if (node.kind === 'statement') {
    if (isAccessRule(node.statement)) return joined(sorted(tokens(text)))
    return spacedKinds.has(node.statement.kind) ? joined(tokens(text)) : null
  }
  if (node.kind === 'declaration') return /[`'"(]/.test(text) ? null : joined(tokens(text))
  return node.kind === 'call' && isPlainCall(text) ? joined(tokens(text)) : null
}
