/** Reads what the function graph tracer printed: functions of the LSM framework by system call, nested by dots. */
import { errnoName, ownValue } from '@lsmkit/abi'
import { LATER } from '../../src/hook-trace/later.ts'

export interface Group {
  readonly nr: number
  rc: number | null
  error: string | null
  readonly functions: string[]
}

/** Functions that have a hook of another name. */
const HOOKS: Readonly<Record<string, string>> = {
  settime64: 'settime', vm_enough_memory_mm: 'vm_enough_memory', bprm_check: 'bprm_check_security',
  free_mnt_opts: 'sb_free_mnt_opts', prepare_creds: 'cred_prepare', transfer_creds: 'cred_transfer',
  create_user_ns: 'userns_create', sock_rcv_skb: 'socket_sock_rcv_skb', sk_classify_flow: 'sk_getsecid',
  skb_classify_flow: 'xfrm_decode_session', inode_free_by_rcu: 'inode_free_security_rcu',
  ...Object.fromEntries([
    'sb_alloc', 'sb_free', 'inode_alloc', 'inode_free', 'file_alloc', 'file_free', 'msg_msg_alloc', 'msg_msg_free',
    'msg_queue_alloc', 'msg_queue_free', 'shm_alloc', 'shm_free', 'sem_alloc', 'sem_free', 'sk_alloc', 'sk_free',
    'sk_clone', 'xfrm_policy_alloc', 'xfrm_policy_clone', 'xfrm_policy_free', 'xfrm_policy_delete',
    'xfrm_state_delete', 'xfrm_state_free', 'bdev_alloc', 'bdev_free',
  ].map((name) => [name, `${name}_security`])),
}

/** Only free memory. */
const WITHOUT_HOOK = new Set(['key_free', 'perf_event_free', 'tun_dev_free_security', 'ib_free_security'])

/** Marks stay: dots for each dispatch it is called from, `~` in a soft interrupt, brackets for one without a hook. */
export const hookOf = (marked: string): string => {
  const [, marks = '', name = ''] = /^([.~]*)(.*)$/.exec(marked)!
  const plain = name.replace(/^security_/, '')
  return marks + (WITHOUT_HOOK.has(plain) ? `(${name})` : ownValue(HOOKS, plain) ?? plain)
}

/** A line: ` 0)  init-131  |  ...1. |   security_capable() {`. The third flag tells of interrupts. */
const LINE = /^ *\d+\) +(.*)-(\d+) +\| +(\S{3,}) \| (.*)$/
const ENTER = /^ *\/\* sys_enter: NR (\d+) /
const EXIT = /^ *\/\* sys_exit: NR (\d+) = (-?\d+) \*\/$/
const CALL = /^( *)(security_\w+|inode_free_by_rcu)(?:\(\)|\s*\[\w+\]\(\))/
/** IMA and EVM ask these within the framework's functions, whatever modules there are. */
const ASKED_WITHIN = /getsecid|getlsmprop/

/** exit(2) and exit_group(2). */
const EXITS: ReadonlySet<number> = new Set([60, 231])

interface Read {
  readonly groups: readonly Group[]
  readonly later: ReadonlySet<string>
}

export const traceOf = (lines: readonly string[], pid: number): Read => {
  const groups: Group[] = []
  const later = new Set<string>()
  let open: Group | null = null
  let state: 'before' | 'begins' | 'window' | 'after' = 'before'
  for (const line of lines) {
    const parts = LINE.exec(line)
    if (parts === null) continue
    const [, comm, task, flags = '', text = ''] = parts
    const own = Number(task) === pid
    const enter = ENTER.exec(text)
    const exit = EXIT.exec(text)
    if (own && text.includes('/* BEGIN */')) state = 'begins'
    else if (own && text.includes('/* END */')) {
      state = 'after'
      groups.pop()
      open = null
    } else if (own && exit !== null) {
      if (state === 'begins') state = 'window'
      else if (open !== null) {
        open.rc = Number(exit[2])
        open.error = open.rc < 0 && open.rc > -4096 ? errnoName(open.rc) : null
        open = null
      }
    } else if (own && enter !== null && state === 'window') {
      open = { nr: Number(enter[1]), rc: null, error: null, functions: [] }
      groups.push(open)
    }
    const call = CALL.exec(text)
    if (call === null || state === 'before' || state === 'begins') continue
    const [, indent = '', name = ''] = call
    const depth = Math.max(0, Math.floor((indent.length - 0) / 2))
    const soft = /[sSH]/.test(flags[2] ?? '')
    if (own && open !== null && !soft) {
      if (depth === 0 || !ASKED_WITHIN.test(name)) open.functions.push('.'.repeat(depth) + name)
    } else {
      if (own && open !== null) open.functions.push(`~${name}`)
      if (!(comm === 'init' && task === '1') && LATER.has(hookOf(name))) later.add(name)
    }
  }
  // a program that took the task's place: what it does is not the operation's
  if (state !== 'window') return { groups, later }
  while (EXITS.has(groups.at(-1)?.nr ?? -1)) groups.pop()
  return { groups, later: new Set() }
}
