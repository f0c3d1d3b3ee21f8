/** A stack with SELinux under the test policy, and what each call of a hook checks. */
import { AUDIT_AVC } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, noHost, ref } from '@lsmkit/core'
import type { AuditRecord, Cred, Host, Inode, LsmTable, Profile, Stack, Task } from '@lsmkit/core'
import { buildersFor } from '@lsmkit/testkit'
import { selinux } from '../lsm.ts'
import type { SelinuxOptions } from '../lsm.ts'
import { testPolicy } from './policy.ts'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const AVC = /^avc: {2}(granted|denied) {2}\{ (.*?) \} for .* scontext=\w+:\w+:(\w+)\S* tcontext=\w+:\w+:(\w+)\S* tclass=(\w+)/

export const object = (type: string): string => `u:object_r:${type}:s0`
export const domain = (type: string): string => `u:r:${type}:s0`

let compiled: Uint8Array | null = null

export class Machine {
  readonly stack: Stack<'6.12'>
  readonly lsm: LsmTable
  readonly build: ReturnType<typeof buildersFor>
  /** Lines of the kernel log. */
  readonly log: string[] = []
  /** Texts of all records, but for AVC ones. */
  readonly others: string[] = []
  #heard: string[] = []

  /** `profile` is the kernel; `lsm` is typed as that of 6.12. */
  constructor(options: SelinuxOptions = {}, host: Partial<Host> = {}, profile: Profile = '6.12') {
    const policy = options.policy ?? (compiled ??= testPolicy())
    const sink = (record: AuditRecord): void => {
      if (record.kind !== 'text') return
      if (record.type === AUDIT_AVC) this.#heard.push(record.text)
      else this.others.push(record.text)
    }
    this.stack = createStack({
      lsms: [capability(), selinux({ printk: (line) => void this.log.push(line), ...options, policy })],
      audit: { denials: false, sinks: [sink] },
      onFault: 'throw',
      profile,
    }) as Stack<'6.12'>
    this.lsm = this.stack.lsm
    this.build = buildersFor(this.stack)
    this.stack.host = {
      ...noHost,
      prepare_creds: () => this.#copy(this.stack.current.task.cred),
      commit_creds: (next) => {
        const { task } = this.stack.current
        task.cred = task.real_cred = next
        return 0
      },
      ...host,
    }
  }

  #copy(from: Cred): Cred {
    const cred = Object.assign(this.stack.objects.cred(from.user_ns), { ...from, security: null })
    this.lsm.cred_prepare.ask(cred, from, 0)
    return cred
  }

  sid(context: string): number {
    const sid = ref(0)
    if (this.lsm.secctx_to_secid.ask(context, context.length, sid) < 0) throw new Error(`no context: ${context}`)
    return sid.value
  }

  text(sid: number): string {
    const text = ref<string | null>(null)
    const rc = this.lsm.secid_to_secctx.ask(sid, text, ref(0))
    return rc < 0 ? String(rc) : text.value!
  }

  cred(type: string, level = 's0'): Cred {
    const cred = this.#copy(this.stack.current.task.cred)
    this.lsm.kernel_act_as.ask(cred, this.sid(`u:r:${type}:${level}`))
    return cred
  }

  /** A task in a domain, uid 0 with every capability. */
  task(type: string, level = 's0'): Task {
    const task = this.build.aTask({ uid: 0, cred: this.cred(type, level) })
    task.real_cred = task.cred
    return task
  }

  /** Runs as `task`, or as a fresh one of this domain, and comes back. */
  as<T>(who: Task | string, body: () => T): T {
    const before = this.stack.current.task
    this.stack.current.task = typeof who === 'string' ? this.task(who) : who
    try {
      return body()
    } finally {
      this.stack.current.task = before
    }
  }

  /** An inode that has been given a label. */
  label(inode: Inode, type: string): Inode {
    const dentry = this.build.aDentry({ inode })
    const value = bytes(`${object(type)}\0`)
    this.lsm.inode_post_setxattr.tell(dentry, 'security.selinux', value, value.length, 0)
    return inode
  }

  /** What was checked meanwhile, and the answer: `['a_t b_t process { ptrace }', 0]`. */
  checks(who: Task | string, body: () => number | void): (string | number)[] {
    return this.as(who, () => {
      this.#heard = []
      const rc = body()
      const checks = this.#heard.map((text) => {
        const [, decision, perms, source, target, tclass] = AVC.exec(text)!
        return `${decision === 'denied' ? 'DENIED ' : ''}${source} ${target} ${tclass} { ${perms} }`
      })
      return typeof rc === 'number' ? [...checks, rc] : checks
    })
  }

  /** What the last checks said behind `for`. */
  get last(): readonly string[] {
    return this.#heard
  }
}
