/** The columns of the matrix: what each kernel of the tour is composed of. */
import { warden } from '@lsmkit-examples/own-lsm'
import { EACCES, ownValue } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import type { BpfLsm } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack, landlockEngineOf, securityOff } from '@lsmkit/core'
import type { File, LandlockEngine, Lsm, Stack } from '@lsmkit/core'
import type { BootOptions } from '@lsmkit/kernel'
import { landlock } from '@lsmkit/landlock'
import { loadpin } from '@lsmkit/loadpin'
import { lockdown } from '@lsmkit/lockdown'
import { safesetid } from '@lsmkit/safesetid'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'
import { tourApparmor } from './apparmor-policy.ts'
import type { SelinuxPolicy } from './selinux-policy.ts'

/** LSMs that `--lsm` knows. */
export const modules: Readonly<Record<string, (policy: SelinuxPolicy) => Lsm>> = {
  capability: () => capability(),
  smack: () => smack(),
  yama: () => yama(),
  landlock: () => landlock(),
  lockdown: () => lockdown({ level: 'integrity' }),
  safesetid: () => safesetid(),
  loadpin: () => loadpin({ enforce: true }),
  warden: () => warden(),
  selinux: ({ binary }) => selinux({ policy: binary }),
  apparmor: () => tourApparmor(),
}

export interface Column {
  readonly title: string
  /** Its text in the boot log. */
  readonly cmdline: string
  /** A fresh composition: null means CONFIG_SECURITY=n, where only the kernel's own checks are left. */
  readonly lsms: ((policy: SelinuxPolicy) => readonly Lsm[]) | null
  /** Smack and SELinux together: the kernel would switch the second off. */
  readonly exclusive?: 'allow'
  /** A program that is attached to the hook `file_open` while Ruby runs, and detached again. */
  readonly program?: (file: File) => number
  /** The detector and the deflector of BPF are attached while Ruby runs, and detached again. */
  readonly objects?: true
}

const sealReport = (file: File): number => (file.f_path.dentry.d_name.name === 'report' ? -EACCES : 0)

const composed = (names: readonly string[]): Column => ({
  title: names.join(' + '),
  cmdline: `lsm=${names.join(',')}`,
  lsms: (policy) => names.map((name) => ownValue(modules, name)!(policy)),
  ...(names.includes('selinux') && names.includes('smack') ? { exclusive: 'allow' } : {}),
})

/** All four at once, capability with them: BPF's LSM comes with the objects. */
const fourth = { title: 'smack + selinux + bpf', cmdline: 'lsm=capability,smack,selinux,bpf', objects: true } as const

const OFF: Column = { title: 'security off', cmdline: 'CONFIG_SECURITY=n', lsms: null }

/** capability is there whether named or not, as in the kernel. */
const chosen = (lsms: readonly string[]): Column =>
  composed(['capability', ...lsms.filter((name) => name !== 'capability')])

/** `lsms` alone, beside security off, which costs are compared with; null for all stacks of the tour. */
export const columns = (lsms: readonly string[] | null): readonly Column[] =>
  (lsms === null ? tourColumns : [OFF, chosen(lsms)])

const tourColumns: readonly Column[] = [
  OFF,
  composed(['capability']),
  { ...composed(['capability']), title: 'capability + program', program: sealReport },
  { ...composed(['capability']), title: 'capability + bpf', cmdline: 'lsm=capability,bpf', objects: true },
  composed(['capability', 'landlock']),
  composed(['capability', 'yama', 'smack']),
  composed(['capability', 'yama', 'selinux']),
  composed(['capability', 'yama', 'apparmor']),
  { ...composed(['capability', 'smack', 'selinux']), ...fourth },
  chosen(['warden']),
]

export interface Composition {
  readonly boot: BootOptions['stack']
  /** null with security off. */
  readonly stack: Stack | null
  /** null in columns without objects of BPF. */
  readonly bpf: BpfLsm | null
  /** null where Landlock is not in the stack. */
  readonly landlock: LandlockEngine | null
}

export const compose = ({ lsms, cmdline, exclusive, objects }: Column, policy: SelinuxPolicy): Composition => {
  if (lsms === null) return { boot: securityOff({ capability: capability() }), stack: null, bpf: null, landlock: null }
  const programs = objects === undefined ? null : bpf()
  const made = lsms(policy)
  const stack = createStack({
    lsms: programs === null ? made : [...made, programs],
    cmdline,
    ...(exclusive === undefined ? {} : { exclusive }),
  })
  return { boot: stack, stack, bpf: programs, landlock: landlockEngineOf(made) }
}
