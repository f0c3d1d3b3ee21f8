/**
 * The decisions of a host: boxes and attached stacks report them by themselves. They are counted for the gates of a
 * rollout, and written to the spool, from which a sender brings them to the store.
 */
import { join } from 'node:path'
import { EACCES } from '@lsmkit/abi'
import type { HookName, Link, Stack, WouldDenyRecord } from '@lsmkit/core'
import type { Access, AccessQuestion, Denial } from '@lsmkit/sandbox'
import type { DecisionRecord } from '../decisions/decision.ts'
import { DecisionRecorder, StackRecords, verdictOf } from '../decisions/recorder.ts'
import type { Bundles } from '../decisions/recorder.ts'
import { Sender } from '../decisions/sender.ts'
import { openSpool } from '../spool/open.ts'
import type { Spool } from '../spool/spool.ts'
import type { DecisionCounts } from './counts.ts'
import type { FleetOptions } from './options.ts'
import type { HaveDecisions } from './records.ts'

const INTERVAL_MS = 10_000
/** How often it is looked for room. */
const LOOK_MS = 100
/** Milliseconds for which `close` waits for the store. */
const PATIENCE_MS = 1000

/** The questions of a stack that are counted as decisions. A refusal of any other hook is one too. */
export const countedHooks = [
  'inode_permission', 'file_open', 'file_permission', 'bprm_check_security', 'socket_create', 'socket_connect',
  'socket_bind', 'socket_sendmsg', 'socket_recvmsg', 'mmap_file', 'task_kill', 'ptrace_access_check',
] as const satisfies readonly HookName[]
const isCounted = (hook: string): boolean => countedHooks.some((one) => one === hook)

/** A program of a box, of which no more is known. */
const SOMEBODY = {
  pid: 0, tid: 0, comm: '', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0xffffffff, ses: 0xffffffff,
  label: null,
}

const operationOf = (question: AccessQuestion): string => (question.kind === 'path' ? question.right : question.kind)

const wouldDenyRecord = (question: AccessQuestion): WouldDenyRecord => ({
  kind: 'would-deny', serial: 0, time: Date.now(), hook: operationOf(question), lsm: 'sandbox', rc: -EACCES,
  subject: SOMEBODY, args: {}, reason: 'the bundle that is asked would refuse it',
  object: question.kind === 'path' ? { kind: 'path', path: question.path, dev: null, ino: null } : null,
  details: question.kind === 'path' ? null : { port: question.port },
})

export class HostDecisions {
  readonly #spool: Spool | null
  readonly #recorder: DecisionRecorder | null
  readonly #sender: Sender | null
  readonly #counts: DecisionCounts
  readonly #bundles: () => Bundles
  readonly #timer: NodeJS.Timeout
  #waiting: NodeJS.Timeout | undefined
  /** Called when there is no more room, and when there is some again. */
  onBlocked: () => void = () => {}

  /** `decisions: false` counts them, and writes none. */
  static async open(
    { decisions = {}, state, store, host }: FleetOptions, boot: string, counts: DecisionCounts, bundles: () => Bundles,
  ): Promise<HostDecisions> {
    if (decisions === false) return new HostDecisions(null, null, null, counts, bundles, INTERVAL_MS)
    const spool = await openSpool(join(state, 'spool'), decisions.spool ?? {})
    const recorder = new DecisionRecorder(host, boot, spool, decisions)
    const sender = new Sender(store, host, spool)
    return new HostDecisions(spool, recorder, sender, counts, bundles, decisions.interval ?? INTERVAL_MS)
  }

  private constructor(
    spool: Spool | null, recorder: DecisionRecorder | null, sender: Sender | null, counts: DecisionCounts,
    bundles: () => Bundles, interval: number,
  ) {
    this.#spool = spool
    this.#recorder = recorder
    this.#sender = sender
    this.#counts = counts
    this.#bundles = bundles
    this.#timer = setInterval(() => this.#writeCounts(), interval).unref()
  }

