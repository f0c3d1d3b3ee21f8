/**
 * Opens a module of our own in Neovim and Emacs (eglot) as far as they are installed, with `lsm selinux lsp` as
 * their language server, and counts what each shows: documentation, a definition, completion, a mistake and its end.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'lsm-editors-'))
const workspace = join(folder, 'shop')
mkdirSync(workspace)
writeFileSync(join(workspace, 'shop.te'), `policy_module(shop, 1.0)

gen_require(\`
  type etc_t;
')
type shop_t;
shop_read(shop_t)
allow shop_t self:process signal;
`)
writeFileSync(join(workspace, 'shop.if'), `## <summary>A shop.</summary>

## <summary>Read the orders.</summary>
## <param name="domain"><summary>Domain that reads.</summary></param>
interface(\`shop_read',\`
  gen_require(\`
    type shop_t;
  ')

  allow $1 shop_t:file read;
')
`)
const server = join(folder, 'lsm')
writeFileSync(server, `#!/bin/sh\nexec "${process.execPath}" --conditions=lsmkit:source \
--disable-warning=ExperimentalWarning "${join(root, 'packages/cli/src/lsm.ts')}" "$@"\n`, { mode: 0o755 })

const EDITORS = [
  { program: 'nvim', args: ['--headless', '--clean', '-l', join(import.meta.dirname, 'neovim.lua')] },
  { program: 'emacs', args: ['--batch', '-Q', '-l', join(import.meta.dirname, 'emacs.el')] },
]
const STEPS = ['hover', 'definition', 'completion', 'mistake', 'mended']

let [shown, all] = [0, 0]
for (const { program, args } of EDITORS) {
  const { stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8', timeout: 120_000,
    env: { ...process.env, LSM_SERVER: server, LSM_FILE: join(workspace, 'shop.te') },
  })
  if (error?.code === 'ENOENT') {
    console.log(`${program}: not installed`)
    continue
  }
  const done = STEPS.filter((step) => stdout.split('\n').includes(`ok ${step}`))
  shown += done.length
  all += STEPS.length
  console.log(`${program}: ${done.join(' ')}`)
  if (done.length < STEPS.length) console.log(`${stdout}${stderr}`)
}
rmSync(folder, { recursive: true })
console.log(`${shown} of ${all}`)
process.exitCode = shown === all && all > 0 ? 0 : 1
