/** Requests of the language server protocol about policy sources. */
import { fileURLToPath, pathToFileURL } from 'node:url'
import { formatPolicySource } from '@lsmkit/selinux/source'
import type { PolicyWorkspace, SourceRange } from '@lsmkit/selinux/source'
import { completionOf, offsetOf, rangeOf, symbolOf } from './lsp-shapes.ts'
import type { Position } from './lsp-shapes.ts'

/** Null of what is not a file. */
export const pathOf = (uri: string): string | null => {
  try {
    return fileURLToPath(uri)
  } catch {
    return null
  }
}

interface Params {
  readonly textDocument?: { readonly uri?: unknown }
  readonly position?: Partial<Position>
  readonly newName?: unknown
  readonly context?: { readonly includeDeclaration?: boolean }
}

interface Asked {
  readonly path: string
  readonly text: string
  readonly offset: number
}

const askedFor = (workspace: PolicyWorkspace, { textDocument, position }: Params): Asked => {
  const uri = textDocument?.uri
  const path = typeof uri === 'string' ? pathOf(uri) : null
  const text = path === null ? undefined : workspace.text(path)
  if (path === null || text === undefined) throw new Error('the document is not open')
  const { line = 0, character = 0 } = position ?? {}
  const isPlace = Number.isSafeInteger(line) && Number.isSafeInteger(character) && line >= 0 && character >= 0
  if (!isPlace) throw new Error('the position is not one of the document')
  return { path, text, offset: offsetOf(text, { line, character }) }
}

const locationOf = (workspace: PolicyWorkspace, { file, start, end }: SourceRange): object =>
  ({ uri: pathToFileURL(file).href, range: rangeOf(workspace.text(file) ?? '', start, end) })

const wordOf = (workspace: PolicyWorkspace, params: Params) => {
  const { path, offset } = askedFor(workspace, params)
  return workspace.wordAt(path, offset)
}

const hover = (workspace: PolicyWorkspace, params: Params): object | null => {
  const word = wordOf(workspace, params)
  const value = word === null ? null : workspace.hover(word.name)
  if (word === null || value === null) return null
  return { contents: { kind: 'markdown', value }, range: rangeOf(workspace.text(word.file)!, word.start, word.end) }
}

const definition = (workspace: PolicyWorkspace, params: Params): object[] => {
  const word = wordOf(workspace, params)
  return word === null ? [] : workspace.definitions(word.name).map((one) => locationOf(workspace, one))
}

const references = (workspace: PolicyWorkspace, params: Params): object[] => {
  const word = wordOf(workspace, params)
  if (word === null) return []
  const declared = new Set(workspace.definitions(word.name).map(({ file, start }) => `${start} ${file}`))
  const hasDeclaration = params.context?.includeDeclaration !== false
  return workspace.references(word.name)
    .filter(({ file, start }) => hasDeclaration || !declared.has(`${start} ${file}`))
    .map((one) => locationOf(workspace, one))
}

const symbols = (workspace: PolicyWorkspace, params: Params): object[] => {
  const { path, text } = askedFor(workspace, params)
  return workspace.symbolsOf(path).map((one) => symbolOf(text, one))
}

const formatting = (workspace: PolicyWorkspace, params: Params): object[] => {
  const { path, text } = askedFor(workspace, params)
  const newText = formatPolicySource({ name: path, text })
  return newText === text ? [] : [{ range: rangeOf(text, 0, text.length), newText }]
}

const rename = (workspace: PolicyWorkspace, params: Params): object => {
  const word = wordOf(workspace, params)
  if (word === null || typeof params.newName !== 'string') throw new Error('there is no name to change')
  const changes = new Map<string, object[]>()
  for (const { file, start, end } of workspace.rename(word.name, params.newName)) {
    const uri = pathToFileURL(file).href
    const edit = { range: rangeOf(workspace.text(file)!, start, end), newText: params.newName }
    changes.set(uri, [...changes.get(uri) ?? [], edit])
  }
  return { changes: Object.fromEntries(changes) }
}

const MOST_COMPLETIONS = 2000

const completion = (workspace: PolicyWorkspace, params: Params): object => {
  const { path, text, offset } = askedFor(workspace, params)
  const prefix = /[\w$]*$/.exec(text.slice(Math.max(0, offset - 200), offset))![0]
  const all = workspace.complete(path, offset).filter(({ name }) => name.startsWith(prefix))
  return { isIncomplete: all.length > MOST_COMPLETIONS, items: all.slice(0, MOST_COMPLETIONS).map(completionOf) }
}

/** By their methods. */
export const requests: ReadonlyMap<string, (workspace: PolicyWorkspace, params: Params) => unknown> = new Map<
  string, (workspace: PolicyWorkspace, params: Params) => unknown
>([
  ['textDocument/hover', hover], ['textDocument/definition', definition], ['textDocument/references', references],
  ['textDocument/documentSymbol', symbols], ['textDocument/formatting', formatting], ['textDocument/rename', rename],
  ['textDocument/completion', completion],
])
