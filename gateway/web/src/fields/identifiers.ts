/** How identifiers look while they are typed. Whether they are right is for the hall to say. */

/** Full-width characters become ordinary ones, blanks go, letters become capitals. */
export function normaliseIdentifier(typed: string): string {
  return typed
    .replace(/[\uFF01-\uFF5E]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u3000\u00A0]/g, "")
    .toUpperCase();
}

const RESIDENT_LIKE: ReadonlySet<string> = new Set(["01", "16"]);

/** Kinds of document whose number holds sex and birth date. */
export const holdsBirthDate = (idType: string | undefined): boolean => idType !== undefined && RESIDENT_LIKE.has(idType);

/** Lengths of whole numbers; passports and other documents have none in common. */
const WHOLE: Readonly<Record<string, readonly number[]>> = { "01": [18], "04": [9], "06": [8], "07": [15, 18], "16": [18] };

/** Long enough to be worth asking the hall about. */
export function isComplete(idType: string | undefined, number: string): boolean {
  const lengths = idType === undefined ? undefined : WHOLE[idType];
  return lengths ? lengths.includes(number.length) : number.length >= 5;
}

/** A verification code as people type it: without separators, capitals, `O` read as zero. */
export const normaliseCode = (typed: string): string => normaliseIdentifier(typed).replace(/[^0-9A-Z]/g, "").replaceAll("O", "0");

/** In groups of five, as printed. */
export const groupCode = (code: string): string => normaliseCode(code).match(/.{1,5}/g)?.join("-") ?? "";

export const VERIFICATION_CODE_LENGTH = 25;
