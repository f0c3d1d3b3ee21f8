/** `build.conf`: the options of a build of the reference policy, and the macros that they define. */
import { aBoolean, aString, listOf, oneOf, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import { SourceError } from '../errors.ts'
import type { SourceFile } from '../files.ts'

/** With the values of refpolicy's Makefile where nothing is said. */
export interface BuildConf {
  readonly type: 'standard' | 'mcs' | 'mls'
  readonly name: string
  readonly distro: string
  readonly systemd: boolean
  readonly directInitrc: boolean
  readonly ubac: boolean
  readonly monolithic: boolean
  readonly werror: boolean
  readonly handleUnknown: 'allow' | 'deny' | 'reject'
  readonly mlsSensitivities: number
  readonly mlsCategories: number
  readonly mcsCategories: number
  /** Macros that are defined besides. */
  readonly custom: readonly string[]
}

export const defaultBuild: BuildConf = {
  type: 'standard', name: 'refpolicy', distro: '', systemd: false, directInitrc: false, ubac: false, monolithic: false,
  werror: false, handleUnknown: 'deny', mlsSensitivities: 16, mlsCategories: 1024, mcsCategories: 1024, custom: [],
}

/** More would take minutes to declare. */
const MOST_LEVELS = 4096

const levels = required(wholeNumber(1, MOST_LEVELS))
export const buildRule = optionsOf<BuildConf>({
  type: required(oneOf('standard', 'mcs', 'mls')), name: required(aString), distro: required(aString),
  systemd: required(aBoolean), directInitrc: required(aBoolean), ubac: required(aBoolean),
  monolithic: required(aBoolean), werror: required(aBoolean), handleUnknown: required(oneOf('allow', 'deny', 'reject')),
  mlsSensitivities: levels, mlsCategories: levels, mcsCategories: levels, custom: required(listOf(aString)),
})

const line = /^\s*(?:override\s+)?(\w+)\s*[?:]?=\s*(.*?)\s*$/

type Values = ReadonlyMap<string, { readonly value: string; readonly line: number }>

const valuesOf = (text: string): Values => {
  const values = new Map<string, { value: string; line: number }>()
  for (const [i, written] of text.split('\n').entries()) {
    const [, name, value] = line.exec(written.replace(/#.*/, '')) ?? []
    if (name !== undefined) values.set(name, { value: value!, line: i + 1 })
  }
  return values
}

/** Throws SourceError for a value that no build has. Names that are not known are left alone: make has more of them. */
export const readBuildConf = ({ name: file, text }: SourceFile): BuildConf => {
  const values = valuesOf(text)
  const fail = (name: string, wanted: string): never => {
    const { value, line: at } = values.get(name)!
    throw new SourceError('bad-option', `${name} is \`${value}\``,
      { file, line: at, column: 1, excerpt: text.split('\n')[at - 1] ?? '' }, { hint: wanted })
  }
  const isYes = (name: string): boolean => {
    const value = values.get(name)?.value ?? 'n'
    return value === 'y' ? true : value === 'n' || value === '' ? false : fail(name, '`y` or `n`')
  }
  const choice = <T extends string>(name: string, known: readonly T[], otherwise: T): T => {
    const value = values.get(name)?.value ?? otherwise
    return known.find((item) => item === value) ?? fail(name, known.map((item) => `\`${item}\``).join(', '))
  }
  const number = (name: string, otherwise: number): number => {
    const value = values.get(name)?.value ?? String(otherwise)
    const isNumber = /^\d+$/.test(value) && Number(value) > 0 && Number(value) <= MOST_LEVELS
    return isNumber ? Number(value) : fail(name, `a number from 1 to ${MOST_LEVELS}`)
  }
  const type = choice('TYPE', ['standard', 'mcs', 'mls'], 'standard')
  const custom = values.get('CUSTOM_BUILDOPT')?.value ?? ''
  return {
    type, name: values.get('NAME')?.value ?? type, distro: values.get('DISTRO')?.value ?? '',
    systemd: isYes('SYSTEMD'), directInitrc: isYes('DIRECT_INITRC'), ubac: isYes('UBAC'),
    monolithic: isYes('MONOLITHIC'), werror: isYes('WERROR'),
    handleUnknown: choice('UNK_PERMS', ['allow', 'deny', 'reject'], 'deny'),
    mlsSensitivities: number('MLS_SENS', 16), mlsCategories: number('MLS_CATS', 1024),
    mcsCategories: number('MCS_CATS', 1024), custom: custom === '' ? [] : custom.split(/\s+/),
  }
}

/** The macros that a build defines for all of its sources. */
export const macrosOf = (conf: BuildConf): ReadonlyMap<string, string> => {
  const macros = new Map<string, string>()
  const define = (when: boolean, ...names: string[]): void => {
    if (when) for (const name of names) macros.set(name, 'true')
  }
  define(conf.type === 'mls', 'enable_mls')
  define(conf.type === 'mcs', 'enable_mcs')
  define(conf.distro !== '', `distro_${conf.distro}`)
  define(conf.distro === 'ubuntu', 'distro_debian')
  define(conf.distro === 'debian', 'use_alsa')
  define(conf.systemd, 'init_systemd')
  define(conf.directInitrc, 'direct_sysadm_daemon')
  define(conf.werror, 'm4_werror')
  define(conf.ubac, 'enable_ubac')
  define(true, ...conf.custom)
  macros.set('mls_num_sens', String(conf.mlsSensitivities))
  macros.set('mls_num_cats', String(conf.mlsCategories))
  macros.set('mcs_num_cats', String(conf.mcsCategories))
  return macros
}
