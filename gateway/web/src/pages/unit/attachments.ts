/** Sending and naming the files that go with a change of registration. */
import { api, call } from "@/api/client";
import { fileBody } from "@/api/fileBody";
import { SubmissionKey } from "@/api/idempotency";
import type { Answer } from "@/api/types";

export type Attachment = Answer<"/api/employer/registration-changes/attachments", "post">;

export const upload = (file: File): Promise<Attachment> =>
  new SubmissionKey().attempt((key) =>
    call(
      api.POST("/api/employer/registration-changes/attachments", { headers: { "Idempotency-Key": key }, ...fileBody(file) }),
    ),
  );

/** Takes an uploaded file back; one that can't be is forgotten by the hall within a day anyway. */
export const discard = (attachment_id: string): Promise<void> =>
  call(api.DELETE("/api/employer/registration-changes/attachments/{attachment_id}", { params: { path: { attachment_id } } })).then(
    () => undefined,
    () => undefined,
  );
