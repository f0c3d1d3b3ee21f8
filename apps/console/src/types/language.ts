/** TypeScript's service for one file, the module in the editor, over files that are texts in memory. */
import ts from 'typescript'

/** The module in the editor. */
export const FILE = '/module.ts'

export const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowImportingTsExtensions: true,
  strict: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
}

/** The texts; the module's alone changes. */
export class Files implements ts.LanguageServiceHost {
  readonly #texts: ReadonlyMap<string, string>
  readonly #folders: ReadonlySet<string>
  readonly #snapshots = new Map<string, ts.IScriptSnapshot>()
  #text = ''
  #version = 0

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
    const folders = [...texts.keys()].flatMap((path) =>
      path.split('/').map((_, at, parts) => parts.slice(0, at).join('/') || '/'))
    this.#folders = new Set(folders)
  }

  write(text: string): void {
    if (text === this.#text) return
    this.#text = text
    this.#version++
    this.#snapshots.delete(FILE)
  }

  get text(): string {
    return this.#text
  }

  getCompilationSettings(): ts.CompilerOptions {
    return options
  }

  getScriptFileNames(): string[] {
    return [FILE, '/globals.d.ts', ...this.#entries()]
  }

  getScriptVersion(path: string): string {
    return path === FILE ? String(this.#version) : '0'
  }

  getScriptSnapshot(path: string): ts.IScriptSnapshot | undefined {
    const known = this.#snapshots.get(path)
    if (known !== undefined) return known
    const text = this.readFile(path)
    if (text === undefined) return undefined
    const made = ts.ScriptSnapshot.fromString(text)
    this.#snapshots.set(path, made)
    return made
  }

  getCurrentDirectory(): string {
    return '/'
  }

  getDefaultLibFileName(): string {
    return '/lib/lib.es2023.d.ts'
  }

  fileExists(path: string): boolean {
    return path === FILE || this.#texts.has(path)
  }

  readFile(path: string): string | undefined {
    return path === FILE ? this.#text : this.#texts.get(path)
  }

  directoryExists(path: string): boolean {
    return this.#folders.has(path === '/' ? path : path.replace(/\/$/, ''))
  }

  getDirectories(): string[] {
    return []
  }

  /** In the program from the start, so that what they export is offered before it is imported. */
  #entries(): string[] {
    return ['/node_modules/@lsmkit/abi/src/index.d.ts', '/node_modules/@lsmkit/core/src/index.d.ts']
  }
}
