/** A thread that puts a filter with a listener on itself and starts a program, which inherits it. */
import { spawn } from 'node:child_process'
import { parentPort } from 'node:worker_threads'
import {
  O_PATH, PR_SET_NO_NEW_PRIVS, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from '@lsmkit/abi'
import { closeSync, openSync } from 'node:fs'
import { addPathRule, addPortRule, createRuleset, restrictSelf } from '../../sys/landlock.ts'
import { setFilter } from '../../sys/seccomp.ts'
import { hostSystem } from '../../sys/system.ts'
import type { HostRules } from '../host-rules.ts'

export interface LaunchRequest {
  readonly command: readonly string[]
  readonly filter: Uint8Array
  readonly rules: HostRules | null
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}
export interface Launched {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}
export type LaunchNews =
  | { readonly kind: 'listener'; readonly fd: number }
  | { readonly kind: 'end'; readonly result: Launched }

const tell = (news: LaunchNews): void => parentPort!.postMessage(news)
const EINVAL = 22
const FILE_RIGHTS = 0x1c007

const restrict = ({ fs, net, paths, ports }: HostRules): void => {
  const system = hostSystem()
  const ruleset = createRuleset(system, fs, net, 0)
  for (const [path, rights] of paths) {
    const fd = openSync(path, O_PATH)
    if (addPathRule(system, ruleset, rights & fs, fd) === -EINVAL) addPathRule(system, ruleset, rights & fs & FILE_RIGHTS, fd)
    closeSync(fd)
  }
  for (const [port, rights] of ports) addPortRule(system, ruleset, rights, port)
  if (ruleset < 0 || restrictSelf(system, ruleset) < 0) throw new Error('no Landlock')
}

const launch = ({ command, cwd, env }: LaunchRequest): void => {
  const [program, ...args] = command
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd, env })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  child.on('error', (error) => tell({ kind: 'end', result: { code: null, signal: error.message, stdout, stderr } }))
  child.on('close', (code, signal) => tell({ kind: 'end', result: { code, signal, stdout, stderr } }))
}

parentPort?.once('message', (request: LaunchRequest) => {
  const system = hostSystem()
  system.call('prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
  if (request.rules !== null) restrict(request.rules)
  const fd = setFilter(system, request.filter,
    SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
  tell({ kind: 'listener', fd })
  parentPort!.once('message', () => launch(request))
})