  get isBlocked(): boolean {
    return this.#spool?.isBlocked === true
  }

  get status(): HaveDecisions | null {
    if (this.#spool === null) return null
    const { last, acked, lost, isFull, error } = this.#spool.status
    return { waiting: last - acked, lost, full: isFull, error: error ?? this.#sender?.error ?? null }
  }

  #writeCounts(): void {
    this.#recorder?.writeCounts(this.#bundles().enforced)
  }

  /** Counts what was decided under the bundle that holds. */
  #count(decisions: number, denies: number): void {
    const { enforced, permissive } = this.#bundles()
    this.#counts.add({ decisions, denies }, enforced, permissive)
  }

  #refused(record: DecisionRecord, source: string, texts: readonly string[], isNew: boolean): void {
    const verdict = verdictOf(record)
    const isRefusal = verdict === 'deny' || verdict === 'fault'
    // refusals for want of room are none of the policy's
    if (!this.isBlocked) this.#count(isNew && isRefusal ? 1 : 0, isRefusal ? 1 : 0)
    this.#recorder?.add(record, { source, texts, verdict, bundle: this.#bundles().enforced })
    if (this.isBlocked) this.#block()
  }

  #block(): void {
    if (this.#waiting !== undefined) return
    this.#waiting = setInterval(() => {
      if (this.isBlocked) return
      clearInterval(this.#waiting)
      this.#waiting = undefined
      this.onBlocked()
    }, LOOK_MS).unref()
    this.onBlocked()
  }

  /** For `createSandbox({ fleet: agent })`. */
  ofBox({ record }: Denial, source: string): void {
    this.#refused(record, source, [], true)
  }

  /** Counts accesses of boxes, and writes those that the bundle which is asked would have refused. */
  allowedInBox(accesses: readonly Access[], wouldDeny: (question: AccessQuestion) => boolean): void {
    const { enforced, permissive } = this.#bundles()
    for (const { question, count } of accesses) {
      const isRefused = permissive !== null && wouldDeny(question)
      this.#counts.add({ decisions: count, wouldDenies: isRefused ? count : 0 }, enforced, permissive)
      this.#recorder?.count({ source: 'box', operation: operationOf(question), verdict: 'allow' }, count)
      if (!isRefused) continue
      this.#recorder?.add(wouldDenyRecord(question), { source: 'box', bundle: permissive })
    }
    if (this.isBlocked) this.#block()
  }

  /** Counts a call that the stack's policies allow and the bundle that is asked would have refused, and writes it. */
  besideStack(record: WouldDenyRecord, source: string): void {
    const { enforced, permissive } = this.#bundles()
    this.#counts.add({ decisions: isCounted(record.hook) ? 0 : 1, wouldDenies: 1 }, enforced, permissive)
    this.#recorder?.add(record, { source, bundle: permissive })
    if (this.isBlocked) this.#block()
  }

  /** Takes the decisions of a stack from now on. The answer stops that. */
  follow(stack: Stack, source: string): () => void {
    const records = new StackRecords((record, texts) => {
      const hook = 'hook' in record ? record.hook : ''
      if (record.kind === 'allow') this.#recorder?.add(record, { source, bundle: this.#bundles().enforced })
      else this.#refused(record, source, texts, !isCounted(hook))
    })
    const stop = stack.audit.addSink(records.sink)
    const links = countedHooks.map((hook): Link => stack.observe(hook, {
      exit: (...args: readonly unknown[]) => {
        this.#count(1, 0)
        if ((args.at(-1) as number) >= 0) this.#recorder?.count({ source, operation: hook, verdict: 'allow' }, 1)
      },
    }))
    return () => {
      stop()
      records.flush()
      for (const link of links) link.detach()
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    clearInterval(this.#waiting)
    this.#writeCounts()
    await this.#spool?.flush()
    await this.#sender?.close(PATIENCE_MS)
    await this.#spool?.close()
  }
}
