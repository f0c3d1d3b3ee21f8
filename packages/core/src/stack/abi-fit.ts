/** Refuses LSMs that are written for a module ABI that this core does not have: all at once, with the way out. */
import { LSM_BRAND } from '../define-lsm.ts'
import type { Lsm } from '../define-lsm.ts'
import { ComposeError } from '../errors.ts'
import { abiMismatch, isAbiText, moduleAbi } from '../module-abi.ts'

interface Misfit {
  readonly lsm: Lsm
  readonly index: number
  readonly older: 'module-older' | 'core-older'
}

/** Throws ComposeError `abi-mismatch`. Values that are no LSM are left to others. */
export const refuseOtherAbis = (lsms: readonly Lsm[]): void => {
  const misfits = lsms.flatMap((lsm, index) => misfitOf(lsm, index))
  if (misfits.length === 0) return
  throw new ComposeError('abi-mismatch', messageOf(misfits), {
    place: misfits.map(({ index }) => `lsms[${index}]`).join(', '), hint: wayOut(misfits),
  })
}

const misfitOf = (lsm: Lsm, index: number): Misfit[] => {
  if (lsm?.[LSM_BRAND] === undefined || !isAbiText(lsm.abi)) return []
  const older = abiMismatch(lsm.abi)
  return older === null ? [] : [{ lsm, index, older }]
}

const nameOf = ({ name, package: from }: Lsm): string => (from === null ? `\`${name}\`` : `\`${name}\` of ${from}`)

const messageOf = (misfits: readonly Misfit[]): string => {
  const [{ lsm }] = misfits as [Misfit]
  if (misfits.length === 1) {
    return `${nameOf(lsm)} is written for module ABI ${lsm.abi}, this @lsmkit/core has ${moduleAbi}`
  }
  const each = misfits.map((misfit) => `${nameOf(misfit.lsm)} for ${misfit.lsm.abi}`).join(', ')
  return `${misfits.length} LSMs are written for other module ABIs than this @lsmkit/core has (${moduleAbi}): ${each}`
}

/** A newer core takes modules of its major alone, so where one module is too new and another too old, both move. */
const wayOut = (misfits: readonly Misfit[]): string => {
  const isCoreOld = misfits.some(({ older }) => older === 'core-older')
  const old = misfits.filter(({ older }) => older === 'module-older').map(({ lsm }) => lsm)
  const packages = [...new Set(old.flatMap((lsm) => (lsm.package === null ? [] : [`${lsm.package}@latest`])))]
  const unnamed = old.filter((lsm) => lsm.package === null).map(nameOf)
  const install = [...(isCoreOld ? ['@lsmkit/core@latest'] : []), ...packages]
  const steps = [
    ...(install.length > 0 ? [`\`npm install ${install.join(' ')}\``] : []),
    ...(unnamed.length > 0 ? [`update ${unnamed.join(', ')}`] : []),
  ]
  if (isCoreOld) return steps.join(', and ')
  const majors = [...new Set(old.map(({ abi }) => abi!.split('.')[0]!))]
  const stay = majors.length === 1 ? `, or stay with a release of @lsmkit/core that has module ABI ${majors[0]}` : ''
  return steps.join(', and ') + stay
}
