/** The state in a link: the view and its settings, in the part of the address that no server sees. */
import { signal } from '@preact/signals'

export const views = ['run', 'module', 'stack', 'live', 'policy', 'compare'] as const
export type View = (typeof views)[number]

export interface Link {
  readonly view: View
  /** Settings by name, of all views together; a missing one has its default. */
  readonly settings: Readonly<Record<string, string>>
}

/** `#/live?lsm=smack,yama&verdict=denial`. Anything else is the first view. */
export const parseLink = (fragment: string): Link => {
  const [, name = '', query = ''] = /^#\/(\w*)\??(.*)$/.exec(fragment) ?? []
  const view = views.find((one) => one === name) ?? 'run'
  return { view, settings: Object.fromEntries(new URLSearchParams(query)) }
}

export const linkText = ({ view, settings }: Link): string => {
  const query = new URLSearchParams(Object.entries(settings).filter(([, value]) => value !== ''))
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

/** A setting that has to be one of `known`: what a link says beside it counts for nothing. */
export const oneOf = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
  known.find((one) => one === setting(name)) ?? otherwise

addEventListener('popstate', () => (link.value = parseLink(location.hash)))
