/** A file as the body of a request, with the other fields of its form. */

/**
 * To be spread into the options of a call. The API description knows a file as a string: so there is one for the types,
 * and what is sent is the form.
 */
export function fileBody<Fields extends Readonly<Record<string, string>>>(file: File, fields: Fields = {} as Fields) {
  return {
    body: { ...fields, file: "" },
    bodySerializer: () => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append("file", file);
      return form;
    },
  };
}
