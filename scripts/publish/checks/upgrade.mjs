/**
 * The life of a third party's module: made, published, installed; then this project releases patches, minors and majors
 * around it. Each check goes on from where the one before it ended.
 */
import { isDeepStrictEqual } from 'node:util'

const same = (what, got, wanted) => {
  if (!isDeepStrictEqual(got, wanted)) throw new Error(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`)
}

/** What the consumer's stack says. */
const stackOf = async (consumer) => JSON.parse(await consumer.run('node', consumer.take('third.mjs')))
const works = async (consumer) => same('the stack', await stackOf(consumer), { names: ['third-lsm'], warnings: [] })

const author = (environment) => environment.outside('author/third-lsm')
const consumer = (environment) => environment.outside('consumer')

/** The source that says which module ABI core has. */
const abiSource = 'src/module-abi.ts'
const numbersOf = (text) => ['major', 'minor'].map((name) => Number(new RegExp(`${name} = (\\d+)`).exec(text)[1]))
const withNumbers = (major, minor) => (text) =>
  text.replace(/major = \d+/, `major = ${major}`).replace(/minor = \d+/, `minor = ${minor}`)

/** Tests come with both commands. */
async function publishModule(module) {
  await module.run('npm', 'version', 'minor')
  await module.run('npm', 'run', 'release')
}

async function made(environment) {
  await environment.outside('author').run('npm', 'create', 'lsmkit@latest', 'third-lsm', '--', '--yes')
  const module = author(environment)
  await module.install()
  await publishModule(module)
  const user = consumer(environment).init()
  await user.install('third-lsm', '@lsmkit/core', '@lsmkit/smack')
  await works(user)
}

async function upgradeOfOne(environment) {
  const user = consumer(environment)
  const core = user.versionOf('@lsmkit/core')
  await environment.releaseTree.release({ '@lsmkit/smack': 'patch' })
  await user.run('npm', 'update', '@lsmkit/smack')
  same('@lsmkit/smack', user.versionOf('@lsmkit/smack'), environment.releaseTree.versionOf('@lsmkit/smack'))
  same('@lsmkit/core', user.versionOf('@lsmkit/core'), core)
  await works(user)
}

async function patchOfCore(environment) {
  const user = consumer(environment)
  await environment.releaseTree.release({ '@lsmkit/core': 'patch' })
  await user.run('npm', 'update')
  same('@lsmkit/core', user.versionOf('@lsmkit/core'), environment.releaseTree.versionOf('@lsmkit/core'))
  await works(user)
}

async function nextChannel(environment) {
  const stable = environment.releaseTree.versionOf('@lsmkit/yama')
  await environment.releaseTree.run('changeset', 'pre', 'enter', 'next')
  await environment.releaseTree.release({ '@lsmkit/yama': 'minor' })
  const early = environment.releaseTree.versionOf('@lsmkit/yama')
  if (!/-next\.\d+$/.test(early)) throw new Error(`the version is ${early}`)
  for (const [tag, version] of [['latest', stable], ['next', early]]) {
    const user = environment.outside(`tag-${tag}`).init()
    await user.install(tag === 'latest' ? '@lsmkit/yama' : '@lsmkit/yama@next')
    same(`@lsmkit/yama@${tag}`, user.versionOf('@lsmkit/yama'), version)
    await user.run('node', user.take('one.mjs'))
  }
  await environment.releaseTree.run('changeset', 'pre', 'exit')
  await environment.releaseTree.release({ '@lsmkit/yama': 'minor' })
}

async function minorOfCore(environment) {
  const user = consumer(environment)
  const [major, minor] = numbersOf(environment.releaseTree.read('core', abiSource))
  await environment.releaseTree.edit('core', abiSource, withNumbers(major, minor + 1))
  await environment.releaseTree.release({ '@lsmkit/core': 'minor' })
  const { output } = await user.attempt('npm', 'install', '@lsmkit/core@latest')
  if (output.includes('ERESOLVE')) throw new Error(output)
  same('@lsmkit/core', user.versionOf('@lsmkit/core'), environment.releaseTree.versionOf('@lsmkit/core'))
  await works(user)
}

/** A module that needs the newer ABI, where core is still the older one. */
async function olderCore(environment) {
  const user = environment.outside('older-core').init()
  const module = author(environment)
  const [major, minor] = numbersOf(environment.releaseTree.read('core', abiSource))
  await module.install('--save-dev', '@lsmkit/core@latest')
  const source = module.read('src/index.ts').replace(/abi: '[\d.]+'/, `abi: '${major}.${minor}'`)
  module.write('src/index.ts', source)
  // the template's own test refuses this; not every author has kept it
  module.write('src/manifest.test.ts', "import { test } from 'vitest'\ntest('nothing is checked', () => {})\n")
  const notes = module.read('CHANGELOG.md').replace('## Unreleased\n', '$&\n- Needs a newer module ABI.\n')
  module.write('CHANGELOG.md', notes)
  await publishModule(module)
  await user.install('third-lsm@latest', `@lsmkit/core@${environment.firstOfCore}`)
  const { code, message, hint } = await stackOf(user)
  same('the refusal', code, 'abi-mismatch')
  for (const abi of [`${major}.${minor}`, `${major}.${minor - 1}`]) {
    if (!message.includes(abi)) throw new Error(`\`${message}\` does not say ${abi}`)
  }
  if (!/npm install @lsmkit\/core@latest/.test(hint)) throw new Error(`the hint is ${hint}`)
  await user.install('@lsmkit/core@latest')
  await works(user)
}

async function majorOfCore(environment) {
  const user = consumer(environment)
  const [major] = numbersOf(environment.releaseTree.read('core', abiSource))
  await environment.releaseTree.edit('core', abiSource, withNumbers(major + 1, 0))
  await environment.releaseTree.release({ '@lsmkit/core': 'major' })
  // npm refuses to install the two together
  const refusal = await environment.outside('major').init().fails('npm', 'install', 'third-lsm', '@lsmkit/core@latest')
  for (const word of ['ERESOLVE', 'third-lsm']) if (!refusal.includes(word)) throw new Error(refusal)
  // whoever has them together all the same is told by the stack
  await user.install('--force', '@lsmkit/core@latest')
  const { code, hint } = await stackOf(user)
  same('the refusal', code, 'abi-mismatch')
  if (!/npm install third-lsm@latest/.test(hint)) throw new Error(`the hint is ${hint}`)
}

export const upgradeChecks = [
  { name: 'third party: a module is made, tested, published and used', quick: false, run: made },
  { name: 'third party: one package is upgraded, the others stay', quick: false, run: upgradeOfOne },
  { name: 'third party: goes on with a patch of core', quick: false, run: patchOfCore },
  { name: 'third party: the channel `next` leaves `latest` alone', quick: false, run: nextChannel },
  { name: 'third party: goes on with a minor of core', quick: false, run: minorOfCore },
  { name: 'third party: a module that needs a newer ABI is refused by an older core', quick: false, run: olderCore },
  { name: 'third party: a major of core refuses it, and says what to do', quick: false, run: majorOfCore },
]
