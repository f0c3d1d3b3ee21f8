/** One case of the bpf_conformance suite: sections `-- asm`, `-- raw`, `-- mem`, `-- result`, `-- error`. */
import { decodeCode } from '@lsmkit/bpf/insn'
import type { Code } from '@lsmkit/bpf/insn'
import { assemble } from './register-asm.ts'

export interface IsaCase {
  readonly code: Code
  readonly memory: Uint8Array
  /** r0 in hex, or `error`. */
  readonly expected: string
}

export const parseIsaCase = (text: string): IsaCase => {
  const sections = new Map<string, string>()
  let name = ''
  for (const line of text.split('\n')) {
    const header = /^-- (\w[\w ]*)$/.exec(line.trim())
    if (header) name = header[1]!
    else sections.set(name, `${sections.get(name) ?? ''}${line.replace(/\s#.*$|^#.*$/, '')}\n`)
  }
  const raw = sections.get('raw')
  const asm = sections.get('asm')
  if (asm === undefined && raw === undefined) throw new SyntaxError('no program')
  const result = sections.get('result')?.trim()
  return {
    code: asm === undefined ? decodeCode(rawBytes(raw!)) : assemble(asm),
    memory: hexBytes(sections.get('mem') ?? ''),
    expected: result === undefined ? 'error' : `0x${BigInt(result).toString(16)}`,
  }
}

/** Instructions as bytes in hex, or each as a 64-bit number (`0x…`). Throws SyntaxError. */
const rawBytes = (text: string): Uint8Array => {
  const bytes = /0x/i.test(text) ? wordsOf(text) : hexBytes(text)
  if (bytes.length % 8 !== 0) throw new SyntaxError(`${bytes.length} bytes are not instructions`)
  return bytes
}

/** 64-bit numbers, little-endian. */
const wordsOf = (text: string): Uint8Array => {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const bytes = new Uint8Array(words.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [at, word] of words.entries()) view.setBigUint64(at * 8, BigInt(word), true)
  return bytes
}

/** Bytes in hex, spaces between them or not. */
export const hexBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
