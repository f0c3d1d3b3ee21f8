/** Asks the search of the built site the questions of users, with the options of its page, and checks the answers. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import MiniSearch from 'minisearch'

interface Question {
  readonly asked: string
  /** The page that answers it. */
  readonly page: string
  /** It has to be among so many. */
  readonly within: number
  /** The API has it, which `--fast` leaves out. */
  readonly api?: true
}

export const QUESTIONS: readonly Question[] = [
  { asked: 'getting started', page: '/getting-started', within: 1 },
  { asked: 'get started', page: '/getting-started', within: 5 },
  { asked: 'install', page: '/getting-started', within: 1 },
  { asked: 'tour', page: '/tour', within: 1 },
  { asked: 'concepts', page: '/concepts', within: 1 },
  { asked: 'comparison', page: '/comparison', within: 1 },
  { asked: 'unix sockets', page: '/unix-sockets', within: 1 },
  { asked: 'shell without network', page: '/just-bash-without-network', within: 1 },
  { asked: 'landlock cannot express', page: '/landlock-limits', within: 1 },
  { asked: 'stacking', page: '/stacking', within: 1 },
  { asked: 'scenarios', page: '/scenarios', within: 2 },
  { asked: 'bprm_committed_creds', page: '/hooks/exec', within: 1 },
  { asked: 'createStack', page: '/reference/core', within: 3, api: true },
  { asked: 'bootKernel', page: '/reference/kernel', within: 3, api: true },
  { asked: 'defineLsm', page: '/reference/core', within: 3, api: true },
  { asked: '@lsmkit/abi/errno', page: '/reference/abi', within: 1, api: true },
]

/** The index of VitePress, with the options of its search box. */
const indexOf = async (folder: string): Promise<MiniSearch> => {
  const [file] = globSync('assets/chunks/@localSearchIndexroot*.js', { cwd: folder })
  if (file === undefined) throw new Error('the site has no search')
  const { default: json } = await import(pathToFileURL(join(folder, file)).href) as { default: string }
  return MiniSearch.loadJSON(json, {
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
    searchOptions: { fuzzy: 0.2, prefix: true, boost: { title: 4, text: 2, titles: 1 } },
  })
}

/** A line for each question that is not answered by its page. */
export const searchFaults = async (folder: string, withApi: boolean): Promise<readonly string[]> => {
  const index = await indexOf(folder)
  return QUESTIONS.filter(({ api }) => withApi || api === undefined).flatMap(({ asked, page, within }) => {
    const found = index.search(asked).slice(0, within).map(({ id }) => String(id))
    const answers = found.some((id) => id.replace(/(\.html)?(#.*)?$/, '') === page)
    return answers ? [] : [`${asked}: ${page} is not among the first ${within}: ${found.join(', ')}`]
  })
}
