/** Describes the object of a hook from its arguments by their C types: one table for all hooks. */
import { lockdownName, ownValue, dictionary } from '@lsmkit/abi'
import type { HookName } from '../hooks/hook-defs.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import type { Vma } from '../objects/mm.ts'
import type { AuditKind } from './object.ts'
import type { AuditDetails, AuditValue } from './record.ts'

/** One argument by its parameter's name and type, `const` and blanks taken off. */
export interface Argument {
  readonly name: string
  readonly type: string
  readonly value: unknown
}

/** The description to make: a kind and the object, as `describeObject` takes them. */
export type ObjectSource = readonly [kind: AuditKind, source: never]

/** `const struct path *dir` is `struct path *` named `dir`; a hook without parameters has none. */
export const parseParams = (params: string): readonly { readonly name: string; readonly type: string }[] =>
  params === ''
    ? []
    : params.split(',').map((text) => {
      const [, type = '', name = ''] = /^(.*?)(\w+)$/.exec(text.replace(/\b(const|__user)\b/g, '').trim()) ?? []
      return { name, type: type.replace(/\s+/g, ' ').replace(/ ?\* ?/g, '*').replace(/(\w)\*/, '$1 *').trim() }
    })

/** First the types that tell most about what is acted upon. Of several arguments of a type the first counts. */
const byType: readonly (readonly [type: string, source: (value: never) => ObjectSource | null])[] = [
  ['struct linux_binprm *', (bprm: { file: object }) => ['file', bprm.file as never]],
  ['struct file *', (file) => ['file', file]],
  ['struct dentry *', (dentry) => ['dentry', dentry]],
  ['struct path *', (path) => ['path', path]],
  ['struct inode *', (inode) => ['inode', inode]],
  ['struct vm_area_struct *', (vma: Pick<Vma, 'vm_file'>) => (vma.vm_file ? ['file', vma.vm_file as never] : null)],
  ['struct socket *', ({ sk }: { sk: object | null }) => (sk ? ['net', { sk } as never] : null)],
  ['struct sock *', (sk) => ['net', { sk } as never]],
  ['struct task_struct *', (task) => ['task', task]],
  ['struct kern_ipc_perm *', (perm) => ['ipc', perm]],
  ['struct key *', (key) => ['key', key]],
  ['key_ref_t', ({ key }: { key: object }) => ['key', key as never]],
  ['struct super_block *', (sb) => ['super_block', sb]],
  ['enum lockdown_reason', (what: number) => ['lockdown', lockdownName(what) as never]],
]

const isPath = ({ type }: Argument): boolean => type === 'struct path *'

/** Framework functions that take other parameters than their hook, those in front at least. */
const entryParams: { readonly [N in HookName]?: string } = {
  getprocattr: 'struct task_struct *p, int lsmid, const char *name',
  mmap_file: 'struct file *file, unsigned long prot, unsigned long flags',
  setprocattr: 'int lsmid, const char *name, void *value, size_t size',
}

/** Which function the arguments belong to: the LSM's, or the framework's. */
export type Side = 'hook' | 'entry'

/** The arguments of a hook call, by the parameters of its definition. */
export const argumentsOf = (
  hook: string, { params }: AnyHookDef, args: ArrayLike<unknown>, side: Side = 'hook',
): readonly Argument[] =>
  parseParams((side === 'entry' ? entryParams[hook as HookName] : undefined) ?? params)
    .map((param, index) => ({ ...param, value: args[index] }))

/** The object of a call, null when its arguments name none. */
export const objectSource = (hook: string, args: readonly Argument[]): ObjectSource | null => {
  const given = args.filter(({ value }) => value !== null && value !== undefined)
  if (hook === 'capable') return ['cap', args[2]!.value as never]
  if (hook === 'kernel_module_request') return ['kmod', args[0]!.value as never]
  const dir = given.find(isPath)
  const dentry = given.find(({ type }) => type === 'struct dentry *')
  // a directory and a name in it: one path
  if (dir && dentry) return ['path', { mnt: (dir.value as { mnt: object }).mnt, dentry: dentry.value } as never]
  for (const [type, source] of byType) {
    for (const argument of given) {
      const found = argument.type === type ? source(argument.value as never) : null
      if (found !== null) return found
    }
  }
  return null
}

/** The argument that is the object of the call already. */
const told: Readonly<Record<string, string | undefined>> = { capable: 'cap', kernel_module_request: 'kmod_name' }

/** Numbers, flags and texts of the call, by parameter name; without those that describe the object. */
export const plainArgs = (hook: string, args: readonly Argument[]): AuditDetails => {
  const plain = dictionary<AuditValue>()
  for (const { name, value } of args) {
    if (name === ownValue(told, hook)) continue
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') plain[name] = value
  }
  return plain
}
