/** The attributes Smack keeps its labels in. */
import {
  XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC, XATTR_NAME_SMACKIPIN, XATTR_NAME_SMACKIPOUT, XATTR_NAME_SMACKMMAP,
  XATTR_NAME_SMACKTRANSMUTE,
} from '@lsmkit/abi'

/** All six, by full name. Smack alone decides who may set them. */
export const smackNames: ReadonlySet<string> = new Set([
  XATTR_NAME_SMACK, XATTR_NAME_SMACKIPIN, XATTR_NAME_SMACKIPOUT, XATTR_NAME_SMACKEXEC, XATTR_NAME_SMACKMMAP,
  XATTR_NAME_SMACKTRANSMUTE,
])

/** The one value SMACK64TRANSMUTE can have. */
export const TRANS_TRUE = 'TRUE'
