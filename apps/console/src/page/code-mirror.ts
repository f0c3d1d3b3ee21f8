/** CodeMirror as the console uses it: completion of scenario files, errors in place, colours of the page. */
import { autocompletion, completionKeymap } from '@codemirror/autocomplete'
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { linter, lintGutter } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import type { Extension } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { EditorParts, TextCheck } from './editor-parts.ts'
import { moduleNames } from './module-texts.ts'
import { moduleLanguage } from './module-editor.ts'
import { kernel, status } from './session.ts'
import { scenarioWords } from './scenario-words.ts'

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.number, tags.bool], color: 'var(--allowed)' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
])

const look = (isDark: boolean) =>
  EditorView.theme(
    {
      '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--panel)', color: 'var(--text)' },
      '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.45' },
      '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--muted)', borderRight: '1px solid var(--line)' },
      '.cm-activeLine': { backgroundColor: 'var(--hover)' },
      '.cm-cursor': { borderLeftColor: 'var(--text)' },
      '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
        backgroundColor: 'var(--selected) !important',
      },
      '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--text)', border: '1px solid var(--line)' },
      '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
    },
    { dark: isDark },
  )

/** Words that may stand where the cursor is, by the part of the file that it is in. */
const complete = (context: CompletionContext): CompletionResult | null => {
  const word = context.matchBefore(/[\w$]*/)
  if (word === null || (word.from === word.to && !context.explicit)) return null
  const before = context.state.doc.sliceString(0, word.from)
  const options = scenarioWords(before, moduleNames).map(({ label, detail }) => ({ label, detail, type: 'keyword' }))
  return { from: word.from, options, validFor: /^[\w$]*$/ }
}

const check = async (view: EditorView): Promise<readonly Diagnostic[]> => {
  if (status.value !== 'up') return []
  const fault = await kernel().call('check', view.state.doc.toString())
  if (fault === null) return []
  const { from, to } = view.state.doc.line(Math.min(Math.max(1, fault.line), view.state.doc.lines))
  return [
    { from, to, severity: 'error', message: fault.hint === null ? fault.message : `${fault.message} (${fault.hint})` },
  ]
}

/** The mistake that a check finds, at its place. */
const checkedBy = (find: TextCheck) => async ({ state: { doc } }: EditorView): Promise<readonly Diagnostic[]> => {
  const fault = status.value === 'up' ? await find(doc.toString()) : null
  if (fault === null) return []
  const { from, to } = doc.line(Math.min(Math.max(1, fault.line), doc.lines))
  const message = fault.hint === null ? fault.message : `${fault.message} (${fault.hint})`
  return [{ from: Math.min(from + fault.column - 1, to), to, severity: 'error', message }]
}

const checkProfiles: TextCheck = (text) => kernel().call('checkProfiles', text)

/** Each language's own. Tab leaves the text of profiles, where nothing has to be indented. */
const byLanguage = ({ language, check: find }: EditorParts): readonly Extension[] => {
  switch (language) {
    case 'scenario':
      return [
        keymap.of([indentWithTab]),
        yaml(),
        autocompletion({ override: [complete] }),
        linter(check, { delay: 250 }),
        lintGutter(),
      ]
    case 'profile':
      return [linter(checkedBy(checkProfiles), { delay: 250 }), lintGutter()]
    case 'policy':
      return [linter(checkedBy(find), { delay: 250 }), lintGutter()]
    case 'module':
      return moduleLanguage()
    case 'ruby':
      return [keymap.of([indentWithTab])]
  }
}

export const makeEditor = (
  parent: HTMLElement,
  doc: string,
  parts: EditorParts,
): EditorView => {
  const { label, isDark, onChange, onRun } = parts
  return new EditorView({
    parent,
    state: EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        history(),
        highlightActiveLine(),
        indentUnit.of('  '),
        syntaxHighlighting(colours),
        look(isDark),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        keymap.of([
          { key: 'Mod-Enter', run: () => (onRun(), true) },
          ...completionKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString())
        }),
        byLanguage(parts),
      ],
    }),
  })
}
