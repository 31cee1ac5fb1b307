/** Which pages are open as tabs, in which order. Pure, so that it can be told without a browser. */

export interface Tabs {
  readonly open: readonly string[];
}

export const opened = (tabs: Tabs, path: string): Tabs => (tabs.open.includes(path) ? tabs : { open: [...tabs.open, path] });

export const closed = (tabs: Tabs, path: string): Tabs => ({ open: tabs.open.filter((other) => other !== path) });

/** Where to go when `path` is closed while it is shown: its right neighbour, else its left one, else home. */
export function neighbour(tabs: Tabs, path: string): string | undefined {
  const at = tabs.open.indexOf(path);
  return tabs.open[at + 1] ?? tabs.open[at - 1];
}
