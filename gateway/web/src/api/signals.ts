/** What a request finds out that concerns the whole page: the session is over, or the tab shows another unit. */
import type { Problem } from "./problem";

export interface Signals {
  sessionEnded: Problem;
  unitMismatch: Problem;
  unitRequired: Problem;
  mandateEnded: Problem;
  /** The hall answered: the session's idle time starts again. */
  answered: undefined;
}

type Listener<K extends keyof Signals> = (value: Signals[K]) => void;
const listeners: { [K in keyof Signals]: Set<Listener<K>> } = {
  sessionEnded: new Set(),
  unitMismatch: new Set(),
  unitRequired: new Set(),
  mandateEnded: new Set(),
  answered: new Set(),
};

export function onSignal<K extends keyof Signals>(name: K, listener: Listener<K>): () => void {
  listeners[name].add(listener);
  return () => void listeners[name].delete(listener);
}

export function signal<K extends keyof Signals>(name: K, value: Signals[K]): void {
  listeners[name].forEach((listener) => listener(value));
}
