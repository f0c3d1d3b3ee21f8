/** Plays the C text of an operation: one memory for all who take part, whose calls are made by turns. */
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@lsmkit/abi'
import { spaceOf } from '@lsmkit/kernel'
import type { Actor } from '../c/actor.ts'
import type { Expr } from '../c/ast.ts'
import { functionsOf, machineWithHeaders } from '../c/libc.ts'
import type { Group } from '../c/libc.ts'
import { FIRST, MEMORY } from '../c/memory.ts'
import type { CMachine } from '../c/machine.ts'
import type { Operation } from './operation.ts'

/** Variables that texts use without declaring them. */
export const VARIABLES = `
long fd, id, s, t, at, key, other, rc;
int sp[2], pp[2], len;
char *object, *subject;
char note[4096], zeros[64];
`

export class Stage<A extends Actor = Actor> {
  readonly machine: CMachine = machineWithHeaders()
  readonly #helpers: Group<A>

  constructor(helpers: Group<A>) {
    this.#helpers = helpers
    this.machine.run(VARIABLES)
  }

  /** Everything that the text says, by a task; a call that fails is the text's own business. */
  run(actor: A, text: string): void {
    this.#turn(actor)
    this.machine.run(text)
  }

  /** Call after call, as long as they succeed: the answer of the first that fails, or of the last. */
  steps(actor: A, text: string): number {
    this.#turn(actor)
    return this.machine.steps(text)
  }

  /** Setting up, where no call may fail. */
  prepare(actor: A, text: string): void {
    actor.must(this.steps(actor, text), text)
  }

  /** Plays an operation by tasks that are made when it is their turn; `ready` is called before the row's own text. */
  play(
    world: A, { setup, other, before, act }: Operation, tasks: { other(): A; actor(): A }, ready = (): void => {},
  ): { readonly rc: number; readonly actor: A } {
    if (setup !== undefined) this.prepare(world, setup)
    if (other !== undefined) {
      this.other = tasks.other()
      this.map(this.other)
      this.set('other', this.other.task.pid)
      if (other !== '') this.prepare(this.other, other)
    }
    const actor = tasks.actor()
    this.map(actor)
    if (before !== undefined) this.prepare(actor, before)
    ready()
    return { rc: this.steps(actor, act), actor }
  }

  set(name: string, value: number | string): void {
    const { machine } = this
    machine.view.setBigInt64(
      machine.addressOf(name)!, BigInt(typeof value === 'string' ? machine.string(value) : value), true,
    )
  }

  /** The task that runs `theirs(call)`. */
  other: A | null = null

  #turn(actor: A): void {
    const { machine } = this
    const helpers = this.#helpers
    machine.functions = functionsOf(machine, actor, helpers)
    machine.forms.set('theirs', ([call]) => this.#by(this.other!, call!))
    // by a child of whose turn it is
    machine.forms.set('child', ([call]) =>
      this.#by(actor.as(actor.taskOf(actor.must(actor.sys.fork(), 'fork'))) as A, call!))
  }

  #by(actor: A, call: Expr): number {
    const { machine } = this
    const helpers = this.#helpers
    const own = machine.functions
    machine.functions = functionsOf(machine, actor, helpers)
    try {
      return machine.eval(call).value
    } finally {
      machine.functions = own
    }
  }

  get(name: string): number {
    return Number(this.machine.view.getBigInt64(this.machine.addressOf(name)!, true))
  }

  /** Gives a task the memory of the texts, so that their addresses are its own. */
  map({ sys, must, task }: A): void {
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED
    must(sys.mmap(FIRST, MEMORY - FIRST, PROT_READ | PROT_WRITE, flags, -1, 0), 'mmap')
    const { machine } = this
    spaceOf(task.mm!).memory = {
      read: (addr, len) => machine.bytes.slice(addr, addr + len), write: (_addr, data) => data.length,
    }
  }
}
