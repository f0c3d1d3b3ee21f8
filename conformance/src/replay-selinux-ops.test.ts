/** Operations under SELinux, beside what real kernels answered. */
import { replayTables } from './replay/tables.ts'

replayTables('selinux-ops')
