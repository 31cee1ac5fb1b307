/** What the pages of batches share: where a batch's things are, how it is sent, followed and fetched. */
import { api, call } from "@/api/client";
import { fileBody } from "@/api/fileBody";
import { saveFile } from "@/api/saveFile";
import type { Batch, BatchKind } from "@/api/types";

export const BATCH_WORDS: Readonly<Record<BatchKind, { act: string; title: string; path: string; back: string }>> = {
  addition: { act: "增员", title: "批量增员申报", path: "batch-additions", back: "additions" },
  removal: { act: "减员", title: "批量减员申报", path: "batch-removals", back: "removals" },
};

export const STAGES: Readonly<Record<Batch["stage"], readonly [string, string]>> = {
  checking: ["检查中", "processing"],
  refused: ["文件有误", "error"],
  checked: ["待提交", "warning"],
  submitting: ["提交中", "processing"],
  submitted: ["已提交", "success"],
  expired: ["已过期", "default"],
};

export const underWay = (batch: Batch): boolean => batch.stage === "checking" || batch.stage === "submitting";

export const eventsOf = (batch: Batch): string => `/api/enrollment/batches/${batch.id}/events`;

export const findBatch = (batch_id: string): Promise<Batch> =>
  call(api.GET("/api/enrollment/batches/{batch_id}", { params: { path: { batch_id } } }));

export const uploadBatch = (kind: BatchKind, file: File, key: string): Promise<Batch> =>
  call(
    api.POST("/api/enrollment/batches/uploads", {
      headers: { "Idempotency-Key": key },
      ...fileBody(file, { kind }),
    }),
  );

export const confirmBatch = (batch: Batch, key: string): Promise<Batch> =>
  call(
    api.POST("/api/enrollment/batches/{batch_id}/confirmation", {
      params: { path: { batch_id: batch.id } },
      headers: { "Idempotency-Key": key, "If-Match": `"v${batch.version}"` },
    }),
  );

const templateOf: Readonly<Record<BatchKind, string>> = {
  addition: "/api/enrollment/batches/templates/addition",
  removal: "/api/enrollment/batches/templates/removal",
};

export const downloadTemplate = (kind: BatchKind): Promise<void> => saveFile(templateOf[kind]);

export const faultyRowsFile = (batch: Batch): string => `/api/enrollment/batches/${batch.id}/faulty-rows/file`;
