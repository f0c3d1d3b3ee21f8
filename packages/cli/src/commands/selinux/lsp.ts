/** `lsm selinux lsp`: a language server of policy sources over stdin and stdout. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { PolicyWorkspace } from '@lsmkit/selinux/source'
import { CommandError } from '../../command-error.ts'
import { isFolder } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT } from '../../output.ts'
import { Frames } from './lsp-frames.ts'
import type { Message } from './lsp-frames.ts'
import { pathOf, requests } from './lsp-requests.ts'
import { develSources, isTree, lintedSources, policyFiles } from './source-inputs.ts'
import type { HeaderFlags } from './source-inputs.ts'
import { diagnosticsOf } from './lsp-shapes.ts'

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
    const workspace = new PolicyWorkspace({ isWhole: folders.some((folder) => isTree(this.#io, folder)) })
    for (const { name, text } of lintedSources(this.#io, folders)) workspace.set(name, text)
    const more = [...policyFiles(this.#io, folders), ...develSources(this.#io, this.#flags)]
    for (const { name, text } of more) if (workspace.text(name) === undefined) workspace.set(name, text, false)
    this.#workspace = workspace
    return { capabilities, serverInfo: { name: 'lsm selinux lsp' } }
  }

  #notified(method: string, { textDocument, contentChanges }: DocumentParams): void {
    const uri = textDocument?.uri
    const path = typeof uri === 'string' ? pathOf(uri) : null
    const workspace = this.#workspace
    if (workspace === null || path === null || uri === undefined) return
    const text = method === 'textDocument/didOpen' ? textDocument?.text
      : method === 'textDocument/didChange' ? contentChanges?.at(-1)?.text : undefined
    if (typeof text !== 'string' || !/\.(te|if|fc)$/.test(path)) return
    workspace.set(path, text)
    this.#frames.send({
      method: 'textDocument/publishDiagnostics',
      params: { uri, diagnostics: diagnosticsOf(workspace.findings(path)) },
    })
  }
}

/** Ends with 0 after `shutdown` and `exit`, with 1 without them, with 3 when the input is not of the protocol. */
export const lspCommand = (io: Io, flags: HeaderFlags): Promise<number> => new LanguageServer(io, flags).run()
