/**
 * A web server with a hole, attacked under each stack: httpd in C takes `..` in a path as it comes, and its client asks
 * for /etc/shadow. The kernel keeps it from there.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { AT_FDCWD, errnoName, ERESTARTSYS, O_CREAT, O_WRONLY, SIGKILL } from '@lsmkit/abi'
import { watchCalls } from '@lsmkit/cli'
import type { SystemCall } from '@lsmkit/cli'
import { killTask } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { becomeWasiAsync } from '@lsmkit/wasi'
import type { WasiOptions } from '@lsmkit/wasi'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'
import { compose } from './stacks.ts'
import type { Column } from './stacks.ts'
import { bootSystem } from './system.ts'
import type { System } from './system.ts'
import { HOME, VISITOR_UID } from './tree.ts'

export interface ServerAttack {
  /** As the server said it: `200`, `403 Forbidden`; `no answer` under a policy that keeps it from serving at all. */
  readonly page: string
  readonly secret: string
  /** Of the open that the attack led to, or of what kept the server from serving. */
  readonly outcome: Outcome
}

const HTTPD = '/srv/tour/httpd.wasm'
const WGET = '/srv/tour/wget.wasm'
const PAGE = 'index.html'
const SECRET = '../../etc/shadow'
const REFUSED = 1
/** How long a client asks where nobody listens yet, and how often, in milliseconds. */
const PATIENCE = 120_000
const PAUSE = 5
/** The longest that one request, and the server, may take, in milliseconds: then SIGXCPU ends it. */
const LONGEST_REQUEST = 60_000
const LONGEST_SERVICE = 2 * PATIENCE

const tool = (name: string): Uint8Array => {
  const { resolve } = createRequire(import.meta.url)
  return readFileSync(join(dirname(resolve('@lsmkit/wasi/package.json')), 'programs', `${name}.wasm`))
}

const options = (program: string, ...args: readonly string[]): WasiOptions =>
  ({ program, argv: [program, ...args], env: { HOME }, posix: true, stdin: '', stdout: () => {} })

/** What a client that is no root is answered. It asks again while the server is on its way to listen. */
const fetched = async ({ kernel, bear }: System, path: string, isServing: () => boolean): Promise<string> => {
  const until = performance.now() + PATIENCE
  while (isServing() && performance.now() < until) {
    let complaint = ''
    const { status } = await becomeWasiAsync(kernel, bear({ uid: VISITOR_UID }), {
      ...options(WGET, `http://localhost:8080/${path}`),
      limits: { time: LONGEST_REQUEST },
      stderr: (bytes) => void (complaint += new TextDecoder().decode(bytes)),
    })
    if (status === 0) return '200'
    const [, answer] = /: (\d+ .*)\n$/.exec(complaint) ?? []
    if (answer !== undefined) return answer
    if (status !== REFUSED) break
    await setTimeout(PAUSE)
  }
  return 'no answer'
}

const writePage = ({ sys, init }: Kernel): void => {
  const fd = sys.openat(init, AT_FDCWD, `${HOME}/${PAGE}`, O_CREAT | O_WRONLY, 0o644)
  sys.write(init, fd, new TextEncoder().encode('welcome\n'))
  sys.close(init, fd)
}

/** On a machine of its own. The server is root: mode bits keep it from nothing. */
export const attackServer = async (column: Column, policy: SelinuxPolicy): Promise<ServerAttack> => {
  const composition = compose(column, policy)
  const { stack } = composition
  const programs = { [HTTPD]: tool('httpd'), [WGET]: tool('wget') }
  const system = bootSystem(composition, policy, programs)
  const { kernel, bear } = system
  writePage(kernel)
  const failed: SystemCall[] = []
  const watched = watchCalls(kernel, stack ?? { denial: null }, {
    leave: (call) => void (call.rc < 0 && call.rc !== -ERESTARTSYS && failed.push(call)),
  })
  let isServing = true
  const server = bear({ uid: 0 })
  const ended = becomeWasiAsync(watched, server, {
    ...options(HTTPD, '-p', '8080', HOME), stderr: () => {}, limits: { time: LONGEST_SERVICE },
  }).finally(() => (isServing = false))
  const page = await fetched(system, PAGE, () => isServing)
  if (page === '200') failed.length = 0
  const secret = page === '200' ? await fetched(system, SECRET, () => isServing) : page
  const last = failed.at(-1)
  // kill(2) of init is not enough: a policy may refuse it, and the server would never end
  if (isServing) killTask(kernel, server, SIGKILL)
  await ended
  const errno = secret === '200' || last === undefined ? null : errnoName(last.rc)
  return { page, secret, outcome: outcomeOf(errno, failed) }
}
