/** One function of a program, as the walk knows it. */

export interface Subprogram {
  readonly name: string
  readonly start: number
  end: number
  /** BTF_KIND_FUNC of the object's types; 0 when there is none. */
  readonly typeId: number
  readonly isGlobal: boolean
  stackDepth: number
  /** End of the stack that fastcall pairs use, 0 when there are none. */
  fastcallOff: number
  keepsFastcallStack: boolean
  hasTailCall: boolean
  hasLdAbs: boolean
  isCallback: boolean
  isAsyncCallback: boolean
  isExceptionCallback: boolean
  changesPacket: boolean
  /** Called by a walked instruction: a global one is then verified too. */
  called: boolean
  verified: boolean
  /** Argument types from BTF; null until asked for. */
  arguments: readonly ArgumentType[] | null
}

export interface ArgumentType {
  readonly kind: 'scalar' | 'ctx' | 'mem' | 'arena' | 'dynptr' | 'btf'
  /** Bytes of mem. */
  readonly size: number
  readonly nullable: boolean
  readonly btfId: number
}
