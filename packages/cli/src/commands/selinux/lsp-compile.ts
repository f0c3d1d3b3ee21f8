/** Mistakes that the compiler finds in a module that an editor has open, with the calls that led there. */
import { compileTe, ownSupport, PolicyHeaders, RefpolicyTree, SourceError } from '@lsmkit/selinux/source'
import type { PolicyWorkspace, SourceFile, SourceWarning } from '@lsmkit/selinux/source'
import type { Io } from '../../io.ts'
import { isWithin } from './lsp-paths.ts'
import { develParts, isTree, treeFiles } from './source-inputs.ts'
import type { HeaderFlags, Headers } from './source-inputs.ts'

export class ModuleCompiler {
  readonly #io: Io
  readonly #workspace: PolicyWorkspace
  readonly #devel: Headers | null
  readonly #trees: string[] = []
  /** By the folder of a whole policy; '' for modules by themselves. A change of an interface empties it. */
  readonly #headers = new Map<string, PolicyHeaders>()

  constructor(io: Io, flags: HeaderFlags, workspace: PolicyWorkspace) {
    this.#io = io
    this.#workspace = workspace
    this.#devel = develParts(io, flags)
  }

  /** A folder that may be a whole policy. */
  add(folder: string): void {
    if (isTree(this.#io, folder)) this.#trees.push(folder)
    this.forget()
  }

  /** An interface or a macro has another text. */
  forget(): void {
    this.#headers.clear()
  }

  /** Mistakes of a `.te` file; the first that stops the compiler, or warnings. */
  problems(path: string): readonly (SourceError | SourceWarning)[] {
    const text = this.#workspace.text(path)
    if (text === undefined || !path.endsWith('.te')) return []
    const tree = this.#trees.find((folder) => isWithin(folder, path))
    try {
      const fileContexts = this.#source(path.replace(/\.te$/, '.fc'))
      return compileTe({ name: path, text }, {
        headers: this.#headersFor(tree), ...(fileContexts === undefined ? {} : { fileContexts }),
      }).warnings
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      // Without the headers of a policy, calls of its interfaces are not known.
      const isForeign = error.code === 'unknown-macro' && tree === undefined && this.#devel === null
      return isForeign ? [] : [error]
    }
  }

  #source(name: string): SourceFile | undefined {
    const text = this.#workspace.text(name)
    return text === undefined ? undefined : { name, text }
  }

  #headersFor(tree: string | undefined): PolicyHeaders {
    const known = this.#headers.get(tree ?? '')
    if (known !== undefined) return known
    const headers = tree === undefined ? this.#ownHeaders() : this.#treeHeaders(tree)
    this.#headers.set(tree ?? '', headers)
    return headers
  }

  #ownHeaders(): PolicyHeaders {
    const own = this.#workspace.checkedFiles.filter((name) => name.endsWith('.if')).map((name) => this.#source(name)!)
    const { support = [ownSupport()], interfaces = [], build } = this.#devel ?? {}
    return new PolicyHeaders({
      support, interfaces: [...interfaces, ...own], ...(build === undefined ? {} : { build }),
    })
  }

  #treeHeaders(folder: string): PolicyHeaders {
    const files = treeFiles(this.#io, folder)
    for (const [path, { name }] of files) files.set(path, this.#source(name) ?? files.get(path)!)
    return new RefpolicyTree(files).headers
  }
}
