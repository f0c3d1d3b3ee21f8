/** A start adds to a plan for `allow.hosts`: the proxy, its port for Landlock, sockets of this machine alone. */
import { LANDLOCK_ACCESS_NET_CONNECT_TCP } from '@lsmkit/abi'
import type { Network } from '@lsmkit/sandbox/hosts'
import type { Denial } from '@lsmkit/sandbox/policy-parts'
import { NativeError } from '../native-error.ts'
import type { Plan } from '../plan/plan.ts'
import { hostSystem } from '../sys/system.ts'
import { joinFilters } from '../watch/filter.ts'
import { allowAll } from '../watch/watched-plan.ts'
import type { Watch } from '../watch/watch.ts'
import { localSocketsFilter } from './local-sockets.ts'
import { HostProxy } from './proxy.ts'
import { SocketThread } from './socket-thread.ts'

export interface WayToHosts {
  readonly plan: Plan
  readonly env: Readonly<Record<string, string>>
  /** Null: the policy names no host, or does without a proxy. */
  readonly proxy: HostProxy | null
  /** For a start that no watch answers. */
  readonly onListener?: (listener: number) => Promise<void>
  readonly end: () => void
}

interface Options {
  readonly network?: Network
  readonly onDenial?: (denial: Denial) => void
}

const planThrough = (plan: Plan, port: number): Plan => {
  const { landlock, filter } = plan
  const rights = (landlock?.net ?? 0) & LANDLOCK_ACCESS_NET_CONNECT_TCP
  return {
    ...plan, filter: joinFilters(filter ?? allowAll, localSocketsFilter(hostSystem().arch)),
    landlock: landlock === null || rights === 0 ? landlock
      : { ...landlock, ports: [...landlock.ports, [port, rights]] },
  }
}

/** Throws NativeError and SandboxError. `end` gives everything back. */
export const wayToHosts = (
  plan: Plan, { network = {}, onDenial = () => {} }: Options,
  { watch, onListener }: { readonly watch?: Watch; readonly onListener?: unknown },
): WayToHosts => {
  if (plan.hosts === null) return { plan, env: {}, proxy: null, end: () => {} }
  if (onListener !== undefined) {
    throw new NativeError('not-held', 'a listener of yours would be asked about the sockets of `hosts`', {
      gaps: ['hosts'], hint: '`accept: [\'hosts\']` does without a proxy',
    })
  }
  const proxy = new HostProxy({ ...plan.hosts, network, onDenial })
  try {
    const thread = watch === undefined ? new SocketThread() : null
    return {
      plan: planThrough(plan, proxy.port), env: proxy.env, proxy,
      ...(thread === null ? {} : { onListener: (listener: number) => thread.attach(listener) }),
      end: () => {
        proxy.end()
        thread?.end()
      },
    }
  } catch (error) {
    proxy.end()
    throw error
  }
}
