/** A form without its empty fields: those aren't sent at all. */
export function withoutBlanks<V extends object>(values: V): V {
  return JSON.parse(JSON.stringify(values, (_, value: unknown) => (value === "" || value === null ? undefined : value))) as V;
}
