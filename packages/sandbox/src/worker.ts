/**
 * The thread that kernels live in: boxes by number, each call a message. Guests run in threads of their own. Elsewhere
 * it does nothing.
 */
import type { WindowSize } from '@lsmkit/wasi'
import { Box } from './box.ts'
import type { BoxReports, RunSpec, Running } from './box-port.ts'
import type { Permit } from './denial.ts'
import type { ApplyOptions, ChangesOptions } from './cow/change.ts'
import type { DeviceRequest } from './devices.ts'
import type { FsChoice, FsMethod } from './fs/fs-calls.ts'
import type { FilesData } from './late-files/contents.ts'
import type { Policy } from './policy.ts'
import type { Snapshot } from './snapshot.ts'
import { loadProgramsHost } from './programs-host.ts'
import { loadModule } from './stack.ts'
import type { ShellRunning, ShellSource, ShellSpec } from './shell.ts'
import { askingImports } from './remote/import-calls.ts'
import type { AskImport, ImportNames } from './remote/import-calls.ts'
import { remoteNetwork } from './remote/network-calls.ts'
import type { NetworkData } from './remote/network-calls.ts'
import { remoteHttp } from './remote/http-calls.ts'
import { Rpc } from './remote/rpc.ts'
import { hostWire } from './remote/threads.ts'

export { KERNELS } from './remote/threads.ts'

/** Guest workers that wait for a program. */
const SPARE = 2
/** Milliseconds without another box after which they are started: before, they would hold it up. */
const PAUSE = 20

const keepSpare = async (): Promise<void> => (await loadProgramsHost()).keepWorkers(SPARE)

const wire = hostWire()

if (wire !== null) {
  const boxes = new Map<number, Box>()
  let spareLater: ReturnType<typeof setTimeout> | undefined
  const runs = new Map<number, Running>()
  const lines = new Map<number, ShellRunning>()

  const boxOf = (id: number): Box => {
    const box = boxes.get(id)
    if (box === undefined) throw new Error(`there is no box ${id}`)
    return box
  }
  const reportsOf = (id: number, hasAccesses: boolean): BoxReports => ({
    onDenial: (denial) => rpc.tell('denial', id, denial),
    onAccesses: hasAccesses ? (accesses) => rpc.tell('accesses', id, accesses) : null,
  })

  const rpc: Rpc = new Rpc(wire, {
    async open(
      id: number, policy: Policy, devices: readonly string[], shell: ShellSource | null,
      network: NetworkData, files: FilesData, hasAccesses: boolean,
    ): Promise<void> {
      const makers = await Promise.all((policy.modules ?? []).map((one, i) => loadModule(one, i)))
      boxes.set(id, await Box.open({
        policy, makers, devices, shell, files, permits: [], network: remoteNetwork(rpc, id, network),
        waiting: typeof SharedArrayBuffer === 'undefined' ? 'suspended' : 'workers', spare: SPARE,
        ...reportsOf(id, hasAccesses),
        askContents: (path) => rpc.call('contents', id, path) as Promise<never>,
        askDevice: (request: DeviceRequest) => rpc.call('device', id, request) as Promise<never>,
      }))
      clearTimeout(spareLater)
      // a box with a shell has it run lines, and may never run a program
      if (shell === null) spareLater = setTimeout(() => void keepSpare(), PAUSE)
    },
    async run(id: number, key: number, given: RunSpec, names: ImportNames | null) {
      const ask: AskImport = (from, name, args) => rpc.call('import', key, from, name, args)
      const spec = names === null ? given : { ...given, imports: askingImports(names, ask) }
      const running = boxOf(id).run(spec, {
        pull: () => rpc.call('pull', key) as Promise<Uint8Array | null>,
        push: (to, bytes) => rpc.call('push', key, to, bytes) as Promise<void>,
        http: given.request === null ? null : remoteHttp(rpc, key),
      })
      runs.set(key, running)
      try {
        return await running.end
      } finally {
        runs.delete(key)
      }
    },
    kill: (key: number, signal: number): void => runs.get(key)?.kill(signal),
    resize: (key: number, size: WindowSize): void => runs.get(key)?.resize(size),
    fs: (id: number, choice: FsChoice, method: FsMethod, args: never) =>
      boxOf(id).fs(choice, method, ...args as [never, never, never, never]),
    explain: (id: number) => boxOf(id).explain(),
    snapshot: (id: number) => boxOf(id).snapshot(),
    restore: (id: number, snapshot: Snapshot) => boxOf(id).restore(snapshot),
    changes: (id: number, options: ChangesOptions) => boxOf(id).changes(options),
    apply: (id: number, patterns: readonly string[], options: ApplyOptions) => boxOf(id).apply(patterns, options),
    discard: (id: number) => boxOf(id).discard(),
    async with(id: number, next: number, permit: Permit): Promise<void> {
      const box = boxOf(id)
      boxes.set(next, await box.with(permit, reportsOf(next, box.hasAccesses)))
    },
    async sh(id: number, key: number, command: string, spec: ShellSpec) {
      const line = boxOf(id).sh(command, spec)
      lines.set(key, line)
      try {
        return await line.end
      } finally {
        lines.delete(key)
      }
    },
    stop: (key: number): void => lines.get(key)?.stop(),
    async close(id: number): Promise<void> {
      const box = boxes.get(id)
      boxes.delete(id)
      await box?.close()
    },
  })
  rpc.tell('ready')
}
