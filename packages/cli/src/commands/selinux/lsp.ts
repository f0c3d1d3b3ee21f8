/** `lsm selinux lsp`: a language server of policy sources over stdin and stdout. */
import { dirname } from 'node:path'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { PolicyWorkspace } from '@lsmkit/selinux/source'
import type { SourceFile } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import { isFile, isFolder } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT } from '../../output.ts'
import { textOf } from './inputs.ts'
import { ModuleCompiler } from './lsp-compile.ts'
import { Frames } from './lsp-frames.ts'
import type { Message } from './lsp-frames.ts'
import { isWithin, parentsOf } from './lsp-paths.ts'
import { pathOf, requests } from './lsp-requests.ts'
import { develSources, isTree, lintedSources, policyFiles, sourcesIn } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'
import { compileDiagnostic, diagnosticsOf } from './lsp-shapes.ts'

const NOT_INITIALIZED = -32_002
const UNKNOWN_METHOD = -32_601
const BAD_REQUEST = -32_600
const BAD_JSON = -32_700
const FAILED = -32_803

interface DocumentParams {
  readonly textDocument?: { readonly uri?: string; readonly text?: string }
  readonly contentChanges?: readonly { readonly text?: string }[]
}

const capabilities = {
  positionEncoding: 'utf-16', textDocumentSync: { openClose: true, change: 1 }, hoverProvider: true,
  definitionProvider: true, referencesProvider: true, documentSymbolProvider: true, documentFormattingProvider: true,
  renameProvider: true, completionProvider: { triggerCharacters: ['_', ':', '{', '('] },
}

class LanguageServer {
  readonly #io: Io
  readonly #flags: HeaderFlags
  readonly #frames: Frames
  #workspace: PolicyWorkspace | null = null
  #compiler: ModuleCompiler | null = null
  /** Addresses of documents by their paths, as the editor writes them. */
  readonly #open = new Map<string, string>()
  readonly #folders: string[] = []
  #isShutDown = false

  constructor(io: Io, flags: HeaderFlags) {
    this.#io = io
    this.#flags = flags
    this.#frames = new Frames(io)
  }

  /** Answers until `exit` or the end of the input. */
  async run(): Promise<number> {
    for (;;) {
      const frame = await this.#frames.next()
      if (frame === 'end') return this.#isShutDown ? EXIT.ok : EXIT.denied
      if (frame === 'broken') {
        throw new CommandError('badInput', 'a message has no Content-Length that can be read',
          'the server speaks the language server protocol on stdin and stdout')
      }
      const message = this.#parsed(frame.text)
      if (message?.method === 'exit') return this.#isShutDown ? EXIT.ok : EXIT.denied
      if (message !== null) this.#take(message)
    }
  }

