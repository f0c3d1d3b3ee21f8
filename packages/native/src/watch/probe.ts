/** The watch's end of a probe: questions that are repeated behind the walls of the program, without an effect. */
import {
  AF_INET, AT_EACCESS, AT_FDCWD, EACCES, EADDRINUSE, EADDRNOTAVAIL, EHOSTUNREACH, ENETUNREACH, O_ACCMODE,
  O_CLOEXEC, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY, POLLIN, R_OK, SOCK_DGRAM,
  SOCK_STREAM, W_OK, X_OK,
} from '@lsmkit/abi'
import { encodeName } from '@lsmkit/kernel/parts'
import { ANSWER, CALL_WORDS, QUESTION } from '../launcher/probe.ts'
import type { System } from '../sys/system.ts'
import { swapFlags } from './open-flags.ts'
import { Pinned } from './pinned.ts'

/** The kernel's answer to a question that was repeated. `unknown`: it was not, or the answer says nothing. */
export type KernelAnswer = 'permitted' | 'refused' | 'unknown'

/** A question that can be repeated. */
export type Repeat =
  | { readonly kind: 'open'; readonly path: string; readonly flags: number }
  | { readonly kind: 'execute'; readonly path: string }
  | {
    readonly kind: 'port'
    readonly what: 'bind' | 'connect'
    readonly protocol: 'tcp' | 'udp'
    readonly port: number
  }

/** From Linux 6.14 on: the checks of an execution, and no more. */
const AT_EXECVE_CHECK = 0x10000
/** A call as a question has it. */
type Call = readonly [name: string, ...args: readonly (number | bigint)[]]

const WORD = 8
const DATA = 2 * CALL_WORDS * WORD
/** Milliseconds after which a probe is given up. */
const PATIENCE = 1000
/** `sizeof(struct sockaddr_in)`. */
const SOCKADDR = 16

/** Nobody is connected to there: TCP has no such address, and of this machine it is none. */
const NOWHERE = { connect: [224, 0, 0, 1], bind: [203, 0, 113, 1] } as const

/** The network's own answers, which come behind those of the walls. */
const behind: ReadonlySet<number> = new Set([0, -ENETUNREACH, -EHOSTUNREACH, -EADDRNOTAVAIL, -EADDRINUSE])

const nothing: Call = ['getpid']

export class Probe {
  readonly #system: System
  readonly #fd: number
  readonly #question: Pinned
  readonly #answer: Pinned
  readonly #poll: Pinned
  /** Of the question in the memory of the probe; 0 until its first message. */
  #address = 0
  #isGone = false

  /** `fd` is the other end of the probe's descriptor 0. */
  constructor(system: System, fd: number) {
    this.#system = system
    this.#fd = fd
    this.#question = new Pinned(system, QUESTION)
    this.#answer = new Pinned(system, ANSWER)
    this.#poll = new Pinned(system, WORD)
    this.#poll.view.setInt32(0, fd, true)
    this.#poll.view.setInt32(4, POLLIN, true)
  }

