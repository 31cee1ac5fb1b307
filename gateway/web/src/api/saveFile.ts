/** Saving a file of the hall: a refusal is thrown as a `Problem` instead of being saved in the file's place. */
import { fetchFile } from "./client";

export async function saveFile(url: string): Promise<void> {
  const { blob, name } = await fetchFile(url);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name ?? "下载.xlsx";
  link.click();
  // The browser has taken the blob over by then.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
