/** Files of the project as resources (`file:///project/…`), listed and read by a task under the policy. */
import { O_NOFOLLOW, O_RDONLY, S_IFDIR, S_IFMT, S_IFREG } from '@lsmkit/abi'
import { FileError } from '@lsmkit/kernel/files'
import type { TaskFiles } from '@lsmkit/kernel/files'
import { ResourceNotFoundError } from '@modelcontextprotocol/server'
import type { ListResourcesResult, ReadResourceResult, Resource } from '@modelcontextprotocol/server'
import type { Outputs } from './outputs.ts'
import type { McpContext } from './progress.ts'
import type { ToolGuard } from './tool-guard.ts'
import type { ToolChoice } from './tool-spec.ts'

/** Files of one page. */
const PAGE = 200
/** Names that one page looks at, so that a tree of many files that may not be read does not hold the server. */
const MOST_LOOKED_AT = 20_000

/** Directories that nobody lists by hand. They can be read by name. */
const isPassedOver = (name: string): boolean => name.startsWith('.') || name === 'node_modules'

const uriOf = (path: string): string => `file://${path.split('/').map(encodeURIComponent).join('/')}`

/** Whether everything beneath the directory comes before `after` in the order of the walk. */
const isBefore = (path: string, after: string): boolean => !after.startsWith(`${path}/`) && partsBefore(path, after)

/** By the parts of both, as the walk goes. */
const partsBefore = (path: string, other: string): boolean => {
  const [a, b] = [path.split('/'), other.split('/')]
  const at = a.findIndex((part, i) => part !== b[i])
  return at === -1 || (b[at] !== undefined && a[at]! < b[at])
}

/** A walk in the order of names, which stops at the bounds of a page. */
class Listing {
  readonly found: Resource[] = []
  readonly #files: TaskFiles
  readonly #after: string
  #looked = 0
  /** The last path that was looked at. */
  last = ''

  constructor(files: TaskFiles, after: string) {
    this.#files = files
    this.#after = after
  }

  get isFull(): boolean {
    return this.found.length >= PAGE || this.#looked >= MOST_LOOKED_AT
  }

  walk(directory: string): void {
    let names: string[]
    try {
      names = this.#files.readdir(directory).map(({ name }) => name).sort()
    } catch (error) {
      if (error instanceof FileError) return
      throw error
    }
    for (const name of names) {
      const path = `${directory}/${name}`
      if (isPassedOver(name) || isBefore(path, this.#after)) continue
      if (this.isFull) return
      this.#look(path, name)
    }
  }

  #look(path: string, name: string): void {
    this.#looked++
    const kind = this.#kindOf(path)
    if (kind === S_IFDIR) {
      // what lies in it comes after this
      this.last = `${path}/`
      return this.walk(path)
    }
    this.last = path
    if (kind === S_IFREG) this.found.push({ uri: uriOf(path), name })
  }

  /** Of what may be opened for reading; 0 of the rest. */
  #kindOf(path: string): number {
    try {
      const kind = this.#files.lstat(path).mode & S_IFMT
      // opening a FIFO or a device does something
      if (kind === S_IFREG) this.#files.close(this.#files.open(path, O_RDONLY | O_NOFOLLOW))
      return kind
    } catch (error) {
      if (error instanceof FileError) return 0
      throw error
    }
  }
}

/** Text where the bytes are UTF-8, else base64. */
const contentsOf = (uri: string, bytes: Uint8Array): ReadResourceResult => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { contents: [{ uri, mimeType: 'text/plain', text }] }
  } catch {
    const blob = Buffer.from(bytes).toString('base64')
    return { contents: [{ uri, mimeType: 'application/octet-stream', blob }] }
  }
}

/** The path that a URI names beneath `root`. Throws ResourceNotFoundError for every other URI. */
const pathOf = (uri: string, root: string): string => {
  if (URL.canParse(uri)) {
    const { protocol, host, pathname, search, hash } = new URL(uri)
    if (protocol === 'file:' && host === '' && search === '' && hash === '') {
      try {
        const path = decodeURIComponent(pathname)
        if (path.startsWith(`${root}/`)) return path
      } catch {
        // a `%` that encodes nothing
      }
    }
  }
  throw new ResourceNotFoundError(uri)
}

export class Resources {
  readonly #root: string
  readonly #outputs: Outputs
  readonly #list: (args: { after: string }, context?: McpContext) => Promise<ListResourcesResult>
  readonly #read: (uri: URL, variables: { path: string }, context?: McpContext) => Promise<ReadResourceResult>

  /** `most`: bytes of a file that are an answer. */
  constructor(guard: ToolGuard, outputs: Outputs, root: string, choice: ToolChoice, most: number) {
    this.#root = root
    this.#outputs = outputs
    this.#list = guard.answer<{ after: string }, ListResourcesResult>({ name: 'resources/list', ...choice },
      ({ after }, { files }) => {
        const listing = new Listing(files, after)
        listing.walk(root)
        const page = { resources: listing.found }
        return listing.isFull ? { ...page, nextCursor: listing.last } : page
      })
    this.#read = guard.resource({ name: 'resources/read', paths: { path: 'read' }, ...choice },
      (uri, _args, { opened }) => contentsOf(uri.href, opened['path']!.readAll(most)))
  }

  /** Files that may not be read are left out, without a denial. */
  async list(cursor = '', context?: McpContext): Promise<ListResourcesResult> {
    const { _meta, ...page } = await this.#list({ after: cursor }, context)
    return page
  }

  async read(uri: string, context?: McpContext): Promise<ReadResourceResult> {
    const output = this.#outputs.read(uri)
    if (output !== undefined) return { contents: [{ uri, mimeType: 'text/plain', text: output }] }
    return this.#read(new URL(uriOf(pathOf(uri, this.#root))), { path: pathOf(uri, this.#root) }, context)
  }
}