  #isAnswered(): boolean {
    return this.#system.call('poll', this.#poll.address, 1, PATIENCE) === 1 &&
      this.#system.call('read', this.#fd, this.#answer.address, ANSWER) === ANSWER
  }

  #put(first: number, [name, ...args]: Call): void {
    const { view } = this.#question
    const number = this.#system.number(name)
    Array.from({ length: CALL_WORDS }, (_, at) => (at === 0 ? number : args[at - 1] ?? 0)).forEach((word, at) =>
      view.setBigInt64(WORD * (first + at), BigInt(word), true))
  }

  /** Both results; null where there is no answer, and then there is none to later ones. */
  #ask(first: Call, second: Call, size: number): readonly [number, number] | null {
    this.#put(0, first)
    this.#put(CALL_WORDS, second)
    const isAnswered = !this.#isGone &&
      this.#system.call('write', this.#fd, this.#question.address, DATA + size) === DATA + size && this.#isAnswered()
    this.#isGone = !isAnswered
    const { view } = this.#answer
    return isAnswered ? [Number(view.getBigInt64(0, true)), Number(view.getBigInt64(WORD, true))] : null
  }

  /** The address at which the probe has the data of a question. */
  #data(): number | null {
    if (this.#address === 0 && !this.#isGone) {
      this.#isGone = !this.#isAnswered()
      this.#address = this.#isGone ? 0 : this.#answer.word(0)
    }
    return this.#isGone ? null : this.#address + DATA
  }

  #putPath(path: string): number | null {
    const bytes = encodeName(path)
    // behind it is a list of arguments
    if (DATA + bytes.length + 4 * WORD > QUESTION) return null
    this.#question.bytes.set(bytes, DATA)
    this.#question.bytes[DATA + bytes.length] = 0
    return bytes.length + 1
  }

  answer(question: Repeat): KernelAnswer {
    const at = this.#data()
    if (at === null) return 'unknown'
    switch (question.kind) {
      case 'open': return this.#open(at, question)
      case 'execute': return this.#execute(at, question.path)
      case 'port': return this.#port(at, question)
      default: return question satisfies never
    }
  }

  /** A refusal that access(2), which asks modes alone, has too says nothing about Landlock. */
  #file(at: number, size: number, rc: number | undefined, mode: number): KernelAnswer {
    if (rc === undefined) return 'unknown'
    if (rc >= 0) return 'permitted'
    if (rc !== -EACCES) return 'unknown'
    const modes = this.#ask(['faccessat2', AT_FDCWD, at, mode, AT_EACCESS], nothing, size)
    return modes?.[0] === 0 ? 'refused' : 'unknown'
  }

  #open(at: number, { path, flags }: Extract<Repeat, { kind: 'open' }>): KernelAnswer {
    const size = this.#putPath(path)
    if (size === null) return 'unknown'
    const access = flags & O_ACCMODE
    const harmless = (flags & ~(O_CREAT | O_EXCL | O_TRUNC)) | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC
    const call: Call = ['openat', AT_FDCWD, at, swapFlags(this.#system.arch, harmless), 0]
    const mode = access === O_RDONLY ? R_OK : access === O_WRONLY ? W_OK : R_OK | W_OK
    return this.#file(at, size, this.#ask(call, nothing, size)?.[0], mode)
  }

  #execute(at: number, path: string): KernelAnswer {
    const size = this.#putPath(path)
    if (size === null) return 'unknown'
    const list = Math.ceil(size / WORD) * WORD
    this.#question.putWord(DATA + list, at)
    this.#question.putWord(DATA + list + WORD, 0)
    const args = at + list
    const whole = list + 2 * WORD
    const rc = this.#ask(['execveat', AT_FDCWD, at, args, args + WORD, AT_EXECVE_CHECK], nothing, whole)?.[0]
    return this.#file(at, whole, rc, X_OK)
  }

  #port(at: number, { what, protocol, port }: Extract<Repeat, { kind: 'port' }>): KernelAnswer {
    const { view, bytes } = this.#question
    bytes.fill(0, DATA, DATA + SOCKADDR)
    view.setUint16(DATA, AF_INET, true)
    view.setUint16(DATA + 2, port)
    // a datagram socket that is connected to this machine sends nothing
    bytes.set(protocol === 'udp' && what === 'connect' ? [127, 0, 0, 1] : NOWHERE[what], DATA + 4)
    const type = protocol === 'tcp' ? SOCK_STREAM : SOCK_DGRAM
    const answer = this.#ask(['socket', AF_INET, type, 0], [what, 0, at, SOCKADDR], SOCKADDR)
    if (answer === null || answer[0] < 0) return 'unknown'
    return answer[1] === -EACCES ? 'refused' : behind.has(answer[1]) ? 'permitted' : 'unknown'
  }

  /** Ends the probe. */
  close(): void {
    this.#isGone = true
    this.#system.call('close', this.#fd)
  }
}
