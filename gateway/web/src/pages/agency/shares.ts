/** Shares of the base as per cents, digit by digit: never through a float. */
import { NOTHING } from "@/fields/format";

/** `0.08500` → 8.5%. */
export function showShare(share: string | null | undefined): string {
  if (share == null) return NOTHING;
  return `${moved(share, 2)}%`;
}

/** What is typed as per cent, as a fraction: `8.5` → 0.085. */
export const fraction = (percent: string): string => moved(percent, -2);

/** A decimal with its point moved to the right, without zeros that say nothing. */
function moved(text: string, places: number): string {
  const [whole = "0", part = ""] = text.trim().split(".");
  const point = whole.length + places;
  const digits = (whole + part).padEnd(point, "0");
  const padded = point < 1 ? "0".repeat(1 - point) + digits : digits;
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const right = padded.slice(at).replace(/0+$/, "");
  return right === "" ? left : `${left}.${right}`;
}
