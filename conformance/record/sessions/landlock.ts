/** Random operations by processes that restrict themselves with Landlock. */
import { xorshift } from './xorshift.ts'

type Pick = (n: number) => number

const ACTORS = 4
const DIRECTORIES = ['a', 'b', 'a/c', 'b/d', 'a/c/e', 'm'] as const
const FILES = ['a/f', 'a/c/g', 'a/c/e/i', 'b/h', 'b/d/k', 'a/n'] as const
const FRESH = ['x', 'a/x', 'a/c/x', 'b/x', 'b/d/x', 'a/c/e/x', 'm/x', 'm/y/x', 'a/y', 'b/y', 'm/y'] as const
const PLACES = [
  ...DIRECTORIES, ...FILES, ...FRESH, 'm/f', 'm/c/g', 'm/d/k', '.', '/s', '/', '/s/a/f', '/s/b', '..',
] as const

/** Rights that many operations ask for, oftener than others. */
const COMMON = [1, 2, 4, 8, 0x10, 0x20, 0x80, 0x100, 0x2000, 0x4000] as const
const REFER = 0x2000
const ACCESS_FILE = 0xc007
const ABSTRACT = ['@one', '@two'] as const
const SOCKETS = ['@one', '@two', 'a/sock', 'b/sock'] as const

