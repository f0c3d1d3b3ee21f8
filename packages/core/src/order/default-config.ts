/** CONFIG_LSM as the kernel's Kconfig has it, with SELinux as the default major. */
export const DEFAULT_CONFIG_LSM = 'landlock,lockdown,yama,loadpin,safesetid,selinux,smack,tomoyo,apparmor,ipe,bpf'
