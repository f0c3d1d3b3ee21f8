/** A log of writes and questions on selinuxfs, policy by policy, played on the files that SELinux declares. */
import { errnoName } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Profile, PseudoFile, PseudoIo } from '@lsmkit/core'
import { selinux } from '@lsmkit/selinux'
import { buildersFor } from '@lsmkit/testkit'
import { profileOf } from '../profile.ts'
import { readFirst } from '../selinux/prefix-tables.ts'
import { UsageError } from '../suite.ts'
import type { Options, Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = ['n', 'policy', 'enforcing', 'op', 'node', 'payload', 'result']

/** selinuxfs of a kernel that has just been booted, as its first task sees it. */
class Selinuxfs {
  readonly #files: () => readonly PseudoFile[]
  readonly #file: PseudoIo['file']

  constructor(enforcing: boolean, profile: Profile) {
    const exact = profile === '6.12' ? { kernelExact: profile } : {}
    const lsms = [capability(), selinux({ ...exact, enforcing })]
    const stack = createStack<Profile>({ lsms, profile, audit: { denials: false, sinks: [] }, onFault: 'throw' })
    this.#files = stack.pseudoFs.find(({ type }) => type === 'selinuxfs')!.files
    this.#file = buildersFor(stack).aFile()
  }

  #find(node: string): PseudoFile | undefined {
    return this.#files().find(({ name }) => name === node)
  }

  #open(): PseudoIo {
    return { file: this.#file, pos: 0, answer: null, state: null }
  }

  read(node: string, io = this.#open()): string {
    const found = this.#find(node)?.read!(io)
    if (found === undefined) return 'ENOENT'
    if (typeof found === 'number') return errnoName(found)
    return `=${(typeof found === 'string' ? found : new TextDecoder().decode(found)).replace(/\0$/, '')}`
  }

  write(node: string, payload: Uint8Array, io = this.#open()): string {
    const rc = this.#find(node)?.write!(io, payload)
    return rc === undefined ? 'ENOENT' : rc < 0 ? errnoName(rc) : 'OK'
  }

  /** A transaction: contexts and a class in, an answer out. */
  ask(node: string, payload: Uint8Array): string {
    const io = this.#open()
    const written = this.write(node, payload, io)
    return written === 'OK' ? this.read(node, io) : `w:${written}`
  }
}

const load = async (fs: Selinuxfs, folder: string, name: string): Promise<string> => {
  const found = await readFirst(`${folder}/${name}`, ['.bin', '.33', '.33.xz'])
  if (found === null) throw new UsageError(`no policy \`${name}\` in \`${folder}\``, 'NAME.bin, NAME.33 or NAME.33.xz')
  return `${fs.write('load', found.bytes)} ${found.bytes.length}`
}

async function* replay(rows: readonly Readonly<Record<string, string>>[], options: Options): AsyncGenerator<Row> {
  if (options.policies === undefined) throw new UsageError('`selinux-transcript` needs `--policies`')
  const encoder = new TextEncoder()
  const profile = profileOf(options)
  let fs = new Selinuxfs(false, profile)
  for (const { n = '', policy = '', enforcing, op = '', node = '', payload = '', result: expected = '' } of rows) {
    // Every load was the first of a boot.
    if (op === 'L') fs = new Selinuxfs(enforcing === '1', profile)
    const bytes = encoder.encode(payload)
    const got =
      op === 'L' ? await load(fs, options.policies, policy)
        : op === 'R' ? fs.read(node)
          : op === 'W' ? fs.write(node, bytes)
            : fs.ask(node, bytes)
    yield { id: `${n} ${op} ${node}`, expected, got }
  }
}

export const selinuxTranscript: Suite = {
  options: ['policies', 'kernel'],
  async *run(inputs, options): AsyncGenerator<Row> {
    for (const { text, path } of inputs) yield* replay(parseTable(text, path, columns), options)
  },
}
