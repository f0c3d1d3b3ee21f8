/** SCTP: options at SOL_SCTP, and identifiers of associations (linux/sctp.h). */

export const SCTP_SET_PEER_PRIMARY_ADDR = 5
export const SCTP_PRIMARY_ADDR = 6
export const SCTP_GET_ASSOC_ID_LIST = 29
export const SCTP_SOCKOPT_BINDX_ADD = 100
export const SCTP_SOCKOPT_BINDX_REM = 101
export const SCTP_SOCKOPT_PEELOFF = 102
export const SCTP_SOCKOPT_CONNECTX_OLD = 107
export const SCTP_SOCKOPT_CONNECTX = 110
export const SCTP_SOCKOPT_PEELOFF_FLAGS = 122
/** The event for LSMs when a message opens an association. */
export const SCTP_SENDMSG_CONNECT = 126

/** An association by its identifier has a larger one. */
export const SCTP_ALL_ASSOC = 2
