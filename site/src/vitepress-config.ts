/** The configuration of VitePress: what stands in the sidebar, and a search that needs no server. */
import type { Page } from './pages.ts'
import { titleOf } from './pages.ts'

export const groups: readonly string[] = ['Start', 'Learn', 'Do', 'Questions', 'Packages', 'Look up']

const linkOf = ({ path }: Page): string => `/${path.replace(/(index)?\.md$/, '')}`

export const vitepressConfig = (pages: readonly Page[], outDir: string): object => ({
  title: 'lsmkit',
  description: 'Linux Security Modules as TypeScript packages',
  lang: 'en',
  outDir,
  cacheDir: `${outDir}/.cache`,
  lastUpdated: false,
  markdown: { theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' } },
  vite: { build: { chunkSizeWarningLimit: 4096 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Get started', link: '/getting-started' },
      { text: 'Hooks', link: '/hooks' },
      { text: 'API', link: '/reference/' },
      // lies beside the pages
      { text: 'Console', link: '/console/index.html', target: '_self' },
    ],
    sidebar: groups.map((group) => ({
      text: group,
      items: pages.filter((page) => page.group === group).map((page) => ({ text: titleOf(page), link: linkOf(page) })),
    })),
  },
})
