/** The program that an exec has loaded. It has all that the runner needs, and the task keeps it until its next exec. */
import type { File } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { NativeProgram } from './native.ts'

/** Memory of an image on the host's heap. Children share it with their parent until one of them executes a program. */
export class ImageMemory extends Holder {
  #users = 1

  get(): void {
    this.#users++
  }
  put(): void {
    if (--this.#users === 0) this.release()
  }
}

interface LoadedImage {
  readonly memory: ImageMemory
  readonly file: File
  readonly argv: readonly string[]
  readonly envp: readonly string[]
  /** AT_SECURE: the program has privileges its caller had not. */
  readonly secureexec: boolean
  readonly auxv: readonly (readonly [tag: number, value: number])[]
}

/** A WebAssembly module; `bytes` are its file's. */
export interface WasmImage extends LoadedImage {
  readonly kind: 'wasm'
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A program written in TypeScript and registered with the kernel. */
export interface NativeImage extends LoadedImage {
  readonly kind: 'native'
  readonly program: NativeProgram
}

export type ExecImage = WasmImage | NativeImage
