/** The only things kept in the browser beyond a session: the unit last chosen by an account, for its "last used" mark. */

const KEY = "hall.last-unit";

export function lastUnit(accountId: string): string | undefined {
  try {
    const stored = JSON.parse(globalThis.localStorage.getItem(KEY) ?? "{}") as Record<string, string>;
    return stored[accountId];
  } catch {
    return undefined; // storage switched off or spoilt: there is just no mark
  }
}

export function rememberUnit(accountId: string, employerNo: string): void {
  try {
    globalThis.localStorage.setItem(KEY, JSON.stringify({ [accountId]: employerNo }));
  } catch {
    // storage switched off: nothing to remember
  }
}
