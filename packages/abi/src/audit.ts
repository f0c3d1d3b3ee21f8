/** Audit record types: the number every record starts with, and the requests of the audit socket. */

// requests
export const AUDIT_GET = 1000
export const AUDIT_SET = 1001
export const AUDIT_LIST = 1002
export const AUDIT_ADD = 1003
export const AUDIT_DEL = 1004
export const AUDIT_USER = 1005
export const AUDIT_LOGIN = 1006
export const AUDIT_WATCH_INS = 1007
export const AUDIT_WATCH_REM = 1008
export const AUDIT_WATCH_LIST = 1009
export const AUDIT_SIGNAL_INFO = 1010
export const AUDIT_ADD_RULE = 1011
export const AUDIT_DEL_RULE = 1012
export const AUDIT_LIST_RULES = 1013
export const AUDIT_TRIM = 1014
export const AUDIT_MAKE_EQUIV = 1015
export const AUDIT_TTY_GET = 1016
export const AUDIT_TTY_SET = 1017
export const AUDIT_SET_FEATURE = 1018
export const AUDIT_GET_FEATURE = 1019

// from user space
export const AUDIT_FIRST_USER_MSG = 1100
export const AUDIT_USER_AVC = 1107
export const AUDIT_USER_TTY = 1124
export const AUDIT_LAST_USER_MSG = 1199
export const AUDIT_FIRST_USER_MSG2 = 2100
export const AUDIT_LAST_USER_MSG2 = 2999
export const AUDIT_DAEMON_START = 1200
export const AUDIT_DAEMON_END = 1201
export const AUDIT_DAEMON_ABORT = 1202
export const AUDIT_DAEMON_CONFIG = 1203

// events
export const AUDIT_SYSCALL = 1300
export const AUDIT_PATH = 1302
export const AUDIT_IPC = 1303
export const AUDIT_SOCKETCALL = 1304
export const AUDIT_CONFIG_CHANGE = 1305
export const AUDIT_SOCKADDR = 1306
export const AUDIT_CWD = 1307
export const AUDIT_EXECVE = 1309
export const AUDIT_IPC_SET_PERM = 1311
export const AUDIT_MQ_OPEN = 1312
export const AUDIT_MQ_SENDRECV = 1313
export const AUDIT_MQ_NOTIFY = 1314
export const AUDIT_MQ_GETSETATTR = 1315
export const AUDIT_KERNEL_OTHER = 1316
export const AUDIT_FD_PAIR = 1317
export const AUDIT_OBJ_PID = 1318
export const AUDIT_TTY = 1319
export const AUDIT_EOE = 1320
export const AUDIT_BPRM_FCAPS = 1321
export const AUDIT_CAPSET = 1322
export const AUDIT_MMAP = 1323
export const AUDIT_NETFILTER_PKT = 1324
export const AUDIT_NETFILTER_CFG = 1325
export const AUDIT_SECCOMP = 1326
export const AUDIT_PROCTITLE = 1327
export const AUDIT_FEATURE_CHANGE = 1328
export const AUDIT_REPLACE = 1329
export const AUDIT_KERN_MODULE = 1330
export const AUDIT_FANOTIFY = 1331
export const AUDIT_TIME_INJOFFSET = 1332
export const AUDIT_TIME_ADJNTPVAL = 1333
export const AUDIT_BPF = 1334
export const AUDIT_EVENT_LISTENER = 1335
export const AUDIT_URINGOP = 1336
export const AUDIT_OPENAT2 = 1337
export const AUDIT_DM_CTRL = 1338
export const AUDIT_DM_EVENT = 1339

// security modules
export const AUDIT_AVC = 1400
export const AUDIT_SELINUX_ERR = 1401
export const AUDIT_AVC_PATH = 1402
export const AUDIT_MAC_POLICY_LOAD = 1403
export const AUDIT_MAC_STATUS = 1404
export const AUDIT_MAC_CONFIG_CHANGE = 1405
export const AUDIT_MAC_UNLBL_ALLOW = 1406
export const AUDIT_MAC_CIPSOV4_ADD = 1407
export const AUDIT_MAC_CIPSOV4_DEL = 1408
export const AUDIT_MAC_MAP_ADD = 1409
export const AUDIT_MAC_MAP_DEL = 1410
export const AUDIT_MAC_IPSEC_ADDSA = 1411
export const AUDIT_MAC_IPSEC_DELSA = 1412
export const AUDIT_MAC_IPSEC_ADDSPD = 1413
export const AUDIT_MAC_IPSEC_DELSPD = 1414
export const AUDIT_MAC_IPSEC_EVENT = 1415
export const AUDIT_MAC_UNLBL_STCADD = 1416
export const AUDIT_MAC_UNLBL_STCDEL = 1417
export const AUDIT_MAC_CALIPSO_ADD = 1418
export const AUDIT_MAC_CALIPSO_DEL = 1419
export const AUDIT_IPE_ACCESS = 1420
export const AUDIT_IPE_CONFIG_CHANGE = 1421
export const AUDIT_IPE_POLICY_LOAD = 1422
// from 6.15 on
export const AUDIT_LANDLOCK_ACCESS = 1423
export const AUDIT_LANDLOCK_DOMAIN = 1424

// anomalies and integrity
export const AUDIT_FIRST_KERN_ANOM_MSG = 1700
export const AUDIT_LAST_KERN_ANOM_MSG = 1799
export const AUDIT_ANOM_PROMISCUOUS = 1700
export const AUDIT_ANOM_ABEND = 1701
export const AUDIT_ANOM_LINK = 1702
export const AUDIT_ANOM_CREAT = 1703
export const AUDIT_INTEGRITY_DATA = 1800
export const AUDIT_INTEGRITY_METADATA = 1801
export const AUDIT_INTEGRITY_STATUS = 1802
export const AUDIT_INTEGRITY_HASH = 1803
export const AUDIT_INTEGRITY_PCR = 1804
export const AUDIT_INTEGRITY_RULE = 1805
export const AUDIT_INTEGRITY_EVM_XATTR = 1806
export const AUDIT_INTEGRITY_POLICY_RULE = 1807
export const AUDIT_KERNEL = 2000
