/** `lsm selinux android property|service|seapp|checkfc`: look-ups in Android's context files, and checks of them. */
import {
  checkContexts, checkTestData, compareContexts, isPropertyValue, PropertyContexts, SeappContexts, ServiceContexts,
} from '@lsmkit/selinux/android'
import type { CheckfcMode, ContextText } from '@lsmkit/selinux/android'
import { CommandError } from '../../../command-error.ts'
import { readHostText } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'
import { EXIT, printJson } from '../../../output.ts'
import { policyOf } from '../inputs.ts'
import { withAndroidErrors } from './errors.ts'

interface Json {
  readonly json?: boolean
}

const textsOf = (io: Io, files: readonly string[]): ContextText[] =>
  files.map((name) => ({ name, text: readHostText(io, name) }))

export interface PropertyFlags extends Json {
  readonly file: readonly string[]
  readonly strict?: boolean
}

/** `NAME` or `NAME=VALUE`. Ends with 1 where a property has no context, or a value is not of its type. */
export const propertyCommand = (io: Io, names: readonly string[], flags: PropertyFlags): number =>
  withAndroidErrors(() => {
    const contexts = new PropertyContexts(textsOf(io, flags.file), flags.strict)
    const found = names.map((text) => {
      const [name = '', ...value] = text.split('=')
      const info = contexts.lookup(name)
      const isValid = value.length === 0 || isPropertyValue(info?.type ?? null, value.join('='))
      return { name, context: info?.context ?? null, type: info?.type ?? null, isValid,
        place: info?.entry.place ?? null }
    })
    if (flags.json) printJson(io, { properties: found })
    else {
      for (const { name, context, type, isValid } of found) {
        const note = isValid ? '' : `\tnot ${type ?? 'string'}`
        io.print(`${name}\t${context ?? '<<none>>'}${type === null ? '' : `\t${type}`}${note}`)
      }
    }
    return found.every(({ context, isValid }) => context !== null && isValid) ? EXIT.ok : EXIT.denied
  })

export interface ServiceFlags extends Json {
  readonly file: readonly string[]
}

export const serviceCommand = (io: Io, names: readonly string[], flags: ServiceFlags): number =>
  withAndroidErrors(() => {
    const contexts = new ServiceContexts(textsOf(io, flags.file))
    const found = names.map((name) => {
      const entry = contexts.lookup(name)
      return { name, context: entry?.context ?? null, place: entry?.place ?? null }
    })
    if (flags.json) printJson(io, { services: found })
    else for (const { name, context } of found) io.print(`${name}\t${context ?? '<<none>>'}`)
    return found.every(({ context }) => context !== null) ? EXIT.ok : EXIT.denied
  })

export interface SeappFlags extends Json {
  readonly file: readonly string[]
  readonly uid: number
  readonly seinfo?: string
  readonly name?: string
  readonly user?: string
  readonly systemServer?: boolean
}

/** The domain of an app's process and the type of its files. */
export const seappCommand = (io: Io, flags: SeappFlags): number => withAndroidErrors(() => {
  const contexts = new SeappContexts(textsOf(io, flags.file))
  const question = {
    uid: flags.uid, isSystemServer: flags.systemServer === true,
    ...(flags.seinfo === undefined ? {} : { seinfo: flags.seinfo }),
    ...(flags.name === undefined ? {} : { packageName: flags.name }),
    ...(flags.user === undefined ? {} : { userName: flags.user }),
  }
  const [domain, type] = (['domain', 'type'] as const).map((kind) => contexts.lookup(kind, question))
  const process = domain === null || domain === undefined ? null : `u:r:${domain.type}:${domain.level}`
  const files = type === null || type === undefined ? null : `u:object_r:${type.type}:${type.level}`
  if (flags.json) {
    printJson(io, { process, files, domainPlace: domain?.entry.place ?? null, typePlace: type?.entry.place ?? null })
  } else {
    io.print(`process ${process ?? 'none'}${domain === null || domain === undefined ? '' : `\t${domain.entry.place}`}`)
    io.print(`files ${files ?? 'none'}${type === null || type === undefined ? '' : `\t${type.entry.place}`}`)
  }
  return process === null ? EXIT.denied : EXIT.ok
})

export interface CheckfcFlags extends Json {
  readonly property?: boolean
  readonly service?: boolean
  readonly hwservice?: boolean
  readonly vndservice?: boolean
  readonly keystore2?: boolean
  readonly compare?: boolean
  readonly test?: boolean
  readonly empty?: boolean
}

const MODES: readonly CheckfcMode[] = ['property', 'service', 'hwservice', 'vndservice', 'keystore2']

const modeOf = (flags: CheckfcFlags): CheckfcMode => {
  const given = MODES.filter((mode) => mode !== 'file' && flags[mode] === true)
  if (given.length > 1) throw new CommandError('usage', `\`--${given[0]}\` and \`--${given[1]}\` exclude each other`)
  return given[0] ?? 'file'
}

/** The files of a mode can be read at all. */
const readable = (mode: CheckfcMode, files: readonly ContextText[]): void => {
  if (mode === 'property') void new PropertyContexts(files)
  else if (mode !== 'file') void new ServiceContexts(files)
}

/** A policy and its files; with `compare` or `test`, two files. */
export const checkfcCommand = (io: Io, [first, ...rest]: readonly string[], flags: CheckfcFlags): number =>
  withAndroidErrors(() => {
    if (first === undefined || rest.length === 0) throw new CommandError('usage', 'there is nothing to check',
      'POLICY FILE…')
    if (flags.compare || flags.test) return twoFiles(io, first, rest, flags)
    const files = textsOf(io, rest)
    const blank = files.find(({ text }) => text.trim() === '')
    if (blank !== undefined && flags.empty !== true) {
      throw new CommandError('badInput', `\`${blank.name}\` is empty`, '--empty allows it')
    }
    const mode = modeOf(flags)
    readable(mode, files)
    const problems = checkContexts(policyOf(io, first), mode, files)
    if (flags.json) printJson(io, { mode, problems })
    else for (const { place, message } of problems) io.print(`${place}: ${message}`)
    return problems.length === 0 ? EXIT.ok : EXIT.denied
  })

const twoFiles = (io: Io, first: string, rest: readonly string[], flags: CheckfcFlags): number => {
  const [one, other] = textsOf(io, [first, ...rest])
  if (rest.length > 1) throw new CommandError('usage', `\`${rest[1]}\` is one file too many`)
  if (flags.compare) {
    const comparison = compareContexts(one!, other!)
    if (flags.json) printJson(io, { comparison })
    else io.print(comparison)
    return EXIT.ok
  }
  const { wrong, untried } = checkTestData(one!, other!)
  if (flags.json) printJson(io, { wrong, untried })
  else {
    for (const { place, message } of wrong) io.print(`${place}: ${message}`)
    for (const context of untried) io.print(`no path has tried ${context}`)
  }
  return wrong.length === 0 && untried.length === 0 ? EXIT.ok : EXIT.denied
}
