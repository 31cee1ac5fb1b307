/** Back from an identity provider: straight in, or asked something first. Its address says nothing of anybody. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Radio, Result, Spin, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";

import { api, call } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Answer, Session } from "@/api/types";
import { DynamicCodeField } from "@/fields/DynamicCodeField";
import { whileBusy } from "@/patterns/busy";
import { ProblemNote } from "@/patterns/ProblemNote";
import { useEnter } from "@/session/enter";
import { KIND_NAMES } from "@/session/session";

import { Entrance } from "./Entrance";
import { LoginForm } from "./LoginForm";
import type { SsoMode } from "./SsoButtons";
import styles from "./Sso.module.css";

type Arrival = Answer<"/api/identity/sso/arrival", "get">;

export default function SsoPage() {
  const { data, error, isPending } = useQuery({
    queryKey: ["sso", "arrival"],
    queryFn: () => call(api.GET("/api/identity/sso/arrival"), { quiet: true }),
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });
  if (isPending) return <Spin fullscreen description="正在登录" />;
  if (!data) return <Nothing problem={asProblem(error)} />;
  if (data.step === "confirm") return <Confirm arrival={data} />;
  if (data.step === "link") return <SignInOnce arrival={data} />;
  if (data.step === "second_factor") return <ShowCode arrival={data} />;
  if (data.step === "linked") return <Linked />;
  return <SignedIn arrival={data} />;
}

function Nothing({ problem }: { problem: Problem }) {
  return (
    <Entrance title={problem.title}>
      <Result
        status="warning"
        title={problem.title}
        subTitle={problem.detail}
        extra={<Link to="/login" replace><Button type="primary">返回登录页</Button></Link>}
      />
    </Entrance>
  );
}

function SignedIn({ arrival }: { arrival: Arrival }) {
  const enter = useEnter();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    call(api.GET("/api/identity/sessions/current"), { quiet: true })
      .then((session) => enter(session, arrival.return_to ?? undefined))
      .catch((thrown: unknown) => setProblem(asProblem(thrown)));
  }, [arrival.return_to, enter]);
  return problem ? <Nothing problem={problem} /> : <Spin fullscreen description="正在登录" />;
}

function Facts({ arrival }: { arrival: Arrival }) {
  const facts: [string, string | null | undefined][] = [
    ["登录平台", arrival.provider.title],
    ["姓名", arrival.name_masked],
    ["证件号码", arrival.id_number_masked],
    ["单位", arrival.unit_name],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(
        ([label, value]) =>
          value != null && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** It is somebody else, or they think better of it: nothing of the arrival is kept. */
function useDecline(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    await call(api.DELETE("/api/identity/sso/arrival"), { quiet: true }).catch(() => undefined);
    void navigate("/login", { replace: true });
  };
}

function Confirm({ arrival }: { arrival: Arrival }) {
  const enter = useEnter();
  const decline = useDecline();
  const queries = useQueryClient();
  const [mode, setMode] = useState<SsoMode>(arrival.mode);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const operator = arrival.reason === "operator";

  const confirm = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const entered = await call(api.POST("/api/identity/sso/arrival/confirmation", { body: { mode } }), { quiet: true });
      if (entered.session) enter(entered.session, entered.return_to ?? undefined);
      else await queries.invalidateQueries({ queryKey: ["sso", "arrival"] });
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };

  return (
    <Entrance title="确认登录">
      <h1>确认登录</h1>
      <p className={styles.lead}>
        {operator
          ? "您不是该单位的法定代表人，将以经办人身份登录。可办理的单位由单位法人在本网厅授权。"
          : "您从其他平台进入单位网厅。请确认是您本人，再继续登录。"}
      </p>
      {problem && <ProblemNote problem={problem} />}
      <Facts arrival={arrival} />
      {!operator && arrival.provider.modes.length > 1 && (
        <Radio.Group className={styles.mode ?? ""} aria-label="登录身份" value={mode} onChange={(event) => setMode(event.target.value as SsoMode)}>
          {arrival.provider.modes.map((one) => (
            <Radio key={one} value={one}>以{KIND_NAMES[one]}身份进入</Radio>
          ))}
        </Radio.Group>
      )}
      <div className={styles.actions}>
        <Button size="large" onClick={() => void decline()} disabled={busy}>不是我，返回登录页</Button>
        <Button size="large" type="primary" autoFocus loading={whileBusy(busy)} onClick={() => void confirm()}>是我本人，继续</Button>
      </div>
    </Entrance>
  );
}

