/** `apply` of a copy-on-write folder by module and by name space of the host: labels that change, stay, and are new. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileError } from '@lsmkit/kernel/files'
import { HostTree } from '@lsmkit/kernel/hostfs'
import { createSandbox, hostFolder } from '@lsmkit/sandbox'
import type { ModuleSource, Sandbox } from '@lsmkit/sandbox'
import { compileCil } from '@lsmkit/selinux/cil'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { afterAll, describe, expect, test } from 'vitest'

const base = mkdtempSync(join(tmpdir(), 'lsmkit-applied-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const text = `
(handleunknown allow) (mls true) (user u) (role r) (role object_r) (userrole u r) (userrole u object_r)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(userlevel u (s0)) (userrange u ((s0) (s0 (c0))))
(type box_t) (type old_t) (type new_t) (type fs_t)
(typeattribute any) (typeattributeset any (box_t old_t new_t fs_t)) (roletype r any) (roletype object_r any)
(sid kernel) (sidcontext kernel (u r box_t ((s0) (s0))))
(sid security) (sidcontext security (u object_r fs_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (u object_r fs_t ((s0) (s0)))) (sidorder (kernel security unlabeled))
(fsuse trans tmpfs (u object_r fs_t ((s0) (s0)))) (fsuse xattr overlay (u object_r fs_t ((s0) (s0))))
(fsuse xattr hostfs (u object_r fs_t ((s0) (s0))))
(genfscon proc "/" (u object_r fs_t ((s0) (s0)))) (genfscon selinuxfs "/" (u object_r fs_t ((s0) (s0))))
(allow any any (kernel_class (every)))
`
const selinuxPolicy = (): Uint8Array => writePolicy(compileCil([
  { name: 'classes.cil', text: kernelClassesCil() }, { name: 'box.cil', text },
], { version: 33 }).policy)

interface Labels {
  readonly module: ModuleSource
  /** Behind `security.`. */
  readonly name: string
  readonly before: string
  readonly after: string
}
const modules: Readonly<Record<string, Labels>> = {
  smack: {
    module: { module: import.meta.resolve('@lsmkit/smack'), export: 'smack' },
    name: 'SMACK64', before: 'Secret', after: 'Public',
  },
  selinux: {
    module: {
      module: import.meta.resolve('@lsmkit/selinux'), export: 'selinux', options: { policy: selinuxPolicy() } },
    name: 'selinux', before: 'u:object_r:old_t:s0', after: 'u:object_r:new_t:s0:c0',
  },
}

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
/** A context of SELinux may end in a zero byte. */
const plain = (value: Uint8Array | null): string | null =>
  (value === null ? null : new TextDecoder().decode(value).replace(/\0$/, ''))

type Space = 'user' | 'security'

const onHost = <T>(folder: string, space: Space, act: (tree: HostTree) => T): T => {
  const tree = new HostTree(folder, (errno, syscall, path) => new FileError(errno, syscall, path), space)
  try {
    return act(tree)
  } finally {
    tree.close()
  }
}

/** Whether native calls can be had, and this process may write such attributes here. */
const isThere = (space: Space): boolean => {
  try {
    onHost(base, space, (tree) => tree.setLabel('', 'SMACK64', bytes('Probe')))
    return true
  } catch (error) {
    process.stderr.write(`SKIPPED: labels in \`${space}.*\` of the host: ${String(error)}\n`)
    return false
  }
}

const spaces = (['user', 'security'] as const).map((space) => ({ space, skip: !isThere(space) }))

describe.each(Object.entries(modules))('%s', (module, { module: source, name, before, after }) => {
  test.each(spaces.filter(({ skip }) => !skip))('in the name space $space', async ({ space }) => {
    const folder = join(base, `${module}-${space}`)
    mkdirSync(join(folder, 'dir'), { recursive: true })
    const files = ['contents', 'label', 'alone', 'moved', 'dir/inner']
    for (const file of files) writeFileSync(join(folder, file), file)
    onHost(folder, space, (tree) => {
      for (const path of ['dir', ...files]) tree.setLabel(path, name, bytes(before))
    })
    const open = (): Promise<Sandbox> => createSandbox({
      inline: true, modules: [source],
      mounts: { '/w': hostFolder(folder, { copyOnWrite: true, native: true, labels: space }) },
    })
    await using box = await open()
    const label = (path: string): Promise<void> => box.fs.setxattr(`/w/${path}`, `security.${name}`, bytes(after))
    await box.fs.writeFile('/w/contents', 'new')
    await label('label')
    await box.fs.rename('/w/moved', '/w/other')
    await box.fs.mkdir('/w/made')
    await box.fs.writeFile('/w/made/file', 'x')
    await label('made/file')
    await label('dir')
    await box.apply('**')
    const hosts = onHost(folder, space, (tree) => Object.fromEntries(
      ['contents', 'label', 'alone', 'other', 'dir', 'dir/inner', 'made/file'].map((path) =>
        [path, plain(tree.label(path, name))])))
    expect(hosts).toEqual({
      contents: before, label: after, alone: before, other: before, dir: after, 'dir/inner': before, 'made/file': after,
    })
    expect(await box.changes({ diffs: false })).toEqual([])
    await using next = await open()
    const seen = await Promise.all(Object.keys(hosts).map(async (path) =>
      [path, plain(await next.fs.getxattr(`/w/${path}`, `security.${name}`))]))
    expect(Object.fromEntries(seen)).toEqual(hosts)
  })
})