  #parsed(text: string): Message | null {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      this.#refuse(null, BAD_JSON, 'the message is not JSON')
      return null
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    this.#refuse(null, BAD_REQUEST, 'a message is one object')
    return null
  }

  #refuse(id: Message['id'], code: number, message: string): void {
    this.#frames.send({ id: id ?? null, error: { code, message } })
  }

  /** A notification that cannot be taken is passed over, as the protocol has it. */
  #take({ id, method, params }: Message): void {
    const isRequest = id !== undefined
    if (typeof method !== 'string') {
      if (isRequest) this.#refuse(id, BAD_REQUEST, 'a request has a method')
      return
    }
    if (this.#isShutDown) {
      if (isRequest) this.#refuse(id, BAD_REQUEST, 'the server is shut down')
      return
    }
    try {
      if (!isRequest) this.#notified(method, (params ?? {}) as DocumentParams)
      else this.#frames.send({ id, ...this.#answer(method, params ?? {}) })
    } catch (error) {
      if (isRequest) this.#refuse(id, FAILED, error instanceof Error ? error.message : String(error))
    }
  }

  #answer(method: string, params: object): object {
    if (method === 'initialize') return { result: this.#initialize(params) }
    if (this.#workspace === null) return { error: { code: NOT_INITIALIZED, message: 'the server is not initialized' } }
    if (method === 'shutdown') {
      this.#isShutDown = true
      return { result: null }
    }
    const answer = requests.get(method)
    if (answer !== undefined) return { result: answer(this.#workspace, params) }
    const hint = didYouMean(method, [...requests.keys()])
    const message = `there is no method \`${method}\`${hint === null ? '' : `: ${hint}`}`
    return { error: { code: UNKNOWN_METHOD, message } }
  }

  #initialize(params: object): object {
    const { rootUri, workspaceFolders } = params as {
      rootUri?: unknown; workspaceFolders?: readonly { uri?: unknown }[] | null
    }
    const uris = Array.isArray(workspaceFolders) ? workspaceFolders.map((one) => one?.uri) : [rootUri]
    const folders = uris.flatMap((uri) => (typeof uri === 'string' ? pathOf(uri) ?? [] : []))
      .filter((folder) => isFolder(this.#io, folder))
    this.#workspace = new PolicyWorkspace({ isWhole: folders.some((folder) => isTree(this.#io, folder)) })
    this.#compiler = new ModuleCompiler(this.#io, this.#flags, this.#workspace)
    for (const folder of folders) this.#addFolder(folder, lintedSources(this.#io, [folder]))
    this.#add(develSources(this.#io, this.#flags), false)
    return { capabilities, serverInfo: { name: 'lsm selinux lsp' } }
  }

  #add(files: readonly SourceFile[], isChecked: boolean): void {
    const workspace = this.#workspace!
    for (const { name, text } of files) if (workspace.text(name) === undefined) workspace.set(name, text, isChecked)
  }

  #addFolder(folder: string, sources: readonly SourceFile[]): void {
    this.#folders.push(folder)
    this.#add(sources, true)
    this.#add(policyFiles(this.#io, [folder]), false)
    this.#compiler!.add(folder)
  }

  /** Some editors name no folder: then the policy around the file counts, or the files beside it. */
  #addAround(path: string): void {
    if (this.#folders.some((folder) => isWithin(folder, path))) return
    const folder = dirname(path)
    const tree = [folder, ...parentsOf(folder)].find((one) => isTree(this.#io, one))
    if (tree !== undefined) this.#addFolder(tree, lintedSources(this.#io, [tree]))
    else if (isFolder(this.#io, folder)) this.#addFolder(folder, sourcesIn(this.#io, folder))
  }

  #notified(method: string, { textDocument, contentChanges }: DocumentParams): void {
    const uri = textDocument?.uri
    const path = typeof uri === 'string' ? pathOf(uri) : null
    const workspace = this.#workspace
    if (workspace === null || path === null || uri === undefined) return
    if (method === 'textDocument/didClose') return this.#closed(path, uri)
    const text = method === 'textDocument/didOpen' ? textDocument?.text
      : method === 'textDocument/didChange' ? contentChanges?.at(-1)?.text : undefined
    if (typeof text !== 'string' || !/\.(te|if|fc)$/.test(path)) return
    this.#addAround(path)
    workspace.set(path, text)
    this.#open.set(path, uri)
    this.#publish(path, uri)
    if (path.endsWith('.te')) return
    // Modules that call its interfaces, or whose labels it has.
    this.#compiler?.forget()
    for (const [other, at] of this.#open) if (other.endsWith('.te')) this.#publish(other, at)
  }

  #publish(path: string, uri: string): void {
    const findings = this.#workspace!.findings(path)
    // A file that cannot be parsed is not compiled: the mistake is there already.
    const problems = findings.some(({ code }) => code === 'F-001') ? [] : this.#compiler!.problems(path)
    const isFileHere = (file: string): boolean => this.#workspace!.text(file) !== undefined
    const diagnostics = [
      ...problems.map((problem) => compileDiagnostic(problem, path, isFileHere)), ...diagnosticsOf(findings),
    ]
    this.#frames.send({ method: 'textDocument/publishDiagnostics', params: { uri, diagnostics } })
  }

  /** The file counts again as it is on the disk. */
  #closed(path: string, uri: string): void {
    if (!this.#open.delete(path)) return
    const workspace = this.#workspace!
    if (isFile(this.#io, path)) workspace.set(path, textOf(this.#io, path))
    else workspace.delete(path)
    if (!path.endsWith('.te')) this.#compiler?.forget()
    this.#frames.send({ method: 'textDocument/publishDiagnostics', params: { uri, diagnostics: [] } })
  }
}

/** Ends with 0 after `shutdown` and `exit`, with 1 without them, with 3 when the input is not of the protocol. */
export const lspCommand = (io: Io, flags: HeaderFlags): Promise<number> => new LanguageServer(io, flags).run()
