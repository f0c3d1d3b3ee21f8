/** The editor of a module: TypeScript with completion, hover and mistakes, and the fault of its last run in place. */
import { autocompletion, closeBrackets } from '@codemirror/autocomplete'
import { indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { linter, lintGutter } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import { StateEffect } from '@codemirror/state'
import type { Extension, Text } from '@codemirror/state'
import { EditorView, keymap, ViewPlugin } from '@codemirror/view'
import type { ViewUpdate } from '@codemirror/view'
import type { ModuleFault } from '../kernel/protocol.ts'
import { fault as lastFault } from './own-module.ts'
import { kernel, status } from './session.ts'
import { callParameters, completeTypes, hoverTypes, typeFaults } from './type-tips.ts'

const diagnosticOf = (doc: Text, { line, column, message, hint }: ModuleFault): Diagnostic => {
  const { from, to } = doc.line(Math.min(line, doc.lines))
  const at = Math.min(from + column - 1, to)
  const word = /^[\w$]+/.exec(doc.sliceString(at, to))?.[0].length ?? to - at
  return { from: at, to: at + word, severity: 'error', message: hint === null ? message : `${message} (${hint})` }
}

/** The fault of the syntax alone, as the kernel's worker finds it: what is known without the service of types. */
const syntaxFaults = async (doc: Text): Promise<readonly Diagnostic[]> => {
  const found = status.value === 'up' ? await kernel().call('checkModule', doc.toString()) : null
  return found === null ? [] : [diagnosticOf(doc, found)]
}

const check = async (view: EditorView): Promise<readonly Diagnostic[]> => {
  const { doc } = view.state
  const found = (await typeFaults(doc.toString())) ?? (await syntaxFaults(doc))
  return found.length > 0 || lastFault.value === null ? found : [diagnosticOf(doc, lastFault.value)]
}

/** The last run has come to another fault, so that mistakes are looked for again. */
const faultChanged = StateEffect.define<null>()

const followRuns = ViewPlugin.define((view) => {
  let isFirst = true
  const end = lastFault.subscribe(() => {
    if (!isFirst) view.dispatch({ effects: faultChanged.of(null) })
    isFirst = false
  })
  return { destroy: end }
})

const isRefreshed = ({ transactions }: ViewUpdate): boolean =>
  transactions.some(({ effects }) => effects.some((one) => one.is(faultChanged)))

export const moduleLanguage = (): readonly Extension[] => [
  keymap.of([indentWithTab]),
  javascript({ typescript: true }),
  autocompletion({ override: [completeTypes] }),
  hoverTypes,
  callParameters,
  bracketMatching(),
  closeBrackets(),
  indentOnInput(),
  linter(check, { delay: 250, needsRefresh: isRefreshed }),
  followRuns,
  lintGutter(),
  EditorView.lineWrapping,
]
