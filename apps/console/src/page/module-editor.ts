/** The editor of a module: TypeScript, with the mistakes of its syntax and of its last run in place. */
import { autocompletion, closeBrackets } from '@codemirror/autocomplete'
import { indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { linter, lintGutter } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import type { Extension, Text } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'
import type { ModuleFault } from '../kernel/protocol.ts'
import { completeHook, hoverHook } from './hook-words.ts'
import { fault as lastFault } from './own-module.ts'
import { kernel, status } from './session.ts'

const diagnosticOf = (doc: Text, { line, column, message, hint }: ModuleFault): Diagnostic => {
  const { from, to } = doc.line(Math.min(line, doc.lines))
  const at = Math.min(from + column - 1, to)
  const word = /^[\w$]+/.exec(doc.sliceString(at, to))?.[0].length ?? to - at
  return { from: at, to: at + word, severity: 'error', message: hint === null ? message : `${message} (${hint})` }
}

const check = async (view: EditorView): Promise<readonly Diagnostic[]> => {
  const { doc } = view.state
  if (status.value !== 'up') return []
  const found = (await kernel().call('checkModule', doc.toString())) ?? lastFault.value
  return found === null ? [] : [diagnosticOf(doc, found)]
}

export const moduleLanguage = (): readonly Extension[] => [
  keymap.of([indentWithTab]),
  javascript({ typescript: true }),
  autocompletion({ override: [completeHook] }),
  hoverHook,
  bracketMatching(),
  closeBrackets(),
  indentOnInput(),
  linter(check, { delay: 250, needsRefresh: ({ startState }) => startState.doc.length >= 0 }),
  lintGutter(),
  EditorView.lineWrapping,
]
