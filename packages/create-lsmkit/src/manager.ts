/** The package manager of whoever makes a project: its commands in the workflows and in the README. */

/** How a manager installs and runs, here and in a workflow of GitHub. */
export interface Manager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun'
  readonly install: string
  readonly test: string
  /** Before the name of a script. */
  readonly run: string
  /** Installs what the lock file says. */
  readonly ci: string
  /** Steps of a workflow before Node is set up. */
  readonly setup: readonly string[]
  /** The name of its cache for `actions/setup-node`. */
  readonly cache: string | null
}

const npm: Manager = {
  name: 'npm', install: 'npm install', test: 'npm test', run: 'npm run', ci: 'npm ci', setup: [], cache: 'npm',
}
const pnpm: Manager = {
  name: 'pnpm', install: 'pnpm install', test: 'pnpm test', run: 'pnpm run', ci: 'pnpm install --frozen-lockfile',
  setup: ['uses: pnpm/action-setup@v4', '  with: { version: 10 }'], cache: 'pnpm',
}
/** Its first major version is another program. */
const classicYarn: Manager = {
  name: 'yarn', install: 'yarn install', test: 'yarn test', run: 'yarn run', ci: 'yarn install --frozen-lockfile',
  setup: [], cache: 'yarn',
}
const yarn: Manager = { ...classicYarn, ci: 'yarn install --immutable', setup: ['run: corepack enable'] }
/** `bun test` runs tests of its own. */
const bun: Manager = {
  name: 'bun', install: 'bun install', test: 'bun run test', run: 'bun run', ci: 'bun install --frozen-lockfile',
  setup: ['uses: oven-sh/setup-bun@v2'], cache: null,
}

/** By the text that each manager gives about itself (`npm_config_user_agent`): `pnpm/10.1.0 npm/? node/v24.0.0`. */
export const managerOf = (agent: string | undefined): Manager => {
  const [, name, major] = /^(\w+)\/(\d+)/.exec(agent ?? '') ?? []
  switch (name) {
    case 'pnpm': return pnpm
    case 'yarn': return Number(major) < 2 ? classicYarn : yarn
    case 'bun': return bun
    default: return npm
  }
}

const INDENT = '      '
const steps = ({ setup }: Manager): string => setup.length === 0 ? '' :
  `${INDENT}- ${setup.map((line, i) => (i === 0 ? line : INDENT + line)).join('\n')}\n`

const workflow = (text: string, manager: Manager): string => text
  .replace(`${INDENT}- uses: actions/setup-node@`, () => `${steps(manager)}${INDENT}- uses: actions/setup-node@`)
  .replace(', cache: npm', manager.cache === null ? '' : `, cache: ${manager.cache}`)
  .replace('- run: npm ci\n', `- run: ${manager.ci}\n`)
  .replace('- run: npm test\n', `- run: ${manager.test}\n`)

/** Commands of whoever works on the project. Those who install it choose for themselves, and npm publishes it. */
const readme = (text: string, manager: Manager): string => text
  .replace(/`npm test`/g, `\`${manager.test}\``)
  .replace(/`npm run (?!release)([\w-]+)`/g, `\`${manager.run} $1\``)
  .replace(/^npm install\nnpm test$/m, `${manager.install}\n${manager.test}`)

/** A text of a template, whose commands are npm's, with those of the manager. */
export const inManager = (path: string, text: string, manager: Manager): string => {
  if (manager.name === 'npm') return text
  if (path.startsWith('.github/workflows/')) return workflow(text, manager)
  return path === 'README.md' ? readme(text, manager) : text
}
