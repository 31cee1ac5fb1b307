/**
 * What was typed into a form and not yet sent, kept in memory only (never in storage: it is personal data), so that
 * a session that ended in the middle costs nothing. Bound to the account and the unit it was typed for.
 */

const drafts = new Map<string, unknown>();

export const draftKey = (form: string, accountId: string, employerNo: string | null | undefined): string =>
  [form, accountId, employerNo ?? ""].join("|");

export function keepDraft(key: string, values: unknown): void {
  drafts.set(key, values);
}

export function takeDraft(key: string): unknown {
  const values = drafts.get(key);
  drafts.delete(key);
  return values;
}

export function forgetDrafts(): void {
  drafts.clear();
}
