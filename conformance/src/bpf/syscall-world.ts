/** A kernel with bpf(2), and short ways to make its calls, for tests. */
import * as abi from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'

type Fields = Record<string, unknown>

/** `struct bpf_insn`. */
export const insn = (code: number, dst: number, src: number, off: number, imm: number): number[] => {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint8(0, code)
  view.setUint8(1, dst | (src << 4))
  view.setInt16(2, off, true)
  view.setInt32(4, imm, true)
  return [...new Uint8Array(view.buffer)]
}
export const exit = insn(0x95, 0, 0, 0, 0)
/** `r0 = answer; exit`. */
export const returning = (answer: number): Uint8Array => Uint8Array.from([...insn(0xb7, 0, 0, 0, answer), ...exit])
/** `r1 = a map or a number; r0 = 0; exit`. */
export const loading = (src: number, imm: number): Uint8Array =>
  Uint8Array.from([...insn(0x18, 1, src, 0, imm), ...insn(0, 0, 0, 0, 0), ...returning(0)])

export const bytes32 = (...words: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(words.length * 4))
  for (const [at, word] of words.entries()) view.setInt32(at * 4, word, true)
  return new Uint8Array(view.buffer)
}

export const bootBpf = (lsms: readonly Lsm[] = []) => {
  const lsm = bpf()
  const stack = createStack({ lsms: [capability(), ...lsms, lsm] })
  const panics: unknown[] = []
  const onPanic = (name: string, error: unknown) => void panics.push(name, error)
  const kernel = bootKernel({ stack, bpf: () => lsm.engine(stack), onPanic })
  const { sys, init, machine } = kernel
  sys.mkdir(init, '/tmp', 0o1777)
  let task: Task = init

  const call = (cmd: number, attr: Fields | null, size?: number): number => sys.bpf(task, cmd, attr, size)
  const map = (type: number, key: number, value: number, entries: number, flags = 0, more: Fields = {}): number =>
    call(abi.BPF_MAP_CREATE, {
      map_type: type, key_size: key, value_size: value, max_entries: entries, map_flags: flags, ...more,
    })
  const element = (cmd: number, map_fd: number, key: Uint8Array | null, value: Uint8Array | null, flags = 0): number =>
    call(cmd, { map_fd, key, [cmd === abi.BPF_MAP_GET_NEXT_KEY ? 'next_key' : 'value']: value, flags })
  const program = (type: number, attach = 0, more: Fields = {}): number =>
    call(abi.BPF_PROG_LOAD, {
      prog_type: type, expected_attach_type: attach, insns: returning(0), insn_cnt: 2, license: 'GPL', ...more,
    })
  const lsmProgram = (hook: string, answer: number): number =>
    program(abi.BPF_PROG_TYPE_LSM, abi.BPF_LSM_MAC, {
      insns: returning(answer), attach_btf_id: vmlinuxBtf().find(`bpf_lsm_${hook}`, 'func'),
    })
  /** Numbers of all that are there. */
  const ids = (cmd: number): number[] => {
    const found: number[] = []
    for (let start_id = 0; ;) {
      const attr: Fields = { start_id }
      if (call(cmd, attr) !== 0) return found
      found.push((start_id = attr.next_id as number))
    }
  }
  const text = (path: string): string => {
    const fd = sys.openat(task, abi.AT_FDCWD, path, abi.O_RDONLY, 0)
    const buffer = new Uint8Array(8192)
    const length = sys.read(task, fd, buffer)
    sys.close(task, fd)
    return new TextDecoder().decode(buffer.subarray(0, Math.max(length, 0)))
  }
  return {
    lsm, stack, kernel, sys, init, machine, panics, call, map, element, program, lsmProgram, ids, text,
    /** Who makes the calls from now on. */
    as: (other: Task): void => {
      task = other
    },
    fork: (): Task => machine.tasks.find(sys.fork(init))!,
  }
}
