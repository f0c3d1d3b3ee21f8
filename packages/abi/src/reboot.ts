/** Magic numbers and commands of reboot(2), and the actions of syslog(2). */

export const LINUX_REBOOT_MAGIC1 = 0xfee1dead
export const LINUX_REBOOT_MAGIC2 = 672274793
export const LINUX_REBOOT_MAGIC2A = 85072278
export const LINUX_REBOOT_MAGIC2B = 369367448
export const LINUX_REBOOT_MAGIC2C = 537993216
export const LINUX_REBOOT_CMD_RESTART = 0x01234567
export const LINUX_REBOOT_CMD_HALT = 0xcdef0123
export const LINUX_REBOOT_CMD_CAD_ON = 0x89abcdef
export const LINUX_REBOOT_CMD_CAD_OFF = 0x00000000
export const LINUX_REBOOT_CMD_POWER_OFF = 0x4321fedc
export const LINUX_REBOOT_CMD_RESTART2 = 0xa1b2c3d4
export const LINUX_REBOOT_CMD_SW_SUSPEND = 0xd000fce2
export const LINUX_REBOOT_CMD_KEXEC = 0x45584543

// syslog(2)
export const SYSLOG_ACTION_CLOSE = 0
export const SYSLOG_ACTION_OPEN = 1
export const SYSLOG_ACTION_READ = 2
export const SYSLOG_ACTION_READ_ALL = 3
export const SYSLOG_ACTION_READ_CLEAR = 4
export const SYSLOG_ACTION_CLEAR = 5
export const SYSLOG_ACTION_CONSOLE_OFF = 6
export const SYSLOG_ACTION_CONSOLE_ON = 7
export const SYSLOG_ACTION_CONSOLE_LEVEL = 8
export const SYSLOG_ACTION_SIZE_UNREAD = 9
export const SYSLOG_ACTION_SIZE_BUFFER = 10
export const SYSLOG_FROM_READER = 0
export const SYSLOG_FROM_PROC = 1
