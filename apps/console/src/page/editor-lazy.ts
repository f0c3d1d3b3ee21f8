/** The editor's code is loaded with the first one. */
export const openEditor = async () => (await import('./code-mirror.ts')).makeEditor
