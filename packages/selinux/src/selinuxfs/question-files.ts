/** Questions to the policy: access, create, relabel, member, user, context, validatetrans. Classes are the policy's. */
import { EINVAL, ENOMEM, PAGE_SIZE } from '@lsmkit/abi'
import type { PseudoFile } from '@lsmkit/core'
import { contextText } from '../context-text.ts'
import { AvDecision } from '../server/decision.ts'
import type { Selinux } from '../state.ts'
import { classNumber, mayDo, transaction, wordsOf } from './file.ts'

const hex = (word: number): string => (word >>> 0).toString(16)

/** A name in a question: blanks and the like stand there as `+` and `%41`. Null of one that is not well formed. */
const decodeName = (word: string): string | null => {
  if (/%(?![\da-f]{2})/i.test(word)) return null
  return word.replaceAll('+', ' ').replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

export const questionFiles = (selinux: Selinux): PseudoFile[] => {
  const { server } = selinux

  /** `scon tcon class`, or -errno. */
  const pair = (words: readonly string[]): { ssid: number; tsid: number; tclass: number } | number => {
    const [scon, tcon, word] = words
    const tclass = classNumber(word)
    if (scon === undefined || tcon === undefined || tclass === null) return -EINVAL
    const ssid = server.contextToSid(scon)
    if (ssid < 0) return ssid
    const tsid = server.contextToSid(tcon)
    return tsid < 0 ? tsid : { ssid, tsid, tclass }
  }

  /** The context of a SID, with its NUL. */
  const answer = (sid: number): string | number => {
    const text = sid < 0 ? sid : server.sidToContext(sid)
    return typeof text === 'number' ? text : `${text}\0`
  }

  const computed = (compute: (ssid: number, tsid: number, tclass: number) => number) => (text: string) => {
    const asked = pair(wordsOf(text))
    return typeof asked === 'number' ? asked : answer(compute(asked.ssid, asked.tsid, asked.tclass))
  }

  const access = (text: string): string | number => {
    const asked = pair(wordsOf(text))
    if (typeof asked === 'number') return asked
    const out = new AvDecision()
    server.computeAvUser(asked.ssid, asked.tsid, asked.tclass, out)
    const { allowed, auditallow, auditdeny, seqno, flags } = out
    return `${hex(allowed)} ffffffff ${hex(auditallow)} ${hex(auditdeny)} ${seqno} ${hex(flags)}`
  }

  const create = (text: string): string | number => {
    const words = wordsOf(text)
    const name = words[3] === undefined ? undefined : decodeName(words[3])
    if (name === null) return -EINVAL
    const asked = pair(words)
    if (typeof asked === 'number') return asked
    return answer(server.transitionSidUser(asked.ssid, asked.tsid, asked.tclass, name))
  }

  /** Contexts that a user may have, coming from another: their number, and each with its NUL. */
  const user = (text: string): string | number => {
    const [con, name] = wordsOf(text)
    if (con === undefined || name === undefined) return -EINVAL
    const sid = server.contextToSid(con)
    if (sid < 0) return sid
    const sids = server.userSids(sid, name)
    if (typeof sids === 'number') return sids
    const texts = sids.map((each) => server.sidToContext(each)).filter((each) => typeof each === 'string')
    return `${texts.length.toString(16)}\0${texts.map((each) => `${each}\0`).join('')}`
  }

  return [
    transaction(selinux, 'access', 'compute_av', access),
    transaction(selinux, 'create', 'compute_create', create),
    transaction(selinux, 'relabel', 'compute_relabel', computed((s, t, c) => server.changeSid(s, t, c))),
    transaction(selinux, 'member', 'compute_member', computed((s, t, c) => server.memberSid(s, t, c))),
    transaction(selinux, 'user', 'compute_user', user),
    transaction(selinux, 'context', 'check_context', (text) => answer(server.contextToSid(text))),
    {
      name: 'validatetrans',
      mode: 0o200,
      write({ pos }, data) {
        const refused = mayDo(selinux, 'validate_trans')
        if (refused !== 0) return refused
        if (data.length >= PAGE_SIZE) return -ENOMEM
        if (pos !== 0) return -EINVAL
        const words = wordsOf(contextText(data))
        const asked = pair(words)
        if (typeof asked === 'number') return asked
        if (words[3] === undefined) return -EINVAL
        const task = server.contextToSid(words[3])
        if (task < 0) return task
        return server.validateTransitionUser(asked.ssid, asked.tsid, task, asked.tclass) || data.length
      },
    },
  ]
}
