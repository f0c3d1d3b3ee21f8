/** Function bodies of a module as text, one instruction a line, for tests that show generated code. */
import { I32, I64, Op } from '../wasm/opcode.ts'

const names = new Map<number, string>(Object.entries(Op).map(([name, op]) => [op, name.replace('_', '.')]))
const types = new Map<number, string>([[I32, 'i32'], [I64, 'i64']])

class Reader {
  at = 0
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  byte(): number {
    return this.bytes[this.at++]!
  }

  unsigned(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }

  signed(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.byte())
      value |= (byte & 0x7fn) << shift
      if (byte < 0x80n) return BigInt.asIntN(Number(shift) + 7, value)
    }
  }
}

/** The bodies of the code section, in order. */
export const functionTexts = (module: Uint8Array): string[] => {
  const reader = new Reader(module)
  reader.at = 8
  while (reader.at < module.length) {
    const id = reader.byte()
    const size = reader.unsigned()
    if (id !== 10) {
      reader.at += size
      continue
    }
    return Array.from({ length: reader.unsigned() }, () => {
      const length = reader.unsigned()
      const body = new Reader(module.subarray(reader.at, reader.at + length))
      reader.at += length
      return bodyText(body)
    })
  }
  return []
}

const bodyText = (body: Reader): string => {
  const lines: string[] = []
  for (let left = body.unsigned(); left > 0; left--) {
    const count = body.unsigned()
    lines.push(`(local ${types.get(body.byte())!} × ${count})`)
  }
  let depth = 0
  while (body.at < body.bytes.length) {
    const op = body.byte()
    if (op === Op.end || op === Op.else) depth--
    if (depth < 0) break
    lines.push(`${'  '.repeat(depth)}${names.get(op) ?? op}${immediates(body, op)}`)
    if (op === Op.block || op === Op.loop || op === Op.if || op === Op.else) depth++
  }
  return lines.join('\n')
}

const immediates = (body: Reader, op: number): string => {
  const name = names.get(op) ?? ''
  if (/\.(?:load|store)/.test(name)) return ` offset=${(body.byte(), body.unsigned())}`
  switch (op) {
    case Op.block: case Op.loop: case Op.if: {
      const type = types.get(body.byte())
      return type === undefined ? '' : ` ${type}`
    }
    case Op.br: case Op.br_if: case Op.call: case Op.local_get: case Op.local_set: case Op.local_tee:
      return ` ${body.unsigned()}`
    case Op.i32_const: case Op.i64_const: return ` ${body.signed()}`
    case Op.call_indirect: return ` ${(body.unsigned(), body.byte())}`
    case Op.br_table: return ` ${Array.from({ length: body.unsigned() + 1 }, () => body.unsigned()).join(' ')}`
    default: return ''
  }
}
