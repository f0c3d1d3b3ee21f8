/** Every TypeScript snippet of the documentation, compiled against the packages as they are built. */
import { ownValue } from '@lsmkit/abi'
import { posix } from 'node:path'
import ts from 'typescript'
import { preambles } from './preambles.ts'
import { root } from './pages.ts'

export interface Snippet {
  readonly source: string
  /** Of its first line. */
  readonly line: number
  readonly code: string
  /** Marked as `ts fragment`: it uses names of the text around it, which preambles.ts declares. */
  readonly isFragment: boolean
}

const FENCE = /^```ts( fragment)?\n([\s\S]*?)^```$/gm

export const snippetsOf = (source: string, text: string): readonly Snippet[] =>
  [...text.matchAll(FENCE)].map(({ index, 1: fragment, 2: code = '' }) => ({
    source, line: text.slice(0, index).split('\n').length + 1, code, isFragment: fragment !== undefined,
  }))

const codeOf = ({ source, code, isFragment }: Snippet): string =>
  isFragment ? `${ownValue(preambles, source) ?? ''}\n${code}\nexport {}\n` : `${code}\nexport {}\n`

/** Lines like a compiler's, empty when all of them compile. Modules are found from the site's folder. */
export const faultsOf = (snippets: readonly Snippet[]): readonly string[] => {
  const files = new Map(snippets.map((snippet, i) => [posix.join(root, 'site/snippets', `${i}.ts`), snippet]))
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force, skipLibCheck: true, types: ['node'],
    allowImportingTsExtensions: true, typeRoots: [`${root}/node_modules/@types`],
  }
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => (files.has(path) ? codeOf(files.get(path)!) : readFile(path))
  host.getSourceFile = (path, version) =>
    files.has(path) ? ts.createSourceFile(path, codeOf(files.get(path)!), version, true) : getSourceFile(path, version)
  const program = ts.createProgram([...files.keys(), `${root}/types/webassembly.d.ts`], options, host)
  return [...files].flatMap(([path, snippet]) => {
    const file = program.getSourceFile(path)!
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
      .map((fault) => lineOf(snippet, file, fault))
  })
}

const lineOf = (snippet: Snippet, file: ts.SourceFile, { start = 0, messageText }: ts.Diagnostic): string => {
  const before = snippet.isFragment ? (ownValue(preambles, snippet.source) ?? '').split('\n').length : 0
  const line = snippet.line + file.getLineAndCharacterOfPosition(start).line - before
  return `${snippet.source}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
}
