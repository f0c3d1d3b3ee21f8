/** The modules that a machine can be made of, each loaded when a stack names it for the first time. */
import { ownValue } from '@lsmkit/abi'
import type { BpfLsm } from '@lsmkit/bpf'
import type { Lsm } from '@lsmkit/core'
import type { ApparmorParts } from './apparmor-parts.ts'
import type { BpfLines } from './bpf-lines.ts'
import type { MachineSpec } from './protocol.ts'
import type { SelinuxParts } from './selinux-parts.ts'

/** Modules that the worker keeps to ask more of them than their answers. */
export interface Made {
  readonly lsms: readonly Lsm[]
  readonly bpf: BpfLsm | null
  readonly selinux: SelinuxParts | null
  readonly apparmor: ApparmorParts | null
}

/** Output of BPF programs, and which of their lines run; null: that is not watched, and they run compiled. */
export interface Watching {
  readonly trace: (line: string) => void
  readonly lines: BpfLines | null
}

interface Parts {
  readonly lsm: Lsm
  readonly bpf?: BpfLsm
  readonly selinux?: SelinuxParts
  readonly apparmor?: ApparmorParts
}

const factories: Readonly<Record<string, (watching: Watching) => Promise<Parts>>> = {
  lockdown: async () => ({ lsm: (await import('@lsmkit/lockdown')).lockdown({ level: 'integrity' }) }),
  capability: async () => ({ lsm: (await import('@lsmkit/capability')).capability() }),
  yama: async () => ({ lsm: (await import('@lsmkit/yama')).yama() }),
  loadpin: async () => ({ lsm: (await import('@lsmkit/loadpin')).loadpin({ enforce: true }) }),
  safesetid: async () => ({ lsm: (await import('@lsmkit/safesetid')).safesetid() }),
  smack: async () => ({ lsm: (await import('@lsmkit/smack')).smack() }),
  selinux: async () => {
    const selinux = new (await import('./selinux-parts.ts')).SelinuxParts()
    return { lsm: selinux.lsm, selinux }
  },
  apparmor: async () => {
    const apparmor = (await import('./apparmor-parts.ts')).apparmorParts()
    return { lsm: apparmor.lsm, apparmor }
  },
  landlock: async () => ({ lsm: (await import('@lsmkit/landlock')).landlock() }),
  warden: async () => ({ lsm: (await import('@lsmkit-examples/own-lsm')).warden() }),
  bpf: async ({ trace, lines }) => {
    const bpf = (await import('@lsmkit/bpf')).bpf({
      ...(lines === null ? {} : { coverage: lines }),
      onTrace: (text) => trace(text.replace(/\n$/, '')),
      onFaultReport: ({ program, hook, error }) => trace(`${program} was stopped on ${hook}: ${String(error)}`),
    })
    return { lsm: bpf, bpf }
  },
}

/** capability is there whether named or not, as in the kernel; names that no module has are left to the order. */
export const makeModules = async ({ lsm, module }: MachineSpec, watching: Watching): Promise<Made> => {
  const wanted = [...new Set(['capability', ...lsm])].filter((name) => Object.hasOwn(factories, name))
  const made = await Promise.all(wanted.map((name) => ownValue(factories, name)!(watching)))
  const own = module === null ? [] : [(await (await import('./own-module.ts')).ownModule(module)).make()]
  return {
    lsms: [...made.map(({ lsm: one }) => one), ...own],
    bpf: made.find(({ bpf }) => bpf !== undefined)?.bpf ?? null,
    selinux: made.find(({ selinux }) => selinux !== undefined)?.selinux ?? null,
    apparmor: made.find(({ apparmor }) => apparmor !== undefined)?.apparmor ?? null,
  }
}
