/** The broker: a socket that Deno asks before each access (DENO_PERMISSION_BROKER_PATH). */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LsmkitError } from '@lsmkit/core'
import { aFunction, aString, checkOptions, either, listOf, oneOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { policyAnswers } from '@lsmkit/emit'
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { decide } from './decide.ts'
import type { Decision, Subject } from './decide.ts'
import { answerLine, MOST_LINE, readRequest } from './protocol.ts'
import type { DenoRequest } from './protocol.ts'

/** `modules`: the policy has modules, which nobody asks here. */
export class DenoError extends LsmkitError<'modules'> {}

/** A decision with the request that it answers. */
export interface DenoRecord extends Decision {
  readonly permission: string
  readonly value: string | null
  readonly pid: number | null
  /** Milliseconds since the epoch. */
  readonly time: number
}

export interface BrokerOptions {
  readonly policy: Policy
  /**
   * Variables that may be read beside those of the policy; `'all'` where you start Deno with an environment that has
   * no secrets.
   */
  readonly variables?: readonly string[] | 'all'
  /** Called for each decision, before Deno gets the answer. */
  readonly onRecord?: (record: DenoRecord) => void
  /** Where relative names begin if the process of Deno cannot be seen. Default: the directory of this process. */
  readonly cwd?: string
}

const brokerRules: OptionRules<BrokerOptions> = {
  policy: required({ is: (value) => typeof value === 'object' && value !== null, what: 'a policy' }),
  variables: either(oneOf('all'), listOf(aString)), onRecord: aFunction, cwd: aString,
}

/** All that a program learns of a refusal. */
const REASON = 'not permitted by the policy'

export class DenoBroker {
  /** For DENO_PERMISSION_BROKER_PATH. Its folder is open to this user alone. */
  readonly path: string
  readonly #folder: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #subject: Subject
  readonly #onRecord: (record: DenoRecord) => void

  private constructor(folder: string, subject: Subject, onRecord: (record: DenoRecord) => void) {
    this.#folder = folder
    this.path = join(folder, 'broker.sock')
    this.#subject = subject
    this.#onRecord = onRecord
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** A broker that listens. Throws OptionError, DenoError, and the errors of a policy that cannot be used. */
  static async start(options: BrokerOptions): Promise<DenoBroker> {
    checkOptions(options, brokerRules, 'broker')
    const { variables = [], onRecord = () => {}, cwd = process.cwd() } = options
    const policy = checkPolicy(options.policy)
    if ((policy.modules ?? []).length > 0) {
      throw new DenoError('modules', 'modules of a policy cannot decide for Deno', {
        place: 'policy: modules', hint: 'leave them out; `allow` decides',
      })
    }
    const names = variables === 'all' ? variables : new Set([...variables, ...Object.keys(policy.env ?? {})])
    const folder = mkdtempSync(join(tmpdir(), 'lsmkit-deno-'))
    const broker = new DenoBroker(folder, { answers: policyAnswers(policy), variables: names, cwd }, onRecord)
    await new Promise<void>((resolve, reject) => {
      broker.#server.once('error', reject).listen(broker.path, resolve)
    })
    return broker
  }

  /** The answer to one request, which is recorded. */
  answer(request: DenoRequest): Decision {
    const decision = decide(this.#subject, request)
    const { permission, value, pid } = request
    this.#onRecord({ ...decision, permission, value, pid, time: Date.now() })
    return decision
  }

  /** Ends every connection: a Deno that asks once more ends itself. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Deno waits for each answer, and ends itself when the connection ends: so does anything unexpected. */
  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let rest = ''
    socket.setEncoding('utf8')
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy())
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      if (rest.length > MOST_LINE) socket.destroy()
      for (const line of lines) {
        if (!this.#reply(socket, line)) return
      }
    })
  }

  #reply(socket: Socket, line: string): boolean {
    try {
      const request = readRequest(line)
      if (request !== null) return socket.write(answerLine(request.id, this.answer(request).allowed, REASON)) || true
    } catch {
      // an error of a listener must not become a yes
    }
    socket.destroy()
    return false
  }
}
