/**
 * The one player of recorded sessions: actors that make calls by turns, each operation as the C text of its table. The
 * recorder in `record/sessions` compiles the same text for a real kernel.
 */
import { errnoName, ownValue, PF_EXITING } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { callsOf } from '../c/actor.ts'
import type { Actor, Calls } from '../c/actor.ts'
import type { Statement } from '../c/ast.ts'
import { functionsOf, machineWithHeaders } from '../c/libc.ts'
import type { Group } from '../c/libc.ts'
import type { Builtin, CMachine, Functions } from '../c/machine.ts'
import { errnoOr } from '../kernel.ts'
import { VARIABLES } from '../operations/stage.ts'
import type { Options } from '../suite.ts'

/**
 * C text by operation. The arguments are `a` to `e`, and as numbers `x`, `y`, `z` and `w`. A statement that fails ends
 * the text. The value of the last statement is the answer, unless a function of the kind has given another one.
 * Descriptors in `fd` are closed afterwards.
 */
export type SessionOperations = Readonly<Record<string, string>>

/** A booted kernel and the task of actor 0. */
export interface World {
  readonly kernel: Kernel
  readonly first: Task
}

export interface SessionKind<W extends World = World> {
  readonly operations: SessionOperations
  /** Functions that the texts call and that no C library has. */
  readonly helpers: Group<SessionActor<W>>
  /** Names of options of the suite. */
  readonly options?: readonly string[]
  /** `parameters` stand behind the name of the session. */
  boot(parameters: string, options: Options): W
  /** A number as the recorder writes it. Default: the number, or the name of the errno. */
  show?(rc: number): string
  /** The actor of a number that nobody has yet, or the answer in its place. */
  missing(player: SessionPlayer<W>, number: number): SessionActor<W> | string
  /** Plays an operation with what the kind does around each. */
  around?(actor: SessionActor<W>, words: readonly string[], play: (words: readonly string[]) => string): string
}

const ARGUMENTS = 'char *a, *b, *c, *d, *e; long x, y, z, w;'
const TEXTS = ['a', 'b', 'c', 'd', 'e'] as const
const NUMBERS = ['x', 'y', 'z', 'w'] as const

/** A decimal, octal (`0…`) or hexadecimal (`0x…`) number; 0 for any other text. */
const numberOf = (text: string): number => {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  return /^(?:-?\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : 0
}

/** A task that makes calls, with descriptors by slots. */
export class SessionActor<W extends World = World> implements Actor {
  readonly player: SessionPlayer<W>
  readonly number: number
  readonly task: Task
  readonly sys: Calls
  readonly slots: Map<number, number>
  readonly functions: Functions

  constructor(player: SessionPlayer<W>, number: number, task: Task, slots: ReadonlyMap<number, number> = new Map()) {
    this.player = player
    this.number = number
    this.task = task
    this.sys = callsOf(player.kernel, task)
    this.slots = new Map(slots)
    const { machine, kind } = player
    this.functions = functionsOf(machine, this, (m) => ({ ...shared(m, this), ...kind.helpers(m, this) }))
  }

  get kernel(): Kernel {
    return this.player.kernel
  }
  get isDead(): boolean {
    return (this.task.flags & PF_EXITING) !== 0
  }

  taskOf(pid: number): Task {
    return this.kernel.machine.tasks.find(pid)!
  }
  must(rc: number, what: string): number {
    if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
    return rc
  }
  as(task: Task): SessionActor<W> {
    return new SessionActor(this.player, this.number, task, this.slots)
  }
}

/** Functions of every kind: slots, actors, answers. */
const shared = <W extends World>(m: CMachine, actor: SessionActor<W>): Record<string, Builtin> => {
  const { player, slots, sys } = actor
  const slot = (at: number): number => slots.get(at) ?? -1
  return {
    slot,
    keep: (at, fd) => {
      if (fd < 0) return fd
      if (slot(at) >= 0) sys.close(slot(at))
      slots.set(at, fd)
      return 0
    },
    /** What lies in a slot, which is empty afterwards. */
    take: (at) => {
      const fd = slot(at)
      slots.delete(at)
      return fd
    },
    pid: (number) => player.actors.get(number)?.task.pid ?? 0,
    /** A call that others depend on: its failure is told apart from theirs. */
    opened: (rc) => (rc < 0 ? player.say(`open ${errnoName(rc)}`, rc) : rc),
    /** Answers `ok` where the number does not matter. */
    done: (rc) => (rc < 0 ? rc : player.say('ok')),
    octal: (at) => Number.parseInt(m.text(at)!, 8) || 0,
    say: (at) => player.say(m.text(at)!),
  }
}

export class SessionPlayer<W extends World = World> {
  readonly kind: SessionKind<W>
  readonly world: W
  readonly machine: CMachine = machineWithHeaders()
  readonly actors = new Map<number, SessionActor<W>>()
  /** Arguments of the operation that is played. */
  args: readonly string[] = []
  #answer: string | null = null

  constructor(kind: SessionKind<W>, parameters = '', options: Options = {}) {
    this.kind = kind
    this.world = kind.boot(parameters, options)
    this.machine.run(VARIABLES + ARGUMENTS)
    this.add(0, this.world.first)
  }

  get kernel(): Kernel {
    return this.world.kernel
  }

  add(number: number, task: Task, slots?: ReadonlyMap<number, number>): SessionActor<W> {
    const actor = new SessionActor(this, number, task, slots)
    this.actors.set(number, actor)
    return actor
  }

  /** Gives an answer other than the number that the text comes to. */
  say(text: string, rc = 0): number {
    this.#answer = text
    return rc
  }

  /** The answer to `ACTOR OPERATION ARGUMENTS`. */
  play(line: string): string {
    const [number = '', ...words] = line.split(' ')
    const actor = this.actors.get(Number(number)) ?? this.kind.missing(this, Number(number))
    if (typeof actor === 'string') return actor
    const play = (rest: readonly string[]): string => this.#run(actor, rest)
    return this.kind.around === undefined ? play(words) : this.kind.around(actor, words, play)
  }

  #run(actor: SessionActor<W>, [operation = '', ...args]: readonly string[]): string {
    const statements = this.#textOf(operation)
    if (statements === null) return `unknown operation \`${operation}\``
    const { machine } = this
    this.args = args
    return machine.scratch(() => {
      TEXTS.forEach((name, i) => this.#set(name, machine.string(args[i] ?? '')))
      NUMBERS.forEach((name, i) => this.#set(name, numberOf(args[i] ?? '')))
      this.#set('fd', -1)
      this.#answer = null
      machine.functions = actor.functions
      const rc = machine.follow(statements)
      const fd = Number(machine.view.getBigInt64(machine.addressOf('fd')!, true))
      if (fd >= 0 && !actor.isDead) actor.sys.close(fd)
      return this.#answer ?? this.kind.show?.(rc) ?? errnoOr(rc, String(rc))
    })
  }

  #set(name: string, value: number): void {
    const { machine } = this
    machine.view.setBigInt64(machine.addressOf(name)!, BigInt.asIntN(64, BigInt(Math.trunc(value))), true)
  }

  #textOf(operation: string): readonly Statement[] | null {
    const { operations } = this.kind
    const known = statementsOf.get(operations) ?? new Map<string, readonly Statement[]>()
    statementsOf.set(operations, known)
    const text = ownValue(operations, operation)
    if (text === undefined) return null
    const statements = known.get(operation) ?? this.machine.read(text)
    known.set(operation, statements)
    return statements
  }
}

/** Texts of tables that were read before. */
const statementsOf = new WeakMap<object, Map<string, readonly Statement[]>>()
