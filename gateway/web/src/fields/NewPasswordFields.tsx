/** A new password, twice, with what the hall asks of it. */
import { useQuery } from "@tanstack/react-query";
import { Form, Input } from "antd";

import { api, call } from "@/api/client";
import type { PasswordPolicy } from "@/api/types";

interface Props {
  label?: string;
  /** Beside a dynamic code a shorter one does. */
  secondFactor?: boolean;
}

export function NewPasswordFields({ label = "密码", secondFactor = false }: Props) {
  const { data: policy } = useQuery({
    queryKey: ["password-policy"],
    queryFn: () => call(api.GET("/api/identity/password-policy"), { quiet: true }),
    staleTime: Infinity,
  });
  return (
    <>
      <Form.Item name="password" label={label} rules={[{ required: true, message: `请填写${label}` }]} extra={policy && wordsOf(policy, secondFactor)}>
        <Input.Password maxLength={128} autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={`再次输入${label}`}
        dependencies={["password"]}
        rules={[
          { required: true, message: `请再次输入${label}` },
          ({ getFieldValue }) => ({
            validator: (_, value) => (!value || value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error("两次输入的密码不一致"))),
          }),
        ]}
      >
        <Input.Password maxLength={128} autoComplete="new-password" />
      </Form.Item>
    </>
  );
}

function wordsOf(policy: PasswordPolicy, secondFactor: boolean): string {
  const shortest = secondFactor ? policy.shortest_with_second_factor : policy.shortest;
  if (policy.classes > 0) {
    const life = policy.days == null ? "" : `，每 ${policy.days} 天更换一次`;
    return `至少 ${shortest} 个字符，含大写字母、小写字母、数字、符号中的 ${policy.classes} 类${life}`;
  }
  return `至少 ${shortest} 个字符；建议用几个不相干的词组成，便于记忆`;
}
