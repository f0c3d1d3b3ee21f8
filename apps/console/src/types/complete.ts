/** The words that can stand at a place of a module, and what taking one changes. */
import { hookNames } from '@lsmkit/core'
import type { HookName } from '@lsmkit/core'
import ts from 'typescript'
import { explained, tokenAt } from './explain.ts'
import { hookTexts, isHookGroup } from './hook-places.ts'
import { FILE } from './language.ts'
import type { Completion, CompletionDetails, Completions } from './protocol.ts'

const preferences: ts.UserPreferences = {
  includeCompletionsForModuleExports: true,
  includeCompletionsWithInsertText: true,
  quotePreference: 'single',
}

/** New imports are written as the rest of the module is. */
const format: ts.FormatCodeSettings = { semicolons: ts.SemicolonPreference.Remove, indentSize: 2 }

/** Words that a list has at most. */
const MOST = 500

const hookKind = 'hook'

const startOfWord = (text: string, at: number): number => at - /[\w$]*$/.exec(text.slice(0, at))![0].length

/** Whether a name is written there that belongs to a group of hooks, and to nothing else. */
const isNameOfHook = (file: ts.SourceFile, at: number): boolean => {
  const node = tokenAt(file, at)
  const object = ts.findAncestor(node, ts.isObjectLiteralExpression)
  if (object === undefined || !isHookGroup(object)) return false
  const inside = ts.findAncestor(node, (one) => one.parent === object)
  return inside === undefined || at <= ((inside as ts.ObjectLiteralElementLike).name?.end ?? inside.end)
}

const optionOf = ({ name, kind, source, sourceDisplay }: ts.CompletionEntry): Completion => ({
  label: name,
  kind,
  from: sourceDisplay === undefined ? (source ?? null) : ts.displayPartsToString(sourceDisplay),
})

/** Words in scope come first, those of packages behind them. */
export const completeAt = (service: ts.LanguageService, text: string, at: number): Completions | null => {
  const from = startOfWord(text, at)
  const file = service.getProgram()!.getSourceFile(FILE)!
  if (isNameOfHook(file, from))
    return { from, options: hookNames.map((label) => ({ label, kind: hookKind, from: null })) }
  const found = service.getCompletionsAtPosition(FILE, at, preferences)
  if (found === undefined) return null
  const word = text.slice(from, at).toLowerCase()
  const options = found.entries
    .filter(({ name }) => name.toLowerCase().includes(word))
    .map(optionOf)
    .sort((a, b) => Number(a.from !== null) - Number(b.from !== null))
  return { from, options: options.slice(0, MOST) }
}

export const detailsAt = (
  service: ts.LanguageService,
  at: number,
  { label, kind, from }: Completion,
): CompletionDetails | null => {
  if (kind === hookKind) {
    const [type = '', ...texts] = hookTexts(label as HookName)
    return { type, texts, edits: [] }
  }
  const entry = service.getCompletionsAtPosition(FILE, at, preferences)?.entries
    .find((one) => one.name === label && optionOf(one).from === from)
  if (entry === undefined) return null
  const { name, source, data } = entry
  const found = service.getCompletionEntryDetails(FILE, at, name, format, source, preferences, data)
  if (found === undefined) return null
  const edits = (found.codeActions ?? []).flatMap(({ changes }) =>
    changes.flatMap(({ textChanges }) => textChanges.map(({ span: { start, length }, newText }) =>
      ({ from: start, to: start + length, insert: newText }))))
  return { ...explained(found), edits }
}
