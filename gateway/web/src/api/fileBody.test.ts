import { expect, it } from "vitest";

import { fileBody } from "./fileBody";

it("sends the file behind the other fields", () => {
  const file = new File(["a,b"], "名单.csv");
  const form = fileBody(file, { kind: "addition" }).bodySerializer();
  expect([...form.keys()]).toEqual(["kind", "file"]);
  expect(form.get("kind")).toBe("addition");
  expect(form.get("file")).toBe(file);
  expect([...fileBody(file).bodySerializer().keys()]).toEqual(["file"]);
});
