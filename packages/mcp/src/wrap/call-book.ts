/** The calls of a wrapped server that are under way, and the refusals that fall into each. */
import type { Denial } from '@lsmkit/sandbox'
import { deniedOf, RECEIPT } from '../receipt.ts'
import type { Receipt } from '../receipt.ts'
import { messageOf } from './lines.ts'
import type { Message } from './lines.ts'

interface Open {
  readonly tool: string
  readonly denials: Denial[]
}

export class CallBook {
  readonly #policy: string
  readonly #open = new Map<string | number, Open>()
  readonly #lists = new Set<string | number>()
  readonly #onReceipt: (receipt: Receipt) => void
  readonly #onTools: (names: readonly string[]) => void

  /** `policy`: its hash. */
  constructor(policy: string, onReceipt: (receipt: Receipt) => void, onTools: (names: readonly string[]) => void) {
    this.#policy = policy
    this.#onReceipt = onReceipt
    this.#onTools = onTools
  }

  /** Belongs to every call that is under way: which of them it was nobody can know. */
  deny(denial: Denial): void {
    for (const { denials } of this.#open.values()) denials.push(denial)
  }

  /** A message of the client's. */
  asked(line: Buffer): void {
    const { id, method, params } = messageOf(line) ?? {}
    if (id === undefined) return
    if (method === 'tools/call') this.#open.set(id, { tool: String(params?.name), denials: [] })
    if (method === 'tools/list') this.#lists.add(id)
  }

  /** Whether a message of the server's answers a call, whose refusals may still come. */
  isAnswer(line: Buffer): boolean {
    const message = messageOf(line)
    return message?.id !== undefined && message.method === undefined && this.#open.has(message.id)
  }

  /** The message for the client: an answer to a call has its receipt. */
  answered(line: Buffer): Buffer {
    const message = messageOf(line)
    if (message?.id === undefined || message.method !== undefined) return line
    if (this.#lists.delete(message.id)) {
      this.#onTools((message.result?.tools ?? []).map(({ name }) => String(name)))
      return line
    }
    const call = this.#open.get(message.id)
    if (call === undefined) return line
    this.#open.delete(message.id)
    const receipt: Receipt = {
      version: 1, tool: call.tool, policy: this.#policy, user: null, label: null, role: null,
      decisions: call.denials.map(deniedOf),
    }
    this.#onReceipt(receipt)
    return withReceipt(message, receipt) ?? line
  }
}

/** Null for an error, which has no place for it. */
const withReceipt = (message: Message, receipt: Receipt): Buffer | null => {
  const { result } = message
  if (typeof result !== 'object' || result === null) return null
  const changed = { ...message, result: { ...result, _meta: { ...result._meta, [RECEIPT]: receipt } } }
  return Buffer.from(`${JSON.stringify(changed)}\n`)
}
