/** Messages of netlink as C texts write them: those of IPsec, and the recorder's rule of the audit system. */
import { NLM_F_ACK, NLM_F_REQUEST } from '@lsmkit/abi'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

export const NETLINK_HEADERS = `
struct nlattr { uint16_t nla_len; uint16_t nla_type; };
union xfrm_address { uint32_t a4; uint32_t a6[4]; };
struct xfrm_selector { union xfrm_address daddr; union xfrm_address saddr; uint16_t dport; uint16_t dport_mask;
  uint16_t sport; uint16_t sport_mask; uint16_t family; uint8_t prefixlen_d; uint8_t prefixlen_s; uint8_t proto;
  int ifindex; uint32_t user; };
struct xfrm_userpolicy_info { struct xfrm_selector sel; uint64_t lft[8]; uint64_t curlft[4]; uint32_t priority;
  uint32_t index; uint8_t dir; uint8_t action; uint8_t flags; uint8_t share; };
struct xfrm_userpolicy_id { struct xfrm_selector sel; uint32_t index; uint8_t dir; };
struct xfrm_user_sec_ctx { uint16_t len; uint16_t exttype; uint8_t ctx_alg; uint8_t ctx_doi; uint16_t ctx_len; };
struct xfrm_id { union xfrm_address daddr; uint32_t spi; uint8_t proto; };
struct xfrm_usersa_info { struct xfrm_selector sel; struct xfrm_id id; union xfrm_address saddr; uint64_t lft[8];
  uint64_t curlft[4]; uint32_t stats[3]; uint32_t seq; uint32_t reqid; uint16_t family; uint8_t mode;
  uint8_t replay_window; uint8_t flags; };
struct xfrm_userspi_info { struct xfrm_usersa_info info; uint32_t min; uint32_t max; };
struct xfrm_usersa_id { union xfrm_address daddr; uint32_t spi; uint16_t family; uint8_t proto; };
struct audit_rule_data { uint32_t flags; uint32_t action; uint32_t field_count; uint32_t mask[64]; uint32_t fields[64];
  uint32_t values[64]; uint32_t fieldflags[64]; uint32_t buflen; char buf[64]; };
struct audit_rule_message { struct nlmsghdr h; struct audit_rule_data r; };
struct audit_status { uint32_t mask; uint32_t enabled; uint32_t rest[10]; };
`
export const NETLINK_GLOBALS = 'struct audit_rule_message ar; int XFRM_POLICY_OUT = 1; int XFRMA_SEC_CTX = 8;'

const DATA = 'audit_rule_data'
const HEADER = 16
/** Bytes of `struct audit_rule_data` before its text. */
const FIXED = 1040
const LIST_EXIT = 4
const ALWAYS = 2
const EQUAL = 0x40000000

export const netlinkCalls = (m: CMachine, _actor: Actor): Record<string, Builtin> => ({
  /** Fills `ar` in: one field, compared with a text. */
  mkrule(type, field, value) {
    const at = m.addressOf('ar')!
    const text = m.text(value)!
    m.bytes.fill(0, at, at + HEADER + FIXED + 64)
    const rule = at + HEADER
    m.set(rule, DATA, 'flags', LIST_EXIT)
    m.set(rule, DATA, 'action', ALWAYS)
    m.set(rule, DATA, 'field_count', 1)
    m.set(rule, DATA, 'buflen', text.length)
    const words = [12 + 256, 12 + 512, 12 + 768]
    for (const [i, word] of [field, text.length, EQUAL].entries()) m.view.setUint32(rule + words[i]!, word!, true)
    m.bytes.set(new TextEncoder().encode(text), rule + FIXED)
    m.view.setUint32(at, HEADER + FIXED + text.length, true)
    m.view.setUint16(at + 4, type!, true)
    m.view.setUint16(at + 6, NLM_F_REQUEST | NLM_F_ACK, true)
    m.view.setUint32(at + 8, 1, true)
    return 0
  },
})
