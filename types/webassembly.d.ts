/**
 * The WebAssembly JavaScript interface, as in Node 24 and browsers, with JavaScript promise integration
 * (`Suspending`, `promising`). TypeScript has it only in its DOM library, whose `File` and `Node` must not hide ours.
 */
declare namespace WebAssembly {
  type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'anyfunc' | 'externref'
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag'

  /** Callable exports and imports take and return numbers, or bigints for i64. */
  // eslint-disable-next-line typescript/no-explicit-any -- signatures are known to the module alone
  type ExportedFunction = (...args: any[]) => any
  type ExportValue = ExportedFunction | Global | Memory | Table | Tag
  type ImportValue = ExportValue | Suspending | number | bigint
  type Exports = Record<string, ExportValue>
  type ModuleImports = Record<string, ImportValue>
  type Imports = Record<string, ModuleImports>

  interface ModuleExportDescriptor {
    name: string
    kind: ImportExportKind
  }
  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    module: string
  }

  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer)
    static exports(module: Module): ModuleExportDescriptor[]
    static imports(module: Module): ModuleImportDescriptor[]
    static customSections(module: Module, name: string): ArrayBuffer[]
  }

  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Exports
  }

  /** Sizes in pages of 64 KiB. */
  interface MemoryDescriptor {
    initial: number
    maximum?: number
    shared?: boolean
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor)
    /** Detached, and replaced by a new one, when the memory grows. */
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }

  interface TableDescriptor {
    element: 'anyfunc' | 'externref'
    initial: number
    maximum?: number
  }
  class Table {
    constructor(descriptor: TableDescriptor, value?: unknown)
    readonly length: number
    // eslint-disable-next-line typescript/no-explicit-any -- a table holds functions or any value
    get(index: number): any
    set(index: number, value?: unknown): void
    grow(by: number, value?: unknown): number
  }

  interface GlobalDescriptor {
    value: ValueType
    mutable?: boolean
  }
  class Global {
    constructor(descriptor: GlobalDescriptor, value?: unknown)
    // eslint-disable-next-line typescript/no-explicit-any -- its type is the module's
    value: any
    // eslint-disable-next-line typescript/no-explicit-any -- as value
    valueOf(): any
  }

  class Tag {
    constructor(type: { parameters: ValueType[] })
    readonly [Symbol.toStringTag]: 'WebAssembly.Tag'
  }
  class Exception extends Error {
    constructor(tag: Tag, payload: unknown[], options?: { traceStack?: boolean })
    is(tag: Tag): boolean
    // eslint-disable-next-line typescript/no-explicit-any -- its type is the tag's
    getArg(tag: Tag, index: number): any
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  /** An import that may return a promise: the calling stack of a `promising` export is suspended until it settles. */
  class Suspending {
    // eslint-disable-next-line typescript/no-explicit-any -- as ExportedFunction
    constructor(fn: (...args: any[]) => any)
    readonly [Symbol.toStringTag]: 'WebAssembly.Suspending'
  }
  /** An export that returns a promise and may be suspended; see `Suspending`. */
  // eslint-disable-next-line typescript/no-explicit-any -- as ExportedFunction
  function promising(fn: ExportedFunction): (...args: any[]) => Promise<any>

  interface InstantiatedSource {
    module: Module
    instance: Instance
  }
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean
  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
  function instantiate(bytes: ArrayBufferView | ArrayBuffer, imports?: Imports): Promise<InstantiatedSource>
}
