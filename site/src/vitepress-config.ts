/** The configuration of VitePress: what stands in the sidebar, and a search that needs no server. */
import type { Page } from './pages.ts'
import { titleOf } from './pages.ts'

const groups = ['Learn', 'Do', 'Packages', 'Look up']

const linkOf = ({ path }: Page): string => `/${path.replace(/(index)?\.md$/, '')}`

export const vitepressConfig = (pages: readonly Page[], outDir: string): object => ({
  title: 'lsmkit',
  description: 'Linux Security Modules as TypeScript packages',
  lang: 'en',
  outDir,
  cacheDir: `${outDir}/.cache`,
  lastUpdated: false,
  vite: { build: { chunkSizeWarningLimit: 4096 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/concepts' },
      { text: 'Hooks', link: '/hooks' },
      // made beside the pages, by typedoc
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: groups.map((group) => ({
      text: group,
      items: pages.filter((page) => page.group === group).map((page) => ({ text: titleOf(page), link: linkOf(page) })),
    })),
  },
})
