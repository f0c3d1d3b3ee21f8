/** Mistakes in the list of LSMs that throw. The command line is not among them: it follows the kernel. */
import { LSM_BRAND, thisCore } from '../define-lsm.ts'
import type { HookGroup, Lsm } from '../define-lsm.ts'
import { didYouMean } from '../did-you-mean.ts'
import { PROGRAMS_ALONE } from '../dispatch/strategy.ts'
import { ComposeError } from '../errors.ts'
import type { AnyHookDef } from '../hooks/hook-types.ts'
import { kindOf } from '../text-of.ts'
import { refuseOtherAbis } from './abi-fit.ts'

const used = new WeakSet<Lsm>()

/** Throws for the first LSM that cannot be in this stack, and takes the others for it. */
export const checkLsms = (lsms: readonly Lsm[]): void => {
  refuseOtherAbis(lsms)
  lsms.forEach((lsm, index) => checkLsm(lsm, index, lsms))
  for (const lsm of lsms) used.add(lsm)
}

/** The default of the hook `capable` is to grant: somebody at the head of the order must answer it. */
export const refuseWithoutCapability = (placed: readonly { readonly lsm: Lsm; readonly group: HookGroup }[]): void => {
  if (placed.some(({ lsm, group }) => lsm.order === 'first' && group.capable !== undefined)) return
  throw new ComposeError('no-capability', 'nobody in this stack checks capabilities: every one would be granted', {
    place: 'lsms',
    hint: "add `capability()` of @lsmkit/capability, or say `capability: 'none'`",
  })
}

/** A permissive LSM must be in the stack: a misspelt name would enforce. Attached programs are always there. */
export const checkPermissive = (permissive: readonly string[], lsms: readonly Lsm[]): void => {
  const programs = lsms.some(({ carriesPrograms }) => carriesPrograms) ? [] : [PROGRAMS_ALONE.lsm]
  const known = [...new Set([...lsms.map(({ name }) => name), ...programs])]
  permissive.forEach((name, index) => {
    if (known.includes(name)) return
    throw new ComposeError('unknown-permissive', `there is no LSM \`${name}\` to be permissive`, {
      place: `permissive[${index}]`, hint: didYouMean(name, known) ?? `known: ${known.join(', ')}`,
    })
  })
}

/** A hook that this stack does not have would never be asked. */
export const refuseOtherHooks = (lsm: string, group: HookGroup, hooks: Readonly<Record<string, AnyHookDef>>): void => {
  const other = Object.keys(group).find((hook) => !Object.hasOwn(hooks, hook))
  if (other === undefined) return
  throw new ComposeError('unknown-hook', `\`${lsm}\` is on \`${other}\`, which this stack does not have`, {
    place: 'lsms', hint: 'give the stack the table that the module was given: `createStack({ ownHooks })`',
  })
}

const checkLsm = (lsm: Lsm, index: number, lsms: readonly Lsm[]): void => {
  const fault = (code: ComposeError['code'], message: string, hint: string | null = null): ComposeError =>
    new ComposeError(code, message, { place: `lsms[${index}]`, hint })
  const brand = typeof lsm === 'object' && lsm !== null ? lsm[LSM_BRAND] : undefined
  if (brand === undefined) {
    const hint = typeof lsm === 'function' ? 'call the factory: `yama()`' : 'make it with `defineLsm`'
    throw fault('not-an-lsm', `${describe(lsm)} is no LSM`, hint)
  }
  const name = `\`${lsm.name}\``
  if (brand.core !== thisCore) {
    const hint = 'let the package manager install one copy'
    throw fault('two-cores', `${name} was defined by another copy of @lsmkit/core`, hint)
  }
  if (lsms.indexOf(lsm) !== index || used.has(lsm)) {
    const hint = 'call the factory once for each stack'
    throw fault('instance-reused', `this instance of ${name} is in a stack already`, hint)
  }
  const before = lsms.slice(0, index)
  if (before.some((other) => other.name === lsm.name)) throw fault('duplicate-name', `there are two LSMs named ${name}`)
  if (lsm.carriesPrograms && before.some(({ carriesPrograms }) => carriesPrograms)) {
    throw fault('two-carriers', `${name} is the second LSM that carries programs`, 'give the stack one of them')
  }
  const same = lsm.id === 0 ? undefined : before.find((other) => other.id === lsm.id)
  if (same) throw fault('duplicate-id', `${name} and \`${same.name}\` both have the id ${lsm.id}`)
}

const describe = (value: unknown): string =>
  typeof value === 'function' && value.name !== '' ? `\`${value.name}\`` : kindOf(value)
