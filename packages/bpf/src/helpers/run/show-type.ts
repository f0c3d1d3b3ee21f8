/**
 * A value of a kernel type as text, as bpf_snprintf_btf shows it: `(struct path){.mnt = …,}`. Zeroes are left out
 * unless they are asked for, and so are aggregates that only hold zeroes.
 */
import type { Btf } from '../../btf/btf.ts'
import type { BtfMember, BtfType } from '../../btf/btf-type.ts'

/** Pointers are always raw: addresses here reveal nothing of the host's memory, which is why the kernel hashes them. */
export const SHOW = { compact: 1, noName: 2, rawPointers: 4, zero: 8 } as const

/** Reads an integer of a value; throws for one that is not there. */
export type ReadBits = (offset: number, bytes: number) => bigint

/** Names of types are looked for through this many pointers, arrays and typedefs. */
const DEEPEST_NAME = 10
/** Aggregates in one another: the kernel's own types end before that. */
const DEEPEST = 64
const MOST_INDENT = 32

/** Latin-1, a character a byte. */
export const showType = (types: Btf, id: number, read: ReadBits, flags: number): string => {
  const show = new Show(types, read, flags)
  show.value(id, 0)
  return show.text
}

class Show {
  text = ''
  readonly #types: Btf
  readonly #read: ReadBits
  readonly #flags: number
  #depth = 0
  #member: BtfMember | null = null
  #isElement = false
  /** The type whose value begins, by its own id. */
  #kind: BtfType['kind'] | null = null
  #id = 0
  /** Elements of the array are characters, and their NUL was met. */
  #isChars = false
  #isEnded = false
  /** Looking whether an aggregate at this depth has anything to show: nothing is written. 0: writing. */
  #checked = 0
  #found = 0

  constructor(types: Btf, read: ReadBits, flags: number) {
    this.#types = types
    this.#read = read
    this.#flags = flags
  }

