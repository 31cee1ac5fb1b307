/** JSON Pointers of field faults as names of form fields. */

export type FieldName = (string | number)[];

/** `/person/id_number` → `["person", "id_number"]`; a whole-number segment is a position in a list. */
export function nameOf(pointer: string): FieldName {
  if (pointer === "" || pointer === "/") return [];
  return pointer
    .replace(/^\//, "")
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
}

const same = (a: FieldName, b: FieldName): boolean => a.length === b.length && a.every((part, i) => part === b[i]);

/** The field that shows a fault: the named one, else the nearest field around it; undefined when the form has none. */
export function fieldFor(pointer: string, fields: readonly FieldName[]): FieldName | undefined {
  for (let name = nameOf(pointer); name.length > 0; name = name.slice(0, -1)) {
    const found = fields.find((field) => same(field, name));
    if (found) return found;
  }
  return undefined;
}
