/** The fields of an object that have a value: rules of options refuse one that is there and undefined. */
export const givenFields = <T extends object>(fields: T): { [Name in keyof T]?: NonNullable<T[Name]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
