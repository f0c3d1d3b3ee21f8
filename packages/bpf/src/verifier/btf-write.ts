/** Stores through pointers to kernel objects and to objects that the program allocated. */
import type { Reg } from './reg.ts'
import type { Session } from './session.ts'

/** Members of kernel objects that congestion control programs set. */
const congestionMembers: Readonly<Record<string, readonly string[]>> = {
  sock: ['sk_pacing_rate', 'sk_pacing_status'],
  inet_connection_sock: ['icsk_ca_priv'],
  tcp_sock: ['snd_cwnd', 'snd_cwnd_cnt', 'snd_cwnd_stamp', 'snd_ssthresh', 'ecn_flags', 'app_limited'],
}

/** Leaves only when the program type may write there. */
export const memberWriteAllowed = (session: Session, reg: Reg, off: number, size: number): void => {
  const btf = reg.btf!
  if (session.letter === 'G') {
    for (const [struct, names] of Object.entries(congestionMembers)) {
      for (const member of btf.members(btf.find(struct, 'struct'))) {
        const start = member.bitOffset / 8
        if (names.includes(member.name) && off >= start && off + size <= start + btf.size(member.type)) return
      }
    }
  }
  if (session.letter === 'U' && btf.name(reg.btfId) === 'bpf_dummy_ops_state' && off + size <= btf.size(reg.btfId))
    return
  session.refuse('only read is supported')
}
