/**
 * The answers of the model: the rights of the compiled rules, united on the way up from a place. It knows no kernel;
 * where names lead to is looked up beforehand.
 */
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ACCESS_FILE } from '@lsmkit/landlock/plan'
import type { Plan } from '@lsmkit/native'
import type { Answer } from './ask.ts'
import type { Question } from './questions.ts'

// LANDLOCK_ACCESS_FS_*
const EXECUTE = 0x1
const WRITE_FILE = 0x2
const READ_FILE = 0x4
const READ_DIR = 0x8
const REMOVE_DIR = 0x10
const REMOVE_FILE = 0x20
const MAKE_DIR = 0x80
const MAKE_REG = 0x100
const MAKE_FIFO = 0x400
const MAKE_SYM = 0x1000
const REFER = 0x2000
const TRUNCATE = 0x4000
const BIND = 1
const CONNECT = 2

const idOf = (path: string): string => {
  const { dev, ino } = statSync(path)
  return `${dev}:${ino}`
}

export class Model {
  readonly #rights = new Map<string, number>()
  readonly #ports: ReadonlyMap<number, number>
  readonly #hasTcp: boolean

  constructor({ landlock }: Plan) {
    for (const { place, rights } of landlock?.paths ?? []) {
      const id = idOf(join(place.folder, place.below))
      this.#rights.set(id, (this.#rights.get(id) ?? 0) | rights)
    }
    this.#ports = new Map(landlock?.ports)
    this.#hasTcp = this.#ports.size > 0
  }

  /** The rights at a real path. */
  #granted(path: string): number {
    let rights = 0
    for (let at = path; ; at = dirname(at)) {
      rights |= this.#rights.get(idOf(at)) ?? 0
      if (at === '/') return rights
    }
  }

  #has(path: string, wanted: number): boolean {
    return (this.#granted(path) & wanted) === wanted
  }

  /** A move or a link to another folder needs `refer` there and here, and gives the file no right that it had not. */
  #moves(from: string, folder: string, more: number): boolean {
    const [here, there] = [this.#granted(dirname(from)), this.#granted(folder)]
    const isSame = dirname(from) === folder
    if ((there & MAKE_REG) === 0 || (here & more) !== more) return false
    if (isSame) return true
    const gained = there & ~(here | (this.#rights.get(idOf(from)) ?? 0)) & ACCESS_FILE
    return (here & REFER) !== 0 && (there & REFER) !== 0 && gained === 0
  }

  /** A file that was moved can be moved back: else the question would leave a trace. */
  returns({ op, path, to = '' }: Question): boolean {
    if (op !== 'rename') return true
    const from = join(realpathSync(dirname(path)), basename(path))
    const folder = realpathSync(dirname(to))
    if (!this.#moves(from, folder, REMOVE_FILE)) return true
    const gained = this.#granted(dirname(from)) & ~(this.#granted(folder) | (this.#rights.get(idOf(from)) ?? 0))
    return (this.#granted(folder) & REMOVE_FILE) !== 0 && (gained & ACCESS_FILE) === 0
  }

  answer({ op, path, to = '', port = 0 }: Question): Answer {
    const yes = (is: boolean): Answer => (is ? 'yes' : 'no')
    const place = (): string => realpathSync(path)
    const above = (name: string): string => realpathSync(dirname(name))
    switch (op) {
      case 'read': return yes(this.#has(place(), READ_FILE))
      case 'write': return yes(this.#has(place(), WRITE_FILE))
      case 'both': return yes(this.#has(place(), READ_FILE | WRITE_FILE))
      case 'list': return yes(this.#has(place(), READ_DIR))
      case 'cut': return yes(this.#has(place(), TRUNCATE))
      case 'execute': return yes(this.#has(place(), EXECUTE))
      case 'create': return yes(this.#has(above(path), MAKE_REG | WRITE_FILE | REMOVE_FILE))
      case 'mkdir': return yes(this.#has(above(path), MAKE_DIR | REMOVE_DIR))
      case 'symlink': return yes(this.#has(above(path), MAKE_SYM | REMOVE_FILE))
      case 'fifo': return yes(this.#has(above(path), MAKE_FIFO | REMOVE_FILE))
      case 'rename': return yes(this.#moves(join(above(path), basename(path)), above(to), REMOVE_FILE))
      case 'link': return yes(this.#moves(join(above(path), basename(path)), above(to), 0))
      case 'connect': return yes(this.#hasTcp && ((this.#ports.get(port) ?? 0) & CONNECT) !== 0)
      case 'bind': return yes(this.#hasTcp && ((this.#ports.get(port) ?? 0) & BIND) !== 0)
    }
  }
}
