/** What a link restores: the view and its settings, in the part of the address that no server sees. */
import { signal } from '@preact/signals'

export const views = ['run', 'stack', 'live', 'policy', 'compare'] as const
export type View = (typeof views)[number]

export interface Link {
  readonly view: View
  /** Settings by name, of all views together; what is not there is as it is by default. */
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

const put = (next: Link, isStep: boolean): void => {
  link.value = next
  if (isStep) history.pushState(null, '', linkText(next))
  else history.replaceState(null, '', linkText(next))
}

export const show = (view: View, settings: Readonly<Record<string, string>> = {}): void =>
  put({ view, settings: { ...link.value.settings, ...settings } }, true)

/** '' takes a setting back. */
export const set = (settings: Readonly<Record<string, string>>): void =>
  put({ view: link.value.view, settings: { ...link.value.settings, ...settings } }, false)

export const setting = (name: string, otherwise = ''): string => link.value.settings[name] ?? otherwise

addEventListener('popstate', () => (link.value = parseLink(location.hash)))
