/** Operations of hook-trace.tsv: credentials, capabilities and prctl. */
import {
  PR_CAPBSET_DROP, PR_CAPBSET_READ, PR_GET_NAME, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_MM, PR_SET_MM_BRK,
  PR_SET_NAME, PR_SET_PTRACER, PR_SET_SECUREBITS,
} from '@lsmkit/abi'
import type { Calls, Operation } from './world.ts'

const PR_SET_VMA = 0x53564d41

const asRoot = (call: (sys: Calls) => unknown): Operation => ({ sys }) => () => call(sys)

const asUser = (call: (sys: Calls) => unknown): Operation => (world) => {
  world.user()
  return () => call(world.sys)
}

const prctl = (option: number, arg: number | string | { value: string } = 0): Operation =>
  asRoot((sys) => sys.prctl(option, arg as number, 0, 0, 0))

export const credOperations: Readonly<Record<string, Operation>> = {
  setuid_same: asUser((sys) => sys.setuid(1000)),
  setuid_dac: asUser((sys) => sys.setuid(0)),
  setresuid_noop: asRoot((sys) => sys.setresuid(-1, -1, -1)),
  setregid_: asRoot((sys) => sys.setregid(1000, 0)),
  setresgid_: asRoot((sys) => sys.setresgid(-1, 1000, -1)),
  setfsuid_: asRoot((sys) => sys.setfsuid(1000)),
  setfsuid_dac: asUser((sys) => sys.setfsuid(0)),
  setfsgid_: asRoot((sys) => sys.setfsgid(1000)),
  setgroups_: asRoot((sys) => sys.setgroups(2, [5, 6])),
  setgroups_dac: asUser((sys) => sys.setgroups(2, [5, 6])),
  getuid_: asRoot((sys) => {
    sys.getuid()
    sys.getgroups(0, null)
    sys.getresuid({ value: 0 }, { value: 0 }, { value: 0 })
  }),
  capget_: asRoot((sys) => sys.capget({ version: 0x20080522, pid: 0 }, new Uint8Array(24))),
  prctl_name: prctl(PR_SET_NAME, 'nm'),
  prctl_getname: prctl(PR_GET_NAME, { value: '' }),
  prctl_dumpable: prctl(PR_SET_DUMPABLE, 1),
  prctl_keepcaps: prctl(PR_SET_KEEPCAPS, 1),
  prctl_securebits: prctl(PR_SET_SECUREBITS, 1),
  prctl_capbset_drop: prctl(PR_CAPBSET_DROP, 5),
  prctl_capbset_read: prctl(PR_CAPBSET_READ, 5),
  prctl_mm: prctl(PR_SET_MM, PR_SET_MM_BRK),
  prctl_ptracer: prctl(PR_SET_PTRACER, 1),
  prctl_vmaname: (world) => {
    const p = world.buffer(0)
    return () => world.sys.prctl(PR_SET_VMA, 0, p, 4096, 'nm')
  },
}
