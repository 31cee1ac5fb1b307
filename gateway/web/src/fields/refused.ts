/** What the hall refused, put beside the fields of a form that is no whole page. */
import type { FormInstance } from "antd";

import { fieldFor } from "@/api/pointer";
import { asProblem, type Problem } from "@/api/problem";

/** Sets the messages; returns the problem where it has no field of its own in this form. */
export function showRefusal(form: FormInstance, thrown: unknown): Problem | undefined {
  const problem = asProblem(thrown);
  const fields = form.getFieldsError().map((field) => field.name);
  const found = problem.errors.map((fault) => ({ fault, name: fieldFor(fault.pointer, fields) }));
  for (const { fault, name } of found) {
    if (name) form.setFields([{ name: name as never, errors: [fault.message] }]);
  }
  return found.length > 0 && found.every(({ name }) => name) ? undefined : problem;
}
