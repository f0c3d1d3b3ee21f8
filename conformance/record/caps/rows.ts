/** Random processes, and what they do: execute a program, change their ids, ask for or give up capabilities. */
import { xorshift } from '../sessions/xorshift.ts'

/** A table: `exec` has execve a row, the others a call. */
export type Kind = 'exec' | 'setuid' | 'prctl'

const IDS = [0, 0, 1000, 1000, 1001] as const
/** Capabilities that the calls and execve ask for, both ends of the set, and some others. */
const CAPS = [0, 1, 6, 7, 7, 8, 8, 13, 21, 31, 32, 40] as const
const FULL = 2n ** 41n - 1n
const MODES = ['755', '755', '4755', '4755', '2755', '6755', '4711', '2745', '711', '6750'] as const
const PLAIN_BITS = 0xff
/** Bits that Linux 6.14 has brought. */
const LATER_BITS = 0xf00

class Rows {
  readonly #pick: (n: number) => number

  constructor(seed: number) {
    this.#pick = xorshift(seed * 6007 + 29)
    for (let i = 0; i < 8; i++) this.#pick(2)
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#pick(list.length)]!
  }

  #in(percent: number): boolean {
    return this.#pick(100) < percent
  }

  /** Some of `within`: none, all, or a few. */
  #set(within = FULL): bigint {
    const sort = this.#pick(8)
    if (sort === 0) return 0n
    if (sort === 1) return within
    let set = 0n
    for (let i = 1 + this.#pick(4); i > 0; i--) set |= 1n << BigInt(this.#one(CAPS))
    return set & within
  }

  /** Real, effective, saved: mostly the same. */
  #ids(): number[] {
    const id = this.#one(IDS)
    return [0, 1, 2].map(() => (this.#in(50) ? id : this.#one(IDS)))
  }

  #securebits(): number {
    if (this.#in(50)) return 0
    const bits = this.#pick(PLAIN_BITS + 1)
    return this.#in(15) ? bits | (this.#pick(16) << 8 & LATER_BITS) : bits
  }

  #process(): string[] {
    const uid = this.#ids()
    const P = this.#set()
    const I = this.#set()
    const B = this.#in(60) ? FULL : FULL & ~this.#set()
    const A = this.#in(50) ? 0n : this.#set(P & I)
    const E = this.#in(50) ? P : this.#set(P)
    return [
      [...uid, this.#in(85) ? uid[1] : this.#one(IDS)].join(), this.#ids().join(),
      ...[P, I, E, A, B].map((set) => set.toString(16)), this.#securebits().toString(16), this.#in(15) ? '1' : '0',
    ]
  }

  #program(): string[] {
    const version = this.#one([2, 2, 3])
    const root = version === 2 ? 0 : this.#one([0, 1000, 1001])
    const [P, I] = [this.#set(), this.#set()].map((set) => set.toString(16))
    return [
      `${this.#one(IDS)},${this.#one(IDS)}`, this.#one(MODES),
      this.#in(40) ? '-' : `v${version}:P=${P},I=${I},E=${this.#pick(2)},root=${root}`,
      this.#in(10) ? '1' : '0', this.#in(15) ? '1' : '0',
    ]
  }

  #setuid(): string {
    const id = (): number => (this.#in(10) ? -1 : this.#one([0, 1000, 1001, 1002]))
    switch (this.#pick(4)) {
      case 0: return `setuid(${id()})`
      case 1: return `setreuid(${id()},${id()})`
      case 2: return `setresuid(${id()},${id()},${id()})`
      default: return `setfsuid(${id()})`
    }
  }

  #versioned(name: string): string {
    const version = this.#one(['0x19980330', '0x20071026', '0x20080522', '0x0', '0x20080523'])
    return `${name}(ver=${version},pid=${this.#one([0, 0, 1, -5])}${name === 'capget' && this.#in(30) ? ',NULL' : ''})`
  }

  #prctl(): string {
    const cap = (): number => (this.#in(15) ? this.#one([41, 42, 63, 64, 1000]) : this.#one(CAPS))
    switch (this.#pick(10)) {
      case 0: return `PR_CAPBSET_READ(${cap()})`
      case 1: return `PR_CAPBSET_DROP(${cap()})`
      case 2: return `PR_SET_KEEPCAPS(${this.#one([0, 1, 1, 2])})`
      case 3: return `PR_SET_NO_NEW_PRIVS(${this.#one([1, 1, 0, 2])},${this.#one([0, 0, 1])})`
      case 4: return this.#versioned('capget')
      case 5: return this.#versioned('capset0')
      case 6: case 7: {
        const [P, E, I] = [this.#set(), this.#set(), this.#set()].map((set) => set.toString(16))
        return `capset(P=${P},E=${this.#in(40) ? P : E},I=${I})`
      }
      case 8: return `PR_CAP_AMBIENT(${this.#pick(6)},${this.#in(20) ? 0 : cap()},${this.#one([0, 0, 0, 1])},0)`
      default: return `PR_SET_SECUREBITS(0x${(this.#in(20) ? this.#pick(0x2000) : this.#securebits()).toString(16)})`
    }
  }

  row(kind: Kind): string[] {
    const before = this.#process()
    if (kind === 'exec') return ['e', ...before, ...this.#program()]
    return ['c', ...before, kind === 'setuid' ? this.#setuid() : this.#prctl()]
  }
}

/** Rows as the recorder reads them: number, `e` or `c`, the process before, and what it does. */
export function* randomRows(kind: Kind, seed: number, count: number): Generator<string> {
  const rows = new Rows(seed)
  for (let n = 1; n <= count; n++) yield [n, ...rows.row(kind)].join('\t')
}
