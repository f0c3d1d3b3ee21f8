/** Boots of two real kernels: the order they came up in, by every way to ask for it, and what the attr files read. */
import { errnoName, LSM_ID_APPARMOR, LSM_ID_SMACK, LSM_ID_UNDEF, lsmIdName, ownValue } from '@lsmkit/abi'
import { lsm_list_modules, ref } from '@lsmkit/core'
import { bootArguments, initLog, linuxModules } from '@lsmkit/core/order'
import type { Profile, Stack } from '@lsmkit/core'
import { boot, builds } from '../boots.ts'
import type { Build } from '../boots.ts'
import { profileOf } from '../profile.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = [
  'securityfs_lsm',
  'lsm_list_modules',
  'dmesg_initializing',
  'attr_current',
  'attr_smack_current',
  'attr_apparmor_current',
]

/** /proc/self/attr/current as a shell shows it, which drops NULs and blanks at the end: `=TEXT`, or the errno. */
const readAttr = (stack: Stack, lsmid: number): string => {
  const value = ref<string | null>(null)
  const rc = stack.lsm.getprocattr.ask(stack.current.task, lsmid, 'current', value)
  return rc < 0 ? errnoName(rc) : `=${(value.value ?? '').replaceAll('\0', '').trimEnd()}`
}

const nameOf = (id: number) => lsmIdName(id).replace('LSM_ID_', '').toLowerCase()

const listModules = (stack: Stack): string => {
  const ids = new Uint8Array(8 * 64)
  const count = lsm_list_modules(stack.ids, ids, { value: ids.length }, 0)
  const view = new DataView(ids.buffer)
  return Array.from({ length: count }, (_, i) => nameOf(Number(view.getBigUint64(8 * i, true)))).join(',')
}

/** The line of the kernel's log. From 6.19 on there is one for each module, and early ones are not among them. */
const initializing = (stack: Stack, profile: Profile): string => {
  if (profile !== '7.3') return stack.order.initializing
  return stack.order.initOrder.filter((name) => name !== 'lockdown').map((name) => `initializing ${name}`).join(' ; ')
}

const isSwitch = ({ enabled }: { readonly enabled?: boolean | null }): boolean => enabled !== undefined

/** What lsm.debug logs from 6.19 on, but for the lines of `initializing`. */
const steps = ({ modules, config }: Build, args: string): string => {
  const built = linuxModules.filter(({ name }) => name === 'capability' || modules.includes(name))
  const { enabled, lsmParam, securityParam } = bootArguments(args, built.filter(isSwitch).map(({ name }) => name))
  const records = built.map((one) => ({ ...one, enabled: enabled.get(one.name) ?? one.enabled ?? null }))
  const lines = initLog(records, { lsmParam, securityParam, configLsm: config })
  return lines.filter((line) => !line.startsWith('initializing ')).map((line) => `LSM: ${line}`).join(' | ')
}

export const lsmOrder: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const profile = profileOf(options)
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, ['n', 'kernel', 'boot_args', ...columns])) {
        const build = ownValue(builds, row.kernel!)
        if (build === undefined) {
          yield { id: row.n!, expected: row.kernel!, got: 'no such kernel is known' }
          continue
        }
        const stack = boot(build, row.boot_args!, profile)
        const attr = (folder: string, id: number) =>
          build.attrFolders.includes(folder) ? readAttr(stack, id) : 'ENOENT'
        const got = [
          stack.names.join(','),
          listModules(stack),
          initializing(stack, profile),
          readAttr(stack, LSM_ID_UNDEF),
          attr('smack', LSM_ID_SMACK),
          attr('apparmor', LSM_ID_APPARMOR),
        ]
        const expected = columns.map((column) => row[column]!)
        if (profile === '7.3') {
          got.push(steps(build, row.boot_args!))
          expected.push(row.dmesg_debug!)
        }
        yield { id: row.n!, expected: expected.join(' | '), got: got.join(' | ') }
      }
    }
  },
}
