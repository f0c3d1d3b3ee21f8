/** Questions to the policy: access, create, relabel, member, user, context, validatetrans. Classes are the policy's. */
import { EINVAL, ENOMEM, PAGE_SIZE } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { contextText } from '../context-text.ts'
import { AvDecision } from '../server/decision.ts'
import type { Server } from '../server-type.ts'
import { byteText } from '../server/file-contexts/pattern.ts'
import type { Selinux } from '../state.ts'
import { guarded, saysRetired, transaction, writer } from './file.ts'

const hex = (word: number): string => (word >>> 0).toString(16)

/** What sscanf finds by `%s %s %hu %s`: the last may be missing, and may stand right behind the number. */
const QUESTION = /^[\t-\r ]*([^\t-\r ]+)[\t-\r ]+([^\t-\r ]+)[\t-\r ]+(\d+)[\t-\r ]*([^\t-\r ]+)?/

/**
 * A name in a question: blanks and the like stand there as `+` and `%41`, a byte each. Null of one that is not well
 * formed.
 */
const decodeName = (word: string): string | null => {
  const [name = ''] = byteText(word).split('%00', 1)
  if (/%(?![\da-f]{2})/i.test(name)) return null
  const decoded = name.replaceAll('+', ' ')
    .replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  return new TextDecoder().decode(Uint8Array.from(decoded, (byte) => byte.charCodeAt(0)))
}

interface Question {
  readonly ssid: number
  readonly tsid: number
  readonly tclass: number
  /** What stands behind the class. */
  readonly rest: string | undefined
}

/** `scon tcon class`, and perhaps more; or -errno. */
const parse = (server: Server, text: string): Question | number => {
  const [, scon, tcon, tclass, rest] = QUESTION.exec(text) ?? []
  if (scon === undefined || tcon === undefined) return -EINVAL
  const ssid = server.contextToSid(scon)
  if (ssid < 0) return ssid
  const tsid = server.contextToSid(tcon)
  return tsid < 0 ? tsid : { ssid, tsid, tclass: Number(tclass) & 0xffff, rest }
}

/** The context of a SID, with its NUL; or -errno. */
const contextOf = (server: Server, sid: number): string | number => {
  const text = sid < 0 ? sid : server.sidToContext(sid)
  return typeof text === 'number' ? text : `${text}\0`
}

type Answer = (text: string) => string | number

/** The context of the SID that comes of a question. */
const computed = (server: Server, compute: (question: Question) => number): Answer => (text) => {
  const asked = parse(server, text)
  return typeof asked === 'number' ? asked : contextOf(server, compute(asked))
}

const access = (server: Server): Answer => (text) => {
  const asked = parse(server, text)
  if (typeof asked === 'number') return asked
  const out = new AvDecision()
  server.computeAvUser(asked.ssid, asked.tsid, asked.tclass, out)
  const { allowed, auditallow, auditdeny, seqno, flags } = out
  return `${hex(allowed)} ffffffff ${hex(auditallow)} ${hex(auditdeny)} ${seqno} ${hex(flags)}`
}

const create = (server: Server): Answer => computed(server, ({ ssid, tsid, tclass, rest }) => {
  const name = rest === undefined ? undefined : decodeName(rest)
  return name === null ? -EINVAL : server.transitionSidUser(ssid, tsid, tclass, name)
})

/** Contexts that a user may have, coming from another: their number, and each with its NUL. */
const user = (server: Server): Answer => (text) => {
  const [con, name] = text.split(/[\t-\r ]+/).filter((word) => word !== '')
  if (con === undefined || name === undefined) return -EINVAL
  const sid = server.contextToSid(con)
  if (sid < 0) return sid
  const sids = server.userSids(sid, name)
  if (typeof sids === 'number') return sids
  const texts = sids.map((each) => server.sidToContext(each)).filter((each) => typeof each === 'string')
  return `${texts.length}\0${texts.map((each) => `${each}\0`).join('')}`
}

const USER_WARNING = 'This will not be supported in the future; please update your userspace.'

/** Up to 6.18 it answers, and 6.18 warns of what comes; 7.3 answers that there is no context, whoever asks. */
const userFile = (selinux: Selinux): PseudoFile => {
  const { release, server } = selinux
  if (!release.retired.has('user')) {
    const file = transaction(selinux, 'user', 'compute_user', user(server))
    if (!release.warnsOfUser) return file
    return transaction(selinux, 'user', 'compute_user', (text) => {
      selinux.printk(`${writer(selinux)} wrote to /sys/fs/selinux/user! ${USER_WARNING}`)
      return user(server)(text)
    })
  }
  const say = saysRetired(selinux, 'user')
  return transaction(selinux, 'user', null, () => {
    say()
    return '0\0'
  })
}

/** May the change be made: 0 or -errno. */
const validate = (server: Server, text: string): number => {
  const asked = parse(server, text)
  if (typeof asked === 'number') return asked
  const task = asked.rest === undefined ? -EINVAL : server.contextToSid(asked.rest)
  return task < 0 ? task : server.validateTransitionUser(asked.ssid, asked.tsid, task, asked.tclass)
}

export const questionFiles = (selinux: Selinux): PseudoFile[] => {
  const { server } = selinux
  const relabel = computed(server, ({ ssid, tsid, tclass }) => server.changeSid(ssid, tsid, tclass))
  const member = computed(server, ({ ssid, tsid, tclass }) => server.memberSid(ssid, tsid, tclass))
  return [
    transaction(selinux, 'access', 'compute_av', access(server)),
    transaction(selinux, 'create', 'compute_create', create(server)),
    transaction(selinux, 'relabel', 'compute_relabel', relabel),
    transaction(selinux, 'member', 'compute_member', member),
    userFile(selinux),
    transaction(selinux, 'context', 'check_context', (text) => contextOf(server, server.contextToSid(text))),
    {
      name: 'validatetrans',
      mode: 0o200,
      write: guarded(selinux, 'validate_trans', ({ pos }, data) => {
        if (data.length >= PAGE_SIZE) return -ENOMEM
        if (pos !== 0) return -EINVAL
        return validate(server, contextText(data)) || data.length
      }),
    },
  ]
}
