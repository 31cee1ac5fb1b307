/** What the parts of 到账导入 share: how a file is sent, followed and confirmed. */
import { api, call } from "@/api/client";
import { fileBody } from "@/api/fileBody";
import type { ReceiptImport } from "@/api/types";

type Outcome = ReceiptImport["outcomes"][number]["outcome"];

export const RECEIPT_STAGES: Readonly<Record<ReceiptImport["stage"], readonly [string, string]>> = {
  checking: ["核对中", "processing"],
  refused: ["文件有误", "error"],
  checked: ["待入账", "warning"],
  booking: ["入账中", "processing"],
  booked: ["已入账", "success"],
};

export const underWay = (found: ReceiptImport): boolean => found.stage === "checking" || found.stage === "booking";

export const linesOf = (found: ReceiptImport, ...wanted: readonly Outcome[]): number =>
  found.outcomes.filter(({ outcome }) => wanted.includes(outcome)).reduce((sum, { lines }) => sum + lines, 0);

export const bookable = (found: ReceiptImport): number => linesOf(found, "matched", "partial", "overpaid");

export const findImport = (receipt_import_id: string): Promise<ReceiptImport> =>
  call(api.GET("/api/employer/receipt-imports/{receipt_import_id}", { params: { path: { receipt_import_id } } }));

export const uploadReceipts = (file: File, key: string): Promise<ReceiptImport> =>
  call(
    api.POST("/api/employer/receipt-imports/uploads", {
      headers: { "Idempotency-Key": key },
      ...fileBody(file),
    }),
  );

export const confirmReceipts = (found: ReceiptImport, key: string): Promise<ReceiptImport> =>
  call(
    api.POST("/api/employer/receipt-imports/{receipt_import_id}/confirmation", {
      params: { path: { receipt_import_id: found.id } },
      headers: { "Idempotency-Key": key, "If-Match": `"v${found.version}"` },
    }),
  );
