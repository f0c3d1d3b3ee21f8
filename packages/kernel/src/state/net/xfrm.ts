/** The databases of IPsec in one network namespace: policies choose packets, states say how they are transformed. */
import type { XfrmPolicy, XfrmSecCtx, XfrmState } from '@lsmkit/core'

/** A policy, with the bytes of `struct xfrm_selector` by which it is found. */
export interface KernelPolicy extends XfrmPolicy {
  security: XfrmSecCtx | null
  /** XFRM_POLICY_IN, _OUT or _FWD. */
  readonly dir: number
  readonly index: number
  readonly selector: Uint8Array
  /** The message's `struct xfrm_userpolicy_info`, for programs that ask. */
  readonly info: Uint8Array
}

/** A state, by destination, index and protocol. */
export interface KernelState extends XfrmState {
  security: XfrmSecCtx | null
  readonly daddr: string
  readonly spi: number
  readonly proto: number
  readonly family: number
  /** The message's `struct xfrm_usersa_info`. */
  readonly info: Uint8Array
}

export class XfrmTable {
  readonly policies = new Set<KernelPolicy>()
  readonly states = new Set<KernelState>()
  #lastIndex = 0

  /** The number of a new policy: its direction in the low bits, as `xfrm_gen_index` gives them. */
  nextIndex(dir: number): number {
    this.#lastIndex += 8
    return this.#lastIndex | dir
  }
}
