/** What can be told of an attachment before it is sent. */

export const MOST = 5;
const LARGEST_MB = 5;
export const ACCEPTED = ".pdf,.jpg,.jpeg,.png";

/** Why the hall won't take it, or undefined. */
export function refuse(file: Pick<File, "name" | "size">): string | undefined {
  if (!/\.(pdf|jpe?g|png)$/i.test(file.name)) return `“${file.name}”不是 PDF、JPG 或 PNG 文件。`;
  if (file.size === 0) return `“${file.name}”是空文件。`;
  if (file.size > LARGEST_MB * 1024 * 1024) return `“${file.name}”超过 ${LARGEST_MB} MB，请压缩或降低扫描分辨率后再上传。`;
  return undefined;
}

export const sizeOf = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
