/** Runs a program under a watch, for tests of the watch alone. */
import { Worker } from 'node:worker_threads'
import { threadOptions } from '@lsmkit/wasi/threads'
import type { HostRules } from '../host-rules.ts'
import type { NativeDenial } from '../native-denial.ts'
import { openWatch } from '../watch.ts'
import type { WatchOptions } from '../watch.ts'
import type { Launched, LaunchNews, LaunchRequest } from './launch-thread.ts'

export interface LaunchOptions extends WatchOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** The kernel's Landlock is given these; those of the watch unless given. */
  readonly enforced?: HostRules | null
}

export interface WatchedRun extends Launched {
  readonly denials: readonly NativeDenial[]
  readonly calls: number
}

export const launchWatched = async (command: readonly string[], options: LaunchOptions): Promise<WatchedRun> => {
  const { cwd = '/', env = { PATH: process.env.PATH ?? '/usr/bin', HOME: '/' }, enforced, ...of } = options
  const denials: NativeDenial[] = []
  const watch = await openWatch({ ...of, onDenial: (denial) => denials.push(denial) })
  const url = new URL('./launch-thread.ts', import.meta.url)
  const thread = new Worker(url, threadOptions(url, process.execArgv))
  const result = await new Promise<Launched>((resolve, reject) => {
    thread.on('error', reject)
    thread.on('message', (news: LaunchNews) => {
      if (news.kind === 'end') resolve(news.result)
      else if (news.fd < 0) reject(new Error(`seccomp answered ${news.fd}`))
      else {
        watch.attach(news.fd)
        thread.postMessage('go')
      }
    })
    const rules = enforced === undefined ? of.rules ?? null : enforced
    thread.postMessage({ command, filter: watch.filter, rules, cwd, env } satisfies LaunchRequest)
  })
  const { calls } = await watch.end()
  await thread.terminate()
  return { ...result, denials, calls }
}
