/** `lsm selinux module list|remove|enable|disable|build STORE`. */
import type { ModuleStore } from '@lsmkit/selinux/module'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { outputOf } from './add.ts'
import { buildStore, writeBuilt } from './build.ts'
import type { BuildFlags } from './build.ts'
import { changing, openStore, saveStore } from './store-folder.ts'

export const listCommand = (io: Io, name: string, flags: { readonly json?: boolean }): number => {
  const { list, disableDontaudit, preserveTunables } = openStore(io, name)
  if (flags.json) printJson(io, { modules: list, disableDontaudit, preserveTunables })
  else {
    for (const { name: module, priority, language, isEnabled, isHighest } of list) {
      const state = !isEnabled ? ' disabled' : isHighest ? '' : ' hidden by a higher priority'
      io.print(`${String(priority).padStart(3)} ${module} ${language}${state}`)
    }
  }
  return EXIT.ok
}

export interface ChangeFlags extends BuildFlags {
  readonly output?: string
  readonly priority?: number
}

/** The policy is built before anything is written: a change that breaks it changes nothing. */
const change = (
  io: Io, name: string, flags: ChangeFlags, each: (store: ModuleStore) => ModuleStore,
): number => {
  const before = openStore(io, name)
  const output = outputOf(io, name, flags)
  const store = changing(() => each(before))
  const built = buildStore(io, name, store, flags)
  saveStore(io, output, store)
  writeBuilt(io, built, flags)
  return EXIT.ok
}

export const removeCommand = (io: Io, name: string, modules: readonly string[], flags: ChangeFlags): number =>
  change(io, name, flags, (store) => modules.reduce((left, module) => left.remove(module, flags.priority), store))

export const enableCommand = (
  io: Io, name: string, modules: readonly string[], flags: ChangeFlags, isEnabled: boolean,
): number => change(io, name, flags, (store) =>
  modules.reduce((left, module) => left.setEnabled(module, isEnabled), store))

export const buildCommand = (io: Io, name: string, flags: BuildFlags): number => {
  writeBuilt(io, buildStore(io, name, openStore(io, name), flags), flags)
  return EXIT.ok
}
