/**
 * Programs that no engine may stop: every kind of arithmetic and jump, loads and stores and atomics in their own frame
 * and in 64 bytes behind r1, subprograms, loops with a counter. r0 in the end is a mix of all registers.
 */
import type { Random } from './random.ts'

const ALU = ['+=', '-=', '*=', '/=', '%=', 's/=', 's%=', '|=', '&=', '^=', '=', '<<=', '>>=', 's>>='] as const
const SIGNS = ['==', '!=', '>', '>=', '<', '<=', '&', 's>', 's>=', 's<', 's<='] as const
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const
type Size = keyof typeof SIZES

/** Bytes behind r1 that programs use. */
export const MEMORY_SIZE = 64
const DEEPEST = 3

/** Where r1 is kept, as an offset below r10; counters of loops lie behind it. */
const KEPT = 256
/** Three frames of those fit a verifier's stack. */
const KEPT_ALIGNED = 72

/** The text of a program. `aligned`: accesses lie at multiples of their size, as a verifier wants them. */
export const randomProgram = (random: Random, aligned = false): string => {
  const kept = aligned ? KEPT_ALIGNED : KEPT
  const subprograms = random.below(3)
  const lines: string[] = [`*(u64 *)(r10 -${kept}) = r1`]
  for (const register of [0, 2, 3, 4, 5, 6, 7, 8, 9]) lines.push(`r${register} = ${wideConstant(random)} ll`)
  for (let at = 8; at <= 64; at += 8) lines.push(`*(u64 *)(r10 -${at}) = r${random.pick([0, 2, 3, 4, 5])}`)
  const names = Array.from({ length: subprograms }, (_, at) => `sub${at}`)
  new Writer(random, aligned, lines, names).block(8 + random.below(30), 0)
  lines.push(...mix, 'exit')
  for (const [at, name] of names.entries()) {
    lines.push(`${name}:`, `*(u64 *)(r10 -${kept}) = r1`, 'r6 = r2', 'r7 = r3', 'r8 = r4', 'r9 = r5', 'r0 = r3')
    for (let slot = 8; slot <= 64; slot += 8) lines.push(`*(u64 *)(r10 -${slot}) = r${random.pick([2, 3, 4, 5])}`)
    new Writer(random, aligned, lines, names.slice(at + 1), name).block(4 + random.below(12), 1)
    lines.push(...mix, 'exit')
  }
  return lines.join('\n')
}

const mix = [2, 3, 4, 5, 6, 7, 8, 9].flatMap((register) => ['r0 *= 31', `r0 ^= r${register}`])

const wideConstant = (random: Random): string =>
  `0x${((BigInt(random.constant() >>> 0) << 32n) | BigInt(random.word())).toString(16)}`

class Writer {
  readonly #random: Random
  readonly #aligned: boolean
  readonly #kept: number
  readonly #lines: string[]
  readonly #callees: readonly string[]
  readonly #prefix: string
  #labels = 0

  constructor(random: Random, aligned: boolean, lines: string[], callees: readonly string[], prefix = 'main') {
    this.#random = random
    this.#aligned = aligned
    this.#kept = aligned ? KEPT_ALIGNED : KEPT
    this.#lines = lines
    this.#callees = callees
    this.#prefix = prefix
  }

  block(count: number, depth: number): void {
    for (let at = 0; at < count; at++) this.#statement(depth)
  }

  #statement(depth: number): void {
    const random = this.#random
    const kind = random.below(20)
    if (kind < 9) this.#alu()
    else if (kind < 11) this.#load()
    else if (kind < 13) this.#store()
    else if (kind === 13) this.#atomic()
    else if (kind === 14) this.#byteOrder()
    else if (kind < 18 && depth < DEEPEST) this.#branch(depth)
    else if (kind === 18 && depth < DEEPEST) {
      if (random.below(2) === 0) this.#loop(depth)
      else this.#walk(depth)
    }
    else if (kind === 19 && this.#callees.length > 0 && depth < 2) this.#call()
    else this.#alu()
  }