  /** At a byte of the whole value. */
  value(id: number, offset: number): void {
    const type = this.#types.resolved(id)
    switch (type.kind) {
      case 'int': return this.#int(id, type.size * 8, type.isSigned, offset)
      case 'ptr': return this.#leaf(id, type.kind, () => this.#pointer(this.#read(offset, 8)))
      case 'enum': case 'enum64': return this.#leaf(id, type.kind, () => {
        const bits = type.kind === 'enum' ? 32 : 64
        const found = BigInt.asIntN(bits, this.#read(offset, bits / 8))
        const name = type.values.find(({ value }) => BigInt.asIntN(bits, BigInt(value)) === found)?.name
        this.#word(found !== 0n || name !== undefined, name ?? `${type.isSigned ? found : BigInt.asUintN(bits, found)}`)
      })
      case 'array': return this.#unlessEmpty(() => this.#array(id, type, offset))
      case 'struct': case 'union': return this.#unlessEmpty(() => this.#struct(id, type, offset))
      default: return this.#say(`<unsupported kind:${KINDS[type.kind] ?? 0}>`)
    }
  }

  #int(id: number, bits: number, isSigned: boolean, offset: number): void {
    this.#leaf(id, 'int', () => {
      const raw = this.#read(offset, bits / 8)
      if (bits === 128) return this.#hex(raw)
      if (bits === 8 && this.#isChars) {
        if (this.#isEnded) return
        if (raw === 0n) {
          this.#isEnded = true
          return
        }
        if (isPrintable(Number(raw))) return this.#word(true, `'${String.fromCharCode(Number(raw))}'`)
      }
      this.#word(raw !== 0n, `${isSigned ? BigInt.asIntN(bits, raw) : raw}`)
    })
  }

  #pointer(raw: bigint): void {
    this.#word(raw !== 0n, `0x${raw.toString(16).padStart(16, '0')}`)
  }

  /** Bits of a member, and numbers of 128 bits. */
  #hex(raw: bigint): void {
    this.#word(raw !== 0n, `0x${raw.toString(16)}`)
  }

  #array(id: number, { type: element, length }: BtfType & { kind: 'array' }, offset: number): void {
    const of = this.#types.resolved(element)
    const size = of.kind === 'ptr' || of.kind === 'array' ? 0 : Math.max(0, this.#types.size(element))
    this.#isChars = of.kind === 'int' && size === 1
    this.#isEnded = false
    this.#open(id, 'array')
    for (let index = 0; index < length; index++) {
      this.#isElement = true
      this.#member = null
      this.value(element, offset + index * size)
      this.#isElement = false
      this.#member = null
      if (this.#isEnded) break
    }
    this.#isChars = false
    this.#isEnded = false
    this.#close(']')
  }

  #struct(id: number, type: BtfType & { kind: 'struct' | 'union' }, offset: number): void {
    this.#open(id, type.kind)
    for (const member of this.#types.members(type.id)) {
      this.#member = member
      const at = offset + (member.bitOffset >> 3)
      if (member.bitSize === 0) this.value(member.type, at)
      else {
        const first = member.bitOffset & 7
        this.#leaf(member.type, this.#types.type(member.type).kind, () => {
          const bytes = this.#read(at, Math.ceil((first + member.bitSize) / 8))
          this.#hex(BigInt.asUintN(member.bitSize, bytes >> BigInt(first)))
        })
      }
      this.#member = null
    }
    this.#close('}')
  }

  /** Below the top, an aggregate is first walked to see whether it has anything to show. */
  #unlessEmpty(show: () => void): void {
    if (this.#depth > DEEPEST) return
    if (this.#depth === 0 || this.#flags & SHOW.zero) return show()
    const member = this.#member
    if (this.#checked === 0) {
      this.#checked = this.#depth + 1
      this.#found = 0
    }
    show()
    this.#member = member
    if (this.#checked !== this.#depth + 1) return
    this.#checked = 0
    if (this.#found > this.#depth) show()
  }

  #leaf(id: number, kind: BtfType['kind'], show: () => void): void {
    this.#id = id
    this.#kind = kind
    show()
    this.#id = 0
    this.#kind = null
  }

  #word(isShown: boolean, text: string): void {
    if (!isShown && !(this.#flags & SHOW.zero) && this.#depth !== 0) return
    this.#say(`${this.#indent}${this.#name()}${text}${this.#delimiter}${this.#newline}`)
    this.#found = Math.max(this.#found, this.#depth)
  }

  #open(id: number, kind: BtfType['kind']): void {
    this.#id = id
    this.#kind = kind
    this.#say(`${this.#indent}${this.#name()}${this.#newline}`)
    this.#depth++
  }

  #close(suffix: string): void {
    this.#depth--
    this.#say(`${this.#indent}${suffix}${this.#delimiter}${this.#newline}`)
    this.#id = 0
    this.#kind = null
  }

  #say(text: string): void {
    if (this.#checked === 0) this.text += text
  }

  get #indent(): string {
    return this.#flags & SHOW.compact ? '' : ' '.repeat(Math.min(this.#depth, MOST_INDENT))
  }

  get #newline(): string {
    return this.#flags & SHOW.compact ? '' : '\n'
  }

  get #delimiter(): string {
    if (this.#depth === 0) return ''
    return this.#flags & SHOW.compact && this.#kind === 'union' ? '|' : ','
  }

  /** `.member = (struct name *[])`, and the bracket that a value of it opens with. */
  #name(): string {
    if (this.#isElement) return ''
    let type = this.#types.type(this.#member?.type ?? this.#id)
    let [alias, stars, brackets] = ['', '', '']
    for (let step = 0; type.kind === 'typedef' || type.kind === 'ptr' || type.kind === 'array'; step++) {
      if (step === DEEPEST_NAME) return ''
      if (type.kind === 'typedef') alias ||= type.name
      else if (type.kind === 'ptr') stars += '*'
      else brackets += '[]'
      // a pointer to void has no name to tell
      if (type.type === 0) break
      type = this.#types.type(this.#types.skipModifiers(type.type))
    }
    const isAggregate = type.kind === 'struct' || type.kind === 'union'
    const open = stars !== '' ? '' : brackets !== '' ? '[' : isAggregate ? '{' : ''
    if (this.#flags & SHOW.noName) return open
    const prefix = alias !== '' ? '' : isAggregate ? type.kind : type.kind.startsWith('enum') ? 'enum' : ''
    const name = alias || ('name' in type ? type.name : '')
    const member = this.#member?.name ? `.${this.#member.name} = ` : ''
    const space = prefix !== '' && name !== '' ? ' ' : ''
    return `${member}(${prefix}${space}${name}${stars === '' ? '' : ` ${stars}`}${brackets})${open}`
  }
}

const isPrintable = (byte: number): boolean => (byte >= 0x20 && byte <= 0x7e) || byte >= 0xa0

/** `BTF_KIND_*` of what cannot be shown. */
const KINDS: Readonly<Partial<Record<BtfType['kind'], number>>> = { fwd: 7, func: 12, func_proto: 13, float: 16 }
