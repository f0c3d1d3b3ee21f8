/** `lsm fleet rollout …`: starts, controls and shows the rollout of a store. */
import {
  parseHave, pauseRollout, putLarge, readBundle, readRollout, resumeRollout, rollBack, rolloutDenials, runRollout,
  startRollout, stepRollout,
} from '@lsmkit/fleet'
import type { RingOptions, Rollout, RolloutDenial, Store } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import { readHostFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { documentOf } from './rollout-document.ts'
import { rolloutLines } from './rollout-picture.ts'
import { watchRollout } from './rollout-watch.ts'
import { withStore } from './store.ts'
import type { StoreFlags } from './store.ts'

export type Act = 'pause' | 'resume' | 'back'

export interface StartFlags extends StoreFlags {
  readonly ring: readonly string[]
  readonly gate?: readonly string[]
  readonly first?: boolean
}

const pairOf = (text: string, what: string): readonly [name: string, value: string] => {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CommandError('usage', `\`${text}\` is not ${what}`)
}

const hostsOfGroup = async (store: Store, group: string): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const { key, value } of store.list('have')) {
    if (parseHave(value, key).groups.includes(group)) found.push(key)
  }
  if (found.length === 0) throw new CommandError('badInput', `no host reports the group \`${group}\``)
  return found.sort()
}

/** A host that a group names stays in the earlier ring; one that is named by itself twice is an error later. */
const ringsOf = async (store: Store, texts: readonly string[]): Promise<readonly RingOptions[]> => {
  const taken = new Set<string>()
  const rings: RingOptions[] = []
  for (const text of texts) {
    const [name, list] = pairOf(text, 'NAME=HOSTS')
    const hosts: string[] = []
    for (const item of list.split(',')) {
      const more = item.startsWith('@')
        ? (await hostsOfGroup(store, item.slice(1))).filter((host) => !taken.has(host))
        : [item]
      for (const host of more) taken.add(host)
      hosts.push(...more)
    }
    rings.push({ name, hosts })
  }
  return rings
}

export const startCommand = (io: Io, file: string, flags: StartFlags): Promise<number> => {
  const bytes = readHostFile(io, file)
  readBundle(bytes, file)
  const gate = Object.fromEntries((flags.gate ?? []).map((text) => {
    const [name, value] = pairOf(text, 'NAME=VALUE')
    return [name, Number(value)]
  }))
  return withStore(io, flags, async (store) => {
    const rings = await ringsOf(store, flags.ring)
    const bundle = await putLarge(store, bytes)
    show(io, await startRollout(store, { bundle, rings, gate, first: flags.first === true }), flags)
    return EXIT.ok
  })
}

const show = (
  io: Io, state: Rollout, { json }: Pick<StoreFlags, 'json'>, denials: readonly RolloutDenial[] | null = null,
): void => {
  if (json === true) return printJson(io, documentOf(state, denials))
  for (const line of rolloutLines(state, { isLive: false, denials })) io.print(line)
}

const codeOf = ({ paused, step }: Rollout): number =>
  paused !== null || step === 'rolling-back' || step === 'rolled-back' ? EXIT.denied : EXIT.ok

const noRollout = (): CommandError => new CommandError('badInput', 'the store has no rollout')

export interface StatusFlags extends StoreFlags {
  readonly watch?: boolean
  readonly denials?: boolean
}

export const statusCommand = (io: Io, flags: StatusFlags): Promise<number> => withStore(io, flags, async (store) => {
  const state = await readRollout(store)
  if (state === null) throw noRollout()
  if (flags.watch === true) return codeOf(await watchRollout(io, store, state, flags))
  show(io, state, flags, flags.denials === true ? await rolloutDenials(store, state) : null)
  return codeOf(state)
})

const acts: Readonly<Record<Act, (store: Store, reason?: string) => Promise<Rollout>>> = {
  pause: pauseRollout, resume: (store) => resumeRollout(store), back: rollBack,
}

export const actCommand = (io: Io, act: Act, flags: StoreFlags & { readonly reason?: string }): Promise<number> =>
  withStore(io, flags, async (store) => {
    show(io, await acts[act](store, flags.reason), flags)
    return EXIT.ok
  })

/** Until the rollout is over, or somebody interrupts the command. */
const controlled = async (io: Io, store: Store): Promise<Rollout | null> => {
  const end = new AbortController()
  const stop = (): void => end.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  let seen = 0
  try {
    return await runRollout(store, {
      signal: end.signal,
      onLook({ notes }) {
        for (const { at, text } of notes) if (at > seen) io.note(`${new Date(at).toISOString()} ${text}`)
        seen = Math.max(seen, notes.at(-1)?.at ?? 0)
      },
      onError: (error) => io.note(String(error)),
    })
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop)
  }
}

export const runCommand = (io: Io, flags: StoreFlags & { readonly once?: boolean }): Promise<number> =>
  withStore(io, flags, async (store) => {
    // fails at once where the store is away: only a controller that has begun tries again
    if (await readRollout(store) === null) throw noRollout()
    const state = flags.once === true ? await stepRollout(store) : await controlled(io, store)
    if (state === null) throw noRollout()
    show(io, state, flags)
    return codeOf(state)
  })