interface Shown {
  totp_code: string;
}

/** The account has a second factor, and no provider has seen that one. */
function ShowCode({ arrival }: { arrival: Arrival }) {
  const enter = useEnter();
  const decline = useDecline();
  const [form] = Form.useForm<Shown>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const code = useRef<InputRef>(null);

  const show = async (body: Shown) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { session, return_to } = await call(api.POST("/api/identity/sso/arrival/second-factor", { body }), { quiet: true });
      if (session) enter(session, return_to ?? undefined);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      form.resetFields();
      code.current?.focus();
      setBusy(false);
    }
  };
  return (
    <Entrance title="动态口令">
      <h1>请输入动态口令</h1>
      <p className={styles.lead}>您的账号已启用动态口令，通过其他平台登录时同样需要输入。</p>
      {problem && <ProblemNote problem={problem} />}
      <Facts arrival={arrival} />
      <Form<Shown> form={form} name="sso_code" layout="vertical" size="large" requiredMark={false} onFinish={(typed) => void show(typed)}>
        <DynamicCodeField name="totp_code" inputRef={code} autoFocus />
        <div className={styles.actions}>
          <Button size="large" onClick={() => void decline()} disabled={busy}>返回登录页</Button>
          <Button size="large" type="primary" htmlType="submit" loading={whileBusy(busy)}>登录</Button>
        </div>
      </Form>
    </Entrance>
  );
}

function SignInOnce({ arrival }: { arrival: Arrival }) {
  const enter = useEnter();
  const kind = KIND_NAMES[arrival.mode];
  const exists = arrival.reason === "account_exists";
  const [problem, setProblem] = useState<Problem>();
  const [refused, setRefused] = useState<Session>();

  const adopt = async (session: Session) => {
    try {
      await call(api.POST("/api/identity/sso/links"), { quiet: true });
      enter(session, arrival.return_to ?? undefined);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setRefused(session);
    }
  };

  return (
    <Entrance title="绑定账号">
      <h1>首次登录，请绑定账号</h1>
      <p className={styles.lead}>
        {exists && <>本网厅已有{arrival.mode === "legal_representative" ? "该单位" : "用您的证件号码注册"}的{kind}账号，需要确认该账号属于您本人。</>}
        请用您的{kind}账号登录一次。绑定之后，可直接通过“{arrival.provider.title}”登录。
      </p>
      {problem && <ProblemNote problem={problem} />}
      {refused ? (
        <div className={styles.actions}>
          <Button size="large" type="primary" onClick={() => enter(refused)}>不绑定，直接进入</Button>
        </div>
      ) : (
        <>
          <Facts arrival={arrival} />
          <LoginForm mode={arrival.mode} action="登录并绑定" onSignedIn={(session) => void adopt(session)} />
          <div className={styles.other}>
            {exists ? (
              <>该账号不是您本人注册的？请携带身份证件到医保经办窗口处理，或拨打医保服务热线 12393。</>
            ) : (
              <>还没有账号？<Link to="/register">立即注册</Link>，</>
            )}
            <Link to="/login" replace>返回登录页</Link>
          </div>
        </>
      )}
    </Entrance>
  );
}

function Linked() {
  const navigate = useNavigate();
  return (
    <Entrance title="绑定完成">
      <Result
        status="success"
        title="绑定完成"
        subTitle="以后可以用这种方式直接登录单位网厅。"
        extra={<Button type="primary" onClick={() => void navigate("/", { replace: true })}>返回单位网厅</Button>}
      />
    </Entrance>
  );
}
