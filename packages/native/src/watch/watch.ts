/** The thread that answers the calls of a native program, seen from the main thread. */
import { SECCOMP_GET_NOTIF_SIZES } from '@lsmkit/abi'
import { Worker } from 'node:worker_threads'
import {
  aBoolean, aFunction, anObject, aString, checkOptions, listOf, optionsOf, required,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { checkPolicy, wholeAllow } from '@lsmkit/sandbox/policy-parts'
import type { Allow } from '@lsmkit/sandbox/policy-parts'
import { threadOptions } from '@lsmkit/wasi/threads'
import { NativeError } from '../native-error.ts'
import type { FilterStep } from '../sys/seccomp.ts'
import { hostSystem } from '../sys/system.ts'
import { watchFilter } from './filter.ts'
import type { WatchMode } from './filter.ts'
import type { HostRules } from './host-rules.ts'
import { StopSignal } from './stop-signal.ts'
import type { MediationOptions } from './mediation.ts'
import { NativeDenials } from './native-denial.ts'
import type { NativeDenial } from './native-denial.ts'
import type { Report, WatchNews, WatchThreadData } from './thread.ts'
import type { WatchStart } from './watch-start.ts'
import { differenceOf } from './difference.ts'
import type { WatchDifference } from './difference.ts'
import { isDifferent } from './watched-call.ts'
import type { WatchedCall } from './watched-call.ts'

export interface WatchOptions {
  /** The policy's `allow`, in which permits are looked for. Null: the modules alone decide. */
  readonly allow?: Allow | null
  /** A stack that decides. Default: the kernel decides, and the watcher reports what it refuses. */
  readonly mediation?: MediationOptions
  readonly onDenial?: (denial: NativeDenial) => void
  /** Called for each thing that the program needs, once: to learn from. */
  readonly onNeed?: (call: WatchedCall) => void
  /**
   * A second process behind the same walls repeats the questions that change nothing. Default: yes. Under mediation
   * there is none.
   */
  readonly probe?: boolean
  /** Called where the kernel has answered otherwise than the model of the policy. The kernel's answer counts. */
  readonly onDifference?: (difference: WatchDifference) => void
}

const ofNobody = { user: null, filter: null, probe: -1 }
export const noRules: HostRules = { fs: 0, net: 0, paths: new Map(), ports: new Map() }

const mediationRules: OptionRules<MediationOptions> = {
  modules: required(listOf(anObject)), label: aString, attributes: aBoolean,
}
const rules: OptionRules<Omit<WatchOptions, 'allow'>> = {
  mediation: optionsOf(mediationRules), onDenial: aFunction,
  onNeed: aFunction, probe: aBoolean, onDifference: aFunction,
}

/** Beside this module as it is built, and as it is written. */
const moduleUrl = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './watch/thread.js', import.meta.url)

export const NO_LISTENER = -1

export interface WatchSummary {
  /** Calls that were answered. */
  readonly calls: number
}

/** One watched program, with all its children. */
export class Watch {
  readonly mode: WatchMode
  /** Questions are repeated by a probe. */
  readonly isProbed: boolean
  /** For SECCOMP_SET_MODE_FILTER with SECCOMP_FILTER_FLAG_NEW_LISTENER, behind a filter of the policy's. */
  readonly filter: readonly FilterStep[]
  readonly #thread: Worker
  readonly #stop: StopSignal
  readonly #ended: Promise<WatchSummary>
  #isAttached = false
  #isOver = false

  constructor(
    mode: WatchMode, isProbed: boolean, thread: Worker, stop: StopSignal, ended: Promise<WatchSummary>,
  ) {
    this.mode = mode
    this.isProbed = isProbed
    this.filter = watchFilter(hostSystem().arch, mode)
    this.#thread = thread
    this.#stop = stop
    this.#ended = ended
  }

  /**
   * From now on calls are answered. `listener` is a descriptor of this process, and is the watch's. `granted`: what the
   * kernel's Landlock was given; without it it restricts nothing. `of`: the
   * program's user, where it is another one than this process's, the policy's filter, if its refusals are asked about,
   * and a probe's descriptor.
   */
  attach(
    listener: number, granted = noRules, of: Omit<WatchStart, 'listener' | 'rules'> = ofNobody,
  ): void {
    this.#isAttached = true
    this.#thread.postMessage({ listener, rules: granted, ...of } satisfies WatchStart, [])
  }

