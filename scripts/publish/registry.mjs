/**
 * A registry of our own on 127.0.0.1: what is ours is published there, everything else comes through it from the
 * registry that the user's npm has.
 */
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callersEnv, pinnedNode, toolEnv } from '../tools.mjs'

/** Ours: from here alone. `*-lsm` is what the templates, the guide and the third parties of the checks publish. */
const ours = ['@lsmkit/*', 'create-lsmkit', '*-lsm']

const configOf = (folder, uplink) => ({
  self_path: join(folder, 'verdaccio.yaml'),
  storage: join(folder, 'storage'),
  auth: { htpasswd: { file: join(folder, 'htpasswd') } },
  uplinks: { users: { url: uplink, timeout: '60s', maxage: '1h' } },
  packages: Object.fromEntries([
    ...ours.map((name) => [name, { access: '$all', publish: '$authenticated' }]),
    ['**', { access: '$all', proxy: 'users' }],
  ]),
  web: { enable: false },
  max_body_size: '200mb',
  log: { type: 'file', path: join(folder, 'verdaccio.log'), format: 'json', level: 'warn' },
})

const usersRegistry = () =>
  execFileSync('npm', ['config', 'get', 'registry'], {
    env: callersEnv(),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }).trim()

/** A user who may publish; answers the token. */
async function addUser(url) {
  const response = await fetch(`${url}/-/user/org.couchdb.user:publisher`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'publisher', password: globalThis.crypto.randomUUID() }),
  })
  const { token } = await response.json()
  if (token === undefined) throw new Error(`the registry takes no user: ${response.status}`)
  return token
}

/** npm's configuration for somebody who has this registry and may publish to it. */
async function writeNpmrc(path, url) {
  const lines = [
    `registry=${url}/`,
    `${url.replace('http:', '')}/:_authToken=${await addUser(url)}`,
    'noproxy=127.0.0.1', 'audit=false', 'fund=false', 'update-notifier=false', '',
  ]
  writeFileSync(path, lines.join('\n'), { mode: 0o600 })
}

/**
 * Starts it with its files in `folder`: `stop`, and `envOf(env)`, which turns npm and pnpm to it. `stop` only ends its
 * process; it ends as well when this one does, in any way.
 */
export async function startRegistry(folder) {
  mkdirSync(folder, { recursive: true })
  const config = JSON.stringify(configOf(folder, usersRegistry()))
  const child = fork(join(import.meta.dirname, 'registry-server.mjs'), [config], {
    execPath: pinnedNode(),
    env: toolEnv(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  const [first] = await Promise.race([once(child, 'message'), ended])
  if (first?.port === undefined) throw new Error(`the registry ended before it listened: ${first}`)
  const url = `http://127.0.0.1:${first.port}`
  const npmrc = join(folder, 'npmrc')
  try {
    await writeNpmrc(npmrc, url)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, envOf: (env) => pointedTo(npmrc, env) }
}

/** What the environment says goes before what a file says, so the user's own words on registries are left out. */
function pointedTo(npmrc, env) {
  const kept = Object.entries(env).filter(([name]) => !/^npm_config_(registry|userconfig|.*:registry|yes)$/i.test(name))
  return { ...Object.fromEntries(kept), NPM_CONFIG_USERCONFIG: npmrc, NO_PROXY: '127.0.0.1' }
}
