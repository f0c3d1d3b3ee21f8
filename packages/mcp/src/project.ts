/** Where the folder of the host is mounted, and where tools begin. */
export const PROJECT = '/project'
