/** The modules that are installed: whether they load, fit the project's core, and refuse what they cannot answer. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Lsm } from '@lsmkit/core'
import { abiMismatch, isAbiText } from '@lsmkit/core/module-abi'
import { conformanceKit } from '@lsmkit/testkit'
import { moduleNames } from '../../module-names.ts'
import { ownModules } from '../../run/own-modules.ts'
import type { MakeOwn } from '../../run/own-modules.ts'
import { abiOf, CORE, installedFor, MODULE_KEYWORD } from './installed.ts'
import type { Installed } from './installed.ts'
import type { Item } from './item.ts'

const OURS = '@lsmkit/'

/** Ours by their names; others stand beside core. */
export const isModulePackage = ({ name, manifest }: Installed): boolean =>
  name.startsWith(OURS)
    ? (moduleNames as readonly string[]).includes(name.slice(OURS.length))
    : manifest.peerDependencies?.[CORE] !== undefined || manifest.keywords?.includes(MODULE_KEYWORD) === true

/** Each is loaded: its code runs, as it does in a stack. */
export const moduleItems = async (cwd: string, packages: readonly Installed[]): Promise<Item[]> => {
  const core = installedFor(cwd, CORE)
  const coreAbi = core === null ? null : abiOf(core)
  const items: Item[] = []
  for (const one of packages.filter(isModulePackage)) items.push(await moduleItem(one, coreAbi))
  return items
}

const moduleItem = async (one: Installed, coreAbi: string | null): Promise<Item> => {
  const item = { part: 'modules', name: one.name } as const
  let make: MakeOwn
  let lsm: Lsm
  try {
    make = await makerOf(one)
    lsm = make()
  } catch (error) {
    return { ...item, ...unmade(one, error) }
  }
  const misfit = misfitOf(one, lsm, coreAbi)
  if (misfit !== null) return { ...item, state: 'wrong', ...misfit }
  const fit = `\`${lsm.name}\` ${one.version}, ABI ${lsm.abi ?? 'not said'}`
  const fault = one.name.startsWith(OURS) ? null : await kitFault(make)
  if (fault !== null) return { ...item, state: 'wrong', text: `${fit}: ${fault}`, hint: 'report it to its author' }
  return { ...item, state: 'ok', text: one.name.startsWith(OURS) ? fit : `${fit}, keeps the rules of a module` }
}

/** A package that exports no module, or one that needs options, is not at fault unless it says that it is a module. */
const unmade = ({ manifest }: Installed, error: unknown): Pick<Item, 'state' | 'text' | 'hint'> => {
  const text = `not tried: ${error instanceof Error ? error.message : String(error)}`
  const isCalledModule = manifest.keywords?.includes(MODULE_KEYWORD) === true
  return isCalledModule ? { state: 'wrong', text } : { state: 'note', text, hint: 'lsm explain --module FILE' }
}

/** `file-deflector` exports `fileDeflector`, where it exports several functions. */
const factoryName = (name: string): string =>
  name.slice(name.indexOf('/') + 1).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

const makerOf = async ({ name, folder }: Installed): Promise<MakeOwn> => {
  const path = createRequire(join(folder, 'package.json')).resolve(name)
  const io = { cwd: folder }
  const named = ownModules(io, [`${path}#${factoryName(name)}`])
  return (await named.catch(() => ownModules(io, [path])))[0]!
}

const misfitOf = (one: Installed, lsm: Lsm, coreAbi: string | null): Pick<Item, 'text' | 'hint'> | null => {
  if (coreAbi === null || !isAbiText(lsm.abi)) return null
  const older = abiMismatch(lsm.abi, coreAbi)
  if (older === null) return null
  const stay = `or stay with a release of ${CORE} that has module ABI ${lsm.abi.split('.')[0]!}`
  return {
    text: `\`${lsm.name}\` is written for module ABI ${lsm.abi}, the ${CORE} of your project has ${coreAbi}`,
    hint: older === 'core-older' ? `npm install ${CORE}@latest` : `npm install ${one.name}@latest, ${stay}`,
  }
}

/** The first rule of the conformance kit that it breaks. */
const kitFault = async (make: MakeOwn): Promise<string | null> => {
  for (const { name, run } of conformanceKit(() => make())) {
    try {
      await run()
    } catch (error) {
      return `it breaks the rule "${name}": ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return null
}
