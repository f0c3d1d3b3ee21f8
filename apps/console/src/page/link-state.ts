/** The state in a link: the view and its settings, in the part of the address that no server sees. */
import { signal } from '@preact/signals'
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate'

export const views = ['run', 'module', 'stack', 'live', 'timeline', 'policy', 'compare', 'fleet'] as const
/** Pages that a link leads to, without a place among the views. */
const pages = ['hook'] as const
export type View = (typeof views)[number] | (typeof pages)[number]

export interface Link {
  readonly view: View
  /** Settings by name, of all views together; a missing one has its default. */
  readonly settings: Readonly<Record<string, string>>
}

/** Settings that hold whole texts; in the address they are compressed together, as `z`. */
const long = ['source', 'lines', 'did']
/** A link that would come to more than this is none that we have made. */
const MOST_CHARACTERS = 200_000

const packed = (texts: Readonly<Record<string, string>>): string =>
  btoa(strFromU8(deflateSync(strToU8(JSON.stringify(texts)), { level: 9 }), true))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Nothing for what was not packed here. */
const unpacked = (text: string): Record<string, string> => {
  try {
    const bytes = strToU8(atob(text.replaceAll('-', '+').replaceAll('_', '/')), true)
    // a fixed room: what needs more is refused instead of filling the memory
    const read: unknown = JSON.parse(strFromU8(inflateSync(bytes, { out: new Uint8Array(MOST_CHARACTERS) })))
    return Object.fromEntries(long.flatMap((name) => {
      const value: unknown = (read as Record<string, unknown>)[name]
      return typeof value === 'string' ? [[name, value]] : []
    }))
  } catch {
    return {}
  }
}

/** `#/live?lsm=smack,yama&verdict=denial`. Anything else is the first view. */
export const parseLink = (fragment: string): Link => {
  const [, name = '', query = ''] = /^#\/(\w*)\??(.*)$/.exec(fragment) ?? []
  const view = [...views, ...pages].find((one) => one === name) ?? 'run'
  const { z = '', ...settings } = Object.fromEntries(new URLSearchParams(query))
  return { view, settings: { ...settings, ...(z === '' ? {} : unpacked(z)) } }
}

export const linkText = ({ view, settings }: Link): string => {
  const set = Object.entries(settings).filter(([, value]) => value !== '')
  const texts = set.filter(([name]) => long.includes(name))
  const short = set.filter(([name]) => !long.includes(name))
  const query = new URLSearchParams(texts.length === 0 ? short : [...short, ['z', packed(Object.fromEntries(texts))]])
    .toString()
    .replaceAll('%2C', ',')
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

export const link = signal<Link>(parseLink(location.hash))
addEventListener('hashchange', () => (link.value = parseLink(location.hash)))

/** Milliseconds between two writings of the address: browsers stop a page that does it at every key. */
const PACE = 150
let pause = 0
let isStale = false

const write = (): void => {
  isStale = false
  history.replaceState(null, '', linkText(link.value))
}

const writeInTime = (): void => {
  isStale = true
  if (pause !== 0) return
  write()
  pause = window.setTimeout(() => {
    pause = 0
    if (isStale) writeInTime()
  }, PACE)
}

const after = (view: View, settings: Readonly<Record<string, string>>): Link => ({
  view,
  settings: { ...link.value.settings, ...settings },
})

/** A step that the browser's Back takes back. */
export const show = (view: View, settings: Readonly<Record<string, string>> = {}): void => {
  if (isStale) write()
  link.value = after(view, settings)
  history.pushState(null, '', linkText(link.value))
}

/** '' takes a setting back. The address follows soon. */
export const set = (settings: Readonly<Record<string, string>>): void => {
  link.value = after(link.value.view, settings)
  writeInTime()
}

export const setting = (name: string, otherwise = ''): string => link.value.settings[name] ?? otherwise

/** Null: not set, or not a number. */
export const numberSetting = (name: string): number | null =>
  setting(name) === '' || !Number.isFinite(Number(setting(name))) ? null : Number(setting(name))

/** A setting that has to be one of `known`: what a link says beside it counts for nothing. */
export const oneOf = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
  known.find((one) => one === setting(name)) ?? otherwise

addEventListener('popstate', () => (link.value = parseLink(location.hash)))
