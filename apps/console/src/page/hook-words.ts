/** Names of hooks for the editor of a module: completion, and what there is to say of one under the pointer. */
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { hoverTooltip } from '@codemirror/view'

/** Loaded with the first word: the texts of all hooks. */
const load = async () => {
  const [{ hookNames }, { hookDoc, hookParagraphs }] = await Promise.all([
    import('@lsmkit/core'),
    import('@lsmkit/core/hook-docs'),
  ])
  const textOf = (word: string): string | null => {
    const name = hookNames.find((one) => one === word)
    if (name === undefined) return null
    const doc = hookDoc(name)
    const parameters = doc.parameters.map((one) => `${one.name}: ${one.says}`)
    return [doc.signature, ...hookParagraphs(doc, 6), ...parameters].join('\n\n')
  }
  return { hookNames, textOf }
}

const boxOf = (text: string): HTMLElement => {
  const box = document.createElement('div')
  box.className = 'hook-text'
  box.textContent = text
  return box
}

export const completeHook = async (context: CompletionContext): Promise<CompletionResult | null> => {
  const word = context.matchBefore(/\w+/)
  if (word === null || (word.to - word.from < 2 && !context.explicit)) return null
  const { hookNames, textOf } = await load()
  const options = hookNames.map((label) => ({ label, type: 'method', info: () => boxOf(textOf(label)!) }))
  return { from: word.from, options, validFor: /^\w*$/ }
}

export const hoverHook = hoverTooltip(async (view, pos) => {
  const at = view.state.wordAt(pos)
  if (at === null) return null
  const text = (await load()).textOf(view.state.sliceDoc(at.from, at.to))
  return text === null ? null : { pos: at.from, end: at.to, create: () => ({ dom: boxOf(text) }) }
})
