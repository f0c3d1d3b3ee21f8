/** What the bundler makes of files that are no code. */
declare module '*?raw' {
  const text: string
  export default text
}
declare module '*?url' {
  const url: string
  export default url
}
interface ImportMeta {
  glob: <T>(
    pattern: string | readonly string[],
    options: { readonly query: string; readonly import: string; readonly eager: true; readonly exhaustive?: true },
  ) => Readonly<Record<string, T>>
}
declare module '*.css'
/** The address of the declarations that the editor of modules reads, as build/module-types.ts makes them. */
declare module 'virtual:module-types' {
  const url: string
  export default url
}
