/**
 * The launcher's machine code: a loop that makes system calls from a table. It is all of our code that runs natively,
 * so that a process can restrict itself between fork and execve without a JavaScript engine in it.
 *
 * A record of the table is twelve words: number, six arguments, where the result is stored, what the result is compared
 * with, and the next records for equal, above and below. Number -1 loads a byte at the first argument, -2 is a * b + c,
 * -3 loads a word.
 */
import type { Arch } from '../sys/calls.ts'

/** Addresses of the image. Both segments keep their offset in the file modulo 64 KiB, the largest size of a page. */
export const CODE_OFFSET = 0x100
export const DATA_OFFSET = 0x200
export const TEXT_ADDRESS = 0x40_0000
export const DATA_ADDRESS = 0x42_0000 + DATA_OFFSET
export const RECORD_WORDS = 12

/** Operations beside system calls. */
export const LOAD_BYTE = -1
export const MULTIPLY_ADD = -2
export const LOAD_WORD = -3

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, ''), 'hex'))

const code: Readonly<Record<Arch, Uint8Array>> = {
  x64: hex(`
    bb 00 02 42 00    # mov ebx, DATA_ADDRESS      the first record
    48 8b 03          # next: mov rax, [rbx]       number
    48 8b 7b 08       # mov rdi, [rbx+8]           arguments
    48 8b 73 10       # mov rsi, [rbx+16]
    48 8b 53 18       # mov rdx, [rbx+24]
    48 85 c0          # test rax, rax
    78 10             # js operation
    4c 8b 53 20       # mov r10, [rbx+32]
    4c 8b 43 28       # mov r8, [rbx+40]
    4c 8b 4b 30       # mov r9, [rbx+48]
    0f 05             # syscall
    eb 1c             # jmp done
    48 ff c0          # operation: inc rax
    74 0a             # jz byte
    48 ff c0          # inc rax
    74 0a             # jz multiply
    48 8b 07          # mov rax, [rdi]
    eb 0d             # jmp done
    0f b6 07          # byte: movzx eax, byte [rdi]
    eb 08             # jmp done
    48 0f af fe       # multiply: imul rdi, rsi
    48 8d 04 17       # lea rax, [rdi+rdx]
    48 8b 4b 38       # done: mov rcx, [rbx+56]    where the result is stored
    48 89 01          # mov [rcx], rax
    48 3b 43 40       # cmp rax, [rbx+64]          what it is compared with
    48 8b 4b 48       # mov rcx, [rbx+72]          equal
    48 0f 4f 4b 50    # cmovg rcx, [rbx+80]        above
    48 0f 4c 4b 58    # cmovl rcx, [rbx+88]        below
    48 89 cb          # mov rbx, rcx
    eb a2             # jmp next
  `),
  // words as they lie in memory: the lowest byte first
  arm64: hex(`
    13 40 80 d2       # movz x19, #0x200           the first record
    53 08 a0 f2       # movk x19, #0x42, lsl #16
    68 02 40 a9       # next: ldp x8, x0, [x19]    number and arguments
    61 0a 41 a9       # ldp x1, x2, [x19, #16]
    a8 00 f8 b7       # tbnz x8, #63, operation
    63 12 42 a9       # ldp x3, x4, [x19, #32]
    65 1a 40 f9       # ldr x5, [x19, #48]
    01 00 00 d4       # svc #0
    0a 00 00 14       # b done
    1f 05 00 b1       # operation: cmn x8, #1
    a0 00 00 54       # b.eq byte
    1f 09 00 b1       # cmn x8, #2
    a0 00 00 54       # b.eq multiply
    00 00 40 f9       # ldr x0, [x0]
    04 00 00 14       # b done
    00 00 40 39       # byte: ldrb w0, [x0]
    02 00 00 14       # b done
    00 08 01 9b       # multiply: madd x0, x0, x1, x2
    69 aa 43 a9       # done: ldp x9, x10, [x19, #56]
    20 01 00 f9       # str x0, [x9]
    1f 00 0a eb       # cmp x0, x10
    6b b2 44 a9       # ldp x11, x12, [x19, #72]   equal, above
    6d 2e 40 f9       # ldr x13, [x19, #88]        below
    8b c1 8b 9a       # csel x11, x12, x11, gt
    ab b1 8b 9a       # csel x11, x13, x11, lt
    f3 03 0b aa       # mov x19, x11
    e8 ff ff 17       # b next
  `),
}

// ELF: e_machine of each processor, kinds and flags of segments
const EM_X86_64 = 62
const EM_AARCH64 = 183
const PT_LOAD = 1
const PT_GNU_STACK = 0x6474_e551
const PF_X = 1
const PF_W = 2
const PF_R = 4
const EHDR = 64
const PHDR = 56

const header = (arch: Arch): Uint8Array => {
  const bytes = new Uint8Array(EHDR)
  const view = new DataView(bytes.buffer)
  // magic, 64 bits, little endian, version 1
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, 2, true) // ET_EXEC
  view.setUint16(18, arch === 'x64' ? EM_X86_64 : EM_AARCH64, true)
  view.setUint32(20, 1, true)
  view.setBigUint64(24, BigInt(TEXT_ADDRESS + CODE_OFFSET), true)
  view.setBigUint64(32, BigInt(EHDR), true)
  view.setUint16(52, EHDR, true)
  view.setUint16(54, PHDR, true)
  view.setUint16(56, 3, true)
  return bytes
}

interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly size: number
  readonly memory: number
}

const segment = ({ type, flags, offset, address, size, memory }: Segment): Uint8Array => {
  const bytes = new Uint8Array(PHDR)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, type, true)
  view.setUint32(4, flags, true)
  const words = [offset, address, address, size, memory, type === PT_LOAD ? 0x1_0000 : 16]
  words.forEach((word, i) => view.setBigUint64(8 + 8 * i, BigInt(word), true))
  return bytes
}

/** A static program: the code above and, at DATA_ADDRESS, `data` with `room` bytes of zeros behind it. */
export const imageOf = (arch: Arch, data: Uint8Array, room: number): Uint8Array => {
  const bytes = new Uint8Array(DATA_OFFSET + data.length)
  const text = CODE_OFFSET + code[arch].length
  const segments: readonly Segment[] = [
    { type: PT_LOAD, flags: PF_R | PF_X, offset: 0, address: TEXT_ADDRESS, size: text, memory: text },
    {
      type: PT_LOAD, flags: PF_R | PF_W, offset: DATA_OFFSET, address: DATA_ADDRESS, size: data.length,
      memory: data.length + room,
    },
    { type: PT_GNU_STACK, flags: PF_R | PF_W, offset: 0, address: 0, size: 0, memory: 0 },
  ]
  bytes.set(header(arch))
  segments.forEach((one, i) => bytes.set(segment(one), EHDR + PHDR * i))
  bytes.set(code[arch], CODE_OFFSET)
  bytes.set(data, DATA_OFFSET)
  return bytes
}
