/** Light and dark: as the system has it, unless the link says otherwise. */
import { computed, effect, signal } from '@preact/signals'
import { link, set } from './link-state.ts'

const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(system.matches)
system.addEventListener('change', ({ matches }) => (systemIsDark.value = matches))

/** True: dark. */
export const theme = computed(() => {
  const { theme: asked = '' } = link.value.settings
  return asked === '' ? systemIsDark.value : asked === 'dark'
})

/** The page has it from now on. */
export const followTheme = (): void =>
  void effect(() => void (document.documentElement.dataset.theme = theme.value ? 'dark' : 'light'))

export const switchTheme = (): void => set({ theme: theme.value ? 'light' : 'dark' })