  /** Waits for the last reports and gives everything back. Calls of programs that still run answer ENOSYS then. */
  async end(): Promise<WatchSummary> {
    if (!this.#isOver) {
      this.#isOver = true
      if (!this.#isAttached) this.attach(NO_LISTENER)
      this.#stop.send()
    }
    this.#thread.ref()
    return this.#ended
  }
}

/** Resolves when the thread can be given a listener. */
export const readyOf = (thread: Worker): Promise<void> => new Promise((resolve, reject) => {
  thread.on('error', reject)
  thread.on('message', (news: WatchNews) => {
    if (news.kind === 'ready') resolve()
    else if (news.kind === 'failed') reject(news.error)
  })
  thread.on('exit', () => reject(new NativeError('start-failed', 'the thread of the watch has ended')))
})

/** Resolves when the thread has ended. */
export const endOf = (
  thread: Worker, stop: StopSignal, report: (one: Report) => void,
): Promise<WatchSummary> => {
  let calls = 0
  const ended = new Promise<WatchSummary>((resolve, reject) => {
    thread.on('message', (news: WatchNews) => {
      if (news.kind === 'calls') news.calls.forEach(report)
      else if (news.kind === 'end') calls = news.calls
    })
    thread.on('error', reject)
    thread.on('exit', () => {
      stop.close()
      resolve({ calls })
    })
  })
  // who does not wait for the end has no use for its error
  ended.catch(() => {})
  return ended
}

/** `struct seccomp_notif` and `struct seccomp_notif_resp` as they are here. */
const SIZES = [80, 24]

const checkNotifications = (): void => {
  const sizes = new Uint16Array(3)
  const rc = hostSystem().call('seccomp', SECCOMP_GET_NOTIF_SIZES, 0, new Uint8Array(sizes.buffer))
  if (rc === 0 && sizes[0]! <= SIZES[0]! && sizes[1]! <= SIZES[1]!) return
  throw new NativeError('unsupported', 'this kernel has no user notification of seccomp', {
    place: 'watch', hint: 'Linux 5.14 or later',
  })
}

/** Starts a thread. Throws NativeError `unsupported` where the kernel has no user notification. */
export const startThread = (
  given: Omit<WatchThreadData, 'isWatchThread' | 'stop'>,
): { readonly thread: Worker; readonly stop: StopSignal } => {
  checkNotifications()
  const stop = new StopSignal(hostSystem())
  const url = moduleUrl()
  const data: WatchThreadData = { isWatchThread: true, stop: stop.fd, ...given }
  return { thread: new Worker(url, { workerData: data, ...threadOptions(url, process.execArgv) }), stop }
}

/**
 * Starts the thread. Throws OptionError; NativeError `unsupported` where the kernel has no user notification, and
 * `start-failed` where the stack cannot be made.
 */
export const openWatch = async (options: WatchOptions = {}): Promise<Watch> => {
  const { allow: given, ...others } = options
  checkOptions(others, rules, 'openWatch')
  const { mediation = null, probe = true, onDenial, onNeed, onDifference } = options
  const allow = given ?? null
  checkPolicy({ ...(allow === null ? {} : { allow }), modules: mediation?.modules ?? [] }, 'openWatch')
  const { thread, stop } = startThread({ reportsAll: onNeed !== undefined, mediation })
  const denials = new NativeDenials(allow === null ? null : wholeAllow(allow))
  const report = (one: Report): void => {
    if (one.kind === 'call') onNeed?.(one)
    if (one.kind === 'call' && isDifferent(one)) return void onDifference?.(differenceOf(one))
    const denial = denials.of(one)
    if (denial !== null) onDenial?.(denial)
  }
  const ended = endOf(thread, stop, report)
  await readyOf(thread)
  thread.unref()
  const isProbed = mediation === null && probe
  return new Watch(mediation === null ? 'watch' : 'mediate', isProbed, thread, stop, ended)
}
