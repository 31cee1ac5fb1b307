/** Whose account it is. */
import { Descriptions } from "antd";

import type { Profile } from "@/api/types";
import { orNothing, showDate } from "@/fields/format";
import { KIND_NAMES } from "@/session/session";

import { Card } from "./Card";

export function OwnerSection({ profile }: { profile: Profile }) {
  return (
    <Card title="账号信息">
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          { key: "name", label: "姓名", children: profile.display_name },
          { key: "kind", label: "账号类型", children: KIND_NAMES[profile.kind] },
          { key: "username", label: "用户名", children: profile.username },
          { key: "number", label: "证件号码", children: orNothing(profile.id_number_masked) },
          { key: "since", label: "开通日期", children: showDate(profile.created_at) },
        ]}
      />
    </Card>
  );
}