/** An IPv4 address as bytes in hexadecimal. */
const inet = (family: number, port: number, address: string, length = 16): string => {
  const head = [family & 0xff, family >> 8, port >> 8, port & 0xff]
  const loopback = [0, 0, 0, 0, ...Array<number>(15).fill(0), 1, 0, 0, 0, 0]
  const tail = family === 10 ? loopback : address.split('.').map(Number)
  const bytes = [...head, ...tail, ...Array<number>(28).fill(0)].slice(0, length)
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

class Session {
  readonly #pick: Pick
  #spawned = 1

  constructor(seed: number) {
    this.#pick = xorshift(seed * 7919 + 17)
    for (let i = 0; i < 8; i++) this.#pick(2)
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#pick(list.length)]!
  }

  get #place(): string {
    return this.#pick(3) === 0 ? this.#one(PLACES) : this.#one([...DIRECTORIES, ...FILES])
  }

  #rights(): number {
    let mask = 0
    for (let i = 2 + this.#pick(8); i > 0; i--) mask |= this.#pick(4) === 0 ? 1 << this.#pick(16) : this.#one(COMMON)
    return this.#pick(2) === 0 ? mask | REFER : this.#pick(6) === 0 ? 0xffff : mask
  }

  *lines(operations: number): Generator<string> {
    yield* DIRECTORIES.map((path) => `0 mkdir ${path}`)
    for (const path of FILES) yield path === 'a/n' ? '0 mknod a/n 020666 259' : `0 open 0 ${path} 0101`
    for (const path of FILES) yield `0 chmod ${path} 0777`
    if (this.#pick(2) === 0) yield `0 ${this.#one(['mount m', 'bind a m', 'bind b m', 'bind a/c m', 'bind b/d a/c/e'])}`
    yield '0 spawn 1'
    this.#spawned = 2
    if (this.#pick(4) === 0) yield '1 user'
    if (this.#pick(4) > 0) yield* this.#layer(1)
    for (let i = 0; i < operations; i++) {
      const actor = this.#pick(8) === 0 ? 0 : 1 + this.#pick(this.#spawned - 1)
      if (this.#pick(12) === 0 && actor !== 0) yield* this.#layer(actor)
      else if (this.#pick(20) === 0 && this.#spawned < ACTORS) yield `${actor} spawn ${this.#spawned++}`
      else yield* this.#step(actor)
    }
  }

  *#layer(actor: number): Generator<string> {
    const slot = this.#pick(8)
    const fs = this.#pick(5) === 0 ? 0 : this.#rights()
    const net = this.#pick(3) === 0 ? 1 + this.#pick(3) : 0
    const scope = this.#pick(3) === 0 ? 1 + this.#pick(3) : 0
    const unknown = this.#pick(40) === 0 ? 2 ** 17 : 0
    yield `${actor} create ${slot} ${fs + unknown} ${net} ${scope}`
    for (let i = this.#pick(5); i > 0; i--) yield this.#rule(actor, slot, fs)
    if (net > 0) {
      for (let i = this.#pick(3); i > 0; i--) yield `${actor} port ${slot} ${1 + this.#pick(3)} ${this.#port()}`
    }
    if (this.#pick(3) === 0) yield `${actor} nnp`
    if (this.#pick(8) !== 0) yield `${actor} restrict ${slot} 0`
    if (this.#pick(6) === 0) yield this.#rule(actor, slot, fs)
    if (this.#pick(10) === 0) yield `${actor} restrict ${slot} ${this.#pick(2)}`
  }

  /** On plain files mostly the rights that they can have. */
  #rule(actor: number, slot: number, fs: number): string {
    if (this.#pick(6) === 0) return `${actor} rule ${slot} ${this.#granted(fs & ACCESS_FILE)} ${this.#one(FILES)}`
    const place = this.#pick(10) === 0 ? this.#one(PLACES) : this.#one(['.', '/s', '/', ...DIRECTORIES, ...DIRECTORIES])
    return `${actor} rule ${slot} ${this.#granted(fs)} ${place}`
  }

  /** Mostly rights that are handled. */
  #granted(fs: number): number {
    if (this.#pick(15) === 0) return this.#pick(2) * this.#rights()
    const some = fs & this.#rights()
    return some === 0 || this.#pick(4) === 0 ? fs : some
  }

  #port(): number {
    return this.#one([0, 5001, 5002, 5002, 5003, 65535, 65536])
  }

  *#step(actor: number): Generator<string> {
    const pick = this.#pick
    const slot = pick(8)
    switch (pick(24)) {
      case 0: case 1: case 2: case 3: return yield `${actor} open ${slot} ${this.#place} ${this.#openFlags()}`
      case 4:
        return yield `${actor} ${this.#one([`ftrunc ${slot} 3`, `ioctl ${slot} ${this.#command()}`, `close ${slot}`])}`
      case 5: return yield* this.#device(actor, slot)
      case 6:
        return yield (
          `${actor} ${this.#one(['trunc', 'mkdir', 'rmdir', 'unlink', 'exec', 'list', 'stat'])} ${this.#place}`)
      case 7: return yield `${actor} ${this.#one(['mkdir', 'rmdir', 'unlink'])} ${this.#one(FRESH)}`
      case 8: return yield `${actor} mknod ${this.#one(FRESH)} ${this.#node()}`
      case 9: return yield `${actor} symlink f ${this.#one(FRESH)}`
      case 10: case 11: return yield `${actor} link ${this.#place} ${this.#one(FRESH)}`
      case 12: case 13: case 14:
        return yield this.#rename(actor)
      case 15: return yield* this.#mounts(pick(3) === 0 ? actor : 0, slot)
      case 16: return yield `${actor} chdir ${this.#one(['/s', '/s', '.', 'a', 'b', 'm', 'a/c', '..'])}`
      case 17: case 18: return yield* this.#tcp(actor, slot)
      case 19: case 20: return yield* this.#unix(actor, slot)
      case 21: return yield* this.#signals(actor, slot)
      case 22: return yield `${actor} ${this.#one(['robust', 'readvm'])} ${pick(this.#spawned)}`
      default: return yield this.#one([
        `${actor} fdrule ${pick(8)} ${slot} ${this.#rights()}`, `${actor} fdopen ${slot} ${pick(8)} 0`,
        `${actor} exec ${this.#one(FILES)}`, `${actor} list ${this.#place}`,
        `${actor} flink ${slot} ${this.#one(FRESH)}`,
      ])
    }
  }

  #rename(actor: number): string {
    const from = this.#place
    const to = this.#pick(2) === 0 ? this.#place : this.#one(FRESH)
    return `${actor} rename ${from} ${to} ${this.#one([0, 0, 0, 1, 2, 2, 4])}`
  }

  #openFlags(): string {
    return this.#one([
      '0', '0', '0', '1', '1', '2', '01000', '01001', '01002', '0101', '0102', '0200000', '010000000', '020200002',
    ])
  }
  #command(): string {
    return this.#one(['0x5401', '0x541b', '0x5451', '0x5450', '0x5421', '0x5460', '2', '0x5413'])
  }
  #node(): string {
    return this.#one(['0100666 0', '020666 259', '020666 0', '010666 0', '0140666 0', '060666 1792', '0 0'])
  }

  *#device(actor: number, slot: number): Generator<string> {
    yield `${actor} open ${slot} a/n ${this.#one([0, 1, 2])}`
    yield `${actor} ioctl ${slot} ${this.#command()}`
  }

  *#mounts(actor: number, slot: number): Generator<string> {
    const at = this.#one(DIRECTORIES)
    const from = this.#one([...DIRECTORIES, ...DIRECTORIES, 'a/f', 'b/h'])
    switch (this.#pick(7)) {
      case 0: return yield `${actor} mount ${at}`
      case 1: case 2: return yield `${actor} bind ${from} ${this.#pick(4) === 0 ? this.#one(FILES) : at}`
      case 3: return yield `${actor} umount ${at} ${this.#one([0, 2])}`
      case 4: return yield `${actor} move ${this.#one(['m', 'a', 'a/c'])} ${at}`
      case 5: return yield `${actor} remount ${this.#one(['/s', 'm'])}`
      default:
        yield `${actor} tree ${slot} ${from}`
        yield `${actor} attach ${slot} ${at}`
    }
  }

  *#tcp(actor: number, slot: number): Generator<string> {
    const pick = this.#pick
    const v6 = pick(4) === 0
    const family = v6 ? 10 : 2
    const type = pick(6) === 0 ? 2 : 1
    yield `${actor} sock ${slot} ${family} ${type} 0`
    const port = this.#one([5001, 5002, 5003, 0])
    const whole = v6 ? 28 : 16
    const address = pick(5) > 0
      ? inet(family, port, '127.0.0.1', whole)
      : inet(
        this.#one([0, 2, 10, 1]), port, this.#one(['0.0.0.0', '127.0.0.1']),
        this.#one([0, 1, 2, 8, 15, 16, 24, 28]))
    if (pick(2) === 0) {
      yield `${actor} sbind ${slot} ${address}`
      if (type === 1 && pick(2) === 0) yield `${actor} listen ${slot}`
    } else yield `${actor} sconnect ${slot} ${address}`
  }

  *#unix(actor: number, slot: number): Generator<string> {
    const pick = this.#pick
    const type = pick(2) === 0 ? 0o4001 : 0o4002
    yield `${actor} sock ${slot} 1 ${type} 0`
    const name = pick(3) === 0 ? this.#one(SOCKETS) : this.#one(ABSTRACT)
    if (pick(3) === 0) {
      yield `${actor} ubind ${slot} ${name}`
      if (type === 0o4001) yield `${actor} listen ${slot}`
    } else if (type === 0o4001 || pick(2) === 0) {
      yield `${actor} uconnect ${slot} ${name}`
      if (pick(2) === 0) yield `${this.#pick(4) === 0 ? this.#pick(this.#spawned) : actor} usend ${slot}`
    } else yield `${actor} usendto ${slot} ${name}`
  }

  *#signals(actor: number, slot: number): Generator<string> {
    const other = this.#pick(this.#spawned)
    if (this.#pick(2) === 0) {
      yield `${actor} kill ${other} ${this.#one([0, 10, 12])}`
      if (this.#pick(2) === 0) yield `${other} pending`
      return
    }
    yield `${actor} pipe ${slot}`
    yield `${actor} setown ${slot} ${this.#pick(3) === 0 ? 'g' : other}`
    yield `${actor} async ${slot}`
    if (this.#pick(3) === 0 && actor !== 0) yield* this.#layer(actor)
    yield `${actor} write ${(slot + 1) % 8}`
    for (let each = 0; each < this.#spawned; each++) yield `${each} pending`
  }
}

export function* generateLandlock(seed: number, count: number, operations = '60'): Generator<string> {
  for (let at = seed; at < seed + count; at++) {
    yield `session ${at}`
    yield* new Session(at).lines(Number(operations))
  }
}
