/** TypeScript in the editor of a module: completion, hover, the parameters of a call, and mistakes. */
import { ownValue } from '@lsmkit/abi'
import { insertCompletionText, pickedCompletion } from '@codemirror/autocomplete'
import type { Completion as Offered, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import type { Diagnostic } from '@codemirror/lint'
import { StateEffect, StateField } from '@codemirror/state'
import type { Extension } from '@codemirror/state'
import { hoverTooltip, showTooltip, ViewPlugin } from '@codemirror/view'
import type { EditorView, Tooltip, ViewUpdate } from '@codemirror/view'
import type { Completion, Explained, Signature } from '../types/protocol.ts'
import { askTypes } from './type-client.ts'

const part = (kind: string, text: string): HTMLElement => {
  const made = document.createElement(kind)
  made.textContent = text
  return made
}

const boxOf = ({ type, texts }: Explained): HTMLElement => {
  const box = document.createElement('div')
  box.className = 'type-tip'
  if (type !== '') box.append(part('pre', type))
  box.append(...texts.map((text) => part('p', text)))
  return box
}

/** As CodeMirror's icons are called. */
const icons: Readonly<Record<string, string>> = {
  hook: 'method', method: 'method', function: 'function', const: 'constant', let: 'variable', var: 'variable',
  parameter: 'variable', property: 'property', getter: 'property', interface: 'interface', type: 'type',
  class: 'class', keyword: 'keyword', module: 'namespace', string: 'text',
}

const take = (option: Completion, from: number) => async (view: EditorView, offered: Offered): Promise<void> => {
  const text = view.state.doc.toString()
  const { head } = view.state.selection.main
  view.dispatch({
    ...insertCompletionText(view.state, option.label, from, head),
    annotations: pickedCompletion.of(offered),
  })
  if (option.from === null) return
  const now = view.state.doc
  const details = await askTypes('details', text, head, option)
  // the import stands in front of the word, so that its place is the same before and after
  if (view.state.doc.eq(now) && details !== null) view.dispatch({ changes: [...details.edits] })
}

const offeredOf = (option: Completion, from: number, text: string, at: number): Offered => ({
  label: option.label,
  type: ownValue(icons, option.kind) ?? 'text',
  ...(option.from === null ? {} : { detail: option.from, boost: -10 }),
  info: async () => {
    const details = await askTypes('details', text, at, option)
    return details === null ? null : boxOf(details)
  },
  apply: (view: EditorView, offered: Offered) => void take(option, from)(view, offered),
})

export const completeTypes = async (context: CompletionContext): Promise<CompletionResult | null> => {
  if (!context.explicit && context.matchBefore(/[\w$.]$/) === null) return null
  const text = context.state.doc.toString()
  const found = await askTypes('complete', text, context.pos).catch(() => null)
  if (found === null || context.aborted) return null
  const options = found.options.map((option) => offeredOf(option, found.from, text, context.pos))
  return { from: found.from, options, validFor: /^[\w$]*$/ }
}

export const hoverTypes = hoverTooltip(async ({ state }, pos): Promise<Tooltip | null> => {
  const found = await askTypes('hover', state.doc.toString(), pos).catch(() => null)
  if (found === null || found.to > state.doc.length) return null
  return { pos: found.from, end: found.to, create: () => ({ dom: boxOf(found) }) }
})

/** Null where the service cannot be loaded. */
export const typeFaults = async (text: string): Promise<readonly Diagnostic[] | null> => {
  const found = await askTypes('faults', text).catch(() => null)
  return found === null ? null : found.map((one) => ({ ...one, to: Math.min(one.to, text.length) }))
}

interface Shown {
  readonly at: number
  readonly signature: Signature
}

const setSignature = StateEffect.define<Shown | null>()

const signatureBox = ({ before, parameters, after, active, texts }: Signature): HTMLElement => {
  const box = boxOf({ type: '', texts })
  const line = document.createElement('pre')
  line.append(before)
  for (const [i, text] of parameters.entries())
    line.append(i > 0 ? ', ' : '', i === active ? part('strong', text) : text)
  line.append(after)
  box.prepend(line)
  return box
}

const tooltipOf = ({ at, signature }: Shown): Tooltip =>
  ({ pos: at, above: true, create: () => ({ dom: signatureBox(signature) }) })

const shown = StateField.define<Shown | null>({
  create: () => null,
  update: (before, { effects }) => effects.find((one) => one.is(setSignature))?.value ?? (
    effects.some((one) => one.is(setSignature)) ? null : before),
  provide: (field) => showTooltip.from(field, (value) => (value === null ? null : tooltipOf(value))),
})

/** Between the parentheses of a call, while something is written there. */
const isInCall = (text: string, at: number): boolean => /\([^()]*$/.test(text.slice(Math.max(0, at - 300), at))

const follow = ViewPlugin.define((view) => ({
  update: ({ docChanged, selectionSet, state }: ViewUpdate): void => {
    if (!docChanged && !(selectionSet && state.field(shown) !== null)) return
    const text = state.doc.toString()
    const { head } = state.selection.main
    const ask = async (): Promise<void> => {
      const found = isInCall(text, head) ? await askTypes('signature', text, head).catch(() => null) : null
      const isStale = !view.state.doc.eq(state.doc) || view.state.selection.main.head !== head
      if (isStale || (found === null && view.state.field(shown) === null)) return
      view.dispatch({ effects: setSignature.of(found === null ? null : { at: head, signature: found }) })
    }
    void ask()
  },
}))

export const callParameters: Extension = [shown, follow]
