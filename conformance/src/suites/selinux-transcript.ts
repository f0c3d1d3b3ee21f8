/** A log of writes and questions on selinuxfs, policy by policy, asked of the security server as Linux 6.12 runs it. */
import { errnoName } from '@lsmkit/abi'
import { AvDecision, kernelClasses, SecurityServer } from '@lsmkit/selinux/server'
import { readFirst } from '../selinux/prefix-tables.ts'
import { UsageError } from '../suite.ts'
import type { Options, Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = ['n', 'policy', 'enforcing', 'op', 'node', 'payload', 'result']

const bit = (value: boolean): string => (value ? '1' : '0')
const hex = (mask: number): string => (mask >>> 0).toString(16)
const ok = (rc: number): string => (rc < 0 ? errnoName(rc) : 'OK')

/** What selinuxfs keeps besides the server: whether it enforces, and booleans not committed yet. */
class Selinuxfs {
  readonly server: SecurityServer
  private enforcing: boolean
  private pending: Record<string, boolean> = {}

  /** `enforcing`: as the kernel was booted. */
  constructor(enforcing: boolean) {
    this.enforcing = enforcing
    this.server = new SecurityServer({ kernelExact: '6.12', enforcing: () => this.enforcing })
    this.server.setClassMap(kernelClasses)
  }

  read(node: string): string {
    const { server } = this
    const [head = '', name = '', , perm = ''] = node.split('/')
    switch (head) {
      case 'policyvers':
        return '=33'
      case 'mls':
        return `=${bit(server.mlsEnabled)}`
      case 'enforce':
        return `=${bit(this.enforcing)}`
      case 'deny_unknown':
        return `=${bit(!server.allowUnknown)}`
      case 'reject_unknown':
        return `=${bit(server.rejectUnknown)}`
      case 'policy_capabilities':
        return kernelCapabilities.has(name) ? `=${bit(server.policyCap(name))}` : 'ENOENT'
      case 'booleans': {
        const found = server.booleans().find((item) => item.name === name)
        return found === undefined ? 'ENOENT' : `=${bit(found.value)} ${bit(this.pending[name] ?? found.value)}`
      }
      case 'class': {
        const found = server.policyClasses().find((item) => item.name === name)
        const number = perm === '' ? found : found?.permissions.find((item) => item.name === perm)
        return number === undefined ? 'ENOENT' : `=${number.value}`
      }
      default:
        return `no file ${node}`
    }
  }

  write(node: string, payload: string): string {
    if (node === 'enforce') {
      this.enforcing = payload === '1'
      return 'OK'
    }
    if (node === 'commit_pending_bools') {
      const rc = this.server.setBooleans(this.pending)
      this.pending = {}
      return ok(rc)
    }
    if (node === 'validatetrans') {
      const [from = '', to = '', tclass, task = ''] = payload.split(' ')
      const sids = [from, to, task].map((text) => this.server.contextToSid(text))
      const bad = sids.find((sid) => sid < 0)
      if (bad !== undefined) return errnoName(bad)
      return ok(this.server.validateTransitionUser(sids[0]!, sids[1]!, sids[2]!, Number(tclass)))
    }
    if (!node.startsWith('booleans/')) return `no file ${node}`
    this.pending[node.slice('booleans/'.length)] = payload === '1'
    return 'OK'
  }

  /** A transaction: contexts and a class in, an answer out. */
  ask(node: string, payload: string): string {
    const { server } = this
    if (node === 'context') {
      const sid = server.contextToSid(payload)
      return sid < 0 ? `w:${errnoName(sid)}` : `=${server.sidToContext(sid)}`
    }
    const [source = '', target = '', tclass, name] = payload.split(' ')
    const [ssid, tsid] = [server.contextToSid(source), server.contextToSid(target)]
    if (ssid < 0 || tsid < 0) return `w:${errnoName(Math.min(ssid, tsid))}`
    if (node === 'access') return this.access(ssid, tsid, Number(tclass))
    const sid =
      node === 'create' ? server.transitionSidUser(ssid, tsid, Number(tclass), name ?? null)
      : node === 'relabel' ? server.changeSid(ssid, tsid, Number(tclass))
      : server.memberSid(ssid, tsid, Number(tclass))
    return sid < 0 ? `w:${errnoName(sid)}` : `=${server.sidToContext(sid)}`
  }

  private access(ssid: number, tsid: number, tclass: number): string {
    const av = new AvDecision()
    this.server.computeAvUser(ssid, tsid, tclass, av)
    const { allowed, auditallow, auditdeny, seqno, flags } = av
    return `=${hex(allowed)} ffffffff ${hex(auditallow)} ${hex(auditdeny)} ${seqno} ${hex(flags)}`
  }
}

/** Policy capabilities that Linux 6.12 has a file for. */
const kernelCapabilities: ReadonlySet<string> = new Set([
  'network_peer_controls', 'open_perms', 'extended_socket_class', 'always_check_network', 'cgroup_seclabel',
  'nnp_nosuid_transition', 'genfs_seclabel_symlinks', 'ioctl_skip_cloexec', 'userspace_initial_context',
])

const load = async (fs: Selinuxfs, folder: string, name: string): Promise<string> => {
  const found = await readFirst(`${folder}/${name}`, ['.bin', '.33', '.33.xz'])
  if (found === null) throw new UsageError(`no policy \`${name}\` in \`${folder}\``, 'NAME.bin, NAME.33 or NAME.33.xz')
  try {
    fs.server.load(found.bytes)
    return `OK ${found.bytes.length}`
  } catch (error) {
    return String((error as Error).message)
  }
}

async function* replay(rows: readonly Readonly<Record<string, string>>[], options: Options): AsyncGenerator<Row> {
  if (options.policies === undefined) throw new UsageError('`selinux-transcript` needs `--policies`')
  let fs = new Selinuxfs(false)
  for (const { n = '', policy = '', enforcing, op = '', node = '', payload = '', result: expected = '' } of rows) {
    // Every load was the first of a boot.
    if (op === 'L') fs = new Selinuxfs(enforcing === '1')
    const got =
      op === 'L' ? await load(fs, options.policies, policy)
      : op === 'R' ? fs.read(node)
      : op === 'W' ? fs.write(node, payload)
      : fs.ask(node, payload)
    yield { id: `${n} ${op} ${node}`, expected, got }
  }
}

export const selinuxTranscript: Suite = {
  options: ['policies'],
  async *run(inputs, options): AsyncGenerator<Row> {
    for (const { text, path } of inputs) yield* replay(parseTable(text, path, columns), options)
  },
}
