/** Invitations to an agent, each with 接受 and 谢绝. Shown after the login and in the hall; nothing when there is none. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Space } from "antd";

import { api, call } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ReceivedInvitation } from "@/api/types";
import { showMoment } from "@/fields/format";
import { PermissionTags } from "@/fields/PermissionChoice";
import { whileBusy } from "@/patterns/busy";
import { ProblemNote } from "@/patterns/ProblemNote";

import { INVITATIONS, useReceivedInvitations } from "./receivedInvitations";
import styles from "./ReceivedInvitations.module.css";

export function ReceivedInvitations() {
  const { data } = useReceivedInvitations();
  if (!data || data.total === 0) return null;
  return (
    <section className={styles.invitations} aria-label="收到的邀请">
      <h2>收到的经办人邀请（{data.total}）</h2>
      {data.items.map((invitation) => (
        <Received key={invitation.id} invitation={invitation} />
      ))}
    </section>
  );
}

function Received({ invitation }: { invitation: ReceivedInvitation }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const answer = useMutation({
    mutationFn: async (accept: boolean) => {
      const params = { path: { invitation_id: invitation.id } };
      if (accept) await call(api.POST("/api/identity/invitations/{invitation_id}/acceptance", { params }));
      else await call(api.POST("/api/identity/invitations/{invitation_id}/refusal", { params }));
    },
    onSuccess: (_, accept) => {
      if (accept) message.success(`您已成为 ${invitation.unit_name} 的经办人`);
      else message.info(`已谢绝 ${invitation.unit_name} 的邀请`);
      for (const key of [INVITATIONS, "units", "own-mandates"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <article className={styles.invitation} aria-label={invitation.unit_name}>
      <div>
        <strong>{invitation.unit_name}</strong>
        <p className="figures">
          单位编号 {invitation.employer_no} · 有效期至 {showMoment(invitation.expires_at)}
        </p>
        <p>
          授予权限：
          <PermissionTags permissions={invitation.permissions} />
        </p>
        {answer.error && <ProblemNote problem={asProblem(answer.error)} />}
      </div>
      <Space>
        <Button disabled={answer.isPending} loading={whileBusy(answer.isPending && !answer.variables)} onClick={() => answer.mutate(false)}>
          谢绝
        </Button>
        <Button type="primary" disabled={answer.isPending} loading={whileBusy(answer.isPending && answer.variables)} onClick={() => answer.mutate(true)}>
          接受
        </Button>
      </Space>
    </article>
  );
}
