/** A component ready to run: its parts, and its core modules. The code of the component model is not loaded with it. */
import type { ComponentParts } from './component/parts.ts'
import { limitNumbers } from './limits.ts'
import type { Limits } from './limits.ts'
import { Program } from './program.ts'

/** What a component has in the place of a module. */
const EMPTY = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
/** The first bytes of a component: a version and a layer of its own. */
export const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]

export const isComponent = (bytes: Uint8Array): boolean => PREAMBLE.every((byte, i) => bytes[i] === byte)

/** The interface by which a command is started. */
export const RUN = /^wasi:cli\/run@0\.[23]\./
/** The interface by which requests of HTTP are answered. */
export const HANDLER = /^wasi:http\/(?:incoming-handler@0\.2|handler@0\.3)\./

const hasTasks = (parts: ComponentParts): boolean => parts.some((part) =>
  part.kind === 'builtin' || (part.kind === 'component' && hasTasks(part.component)))

export class ComponentProgram extends Program {
  readonly parts: ComponentParts
  readonly modules: readonly Program[]
  /** Those that were given a part of a limit, and how often they may have it. */
  readonly bounded: ReadonlyMap<Program, number>

  constructor(
    parts: ComponentParts, modules: readonly Program[], bounded: ReadonlyMap<Program, number>, limits: Limits,
    shared: boolean,
  ) {
    const { memory, tables, loops } = limitNumbers(limits)
    const built = { memory, tables, loops, startsLater: false, shared, importedMemory: null }
    super(new WebAssembly.Module(EMPTY), built, loops)
    this.parts = parts
    this.modules = modules
    this.bounded = bounded
  }

  /** It has functions for tasks, streams or futures: those go on in its own thread. */
  get hasTasks(): boolean {
    return hasTasks(this.parts)
  }

  /** A command has an entry. */
  get isCommand(): boolean {
    return this.parts.some((part) => part.kind === 'export' && RUN.test(part.name))
  }

  /** It answers requests of HTTP. */
  get isHandler(): boolean {
    return this.parts.some((part) => part.kind === 'export' && HANDLER.test(part.name))
  }
}
