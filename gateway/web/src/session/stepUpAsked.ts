/** Who waits for a raised session, and the one dialog that is shown to them all. */
import type { Problem } from "@/api/problem";

interface Waiting {
  done: () => void;
  failed: (problem: Problem) => void;
}

let waiting: Waiting[] = [];
let show: ((open: boolean) => void) | undefined;

/** Resolves when the session has been raised; throws the `Problem` of whoever would not say who they are. */
export function ask(): Promise<void> {
  return new Promise((done, failed) => {
    waiting.push({ done, failed });
    show?.(true);
  });
}

/** The answer to everybody who waits. */
export function answered(refused: Problem | undefined): void {
  const asked = waiting;
  waiting = [];
  show?.(false);
  for (const one of asked) {
    if (refused) one.failed(refused);
    else one.done();
  }
}

/** Says how the dialog is opened and closed. Returns how to stop. */
export function onAsked(listener: (open: boolean) => void): () => void {
  show = listener;
  listener(waiting.length > 0);
  return () => {
    show = undefined;
  };
}
