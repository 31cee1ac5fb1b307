/** The one way the pages talk to the hall: typed by the merged OpenAPI, faults always as `Problem`. */
import createClient, { type Middleware } from "openapi-fetch";

import type { Problem} from "./problem";
import { networkProblem, problemOf } from "./problem";
import type { paths } from "./schema";
import { signal } from "./signals";
import { tabUnit } from "./tabUnit";

const REQUEST_LIMIT_MS = 30_000;

const unitOfTab: Middleware = {
  onRequest({ request }) {
    const unit = tabUnit();
    if (unit) request.headers.set("X-Hall-Unit", unit.employerNo);
    return request;
  },
};

/**
 * Another tab may have had the cookie replaced (step-up, choice of a unit) while a look was on its way with the old one:
 * it is looked once more, with the cookie of now. What changes something is never repeated.
 */
async function send(request: Request): Promise<Response> {
  const limited = () => fetch(request.clone(), { signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]) });
  const answer = await limited();
  return answer.status === 401 && request.method === "GET" ? limited() : answer;
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: send,
});
api.use(unitOfTab);

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

interface CallOptions {
  /** The caller deals with a missing session itself (the first look whether there is one). */
  quiet?: boolean;
  /** Sent by the page of itself: no sign that somebody sits there, so the session may run out over it. */
  background?: boolean;
}

/** The answer and its headers (ETag, Location), or a thrown `Problem`. */
export async function callWithHeaders<T>(
  request: Promise<Outcome<T>>,
  { quiet = false, background = false }: CallOptions = {},
): Promise<{ data: T; headers: Headers }> {
  let outcome: Outcome<T>;
  try {
    outcome = await request;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    throw networkProblem();
  }
  const { response } = outcome;
  if (response.ok) {
    if (!background) signal("answered", undefined);
    return { data: outcome.data as T, headers: response.headers };
  }
  const problem = problemOf(response.status, outcome.error, response.headers);
  if (!quiet) tellThePage(problem);
  throw problem;
}

/** The answer, or a thrown `Problem`. */
export async function call<T>(request: Promise<Outcome<T>>, options?: CallOptions): Promise<T> {
  return (await callWithHeaders(request, options)).data;
}

/** Refusals of somebody who is about to sign in: they end nothing. */
const NOT_YET: ReadonlySet<string> = new Set(["wrong_credentials", "second_factor_required", "second_factor_wrong"]);

function tellThePage(problem: Problem): void {
  if (problem.status === 401 && !NOT_YET.has(problem.code)) signal("sessionEnded", problem);
  if (problem.code === "unit_mismatch") signal("unitMismatch", problem);
  if (problem.code === "mandate_ended") signal("mandateEnded", problem);
  if (problem.code === "unit_required") signal("unitRequired", problem);
}

/** A finished document as a blob, with the name the hall gave it. */
export async function fetchFile(url: string): Promise<{ blob: Blob; name: string | undefined }> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    throw networkProblem();
  }
  if (!response.ok) {
    const body: unknown = await response.json().catch(() => undefined);
    const problem = problemOf(response.status, body, response.headers);
    tellThePage(problem);
    throw problem;
  }
  return { blob: await response.blob(), name: fileNameOf(response.headers.get("content-disposition") ?? "") };
}

/** The file name of a Content-Disposition, the UTF-8 form first. */
export function fileNameOf(disposition: string): string | undefined {
  const encoded = /filename\*=(?:UTF-8|utf-8)''([^;]+)/.exec(disposition)?.[1];
  if (encoded !== undefined) return decodeURIComponent(encoded);
  return /filename="([^"]+)"/.exec(disposition)?.[1];
}
