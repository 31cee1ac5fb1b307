/**
 * The unit this browser tab shows. It lives in the tab's memory and is set by what is on the screen, so that a request
 * can never name another unit than the one its clerk was looking at.
 */

export interface TabUnit {
  employerNo: string;
  name: string;
}

let shown: TabUnit | undefined;

export const tabUnit = (): TabUnit | undefined => shown;

export function showUnit(unit: TabUnit | undefined): void {
  shown = unit;
}
