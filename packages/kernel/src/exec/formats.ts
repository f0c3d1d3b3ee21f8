/** The formats of programs this kernel loads: WebAssembly modules and registered TypeScript programs. */
import type { Machine } from '../machine.ts'
import type { Binfmt } from '../state/exec/binfmt.ts'
import { codeSegment, constSegment, dataSegment, readAll, start } from './load.ts'
import { isNative, NATIVE_SIZE, nativeProgram } from '../state/exec/native.ts'
import type { NativeProgram } from '../state/exec/native.ts'
import { isWasm, wasmLayout } from './wasm.ts'

export const programFormats = (machine: Machine): readonly Binfmt[] => [
  {
    name: 'wasm',
    match: isWasm,
    load(bprm) {
      const bytes = readAll(machine, bprm.file)
      if (typeof bytes === 'number') return bytes
      const layout = wasmLayout(bytes)
      if (typeof layout === 'number') return layout
      const whole = { offset: 0, size: bytes.length }
      const segments = [
        constSegment(whole),
        ...(layout.code === null ? [] : [codeSegment(layout.code)]),
        ...(layout.data === null ? [] : [dataSegment(layout.data)]),
      ]
      return start(machine, bprm, segments, { kind: 'wasm', bytes })
    },
  },
  {
    name: 'native',
    match: isNative,
    load(bprm) {
      const bytes = readAll(machine, bprm.file, NATIVE_SIZE)
      if (typeof bytes === 'number') return bytes
      const program = nativeProgram(machine.programs, bytes)
      if (typeof program === 'number') return program
      const whole = { offset: 0, size: bprm.file.f_inode.i_size }
      const segments = [codeSegment(whole), constSegment(whole), dataSegment(whole)]
      return start(machine, bprm, segments, { kind: 'native', program })
    },
  },
]

/** A format that the host adds: a file for which `match` is true starts `program`. */
export const hostFormat = (
  machine: Machine,
  name: string,
  match: (buf: Uint8Array) => boolean,
  program: NativeProgram,
): Binfmt => ({
  name,
  match,
  load: (bprm) => {
    const whole = { offset: 0, size: bprm.file.f_inode.i_size }
    const segments = [constSegment(whole), codeSegment(whole), dataSegment(whole)]
    return start(machine, bprm, segments, { kind: 'native', program })
  },
})