  #register(): number {
    return this.#random.pick([0, 2, 3, 4, 5, 6, 7, 8])
  }

  #alu(): void {
    const random = this.#random
    const bank = random.pick(['r', 'w'])
    const dst = this.#register()
    if (random.below(12) === 0) {
      this.#lines.push(`${bank}${dst} = -${bank}${dst}`)
      return
    }
    const sign = random.pick(ALU)
    const casts = bank === 'r' ? ['(s8)', '(s16)', '(s32)'] : ['(s8)', '(s16)']
    const cast = sign === '=' && random.below(2) === 0 ? random.pick(casts) : ''
    const isConstant = cast === '' && random.below(2) === 0
    let constant = random.constant()
    if (/<<|>>/.test(sign)) constant &= bank === 'r' ? 63 : 31
    // a move of a constant would read as a 64-bit load in hexadecimal: it is written in decimal
    this.#lines.push(`${bank}${dst} ${sign} ${isConstant ? constant : `${cast}${bank}${this.#register()}`}`)
  }

  #place(size: number): string {
    const random = this.#random
    if (random.below(2) === 0) {
      const off = size + random.below(64 - size)
      return `(r10 -${this.#at(off, size)})`
    }
    this.#lines.push(`r1 = *(u64 *)(r10 -${this.#kept})`)
    return `(r1 +${this.#at(random.below(MEMORY_SIZE - size), size)})`
  }

  #at(off: number, size: number): number {
    return this.#aligned ? off - (off % size) : off
  }

  #load(): void {
    const size = this.#random.pick(Object.keys(SIZES) as Size[])
    const place = this.#place(SIZES[size])
    const type = size !== 'u64' && this.#random.below(3) === 0 ? size.replace('u', 's') : size
    this.#lines.push(`r${this.#register()} = *(${type} *)${place}`)
  }

  #store(): void {
    const size = this.#random.pick(Object.keys(SIZES) as Size[])
    const place = this.#place(SIZES[size])
    const what = this.#random.below(2) === 0 ? this.#random.constant() : `r${this.#register()}`
    this.#lines.push(`*(${size} *)${place} = ${what}`)
  }

  #atomic(): void {
    const random = this.#random
    const [size, width] = random.pick([['u32', ''], ['u64', '64']] as const)
    const place = this.#place(SIZES[size])
    const src = this.#register()
    this.#lines.push(random.pick([
      `lock *(${size} *)${place} ${random.pick(['+=', '|=', '&=', '^='])} r${src}`,
      `r${src} = atomic${width}_fetch_${random.pick(['add', 'or', 'and', 'xor'])}((${size} *)${place}, r${src})`,
      `r${src} = atomic${width}_xchg((${size} *)${place}, r${src})`,
      `r0 = atomic${width}_cmpxchg((${size} *)${place}, r0, r${src})`,
    ]))
  }

  #byteOrder(): void {
    const dst = this.#register()
    this.#lines.push(`r${dst} = ${this.#random.pick(['be', 'le', 'bswap'])}${this.#random.pick([16, 32, 64])} r${dst}`)
  }

  #branch(depth: number): void {
    const [otherwise, end] = [this.#label(), this.#label()]
    this.#lines.push(`if ${this.#condition()} goto ${otherwise}`)
    this.block(1 + this.#random.below(4), depth + 1)
    if (this.#random.below(2) === 0) this.#lines.push(`${this.#random.pick(['goto', 'gotol'])} ${end}`)
    this.#lines.push(`${otherwise}:`)
    this.block(this.#random.below(4), depth + 1)
    this.#lines.push(`${end}:`)
  }

  /** Counted in r9, which nothing inside touches but an inner loop, which puts it back. */
  #loop(depth: number): void {
    const [start, end] = [this.#label(), this.#label()]
    const slot = this.#kept + 8 + depth * 8
    this.#lines.push(`*(u64 *)(r10 -${slot}) = r9`, `r9 = ${1 + this.#random.below(5)}`, `${start}:`)
    this.block(1 + this.#random.below(3), depth + 1)
    if (this.#random.below(3) === 0) this.#lines.push(`if ${this.#condition()} goto ${end}`)
    this.#lines.push('r9 -= 1', `if r9 != 0 goto ${start}`, `${end}:`, `r9 = *(u64 *)(r10 -${slot})`)
  }

  /** Goes through the 64 bytes from one end to the other. */
  #walk(depth: number): void {
    const random = this.#random
    const size = random.pick(Object.keys(SIZES) as Size[])
    const step = SIZES[size]
    const rounds = 1 + random.below(MEMORY_SIZE / step)
    const isUp = random.below(2) === 0
    const [start, slot] = [this.#label(), this.#kept + 8 + depth * 8]
    this.#lines.push(`*(u64 *)(r10 -${slot}) = r9`, `r1 = *(u64 *)(r10 -${this.#kept})`, `r9 = ${isUp ? 0 : rounds}`)
    if (!isUp) this.#lines.push(`r1 += ${(rounds - 1) * step}`)
    this.#lines.push(`${start}:`)
    if (random.below(3) > 0) this.#lines.push(`r${this.#register()} = *(${size} *)(r1 +0)`)
    this.#alu()
    if (random.below(3) > 0) this.#lines.push(`*(${size} *)(r1 +0) = r${this.#register()}`)
    const end = isUp ? random.pick([`< ${rounds}`, `!= ${rounds}`]) : '!= 0'
    this.#lines.push(`r1 += ${isUp ? step : -step}`, `r9 ${isUp ? '+' : '-'}= 1`, `if r9 ${end} goto ${start}`)
    this.#lines.push(`r9 = *(u64 *)(r10 -${slot})`)
  }

  #call(): void {
    this.#lines.push(`r1 = *(u64 *)(r10 -${this.#kept})`, `call ${this.#random.pick(this.#callees)}`)
    for (const register of [2, 3, 4, 5]) this.#lines.push(`r${register} = r${this.#random.pick([0, 6, 7, 8])}`)
  }

  #condition(): string {
    const bank = this.#random.pick(['r', 'w'])
    const right = this.#random.below(2) === 0 ? this.#random.constant() : `${bank}${this.#register()}`
    return `${bank}${this.#register()} ${this.#random.pick(SIGNS)} ${right}`
  }

  #label(): string {
    return `${this.#prefix}_${this.#labels++}`
  }
}
